"""All of a call that needs no words: tones, speech, and each leg's frames, pitch and noise.

This is most of measuring, and needs a processor only: it is done for the next call while a model hears this
one, or on other machines than the model's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.pipeline.opening import Sound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.measure.parties import Leg
    from auditor.records import Event, Segment

    Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Listened:
    """A call whose sound is known and whose words are not.

    Attributes:
        sound: its legs; the recording's warnings say where speech is cut at an edge.
        segments: each leg's speech.
        events: tones and idle stretches.
        legs: each leg as measuring wants it.
    """

    sound: Sound
    segments: tuple[tuple[Segment, ...], ...]
    events: tuple[Event, ...]
    legs: tuple[Leg, ...]

    @property
    def every_segment(self) -> list[Segment]:
        """The speech of all legs in time order."""
        return in_time(self.segments)


def listen(sound: Sound, *, progress: Progress | None = None) -> Listened:
    """Find what sounds where, and measure the legs as far as that goes without words.

    Args:
        sound: the opened call.
        progress: told the name of the step.
    """
    from auditor.audio.events import find_events, without_speech  # noqa: PLC0415
    from auditor.measure.call import measure_legs  # noqa: PLC0415
    from auditor.speech.active import find_speech  # noqa: PLC0415
    from auditor.speech.turns import edge_warnings  # noqa: PLC0415
    from auditor.speech.unheard import find_unheard  # noqa: PLC0415

    if progress is not None:
        progress("听声 voice activity")
    events = find_events(sound.channels)
    segments = tuple(find_speech(sound.channels, events=events))
    events = without_speech(events, segments=[segment for leg in segments for segment in leg])
    every = in_time(segments)
    for channel in sound.channels:
        events = (*events, *find_unheard(channel, segments=every, events=events))
    recording = sound.recording
    warnings = (*recording.warnings, *edge_warnings(every, duration_s=recording.duration_s))
    return Listened(
        sound=Sound(replace(recording, warnings=warnings), sound.channels),
        segments=segments,
        events=tuple(events),
        legs=measure_legs(sound.channels, segments=every, events=events),
    )


def in_time(segments: Sequence[Sequence[Segment]]) -> list[Segment]:
    """The speech of all legs in time order."""
    return sorted((s for leg in segments for s in leg), key=lambda s: (s.start_s, s.channel))
