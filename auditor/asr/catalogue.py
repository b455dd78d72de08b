"""The official Whisper checkpoints that hear Mandarin: their sizes and published error rates, as data.

The error rates are character error rates in percent of the unchanged checkpoints, measured by
yeyupiaoling/Whisper-Finetune (README, "Test table"; punctuation left out, traditional characters turned
into simplified): on AISHELL-1's test set, which was read aloud, and on WenetSpeech's test_net, which was
collected from the internet. Both are wide-band: on the telephone expect several times as many errors.
Not one of them could be repeated where this project is built. SHA-256 and address are not kept here: they
are openai-whisper's own (`fetch.official_address`).
"""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "yeyupiaoling/Whisper-Finetune: AISHELL-1 test, WenetSpeech test_net"


@dataclass(frozen=True, slots=True)
class Official:
    """One of OpenAI's checkpoints.

    Attributes:
        name: of the file, without ``.pt``.
        size_bytes: of the file as OpenAI serves it.
        cer_read_percent: AISHELL-1, read speech.
        cer_net_percent: WenetSpeech, speech from the internet.
    """

    name: str
    size_bytes: int
    cer_read_percent: float
    cer_net_percent: float


CATALOGUE = (
    Official("large-v3", 3_087_371_615, 8.1, 11.5),
    Official("large-v3-turbo", 1_617_941_637, 8.6, 21.2),
    Official("large-v2", 3_086_999_982, 8.8, 12.3),
    Official("large-v1", 3_086_999_982, 9.0, 12.9),
    Official("medium", 1_528_008_539, 9.5, 13.6),
    Official("small", 483_617_219, 13.9, 18.4),
    Official("base", 145_262_807, 22.2, 30.4),
    Official("tiny", 75_572_083, 31.9, 40.5),
)
"""Best first on read speech, in the order of `checkpoints.OFFICIAL_BEST_FIRST`."""


def official_entry(name: str) -> Official | None:
    """The row of an official file name; None for other names."""
    return next((entry for entry in CATALOGUE if entry.name == name), None)
