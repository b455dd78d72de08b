"""Whatever people and rescoring do in whatever order: no decision is lost, and nobody appeals twice."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from made_call import make_audit
from sqlalchemy import select

from auditor.errors import DecisionError
from auditor.records import CallRecord
from auditor.rulebook.load import load_rulebook
from auditor.store import appeal, judge_appeal, review, reviewed_call, save_audit
from auditor.store.review_tables import DecisionRow, ReviewedCardRow, RulingRow, StepRow
from auditor.store.tables import RuleRow

RULES = ("V3", "C11d", "C6", "P3.2a")
VERDICTS = ("pass", "fail", "not_applicable")
START = datetime(2026, 11, 23, tzinfo=UTC)
_NUMBERS = itertools.count(1)
versions = st.sampled_from([0, 0, 0, -1, 1])  # what an author saw, off by so much


class People(RuleBasedStateMachine):
    """One call; reviewers, an agent, a supervisor and rescoring, each as careless as can be."""

    def __init__(self, store):
        super().__init__()
        self.store = store
        self.book = load_rulebook()
        self.number = next(_NUMBERS)
        self.now = START
        self.places = dict.fromkeys(RULES, 0)  # which proof each finding has now
        self.seen = {}  # (rule, proof) -> [state, people's verdict, steps, appeals]
        self.decisions = {}
        self.audit_id = self._save()
        self.call = reviewed_call(store, self.audit_id)

    def _save(self):
        audit = make_audit()
        recording = replace(
            audit.evidence.recording, paths=(f"/c/{self.number}.wav",), sha256=(f"{self.number:064x}",)
        )
        findings = tuple(
            replace(f, quote=f"{f.quote}{'!' * self.places.get(f.rule, 0)}") for f in audit.findings
        )
        evidence = replace(audit.evidence, recording=recording, call_record=CallRecord(agent_id="8001"))
        made = replace(audit.provenance, rulebook_sha256=self.book.sha256)
        audit = replace(audit, evidence=evidence, findings=findings, provenance=made)
        return save_audit(self.store, audit, evidence_key=f"{self.number:064x}", book=self.book)

    def _known(self, rule_id):
        return self.seen.get((rule_id, self.places[rule_id]), ["open", None, 0, 0])

    def _stands(self, rule_id):
        _, ruled, *_ = self._known(rule_id)
        return ruled or self.call.standings[rule_id].finding.verdict

    def _try(self, rule_id, allowed, action):
        """Act, and check that it was allowed exactly if it should be."""
        try:
            decision = action()
        except DecisionError:
            assert not allowed, rule_id
            return False
        assert allowed, rule_id
        self.decisions[(rule_id, self.places[rule_id])] = decision
        return True

    @rule(rule_id=st.sampled_from(RULES), verdict=st.sampled_from(VERDICTS), off=versions)
    def reviews(self, rule_id, verdict, off):
        state, _, steps, appeals = self._known(rule_id)
        options = {"rule": rule_id, "verdict": verdict, "actor": "chen", "role": "inspector"}
        reason = f"{self.now}"
        done = self._try(
            rule_id,
            off == 0 and state in ("open", "reviewed"),
            lambda: review(
                self.store, self.audit_id, **options, reason=reason, seen=steps + off, now=self.now
            ),
        )
        if done:
            self.seen[rule_id, self.places[rule_id]] = ["reviewed", verdict, steps + 1, appeals]
        self.now += timedelta(minutes=1)

    @rule(rule_id=st.sampled_from(RULES), agent=st.sampled_from(["8001", "8001", "8002"]), off=versions)
    def appeals(self, rule_id, agent, off):
        state, ruled, steps, appeals = self._known(rule_id)
        words = {"rule": rule_id, "reason": f"{self.now}", "actor": "wang", "agent_id": agent}
        fails = self._stands(rule_id) == "fail"
        allowed = off == 0 and agent == "8001" and fails and appeals == 0 and state in ("open", "reviewed")
        done = self._try(
            rule_id,
            allowed,
            lambda: appeal(self.store, self.audit_id, **words, seen=steps + off, now=self.now),
        )
        if done:
            self.seen[rule_id, self.places[rule_id]] = ["appealed", ruled, steps + 1, 1]
        self.now += timedelta(minutes=1)

    @precondition(lambda self: self.decisions)
    @rule(data=st.data(), verdict=st.sampled_from(VERDICTS), off=versions)
    def judges(self, data, verdict, off):
        key = data.draw(st.sampled_from(sorted(self.decisions)))
        state, _, steps, appeals = self.seen[key]
        words = {"verdict": verdict, "reason": f"{self.now}", "actor": "li", "role": "supervisor"}
        try:
            judge_appeal(self.store, self.decisions[key], **words, seen=steps + off, now=self.now)
        except DecisionError:
            assert off != 0 or state != "appealed"
        else:
            assert off == 0 and state == "appealed"
            self.seen[key] = ["closed", verdict, steps + 1, appeals]
        self.now += timedelta(minutes=1)

    @rule(rule_id=st.sampled_from(RULES), place=st.sampled_from([0, 1]))
    def rescoring_finds_it_elsewhere(self, rule_id, place):
        self.places[rule_id] = place
        assert self._save() == self.audit_id

    @invariant()
    def nothing_is_lost(self):
        self.call = reviewed_call(self.store, self.audit_id)
        for rule_id in RULES:
            standing = self.call.standings[rule_id]
            state, ruled, steps, appeals = self._known(rule_id)
            assert (standing.state, standing.ruled, standing.version) == (state, ruled, steps)
            assert [step.number for step in standing.steps] == list(range(1, steps + 1))
            assert sum(step.action == "appeal" for step in standing.steps) == appeals <= 1
        with self.store.reading() as session:
            rows = session.scalars(
                select(DecisionRow).where(DecisionRow.recording_id == self.call.recording_id)
            ).all()
            for row in rows:
                steps = session.scalars(
                    select(StepRow).where(StepRow.decision_id == row.id).order_by(StepRow.number)
                ).all()
                assert [each.number for each in steps] == list(range(1, row.version + 1))
                assert steps[-1].state == row.state
                ruled = [each.verdict_after for each in steps if each.action != "appeal"]
                assert row.verdict == (ruled[-1] if ruled else None)
            assert len(rows) == len(self.seen)

    @invariant()
    def queries_see_what_the_call_shows(self):
        with self.store.reading() as session:
            query = select(RuleRow.rule, RulingRow.verdict).join_from(RulingRow, RuleRow)
            shown = dict(session.execute(query.where(RulingRow.audit_id == self.audit_id)).all())
            card = session.get(ReviewedCardRow, self.audit_id)
        standings = self.call.standings
        changed = {r: s.verdict for r, s in standings.items() if s.verdict != s.finding.verdict}
        assert changed.items() <= shown.items()
        assert all(standings[rule_id].verdict == verdict for rule_id, verdict in shown.items())
        if self.call.card is None:
            assert card is None
        else:
            assert (card.result, card.percent) == (self.call.card.result, self.call.card.points.percent)


@pytest.mark.parametrize("examples", [4, pytest.param(400, marks=pytest.mark.slow)])
def test_no_order_of_actions_loses_a_decision_or_lets_an_agent_appeal_twice(empty_sqlite, examples):
    run_state_machine_as_test(
        lambda: People(empty_sqlite),
        settings=settings(
            max_examples=examples,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
