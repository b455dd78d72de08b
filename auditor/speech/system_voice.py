"""System voices: announcements of the exchange, told from people by what they say.

A welcome, 「工号8001为您服务」, a recording notice, queue, hold and survey announcements are nobody's
words. But a live agent says such things too, inside a greeting of his own, and taking his words away
would accuse him of not having said them. So every utterance is decided by itself:

* Before anybody live has spoken on the leg, where announcements stand, an utterance is a system voice
  when announcements make up most of it, whole clauses counted, and nothing in the rest sounds like a
  greeting or an offer (「您好,中国移动,工号8001为您服务」 is the agent).
* Later it is one only when announcements are nearly all of it, character by character, and the same
  leg did not speak just before (an agent in full flow is not cut in two). Phrases with ``<any>`` do
  not count there: they would swallow whatever an agent says around a few words.

Phrases should therefore be whole announcements, with their own 「(您好)」 where they have one, and no
wording that agents say alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.records import Utterance
from auditor.text.match import find_all, find_any
from auditor.text.normalise import is_word

_CLAUSE_ENDS = frozenset(",。!?;、,.!?;:: ")


@dataclass(frozen=True, slots=True)
class SystemVoiceSettings:
    """When an utterance is an announcement. All [O].

    Attributes:
        max_distance: How far what was heard may sound from the phrase, per syllable.
        leading_share: Share of the characters in clauses that hold a phrase, before anybody live spoke.
        later_share: Share of the characters inside phrases, afterwards.
        live_gap_s: An utterance that follows the leg's live voice sooner belongs to it.
        leading_words: How welcomes open and live agents do not; they count like phrases before anybody
            live spoke, since recognition garbles the rest of a band-limited announcement.
        live_words: Words outside the announcement that make the whole utterance live.
    """

    max_distance: float = 0.15
    leading_share: float = 0.5
    later_share: float = 0.9
    live_gap_s: float = 1.0
    leading_words: tuple[str, ...] = ("(您好)欢迎(您)[致电|拨打|使用]",)
    live_words: tuple[str, ...] = ("您好", "你好", "请问", "请讲", "我能为您", "有什么可以", "我是")


DEFAULTS = SystemVoiceSettings()


def find_system_voices(
    utterances: Sequence[Utterance],
    *,
    system_phrases: Sequence[str],
    settings: SystemVoiceSettings = DEFAULTS,
) -> tuple[bool, ...]:
    """For every utterance whether it is an announcement.

    Args:
        utterances: What was heard on all legs, in time order.
        system_phrases: Announcements in the phrase grammar of `auditor.text.grammar`.
        settings: When an utterance is an announcement.

    Returns:
        One flag per utterance, in the order given.
    """
    whole = [phrase for phrase in system_phrases if "<any>" not in phrase]
    leading = (*system_phrases, *settings.leading_words) if system_phrases else ()
    live_until_s: dict[int, float] = {}
    flags: list[bool] = []
    for utterance in utterances:
        segment = utterance.segment
        until_s = live_until_s.get(segment.channel)
        phrases = whole if until_s is not None else leading
        inside, in_clauses, rest = _covered(utterance.text, phrases=phrases, settings=settings)
        if until_s is None:
            live = find_any(rest, settings.live_words, max_distance=settings.max_distance)
            flag = in_clauses >= settings.leading_share and live is None
        else:
            after_s = segment.start_s - until_s
            flag = inside >= settings.later_share and after_s >= settings.live_gap_s
        # Sounds that gave no text show nobody: they do not end the time of announcements.
        if not flag and any(map(is_word, utterance.text)):
            live_until_s[segment.channel] = segment.end_s
        flags.append(flag)
    return tuple(flags)


def _covered(text: str, *, phrases: Sequence[str], settings: SystemVoiceSettings) -> tuple[float, float, str]:
    """Share of characters inside phrases, share in clauses that hold one, and the text outside phrases."""
    words = [is_word(char) for char in text]
    if not any(words):
        return 0.0, 0.0, ""
    inside = [False] * len(text)
    for match in find_all(text, *phrases, max_distance=settings.max_distance):
        inside[match.start : match.end] = [True] * (match.end - match.start)
    in_clause = inside.copy()
    first = 0
    for k in range(len(text) + 1):
        if k == len(text) or text[k] in _CLAUSE_ENDS:
            if any(inside[first:k]):
                in_clause[first:k] = [True] * (k - first)
            first = k + 1
    total = sum(words)
    rest = "".join("," if covered else char for char, covered in zip(text, inside, strict=True))
    return (
        sum(w and c for w, c in zip(words, inside, strict=True)) / total,
        sum(w and c for w, c in zip(words, in_clause, strict=True)) / total,
        rest,
    )
