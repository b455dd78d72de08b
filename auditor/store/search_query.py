"""The words of a search as each database asks its index for them, and the conditions beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import ColumnElement, true

from auditor.store.indexing import month_word
from auditor.store.tables import AuditRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from auditor.text.grams import Wording

Speaker = Literal["agent", "customer"]

_MONTHS_AT_MOST = 60
_AHEAD = timedelta(days=62)  # clocks of recorders that are wrong


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Where to look.

    Attributes:
        visible: the condition of `AuditRow` that the viewer's rights set; decides.
        teams: rows of teams, agents: rows of agents, one of which must be the call's; None: any. They only
            narrow what is read: `visible` has to keep out the others all the same.
        since, until: when the call started.
        line: by canonical name.
        speaker: whose words; None: anybody's.
    """

    visible: ColumnElement[bool]
    teams: frozenset[int] | None = None
    agents: frozenset[int] | None = None
    since: datetime | None = None
    until: datetime | None = None
    line: str | None = None
    speaker: Speaker | None = None


def exactly(scope: SearchScope) -> Iterable[ColumnElement[bool]]:
    """What the words of the scope only narrow."""
    yield true()
    if scope.since is not None:
        yield AuditRow.started_at >= scope.since
    if scope.until is not None:
        yield AuditRow.started_at < scope.until
    if scope.line is not None:
        yield AuditRow.line == scope.line
    if scope.teams is not None:
        yield AuditRow.team_id.in_(sorted(scope.teams))


def fts5_words(parts: Sequence[Wording], scope: SearchScope) -> str:
    """All parts and the scope, as SQLite's FTS5 asks for them."""
    columns = scope.speaker or "agent customer other"
    wanted = [f'{{{columns}}} : ("{" ".join(part.words)}"{" *" if part.open_end else ""})' for part in parts]
    wanted += ["scope : (" + " OR ".join(f'"{word}"' for word in words) + ")" for words in _groups(scope)]
    return " AND ".join(wanted)


def tsquery_words(parts: Sequence[Wording], scope: SearchScope) -> str:
    """All parts and the scope, as PostgreSQL's tsquery asks for them."""
    weight = {"agent": "A", "customer": "B", None: "ABC"}[scope.speaker]
    wanted = []
    for part in parts:
        *first, last = part.words
        words = [f"'{word}':{weight}" for word in first]
        words.append(f"'{last}':{'*' if part.open_end else ''}{weight}")
        wanted.append("(" + " <-> ".join(words) + ")")
    wanted += ["(" + " | ".join(f"'{word}'" for word in words) + ")" for words in _groups(scope)]
    return " & ".join(wanted)


def _groups(scope: SearchScope) -> Iterable[list[str]]:
    """Words of the scope, one of each group of which the call must have."""
    if scope.teams is not None:
        yield [f"t{team}" for team in sorted(scope.teams)] or ["t0"]
    if scope.agents is not None:
        yield [f"a{agent}" for agent in sorted(scope.agents)] or ["a0"]
    if scope.since is not None and (months := _months(scope)):
        yield months


def _months(scope: SearchScope) -> list[str]:
    """The months from since to until; empty where that is too long to name them."""
    assert scope.since is not None
    until = (scope.until or datetime.now(UTC) + _AHEAD).astimezone(UTC)
    at = scope.since.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months: list[str] = []
    while at <= until:
        months.append(month_word(at))
        if len(months) > _MONTHS_AT_MOST:
            return []
        at = at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)
    return months
