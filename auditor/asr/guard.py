"""The guard: which characters of a decoded text prove nothing, and why. It deletes nothing.

Whisper writes text where nobody speaks, repeats itself, and recites what its training data ended with.
A suspect word counts neither for nor against anybody, so marking too much costs reviews and marking too
little costs an agent a verdict.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from auditor.records import SuspectSpan
from auditor.text.numerals import count_syllables

_SPEECH = re.compile(r"[\w$%]")


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """Limits of the guard.

    Attributes:
        max_no_speech: above it nobody spoke [P: no_speech_threshold of whisper.transcribe, 0.6].
        min_log_probability: mean per token under it is a guess [P: logprob_threshold, -1.0].
        max_compression: text that zlib shrinks further repeats itself [P: compression_ratio_threshold, 2.4].
        repeats: a unit of 2..``longest_repeat`` characters said so often in a row [O].
        single_repeats: the same for one character (哈哈哈哈 and 对对对 are speech) [O].
        max_syllables_per_s: over a segment; fast Mandarin is 6.5/s [P: measurements.md, Pace], and nobody
            reaches 10 [O].
        min_syllables_per_s: over a segment of more than ``slow_after_s``; half of the slowest speech that is
            judged (160/min, measurements.md, Pace) means that text is missing: decoding stopped early [D].
        slow_after_s: shorter segments may be one drawn-out syllable [O].
        slack_s: added to the segment (or taken off), since voice activity is not exact [O].
        boilerplate: what Chinese Whisper writes on silence [P: openai/whisper discussions 928, 2015;
            SYSTRAN/faster-whisper#127]; ``.`` and the like are patterns.
    """

    max_no_speech: float = 0.6
    min_log_probability: float = -1.0
    max_compression: float = 2.4
    repeats: int = 4
    single_repeats: int = 7
    longest_repeat: int = 12
    max_syllables_per_s: float = 10.0
    min_syllables_per_s: float = 1.4
    slow_after_s: float = 1.5
    slack_s: float = 0.3
    boilerplate: tuple[str, ...] = (
        r"请不吝点赞.{0,40}",
        r"(?:订阅|转发|打赏).{0,6}支持明镜.{0,12}",
        r"明镜与点点(?:栏目)?",
        r"(?:中文)?字幕(?:由|提供|志愿者|by|组).{0,24}",
        r"(?:本)?字幕.{0,8}Amara(?:\.org)?.{0,12}",
        r"(?:感谢|谢谢)(?:大家)?(?:的)?(?:观看|收看).{0,12}",
        r"(?:请)?(?:记得)?(?:点赞|订阅).{0,8}(?:频道|铃铛|按钮)",
        r"优优独播剧场.{0,24}",
        r"以下是普通话的句子",
    )


def find_suspects(
    text: str,
    *,
    duration_s: float,
    mean_log_probability: float,
    no_speech_probability: float,
    settings: GuardSettings | None = None,
) -> tuple[SuspectSpan, ...]:
    """The suspect characters of one segment's text, in order of reason; spans may overlap.

    Args:
        text: as decoded.
        duration_s: length of the segment, seconds.
        mean_log_probability: mean over its tokens, nats.
        no_speech_probability: of the window it came from, 0..1.
        settings: the limits.
    """
    limits = settings or GuardSettings()
    if not text:
        return ()
    whole: list[SuspectSpan] = []
    if no_speech_probability > limits.max_no_speech:
        whole.append(SuspectSpan(0, len(text), "no_speech"))
    if mean_log_probability < limits.min_log_probability:
        whole.append(SuspectSpan(0, len(text), "low_confidence"))
    if not _is_possible(count_syllables(text), duration_s=duration_s, limits=limits):
        whole.append(SuspectSpan(0, len(text), "impossible_rate"))
    if is_loop(text):
        whole.append(SuspectSpan(0, len(text), "repetition"))
    return (*whole, *_boilerplate(text, limits), *_repetitions(text, limits))


def count_sounds(text: str) -> int:
    """Characters that are spoken: all but punctuation and spaces (a lower bound of the syllables)."""
    return len(_SPEECH.findall(text))


def compression_ratio(text: str) -> float:
    """Bytes over zlib-compressed bytes, as whisper.transcribe computes it; > 2.4 is a loop."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def is_loop(text: str) -> bool:
    """Whether the text repeats itself too much to have been spoken."""
    return compression_ratio(text) > GuardSettings().max_compression


def is_sound(text: str, *, mean_log_probability: float, no_speech_probability: float) -> bool:
    """Whether whisper.transcribe would accept a decoding without trying a higher temperature [P]."""
    limits = GuardSettings()
    likely = mean_log_probability >= limits.min_log_probability
    return no_speech_probability > limits.max_no_speech or (likely and not is_loop(text))


def _is_possible(syllables: int, *, duration_s: float, limits: GuardSettings) -> bool:
    """Whether so many syllables can fill a segment: neither a torrent nor nearly nothing."""
    if syllables > limits.max_syllables_per_s * (duration_s + limits.slack_s):
        return False
    least = limits.min_syllables_per_s * (duration_s - limits.slack_s)
    return duration_s <= limits.slow_after_s or syllables >= least


def _boilerplate(text: str, limits: GuardSettings) -> list[SuspectSpan]:
    return [
        SuspectSpan(hit.start(), hit.end(), "boilerplate")
        for pattern in limits.boilerplate
        for hit in re.finditer(pattern, text, flags=re.IGNORECASE)
    ]


def _repetitions(text: str, limits: GuardSettings) -> list[SuspectSpan]:
    unit = rf"(.{{2,{limits.longest_repeat}}}?)\1{{{limits.repeats - 1},}}"
    single = rf"([^\d\s])\1{{{limits.single_repeats - 1},}}"
    hits = [*re.finditer(unit, text), *re.finditer(single, text)]
    # Digits repeat in earnest: 88888888 is somebody's number, and one character is the other pattern's.
    return [
        SuspectSpan(hit.start(), hit.end(), "repetition")
        for hit in hits
        if not hit[1].isdigit() and (len(hit[1]) == 1 or len(set(hit[1])) > 1)
    ]
