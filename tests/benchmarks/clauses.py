"""How often each clause is judged rightly: over the cases, and over the sample calls' real audio.

    python tests/benchmarks/clauses.py [--only cases|transcript|checkpoint] [--json FILE]

Three trials: the dialogues that prove the rules; the sample calls with their true transcript (decoding, voice
activity and measuring are real, the words are given); the same calls heard by the checkpoint that ships. The
truth is what a careful inspector would say. A finding is positive when it is a ``fail``:

    precision = true fails found ÷ fails found          recall = true fails found ÷ true fails
    review    = needs_review ÷ verdicts that apply (not n/a), as found; over all rules' verdicts on all cases

with Wilson intervals of 95 % for the sums. With the checkpoint it takes about a quarter of an hour.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor import pipeline
from auditor.inputs.call_record import read_call_record
from auditor.inputs.transcript import read_transcript
from auditor.judge import judge, open_rulebook
from auditor.records.share import Share
from auditor.rulebook.cases import load_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.records import Verdict
    from auditor.rulebook.schema import Rulebook

SAMPLE_CALLS = Path(__file__).resolve().parent.parent.parent / "sample_calls"
TRIALS = ("cases", "transcript", "checkpoint")


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict beside its truth; None: a rule that a case says nothing about."""

    rule: str
    truth: str | None
    found: Verdict


def main() -> None:
    """Print a table per trial."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=TRIALS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    book = open_rulebook()
    figures = {}
    for trial in TRIALS if options.only is None else (options.only,):
        judged = list(_cases(book) if trial == "cases" else _sample_calls(book, trial=trial))
        figures[trial] = _tell(trial, judged, order=[rule.id for rule in book.rules])
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


def _cases(book: Rulebook) -> Iterator[Judged]:
    for case in load_cases():
        truth = {case.rule: case.expect} | case.also
        for finding in judge(case.evidence, book=book)[0]:
            yield Judged(finding.rule, truth.get(finding.rule), finding.verdict)


def _sample_calls(book: Rulebook, *, trial: str) -> Iterator[Judged]:
    engine = None
    if trial == "checkpoint":
        from auditor.asr.whisper import load_engine

        engine = load_engine(None)
    paths = sorted(SAMPLE_CALLS.glob("*.truth.json"))
    for number, path in enumerate(paths, start=1):
        stem = path.name.removesuffix(".truth.json")
        print(f"\r{trial} {number}/{len(paths)} {stem:40}", end="", file=sys.stderr, flush=True)
        truth = json.loads(path.read_text(encoding="utf-8"))["verdicts"]
        transcript = SAMPLE_CALLS / f"{stem}.transcript.json"
        call = pipeline.CallInput(
            paths=_audio(stem),
            record=read_call_record(SAMPLE_CALLS / f"{stem}.record.json"),
            transcript=None if engine else read_transcript(transcript),
        )
        evidence = pipeline.hear(pipeline.open_call(call), call=call, engine=engine, book=book)
        for finding in judge(evidence, book=book)[0]:
            if finding.rule == "V5" and engine is None:
                continue  # a transcript that a person wrote says nothing of how clearly was spoken
            yield Judged(finding.rule, truth[finding.rule], finding.verdict)
    print(file=sys.stderr)


def _audio(stem: str) -> tuple[Path, ...]:
    pair = [SAMPLE_CALLS / f"{stem}.{party}.wav" for party in ("agent", "customer")]
    if all(path.is_file() for path in pair):
        return tuple(pair)
    return tuple(p for s in (".wav", ".flac", ".mp3") if (p := SAMPLE_CALLS / f"{stem}{s}").is_file())


def _tell(trial: str, judged: list[Judged], *, order: list[str]) -> dict[str, object]:
    """Print one table; return its figures."""
    rows: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        rows[one.rule].append(one)
    print(f"\n{trial}: {len(judged)} verdicts on {len(rows)} clauses")
    print(
        f"{'clause':8}{'n':>5}{'right':>7}{'fails':>7}{'found':>7}{'wrong':>7}{'precision':>11}{'recall':>8}{'review':>8}"
    )
    table = {rule: _row(rule, rows[rule]) for rule in order if rule in rows}
    total = _row("all", judged)
    print("intervals of 95 %:")
    for name, part, whole in (
        ("right", total["right"], total["n"]),
        ("precision", total["found"], total["found"] + total["wrong"]),
        ("recall", total["found"], total["fails"]),
        ("review", total["review"], total["applies"]),
    ):
        low, high = Share(part, whole).interval or (0.0, 1.0)
        print(f"  {name}: {part} of {whole}, {_share(part, whole)} ({100 * low:.1f}–{100 * high:.1f})")
    return {"clauses": table, "all": total}


def _row(name: str, judged: list[Judged]) -> dict[str, int]:
    known = [one for one in judged if one.truth is not None]
    counts = Counter((one.truth, one.found) for one in known)
    verdicts = Counter(one.found for one in judged)
    figures = {
        "n": len(known),
        "right": sum(n for (truth, found), n in counts.items() if truth == found),
        "fails": sum(n for (truth, _), n in counts.items() if truth == "fail"),
        "found": counts["fail", "fail"],
        "wrong": sum(n for (truth, found), n in counts.items() if found == "fail" != truth),
        "review": verdicts["needs_review"],
        "applies": verdicts.total() - verdicts["not_applicable"],
    }
    precision = _share(figures["found"], figures["found"] + figures["wrong"])
    shares = (
        precision,
        _share(figures["found"], figures["fails"]),
        _share(figures["review"], figures["applies"]),
    )
    print(
        f"{name:8}{figures['n']:5}{figures['right']:7}{figures['fails']:7}{figures['found']:7}"
        f"{figures['wrong']:7}{shares[0]:>11}{shares[1]:>8}{shares[2]:>8}"
    )
    return figures


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


if __name__ == "__main__":
    main()
