"""Cases that prove each rule: the evidence a pipeline would have made of a dialogue, and its verdict.

How a case is written stands in `auditor.rulebook.case_file`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from auditor.errors import RulebookError
from auditor.records import (
    CallRecord,
    Event,
    Evidence,
    MeasuredShare,
    Measurement,
    ModelFacts,
    Probe,
    ProbeThreshold,
    Recording,
    Roles,
    SegmentStats,
    Span,
    SuspectSpan,
    Track,
    TranscriptSource,
    Turn,
    TurnPart,
    Verdict,
)
from auditor.rulebook.case_file import SPEAKERS, CaseCall, CaseFile, CaseProbe, CaseTurn, Pair, RawCase
from auditor.rulebook.load import explain, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable

PROBE_NATS = 1.0
SELDOM = MeasuredShare(share=0.002, upper_95=0.01, samples=1000)
STEP_S = 0.1


@dataclass(frozen=True, slots=True)
class Case:
    """A case ready to be judged.

    Attributes:
        at_s: a second that one of the finding's spans must cover, None where it does not matter.
        also: verdicts of other rules on the same call.
    """

    rule: str
    name: str
    expect: Verdict
    code: str | None
    at_s: float | None
    also: dict[str, Verdict]
    evidence: Evidence


def load_cases(rule_id: str | None = None) -> tuple[Case, ...]:
    """The cases that ship, by file name and place in the file.

    Args:
        rule_id: only those of this rule, none of an unknown one; None: all.

    Raises:
        RulebookError: a file is no YAML or says something that no case may say.
    """
    folder = files(__package__) / "cases"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    wanted = [file for file in found if rule_id is None or file.name == f"{rule_id}.yaml"]
    return tuple(case for file in wanted for case in _read(file))


def _read(file: Traversable) -> list[Case]:
    raw = parse_yaml(file.read_bytes(), name=file.name)
    try:
        content = CaseFile.model_validate(raw)
    except ValidationError as error:
        raise RulebookError(f"{file.name}: {explain(error, raw={})}") from error
    return [
        Case(
            rule=content.rule,
            name=case.name,
            expect=case.expect,
            code=case.code,
            at_s=case.at,
            also=dict(case.also),
            evidence=build_evidence(case),
        )
        for case in content.cases
    ]


def build_evidence(case: RawCase) -> Evidence:
    """The evidence that a pipeline would have made of such a call."""
    call = case.call
    turns = _turns(case)
    agent = None if call.agent_voice is not None else call.agent_channel
    last_s = max((turn.end_s for turn in turns), default=0.0)
    duration_s = call.duration if call.duration is not None else max(last_s + 2.0, 12.0)
    segments = tuple(_stats(turn, raw=raw) for turn, raw in zip(turns, case.turns, strict=True))
    probes = tuple(_probe(probe, turns=turns) for probe in case.probes)
    return Evidence(
        recording=Recording(
            paths=("case.wav",),
            sha256=("0" * 64,),
            duration_s=duration_s,
            sample_rate_hz=8000,
            channels=1 if call.layout == "mono" else 2,
            layout=call.layout,
            codec="pcm_s16le",
            warnings=call.warnings,
        ),
        call_record=_record(call),
        roles=Roles(
            agent_channel=agent,
            confidence=call.role_confidence,
            source="voice" if call.agent_voice is not None else "none" if agent is None else "record",
            reason="case",
            agent_voice=call.agent_voice,
        ),
        turns=turns,
        events=(*_silences(turns), *(Event(e.kind, *e.at, e.channel) for e in case.events)),
        measurements={
            party: {name: _measurement(name, value) for name, value in figures.items()}
            for party, figures in case.measurements.items()
        },
        segments=segments,
        tracks={"agent": _track(segments, duration_s=duration_s)},
        probes=probes,
        transcript_source=call.source,
        recorder=call.recorder,
        model=_model(call, asked=(probe.name for probe in case.probes)),
        language=call.language,
        language_probability=None if call.language is None else 1.0,
        probed=("opening", "wei", "nin") if _asks_probes(call) else (),
    )


def _record(call: CaseCall) -> CallRecord:
    record: CallRecord = TypeAdapter(CallRecord).validate_python(
        {"direction": call.direction, "line": call.line, **call.record}
    )
    return record


def _asks_probes(call: CaseCall) -> bool:
    return call.source == "asr" and call.model in (None, "carded")


def _model(call: CaseCall, *, asked: Iterable[str]) -> ModelFacts | None:
    """The machine that wrote the text; a trusted model of our own answers its probes, too."""
    model = call.model or ("carded" if call.source == "asr" else "none")
    if call.source == "human" or model == "none":
        return None
    limits = ProbeThreshold(present_nats=PROBE_NATS, absent_nats=-PROBE_NATS)
    carded = model == "carded"
    return ModelFacts(
        name="case",
        sha256="0" * 64,
        carded=carded,
        confidence_norm=call.norm,
        probes=dict.fromkeys(("opening", "wei", "nin", *asked), limits) if _asks_probes(call) else {},
        missed_phrases=SELDOM if carded else None,
        false_phrases=SELDOM if carded else None,
    )


def _turns(case: RawCase) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    from_s = 0.5
    for raw in case.turns:
        role = SPEAKERS[raw.speaker]
        start_s = round(from_s + (raw.gap if turns else 0.0), 2)
        spoken_s = max(0.4, sum(char.isalnum() for char in raw.text) / 4.5)
        start_s, end_s = raw.at or (start_s, round(start_s + spoken_s, 2))
        from_s = end_s
        one_leg = case.call.layout in ("mono", "duplicated")
        agent = case.call.agent_channel or 0
        turns.append(
            Turn(
                role=role,
                channel=0 if one_leg else (agent if role == "agent" else 1 - agent),
                start_s=start_s,
                end_s=end_s,
                text=raw.text,
                parts=(TurnPart(start_s, end_s, 0, len(raw.text)),),
                confidence=_confidence(raw, source=case.call.source),
                temperature=raw.temp if case.call.source == "asr" else None,
                suspect_spans=tuple(SuspectSpan(i, j, "low_confidence") for i, j in raw.suspect),
            )
        )
    return tuple(turns)


def _confidence(raw: CaseTurn, *, source: TranscriptSource) -> float | None:
    """Automatic text is confident unless the case says otherwise; imported text has none."""
    return 0.92 if raw.conf is None and source == "asr" else raw.conf


def _stats(turn: Turn, *, raw: CaseTurn) -> SegmentStats:
    return SegmentStats(
        role=turn.role,
        channel=turn.channel,
        start_s=turn.start_s,
        end_s=turn.end_s,
        level_dbov=raw.level,
        voiced_s=0.6 * turn.span.duration_s,
        f0_median_hz=raw.pitch / 1.1,
        f0_p75_hz=raw.pitch,
        f0_p95_hz=raw.pitch * 1.1,
        alpha_ratio_db=-10.0,
        syllables=len(raw.text) if raw.syllables is None else raw.syllables,
        clipped_share=raw.clipped,
    )


def _silences(turns: tuple[Turn, ...]) -> tuple[Event, ...]:
    """Stretches of 2 s and more in which nobody speaks, between the first and the last words."""
    ends = [max(t.end_s for t in turns[: i + 1]) for i in range(len(turns))]
    gaps = [
        Span(end_s, max(end_s, nxt.start_s)) for end_s, (_, nxt) in zip(ends, pairwise(turns), strict=False)
    ]
    return tuple(Event("silence", gap.start_s, gap.end_s) for gap in gaps if gap.duration_s >= 2.0)


def _track(segments: tuple[SegmentStats, ...], *, duration_s: float) -> Track:
    levels: list[float | None] = [None] * (int(duration_s / STEP_S) + 1)
    for stats in segments:
        if stats.role == "agent":
            for index in range(int(stats.start_s / STEP_S), min(len(levels), int(stats.end_s / STEP_S))):
                levels[index] = stats.level_dbov
    return Track(step_s=STEP_S, level_dbov=tuple(levels), f0_hz=(None,) * len(levels))


def _measurement(name: str, value: float | Pair | str) -> Measurement:
    """A figure, a figure with its error, or the reason why there is none."""
    if isinstance(value, str):
        return Measurement(name=name, value=None, unit="", reason=value)
    if isinstance(value, tuple):
        return Measurement(name=name, value=value[0], unit="", error=value[1])
    return Measurement(name=name, value=value, unit="")


def _probe(probe: CaseProbe, *, turns: tuple[Turn, ...]) -> Probe:
    margin = {"present": 2 * PROBE_NATS, "undecided": 0.0, "absent": -2 * PROBE_NATS}[probe.answer]
    turn = turns[probe.turn]
    return Probe(
        name=probe.name,
        turn=probe.turn,
        start=probe.chars[0],
        end=probe.chars[1],
        at=turn.span_of(*probe.chars),
        phrase="",
        foil=probe.foil,
        margin_nats=margin,
    )
