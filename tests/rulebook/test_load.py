"""A rulebook is read whole, or refused in one sentence that names file, rule and key."""

import re
from importlib.resources import files

import pytest
import yaml

from auditor.errors import RulebookError
from auditor.judge import judge, open_rulebook
from auditor.rulebook.case_file import RawCase
from auditor.rulebook.cases import build_evidence
from auditor.rulebook.lexicon import probes_of
from auditor.rulebook.load import load_rulebook

SHIPPED = (files("auditor.rulebook") / "china_mobile.yaml").read_text(encoding="utf-8")


def write(tmp_path, change):
    """The shipped rulebook with a change; ``change`` edits the plain mapping."""
    raw = yaml.safe_load(SHIPPED)
    change(raw)
    path = tmp_path / "book.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return path


def rule(raw, rule_id):
    return next(rule for rule in raw["rules"] if rule["id"] == rule_id)


def probe(raw, name):
    return next(spec for spec in raw["probes"] if spec["name"] == name)


def refused(tmp_path, change):
    with pytest.raises(RulebookError) as caught:
        open_rulebook(write(tmp_path, change))
    message = str(caught.value)
    assert "book.yaml" in message
    assert "\n" not in message
    return message


def test_the_shipped_rulebook_is_the_default():
    assert open_rulebook().version == load_rulebook().version


def is_about_an_inbound_call_on_1860(rule):
    about = rule.applies
    on_line = "1860" in (about.line or ("1860",)) and "1860" not in about.not_line
    return on_line and "inbound" in (about.direction or ("inbound",))


def test_the_weights_of_an_inbound_1860_call_sum_to_a_hundred_without_what_needs_a_trigger():
    rules = [rule for rule in open_rulebook().rules if is_about_an_inbound_call_on_1860(rule)]
    assert sum(rule.weight for rule in rules if not rule.triggered) == pytest.approx(100)


def test_what_an_ordinary_call_does_not_call_for_is_not_applicable():
    turns = [
        {"客服": "您好,中国移动,我能为您做些什么?"},
        {"客户": "我的余额是多少?"},
        {"客服": "您的余额是五十元,再见。"},
    ]
    case = RawCase.model_validate({"name": "ordinary", "expect": "pass", "turns": turns})
    book = open_rulebook()
    findings, _ = judge(build_evidence(case), book=book)
    triggered = {rule.id for rule in book.rules if rule.triggered}
    assert {f.verdict for f in findings if f.rule in triggered} == {"not_applicable"}


def test_the_rules_of_the_first_issue_are_there_once_each():
    wanted = ["P1", "P3.1", "P3.2a", "P3.2b", "P3.5b", "P3.6a", "P3.6b", "V1", "V2", "V3", "V4", "V5"]
    wanted += ["C1", "C6", "C7", "C8b", "C9", "C12", "G1"]
    assert [rule.id for rule in open_rulebook().rules if rule.id in wanted] == wanted


def test_the_pass_mark_is_eighty():
    assert open_rulebook().pass_mark == 80


def test_what_is_not_audible_is_listed():
    assert any("面部表情" in line for line in open_rulebook().not_audible)


def test_every_probe_is_asked_for_by_a_rule_and_can_be_denied():
    book = open_rulebook()
    named = {str(value) for rule in book.rules for key, value in rule.params.items() if key.endswith("probe")}
    assert {spec.name for spec in book.probes} == named
    assert all(spec.foils for spec in book.probes)


