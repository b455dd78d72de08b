from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from auditor.report.typeset import chinese, clean, flow, pad, wrap

TEXT = st.text(alphabet="您好，中国移动。「」、！？ab 12.5（）dBov-", max_size=80)


@given(TEXT, st.integers(min_value=2, max_value=100))
def test_no_wrapped_line_is_wider_than_asked(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in wrap(text, width=width))


@given(TEXT, st.integers(min_value=2, max_value=100))
def test_wrapping_loses_nothing_but_spaces(text: str, width: int) -> None:
    assert "".join("".join(wrap(text, width=width)).split()) == "".join(text.split())


def test_a_line_never_begins_with_a_closing_mark() -> None:
    lines = wrap("您好，中国移动，我能为您做些什么？请讲。", width=12)
    assert len(lines) > 2
    assert not any(line[0] in "，。？」" for line in lines)


def test_a_line_never_ends_with_an_opening_mark() -> None:
    assert wrap("第一句「您好」", width=8) == ["第一句", "「您好」"]


def test_numbers_stay_whole_when_a_line_breaks() -> None:
    assert wrap("语速 13988886666 字", width=14) == ["语速", "13988886666 字"]


def test_parts_flow_whole_onto_lines() -> None:
    assert flow(["语速 285 字/分", "音量 -22 dBov", "振铃 1 声"], width=30) == [
        "语速 285 字/分   音量 -22 dBov",
        "振铃 1 声",
    ]


def test_padding_counts_cells_not_characters() -> None:
    assert cell_len(pad("客服", width=7)) == 7


def test_what_steers_a_terminal_or_turns_reading_direction_is_taken_out() -> None:
    assert clean("王\x1b[31m芳\u202e\x07\n二") == "王[31m芳 二"


def test_our_sentences_get_chinese_punctuation() -> None:
    assert chinese("首句「您好,中国移动」: 语速 436 字/分,超限(见 V3)!") == (
        "首句「您好，中国移动」： 语速 436 字/分，超限（见 V3）！"
    )


def test_punctuation_of_numbers_and_latin_words_stays() -> None:
    assert chinese("8:30 a,b (x) 3.5") == "8:30 a,b (x) 3.5"
