"""Keys: equal for equal things, different as soon as anything that matters differs."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.records import CallRecord, RecorderProfile, Transcript, TranscriptTurn
from auditor.store import call_identity, call_record_sha256, channel_map, evidence_key, scorecard_key
from auditor.store.columns import AnyText, escaped

TEXT = st.text(max_size=20)
SHA = st.binary(min_size=32, max_size=32).map(bytes.hex)
HUMAN = Transcript("human", (TranscriptTurn("agent", 0.0, 1.0, "您好"),))
PARTS = {
    "audio_sha256": ("a" * 64,),
    "channels": channel_map(CallRecord()),
    "model_sha256": "c" * 64,
    "options": {"beam": "1"},
    "recorder": RecorderProfile(),
    "measuring_sha256": "d" * 64,
}
CHANGES = [
    {"audio_sha256": ("b" * 64,)},
    {"audio_sha256": ("a" * 64, "a" * 64)},
    {"channels": channel_map(CallRecord(), flag="left")},
    {"channels": channel_map(CallRecord(agent_channel="left"))},
    {"channels": channel_map(CallRecord(direction="outbound"))},
    {"transcript": HUMAN},
    {"transcript": replace(HUMAN, source="imported_asr")},
    {"model_sha256": None},
    {"options": {"beam": "2"}},
    {"recorder": RecorderProfile(agent_channel="left")},
    {"measuring_sha256": "e" * 64},
    {"evidence_version": 999},
]


def test_every_part_of_the_evidence_key_changes_it():
    keys = [evidence_key(**PARTS), *(evidence_key(**{**PARTS, **change}) for change in CHANGES)]
    assert len(set(keys)) == len(keys)


def test_what_a_call_record_says_of_people_is_not_in_the_evidence_key():
    named = channel_map(CallRecord(agent_id="8001", team="一组", line="10085", customer_number="138"))
    assert evidence_key(**{**PARTS, "channels": named}) == evidence_key(**PARTS)


def test_the_order_of_options_does_not_count():
    one, other = {"a": "1", "b": "2"}, {"b": "2", "a": "1"}
    assert evidence_key(**{**PARTS, "options": one}) == evidence_key(**{**PARTS, "options": other})


def test_the_flag_auto_is_no_flag():
    assert channel_map(CallRecord(), flag="auto") == channel_map(CallRecord())


@given(call_id=TEXT, path=TEXT, sha=SHA)
def test_a_call_with_an_id_is_that_call_wherever_its_file_lies(call_id, path, sha):
    here = call_identity(call_id=call_id, paths=[path], sha256=[sha])
    assert here == call_identity(call_id=call_id, paths=["elsewhere"], sha256=["f" * 64])


@given(one=st.lists(TEXT, min_size=1, max_size=2), other=st.lists(TEXT, min_size=1, max_size=2), sha=SHA)
def test_without_an_id_other_paths_are_other_calls(one, other, sha):
    same = call_identity(call_id=None, paths=one, sha256=[sha]) == call_identity(
        call_id=None, paths=other, sha256=[sha]
    )
    assert same == (one == other)


@given(path=TEXT, one=SHA, other=SHA)
def test_without_an_id_a_replaced_file_is_another_call(path, one, other):
    same = call_identity(call_id=None, paths=[path], sha256=[one]) == call_identity(
        call_id=None, paths=[path], sha256=[other]
    )
    assert same == (one == other)


@given(agent=st.one_of(st.none(), TEXT), other=st.one_of(st.none(), TEXT))
def test_a_corrected_agent_is_another_scorecard(agent, other):
    keys = [
        scorecard_key(
            identity="1" * 64,
            evidence="2" * 64,
            record_sha256=call_record_sha256(CallRecord(agent_id=agent_id)),
            rulebook_sha256="3" * 64,
        )
        for agent_id in (agent, other)
    ]
    assert (keys[0] == keys[1]) == (agent == other)


def test_the_hash_of_a_call_record_is_no_way_to_the_customers_number():
    hashes = {call_record_sha256(CallRecord(customer_number=f"139{n:08d}")) for n in range(0, 10**8, 9973)}
    assert 3000 < len(hashes) <= 4096  # of 10,027 numbers


@pytest.mark.parametrize(
    "number", ["+8613988886666", "13988886667", "13888886666", "139****6666", "0931-8765432"]
)
def test_another_customers_number_is_another_call_record(number):
    one, other = CallRecord(customer_number="13988886666"), CallRecord(customer_number=number)
    assert call_record_sha256(one) != call_record_sha256(other)


def test_another_rulebook_evidence_or_call_is_another_scorecard():
    parts = {
        "identity": "1" * 64,
        "evidence": "2" * 64,
        "record_sha256": "5" * 64,
        "rulebook_sha256": "3" * 64,
    }
    changed = [{**parts, name: "4" * 64} for name in parts]
    assert len({scorecard_key(**each) for each in (parts, *changed)}) == 5


@given(st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape"))))
def test_any_text_and_any_file_name_comes_back_and_every_database_takes_it(text):
    try:
        kept = escaped(text)
    except UnicodeEncodeError:  # half a UTF-16 pair is no text and no file name
        assert any(0xD800 <= ord(c) <= 0xDFFF and not 0xDC80 <= ord(c) <= 0xDCFF for c in text)
        return
    assert "\x00" not in kept
    assert kept.encode("utf-8").decode("utf-8") == kept
    assert AnyText().process_result_value(kept, None) == text
