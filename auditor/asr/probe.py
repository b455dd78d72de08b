"""Probes: how much likelier one wording is than another at one place, by the engine's own likelihoods.

A probe never listens for a phrase alone. It compares whole texts of the turn that differ in nothing but
the place in question, forced through the decoder on the same sound:

    margin_nats = max over wordings of the phrases  log P(before + wording + rest | sound)
                - max over wordings of the foils    log P(before + wording + rest | sound)

The foil "" means that nothing was said there. A phrase has to beat the engine's own text, too: where that is
likelier although no foil is, the margin is 0 and decides nothing (foils alone may deny a phrase: what the
engine misheard is likelier than anything else). Punctuation is the engine's choice, so each wording is
tried with the marks it may write, and the likeliest counts. A phrase that may stand anywhere in the
opening or closing turns is tried between all clauses, and only where the text has none of the phrases.
Nothing is asked where the guard doubts the text, where the engine does not stand by it, or where nothing
was heard: likelihoods of sound that the engine does not understand are noise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from auditor.asr.places import WITHIN_TURNS, bare, places, window_of, worded
from auditor.asr.windows import cut, join
from auditor.records import Probe, Segment
from auditor.text.numerals import count_syllables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.asr.engine import Engine
    from auditor.asr.places import Place
    from auditor.records import ProbeSpec, Turn, TurnPart
    from auditor.signal import Channel, Samples

    Parts = tuple[TurnPart, ...]


LEAST_SUPPORT_NATS = -1.0
"""Where the card says nothing [P: logprob_threshold of whisper.transcribe, per token]."""


def run_probes(
    engine: Engine, *, channels: Sequence[Channel], turns: Sequence[Turn], specs: Sequence[ProbeSpec]
) -> tuple[Probe, ...]:
    """Every probe that the specs ask for, on the agent's turns, in order of turn.

    Args:
        engine: who judges likelihoods.
        channels: the legs.
        turns: of the whole call; a probe's ``turn`` is the index here.
        specs: from the rulebook.
    """
    by_leg = {channel.index: channel for channel in channels}
    agent = [i for i, turn in enumerate(turns) if turn.role == "agent" and turn.channel in by_leg]
    wide = [(spec, window_of(turns, agent, spec=spec)) for spec in specs if spec.where in WITHIN_TURNS]
    probes: list[Probe] = []
    for index in agent:
        turn = turns[index]
        channel = by_leg[turn.channel]
        for parts, asked in _stretches(turn, specs=specs, first_turn=index == agent[0], engine=engine):
            for spec in asked:
                found = _asked(engine, channel=channel, turn=turn, index=index, parts=parts, spec=spec)
                probes += found or []
        for spec in (spec for spec, window in wide if index in window):
            # A turn is asked whole or not at all: the phrase may be in the stretch that was not.
            stretches = [parts for parts in _windows(turn, engine=engine) if bare(_heard(turn, parts))]
            every = [
                _asked(engine, channel=channel, turn=turn, index=index, parts=parts, spec=spec)
                for parts in stretches
            ]
            probes += [probe for found in every for probe in found or []] if all(every) else []
    return tuple(probes)


def _heard(turn: Turn, parts: Parts) -> str:
    return turn.text[parts[0].text_start : parts[-1].text_end]


def _asked(
    engine: Engine, *, channel: Channel, turn: Turn, index: int, parts: Parts, spec: ProbeSpec
) -> list[Probe] | None:
    """What a spec asks of one stretch; None where its text is doubted or the engine does not stand by it."""
    heard = _heard(turn, parts)
    found = [
        place
        for place in places(turn.text, parts=parts, spec=spec)
        if not turn.is_suspect(place.start, max(place.end, place.start + 1))
    ]
    if not found or not heard:
        return None
    samples, _ = cut(channel, parts[0].start_s, parts[-1].end_s, packing=engine.packing)
    support = support_nats(engine, samples=samples, heard=heard)
    if support < engine.least_support_nats.get(spec.name, LEAST_SUPPORT_NATS):
        return None
    return [
        _probe(engine, samples=samples, turn=turn, index=index, heard=heard, spec=spec, place=place)
        for place in found
    ]


def support_nats(engine: Engine, *, samples: Samples, heard: str) -> float:
    """How well the engine stands by its text: log P(text | sound) per syllable, the end counts as one."""
    (whole,) = engine.log_likelihoods(samples, [heard])
    return whole / (count_syllables(heard) + 1)


def _windows(turn: Turn, *, engine: Engine) -> list[Parts]:
    """The turn's parts as the engine's windows hold them."""
    of = {Segment(turn.channel, part.start_s, part.end_s): part for part in turn.parts}
    return [tuple(of[one] for one in stretch) for stretch in join(tuple(of), packing=engine.packing)]


def _stretches(
    turn: Turn, *, specs: Sequence[ProbeSpec], first_turn: bool, engine: Engine
) -> list[tuple[Parts, list[ProbeSpec]]]:
    """The turn's parts as the engine's windows hold them, with what is asked of each."""
    if not turn.parts:
        return []
    windows = _windows(turn, engine=engine)
    inside = [spec for spec in specs if spec.where in ("each_occurrence", "each_phrase")]
    start = [spec for spec in specs if spec.where == "agent_turn_start"]
    asked = [(parts, [*start, *inside] if parts is windows[0] else inside) for parts in windows]
    opening = [spec for spec in specs if spec.where == "agent_first_turn"] if first_turn else []
    return [(_opening(turn, spec=spec, parts=windows[0], engine=engine), [spec]) for spec in opening] + asked


def _opening(turn: Turn, *, spec: ProbeSpec, parts: Parts, engine: Engine) -> Parts:
    """The first window, with as much of what follows as the longest wording needs.

    「您好」 and 「中国移动」 may be two segments: asked of the first alone, the opening would be denied.
    """
    longest = max(len(bare(wording)) for wording in (*spec.phrases, *spec.foils))
    for part in turn.parts[len(parts) :]:
        short = len(bare(_heard(turn, parts))) < longest
        if not short or part.end_s - parts[0].start_s > engine.packing.max_window_s:
            break
        parts = (*parts, part)
    return parts


def _probe(
    engine: Engine,
    *,
    samples: Samples,
    turn: Turn,
    index: int,
    heard: str,
    spec: ProbeSpec,
    place: Place,
) -> Probe:
    texts: dict[str, str | None] = {}
    for wording in (*place.phrases, *spec.foils):
        for text in worded(wording, place=place, where=spec.where):
            texts.setdefault(text, wording)
    sounds = {bare(text): wording for text, wording in reversed(texts.items())}
    texts.setdefault(heard, sounds.get(bare(heard)))
    scores = dict(zip(texts, engine.log_likelihoods(samples, list(texts)), strict=True))
    best = {
        wording: max(score for text, score in scores.items() if texts[text] == wording)
        for wording in dict.fromkeys(texts.values())
    }
    phrase = max((w for w in place.phrases if w in best), key=best.__getitem__)
    foil = max((w for w in spec.foils if w in best), key=best.__getitem__)
    margin = best[phrase] - best[foil]
    if best.get(None, -math.inf) > best[phrase]:
        margin = min(margin, 0.0)
    return Probe(
        name=spec.name,
        turn=index,
        start=place.start,
        end=place.end,
        at=turn.span_of(place.start, place.end),
        phrase=phrase,
        foil=foil,
        margin_nats=round(margin, 3),
    )
