"""Rerunning hears nothing twice; corrections and new rulebooks are judged again; each call counts once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from auditor.records import AgentSpell
from auditor.store import (
    HeardBy,
    RunTally,
    close_run,
    editions,
    evidence_among,
    evidence_of,
    failures,
    has_scorecard,
    iter_audits,
    iter_heard,
    latest_edition,
    open_run,
    save_audit,
    save_evidence,
    save_failure,
    scorecard_key,
    stored_calls,
)
from auditor.store.keys import call_identity, call_record_sha256
from auditor.store.tables import (
    AgentRow,
    AuditRow,
    Base,
    EvidenceRow,
    FindingRow,
    MeasurementRow,
    MeasureRow,
    RecordingRow,
    RuleRow,
    SpellRow,
)

OTHER_MODEL = "9" * 64


@pytest.fixture
def save(store, key_of, book):
    def save(audit, *, book=book, **more):
        return save_audit(store, audit, evidence_key=key_of(audit), book=book, **more)

    return save


@pytest.fixture
def complete_run(store, save, book):
    """A complete run over some audits; returns its edition."""

    def run(*audits, book=book):
        run_id = open_run(store, book=book, model=audits[0].evidence.model, command="batch")
        for audit in audits:
            save(audit, book=book, run_id=run_id)
        close_run(store, run_id, state="complete", tally=RunTally(audited=len(audits)))
        return latest_edition(store)

    return run


def count(store, table):
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def key_of_card(audit, key_of):
    evidence = audit.evidence
    record, recording = evidence.call_record, evidence.recording
    return scorecard_key(
        identity=call_identity(call_id=record.call_id, paths=recording.paths, sha256=recording.sha256),
        evidence=key_of(audit),
        record_sha256=call_record_sha256(record),
        rulebook_sha256=audit.provenance.rulebook_sha256,
    )


def test_saving_twice_is_saving_once(store, save, make_call):
    first = save(make_call())
    rows = {table: count(store, table) for table in Base.metadata.sorted_tables}
    assert save(make_call()) == first
    assert {table: count(store, table) for table in Base.metadata.sorted_tables} == rows


def test_a_rerun_finds_evidence_and_scorecard(store, save, make_call, key_of):
    audit = make_call()
    assert evidence_of(store, key_of(audit)) is None
    save(audit)
    assert evidence_among(store, [key_of(audit), "0" * 64]) == {key_of(audit)}
    assert has_scorecard(store, key_of_card(audit, key_of))


def test_stored_evidence_is_that_calls_again(store, save, make_call, key_of):
    audit = make_call()
    save(audit)
    record, paths = audit.evidence.call_record, audit.evidence.recording.paths
    heard = evidence_of(store, key_of(audit)).of_call(record=record, paths=paths)
    assert replace(heard, line=audit.evidence.line, line_confidence=audit.evidence.line_confidence) == (
        audit.evidence
    )


def test_evidence_saved_alone_is_not_heard_again(store, save, make_call, key_of):
    audit = make_call()
    save_evidence(
        store, audit.evidence, key=key_of(audit), heard_by=HeardBy("whisper", {"beam": "1"}, "1" * 64)
    )
    save(audit)
    assert evidence_of(store, key_of(audit)).heard_by == HeardBy("whisper", {"beam": "1"}, "1" * 64)
    assert count(store, EvidenceRow) == 1


def test_a_corrected_agent_is_judged_again_and_counts_alone(store, complete_run, make_call, key_of):
    wrong, right = make_call(agent_id="8001"), make_call(agent_id="8002")
    complete_run(wrong)
    assert key_of(wrong) == key_of(right)
    assert not has_scorecard(store, key_of_card(right, key_of))
    edition = complete_run(right)
    assert list(iter_audits(store, edition=edition)) == [right]
    assert count(store, AuditRow) == 2 and count(store, EvidenceRow) == 1


def test_a_correction_taken_back_counts_again(store, complete_run, make_call, key_of):
    one, other = make_call(agent_id="8001"), make_call(agent_id="8002")
    complete_run(one, other)
    assert not has_scorecard(store, key_of_card(one, key_of))
    edition = complete_run(one)
    assert list(iter_audits(store, edition=edition)) == [one]
    assert count(store, AuditRow) == 2


def test_a_corrected_channel_is_heard_again(store, complete_run, make_call, key_of):
    wrong, right = make_call(agent_channel="left"), make_call(agent_channel="right")
    complete_run(wrong)
    assert not evidence_among(store, [key_of(right)])
    edition = complete_run(right)
    assert list(iter_audits(store, edition=edition)) == [right]


def test_a_new_rulebook_adds_scorecards_and_keeps_the_old(store, complete_run, make_call, other_book):
    old, new = make_call(), make_call(book=other_book)
    before = complete_run(old)
    after = complete_run(new, book=other_book)
    assert list(iter_audits(store, edition=before)) == [old]
    assert list(iter_audits(store, edition=after)) == [new]
    assert count(store, EvidenceRow) == 1
    assert editions(store) == (after, before)


def test_another_model_is_another_edition(store, complete_run, make_call):
    one, other = make_call(), make_call(model=OTHER_MODEL)
    before, after = complete_run(one), complete_run(other)
    assert list(iter_audits(store, edition=before)) == [one]
    assert list(iter_audits(store, edition=after)) == [other]


def test_a_transcript_takes_the_models_place_and_the_call_counts_once(store, complete_run, make_call):
    complete_run(make_call(0), make_call(1))
    transcribed = make_call(0, model=None)
    complete_run(transcribed)
    heard = editions(store)[1]
    assert list(iter_audits(store, edition=heard)) == [make_call(1), transcribed]


def test_a_correction_judged_by_another_rulebook_is_a_correction(
    store, complete_run, make_call, key_of, other_book
):
    wrong = make_call(agent_id="8001")
    complete_run(wrong)
    complete_run(make_call(agent_id="8002", book=other_book), book=other_book)
    assert not has_scorecard(store, key_of_card(wrong, key_of))


def test_judging_again_takes_each_call_as_it_was_last_heard(store, complete_run, make_call, other_book, noon):
    complete_run(make_call(0), make_call(1, agent_id="8001"))
    complete_run(make_call(1, agent_id="8002", book=other_book), book=other_book)
    model_id = latest_edition(store).model_id
    heard = list(iter_heard(store, model_id=model_id))
    calls = stored_calls(store, [call.audit_id for call in heard])
    assert [call.evidence.call_record for call in calls] == [
        make_call(0).evidence.call_record,
        make_call(1, agent_id="8002").evidence.call_record,
    ]
    assert list(iter_heard(store, model_id=model_id, since=noon + timedelta(minutes=1))) == heard[1:]


def test_judging_again_does_not_see_what_it_saves_meanwhile(store, complete_run, make_call, other_book, save):
    complete_run(*(make_call(number) for number in range(3)))
    seen = 0
    for call in iter_heard(store, model_id=latest_edition(store).model_id):
        (stored,) = stored_calls(store, [call.audit_id])
        save(make_call(int(stored.call_id), book=other_book), book=other_book)
        seen += 1
    assert seen == 3


def test_a_run_that_was_not_complete_is_no_report(store, save, make_call, book):
    run_id = open_run(store, book=book, model=make_call().evidence.model, command="batch")
    save(make_call(), run_id=run_id)
    assert latest_edition(store) is None
    close_run(store, run_id, state="stopped", tally=RunTally(audited=1))
    assert latest_edition(store) is None


def test_the_last_complete_run_is_the_edition_even_when_a_later_one_is_open(
    store, complete_run, make_call, book, other_book
):
    edition = complete_run(make_call())
    open_run(store, book=other_book, model=None, command="batch")
    assert latest_edition(store) == edition


def test_a_failure_is_gone_when_the_call_is_audited(store, save, make_call):
    audit = make_call(call_id="C-1")
    for _ in range(2):
        save_failure(
            store,
            call_id="C-1",
            paths=audit.evidence.recording.paths,
            reason_code="hang",
            message="no answer within 90 s",
        )
    (failure,) = failures(store)
    assert (failure.call_id, failure.reason_code, failure.attempts) == ("C-1", "hang", 2)
    save(audit)
    assert failures(store) == ()


def test_columns_say_what_the_card_says(store, save, make_call, noon):
    audit = make_call(direction="outbound", duration_s=9.0)
    save(audit)
    card = audit.scorecard
    with store.reading() as session:
        row = session.scalars(select(AuditRow)).one()
        rules = select(RuleRow.rule, FindingRow.verdict, FindingRow.weight, FindingRow.critical).join_from(
            FindingRow, RuleRow
        )
        findings = {tuple(each) for each in session.execute(rules)}
        values = select(MeasureRow.name, MeasurementRow.value).join_from(MeasurementRow, MeasureRow)
        measured = dict(tuple(each) for each in session.execute(values.where(MeasureRow.party == "agent")))
    assert (row.result, row.earned, row.possible) == (card.result, card.points.earned, card.points.possible)
    assert (row.percent, row.best_percent, row.worst_percent) == (
        card.points.percent,
        card.best_percent,
        card.worst_percent,
    )
    assert (row.started_at, row.direction, row.too_short) == (noon, "outbound", True)
    assert row.critical == len(card.critical)
    assert findings == {(f.rule, f.verdict, f.weight, f.critical) for f in audit.findings}
    assert measured == {
        m.name: m.value for m in audit.evidence.measurements["agent"].values() if m.value is not None
    }


def test_both_agents_of_a_transferred_call_have_their_part(store, save, make_call):
    save(make_call(agents=(AgentSpell("8001", 0.0, 30.0), AgentSpell("8002", 30.0))))
    with store.reading() as session:
        query = select(AgentRow.code, SpellRow.from_s, SpellRow.to_s).join_from(SpellRow, AgentRow)
        parts = [tuple(row) for row in session.execute(query.order_by(SpellRow.number))]
    assert parts == [("8001", 0.0, 30.0), ("8002", 30.0, None)]


def test_an_agent_has_the_name_of_his_latest_call_whatever_the_order_of_saving(store, save, make_call):
    for number, name in ((1, "王芳"), (2, "王方"), (0, "王小芳"), (3, None)):
        save(make_call(number, agent_name=name))
    with store.reading() as session:
        assert session.scalars(select(AgentRow.name)).all() == ["王方"]


def test_a_moved_call_with_an_id_is_the_same_call(store, save, make_call):
    save(make_call(call_id="C-1", paths=("/old/1.wav",)))
    save(make_call(call_id="C-1", paths=("/new/1.wav",)))
    with store.reading() as session:
        assert session.scalars(select(RecordingRow.path)).all() == ["/new/1.wav"]


def test_an_audit_by_another_rulebook_than_said_is_refused(save, make_call, other_book):
    with pytest.raises(ValueError, match="another rulebook"):
        save(make_call(), book=other_book)
