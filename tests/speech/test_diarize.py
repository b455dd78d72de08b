"""Voices on one channel: two are told apart, one is never split, and what is not clear stays open."""

from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from speech_voices import phrase

from auditor.records import Segment, Utterance
from auditor.signal import Channel
from auditor.speech.diarize import Diarization, diarize
from auditor.speech.embedding import MfccEmbedder
from auditor.speech.hidden import smooth
from auditor.speech.voice_grid import Grid, windows_of
from auditor.speech.voice_groups import separation
from auditor.speech.voice_roles import roles_of_voices

RATE = 8000


class Bold(MfccEmbedder):
    """Where a change of voice lies is asked, not whether two voices are proven."""

    least_separation = 1.0


@cache
def two_voices():
    """A call of two voices and what is found in it; worked out once."""
    channel, segments = talk(voices=TWO)
    return channel, segments, diarize(channel, segments, embedder=MfccEmbedder())


def talk(*, voices, turns=14, length_s=2.6, seed=3):
    """Phrases of the voices in turn, 0.2 s apart: the channel, its segments, and who speaks in each."""
    rng = np.random.default_rng(seed)
    pieces, segments, at = [np.zeros(RATE // 2)], [], 0.5
    for k in range(turns):
        f0_hz, tilt = voices[k % len(voices)]
        sound = phrase(length_s, f0_hz=f0_hz, seed=seed * 100 + k, rate=RATE)
        sound = np.convolve(sound, [1.0, -tilt])[: len(sound)]
        pieces += [0.1 * sound / np.abs(sound).max(), np.zeros(RATE // 5)]
        segments.append(Segment(0, round(at, 2), round(at + length_s, 2)))
        at += length_s + 0.2
    samples = np.concatenate(pieces)
    samples += 1e-4 * rng.standard_normal(len(samples))
    return Channel(0, samples.astype(np.float32), RATE), segments


TWO = ((120.0, 0.9), (230.0, -0.5))


def told(segments, found, first=0):
    """Share of the decided time in which alternating segments have alternating voices."""
    right = total = 0.0
    for k, segment in enumerate(segments):
        for one in found.segments:
            if one.voice is not None:
                shared = segment.span.overlap_s(one.span)
                total += shared
                right += shared * ((one.voice == k % 2) == (first == 0))
    return max(right, total - right) / total


def test_two_voices_are_told_apart():
    _, segments, found = two_voices()
    assert found.told_apart
    assert told(segments, found) > 0.97


def test_a_change_of_voice_inside_a_segment_is_found():
    channel, segments = talk(voices=TWO, turns=10, length_s=4.5)
    joined = [Segment(0, a.start_s, b.end_s) for a, b in zip(segments[::2], segments[1::2], strict=True)]
    found = diarize(channel, joined, embedder=Bold())
    assert told(segments, found) > 0.93
    cuts = [s.start_s for s in found.segments if s.start_s not in {j.start_s for j in joined}]
    changes = [s.start_s for s in segments[1::2]]
    assert all(min(abs(cut - change) for cut in cuts) <= 0.4 for change in changes)


def test_no_call_is_surer_than_what_was_measured_of_the_embedder():
    assert two_voices()[2].probability <= MfccEmbedder.right_share


def test_one_voice_is_not_split():
    channel, segments = talk(voices=TWO[:1], turns=14)
    found = diarize(channel, segments, embedder=MfccEmbedder())
    assert not found.told_apart
    assert found.segments == tuple(segments)


def test_too_little_speech_is_left_alone():
    channel, segments = talk(voices=TWO, turns=2, length_s=0.5)
    found = diarize(channel, segments, embedder=MfccEmbedder())
    assert (found.told_apart, found.separation) == (False, 0.0)
    assert diarize(channel, [], embedder=MfccEmbedder()).segments == ()


def test_the_parts_of_a_segment_are_the_segment():
    _, segments, whole = two_voices()
    found = whole.segments
    for segment in segments:
        parts = [s for s in found if s.start_s < segment.end_s and segment.start_s < s.end_s]
        assert parts[0].start_s == segment.start_s
        assert parts[-1].end_s == segment.end_s
        assert all(a.end_s == b.start_s for a, b in pairwise(parts))


def test_the_same_call_gives_the_same_voices_again():
    channel, segments, found = two_voices()
    assert diarize(channel, segments, embedder=MfccEmbedder()) == found


def test_voices_do_not_depend_on_the_recording_gain():
    hiss = 1e-3 * np.random.default_rng(1).standard_normal(24000)
    windows = [(phrase(1.5, f0_hz=180, seed=k, rate=16000) + hiss).astype(np.float32) for k in range(3)]
    quiet = [0.05 * window for window in windows]
    vectors = MfccEmbedder().embed(windows)
    assert vectors.shape == (3, MfccEmbedder.dimension)
    assert np.allclose(vectors, MfccEmbedder().embed(quiet), atol=0.05)


@given(
    st.lists(st.floats(-4, 4), min_size=1, max_size=7),
    st.lists(st.floats(0.5, 0.99), min_size=7, max_size=7),
)
def test_smoothing_is_the_sum_over_all_paths(odds, stay):
    count = len(odds)
    total, first = 0.0, np.zeros(count)
    for path in product((0, 1), repeat=count):
        chance = 0.5
        for k, state in enumerate(path):
            chance *= np.exp(odds[k] / 2 * (1 if state else -1))
            if k:
                chance *= stay[k] if state == path[k - 1] else 1 - stay[k]
        total += chance
        first += chance * np.array(path)
    assert np.allclose(smooth(np.array(odds), stay=stay[:count]), first / total, atol=1e-6)


def test_separation_is_the_distance_of_two_populations_in_their_spread():
    rng = np.random.default_rng(5)
    first = rng.random(800) < 0.5
    vectors = rng.standard_normal((800, 4)) + np.where(first, 3.0, 0.0)[:, None] * [1, 0, 0, 0]
    assert separation(vectors, first) == pytest.approx(3.0, abs=0.3)


def test_labels_drawn_by_lot_have_no_separation():
    rng = np.random.default_rng(6)
    assert abs(separation(rng.standard_normal((800, 4)), rng.random(800) < 0.5)) < 0.3


def test_a_group_of_one_window_has_no_separation():
    assert separation(np.eye(10), np.arange(10) == 3) == 0.0


def test_windows_lie_inside_their_segments_and_cover_them():
    segments = [Segment(0, 1.0, 1.3), Segment(0, 2.0, 7.25)]
    spans = list(windows_of(segments, window_s=1.5, hop_s=0.5))
    assert spans[0] == (1.0, 1.3)
    assert spans[1][0] == 2.0
    assert spans[-1][1] == pytest.approx(7.25)
    assert all(after[0] - before[0] <= 0.5 + 1e-9 for before, after in pairwise(spans[1:]))


def test_a_window_sees_only_the_steps_of_its_own_segment():
    segments = [Segment(0, 0.0, 1.5), Segment(0, 1.5, 3.0)]
    grid = Grid(segments, [(0.0, 1.5), (1.5, 3.0)], stay=0.9, stay_over_pause=0.7)
    assert grid.over_steps(np.array([1.0, 5.0])).tolist() == pytest.approx([1.0] * 15 + [5.0] * 15)


def voices(*said, confidence=0.99, separated=True):
    lines = [
        Utterance(Segment(0, 3.0 * k, 3.0 * k + 2, voice), text, 0.9) for k, (voice, text) in enumerate(said)
    ]
    found = Diarization(tuple(u.segment for u in lines), separated, 6.0, confidence, "mfcc")
    return roles_of_voices(lines, diarization=found)


def test_the_voice_that_speaks_as_agents_do_is_the_agents():
    found = voices(
        (1, "您好,中国移动,请问有什么可以帮您?"), (0, "我想查一下我的话费"), (1, "请稍等,马上为您查询。")
    )
    assert (found.agent_channel, found.agent_voice, found.source) == (None, 1, "voice")
    assert found.confidence == pytest.approx(0.99, abs=0.01)


def test_how_surely_the_voices_were_told_apart_is_in_the_confidence():
    said = ((0, "您好,中国移动,请问有什么可以帮您?"), (1, "我想查一下我的话费"))
    assert voices(*said, confidence=0.9).confidence < 0.91


def test_words_that_show_nobody_leave_the_voices_without_names():
    found = voices((0, "嗯"), (1, "好的"))
    assert (found.known, found.source) == (False, "none")


def test_voices_that_were_not_told_apart_are_nobodys():
    found = voices((None, "您好,中国移动"), separated=False)
    assert not found.known
    assert "does not tell two voices apart" in found.reason
