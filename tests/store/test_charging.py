"""In a transferred call each agent answers for his own part, and nobody for what cannot be placed."""

from dataclasses import replace

import pytest
from made_call import make_audit

from auditor.records import AgentSpell, CallRecord, Points, Span
from auditor.store.charging import charges, spell_of, spells_of

FIRST, SECOND = AgentSpell("8001", 0.0, 30.0), AgentSpell("8002", 30.0)


def finding(verdict="fail", at=(), weight=5.0):
    return replace(make_audit().findings[0], verdict=verdict, at=tuple(Span(*a) for a in at), weight=weight)


def test_a_call_of_one_agent_is_his_altogether():
    spells = spells_of(CallRecord(agent_id="8001"))
    assert spell_of(finding(), spells=spells) == 0
    assert charges([finding("pass"), finding()], spells=spells)[0].points == Points(5.0, 10.0)


def test_a_call_of_nobody_is_nobodys():
    assert spells_of(CallRecord()) == ()
    assert spell_of(finding(at=[(1, 2)]), spells=()) is None


@pytest.mark.parametrize(("at", "number"), [((1, 2), 0), ((29, 30), 0), ((30, 31), 1), ((99, 100), 1)])
def test_a_fault_is_that_agents_who_held_the_line(at, number):
    assert spell_of(finding(at=[at]), spells=(FIRST, SECOND)) == number


@pytest.mark.parametrize("at", [[], [(29, 31)], [(1, 2), (40, 41)]])
def test_what_has_no_place_or_spans_a_transfer_is_nobodys(at):
    assert spell_of(finding(at=at), spells=(FIRST, SECOND)) is None


def test_a_spell_without_an_end_ends_where_the_next_begins():
    open_end = (AgentSpell("8001", 0.0), AgentSpell("8002", 30.0))
    assert spell_of(finding(at=[(40, 41)]), spells=open_end) == 1


def test_the_second_agent_is_not_charged_for_the_first():
    parts = charges([finding(at=[(1, 2)]), finding("pass", at=[(40, 41)])], spells=(FIRST, SECOND))
    assert [part.points for part in parts] == [Points(0.0, 5.0), Points(5.0, 5.0)]


def test_two_spells_of_one_agent_are_one_agents_call():
    again = (AgentSpell("8001", 0.0, 10.0), AgentSpell("8001", 20.0))
    assert spell_of(finding(), spells=again) == 0
