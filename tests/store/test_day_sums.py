"""The sums by day and month are those of the findings, whatever was written, corrected or purged."""

import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, select

from auditor.judge.scorecard import score
from auditor.records import AgentSpell, Span
from auditor.store import open_store, purge_older_than, save_audit, upgrade_store
from auditor.store.charging import charges, spell_of, spells_of
from auditor.store.day_sums import rebuild, rebuild_months
from auditor.store.editions import Edition
from auditor.store.migrations import VERSION_TABLE
from auditor.store.migrations.running import alembic_config
from auditor.store.reading import iter_audits
from auditor.store.sum_tables import (
    CLAUSE,
    COUNTS,
    MILLION,
    VALUE,
    DayKey,
    DaySumRow,
    MonthSumRow,
    beginning_of,
    day_of,
)
from auditor.store.tables import AgentRow, AuditRow, Base, RulebookRow

OTHER_MODEL = "9" * 64
FIRST_DAY, SECOND_DAY = (datetime(2026, 11, day, 20, tzinfo=UTC) for day in (1, 2))


@pytest.fixture
def save(store, key_of, book):
    def save(audit, *, book=book):
        return save_audit(store, audit, evidence_key=key_of(audit), book=book)

    return save


def rows(store):
    """Every row of the table, by its key."""
    with store.reading() as session:
        return {
            tuple(getattr(row, name) for name in DayKey._fields): (
                [getattr(row, name) for name in COUNTS],
                sorted(CLAUSE.iter_unpack(row.clauses)),
                sorted(VALUE.iter_unpack(row.values)),
            )
            for row in session.scalars(select(DaySumRow))
        }


def months(store):
    """Every row of the months' table, by its key."""
    with store.reading() as session:
        return {
            tuple(getattr(row, name) for name in DayKey._fields): (
                [getattr(row, name) for name in COUNTS],
                sorted(CLAUSE.iter_unpack(row.clauses)),
            )
            for row in session.scalars(select(MonthSumRow))
        }


def by_month(kept):
    """The months that rows of days add up to."""
    counts, clauses = {}, {}
    for key, (numbers, of_rules, _) in kept.items():
        day = key[2]
        if day >= 0:
            day -= (beginning_of(day) + timedelta(hours=8)).day - 1
        month = (*key[:2], day, *key[3:])
        before = counts.setdefault(month, [0] * len(COUNTS))
        counts[month] = [a + b for a, b in zip(before, numbers, strict=True)]
        for rule, *each in of_rules:
            total = clauses.setdefault(month, {}).setdefault(rule, [0] * 5)
            clauses[month][rule] = [a + b for a, b in zip(total, each, strict=True)]
    return {
        month: (counts[month], sorted((rule, *each) for rule, each in clauses.get(month, {}).items()))
        for month in counts
    }


def assert_kept_right(store):
    kept, kept_months = rows(store), months(store)
    assert kept_months == by_month(kept)
    with store.writing() as session:
        rebuild(session)
        rebuild_months(session)
    assert (kept, kept_months) == (rows(store), months(store))
    return kept


def agents(store, kept):
    """Whose days these are."""
    with store.reading() as session:
        codes = dict(session.execute(select(AgentRow.id, AgentRow.code)).all())
    return sorted(codes.get(key[1], "whole") for key in kept)


def judged(audit, book, *verdicts):
    """The audit with its first findings given other verdicts, and the card that follows."""
    findings = tuple(
        replace(f, verdict=verdict) for f, verdict in zip(audit.findings, verdicts, strict=False)
    )
    findings += audit.findings[len(verdicts) :]
    return replace(audit, findings=findings, scorecard=score(findings, evidence=audit.evidence, book=book))


