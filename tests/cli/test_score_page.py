"""``auditor score --format html``: where the sound of a card goes."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

CALL = Path(__file__).parents[2] / "sample_calls" / "wei_opening.wav"
HEARD = ("--transcript", CALL.with_suffix(".transcript.json"))


@pytest.fixture
def make_card(run_auditor, tmp_path):
    """Score the call as HTML with more options; returns the card's text."""

    def make(*options):
        card = tmp_path / "card.html"
        code, out, err = run_auditor("score", CALL, *HEARD, "--format", "html", "-o", card, *options)
        assert (code, out) == (0, ""), err
        return card.read_text(encoding="utf-8")

    return make


def test_the_sound_lies_in_the_card_unless_told_otherwise(make_card, tmp_path):
    assert 'src="data:audio/mpeg;base64,' in make_card()
    assert [path.name for path in tmp_path.iterdir()] == ["card.html"]


def test_linked_sound_lies_beside_the_card(make_card, tmp_path):
    page = make_card("--audio", "link")
    assert re.search(r'<audio [^>]*src="card\.mp3"', page)
    sound = (tmp_path / "card.mp3").read_bytes()
    assert len(sound) > 50_000
    assert base64.b64encode(sound[:3000]).decode() not in page
    assert len(page) < 300_000


def test_a_card_without_sound_writes_none(make_card, tmp_path):
    page = make_card("--audio", "none")
    assert "<audio" not in page
    assert [path.name for path in tmp_path.iterdir()] == ["card.html"]


def test_the_card_shows_the_courses_wording_and_its_pass_mark(make_card):
    page = make_card("--audio", "none")
    assert "合格线 80" in page
    assert "过快 420" in page


@pytest.mark.parametrize("options", [("--format", "text"), ("--format", "html")])
def test_linked_sound_without_a_page_beside_it_is_refused(run_auditor, options):
    code, out, err = run_auditor("score", CALL, *HEARD, "--audio", "link", *options)
    assert (code, out) == (2, "")
    assert "-o FILE" in err


def test_linked_sound_never_overwrites_the_page(run_auditor, tmp_path):
    target = tmp_path / "card.mp3"
    code, _, err = run_auditor("score", CALL, *HEARD, "--format", "html", "--audio", "link", "-o", target)
    assert code == 2
    assert "end the page's name in .html" in err
    assert not target.exists()
