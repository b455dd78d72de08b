"""When the agent asks for something, the form is judged: again, louder, slower, a moment's wait.

Needs
    The agent's words. For a fail: the whole turn is one of the ``bare`` wordings, to the letter, without a
    courtesy; the turn and those beside it were listened for. With ``repeat_share`` the customer must
    repeat himself, too: only then was it a request to repeat.

Passes
    The asking turn, or the one before or after it, holds a courtesy (请, 对不起, 麻烦, 好吗 …); without any
    such request, where ``elsewhere`` is set, one of these polite wordings anywhere.

    ::

        客服 对不起,我没听清楚,麻烦您再说一遍好吗?

Fails
    ::

        客户 我的号码是幺三九……
        客服 什么?
        客户 我的号码是幺三九……

Silent when
    The agent asks for nothing of the kind (not_applicable), or says 什么 and the customer does not repeat
    himself. needs_review: the bare wording stands among other words, the text does not settle it.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import confidence_of, listen_for, speakers_known
from auditor.kinds.params import PhraseSets
from auditor.kinds.triggers import repeats, says, text_doubt
from auditor.kinds.wording import is_only, is_quoted
from auditor.records import Evidence, Outcome, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_any, find_written
from auditor.text.normalise import normalise


class Params(BaseModel):
    """What is asked, and the polite and the bare way to ask it.

    Attributes:
        label: what is asked, as the report names it (请客户重说).
        wording: the mandated wording, for the report.
        asks: what asks for it, politely or not.
        unless: wordings that contain it and ask nothing.
        courtesies: one of them makes it polite.
        bare: the impolite form: a whole turn of these words.
        fillers: words that may stand beside a bare form.
        elsewhere: without any request these pass anywhere.
        repeat_share: how much of his words the customer must say again, 0: it does not matter [O].
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: str = Field(min_length=1)
    wording: str = Field(min_length=1)
    asks: PhraseSets
    unless: PhraseSets = ()
    courtesies: PhraseSets
    bare: PhraseSets
    fillers: PhraseSets = ()
    elsewhere: PhraseSets = ()
    repeat_share: float = Field(default=0.0, ge=0, le=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: polite (with the courtesy), bare, or with a reason neither."""

    turn: Turn
    kind: str
    reason: str


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent asks politely."""
    if not speakers_known(evidence):
        return Outcome("not_applicable", "no_data", f"录音分不清双方,不能判断怎样{params.label}")
    asked = [
        found
        for turn in evidence.turns_of("agent")
        if (found := _asked(turn, evidence=evidence, params=params, book=book)) is not None
    ]
    for kind in ("bare", "doubtful"):
        chosen = [one for one in asked if one.kind == kind]
        if chosen:
            turns = [one.turn for one in chosen]
            sure = confidence_of(turns, evidence=evidence, book=book)
            return Outcome(
                "fail" if kind == "bare" else "needs_review",
                "bare" if kind == "bare" else "unclear",
                ";".join(one.reason for one in chosen),
                at=tuple(turn.span for turn in turns),
                quote=turns[0].text,
                confidence=sure if kind == "bare" else 0.5,
            )
    if asked:
        turn = asked[0].turn
        sure = confidence_of([turn], evidence=evidence, book=book)
        reason = asked[0].reason
        return Outcome("pass", "polite", reason, at=(turn.span,), quote=turn.text, confidence=sure)
    return _elsewhere(evidence, params=params, book=book)


def _elsewhere(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    for turn in evidence.turns_of("agent"):
        match = says(turn, book.words(*params.elsewhere), book=book)
        if match:
            at = turn.span_of(match.start, match.end)
            sure = confidence_of([turn], evidence=evidence, book=book, supported=match.exact)
            reason = f"{clock(at.start_s)} 询问时说了「{match.text}」"
            return Outcome("pass", "polite", reason, at=(at,), quote=turn.text, confidence=sure)
    return Outcome("not_applicable", "not_arisen", f"客服没有{params.label}")


def _asked(turn: Turn, *, evidence: Evidence, params: Params, book: Rulebook) -> Asked | None:
    shown = f"{clock(turn.start_s)} {params.label}「{turn.text}」"
    match = says(turn, book.words(*params.asks), book=book)
    if match and params.unless and says(turn, book.words(*params.unless), book=book):
        match = None
    if match and not is_quoted(turn.text, match.start):
        polite = find_any(
            turn.text, book.words(*params.courtesies), max_distance=book.settings.phrase_distance
        )
        if polite:
            return Asked(turn, "polite", f"{shown},有「{polite.text}」")
    if not _is_bare(turn, params=params, book=book):
        return None
    if params.repeat_share and not _is_repeated(turn, evidence=evidence, params=params):
        return None
    near = _beside(turn, evidence=evidence)
    heard = listen_for(book.words(*params.courtesies), turns=near, evidence=evidence, book=book)
    if heard.said == "said":
        return Asked(turn, "polite", f"{shown},有「{heard.quote}」")
    doubt = heard.doubt or text_doubt(near, evidence=evidence, book=book)
    if doubt:
        return Asked(turn, "doubtful", f"{shown},没有听到{params.wording},但{doubt.reason}")
    return Asked(turn, "bare", f"{shown},没有说{params.wording}")


def _is_bare(turn: Turn, *, params: Params, book: Rulebook) -> bool:
    """Whether the turn is a bare wording to the letter and nothing else but fillers.

    What may acknowledge as well (啊) asks only with a question mark.
    """
    acknowledges = normalise(turn.text).text in book.phrases.get("backchannels", ())
    if acknowledges and not turn.text.rstrip().endswith(("?", "\uff1f")):
        return False
    for match in find_written(turn.text, *book.words(*params.bare)):
        rest = turn.text[: match.start] + turn.text[match.end :]
        if not turn.is_suspect(match.start, match.end) and (
            not normalise(rest).text or is_only(rest, book.words(*params.fillers), book=book)
        ):
            return True
    return False


def _is_repeated(turn: Turn, *, evidence: Evidence, params: Params) -> bool:
    """Whether the customer's next words are largely his last ones."""
    customer = evidence.turns_of("customer")
    before = [t for t in customer if t.start_s < turn.start_s][-1:]
    after = [t for t in customer if t.start_s >= turn.start_s][:1]
    return bool(before and after) and repeats(before[0].text, after[0].text) >= params.repeat_share


def _beside(turn: Turn, *, evidence: Evidence) -> tuple[Turn, ...]:
    """The turn and the agent's turns that follow or precede it with nobody between them."""
    parties = [t for t in evidence.turns if t.role in ("agent", "customer")]
    place = parties.index(turn)
    near = parties[max(0, place - 1) : place + 2]
    return tuple(t for t in near if t.role == "agent")
