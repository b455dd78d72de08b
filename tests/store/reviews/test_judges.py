"""An appeal is judged by somebody else than whoever reviewed the finding, unless there is nobody else."""

import pytest

from auditor.errors import DecisionError
from auditor.store import add_account
from auditor.store.accounts import disable_account
from auditor.store.judges import JUDGES
from auditor.web import access

BOSS = {"actor": "li", "role": "supervisor"}


@pytest.fixture
def people(store):
    """Make accounts: name, role and teams."""

    def people(*wanted):
        for name, role, *teams in wanted:
            add_account(store, name=name, role=role, password=None, teams=teams)

    return people


@pytest.fixture
def appealed(decide, object_to):
    """A fail of V3 that li confirmed, appealed by the agent."""
    decide("V3", "fail", **BOSS)
    return object_to("V3", seen=1)


def test_whoever_reviewed_it_does_not_judge_it_while_somebody_else_can(people, appealed, settle, look):
    people(("li", "supervisor", "一组"), ("root", "admin"))
    with pytest.raises(DecisionError) as refused:
        settle(appealed, "fail", seen=2, **BOSS)
    assert refused.value.code == "own_review"
    assert look("V3").state == "appealed"
    settle(appealed, "pass", seen=2, actor="root", role="admin")
    assert (look("V3").state, look("V3").verdict) == ("closed", "pass")


@pytest.mark.parametrize(
    "others",
    [
        [],
        [("zhou", "inspector")],
        [("ming", "supervisor", "二组")],
    ],
    ids=["nobody", "an inspector", "another team's supervisor"],
)
def test_where_nobody_else_can_the_reviewer_judges(people, appealed, settle, look, others):
    people(("li", "supervisor", "一组"), *others)
    settle(appealed, "fail", seen=2, **BOSS)
    steps = look("V3").steps
    assert [step.actor for step in steps if step.action in ("review", "judge")] == ["li", "li"]


def test_an_account_that_is_closed_cannot_judge_instead(store, people, appealed, settle, look):
    people(("li", "supervisor", "一组"), ("root", "admin"))
    disable_account(store, "root")
    settle(appealed, "fail", seen=2, **BOSS)
    assert look("V3").state == "closed"


def test_a_second_supervisor_of_the_team_is_somebody_else(people, appealed, settle):
    people(("li", "supervisor", "一组"), ("chen", "supervisor", "一组"))
    with pytest.raises(DecisionError):
        settle(appealed, "fail", seen=2, **BOSS)
    settle(appealed, "fail", seen=2, actor="chen")


def test_an_earlier_reviewer_is_no_other_judge(people, decide, object_to, settle):
    people(("li", "supervisor", "一组"), ("chen", "supervisor", "一组"))
    decide("V3", "pass", **BOSS)
    decide("V3", "fail", seen=1, actor="chen", role="supervisor")
    number = object_to("V3", seen=2)
    settle(number, "fail", seen=3, **BOSS)  # both reviewed it, and there is nobody else


def test_the_roles_that_judge_are_those_that_the_site_lets(store):
    assert {role for role, acts in access._ACTS.items() if "judge" in acts} == set(JUDGES)
