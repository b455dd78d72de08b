"""Silence that a transcript contradicts."""

from auditor.records import Event


def test_silence_before_the_first_word_of_a_transcript_is_for_review(call, finding):
    from dataclasses import replace

    turns = [
        {"客服": "您好,中国移动。", "at": [1.0, 3.0]},
        {"客户": "查话费。", "at": [14.0, 15.0]},
        {"客服": "您的余额是五十元。", "at": [15.5, 18.0]},
    ]
    evidence = replace(call(turns), events=(Event("silence", 0.0, 14.0),))
    found = finding("C9", evidence)
    assert found.verdict == "needs_review"
    assert "请听录音" in found.reason
