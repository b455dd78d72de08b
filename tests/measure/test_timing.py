from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measure_sounds import UNKNOWN, measure, silence, turn

from auditor.measure.timing import find_overlaps, find_silences, response_gaps
from auditor.records import Event, Segment

SPANS = st.lists(
    st.tuples(st.integers(0, 600), st.integers(1, 60)).map(lambda p: (p[0] / 10, (p[0] + p[1]) / 10)),
    max_size=12,
)


def agent_turn(start_s, end_s, **more):
    return turn("好的", Segment(0, start_s, end_s), **more)


def customer_turn(start_s, end_s):
    return turn("请问", Segment(1, start_s, end_s), role="customer")


def call_of(turns, *, duration_s=60.0, **more):
    segments = [Segment(t.channel, t.start_s, t.end_s) for t in turns]
    legs = (silence(duration_s), silence(duration_s))
    return measure(*legs, segments=segments, turns=turns, **more)


def figure(found, name):
    return found.measurements["call"][name]


def test_a_response_gap_runs_from_the_customers_end_to_the_agents_start():
    turns = [
        customer_turn(1, 3),
        agent_turn(4, 6),
        customer_turn(7, 9),
        agent_turn(12, 14),
        customer_turn(15, 20),
        agent_turn(20.5, 22),
    ]
    found = call_of(turns)
    assert [gap for gap, _ in response_gaps(turns)] == pytest.approx([1.0, 3.0, 0.5])
    assert figure(found, "response_gap_median_s").value == pytest.approx(1.0)
    assert figure(found, "response_gap_max_s").value == pytest.approx(3.0)
    assert figure(found, "response_gap_max_s").span.start_s == 9
    assert figure(found, "response_gap_p95_s").value == pytest.approx(2.8)


def test_the_agents_next_turn_is_no_second_answer():
    assert len(response_gaps([customer_turn(1, 3), agent_turn(4, 6), agent_turn(9, 10)])) == 1


def test_a_backchannel_of_the_customer_inside_the_agents_turn_is_not_answered_later():
    turns = [agent_turn(0, 10), customer_turn(5, 5.4), agent_turn(13, 15)]
    assert response_gaps(turns) == []


def test_a_backchannel_of_the_agent_is_no_response():
    turns = [customer_turn(0, 10), agent_turn(4, 4.4), agent_turn(12, 14)]
    assert [gap for gap, _ in response_gaps(turns)] == pytest.approx([2.0])


def test_an_agent_who_takes_over_before_the_customer_ends_has_no_gap():
    assert [gap for gap, _ in response_gaps([customer_turn(0, 5), agent_turn(4.5, 8)])] == [0.0]


def test_what_follows_a_system_voice_is_no_response_to_the_customer():
    system = turn("请稍候", Segment(0, 4, 8), role="system")
    assert response_gaps([customer_turn(0, 3), system, agent_turn(9, 10)]) == []


def test_a_call_without_an_answered_turn_has_no_gap_figure():
    assert figure(call_of([agent_turn(1, 2)]), "response_gap_max_s").reason == "no_data"


def test_silences_of_two_seconds_are_events_wherever_they_lie():
    found = call_of([agent_turn(3, 5), customer_turn(6.9, 8), agent_turn(12, 14)], duration_s=17)
    silences = [(e.start_s, e.end_s) for e in found.events if e.kind == "silence"]
    assert silences == [(0.0, 3), (8, 12), (14, 17.0)]
    assert figure(found, "silence_s").value == pytest.approx(4.0)


def test_a_system_voice_breaks_a_silence():
    system = turn("工号8001为您服务", Segment(0, 4, 8), role="system")
    found = call_of([agent_turn(0, 3), system, customer_turn(9, 10)], duration_s=10)
    assert [e for e in found.events if e.kind == "silence"] == []


