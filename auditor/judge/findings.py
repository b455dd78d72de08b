"""Every rule gives one finding.

A kind decides (`auditor.kinds`); what no kind may forget is done here:

* a rule that is not about this call is ``not_applicable`` (`Applies`);
* a ``fail`` becomes ``needs_review`` when the call's direction or the caller's network matters and is not
  certain, when it is not certain enough who the agent is, when the line is not certain and the fail would be
  none on another line that the call may be of (`auditor.judge.line`), or when a critical item lacks a human's
  or a probe's support;
* a rule that judges words is ``needs_review`` on a call that is not in Mandarin (`auditor.judge.language`);
* where the voices of one channel were told apart, a verdict about the agent that another reading of them
  would change becomes ``needs_review`` (`auditor.judge.readings`);
* one fault costs once (`auditor.judge.charging`).

Confidence of a finding: the kind's own estimate (its module says how) times the confidence in who the
agent is, for rules that depend on it; 0.5 for needs_review, which decides nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.judge.charging import charge_once
from auditor.judge.language import without_mandarin
from auditor.judge.line import read_line, settle_line
from auditor.judge.readings import other_readings, voices_are_certain
from auditor.judge.scorecard import score
from auditor.kinds import KINDS, bind
from auditor.kinds.callers import caller_network
from auditor.kinds.listening import is_settled
from auditor.kinds.scripts import direction_of
from auditor.records import LINE_NAMES, Finding, Outcome, Scorecard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.records import Evidence
    from auditor.rulebook.schema import Rule, Rulebook


def judge(evidence: Evidence, *, book: Rulebook) -> tuple[tuple[Finding, ...], Scorecard]:
    """One finding per rule, in the rulebook's order, and their sum.

    Raises:
        RulebookError: a rule's kind or parameters are not known (`open_rulebook` finds that earlier).
    """
    evidence = settle_line(evidence, book=book)
    rules = book.rules_on(evidence.line)
    outcomes = _outcomes(evidence, rules=rules, book=book)
    findings = charge_once(
        [_finding(rule, outcomes[rule.same_as or rule.id]) for rule in rules], outcomes=outcomes
    )
    return findings, score(findings, evidence=evidence, book=book)


def judge_rule(evidence: Evidence, *, rule_id: str, book: Rulebook) -> Finding:
    """What one rule says of a call, before one fault costs once: its verdict is that of `judge`.

    Raises:
        KeyError: there is no such rule.
        RulebookError: as `judge`.
    """
    evidence = settle_line(evidence, book=book)
    rules = {rule.id: rule for rule in book.rules_on(evidence.line)}
    rule = rules[rule_id]
    judged_as = rules[rule.same_as or rule_id]
    return _finding(rule, _outcomes(evidence, rules=(judged_as,), book=book)[judged_as.id])


def _outcomes(evidence: Evidence, *, rules: Iterable[Rule], book: Rulebook) -> dict[str, Outcome]:
    """What the rules' kinds say of a call whose line is settled, by rule; aliases are left out."""
    direction, certain = direction_of(evidence, book=book)
    readings = tuple(other_readings(evidence, book=book))
    outcomes: dict[str, Outcome] = {}
    for rule in rules:
        if rule.kind is None:
            continue
        outcome = _not_about_this_call(rule, direction=direction, evidence=evidence, book=book)
        if outcome is None:
            params = bind(rule, book=book, name=f"rulebook {book.version}")
            outcome = KINDS[rule.kind].judge(evidence, params=params, book=book)
            if rule.applies.role == "agent" and outcome.verdict in ("pass", "fail"):
                others = (KINDS[rule.kind].judge(other, params=params, book=book) for other in readings)
                outcome = _agreed(outcome, others=others)
            outcome = without_mandarin(outcome, rule=rule, evidence=evidence, book=book)
            outcome = _weigh(outcome, rule=rule, certain=certain, evidence=evidence, book=book)
        if not outcome.causes and rule.cause and outcome.verdict in ("fail", "needs_review"):
            outcome = replace(outcome, causes=(rule.cause,))
        outcomes[rule.id] = outcome
    return outcomes


