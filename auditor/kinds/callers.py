"""From whose network a customer calls: the desk of line 1258 greets its own customers otherwise.

The prefix of the caller's number says it, and only guesses it: a number may have moved to another network
and kept its prefix. So what is said outweighs it: the opening for the network's own customers, or the
customer's or the agent's word for another network. Where the two disagree nobody knows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, Protocol

from auditor.kinds.opening import find_opening
from auditor.kinds.triggers import find_triggers, says
from auditor.text.masked import MASKED
from auditor.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.records import Evidence, Turn
    from auditor.rulebook.schema import Rulebook

Network = Literal["own", "other", "unknown"]

# Mobile numbers of the Chinese plan have eleven digits; some of them may be starred out or masked.
MOBILE_DIGITS = 11
_DIGIT = rf"[\d{MASKED}]"
_MOBILE = re.compile(rf"(?:\+?86|0086|0)?(1[\d*x{MASKED}]{{{MOBILE_DIGITS - 1}}})")
# Its first digits are never masked, else any number might be one.
_FIXED = re.compile(rf"(?=\d)(?:0(?:10|[2-9]{_DIGIT}{{1,2}}))?[2-9{MASKED}]{_DIGIT}{{6,7}}")


def caller_network(evidence: Evidence, *, book: Rulebook) -> Network:
    """Whether the customer calls from the network's own numbers.

    The phrase sets ``own_openings`` and ``other_network`` hold what says it, ``own_prefixes`` and
    ``foreign_prefixes`` the plan of numbers (the longest prefix decides).
    """
    by_number = network_of(evidence.call_record.customer_number or "", book=book)
    said = _network_said(evidence, book=book)
    if by_number == "unknown":
        return said
    return by_number if said in ("unknown", by_number) else "unknown"


def network_of(number: str, *, book: Rulebook) -> Network:
    """Whose prefix a number has; ``unknown`` for what is no number of the Chinese plan."""
    digits = re.sub(r"[\s()-]", "", fold(number).text)
    if _FIXED.fullmatch(digits):
        return "other"
    mobile = _MOBILE.fullmatch(digits)
    if mobile is None:
        return "unknown"
    prefixes: dict[str, Network] = dict.fromkeys(book.phrases.get("own_prefixes", ()), "own")
    prefixes |= dict.fromkeys(book.phrases.get("foreign_prefixes", ()), "other")
    shown = re.split(r"\D", mobile[1])[0]
    longer = [prefix for prefix in prefixes if len(prefix) > len(shown) and prefix.startswith(shown)]
    fitting = [prefix for prefix in prefixes if shown.startswith(prefix)]
    if longer:
        return "unknown"
    return prefixes[max(fitting, key=len)] if fitting else "other"


def _network_said(evidence: Evidence, *, book: Rulebook) -> Network:
    """What the words of the call say about the network."""
    agent = evidence.turns_of("agent")
    own_words, other_words = book.phrases.get("own_openings", ()), book.phrases.get("other_network", ())
    greeted = bool(agent) and any(
        says(turn, own_words, book=book) for turn in find_opening(evidence, book=book).window
    )
    named = any(
        trigger.doubt is None
        for role in ("customer", "agent")
        for trigger in find_triggers(other_words, role=role, evidence=evidence, book=book)
    )
    if greeted == named:
        return "unknown"
    return "own" if greeted else "other"


class LastLines(Protocol):
    """Parameters that know scripts without a goodbye: the lines that have one, and how it ends."""

    @property
    def own_script_lines(self) -> tuple[str, ...]:
        """The lines."""

    @property
    def last_lines(self) -> tuple[str, ...]:
        """Names of phrase sets; only callers of other networks have such a script (W6)."""


def ends_by_script(window: Sequence[Turn], *, params: LastLines, evidence: Evidence, book: Rulebook) -> bool:
    """Whether the agent's last turns hold the end of a script without a goodbye, and the caller has it."""
    if book.lines.get(evidence.line, evidence.line) not in params.own_script_lines:
        return False
    said = any(says(turn, book.words(*params.last_lines), book=book) for turn in window)
    return said and caller_network(evidence, book=book) != "own"
