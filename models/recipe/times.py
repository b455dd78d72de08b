"""Segment times scored strictly: heard segments against true ones, in order, one to one.

The two lists are aligned by dynamic programming. A pair costs the sum of its start and end errors; a
segment without a partner costs ``GAP_S``, so that a pair more than ``2 GAP_S`` apart in sum is one missing
and one extra segment, never a match.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whisper.tokenizer import get_tokenizer

from recipe import dataset
from recipe.dataset import Mix, Sources
from recipe.evaluate import character_errors
from recipe.heldout import hear
from recipe.intervals import median_of, share_of
from recipe.targets import TICK_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Times = tuple[float, float]

GAP_S = 1.0
CONTEXTS_S = (10.0, 20.0, 30.0)
AT_ONCE = 32


def heard_segments(tokens: Sequence[int], *, first_mark: int) -> list[Times]:
    """(start, end) of every text between two time marks; a last one without an end was cut off."""
    found: list[Times] = []
    start_s: float | None = None
    has_text = False
    for token in tokens:
        if token < first_mark:
            has_text = True
            continue
        at_s = (token - first_mark) * TICK_S
        if start_s is not None and has_text:
            found.append((start_s, at_s))
            start_s = None
        else:
            start_s = at_s
        has_text = False
    return found


def pair_up(true: Sequence[Times], heard: Sequence[Times]) -> list[tuple[int, int]]:
    """Indices of the segments that belong together, in order; see the module's docstring."""
    costs = [[GAP_S * (i + j) for j in range(len(heard) + 1)] for i in range(len(true) + 1)]
    for i, one in enumerate(true, start=1):
        for j, other in enumerate(heard, start=1):
            pair = abs(one[0] - other[0]) + abs(one[1] - other[1])
            alone = min(costs[i - 1][j], costs[i][j - 1]) + GAP_S
            costs[i][j] = min(alone, costs[i - 1][j - 1] + pair)
    pairs: list[tuple[int, int]] = []
    i, j = len(true), len(heard)
    while i and j:
        if costs[i][j] == costs[i - 1][j] + GAP_S:
            i -= 1
        elif costs[i][j] == costs[i][j - 1] + GAP_S:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


def measure_times(
    model: Any, sources: Sources, *, count: int, tell: Callable[[int, int], None]
) -> dict[str, Any]:
    """Start and end errors in windows up to 30 s, missing and extra segments, and the error rate there.

    ``strict_median_error_s`` is over the starts and ends of all true segments; those of a missing one
    count as the whole window. ``start_error_s`` and ``end_error_s`` are over the pairs alone.
    """
    mix = Mix(non_speech=0.0, foreign=0.0, human=0.0)
    book = get_tokenizer(True, num_languages=model.num_languages)
    windows = [
        dataset.make_window(
            f"times/{index}", context_s=CONTEXTS_S[index % 3], mix=mix, sources=sources, held_out=True
        )
        for index in range(count)
    ]
    starts: list[float] = []
    ends: list[float] = []
    strict: list[float] = []
    missing: list[bool] = []
    extra: list[bool] = []
    texts: list[tuple[str, str]] = []
    for first in range(0, count, AT_ONCE):
        some = windows[first : first + AT_ONCE]
        results = hear(model, [window.samples for window in some], timestamps=True)
        for window, result in zip(some, results, strict=True):
            true = [(s.start_s, s.end_s) for s in window.segments if s.end_s is not None]
            heard = heard_segments(result.tokens, first_mark=book.timestamp_begin)
            pairs = pair_up(true, heard)
            for i, j in pairs:
                starts.append(abs(true[i][0] - heard[j][0]))
                ends.append(abs(true[i][1] - heard[j][1]))
                strict += [starts[-1], ends[-1]]
            strict += [window.context_s] * (2 * (len(true) - len(pairs)))
            missing += [i not in {a for a, _ in pairs} for i in range(len(true))]
            extra += [j not in {b for _, b in pairs} for j in range(len(heard))]
            texts.append(("".join(s.text for s in window.segments), result.text))
        tell(first + len(some), count)
    return {
        "strict_median_error_s": median_of(strict),
        "start_error_s": median_of(starts),
        "end_error_s": median_of(ends),
        "missing_segments": share_of(missing),
        "extra_segments": share_of(extra),
        "character_error_rate": character_errors(texts),
    }
