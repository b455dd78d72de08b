"""Probes: how much likelier one wording is than another at one place, by the engine's own likelihoods.

A probe never listens for a phrase alone. It compares whole texts of the turn that differ in nothing but
the place in question, forced through the decoder on the same sound:

    margin_nats = max over wordings of the phrases  log P(before + wording + rest | sound)
                - max over wordings of the foils    log P(before + wording + rest | sound)

The foil "" means that nothing was said there. Punctuation is the engine's choice, so each wording is
tried with the marks it may write, and the likeliest counts. Nothing is asked where the guard doubts the
text, where the engine does not stand by it, or where nothing was heard: likelihoods of sound that the
engine does not understand are noise.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.asr.windows import cut, join
from auditor.records import Probe, Segment
from auditor.text.match import find_phrase
from auditor.text.numerals import count_syllables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.asr.engine import Engine
    from auditor.records import ProbeSpec, Turn, TurnPart
    from auditor.signal import Channel, Samples


LEAST_SUPPORT_NATS = -1.0
"""Where the card says nothing [P: logprob_threshold of whisper.transcribe, per token]."""


@dataclass(frozen=True, slots=True)
class ProbeSettings:
    """How the place of a probe is found and worded.

    Attributes:
        max_distance: how far the heard start may be from a wording that it stands for, as
            `auditor.text.match` counts [O].
        latest_start: at most so many characters stand before a wording at a turn's start (喂,) [O].
        inner: what an engine may write for a comma inside a wording.
        after: what it may write between a wording and the rest.
        last: what it may write after a wording that ends the text.
    """

    max_distance: float = 0.34
    latest_start: int = 2
    inner: tuple[str, ...] = (",", "")
    after: tuple[str, ...] = (",", "。", "")
    last: tuple[str, ...] = ("。", "!", "?", "")


@dataclass(frozen=True, slots=True)
class _Place:
    """Characters ``start:end`` of a turn's text, and the window's text around them.

    ``rests``: what may follow. There is more than one only where the start of the text is like none of
    the wordings: then it may be a wording misheard, and every wording may take its place.
    """

    start: int
    end: int
    before: str
    rests: tuple[str, ...]


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
    probes: list[Probe] = []
    for index in agent:
        turn = turns[index]
        for parts, asked in _stretches(turn, specs=specs, first_turn=index == agent[0], engine=engine):
            places = [
                (spec, place)
                for spec in asked
                for place in _places(turn.text, parts=parts, spec=spec)
                if not turn.is_suspect(place.start, max(place.end, place.start + 1))
            ]
            heard = turn.text[parts[0].text_start : parts[-1].text_end]
            if not places or not heard:
                continue
            channel = by_leg[turn.channel]
            samples, _ = cut(channel, parts[0].start_s, parts[-1].end_s, packing=engine.packing)
            support = support_nats(engine, samples=samples, heard=heard)
            probes += [
                _probe(engine, samples=samples, turn=turn, index=index, spec=spec, place=place)
                for spec, place in places
                if support >= engine.least_support_nats.get(spec.name, LEAST_SUPPORT_NATS)
            ]
    return tuple(probes)


def support_nats(engine: Engine, *, samples: Samples, heard: str) -> float:
    """How well the engine stands by its text: log P(text | sound) per syllable, the end counts as one."""
    (whole,) = engine.log_likelihoods(samples, [heard])
    return whole / (count_syllables(heard) + 1)


def _stretches(
    turn: Turn, *, specs: Sequence[ProbeSpec], first_turn: bool, engine: Engine
) -> list[tuple[tuple[TurnPart, ...], list[ProbeSpec]]]:
    """The turn's parts as the engine's windows hold them, with what is asked of each."""
    if not turn.parts:
        return []
    of = {Segment(turn.channel, part.start_s, part.end_s): part for part in turn.parts}
    windows = [tuple(of[one] for one in stretch) for stretch in join(tuple(of), packing=engine.packing)]
    inside = [spec for spec in specs if spec.where == "each_occurrence"]
    start = [spec for spec in specs if spec.where == "agent_turn_start"]
    asked = [(parts, [*start, *inside] if parts is windows[0] else inside) for parts in windows]
    opening = [spec for spec in specs if spec.where == "agent_first_turn"] if first_turn else []
    return [(_opening(turn, spec=spec, parts=windows[0], engine=engine), [spec]) for spec in opening] + asked


def _opening(
    turn: Turn, *, spec: ProbeSpec, parts: tuple[TurnPart, ...], engine: Engine
) -> tuple[TurnPart, ...]:
    """The first window, with as much of what follows as the longest wording needs.

    「您好」 and 「中国移动」 may be two segments: asked of the first alone, the opening would be denied.
    """
    longest = max(len(_bare(wording)) for wording in (*spec.phrases, *spec.foils))
    for part in turn.parts[len(parts) :]:
        short = len(_bare(turn.text[parts[0].text_start : parts[-1].text_end])) < longest
        if not short or part.end_s - parts[0].start_s > engine.packing.max_window_s:
            break
        parts = (*parts, part)
    return parts


def _places(text: str, *, parts: Sequence[TurnPart], spec: ProbeSpec) -> Iterator[_Place]:
    """Where in the turn's text the question arises; only characters inside ``parts`` count."""
    low, high = parts[0].text_start, parts[-1].text_end
    heard = text[low:high]
    wordings = [wording for wording in (*spec.phrases, *spec.foils) if wording]
    if spec.where == "each_occurrence":
        for wording in wordings:
            start = heard.find(wording)
            while start >= 0:
                yield _place(heard, start, start + len(wording), low=low)
                start = heard.find(wording, start + len(wording))
        return
    start, end = _heard_start(heard, wordings)
    place = _place(heard, start, end, low=low)
    unlike = heard[_index_after(heard, max(len(_bare(wording)) for wording in wordings)) :]
    several = end == start and spec.where == "agent_first_turn"
    yield replace(place, rests=(heard, unlike)) if several else place


