"""What calls for an answer, and when it is too uncertain to accuse anybody."""

import pytest

from auditor.kinds.triggers import find_triggers, find_waits, repeats

BLAME = ("怎么打了半天才接",)


def blamed(text, **facts):
    return [{"客服": "您好,中国移动,请讲。"}, {"客户": text, **facts}, {"客服": "您请说。"}]


def triggers(evidence, book, **sets):
    return find_triggers(BLAME, role="customer", evidence=evidence, book=book, **sets)


def test_words_of_a_human_transcript_are_certain(call, book):
    (found,) = triggers(call(blamed("怎么打了半天才接?")), book)
    assert found.doubt is None
    assert found.turn.role == "customer"


def test_words_that_only_sound_alike_are_none_in_a_human_transcript(call, book):
    assert triggers(call(blamed("怎么打了半填才接?")), book) == ()


def test_words_that_only_sound_alike_are_uncertain_in_automatic_text(call, book):
    (found,) = triggers(call(blamed("怎么打了半填才接"), source="asr"), book)
    assert found.doubt.code == "near"


def test_words_that_were_not_heard_well_are_uncertain(call, book):
    (found,) = triggers(call(blamed("怎么打了半天才接", conf=0.4), source="asr"), book)
    assert found.doubt.code == "low_confidence"


def test_words_neither_written_nor_heard_well_are_no_trigger(call, book):
    assert triggers(call(blamed("怎么打了半填才接", conf=0.4), source="asr"), book) == ()


def test_suspect_words_are_no_trigger(call, book):
    assert triggers(call(blamed("怎么打了半天才接", suspect=[[0, 8]]), source="asr"), book) == ()


def test_a_quotation_is_no_trigger(call, book):
    assert triggers(call(blamed("他说「怎么打了半天才接」。")), book) == ()


def test_an_exempt_wording_is_no_trigger(call, book):
    assert triggers(call(blamed("不是怎么打了半天才接的问题。")), book, unless=("不是<any>问题",)) == ()


def test_a_hint_is_uncertain_even_in_a_human_transcript(call, book):
    (found,) = triggers(call(blamed("我等了半天。")), book, hints=("等了半天",))
    assert found.doubt.code == "hint"


def waits(evidence, book):
    return find_waits(("请稍等",), min_wait_s=10, announced_within_s=15, evidence=evidence, book=book)


@pytest.mark.parametrize(("gap", "count"), [(14, 1), (9, 0)])
def test_a_long_announced_silence_is_a_wait(call, book, gap, count):
    turns = [{"客服": "请稍等。"}, {"客户": "好的。"}, {"客服": "五十元。", "gap": gap}]
    assert len(waits(call(turns), book)) == count


def test_a_silence_after_the_customers_words_is_not_the_agents_wait(call, book):
    turns = [{"客服": "请稍等。"}, {"客户": "我找一下身份证。"}, {"客服": "五十元。", "gap": 14}]
    assert waits(call(turns), book) == ()


def test_how_much_is_said_again():
    assert repeats("我叫李建国。", "李建国。") == 1.0
    assert repeats("我要销户。", "要搬家了,去外地。") < 0.5
    assert repeats("", "李建国。") == 0.0


def test_what_may_be_a_misspelt_negation_in_front_leaves_a_doubt_in_automatic_text(call, book):
    (found,) = triggers(call(blamed("部怎么打了半天才接"), source="asr"), book)
    assert found.doubt.code == "negation"
    (found,) = triggers(call(blamed("部怎么打了半天才接")), book)
    assert found.doubt is None
