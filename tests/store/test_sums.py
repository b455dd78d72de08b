"""Sums of many calls, on stores whose sums can be counted by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, true

from auditor.judge.scorecard import score
from auditor.records import AgentSpell, Finding, Measurement, Points, Span
from auditor.store import (
    RunTally,
    Selection,
    calls,
    clips,
    close_agents,
    close_run,
    close_teams,
    critical_calls,
    find_agent,
    find_team,
    findings_of,
    latest_edition,
    open_run,
    review,
    review_queue,
    reviewed_sums,
    save_audit,
    sums,
    sums_by,
    sums_over_time,
)
from auditor.store.adding import added, rule_order
from auditor.store.browsing import Wanted, browse, tallies
from auditor.store.day_sums import sums_of
from auditor.store.selection import agent_row, audits_of
from auditor.store.sum_tables import COUNTS, VALUE
from auditor.store.tables import Base, RuleRow

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Rule -> weight in these stores.
WEIGHTS = {"P1": 10.0, "V1": 20.0, "C6": 30.0, "C11a": 40.0}
ALL = Selection()


@pytest.fixture
def add(store, key_of, book, make_call):
    """Save a call whose findings are the given verdicts; returns nothing."""
    return lambda number, verdicts, **more: put(store, key_of, book, make_call, number, verdicts, **more)


def put(
    store, key_of, book, make_call, number, verdicts, *, confidence=0.9, at=(1.0, 2.0), voice=None, **record
):
    audit = make_call(number, **record)
    audit = replace(audit, evidence=replace(audit.evidence, line=record.get("line", "1860")))
    findings = tuple(
        Finding(
            rule=rule, clause=rule, title=f"title of {rule}", section=rule[0], verdict=verdict,
            reason_code="said", reason=f"because {rule}", weight=WEIGHTS[rule], critical=rule == "C11a",
            same_as=None, quote=f"quote of {rule} in {number}", at=(Span(*at),) if at else (), measured={},
            confidence=confidence,
        )
        for rule, verdict in verdicts.items()
    )  # fmt: skip
    if voice is not None:
        pace = Measurement("articulation_char_per_min", voice, "char/min", 1.0)
        audit = replace(
            audit,
            evidence=replace(
                audit.evidence,
                measurements={"agent": {pace.name: pace}, "customer": {}, "call": {}},
                recording=replace(audit.evidence.recording, sha256=(f"{number:064x}",)),
            ),
        )
    card = score(findings, evidence=audit.evidence, book=book)
    audit = replace(audit, findings=findings, scorecard=card)
    run = open_run(store, book=book, model=audit.evidence.model, command="batch")
    save_audit(store, audit, evidence_key=key_of(audit), book=book, run_id=run)
    close_run(store, run, state="complete", tally=RunTally(audited=1))
    return audit


GOOD = {"P1": "pass", "V1": "pass", "C6": "pass", "C11a": "pass"}
NO_GOODBYE = {**GOOD, "C6": "fail"}  # 70 of 100
SWORE = {**GOOD, "C11a": "fail"}  # 60 of 100, critical
UNSURE = {**GOOD, "C6": "needs_review"}  # 70 of 70; 70 to 100


def test_totals_add_points_and_never_average_percents(store, add):
    add(0, {"P1": "pass"})  # 100 % of 10 points
    add(1, {"C6": "fail"})  # 0 % of 30 points
    total = sums(store, edition=latest_edition(store), selection=ALL)
    assert (total.points, total.percent) == (Points(10.0, 40.0), 25.0)


def test_a_result_that_nobody_confirmed_is_on_neither_side_of_the_pass_share(store, add):
    for number, verdicts in enumerate([GOOD, NO_GOODBYE, SWORE, UNSURE]):
        add(number, verdicts)
    total = sums(store, edition=latest_edition(store), selection=ALL)
    assert (total.passed, total.failed, total.pending, total.critical) == (1, 1, 2, 1)
    assert (total.pass_share.hits, total.pass_share.of) == (1, 2)
    assert total.in_review == 1


def test_clauses_count_verdicts_and_what_they_cost(store, add):
    for number, verdicts in enumerate([GOOD, NO_GOODBYE, NO_GOODBYE, UNSURE]):
        add(number, verdicts)
    total = sums(store, edition=latest_edition(store), selection=ALL)
    assert [each.rule for each in total.clauses] == ["C6", "C11a", "P1", "V1"]
    goodbye = total.clause("C6")
    assert (goodbye.passed, goodbye.failed, goodbye.in_review, goodbye.cost) == (1, 2, 1, 60.0)
    assert total.sections == {"C": Points(190.0, 250.0), "P": Points(40.0, 40.0), "V": Points(80.0, 80.0)}


def test_every_agent_team_and_line_has_sums_of_its_own(store, add):
    add(0, GOOD, agent_id="8001", team="一组", line="1860")
    add(1, NO_GOODBYE, agent_id="8002", team="一组", line="1258")
    add(2, NO_GOODBYE, agent_id="8003", team="二组", line="1860")
    add(3, NO_GOODBYE, agent_id=None, team=None, line="1860")
    edition = latest_edition(store)
    by_agent = sums_by(store, "agent", edition=edition, selection=ALL)
    assert {agent: each.percent for agent, each in by_agent.items()} == {"8001": 100, "8002": 70, "8003": 70}
    assert set(sums_by(store, "agent", edition=edition, selection=Selection(team="一组"))) == {"8001", "8002"}
    by_team = sums_by(store, "team", edition=edition, selection=ALL)
    assert {team: each.calls for team, each in by_team.items()} == {"": 1, "一组": 2, "二组": 1}
    assert sums(store, edition=edition, selection=Selection(team="一组", line="1258")).calls == 1
    assert sums(store, edition=edition, selection=Selection(agent="8001")).percent == 100
    assert sums(store, edition=edition, selection=Selection(agent="9999")).calls == 0


def test_an_agent_of_a_shared_call_has_his_own_points_and_no_result(store, add):
    agents = (AgentSpell("8001", 0.0, 30.0), AgentSpell("8002", 30.0))
    add(0, NO_GOODBYE, agent_id=None, agents=agents, at=(40.0, 41.0))
    edition = latest_edition(store)
    first, second = (sums(store, edition=edition, selection=Selection(agent=a)) for a in ("8001", "8002"))
    assert (first.points, second.points) == (Points(0.0, 0.0), Points(70.0, 100.0))
    assert (second.calls, second.pass_share.of) == (1, 0)
    assert sums(store, edition=edition, selection=ALL).failed == 1


def test_calls_that_are_not_scored_are_counted_and_nothing_more(store, add):
    add(0, {"C6": "needs_review", "P1": "pass"})  # 10 of 40 points judged
    total = sums(store, edition=latest_edition(store), selection=ALL)
    assert (total.calls, total.scored, total.points.possible, total.clauses) == (1, 0, 0.0, ())


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "Asia/Kolkata", "America/New_York"])
def test_days_are_those_of_the_zone_that_is_asked_for(store, add, zone):
    zone = ZoneInfo(zone)
    starts = [datetime(2026, 11, 2, 23, 59, 59, tzinfo=zone), datetime(2026, 11, 3, tzinfo=zone)]
    for number, started_at in enumerate(starts):
        add(number, [GOOD, NO_GOODBYE][number], started_at=started_at)
    edition = latest_edition(store)
    cuts = [datetime(2026, 11, day, tzinfo=zone) for day in (1, 2, 3, 4)]
    by_day = sums_over_time(store, edition=edition, selection=ALL, cuts=cuts)
    assert [each.calls for each in by_day] == [0, 1, 1]
    assert [each.percent for each in by_day] == [None, 100.0, 70.0]
    assert sums(store, edition=edition, selection=Selection(cuts[1], cuts[2])).calls == 1


def test_calls_without_a_start_count_only_where_no_time_is_asked_for(store, add):
    add(0, GOOD, started_at=None)
    edition = latest_edition(store)
    assert sums(store, edition=edition, selection=ALL).calls == 1
    assert (
        sums(store, edition=edition, selection=Selection(until=datetime(2030, 1, 1, tzinfo=UTC))).calls == 0
    )
    assert (
        sums(store, edition=edition, selection=Selection(since=datetime(1960, 1, 1, tzinfo=UTC))).calls == 0
    )


def test_a_figure_is_the_median_over_calls(store, add):
    for number, pace in enumerate((200.0, 240.0, 300.0)):
        add(number, GOOD, voice=pace)
    total = sums(store, edition=latest_edition(store), selection=ALL)
    pace = total.figures["articulation_char_per_min"]
    assert (pace.calls, pace.low, pace.median, pace.high) == (3, 220.0, 240.0, 270.0)
    assert total.figures["percent"].median == 100.0


@given(values=st.lists(st.tuples(st.integers(-9999, 99999), st.integers(1, 4)), min_size=1, max_size=40))
def test_quartiles_are_those_of_all_values_one_by_one(values):
    packed = b"".join(VALUE.pack(2, value, count) for value, count in values)
    total = added([], clauses=(), values=[packed], rules={})
    every = np.repeat([value / 100 for value, _ in values], [count for _, count in values])
    spread = total.figures["level_dbov"]
    told = (spread.low, spread.median, spread.high)
    assert told == pytest.approx(np.percentile(every, (25, 50, 75)), abs=0.00051)
    assert spread.calls == sum(count for _, count in values)


def test_scores_fall_into_bands_of_five_percent(store, add):
    for number, verdicts in enumerate([GOOD, NO_GOODBYE, SWORE]):
        add(number, verdicts)
    bands = sums(store, edition=latest_edition(store), selection=ALL).bands
    assert {place: count for place, count in enumerate(bands) if count} == {12: 1, 14: 1, 19: 1}


def test_another_rulebook_is_never_added(store, add, book, other_book, key_of, make_call):
    add(0, GOOD)
    before = latest_edition(store)
    put(store, key_of, other_book, lambda n, **r: make_call(n, book=other_book, **r), 1, NO_GOODBYE)
    assert sums(store, edition=before, selection=ALL).calls == 1
    assert sums(store, edition=latest_edition(store), selection=ALL).percent == 70


def test_critical_calls_and_the_queue_put_the_gravest_first(store, add):
    add(0, UNSURE, confidence=0.9)
    add(1, GOOD)
    add(2, {**GOOD, "C11a": "needs_review"})
    add(3, SWORE)
    add(4, UNSURE, confidence=0.6)
    edition = latest_edition(store)
    assert [call.call_id for call in critical_calls(store, edition=edition, selection=ALL)] == ["3"]
    queue = review_queue(store, edition=edition, selection=ALL)
    assert [call.call_id for call in queue] == ["3", "2", "4", "0"]
    assert [call.call_id for call in review_queue(store, edition=edition, selection=ALL, limit=1)] == ["3"]
    found = findings_of(store, [call.audit_id for call in queue], verdicts=("fail", "needs_review"))
    assert [line.rule for call in queue for line in found[call.audit_id]] == ["C11a", "C11a", "C6", "C6"]
    assert found[queue[0].audit_id][0].agent == "8001"


def test_what_one_agent_did_is_on_no_other_agents_list(store, add):
    agents = (AgentSpell("8001", 0.0, 30.0), AgentSpell("8002", 30.0))
    add(0, {**SWORE, "C6": "needs_review"}, agent_id=None, agents=agents, at=(40.0, 41.0))
    edition = latest_edition(store)
    for question in (critical_calls, review_queue, calls):
        asked = {
            a: len(question(store, edition=edition, selection=Selection(agent=a))) for a in ("8001", "8002")
        }
        assert asked == ({"8001": 1, "8002": 1} if question is calls else {"8001": 0, "8002": 1})
    heard = clips(store, ["C11a"], edition=edition, selection=Selection(agent="8001"), verdict="fail")
    assert heard == {"C11a": ()}


def test_an_agents_list_holds_the_calls_that_he_took_over_in_their_place(store, add, noon):
    spells = (AgentSpell("8001", 0.0, 30.0), AgentSpell("8002", 30.0))
    for number in range(5):
        whose = {"agents": spells, "agent_id": None} if number in (1, 3) else {"agent_id": "8002"}
        start = None if number == 3 else noon + timedelta(hours=number)
        add(number, GOOD, started_at=start, **whose)
    edition = latest_edition(store)

    def page(agent, after, **more):
        chosen = Selection(agent=agent, **more)
        wanted = {"wanted": Wanted(), "visible": true(), "limit": 2}
        return browse(store, edition=edition, selection=chosen, after=after, **wanted)

    listed, after = [], None
    while True:
        lines, after = page("8002", after)
        listed += [line.call_id for line in lines]
        if after is None:
            break
    assert listed == ["4", "2", "1", "0", "3"]
    assert [line.call_id for line in page("8001", None)[0]] == ["1", "3"]
    assert [line.call_id for line in page("8001", None, since=noon)[0]] == ["1"]


def test_clips_are_the_surest_findings_with_their_words_and_places(store, add):
    for number, confidence in enumerate((0.7, 0.95, 0.8)):
        add(number, NO_GOODBYE, confidence=confidence)
    add(3, NO_GOODBYE, confidence=0.99, at=None)  # nowhere to listen
    edition = latest_edition(store)
    for selection in (ALL, Selection(agent="8001"), Selection(team="一组", line="1860")):
        heard = clips(store, ["C6"], edition=edition, selection=selection, verdict="fail", per_rule=2)["C6"]
        assert [clip.call_id for clip in heard] == ["1", "2"]
    assert (heard[0].quote, heard[0].at[0].start_s) == ("quote of C6 in 1", 1.0)


def test_calls_are_listed_the_latest_first(store, add):
    for number in range(3):
        add(number, GOOD)
    listed = calls(store, edition=latest_edition(store), selection=ALL, limit=2)
    assert [call.call_id for call in listed] == ["2", "1"]
    assert listed[0].points == Points(100.0, 100.0)


def test_near_names_are_found(store, add):
    add(0, GOOD, agent_id="80001", agent_name="王小明", team="投诉一组")
    assert find_agent(store, "80001").name == "王小明"
    assert find_agent(store, "8001") is None
    assert [agent.code for agent in close_agents(store, "8001")] == ["80001"]
    assert [agent.code for agent in close_agents(store, "王小")] == ["80001"]
    assert close_agents(store, "zz") == ()
    assert find_team(store, "投诉一组") and not find_team(store, "一组")
    assert close_teams(store, "投诉1组") == ("投诉一组",)


def test_rules_are_ordered_by_their_numbers():
    rules = ["C10a", "C2", "P3.2b", "C10", "P3.2a", "P1"]
    assert sorted(rules, key=rule_order) == ["C2", "C10", "C10a", "P1", "P3.2a", "P3.2b"]


CALL = st.tuples(
    st.fixed_dictionaries({rule: st.sampled_from(["pass", "fail", "needs_review"]) for rule in WEIGHTS}),
    st.sampled_from(["8001", "8002"]),
    st.integers(0, 71),
)


@given(drawn=st.lists(CALL, min_size=1, max_size=5), hours=st.tuples(st.integers(0, 72), st.integers(0, 72)))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_question_adds_up_to_the_calls(sqlite_store, make_call, key_of, book, drawn, hours):
    store = sqlite_store
    with store.writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
    begin = datetime(2026, 11, 1, 16, tzinfo=UTC)
    since, until = (begin + timedelta(hours=hour) for hour in sorted(hours))
    expected = Points(0.0, 0.0)
    for number, (verdicts, agent, hour) in enumerate(drawn):
        started_at = begin + timedelta(hours=hour)
        audit = put(store, key_of, book, make_call, number, verdicts, agent_id=agent, started_at=started_at)
        if since <= started_at < until and audit.scorecard.result != "not_scored":
            expected += audit.scorecard.points
    edition, within = latest_edition(store), Selection(since, until)
    total = sums(store, edition=edition, selection=within)
    assert total.points == expected == sum((c.points for c in total.clauses), Points(0.0, 0.0))
    by_agent = sums_by(store, "agent", edition=edition, selection=within).values()
    assert sum((each.points for each in by_agent), Points(0.0, 0.0)) == expected
    if since < until:
        cuts = [since, since + (until - since) / 3, until]
        by_time = sums_over_time(store, edition=edition, selection=ALL, cuts=cuts)
        assert sum((each.points for each in by_time), Points(0.0, 0.0)) == expected
    assert sum(total.bands) == total.scored


def test_people_and_machine_are_compared_over_the_same_calls(store, add):
    for number in range(2):
        add(number, NO_GOODBYE)
    edition = latest_edition(store)
    call = calls(store, edition=edition, selection=ALL)[0]
    review(
        store,
        call.audit_id,
        rule="C6",
        verdict="pass",
        reason="说了再见",
        actor="li",
        role="inspector",
        seen=0,
    )
    both = reviewed_sums(store, edition=edition, selection=ALL)
    assert (both.calls, both.machine, both.people) == (1, Points(70.0, 100.0), Points(100.0, 100.0))
    assert both == reviewed_sums(store, edition=edition, selection=Selection(agent="8001"))
    assert calls(store, edition=edition, selection=ALL)[0].reviewed_percent == 100.0


def test_a_confirmed_critical_item_leaves_the_queue(store, add):
    add(0, SWORE)
    edition = latest_edition(store)
    (call,) = critical_calls(store, edition=edition, selection=ALL)
    assert call.open_critical == 1
    review(store, call.audit_id, rule="C11a", verdict="fail", reason="", actor="li", role="inspector", seen=0)
    assert review_queue(store, edition=edition, selection=ALL) == ()
    (call,) = critical_calls(store, edition=edition, selection=ALL)
    assert call.open_critical == 0
    assert reviewed_sums(store, edition=edition, selection=ALL).confirmed == 1


@pytest.mark.parametrize(("verdict", "confirmed"), [("fail", 1), ("pass", 0)])
def test_a_critical_fail_waits_until_people_confirm_it_or_take_it_away(store, add, verdict, confirmed):
    add(0, SWORE)
    add(1, SWORE)
    edition = latest_edition(store)

    def both():
        total = sums(store, edition=edition, selection=ALL)
        reviewed = reviewed_sums(store, edition=edition, selection=ALL)
        return reviewed.confirmed, reviewed.waiting(total)

    assert both() == (0, 2)
    call = critical_calls(store, edition=edition, selection=ALL)[0]
    words = {"reason": "听过录音。", "actor": "li", "role": "inspector"}
    review(store, call.audit_id, rule="C6", verdict="pass", seen=0, **words)
    assert both() == (0, 2)  # of this call, but not of its critical item
    review(store, call.audit_id, rule="C11a", verdict=verdict, seen=0, **words)
    assert both() == (confirmed, 1)


DAYS = st.integers(0, 140)
MONTHS = st.tuples(
    st.fixed_dictionaries({rule: st.sampled_from(["pass", "fail", "needs_review"]) for rule in WEIGHTS}),
    st.sampled_from(["8001", "8002"]),
    st.sampled_from(["一组", "二组", None]),
    st.integers(0, 130),
)


@given(
    drawn=st.lists(MONTHS, min_size=2, max_size=6), days=st.tuples(st.integers(0, 140), st.integers(0, 140))
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_of_months_and_days_are_those_of_the_findings(empty_again, make_call, key_of, book, drawn, days):
    store = empty_again()
    begin = datetime(2026, 10, 20, tzinfo=SHANGHAI)
    since, until = (begin + timedelta(days=day) for day in sorted(days))
    for number, (verdicts, agent, team, day) in enumerate(drawn):
        put(
            store, key_of, book, make_call, number, verdicts, agent_id=agent, team=team,
            started_at=begin + timedelta(days=day, hours=9),
        )  # fmt: skip
    edition = latest_edition(store)
    for selection in (
        Selection(since, until),
        Selection(since, None),
        ALL,
        Selection(since, until, team="一组"),
        Selection(since, until, agent="8001"),
        Selection(since, until, agent="8002", team="二组", line="1860"),
    ):
        read = from_findings(store, edition, selection)
        assert sums(store, edition=edition, selection=selection) == read
        bare = replace(read, clauses=(), figures={}, bands=(0,) * len(read.bands))
        assert sums(store, edition=edition, selection=selection, clauses=False, figures=False) == bare
        told = {each.key: each for each in tallies_of(store, edition, selection)}
        if selection.agent is None:
            by_team = sums_by(store, "team", edition=edition, selection=selection)
            assert {team: each.calls for team, each in by_team.items() if team} == {
                team: each.calls for team, each in told.items()
            }
            assert {team: each.points for team, each in by_team.items() if team} == {
                team: each.points for team, each in told.items()
            }


def tallies_of(store, edition, selection):
    return tallies(store, "team", edition=edition, selection=selection, visible=true())


def from_findings(store, edition, selection):
    """The same by another way: every call's own sums, none of which were kept."""
    of_agents = selection.agent is not None
    with store.reading() as session:
        agent = agent_row(session, selection.agent) if of_agents else 0
        found = sums_of(session, audits_of(session, selection, edition=edition))
        mine = [each for key, each in found.items() if key.agent_id == agent]
        rules = {row.id: row for row in session.scalars(select(RuleRow))}
        return added(
            [[getattr(each, name) for name in COUNTS] for each in mine],
            clauses=[each.packed_clauses() for each in mine],
            values=[each.packed_values() for each in mine],
            rules=rules,
        )
