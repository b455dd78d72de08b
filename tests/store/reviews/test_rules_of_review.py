"""Review, appeal and judgement: who may do what when, and what it does to the score."""

from dataclasses import replace
from datetime import timedelta

import pytest
from reviewing import OTHER, refused
from sqlalchemy import update

from auditor.judge import score
from auditor.records import AgentSpell
from auditor.store import (
    appeal,
    finding_behind,
    review,
    reviewed_call,
    save_audit,
    upgrade_store,
)
from auditor.store.review_tables import DecisionRow
from auditor.store.tables import RulebookRow


@pytest.fixture
def store(empty_sqlite):
    """What needs no particular database is tested on one; `test_kept` has the rest."""
    return empty_sqlite


def test_a_confirmed_finding_keeps_its_verdict_and_has_a_history(decide, look):
    decide("V3", "fail", reason="")
    standing = look("V3")
    assert (standing.verdict, standing.ruled, standing.state, standing.version) == (
        "fail",
        "fail",
        "reviewed",
        1,
    )
    (step,) = standing.steps
    assert (step.actor, step.role, step.action) == ("chen", "inspector", "review")
    assert (step.verdict_before, step.verdict_after) == ("fail", "fail")


def test_an_overruled_finding_has_both_verdicts_side_by_side(decide, look):
    decide("V3", "pass")
    standing = look("V3")
    assert (standing.finding.verdict, standing.verdict, standing.state) == ("fail", "pass", "reviewed")
    assert standing.steps[0].reason == OTHER["reason"]


def test_overruling_needs_a_reason_and_a_verdict_that_decides(decide):
    refused("reason", decide, "V3", "pass", reason=" \n ")
    refused("verdict", decide, "V3", "needs_review")
    refused("reason", decide, "V3", "pass", reason="长" * 2001)


def test_what_is_not_there_cannot_be_reviewed(decide):
    refused("unknown", decide, "V3", "pass", audit=10**6)
    refused("unknown", decide, "Z9", "pass")


def test_telephone_numbers_in_reasons_are_masked(decide, look, store):
    decide("V3", "pass", reason="客户13912345678投诉过,\x00工号8001的语速正常")
    reason = look("V3").steps[0].reason
    assert (
        "13912345678" not in reason and "〈PHONE_1〉" in reason and "8001" in reason and "\x00" not in reason
    )


def test_an_alias_is_reviewed_through_its_rule(save, make_call, book, store):
    audit = make_call()
    shown = next(f for f in audit.findings if f.rule == "C1")
    alias = replace(shown, rule="C8a", same_as="C1", reason="见 C1", weight=0.0)
    audit_id = save(replace(audit, findings=(*audit.findings, alias)), book=book)
    arguments = {"rule": "C8a", "verdict": "pass", "seen": 0, **OTHER}
    assert "C1" in refused("alias", review, store, audit_id, **arguments)
    review(store, audit_id, **{**arguments, "rule": "C1"})
    assert reviewed_call(store, audit_id).standings["C8a"].verdict == "pass"


def test_what_was_charged_elsewhere_follows_when_the_fault_is_taken_away(decide, look):
    assert look("P1").verdict == "fail" and look("P1").weight == 0
    decide("P3.2a", "pass")
    assert (look("P1").verdict, look("P1").ruled) == ("pass", None)
    assert look("P1").weight == 3  # of the rulebook


def test_what_was_charged_elsewhere_fails_on_its_own_when_people_say_so(decide, look):
    decide("P1", "fail", reason="没有报单位名称。")
    decide("P3.2a", "pass")
    assert (look("P1").verdict, look("P1").weight) == ("fail", 3)


def test_the_reviewed_card_is_the_judges_sum_of_the_ruled_findings(store, audit_id, decide, book):
    assert reviewed_call(store, audit_id).card is None
    decide("C11d", "fail", reason="")
    decide("V3", "pass")
    call = reviewed_call(store, audit_id)
    findings = tuple(
        replace(each.finding, verdict=each.verdict, weight=each.weight) for each in call.standings.values()
    )
    assert call.card == score(findings, evidence=call.audit.evidence, book=book, reviewed=True)
    assert call.audit.scorecard != call.card  # both kept


def test_a_critical_fail_decides_nothing_until_a_person_confirmed_it(store, audit_id, decide, look):
    decide("V3", "pass")
    card = reviewed_call(store, audit_id).card
    assert look("C11d").unconfirmed
    assert (card.critical, card.critical_in_review) == ((), ("C11d",))
    decide("C11d", "fail", reason="")
    card = reviewed_call(store, audit_id).card
    assert (card.critical, card.result, card.reason) == (("C11d",), "fail", "一票否决项 C11d 不合格,已复核")


def test_without_the_rulebook_there_are_decisions_but_no_sum(store, audit_id, decide, look):
    with store.writing() as session:
        session.execute(update(RulebookRow).values(content=None, sha256="e" * 64))
    decide("V3", "pass")
    assert reviewed_call(store, audit_id).card is None
    assert look("V3").verdict == "pass"


def test_only_the_agent_who_is_charged_may_appeal(object_to):
    refused("not_yours", object_to, "V3", agent_id="8002")


def test_in_a_transferred_call_each_agent_appeals_against_his_part(store, save, make_call, book):
    agents = (AgentSpell("8001", 0.0, 43.0), AgentSpell("8002", 43.0))
    audit_id = save(make_call(5, agents=agents), book=book)
    words = {"reason": "不是我说的。", "actor": "wang", "seen": 0}
    refused("not_yours", appeal, store, audit_id, rule="C11d", agent_id="8001", **words)
    appeal(store, audit_id, rule="C11d", agent_id="8002", **words)
    appeal(store, audit_id, rule="V3", agent_id="8001", **words)


