"""How long it takes to judge a stored three-minute call again, all rules, on one core.

    python tests/benchmarks/judge_speed.py [--calls 200] [--profile]

Every call is three minutes of 60 turns: sample calls one after the other until there are 60, with one
character in twenty misheard, so that hardly a turn of one call is in another and no cache of a former call
answers for it. One half is automatic text, the other a person's. ``--dense``: the turns are drawn from the
cases that prove the rules instead, so that something arises in nearly every turn, as in no real call. Goals:
30 ms a call, 10,000 calls in five minutes.

Processor time and wall time are both printed, and, since a busy machine slows processor time down, too, the
median's ratio to a reference loop that runs before every call: compare two states of the code by that.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from auditor.judge import judge, open_rulebook
from auditor.records import Evidence, Role, SegmentStats, Turn, TurnPart
from auditor.rulebook.cases import load_cases

SAMPLE_CALLS = Path(__file__).resolve().parent.parent.parent / "sample_calls"
TURNS = 60
TURN_S, GAP_S = 2.4, 0.6
MISHEARD = 0.05


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--dense", action="store_true")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    book = open_rulebook()
    calls = make_calls(options.calls, dense=options.dense, seed=1)
    first = time.perf_counter()
    judge(calls[0], book=book)
    print(f"the first call of a process: {1000 * (time.perf_counter() - first):.0f} ms")
    judge(calls[1], book=book)
    profiler = cProfile.Profile()
    took: dict[str, list[Took]] = {"asr": [], "human": []}
    for call in calls[2:]:
        reference_ms = _timed(_reference_loop)[0]
        if options.profile:
            profiler.enable()
        cpu_ms, wall_ms = _timed(lambda call=call: judge(call, book=book))
        profiler.disable()
        took[call.transcript_source].append(Took(cpu_ms, wall_ms, cpu_ms / reference_ms))
    for source, times in took.items():
        print(f"{source}: {len(times)} calls, {_row(times)}")
    both = took["asr"] + took["human"]
    cpu_ms, wall_ms = (
        statistics.mean(each) for each in ([t.cpu_ms for t in both], [t.wall_ms for t in both])
    )
    print(
        f"{len(book.rules)} rules; 10,000 calls in {cpu_ms * 10_000 / 60_000:.1f} minutes of processor time,"
        f" {wall_ms * 10_000 / 60_000:.1f} by the clock"
    )
    if options.profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


class Took(NamedTuple):
    """What one call took; ``ratio``: processor time of the call by that of the reference loop."""

    cpu_ms: float
    wall_ms: float
    ratio: float


def _row(times: list[Took]) -> str:
    cpu = [each.cpu_ms for each in times]
    wall = [each.wall_ms for each in times]
    ratio = statistics.median(each.ratio for each in times)
    shown = (
        f"{name} median {statistics.median(each):.1f} mean {statistics.mean(each):.1f}"
        f" 95 % below {statistics.quantiles(each, n=20)[-1]:.1f} ms"
        for name, each in (("processor", cpu), ("wall", wall))
    )
    return f"{'; '.join(shown)}; {ratio:.2f} times the reference loop"


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of processor time and by the clock."""
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    return 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)


def _reference_loop() -> dict[int, int]:
    """Ordinary interpreted work, 4.5 ms on the machine of the first measurements when it was idle."""
    sums: dict[int, int] = {}
    for number in range(40_000):
        sums[number % 977] = sums.get(number * 7 % 977, 0) + number
    return sums


def make_calls(count: int, *, dense: bool, seed: int) -> list[Evidence]:
    """Calls of three minutes, every second one with a person's transcript."""
    draw = random.Random(seed)
    cases = [case.evidence for case in load_cases() if case.evidence.turns]
    base = next(one for one in cases if one.transcript_source == "asr" and one.model)
    proving = [(turn.role, turn.text) for one in cases for turn in one.turns]
    dialogues = [[said] for said in proving] if dense else _sample_dialogues()
    characters = sorted({char for dialogue in dialogues for _, text in dialogue for char in text})
    calls = []
    for number in range(count):
        said: list[tuple[Role, str]] = []
        while len(said) < TURNS:
            said += draw.choice(dialogues)
        heard = [(role, _misheard(text, draw, characters=characters)) for role, text in said[:TURNS]]
        calls.append(_call(base, heard, human=bool(number % 2)))
    return calls


def _sample_dialogues() -> list[list[tuple[Role, str]]]:
    found = []
    for path in sorted(SAMPLE_CALLS.glob("*.transcript.json")):
        turns = json.loads(path.read_text(encoding="utf-8"))["turns"]
        found.append([(turn["role"], turn["text"]) for turn in turns])
    return [dialogue for dialogue in found if dialogue]


def _misheard(text: str, draw: random.Random, *, characters: list[str]) -> str:
    return "".join(draw.choice(characters) if draw.random() < MISHEARD else char for char in text)


def _call(base: Evidence, said: list[tuple[Role, str]], *, human: bool) -> Evidence:
    turns = tuple(_turn(k, role, text, human=human) for k, (role, text) in enumerate(said))
    return replace(
        base,
        recording=replace(base.recording, duration_s=TURNS * (TURN_S + GAP_S) + 1.0),
        turns=turns,
        segments=tuple(
            SegmentStats(
                role=turn.role,
                channel=turn.channel,
                start_s=turn.start_s,
                end_s=turn.end_s,
                level_dbov=-24.0,
                voiced_s=1.2,
                f0_median_hz=200.0,
                f0_p75_hz=220.0,
                f0_p95_hz=240.0,
                alpha_ratio_db=-10.0,
                syllables=len(turn.text),
                clipped_share=0.0,
            )
            for turn in turns
        ),
        probes=(),
        transcript_source="human" if human else "asr",
        model=None if human else base.model,
        line="1860",
        line_confidence=1.0,
    )


def _turn(number: int, role: Role, text: str, *, human: bool) -> Turn:
    start_s = 0.5 + number * (TURN_S + GAP_S)
    return Turn(
        role=role,
        channel=0 if role == "agent" else 1,
        start_s=start_s,
        end_s=start_s + TURN_S,
        text=text,
        parts=(TurnPart(start_s, start_s + TURN_S, 0, len(text)),),
        confidence=None if human else 0.92,
        temperature=None if human else 0.0,
    )


if __name__ == "__main__":
    main()
