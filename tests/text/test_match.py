"""Phrases found by sound, words found by character: what is credited and what is not."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from auditor.text.grammar import wordings
from auditor.text.match import (
    DEFAULT_MAX_DISTANCE,
    check_phrase,
    find_all,
    find_any,
    find_phrase,
    find_written,
    is_negated,
)
from auditor.text.pinyin import sound_cost, syllables
from auditor.text.units import BLOCKED, substitution, units

GREETING = "您好,中国移动"

# What an engine may write for the greeting, and its distance.
VARIANTS = {
    "您好,中国移动": 0.0,
    "您好,中國移動。": 0.0,
    "您好钟国宜动": 0.0,
    "您好,嗯,中国移动": 0.0167,
    "您您好,中国移动": 0.0,
    "宁好,中国移动": 0.0333,
    "您好,那个,中国移动": 0.0333,
    "您好,中国一动": 0.0417,
    "您好宗国移动": 0.0333,
    "您好总国移动": 0.075,
    "您号,中国一栋": 0.0833,
    "林好,中国一洞": 0.075,
    "宁号,宗国一动": 0.15,
}
# What is not the greeting, and how far off it is.
FOILS = {
    "你好,中国移动": 0.1667,
    "您好,中国动": 0.1667,
    "您好,移动": 0.3333,
    "您好,中国联通": 0.3333,
    "您好,中国电信": 0.3333,
    "您好,中国铁通": 0.3333,
    "您好": 0.6667,
    "喂,您好": 0.6667,
    "中国移动": 0.3333,
    "您好,我能为您做些什么": 0.6667,
    "欢迎使用中国移动": 0.3333,
}


@pytest.mark.parametrize(("heard", "distance"), VARIANTS.items())
def test_a_variant_of_the_greeting_is_credited(heard, distance):
    match = find_phrase(heard, GREETING)
    assert match is not None
    assert match.distance == pytest.approx(distance, abs=1e-4)


@pytest.mark.parametrize(("heard", "distance"), FOILS.items())
def test_a_foil_of_the_greeting_is_not_credited(heard, distance):
    assert find_phrase(heard, GREETING) is None
    match = find_phrase(heard, GREETING, max_distance=9)
    assert match is not None
    assert match.distance == pytest.approx(distance, abs=1e-4)


def test_the_default_distance_lies_between_variants_and_foils():
    assert max(VARIANTS.values()) <= DEFAULT_MAX_DISTANCE < min(FOILS.values())


@pytest.mark.parametrize(
    ("heard", "phrase"),
    [
        ("头数", "投诉"),
        ("我要投速", "投诉"),
        ("请问你还有其他问题吗", "请问您还有其它问题吗"),
        ("拜拜", "[再见|拜拜]"),
        ("谢谢您请刮鸡", "谢谢您!请挂机。"),
        ("我们将在两小时内与您联系", "我们将在2小时内与您联系"),
        ("请稍慢1点好吗", "请稍慢一点好吗"),
        ("请您稍等一下啊", "请(您)稍等"),
        ("让您久等了", "让您久等了"),
        ("让您久等", "让您久等了"),
    ],
)
def test_a_phrase_is_credited_by_sound(heard, phrase):
    assert find_phrase(heard, phrase) is not None


@pytest.mark.parametrize(
    ("heard", "phrase"),
    [
        ("请稍候", "请稍等"),
        ("24小时", "2小时"),
        ("24小时", "4小时"),
        ("二十四小时", "四小时"),
        ("我们将在24小时内与您联系", "我们将在2小时内与您联系"),
        ("请拨10000", "请拨10086"),
        ("请使用中国移动1860免费查询系统", "请使用中国移动1861免费查询系统"),
        ("客气", "不客气"),
        ("没客气", "不客气"),
        ("我们不能马上为您办理这项业务", "我们能马上为您办理这项业务"),
        ("我不能为您做些什么", "我能为您做些什么"),
        ("您没有密码吗", "您有密码吗"),
        ("我这里听得到您的声音", "我这里听不到您的声音"),
        ("你好", "您好"),
        ("", "您好"),
        ("。!?", "您好"),
    ],
)
def test_what_means_something_else_is_not_credited(heard, phrase):
    assert find_phrase(heard, phrase) is None


def test_a_turned_meaning_is_far_off_however_long_the_phrase():
    match = find_phrase(
        "请您听到语音提示后输入您的8位个人密码", "请您听到语音提示后输入您的六位个人密码", max_distance=9
    )
    assert match is not None
    assert match.distance >= 0.5


def test_a_homophone_of_a_negation_costs_a_whole_syllable():
    match = find_phrase("我这里听部到您的声音", "我这里听不到您的声音")
    assert match is not None
    assert match.distance == pytest.approx(0.1)


def test_a_key_token_must_be_heard_however_long_the_phrase():
    plain, keyed = (
        f"这是我们应该做的,欢迎使用{brand}通信业务,谢谢您,请挂机" for brand in ("中国移动", "{中国移动}")
    )
    rival = plain.replace("移动", "联通")
    lost = plain.replace("移动", "")
    slip = plain.replace("移动", "一动")
    assert find_phrase(rival, plain) is not None
    assert find_phrase(rival, keyed) is None
    assert find_phrase(lost, keyed) is None
    assert find_phrase(slip, keyed) is not None
    assert find_written(plain, keyed)


def test_a_key_token_may_hold_options_and_slots():
    assert find_phrase("我叫王小明请问您贵姓", "{我(的名字)叫<name>请问}您贵姓") is not None
    assert find_phrase("我是王小明请问您贵姓", "{我(的名字)叫<name>请问}您贵姓") is None


def test_a_key_token_may_begin_with_a_slot():
    assert find_phrase("请问王小明在您家附近的营业厅吗", "请问{<name>在}您家附近的营业厅吗") is not None
    assert find_phrase("请问王小明到您家附近的营业厅吗", "请问{<name>在}您家附近的营业厅吗") is None


def test_indices_refer_to_the_original_text():
    text = "  喂\uff0c您 好——中國移動\uff01请讲"
    match = find_phrase(text, GREETING)
    assert match is not None
    assert text[match.start : match.end] == match.text == "您 好——中國移動"
    assert match.exact


def test_the_best_place_wins_and_then_the_first():
    text = "您好中国一动,您好中国移动,您好中国移动"
    match = find_phrase(text, GREETING)
    assert match is not None
    assert (match.start, match.distance) == (7, 0)


def test_a_homophone_is_no_exact_match():
    match = find_phrase("您好中国宜动", GREETING)
    assert match is not None
    assert (match.distance, match.exact) == (0, False)


def test_all_places_are_found_without_overlap():
    text = "请稍等,嗯,请稍等。请少等"
    assert [(m.start, m.end) for m in find_all(text, "请稍等")] == [(0, 3), (6, 9), (10, 13)]


def test_any_of_several_phrases_takes_the_nearest():
    match = find_any("好的,再见", ["拜拜", "再建", "再见"])
    assert match is not None
    assert match.exact
    assert find_any("好的", ["拜拜", "再见"]) is None
    assert find_any("好的", []) is None


def test_a_number_fills_its_slot_whole():
    match = find_phrase("您的手机号码是139 8888 6666吗?", "您的手机号码是<number>吗")
    assert match is not None
    assert match.exact
    assert find_phrase("您的手机号码是吗", "您的手机号码是<number>吗") is None


def test_an_amount_needs_its_unit():
    phrase = "收您<amount>(,找您<amount>),请核收"
    match = find_phrase("收您一百五十块钱,找您三块五,请核收", phrase)
    assert match is not None
    assert match.text.startswith("收您一百五十块钱,找您")
    assert find_phrase("收您一百五十,请核收", phrase, max_distance=0.1) is None


def test_a_name_is_short_and_holds_no_number():
    assert find_phrase("我叫王小明", "我叫<name>") is not None
    assert find_phrase("请问王先生在吗", "请问<name>先生") is not None
    assert find_phrase("我叫13988886666", "我叫<name>") is None
    assert find_phrase("请问" + "好" * 9 + "先生", "请问<name>先生", max_distance=0.2) is None


def test_anything_fills_any_but_not_nothing():
    phrase = "您投诉的内容是<any>吗"
    assert find_phrase("您投诉的内容是这个月2次扣费不对吗", phrase) is not None
    assert find_phrase("您投诉的内容是吗", phrase) is None


def test_written_words_are_found_by_character_only():
    assert [m.text for m in find_written("喂?喂,您好", "喂")] == ["喂", "喂"]
    for homophone in "为位未胃":
        assert find_written(homophone + "您好", "喂") == []


def test_written_words_ignore_punctuation_script_and_case():
    assert [m.text for m in find_written("你,煩 不煩!", "烦不烦")] == ["煩 不煩"]
    assert [m.text for m in find_written("Sb", "SB")] == ["Sb"]


def test_written_words_never_cut_a_number():
    assert find_written("二百五十元", "二百五") == []
    assert find_written("250元", "二百五") == []
    assert [m.start for m in find_written("你这个二百五", "二百五")] == [3]


def test_written_phrases_take_options_and_slots():
    assert [m.text for m in find_written("你怎么不早点说", "你怎么不早(点)说")] == ["你怎么不早点说"]
    assert [m.text for m in find_written("跟你说了三遍了", "跟你说了<number>遍")] == ["跟你说了三遍"]


def test_a_negation_before_a_match_can_be_asked_for():
    text = "不客气"
    (match,) = find_written(text, "客气")
    assert is_negated(text, match)
    assert not is_negated("您客气", find_written("您客气", "客气")[0])


def test_a_phrase_is_checked_without_a_text():
    check_phrase("请(您)稍[等|候]")
    with pytest.raises(ValueError, match="empty"):
        check_phrase("(,)")


# --- properties --------------------------------------------------------------------------------

HAN = "您你好中国移动一电信联通请稍等候投诉头数谢谢不没客气是四十能冷南蓝三山嗯啊那个吗的"
words = st.text(HAN, min_size=1, max_size=8)
texts = st.text(HAN + "0123456789,。", max_size=16)
heaps = st.lists(
    st.sampled_from([*HAN, "24", "13988886666", "150元", "2小时", "vip"]), min_size=1, max_size=12
)


@given(heaps)
def test_a_phrase_always_finds_itself(parts):
    text = "".join(parts)
    match = find_phrase(text, text, max_distance=0)
    assert match is not None
    assert (match.start, match.end, match.distance, match.exact) == (0, len(text), 0, True)


@given(texts, words, st.data())
def test_punctuation_between_characters_never_changes_a_match(text, phrase, data):
    numeral = "0123456789一三四十"
    places = [
        i for i in range(len(text) + 1) if not (text[i - 1 : i] in numeral and text[i : i + 1] in numeral)
    ]
    at = data.draw(st.sampled_from(places or [0]))
    mark = data.draw(st.sampled_from(",。!?、 …"))
    marked = text[:at] + mark + text[at:]
    before = find_phrase(text, phrase, max_distance=0.4)
    after = find_phrase(marked, phrase, max_distance=0.4)
    if before is None:
        assert after is None
    else:
        assert after is not None
        assert (after.distance, after.exact) == (before.distance, before.exact)
        assert after.text.replace(mark, "") == before.text.replace(mark, "")


@given(
    texts,
    st.sampled_from(
        ["请(您)稍[等|候](吗)", "[您|你](好)中国[移动|联通]", "(那个)我的<number>[是|四]", "{您}好(谢谢)"]
    ),
    st.sampled_from([0.15, 0.34]),
)
def test_a_phrase_is_as_near_as_its_nearest_wording(text, phrase, limit):
    match = find_phrase(text, phrase, max_distance=limit)
    single = [find_phrase(text, "".join(w), max_distance=limit) for w in wordings(phrase)]
    assert (match and match.distance) == min((m.distance for m in single if m), default=None)


@given(texts, words)
def test_what_stands_there_in_writing_is_also_found_by_sound(text, phrase):
    for match in find_written(text, phrase):
        assert match.text
    if find_written(text, phrase):
        heard = find_phrase(text, phrase, max_distance=0)
        assert heard is not None
        assert (heard.distance, heard.exact) == (0, True)


@given(texts, texts)
def test_substitution_costs_are_symmetric(one, other):
    for a in units(one).sounds:
        for b in units(other).sounds:
            assert substitution(a, b) == substitution(b, a)


def _slow_distance(text, phrase):
    """The definition, over every stretch of the text: an independent route to `find_phrase`."""
    row, said = units(text), units(phrase)
    block = max(1.0, 0.5 * said.weight)
    gaps = [block if s.gap == BLOCKED else s.gap for s in said.sounds]
    skips = [block if s == BLOCKED else s for s in row.skip]
    best = float("inf")
    for start in range(len(row)):
        hides = start and row.sounds[start - 1].written in "不没未无勿"
        table = [[float("inf")] * (len(row) - start + 1) for _ in range(len(said) + 1)]
        table[0][0] = 0.0
        for i in range(len(said) + 1):
            for j in range(len(row) - start + 1):
                here = table[i][j]
                if i:
                    hidden = block if i == 1 and j == 0 and hides else 0.0
                    here = min(here, table[i - 1][j] + gaps[i - 1] + hidden)
                if j and i:
                    here = min(here, table[i][j - 1] + skips[start + j - 1])
                    heard = substitution(said.sounds[i - 1], row.sounds[start + j - 1])
                    here = min(here, table[i - 1][j - 1] + (block if heard == BLOCKED else heard))
                table[i][j] = here
        best = min(best, *table[-1][1:])
    return best / said.weight


@given(st.text(HAN + "26", min_size=1, max_size=9), st.text(HAN + "26", min_size=1, max_size=5))
def test_the_alignment_equals_its_definition(text, phrase):
    assume(any(s.gap == s.weight for s in units(phrase).sounds))  # else nothing is nearer than anything
    match = find_phrase(text, phrase, max_distance=0.4)
    distance = _slow_distance(text, phrase)
    if match is None:
        assert distance > 0.4
    else:
        assert match.distance == pytest.approx(distance, abs=1e-3)


HOMOPHONES = {"好": "郝", "中": "钟", "国": "帼", "移": "宜", "动": "洞", "请": "顷", "等": "等", "投": "投"}


@given(st.sets(st.sampled_from(range(6))))
def test_homophones_never_lose_the_greeting(places):
    heard = "".join(HOMOPHONES.get(c, c) if i in places else c for i, c in enumerate("您好中国移动"))
    assert all(
        sound_cost(a, b) == 0 for a, b in zip(syllables(heard), syllables("您好中国移动"), strict=True)
    )
    match = find_phrase(heard, GREETING)
    assert match is not None
    assert match.distance == 0