def _not_about_this_call(rule: Rule, *, direction: str, evidence: Evidence, book: Rulebook) -> Outcome | None:
    applies = rule.applies
    line = book.lines.get(evidence.line, evidence.line)
    if applies.direction and direction not in applies.direction:
        shown = "呼出" if direction == "outbound" else "呼入"
        return Outcome("not_applicable", "direction", f"{shown}通话不适用")
    if (applies.line and line not in applies.line) or line in applies.not_line:
        return Outcome("not_applicable", "line", f"{LINE_NAMES.get(line, line)}通话不适用")
    if applies.caller and caller_network(evidence, book=book) not in (*applies.caller, "unknown"):
        shown = "中国移动的号码" if "other" in applies.caller else "其他网络的号码"
        return Outcome("not_applicable", "caller", f"客户用{shown}来电,不适用")
    return None


def _agreed(outcome: Outcome, *, others: Iterable[Outcome]) -> Outcome:
    """The outcome, for a human where it would be another one with the voices given out otherwise."""
    if all(other.verdict == outcome.verdict for other in others):
        return outcome
    return _for_review(outcome, "voices_uncertain", "单声道录音按嗓音分不清有的话是谁说的")


def _for_review(outcome: Outcome, code: str, why: str) -> Outcome:
    reason = f"{outcome.reason};但{why},请听录音确认"
    return replace(outcome, verdict="needs_review", reason_code=code, reason=reason, confidence=0.5)


def _weigh(outcome: Outcome, *, rule: Rule, certain: bool, evidence: Evidence, book: Rulebook) -> Outcome:
    """The outcome with the confidence in roles, and without a fail that rests on sand."""
    roles, needs_agent = evidence.roles, rule.applies.role == "agent"
    if outcome.verdict == "pass" and needs_agent and not is_settled(evidence):
        sure = roles.confidence if roles.known else book.settings.default_confidence
        return replace(outcome, confidence=min(1.0, outcome.confidence * sure))
    if outcome.verdict != "fail":
        return outcome
    doubt = None
    if rule.applies.direction and not certain:
        doubt = ("direction_unknown", "话单没有写明呼入还是呼出")
    elif needs_agent and not roles.known and not is_settled(evidence):
        doubt = ("no_roles", "录音分不清谁是客服")
    elif needs_agent and roles.known and roles.confidence < book.settings.role_confidence:
        doubt = ("roles_uncertain", "不能确定哪一方是客服")
    elif needs_agent and not voices_are_certain(evidence, book=book):
        doubt = ("roles_uncertain", "单声道录音按嗓音不能确定哪一方是客服")
    elif rule.applies.caller and caller_network(evidence, book=book) == "unknown":
        doubt = ("caller_unknown", "不能确定客户是不是用中国移动的号码来电")
    elif _may_be_right(rule, evidence=evidence, book=book):
        doubt = ("line_unknown", "不能确定是哪条线路,换一条线路可能不算错")
    elif rule.critical and not is_settled(evidence) and "probe_margin_nats" not in outcome.measured:
        doubt = ("unsupported", "一票否决项需要模型复核支持")
    if doubt:
        return _for_review(outcome, *doubt)
    sure = roles.confidence if needs_agent and roles.known else 1.0
    return replace(outcome, confidence=outcome.confidence * sure)


def _may_be_right(rule: Rule, *, evidence: Evidence, book: Rulebook) -> bool:
    """Whether a fail would be none, or not critical, on another line that the call may be of."""
    if evidence.line_confidence >= book.settings.line_confidence:
        return False
    direction, _ = direction_of(evidence, book=book)
    for line in (evidence.line, *read_line(evidence, book=book).others):
        there = next(each for each in book.rules_on(line) if each.id == rule.id)
        on_line = replace(evidence, line=line, line_confidence=1.0)
        if _not_about_this_call(there, direction=direction, evidence=on_line, book=book):
            return True
        params = bind(there, book=book, name=f"rulebook {book.version}")
        outcome = KINDS[there.kind or ""].judge(on_line, params=params, book=book)
        if outcome.verdict != "fail" or (rule.critical and not there.critical):
            return True
    return False


def _finding(rule: Rule, outcome: Outcome) -> Finding:
    seen = rule.same_as is not None
    return Finding(
        rule=rule.id,
        clause=rule.clause,
        title=rule.title,
        section=rule.section,
        verdict=outcome.verdict,
        reason_code=outcome.reason_code,
        reason=f"见 {rule.same_as}:{outcome.reason}" if seen else outcome.reason,
        weight=0.0 if seen else rule.weight,
        critical=rule.critical or outcome.critical,
        same_as=rule.same_as,
        quote=outcome.quote,
        at=outcome.at,
        measured=outcome.measured,
        confidence=round(max(0.0, min(1.0, outcome.confidence)), 3),
    )