def test_the_probe_of_swearing_takes_its_phrases_from_the_lexicons():
    book = open_rulebook()
    swearing = next(spec for spec in probes_of(book) if spec.name == "swearing")
    assert "他妈的" in swearing.phrases and swearing.lexicons == ()
    assert not any(len(phrase) < 2 for phrase in swearing.phrases)
    assert not set(swearing.phrases) & set(swearing.foils)
    others = [spec for spec in book.probes if not spec.lexicons]
    assert [spec for spec in probes_of(book) if spec.name != "swearing"] == others


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"foils": []}, "probes.swearing: there are no foils"),
        ({"lexicons": ["sware"]}, "probes.swearing: the lexicon sware is unknown"),
        ({"where": "each_occurrence"}, "probes.swearing: lexicons are asked about where: each_phrase"),
        ({"lexicons": []}, "probes.swearing: the list is empty"),
    ],
)
def test_a_probe_that_cannot_be_asked_is_refused(tmp_path, change, complaint):
    message = refused(tmp_path, lambda raw: probe(raw, "swearing").update(change))
    assert complaint in message


def test_a_probe_of_an_act_must_be_there(tmp_path):
    message = refused(tmp_path, lambda raw: raw["probes"].remove(probe(raw, "identity")))
    assert "params.identity_probe names identity, which is not under probes" in message


def test_mandated_words_are_in_no_forbidden_set():
    book = open_rulebook()
    assert not set(book.words("wei", "impolite")) & set(book.words("greetings", "goodbyes"))


def test_the_hash_follows_the_content(tmp_path):
    one = open_rulebook(write(tmp_path, dict)).sha256
    other = open_rulebook(write(tmp_path, lambda raw: raw.update(pass_mark=79))).sha256
    assert len(one) == 64
    assert one != other


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(RulebookError, match=r"nowhere\.yaml: the rulebook cannot be read"):
        open_rulebook(tmp_path / "nowhere.yaml")


def test_broken_yaml_is_refused_with_its_line(tmp_path):
    path = tmp_path / "book.yaml"
    path.write_text("version: 1\nrules: [", encoding="utf-8")
    with pytest.raises(RulebookError, match=r"book\.yaml: line \d"):
        open_rulebook(path)


def test_a_key_written_twice_is_refused(tmp_path):
    path = tmp_path / "book.yaml"
    path.write_text("extends: china_mobile\nversion: '1'\nversion: '2'\n", encoding="utf-8")
    with pytest.raises(RulebookError, match="the key version stands twice"):
        open_rulebook(path)


def test_a_list_is_no_rulebook(tmp_path):
    path = tmp_path / "book.yaml"
    path.write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(RulebookError, match="a rulebook is a mapping"):
        open_rulebook(path)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "book.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RulebookError, match="not UTF-8"):
        open_rulebook(path)


def test_an_unknown_key_of_a_rule_is_refused(tmp_path):
    message = refused(tmp_path, lambda raw: rule(raw, "P3.1").update(wieght=3))
    assert "rule P3.1: the key wieght is unknown" in message


def test_an_unknown_key_at_the_top_is_refused(tmp_path):
    assert "the key pass_marc is unknown" in refused(tmp_path, lambda raw: raw.update(pass_marc=1))


def test_an_unknown_key_of_a_probe_is_refused(tmp_path):
    message = refused(tmp_path, lambda raw: raw["probes"][0].update(wher="x"))
    assert "wher" in message


def test_a_missing_key_is_refused(tmp_path):
    assert "rule C1: the key title is missing" in refused(tmp_path, lambda raw: rule(raw, "C1").pop("title"))


def test_a_wrong_type_is_refused(tmp_path):
    message = refused(tmp_path, lambda raw: rule(raw, "C1").update(weight="heavy"))
    assert "rule C1: weight:" in message


def test_an_unknown_kind_is_refused(tmp_path):
    message = refused(tmp_path, lambda raw: rule(raw, "C1").update(kind="mind_reading"))
    assert "rule C1: the kind mind_reading is unknown" in message


def test_an_unknown_parameter_is_refused(tmp_path):
    message = refused(tmp_path, lambda raw: rule(raw, "C9")["params"].update(max_silense_s=3))
    assert "rule C9: the key params.max_silense_s is unknown" in message


def test_a_missing_parameter_is_refused(tmp_path):
    message = refused(tmp_path, lambda raw: rule(raw, "C9")["params"].pop("holds"))
    assert "rule C9: the key params.holds is missing" in message


