"""What agents say and what customers say, as evidence for who is who.

Phrases are found by sound, so that recognition errors do not hide them. Each phrase counts once per
leg: a customer who quotes the agent, or an agent who repeats himself, does not tip the scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from auditor.records import Utterance
from auditor.text.match import find_phrase

# Weights are log-odds: how much more often agents say it than customers. [O], own judgement; to be
# replaced by counts when labelled calls exist.
_AGENT: Mapping[str, float] = MappingProxyType(
    {
        "您好中国移动": 3.0,
        "欢迎致电": 2.5,
        "感谢您的来电": 2.5,
        "感谢您的耐心等待": 2.0,
        "让您久等了": 2.0,
        "为您服务": 2.0,
        "为您做些什么": 2.5,
        "可以帮您": 2.0,
        "帮助您的": 1.5,
        "为您查询": 2.0,
        "为您办理": 1.5,
        "帮您转接": 2.0,
        "请稍等": 1.0,
        "请您稍等": 1.5,
        "请问您": 1.5,
        "请问": 0.5,
        "您的手机号码": 1.0,
        "还有其他问题吗": 2.0,
        "请您谅解": 1.5,
        "请挂机": 2.0,
        "工号": 1.0,
        "移动公司": 0.5,
        "您好": 0.3,
        "您": 0.3,
    }
)
_CUSTOMER: Mapping[str, float] = MappingProxyType(
    {
        "我的手机": 1.5,
        "我的话费": 1.5,
        "我的号码": 1.0,
        "我的套餐": 1.5,
        "我想问": 1.5,
        "我想查": 1.5,
        "我想办": 1.5,
        "我要投诉": 2.0,
        "我要办": 1.0,
        "帮我": 1.5,
        "给我": 0.7,
        "怎么回事": 1.5,
        "你们": 1.0,
        "多少钱": 0.7,
        "为什么": 0.5,
        "扣了": 1.0,
        "能不能": 0.5,
        "我这个": 0.7,
    }
)


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """Weights and limits of role finding. All [O].

    Attributes:
        agent: Phrase to weight: what agents say.
        customer: Phrase to weight: what customers say.
        max_distance: How far what was heard may sound from a phrase, per syllable; phrases of up to
            two syllables must sound the same.
        most_utterances: Utterances per leg that are looked at, from the start: roles show early.
        least_confidence: Below this tones and words together decide nothing.
        record_confidence: Trust in a call record (exports get mixed up now and then).
        recorder_confidence: Trust in a recorder profile, which was right for the calls that it was made of.
        doubted_confidence: Trust in either when what is said contradicts it.
        tone_confidence: Trust in tones alone.
        contradiction: Probability from which what is said contradicts a call record.
        transcript_weight: Log-odds when every second of speech fits a transcript's roles.
    """

    agent: Mapping[str, float] = field(default_factory=lambda: _AGENT)
    customer: Mapping[str, float] = field(default_factory=lambda: _CUSTOMER)
    max_distance: float = 0.15
    most_utterances: int = 60
    least_confidence: float = 0.75
    record_confidence: float = 0.99
    recorder_confidence: float = 0.97
    doubted_confidence: float = 0.5
    tone_confidence: float = 0.85
    contradiction: float = 0.95
    transcript_weight: float = 6.0


DEFAULTS = RoleSettings()


def score_legs(utterances: Sequence[Utterance], *, settings: RoleSettings = DEFAULTS) -> float:
    """Log-odds that leg 0 is the agent's, by what is said on legs 0 and 1; 0 when nothing is.

    Args:
        utterances: What was heard on all legs. Suspect characters are left out: what nobody said
            shows nobody's role.
        settings: Phrases and weights.
    """
    first, second = ([u for u in utterances if u.segment.channel == leg] for leg in (0, 1))
    return _speaks_as_agent(first, settings=settings) - _speaks_as_agent(second, settings=settings)


def score_voices(utterances: Sequence[Utterance], *, settings: RoleSettings = DEFAULTS) -> float:
    """Log-odds that voice 0 of a leg with both parties is the agent's; 0 when nothing is."""
    first, second = ([u for u in utterances if u.segment.voice == voice] for voice in (0, 1))
    return _speaks_as_agent(first, settings=settings) - _speaks_as_agent(second, settings=settings)


def _speaks_as_agent(utterances: Sequence[Utterance], *, settings: RoleSettings) -> float:
    """Log-odds that a party is an agent rather than a customer, each phrase counted once."""
    texts = [_sound_text(u) for u in sorted(utterances, key=lambda u: u.segment.start_s)]
    texts = [text for text in texts if text][: settings.most_utterances]
    return sum(
        sign * weight
        for phrases, sign in ((settings.agent, 1), (settings.customer, -1))
        for phrase, weight in phrases.items()
        if any(
            find_phrase(text, phrase, max_distance=settings.max_distance if len(phrase) > 2 else 0.0)
            for text in texts
        )
    )


def _sound_text(utterance: Utterance) -> str:
    """The text without its suspect characters."""
    suspect = {k for span in utterance.suspect_spans for k in range(span.start, span.end)}
    return "".join(char for k, char in enumerate(utterance.text) if k not in suspect).strip()
