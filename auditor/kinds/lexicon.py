"""Forbidden speech: no agent turn holds a phrase of the clause's lexicons.

Needs
    The agent's turns. Only the written characters of whole phrases count, never sound alone. With
    automatic text a fail needs a confident, undoubted turn on a leg of the agent's own, as loud as the
    agent is, and a phrase of ``min_syllables``; a lexicon that asks for it (脏话, 粗话) also needs a probe.
    A human transcript settles.

Passes
    No phrase in any agent turn. The customer's words quoted back (您说…), words in quotation marks or
    after a negation, mandated lines, the harmless longer phrases that the lexicon names (滚动, 操作), and
    a refusal with an apology, a reason or another way in the same or the next agent turn are no hits.

    ::

        客户 你们这是什么破网络!
        客服 您说的「破网络」给您带来不便,请您谅解。

Fails
    A whole phrase is said.

    ::

        客服 跟你说了多少遍了,你听不懂吗?

Silent when
    The agent never spoke (not_applicable). needs_review: a phrase that depends on its tone (``mild``);
    one that only sounds like an entry; an echo of what the customer has just said; automatic text that
    is suspect, overlapped, unsure, too short or without the probe; nobody can tell who speaks.
"""

from __future__ import annotations

from auditor.kinds.listening import confidence_of, speakers_known
from auditor.kinds.sightings import Wordlist, judged, sightings
from auditor.records import Evidence, Outcome
from auditor.rulebook.schema import Rulebook


class Params(Wordlist):
    """The lexicons and what the card calls their phrases.

    Attributes:
        label: 蔑视语, 脏话 ….
    """

    label: str


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent said a phrase of the lexicons."""
    turns = evidence.turns_of("agent" if speakers_known(evidence) else "unknown")
    if not turns:
        return Outcome("not_applicable", "no_data", "录音里没有客服的话音")
    seen = sightings(turns, evidence=evidence, params=params, book=book)
    sure = confidence_of(turns, evidence=evidence, book=book)
    return judged(seen, label=params.label, evidence=evidence, book=book) or Outcome(
        "pass", "not_said", f"没有听到{params.label}", confidence=sure
    )
