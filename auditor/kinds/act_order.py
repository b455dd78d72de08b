"""The three acts of a call in their order: greet, give department or name, say goodbye.

Needs
    To know who the agent is, the agent's first two turns and his last ones. For a fail: an act that is
    missing was listened for; two acts in the wrong order were both heard to the letter.

Passes
    A greeting, then an identity (company, department, name or number), at the end a goodbye.

    ::

        客服 您好,中国移动,请问有什么可以帮您?
        客服 感谢您的来电,再见。

Fails
    An act is missing, or the identity comes before the greeting.

    ::

        客服 中国移动,您好。
        客服 挂了啊。

Silent when
    The agent never spoke. An act is left out of account where it could not be heard or was not due:
    the opening of a transferred call, a goodbye after a transfer or a broken line; without ``goodbyes``
    only the opening is judged. needs_review: an act is missing but was not listened for; the course's own
    offer stands where the company's name should; who calls out gives it only after he knows whom he has.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.callers import ends_by_script
from auditor.kinds.gathered import worst_of
from auditor.kinds.listening import Doubt, Hearing, confidence_of, is_settled, listen_for
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
from auditor.kinds.scripts import direction_of
from auditor.kinds.triggers import text_doubt
from auditor.kinds.trust import probe_answer
from auditor.records import Evidence, Outcome, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_any


class Params(BaseModel):
    """Names of phrase sets per act, and what excuses a missing goodbye.

    Attributes:
        greetings: the first act.
        identities: the second act: company, department, name or number.
        own_scripts: openings that stand for the identity on the lines of ``own_script_lines``.
        own_script_lines: see ``own_scripts``.
        last_lines: where a script of those lines for callers of other networks ends with them, no goodbye
            is due.
        bare_offers: mandated openings without an identity.
        goodbyes: the third act; none: it is not judged.
        ordered: whether the identity must come after the greeting.
        late_turns: on outbound calls an identity in the agent's turns up to this one is for a human.
        excuses: wordings after which no goodbye is due.
        probe: the probe for the whole opening.
        greeting_probe, identity_probe, goodbye_probe: the probe for each act.
        closing_turns: how many of the agent's last turns the closing has.
        chance_s: see `required_phrase`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    greetings: PhraseSets
    identities: PhraseSets
    own_scripts: PhraseSets = ()
    own_script_lines: tuple[str, ...] = ()
    last_lines: PhraseSets = ()
    bare_offers: PhraseSets = ()
    goodbyes: PhraseSets = ()
    ordered: bool = True
    late_turns: int = Field(default=0, ge=0)
    excuses: PhraseSets = ()
    probe: str | None = None
    greeting_probe: str | None = None
    identity_probe: str | None = None
    goodbye_probe: str | None = None
    closing_turns: int = Field(default=3, ge=1)
    chance_s: Seconds = 1.5


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the three acts come, and in order."""
    nobody = nobody_to_judge(evidence, causes=(OPENING, *((GOODBYE,) if params.goodbyes else ())))
    if nobody:
        return nobody
    parts = [
        part
        for part in (
            _opening(evidence, params=params, book=book),
            _goodbye(evidence, params=params, book=book) if params.goodbyes else None,
        )
        if part is not None and part.verdict != "not_applicable"
    ]
    if not parts:
        return Outcome("not_applicable", "no_data", "没有录到,或者不要求")
    worst = worst_of(parts)
    if worst:
        return worst
    return Outcome(
        "pass",
        "in_order",
        "问候、报部门或姓名、告别依次做到" if len(parts) == 2 else parts[0].reason,
        at=tuple(span for part in parts for span in part.at),
        quote=parts[0].quote,
        confidence=min(part.confidence for part in parts),
    )


def _opening(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """The first two acts."""
    opening = find_opening(evidence, book=book)
    if opening.transferred_in:
        return Outcome("not_applicable", "transferred_in", "通话由其他客服转入")
    window, first = opening.window, opening.first

    answer = probe_answer(params.probe, turn=first, evidence=evidence)

    def hear(names: tuple[str, ...], probe: str | None) -> Hearing:
        # Who was heard to say the whole opening has done both.
        asked = params.probe if answer == "present" else probe
        return listen_for(book.words(*names), turns=window, evidence=evidence, book=book, probe=asked)

    line = book.lines.get(evidence.line, evidence.line)
    scripts = params.own_scripts if line in params.own_script_lines else ()
    greeting = hear(params.greetings, params.greeting_probe)
    identity = hear((*params.identities, *scripts), params.identity_probe)
    if greeting.said == "said" and identity.said == "said":
        if params.ordered and answer != "present" and _reversed(greeting, identity, book=book, params=params):
            asked = is_settled(evidence) or answer == "absent"
            return _wrong_order(greeting, identity, asked=asked, evidence=evidence, book=book)
        return Outcome(
            "pass",
            "in_order",
            "先问候,再报部门或姓名" if params.ordered else "问候并报了部门或姓名",
            at=greeting.at[:1],
            quote=greeting.quote,
            confidence=min(greeting.confidence, identity.confidence),
        )
    missing = [
        (label, heard)
        for label, heard in (("问候", greeting), ("报部门或姓名", identity))
        if heard.said != "said"
    ]
    what = "和".join(label for label, _ in missing)
    doubt = next((heard.doubt for _, heard in missing if heard.doubt), None)
    bare = find_any(first.text, book.words(*params.bare_offers), max_distance=book.settings.phrase_distance)
    code, reason = "missing", f"{clock(first.start_s)} 开头没有{what}"
    if opening.cut_off and greeting.said != "said":
        code, reason = CUT_OFF.code, f"没有听到{what},但{CUT_OFF.reason}"
    elif bare and greeting.said == "said":
        code, reason = "course_gives_both", "开头用了课件 G1/G2 的原话,没有报「中国移动」,请确认"
    elif late := _late_identity(greeting, evidence=evidence, params=params, book=book):
        code, reason = "late", f"开头没有{what},{late},请听录音确认是否先要核实对方身份"
    elif doubt:
        code, reason = doubt.code, f"开头没有听到{what},但{doubt.reason}"
    return Outcome(
        "fail" if code == "missing" else "needs_review",
        code,
        reason,
        at=(first.span,),
        quote=first.text,
        confidence=min(heard.confidence for _, heard in missing) if code == "missing" else 0.5,
        causes=(OPENING,),
    )


def _late_identity(greeting: Hearing, *, evidence: Evidence, params: Params, book: Rulebook) -> str | None:
    """An identity that on a call that may be outbound comes after the first turns."""
    if greeting.said != "said" or direction_of(evidence, book=book) == ("inbound", True):
        return None
    later = evidence.turns_of("agent")[2 : params.late_turns]
    found = listen_for(book.words(*params.identities), turns=later, evidence=evidence, book=book)
    return f"{clock(found.at[0].start_s)} 才说「{found.quote}」" if found.said == "said" else None


def _reversed(greeting: Hearing, identity: Hearing, *, book: Rulebook, params: Params) -> bool:
    """Whether the only identity stands before the only greeting."""
    if greeting.at[0].start_s <= identity.at[0].start_s or greeting.turn is None:
        return False
    # 「中国移动,您好,我是…」: an identity after the greeting makes the order right.
    text, limit = greeting.turn.text, book.settings.phrase_distance
    greeted = find_any(text, book.words(*params.greetings), max_distance=limit)
    rest = text[greeted.end :] if greeted else ""
    return find_any(rest, book.words(*params.identities), max_distance=limit) is None


def _wrong_order(
    greeting: Hearing, identity: Hearing, *, asked: bool, evidence: Evidence, book: Rulebook
) -> Outcome:
    """The outcome of an identity before the greeting; ``asked``: its probe was, if there is one."""
    turns: list[Turn] = [heard.turn for heard in (identity, greeting) if heard.turn]
    doubt = text_doubt(turns, evidence=evidence, book=book)
    if doubt is None and not asked:
        doubt = Doubt("probe_undecided", "模型复核没有定论,请听录音确认")
    reason = f"先说「{identity.quote}」后说「{greeting.quote}」,问候应在前"
    return Outcome(
        "needs_review" if doubt else "fail",
        "wrong_order",
        f"{reason},但{doubt.reason}" if doubt else reason,
        at=(identity.at[0].cover(greeting.at[0]),),
        quote=turns[0].text,
        confidence=0.5 if doubt else confidence_of(turns, evidence=evidence, book=book),
        causes=(OPENING,),
    )


def _goodbye(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """The third act."""
    window = closing_window(evidence, turns=params.closing_turns)
    heard = listen_for(
        book.words(*params.goodbyes),
        turns=window,
        evidence=evidence,
        book=book,
        probe=params.goodbye_probe,
        proof=window[-LAST_WORDS:],
    )
    if heard.said == "said":
        sure = heard.confidence
        return Outcome("pass", "said", "最后有告别", at=heard.at, quote=heard.quote, confidence=sure)
    if ends_by_script(window, params=params, evidence=evidence, book=book):
        return Outcome("not_applicable", "script_end", "本线路的话术到此结束,不要求告别")
    excuses = book.words(*params.excuses)
    excuse = why_no_goodbye(evidence, book=book, window=window, excuses=excuses, chance_s=params.chance_s)
    if excuse:
        return excuse
    last = window[-1]
    doubt = heard.doubt
    return Outcome(
        "needs_review" if doubt else "fail",
        doubt.code if doubt else "missing",
        f"{clock(last.start_s)} 结束前没有告别" + (f",但{doubt.reason}" if doubt else ""),
        at=(last.span,),
        quote=last.text,
        confidence=0.5 if doubt else heard.confidence,
        causes=(GOODBYE,),
    )
