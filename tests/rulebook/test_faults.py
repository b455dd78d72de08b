"""Whatever is wrong with a rulebook is named with file, line, rule and key, and all of it at once."""

from importlib.resources import files

import pytest

from auditor.errors import RulebookError
from auditor.judge import examine_rulebook, open_rulebook

SHIPPED = (files("auditor.rulebook") / "china_mobile.yaml").read_text(encoding="utf-8")


@pytest.fixture
def edited(tmp_path):
    """The shipped file, edited as an inspector would: old text for new, one place each."""

    def edit(*changes):
        text = SHIPPED
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        path = tmp_path / "book.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return edit


def line_of(words, *, after=""):
    """The line, from 1, of the first ``words`` behind ``after``."""
    start = SHIPPED.index(words, SHIPPED.index(after))
    return SHIPPED[:start].count("\n") + 1


def only_fault(path):
    (fault,) = examine_rulebook(path).faults
    return str(fault)


def in_rule(rule_id, old, new):
    """A change inside one rule: the text from its id to the first ``old`` behind it."""
    start = SHIPPED.index(f"- id: {rule_id}\n")
    end = SHIPPED.index(old, start) + len(old)
    part = SHIPPED[start:end]
    return part, part[: -len(old)] + new


def test_the_shipped_rulebook_has_no_fault():
    assert examine_rulebook().faults == ()


def test_a_typo_in_a_key_names_line_rule_and_key(edited):
    line = line_of("weight", after="- id: C9\n")
    message = only_fault(edited(in_rule("C9", "weight:", "wieght:")))
    assert f"book.yaml: line {line}: rule C9: the key wieght is unknown" in message


def test_a_missing_clause_names_the_rule_and_where_it_begins(edited):
    line = line_of("- id: C1\n")
    message = only_fault(edited(in_rule("C1", "    clause: 问候语\n", "")))
    assert f"line {line}: rule C1: the key clause is missing; add it." in message


def test_a_wrong_value_names_its_line(edited):
    line = line_of("weight", after="- id: C9\n")
    message = only_fault(edited(in_rule("C9", "weight: 5", "weight: -5")))
    assert f"line {line}: rule C9: weight:" in message


def test_a_wrong_parameter_names_its_line(edited):
    line = line_of("max_silence_s:", after="- id: C9\n")
    message = only_fault(edited(in_rule("C9", "max_silence_s: 10", "max_silence_s: long")))
    assert f"line {line}: rule C9: params.max_silence_s:" in message


def test_an_unknown_parameter_names_its_line(edited):
    line = line_of("max_silence_s:", after="- id: C9\n")
    message = only_fault(edited(in_rule("C9", "max_silence_s:", "max_silense_s: 3\n      max_silence_s:")))
    assert f"line {line}: rule C9: the key params.max_silense_s is unknown" in message


def test_an_unknown_kind_names_line_and_rule(edited):
    line = line_of("kind", after="- id: C9\n")
    message = only_fault(edited(in_rule("C9", "kind: silence_handling", "kind: mind_reading")))
    assert f"line {line}: rule C9: the kind mind_reading is unknown; use one of" in message


def test_a_duplicate_id_names_the_second(edited):
    line = line_of("- id: C9\n")
    message = only_fault(edited(("- id: C9\n", "- id: C8b\n")))
    assert f"line {line}: rule C8b: the id is used 2 times" in message


def test_a_phrase_that_is_empty_after_normalisation_names_its_line(edited):
    line = line_of("- 移动公司", after="identities:")
    message = only_fault(
        edited(("identities:\n    - 中国移动\n    - 移动公司\n", "identities:\n    - 中国移动\n    - ……\n"))
    )
    assert f"line {line}: phrases.identities: the phrase '……' is empty after normalisation" in message


def test_a_phrase_against_the_grammar_names_its_line(edited):
    line = line_of("wei: [喂]")
    message = only_fault(edited(("wei: [喂]", 'wei: ["[喂"]')))
    assert f"line {line}: phrases.wei:" in message


def test_weights_that_sum_to_nothing_are_refused(tmp_path):
    changes = "".join(
        f"  - {{id: {rule.id}, weight: 0}}\n" for rule in open_rulebook().rules if not rule.same_as
    )
    path = tmp_path / "book.yaml"
    path.write_text(f"extends: china_mobile\nversion: v\nrules:\n{changes}", encoding="utf-8")
    assert "the weights of all rules sum to nothing" in only_fault(path)


def test_a_key_written_twice_names_its_line(edited):
    line = line_of("pass_mark: 80 ") + 1
    message = only_fault(edited(("pass_mark: 80 ", "pass_mark: 80\npass_mark: 90 ")))
    assert f"line {line}: the key pass_mark stands twice" in message


def test_a_date_that_does_not_exist_names_its_line(edited):
    message = only_fault(edited(("valid_from: 2026-11-01", "valid_from: 2026-13-41")))
    assert f"line {line_of('valid_from')}:" in message


