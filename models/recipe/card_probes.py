"""A model's probe limits and their error rates.

Agent turns (`card_clips`) are taken through the real voice activity detection, transcription and probes.
Even clips choose the limits, odd clips are held out and give the error rates.

How limits are chosen. A place counts only where the engine stands by its own text (``LEAST_SUPPORT_NATS``,
written to the card). The side that can accuse an agent (opening absent, 喂 present, 你 for 您) lies
``SAFETY_NATS`` beyond the worst clip of the choosing half, and never nearer to zero than ``LEAST_NATS``
(odds of 150 to 1; for 您, which a codec that the clips do not have denied by 5.3 nats, of 3,000 to 1). The
side that acquits lies beyond the worst clip too, and beyond 0, which decides nothing; rivals' names apart:
a model that cannot tell 中国联通 from 中国移动 says so with ``rivals_heard_as_present``. What falls between
decides nothing. A probe that was seen too seldom, or is wrong too often, gets no limits at all: the upper
end of ``wrong_towards_fail`` on the held-out half must be at most ``MAX_WRONG`` (0 wrong of 35 is just
enough).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.asr.batching import transcribe_call
from auditor.asr.probe import run_probes, support_nats
from auditor.asr.windows import cut
from auditor.judge import open_rulebook
from auditor.records import SuspectSpan, Turn, TurnPart, Utterance
from auditor.speech.vad import find_segments
from recipe.card_clips import Clip, make_clips
from recipe.engines import with_card
from recipe.heldout import distance
from recipe.intervals import share_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.asr.whisper import WhisperEngine

SAFETY_NATS = 3.0
LEAST_NATS = 5.0
LEAST_NATS_OF_NIN = 8.0
MAX_WRONG = 0.1
LEAST_SUPPORT_NATS = {"opening": -0.35, "wei": -0.2, "nin": -0.8}
RIVALS = ("联通", "电信")
SPECS = tuple(spec for spec in open_rulebook().probes if spec.name in LEAST_SUPPORT_NATS)
OPENINGS = next(spec.phrases for spec in SPECS if spec.name == "opening")
ACCUSING_SIDE = {"opening": "absent", "wei": "present", "nin": "absent"}


@dataclass(frozen=True)
class Margin:
    """One probe's margin beside the truth; ``rival``: another company's name stood in the phrase's place."""

    nats: float
    present: bool
    rival: bool


def measure_probes(
    engine: WhisperEngine, *, clips: int, seed: int, tell: Callable[[int, int], None]
) -> dict[str, Any]:
    """``probes``, those without limits, and what else was seen on the way."""
    engine = with_card(engine, least_support_nats=dict.fromkeys(LEAST_SUPPORT_NATS, -math.inf))
    margins: dict[str, tuple[list[Margin], list[Margin]]] = {spec.name: ([], []) for spec in SPECS}
    wrong = characters = unheard = asked = counted = 0
    for number, clip in enumerate(make_clips(clips, seed=seed)):
        tell(number, clips)
        utterances = transcribe_call(engine, channels=[clip.channel], segments=[find_segments(clip.channel)])
        characters += len(_bare(clip.text))
        if not utterances:
            unheard += 1
            wrong += len(_bare(clip.text))
            continue
        turn = as_turn(utterances)
        wrong += distance(_bare(turn.text), _bare(clip.text))
        specs = [spec for spec in SPECS if clip.first or spec.name != "opening"]
        for probe in run_probes(engine, channels=[clip.channel], turns=[turn], specs=specs):
            present = is_present(probe.name, clip)
            if present is None:
                continue
            support = _support_at(engine, clip=clip, utterances=utterances, at_s=probe.at.start_s)
            rival = probe.name == "opening" and any(name in clip.text for name in RIVALS)
            asked += 1
            if support >= LEAST_SUPPORT_NATS[probe.name]:
                counted += 1
                margins[probe.name][number % 2].append(Margin(probe.margin_nats, present, rival))
    entries = {name: entry_of(name, *halves) for name, halves in margins.items()}
    proven = [name for name, entry in entries.items() if is_proven(entry)]
    return {
        "probes": {name: entries[name] for name in proven},
        "probes_without_limits": {name: one for name, one in entries.items() if name not in proven},
        "measured": {
            "clips": clips,
            "share_of_places_with_support": round(counted / max(1, asked), 3),
            "clips_without_voice_activity": unheard,
            "character_error_rate": round(wrong / max(1, characters), 3),
        },
    }


