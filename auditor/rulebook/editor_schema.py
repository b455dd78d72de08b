"""The JSON Schema of a rulebook file, for editors: completion, and a red line under a typo.

Generated from the pydantic models, so that it cannot say anything else; ``rulebook.schema.json`` is
what it gives for the kinds that ship (`tests/write_generated.py` writes it). What no JSON Schema can
say (phrases against the grammar, names of sets, circles) is left to ``auditor rules check``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from auditor.rulebook.schema import Rulebook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

SCHEMA_NAME = "rulebook.schema.json"
_REF = "#/$defs/{model}"
# Models of which a difference may say any part.
_PARTIAL = ("Rule", "ProbeSpec", "Script", "Settings", "NotScored")


def editor_schema(params: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """The schema of a file.

    Args:
        params: each kind with the model of its parameters.
    """
    schema = Rulebook.model_json_schema(ref_template=_REF)
    defs: dict[str, Any] = schema.pop("$defs")
    top: dict[str, Any] = schema["properties"]
    del top["sha256"]
    for kind, model in params.items():
        defs.update(_params(kind, model))
    defs["Rule"]["properties"]["kind"] = {"enum": [*params, None]}
    defs["Rule"]["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"properties": {"params": {"$ref": f"#/$defs/params_{kind}"}}},
        }
        for kind in params
    ]
    # A difference may name any part of these; only a whole file must have all of it.
    needed = {model: defs[model].pop("required") for model in _PARTIAL}
    needed["Rulebook"] = schema.pop("required")
    phrases = top["phrases"]["additionalProperties"]
    top["phrases"]["additionalProperties"] = {"anyOf": [phrases, {"$ref": "#/$defs/PhraseEdits"}]}
    defs["PhraseEdits"] = _edits(phrases)
    edits = defs["LexiconEdits"]["properties"]["add"]
    edits["items"] = {"anyOf": [{"type": "string"}, edits["items"]]}
    top["extends"] = {"type": "string", "description": "china_mobile, or the path of a file from here on"}
    top["remove"] = {"type": "array", "items": {"type": "string"}, "description": "ids of rules that go"}
    whole = {
        "required": needed["Rulebook"],
        "properties": {
            "remove": False,
            "phrases": {"additionalProperties": phrases},
            "settings": {"required": needed["Settings"]},
            "not_scored": {"required": needed["NotScored"]},
            "probes": {"items": {"required": needed["ProbeSpec"]}},
            "scripts": {"items": {"required": needed["Script"]}},
            "rules": {"minItems": 1, "items": {"required": needed["Rule"]}},
        },
    }
    difference = {
        "required": ["version"],
        "properties": {
            "probes": {"items": {"required": ["name"]}},
            "scripts": {"items": {"required": ["name"]}},
            "rules": {"items": {"required": ["id"]}},
        },
    }
    del top["rules"]["minItems"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "if": {"required": ["extends"]},
        "then": difference,
        "else": whole,
        "$defs": dict(sorted(defs.items())),
    }


def dumps(schema: dict[str, Any]) -> str:
    """The schema as the file has it."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _params(kind: str, model: type[BaseModel]) -> dict[str, Any]:
    """The definitions of one kind's parameters, none required: a difference names only some of them."""
    name = f"params_{kind}"
    found = model.model_json_schema(ref_template=f"#/$defs/{name}.{{model}}")
    inner = {f"{name}.{key}": value for key, value in found.pop("$defs", {}).items()}
    found.pop("required", None)
    return {name: {**found, "title": kind}, **inner}


def _edits(phrases: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "phrases added to, or taken from, the set of the file that is extended",
        "properties": {"add": phrases, "remove": phrases},
        "additionalProperties": False,
        "minProperties": 1,
    }
