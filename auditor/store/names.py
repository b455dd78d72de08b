"""What rows refer to by a number: models, rulebooks, agents and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update

from auditor.store.charging import spells_of
from auditor.store.keys import call_identity
from auditor.store.rulebooks import pack_rulebook
from auditor.store.tables import AgentRow, ModelRow, RecordingRow, RulebookRow, TeamRow
from auditor.store.upserts import id_of, ids_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from auditor.records import CallRecord
    from auditor.rulebook.schema import Rulebook


def model_id_of(session: Session, sha256: str | None, name: str | None) -> int | None:
    """The model's row; None for none."""
    if sha256 is None:
        return None
    return id_of(session, ModelRow, by={"sha256": sha256}, also={"name": name or ""})


def rulebook_id_of(session: Session, book: Rulebook) -> int:
    """The rulebook's row, with all of the rulebook in it."""
    also = {"version": book.version, "pass_mark": book.pass_mark, "too_short_s": book.not_scored.duration_s}
    id_ = id_of(session, RulebookRow, by={"sha256": book.sha256}, also=also)
    whole = RulebookRow.id == id_
    if session.scalar(select(RulebookRow.content.is_(None)).where(whole)):
        session.execute(
            update(RulebookRow)
            .where(whole)
            .values(content=pack_rulebook(book))
            .execution_options(synchronize_session=False)
        )
    return id_


def people_of(session: Session, record: CallRecord) -> tuple[dict[str, int], dict[str, int]]:
    """The rows of the agents and of the team that a call record names."""
    codes = {spell.agent_id for spell in spells_of(record)}
    agents = ids_of(session, AgentRow, ((code,) for code in codes), by=("code",))
    if record.agent_id in codes and record.agent_name is not None:
        # Of two names at one time the greater: whichever call is saved first, the same name stays.
        later_name = or_(AgentRow.name.is_(None), AgentRow.name < record.agent_name)
        newer: ColumnElement[bool] = AgentRow.as_of.is_(None)
        if record.started_at is None:
            newer &= later_name
        else:
            newer |= (AgentRow.as_of < record.started_at) | (
                (AgentRow.as_of == record.started_at) & later_name
            )
        session.execute(
            update(AgentRow)
            .where(AgentRow.code == record.agent_id, newer)
            .values(name=record.agent_name, as_of=record.started_at)
            .execution_options(synchronize_session=False)
        )
    named = [(record.team,)] if record.team is not None else []
    teams = ids_of(session, TeamRow, named, by=("name",))
    return {str(code): id_ for (code,), id_ in agents.items()}, {str(n): id_ for (n,), id_ in teams.items()}


def called(call_id: str) -> ColumnElement[bool]:
    """The recordings of that call_id, as the switch writes it or as lists show it, its number masked."""
    identity = call_identity(call_id=call_id, paths=(), sha256=())
    return (RecordingRow.call_id == call_id) | (RecordingRow.identity == identity)
