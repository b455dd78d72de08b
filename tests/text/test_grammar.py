"""Which wordings a phrase stands for, and which phrases are refused."""

import pytest

from auditor.text.grammar import wordings


def said(phrase):
    return {"".join(w) for w in wordings(phrase)}


def test_a_plain_phrase_is_its_own_wording():
    assert said("您好,中国移动") == {"您好,中国移动"}


def test_what_stands_in_round_brackets_is_optional():
    assert said("请(您)稍等") == {"请您稍等", "请稍等"}


def test_square_brackets_hold_alternatives():
    assert said("请稍[等|候]") == {"请稍等", "请稍候"}


def test_options_may_hold_alternatives_and_brackets_may_be_nested():
    assert said("好(吗|[呢|吧])") == {"好", "好吗", "好呢", "好吧"}


def test_full_width_brackets_mean_the_same():
    assert said("请\uff08您\uff09稍【等\uff5c候】") == said("请(您)稍[等|候]")
    assert wordings("我叫〈name〉") == wordings("我叫<name>")


def test_slots_are_parts_of_their_own():
    assert wordings("收您<amount>,找您<amount>") == (("收您", "<amount>", ",找您", "<amount>"),)


def test_the_longest_wording_comes_first():
    assert wordings("(您好)移动")[0] == ("您好移动",)


@pytest.mark.parametrize(
    ("phrase", "advice"),
    [
        ("", "empty"),
        ("!。", "empty"),
        ("(您好)", "empty"),
        ("<any>", "empty"),
        ("请[稍等", "close every bracket"),
        ("请稍等)", "close every bracket"),
        ("请(稍等]", "close every bracket"),
        ("<您好", "close every bracket"),
        ("{<any>}", "empty"),
        ("{您好", "close every bracket"),
        ("您好}", "close every bracket"),
        ("{{您}好}", "close every bracket"),
        ("您好|再见", r"put the alternatives into \[ \]"),
        ("[您好|]", "empty alternative"),
        ("我叫<nmae>", "unknown slot <nmae>"),
        ("[一|二|三][一|二|三][一|二|三][一|二|三][一|二|三][一|二|三]好", "more than 512 wordings"),
    ],
)
def test_a_phrase_that_cannot_be_searched_for_is_refused_in_one_sentence(phrase, advice):
    with pytest.raises(ValueError, match=advice) as refused:
        wordings(phrase)
    assert f"“{phrase}”" in str(refused.value)
