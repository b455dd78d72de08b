"""Keeping the index of words: written with an audit, forgotten with its call, made up for older stores."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from auditor.store.database import transact
from auditor.store.faults import one_sentence
from auditor.store.packing import unpack_evidence
from auditor.store.search_tables import INDEX, SearchBacklogRow, TranscriptRow
from auditor.store.tables import AuditRow, EvidenceRow, SpellRow
from auditor.store.upserts import table_of
from auditor.text.grams import grams

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from auditor.records import Turn
    from auditor.store.database import Store

SaidTurn = tuple[str, float, str]  # role, start_s, text (masked as it is stored)

STRIDE = 50
# Between two turns: no wording reaches across.
_BREAK = "_"
_COLUMNS = ("agent", "customer", "other")
_WEIGHTS = {"agent": "A", "customer": "B", "other": "C"}
# PostgreSQL keeps no place beyond this one; the words of calls of hours begin again from the first.
_PLACES = 16_000
_MERGE_PAGES = 500
_ASKED = 12  # words of a party that a check looks for

_THERE = select(TranscriptRow.evidence_id, TranscriptRow.scope).where(
    TranscriptRow.recording_id == bindparam("recording")
)
_KEEP = insert(table_of(TranscriptRow))
_ADD = text(
    f"INSERT INTO {INDEX} (rowid, agent, customer, other, scope)"
    " VALUES (:id, :agent, :customer, :other, :scope)"
)
_DROP = (
    f"INSERT INTO {INDEX} ({INDEX}, rowid, agent, customer, other, scope)"
    " VALUES ('delete', :id, :agent, :customer, :other, :scope)"
)
_PUT = text(
    f"INSERT INTO {INDEX} (recording_id, words) VALUES (:id, CAST(:words AS tsvector))"
    " ON CONFLICT (recording_id) DO UPDATE SET words = excluded.words"
)


def index_call(
    session: Session,
    recording_id: int,
    *,
    evidence_id: int,
    turns: Iterable[Turn],
    scope: str,
    known: bool = True,
) -> None:
    """Have a call found by its words and scope; nothing is done where both are as they were.

    ``known``: whether the call may be in the index already.
    """
    there = session.execute(_THERE, {"recording": recording_id}).one_or_none() if known else None
    if there is not None and tuple(there) == (evidence_id, scope):
        return
    if there is not None:
        forget_calls(session, [recording_id])
    said = said_turns(turns)
    row = {
        "recording_id": recording_id,
        "evidence_id": evidence_id,
        "scope": scope,
        "turns": pack_turns(said),
    }
    session.execute(_KEEP, row)
    if _is_sqlite(session):
        session.execute(_ADD, _columns(recording_id, said, scope))
    else:
        session.execute(_PUT, {"id": recording_id, "words": _positions(said, scope)})


def forget_calls(session: Session, recordings: Collection[int]) -> None:
    """Take calls out of the index, before their rows go."""
    if not recordings:
        return
    wanted = TranscriptRow.recording_id.in_(recordings)
    if _is_sqlite(session):
        for row in session.execute(select(*_columns_of_row()).where(wanted)).all():
            session.execute(text(_DROP), _columns(row.recording_id, unpack_turns(row.turns), row.scope))
    session.execute(delete(TranscriptRow).where(wanted))


def scope_words(agents: Iterable[int], *, team_id: int | None, started_at: datetime | None) -> str:
    """The words of a call's scope: rows of its agents and team, month of its start (UTC)."""
    words = [f"a{agent}" for agent in sorted(set(agents))]
    words += [f"t{team_id}"] if team_id is not None else []
    words += [month_word(started_at)] if started_at is not None else []
    return " ".join(words)


def month_word(moment: datetime) -> str:
    """The scope's word for the month of a moment in UTC."""
    return f"m{moment.astimezone(UTC):%Y%m}"


def backlog(store: Store) -> int:
    """How many ids of an older store's calls are still to be gone through; 0: all are in the index."""
    with store.reading() as session:
        return session.scalar(select(func.max(SearchBacklogRow.up_to))) or 0


def index_backlog(
    store: Store, *, stop: Callable[[], bool] = lambda: False, tell: Callable[[int], None] = lambda _: None
) -> None:
    """Put the calls of an older store into the index, the newest first, some at a time; safe to stop.

    Args:
        store: an open store.
        stop: asked between two strides.
        tell: is given how many ids are left after each.

    Raises:
        StoreError: the store cannot be written.
    """
    while (left := backlog(store)) and not stop():
        transact(store, lambda session, left=left: _stride(session, left))  # type: ignore[misc]
        tell(backlog(store))


def compact(store: Store) -> None:
    """Have nothing left in the index of calls that were forgotten, a step at a time (SQLite).

    FTS5 only marks what was deleted until segments are merged; PostgreSQL's vacuum does it by itself.
    """
    if store.dialect != "sqlite":
        return
    merge = text(f"INSERT INTO {INDEX} ({INDEX}, rank) VALUES ('merge', :pages)")
    changes = text("SELECT total_changes()")
    pages = -_MERGE_PAGES  # negative: begin with whatever segments there are
    while True:
        with one_sentence(store.shown), store.writing() as session:
            before = session.scalar(changes)
            session.execute(merge, {"pages": pages})
            if session.scalar(changes) - before < 2:  # as FTS5's manual says
                return
        pages = _MERGE_PAGES


