"""Numbers as they are spoken, what they are worth and how many syllables they take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.text.numerals import (
    count_syllables,
    number_values,
    read_out,
    syllables_without_digit_strings,
)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("13988886666", "一三九八八八八六六六六"),
        ("139 8888 6666", "一三九八八八八六六六六"),
        ("139-8888-6666", "一三九八八八八六六六六"),
        ("0931-1234567", "零九三一一二三四五六七"),
        ("10086", "一零零八六"),
        ("请拨1861", "请拨一八六一"),
        ("1258", "一二五八"),
        ("工号8001", "工号八零零一"),
        ("尾号是123", "尾号是一二三"),
        ("150元", "一百五十元"),
        ("1,200元", "一千二百元"),
        ("10000元", "一万元"),
        ("12000块", "一万两千块"),
        ("1.5万元", "一点五万元"),
        ("110元", "一百一十元"),
        ("¥150", "一百五十元"),
        ("3.5元", "三点五元"),
        ("20%", "百分之二十"),
        ("50%-60%", "百分之五十到百分之六十"),
        ("9:00-18:00", "九点到十八点"),
        ("2010-2015年", "二零一零到二零一五年"),
        ("1998年", "一九九八年"),
        ("2026/3/5", "二零二六年三月五日"),
        ("400-810-0086", "四零零八一零零零八六"),
        ("12.80元", "十二点八零元"),
        ("105000元", "十万五千元"),
        ("1001元", "一千零一元"),
        ("0.5%", "百分之零点五"),
        ("18:45", "十八点四十五"),
        ("13:05:20", "十三点零五分二十秒"),
        ("2200元", "两千二百元"),
        ("4G", "四g"),
        ("8001号座席", "八零零一号座席"),
        ("22号", "二十二号"),
        ("2026年11月22日", "二零二六年十一月二十二日"),
        ("2026-11-22", "二零二六年十一月二十二日"),
        ("8:30", "八点三十"),
        ("9:05", "九点零五"),
        ("2:00", "两点"),
        ("2小时", "两小时"),
        ("2月2日", "二月二日"),
        ("第2次", "第二次"),
        ("24小时", "二十四小时"),
        ("3-5天", "三到五天"),
        ("10~20元", "十到二十元"),
        ("-5℃", "零下五度"),
        ("25°C", "二十五度"),
        ("12", "十二"),
        ("余额-20元", "余额负二十元"),
        ("2008年", "二零零八年"),
        ("20年", "二十年"),
        ("2000元", "两千元"),
        ("3000", "三千"),
        ("费用-20元", "费用-二十元"),
    ],
)
def test_a_number_is_read_out_as_it_is_spoken(written, spoken):
    assert read_out(written) == spoken


def test_a_full_width_comma_parts_two_numbers():
    assert [n.value for n in number_values("100\uff0c200")] == ["100", "200"]


@pytest.mark.parametrize("text", ["86", "八十六", "八六", "86个", "〇八六"[1:]])
def test_a_number_has_one_value_however_it_is_written(text):
    assert [n.value for n in number_values(text)] == ["86"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一千五", "1500"),
        ("两万三", "23000"),
        ("1.5万", "15000"),
        ("三点五", "3.5"),
        ("百分之二十", "20%"),
        ("20%", "20%"),
        ("幺三九八八八八六六六六", "13988886666"),
        ("两个小时", "2"),
        ("零九三一", "0931"),
    ],
)
def test_chinese_numerals_have_the_value_of_the_digits(text, value):
    assert [n.value for n in number_values(text)] == [value]


def test_a_number_knows_where_it_stands_in_the_original():
    (found,) = number_values("您的号码是 139 8888 6666,对吗?")
    assert (found.start, found.end, found.text) == (6, 19, "139 8888 6666")
    assert found.spelt


@pytest.mark.parametrize(
    "text", ["请等一下", "十分抱歉", "万一不行", "千万不要", "统一一下", "慢一点", "中国一动"]
)
def test_numerals_in_words_are_no_numbers(text):
    assert number_values(text) == ()


@pytest.mark.parametrize(
    ("text", "values"),
    [("八点三十", ["8", "30"]), ("八点二十五分", ["8", "25"]), ("三点二五", ["3.25"]), ("8点半", ["8"])],
)
def test_a_time_of_day_is_no_decimal(text, values):
    assert [n.value for n in number_values(text)] == values


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("您好,中国移动。", 6),
        ("13988886666", 11),
        ("150元", 5),
        ("10086", 5),
        ("VIP", 3),
        ("SIM卡", 4),
        ("W", 1),
        ("……!? ", 0),
        ("", 0),
        ("2小时", 3),
        ("24小时", 5),
    ],
)
def test_syllables_are_counted_after_reading_out(text, count):
    assert count_syllables(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("号码是13988886666对吗", 5),
        ("号码是幺三九八八八八六六六六对吗", 5),
        ("号码是139 8888 6666对吗", 5),
        ("请拨10086", 2),
        ("一百五十元", 5),
        ("150元", 5),
        ("12000元", 5),
        ("尾号123", 5),
    ],
)
def test_digit_strings_of_four_and_more_can_be_left_out(text, count):
    assert syllables_without_digit_strings(text) == count


@given(st.integers(min_value=0, max_value=10**15))
def test_a_quantity_reads_back_to_its_value(number):
    assert [n.value for n in number_values(read_out(f"{number}元"))] == [str(number)]


@given(st.text("0123456789", min_size=7, max_size=18))
def test_a_digit_string_reads_back_to_its_digits(digits):
    spoken = read_out(digits)
    assert len(spoken) == len(digits)
    assert [n.value for n in number_values(spoken)] == [digits]


@given(st.text(max_size=30))
def test_reading_out_never_fails_and_leaves_no_digit(text):
    assert not any(c in "0123456789" for c in read_out(text))


@given(st.text("零一二三四五六七八九十百千万亿点分之个元0123456789.,:-%℃ ", max_size=10))
def test_any_heap_of_numerals_can_be_read(text):
    assert not any(c in "0123456789" for c in read_out(text))
    assert all(text[n.start : n.end] == n.text for n in number_values(text))


@given(st.text("您好请VIP,。 !?", max_size=20))
def test_punctuation_is_never_counted(text):
    assert count_syllables(text) == sum(c not in ",。 !?" for c in text)
