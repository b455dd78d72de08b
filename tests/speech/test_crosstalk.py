"""The other leg's leak is masked; a second voice, however faint, is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from speech_voices import a_law, leg

from auditor.records import Segment
from auditor.signal import Channel
from auditor.speech.crosstalk import mask_crosstalk

RATE = 8000
AGENT = leg(10, [(1.0, 4.0), (6.0, 9.0)], f0_hz=210, seed=1)


def delayed(samples, *, delay_s, gain_db):
    shift = round(delay_s * RATE)
    out = np.zeros(len(samples))
    out[shift:] = samples[: len(samples) - shift]
    return out * 10 ** (gain_db / 20)


def legs(customer, agent=AGENT):
    return [Channel(0, a_law(agent), RATE), Channel(1, a_law(customer), RATE)]


def masked(customer, segments, agent=AGENT):
    return mask_crosstalk(legs(customer, agent), segments)


SPOKEN = (Segment(0, 1.0, 4.0), Segment(0, 6.0, 9.0))


@pytest.mark.parametrize("gain_db", [-20, -30, -40])
@pytest.mark.parametrize("delay_s", [0.0, 0.02, 0.1])
def test_a_leak_alone_is_dropped(gain_db, delay_s):
    leaked = (Segment(1, 1.0 + delay_s, 4.0 + delay_s), Segment(1, 6.0 + delay_s, 9.0 + delay_s))
    own, other = masked(delayed(AGENT, delay_s=delay_s, gain_db=gain_db), [SPOKEN, leaked])
    assert own == SPOKEN
    assert other == ()


def test_a_leak_through_a_filter_is_dropped():
    leak = np.convolve(AGENT, np.hanning(9) / np.hanning(9).sum())[: len(AGENT)]
    _, other = masked(delayed(leak, delay_s=0.03, gain_db=-25), [SPOKEN, (Segment(1, 1.03, 4.03),)])
    assert other == ()


@pytest.mark.parametrize("gain_db", [0, -6, -12, -20, -30])
def test_two_people_talking_at_once_both_stay(gain_db):
    customer = leg(10, [(1.5, 3.5), (6.2, 8.8)], f0_hz=130, seed=9) * 10 ** (gain_db / 20)
    segments = (Segment(1, 1.5, 3.5), Segment(1, 6.2, 8.8))
    assert masked(customer, [SPOKEN, segments]) == [SPOKEN, segments]


def test_a_leak_that_runs_into_the_customers_own_words_is_trimmed():
    customer = delayed(AGENT, delay_s=0.02, gain_db=-25) + leg(10, [(4.2, 5.5)], f0_hz=130, seed=9)
    _, (piece,) = masked(customer, [SPOKEN, (Segment(1, 1.02, 5.5),)])
    assert piece.start_s == pytest.approx(4.2, abs=0.2)
    assert piece.end_s == 5.5


def test_the_customers_interruption_inside_a_leak_is_cut_out_whole():
    customer = delayed(AGENT, delay_s=0.02, gain_db=-30) + leg(10, [(2.0, 3.0)], f0_hz=130, seed=9)
    _, (piece,) = masked(customer, [SPOKEN, (Segment(1, 1.0, 4.0),)])
    assert (piece.start_s, piece.end_s) == pytest.approx((2.0, 3.0), abs=0.15)


def test_an_equally_loud_copy_is_not_crosstalk():
    segments = (Segment(1, 1.0, 4.0),)
    assert masked(AGENT.copy(), [SPOKEN, segments]) == [SPOKEN, segments]


def test_speech_while_the_other_leg_is_silent_is_untouched():
    segments = (Segment(1, 4.5, 5.5),)
    assert masked(leg(10, [(4.5, 5.5)], seed=3), [SPOKEN, segments])[1] == segments


def test_a_single_leg_comes_back_as_it_is():
    assert mask_crosstalk(legs(AGENT)[:1], [SPOKEN]) == [SPOKEN]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 9.8), st.floats(0.02, 5)), max_size=4))
def test_what_stays_lies_inside_what_was_found(spans):
    found = tuple(Segment(1, round(a, 2), round(min(a + d, 10), 2)) for a, d in sorted(spans))
    customer = delayed(AGENT, delay_s=0.02, gain_db=-25)
    _, kept = masked(customer, [SPOKEN, found])
    for piece in kept:
        assert any(s.start_s - 1e-9 <= piece.start_s <= piece.end_s <= s.end_s + 1e-9 for s in found)
