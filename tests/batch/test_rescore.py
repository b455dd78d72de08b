"""`auditor rescore`: new scorecards from stored evidence, the old ones beside them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from sqlalchemy import func, select

from auditor import pipeline
from auditor.batch.rescore import rescore
from auditor.batch.rescore_tally import RescoreTally, rescore_summary
from auditor.batch.stopping import Stop
from auditor.judge import open_rulebook
from auditor.rulebook.cases import load_cases
from auditor.store import (
    RunTally,
    close_run,
    iter_audits,
    iter_heard,
    latest_edition,
    open_run,
    open_store,
    save_audit,
    save_rescored,
)
from auditor.store.masking import mask_evidence
from auditor.store.tables import AuditRow, EvidenceRow, RunRow

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def book():
    return open_rulebook()


@pytest.fixture(scope="module")
def stricter(book):
    """The rulebook without one rule, and so with another hash."""
    rules = tuple(rule for rule in book.rules if rule.id != "C7")
    return book.model_copy(update={"version": "2027.01", "sha256": "b" * 64, "rules": rules})


@cache
def cases():
    return load_cases()


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/audits.db") as opened:
        yield opened


def fill(store, book, *, every=150, model="a" * 64, first=0):
    """A run of cases, the first heard by a model, each a call of its own, masked as the batch does it."""
    heard = next(case for case in cases() if case.evidence.model)
    chosen = [heard, *cases()[::every]]
    facts = replace(heard.evidence.model, sha256=model)
    run_id = open_run(store, book=book, model=facts, command="batch")
    for number, case in enumerate(chosen, start=first):
        evidence = case.evidence
        recording = replace(evidence.recording, paths=(f"/calls/{number}.wav",), sha256=(f"{number:064x}",))
        record = replace(evidence.call_record, started_at=NOON + timedelta(days=number))
        evidence = replace(evidence, model=evidence.model and facts, recording=recording, call_record=record)
        audit = pipeline.audit(mask_evidence(evidence), book=book)
        save_audit(store, audit, evidence_key=f"{number:064x}", book=book, run_id=run_id)
    close_run(store, run_id, state="complete", tally=RunTally(audited=len(chosen)))
    return len(chosen)


def run(store, book, *, stop=None, **more):
    tally = RescoreTally()
    rescore(store, book=book, tally=tally, tell=lambda _event, **_facts: None, stop=stop or Stop(), **more)
    return tally


def cards(store, edition):
    """The scorecards that count in an edition."""
    return {
        audit.evidence.recording.paths: (audit.findings, audit.scorecard, audit.provenance)
        for audit in iter_audits(store, edition=edition)
    }


def count(store, table):
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_the_same_rulebook_leaves_everything_as_it_is(store, book):
    calls = fill(store, book)
    tally = run(store, book)
    assert (tally.calls, tally.unchanged, tally.judged) == (calls, calls, 0)
    assert count(store, AuditRow) == calls


def test_another_rulebook_adds_scorecards_and_keeps_the_old(store, book, stricter):
    calls = fill(store, book)
    before = latest_edition(store)
    old = cards(store, before)
    tally = run(store, stricter)
    assert (tally.judged, tally.failed) == (calls, 0)
    after = latest_edition(store)
    assert after.rulebook_sha256 == stricter.sha256
    assert (after.model_id, count(store, EvidenceRow)) == (before.model_id, calls)
    assert cards(store, before) == old
    new = cards(store, after)
    assert new.keys() == old.keys()
    for audit in iter_audits(store, edition=after):
        assert audit.findings == pipeline.audit(audit.evidence, book=stricter).findings
    assert {what for what in tally.verdicts if what[0] == "C7"}
    assert {now for rule, _, now in tally.verdicts if rule == "C7"} == {"(none)"}
    assert {rule for rule, _, _ in tally.verdicts} == {"C7"}
    assert run(store, stricter).unchanged == calls
    assert run(store, book).unchanged == calls


def test_what_was_heard_by_is_not_what_is_installed_now(store, book, stricter):
    fill(store, book)
    old = cards(store, latest_edition(store))
    run(store, stricter)
    for paths, (_, _, made) in cards(store, latest_edition(store)).items():
        _, _, first = old[paths]
        heard = (made.engine, made.options, made.measuring_sha256, made.model_sha256)
        assert heard == (first.engine, first.options, first.measuring_sha256, first.model_sha256)


def test_a_rescoring_that_was_stopped_goes_on_where_it_was(store, book, stricter, monkeypatch):
    calls = fill(store, book)
    stop, saved = Stop(), []

    def save_two(*args, **facts):
        saved.append(save_rescored(*args, **facts))
        stop.level = int(len(saved) == 2)
        return saved[-1]

    monkeypatch.setattr("auditor.batch.rescore.save_rescored", save_two)
    stopped = run(store, stricter, stop=stop)
    monkeypatch.undo()
    assert (stopped.judged, stopped.done) == (2, 2)
    assert latest_edition(store).rulebook_sha256 == book.sha256  # a part of the calls is no report
    assert any(
        "goes on where it ended" in line for line in rescore_summary(stopped, rulebook="", stopped=True)
    )
    again = run(store, stricter)
    assert (again.unchanged, again.judged) == (2, calls - 2)
    with store.reading() as session:
        assert session.scalars(select(RunRow.state).order_by(RunRow.id)).all() == [
            "complete",
            "stopped",
            "complete",
        ]


def test_only_calls_since_a_day(store, book, stricter):
    calls = fill(store, book)
    tally = run(store, stricter, since=NOON + timedelta(days=calls - 2))
    assert (tally.judged, tally.before_since) == (2, calls - 2)


def test_a_call_that_was_corrected_meanwhile_keeps_its_correction(store, book, stricter):
    fill(store, book)
    heard = list(iter_heard(store, model_id=latest_edition(store).model_id))
    (first, *_) = iter_audits(store, edition=latest_edition(store))
    record = replace(first.evidence.call_record, agent_id="9999")
    corrected = replace(first, evidence=replace(first.evidence, call_record=record))
    save_audit(store, corrected, evidence_key=f"{0:064x}", book=book)
    again = pipeline.audit(first.evidence, book=stricter)
    assert not save_rescored(store, again, of=heard[0], book=stricter)
    assert save_rescored(store, pipeline.audit(first.evidence, book=stricter), of=heard[1], book=stricter)


def test_calls_that_another_model_heard_last_are_left_alone_and_told(store, book, stricter):
    fill(store, book, model="c" * 64)
    models = [audit.provenance.model for audit in iter_audits(store, edition=latest_edition(store))]
    fill(store, book, model="d" * 64, first=100)
    assert run(store, stricter).other_models == sum(model is not None for model in models) > 0


def test_a_store_without_audits_says_what_to_do(run_auditor, tmp_path):
    open_store(f"sqlite:///{tmp_path}/audits.db").close()
    code, _, err = run_auditor("rescore")
    assert code == 2
    assert "holds no audits yet; run `auditor batch` first" in err


def test_the_command_tells_what_changed(run_auditor, tmp_path, book):
    with open_store(f"sqlite:///{tmp_path}/audits.db") as store:
        calls = fill(store, book, every=300)
    (tmp_path / "ours.yaml").write_text('extends: china_mobile\nversion: "2027.01"\nremove: [C7]\n', "utf-8")
    code, out, err = run_auditor("rescore", "--rulebook", "ours.yaml", "--workers", "1")
    assert code == 0, err
    assert f"{calls} of {calls} calls" in out
    assert "  C7: " in out and "-> (none)" in out
    code, out, _ = run_auditor("rescore", "--rulebook", "ours.yaml", "--since", "2026-11-03")
    assert f"left alone: {1} calls that began earlier" in out
    code, _, err = run_auditor("rescore", "--since", "yesterday")
    assert code == 2
    assert "--since 'yesterday' is no date; write it as 2026-11-01" in err


def test_judging_the_newer_calls_alone_takes_no_call_out_of_an_export(run_auditor, tmp_path, book):
    with open_store(f"sqlite:///{tmp_path}/audits.db") as store:
        calls = fill(store, book, every=300)
    (tmp_path / "ours.yaml").write_text('extends: china_mobile\nversion: "2027.01"\nremove: [C7]\n', "utf-8")
    code, out, _ = run_auditor("rescore", "--rulebook", "ours.yaml", "--since", "2026-11-04")
    assert code == 0 and "say how many they leave out" in out
    _, _, told = run_auditor("export", "csv", "-o", "all.csv")
    assert told == f"{calls} calls by rulebook {book.version} and case.\n"
    _, _, told = run_auditor("export", "csv", "-o", "newer.csv", "--from", "2026-11-04")
    assert f"{calls - 2} calls by rulebook 2027.01" in told


def test_an_export_says_how_many_calls_another_rulebook_judged(run_auditor, tmp_path, book, stricter):
    with open_store(f"sqlite:///{tmp_path}/audits.db") as store:
        calls = fill(store, book, every=300)
        others = fill(store, stricter, every=600, first=100)
    _, _, told = run_auditor("export", "csv", "-o", "all.csv")
    assert told.startswith(f"left out: {others} calls that rulebook {book.version} with case does not hold;")
    assert told.endswith(f"{calls} calls by rulebook {book.version} and case.\n")


@pytest.mark.slow
def test_rescoring_masked_evidence_in_processes_gives_the_first_verdicts_of_every_case(store, book):
    calls = fill(store, book, every=1)
    same = book.model_copy(update={"version": "same", "sha256": "e" * 64})
    old = cards(store, latest_edition(store))
    tally = run(store, same, workers=2)
    assert (tally.judged, tally.failed, tally.gone) == (calls, 0, 0)
    assert not tally.verdicts and not tally.changed
    new = cards(store, latest_edition(store))
    assert {paths: card[:2] for paths, card in new.items()} == {
        paths: card[:2] for paths, card in old.items()
    }
