from recipe import targets
from recipe.targets import IGNORE, Segment


def test_a_long_number_is_written_digit_by_digit():
    assert len(targets.encode("13988886666")) == 11
    assert targets.tokenizer().decode(list(targets.encode("13988886666"))) == "13988886666"


def test_segments_are_framed_by_their_times():
    book = targets.tokenizer()
    made = targets.speech_target(
        [Segment(0.4, 1.2, "您好。"), Segment(2.0, None, "")], context_s=10.0, timestamps=True
    )
    begin = book.timestamp_begin
    marks = [t - begin for t in made.outputs if t >= begin]
    assert marks == [20, 60, 100]
    assert made.outputs[-1] == book.eot


def test_whether_to_write_timestamps_is_not_learned():
    book = targets.tokenizer()
    made = targets.speech_target([Segment(0, 1, "喂。")], context_s=5.0, timestamps=False)
    assert book.no_timestamps in made.inputs
    assert book.no_timestamps not in made.outputs
    assert len(made.inputs) == len(made.outputs) == len(made.places)


def test_nothing_before_the_start_is_learned_after_an_earlier_text():
    made = targets.speech_target(
        [Segment(0, 1, "喂。")], context_s=5.0, timestamps=False, previous=targets.encode("再见。")
    )
    first = made.inputs.index(targets.tokenizer().sot)
    assert set(made.outputs[:first]) == {IGNORE}


def test_silence_asks_for_its_token_and_the_emptiest_text_that_decoders_let_through():
    book = targets.tokenizer()
    made = targets.other_target(language=None)
    full_stop = targets.encode("。")
    assert [t for t in made.outputs if t != IGNORE] == [book.no_speech, *full_stop, book.eot]
    timed = targets.other_target(language=None, timestamps=True)
    assert [t for t in timed.outputs if t != IGNORE] == [book.no_speech, book.timestamp_begin, book.eot]
    for one in (made, timed):
        assert len(one.inputs) == len(one.outputs) == len(one.places)
