"""Talk among colleagues that the customer can hear (内部交谈).

Needs
    A leg of the agent's own (stereo or separate files) whose party is known. For a fail: words that only a
    colleague is told (``colleague``), by their characters, in a human's transcript or in automatic text that
    was heard well (`auditor.kinds.triggers`), of ``min_syllables``, as loud as the agent is.

Passes
    No such words in any agent turn, and nobody else's voice on the agent's leg. A sentence that addresses
    the customer (``addressing``), quotes somebody or echoes the customer's own words is no side talk.

    ::

        客服 请您稍等,我帮您核实一下。
        客户 好的。
        客服 让您久等了,您的余额是五十元。

Fails
    During a hold or between two answers the agent is heard talking with a colleague.

    ::

        客服 请您稍等。
        客服 小李,中午去哪里吃饭?

Silent when
    The recording has no separate agent leg, or the agent never spoke (not_applicable). needs_review: words
    that may be meant for a colleague (``hints``), automatic text that proves nothing, or a second, distant
    voice: segments of the agent's leg far below his own median level without clear text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.hits import sentence_around
from auditor.kinds.listening import Doubt, confidence_of, has_separate_legs, is_settled, part_spans
from auditor.kinds.measured import is_as_loud_as_the_agent, median
from auditor.kinds.params import PhraseSets, Seconds
from auditor.kinds.triggers import text_doubt
from auditor.kinds.wording import is_quoted
from auditor.records import Evidence, Outcome, SegmentStats, Span
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_any, find_written
from auditor.text.normalise import normalise
from auditor.text.numerals import count_syllables

if TYPE_CHECKING:
    from auditor.records import Turn
    from auditor.text.match import Match

CAUSE = "side_talk"
NOT_SPEECH = ("music", "hold", "ringback", "busy", "congestion", "waiting")


class Params(BaseModel):
    """What is said to colleagues, and how a distant voice is told.

    Attributes:
        colleague: words that only a colleague is told.
        hints: words that may be meant for one, for review.
        addressing: words that address the customer: their sentence is no side talk.
        min_syllables: shorter phrases in automatic text are for a human [P: measurements].
        max_below_own_db: a turn further below the agent's median segment may be crosstalk [D].
        distant_db: a segment this far below the agent's median is not his own voice at his microphone [O].
        distant_s: how much of such sound is for review [O].
        min_segment_s: shorter sounds do not count [O].
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    colleague: PhraseSets
    hints: PhraseSets = ()
    addressing: PhraseSets
    min_syllables: int = Field(default=5, ge=1)
    max_below_own_db: float = Field(default=15.0, ge=0)
    distant_db: float = Field(default=15.0, gt=0)
    distant_s: Seconds = 3.0
    min_segment_s: Seconds = 0.7


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the customer can hear the agent talk with colleagues."""
    if not has_separate_legs(evidence):
        return Outcome("not_applicable", "no_data", "录音没有单独的客服声道,听不出内部交谈")
    turns = evidence.turns_of("agent")
    if not turns:
        return Outcome("not_applicable", "no_data", "录音里没有客服的话音")
    seen = [
        (turn, match, doubt)
        for turn in turns
        for match, doubt in _asides(turn, evidence=evidence, params=params, book=book)
    ]
    proven = [(turn, match) for turn, match, doubt in seen if doubt is None]
    if proven:
        turn, match = proven[0]
        times = "、".join(dict.fromkeys(clock(t.span_of(m.start, m.end).start_s) for t, m in proven))
        return Outcome(
            "fail",
            "side_talk",
            f"{times} 线上传出内部交谈「{match.text}」",
            at=tuple(t.span_of(m.start, m.end) for t, m in proven),
            quote=turn.text,
            measured={"times": float(len(proven))},
            confidence=confidence_of([turn], evidence=evidence, book=book),
            causes=(CAUSE,),
        )
    if seen:
        turn, match, doubt = seen[0]
        assert doubt is not None
        at = turn.span_of(match.start, match.end)
        reason = f"{clock(at.start_s)} 像在与同事说「{match.text}」,但{doubt.reason}"
        return Outcome("needs_review", doubt.code, reason, at=(at,), quote=turn.text, confidence=0.5)
    distant = _distant(evidence, params=params, book=book)
    total_s = sum(span.duration_s for span in distant)
    if total_s >= params.distant_s:
        times = "、".join(dict.fromkeys(clock(span.start_s) for span in distant[:3]))
        reason = f"{times} 客服声道里有较远的人声,共 {total_s:.1f} 秒,请听录音确认是不是内部交谈"
        return Outcome("needs_review", "distant_voice", reason, at=distant, confidence=0.5)
    sure = confidence_of(turns, evidence=evidence, book=book)
    return Outcome("pass", "not_heard", "没有听到内部交谈", confidence=sure)


def _asides(
    turn: Turn, *, evidence: Evidence, params: Params, book: Rulebook
) -> list[tuple[Match, Doubt | None]]:
    """What of a turn is said to a colleague; without a doubt it is proof."""
    found: list[tuple[Match, Doubt | None]] = []
    for sets, certain in ((params.colleague, True), (params.hints, False)):
        for match in find_written(turn.text, *book.words(*sets)):
            if not _is_excused(turn, match, evidence=evidence, params=params, book=book):
                why = _doubt(turn, match, certain=certain, evidence=evidence, params=params, book=book)
                found.append((match, why))
    return sorted(found, key=lambda each: (each[1] is not None, each[0].start))


def _is_excused(turn: Turn, match: Match, *, evidence: Evidence, params: Params, book: Rulebook) -> bool:
    """Whether the words are unheard, quoted, the customer's own, or in a sentence that addresses him."""
    if turn.is_suspect(match.start, match.end) or is_quoted(turn.text, match.start):
        return True
    first, last = sentence_around(turn.text, match.start, match.end)
    # By sound in automatic text: an excuse must survive a recogniser's homophones.
    limit = 0.0 if is_settled(evidence) else book.settings.phrase_distance
    if find_any(turn.text[first:last], book.words(*params.addressing), max_distance=limit):
        return True
    before = [t for t in evidence.turns_of("customer") if t.start_s < turn.start_s]
    return bool(before) and normalise(match.text).text in normalise(before[-1].text).text


