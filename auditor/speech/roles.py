"""Who is the agent: flag > call record > recorder profile > tones > what is said.

Each with a confidence and a reason.

Which leg is the agent's is not universal (some recorders put the caller left, some flip with the
direction), so nothing is assumed. A wrong answer turns every verdict round: a call record that the
words contradict is doubted, and thin or torn evidence gives "nobody can tell".

Confidence is an estimated probability. Of what is said it is logistic:
``p = 1 / (1 + exp(-|sum of weights on one leg - sum on the other|))``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from auditor.errors import UsageError
from auditor.records import (
    CallRecord,
    Event,
    Layout,
    RecorderProfile,
    Roles,
    Segment,
    Transcript,
    Utterance,
)
from auditor.speech.role_words import DEFAULTS, RoleSettings, score_legs

_LEGS = {"left": 0, "right": 1}
_NAMES = {0: "left", 1: "right"}
_Told = Literal["flag", "record", "recorder"]
_UNKNOWN = RecorderProfile()
_CHANNELS: dict[Layout, int] = {"mono": 1, "duplicated": 1, "two_legs": 2, "pair": 2}


def assign_roles(
    utterances: Sequence[Utterance],
    *,
    layout: Layout,
    flag: str | None,
    record: CallRecord,
    events: Sequence[Event],
    recorder: RecorderProfile = _UNKNOWN,
    silent_leg: bool = False,
    settings: RoleSettings = DEFAULTS,
) -> Roles:
    """Which leg is the agent's.

    Args:
        utterances: What was heard on all legs; empty when nothing was.
        layout: How the recording is laid out.
        flag: ``--agent-channel``: left, right, mono, auto or None.
        record: The call record.
        events: Ringback and busy tones with their legs.
        recorder: What is known of the recorder.
        silent_leg: One leg is silent from beginning to end: the other may carry both parties, so only
            flag or call record can say whose it is.
        settings: Weights and limits.

    Raises:
        UsageError: The flag names a channel that the recording does not have.
    """
    log_odds = score_legs(utterances, settings=settings) if _CHANNELS[layout] == 2 else 0.0
    roles = _decide(
        log_odds,
        said="what is said",
        layout=layout,
        flag=flag,
        record=record,
        events=events,
        recorder=recorder,
        settings=settings,
    )
    if silent_leg and roles.source in {"recorder", "speech", "tones"}:
        return Roles(None, 0.0, "none", "one leg is silent: the other may carry both parties")
    return roles


def roles_from_transcript(
    transcript: Transcript,
    *,
    segments: Sequence[Segment],
    layout: Layout,
    flag: str | None,
    record: CallRecord,
    events: Sequence[Event],
    recorder: RecorderProfile = _UNKNOWN,
    settings: RoleSettings = DEFAULTS,
) -> Roles:
    """Which leg is the agent's, by which leg is active under whose turns of a transcript.

    The log-odds grow with the share of speech that fits:
    ``(fits - contradicts) / (fits + contradicts) * transcript_weight``, where a second fits leg 0 as
    the agent's when leg 0 speaks in an agent's turn or leg 1 in a customer's.

    Args:
        transcript: Turns with roles and times.
        segments: Voice activity of all legs.
        layout: How the recording is laid out.
        flag: ``--agent-channel``: left, right, mono, auto or None.
        record: The call record.
        events: Ringback and busy tones with their legs.
        recorder: What is known of the recorder.
        settings: Weights and limits.

    Raises:
        UsageError: The flag names a channel that the recording does not have.
    """
    fits = contradicts = 0.0
    ordered = sorted(segments, key=lambda s: s.start_s)
    for turn in transcript.turns:
        if turn.role not in {"agent", "customer"}:
            continue
        for segment in ordered:
            if segment.start_s >= turn.end_s:
                break
            shared_s = max(0.0, min(segment.end_s, turn.end_s) - max(segment.start_s, turn.start_s))
            if (segment.channel == 0) == (turn.role == "agent"):
                fits += shared_s
            else:
                contradicts += shared_s
    total = fits + contradicts
    balance = (fits - contradicts) / total if total > 0 and _CHANNELS[layout] == 2 else 0.0
    return _decide(
        balance * settings.transcript_weight,
        said="the transcript's turns",
        layout=layout,
        flag=flag,
        record=record,
        events=events,
        recorder=recorder,
        settings=settings,
    )


def _decide(
    log_odds: float,
    *,
    said: str,
    layout: Layout,
    flag: str | None,
    record: CallRecord,
    events: Sequence[Event],
    recorder: RecorderProfile,
    settings: RoleSettings,
) -> Roles:
    """The strongest source that says anything; ``log_odds`` > 0 says leg 0 is the agent's."""
    check_flag(flag, layout=layout)
    told = _told(flag, layout=layout, record=record, recorder=recorder)
    if told is None:
        return _by_sound(log_odds, said=said, record=record, events=events, settings=settings)
    if told.agent_channel is not None:
        return _checked(told, log_odds, said=said, settings=settings)
    return told


