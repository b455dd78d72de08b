"""Who hung up: 1,000 generated endings through the whole stage and the rule, in every codec written here.

Each call of `scenes.ending` (all variants in turn, every codec, one in ten mono) is coded, laid out and heard
as `auditor score` does; its words come from its truth, surveys in the words of a survey. No call record.

Decided: P3.6a says pass or fail. Right: the verdict names who released. Undecided ones are counted by reason.
``mute_to_stop`` is a mute that lasts until the recording stops with the other party's release: sample for
sample a ``plain`` ending of the muted party, so nobody can tell. Agents must never fail by it; customers who
do it count as "released" (they seldom do) and are shown apart.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from accuracy_rows import Row, share_row
from ground_truth import coding, line, scenes
from ground_truth.legs import Call
from ground_truth.truth import LEGS

from auditor.judge import judge, open_rulebook
from auditor.pipeline import CallInput, hear, open_call
from auditor.records import CallRecord, Finding, Transcript, TranscriptTurn
from auditor.rulebook.schema import Rulebook

CODECS = [codec for codec in coding.CODECS if coding.can_encode(codec)]
SURVEY = "请对我的服务进行评价"


def rows(*, quick: bool) -> list[Row]:
    """The rows of this section; some 20 minutes on one core, ``quick`` one."""
    return list(_rows(30 if quick else 1000))


def _rows(count: int) -> Iterator[Row]:
    book = open_rulebook()
    right = decided = together = agent_by_mute = customer_muted = 0
    codes: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    by_variant: dict[str, Counter[str]] = {}
    variants = (*scenes.VARIANTS, "mute_to_stop")
    for seed in range(count):
        variant = variants[seed % len(variants)]
        call = mute_to_stop(seed) if variant == "mute_to_stop" else scenes.ending(seed, variant=variant)
        truth = call.truth.ending
        assert truth is not None
        mono = seed % 10 == 9
        found = finding(call, codec=CODECS[(seed // len(variants)) % len(CODECS)], mono=mono, book=book)
        said = {"fail": "agent", "pass": "customer"}.get(found.verdict)
        kinds = by_variant.setdefault(variant, Counter())
        kinds["all"] += 1
        if "mute" in variant and found.verdict == "fail" and truth.released_by != "agent":
            agent_by_mute += 1
        if variant == "mute_to_stop" and truth.released_by == "agent":
            customer_muted += said is not None
            continue
        if said is None:
            why = "mono" if mono else found.reason.split("。")[0]
            codes[f"{found.reason_code} ({''.join(c for c in why if not c.isdigit())[:40]})"] += 1
            continue
        decided += 1
        kinds["decided"] += 1
        together += truth.released_by is None and not truth.survey
        if said == truth.released_by and not truth.survey:
            right += 1
        else:
            wrong[f"{variant} by {truth.released_by}: {found.reason[:16]}"] += 1
    note = "; ".join(f"{what}: {n}" for what, n in wrong.items())
    what = "decided ones right"
    yield share_row("release", what, right, decided, target=0.995, direction="at least", note=note)
    yield share_row("release", "decided", decided, count)
    yield Row("release", "agents failed by a mute", agent_by_mute, count, target=0)
    yield Row("release", "decided though the legs end together or the file stops", together, count, target=0)
    yield Row("release", "customers muted to the end, taken for released", customer_muted, count)
    for code, n in codes.most_common():
        yield share_row("release", f"undecided, {code}", n, count)
    for variant, kinds in by_variant.items():
        yield share_row("release", f"decided, {variant}", kinds["decided"], kinds["all"])


def finding(call: Call, *, codec: str, mono: bool, book: Rulebook) -> Finding:
    """P3.6a of a call as a recorder would have written it."""
    layout: coding.Layout = "mono" if mono else "pair" if coding.CODECS[codec].mono_only else "stereo"
    with tempfile.TemporaryDirectory() as folder:
        written = coding.write(call, Path(folder), codec=codec, layout=layout)
        source = CallInput(
            paths=tuple(written.paths),
            record=CallRecord(direction="inbound", line="1860"),
            transcript=transcript(call),
            agent_channel=None if layout != "stereo" else "left",
        )
        evidence = hear(open_call(source), call=source, engine=None, book=book)
    return next(found for found in judge(evidence, book=book)[0] if found.rule == "P3.6a")


def transcript(call: Call) -> Transcript:
    """The words as they were said; a survey in a survey's words."""
    turns = [
        TranscriptTurn(
            role=said.role,  # type: ignore[arg-type]
            start_s=said.start_s,
            end_s=min(said.end_s, call.duration_s),
            text=SURVEY if said.role == "system" else said.text,
        )
        for said in call.truth.spoken
        if said.start_s < call.duration_s
    ]
    return Transcript(source="human", turns=tuple(sorted(turns, key=lambda turn: turn.start_s)))


def mute_to_stop(seed: int) -> Call:
    """One party mutes after its last word; the recording stops as the other one releases."""
    call = scenes.ending(seed, variant="stop", by=LEGS[seed // 15 % 2])
    ending = call.truth.ending
    assert ending is not None
    muted = LEGS[1 - seed // 15 % 2]
    last_s = max((said.end_s for said in call.truth.said_on(muted)), default=0.0)
    other = "customer" if muted == "agent" else "agent"
    whole = line.mute(call, leg=muted, start_s=last_s + 0.2, end_s=call.duration_s)
    return Call(whole.legs, replace(whole.truth, ending=replace(ending, released_by=other)))
