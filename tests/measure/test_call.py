from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measure_sounds import (
    KNOWN,
    RATE_HZ,
    UNKNOWN,
    agent,
    band_noise,
    join,
    measure,
    silence,
    tone,
    turn,
    voice,
)
from pydantic import TypeAdapter

from auditor.measure.call import PARTY_FIGURES
from auditor.measure.clarity import clarity_figure
from auditor.records import Event, Measurement, Roles, Segment, SegmentStats, SuspectSpan, Track
from auditor.signal import resample

pytestmark = pytest.mark.filterwarnings("error")

CALL_FIGURES = {
    "response_gap_median_s",
    "response_gap_p95_s",
    "response_gap_max_s",
    "rings",
    "greeting_delay_s",
    "level_over_customer_db",
    "silence_s",
    "overlap_s",
    "agent_speech_share",
}


def check_whole(found):
    """Every figure is there, finite or with its reason, with unit and name; tracks fit the call."""
    assert set(found.measurements) == {"agent", "customer", "call"}
    for party in ("agent", "customer"):
        assert list(found.measurements[party]) == list(PARTY_FIGURES)
    assert set(found.measurements["call"]) == CALL_FIGURES
    for figures in found.measurements.values():
        for name, figure in figures.items():
            assert figure.name == name
            assert figure.unit
            assert figure.value is None or (math.isfinite(figure.value) and figure.method)
            assert figure.error is None or (math.isfinite(figure.error) and figure.error >= 0)


def conversation():
    mine = [Segment(0, 1.0, 3.0), Segment(0, 9.0, 12.0)]
    theirs = [Segment(1, 4.0, 7.5)]
    left = join(silence(1), voice(210, 2, -24), silence(6), voice(220, 3, -26), silence(3))
    right = join(silence(4), voice(120, 3.5, -30), silence(7.5))
    noise = [band_noise(15, -60, seed=seed) for seed in (1, 2)]
    turns = [
        turn("您好中国移动", mine[0], confidence=0.8, temperature=0.0),
        turn("我想查话费", theirs[0], role="customer"),
        turn("好的请稍等", mine[1], confidence=0.9, temperature=0.0),
    ]
    return (left + noise[0], right + noise[1]), [*mine, *theirs], turns


def test_a_conversation_has_every_figure_of_both_parties():
    legs, segments, turns = conversation()
    found = measure(*legs, segments=segments, turns=turns)
    check_whole(found)
    assert agent(found, "speech_s") == pytest.approx(5.0)
    assert agent(found, "f0_median_hz") == pytest.approx(220, rel=0.05)
    assert found.measurements["customer"]["f0_median_hz"].value == pytest.approx(120, rel=0.01)
    assert [stats.role for stats in found.segments] == ["agent", "customer", "agent"]
    assert [stats.syllables for stats in found.segments] == [6, 5, 5]
    assert set(found.tracks) == {"agent", "customer"}


def test_the_agent_may_be_on_either_leg():
    legs, segments, turns = conversation()
    swapped = [Segment(1 - s.channel, s.start_s, s.end_s) for s in segments]
    other = [turn(t.text, Segment(1 - t.channel, t.start_s, t.end_s), role=t.role) for t in turns]
    one = measure(*legs, segments=segments, turns=turns)
    two = measure(*legs[::-1], segments=swapped, turns=other, roles=Roles(1, 1.0, "record", "test"))
    for name in ("level_dbov", "f0_median_hz", "speech_s", "snr_db", "spoken_syllables"):
        assert agent(two, name) == pytest.approx(agent(one, name))


def test_the_same_call_at_16_khz_gives_the_same_figures():
    legs, segments, turns = conversation()
    one = measure(*legs, segments=segments, turns=turns)
    two = measure(
        *(resample(leg, 8000, 16000) for leg in legs), segments=segments, turns=turns, rate_hz=16000
    )
    for name, tolerance in (
        ("level_dbov", 0.1),
        ("f0_median_hz", 0.5),
        ("snr_db", 0.3),
        ("level_sd_db", 0.1),
    ):
        assert agent(two, name) == pytest.approx(agent(one, name), abs=tolerance)


def test_measuring_twice_gives_the_same_to_the_last_digit():
    legs, segments, turns = conversation()
    assert measure(*legs, segments=segments, turns=turns) == measure(*legs, segments=segments, turns=turns)


def test_what_was_measured_survives_json():
    legs, segments, turns = conversation()
    found = measure(*legs, segments=segments, turns=turns)
    for value, kind in (
        (found.measurements, dict[str, dict[str, Measurement]]),
        (found.segments, tuple[SegmentStats, ...]),
        (found.tracks, dict[str, Track]),
        (found.events, tuple[Event, ...]),
    ):
        adapter = TypeAdapter(kind)
        assert adapter.validate_json(adapter.dump_json(value)) == value


def test_no_figure_depends_on_which_customer_words_the_agent_heard():
    legs, segments, turns = conversation()
    one = measure(*legs, segments=segments, turns=turns)
    two = measure(legs[0], silence(15), segments=segments, turns=turns)
    for name in ("level_dbov", "f0_sd_st", "level_sd_db", "nuclei_per_min"):
        assert agent(two, name) == agent(one, name)