def check_flag(flag: str | None, *, layout: Layout) -> None:
    """Raises UsageError for a flag that is no channel, or none of this recording's."""
    if flag not in {"left", "right", "mono", "auto", None}:
        raise UsageError(f"--agent-channel {flag} is not one of left, right, mono, auto; give one of these.")
    if layout == "mono" and flag in _LEGS:
        raise UsageError(
            f"--agent-channel {flag} names a channel that the recording does not have (it is mono);"
            " leave the flag out, or give the recording with both channels."
        )


def _told(flag: str | None, *, layout: Layout, record: CallRecord, recorder: RecorderProfile) -> Roles | None:
    """What flag, layout, call record and recorder profile say; None when they leave it open."""
    if _CHANNELS[layout] == 1 and flag != "mono":
        what = "both legs carry the same audio" if layout == "duplicated" else "the recording is mono"
        return Roles(None, 0.0, "none", f"{what}: the parties cannot be told apart by channel")
    # A pair has no left and right for a recorder to keep to.
    profile = None if layout == "pair" else recorder.agent_channel
    sources: tuple[tuple[_Told, str | None, str], ...] = (
        ("flag", flag, f"--agent-channel {flag}"),
        ("record", record.agent_channel, f"the call record says {record.agent_channel}"),
        ("recorder", profile, f"the settings' recorder says {profile}"),
    )
    for source, word, what in sources:
        if word in _LEGS:
            return Roles(_LEGS[word], 1.0, source, what)
        if word == "mono":
            return Roles(None, 0.0, source, f"{what}: both parties are on one channel")
    if layout == "pair":
        return Roles(0, 1.0, "flag", "two files: the first is the agent's, the second the customer's")
    return None


def _checked(told: Roles, log_odds: float, *, said: str, settings: RoleSettings) -> Roles:
    """What flag, call record or profile says, doubted when what is said speaks strongly against it."""
    against = probability(-log_odds if told.agent_channel == 0 else log_odds)
    if against < settings.contradiction:
        trust = {"record": settings.record_confidence, "recorder": settings.recorder_confidence}
        return replace(told, confidence=trust.get(told.source, told.confidence))
    reason = f"{told.reason}, but {said} is the other way round: check the recorder's channel setting"
    return replace(told, confidence=settings.doubted_confidence, reason=reason)


def _by_sound(
    log_odds: float, *, said: str, record: CallRecord, events: Sequence[Event], settings: RoleSettings
) -> Roles:
    """Tones and what is said together, else nobody.

    Tones lead: they count ``logit(tone_confidence)``. But which leg a recorder puts them on is its own
    custom, so overwhelming words outvote them, and a near tie is nobody's.
    """
    by_tones, what = _by_tones(record, events=events)
    if by_tones is not None:
        logit = math.log(settings.tone_confidence / (1 - settings.tone_confidence))
        log_odds += logit if by_tones == 0 else -logit
    agent = 0 if log_odds > 0 else 1
    confidence = round(probability(abs(log_odds)), 3)
    if confidence < settings.least_confidence:
        if by_tones is not None:
            reason = f"{what}, but {said} is the other way round: nobody can tell who is the agent"
        else:
            reason = f"neither tones nor {said} show who is the agent"
        return Roles(None, 0.0, "none", reason)
    if agent == by_tones:
        return Roles(agent, confidence, "tones", what)
    against = f", against {what}" if by_tones is not None else ""
    reason = f"{said}: the {_NAMES[agent]} channel speaks as agents do{against}"
    return Roles(agent, confidence, "speech", reason)


def _by_tones(record: CallRecord, *, events: Sequence[Event]) -> tuple[int | None, str]:
    """The agent's leg by tones: a leg holds what that party's side sends to the other.

    Ringback is sent to the caller by the side that is called: on the agent's leg when the customer
    called, on the customer's when the agent did. A busy tone is sent in place of whoever released.
    Tones on both legs are the recorder's mixture and say nothing.
    """
    ringing = {event.channel for event in events if event.kind == "ringback" and event.channel in {0, 1}}
    if len(ringing) == 1 and record.direction is not None:
        (leg,) = ringing
        assert leg is not None
        agent = leg if record.direction == "inbound" else 1 - leg
        return agent, f"ringback on the {_NAMES[leg]} channel of an {record.direction} call"
    busy = {e.channel for e in events if e.kind in {"busy", "congestion"} and e.channel in {0, 1}}
    if len(busy) == 1 and record.release_party in {"agent", "customer"}:
        (leg,) = busy
        assert leg is not None
        agent = leg if record.release_party == "agent" else 1 - leg
        return agent, f"busy tone on the {_NAMES[leg]} channel after the {record.release_party}'s release"
    return None, ""


def probability(log_odds: float) -> float:
    """Logistic, safe for large arguments."""
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, log_odds))))
