"""The one place where the stages meet: files in, evidence out, and evidence judged.

::

    files ─ audio ─> Sound ─ speech ─> Segment×n ─ asr ─> Utterance×n ─ roles, turns ─> Turn×n
                                                 ─ measure ─> Measurements ─ probe ─> Probe×n
    Evidence + Rulebook ─ judge ─> Finding×n, Scorecard ─> CallAudit
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from auditor import __version__
from auditor.errors import InputError, UsageError
from auditor.judge import judge, settle_line
from auditor.records import CallAudit, CallRecord, Evidence, Provenance, RecorderProfile, Roles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.asr.engine import Engine
    from auditor.audio.decode import RawFormat
    from auditor.records import Event, Recording, Segment, Transcript, Utterance
    from auditor.rulebook.schema import Rulebook
    from auditor.signal import Channel
    from auditor.speech.embedding import SpeakerEmbedder

    Progress = Callable[[str], None]

# A transcript may run past the end of the file by as much as clocks differ, not by more.
TRANSCRIPT_SLACK_S = 1.0


@dataclass(frozen=True, slots=True)
class CallInput:
    """What is known about one call before anything is heard.

    Attributes:
        paths: one recording, or the agent's and the customer's file of a pair.
        agent_channel: the flag; None lets record, recorder, tones and words decide.
        recorder: what the settings know of the machine that recorded the call.
        speaker_model: what tells the voices of a mono call apart, see `speaker_embedder`.
    """

    paths: tuple[Path, ...]
    record: CallRecord = field(default_factory=CallRecord)
    transcript: Transcript | None = None
    agent_channel: str | None = None
    speaker_model: str = "auto"
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


def hear(
    sound: Sound,
    *,
    call: CallInput,
    engine: Engine | None,
    book: Rulebook,
    progress: Progress | None = None,
) -> Evidence:
    """Everything that judging may use about one call.

    Args:
        sound: the opened call.
        call: its record, transcript and flags.
        engine: the speech recogniser; not needed when ``call`` brings a transcript.
        book: which phrases to probe and how system voices sound.
        progress: told the name of each step as it starts.

    Raises:
        UsageError: neither engine nor transcript, or a flag that does not fit the recording.
        InputError: the transcript runs past the end of the recording.
    """
    from auditor.audio.events import TONES, find_events, without_speech  # noqa: PLC0415
    from auditor.measure.call import measure_call  # noqa: PLC0415
    from auditor.speech.turns import edge_warnings  # noqa: PLC0415

    tell = progress or (lambda _step: None)
    tell("听声 voice activity")
    events = find_events(sound.channels)
    segments = _segments(sound, tones=[event for event in events if event.kind in TONES])
    events = without_speech(events, segments=[segment for leg in segments for segment in leg])
    every = sorted((s for leg in segments for s in leg), key=lambda s: (s.start_s, s.channel))
    recording = replace(
        sound.recording,
        warnings=(
            *sound.recording.warnings,
            *edge_warnings(every, duration_s=sound.recording.duration_s),
        ),
    )
    heard = _turns(sound, call=call, engine=engine, book=book, segments=segments, events=events, tell=tell)
    tell("测量 measuring")
    measured = measure_call(
        sound.channels,
        segments=every,
        turns=heard.turns,
        roles=heard.roles,
        events=events,
        layout=recording.layout,
        answered_at_s=0.0 if call.recorder.starts == "at_answer" else None,
    )
    return replace(
        heard,
        recording=recording,
        events=tuple(sorted((*events, *measured.events), key=lambda e: (e.start_s, e.end_s, e.kind))),
        measurements=measured.measurements,
        segments=measured.segments,
        tracks=measured.tracks,
    )


def audit(evidence: Evidence, *, book: Rulebook, engine: Engine | None = None) -> CallAudit:
    """Judge evidence, heard now or stored long ago, and say what produced the result."""
    from auditor.measure.call import measuring_sha256  # noqa: PLC0415

    evidence = settle_line(evidence, book=book)
    findings, scorecard = judge(evidence, book=book)
    record = evidence.call_record
    model = evidence.model if evidence.transcript_source == "asr" else None
    return CallAudit(
        call_id=record.call_id or Path(evidence.recording.paths[0]).stem,
        evidence=evidence,
        findings=findings,
        scorecard=scorecard,
        provenance=Provenance(
            auditor=__version__,
            rulebook=book.version,
            rulebook_sha256=book.sha256,
            model=model.name if model else None,
            model_sha256=model.sha256 if model else None,
            engine=engine.name if engine else None,
            options=dict(engine.options) if engine else {},
            measuring_sha256=measuring_sha256(),
        ),
        not_audible=book.not_audible,
    )


def _segments(sound: Sound, *, tones: Sequence[Event]) -> list[tuple[Segment, ...]]:
    """Each leg's speech: crosstalk masked, and nothing that is mostly a tone."""
    from auditor.speech.crosstalk import mask_crosstalk  # noqa: PLC0415
    from auditor.speech.vad import find_segments_of_legs  # noqa: PLC0415

    def is_speech(segment: Segment) -> bool:
        covered = sum(tone.span.overlap_s(segment.span) for tone in tones if tone.channel == segment.channel)
        return covered < 0.5 * segment.span.duration_s

    legs = mask_crosstalk(sound.channels, find_segments_of_legs(sound.channels))
    return [tuple(filter(is_speech, leg)) for leg in legs]


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
        utterances, roles = _hear_voices(
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


def _hear_voices(
    sound: Sound,
    *,
    call: CallInput,
    engine: Engine,
    announcements: Sequence[str],
    segments: Sequence[Segment],
) -> tuple[tuple[Utterance, ...], Roles]:
    """What was heard on a leg that carries both parties, by voice, and whose voice is the agent's.

    Announcements are a third voice that would take a group for itself: where any are heard, the voices are
    told apart once more without them.
    """
    from auditor.asr.batching import transcribe_call  # noqa: PLC0415
    from auditor.speech.diarize import diarize  # noqa: PLC0415
    from auditor.speech.roles import check_flag  # noqa: PLC0415
    from auditor.speech.system_voice import find_system_voices  # noqa: PLC0415
    from auditor.speech.voice_roles import roles_of_voices  # noqa: PLC0415

    check_flag(call.agent_channel, layout=sound.recording.layout)
    (channel,) = sound.channels
    embedder = speaker_embedder(call.speaker_model, engine=engine)
    spoken: tuple[Segment, ...] = ()
    live = tuple(segments)
    while True:
        found = diarize(channel, live, embedder=embedder)
        every = sorted((*spoken, *found.segments), key=lambda s: s.start_s)
        utterances = transcribe_call(engine, channels=sound.channels, segments=[tuple(every)])
        flags = find_system_voices(utterances, system_phrases=announcements)
        system = tuple(u.segment for u, flag in zip(utterances, flags, strict=True) if flag)
        if spoken or not system:
            break
        spoken = tuple(replace(segment, voice=None) for segment in system)
        live = tuple(segment for segment in found.segments if segment not in system)
    people = [u for u, flag in zip(utterances, flags, strict=True) if not flag]
    return utterances, roles_of_voices(people, diarization=found)


def speaker_embedder(name: str, *, engine: Engine | None = None) -> SpeakerEmbedder:
    """What tells voices apart, by name.

    Args:
        name: ``mfcc``; ``resemblyzer``; ``whisper`` (the encoder of the model that hears the call); the path
            of an ONNX speaker model; ``auto``: Resemblyzer where it is installed, else mfcc.
        engine: for ``whisper``.

    Raises:
        UsageError: no such name.
        ModelError: the library or the file is missing or does not run.
    """
    from auditor.speech.embed_resemblyzer import ResemblyzerEmbedder, is_installed  # noqa: PLC0415
    from auditor.speech.embedding import MfccEmbedder  # noqa: PLC0415

    if name == "resemblyzer" or (name == "auto" and is_installed()):
        return ResemblyzerEmbedder()
    if name in ("mfcc", "auto"):
        return MfccEmbedder()
    if name == "whisper":
        from auditor.asr.voice import WhisperEmbedder  # noqa: PLC0415
        from auditor.asr.whisper import WhisperEngine  # noqa: PLC0415

        if isinstance(engine, WhisperEngine):
            return WhisperEmbedder(engine)
    elif name.endswith(".onnx"):
        from auditor.speech.embed_onnx import OnnxEmbedder  # noqa: PLC0415

        return OnnxEmbedder(Path(name))
    raise UsageError(
        f"speaker_model {name!r} is none of auto, mfcc, resemblyzer, whisper (with a Whisper model) or the"
        " path of an .onnx file; choose one of these."
    )


def _check_transcript(call: CallInput, *, duration_s: float) -> None:
    assert call.transcript is not None
    for number, turn in enumerate(call.transcript.turns, start=1):
        if turn.end_s > duration_s + TRANSCRIPT_SLACK_S:
            raise InputError(
                f"{call.paths[0]}: turn {number} of the transcript ends at {turn.end_s:.1f} s, but the"
                f" recording at {duration_s:.1f} s; give the transcript of this recording."
            )
