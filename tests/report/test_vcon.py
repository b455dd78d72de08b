"""An audit as a vCon: as the draft says, one analysis a call, no sound and no customer's number."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from made_call import make_audit, make_mono

from auditor.records import AgentSpell, Roles
from auditor.report.audit_json import load_schema, to_json
from auditor.report.reviewed import NOT_REVIEWED
from auditor.report.vcon import to_vcon, vcons
from auditor.store.masking import mask_evidence

SCHEMA = json.loads((Path(__file__).parent / "vcon_core_03.schema.json").read_text("utf-8"))
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def call(**changes):
    """The made call with changes of its record."""
    audit = make_audit()
    record = replace(audit.evidence.call_record, **changes)
    return replace(audit, evidence=replace(audit.evidence, call_record=record))


def recorded(audit, **changes):
    recording = replace(audit.evidence.recording, **changes)
    return replace(audit, evidence=replace(audit.evidence, recording=recording))


def pair():
    return recorded(
        call(),
        paths=("/in/agent.wav", "/in/customer.wav"),
        sha256=("ab" * 32, "cd" * 32),
        layout="pair",
        channels=1,
    )


def mono():
    made = make_mono(make_audit())
    known = replace(made.evidence.call_record, started_at=NOW)
    return replace(made, evidence=replace(made.evidence, call_record=known))


CALLS = {
    "two legs": call(),
    "outbound": call(direction="outbound"),
    "nobody knows who": call(agent_id=None, agent_name=None, team=None, direction=None),
    "pair": pair(),
    "mono": mono(),
    "transferred": call(agents=(AgentSpell("8001", 0.0, 30.0), AgentSpell("8002", 30.0))),
    "three channels": recorded(call(), channels=3),
    "address": recorded(call(), paths=("https://recordings.example/a/1.mp3",)),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_kind_of_call_is_a_vcon_of_the_draft(name):
    data = json.loads(json.dumps(to_vcon(CALLS[name], created_at=NOW)))
    Draft202012Validator(SCHEMA).validate(data)
    every = range(len(data["parties"]))
    for dialog in data["dialog"]:
        spoken = dialog["parties"] if isinstance(dialog["parties"], list) else [dialog["parties"]]
        flat = [i for each in spoken for i in (each if isinstance(each, list) else [each]) if i is not None]
        assert set(flat) <= set(every)
        assert dialog.get("originator", 0) in every
    assert data["analysis"][0]["dialog"] == list(range(len(data["dialog"])))


# The library takes one party a channel: it knows neither several nor none, which the draft does.
@pytest.mark.parametrize("name", [name for name in CALLS if name not in ("transferred", "three channels")])
def test_the_vcon_library_accepts_it(name):
    vcon = pytest.importorskip("vcon", reason="the package vcon (Python 3.12 and newer) is not installed")
    if not hasattr(vcon.Vcon, "validate_extensions"):
        pytest.skip("this version of the package vcon is older than the draft")
    data = json.loads(json.dumps(to_vcon(CALLS[name], created_at=NOW)))
    built = vcon.Vcon.build_from_json(json.dumps(data))
    # Of media types it knows those that the draft names, which are only recommended.
    assert [error for error in built.is_valid()[1] if not error.endswith("audio/flac")] == []
    again = json.loads(built.to_json())
    assert {key: again[key] for key in ("uuid", "parties", "dialog", "analysis")} == {
        key: data[key] for key in ("uuid", "parties", "dialog", "analysis")
    }


def test_the_analysis_is_the_audit_and_the_only_one():
    (analysis,) = to_vcon(call(), created_at=NOW)["analysis"]
    assert analysis["body"] == to_json(call())
    Draft202012Validator(load_schema()).validate(analysis["body"])


def test_the_recording_is_named_by_its_hash_and_not_embedded():
    (dialog,) = to_vcon(call(), created_at=NOW)["dialog"]
    assert dialog["content_hash"] == "sha256-q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s"
    assert dialog["filename"] == "argue.flac"
    assert not {"body", "encoding", "url"} & dialog.keys()
    (remote,) = to_vcon(CALLS["address"], created_at=NOW)["dialog"]
    assert (remote["url"], remote["mediatype"]) == ("https://recordings.example/a/1.mp3", "audio/x-mp3")


def test_channels_say_who_is_on_them():
    def legs(audit):
        (dialog,) = to_vcon(audit, created_at=NOW)["dialog"]
        return dialog["parties"], dialog.get("originator")

    evidence = call().evidence
    right = replace(call(), evidence=replace(evidence, roles=Roles(1, 0.9, "record", "")))
    unknown = replace(call(), evidence=replace(evidence, roles=Roles(None, 0.0, "none", "")))
    assert legs(call()) == ([1, 0], 0)  # the agent's leg first; the customer called
    assert legs(right) == ([0, 1], None)
    assert legs(unknown) == ([[0, 1], [0, 1]], None)
    assert legs(CALLS["transferred"]) == ([[1, 2], 0], 0)
    assert legs(CALLS["three channels"]) == ([1, 0, None], 0)
    assert [dialog["parties"] for dialog in to_vcon(pair(), created_at=NOW)["dialog"]] == [[1], [0]]


def test_the_same_audit_is_the_same_vcon_and_another_call_another():
    one = to_vcon(call(), created_at=NOW)
    assert to_vcon(call(), created_at=NOW) == one
    assert to_vcon(replace(call(), call_id="other"), created_at=NOW)["uuid"] != one["uuid"]
    assert to_vcon(pair(), created_at=NOW)["uuid"] != one["uuid"]


def test_a_masked_call_names_no_customer_and_says_that_it_is_redacted():
    number = "13988886666"
    audit = recorded(call(customer_number=number), paths=(f"/in/{number}.wav",))
    assert to_vcon(audit, created_at=NOW)["parties"][0] == {"type": "person", "tel": number}
    masked = to_vcon(replace(audit, evidence=mask_evidence(audit.evidence)), created_at=NOW)
    assert masked["redacted"] == {"type": "numbers masked"}
    assert masked["parties"][0] == {"type": "person", "name": "anonymous"}
    assert masked["dialog"][0]["filename"] == "〈PHONE_1〉.wav"
    assert "8888" not in json.dumps(masked)
    Draft202012Validator(SCHEMA).validate(masked)


def test_a_call_without_a_start_is_left_out():
    undated = call(started_at=None)
    assert len(list(vcons([(undated, NOT_REVIEWED), (call(), NOT_REVIEWED)]))) == 1
    with pytest.raises(ValueError, match="when the call began"):
        to_vcon(undated, created_at=NOW)