def test_a_wrong_parameter_is_refused(tmp_path):
    message = refused(tmp_path, lambda raw: rule(raw, "C9")["params"].update(max_silence_s=-1))
    assert "rule C9: params.max_silence_s:" in message


def test_a_duplicate_id_is_refused(tmp_path):
    message = refused(tmp_path, lambda raw: raw["rules"].append(dict(rule(raw, "C1"))))
    assert "rule C1: the id is used 2 times" in message


def test_a_missing_phrase_set_is_refused(tmp_path):
    message = refused(tmp_path, lambda raw: raw["phrases"].pop("goodbyes"))
    assert "names the phrase set goodbyes" in message


def test_a_phrase_of_punctuation_is_refused(tmp_path):
    message = refused(tmp_path, lambda raw: raw["phrases"]["goodbyes"].append("……"))
    assert "phrases.goodbyes" in message
    assert "empty after normalisation" in message


def test_a_phrase_that_breaks_the_grammar_is_refused(tmp_path):
    message = refused(tmp_path, lambda raw: raw["phrases"]["goodbyes"].append("[再见|拜拜"))
    assert "phrases.goodbyes" in message


def test_an_empty_phrase_set_is_refused(tmp_path):
    assert "phrases.wei" in refused(tmp_path, lambda raw: raw["phrases"].update(wei=[]))


def test_a_missing_probe_is_refused(tmp_path):
    message = refused(tmp_path, lambda raw: raw["probes"].pop(0))
    assert "params.probe names opening" in message


def test_weights_that_sum_to_nothing_are_refused(tmp_path):
    def weigh_nothing(raw):
        for each in raw["rules"]:
            each["weight"] = 0

    assert "sum to nothing" in refused(tmp_path, weigh_nothing)


@pytest.mark.parametrize(
    ("alias", "complaint"),
    [
        ({"same_as": "X9"}, "which is no rule here"),
        ({"same_as": "X8"}, "which is an alias itself"),
        ({"same_as": "C1", "weight": 3}, "weight, critical and params do not belong here"),
        ({"same_as": "C1", "kind": "overlap"}, "exactly one of the two"),
        ({}, "exactly one of the two"),
    ],
)
def test_a_bad_alias_is_refused(tmp_path, alias, complaint):
    entry = {"id": "X8", "clause": "c", "title": "t", "section": "C", **alias}
    assert complaint in refused(tmp_path, lambda raw: raw["rules"].append(entry))


def test_every_rule_has_a_hint_for_who_fails_it():
    hints = {rule.id: rule.hint for rule in load_rulebook().rules}
    assert [rule for rule, hint in hints.items() if len(hint) < 10] == []
    assert len(set(hints.values())) == len(hints)


def test_every_rule_says_in_chinese_how_it_is_judged():
    said = {rule.id: rule.how_it_is_judged() for rule in load_rulebook().rules}
    assert {rule: len(how) for rule, how in said.items() if not 20 <= len(how) <= 220} == {}
    assert {rule: how for rule, how in said.items() if re.search("[A-Za-z_]{2,}|[{}]", how)} == {}
    assert {rule: how for rule, how in said.items() if len(re.findall("[一-鿿]", how)) < 0.6 * len(how)} == {}


def test_no_limit_is_written_out_where_a_parameter_holds_it():
    numbers = {
        rule.id: re.findall(r"\d+(?:\.\d+)?", rule.how.replace("1258", "").replace("1860", ""))
        for rule in load_rulebook().rules
    }
    assert {rule: found for rule, found in numbers.items() if found} == {}


def test_how_names_only_parameters_that_the_rule_has(tmp_path):
    def name_another(raw):
        raw["rules"][0]["how"] = "合格:不超过 {max_rings} 声。"

    assert "how names {max_rings}, which is no parameter here" in refused(tmp_path, name_another)


def test_the_shipped_rulebook_keeps_its_hash():
    assert load_rulebook().sha256.startswith("912b4fb73a4bcd01")
