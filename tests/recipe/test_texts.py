from random import Random

from recipe import targets, texts


def test_the_two_halves_of_the_split_never_share_a_sentence(sources):
    rng = Random(1)
    for kind in texts.RICH_KINDS:
        for _ in range(20):
            assert texts.is_held_out(texts.sentence(rng, kind=kind, words=sources.words, held_out=True))


def test_every_kind_gives_sentences_without_open_slots_that_the_tokens_can_write(sources):
    rng = Random(2)
    for kind in texts.KINDS:
        for _ in range(50):
            text = texts.sentence(rng, kind=kind, words=sources.words)
            assert not set(text) & set("[]()<>|")
            assert targets.is_writable(text)


def test_digits_are_read_one_by_one():
    assert texts.spoken("拨10086", yao=True) == "拨幺零零八六"


def test_quantities_are_said_as_they_are_spoken():
    assert [texts.quantity(n) for n in (12, 24, 150)] == ["十二", "二十四", "一百五十"]
