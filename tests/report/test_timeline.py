from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from made_call import finding, make_audit, make_diarised, make_evidence

from auditor.records import CallAudit, Finding, Roles, Span
from auditor.report.standard import NO_STANDARD, Standard
from auditor.report.timeline import Timeline, lay_out_timeline
from auditor.report.waveform import waveform_path


def lay_out(audit: CallAudit, peaks: list[list[float]] | tuple[()] = (), *marked: Finding) -> Timeline:
    return lay_out_timeline(audit, peaks=peaks, marked=marked, standard=NO_STANDARD)


def test_the_agent_has_the_upper_lane(audit: CallAudit, peaks: list[list[float]]) -> None:
    swapped = replace(audit, evidence=replace(audit.evidence, roles=Roles(1, 1.0, "flag", "")))
    for call in (audit, swapped):
        lanes = lay_out(call, peaks).lanes
        assert [lane.name for lane in lanes] == ["客服", "客户"]
    assert lay_out(swapped, peaks).lanes[0].path != lanes[1].path


def test_a_mono_call_has_one_mixed_lane(mono: CallAudit, peaks: list[list[float]]) -> None:
    lanes = lay_out(mono, peaks[:1]).lanes
    assert [(lane.name, lane.role) for lane in lanes] == [("双方混合", "unknown")]


def test_events_of_the_call_stand_on_every_lane(audit: CallAudit) -> None:
    agent, customer = lay_out(audit, ()).lanes
    assert [mark.kind for mark in agent.events] == ["silence", "overlap", "silence", "busy", "busy"]
    assert [mark.kind for mark in customer.events] == ["ringback", "silence", "overlap", "silence", "idle"]


def test_every_mark_stays_on_the_lane(audit: CallAudit) -> None:
    late = replace(audit.findings[3], at=(Span(70.0, 500.0),))
    timeline = lay_out(audit, (), late)
    marks = [m for lane in timeline.lanes for m in (*lane.turns, *lane.events)] + list(timeline.bands)
    assert all(m.left >= 0 and m.left + m.width <= 100.001 for m in marks)


@given(st.lists(st.floats(min_value=0, max_value=78), max_size=30))
def test_pins_of_one_row_never_collide(starts: list[float]) -> None:
    call = CallAudit("x", make_evidence(), (), None, None, ())  # type: ignore[arg-type]
    found = tuple(finding(f"P{n}", "x", "fail", "x", at=[(t, t + 0.3)]) for n, t in enumerate(starts))
    timeline = lay_out(call, (), *found)
    assert len(timeline.pins) == len(starts)
    for row in range(timeline.pin_rows):
        lefts = sorted(pin.left for pin in timeline.pins if pin.row == row)
        assert all(b - a >= 6.99 for a, b in pairwise(lefts))
        assert lefts[-1] <= 93


def test_a_waveform_is_mirrored_about_the_middle() -> None:
    assert waveform_path([0.0, 0.5, 1.0], ceiling=1.0) == "M0 100l1-48l1-48v192l-1-48l-1-48z"


def test_one_loud_click_does_not_flatten_the_waveform(audit: CallAudit) -> None:
    quiet = [0.1] * 999
    plain = lay_out(audit, [[*quiet, 0.1], quiet]).lanes[1].path
    click = lay_out(audit, [[*quiet, 1.0], quiet]).lanes[1].path
    assert plain == click


def test_a_call_without_sound_or_length_still_has_lanes(audit: CallAudit) -> None:
    recording = replace(audit.evidence.recording, duration_s=0.0)
    empty = replace(audit.evidence, recording=recording, turns=(), events=())
    timeline = lay_out(replace(audit, evidence=empty), [[], []])
    assert [lane.path for lane in timeline.lanes] == ["", ""]
    assert timeline.ticks[0].text == "00:00"


def test_a_leg_of_two_voices_has_a_lane_for_each_with_his_own_moments() -> None:
    mixed = [0.5] * 784
    agent, customer = lay_out(make_diarised(make_audit()), [mixed]).lanes
    assert [(lane.name, lane.role) for lane in (agent, customer)] == [("客服", "agent"), ("客户", "customer")]
    assert agent.path == customer.path
    assert agent.own_path != customer.own_path
    assert {mark.kind for mark in agent.turns} == {"agent", "system"}
    assert {mark.kind for mark in customer.turns} == {"customer"}


def test_without_peaks_the_levels_of_the_evidence_are_drawn(audit: CallAudit) -> None:
    agent, customer = lay_out(audit).lanes
    assert agent.bins == 784
    assert agent.path.count("l") > 100
    assert customer.path == ""


def test_hanging_up_is_marked_where_the_rule_found_it(audit: CallAudit) -> None:
    found = finding("P3.6a", "x", "pass", "x", at=[(72.0, 72.0)])
    call = replace(audit, findings=(found,))
    standard = Standard(hang_up_rules=frozenset({"P3.6a"}))
    (mark,) = lay_out_timeline(call, peaks=(), marked=(), standard=standard).marks
    assert (mark.kind, mark.title) == ("hang_up", "客户先挂机 01:12")
    assert lay_out(call).marks == ()
