"""Finding calls by what was said in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from auditor.store.indexing import unpack_turns
from auditor.store.search_query import SearchScope, exactly, fts5_words, tsquery_words
from auditor.store.search_tables import INDEX, TranscriptRow
from auditor.store.tables import AgentRow, AuditRow, RecordingRow, TeamRow
from auditor.text.grams import Wording, wordings
from auditor.text.masked import readable
from auditor.text.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from auditor.store.database import Store
    from auditor.store.search_query import Speaker

PLACES_EACH = 3
# PostgreSQL gathers all matches before it sorts them: first those among the newest calls.
_WINDOWS = (20_000, 200_000, None)


@dataclass(frozen=True, slots=True)
class SaidPlace:
    """A turn that holds what was looked for: its text as people read it, and from where to where."""

    role: str
    start_s: float
    text: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A call in which it was said; ``more``: turns beyond those shown."""

    recording_id: int
    audit_id: int
    call_id: str
    agent: str | None
    agent_name: str | None
    team: str | None
    line: str
    started_at: datetime | None
    result: str
    percent: float | None
    places: tuple[SaidPlace, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, the call that came into the store last first; ``before``: where the next page begins."""

    hits: tuple[Hit, ...]
    before: int | None


def search_calls(
    store: Store, query: str, *, scope: SearchScope, before: int | None = None, limit: int = 20
) -> Found:
    """Calls in which every part of a query was said.

    Args:
        store: an open store.
        query: parts between spaces, each of which must stand somewhere in the call as it is written here;
            punctuation, width and traditional characters do not matter.
        scope: where to look.
        before: only calls that came before this recording (`Found.before`).
        limit: how many.

    Raises:
        StoreError: the store cannot be read.
    """
    parts = wordings(query)
    if not parts:
        return Found((), None)
    needles = [_needle(part) for part in query.split() if _needle(part)]
    with store.reading() as session:
        rows = _rows(session, parts, scope=scope, before=before, limit=limit + 1)
    hits = tuple(hit for row in rows[:limit] if (hit := _hit(row, needles, speaker=scope.speaker)).places)
    return Found(hits, rows[limit - 1].recording_id if len(rows) > limit else None)


def _rows(
    session: Session, parts: Sequence[Wording], *, scope: SearchScope, before: int | None, limit: int
) -> Sequence[Any]:
    if session.get_bind().dialect.name == "sqlite":
        index = table(INDEX, column("rowid"))
        match = literal_column(INDEX).op("MATCH")(bindparam("words", fts5_words(parts, scope)))
        query = _query(index.c.rowid, index, match, scope=scope, before=before, limit=limit)
        return session.execute(query).all()
    index = table(INDEX, column("recording_id"), column("words"))
    match = index.c.words.op("@@")(cast(bindparam("words", tsquery_words(parts, scope)), TSQUERY))
    found: list[Any] = []
    newest = before
    for window in _WINDOWS:
        top = newest if newest is not None else _newest(session) + 1
        low = max(0, top - window) if window else 0
        query = _query(
            index.c.recording_id, index, match, scope=scope, before=newest, limit=limit - len(found)
        )
        if low:
            query = query.where(index.c.recording_id >= low)
        found += session.execute(query).all()
        if len(found) >= limit or not low:
            break
        newest = low
    return found


def _query(
    key: Any,
    index: Any,
    match: ColumnElement[bool],
    *,
    scope: SearchScope,
    before: int | None,
    limit: int,
) -> Any:
    query = (
        select(
            AuditRow.recording_id,
            AuditRow.id,
            RecordingRow.call_id,
            AgentRow.code,
            AgentRow.name.label("agent_name"),
            TeamRow.name.label("team"),
            AuditRow.line,
            AuditRow.started_at,
            AuditRow.result,
            AuditRow.percent,
            TranscriptRow.turns,
        )
        .select_from(index)
        .join(TranscriptRow, TranscriptRow.recording_id == key)
        .join(
            AuditRow,
            and_(
                AuditRow.recording_id == key,
                AuditRow.latest,
                AuditRow.evidence_id == TranscriptRow.evidence_id,
            ),
        )
        .join(RecordingRow, RecordingRow.id == key)
        .outerjoin(AgentRow, AgentRow.id == AuditRow.agent_id)
        .outerjoin(TeamRow, TeamRow.id == AuditRow.team_id)
        .where(match, scope.visible, *exactly(scope))
        .order_by(key.desc())
        .limit(limit)
    )
    return query if before is None else query.where(key < before)


def _newest(session: Session) -> int:
    return session.scalar(select(func.max(TranscriptRow.recording_id))) or 0


def _needle(part: str) -> str:
    return normalise(part).text


def _hit(row: Any, needles: Sequence[str], *, speaker: Speaker | None) -> Hit:
    places: list[SaidPlace] = []
    for role, start_s, said in unpack_turns(row.turns):
        if speaker is not None and role != speaker:
            continue
        text = readable(said)
        if marks := _marks(text, needles):
            places.append(SaidPlace(role, start_s, text, marks))
    return Hit(
        recording_id=row.recording_id,
        audit_id=row.id,
        call_id=row.call_id,
        agent=row.code,
        agent_name=row.agent_name,
        team=row.team,
        line=row.line,
        started_at=row.started_at,
        result=row.result,
        percent=row.percent,
        places=tuple(places[:PLACES_EACH]),
        more=max(0, len(places) - PLACES_EACH),
    )


def _marks(text: str, needles: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Where in a text the needles stand, whatever its punctuation; stretches that touch are one."""
    plain = normalise(text)
    found: list[tuple[int, int]] = []
    for needle in needles:
        at = plain.text.find(needle)
        while at >= 0:
            found.append((plain.origin[at], plain.origin[at + len(needle) - 1] + 1))
            at = plain.text.find(needle, at + len(needle))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
