"""A call heard: its words, parties and figures; with `listening` everything that judging may use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.errors import InputError, UsageError
from auditor.pipeline.listening import Listened, listen
from auditor.pipeline.voices import hear_voices
from auditor.records import Evidence, Roles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.asr.engine import Engine
    from auditor.pipeline.opening import CallInput, Sound
    from auditor.records import Event, Segment
    from auditor.rulebook.schema import Rulebook

    Progress = Callable[[str], None]

# A transcript may run past the end of the file by as much as clocks differ, not by more.
TRANSCRIPT_SLACK_S = 1.0


def hear(
    sound: Sound | Listened,
    *,
    call: CallInput,
    engine: Engine | None,
    book: Rulebook,
    progress: Progress | None = None,
) -> Evidence:
    """Everything that judging may use about one call.

    Args:
        sound: the opened call, listened to or not yet.
        call: its record, transcript and flags.
        engine: the speech recogniser; not needed when ``call`` brings a transcript.
        book: which phrases to probe and how system voices sound.
        progress: told the name of each step as it starts.

    Raises:
        UsageError: neither engine nor transcript, or a flag that does not fit the recording.
        InputError: the transcript runs past the end of the recording.
    """
    from auditor.measure.call import measure_call  # noqa: PLC0415

    tell = progress or (lambda _step: None)
    known = sound if isinstance(sound, Listened) else listen(sound, progress=progress)
    recording = known.sound.recording
    heard = _turns(
        known.sound,
        call=call,
        engine=engine,
        book=book,
        segments=known.segments,
        events=known.events,
        tell=tell,
    )
    tell("测量 measuring")
    measured = measure_call(
        known.sound.channels,
        segments=known.every_segment,
        turns=heard.turns,
        roles=heard.roles,
        events=known.events,
        layout=recording.layout,
        codec=recording.codec,
        answered_at_s=0.0 if call.recorder.starts == "at_answer" else None,
        legs=known.legs,
    )
    return replace(
        heard,
        recording=recording,
        events=tuple(sorted((*known.events, *measured.events), key=lambda e: (e.start_s, e.end_s, e.kind))),
        measurements=measured.measurements,
        segments=measured.segments,
        tracks=measured.tracks,
    )


def _turns(
    sound: Sound,
    *,
    call: CallInput,
    engine: Engine | None,
    book: Rulebook,
    segments: Sequence[tuple[Segment, ...]],
    events: Sequence[Event],
    tell: Progress,
) -> Evidence:
    """Evidence with roles, turns and probes; what is measured is filled in by the caller."""
    from auditor.speech.roles import assign_roles, roles_from_transcript  # noqa: PLC0415
    from auditor.speech.turns import build_turns, turns_from_transcript  # noqa: PLC0415

    layout, record = sound.recording.layout, call.record
    silent_leg = "silent_leg" in sound.recording.warnings
    blank = Evidence(
        recording=sound.recording,
        call_record=record,
        roles=Roles(None, 0.0, "none", "nobody has spoken yet"),
        turns=(),
        events=(),
        measurements={},
        segments=(),
        tracks={},
        probes=(),
        transcript_source="asr",
        line=record.line or book.settings.default_line,
        line_confidence=1.0 if record.line else book.settings.default_line_confidence,
        recorder=call.recorder,
    )
    if call.transcript is not None:
        _check_transcript(call, duration_s=sound.recording.duration_s)
        every = [segment for leg in segments for segment in leg]
        roles = roles_from_transcript(
            call.transcript,
            segments=every,
            layout=layout,
            flag=call.agent_channel,
            record=record,
            events=events,
            recorder=call.recorder,
        )
        turns = turns_from_transcript(call.transcript, segments=every, roles=roles)
        return replace(
            blank,
            roles=roles,
            turns=turns,
            transcript_source=call.transcript.source,
            model=call.transcript.recogniser,
        )
    if engine is None:
        raise UsageError("a call is heard by a model or read from a transcript: neither was given.")

    from auditor.asr.batching import transcribe_call  # noqa: PLC0415
    from auditor.asr.language import detect_language  # noqa: PLC0415
    from auditor.asr.probe import run_probes  # noqa: PLC0415
    from auditor.rulebook.lexicon import probes_of  # noqa: PLC0415

    tell("转写 transcribing")
    announcements = (*book.system_phrases, *call.recorder.announcements)
    if layout in ("mono", "duplicated"):
        utterances, roles = hear_voices(
            sound, call=call, engine=engine, announcements=announcements, segments=segments[0]
        )
    else:
        utterances = transcribe_call(engine, channels=sound.channels, segments=segments)
        roles = assign_roles(
            utterances,
            layout=layout,
            flag=call.agent_channel,
            record=record,
            events=events,
            recorder=call.recorder,
            silent_leg=silent_leg,
        )
    turns = build_turns(utterances, roles=roles, system_phrases=announcements)
    tell("核对 probing")
    language, probability = detect_language(engine, channels=sound.channels, turns=turns)
    specs = probes_of(book) if engine.facts.carded else ()
    return replace(
        blank,
        roles=roles,
        turns=turns,
        probes=run_probes(engine, channels=sound.channels, turns=turns, specs=specs),
        probed=tuple(spec.name for spec in specs),
        model=engine.facts,
        language=language,
        language_probability=probability,
    )


def _check_transcript(call: CallInput, *, duration_s: float) -> None:
    assert call.transcript is not None
    for number, turn in enumerate(call.transcript.turns, start=1):
        if turn.end_s > duration_s + TRANSCRIPT_SLACK_S:
            raise InputError(
                f"{call.paths[0]}: turn {number} of the transcript ends at {turn.end_s:.1f} s, but the"
                f" recording at {duration_s:.1f} s; give the transcript of this recording."
            )
