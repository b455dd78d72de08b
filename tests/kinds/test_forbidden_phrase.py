"""喂, beyond the cases."""

import pytest

WEI = [{"客服": "喂您好中国移动请讲"}, {"客户": "查话费"}]
PRESENT = [{"name": "wei", "turn": 0, "answer": "present"}]


def test_a_probe_alone_is_for_a_human(call, finding):
    evidence = call([{"客服": "您好中国移动请讲"}], source="asr", probes=PRESENT)
    assert finding("P3.2b", evidence).reason_code == "probe_only"


def test_imported_text_alone_is_for_a_human(call, finding):
    evidence = call([{**WEI[0], "conf": 0.99}], source="imported_asr")
    assert finding("P3.2b", evidence).verdict == "needs_review"


@pytest.mark.parametrize("layout", ["mono", "duplicated"])
def test_legs_that_cannot_be_told_apart_are_for_a_human(call, finding, layout):
    evidence = call(WEI, source="asr", probes=PRESENT, layout=layout)
    assert finding("P3.2b", evidence).reason_code == "mono"


def test_a_word_inside_the_sentence_is_for_a_human(call, finding):
    evidence = call([{"客服": "您好中国移动喂请讲"}], source="asr", probes=PRESENT)
    assert finding("P3.2b", evidence).reason_code == "unprobed"


def test_a_word_that_the_customer_talks_over_is_for_a_human(call, finding):
    turns = [{"客服": "喂您好中国移动", "at": [1, 3]}, {"客户": "喂喂喂", "at": [1, 2]}]
    assert finding("P3.2b", call(turns, source="asr", probes=PRESENT)).reason_code == "overlapped"


def test_low_confidence_is_for_a_human(call, finding):
    evidence = call([{**WEI[0], "conf": 0.4}], source="asr", probes=PRESENT)
    assert finding("P3.2b", evidence).reason_code == "low_confidence"


@pytest.mark.parametrize(
    "text", ["为您服务", "位于城关区", "未来三天", "为了您的安全", "威胁短信", "为什么停机"]
)
def test_ordinary_words_are_no_homophones(call, finding, text):
    assert finding("P3.2b", call([{"客服": text}], source="asr")).verdict == "pass"


@pytest.mark.parametrize("text", ["为", "为,您好", "未。", "位您好中国移动"])
def test_a_homophone_that_stands_alone_is_for_a_human(call, finding, text):
    assert finding("P3.2b", call([{"客服": text}], source="asr")).reason_code == "homophone"


def test_a_homophone_that_the_probe_denies_is_none(call, finding):
    evidence = call(
        [{"客服": "为,您好"}], source="asr", probes=[{"name": "wei", "turn": 0, "answer": "absent"}]
    )
    assert finding("P3.2b", evidence).verdict == "pass"


def test_homophones_mean_nothing_in_a_human_transcript(call, finding):
    assert finding("P3.2b", call([{"客服": "为,您好"}])).verdict == "pass"


def test_every_place_is_named(call, finding):
    turns = [{"客服": "喂,您好", "at": [5, 6]}, {"客户": "我"}, {"客服": "喂,听得到吗?", "at": [65, 66]}]
    found = finding("P3.2b", call(turns))
    assert "00:05、01:05" in found.reason
    assert len(found.at) == 2
