"""A lexicon is read whole, or refused in one sentence that names file, entry and key."""

from importlib.resources import files

import pytest
import yaml

from auditor.errors import RulebookError
from auditor.judge import open_rulebook
from auditor.rulebook.entries import names
from auditor.rulebook.lexicon import load_lexicon, parse_lexicon
from auditor.text.pinyin import readings, syllables

GOOD = {
    "lexicon": "x",
    "clause": "C10a",
    "title": "t",
    "entries": [{"say": "[你|您]懂什么", "hit": "你懂什么!"}],
}


def refused(**changes):
    entry = {**GOOD["entries"][0], **changes}
    with pytest.raises(RulebookError) as caught:
        parse_lexicon(
            yaml.safe_dump({**GOOD, "entries": [entry]}, allow_unicode=True).encode(), name="x.yaml"
        )
    message = str(caught.value)
    assert message.startswith("x.yaml: ")
    assert "\n" not in message
    return message


def test_the_lexicons_that_ship_are_the_nine_of_the_clauses():
    clauses = {name: load_lexicon(name).content.clause for name in names()}
    assert clauses == {
        "contempt": "C10a", "impatience": "C10b", "refusal": "C10c", "spite": "C10d", "swearing": "C11a",
        "coarse": "C11b", "sarcasm": "C11c", "arguing": "C11d", "scolding": "S3",
    }  # fmt: skip


def test_there_are_hundreds_of_entries(report_figure):
    entries = {name: len(load_lexicon(name).content.entries) for name in names()}
    wordings = sum(len(ws) for name in names() for ws in load_lexicon(name).by_text.values())
    report_figure(f"lexicons: {sum(entries.values())} entries, {wordings} wordings {entries}")
    assert sum(entries.values()) >= 450


def test_no_wording_stands_in_two_lexicons():
    found = {}
    for name in names():
        for wordings in load_lexicon(name).by_text.values():
            for wording in wordings:
                assert found.setdefault(wording.text, name) == name, wording.text


def test_the_index_by_sound_knows_every_sound_that_a_wording_has():
    for name in names():
        wordings = [w for found in load_lexicon(name).by_text.values() for w in found][::20]
        for wording in wordings:
            for char, syllable in zip(wording.text, syllables(wording.text), strict=True):
                assert syllable is None or (syllable.initial, syllable.final) in readings(char)


def test_every_lexicon_is_a_file_of_its_name():
    for name in names():
        assert load_lexicon(name).content.lexicon == name


def test_an_unknown_key_is_refused_with_its_entry():
    message = refused(hitt="x")
    assert "entry [你|您]懂什么" in message
    assert "hitt is unknown" in message


def test_an_unknown_severity_is_refused():
    assert "severity" in refused(severity="heavy")


def test_an_entry_without_an_example_is_refused():
    assert "hit" in refused(hit=[])


def test_a_slot_is_refused():
    assert "a slot is no whole phrase" in refused(say="你<any>什么")


def test_a_phrase_that_breaks_the_grammar_is_refused():
    assert "say: the phrase" in refused(say="[你|您懂什么")


def test_an_excuse_that_breaks_the_grammar_is_refused():
    assert "not_in" in refused(not_in=["[懂"])


def test_a_single_character_that_does_not_stand_alone_is_refused():
    assert "is no whole phrase" in refused(say="滚")
    parse_lexicon(
        yaml.safe_dump(
            {**GOOD, "entries": [{"say": "滚", "alone": True, "hit": "滚"}]}, allow_unicode=True
        ).encode(),
        name="x.yaml",
    )


def test_a_rule_that_names_no_lexicon_is_refused(tmp_path):
    shipped = (files("auditor.rulebook") / "china_mobile.yaml").read_text(encoding="utf-8")
    path = tmp_path / "book.yaml"
    path.write_text(shipped.replace("lexicons: [contempt]", "lexicons: [contemt]"), encoding="utf-8")
    with pytest.raises(RulebookError, match=r"book\.yaml: .*rule C10a: .*contemt is unknown"):
        open_rulebook(path)


def test_the_rulebooks_hash_covers_its_lexicons(monkeypatch, tmp_path):
    from auditor.rulebook import load

    first = load.load_rulebook().sha256
    shipped = files("auditor.rulebook")
    (tmp_path / "lexicons").mkdir()
    for name in names():
        text = (shipped / "lexicons" / f"{name}.yaml").read_text(encoding="utf-8")
        (tmp_path / "lexicons" / f"{name}.yaml").write_text(text + "# changed\n", encoding="utf-8")
    book = load.load_rulebook()
    assert load._hash(book) == first
    monkeypatch.setattr(load, "files", lambda _package: tmp_path)
    assert load._hash(book) != first
