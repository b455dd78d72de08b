"""What is stored holds no customer's number, and is judged as what was heard."""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from auditor import pipeline
from auditor.inputs.call_record import read_call_record
from auditor.inputs.transcript import read_transcript
from auditor.judge import judge, open_rulebook
from auditor.records import CallAudit, Evidence, Finding, SuspectSpan
from auditor.report.audit_json import to_json
from auditor.report.masked import with_tokens
from auditor.rulebook.case_file import RawCase
from auditor.rulebook.cases import build_evidence, load_cases
from auditor.store.masking import mask_evidence, secret_numbers
from auditor.store.packing import HeardBy, StoredEvidence, bare
from auditor.text.masked import has_masked
from auditor.text.masking import mask
from auditor.text.telephones import SERVICE, numbers_in

SAMPLE_CALLS = Path(__file__).resolve().parent.parent.parent / "sample_calls"
STEMS = [path.name.removesuffix(".truth.json") for path in sorted(SAMPLE_CALLS.glob("*.truth.json"))]
CHINESE = str.maketrans("零〇幺一二三四五六七八九", "001123456789")


@cache
def book():
    return open_rulebook()


def everything(evidence, findings):
    """All words that are stored, in Arabic digits; figures and checksums left out."""
    stored = TypeAdapter(tuple[Evidence, tuple[Finding, ...]]).dump_python((evidence, findings), mode="json")
    return "\n".join(words_of(stored)).translate(CHINESE)


def words_of(stored):
    if isinstance(stored, str):
        yield stored
    for key, value in stored.items() if isinstance(stored, dict) else ():
        yield from () if "sha256" in key else words_of(value)
    for value in stored if isinstance(stored, list) else ():
        yield from words_of(value)


def survivors(evidence, findings, secret):
    """Four digits in a row of a secret number that are still to be read, but for public lines (1861)."""
    text = re.sub(r"(?<=\d)[ -](?=\d)", "", everything(evidence, findings))
    runs = "\n".join(run for run in re.findall(r"\d+", text) if not SERVICE.fullmatch(run))
    bare = [re.sub(r"^(?:0086|86)(?=1\d{10}$)", "", number) for number in secret]
    return {n[i : i + 4] for n in bare for i in range(len(n) - 3) if n[i : i + 4] in runs}


def assert_judged_alike(evidence):
    masked = mask_evidence(evidence)
    if masked is evidence:
        return 0
    keys = secret_numbers(evidence)
    findings, card = judge(evidence, book=book())
    again, card_again = judge(masked, book=book())
    expected = tuple(
        replace(f, reason=mask(f.reason, keys), quote=f.quote and mask(f.quote, keys)) for f in findings
    )
    assert again == expected
    assert card_again == card
    assert survivors(masked, again, keys) == set()
    return 1


def test_every_case_is_judged_alike_masked():
    assert sum(assert_judged_alike(case.evidence) for case in load_cases()) >= 100


def test_a_record_that_comes_after_masking_is_masked_as_if_it_had_been_there():
    """Every case with a customer's number: heard and masked without its record, which comes later."""
    compared = 0
    for case in load_cases():
        record = case.evidence.call_record
        if not numbers_in(record.customer_number or ""):
            continue
        heard = bare(case.evidence)
        stored = StoredEvidence(mask_evidence(heard), HeardBy(None, {}, ""), masked=True)
        later = stored.of_call(record=record, paths=case.evidence.recording.paths)
        later = replace(later, line=case.evidence.line, line_confidence=case.evidence.line_confidence)
        findings, card = judge(case.evidence, book=book())
        again, card_again = judge(later, book=book())
        assert [(f.rule, f.verdict, f.reason_code, f.weight) for f in again] == [
            (f.rule, f.verdict, f.reason_code, f.weight) for f in findings
        ]
        assert card_again == card
        assert survivors(later, again, secret_numbers(case.evidence)) == set()
        compared += 1
    assert compared >= 30


def sample(stem):
    """A sample call as its transcript has it, without its sound."""
    turns = read_transcript(SAMPLE_CALLS / f"{stem}.transcript.json").turns
    said = {"agent": "客服", "customer": "客户", "system": "系统", "unknown": "不明"}
    case = RawCase.model_validate(
        {
            "name": stem,
            "expect": "pass",
            "turns": [
                {said[turn.role]: turn.text, "at": [turn.start_s, turn.end_s]} for turn in turns if turn.text
            ],
        }
    )
    record = read_call_record(SAMPLE_CALLS / f"{stem}.record.json")
    return replace(build_evidence(case), call_record=record)


def test_every_sample_call_is_judged_alike_masked():
    assert sum(assert_judged_alike(sample(stem)) for stem in STEMS) >= 3


def heard(stem, *, human, engine):
    paths = sorted(p for p in SAMPLE_CALLS.glob(f"{stem}.*") if p.suffix in (".wav", ".flac", ".mp3"))
    call = pipeline.CallInput(
        paths=tuple(paths),
        record=read_call_record(SAMPLE_CALLS / f"{stem}.record.json"),
        transcript=read_transcript(SAMPLE_CALLS / f"{stem}.transcript.json") if human else None,
    )
    return pipeline.hear(pipeline.open_call(call), call=call, engine=engine, book=book())


