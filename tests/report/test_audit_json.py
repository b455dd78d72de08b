from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from auditor.records import CallAudit, Measurement, Span
from auditor.report.audit_json import dumps, load_schema, to_json
from auditor.report.reviewed import Reviewed


def errors(document: object) -> list[str]:
    validator = Draft202012Validator(load_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(document)]


def test_the_schema_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(load_schema())


def test_both_layouts_hold_to_the_schema(audit: CallAudit, mono: CallAudit) -> None:
    assert errors(json.loads(dumps(audit))) == []
    assert errors(json.loads(dumps(mono))) == []


def test_the_reviewed_score_stands_beside_the_machines(audit: CallAudit) -> None:
    document: Any = json.loads(dumps(audit, reviewed=Reviewed(84.4, "pass")))
    assert errors(document) == []
    assert document["score"]["reviewed"] == {"percent": 84.4, "result": "pass"}
    assert document["score"]["percent"] == 69.0
    untouched: Any = to_json(audit)
    assert untouched["score"]["reviewed"] is None


def test_the_schema_refuses_keys_that_the_contract_does_not_name(audit: CallAudit) -> None:
    def objects(schema: Any) -> Any:
        if isinstance(schema, dict):
            if schema.get("type") == "object" and "properties" in schema:
                yield schema
            for value in schema.values():
                yield from objects(value)

    closed = list(objects(load_schema()))
    assert len(closed) > 10
    assert all(schema["additionalProperties"] is False for schema in closed)
    assert errors({**to_json(audit), "extra": 1})


def test_keys_stand_in_the_order_of_the_contract(audit: CallAudit) -> None:
    document: dict[str, Any] = to_json(audit)
    assert list(document) == [
        "format",
        "evidence_version",
        "call",
        "provenance",
        "score",
        "findings",
        "measurements",
        "turns",
        "events",
        "probes",
        "tracks",
        "not_audible",
    ]
    assert list(document["findings"][0]) == [
        "rule",
        "clause",
        "title",
        "verdict",
        "reason_code",
        "reason",
        "weight",
        "critical",
        "same_as",
        "quote",
        "at",
        "measured",
        "confidence",
    ]
    assert list(document["score"]["sections"]) == ["P", "V", "C"]


def test_order_of_open_mappings_does_not_depend_on_how_they_were_filled(audit: CallAudit) -> None:
    evidence = audit.evidence
    turned = {party: dict(reversed(list(named.items()))) for party, named in evidence.measurements.items()}
    assert dumps(replace(audit, evidence=replace(evidence, measurements=turned))) == dumps(audit)


def test_times_have_three_decimals_and_figures_four_digits(audit: CallAudit) -> None:
    spot = audit.findings[2]
    odd = replace(spot, at=(Span(1.23456, 2.00049),), measured={"gap_s": 12.34567, "margin_nats": -14.23456})
    finding: Any = to_json(replace(audit, findings=(odd,)))["findings"]
    assert finding[0]["at"] == [[1.235, 2.0]]
    assert finding[0]["measured"] == {"gap_s": 12.346, "margin_nats": -14.23}


def test_the_last_bits_of_a_float_do_not_change_the_text(audit: CallAudit) -> None:
    moved = tuple(replace(t, confidence=(t.confidence or 0) + 1e-12) for t in audit.evidence.turns)
    assert dumps(replace(audit, evidence=replace(audit.evidence, turns=moved))) == dumps(audit)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_a_number_becomes_null_with_a_reason(audit: CallAudit, bad: float) -> None:
    named = {"snr_db": Measurement("snr_db", bad, "dB", error=bad)}
    evidence = replace(audit.evidence, measurements={"agent": named})
    findings = (replace(audit.findings[0], measured={"snr_db": bad}),)
    document: Any = json.loads(dumps(replace(audit, evidence=evidence, findings=findings)))
    assert document["measurements"]["agent"]["snr_db"]["value"] is None
    assert document["measurements"]["agent"]["snr_db"]["reason"] == "not_finite"
    assert document["findings"][0]["measured"] == {}
    assert errors(document) == []


def test_a_pair_of_files_names_both(audit: CallAudit) -> None:
    recording = replace(audit.evidence.recording, paths=("a.wav", "c.wav"), sha256=("1", "2"), layout="pair")
    document: Any = to_json(replace(audit, evidence=replace(audit.evidence, recording=recording)))
    assert document["call"]["path"] == ["a.wav", "c.wav"]
    assert document["call"]["sha256"] == ["1", "2"]
    assert errors(document) == []


def test_every_rule_has_its_row(audit: CallAudit) -> None:
    rows: Any = to_json(audit)["findings"]
    assert [row["rule"] for row in rows] == [f.rule for f in audit.findings]


def test_idle_stretches_are_no_events_of_the_contract(audit: CallAudit) -> None:
    events: Any = to_json(audit)["events"]
    assert {event["kind"] for event in events} == {"ringback", "silence", "overlap", "busy"}


def test_an_unscored_call_has_null_percents_and_nothing_reviewed(mono: CallAudit) -> None:
    score: Any = to_json(mono)["score"]
    assert (score["percent"], score["best_percent"], score["reviewed"]) == (None, None, None)
    assert to_json(mono)["provenance"]["model"] is None  # type: ignore[index]
