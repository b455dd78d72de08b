from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.asr import windows as planning
from auditor.asr.engine import Packing
from auditor.asr.windows import cut, join, split_long
from auditor.records import Segment
from auditor.signal import Channel

SINGLE = Packing(packed=False, max_window_s=9.6, join_gap_s=0.0, lead_s=0.2)
JOINED = Packing(packed=False, max_window_s=8.0, join_gap_s=0.6, lead_s=0.2)
PACKED = Packing()


def leg(seconds=60):
    noise = np.random.default_rng(0).normal(0, 0.01, 8000 * seconds)
    return Channel(0, noise.astype(np.float32), 8000)


def segments(*spans, channel=0):
    return tuple(Segment(channel, start, end) for start, end in spans)


def plan_windows(channel, **how):
    return list(planning.plan_windows(channel, **how))


def test_neighbours_with_a_short_pause_stay_together():
    every = segments((0, 2), (2.4, 4), (5, 6))
    assert [len(stretch) for stretch in join(every, packing=JOINED)] == [2, 1]


def test_a_stretch_never_outgrows_the_window():
    every = segments((0, 5), (5.4, 9))
    assert [len(stretch) for stretch in join(every, packing=JOINED)] == [1, 1]


def test_an_engine_that_wants_single_segments_gets_them():
    assert len(join(segments((0, 1), (1.3, 2)), packing=SINGLE)) == 2


def test_packed_windows_hold_at_most_30_s_and_every_segment_once():
    every = segments(*((k * 3.0, k * 3.0 + 2) for k in range(20)))
    windows = plan_windows(leg(), segments=every, others=segments((2.2, 2.8), channel=1), packing=PACKED)
    assert [one for window in windows for one in window.segments] == list(every)
    assert all(len(window.samples) <= 30 * 16000 for window in windows)
    assert len(windows) < len(every) / 3


def test_packed_stretches_lie_at_least_0_8_s_apart():
    every = segments((0.5, 1), (1.5, 2), (2.5, 3), (3.5, 4))
    windows = plan_windows(leg(), segments=every, others=segments((1.1, 1.4), channel=1), packing=PACKED)
    placed = windows[1].placed
    for one, other in pairwise(placed):
        end = one.offset_s + one.segments[-1].end_s - one.start_s
        start = other.offset_s + other.segments[0].start_s - other.start_s
        assert start - end == pytest.approx(0.8, abs=0.001)


def test_the_first_turn_has_a_window_of_its_own():
    every = segments((1, 2), (5, 6), (7, 8))
    windows = plan_windows(leg(), segments=every, others=(), packing=PACKED)
    assert windows[0].segments == every[:1]


def test_the_first_turn_ends_when_the_other_leg_speaks():
    every = segments((1, 2), (3, 4), (4.5, 5))
    windows = plan_windows(leg(), segments=every, others=segments((2.2, 2.9), channel=1), packing=PACKED)
    assert windows[0].segments == every[:1]
    assert windows[1].segments == every[1:]


def test_a_cut_keeps_a_little_of_the_recording_on_both_sides():
    samples, start_s = cut(leg(), 2.0, 3.0, packing=SINGLE)
    assert start_s == pytest.approx(1.8)
    assert len(samples) == pytest.approx(1.4 * 16000, abs=2)


def test_a_cut_at_the_start_of_the_file_starts_at_zero():
    assert cut(leg(), 0.1, 1.0, packing=SINGLE)[1] == 0.0


def test_a_long_segment_is_cut_where_it_is_quietest():
    channel = leg(20)
    samples = channel.samples.copy()
    samples[int(7.0 * 8000) : int(7.3 * 8000)] = 0
    split = split_long(Channel(0, samples, 8000), Segment(0, 1.0, 15.0), longest_s=9.6)
    assert len(split) == 2
    assert 7.0 <= split[0].end_s <= 7.3


@given(st.floats(0, 20), st.floats(0.1, 38))
def test_fragments_cover_a_segment_without_gap_or_overlap(start_s, duration_s):
    whole = Segment(0, start_s, start_s + duration_s)
    split = split_long(leg(), whole, longest_s=9.6)
    assert split[0].start_s == whole.start_s and split[-1].end_s == whole.end_s
    assert all(a.end_s == b.start_s for a, b in pairwise(split))
    assert all(one.end_s - one.start_s <= 9.6 + 1e-6 for one in split)


def test_a_leg_without_speech_has_no_windows():
    assert plan_windows(leg(), segments=(), others=(), packing=SINGLE) == []