def test_only_a_fail_is_appealed(object_to, decide):
    refused("no_fail", object_to, "V1")
    refused("no_fail", object_to, "C6")
    decide("V3", "pass")
    refused("no_fail", object_to, "V3", seen=1)


def test_an_appeal_is_in_time_or_refused(object_to, store, audit_id):
    seen_at = reviewed_call(store, audit_id).judged_at
    refused("too_late", object_to, "V3", now=seen_at + timedelta(days=7, seconds=1))
    object_to("V3", now=seen_at + timedelta(days=7))


def test_a_fail_that_a_reviewer_made_may_be_appealed_from_then_on(object_to, decide, store, audit_id):
    later = reviewed_call(store, audit_id).judged_at + timedelta(days=30)
    decide("C6", "fail", now=later, reason="没有告别。")
    refused("too_late", object_to, "C6", seen=1, now=later + timedelta(days=8))
    object_to("C6", seen=1, now=later + timedelta(days=6))


def test_an_appealed_finding_waits_for_the_judgement(object_to, decide):
    object_to("V3")
    refused("appealed", decide, "V3", "pass", seen=1)
    refused("once", object_to, "V3", seen=1, reason="再申诉一次。")


def test_a_judgement_of_what_somebody_changed_meanwhile_is_refused(object_to, settle, decide):
    decide("V3", "fail", reason="")
    decision = object_to("V3", seen=1)
    refused("stale", settle, decision, "pass", seen=1)
    refused("reason", settle, decision, "pass", seen=2, reason="")
    refused("unknown", settle, decision + 1000, "pass", seen=2)
    assert settle(decision, "pass", seen=2) == settle(decision, "pass", seen=2)


@pytest.mark.parametrize("change", ["verdict", "quote", "at"])
def test_a_finding_with_another_proof_is_undecided_again(save, make_call, other_book, decide, look, change):
    decide("C11d", "pass")
    audit = make_call(book=other_book)
    new = {"verdict": "needs_review", "quote": "不可能", "at": audit.findings[0].at}[change]
    findings = tuple(replace(f, **{change: new}) if f.rule == "C11d" else f for f in audit.findings)
    later = save(replace(audit, findings=findings), book=other_book)
    assert (look("C11d", later).state, look("C11d", later).verdict) == (
        "open",
        next(f.verdict for f in findings if f.rule == "C11d"),
    )
    assert look("C11d").verdict == "pass"  # the old scorecard keeps it


def test_an_old_decision_holds_again_when_its_proof_comes_back(save, make_call, book, decide, look, audit_id):
    decide("V3", "pass")
    audit = make_call()
    findings = tuple(replace(f, at=()) if f.rule == "V3" else f for f in audit.findings)
    assert save(replace(audit, findings=findings), book=book) == audit_id
    assert look("V3").state == "open"
    save(audit, book=book)
    assert look("V3").verdict == "pass"


def test_a_number_that_was_masked_since_is_the_same_quote(save, make_call, book, other_book, store):
    said, masked = "您的号码是13912345678", "您的号码是" + "\U000f0000" * 11
    ids = []
    for quote, by in ((said, book), (masked, other_book)):
        audit = make_call(book=by)
        findings = tuple(replace(f, quote=quote) if f.rule == "V3" else f for f in audit.findings)
        ids.append(save(replace(audit, findings=findings), book=by))
    review(store, ids[0], rule="V3", verdict="pass", seen=0, **OTHER)
    assert reviewed_call(store, ids[1]).standings["V3"].verdict == "pass"


def test_what_was_superseded_cannot_be_decided(save, make_call, book, decide):
    save(make_call(agent_id="8002"), book=book)
    refused("superseded", decide, "V3", "pass")


def test_an_appeal_whose_finding_is_gone_can_still_be_judged(
    save, make_call, book, object_to, settle, store, audit_id
):
    decision = object_to("V3")
    audit = make_call()
    findings = tuple(replace(f, verdict="pass") if f.rule == "V3" else f for f in audit.findings)
    save(replace(audit, findings=findings), book=book)
    with store.reading() as session:
        row = session.get(DecisionRow, decision)
        assert finding_behind(session, row) is None and row.state == "appealed"
    settle(decision, "pass", seen=1)


def test_a_store_of_the_first_version_is_upgraded_with_its_calls(tmp_path, make_call, key_of, book):
    import sqlite3

    from alembic import command

    from auditor.store import Store, open_store
    from auditor.store.connecting import engine_of
    from auditor.store.migrations.running import alembic_config

    url = f"sqlite:///{tmp_path}/old.db"
    from sqlalchemy import make_url

    old = Store(*engine_of(make_url(url), patience_s=5))
    with old.engine.execution_options(auditor_writes=True).begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
    old.close()
    with sqlite3.connect(tmp_path / "old.db") as connection:
        connection.execute(
            "INSERT INTO rulebooks (id, sha256, version, pass_mark, too_short_s)"
            " VALUES (1, x'00', '1', 80, 10)"
        )
    assert upgrade_store(url)[0] == "0001"
    with open_store(url, create=False) as store:
        audit = make_call()
        audit_id = save_audit(store, audit, evidence_key=key_of(audit), book=book)
        review(store, audit_id, rule="V3", verdict="pass", seen=0, **OTHER)
        assert reviewed_call(store, audit_id).standings["V3"].verdict == "pass"
