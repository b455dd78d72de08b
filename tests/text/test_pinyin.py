"""Toned syllables and what it costs to hear one for another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.text.pinyin import COSTS, Syllable, parse_syllable, sound_class, sound_cost, syllables

HAN = "您你好中国移动一电信联通请稍等候投诉头数谢不没客气是四十能冷南蓝三山张脏飞黑热乐新星"


def cost(one, other):
    return sound_cost(*syllables(one), *syllables(other))


def test_a_syllable_has_initial_final_and_tone():
    assert syllables("中国绿") == (Syllable("zh", "ong", 1), Syllable("g", "uo", 2), Syllable("l", "v", 4))


def test_the_context_decides_between_readings():
    bank, line = syllables("银行")[1], syllables("行走")[0]
    assert (bank.initial, bank.final) == ("h", "ang")
    assert (line.initial, line.final) == ("x", "ing")


def test_de_le_zhe_are_neutral():
    assert [s.tone for s in syllables("的了着")] == [5, 5, 5]


def test_letters_have_no_reading_and_keep_their_place():
    assert [s is None for s in syllables("a卡b")] == [True, False, True]


def test_a_syllable_without_a_mark_is_neutral():
    assert parse_syllable("men") == Syllable("m", "en", 5)


@pytest.mark.parametrize("toned", ["", "-", "中"])
def test_what_is_no_syllable_is_none(toned):
    assert parse_syllable(toned) is None


@pytest.mark.parametrize("pair", ["南蓝", "三山", "张脏", "飞黑", "热乐", "新星"])
def test_near_sounds_are_cheap(pair):
    assert 0 < cost(*pair) < 0.75


def test_another_tone_costs():
    assert cost("移", "一") == COSTS.tone


def test_nin_for_ni_is_never_cheap():
    assert cost("您", "你") == 1


def test_homophones_cost_nothing():
    assert cost("移", "宜") == 0


@given(st.sampled_from(HAN), st.sampled_from(HAN))
def test_costs_are_symmetric_and_between_0_and_1(one, other):
    assert cost(one, other) == cost(other, one)
    assert 0 <= cost(one, other) <= 1


@given(st.sampled_from(HAN), st.sampled_from(HAN))
def test_whatever_sounds_near_shares_a_class(one, other):
    (a,), (b,) = syllables(one), syllables(other)
    if sound_cost(a, b) < 1:
        assert sound_class(a) == sound_class(b)
