"""Which edition a report over some days uses, and that it says which calls it leaves out."""

from datetime import timedelta

import pytest

from auditor.store import (
    RunTally,
    Selection,
    close_run,
    fullest_edition,
    latest_edition,
    left_out,
    newest_start,
    open_run,
    save_audit,
    sums,
)

OTHER_MODEL = "9" * 64


@pytest.fixture
def complete_run(store, key_of, book):
    """A complete run over some audits; returns its edition."""

    def run(*audits, book=book):
        run_id = open_run(store, book=book, model=audits[0].evidence.model, command="batch")
        for audit in audits:
            save_audit(store, audit, evidence_key=key_of(audit), book=book, run_id=run_id)
        close_run(store, run_id, state="complete", tally=RunTally(audited=len(audits)))
        return latest_edition(store)

    return run


@pytest.fixture
def partly_judged_again(complete_run, make_call, other_book):
    """Ten calls, a day each; the last three judged by another rulebook, too. Returns both editions."""
    numbers = [day * 24 * 60 for day in range(10)]
    first = complete_run(*(make_call(number) for number in numbers))
    second = complete_run(*(make_call(number, book=other_book) for number in numbers[7:]), book=other_book)
    return first, second


def test_a_rulebook_that_judged_a_part_is_not_what_reports_over_all_use(store, partly_judged_again):
    first, second = partly_judged_again
    assert latest_edition(store) == second
    assert fullest_edition(store) == first
    assert left_out(store, edition=first, selection=Selection()) == 0


def test_days_that_a_new_rulebook_judged_wholly_are_reported_by_it(store, partly_judged_again, noon):
    first, second = partly_judged_again
    assert fullest_edition(store, since=noon + timedelta(days=7)) == second
    assert fullest_edition(store, until=noon + timedelta(days=7)) == first
    assert fullest_edition(store, since=noon + timedelta(days=6)) == first


def test_an_edition_says_how_many_calls_only_others_hold(store, partly_judged_again, noon):
    _, second = partly_judged_again
    selections = {
        Selection(): 7,
        Selection(since=noon + timedelta(days=5)): 2,
        Selection(since=noon + timedelta(days=7)): 0,
        Selection(agent="8001"): 7,
        Selection(agent="9999"): 0,
        Selection(team="一组", until=noon + timedelta(days=2)): 2,
        Selection(line="1258"): 0,
    }
    assert {each: left_out(store, edition=second, selection=each) for each in selections} == selections


def test_what_is_left_out_and_what_is_counted_are_all_calls(
    store, partly_judged_again, complete_run, make_call
):
    complete_run(make_call(20 * 24 * 60, model=OTHER_MODEL))
    for edition in (*partly_judged_again, latest_edition(store)):
        counted = sums(store, edition=edition, selection=Selection()).calls
        assert counted + left_out(store, edition=edition, selection=Selection()) == 11


def test_when_all_calls_are_judged_again_the_new_rulebook_is_used(
    store, partly_judged_again, complete_run, make_call, other_book
):
    rest = (make_call(day * 24 * 60, book=other_book) for day in range(7))
    edition = complete_run(*rest, book=other_book)
    assert fullest_edition(store) == edition
    assert left_out(store, edition=edition, selection=Selection()) == 0


def test_a_first_night_of_a_new_rulebook_does_not_hide_the_month(
    store, complete_run, make_call, other_book, noon
):
    month = complete_run(make_call(0), make_call(24 * 60))
    tonight = complete_run(make_call(2 * 24 * 60, book=other_book), book=other_book)
    assert fullest_edition(store) == month
    assert left_out(store, edition=month, selection=Selection()) == 1
    assert fullest_edition(store, since=noon + timedelta(days=2)) == tonight


def test_calls_without_a_start_count_where_no_time_is_asked_for(
    store, complete_run, make_call, other_book, noon
):
    complete_run(make_call(0, started_at=None))
    second = complete_run(make_call(1, book=other_book), book=other_book)
    assert left_out(store, edition=second, selection=Selection()) == 1
    assert left_out(store, edition=second, selection=Selection(since=noon)) == 0


def test_a_transcript_belongs_to_every_model_of_its_rulebook(store, complete_run, make_call):
    edition = complete_run(make_call(0), make_call(1))
    complete_run(make_call(2, model=None))
    assert fullest_edition(store) == edition
    assert left_out(store, edition=edition, selection=Selection()) == 0


def test_the_newest_call_is_that_of_any_rulebook(store, partly_judged_again, noon):
    assert newest_start(store) == noon + timedelta(days=9)