def said_turns(turns: Iterable[Turn]) -> list[SaidTurn]:
    """The turns of a call as the index has them."""
    return [(turn.role, round(turn.start_s, 3), turn.text) for turn in turns if turn.text]


def not_found(session: Session, calls: Sequence[tuple[int, Sequence[SaidTurn], str]]) -> Iterator[int]:
    """Calls (recording, turns, scope) that their words do not find.

    PostgreSQL's index is compared word by word. SQLite's keeps no list of a call's words: it is asked for the
    call by the whole of its scope and by the first words of each party.
    """
    if _is_sqlite(session):
        there = text(f"SELECT count(*) FROM {INDEX} WHERE {INDEX} MATCH :words AND rowid = :id")
        for recording_id, turns, scope in calls:
            columns = _columns(recording_id, turns, scope)
            asked = {"scope": scope, **{name: _first_words(columns[name]) for name in _COLUMNS}}
            words = " AND ".join(f'{name} : "{each}"' for name, each in asked.items() if each)
            if words and not session.scalar(there, {"words": words, "id": recording_id}):
                yield recording_id
        return
    given = {recording_id: _positions(turns, scope) for recording_id, turns, scope in calls}
    equal = text(
        f"SELECT recording_id FROM {INDEX} JOIN unnest(CAST(:ids AS integer[]), CAST(:words AS text[]))"
        " AS given (id, told) ON given.id = recording_id AND words = CAST(given.told AS tsvector)"
    )
    found = set(session.scalars(equal, {"ids": list(given), "words": list(given.values())}))
    yield from (recording_id for recording_id in given if recording_id not in found)


def pack_turns(turns: Sequence[SaidTurn]) -> bytes:
    """Turns as bytes."""
    return zlib.compress(json.dumps(turns, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))


def unpack_turns(packed: bytes) -> list[SaidTurn]:
    """What `pack_turns` packed."""
    return [(role, start_s, said) for role, start_s, said in json.loads(zlib.decompress(packed))]


def _stride(session: Session, left: int) -> None:
    """The newest calls that are left: their newest scorecards give words and scope."""
    query = (
        select(
            AuditRow.id, AuditRow.recording_id, AuditRow.evidence_id, AuditRow.team_id, AuditRow.started_at
        )
        .where(AuditRow.latest, AuditRow.recording_id <= left)
        .order_by(AuditRow.recording_id.desc(), AuditRow.id.desc())
        .limit(STRIDE)
    )
    rows = session.execute(query).all()
    there = set(
        session.scalars(
            select(TranscriptRow.recording_id).where(
                TranscriptRow.recording_id.in_({row.recording_id for row in rows})
            )
        )
    )
    done: set[int] = set()
    for row in rows:
        if row.recording_id in done or row.recording_id in there:
            continue
        done.add(row.recording_id)
        payload = session.scalar(select(EvidenceRow.payload).where(EvidenceRow.id == row.evidence_id))
        agents = session.scalars(select(SpellRow.agent_id).where(SpellRow.audit_id == row.id))
        index_call(
            session,
            row.recording_id,
            evidence_id=row.evidence_id,
            turns=unpack_evidence(payload).turns if payload else (),
            scope=scope_words(agents, team_id=row.team_id, started_at=row.started_at),
        )
    lowest = min((row.recording_id for row in rows), default=1)
    if lowest <= 1:
        session.execute(delete(SearchBacklogRow))
    else:
        session.execute(update(SearchBacklogRow).values(up_to=lowest - 1))


def _columns(recording_id: int, turns: Sequence[SaidTurn], scope: str) -> dict[str, Any]:
    """The row of the FTS5 table; the same for the same turns, for what is deleted must be what was added."""
    said: dict[str, list[str]] = {column: [] for column in _COLUMNS}
    for role, _, words in turns:
        said[_column(role)] += [*grams(words), _BREAK]
    return {"id": recording_id, "scope": scope, **{column: " ".join(said[column]) for column in _COLUMNS}}


def _first_words(column: str) -> str:
    """Words that stand in a row at the beginning of a column."""
    return " ".join(column.partition(f" {_BREAK}")[0].split()[:_ASKED])


def _positions(turns: Sequence[SaidTurn], scope: str) -> str:
    """The tsvector: every word with its places and, as weight, who said it."""
    places: dict[str, list[str]] = {}
    place = 0
    for role, _, words in turns:
        weight = _WEIGHTS[_column(role)]
        for word in grams(words):
            place = place % _PLACES + 1
            places.setdefault(word, []).append(f"{place}{weight}")
        place += 1
    told = [f"'{word}':{','.join(at[:255])}" for word, at in places.items()]
    return " ".join([*told, *(f"'{word}'" for word in scope.split())])


def _column(role: str) -> str:
    return role if role in ("agent", "customer") else "other"


def _columns_of_row() -> tuple[Any, ...]:
    return (TranscriptRow.recording_id, TranscriptRow.turns, TranscriptRow.scope)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