def test_a_call_adds_to_its_agents_day_and_to_the_day_of_whole_calls(store, save, make_call, book):
    audit = judged(make_call(), book)
    save(audit)
    kept = assert_kept_right(store)
    assert agents(store, kept) == ["8001", "whole"]
    for counts, clauses, _ in kept.values():
        assert counts[:3] == [1, 1, 1]
        verdicts = Counter(f.verdict for f in audit.findings)
        assert [sum(each[place] for each in clauses) for place in (1, 2, 3)] == [
            verdicts["pass"],
            verdicts["fail"],
            verdicts["needs_review"],
        ]
        points = audit.scorecard.points
        assert counts[-2:] == [round(points.earned * MILLION), round(points.possible * MILLION)]
        assert sum(each[5] for each in clauses) == counts[-1]


def test_saving_a_call_again_changes_nothing(store, save, make_call):
    save(make_call())
    before = rows(store)
    save(make_call())
    assert rows(store) == before


def test_a_corrected_agent_takes_the_call_along(store, save, make_call):
    save(make_call(agent_id="8001"))
    save(make_call(agent_id="8002"))
    assert agents(store, assert_kept_right(store)) == ["8002", "whole"]


def test_another_rulebook_has_sums_of_its_own(store, save, make_call, other_book):
    save(make_call())
    save(make_call(book=other_book), book=other_book)
    kept = assert_kept_right(store)
    assert len({key[0] for key in kept}) == 2
    assert agents(store, kept) == ["8001", "8001", "whole", "whole"]


def test_a_transcript_takes_the_place_of_what_a_model_heard(store, save, make_call):
    save(make_call())
    save(make_call(model=None))
    assert {key[-1] for key in assert_kept_right(store)} == {0}


def test_a_purged_call_is_counted_no_more(store, save, make_call, noon):
    for number in range(3):
        save(make_call(number, started_at=noon + timedelta(days=number)))
    purge_older_than(store, noon + timedelta(days=2))
    assert {key[2] for key in assert_kept_right(store)} == {day_of(noon) + 2}


def test_an_agent_has_the_points_of_his_spells_and_no_result_of_a_shared_call(store, save, make_call):
    audit = make_call(agent_id=None, agents=(AgentSpell("8001", 0.0, 30.0), AgentSpell("8002", 30.0)))
    save(audit)
    kept = assert_kept_right(store)
    parts = charges(audit.findings, spells=spells_of(audit.evidence.call_record))
    of_agents = [value for key, value in sorted(kept.items()) if key[1]]
    for (counts, clauses, values), part in zip(of_agents, parts, strict=True):
        sums = dict(zip(COUNTS, counts, strict=True))
        assert (sums["calls"], sums["scored"], sums["alone"]) == (1, 1, 0)
        assert sums["passed"] + sums["failed"] + sums["pending"] == 0
        assert sums["possible"] == round(part.points.possible * MILLION) == sum(c[5] for c in clauses)
        assert {figure for figure, _, _ in values} <= {0}


def test_a_fault_that_nobody_can_be_charged_with_is_in_the_whole_only(store, save, make_call):
    agents = (AgentSpell("8001", 0.0, 30.0), AgentSpell("8002", 30.0))
    audit = make_call(agent_id=None, agents=agents)
    audit = replace(audit, findings=tuple(replace(f, at=(Span(29.0, 31.0),)) for f in audit.findings))
    save(audit)
    for key, (_, clauses, _) in assert_kept_right(store).items():
        assert bool(clauses) == (key[1] == 0)


def test_a_failed_critical_item_leaves_the_result_pending(store, save, make_call, book):
    audit = make_call()
    critical = next(n for n, f in enumerate(audit.findings) if f.critical)
    verdicts = ["pass"] * critical + ["fail"]
    save(judged(audit, book, *verdicts))
    for counts, _, _ in assert_kept_right(store).values():
        sums = dict(zip(COUNTS, counts, strict=True))
        assert (sums["pending"], sums["failed"], sums["critical"]) == (1, 0, 1)


def test_days_begin_at_midnight_in_china():
    before = datetime(2026, 11, 1, 15, 59, 59, tzinfo=UTC)
    assert day_of(before) + 1 == day_of(before + timedelta(seconds=1))
    assert beginning_of(day_of(before)) == datetime(2026, 10, 31, 16, tzinfo=UTC)


