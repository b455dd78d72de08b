"""Sums by day and month: rows that reports over a million audits add up instead of ninety million findings.

A row is one day of one rulebook, model, line and team: of one agent, or (``agent_id`` 0) of whole calls,
whoever held the line. A month's row is the sum of its days' rows, but for the values of figures, which would
make it large. `day_sums` keeps the rows while audits are written, `sums` reads them. Points are whole
millionths, so that what is taken away again leaves nothing behind.

Days begin at midnight of UTC+8, the whole of China's: reports in that zone add whole days, others read the
calls of the days that their midnights cut.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from auditor.store.tables import Base

UNKNOWN_DAY = -1  # of calls whose start nobody knows
NONE = 0  # no model, no team, no agent in particular
MILLION = 1_000_000
DAY = timedelta(days=1)
_EPOCH = datetime(1969, 12, 31, 16, tzinfo=UTC)  # 1970-01-01 00:00 in UTC+8
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# The figures of which every value is kept, to a hundredth. The list may only grow at its end.
PERCENT = "percent"
FIGURES = (
    (None, PERCENT),
    ("agent", "articulation_char_per_min"),
    ("agent", "level_dbov"),
    ("agent", "phrase_f0_sd_st"),
    ("call", "response_gap_median_s"),
)
CLAUSE = struct.Struct("<4I2q")  # rule, passed, failed, in review, earned, possible
VALUE = struct.Struct("<hiI")  # figure, value in hundredths, how often


# Columns of the index for lists of all agents.
KEY_COLUMNS = ("agent_id", "team_id", "line", "model_id")
LISTED = ("calls", "scored", "passed", "failed", "pending", "critical", "in_review", "earned", "possible")


class SumColumns:
    """What rows of sums have in common; ``clauses`` is an array of `CLAUSE`."""

    id: Mapped[int] = mapped_column(primary_key=True)
    rulebook_id: Mapped[int]
    model_id: Mapped[int] = mapped_column(doc="0: transcripts.")
    agent_id: Mapped[int] = mapped_column(doc="0: whole calls.")
    team_id: Mapped[int] = mapped_column(doc="0: the call record names none.")
    line: Mapped[str]
    day: Mapped[int] = mapped_column(doc="Days since 1970-01-01 in UTC+8; -1: unknown.")
    calls: Mapped[int]
    scored: Mapped[int]
    alone: Mapped[int] = mapped_column(doc="Scored calls that no other agent had a part in.")
    passed: Mapped[int]
    failed: Mapped[int]
    pending: Mapped[int] = mapped_column(doc="Result in review, or a failed critical item to be confirmed.")
    critical: Mapped[int] = mapped_column(doc="Calls with a failed critical item.")
    critical_in_review: Mapped[int]
    in_review: Mapped[int] = mapped_column(doc="Findings for review that carry weight.")
    earned: Mapped[int] = mapped_column(BigInteger, doc="Millionths of a point.")
    possible: Mapped[int] = mapped_column(BigInteger, doc="Millionths of a point.")
    clauses: Mapped[bytes] = mapped_column(LargeBinary)


class DaySumRow(SumColumns, Base):
    """One day's sums; ``values`` is an array of `VALUE`."""

    __tablename__ = "day_sums"
    __table_args__ = (
        Index(None, "rulebook_id", "agent_id", "day", "team_id", "line", "model_id", unique=True),
        Index(None, "rulebook_id", "team_id", "day"),
        # What lists of all agents read; the rows themselves are large.
        Index("ix_day_sums_counts", "rulebook_id", "day", *KEY_COLUMNS, *LISTED),
    )

    values: Mapped[bytes] = mapped_column(LargeBinary)


class MonthSumRow(SumColumns, Base):
    """One month's sums: those of its days; ``day`` is the first of them."""

    __tablename__ = "month_sums"
    __table_args__ = (
        Index(None, "rulebook_id", "agent_id", "day", "team_id", "line", "model_id", unique=True),
        Index(None, "rulebook_id", "team_id", "day"),
    )


class DayKey(NamedTuple):
    """What a day's sums are of."""

    rulebook_id: int
    agent_id: int
    day: int
    team_id: int
    line: str
    model_id: int


@dataclass(slots=True)
class DaySum:
    """Sums in the making; see `DaySumRow`."""

    calls: int = 0
    scored: int = 0
    alone: int = 0
    passed: int = 0
    failed: int = 0
    pending: int = 0
    critical: int = 0
    critical_in_review: int = 0
    in_review: int = 0
    earned: int = 0
    possible: int = 0
    clauses: dict[int, list[int]] = field(default_factory=dict)  # rule -> the rest of `CLAUSE`
    values: dict[tuple[int, int], int] = field(default_factory=dict)  # figure and value -> how often

    def add(self, other: DaySum, *, sign: int = 1) -> None:
        """Add other sums, or take them away."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + sign * getattr(other, name))
        for rule, counts in other.clauses.items():
            mine = self.clauses.setdefault(rule, [0] * 5)
            for place, count in enumerate(counts):
                mine[place] += sign * count
        for value, count in other.values.items():
            self.values[value] = self.values.get(value, 0) + sign * count

    def count(self, figure: str, value: float) -> None:
        """Keep one value of a figure, within what four bytes hold."""
        place = (_NUMBERS[figure], round(max(-2e7, min(2e7, value)) * 100))
        self.values[place] = self.values.get(place, 0) + 1

    def columns(self) -> dict[str, object]:
        """The columns of a day's row."""
        return {**self.columns_of_month(), "values": self.packed_values()}

    def columns_of_month(self) -> dict[str, object]:
        """The columns of a month's row."""
        return {**{name: getattr(self, name) for name in COUNTS}, "clauses": self.packed_clauses()}

    def packed_clauses(self) -> bytes:
        """The clauses that anybody still has."""
        return b"".join(CLAUSE.pack(rule, *n) for rule, n in sorted(self.clauses.items()) if any(n))

    def packed_values(self) -> bytes:
        """The values that anybody still has."""
        return b"".join(VALUE.pack(*value, n) for value, n in sorted(self.values.items()) if n)

    @classmethod
    def of_row(cls, row: Any, *, values: bytes = b"") -> DaySum:
        """The sums of a stored row; ``values``: of a day's."""
        return cls(
            **{name: getattr(row, name) for name in COUNTS},
            clauses={rule: list(counts) for rule, *counts in CLAUSE.iter_unpack(row.clauses)},
            values={(figure, value): n for figure, value, n in VALUE.iter_unpack(values)},
        )


COUNTS = tuple(each.name for each in fields(DaySum) if each.name not in ("clauses", "values"))
_NUMBERS = {name: number for number, (_, name) in enumerate(FIGURES)}


def day_of(moment: datetime | None) -> int:
    """The number of the day that a moment is in."""
    return UNKNOWN_DAY if moment is None else (moment - _EPOCH) // DAY


def beginning_of(day: int) -> datetime:
    """When a day begins."""
    return _EPOCH + day * DAY


def month_of(day: int) -> int:
    """The first day of the month that a day is in; of the unknown day itself."""
    if day == UNKNOWN_DAY:
        return UNKNOWN_DAY
    return day - date.fromordinal(_EPOCH_ORDINAL + day).day + 1
