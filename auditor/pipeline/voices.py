"""A leg that carries both parties: its voices told apart, and which of them is the agent's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.asr.engine import Engine
    from auditor.pipeline.opening import CallInput, Sound
    from auditor.records import Roles, Segment, Utterance
    from auditor.speech.embedding import SpeakerEmbedder


def hear_voices(
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
            of an ONNX speaker model.
        engine: for ``whisper``.

    Raises:
        UsageError: no such name.
        ModelError: the library or the file is missing or does not run.
    """
    if name == "mfcc":
        from auditor.speech.embedding import MfccEmbedder  # noqa: PLC0415

        return MfccEmbedder()
    if name == "resemblyzer":
        from auditor.speech.embed_resemblyzer import ResemblyzerEmbedder  # noqa: PLC0415

        return ResemblyzerEmbedder()
    if name == "whisper":
        from auditor.asr.voice import WhisperEmbedder  # noqa: PLC0415
        from auditor.asr.whisper import WhisperEngine  # noqa: PLC0415

        if isinstance(engine, WhisperEngine):
            return WhisperEmbedder(engine)
    elif name.endswith(".onnx"):
        from auditor.speech.embed_onnx import OnnxEmbedder  # noqa: PLC0415

        return OnnxEmbedder(Path(name))
    raise UsageError(
        f"speaker_model {name!r} is none of mfcc, resemblyzer, whisper (with a Whisper model) or the"
        " path of an .onnx file; choose one of these."
    )
