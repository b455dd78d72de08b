"""What rows refer to by a number: models, rulebooks, agents and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update

from auditor.store.charging import spells_of
from auditor.store.keys import call_identity
from auditor.store.rulebooks import pack_rulebook
from auditor.store.tables import AgentRow, ModelRow, RecordingRow, RulebookRow, TeamRow
from auditor.store.upserts import id_of, ids_of, table_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from auditor.records import CallRecord
    from auditor.rulebook.schema import Rulebook


_BOOKS = table_of(RulebookRow)
_WHOLE = select(_BOOKS.c.id).where(_BOOKS.c.sha256 == bindparam("hash"), _BOOKS.c.content.is_not(None))
_AGENTS = table_of(AgentRow)
# Of two names at one time the greater: whichever call is saved first, the same name stays.
_LATER_NAME = or_(_AGENTS.c.name.is_(None), _AGENTS.c.name < bindparam("called"))
_NAME = (
    update(_AGENTS)
    .where(_AGENTS.c.code == bindparam("agent"))
    .values(name=bindparam("called"), as_of=bindparam("start"))
)
_NAMED_SOME_TIME = _NAME.where(_AGENTS.c.as_of.is_(None), _LATER_NAME)
_NAMED = _NAME.where(
    _AGENTS.c.as_of.is_(None)
    | (_AGENTS.c.as_of < bindparam("start"))
    | ((_AGENTS.c.as_of == bindparam("start")) & _LATER_NAME)
)


def model_id_of(session: Session, sha256: str | None, name: str | None) -> int | None:
    """The model's row; None for none."""
    if sha256 is None:
        return None
    return id_of(session, ModelRow, by={"sha256": sha256}, also={"name": name or ""})


def rulebook_id_of(session: Session, book: Rulebook) -> int:
    """The rulebook's row, with all of the rulebook in it."""
    also = {"version": book.version, "pass_mark": book.pass_mark, "too_short_s": book.not_scored.duration_s}
    whole: int | None = session.scalar(_WHOLE, {"hash": book.sha256})
    if whole is not None:
        return whole
    id_ = id_of(session, RulebookRow, by={"sha256": book.sha256}, also=also)
    content = update(_BOOKS).where(_BOOKS.c.id == id_, _BOOKS.c.content.is_(None))
    session.execute(content.values(content=pack_rulebook(book)))
    return id_


def people_of(session: Session, record: CallRecord) -> tuple[dict[str, int], dict[str, int]]:
    """The rows of the agents and of the team that a call record names."""
    codes = {spell.agent_id for spell in spells_of(record)}
    agents = ids_of(session, AgentRow, ((code,) for code in codes), by=("code",))
    if record.agent_id in codes and record.agent_name is not None:
        named = {"agent": record.agent_id, "called": record.agent_name, "start": record.started_at}
        session.execute(_NAMED if record.started_at is not None else _NAMED_SOME_TIME, named)
    of_team = [(record.team,)] if record.team is not None else []
    teams = ids_of(session, TeamRow, of_team, by=("name",))
    return {str(code): id_ for (code,), id_ in agents.items()}, {str(n): id_ for (n,), id_ in teams.items()}


def called(call_id: str) -> ColumnElement[bool]:
    """The recordings of that call_id, as the switch writes it or as lists show it, its number masked."""
    identity = call_identity(call_id=call_id, paths=(), sha256=())
    return (RecordingRow.call_id == call_id) | (RecordingRow.identity == identity)
