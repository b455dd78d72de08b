"""What silence and words of a model prove: the shares and the window probes on its card.

Turns (`card_turns`) are taken through the real voice activity detection, transcription, turns and probes;
what follows is decided by the same functions that judge calls.

``missed_phrases``: of the mandated phrases that were said in turns that were well heard
(`listening.doubt_about` finds nothing), the share that `listen_for` calls missing: neither there within
``phrase_distance`` nor nearly within ``weak_distance``. ``false_phrases``: of the phrases of the rulebook
and its lexicons that stand to the letter in such turns, the share that nobody said.

The probes anywhere in opening and closing turns (greeting, identity, offer, goodbye) are asked where the
text has none of their phrases. Limits are chosen on even turns and tried on odd ones as in `card_probes`:
the side that accuses lies 3 nats beyond the worst turn, and 5 nats from zero. ``said_heard_as_absent``
counts every turn in which the phrase was said and the engine stands by its text: how many would have been
called "not said". A probe whose ``upper_95`` there is above the rulebook's ``max_missed_share`` gets no
limits.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from cast import F2, F4, F5, M3, M7, MAN, WOMAN
from voices import RATE_HZ

from auditor.asr.batching import transcribe_call
from auditor.asr.probe import run_probes, support_nats
from auditor.asr.windows import cut
from auditor.judge import open_rulebook
from auditor.kinds.hits import find_hits
from auditor.kinds.listening import doubt_about, listen_for
from auditor.records import CallRecord, Evidence, MeasuredShare, ModelFacts, Recording, Roles, Turn
from auditor.rulebook.entries import names
from auditor.rulebook.lexicon import load_lexicon
from auditor.signal import Channel
from auditor.speech.turns import build_turns
from auditor.speech.vad import find_segments
from auditor.text.match import find_any, find_written
from auditor.text.normalise import normalise
from recipe import texts
from recipe.card_probes import Margin, error_rates, limits
from recipe.card_turns import render, sentences
from recipe.engines import with_card
from recipe.intervals import share_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.asr.whisper import WhisperEngine

BOOK = open_rulebook()
LEAST_SUPPORT_NATS = -0.35
PROBES = {"greeting": "greetings", "identity": "identities", "offer": "offers", "goodbye": "goodbyes"}
MANDATED = (*PROBES.values(), "thanks", "apologies", "holds", "wait_courtesies", "more_questions")


def measure_phrases(
    engine: WhisperEngine, *, turns: int, seed: int, tell: Callable[[int, int], None]
) -> dict[str, Any]:
    """``missed_phrases``, ``false_phrases`` and the window probes that are good enough for the card."""
    windows = Windows(engine)
    lost: list[bool] = []
    invented: list[bool] = []
    well = 0
    for number in range(turns):
        tell(number, turns)
        dice = random.Random(f"{seed}/{number}")
        role, said = sentences(number, dice)
        truth = "".join(said)
        voice = dice.choice((F2, F5, F4, M3, M7) if role == "agent" else (MAN, WOMAN))
        channel = render(said, voice=voice, dice=dice)
        utterances = transcribe_call(engine, channels=[channel], segments=[find_segments(channel)])
        roles = Roles(0, 1.0, "flag", "benchmark")
        heard = build_turns(utterances, roles=roles, system_phrases=())
        if not heard:
            continue
        evidence = as_evidence(heard, duration_s=len(channel.samples) / RATE_HZ)
        well += not doubt_about(heard, evidence=evidence, book=BOOK)
        lost += missed(truth, evidence) if role == "agent" else []
        invented += made_up(truth, evidence)
        if number % 8 < 6:
            windows.ask(number, truth=truth, channel=channel, turns=heard)
    good, rejected = windows.entries()
    return {
        "missed_phrases": share_of(lost) or None,
        "false_phrases": share_of(invented) or None,
        "probes": good,
        "probes_without_limits": rejected,
        "turns": turns,
        "turns_well_heard": round(well / max(1, turns), 3),
    }


def as_evidence(turns: tuple[Turn, ...], *, duration_s: float) -> Evidence:
    """The turns as a call that a trusted model heard, so that only hearing decides."""
    seldom = MeasuredShare(0.0, 0.0, 1)
    return Evidence(
        recording=Recording(("x.wav",), ("0" * 64,), duration_s, 8000, 1, "mono", "pcm_alaw", ()),
        call_record=CallRecord(),
        roles=Roles(0, 1.0, "flag", "benchmark"),
        turns=turns,
        events=(),
        measurements={},
        segments=(),
        tracks={},
        probes=(),
        transcript_source="asr",
        model=ModelFacts("m", "", carded=True, missed_phrases=seldom, false_phrases=seldom),
    )


def missed(truth: str, evidence: Evidence) -> list[bool]:
    """For each mandated set of which a phrase was said in a turn well heard: whether it counts as missing."""
    if doubt_about(evidence.turns, evidence=evidence, book=BOOK):
        return []
    heard = [
        listen_for(BOOK.words(name), turns=evidence.turns, evidence=evidence, book=BOOK)
        for name in MANDATED
        if find_any(truth, BOOK.words(name), max_distance=0.0)
    ]
    return [one.said == "missing" for one in heard]


def made_up(truth: str, evidence: Evidence) -> list[bool]:
    """For each phrase that stands to the letter in a turn well heard: whether nobody said it.

    Digits count as they are read: who said 八零零一 said 8001.
    """
    if doubt_about(evidence.turns, evidence=evidence, book=BOOK):
        return []
    found = set()
    for turn in evidence.turns:
        phrases = {phrase for some in BOOK.phrases.values() for phrase in some}
        found |= {
            normalise(match.text).text for phrase in phrases for match in find_written(turn.text, phrase)
        }
        for name in names():
            hits = find_hits(turn.text, load_lexicon(name), reports=(), sound_distance=None)
            found |= {normalise(hit.text).text for hit in hits}
    said = texts.spoken(normalise(truth).text, yao=False)
    return [texts.spoken(text, yao=False) not in said for text in sorted(found) if len(text) > 1]


class Windows:
    """What the window probes made of every turn."""

    def __init__(self, engine: WhisperEngine) -> None:
        self.engine = with_card(engine, least_support_nats=dict.fromkeys(PROBES, LEAST_SUPPORT_NATS))
        self.specs = [spec for spec in BOOK.probes if spec.name in PROBES]
        self.margins: dict[str, tuple[list[Margin], list[Margin]]] = {name: ([], []) for name in PROBES}
        self.said: dict[str, list[float]] = defaultdict(list)

    def ask(self, number: int, *, truth: str, channel: Channel, turns: tuple[Turn, ...]) -> None:
        """Ask every probe about one opening or closing turn; the best margin of its stretches counts."""
        probes = run_probes(self.engine, channels=[channel], turns=turns, specs=self.specs)
        supported = self._is_supported(channel, turns)
        for name, phrases in PROBES.items():
            present = find_any(truth, BOOK.words(phrases), max_distance=0.0) is not None
            nats = max((probe.margin_nats for probe in probes if probe.name == name), default=None)
            # What the text holds in other words is said, whatever the probe thinks of its own words.
            limit = BOOK.settings.phrase_distance
            if any(find_any(turn.text, BOOK.words(phrases), max_distance=limit) for turn in turns):
                nats = None
            if nats is not None:
                self.margins[name][number // 8 % 2].append(Margin(nats, present, rival=False))
            if present and supported:
                self.said[name].append(math.inf if nats is None else nats)

    def _is_supported(self, channel: Channel, turns: tuple[Turn, ...]) -> bool:
        packing = self.engine.packing
        return all(
            support_nats(
                self.engine,
                samples=cut(channel, part.start_s, part.end_s, packing=packing)[0],
                heard=turn.text[part.text_start : part.text_end],
            )
            >= LEAST_SUPPORT_NATS
            for turn in turns
            for part in turn.parts
            if part.text_end > part.text_start
        )

    def entries(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The probes' entries for the card, and those that were measured but are not good enough."""
        good: dict[str, Any] = {}
        rejected: dict[str, Any] = {}
        for name, (choosing, held_out) in self.margins.items():
            present_nats, absent_nats = limits(choosing, accusing="absent")
            wrong = share_of([nats <= absent_nats for nats in self.said[name]])
            entry = {
                "present_nats": present_nats,
                "absent_nats": absent_nats,
                "least_support_nats": LEAST_SUPPORT_NATS,
                **error_rates(held_out, present_nats=present_nats, absent_nats=absent_nats),
                "said_heard_as_absent": wrong,
            }
            fine = bool(wrong.get("upper_95", 1.0) <= BOOK.settings.max_missed_share)
            (good if fine else rejected)[name] = entry
        return good, rejected
