"""``auditor rules`` from outside: what it prints, its exit codes, a sentence for every fault."""

import json
from importlib.resources import files

import pytest

from auditor.judge import open_rulebook
from auditor.kinds import KINDS

BOOK = open_rulebook()
EXAMPLE = files("auditor.rulebook") / "example_centre.yaml"


@pytest.fixture
def centre(tmp_path):
    """Write a centre's file (what follows extends and version); returns the path."""

    def write(text):
        path = tmp_path / "centre.yaml"
        path.write_text(f"extends: china_mobile\nversion: v1\n{text}", encoding="utf-8")
        return path

    return write


def test_list_shows_every_rule_in_chinese(run_auditor):
    code, out, err = run_auditor("rules", "list")
    assert (code, err) == (0, "")
    for rule in BOOK.rules:
        assert any(line.startswith(rule.id) and rule.title in line for line in out.splitlines()), rule.id
    assert f"共 {len(BOOK.rules)} 条" in out


def test_list_as_json_is_data(run_auditor):
    code, out, _ = run_auditor("rules", "list", "--format", "json")
    listed = json.loads(out)
    assert code == 0
    assert [row["id"] for row in listed] == [rule.id for rule in BOOK.rules]
    row = next(row for row in listed if row["id"] == "G1")
    assert (row["title"], row["kind"]) == ("主动询问需要", "required_phrase")
    assert row["applies"]["direction"] == ["inbound"]


def test_list_as_markdown_is_the_readmes_table(run_auditor):
    code, out, _ = run_auditor("rules", "list", "--format", "markdown")
    assert code == 0
    shown = {line.split(" | ")[0].strip("| "): line for line in out.splitlines()}
    assert shown["V5"].endswith("| `clarity` | no |")
    assert shown["P3.1"].endswith("| `answer_rings` | yes |")


def test_list_of_another_rulebook_shows_its_weights(run_auditor, centre):
    path = centre("rules: [{id: P3.1, weight: 4.5}]")
    _, out, _ = run_auditor("rules", "list", "--rulebook", path, "--format", "json")
    assert next(row["weight"] for row in json.loads(out) if row["id"] == "P3.1") == 4.5


def test_show_prints_clause_parameters_manual_and_cases(run_auditor):
    code, out, _ = run_auditor("rules", "show", "P3.2b")
    assert code == 0
    assert "不说「喂」" in out
    assert "max_below_own_db: 15" in out
    assert "话术 wei_exempt" in out
    assert "喂养" in out
    first_line = KINDS["forbidden_phrase"].__doc__.splitlines()[0]
    for words in (first_line, "Silent when", "用例(", "不合格", "待复核"):
        assert words in out


def test_show_names_the_rules_that_charge_the_same_fault(run_auditor):
    _, out, _ = run_auditor("rules", "show", "V1")
    assert "与 V2 同因时只扣一次" in out


def test_show_says_which_rules_never_fail(run_auditor):
    _, out, _ = run_auditor("rules", "show", "V5")
    assert "可判不合格 否" in out


def test_show_takes_an_id_in_any_case(run_auditor):
    assert run_auditor("rules", "show", "p3.2B")[0] == 0


def test_show_of_an_alias_shows_the_rule_that_is_judged(run_auditor, centre):
    path = centre("rules: [{id: X1, clause: c, title: t, section: C, same_as: C6}]")
    code, out, _ = run_auditor("rules", "show", "X1", "--rulebook", path)
    assert code == 0
    assert "见 C6(不计分)" in out
    assert "说明(required_phrase)" in out


def test_show_says_what_a_line_has_otherwise(run_auditor, centre):
    path = centre("on_line: {'1258': {C12: {weight: 2}}}")
    _, out, _ = run_auditor("rules", "show", "C12", "--rulebook", path)
    assert "线路 1258 另定:{weight: 2}" in out


def test_show_of_a_rule_that_is_not_there_is_one_sentence(run_auditor):
    code, out, err = run_auditor("rules", "show", "P9")
    assert (code, out) == (2, "")
    assert err.startswith("auditor: there is no rule P9; use one of P1, ")
    assert err.count("\n") == 1


def test_check_says_that_a_file_holds_and_what_it_changes(run_auditor):
    code, out, err = run_auditor("rules", "check", EXAMPLE)
    assert (code, err) == (0, "")
    assert "有效" in out
    for words in (
        "及格线:80 → 85",
        "规则 P3.1 参数.max_rings:3 → 4",
        "去掉规则 P3.6b:轻放话筒",
        "新增规则 X1:结束前询问",
        "话术 holds:增加 请您别挂线、我这就为您查;去掉 我正在记录",
        "线路 1258 另定规则 C12 权重:(无) → 2",
    ):
        assert words in out


def test_check_names_all_faults_one_sentence_each(run_auditor, centre):
    path = centre(
        "pass_marc: 80\n"
        "phrases: {wei: [……]}\n"
        "rules:\n"
        "  - {id: P3.1, weight: heavy}\n"
        "  - {id: C9, params: {max_silense_s: 3}}\n"
    )
    code, out, err = run_auditor("rules", "check", path)
    lines = err.splitlines()
    assert (code, out) == (2, "")
    assert len(lines) == 4
    assert (
        f"auditor: {path}: line 3: the key pass_marc is unknown; remove it or correct its spelling." in lines
    )
    for number, words in (
        (4, "phrases.wei"),
        (6, "rule P3.1: weight"),
        (7, "rule C9: the key params.max_silense_s"),
    ):
        assert any(f"line {number}: {words}" in line for line in lines), err


def test_check_of_a_file_that_is_not_there_is_one_sentence(run_auditor):
    code, _, err = run_auditor("rules", "check", "nowhere.yaml")
    assert code == 2
    assert err == (
        "auditor: nowhere.yaml: the rulebook cannot be read (No such file or directory); give the path of a"
        " YAML file.\n"
    )


def test_check_writes_nothing_over_the_file(run_auditor, centre):
    path = centre("pass_mark: 70\n")
    before = path.read_bytes()
    run_auditor("rules", "check", path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("command", ["list", "show", "check"])
def test_every_command_has_help(run_auditor, command):
    code, out, _ = run_auditor("rules", command, "--help")
    assert code == 0
    assert f"rules {command} [OPTIONS]" in out