CALLS = st.fixed_dictionaries(
    {
        "number": st.integers(0, 3),
        "agent_id": st.sampled_from(["8001", "8002", None]),
        "team": st.sampled_from(["一组", None]),
        "started_at": st.sampled_from([datetime(2026, 11, day, 20, tzinfo=UTC) for day in (1, 2)])
        | st.none(),
        "model": st.sampled_from(["a" * 64, OTHER_MODEL, None]),
        "agents": st.sampled_from(
            [(), (AgentSpell("8001", 0.0, 20.0), AgentSpell("8002", 20.0, 40.0), AgentSpell("8001", 40.0))]
        ),
    }
)
STEPS = st.lists(
    st.tuples(
        CALLS, st.lists(st.sampled_from(["pass", "fail", "needs_review", "not_applicable"]), max_size=8)
    )
    | st.just("purge"),
    min_size=1,
    max_size=6,
)


@given(steps=STEPS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sums_are_those_of_the_findings_whatever_happens(sqlite_store, make_call, key_of, book, steps):
    with sqlite_store.writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
    for step in steps:
        if step == "purge":
            purge_older_than(sqlite_store, datetime(2026, 11, 2, tzinfo=UTC))
            continue
        fields, verdicts = step
        audit = judged(make_call(**fields), book, *verdicts)
        save_audit(sqlite_store, audit, evidence_key=key_of(audit), book=book)
    kept = assert_kept_right(sqlite_store)
    assert_points_of_current_calls(sqlite_store, kept)


def assert_points_of_current_calls(store, kept):
    """By another way: the cards of the calls that count, unpacked and added up."""
    with store.reading() as session:
        models = set(session.scalars(select(AuditRow.model_id)))
        rulebook = session.scalar(select(RulebookRow.id))
    for model in models:
        edition = Edition(rulebook, model, "", "", None, None)
        total = Counter()
        for audit in iter_audits(store, edition=edition):
            if audit.scorecard.result == "not_scored":
                continue
            spells = spells_of(audit.evidence.call_record)
            total["whole"] += round(audit.scorecard.points.possible * MILLION)
            for f in audit.findings:
                number = spell_of(f, spells=spells)
                if f.verdict in ("pass", "fail") and number is not None:
                    total[spells[number].agent_id] += round(f.weight * MILLION)
        with store.reading() as session:
            codes = dict(session.execute(select(AgentRow.id, AgentRow.code)).all())
        mine = Counter()
        for key, (counts, _, _) in kept.items():
            if key[-1] in (0, model or 0):
                mine[codes.get(key[1], "whole")] += dict(zip(COUNTS, counts, strict=True))["possible"]
        assert +mine == +total


def test_an_upgraded_store_has_the_sums_and_the_urgency_of_its_calls(tmp_path, make_call, key_of, book):
    new, old = tmp_path / "new.db", tmp_path / "old.db"
    with open_store(f"sqlite:///{new}") as store:
        for number in range(3):
            audit = make_call(number)
            save_audit(store, audit, evidence_key=key_of(audit), book=book)
        kept, by_month, risks = rows(store), months(store), risks_of(store)
    assert min(risks) > 0
    as_it_was_before_the_sums(old, copied_from=new)
    upgrade_store(f"sqlite:///{old}")
    with open_store(f"sqlite:///{old}") as store:
        assert (rows(store), months(store)) == (kept, by_month)
        assert risks_of(store) == pytest.approx(risks)


def risks_of(store):
    with store.reading() as session:
        return session.scalars(select(AuditRow.risk).order_by(AuditRow.id)).all()


def as_it_was_before_the_sums(file, *, copied_from):
    """A store of version 0002 with the rows of another one."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0002")
    engine.dispose()
    with sqlite3.connect(file) as connection:
        connection.execute(f"ATTACH '{copied_from}' AS other")
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        for table in [name for (name,) in connection.execute(query)]:
            if table != VERSION_TABLE:
                names = ", ".join(f'"{row[1]}"' for row in connection.execute(f"PRAGMA table_info({table})"))
                connection.execute(f"INSERT INTO {table} SELECT {names} FROM other.{table}")
