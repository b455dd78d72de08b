"""One channel, two voices: a verdict stands only if every reading of the voices gives it."""

from dataclasses import replace

from auditor.judge import judge, open_rulebook
from auditor.judge.readings import other_readings
from auditor.records import Evidence
from auditor.rulebook.case_file import RawCase
from auditor.rulebook.cases import build_evidence

BOOK = open_rulebook()
TALK = (
    {"客服": "您好,中国移动,请问您有什么需要我帮助吗?"},
    {"客户": "我想查一下话费。"},
    {"客服": "好的,请您稍等,马上为您查询。您的余额是五十元。"},
    {"客户": "谢谢你。"},
    {"客服": "不客气,这是我们应该做的,请问您还有其他问题吗?"},
    {"客户": "没有了。"},
    {"客服": "谢谢您的来电,再见。"},
    {"客户": "再见。"},
)


def evidence(turns=TALK, *, confidence=0.99) -> Evidence:
    call = {"layout": "mono", "source": "asr", "agent_voice": 0, "role_confidence": confidence}
    return build_evidence(
        RawCase.model_validate({"name": "made", "expect": "pass", "call": call, "turns": turns})
    )


def verdicts(of: Evidence) -> dict[str, tuple[str, str]]:
    return {f.rule: (f.verdict, f.reason_code) for f in judge(of, book=BOOK)[0]}


def test_voices_that_are_certain_are_judged():
    found = verdicts(evidence())
    assert found["P3.2a"][0] == "pass"
    assert found["C6"][0] == "pass"


def test_a_pass_carries_the_confidence_in_the_voices():
    sure, unsure = (judge(evidence(confidence=c), book=BOOK)[0] for c in (1.0, 0.96))
    for a, b in zip(sure, unsure, strict=True):
        if a.verdict == b.verdict == "pass" and a.rule == "P3.2a":
            assert b.confidence < a.confidence


def test_below_the_certainty_that_the_rulebook_asks_a_pass_that_rests_on_the_voices_is_for_a_human():
    found = verdicts(evidence(confidence=BOOK.settings.voice_confidence - 0.01))
    assert found["P3.2a"] == ("needs_review", "voices_uncertain")


def test_below_it_what_holds_whoever_is_the_agent_still_passes():
    found = verdicts(evidence(confidence=BOOK.settings.voice_confidence - 0.01))
    assert found["C11a"] == verdicts(evidence())["C11a"]


def test_below_it_nobody_fails():
    rude = ({"客服": "哪位?"}, {"客户": "我要查话费。"}, {"客服": "五十块。"}, {"客户": "哦。"})
    low = verdicts(evidence(rude, confidence=BOOK.settings.voice_confidence - 0.01))
    assert "fail" not in {v for v, _ in low.values()} - {None}


def test_speech_that_may_be_the_greeting_lets_nobody_fail_for_want_of_one():
    without = ({"不明": "您好,中国移动,请问您有什么需要我帮助吗?"}, *TALK[1:])
    found = verdicts(evidence(without))
    assert found["P3.2a"][0] == "needs_review"


def test_there_are_no_other_readings_of_separate_legs():
    legs = replace(evidence(), roles=replace(evidence().roles, agent_voice=None, agent_channel=0))
    assert not list(other_readings(legs, book=BOOK))
