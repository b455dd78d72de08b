"""``auditor report``: files where they were asked for, and one sentence where that cannot be."""

import json
import sqlite3
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

import made_team

from auditor.store.migrations import VERSION_TABLE


@pytest.fixture(scope="module")
def team_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("report") / "audits.db"
    made_team.fill(f"sqlite:///{file}", calls=2)
    return file


@pytest.fixture
def report(run_auditor, team_file):
    """Run ``auditor report …`` on the store; returns (exit code, stdout, stderr)."""
    return lambda *arguments: run_auditor("report", *arguments, "--store", f"sqlite:///{team_file}")


@pytest.fixture
def refused(report):
    """The sentence with which a report is refused."""

    def sentence(*arguments):
        code, out, err = report(*arguments)
        assert (code, out) == (2, "") and err.startswith("auditor: ") and err.count("\n") == 1
        assert list(Path().rglob("*.html")) == []
        return err

    return sentence


def test_an_agents_page_lies_beside_the_pages_of_its_clips(report):
    code, out, err = report("agent", "8001", "-o", "out")
    assert (code, err) == (0, "")
    page = Path(out.strip())
    assert page.parent == Path("out")
    linked = {line.split('"')[0].split("#")[0] for line in page.read_text().split('href="')[1:]}
    calls = {name for name in linked if name.startswith("calls/")}
    assert calls and all((page.parent / name).is_file() for name in calls)


@pytest.mark.parametrize("kind", ["xlsx", "csv", "json"])
@pytest.mark.parametrize("what", [("agent", "王小明"), ("team", "投诉一组"), ("team",)])
def test_every_format_is_one_file(report, kind, what):
    code, out, _ = report(*what, "--format", kind)
    assert code == 0
    assert [str(file) for file in Path().iterdir()] == [out.strip()] and out.strip().endswith(kind)


def test_a_period_is_a_whole_month_or_the_days_between(report):
    _, out, _ = report("agent", "8001", "--period", "month", "--from", "2026-10-05", "--format", "json")
    found = json.loads(Path(out.strip()).read_text())
    assert (found["period"]["first"], found["period"]["last"]) == ("2026-10-01", "2026-10-31")
    _, out, _ = report("team", "--from", "2026-10-01", "--to", "2026-11-30", "--format", "json")
    assert json.loads(Path(out.strip()).read_text())["total"]["calls"] == 12


@pytest.mark.parametrize("kind", ["html", "json", "csv", "xlsx"])
def test_a_call_is_found_by_its_id(report, kind):
    code, out, _ = report("call", "2026100001", "--format", kind)
    assert code == 0
    assert Path(out.strip()).stat().st_size > 1000


def test_who_is_unknown_is_told_who_is_near(refused):
    assert "8001 王小明" in refused("agent", "8O01")
    assert "投诉一组" in refused("team", "投诉1组")
    assert "2026100001" in refused("call", "20261000")


def test_days_without_calls_are_named_with_those_that_have_some(refused):
    said = refused("agent", "8001", "--from", "2020-01-01", "--to", "2020-01-31")
    assert "no calls from 2020-01-01 to 2020-01-31" in said and "2026-10-01" in said
    assert "no calls on line 1258" in refused("team", "投诉一组", "--line", "1258")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "yesterday"), "'yesterday' is no date"),
        (("--from", "2026-11-02", "--to", "2026-11-01"), "exchange them"),
        (("--period", "week", "--from", "2026-11-02", "--to", "2026-11-03"), "leave one of the three out"),
    ],
)
def test_wrong_dates_are_one_sentence(refused, options, said):
    assert said in refused("agent", "8001", *options)


def test_a_folder_that_is_a_file_is_refused(refused):
    Path("taken").write_text("")
    assert "this is a file" in refused("agent", "8001", "-o", "taken")


def test_a_store_of_a_newer_version_is_refused(run_auditor, tmp_path, team_file):
    newer = tmp_path / "newer.db"
    newer.write_bytes(team_file.read_bytes())
    with sqlite3.connect(newer) as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    code, _, err = run_auditor("report", "team", "--store", f"sqlite:///{newer}")
    assert code == 2 and "newer auditor" in err


def test_no_store_is_made_where_there_is_none(run_auditor):
    code, _, err = run_auditor("report", "agent", "8001", "--store", "sqlite:///none.db")
    assert code == 2 and "no such store" in err and not Path("none.db").exists()


def test_ids_lead_no_file_out_of_the_folder(report):
    from auditor.cli.report import _slug

    assert _slug("../../etc/passwd") == "etc_passwd"
    assert _slug("a/b\\c:d") == "a_b_c_d" and _slug("..") == "_"
