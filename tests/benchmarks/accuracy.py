"""All accuracy targets in one table: ``python tests/benchmarks/accuracy.py [--only vad,rings] [--quick]``.

A section is a module ``accuracy_<topic>.py`` beside this one with a function ``rows(*, quick: bool)`` that
returns `accuracy_rows.Row`s; it is found by its name. ``--quick`` asks every section for a run of a minute
or less. ``--json FILE`` writes the rows, ``--plots FILE`` a page of plots (default:
tests/artifacts/accuracy.html). Calls come from ``tests/ground_truth``; sections that need the human
recordings say so and are left out without them.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "models"), str(HERE.parent), str(HERE)]  # models: `recipe`'s voices

import pytest  # noqa: E402
from accuracy_plots import write_plots  # noqa: E402
from accuracy_rows import Row  # noqa: E402

TOPICS = sorted(
    {path.stem.removeprefix("accuracy_") for path in HERE.glob("accuracy_*.py")} - {"plots", "rows"}
)
ARTIFACTS = HERE.parent / "artifacts"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", help=f"sections, separated by commas, of: {', '.join(TOPICS)}")
    parser.add_argument("--quick", action="store_true", help="few calls")
    parser.add_argument("--model", help="the Whisper model for sections that hear words (a name or a path)")
    parser.add_argument("--json", type=Path, help="write the rows here")
    plots = ARTIFACTS / "accuracy.html"
    parser.add_argument("--plots", type=Path, default=plots, help=f"write the plots here (default: {plots})")
    wanted = parser.parse_args()
    if wanted.model:
        os.environ["AUDITOR_MODEL"] = wanted.model
    topics = wanted.only.split(",") if wanted.only else TOPICS
    if unknown := set(topics) - set(TOPICS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are {', '.join(TOPICS)}")
    rows: list[Row] = []
    for topic in topics:
        begun = time.perf_counter()
        try:
            rows += importlib.import_module(f"accuracy_{topic}").rows(quick=wanted.quick)
        except pytest.skip.Exception as why:
            print(f"{topic}: left out, {why}", file=sys.stderr)
        print(f"{topic}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    print(table(rows))
    write_plots(rows, wanted.plots)
    print(f"plots: {wanted.plots}", file=sys.stderr)
    if wanted.json:
        found = [{**asdict(row, dict_factory=_without_sample), "met": row.met} for row in rows]
        wanted.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def _without_sample(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return {name: value for name, value in pairs if name != "sample"}


def table(rows: list[Row]) -> str:
    """A Markdown table."""
    lines = [
        "| section | what | target | achieved | 95 % interval | n | met |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        target = (
            ""
            if row.target is None
            else f"{'≤' if row.direction == 'at most' else '≥'} {_show(row.target, row)}"
        )
        interval = (
            "" if row.low is None or row.high is None else f"{_show(row.low, row)} … {_show(row.high, row)}"
        )
        met = {True: "yes", False: "**no**", None: ""}[row.met]
        what = f"{row.what} ({row.note})" if row.note else row.what
        cells = (row.section, what, target, _show(row.value, row), interval, f"{row.n:,}", met)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _show(value: float, row: Row) -> str:
    if not row.unit:
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return f"{value:.4g} {row.unit}"


if __name__ == "__main__":
    sys.exit(main())