def test_a_tag_that_yaml_does_not_know_is_refused(edited):
    assert "correct the YAML" in only_fault(edited(("pass_mark: 80", "pass_mark: !eighty 80")))


def test_a_node_that_holds_itself_is_refused(tmp_path):
    path = tmp_path / "book.yaml"
    path.write_text("version: &a [*a]\n", encoding="utf-8")
    assert any("correct" in str(fault) for fault in examine_rulebook(path).faults)


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "book.yaml"
    path.write_text("# nothing\n", encoding="utf-8")
    assert "the file is empty" in only_fault(path)


def test_brackets_without_quotes_get_a_hint(edited):
    message = only_fault(edited(("wei: [喂]", "wei: [喂[喂|位]]")))
    assert "a phrase with brackets in a [list] needs quotes" in message


def test_a_changelog_that_ends_before_the_version_is_refused(edited):
    message = only_fault(
        edited(("changelog: ", "changelog: "), ('version: "2026.11"\nvalid', 'version: "2027.01"\nvalid'))
    )
    assert "changelog begins with 2026.11, but the version is 2027.01" in message


def test_a_line_that_is_judged_like_an_alias_is_refused(edited):
    message = only_fault(edited(('"12580": "1258"', '"12580": "10086"')))
    assert f"line {line_of('12580')}: lines.12580: 10086 is itself judged like another line" in message


@pytest.mark.parametrize(
    ("on_line", "complaint"),
    [
        ("{'1258': {P9: {weight: 1}}}", "rule P9: on_line.1258 names P9, which is no rule here"),
        ("{'12580': {C9: {weight: 1}}}", "on_line.12580 is judged like 1258; write the changes under that"),
        ("{'1258': {C9: {wight: 1}}}", "rule C9: the key on_line.1258.C9.wight is unknown"),
        (
            "{'1258': {C9: {params: {max_silense_s: 1}}}}",
            "on_line.1258: the key params.max_silense_s is unknown",
        ),
        ("{'1258': {C9: {params: {max_silence_s: -1}}}}", "rule C9: on_line.1258: params.max_silence_s:"),
    ],
)
def test_a_bad_override_of_a_line_is_refused(edited, on_line, complaint):
    message = only_fault(edited(("\non_line:\n", f"\non_line:\n  {on_line[1:-1]}\n")))
    assert complaint in message
    assert f"line {line_of('on_line:', after='scripts:') + 1}:" in message


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("opening: [script_desk]", "opening: [script_dask]", "opening names the phrase set script_dask"),
        ('line: "1258"\n    opening', 'line: "12580"\n    opening', "the line 12580 is judged like 1258"),
        ("- name: collector", "- name: collection", "scripts.collection: the name is used twice"),
        ("    opening: [script_key_account]\n", "", "scripts.key_accounts has neither opening nor content"),
        ("confidence: {content: 0.9}", "confidence: {content: 1.9}", "scripts.9.confidence.content"),
        ("also_on: [key_account, coll", "also_one: [key_account, coll", "also_one is unknown"),
        ('default_line: "1860"', 'default_line: "10086"', "default_line: 10086 is judged like 1860"),
    ],
)
def test_a_script_that_no_line_can_have_is_refused(edited, old, new, complaint):
    message = only_fault(edited((old, new)))
    assert complaint in message
    assert "book.yaml: line " in message


def test_a_centre_changes_a_script_by_its_name(tmp_path):
    path = tmp_path / "centre.yaml"
    text = "scripts:\n  - {name: hotline, confidence: {opening: 0.6}}\n"
    path.write_text(f"extends: china_mobile\nversion: v1\n{text}", encoding="utf-8")
    book = examine_rulebook(path).book
    script = next(each for each in book.scripts if each.name == "hotline")
    assert (script.confidence.opening, script.confidence.both, script.line) == (0.6, 0.95, "1860")


def test_all_faults_are_found_at_once_in_the_order_of_the_file(edited):
    path = edited(
        ("pass_mark: 80", "pass_marc: 80"),
        ("wei: [喂]", "wei: [……]"),
        in_rule("C9", "weight: 5", "weight: heavy"),
        ("max_silence_s: 10", "max_silence_s: -10"),
        ("kind: overlap", "kind: overlook"),
    )
    faults = examine_rulebook(path).faults
    told = " ".join(str(fault) for fault in faults)
    for words in ("pass_marc", "pass_mark is missing", "phrases.wei", "weight", "max_silence_s", "overlook"):
        assert words in told
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)


def test_a_typo_in_phrases_is_no_flood_of_missing_sets(edited):
    faults = examine_rulebook(edited(("\nphrases:", "\nphrasse:"))).faults
    assert len(faults) == 2
    assert "the key phrasse is unknown" in str(faults[1])


def test_opening_a_faulty_rulebook_is_one_sentence_that_says_how_many_more(edited):
    path = edited(("pass_mark: 80", "pass_marc: 80"), ("wei: [喂]", "wei: [……]"))
    with pytest.raises(RulebookError, match=r"2 more; `auditor rules check FILE` lists them all") as caught:
        open_rulebook(path)
    assert "\n" not in str(caught.value)
