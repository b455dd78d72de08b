"""The agent waits for the customer to hang up (P3.6a).

Needs
    One of, in this order: the release party of the call record; a busy tone after the last words (on the
    customer's leg the agent hears it, so the customer released; on the agent's leg the reverse; in mono
    only where the settings' ``recorder`` says who hears it); a leg that falls for good to idle while the
    other stays live for ``live_s``, unless ``recorder`` says that this shows nothing here. The finding
    names every piece (`auditor.kinds.release_evidence`).

Passes
    The customer released first.

    ::

        客服 谢谢您,再见。  客户 再见。(客户挂机)

Fails
    The agent released first. By liveness alone only where ``recorder`` vouches for it and his leg was never
    idle for ``idle_s`` before: an agent who mutes and waits for the customer to hang up sounds the same.

    ::

        客服 再见。(客服挂机)  客户 哎,我还有……

Silent when
    The call went to a survey or a colleague, the system released, both legs end within ``together_s`` of
    each other, the files of a pair differ in length, there is nothing but mono, or speech runs into the
    end of the file (not_applicable: no listener could tell either). needs_review: whose leg it was is not
    certain, by liveness alone, after 请挂机 and ``hang_up_wait_s`` of silence, on a dead line, with idle
    stretches before, or on a call the agent made; after ``max_wait_s`` of waiting when a centre sets it.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.params import PhraseSets
from auditor.kinds.release_evidence import RECORDED_TONE, Release, pieces, release_by_sound
from auditor.kinds.scripts import direction_of
from auditor.records import Evidence, Outcome, Span, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_any


class Params(BaseModel):
    """Limits and wordings of the release.

    Attributes:
        together_s: legs ending this close to each other tell nothing.
        live_s: how much longer the other leg must stay live.
        idle_s: an earlier idle stretch this long explains a leg that falls idle.
        hang_up_wait_s: silence after ``hang_up_requests`` from which on hanging up is open to review.
        max_wait_s: silence after the last words beyond which the agent may hang up; empty: never.
        surveys: announcements that hand the caller to a survey.
        transfers: wordings that hand the caller to a colleague.
        hang_up_requests: wordings that ask the customer to hang up.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    together_s: float = Field(ge=0)
    live_s: float = Field(ge=0)
    idle_s: float = Field(ge=0)
    hang_up_wait_s: float = Field(ge=0)
    max_wait_s: float | None = None
    surveys: PhraseSets
    transfers: PhraseSets
    hang_up_requests: PhraseSets


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the customer hung up first."""
    handed = _handed_over(evidence, params=params, book=book)
    if handed:
        return Outcome("not_applicable", "handed_over", handed)
    if evidence.call_record.release_party == "system":
        return Outcome("not_applicable", "system_released", "话单:由系统挂断")
    release = _release(evidence, params=params)
    if isinstance(release, Outcome):
        return release
    wait_s = _wait_s(evidence, release=release)
    measured = {} if wait_s is None else {"wait_after_farewell_s": round(wait_s, 2)}
    at = () if release.at_s is None else (Span(release.at_s, release.at_s),)
    when = "" if release.at_s is None else f"{clock(release.at_s)} "
    basis = pieces(evidence)
    if not release.by_agent:
        reason = f"{when}客户先挂机({release.source})。{basis}"
        return Outcome(
            "pass", "customer_first", reason, at=at, measured=measured, confidence=release.confidence
        )
    shown = f"{when}客服先挂机({release.source})"
    doubt = _doubt(evidence, release=release, wait_s=wait_s, params=params, book=book)
    if doubt:
        code, why = doubt
        reason = f"{shown},但{why}。{basis}"
        return Outcome("needs_review", code, reason, at=at, measured=measured, confidence=0.5)
    reason = f"{shown},应等客户先挂。{basis}"
    return Outcome("fail", "agent_first", reason, at=at, measured=measured, confidence=release.confidence)


def _handed_over(evidence: Evidence, *, params: Params, book: Rulebook) -> str | None:
    record = evidence.call_record
    if record.survey_offered:
        return "话单:转满意度评价,由客服释放是正常的"
    if record.transferred_to:
        return "话单:通话已转接,由客服释放是正常的"
    last = evidence.turns[-3:]
    if _says(last, book.words(*params.surveys), book=book):
        return "通话转入满意度评价,由客服释放是正常的"
    agent = evidence.turns_of("agent")[-1:]
    if _says(agent, book.words(*params.transfers), book=book):
        return "通话已转接,由客服释放是正常的"
    return None


def _says(turns: tuple[Turn, ...], phrases: tuple[str, ...], *, book: Rulebook) -> bool:
    return any(find_any(t.text, phrases, max_distance=book.settings.phrase_distance) for t in turns)


def _release(evidence: Evidence, *, params: Params) -> Release | Outcome:
    """Who released first by the strongest evidence there is, or why nobody can tell."""
    party = evidence.call_record.release_party
    by_sound = release_by_sound(
        evidence, together_s=params.together_s, live_s=params.live_s, idle_s=params.idle_s
    )
    if party in ("agent", "customer"):
        heard = by_sound if isinstance(by_sound, Release) else None
        doubt = "录音里客户声道先断,请核对话单" if heard and party == "agent" and not heard.by_agent else None
        return Release(party == "agent", "话单", heard.at_s if heard else None, 0.97, doubt)
    return by_sound


def _wait_s(evidence: Evidence, *, release: Release) -> float | None:
    """Silence between the last words and the release; None when its time is unknown."""
    if release.at_s is None:
        return None
    spoken = [t.end_s for t in evidence.turns if t.role != "system" and t.end_s <= release.at_s]
    return release.at_s - max(spoken) if spoken else None


def _doubt(
    evidence: Evidence, *, release: Release, wait_s: float | None, params: Params, book: Rulebook
) -> tuple[str, str] | None:
    """Why the agent's release is open to review; None: it is a fault."""
    direction, certain = direction_of(evidence, book=book)
    asked = _says(evidence.turns_of("agent")[-2:], book.words(*params.hang_up_requests), book=book)
    waited_s = wait_s or 0.0
    long_asked = asked and (wait_s is None or waited_s >= params.hang_up_wait_s)
    too_long = params.max_wait_s is not None and waited_s > params.max_wait_s
    # The record names the party; sound names a leg, and whose leg that is must be known.
    whose_leg = (
        release.source in ("话单", RECORDED_TONE)
        or evidence.roles.confidence >= book.settings.role_confidence
    )
    checks = (
        (not whose_leg, "roles_uncertain", "不能确定哪一路是客服,请听录音确认"),
        (direction == "outbound", "outbound", "呼出通话课件没有要求等客户先挂,请按本中心口径确认"),
        (not certain, "direction_unknown", "话单没有写明呼入还是呼出,请确认"),
        (long_asked, "asked_to_hang_up", "之前已请客户挂机并等候,请听录音确认"),
        (too_long, "waited", f"说完后已等候 {waited_s:.0f} 秒,请按本中心口径确认"),
        (not evidence.turns_of("customer"), "dead_line", "客户一直没有声音,可能是空线,请听录音确认"),
        (bool(release.doubt), "weak_evidence", release.doubt or ""),
    )
    return next(((code, why) for applies, code, why in checks if applies), None)
