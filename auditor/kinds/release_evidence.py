"""What a recording shows of who hung up, strongest first, and all of it in words (P3.6a).

A channel holds what that party's side sends, so a tone on the customer's channel is heard by the agent.

Limits of liveness: a leg that falls idle for good was released or muted, and nothing in it says which. So
    * the agent's own leg falling first is a doubt, never a proof, unless the centre's recorder profile says
      that legs show releases (``liveness``): muting while the customer hangs up is good service;
    * the customer's leg falling first is taken for his release, since customers seldom mute at the end; not
      where the recording runs on for ``live_s`` after both legs are idle: then somebody was still connected,
      and the first silence may have been a mute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.records import Outcome
from auditor.text.clock import clock

if TYPE_CHECKING:
    from auditor.records import Event, Evidence, Party

RECORDED_TONE = "忙音,按录音系统设置由其听到的一方"
_PARTIES = {"agent": "客服", "customer": "客户", "system": "系统", "unknown": "不明"}


@dataclass(frozen=True, slots=True)
class Release:
    """Who released first, what says so, when, and how sure that is."""

    by_agent: bool
    source: str
    at_s: float | None
    confidence: float
    doubt: str | None = None


def release_by_sound(
    evidence: Evidence, *, together_s: float, live_s: float, idle_s: float
) -> Release | Outcome:
    """Who released first by the strongest sound there is, or why nobody can tell.

    Args:
        evidence: the call.
        together_s: legs ending this close to each other tell nothing.
        live_s: how much longer the other leg must stay live.
        idle_s: an earlier idle stretch this long explains a leg that falls idle.
    """
    one_leg = evidence.recording.layout not in ("two_legs", "pair")
    hears = evidence.recorder.busy_tone_heard_by
    if (one_leg and hears is None) or (not one_leg and evidence.roles.agent_channel is None):
        return Outcome("not_applicable", "no_data", "录音分不出双方声道,听不出谁先挂机")
    if not any(turn.role != "system" for turn in evidence.turns):
        return Outcome("not_applicable", "no_data", "录音里没有人说话")
    busy = _busy_at_the_end(evidence)
    if one_leg:
        if not busy:
            return Outcome("not_applicable", "no_data", "录音分不出双方声道,也没有忙音,听不出谁先挂机")
        return Release(hears == "customer", RECORDED_TONE, busy[0].start_s, 0.85)
    channels = {event.channel for event in busy}
    if len(channels) == 1 and None not in channels:
        by_agent = channels == {evidence.roles.agent_channel}
        return Release(by_agent, "忙音", busy[0].start_s, 0.9)
    return _by_liveness(evidence, together_s=together_s, live_s=live_s, idle_s=idle_s)


def pieces(evidence: Evidence) -> str:
    """Every piece of evidence in a sentence, what is missing included."""
    party = evidence.call_record.release_party
    said = f"话单写{_PARTIES[party]}挂机" if party else "话单没有写谁挂机"
    return f"依据:{said};{_tone_in_words(evidence)};{_legs_in_words(evidence)}"


def _tone_in_words(evidence: Evidence) -> str:
    busy = _busy_at_the_end(evidence)
    if not busy:
        return "没有忙音"
    agent = evidence.roles.agent_channel
    sides = sorted({"客服" if e.channel == agent else "客户" for e in busy}) if agent is not None else []
    return f"{clock(busy[0].start_s)} 起有忙音" + (f"({'、'.join(sides)}声道)" if sides else "")


def _legs_in_words(evidence: Evidence) -> str:
    ends: list[str] = []
    parties: tuple[Party, ...] = ("agent", "customer")
    for party in parties:
        until_s = evidence.measurement(party, "live_until_s").value
        if until_s is None:
            return "声道何时断开测不出"
        lasts = evidence.recording.duration_s - until_s < 0.1
        ends.append(f"{_PARTIES[party]}声道" + ("到录音结束" if lasts else f" {clock(until_s)} 断"))
    return "、".join(ends)


def _busy_at_the_end(evidence: Evidence) -> list[Event]:
    """Busy and congestion tone after the last words on its own leg, once somebody has spoken."""
    turns = [turn for turn in evidence.turns if turn.role != "system"]
    first_s = min((turn.start_s for turn in turns), default=0.0)
    found: list[Event] = []
    for event in evidence.events:
        if event.kind not in ("busy", "congestion"):
            continue
        own = [turn.end_s for turn in turns if event.channel in (None, turn.channel)]
        if event.start_s >= max(own, default=first_s):
            found.append(event)
    return found


def _by_liveness(evidence: Evidence, *, together_s: float, live_s: float, idle_s: float) -> Release | Outcome:
    agent = evidence.measurement("agent", "live_until_s").value
    customer = evidence.measurement("customer", "live_until_s").value
    if agent is None or customer is None:
        return Outcome("not_applicable", "no_data", "测不出双方声道何时断开")
    lead_s = abs(agent - customer)
    by_agent = agent < customer
    longest_s = evidence.measurement("agent" if by_agent else "customer", "longest_earlier_idle_s").value
    gated = longest_s is None or longest_s >= idle_s
    vouched = evidence.recorder.liveness
    runs_on_s = evidence.recording.duration_s - max(agent, customer)
    checks = (
        (
            "padded_leg" in evidence.recording.warnings,
            "双方录音文件长短不一,对不上结束时间,听不出谁先挂机",
        ),
        (vouched is False, "录音系统的声道断开不说明谁先挂机(见设置 recorder)"),
        (lead_s <= together_s, "双方声道同时结束,听不出谁先挂机"),
        ("ends_mid_speech" in evidence.recording.warnings, "录音在说话当中结束,没有录到挂机"),
        (lead_s < live_s, f"双方声道结束只差 {lead_s:.1f} 秒,听不出谁先挂机"),
        (gated and not by_agent, "客户声道时断时续(静音或静噪),听不出谁先挂机"),
        (
            not by_agent and not vouched and runs_on_s >= live_s,
            f"双方声道先后没有声音后,录音又持续了 {runs_on_s:.1f} 秒,先静的一方可能只是静音",
        ),
    )
    unknown = next((why for applies, why in checks if applies), None)
    if unknown:
        return Outcome("not_applicable", "no_data", unknown)
    at_s = min(agent, customer)
    if by_agent and gated:
        return Release(True, "声道先断", at_s, 0.5, "该声道之前也出现过静默(静音或静噪),请听录音确认")
    if by_agent and not vouched:
        return Release(True, "声道先断", at_s, 0.5, "按下静音等客户挂机也是这样,请听录音或查话单确认")
    return Release(by_agent, "声道先断", at_s, 0.9)