def as_turn(utterances: tuple[Utterance, ...]) -> Turn:
    """All utterances of a clip as one agent turn."""
    text, parts, suspects = "", [], []
    for one in utterances:
        suspects += [
            SuspectSpan(len(text) + span.start, len(text) + span.end, span.reason)
            for span in one.suspect_spans
        ]
        parts.append(TurnPart(one.segment.start_s, one.segment.end_s, len(text), len(text) + len(one.text)))
        text += one.text
    return Turn(
        "agent", 0, parts[0].start_s, parts[-1].end_s, text, tuple(parts), None, None, tuple(suspects)
    )


def is_present(name: str, clip: Clip) -> bool | None:
    """Whether the phrase of a probe was spoken; None: the clip says nothing about that probe."""
    if name == "opening":
        return any(_bare(phrase) in _bare(clip.text) for phrase in OPENINGS)
    if name == "wei":
        return clip.text.startswith("喂")
    return None if "你" in clip.text and "您" in clip.text else "你" not in clip.text


def limits(found: Sequence[Margin], *, accusing: str, least_nats: float = LEAST_NATS) -> tuple[float, float]:
    """(present_nats, absent_nats) from the choosing half; see the module's docstring."""
    lowest_present = min((one.nats for one in found if one.present), default=0.0)
    highest_absent = max((one.nats for one in found if not one.present and not one.rival), default=0.0)
    if accusing == "absent":
        absent_nats = min(lowest_present - SAFETY_NATS, -least_nats)
        present_nats = max(highest_absent, 0.0) + 0.1
    else:
        present_nats = max(highest_absent + SAFETY_NATS, least_nats)
        absent_nats = min(lowest_present, 0.0) - 0.1
    return round(present_nats, 1), round(absent_nats, 1)


def error_rates(found: Sequence[Margin], *, present_nats: float, absent_nats: float) -> dict[str, Any]:
    """Shares on the held-out half, of places where the phrase was or was not spoken."""
    said = [one.nats for one in found if one.present]
    unsaid = [one.nats for one in found if not one.present and not one.rival]
    rivals = [one.nats for one in found if one.rival]

    def share(some: list[float], *, as_present: bool) -> float:
        hits = sum(nats >= present_nats if as_present else nats <= absent_nats for nats in some)
        return round(hits / max(1, len(some)), 3)

    rates: dict[str, Any] = {
        "n_present": len(said),
        "n_absent": len(unsaid),
        "present_heard_as_present": share(said, as_present=True),
        "present_heard_as_absent": share(said, as_present=False),
        "absent_heard_as_absent": share(unsaid, as_present=False),
        "absent_heard_as_present": share(unsaid, as_present=True),
    }
    more = {"n_rivals": len(rivals), "rivals_heard_as_present": share(rivals, as_present=True)}
    return rates | more if rivals else rates


def is_proven(entry: dict[str, Any]) -> bool:
    """Whether a probe is known to be seldom wrong towards ``fail``, so that its limits may be used."""
    return bool(entry["wrong_towards_fail"].get("upper_95", 1.0) <= MAX_WRONG)


def entry_of(name: str, choosing: Sequence[Margin], held_out: Sequence[Margin]) -> dict[str, Any]:
    """A probe on the card: its limits, and how often they are wrong towards ``fail`` on the held-out half."""
    least_nats = LEAST_NATS_OF_NIN if name == "nin" else LEAST_NATS
    present_nats, absent_nats = limits(choosing, accusing=ACCUSING_SIDE[name], least_nats=least_nats)
    accused = ACCUSING_SIDE[name] == "present"
    wrong = [
        one.nats >= present_nats if accused else one.nats <= absent_nats
        for one in held_out
        if one.present != accused and not one.rival
    ]
    return {
        "present_nats": present_nats,
        "absent_nats": absent_nats,
        "least_support_nats": LEAST_SUPPORT_NATS[name],
        **error_rates(held_out, present_nats=present_nats, absent_nats=absent_nats),
        "wrong_towards_fail": share_of(wrong),
    }


def _support_at(
    engine: WhisperEngine, *, clip: Clip, utterances: tuple[Utterance, ...], at_s: float
) -> float:
    """The engine's support for its own text in the utterance that holds a time."""
    nearest = min(utterances, key=lambda one: max(one.segment.start_s - at_s, at_s - one.segment.end_s, 0.0))
    segment = nearest.segment
    samples, _ = cut(clip.channel, segment.start_s, segment.end_s, packing=engine.packing)
    return support_nats(engine, samples=samples, heard=nearest.text)


def _bare(text: str) -> str:
    """Letters, digits and characters only."""
    return re.sub(r"[^\w]", "", text)
