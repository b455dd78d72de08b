import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.asr.guard import compression_ratio, count_sounds, find_suspects


def reasons(text, *, duration_s=3.0, mean=-0.2, silence=0.0):
    spans = find_suspects(
        text, duration_s=duration_s, mean_log_probability=mean, no_speech_probability=silence
    )
    return {span.reason for span in spans}


def test_an_ordinary_sentence_is_not_suspect():
    assert reasons("您好,中国移动,我能为您做些什么?") == set()


@pytest.mark.parametrize(
    "text",
    [
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "字幕由Amara.org社群提供",
        "中文字幕志愿者 杨茜茜",
        "谢谢观看",
        "感谢大家的收看",
        "以下是普通话的句子。",
    ],
)
def test_what_whisper_writes_on_silence_is_boilerplate(text):
    assert "boilerplate" in reasons(text)


@pytest.mark.parametrize("text", ["谢谢您,请挂机。", "感谢您的来电", "谢谢您对我们工作的支持"])
def test_thanks_that_an_agent_owes_are_not_boilerplate(text):
    assert reasons(text) == set()


def test_only_the_boilerplate_is_marked_and_the_words_beside_it_still_count():
    text = "再见。谢谢观看"
    (span,) = find_suspects(text, duration_s=3.0, mean_log_probability=-0.1, no_speech_probability=0.0)
    assert text[span.start : span.end] == "谢谢观看"


def test_text_without_speech_under_it_is_suspect_as_a_whole():
    (span,) = find_suspects("您好。", duration_s=1.2, mean_log_probability=-0.1, no_speech_probability=0.9)
    assert (span.start, span.end, span.reason) == (0, 3, "no_speech")


def test_a_guess_is_suspect():
    assert "low_confidence" in reasons("鸡,鲁中统正练", mean=-1.4)


def test_more_syllables_than_anybody_can_speak_are_suspect():
    assert "impossible_rate" in reasons("您好中国移动我能为您做些什么", duration_s=0.5)


def test_a_number_counts_as_it_is_spoken():
    assert "impossible_rate" in reasons("一共153264元", duration_s=0.35)
    assert "impossible_rate" not in reasons("一共5元", duration_s=0.35)


def test_a_few_syllables_over_a_long_segment_are_no_transcript_of_it():
    assert "impossible_rate" in reasons("嗯,对。", duration_s=2.5)
    assert reasons("喂。", duration_s=1.4) == set()


def test_a_loop_is_marked_where_it_loops():
    text = "好的。我想我想我想我想我想"
    spans = find_suspects(text, duration_s=6.0, mean_log_probability=-0.1, no_speech_probability=0.0)
    looped = [text[s.start : s.end] for s in spans if s.reason == "repetition"]
    assert looped and all("好的" not in some for some in looped)


@pytest.mark.parametrize("text", ["哈哈哈哈", "对对对对对", "电话是88888888", "13800000000"])
def test_laughter_assent_and_repeated_digits_are_speech(text):
    assert "repetition" not in reasons(text)


def test_an_empty_text_has_nothing_to_suspect():
    assert reasons("", mean=-5.0, silence=1.0) == set()


@given(st.text(max_size=40), st.floats(0, 30), st.floats(-5, 0), st.floats(0, 1))
def test_spans_always_lie_inside_the_text(text, duration_s, mean, silence):
    spans = find_suspects(
        text, duration_s=duration_s, mean_log_probability=mean, no_speech_probability=silence
    )
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_punctuation_is_not_a_sound():
    assert count_sounds("您好,中国移动。 ") == 6


def test_compression_of_an_empty_text_is_zero():
    assert compression_ratio("") == 0
