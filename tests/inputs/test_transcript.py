import json

import pytest

from auditor.errors import UsageError
from auditor.inputs.transcript import read_transcript
from auditor.records import MeasuredShare

TURN = {"role": "agent", "start_s": 0.5, "end_s": 2.0, "text": "您好"}


def write(path, turns, **more):
    path.write_text(json.dumps({"turns": turns, **more}), encoding="utf-8")
    return path


def test_a_transcript_without_source_was_written_by_a_person(tmp_path):
    assert read_transcript(write(tmp_path / "t.json", [TURN])).source == "human"


def test_an_asr_transcript_is_marked_as_imported(tmp_path):
    transcript = read_transcript(write(tmp_path / "t.json", [TURN | {"confidence": 0.5}], source="asr"))
    assert (transcript.source, transcript.turns[0].confidence) == ("imported_asr", 0.5)


def test_an_asr_transcript_may_carry_what_was_measured_of_its_recogniser(tmp_path):
    share = {"share": 0.005, "upper_95": 0.01, "samples": 1500}
    path = write(tmp_path / "t.json", [TURN], source="asr", missed_phrases=share)
    recogniser = read_transcript(path).recogniser
    assert recogniser.missed_phrases == MeasuredShare(**share)
    assert recogniser.false_phrases is None


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"source": "asr", "missed_phrases": 0.01}, "missed_phrases must be"),
        (
            {"source": "asr", "false_phrases": {"share": 0.5, "upper_95": 0.1, "samples": 9}},
            "false_phrases must",
        ),
        ({"false_phrases": {"share": 0.0, "upper_95": 0.1, "samples": 9}}, "are a recogniser's"),
    ],
)
def test_a_share_that_cannot_be_is_refused(tmp_path, more, message):
    with pytest.raises(UsageError, match=message):
        read_transcript(write(tmp_path / "t.json", [TURN], **more))


def test_unsorted_turns_come_back_in_order_of_time(tmp_path):
    later = TURN | {"start_s": 5, "end_s": 6}
    transcript = read_transcript(write(tmp_path / "t.json", [later, TURN]))
    assert [turn.start_s for turn in transcript.turns] == [0.5, 5.0]


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        (TURN | {"role": "robot"}, "turn 1 has the unknown role 'robot'"),
        (TURN | {"start_s": -1}, "turn 1 starts before the recording"),
        (TURN | {"end_s": 0.1}, r"turn 1 ends \(0.1 s\) before it starts"),
        (TURN | {"end_s": "two"}, "turn 1 has end_s 'two'"),
        (TURN | {"end_s": float("nan")}, "turn 1 has end_s nan"),
        (TURN | {"confidence": 7}, "turn 1 has confidence 7"),
        (TURN | {"speaker": 1}, "unknown key 'speaker' in turn 1"),
        ({"role": "agent", "text": "x", "start_s": 0}, "turn 1 has no 'end_s'"),
        (TURN | {"text": None}, "turn 1 has a text that is not a string"),
        ("您好", "turn 1 must be an object"),
    ],
)
def test_a_wrong_turn_is_refused_in_one_sentence_that_names_it(tmp_path, turn, message):
    with pytest.raises(UsageError, match=message):
        read_transcript(write(tmp_path / "t.json", [turn]))


def test_webvtt_voices_are_roles(tmp_path):
    path = tmp_path / "t.vtt"
    path.write_text(
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<v Agent>您好,中国移动</v>\n\n"
        "00:00:03.000 --> 00:00:04.000\n<v 客户>你好</v>\n",
        encoding="utf-8",
    )
    transcript = read_transcript(path)
    assert [(t.role, t.start_s, t.text) for t in transcript.turns] == [
        ("agent", 1.0, "您好,中国移动"),
        ("customer", 3.0, "你好"),
    ]


def test_srt_speakers_are_read_from_the_text(tmp_path):
    path = tmp_path / "t.srt"
    path.write_text(
        "1\n00:00:01,000 --> 00:00:02,000\n客服:您好\n\n2\n00:00:03,000 --> 00:00:04,000\n[customer] 喂\n",
        encoding="utf-8",
    )
    assert [(t.role, t.text) for t in read_transcript(path).turns] == [("agent", "您好"), ("customer", "喂")]


def test_a_cue_without_speaker_is_refused(tmp_path):
    path = tmp_path / "t.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\n您好\n", encoding="utf-8")
    with pytest.raises(UsageError, match="turn 1 has the unknown role ''"):
        read_transcript(path)


def test_a_text_file_is_no_transcript(tmp_path):
    with pytest.raises(UsageError, match=r"a transcript is a \.json, \.srt or \.vtt file"):
        read_transcript(tmp_path / "t.txt")
