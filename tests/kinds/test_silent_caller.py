"""A caller who does not speak, beyond the cases."""

import pytest

OPENING = {"客服": "您好,中国移动,请讲。", "at": [1, 3]}
ASK = {"客服": "您好!这里是移动客户服务中心,您在听吗?", "at": [9, 12]}
LEAVE = {"客服": "我这里听不到您的声音,请您再拨一次好吗?谢谢!请您挂机。", "at": [18, 23]}


@pytest.mark.parametrize(
    "words", ["您在听吗?", "喂,您还在吗?", "您好,听得到吗?", "请问您能听见吗?", "有人吗?"]
)
def test_any_question_whether_he_is_there_will_do(call, outcome, words):
    turns = [OPENING, {**ASK, "客服": words}]
    found = outcome("G5", call(turns, duration=30, record={"release_party": "customer"}))
    assert found.verdict == "pass"


@pytest.mark.parametrize(
    ("party", "verdict"), [("agent", "fail"), ("customer", "pass"), (None, "needs_review")]
)
def test_the_second_sentence_is_due_where_the_agent_ends_the_call(call, outcome, party, verdict):
    evidence = call([OPENING, ASK], duration=30, record={"release_party": party})
    assert outcome("G5", evidence).verdict == verdict
    told = call([OPENING, ASK, LEAVE], duration=30, record={"release_party": party})
    assert outcome("G5", told).verdict == "pass"


def test_how_long_silence_is_stands_in_the_rulebook(call, outcome):
    turns = [OPENING, {"客户": "查话费。", "at": [9, 10]}, {"客服": "五十元,再见。", "at": [11, 13]}]
    assert outcome("G5", call(turns)).verdict == "not_applicable"
    assert outcome("G5", call(turns), silent_s=5).verdict == "fail"


def test_a_caller_who_spoke_first_is_not_silent(call, outcome):
    turns = [{"客户": "喂?", "at": [0.5, 1]}, {"客服": "您好,中国移动。", "at": [2, 4]}]
    assert outcome("G5", call(turns, duration=40)).verdict == "not_applicable"


def test_it_has_nothing_to_say_where_nobody_knows_who_is_who(call, outcome):
    turns = [{"不明": "您好,中国移动,请讲。", "at": [1, 3]}]
    evidence = call(turns, layout="mono", agent_channel=None, duration=30)
    assert outcome("G5", evidence).reason_code == "no_data"
