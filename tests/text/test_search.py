"""What is never read is never missed: the short cuts of a search against aligning every wording."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.judge import open_rulebook
from auditor.text.align import align
from auditor.text.grammar import wordings
from auditor.text.match import find_all, find_any
from auditor.text.patterns import pattern

BOOK = open_rulebook()
SMALL = 200  # wordings: every one of them is aligned here
PHRASES = sorted(
    {p for phrases in BOOK.phrases.values() for p in phrases if len(wordings(p)) <= SMALL},
)
MIXED = "嗯的吗不没二两24六点元您你好再见请谢中国移动"


@st.composite
def misheard(draw):
    """A phrase, and a text with one of its wordings in which a few characters are lost, changed or added."""
    phrase = draw(st.sampled_from(PHRASES))
    parts = draw(st.sampled_from(wordings(phrase)))
    text = list("".join("王先生" if part.startswith("<") else part.strip("{}") for part in parts))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 1))] = draw(st.sampled_from(["", *MIXED]))
    before, after = (draw(st.sampled_from(["", "嗯,", "您好,", "那个", "我不"])) for _ in range(2))
    return phrase, before + "".join(text) + after


def nearest(phrase, text, max_distance):
    """The smallest distance of any wording, each of them read and aligned; None: none is near enough."""
    read = [pattern(wording) for wording in wordings(phrase)]
    found = align(text, read, max_distance=max_distance)
    return min((round(cost / max(read[place].weight, 1), 4) for place, cost, _, _ in found), default=None)


@settings(max_examples=150, deadline=None)
@given(misheard(), st.sampled_from([0.0, 0.15, 0.3, 0.5]))
def test_a_search_finds_what_aligning_every_wording_finds(made, max_distance):
    phrase, text = made
    match = find_any(text, (phrase,), max_distance=max_distance)
    assert (match.distance if match else None) == nearest(phrase, text, max_distance)


@settings(max_examples=50, deadline=None)
@given(misheard(), st.lists(st.sampled_from(PHRASES), max_size=5))
def test_a_phrase_is_found_whatever_else_was_asked_for_before(made, others):
    phrase, text = made
    alone = find_all(text, phrase)
    find_any(text, tuple(others))
    among = find_all(text, *others, phrase)
    assert set(alone) <= set(among)
    assert find_all(text, phrase) == alone


@pytest.mark.parametrize("text", ["", "。", "嗯"])
def test_hardly_a_text_holds_no_phrase(text):
    assert find_any(text, ("您好,中国移动",), max_distance=0.3) is None
