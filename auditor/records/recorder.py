"""What is known of the machine that recorded the calls: the ``[recorder]`` table of the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RecorderProfile:
    """One recorder's habits. None: not known, and every call has to show it by itself.

    ``auditor doctor`` finds them in a folder of calls; a centre that knows them writes them by hand.

    Attributes:
        agent_channel: the leg that agents are on; ``mono``: both parties share one. A call record that
            names the leg outranks it, tones and words do not.
        starts: recordings start ``at_answer`` (then no tone in them is the ringing of the agent's phone,
            and the greeting's delay counts from 0 s) or ``before_answer``.
        busy_tone_heard_by: to whom the busy tone in a mono recording is played: ``agent`` means that the
            customer had hung up, ``customer`` the reverse.
        liveness: whether a leg that falls silent for good shows who hung up; false where the recorder (or
            what lies before it) gates, mutes, or closes one leg first whoever hung up.
        announcements: what the exchange says to callers, in the phrase grammar: nobody's words.
    """

    agent_channel: Literal["left", "right", "mono"] | None = None
    starts: Literal["at_answer", "before_answer"] | None = None
    busy_tone_heard_by: Literal["agent", "customer"] | None = None
    liveness: bool | None = None
    announcements: tuple[str, ...] = ()
