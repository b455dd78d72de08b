"""A phrase that the agent owes: a greeting, an offer of help, a goodbye.

Needs
    To know who the agent is. For a fail: the window was listened for (`auditor.kinds.listening`).

Passes
    One of ``phrases`` stands in the window: ``first_turn``, ``opening`` (the agent's first two turns)
    or ``closing`` (his last ``closing_turns`` turns).

    ::

        客服 感谢您的来电,再见。

Fails
    The window was heard well and holds none of them.

    ::

        客户 好的,谢谢。
        客服 嗯。

Silent when
    The situation did not arise (not_applicable): an opening after a transfer or on a line whose own script
    (``own_scripts``) takes its place, a goodbye on a call that
    was handed over, broken off, or cut by the end of the file, a customer who hung up at once.
    needs_review: the opening may lie before the file, the customer talked over it, or the text does
    not settle it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.callers import ends_by_script
from auditor.kinds.listening import is_overlapped, listen_for
from auditor.kinds.opening import (
    CUT_OFF,
    GOODBYE,
    LAST_WORDS,
    OPENING,
    closing_window,
    find_opening,
    nobody_to_judge,
    why_no_goodbye,
)
from auditor.kinds.params import PhraseSets, Seconds
from auditor.kinds.triggers import says
from auditor.records import Evidence, Outcome, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_any
from auditor.text.normalise import normalise


class Params(BaseModel):
    """What is owed, where, and what excuses it.

    Attributes:
        phrases: names of the phrase sets; any phrase of them will do.
        label: the phrase as the report names it.
        where: the window.
        probe: the probe that must agree before the phrase counts as missing.
        excuses: phrase sets after which no goodbye is due.
        closing_turns: how many of the agent's last turns the closing has.
        chance_s: silence after the customer's last words that gives the agent his chance [O].
        spared_after_transfer: not owed by an agent who took over from a colleague.
        own_scripts: openings that take an offer's place on the lines of ``own_script_lines``.
        own_script_lines: the lines of ``own_scripts`` and ``last_lines``.
        last_lines: where a script for callers of other networks ends with them, no goodbye is due.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    phrases: PhraseSets
    label: str = Field(min_length=1)
    where: Literal["first_turn", "opening", "closing"]
    probe: str | None = None
    excuses: PhraseSets = ()
    closing_turns: int = Field(default=3, ge=1)
    chance_s: Seconds = 1.5
    spared_after_transfer: bool = False
    own_scripts: PhraseSets = ()
    own_script_lines: tuple[str, ...] = ()
    last_lines: PhraseSets = ()


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the phrase stands in its window."""
    cause = GOODBYE if params.where == "closing" else OPENING
    nobody = nobody_to_judge(evidence, causes=(cause,))
    if nobody:
        return nobody
    window = _window(evidence, params=params, book=book)
    heard = listen_for(
        book.words(*params.phrases),
        turns=window,
        evidence=evidence,
        book=book,
        probe=params.probe,
        proof=window[-LAST_WORDS:] if params.where == "closing" else None,
    )
    if heard.said == "said" and heard.at:
        reason = f"{clock(heard.at[0].start_s)} 听到「{heard.quote}」"
        return Outcome("pass", "said", reason, at=heard.at, quote=heard.quote, confidence=heard.confidence)
    excuse = _excuse(evidence, window=window, params=params, book=book)
    if excuse:
        return excuse
    spans = tuple(turn.span for turn in (window[-1:] if params.where == "closing" else window[:1]))
    place = "结束前" if params.where == "closing" else "开头"
    if heard.doubt:
        reason = f"{place}没有听到{params.label},但{heard.doubt.reason}"
        return Outcome(
            "needs_review",
            heard.doubt.code,
            reason,
            at=spans,
            quote=heard.quote,
            confidence=0.5,
            causes=(cause,),
        )
    shown = window[-1] if params.where == "closing" else window[0]
    return Outcome(
        "fail",
        "missing",
        f"{clock(shown.start_s)} {place}没有{params.label},说的是「{shown.text}」",
        at=spans,
        quote=shown.text,
        confidence=heard.confidence,
        causes=(cause,),
    )


def _window(evidence: Evidence, *, params: Params, book: Rulebook) -> tuple[Turn, ...]:
    if params.where == "closing":
        return closing_window(evidence, turns=params.closing_turns)
    opening = find_opening(evidence, book=book)
    return opening.window if params.where == "opening" else (opening.first,)


def _excuse(
    evidence: Evidence, *, window: tuple[Turn, ...], params: Params, book: Rulebook
) -> Outcome | None:
    by_script = _by_own_script(evidence, window=window, params=params, book=book)
    if by_script:
        return by_script
    if params.where == "closing":
        return why_no_goodbye(
            evidence,
            book=book,
            window=window,
            excuses=book.words(*params.excuses),
            chance_s=params.chance_s,
        )
    if params.where == "opening" and not evidence.turns_of("customer"):
        return Outcome("not_applicable", "silent_caller", f"客户没有说话,不要求{params.label}")
    opening = find_opening(evidence, book=book)
    if opening.transferred_in and params.spared_after_transfer:
        return Outcome("not_applicable", "transferred_in", f"通话由其他客服转入,不要求{params.label}")
    review = None
    if opening.transferred_in:
        review = ("transferred_in", f"没有听到{params.label},但通话由其他客服转入,请确认")
    elif opening.cut_off and not _begins_with_greeting(opening.first, book=book):
        review = (CUT_OFF.code, f"没有听到{params.label},但{CUT_OFF.reason}")
    elif params.where == "opening" and is_overlapped(opening.first, evidence=evidence, book=book):
        review = ("overlapped", f"没有听到{params.label},但客户在客服开场时插话,请听录音确认")
    if review is None:
        return None
    return Outcome(
        "needs_review",
        *review,
        at=(opening.first.span,),
        quote=opening.first.text,
        confidence=0.5,
        causes=(OPENING,),
    )


def _by_own_script(
    evidence: Evidence, *, window: tuple[Turn, ...], params: Params, book: Rulebook
) -> Outcome | None:
    """The outcome where the line's own script has something else at this place, or nothing more."""
    if book.lines.get(evidence.line, evidence.line) not in params.own_script_lines:
        return None
    if params.where == "closing":
        if ends_by_script(window, params=params, evidence=evidence, book=book):
            return Outcome("not_applicable", "script_end", "本线路的话术到此结束,不要求告别")
        return None
    if any(says(turn, book.words(*params.own_scripts), book=book) for turn in window):
        return Outcome("not_applicable", "own_script", f"本线路有自己的开场白,不要求{params.label}")
    return None


def _begins_with_greeting(turn: Turn, *, book: Rulebook) -> bool:
    greeted = find_any(
        turn.text, book.phrases.get("greetings", ()), max_distance=book.settings.phrase_distance
    )
    return greeted is not None and not normalise(turn.text[: greeted.start]).text
