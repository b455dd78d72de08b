"""Which numbers are secret, what stands for them, and what people read."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from auditor.text.masked import has_masked, is_masked, readable, readable_places, restored, row
from auditor.text.masking import keys_of, mask, mask_number
from auditor.text.normalise import normalise
from auditor.text.numerals import comparable, count_syllables, number_values
from auditor.text.telephones import SERVICE, numbers_in, readable_digits

CHINESE = str.maketrans("0123456789", "零幺二三四五六七八九")


def shown(*texts, numbers=(), kept=()):
    keys = keys_of(texts, numbers=numbers, kept=kept)
    return [readable(mask(text, keys)) for text in texts]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("我的号码是13988886666。", "我的号码是〈PHONE_1〉。"),
        ("幺三九八八八八六六六六", "〈PHONE_1〉"),
        ("139 8888 6666", "〈PHONE_1〉"),
        ("139-8888-6666,对吗", "〈PHONE_1〉,对吗"),
        ("1 3 9 8 8 8 8 6 6 6 6", "〈PHONE_1〉"),
        ("8613988886666", "〈PHONE_1〉"),
        ("13988886666给充100元", "〈PHONE_1〉给充100元"),
        ("座机0931-8765432", "座机〈PHONE_1〉"),
        ("电话8765432", "电话〈PHONE_1〉"),
        ("身份证620102198001011234", "身份证〈ID_1〉"),
        ("身份证62010219800101123X", "身份证〈ID_1〉X"),
        ("卡号6222021234567890123", "卡号〈CARD_1〉"),
        ("密码是123456", "密码是〈CODE_1〉"),
        ("验证码零零七", "验证码〈CODE_1〉"),
        ("服务密码是1200", "服务密码是〈CODE_1〉"),
        ("尾号6666", "尾号〈NUMBER_1〉"),
        ("号码十三九八八八六六", "号码十〈MISHEARD_1〉"),
    ],
)
def test_a_secret_number_is_masked(text, read):
    assert shown(text) == [read]


@pytest.mark.parametrize(
    "text",
    [
        "余额是一百五十元八角",
        "欠费12345元",
        "您充了15000",
        "积分12345分",
        "2026年11月22日8:30",
        "2020-2026年",
        "二零二六年",
        "请拨打10086或12315",
        "请拨一八六零,或者1258、12580",
        "发到一二五三零",
        "4008001234",
        "95588",
        "工号8001为您服务",
        "8001号座席",
        "我找8002号",
        "24小时、3-5天、20%、3.5兆、1,200元",
        "看一看,万一,三三两两",
        "每月1380分钟",
    ],
)
def test_everything_else_stays(text):
    assert shown(text) == [text]


def test_a_number_is_masked_alike_however_it_is_written():
    texts = ("13988886666", "幺三九八八八八六六六六", "139 8888 6666")
    keys = keys_of(texts)
    assert len({normalise(mask(text, keys)).text for text in texts}) == 1


def test_a_part_of_a_number_is_a_piece_of_it():
    texts = ["13988886666", "尾号6666多少钱", "八八八八,六六六六", "是1398888开头吗", "8888"]
    assert shown(*texts) == [
        "〈PHONE_1〉",
        "尾号〈PHONE_1:8-11〉多少钱",
        "〈PHONE_1:4-7〉,〈PHONE_1:8-11〉",
        "是〈PHONE_1:1-7〉开头吗",
        "〈PHONE_1:4-7〉",
    ]


def test_a_number_that_is_said_in_parts_is_masked_in_all_of_them():
    assert shown("139,888,866,66")[0].count("〈PHONE_1:") == 4
    assert shown("幺三九,八八零零,六六零零", "13988006600") == [
        "〈PHONE_1:1-3〉,〈PHONE_1:4-7〉,〈PHONE_1:8-11〉",
        "〈PHONE_1〉",
    ]


def test_parts_over_several_turns_are_pieces_of_what_is_read_back():
    assert shown("139", "8800", "6666", "是13988006666吧") == [
        "139",
        "〈PHONE_1:4-7〉",
        "〈PHONE_1:8-11〉",
        "是〈PHONE_1〉吧",
    ]


def test_what_the_call_uses_as_an_amount_stays_when_it_is_read_back_bare():
    assert shown("我要充1380元", "1380,对吗?") == ["我要充1380元", "1380,对吗?"]


def test_a_password_is_no_amount_though_one_is_equal():
    assert shown("密码1380", "是1380吗", "充1380元") == ["密码〈CODE_1〉", "是〈CODE_1〉吗", "充1380元"]


def test_numbers_of_agents_and_announcements_stay():
    assert shown("转8001吧", "请听8765432", kept=["8001", "请拨打8765432"]) == ["转8001吧", "请听8765432"]


def test_two_numbers_that_share_four_digits_share_them_masked():
    one, other = (mask(text, keys_of(["13988886666", "88886667"])) for text in ("13988886666", "88886667"))
    assert one[3:10] == other[:7]
    assert one[10] != other[7]


def test_masking_twice_changes_nothing():
    texts = ["我的号码是13988886666", "密码123456", "尾号6666"]
    once = [mask(text, keys_of(texts)) for text in texts]
    assert [mask(text, keys_of(once)) for text in once] == once
    assert keys_of(once) == {}


def test_a_new_number_beside_masked_ones_gets_a_row_of_its_own():
    once = mask("13988886666", keys_of(["13988886666"]))
    assert shown(once, "13912345678") == ["〈PHONE_1〉", "〈PHONE_2〉"]


def test_a_number_of_any_length_is_masked():
    text = "8" * 300
    assert all(map(is_masked, mask(text, keys_of([text]))))


def test_more_numbers_than_there_are_rows_are_masked_all_the_same():
    texts = [str(13000000000 + 7919 * i) for i in range(500)]
    keys = keys_of(texts)
    assert not re.search(r"\d", "".join(mask(text, keys) for text in texts))


@pytest.mark.parametrize(
    ("number", "read"),
    [
        ("13988886666", "139〈PHONE_1:4-11〉"),
        ("+86 139-8888-6666", "+86 139-〈PHONE_1:6-13〉"),
        ("13498886666", "1349〈PHONE_1:5-11〉"),
        ("0931-8765432", "093〈PHONE_1:4-11〉"),
        ("8765432", "876〈NUMBER_1:4-7〉"),
        ("123456", "〈NUMBER_1〉"),
        ("139****6666", "139****〈NUMBER_1〉"),
        ("10086", "10086"),
        ("anonymous", "anonymous"),
    ],
)
def test_a_record_keeps_the_digits_that_say_the_network(number, read):
    keys = keys_of([], numbers=numbers_in(number))
    assert readable(mask_number(number, keys, shown=readable_digits(number))) == read


def test_the_digits_that_a_record_keeps_are_known_to_be_the_numbers_own():
    keys = keys_of(["13988886666"], numbers=["13988886666"])
    record = mask_number("13988886666", keys, shown=3)
    assert mask("13988886666", keys) == restored(record)
    assert restored("13988886666") == "13988886666"


def test_places_move_along_with_the_tokens():
    text = mask("号码13988886666,好", keys_of(["号码13988886666,好"]))
    read, places = readable_places(text)
    assert read == "号码〈PHONE_1〉,好"
    assert len(places) == len(text) + 1
    assert read[places[text.index("好")] :] == "好"
    assert {places[i] for i in range(2, 13)} == {2}
    assert places[-1] == len(read)


def test_one_digit_and_what_belongs_to_no_row_can_be_read_too():
    digits = row("CODE", 3, size=6)
    assert readable(digits[2]) == "〈CODE_3:3〉"
    assert readable(digits[1:5]) == "〈CODE_3:2-5〉"
    assert readable("\U000fff00") == "■"
    assert readable(row("PHONE", 299, size=11)) == "〈PHONE_299〉"


DIGITS = st.text("0123456789", min_size=4, max_size=20)
WRITTEN = st.sampled_from(["{}", "号码是{}。", "我的{},对吗", "密码{}", "{}啊"])


@st.composite
def numbers_said(draw):
    """Numbers and texts that say them, whole, in part, in both scripts; none is an amount."""
    numbers = draw(st.lists(DIGITS, min_size=1, max_size=4))
    texts = []
    for number in numbers:
        start = draw(st.integers(0, len(number) - 4))
        for part in (number, number[start : draw(st.integers(start + 4, len(number)))]):
            said = part.translate(CHINESE) if draw(st.booleans()) else part
            texts.append(draw(WRITTEN).format(said))
    return texts


@given(numbers_said())
def test_syllables_equality_and_containment_are_kept(texts):
    keys = keys_of(texts)
    masked = [mask(text, keys) for text in texts]
    values, hidden = [], []
    for text, other in zip(texts, masked, strict=True):
        assert len(text) == len(other)
        before, after = number_values(text), number_values(other)
        assert [(n.start, n.end) for n in before] == [(n.start, n.end) for n in after]
        spelt = [b.spelt for b in before] == [a.spelt for a in after]
        # 8800 on its own is read as a quantity; as a piece of a secret number it is not.
        assert not spelt or count_syllables(text) == count_syllables(other)
        values += [n.value for n in before]
        hidden += [n.value for n in after]
    pairs = [
        (a, b, c, d)
        for a, c in zip(values, hidden, strict=True)
        for b, d in zip(values, hidden, strict=True)
        if has_masked(c) and has_masked(d)
    ]
    for a, b, c, d in pairs:
        assert (a == b) == (c == d)
        if c in d:
            assert a in b
        if a in b and all(b in other or other not in values for other in values if a in other):
            assert c in d


def digits_of(text):
    return text.translate(str.maketrans("零幺二三四五六七八九", "0123456789"))


@given(numbers_said())
def test_no_four_secret_digits_are_left(texts):
    assume(not any(SERVICE.fullmatch(n.value) for text in texts for n in number_values(text)))
    keys = keys_of(texts)
    left = [digits_of(mask(text, keys)) for text in texts]
    assert not [n for n in keys for i in range(len(n) - 3) if any(n[i : i + 4] in text for text in left)]


@given(st.text(st.sampled_from("139八六零 -,。元号年点密码是卡电话"), max_size=40))
def test_any_text_keeps_its_length_and_all_but_digits(text):
    masked = mask(text, keys_of([text]))
    assert len(masked) == len(text)
    for before, after in zip(text, masked, strict=True):
        assert before == after or (is_masked(after) and before in "139八六零")


@given(numbers_said())
def test_texts_are_as_alike_masked_as_not(texts):
    keys = keys_of(texts)
    for one in texts:
        for other in texts:
            if all(n.spelt for text in (one, other) for n in number_values(text)):
                same = comparable(one) == comparable(other)
                assert same == (comparable(mask(one, keys)) == comparable(mask(other, keys)))
