from __future__ import annotations

from dataclasses import replace

from auditor.records import AgentSpell, CallAudit, Measurement
from auditor.report.facts import cautions, figures, headline


def test_figures_say_why_there_is_no_value(audit: CallAudit) -> None:
    shown = {(f.party, f.label): f.text for f in figures(audit)}
    assert shown["agent", "语速"] == "436 字/分"
    assert shown["agent", "识别把握"] == "结果不可信"
    assert shown["call", "客服说话占比"] == "62%"


def test_a_figure_that_is_not_a_number_reads_as_no_data(audit: CallAudit) -> None:
    measurements = {**audit.evidence.measurements}
    measurements["agent"] = {"snr_db": Measurement("snr_db", float("nan"), "dB")}
    changed = replace(audit, evidence=replace(audit.evidence, measurements=measurements))
    assert [f.text for f in figures(changed) if f.party == "agent"] == ["无数据"]


def test_the_headline_names_agent_line_and_legs(audit: CallAudit) -> None:
    told = headline(audit)
    assert told["客服"] == "王芳（工号 8001） · 热线一班"
    assert told["线路"] == "1860 热线 · 呼入"
    assert told["声道"] == "双声道，客服在左声道（按话单）"


def test_a_guessed_line_says_that_it_was_guessed(mono: CallAudit) -> None:
    assert "话单未写，按话术判断" in headline(mono)["线路"]


def test_unknown_codes_are_shown_as_they_stand(audit: CallAudit) -> None:
    recording = replace(audit.evidence.recording, warnings=("clipped", "brand_new"))
    changed = replace(audit, evidence=replace(audit.evidence, recording=recording))
    assert cautions(changed) == ("录音音量过载，有失真", "brand_new")


def test_nobody_known_as_agent_is_a_caution(mono: CallAudit) -> None:
    assert any("分不清谁是客服" in text for text in cautions(mono))


def test_only_the_name_of_the_recording_is_shown_not_its_folder(audit: CallAudit) -> None:
    assert headline(audit)["录音"] == "argue.flac"


def test_a_call_that_was_handed_over_names_everybody_who_held_the_line(audit: CallAudit) -> None:
    assert "经手" not in headline(audit)
    spells = (AgentSpell("8001", 0.0, 61.0), AgentSpell("8002", 61.0))
    record = replace(audit.evidence.call_record, agents=spells, transferred_to="投诉组")
    moved = replace(audit, evidence=replace(audit.evidence, call_record=record))
    assert headline(moved)["经手"] == "工号 8001 自 00:00，工号 8002 自 01:01，转往 投诉组"
