"""A call before anything is heard: its files decoded and its legs laid out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditor.records import CallRecord, RecorderProfile

if TYPE_CHECKING:
    from auditor.audio.decode import RawFormat
    from auditor.inputs.storage import File
    from auditor.records import Recording, Transcript
    from auditor.signal import Channel


@dataclass(frozen=True, slots=True)
class CallInput:
    """What is known about one call before anything is heard.

    Attributes:
        paths: one recording, or the agent's and the customer's file of a pair.
        agent_channel: the flag; None lets record, recorder, tones and words decide.
        recorder: what the settings know of the machine that recorded the call.
        speaker_model: what tells the voices of a mono call apart, see `speaker_embedder`.
    """

    paths: tuple[File, ...]
    record: CallRecord = field(default_factory=CallRecord)
    transcript: Transcript | None = None
    agent_channel: str | None = None
    speaker_model: str = "mfcc"
    raw: RawFormat | None = None
    recorder: RecorderProfile = field(default_factory=RecorderProfile)
    max_duration_s: float = 4 * 3600


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A call's samples and what its file says about itself."""

    recording: Recording
    channels: tuple[Channel, ...]


def open_call(call: CallInput) -> Sound:
    """Decode the file or the pair and lay out its legs.

    Raises:
        InputError: a file is missing, empty, no audio, too long, or has legs that nobody can name.
    """
    from auditor.audio.decode import DecodeLimits, decode  # noqa: PLC0415
    from auditor.audio.layout import lay_out, mix_down  # noqa: PLC0415

    limits = DecodeLimits(max_duration_s=call.max_duration_s)
    recording, channels = lay_out([decode(path, raw=call.raw, limits=limits) for path in call.paths])
    told = (call.agent_channel, call.record.agent_channel, call.recorder.agent_channel)
    if next((side for side in told if side not in (None, "auto")), None) == "mono":
        recording, channels = mix_down(recording, channels)
    return Sound(recording=recording, channels=channels)
