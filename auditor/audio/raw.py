"""Headerless recordings: what a file that does not describe itself holds.

Many recorders write bare G.711 or bare frames. Nothing in such a file says so, and guessing would
turn noise into evidence, so its format must be given: ``codec:sample_rate_hz:channels``.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.errors import UsageError

# Name a user may write -> the demuxer that reads it.
SAMPLE_CODECS = {
    "alaw": "alaw",
    "pcma": "alaw",
    "mulaw": "mulaw",
    "ulaw": "mulaw",
    "pcmu": "mulaw",
    "u8": "u8",
    "s8": "s8",
    "s16le": "s16le",
    "s16be": "s16be",
    "s24le": "s24le",
    "s32le": "s32le",
    "f32le": "f32le",
}
# Frame codecs fix their own rate (hertz) and are mono by definition.
FRAME_CODECS = {
    "gsm": ("gsm", 8000),
    "g729": ("g729", 8000),
    "g723_1": ("g723_1", 8000),
    "g722": ("g722", 16000),
}
KNOWN = (*SAMPLE_CODECS, *FRAME_CODECS)


@dataclass(frozen=True, slots=True)
class RawFormat:
    """The format of a headerless file: codec name, sample rate in hertz, number of channels."""

    codec: str
    sample_rate_hz: int
    channels: int


def parse_raw(text: str) -> RawFormat:
    """Read ``codec:sample_rate_hz:channels``, for example ``alaw:8000:2``.

    Raises:
        UsageError: the text has another shape, an unknown codec, or a rate or channel count that
            the codec does not have.
    """
    example = "write codec:rate:channels, for example alaw:8000:2"
    parts = text.strip().lower().split(":")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts[1:]):
        raise UsageError(f"--raw {text}: not a raw format; {example}.")
    codec, rate_hz, channels = parts[0], int(parts[1]), int(parts[2])
    if codec not in KNOWN:
        raise UsageError(f"--raw {text}: unknown codec {codec!r}; use one of {', '.join(KNOWN)}.")
    if not 4000 <= rate_hz <= 192_000:
        raise UsageError(f"--raw {text}: a sample rate of {rate_hz} Hz cannot be right; {example}.")
    if not 1 <= channels <= 2:
        raise UsageError(f"--raw {text}: a call has 1 or 2 channels, not {channels}; {example}.")
    if codec in FRAME_CODECS and (rate_hz, channels) != (FRAME_CODECS[codec][1], 1):
        raise UsageError(f"--raw {text}: {codec} is always {codec}:{FRAME_CODECS[codec][1]}:1.")
    return RawFormat(codec=codec, sample_rate_hz=rate_hz, channels=channels)


def demuxer_of(raw: RawFormat) -> tuple[str, dict[str, str]]:
    """The demuxer's name and the options that tell it rate and channels."""
    if raw.codec in FRAME_CODECS:
        return FRAME_CODECS[raw.codec][0], {}
    layout = "mono" if raw.channels == 1 else "stereo"
    return SAMPLE_CODECS[raw.codec], {"sample_rate": str(raw.sample_rate_hz), "ch_layout": layout}
