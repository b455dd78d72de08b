"""Normalising keeps what is spoken and remembers where it stood."""

from hypothesis import given
from hypothesis import strategies as st

from auditor.text.normalise import fold, is_word, normalise, simplify


def test_traditional_characters_become_simplified():
    assert simplify("您好,中國移動,請問") == "您好,中国移动,请问"


def test_a_text_without_chinese_is_left_alone():
    assert simplify("VIP 10086") == "VIP 10086"


def test_punctuation_and_spaces_are_dropped_and_letters_are_small_and_half_width():
    assert normalise("您好, 中國移動!VIP … (SIM卡)").text == "您好中国移动vipsim卡"


def test_the_origin_map_points_back_to_the_original_characters():
    text = "  您好,【中國】移动!"
    done = normalise(text)
    assert [text[i] for i in done.origin] == list("您好中國移动")


def test_a_character_that_becomes_several_points_back_to_one_place():
    done = normalise("重3㎏")
    assert done.text == "重3kg"
    assert done.origin == (0, 1, 2, 2)


def test_what_cannot_be_converted_does_no_harm():
    assert normalise("您\0好\ud800移動").text == "您好移动"


def test_emoji_and_marks_are_not_words():
    assert not any(is_word(c) for c in "👍,。 …%¥\n")


@given(st.text(max_size=40))
def test_origins_rise_and_stay_inside_the_text(text):
    for done in (fold(text), normalise(text)):
        assert len(done.text) == len(done.origin)
        assert list(done.origin) == sorted(done.origin)
        assert all(0 <= i < len(text) for i in done.origin)


@given(st.text(alphabet="您好中國移動请稍等abAB12,。 !", max_size=20))
def test_normalising_twice_changes_nothing(text):
    once = normalise(text).text
    assert normalise(once).text == once
