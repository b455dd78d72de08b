import numpy as np
import pytest

from auditor.asr.batching import share_out, transcribe_call
from auditor.asr.engine import Heard, Packing, Piece
from auditor.asr.windows import Placed, Window
from auditor.records import ModelFacts, Segment
from auditor.signal import Channel


def piece(text, start_s, end_s, log_probability=-0.1):
    return Piece(text=text, start_s=start_s, end_s=end_s, log_probability=log_probability, tokens=1)


def heard(*pieces, mean=-0.1, silence=0.0):
    text = "".join(one.text for one in pieces)
    return Heard(text, pieces, mean, 0.0, silence)


class ScriptedEngine:
    """Answers windows from a list, so that only the mapping is under test."""

    facts = ModelFacts("scripted", "")
    name = "scripted"
    options: dict[str, str] = {}  # noqa: RUF012

    def __init__(self, *answers, packing):
        self.answers, self.packing, self.windows = list(answers), packing, []

    def transcribe(self, windows):
        self.windows += windows
        return [self.answers.pop(0) for _ in windows]


JOINED = Packing(packed=False, max_window_s=9.0, join_gap_s=0.6, lead_s=0.2)
LEG = Channel(0, np.zeros(8000 * 40, np.float32), 8000)
TWO = (Segment(0, 1.0, 2.0), Segment(0, 2.5, 4.0))


def window(segments=TWO):
    return Window(np.zeros(1, np.float32), (Placed(segments, 0.0, segments[0].start_s - 0.2),))


def texts(shared):
    return ["".join(one.text for one in pieces) for pieces in shared]


def test_characters_go_to_the_segment_in_which_they_are_spoken():
    spoken = heard(piece("好", 0.2, 0.6), piece("的", 0.6, 1.1), piece("再", 1.8, 2.2), piece("见", 2.2, 3.0))
    assert texts(share_out(spoken, window=window())) == ["好的", "再见"]


def test_punctuation_stays_with_the_word_before_it():
    spoken = heard(piece("好", 0.2, 1.1), piece("。", 1.1, 2.2), piece("再", 2.2, 3.0))
    assert texts(share_out(spoken, window=window())) == ["好。", "再"]


def test_text_never_goes_back_to_an_earlier_segment():
    spoken = heard(piece("好", 2.0, 2.4), piece("的", 0.2, 0.6))
    assert texts(share_out(spoken, window=window())) == ["", "好的"]


def test_a_window_with_an_empty_segment_is_decoded_segment_by_segment():
    engine = ScriptedEngine(
        heard(piece("好", 0.2, 0.6), piece("的", 0.6, 1.1)),
        heard(piece("好", 0.2, 0.6)),
        heard(piece("再", 0.2, 0.6), piece("见", 0.6, 0.9)),
        packing=JOINED,
    )
    utterances = transcribe_call(engine, channels=[LEG], segments=[TWO])
    assert len(engine.windows) == 3
    assert [one.text for one in utterances] == ["好", "再见"]


def test_a_window_heard_with_little_confidence_is_decoded_segment_by_segment():
    unsure = heard(piece("好", 0.2, 0.6), piece("见", 2.2, 2.6), mean=-1.5)
    engine = ScriptedEngine(
        unsure, heard(piece("好", 0.2, 0.6)), heard(piece("见", 0.2, 0.6)), packing=JOINED
    )
    transcribe_call(engine, channels=[LEG], segments=[TWO])
    assert len(engine.windows) == 3


def test_there_is_one_utterance_per_segment_even_when_nothing_was_heard():
    engine = ScriptedEngine(heard(silence=0.9), packing=JOINED)
    (one,) = transcribe_call(engine, channels=[LEG], segments=[TWO[:1]])
    assert (one.text, one.confidence, one.no_speech_probability) == ("", None, 0.9)


def test_a_segment_longer_than_a_window_is_still_one_utterance():
    whole = Segment(0, 1.0, 12.0)
    engine = ScriptedEngine(heard(piece("您", 0, 1)), heard(piece("好", 0, 1, -0.3)), packing=JOINED)
    (one,) = transcribe_call(engine, channels=[LEG], segments=[(whole,)])
    assert (one.segment, one.text) == (whole, "您好")
    assert one.confidence == pytest.approx(np.exp(-0.2), abs=1e-3)


def test_traditional_characters_come_out_simplified():
    engine = ScriptedEngine(heard(piece("謝", 0, 0.5), piece("謝", 0.5, 1)), packing=JOINED)
    (one,) = transcribe_call(engine, channels=[LEG], segments=[TWO[:1]])
    assert one.text == "谢谢"


def test_utterances_of_both_legs_come_in_order_of_time():
    engine = ScriptedEngine(*(heard(piece("好", 0.2, 0.6)) for _ in range(3)), packing=JOINED)
    legs = [LEG, Channel(1, LEG.samples, 8000)]
    spans = [(Segment(0, 1, 2), Segment(0, 6, 7)), (Segment(1, 3, 4),)]
    starts = [one.segment.start_s for one in transcribe_call(engine, channels=legs, segments=spans)]
    assert starts == [1, 3, 6]


def test_legs_without_speech_give_no_utterances():
    engine = ScriptedEngine(packing=JOINED)
    assert transcribe_call(engine, channels=[LEG], segments=[()]) == ()
