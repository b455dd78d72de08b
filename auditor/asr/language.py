"""Which language a call is in: asked of the model where its speech is longest, pooled over the call.

Of either party (a role on a leg; system voices are nobody's) the longest segments are heard until there is
``enough_s`` of speech, packed into one window where the model's card packs. With ``w_i`` seconds of speech
in window i,

    P(language) = sum_i w_i * P(language | window i) / sum_i w_i

The mean of probabilities, not of their logarithms: one window that the model takes for another language
cannot outweigh the rest of the call, and a call of which a party speaks another language stays in between.
Under ``least_s`` of speech nothing is said: models guess at single words.

The question is whether the call is in Mandarin, not which other language it is in: a small model that shares
its doubt between Cantonese and English is sure all the same. So the probability told is P(zh), or 1 - P(zh)
with the likeliest of the others; what counts as foreign is the rulebook's ``language_confidence``. What lies
between says only that the model is not sure, as it is with a dialect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.asr.windows import split_long, windows_of
from auditor.records import Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.asr.engine import Engine
    from auditor.records import Turn
    from auditor.signal import Channel


MANDARIN = "zh"


@dataclass(frozen=True, slots=True)
class LanguageSettings:
    """How much is heard. All [O].

    Attributes:
        enough_s: Speech of either party that is heard at most.
        segment_s: Shorter segments are not heard.
        least_s: With less speech in all nothing is said.
    """

    enough_s: float = 20.0
    segment_s: float = 1.0
    least_s: float = 5.0


DEFAULTS = LanguageSettings()


def detect_language(
    engine: Engine,
    *,
    channels: Sequence[Channel],
    turns: Sequence[Turn],
    settings: LanguageSettings = DEFAULTS,
) -> tuple[str | None, float | None]:
    """The call's likeliest language (ISO 639-1, ``yue`` for Cantonese), and how sure it is Mandarin or not.

    Args:
        engine: Who hears.
        channels: The legs.
        turns: Of the whole call.
        settings: How much is heard.

    Returns:
        ``("zh", P(zh))`` where that is 0.5 at least, else the likeliest other language and 1 - P(zh), 0.5..1;
        ``(None, None)`` for a model that was not trained for languages, or too little speech.
    """
    if not engine.facts.knows_languages:
        return None, None
    pooled: dict[str, float] = {}
    heard_s = 0.0
    for channel, segments in _longest(channels, turns=turns, engine=engine, settings=settings):
        for window in windows_of(channel, [(one,) for one in segments], packing=engine.packing):
            spoken_s = sum(segment.span.duration_s for segment in window.segments)
            heard_s += spoken_s
            for language, probability in engine.language_probabilities(window.samples).items():
                pooled[language] = pooled.get(language, 0.0) + spoken_s * probability
    if heard_s < settings.least_s:
        return None, None
    mandarin = pooled.pop(MANDARIN, 0.0) / heard_s
    if mandarin >= 0.5 or not pooled:
        return MANDARIN, round(mandarin, 4)
    return max(sorted(pooled), key=lambda code: pooled[code]), round(1 - mandarin, 4)


def _longest(
    channels: Sequence[Channel], *, turns: Sequence[Turn], engine: Engine, settings: LanguageSettings
) -> list[tuple[Channel, list[Segment]]]:
    """For either party the leg and its longest segments, in order of time."""
    by_leg = {channel.index: channel for channel in channels}
    parties: dict[tuple[str, int], list[Segment]] = {}
    for turn in turns:
        if turn.role == "system" or turn.channel not in by_leg:
            continue
        parties.setdefault((turn.role, turn.channel), []).extend(
            fragment
            for part in turn.parts
            for fragment in split_long(
                by_leg[turn.channel],
                Segment(turn.channel, part.start_s, part.end_s),
                longest_s=min(engine.packing.max_window_s, settings.enough_s),
            )
        )
    chosen: list[tuple[Channel, list[Segment]]] = []
    for (_, leg), segments in sorted(parties.items()):
        kept: list[Segment] = []
        left_s = settings.enough_s
        for segment in sorted(segments, key=lambda one: (-one.span.duration_s, one.start_s)):
            if not settings.segment_s <= segment.span.duration_s <= left_s:
                continue
            kept.append(segment)
            left_s -= segment.span.duration_s
        if kept:
            chosen.append((by_leg[leg], sorted(kept, key=lambda one: one.start_s)))
    return chosen
