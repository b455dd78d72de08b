"""The mandated first words of the agent: 「您好,中国移动」, or those of the line.

Needs
    To know who the agent is, and the agent's first turn; IVR prompts and announced agent numbers
    are not it. For a fail: text that was listened for (`auditor.kinds.listening`) and, where the
    model's card has limits for ``probe``, a probe that says "absent".

Passes
    An ``openings`` phrase stands in the first turn, or the probe hears it there.

    ::

        客服 您好,中国移动,请问有什么可以帮您?

Fails
    The first turn was heard well and holds none of the openings.

    ::

        客服 你要办什么?

Silent when
    The agent took over from a colleague or never spoke, or the line has an opening of its own and the
    turn begins it (not_applicable). needs_review: the file starts in the middle of speech and the turn does
    not begin with a greeting; the turn is one of ``bare_offers`` to the letter (the course gives that form
    too); the opening is only complete in the second turn; 你好 in place of 您好 in automatic text; a weaker
    match; text or probe that settle nothing; the turn is one of ``incomplete``, or begins with an opening
    that is right for other callers (``other_openings``): a number tells the caller's network only by its
    prefix, and it may have been ported.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from auditor.kinds.listening import Doubt, Hearing, is_settled, listen_for
from auditor.kinds.opening import CUT_OFF, OPENING, Opening, find_opening, nobody_to_judge
from auditor.kinds.params import PhraseSets
from auditor.kinds.wording import is_whole
from auditor.records import Evidence, Outcome
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import Match, find_any
from auditor.text.normalise import normalise

# An announcement nobody knows may pass for the agent's first turns; the opening then comes next.
EARLY_TURNS = 4

BARE_OFFER = Doubt("course_gives_both", "这是课件 G1/G2 的原话(不带「中国移动」),请按本中心口径确认")
INCOMPLETE = Doubt("incomplete", "说了一部分,请按本中心口径确认是否足够")
OTHER_CALLERS = Doubt("other_callers", "用的是其他来电的开场;号码可能携号转网,请核对客户是哪家网络")
INFORMAL = Doubt("informal", "听到的话相近,机器分不准(如「你/您」),请听录音确认")
NEAR_SCRIPT = Doubt("near", "有些像本线路自己的开场白,请听录音确认")
LATER = Doubt("later", "后面说了,第一句可能是提示音,请听录音确认")
SPLIT = Doubt("split", "分成两句说完了,请听录音确认")


class Params(BaseModel):
    """Names of phrase sets: what passes, what the course leaves open, what excuses.

    Attributes:
        openings: the mandated words.
        wording: the same as the report names them.
        greetings: how a turn begins that was not cut off by the start of the file.
        bare_offers: mandated offers that lack the company's name.
        own_scripts: openings that take this one's place on the lines of ``own_script_lines``.
        own_script_lines: see ``own_scripts``; the line must be certain.
        informal: the opening with 你 for 您, or without what is easily misheard: automatic text cannot be
            trusted with it, nor a probe (through GSM one took 您 for 你).
        incomplete: a part of the mandated words that a human may find enough.
        other_openings: what other callers are greeted with.
        probe: the probe that settles what text cannot.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    openings: PhraseSets
    wording: str = "「您好,中国移动」"
    greetings: PhraseSets
    bare_offers: PhraseSets = ()
    own_scripts: PhraseSets = ()
    own_script_lines: tuple[str, ...] = ()
    informal: PhraseSets
    incomplete: PhraseSets = ()
    other_openings: PhraseSets = ()
    probe: str | None = None


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent's first words are the mandated ones."""
    nobody = nobody_to_judge(evidence, causes=(OPENING,))
    if nobody:
        return nobody
    opening = find_opening(evidence, book=book)
    first = opening.first
    limit = book.settings.phrase_distance
    if _has_own_script(first.text, evidence=evidence, params=params, book=book, max_distance=limit):
        return Outcome("not_applicable", "own_script", f"本线路有自己的开场白,不要求报{params.wording}")
    heard = listen_for(
        book.words(*params.openings), turns=(first,), evidence=evidence, book=book, probe=params.probe
    )
    if heard.said == "said":
        reason = f"{clock(first.start_s)} 首句说了{params.wording}"
        return Outcome("pass", "said", reason, at=heard.at, quote=heard.quote, confidence=heard.confidence)
    if opening.transferred_in:
        return Outcome("not_applicable", "transferred_in", f"通话由其他客服转入,不要求再报{params.wording}")
    doubt = _excuse(opening, evidence=evidence, params=params, book=book) or heard.doubt
    if doubt:
        return Outcome(
            "needs_review",
            doubt.code,
            f"首句没有听到{params.wording},但{doubt.reason}",
            at=(first.span,),
            quote=first.text,
            confidence=0.5,
            causes=(OPENING,),
        )
    return _missing(heard, opening=opening, params=params)


def _missing(heard: Hearing, *, opening: Opening, params: Params) -> Outcome:
    first = opening.first
    return Outcome(
        "fail",
        "missing",
        f"{clock(first.start_s)} 首句没有说{params.wording},说的是「{first.text}」",
        at=(first.span,),
        quote=first.text,
        confidence=heard.confidence,
        causes=(OPENING,),
    )


def _excuse(opening: Opening, *, evidence: Evidence, params: Params, book: Rulebook) -> Doubt | None:
    """What speaks for the agent although the words are not there."""
    first, heard_by_machine = opening.first, not is_settled(evidence)

    def says(text: str, names: tuple[str, ...]) -> Match | None:
        return find_any(text, book.words(*names), max_distance=book.settings.phrase_distance)

    greeted = says(first.text, params.greetings)
    begins_well = greeted is not None and not normalise(first.text[: greeted.start]).text
    weak = book.settings.weak_distance
    like_own = _has_own_script(first.text, evidence=evidence, params=params, book=book, max_distance=weak)
    later = "。".join(turn.text for turn in evidence.turns_of("agent")[1:EARLY_TURNS])
    together = "".join(turn.text for turn in opening.window)
    checks = (
        (opening.cut_off and not begins_well, CUT_OFF),
        (is_whole(first.text, book.words(*params.bare_offers), book=book), BARE_OFFER),
        (heard_by_machine and like_own, NEAR_SCRIPT),
        (heard_by_machine and says(first.text, params.informal), INFORMAL),
        (says(first.text, params.incomplete), INCOMPLETE),
        (says(first.text, params.other_openings), OTHER_CALLERS),
        (heard_by_machine and says(later, params.openings), LATER),
        (_uninterrupted(opening, evidence=evidence) and says(together, params.openings), SPLIT),
    )
    return next((doubt for applies, doubt in checks if applies), None)


def _has_own_script(
    text: str, *, evidence: Evidence, params: Params, book: Rulebook, max_distance: float
) -> bool:
    """Whether the line is for certain one with an opening of its own, and the turn begins it."""
    line = book.lines.get(evidence.line, evidence.line)
    sure = evidence.line_confidence >= book.settings.line_confidence
    found = find_any(text, book.words(*params.own_scripts), max_distance=max_distance)
    return line in params.own_script_lines and sure and found is not None


def _uninterrupted(opening: Opening, *, evidence: Evidence) -> bool:
    """Whether the customer leaves the agent's first two turns to each other."""
    start_s, end_s = opening.first.end_s, opening.window[-1].start_s
    return not any(start_s <= turn.start_s < end_s for turn in evidence.turns_of("customer"))
