"""Other ways in which the voices of a one-channel call may belong to the parties.

Where both parties share a channel and their voices were told apart, some speech stays undecided and the
names of the two voices may be the wrong way round. A verdict about the agent stands only if it is the same
in every reading that the recording allows:

* the undecided speech is all the agent's, or all the customer's;
* below the rulebook's ``voice_confidence``, also with agent and customer exchanged; there nobody fails.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.records import Evidence, Role
    from auditor.rulebook.schema import Rulebook

_EXCHANGED: dict[Role, Role] = {"agent": "customer", "customer": "agent"}


def other_readings(evidence: Evidence, *, book: Rulebook) -> Iterator[Evidence]:
    """The call as it would be with the voices given to the parties otherwise; none for separate legs."""
    if evidence.roles.agent_voice is None:
        return
    if any(turn.role == "unknown" for turn in evidence.turns):
        yield _with_roles(evidence, {"unknown": "agent"})
        yield _with_roles(evidence, {"unknown": "customer"})
    if not voices_are_certain(evidence, book=book):
        yield _with_roles(evidence, _EXCHANGED)


def voices_are_certain(evidence: Evidence, *, book: Rulebook) -> bool:
    """Whether roles that rest on voices are as certain as the rulebook asks; True where legs say them."""
    roles = evidence.roles
    return roles.agent_voice is None or roles.confidence >= book.settings.voice_confidence


def _with_roles(evidence: Evidence, roles: dict[Role, Role]) -> Evidence:
    turns = tuple(replace(turn, role=roles.get(turn.role, turn.role)) for turn in evidence.turns)
    segments = tuple(replace(s, role=roles.get(s.role, s.role)) for s in evidence.segments)
    return replace(evidence, turns=turns, segments=segments)
