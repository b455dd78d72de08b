"""Which of two voices on one leg is the agent's: by what each of them says.

Confidence is the probability by words (`auditor.speech.roles`) times that of a right voice
(`auditor.speech.diarize.Diarization.probability`): two things have to be right at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from auditor.records import Roles, Utterance
from auditor.speech.diarize import Diarization
from auditor.speech.role_words import DEFAULTS, RoleSettings, score_voices
from auditor.speech.roles import probability


def roles_of_voices(
    utterances: Sequence[Utterance], *, diarization: Diarization, settings: RoleSettings = DEFAULTS
) -> Roles:
    """Who is the agent on a leg that carries both parties.

    Args:
        utterances: what was heard, system voices left out; each segment has its voice.
        diarization: how the voices were told apart.
        settings: weights and limits.
    """
    if not diarization.told_apart:
        return Roles(
            None,
            0.0,
            "none",
            f"both parties are on one channel and {diarization.embedder} does not tell two voices apart"
            f" (separation {diarization.separation:.1f})",
        )
    log_odds = score_voices(utterances, settings=settings)
    by_words = probability(abs(log_odds))
    if by_words < settings.least_confidence:
        return Roles(None, 0.0, "none", "what the two voices say does not show who is the agent")
    agent = 0 if log_odds > 0 else 1
    confidence = round(by_words * diarization.probability, 3)
    reason = (
        f"what is said: one of two voices speaks as agents do ({diarization.embedder},"
        f" separation {diarization.separation:.1f})"
    )
    return Roles(None, confidence, "voice", reason, agent_voice=agent)
