"""Reports on agents and teams: their numbers are those of the calls, and they accuse nobody too early."""

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from datetime import date

import made_team
import openpyxl
import pytest
from browser import PHONE, keep_picture, serious_faults, sideways_px

from auditor.records import Points, Share
from auditor.report.agent import make_agent_report, praised_rules
from auditor.report.cells import inert
from auditor.report.gather import gather_agent, gather_team
from auditor.report.many import Basis, change_words, read_coaching, share_words
from auditor.report.many_html import heat_class, render_many
from auditor.report.many_json import dumps, to_json
from auditor.report.many_table import csv_text, header
from auditor.report.many_xlsx import xlsx_bytes
from auditor.report.periods import period_with
from auditor.report.team import make_team_report, rank
from auditor.store import Sums, find_agent, iter_audits, latest_edition, open_store
from auditor.store.adding import ClauseSum
from auditor.store.charging import charges, spells_of

ZONE = made_team.ZONE
HOSTILE = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def team_url(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('teams')}/audits.db"
    made_team.fill(url)
    return url


@pytest.fixture(scope="module")
def opened(team_url):
    with open_store(team_url) as store:
        yield store


@pytest.fixture(scope="module")
def basis(opened):
    return Basis(period_with(date(2026, 11, 5), kind="month", zone=ZONE), latest_edition(opened))


@pytest.fixture(scope="module")
def coaching(opened):
    from auditor.judge import open_rulebook

    return read_coaching(open_rulebook())


@pytest.fixture(scope="module")
def agent(opened, basis, coaching):
    """A function: the report on an agent in November."""
    made = {}

    def report(code):
        if code not in made:
            facts = gather_agent(opened, find_agent(opened, code), basis=basis)
            made[code] = make_agent_report(facts, coaching=coaching)
        return made[code]

    return report


@pytest.fixture(scope="module")
def team(opened, basis, coaching):
    return make_team_report(gather_team(opened, "投诉一组", basis=basis), coaching=coaching)


@pytest.fixture(scope="module")
def everyone(opened, basis, coaching):
    return make_team_report(gather_team(opened, None, basis=basis), coaching=coaching)


def november(opened, basis):
    return iter_audits(opened, edition=basis.edition, since=basis.period.since, until=basis.period.until)


def test_an_agents_score_is_the_sum_of_his_points(opened, basis, agent):
    points = Points(0.0, 0.0)
    for audit in november(opened, basis):
        if audit.scorecard.result != "not_scored":
            for part in charges(audit.findings, spells=spells_of(audit.evidence.call_record)):
                points += part.points if part.spell.agent_id == "8001" else Points(0.0, 0.0)
    assert agent("8001").total.points == points


def test_what_costs_most_comes_first_with_its_words_and_what_to_practise(opened, basis, agent):
    lost = Counter()
    for audit in november(opened, basis):
        if audit.evidence.call_record.agent_id == "8001" and audit.scorecard.result != "not_scored":
            lost.update({f.rule: f.weight for f in audit.findings if f.verdict == "fail" and f.weight})
    costly = agent("8001").costly
    assert [told.line.mine.cost for told in costly] == sorted(lost.values(), reverse=True)[: len(costly)]
    first = costly[0]
    assert (first.line.rule, first.places[0].quote) == ("C6", "好的那就这样")
    assert first.line.hint and "再见" in first.line.wording
    assert all(place.verdict == "fail" for told in costly for place in told.places)


def test_praise_needs_calls_enough_to_show_it():
    def of(passed, failed):
        return Sums(
            clauses=(ClauseSum("C9", "", "", "C", passed, failed, 0, Points(passed, passed + failed)),)
        )

    others = of(80, 20)
    assert praised_rules(of(40, 0), others=others) == ("C9",)
    assert praised_rules(of(10, 0), others=others) == ("C9",)
    assert praised_rules(of(9, 0), others=others) == ()
    assert praised_rules(of(40, 8), others=others) == ()


def test_few_calls_give_no_rank_and_a_caution(agent, team):
    assert any("不足 10 通" in text for text in agent("8003").cautions)
    ranks = {line.code: line.rank for line in team.agents}
    assert ranks["8003"] is None
    assert sorted(rank for rank in ranks.values() if rank) == [1, 2, 3]
    assert team.agents[-1].code == "8003"


def test_equal_scores_share_a_rank():
    sums = {
        code: Sums(scored=10, points=Points(points, 100.0))
        for code, points in (("a", 90), ("b", 80), ("c", 90))
    }
    assert [(line.code, line.rank) for line in rank(sums, before={}, names={})] == [
        ("a", 1),
        ("c", 1),
        ("b", 3),
    ]


def test_a_critical_item_that_nobody_confirmed_is_no_fail(everyone):
    assert everyone.critical and everyone.total.critical
    assert {call.words for call in everyone.critical} == {"一票否决待复核"}
    assert everyone.total.pending >= everyone.total.critical
    page = render_many(everyone)
    assert page.index("一票否决项") < page.index("得分走势")
    assert "待复核，不作最终结论" in page


def test_a_shared_call_gives_its_agents_no_result(opened, coaching):
    october = Basis(period_with(date(2026, 10, 5), kind="month", zone=ZONE), latest_edition(opened))
    facts = gather_agent(opened, find_agent(opened, "8001"), basis=october)
    report = make_agent_report(facts, coaching=coaching)
    assert report.total.scored - report.total.alone == 1
    assert any("1 通是转接通话" in text for text in report.cautions)


