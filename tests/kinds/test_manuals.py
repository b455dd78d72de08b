"""Every kind's docstring is its manual, and every kind has the same shape."""

import inspect

import pytest
from pydantic import BaseModel

from auditor.kinds import KINDS

SECTIONS = ("Needs", "Passes", "Fails", "Silent when")


@pytest.mark.parametrize("kind", KINDS)
def test_a_manual_has_its_four_sections_in_order(kind):
    lines = KINDS[kind].__doc__.splitlines()
    places = [lines.index(section) for section in SECTIONS]
    assert places == sorted(places)


@pytest.mark.parametrize("kind", KINDS)
def test_a_manual_shows_a_dialogue_for_pass_and_for_fail(kind):
    manual = KINDS[kind].__doc__
    for first, last in (("Passes\n", "Fails\n"), ("Fails\n", "Silent when\n")):
        part = manual[manual.index(first) : manual.index(last)]
        assert "::" in part
        assert "客" in part.split("::", 1)[1]


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_parameters_are_errors(kind):
    params = KINDS[kind].Params
    assert issubclass(params, BaseModel)
    assert params.model_config["extra"] == "forbid"


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_are_called_alike(kind):
    assert list(inspect.signature(KINDS[kind].judge).parameters) == ["evidence", "params", "book"]
