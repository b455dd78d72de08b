"""A centre's file holds only its differences, and the two together are one rulebook."""

from importlib.resources import files

import pytest
import yaml

from auditor.errors import RulebookError
from auditor.judge import examine_rulebook, judge, open_rulebook
from auditor.rulebook.case_file import RawCase
from auditor.rulebook.cases import build_evidence
from auditor.rulebook.differences import differences

BASE = open_rulebook()
EXAMPLE = files("auditor.rulebook") / "example_centre.yaml"
HEAD = "extends: china_mobile\nversion: v1\n"


@pytest.fixture
def centre(tmp_path):
    """Write a centre's file (its text after extends and version); returns the path."""

    def write(text, name="centre.yaml", head=HEAD):
        path = tmp_path / name
        path.write_text(head + text, encoding="utf-8")
        return path

    return write


def refused(path):
    with pytest.raises(RulebookError) as caught:
        open_rulebook(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_without_differences_is_the_base_under_its_own_version(centre):
    book = open_rulebook(centre(""))
    assert book.version == "v1"
    assert book.rules == BASE.rules
    assert differences(book, base=BASE) == ()


def test_version_and_changelog_are_never_inherited(centre):
    assert open_rulebook(centre("")).changelog == ()
    assert open_rulebook(centre("")).valid_from is None
    assert "the key version is missing" in refused(centre("", head="extends: china_mobile\n"))


def test_a_rule_is_merged_by_id_and_its_params_key_by_key(centre):
    book = open_rulebook(centre("rules: [{id: P3.1, weight: 4, params: {max_rings: 4}}]"))
    old, new = BASE.rule("P3.1"), book.rule("P3.1")
    assert new.params == {**old.params, "max_rings": 4}
    assert new.weight == 4
    assert new.clause == old.clause
    assert [rule.id for rule in book.rules] == [rule.id for rule in BASE.rules]


def test_a_new_id_is_a_new_rule_at_the_end(centre):
    rule = "{id: X1, clause: c, title: t, section: C, kind: put_down, params: {max_rise_db: 9, switch_s: 0.1,"
    book = open_rulebook(centre(f"rules: [{rule} both_s: 0.1, together_s: 0.1}}}}]"))
    assert book.rules[-1].id == "X1"
    assert len(book.rules) == len(BASE.rules) + 1


def test_a_rule_that_takes_another_kind_keeps_no_old_parameter(centre):
    message = refused(centre("rules: [{id: P3.1, kind: put_down}]"))
    assert "the key params.max_rise_db is missing" in message
    assert "max_rings" not in message


def test_a_rule_may_become_an_alias(centre):
    rule = open_rulebook(centre("rules: [{id: P1, same_as: C6}]")).rule("P1")
    assert (rule.kind, rule.params, rule.weight, rule.same_as) == (None, {}, 0, "C6")


def test_rules_are_removed_by_id(centre):
    book = open_rulebook(centre("remove: [P3.6b]"))
    assert "P3.6b" not in [rule.id for rule in book.rules]


def test_removing_a_rule_that_is_not_there_is_refused(centre):
    assert "line 3: remove names P9, which is no rule of the base" in refused(centre("remove: [P9]"))


def test_settings_are_merged_key_by_key(centre):
    settings = open_rulebook(centre("settings: {seconds_per_ring: 4}")).settings
    assert settings == BASE.settings.model_copy(update={"seconds_per_ring": 4})


def test_a_list_replaces_a_phrase_set(centre):
    assert open_rulebook(centre("phrases: {holds: [请您稍等]}")).phrases["holds"] == ("请您稍等",)


def test_add_and_remove_edit_a_phrase_set(centre):
    book = open_rulebook(
        centre(
            "phrases: {holds: {add: [请您别挂线], remove: [正在查]}, wei: {add: [哎]}}".replace(
                "正在查", "我正在记录"
            )
        )
    )
    assert book.phrases["holds"] == (*(p for p in BASE.phrases["holds"] if p != "我正在记录"), "请您别挂线")
    assert book.phrases["wei"] == (*BASE.phrases["wei"], "哎")


@pytest.mark.parametrize(
    ("phrases", "complaint"),
    [
        ("{hodls: {add: [请稍等]}}", "phrases.hodls: the base has no such set"),
        ("{holds: {ad: [请稍等]}}", "the key phrases.holds.ad is unknown; use add and remove"),
        ("{holds: {remove: [没有这句]}}", "phrases.holds.remove: the base has no phrase 没有这句"),
        ("{holds: {add: 请稍等}}", "phrases.holds.add: write a list of phrases"),
        ("{holds: {add: [……]}}", "empty after normalisation"),
    ],
)
def test_a_bad_edit_of_a_phrase_set_is_refused_with_its_line(centre, phrases, complaint):
    message = refused(centre(f"phrases: {phrases}"))
    assert complaint in message
    assert "centre.yaml: line 3:" in message


def said(book, rule_id, text):
    turns = [{"客服": "您好,中国移动,请讲。"}, {"客户": "查话费。"}, {"客服": text}]
    case = RawCase.model_validate({"name": "n", "expect": "pass", "turns": turns})
    return next(f.verdict for f in judge(build_evidence(case), book=book)[0] if f.rule == rule_id)


def test_a_lexicon_takes_phrases_of_the_centres_own(centre):
    book = open_rulebook(centre("lexicons: {impatience: {add: [快着点, {say: 甭问, severity: mild}]}}"))
    assert [said(BASE, "C10b", text) for text in ("你快着点。", "你甭问了。")] == ["pass", "pass"]
    assert [said(book, "C10b", text) for text in ("你快着点。", "你甭问了。")] == ["fail", "needs_review"]


def test_a_removed_word_is_no_hit_nor_is_a_longer_phrase_with_it(centre):
    book = open_rulebook(centre("lexicons: {impatience: {remove: [烦不烦]}}"))
    assert [said(BASE, "C10b", text) for text in ("你烦不烦。", "你有完没完。")] == ["fail", "fail"]
    assert [said(book, "C10b", text) for text in ("你烦不烦。", "你有完没完。")] == ["pass", "fail"]


def test_changes_to_a_lexicon_add_up_over_files(centre):
    centre("lexicons: {impatience: {add: [快着点], remove: [烦不烦]}}", name="region.yaml")
    own = "lexicons: {impatience: {add: [甭问了], remove: [快着点]}}"
    book = open_rulebook(centre(own, head="extends: region.yaml\nversion: v2\n"))
    assert [said(book, "C10b", text) for text in ("快着点。", "甭问了。", "烦不烦。")] == [
        "pass",
        "fail",
        "pass",
    ]


def test_changes_to_a_lexicon_are_listed_and_hashed(centre):
    book = open_rulebook(centre("lexicons: {impatience: {add: [快着点], remove: [得了吧]}}"))
    paths = {each.path: each.new for each in differences(book, base=BASE)}
    assert paths == {
        ("lexicons", "impatience", "add"): ["快着点"],
        ("lexicons", "impatience", "remove"): ["得了吧"],
    }
    assert book.sha256 != open_rulebook(centre("")).sha256


@pytest.mark.parametrize(
    ("edits", "complaint"),
    [
        (
            "{impatiense: {add: [快着点]}}",
            "lexicons.impatiense: there is no such lexicon; use one of arguing",
        ),
        ("{impatience: {ad: [快着点]}}", "lexicons.impatience.ad is unknown"),
        ("{impatience: {add: [快]}}", "rule C10b: lexicons.impatience.add: 快: say: “快” is no whole phrase"),
        ("{impatience: {add: ['[快着点']}}", "rule C10b: lexicons.impatience.add: [快着点: say: the phrase"),
        ("{impatience: {add: [{say: 快着点, severity: bad}]}}", "lexicons.impatience.add.0.severity"),
        ("{impatience: {add: [{say: 快着点, hit: 快点。}]}}", "the example “快点。” does not hold it"),
        ("{impatience: {add: [{say: 快着点, miss: 快着点。}]}}", "the example “快着点。” holds it"),
        ("{impatience: {remove: [您好]}}", "lexicons.impatience.remove: nothing in “您好” is forbidden"),
    ],
)
def test_a_bad_change_of_a_lexicon_is_refused_with_its_line(centre, edits, complaint):
    message = refused(centre(f"lexicons: {edits}"))
    assert complaint in message
    assert "centre.yaml: line 3:" in message


@pytest.mark.parametrize("key", ["phrases", "settings", "rules", "probes", "lines"])
def test_a_key_of_another_shape_than_the_bases_is_one_fault(centre, key):
    (fault,) = examine_rulebook(centre(f"{key}: 3\n")).faults
    assert f"centre.yaml: line 3: {key}: write a" in str(fault)


def test_a_file_may_extend_a_file_that_extends_another(centre):
    centre("rules: [{id: P3.1, weight: 4}]", name="region.yaml")
    path = centre("rules: [{id: C6, weight: 5}]", head="extends: region.yaml\nversion: v2\n")
    book = open_rulebook(path)
    assert (book.rule("P3.1").weight, book.rule("C6").weight) == (4, 5)


def test_a_path_counts_from_the_file_that_names_it(centre, tmp_path, monkeypatch):
    centre("", name="region.yaml")
    path = centre("", head="extends: region.yaml\nversion: v2\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert open_rulebook(path).version == "v2"


def test_a_circle_is_refused_with_its_files(centre):
    centre("", name="a.yaml", head="version: v\nextends: b.yaml\n")
    path = centre("", name="b.yaml", head="version: v\nextends: a.yaml\n")
    message = refused(path)
    assert "line 2: extends runs in a circle (b.yaml → a.yaml → b.yaml)" in message


def test_a_file_that_extends_itself_is_refused(centre):
    assert "runs in a circle" in refused(centre("", head="version: v\nextends: centre.yaml\n"))


def test_a_missing_base_is_refused(centre):
    message = refused(centre("", head="version: v\nextends: nowhere.yaml\n"))
    assert "line 2: extends names nowhere.yaml, which is no file" in message


def test_a_base_that_is_no_name_is_refused(centre):
    assert "extends: write china_mobile or the path" in refused(centre("", head="version: v\nextends: [a]\n"))


def test_a_fault_of_the_base_names_the_base(centre):
    centre("pass_mark: 900\n", name="region.yaml")
    message = refused(centre("", head="extends: region.yaml\nversion: v2\n"))
    assert "region.yaml: line 3: pass_mark:" in message


def test_a_reference_to_a_removed_rule_is_named_where_it_stands(centre):
    message = refused(centre("remove: [C6]\nrules: [{id: P1, same_as: C6}]"))
    assert "centre.yaml: line 4: rule P1: same_as names C6" in message


def test_the_hash_is_that_of_the_content_and_not_of_its_form(centre):
    one = open_rulebook(centre("rules: [{id: P3.1, weight: 4}]\npass_mark: 70\n"))
    other = open_rulebook(centre("# a comment\npass_mark: 70\nrules:\n  - weight: 4\n    id: P3.1\n"))
    third = open_rulebook(centre("rules: [{id: P3.1, weight: 5}]\npass_mark: 70\n"))
    assert one.sha256 == other.sha256 != third.sha256
    assert one.sha256 != BASE.sha256


def test_a_change_of_the_base_changes_the_hash(centre):
    path = centre("", head="extends: region.yaml\nversion: v2\n")
    centre("", name="region.yaml")
    before = open_rulebook(path).sha256
    centre("pass_mark: 70\n", name="region.yaml")
    assert open_rulebook(path).sha256 != before


def test_an_unset_parameter_takes_the_kinds_default(centre):
    book = open_rulebook(centre("rules: [{id: P3.6a, params: {max_wait_s: null}}]"))
    assert book.rule("P3.6a").params["max_wait_s"] is None


def test_a_rulebook_with_lexicon_entries_may_be_opened_again_and_again():
    assert [examine_rulebook(EXAMPLE).faults for _ in range(3)] == [(), (), ()]


def test_the_shipped_example_holds_and_says_what_it_changes():
    reading = examine_rulebook(EXAMPLE)
    assert reading.faults == ()
    paths = {each.path for each in differences(reading.book, base=BASE)}
    assert ("rules", "P3.1", "params", "max_rings") in paths
    assert ("rules", "P3.6b") in paths
    assert ("phrases", "holds") in paths
    assert ("on_line", "1258", "C12", "weight") in paths


def test_the_shipped_example_names_each_change_in_its_changelog():
    raw = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    named = {change.split(":")[0] for release in raw["changelog"] for change in release["changes"]}
    assert {rule["id"] for rule in raw["rules"]} | set(raw["remove"]) <= named


def test_a_centres_own_hint_takes_the_place_and_leaves_the_hash(centre):
    book = open_rulebook(centre("rules: [{id: C6, hint: 说完再见再挂机}]"))
    assert book.rule("C6").hint == "说完再见再挂机"
    assert book.sha256 == open_rulebook(centre("")).sha256


def test_how_a_rule_is_judged_follows_a_centres_own_limit(centre):
    book = open_rulebook(centre("rules: [{id: P3.1, params: {max_rings: 4}}]"))
    assert "响 4 声以内" in book.rule("P3.1").how_it_is_judged()


def test_a_centres_own_words_on_how_leave_the_hash(centre):
    book = open_rulebook(centre("rules: [{id: C6, how: 合格:说了再见。}]"))
    assert book.rule("C6").how == "合格:说了再见。"
    assert book.sha256 == open_rulebook(centre("")).sha256


def test_a_rule_that_is_judged_otherwise_loses_the_words_on_how(centre):
    book = open_rulebook(centre("rules: [{id: C12, same_as: C9}]"))
    assert (BASE.rule("C12").how != "", book.rule("C12").how) == (True, "")
