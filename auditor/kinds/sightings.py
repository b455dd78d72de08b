"""Where the agent said, or may have said, a phrase of a lexicon, and how strong that is.

What the kinds share that use lexicons (lexicon, restraint, reply_to_trigger): a sighting without doubt is
proof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.hits import Hit, find_hits, sentence_around
from auditor.kinds.listening import (
    Doubt,
    confidence_of,
    doubt_about,
    has_separate_legs,
    is_settled,
    speakers_known,
)
from auditor.kinds.measured import is_as_loud_as_the_agent
from auditor.kinds.params import Lexicons, PhraseSets
from auditor.kinds.softening import softening
from auditor.kinds.trust import answer_of, probes_on, why_words_prove_nothing
from auditor.records import Evidence, Outcome, Span, Turn
from auditor.rulebook.lexicon import Lexicon, lexicon_of
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_any, find_written
from auditor.text.normalise import normalise
from auditor.text.numerals import count_syllables

if TYPE_CHECKING:
    from collections.abc import Sequence

WORST_FIRST = ("grave", "plain", "mild")


class Wordlist(BaseModel):
    """What is searched for and what excuses it: shared by the kinds that use lexicons.

    Attributes:
        lexicons: names of the lexicons.
        reported: words before somebody else's words (您说).
        said: words before the customer's words, where the customer did say them before (你说).
        mandated: the course's own lines, matched by sound: never a hit.
        probe: the probe at each occurrence, where the rulebook has one.
        min_syllables: shorter phrases in automatic text are for a human [P: measurements].
        max_below_own_db: a turn further below the agent's median segment may be crosstalk [D].
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    lexicons: Lexicons = Field(min_length=1)
    reported: PhraseSets
    said: PhraseSets
    mandated: PhraseSets
    probe: str | None = None
    min_syllables: int = Field(default=3, ge=1)
    max_below_own_db: float = Field(default=15.0, ge=0)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One phrase of a lexicon in one turn: with no doubt it is proof."""

    turn: Turn
    hit: Hit
    doubt: Doubt | None
    margin_nats: float | None = None

    @property
    def at(self) -> Span:
        """When it was said."""
        return self.turn.span_of(self.hit.start, self.hit.end)

    @property
    def cause(self) -> str:
        """The fault it stands for."""
        return rude_cause(self.turn)


def rude_cause(turn: Turn) -> str:
    """The fault that wrong words in a turn are: they cost once where they touch."""
    return f"rude@{turn.start_s:g}"


def said(proven: Sequence[Sighting], *, label: str, evidence: Evidence, book: Rulebook) -> Outcome:
    """The fail that these sightings prove; the worst is quoted."""
    worst = min(proven, key=lambda s: (WORST_FIRST.index(s.hit.entry.severity), s.at.start_s))
    times = "、".join(dict.fromkeys(clock(s.at.start_s) for s in proven))
    margins = [s.margin_nats for s in proven if s.margin_nats is not None]
    return Outcome(
        "fail",
        "said",
        f"{times} 说了「{worst.hit.text}」,属于{label}",
        at=tuple(s.at for s in proven),
        quote=worst.turn.text,
        measured={"times": float(len(proven))} | ({"probe_margin_nats": max(margins)} if margins else {}),
        confidence=max(
            confidence_of([s.turn], evidence=evidence, book=book, supported=s.margin_nats is not None)
            for s in proven
        ),
        causes=tuple(dict.fromkeys(s.cause for s in proven)),
    )


def doubted(seen: Sequence[Sighting]) -> Outcome:
    """The review that these sightings ask for."""
    first = seen[0]
    assert first.doubt is not None
    return Outcome(
        "needs_review",
        first.doubt.code,
        f"{clock(first.at.start_s)} 转写有「{first.hit.text}」,{first.doubt.reason}",
        at=tuple(s.at for s in seen),
        quote=first.turn.text,
        measured={"times": float(len(seen))},
        confidence=0.5,
        causes=tuple(dict.fromkeys(s.cause for s in seen)),
    )


def judged(
    seen: Sequence[Sighting], *, label: str, evidence: Evidence, book: Rulebook, certain: bool = True
) -> Outcome | None:
    """What sightings come to; None without any.

    Args:
        seen: in time order.
        label: what the phrases are (蔑视语).
        evidence: the call.
        book: its settings give the limits.
        certain: whether what makes them a fault (a rude customer, thanks) is beyond doubt.
    """
    proven = [sighting for sighting in seen if sighting.doubt is None]
    if proven:
        outcome = said(proven, label=label, evidence=evidence, book=book)
        return outcome if certain else unsure(outcome)
    return doubted(seen) if seen else None


def unsure(wrong: Outcome) -> Outcome:
    """A fail that rests on words of the customer's that were not heard well."""
    reason = f"{wrong.reason},但客户的话没有听清,请听录音确认"
    return replace(
        wrong, verdict="needs_review", reason_code="trigger_uncertain", reason=reason, confidence=0.5
    )


