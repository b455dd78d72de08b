"""Mono calls end to end: who is the agent, turns with roles, and a card that says how sure it is."""

import json
from pathlib import Path

import pytest

from auditor import pipeline
from auditor.judge import open_rulebook
from auditor.records import CallRecord

SAMPLES = Path(__file__).resolve().parents[1] / "sample_calls"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine():
    from auditor.asr.whisper import load_engine

    return load_engine(None, threads=1)


def heard(stem, engine, **more):
    (path,) = (p for s in (".wav", ".flac", ".mp3") if (p := SAMPLES / f"{stem}{s}").is_file())
    call = pipeline.CallInput((path,), speaker_model="mfcc", **more)
    book = open_rulebook()
    evidence = pipeline.hear(pipeline.open_call(call), call=call, engine=engine, book=book)
    return pipeline.audit(evidence, book=book, engine=engine)


def sentences(stem):
    return json.loads((SAMPLES / f"{stem}.truth.json").read_text(encoding="utf-8"))["sentences"]


def right_share(audit, stem):
    """Share of the sentences whose middle lies in a turn of the right role."""
    right = []
    for role, start_s, end_s, _ in sentences(stem):
        middle = (start_s + end_s) / 2
        roles = {
            turn.role
            for turn in audit.evidence.turns
            for part in turn.parts
            if part.start_s <= middle < part.end_s
        }
        right.append(roles == {role})
    return sum(right) / len(right)


@pytest.mark.parametrize("how", [{"agent_channel": "mono"}, {"record": CallRecord(agent_channel="mono")}])
def test_a_stereo_call_that_is_said_to_be_mono_gets_roles_by_voice(engine, how):
    audit = heard("announced_hold", engine, **how)
    roles = audit.evidence.roles
    assert audit.evidence.recording.layout == "mono"
    assert (roles.source, roles.agent_channel) == ("voice", None)
    assert right_share(audit, "announced_hold") >= 0.95


def test_no_agent_of_a_mono_call_fails_what_the_two_legs_pass(engine):
    truth = json.loads((SAMPLES / "announced_hold.truth.json").read_text(encoding="utf-8"))["verdicts"]
    audit = heard("announced_hold", engine, agent_channel="mono")
    wrong = [f.rule for f in audit.findings if f.verdict == "fail" and truth[f.rule] != "fail"]
    assert not wrong


def test_a_mono_file_is_heard_by_voice_without_being_told(engine):
    audit = heard("mono_call", engine)
    roles = audit.evidence.roles
    if roles.known:
        assert right_share(audit, "mono_call") >= 0.9
    else:
        assert "does not tell two voices apart" in roles.reason
    assert not [f for f in audit.findings if f.verdict == "fail"]