@pytest.mark.slow
@pytest.mark.parametrize("stem", STEMS)
def test_every_sample_recording_is_judged_alike_masked(stem):
    assert_judged_alike(heard(stem, human=True, engine=None))


@pytest.mark.slow
@pytest.mark.parametrize("stem", ["message_taken", "messages_fetched", "business_handled", "not_open"])
def test_what_the_shipped_checkpoint_heard_is_judged_alike_masked(stem):
    from auditor.asr.whisper import load_engine

    assert assert_judged_alike(heard(stem, human=False, engine=load_engine(None, threads=1)))


def call(*turns, **facts):
    said = [dict([turn]) for turn in turns]
    raw = {"name": "test", "expect": "pass", "turns": said, "call": facts}
    return build_evidence(RawCase.model_validate(raw))


def dictated():
    evidence = call(
        ("客服", "您好,中国移动,请问您的号码?"),
        ("客户", "幺三九,八八八八,六六六六,密码是零零七七。"),
        ("客服", "是13988886666,对吗?余额150元。"),
        record={"customer_number": "13988886666", "agent_id": "8001", "call_id": "8001_13988886666"},
    )
    return replace(evidence, recording=replace(evidence.recording, paths=("in/13988886666.wav",)))


def test_no_secret_digits_are_left_anywhere():
    masked = mask_evidence(dictated())
    findings, _ = judge(masked, book=book())
    text = everything(masked, findings)
    assert "8888" not in text
    assert "6666" not in text
    assert "0077" not in text
    assert "150元" in text
    assert "8001_" in text


def test_the_record_keeps_the_network_and_is_the_same_number_as_in_the_words():
    masked = with_tokens(pipeline.audit(mask_evidence(dictated()), book=book())).evidence
    assert masked.call_record.customer_number == "139〈PHONE_1:4-11〉"
    assert masked.call_record.call_id == "8001_〈PHONE_1〉"
    assert masked.recording.paths == ("in/〈PHONE_1〉.wav",)
    assert masked.turns[2].text == "是〈PHONE_1〉,对吗?余额150元。"
    assert "密码是〈CODE_1〉。" in masked.turns[1].text


def test_all_places_stay():
    evidence = dictated()
    masked = mask_evidence(evidence)
    for turn, other in zip(evidence.turns, masked.turns, strict=True):
        assert replace(other, text=turn.text) == turn
        assert len(other.text) == len(turn.text)


def test_masking_masked_evidence_changes_nothing():
    masked = mask_evidence(dictated())
    assert mask_evidence(masked) is masked or mask_evidence(masked) == masked


def test_a_call_without_secret_numbers_is_left_as_it_is():
    evidence = call(("客服", "您好,中国移动,工号8001。"), ("客户", "查2026年的话费,15000元。"))
    assert mask_evidence(evidence) is evidence


def test_masked_evidence_is_stored_without_loss():
    adapter = TypeAdapter(Evidence)
    masked = mask_evidence(dictated())
    assert adapter.validate_json(adapter.dump_json(masked)) == masked
    assert adapter.validate_json(json.dumps(adapter.dump_python(masked, mode="json"))) == masked


def test_people_read_tokens_and_the_places_follow():
    evidence = dictated()
    first = evidence.turns[2]
    end = first.text.index("150")
    suspect = replace(first, suspect_spans=(SuspectSpan(end, end + 3, "low_confidence"),))
    evidence = replace(evidence, turns=(*evidence.turns[:2], suspect))
    data = to_json(pipeline.audit(mask_evidence(evidence), book=book()))
    assert not has_masked(json.dumps(data, ensure_ascii=False))
    turn = data["turns"][2]
    start, stop = turn["suspect_spans"][0]
    assert turn["text"][start:stop] == "150"
    assert any("〈PHONE_1〉" in finding["reason"] for finding in data["findings"])


def test_an_unmasked_audit_is_shown_as_it_is():
    audit = pipeline.audit(dictated(), book=book())
    assert isinstance(audit, CallAudit)
    assert with_tokens(audit) is audit


@pytest.mark.parametrize(
    "number", ["13988886666", "13088886666", "+8613988886666", "0931-8765432", "86123456789"]
)
def test_the_network_is_known_from_a_masked_number(number):
    from auditor.kinds.callers import network_of

    evidence = call(("客服", "您好。"), ("客户", "您好。"), record={"customer_number": number})
    masked = mask_evidence(evidence).call_record.customer_number
    assert masked != number
    assert network_of(masked, book=book()) == network_of(number, book=book())


def test_a_number_that_is_the_callers_own_need_not_be_read_back_masked_or_not():
    turns = (("客服", "您好,中国移动,请讲。"), ("客户", "我的号码是13988886666。"), ("客服", "您请讲。"))
    evidence = call(*turns, record={"customer_number": "13988886666"})
    for each in (evidence, mask_evidence(evidence)):
        finding = next(f for f in judge(each, book=book())[0] if f.rule == "P3.4")
        assert finding.verdict == "not_applicable"