def test_overlaps_of_a_fifth_of_a_second_are_events():
    turns = [customer_turn(0, 5), agent_turn(4.8, 8), customer_turn(7.9, 9)]
    found = call_of(turns, duration_s=9)
    assert [(e.start_s, e.end_s) for e in found.events if e.kind == "overlap"] == [(4.8, 5)]
    assert figure(found, "overlap_s").value == pytest.approx(0.2)


def test_talking_over_a_system_voice_is_no_overlap():
    system = turn("工号8001为您服务", Segment(0, 4, 8), role="system")
    found = call_of([customer_turn(5, 6), system, agent_turn(9, 10)])
    assert [e for e in found.events if e.kind == "overlap"] == []


def test_two_legs_overlap_even_while_nobody_knows_the_agent():
    found = call_of([customer_turn(0, 5), agent_turn(4, 8)], roles=UNKNOWN)
    assert figure(found, "overlap_s").value == pytest.approx(1.0)


@given(spans=SPANS)
def test_silences_and_speech_never_meet_and_every_long_pause_is_found(spans):
    segments = [Segment(0, *span) for span in spans]
    silences = find_silences(segments, duration_s=70.0)
    for event in silences:
        assert event.span.duration_s >= 2.0
        assert sum(event.span.overlap_s(s.span) for s in segments) == 0
    spoken = {k for k in range(700) if any(a <= (k + 0.5) / 10 < b for a, b in spans)}
    quiet = {k for k in range(700) for e in silences if e.start_s <= (k + 0.5) / 10 < e.end_s}
    run = 0
    for k in range(701):
        is_missed = k < 700 and k not in spoken and k not in quiet
        run = run + 1 if is_missed else 0
        assert run <= 20


@given(one=SPANS, other=SPANS)
def test_overlap_is_symmetric_and_inside_both(one, other):
    first, second = [Segment(0, *s) for s in one], [Segment(1, *s) for s in other]
    found = find_overlaps(first, second)
    assert found == find_overlaps(second, first)
    for event in found:
        middle = (event.start_s + event.end_s) / 2
        assert any(s.start_s <= middle <= s.end_s for s in first)
        assert any(s.start_s <= middle <= s.end_s for s in second)


def rings(*starts, channel=1):
    return [Event("ringback", start, start + 1.0, channel) for start in starts]


def test_rings_before_the_first_agent_speech_are_counted_once_for_both_legs():
    events = [*rings(0.5, 5.5, 10.5), *rings(0.5, 5.5, 10.5, channel=0), *rings(40)]
    found = call_of([agent_turn(13, 15)], events=events)
    assert figure(found, "rings").value == 3
    assert figure(found, "greeting_delay_s").value == pytest.approx(1.5)
    assert figure(found, "greeting_delay_s").error > 4


def test_a_ring_cut_short_by_the_answer_tells_the_answer_exactly():
    events = [*rings(0.5, 5.5), Event("ringback", 10.5, 10.9, 1)]
    found = call_of([agent_turn(13, 15)], events=events)
    assert figure(found, "greeting_delay_s").value == pytest.approx(2.1)
    assert figure(found, "greeting_delay_s").error < 1


def test_an_answer_that_is_known_from_outside_counts_before_the_rings():
    found = call_of([agent_turn(13, 15)], events=rings(0.5, 5.5), answered_at_s=12.2)
    assert figure(found, "greeting_delay_s").value == pytest.approx(0.8)


def test_a_recording_without_ringback_has_no_ring_data():
    found = call_of([agent_turn(1, 2)])
    assert figure(found, "rings").reason == "not_recorded"
    assert figure(found, "greeting_delay_s").reason == "not_recorded"


def test_a_system_voice_is_not_the_agents_first_speech():
    system = turn("工号8001为您服务", Segment(0, 4, 8), role="system")
    found = call_of([system, agent_turn(11, 12)], events=rings(0.5, 9))
    assert figure(found, "rings").value == 2


def test_the_agents_share_is_of_both_parties_speech():
    found = call_of([customer_turn(0, 3), agent_turn(4, 13)])
    assert figure(found, "agent_speech_share").value == pytest.approx(0.75)
