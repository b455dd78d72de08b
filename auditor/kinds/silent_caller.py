"""A caller who does not speak: asked whether he is there, then told that he cannot be heard.

Needs
    To know who the agent is. That the caller is silent is certain only on separate legs whose customer leg
    has no speech at all (up to his first words, if he answers late) and where the agent does not talk as
    with somebody: then the customer's voice may only not have been recorded. For a fail the agent's turns
    were listened for, too (`auditor.kinds.listening`).

Passes
    The caller stays silent for ``silent_s`` and the agent asks whether he is there (``asks``); if he never
    speaks, the agent also says that he cannot be heard and should call again (``leaves``).

    ::

        客服 您好!中国移动!这里是移动客户服务中心,您在听吗?
        客服 我这里听不到您的声音,请您再拨一次好吗?谢谢!请您挂机。

Fails
    The agent does not ask; or he hangs up, by the call record, without the second sentence.

    ::

        客服 您好,中国移动,请讲。
        (客户一直没有说话,录音结束)

Silent when
    The caller answers in time or hangs up before it is time to ask, another agent had the call before, or
    the agent talks as with somebody, so that the customer was not recorded (not_applicable). needs_review:
    it is not certain that the caller was silent or the agent's words were not heard well; the agent only
    greets again; the second sentence is missing and nobody knows who hung up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import Doubt, has_separate_legs, listen_for
from auditor.kinds.opening import find_opening, nobody_to_judge
from auditor.kinds.params import PhraseSets, Seconds
from auditor.kinds.triggers import says
from auditor.records import Evidence, Outcome, Span
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.normalise import normalise

if TYPE_CHECKING:
    from auditor.kinds.listening import Hearing
    from auditor.records import Turn

ASK = "「您好!中国移动!这里是移动客户服务中心,您在听吗?」"
LEAVE = "「我这里听不到您的声音,请您再拨一次好吗?谢谢!请您挂机。」"


class Params(BaseModel):
    """How long silence is, and what is said to it.

    Attributes:
        asks: what asks whether the caller is there.
        leaves: what ends a call with a caller who never speaks.
        partial: greetings that may be a question whether he is there.
        silent_s: a caller who says nothing for this long after the agent's first turn is silent [O].
        talk_characters: an agent's turn this long that is none of these talks to somebody [O].
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    asks: PhraseSets
    leaves: PhraseSets
    partial: PhraseSets
    silent_s: Seconds = 8.0
    talk_characters: int = Field(default=8, ge=1)


@dataclass(frozen=True, slots=True)
class Silence:
    """The caller's silence: ``ended`` by his own words, else by the end of the recording."""

    at: Span
    ended: bool
    window: tuple[Turn, ...]

    @property
    def shown(self) -> str:
        """As the report tells it."""
        until = f"到 {clock(self.at.end_s)} 才说话" if self.ended else "一直没有说话"
        return f"{clock(self.at.start_s)} 起客户{until}"


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether a silent caller is asked, and told to call again."""
    if nobody_to_judge(evidence):
        return Outcome("not_applicable", "no_data", "录音分不清双方,或者没有客服的话音")
    opening = find_opening(evidence, book=book)
    silence = None if opening.transferred_in else _silence(evidence, first=opening.first)
    if silence is None or silence.at.duration_s < params.silent_s:
        return Outcome("not_applicable", "not_arisen", "客户及时说了话、很快断线,或者通话由其他客服转入")
    talks = _talks(silence, first=opening.first, params=params, book=book)
    if talks is not None:
        reason = f"{clock(talks.start_s)} 客服在与人交谈,客户的话没有录到"
        return Outcome("not_applicable", "no_data", reason)
    return _answer(silence, first=opening.first, evidence=evidence, params=params, book=book)


def _answer(silence: Silence, *, first: Turn, evidence: Evidence, params: Params, book: Rulebook) -> Outcome:
    """What the agent makes of a silent caller."""
    doubt = _unsure(silence, evidence=evidence, book=book)

    def hear(names: tuple[str, ...]) -> Hearing:
        return listen_for(book.words(*names), turns=silence.window, evidence=evidence, book=book)

    asked, left = hear(params.asks), hear(params.leaves)
    if asked.said != "said" and left.said != "said":
        again = tuple(turn for turn in silence.window if turn is not first)
        if any(says(turn, book.words(*params.partial), book=book) for turn in again):
            doubt = doubt or Doubt("partial", "客服又招呼过客户,请听录音确认是否足够")
        return _missing(ASK, silence=silence, doubt=doubt or asked.doubt, heard=asked)
    if silence.ended or left.said == "said" or evidence.call_record.release_party == "customer":
        heard = left if left.said == "said" else asked
        reason = f"{silence.shown},客服说了「{heard.quote}」"
        return Outcome("pass", "said", reason, at=heard.at, quote=heard.quote, confidence=heard.confidence)
    if evidence.call_record.release_party != "agent":
        doubt = doubt or Doubt("release_unknown", "不知道是谁先挂机,请听录音确认")
    return _missing(LEAVE, silence=silence, doubt=doubt or left.doubt, heard=left)


def _silence(evidence: Evidence, *, first: Turn) -> Silence | None:
    """The caller's silence after the agent's first turn; None: he had spoken before."""
    spoken = [turn for turn in evidence.turns_of("customer") if normalise(turn.text).text]
    from_s = first.end_s
    if any(turn.start_s < from_s for turn in spoken):
        return None
    until_s = spoken[0].start_s if spoken else max(from_s, evidence.recording.duration_s)
    window = tuple(turn for turn in evidence.turns_of("agent") if turn.start_s < until_s)
    return Silence(Span(from_s, until_s), bool(spoken), window)


def _talks(silence: Silence, *, first: Turn, params: Params, book: Rulebook) -> Turn | None:
    """A turn in which the agent talks as with somebody; None: he does not."""
    known = book.words(*params.asks, *params.leaves)
    return next(
        (
            turn
            for turn in silence.window
            if turn is not first
            and len(normalise(turn.text).text) >= params.talk_characters
            and not says(turn, known, book=book)
        ),
        None,
    )


def _unsure(silence: Silence, *, evidence: Evidence, book: Rulebook) -> Doubt | None:
    """Why the caller may have spoken after all; None: he did not."""
    if not has_separate_legs(evidence):
        return Doubt("mono", "录音不分声道,不能确定客户没有说话,请听录音确认")
    if evidence.roles.confidence < book.settings.role_confidence:
        return Doubt("roles_uncertain", "不能确定哪一路是客服,请听录音确认")
    if "silent_leg" in evidence.recording.warnings:
        return Doubt("silent_leg", "客户声道完全没有声音,可能没有录到,请核对")
    heard = any(s.role == "customer" and s.start_s < silence.at.end_s for s in evidence.segments)
    wordless = any(t.start_s < silence.at.end_s for t in evidence.turns_of("customer"))
    if heard or wordless:
        return Doubt("sound", "客户一方有声音而没有文字,可能说了话,请听录音确认")
    return None


def _missing(wording: str, *, silence: Silence, doubt: Doubt | None, heard: Hearing) -> Outcome:
    why = f",但{doubt.reason}" if doubt else ""
    return Outcome(
        "needs_review" if doubt else "fail",
        doubt.code if doubt else "missing",
        f"{silence.shown},没有听到客服说{wording}{why}",
        at=(silence.at,),
        quote=silence.window[-1].text if silence.window else None,
        confidence=0.5 if doubt else heard.confidence,
    )