def test_the_heat_map_has_a_cell_for_every_agent_and_colours_only_what_is_enough(team):
    assert all(len(row.cells) == len(team.agents) for row in team.heat)
    costs = [row.line.mine.cost for row in team.heat]
    assert costs == sorted(costs, reverse=True)
    assert heat_class(Share(9, 9)) == "few"
    assert [heat_class(Share(n, 20)) for n in (20, 19, 18, 15, 10, 9)] == ["h0", "h0", "h1", "h2", "h3", "h4"]


def test_names_from_call_records_are_text_on_the_page(agent, team):
    assert "<b>新</b>" not in render_many(agent("8003")) + render_many(team)
    assert "陈 &lt;b&gt;新&lt;/b&gt;" in render_many(team)


def test_a_page_is_the_same_each_time_and_asks_nobody(agent):
    page = render_many(agent("8001"))
    assert page == render_many(agent("8001"))
    own = page.replace(
        page[page.index("plotly.js v") : page.rindex("</script>", 0, page.rindex("<script>"))], ""
    )
    assert "http://" not in own and "https://" not in own
    assert "default-src 'none'" in page


@pytest.fixture(scope="module")
def workbook(everyone):
    return openpyxl.load_workbook(io.BytesIO(xlsx_bytes(everyone)))


def test_sheets_have_frozen_headings_filters_colours_and_charts(workbook):
    assert workbook.sheetnames == [
        "概要",
        "客服",
        "客服×条款",
        "条款",
        "走势",
        "一票否决",
        "待听",
        "通话明细",
    ]
    for sheet in workbook.worksheets[1:]:
        assert sheet.freeze_panes and sheet.auto_filter.ref
    assert workbook["条款"].conditional_formatting and workbook["客服×条款"].conditional_formatting
    assert workbook["走势"]._charts and workbook["客服"]._charts


def test_no_cell_is_a_formula_whatever_it_begins_with(workbook, everyone):
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert HOSTILE in {cell.value for cell in workbook["通话明细"]["C"]}
    rows = list(csv.reader(io.StringIO(csv_text(everyone).removeprefix("\ufeff"))))
    assert "'" + HOSTILE in {row[2] for row in rows}
    assert [inert(text) for text in ("=1", "+1", "-1", "@x", "1")] == ["'=1", "'+1", "'-1", "'@x", "1"]


def test_tables_hold_every_call_with_what_each_rule_cost(workbook, everyone, opened, basis):
    sheet = workbook["通话明细"]
    assert sheet.max_row - 1 == len(everyone.calls) == everyone.total.calls
    head = [cell.value for cell in sheet[1]]
    assert head[:2] == ["通话编号", "工号"] and head == list(header(everyone))
    cost = Counter()
    for row in sheet.iter_rows(min_row=2, values_only=True):
        for name, value in zip(head, row, strict=True):
            if name.endswith("扣分") and value:
                cost[name.split()[0]] += value
    lost = Counter()
    for audit in november(opened, basis):
        lost.update({f.rule: f.weight for f in audit.findings if f.verdict == "fail" and f.weight})
    assert cost == lost


def test_csv_begins_with_the_mark_that_spreadsheets_look_for(agent):
    text = csv_text(agent("8001"))
    assert text.encode().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {len(row) for row in rows} == {len(rows[0])} and len(rows) == 1 + agent("8001").total.calls


def test_json_has_a_version_and_the_same_numbers(agent, team):
    data = json.loads(dumps(agent("8001")))
    assert (data["format"], data["kind"], data["agent"]["id"]) == (1, "agent", "8001")
    assert data["total"]["points"]["percent"] == agent("8001").total.percent
    assert sum(each["mine"]["points"]["possible"] for each in data["clauses"]) == pytest.approx(
        data["total"]["points"]["possible"]
    )
    assert sum(step["mine"]["calls"] for step in data["trend"]) == data["total"]["calls"]
    assert {each["id"] for each in to_json(team)["agents"]} == {"8001", "8002", "8003", "8004"}


@pytest.mark.parametrize(
    ("share", "words"),
    [(Share(0, 0), "—"), (Share(0, 9), "0%"), (Share(999, 1000), "99%"), (Share(1, 999), "1%")],
)
def test_shares_are_0_and_100_only_if_truly_so(share, words):
    assert share_words(share) == words


def test_a_change_says_nothing_where_there_was_nothing():
    assert (change_words(80.0, None), change_words(80.0, 79.0), change_words(80.0, 80.0)) == (
        "",
        "+1.0 分",
        "持平",
    )


def test_a_rule_that_the_rulebook_no_longer_has_is_still_told(opened, basis, coaching):
    facts = gather_agent(opened, find_agent(opened, "8001"), basis=basis, every_call=False)
    report = make_agent_report(facts, coaching=replace(coaching, order=(), hints={}, wording={}))
    assert {line.rule for line in report.clauses} == {each.rule for each in facts.mine.clauses}


def test_pages_draw_their_charts_without_errors(open_page, tmp_path, agent, team):
    for name, report in (("agent", agent("8001")), ("team", team)):
        file = tmp_path / f"{name}.html"
        file.write_text(render_many(report), encoding="utf-8")
        page = open_page(file.as_uri())
        page.wait_for_selector("#chart-trend .main-svg")
        assert page.locator(".chart .main-svg").count() >= 2
        keep_picture(page, f"report-{name}")
        assert serious_faults(page) == []
        phone = open_page(file.as_uri(), size=PHONE)
        assert sideways_px(phone) <= 0
        keep_picture(phone, f"report-{name}-phone")
