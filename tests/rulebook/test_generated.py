"""What is generated is what its sources say; `python tests/write_generated.py` renews it."""

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

from auditor.judge import open_rulebook
from auditor.kinds import KINDS
from auditor.report.rulebook_text import markdown_table
from auditor.rulebook.cases import load_cases
from auditor.rulebook.editor_schema import SCHEMA_NAME, dumps, editor_schema
from auditor.rulebook.schema import Rule, Rulebook, Settings

RENEW = "run `python tests/write_generated.py`"
README = Path(__file__).parents[2] / "README.md"
FOLDER = files("auditor.rulebook")
SCHEMA = editor_schema({kind: module.Params for kind, module in KINDS.items()})
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def document(name):
    """A shipped file as an editor sees it: dates are strings there."""
    return json.loads(json.dumps(yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")), default=str))


def complaints(document):
    return [f"{list(e.absolute_path)} {e.message}" for e in VALIDATOR.iter_errors(document)]


def test_the_readme_shows_the_clauses_of_the_rulebook():
    text = README.read_text(encoding="utf-8")
    shown = text.split("<!-- clauses: begin -->\n")[1].split("<!-- clauses: end -->\n")[0]
    assert shown == markdown_table(open_rulebook(), cases=load_cases()), RENEW


def test_the_schema_that_ships_is_that_of_the_models():
    assert (FOLDER / SCHEMA_NAME).read_text(encoding="utf-8") == dumps(SCHEMA), RENEW


def test_the_schema_is_a_json_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ["china_mobile.yaml", "example_centre.yaml"])
def test_the_files_that_ship_satisfy_the_schema_and_name_it(name):
    assert complaints(document(name)) == []
    first = (FOLDER / name).read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={SCHEMA_NAME}"


def test_every_key_of_the_models_is_in_the_schema():
    assert set(SCHEMA["properties"]) == set(Rulebook.model_fields) - {"sha256"} | {"extends", "remove"}
    assert set(SCHEMA["$defs"]["Rule"]["properties"]) == set(Rule.model_fields)
    assert set(SCHEMA["$defs"]["Settings"]["properties"]) == set(Settings.model_fields)


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_of_a_kind_is_in_the_schema(kind):
    assert set(SCHEMA["$defs"][f"params_{kind}"]["properties"]) == set(KINDS[kind].Params.model_fields)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda raw: raw.update(pass_marc=80), "pass_marc"),
        (lambda raw: raw["rules"][0].update(wieght=3), "wieght"),
        (lambda raw: raw["rules"][0].update(kind="mind_reading"), "mind_reading"),
        (lambda raw: raw["rules"][0]["params"].update(chance=3), "chance"),
        (lambda raw: raw["rules"][0].pop("clause"), "clause"),
        (lambda raw: raw.pop("settings"), "settings"),
        (lambda raw: raw["phrases"].update(wei={"add": ["喂"]}), "wei"),
    ],
)
def test_an_editor_sees_what_is_wrong_with_a_whole_file(change, complaint):
    raw = document("china_mobile.yaml")
    change(raw)
    assert complaint in " ".join(complaints(raw))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda raw: raw.pop("version"), "version"),
        (lambda raw: raw["phrases"]["holds"].update(ad=[]), "holds"),
        (lambda raw: raw["rules"][0].pop("id"), "id"),
        (lambda raw: raw["on_line"]["1258"]["C12"].update(wight=2), "wight"),
    ],
)
def test_an_editor_sees_what_is_wrong_with_a_centres_file(change, complaint):
    raw = document("example_centre.yaml")
    change(raw)
    assert complaint in " ".join(complaints(raw))


def test_a_centres_rule_needs_only_its_id():
    raw = {"extends": "china_mobile", "version": "v", "rules": [{"id": "P3.1", "weight": 2}]}
    assert complaints(raw) == []
