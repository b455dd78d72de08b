"""Dictated numbers, and requests, beyond the cases: neither rule ever fails."""

import pytest


def dictated(text, answer, **facts):
    return [{"客服": "您好,中国移动,请讲。"}, {"客户": text, **facts}, {"客服": answer}]


@pytest.mark.parametrize("answer", ["尾号六六六六,对吗?", "是1398888开头的吗?", "好的,我正在记录。"])
def test_a_part_is_enough(call, finding, answer):
    assert finding("P3.4", call(dictated("我的号码是13988886666。", answer))).verdict == "pass"


def test_other_digits_are_no_read_back(call, finding):
    found = finding("P3.4", call(dictated("我的号码是13988886666。", "尾号7777,对吗?")))
    assert found.verdict == "needs_review"


def test_a_number_that_was_not_heard_well_calls_for_nothing(call, finding):
    turns = dictated("我的号码是13988886666", "您请讲", conf=0.3)
    assert finding("P3.4", call(turns, source="asr")).verdict == "not_applicable"


def test_a_request_that_nobody_can_assign_is_not_judged(call, finding):
    evidence = call([{"不明": "我要改套餐"}], source="asr", layout="mono", agent_channel=None)
    assert finding("C5", evidence).verdict == "not_applicable"


def test_a_file_that_ends_mid_speech_ignores_no_request(call, finding):
    turns = [{"客服": "您好,中国移动,请讲。"}, {"客户": "我要改套餐。"}]
    evidence = call(turns, duration=20, warnings=["ends_mid_speech"])
    assert finding("C5", evidence).verdict == "not_applicable"
