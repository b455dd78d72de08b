"""How far a batch is: counted as calls end, for the bar, the log and the summary."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from auditor.text.clock import clock


@dataclass
class Tally:
    """Counts of one batch.

    Attributes:
        calls: how many the batch set out to do.
        size_bytes: of all their files, which stands for their length until they are opened.
        audited: heard and judged now.
        judged: heard before, judged again now (a corrected call record).
        unchanged: there already.
        failed_before: failed in an earlier run and not tried again.
        results: of all calls with a scorecard, by result.
        failures: of this run, by reason code.
        audio_s: seconds of audio heard now.
    """

    calls: int = 0
    size_bytes: int = 0
    audited: int = 0
    judged: int = 0
    unchanged: int = 0
    failed_before: int = 0
    results: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    audio_s: float = 0.0
    done_bytes: int = 0
    heard_bytes: int = 0
    began_s: float = field(default_factory=time.monotonic)

    @property
    def failed(self) -> int:
        """Calls that could not be audited in this run."""
        return self.failures.total()

    @property
    def done(self) -> int:
        """Calls that need nothing more in this run."""
        return self.audited + self.judged + self.unchanged + self.failed_before + self.failed

    @property
    def elapsed_s(self) -> float:
        """Since the batch began, by a clock that nobody sets."""
        return max(time.monotonic() - self.began_s, 1e-9)

    @property
    def speed(self) -> float:
        """Seconds of audio heard per second."""
        return self.audio_s / self.elapsed_s

    @property
    def left_s(self) -> float | None:
        """About how long it will take yet; None before anything is known."""
        if not self.heard_bytes:
            return None
        return (self.size_bytes - self.done_bytes) * self.elapsed_s / self.heard_bytes

    def line(self) -> str:
        """Where the batch is, in one line."""
        left = "" if self.left_s is None else f", about {clock(self.left_s)} left"
        return (
            f"{self.done}/{self.calls} calls, {self.audio_s / 3600:.2f} h of audio,"
            f" {self.speed:.1f} x real time, {self.failed} failed{left}"
        )


def summary_lines(tally: Tally, *, stopped: bool) -> list[str]:
    """The end of a batch, for people."""
    lines = [
        f"{tally.done} of {tally.calls} calls: {tally.audited} audited, {tally.judged} judged again,"
        f" {tally.unchanged} unchanged, {tally.failed + tally.failed_before} failed"
        + (f" ({tally.failed_before} of them before)" if tally.failed_before else ""),
        f"{tally.audio_s / 3600:.2f} hours of audio in {clock(tally.elapsed_s)}:"
        f" {tally.speed:.1f} x real time",
        ", ".join(
            f"{tally.results[key]} {name}"
            for key, name in (
                ("pass", "passed"),
                ("fail", "failed cards"),
                ("needs_review", "need review"),
                ("not_scored", "not scored"),
            )
        ),
    ]
    if tally.failures:
        counted = ", ".join(f"{code} {count}" for code, count in tally.failures.most_common())
        lines.append(f"failures by reason: {counted}; --retry-failed tries them again")
    elif tally.failed_before:
        lines.append("--retry-failed tries the failed calls again")
    if stopped:
        lines.append("stopped; run the same command again and it goes on where it ended")
    return lines
