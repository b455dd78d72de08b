from __future__ import annotations

import re
from dataclasses import replace

import pytest
from made_call import DURATION_S, make_evidence

from auditor.judge import open_rulebook
from auditor.records import Evidence, SegmentStats, Track
from auditor.report.curves import Curve, draw_curves
from auditor.report.standard import NO_STANDARD, PaceLimits, Standard, read_standard, wording_of

LIMITS = PaceLimits(fail_min=160, pass_min=200, pass_max=360, fail_max=420)


def drawn(evidence: Evidence, standard: Standard = NO_STANDARD) -> dict[str, Curve]:
    curves = draw_curves(evidence, standard=standard, duration_s=evidence.recording.duration_s)
    return {curve.name: curve for curve in curves}


def spoken(syllables: int, seconds: float, role: str = "agent") -> SegmentStats:
    return SegmentStats(role, 0, 10.0, 10.0 + seconds, -22.0, 1.0, 210.0, 230.0, 250.0, 1.0, syllables, 0.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rate", "kind"), [(150, "out"), (180, "near"), (200, "ok"), (360, "ok"), (400, "near"), (430, "out")]
)
def test_a_stretch_of_speech_is_coloured_by_the_limits_of_pace(rate: int, kind: str) -> None:
    evidence = replace(make_evidence(), segments=(spoken(rate, 60.0),))
    (bar,) = drawn(evidence, Standard(pace=LIMITS))["语速"].bars
    assert (bar.kind, bar.title) == (kind, f"00:10 语速约 {rate} 字/分")


def test_only_the_agents_longer_stretches_have_a_pace() -> None:
    segments = (spoken(9, 0.9), spoken(10, 2.0, "customer"), spoken(0, 3.0))
    assert "语速" not in drawn(replace(make_evidence(), segments=segments))


def test_the_track_is_a_line_broken_where_nobody_speaks() -> None:
    level = (None, -20.0, -20.0, None, -20.0, None)
    evidence = replace(make_evidence(), tracks={"agent": Track(0.1, level, (None,) * 6)})
    curves = drawn(evidence)
    assert "音高" not in curves
    step = 1000 * 0.1 / DURATION_S
    # Two values are a line, a single one is a dash of one step.
    shape = re.findall(r"([MLh])([\d.]+)", curves["音量"].path)
    assert [letter for letter, _ in shape] == ["M", "L", "M", "h"]
    assert float(shape[0][1]) == pytest.approx(step, abs=0.06)
    assert float(shape[3][1]) == pytest.approx(step, abs=0.06)


def test_an_hour_is_drawn_with_as_many_points_as_a_screen_has() -> None:
    level = tuple(-20.0 - k % 7 for k in range(36_000))
    long = replace(make_evidence(), tracks={"agent": Track(0.1, level, level)})
    assert drawn(long)["音量"].path.count("L") <= 2400


def test_limits_are_those_of_the_rulebook() -> None:
    standard = read_standard(open_rulebook(None), line="1860")
    curves = drawn(make_evidence(), standard)
    assert [line.text for line in curves["语速"].lines] == ["过快 420", "过慢 160"]
    assert [line.text for line in curves["音高"].lines][1:] == ["+5 半音"]
    assert [line.text for line in curves["音量"].lines][1:] == ["+10 dB"]
    tops = [line.top for line in curves["语速"].lines]
    assert tops[0] < curves["语速"].good[0] < curves["语速"].good[1] < tops[1]  # type: ignore[index]


def test_nobody_known_as_agent_has_no_curves() -> None:
    evidence = replace(make_evidence(), tracks={"call": Track(0.1, (-20.0,), (200.0,))}, segments=())
    assert drawn(evidence) == {}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("P3.2a", "「您好,中国移动」"),
        ("C6", "「再见」"),
        ("C4", "「对不起」「抱歉」"),
        ("G8", "「这是我们应该做的,欢迎使用中国移动通信业务,谢谢您,请挂机。」"),
        ("K4", "先说「首先,我代表公司表示歉意。」再说原因和措施,或「我们将在2小时内与您联系。」"),
        ("S13", ""),  # the rulebook only describes: 什么时候能办
        ("C11a", ""),
    ],
)
def test_the_wording_is_the_courses_own_quotation(rule: str, said: str) -> None:
    book = open_rulebook(None)
    assert wording_of(book.rule(rule), book=book) == said


def test_a_rule_that_shows_another_has_its_wording() -> None:
    standard = read_standard(open_rulebook(None), line="1860")
    assert standard.wording["C8d"] == standard.wording["C6"]


def test_shouting_is_marked_by_the_rulebooks_limits() -> None:
    calm = [spoken(10, 2.0) for _ in range(4)]
    loud = replace(calm[0], start_s=30.0, end_s=32.0, level_dbov=-10.0, f0_p75_hz=400.0)
    evidence = replace(make_evidence(), segments=(*calm, loud))
    assert NO_STANDARD.shouted(evidence) == []
    standard = read_standard(open_rulebook(None), line="1860")
    assert [phrase.start_s for phrase in standard.shouted(evidence)] == [30.0]