def _doubt(
    turn: Turn, match: Match, *, certain: bool, evidence: Evidence, params: Params, book: Rulebook
) -> Doubt | None:
    """Why the words do not prove talk with a colleague; None: they do."""
    if not certain:
        return Doubt("hint", "不一定是在与同事说话,请听录音确认")
    if evidence.roles.confidence < book.settings.role_confidence:
        return Doubt("roles_uncertain", "不能确定哪一路是客服,请听录音确认")
    if is_settled(evidence):
        return None
    if not is_as_loud_as_the_agent(turn, evidence=evidence, max_below_db=params.max_below_own_db):
        return Doubt("crosstalk", "声音偏小,可能是串音,请听录音确认")
    if count_syllables(match.text) < params.min_syllables:
        return Doubt("too_short", "字太少,容易听错,请听录音确认")
    return text_doubt([turn], evidence=evidence, book=book)


def _distant(evidence: Evidence, *, params: Params, book: Rulebook) -> tuple[Span, ...]:
    """Stretches of the agent's leg that are too faint for his own voice and gave no clear text."""
    own = [
        s
        for s in evidence.segments
        if s.channel == evidence.roles.agent_channel and s.role != "system" and s.level_dbov is not None
    ]
    levels = [s.level_dbov for s in own if s.level_dbov is not None]
    if not levels:
        return ()
    limit = median(levels) - params.distant_db
    return tuple(
        s.span
        for s in own
        if s.level_dbov is not None
        and s.level_dbov <= limit
        and s.span.duration_s >= params.min_segment_s
        and not _is_explained(s, evidence=evidence, book=book)
    )


def _is_explained(segment: SegmentStats, *, evidence: Evidence, book: Rulebook) -> bool:
    """Whether a faint segment is crosstalk, music, an announcement, or has clear text of the agent's."""
    span, settings = segment.span, book.settings
    others = (s.span for s in evidence.segments if s.channel != segment.channel)
    if sum(span.overlap_s(other) for other in others) > settings.overlapped_s:
        return True
    if any(e.kind in NOT_SPEECH and e.span.overlap_s(span) > 0 for e in evidence.events):
        return True
    for turn in evidence.turns:
        if turn.channel != segment.channel or turn.span.overlap_s(span) <= 0:
            continue
        if turn.role == "system":
            return True
        clear = is_settled(evidence) or (turn.confidence or 0.0) >= settings.text_confidence
        spoken = any(part.overlap_s(span) >= span.duration_s / 2 for part in part_spans(turn))
        if clear and spoken and normalise(turn.text).text:
            return True
    return False
