import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.asr.align import monotone_starts


def test_tokens_start_where_a_block_diagonal_says():
    lengths = [5, 3, 8, 4]
    attention = np.zeros((4, 20))
    edges = np.concatenate([[0], np.cumsum(lengths)])
    for token in range(4):
        attention[token, edges[token] : edges[token + 1]] = 1.0
    assert monotone_starts(attention).tolist() == edges[:-1].tolist()


@pytest.mark.parametrize("tokens", [1, 2, 7])
def test_every_token_gets_a_frame_even_when_attention_says_nothing(tokens):
    assert sorted(set(monotone_starts(np.zeros((tokens, 7))).tolist())) == sorted(
        monotone_starts(np.zeros((tokens, 7))).tolist()
    )


def test_more_tokens_than_frames_are_spread_evenly():
    assert monotone_starts(np.zeros((6, 3))).tolist() == [0, 0, 1, 1, 2, 2]


@given(st.integers(1, 12), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_starts_never_go_back_and_the_first_is_zero(tokens, frames, seed):
    starts = monotone_starts(np.random.default_rng(seed).normal(size=(tokens, frames)))
    assert starts[0] == 0
    assert (np.diff(starts) >= (1 if tokens <= frames else 0)).all()
    assert starts[-1] < frames


@given(st.integers(1, 4), st.integers(4, 9), st.integers(0, 2**32 - 1))
def test_no_other_monotone_path_scores_higher(tokens, frames, seed):
    from itertools import combinations

    attention = np.random.default_rng(seed).normal(size=(tokens, frames))

    def score(starts):
        edges = [*starts, frames]
        return sum(attention[i, edges[i] : edges[i + 1]].sum() for i in range(tokens))

    best = max(score((0, *cuts)) for cuts in combinations(range(1, frames), tokens - 1))
    assert score(monotone_starts(attention).tolist()) == pytest.approx(best)