@pytest.mark.parametrize(("layout", "roles"), [("mono", KNOWN), ("mono", UNKNOWN), ("duplicated", KNOWN)])
def test_a_mono_call_has_no_figures_of_a_party_but_those_of_the_call(layout, roles):
    legs, segments, turns = conversation()
    mixed = [Segment(0, s.start_s, s.end_s) for s in segments]
    found = measure(legs[0] + legs[1], segments=mixed, turns=turns, roles=roles, layout=layout)
    check_whole(found)
    assert {figure.reason for figure in found.measurements["agent"].values()} == {"no_roles"}
    assert {figure.reason for figure in found.measurements["customer"].values()} == {"no_roles"}
    assert found.measurements["call"]["response_gap_max_s"].reason == "no_roles"
    assert found.measurements["call"]["overlap_s"].reason == "not_recorded"
    assert found.measurements["call"]["silence_s"].value is not None
    assert {stats.role for stats in found.segments} == {"unknown"}
    assert all(stats.level_dbov is not None for stats in found.segments)
    assert set(found.tracks) == {"call"}


def test_two_legs_without_a_known_agent_accuse_nobody():
    legs, segments, turns = conversation()
    found = measure(*legs, segments=segments, turns=turns, roles=UNKNOWN)
    assert {figure.reason for figure in found.measurements["agent"].values()} == {"no_roles"}
    assert {stats.role for stats in found.segments} == {"unknown"}


@pytest.mark.parametrize(
    "leg",
    [
        silence(0),
        silence(0.2),
        silence(20),
        tone(450, 12, -20),
        np.full(80000, 0.3, dtype=np.float32),
        np.full(80000, np.nan, dtype=np.float32),
        np.sign(tone(200, 10, 0)),
    ],
    ids=["empty", "0.2 s", "silence", "tone", "offset", "not finite", "square wave"],
)
@pytest.mark.parametrize("layout", ["two_legs", "mono"])
def test_recordings_without_speech_have_reasons(leg, layout):
    legs = (leg,) if layout == "mono" else (leg, silence(0.2))
    found = measure(*legs, layout=layout)
    check_whole(found)
    assert found.segments == ()
    assert found.measurements["agent"]["level_dbov"].value is None


@pytest.mark.parametrize(
    "leg",
    [
        silence(5),
        np.full(40000, 0.3, dtype=np.float32),
        np.sign(tone(200, 5, 0)),
        np.full(40000, np.inf, dtype=np.float32),
    ],
)
def test_segments_over_nothing_measurable_have_reasons(leg):
    segments = [Segment(0, 0.0, 0.004), Segment(0, 1.0, 1.2), Segment(0, 2.0, 9.0)]
    found = measure(leg, silence(5), segments=segments, turns=[turn("喂", segments[1])])
    check_whole(found)
    assert len(found.segments) == 3


def test_a_call_of_a_fifth_of_a_second_is_measured():
    found = measure(voice(200, 0.2, -20, lowest_hz=350), silence(0.2), segments=[Segment(0, 0.0, 0.2)])
    check_whole(found)
    assert found.measurements["agent"]["f0_median_hz"].reason == "too_short"
    assert agent(found, "level_dbov") == pytest.approx(-20, abs=1.5)


@given(
    spans=st.lists(st.tuples(st.floats(0, 9), st.floats(0, 3)), max_size=5),
    seed=st.integers(0, 5),
    amplitude=st.sampled_from([0.0, 1e-6, 0.01, 1.0]),
)
@settings(max_examples=25, deadline=None)
def test_nothing_raises_and_nothing_warns_on_any_segments(spans, seed, amplitude):
    rng = np.random.default_rng(seed)
    leg = (amplitude * rng.standard_normal(8 * RATE_HZ)).astype(np.float32)
    segments = [Segment(i % 2, start, start + length) for i, (start, length) in enumerate(spans)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = measure(
            leg,
            leg[: 6 * RATE_HZ],
            segments=segments,
            turns=[turn("好", s) for s in segments if s.end_s > s.start_s],
        )
    check_whole(found)


def heard(text, confidence, **more):
    return turn(text, Segment(0, 0, 1), confidence=confidence, **{"temperature": 0.0, **more})


def test_confidence_is_the_geometric_mean_over_characters():
    figure = clarity_figure([heard("好" * 3, 0.9), heard("好", 0.5)])
    assert figure.value == pytest.approx((0.9**3 * 0.5) ** 0.25, abs=1e-6)


def test_doubtful_turns_say_nothing_about_clarity():
    suspect = (SuspectSpan(0, 1, "boilerplate"),)
    turns = [
        heard("好的", 0.8),
        heard("谢谢观看", 0.1, suspect_spans=suspect),
        heard("嗯嗯", 0.2, temperature=0.4),
        heard("", 0.3),
    ]
    assert clarity_figure(turns).value == pytest.approx(0.8)


def test_a_human_transcript_has_no_confidence():
    assert clarity_figure([turn("您好", Segment(0, 0, 1))]).reason == "no_data"


def test_equal_confidences_have_no_error():
    assert clarity_figure([heard("好的", 0.8), heard("请讲", 0.8)]).error == pytest.approx(0.0, abs=1e-6)
