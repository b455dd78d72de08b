"""Mono calls: diarisation error rate of every embedder, one voice kept whole, and who is the agent.

* The labelled conversation in ``../shared/audio`` (30 s, English, two speakers), once as recorded.
* Made conversations of two human voices (`ground_truth.scenes`; A-law), summed to one channel: two
  different women, or one of them shifted in pitch and formants (as far as a man's voice), half of them with
  parties that speak at once.
* One leg of such conversations alone: one voice, which must not be split.
* The two-leg sample calls summed to one channel, with the words of their truth: is a turn the agent's?

Error rates are those of pyannote.metrics: collar 0.25 s on either side of every boundary, over all the
speech, and without the parts where both speak. Undecided speech counts as missed; a call whose voices are
not told apart counts as one speaker throughout.

``AUDITOR_MONO_EMBEDDERS=mfcc,resemblyzer,whisper,PATH.onnx`` chooses embedders.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from accuracy_rows import Row, mean_row, share_row
from ground_truth import coding, scenes, shared_audio

from auditor.judge import open_rulebook
from auditor.pipeline import CallInput, open_call, speaker_embedder
from auditor.records import Span, Utterance
from auditor.signal import Channel
from auditor.speech.diarize import Diarization, diarize
from auditor.speech.embed_resemblyzer import is_installed
from auditor.speech.embedding import SpeakerEmbedder
from auditor.speech.vad import find_segments
from auditor.speech.voice_roles import roles_of_voices

SAMPLE_CALLS = shared_audio.ROOT / "sample_calls"
CONVERSATION = shared_audio.AUDIO / "calls" / "sample.wav"
COLLAR_S = 0.25


@dataclass(frozen=True)
class Told:
    """A call, who truly speaks when, and with which words (where they are known)."""

    kind: str
    channel: Channel
    truth: tuple[tuple[str, Span], ...]
    words: tuple[tuple[str, Span, str], ...] = ()


def rows(*, quick: bool = False) -> list[Row]:
    pytest.importorskip("pyannote.metrics", reason="pip install '.[dev]' brings pyannote.metrics")
    calls = [*_conversation(), *_made(4 if quick else 24), *_sample_calls(4 if quick else 30)]
    found: list[Row] = []
    for name in _embedders():
        embedder = speaker_embedder(name, engine=_engine() if name == "whisper" else None)
        segments = {id(call): find_segments(call.channel) for call in calls}
        results = [(call, diarize(call.channel, segments[id(call)], embedder=embedder)) for call in calls]
        found += _rows_of(embedder, results)
    return found


def _rows_of(embedder: SpeakerEmbedder, results: list[tuple[Told, Diarization]]) -> list[Row]:
    found: list[Row] = []
    for kind in dict.fromkeys(call.kind for call, _ in results):
        own = [(call, result) for call, result in results if call.kind == kind]
        if kind == "one voice":
            whole = sum(not result.told_apart for _, result in own)
            found.append(share_row("mono", f"{embedder.name}: one voice kept whole", whole, len(own)))
            continue
        apart = [(call, result) for call, result in own if result.told_apart]
        note = f"{len(apart)} of {len(own)} told apart"
        for what, skip in (("DER", False), ("DER without overlap", True)):
            rates = [error_rate(call, result, skip_overlap=skip) for call, result in own]
            found.append(mean_row("mono", f"{embedder.name}: {what}, {kind}", rates, note=note))
        rates = [error_rate(call, result, skip_overlap=False) for call, result in apart]
        found.append(mean_row("mono", f"{embedder.name}: DER where told apart, {kind}", rates))
    limit = open_rulebook().settings.voice_confidence
    judged = right = total = calls = 0
    for call, result in results:
        if call.words:
            calls += 1
            confidence, good, turns = _roles(call, result)
            if confidence >= limit:
                judged, right, total = judged + 1, right + good, total + turns
    what = f"{embedder.name}: utterances with the right role, calls of confidence ≥ {limit:g}"
    found.append(share_row("mono", what, right, total, target=0.99, direction="at least"))
    found.append(share_row("mono", f"{embedder.name}: sample calls of such confidence", judged, calls))
    return found


def error_rate(call: Told, result: Diarization, *, skip_overlap: bool) -> float:
    """DER by pyannote.metrics, whose ``collar`` is the whole width."""
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    def annotated(spans: Iterator[tuple[str, Span]]) -> Annotation:
        made = Annotation()
        for k, (who, span) in enumerate(spans):
            made[Segment(span.start_s, span.end_s), k] = who
        return made

    hypothesis = (
        (str(segment.voice), segment.span)
        for segment in result.segments
        if segment.voice is not None or not result.told_apart
    )
    metric = DiarizationErrorRate(collar=2 * COLLAR_S, skip_overlap=skip_overlap)
    whole = Timeline([Segment(0, call.channel.duration_s)])
    return float(metric(annotated(iter(call.truth)), annotated(hypothesis), uem=whole))


def _roles(call: Told, result: Diarization) -> tuple[float, int, int]:
    """Confidence in the roles, and of the decided segments with words how many have the right one."""
    spoken: dict[int, str] = {}
    for _, span, text in call.words:
        at = max(range(len(result.segments)), key=lambda k: result.segments[k].span.overlap_s(span))
        spoken[at] = spoken.get(at, "") + text
    said = [Utterance(segment, spoken.get(k, ""), 0.95) for k, segment in enumerate(result.segments)]
    roles = roles_of_voices(said, diarization=result)
    right = total = 0
    for utterance in said:
        if utterance.segment.voice is None or roles.agent_voice is None:
            continue
        shares = {"agent": 0.0, "customer": 0.0}
        for who, span in call.truth:
            shares[who] += utterance.segment.span.overlap_s(span)
        if not any(shares.values()):
            continue
        role = "agent" if utterance.segment.voice == roles.agent_voice else "customer"
        total += 1
        right += role == max(shares, key=lambda who: shares[who])
    return roles.confidence, right, total


def _conversation() -> Iterator[Told]:
    if not CONVERSATION.is_file():
        pytest.skip("the human recordings (../shared/audio) are not here")
    (channel,) = open_call(CallInput((CONVERSATION,))).channels
    fields = [line.split() for line in CONVERSATION.with_suffix(".rttm").read_text().splitlines()]
    truth = tuple((f[7], Span(float(f[3]), float(f[3]) + float(f[4]))) for f in fields)
    yield Told("labelled conversation", channel, truth)


def _made(count: int) -> Iterator[Told]:
    for k in range(count):
        overlaps = k % 2 == 0
        call = coding.through(
            scenes.conversation(40_000 + k, duration_s=60, overlaps=overlaps, hold=False, sounds_too=False),
            "alaw",
        )
        truth = tuple((leg, span) for leg in ("agent", "customer") for span in call.truth.segments(leg))
        takes = {said.speaker.split(" ")[0] for said in call.truth.spoken}
        who = "two women's voices" if len(takes) == 2 else "one woman's, one shifted"
        yield Told(f"made, {who}{', overlaps' if overlaps else ''}", call.mono(), truth)
        if k % 2:
            alone = replace(call, legs={**call.legs, "customer": np.zeros_like(call.legs["customer"])})
            yield Told("one voice", alone.mono(), tuple(t for t in truth if t[0] == "agent"))


def _sample_calls(most: int) -> Iterator[Told]:
    """Two-leg sample calls without announcements, in one channel."""
    made = 0
    for path in sorted(SAMPLE_CALLS.glob("*.truth.json")):
        sentences = json.loads(path.read_text(encoding="utf-8"))["sentences"]
        audio = [p for s in (".wav", ".flac", ".mp3") if (p := _beside(path, s)).is_file()]
        if not audio or len(sentences) < 6 or any(who == "system" for who, *_ in sentences):
            continue
        channels = open_call(CallInput((audio[0],))).channels
        if len(channels) != 2 or made >= most:
            continue
        made += 1
        both = np.clip(channels[0].samples + channels[1].samples, -1, 1).astype(np.float32)
        words = tuple((who, Span(start_s, end_s), text) for who, start_s, end_s, text in sentences)
        truth = tuple((who, span) for who, span, _ in words)
        yield Told("sample calls (espeak-ng)", Channel(0, both, channels[0].sample_rate_hz), truth, words)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name.removesuffix(".truth.json") + suffix)


def _embedders() -> list[str]:
    chosen = os.environ.get("AUDITOR_MONO_EMBEDDERS")
    return chosen.split(",") if chosen else ["mfcc", "whisper", *(["resemblyzer"] if is_installed() else [])]


def _engine():
    from auditor.asr.whisper import load_engine

    return load_engine(None)