def sightings(
    turns: Sequence[Turn], *, evidence: Evidence, params: Wordlist, book: Rulebook
) -> list[Sighting]:
    """Every place in these turns where a phrase of the lexicons was or may have been said, in time order."""
    found: list[Sighting] = []
    for turn in turns:
        for name in params.lexicons:
            lexicon = lexicon_of(name, book=book)
            for hit in _hits(turn, lexicon=lexicon, evidence=evidence, params=params, book=book):
                if turn.is_suspect(hit.start, hit.end):
                    continue
                if not _is_excused(turn, hit, evidence=evidence, params=params, book=book):
                    seen = _weigh(turn, hit, lexicon=lexicon, evidence=evidence, params=params, book=book)
                    found += [seen] if seen else []
    return found


def _is_excused(turn: Turn, hit: Hit, *, evidence: Evidence, params: Wordlist, book: Rulebook) -> bool:
    """Whether it is a mandated line, or the customer's own earlier words told back (你刚才说…)."""
    settings = book.settings
    line = find_any(turn.text, book.words(*params.mandated), max_distance=settings.phrase_distance)
    if line and line.start <= hit.start and hit.end <= line.end:
        return True
    first, _ = sentence_around(turn.text, hit.start, hit.end)
    told = any(find_written(turn.text[first : hit.start], word) for word in book.words(*params.said))
    return told and any(
        normalise(hit.text).text in normalise(other.text).text
        for other in evidence.turns_of("customer")
        if other.start_s < turn.start_s
    )


def _weigh(
    turn: Turn, hit: Hit, *, lexicon: Lexicon, evidence: Evidence, params: Wordlist, book: Rulebook
) -> Sighting | None:
    """The sighting with what speaks against it; None when what stands beside it excuses it."""
    others = _hits(turn, lexicon=lexicon, evidence=evidence, params=params, book=book)
    softened = softening(turn, hits=others, content=lexicon.content, evidence=evidence, book=book)
    if softened == "yes":
        return None
    margin = probe_margin(turn, start=hit.start, end=hit.end, probe=params.probe, evidence=evidence)
    if margin is not None and margin < 0:
        return None
    checks = [
        (hit.homophone, "homophone", "可能只是同音字"),
        (hit.entry.severity == "mild", "mild", "是否失礼要看语气"),
        (softened == "maybe", "softened", "前后可能有道歉、解释或替代办法"),
        (_is_echo(turn, hit, evidence=evidence), "echo", "客户刚说过同样的话,可能是复述"),
    ]
    if not is_settled(evidence):
        misheard = why_words_prove_nothing(evidence, book=book) is not None
        short = count_syllables(hit.text) < params.min_syllables
        loud = is_as_loud_as_the_agent(turn, evidence=evidence, max_below_db=params.max_below_own_db)
        checks += [
            (not speakers_known(evidence), "no_roles", "分不清是谁说的"),
            (not has_separate_legs(evidence), "mono", "录音不分声道,不能确定是客服说的"),
            (not loud, "crosstalk", "声音偏小,可能是串音"),
            (lexicon.content.proof == "probe" and margin is None, "no_probe", "没有模型复核支持"),
            (short and margin is None, "too_short", "字太少,容易听错"),
            (misheard and margin is None, "false_share", "识别模型误听率高或没有测过"),
        ]
    for applies, code, why in checks:
        if applies:
            return Sighting(turn, hit, Doubt(code, f"但{why},请听录音确认"), margin)
    # The whole turn is weighed: an unsure or overlapped turn proves no single phrase in it.
    doubt = None if is_settled(evidence) else doubt_about((turn,), evidence=evidence, book=book)
    return Sighting(turn, hit, doubt and Doubt(doubt.code, f"但 {doubt.reason}"), margin)


def _hits(
    turn: Turn, *, lexicon: Lexicon, evidence: Evidence, params: Wordlist, book: Rulebook
) -> tuple[Hit, ...]:
    distance = None if is_settled(evidence) else book.settings.phrase_distance
    return find_hits(turn.text, lexicon, reports=book.words(*params.reported), sound_distance=distance)


def probe_margin(turn: Turn, *, start: int, end: int, probe: str | None, evidence: Evidence) -> float | None:
    """The margin of the probe that heard these characters; below 0: it denies them; None: undecided."""
    for one in probes_on(turn, name=probe, evidence=evidence):
        if one.start < end and start < one.end:
            answer = answer_of(one, evidence=evidence)
            if answer == "present":
                return max(0.0, one.margin_nats)
            if answer == "absent":
                return min(-1.0, one.margin_nats)
    return None


def _is_echo(turn: Turn, hit: Hit, *, evidence: Evidence) -> bool:
    """Whether the customer said the same characters in his last turn before this one."""
    before = [t for t in evidence.turns_of("customer") if t.start_s < turn.start_s]
    return bool(before) and normalise(hit.text).text in normalise(before[-1].text).text