def _heard_start(heard: str, wordings: Sequence[str]) -> tuple[int, int]:
    """The characters at the start that stand for one of the wordings; an empty range if none does."""
    settings = ProbeSettings()
    head = heard[: 2 * max(map(len, wordings)) + settings.latest_start]
    found: list[tuple[int, float, int]] = []
    for wording in wordings:
        if len(wording) == 1:
            # One syllable is like too many others (喂, 为): only the character itself counts.
            first = _index_after(heard, 0)
            found += [(1, 0.0, first)] if heard[first : first + 1] == wording else []
        elif match := find_phrase(head, wording, max_distance=settings.max_distance):
            near = len(_bare(head[: match.start])) <= settings.latest_start
            found += [(match.end - match.start, -match.distance, match.start)] if near else []
    if not found:
        return 0, 0
    length, _, start = max(found)
    return start, start + length


def _place(heard: str, start: int, end: int, *, low: int) -> _Place:
    return _Place(start=low + start, end=low + end, before=heard[:start], rests=(heard[end:],))


def _probe(
    engine: Engine, *, samples: Samples, turn: Turn, index: int, spec: ProbeSpec, place: _Place
) -> Probe:
    inside = spec.where == "each_occurrence"
    texts: dict[str, str] = {}
    for wording in (*spec.phrases, *spec.foils):
        for text in _worded(wording, place=place, inside=inside):
            texts.setdefault(text, wording)
    scores = dict(zip(texts, engine.log_likelihoods(samples, list(texts)), strict=True))
    best = {
        wording: max(score for text, score in scores.items() if texts[text] == wording)
        for wording in dict.fromkeys(texts.values())
    }
    phrase = max((w for w in spec.phrases if w in best), key=best.__getitem__)
    foil = max((w for w in spec.foils if w in best), key=best.__getitem__)
    return Probe(
        name=spec.name,
        turn=index,
        start=place.start,
        end=place.end,
        at=turn.span_of(place.start, place.end),
        phrase=phrase,
        foil=foil,
        margin_nats=round(best[phrase] - best[foil], 3),
    )


def _worded(wording: str, *, place: _Place, inside: bool) -> Iterator[str]:
    """The whole text with the wording in its place, in every punctuation that an engine may write."""
    settings = ProbeSettings()
    for heard_rest in place.rests:
        if inside:
            yield place.before + wording + heard_rest
            continue
        rest = heard_rest[_index_after(heard_rest, 0) :]
        if not wording:
            yield place.before + rest
            continue
        comma = "，" if "，" in place.before + heard_rest else ","
        for inner in settings.inner if "," in wording else ("",):
            for mark in settings.after if rest else settings.last:
                text = wording.replace(",", inner) + mark
                yield place.before + text.replace(",", comma) + rest


def _index_after(text: str, count: int) -> int:
    """Index of the spoken character after the first ``count`` ones; the length if there are no more."""
    spoken = [index for index, char in enumerate(text) if _bare(char)]
    return spoken[count] if count < len(spoken) else len(text)


def _bare(text: str) -> str:
    """The text without punctuation and spaces."""
    return "".join(char for char in text if unicodedata.category(char)[0] in "LN")
