from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from auditor.records import CallAudit
from auditor.report.labels import DEMONSTRATION_LINE
from auditor.report.text import render_text


def shown(audit: CallAudit, *, width: int = 80, colour: bool = False, **extra: object) -> str:
    buffer = io.StringIO()
    console = Console(
        file=buffer, width=width, force_terminal=colour, color_system="standard" if colour else None
    )
    render_text(audit, console=console, **extra)  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(audit: CallAudit, width: int) -> None:
    assert max(cell_len(line) for line in shown(audit, width=width).splitlines()) <= min(width, 100)


def test_blocks_stand_in_the_order_of_use(audit: CallAudit) -> None:
    text = shown(audit)
    titles = [
        "得分",
        "一票否决项 1 项",
        "不合格 2 项",
        "需要人听 3 项",
        "合格 9 项",
        "不适用 5 项",
        "测得",
        "录音听不出",
    ]
    places = [text.index(f"\n{title}") for title in titles]
    assert places == sorted(places)


def test_the_score_comes_with_best_worst_and_result(audit: CallAudit) -> None:
    text = shown(audit)
    assert "得分  69    结论  不合格（一票否决，待复核确认）" in text
    assert "复核之后最低 57.1 分、最高 74.3 分" in text


def test_a_fail_shows_clause_clock_quote_reason_and_points(audit: CallAudit) -> None:
    text = shown(audit)
    block = text[text.index("P3.2a    首句") :].split("V3 ")[0]
    assert "扣 13.8 分" in block
    assert "00:08  「喂,你好,请讲。」" in block
    assert "客服第一句没有「您好，中国移动」" in block
    assert "同一处也涉及 P1 三要素、C1 问候语（不重复扣分）" in block


def test_the_mandated_wording_is_shown_when_known(audit: CallAudit, wording: dict[str, str]) -> None:
    assert "课件说法" not in shown(audit)
    assert "课件说法：「您好，中国移动」" in shown(audit, wording=wording)


def test_a_section_names_every_rule_that_passed_with_its_title(audit: CallAudit) -> None:
    lines = [line for line in shown(audit).splitlines() if line.startswith("C 礼貌用语  ")]
    assert lines[0].split() == [
        "C",
        "礼貌用语",
        "C7",
        "「请」「您」二字",
        "C8b",
        "问有答声",
        "C9",
        "应答过程不冷场",
    ]


def test_a_demonstration_model_is_announced_once(audit: CallAudit, mono: CallAudit) -> None:
    assert shown(audit).count(DEMONSTRATION_LINE) == 1
    assert DEMONSTRATION_LINE not in shown(mono)


def test_piped_text_holds_no_escape_codes(audit: CallAudit) -> None:
    assert "\x1b" not in shown(audit)
    assert "\x1b[" in shown(audit, colour=True)


def test_names_from_a_call_can_neither_steer_the_terminal_nor_style_it(audit: CallAudit) -> None:
    record = replace(audit.evidence.call_record, agent_name="[red]甲[/red]\x1b[2J\u202e", team="[bold")
    text = shown(replace(audit, evidence=replace(audit.evidence, call_record=record)))
    assert "[red]甲[/red][2J（工号 8001） · [bold" in text
    assert "\x1b" not in text


def test_an_unscored_call_says_why_and_shows_no_score(mono: CallAudit) -> None:
    text = shown(mono)
    assert "得分  —    结论  不评分" in text
    assert "没有可评的客服话音" in text
    assert "范围" not in text


def test_warnings_of_the_recording_are_told_in_chinese(audit: CallAudit) -> None:
    assert "注意  录音在话音中间结束，结尾可能缺失" in shown(audit)


def test_a_finding_with_many_places_names_the_first_and_counts_them(audit: CallAudit) -> None:
    span = audit.findings[2].at[0]
    findings = tuple(replace(f, at=(span,) * 9) if f.rule == "V3" else f for f in audit.findings)
    assert "00:08、00:08、00:08 等 9 处" in shown(replace(audit, findings=findings))


def test_a_card_without_faults_shows_no_empty_blocks(audit: CallAudit) -> None:
    text = shown(replace(audit, findings=tuple(f for f in audit.findings if f.verdict == "pass")))
    assert "需要人听" not in text
    assert "不适用" not in text


def test_figures_without_value_are_told_once_per_reason(mono: CallAudit) -> None:
    assert "未得：语速（分不清客服）" in shown(mono)


def test_a_call_out_of_averages_shows_its_percent_only_as_a_remark(audit: CallAudit) -> None:
    card = replace(audit.scorecard, result="not_scored", critical=())
    text = shown(replace(audit, scorecard=card))
    assert "得分  —    结论  不评分" in text
    assert "仅就已判的部分是 69 分，不计入平均" in text
