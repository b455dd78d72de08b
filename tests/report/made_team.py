"""A store of two teams over two months, from a seed: what agent and team reports are tested and looked at on.

Every call has all rules of the rulebook; an agent has faults of his own (`FAULTS`), so that the reports have
something to say. 8003 has four calls, too few for a rank; one call is shared between 8001 and 8002.
"""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from made_call import make_audit

from auditor.judge import open_rulebook
from auditor.judge.scorecard import score
from auditor.records import AgentSpell, CallRecord, Finding, Measurement, Span
from auditor.store import RunTally, channel_map, close_run, evidence_key, open_run, open_store, save_audit

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 10, 1, 9, 0, tzinfo=ZONE)
DAYS = 60
# agent -> name, team, calls, share of passes that become fails, rule -> share of fails
AGENTS = {
    "8001": ("王小明", "投诉一组", 26, 0.01, {"C6": 0.55, "V3": 0.35, "P3.2a": 0.3}),
    "8002": ("李静", "投诉一组", 24, 0.01, {"C9": 0.4}),
    "8003": ("陈 <b>新</b>", "投诉一组", 4, 0.05, {}),
    "8004": ("赵强", "投诉一组", 22, 0.03, {"C7": 0.5, "C12": 0.3, "C10c": 0.3}),
    "8101": ("=cmd|' /C calc'!A0", "咨询二组", 20, 0.02, {"C1": 0.25}),
    "8102": ("孙丽", "咨询二组", 18, 0.015, {"V1": 0.3}),
}
QUOTES = {
    "C6": "好的那就这样", "V3": "您这个套餐是每月五十八元包含三十个G的流量", "P3.2a": "喂哪位",
    "C9": "您稍等", "C7": "你把号码说一下", "C12": "不是不是你听我说", "C10c": "这个不行没有办法",
    "C1": "什么事", "V1": "哎您说什么",
}  # fmt: skip
APPLY = 0.5  # of the rules that need an occasion


def fill(url, *, calls=None):
    """Make the store; returns its edition's rulebook."""
    book = open_rulebook()
    dice = random.Random(7)
    with open_store(url) as store:
        model = make_audit().evidence.model
        model = replace(model, sha256="a" * 64)
        run = open_run(store, book=book, model=model, command="batch calls/")
        number = 0
        for code, (name, team, count, slips, faults) in AGENTS.items():
            for each in range(calls or count):
                started_at = FIRST + timedelta(
                    days=DAYS * each / (calls or count), minutes=dice.randrange(480)
                )
                record = CallRecord(
                    call_id=f"20261{number:05d}", agent_id=code, agent_name=name, team=team,
                    direction="inbound", line="1860", started_at=started_at,
                )  # fmt: skip
                if code == "8001" and each == 3:
                    record = replace(record, agents=(AgentSpell("8001", 0.0, 30.0), AgentSpell("8002", 30.0)))
                audit = _call(
                    record, number=number, book=book, model=model, slips=slips, faults=faults, dice=dice
                )
                _save(store, audit, book=book, run=run)
                number += 1
        close_run(store, run, state="complete", tally=RunTally(audited=number))
    return book


def _call(record, *, number, book, model, slips, faults, dice):
    audit = make_audit()
    worse = {"8001": 0.5, "8002": 0.9}.get(record.agent_id, 0.7)
    if record.started_at > FIRST + timedelta(days=30):  # everybody got a little better
        faults = {rule: share * worse for rule, share in faults.items()}
    findings = []
    for rule in book.rules_on("1860"):
        verdict = _verdict(rule, slips=slips, faults=faults, dice=dice)
        begin = round(dice.uniform(1, 60), 2)
        quote = QUOTES.get(rule.id) if verdict == "fail" else {"P3.2a": "您好中国移动"}.get(rule.id)
        unsure = verdict == "needs_review"
        findings.append(
            Finding(
                rule=rule.id,
                clause=rule.clause,
                title=rule.title,
                section=rule.section,
                verdict=verdict,
                reason_code="said",
                reason=f"{rule.title}:见录音",
                weight=0.0 if rule.same_as else rule.weight,
                critical=rule.critical,
                same_as=rule.same_as,
                quote=quote,
                at=(Span(begin, begin + 2.0),) if verdict != "not_applicable" else (),
                measured={},
                confidence=round(dice.uniform(0.5, 0.75) if unsure else dice.uniform(0.8, 0.99), 2),
            )
        )
    findings = tuple(findings)
    seed = int(record.agent_id) % 7
    figures = (
        (
            "articulation_char_per_min",
            230 + 12 * seed + (60 if "V3" in faults else 0) + dice.gauss(0, 15),
            "char/min",
        ),
        ("level_dbov", -24 + seed / 2 + dice.gauss(0, 1.5), "dBov"),
        ("phrase_f0_sd_st", 2.4 + seed / 8 + dice.gauss(0, 0.3), "st"),
    )
    voice = {name: Measurement(name, round(value, 2), unit, 0.5) for name, value, unit in figures}
    gap = Measurement("response_gap_median_s", round(max(0.2, dice.gauss(0.9, 0.3)), 2), "s", 0.1)
    evidence = replace(
        audit.evidence,
        call_record=record,
        line="1860",
        model=model,
        measurements={"agent": voice, "customer": {}, "call": {gap.name: gap}},
        recording=replace(
            audit.evidence.recording, paths=(f"/calls/{record.call_id}.wav",), sha256=(f"{number:064x}",)
        ),
    )
    return replace(
        audit,
        call_id=record.call_id,
        evidence=evidence,
        findings=findings,
        scorecard=score(findings, evidence=evidence, book=book),
        provenance=replace(
            audit.provenance, rulebook=book.version, rulebook_sha256=book.sha256, model=model.name,
            model_sha256=model.sha256,
        ),
    )  # fmt: skip


def _verdict(rule, *, slips, faults, dice):
    drawn = dice.random()
    if rule.critical:
        return "fail" if drawn < slips / 2 else "needs_review" if drawn < slips else "pass"
    elsewhere = rule.applies.line or rule.applies.direction == ("outbound",)
    if elsewhere or (rule.triggered and dice.random() < APPLY):
        return "not_applicable"
    wrong = faults.get(rule.id, slips)
    return "fail" if drawn < wrong else "needs_review" if drawn < wrong + 0.03 else "pass"


def _save(store, audit, *, book, run):
    evidence = audit.evidence
    key = evidence_key(
        audio_sha256=evidence.recording.sha256,
        channels=channel_map(evidence.call_record),
        model_sha256=audit.provenance.model_sha256,
        options={},
        recorder=evidence.recorder,
        measuring_sha256=audit.provenance.measuring_sha256,
    )
    save_audit(store, audit, evidence_key=key, book=book, run_id=run)
