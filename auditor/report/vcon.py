"""An audit as a vCon, the IETF's container for conversations: draft-ietf-vcon-vcon-core-03 (July 2026).

What the draft leaves open, or asks for what an audit does not have:

* The recording is referred to by its file's name and hash, never embedded. ``url`` would have to be HTTPS,
  where the store knows files; it is there only when the path is such an address.
* ``content_hash`` is SHA-256, which the store has; SHA-512 would mean reading all recordings again.
* ``uuid`` is of version 8 (RFC 9562 leaves its bits to us): a hash of the call, its scorecard's rulebook and
  model, so that the same audit is the same vCon whenever it is exported.
* ``start`` of a dialog is required: a call whose start nobody knows makes no vCon.
* Keys that were pressed are in no audit, so no ``party_history`` has them.

One analysis object a call: the audit itself, as audit.schema.json describes it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import uuid
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from auditor.report.audit_json import FORMAT, to_json
from auditor.report.masked import with_tokens
from auditor.report.reviewed import NOT_REVIEWED
from auditor.text.masked import has_masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from auditor.records import CallAudit
    from auditor.report.audit_json import Json
    from auditor.report.reviewed import Reviewed

DRAFT = "draft-ietf-vcon-vcon-core-03"
VERSION = "0.4.0"  # what the draft wants its syntax to be called
_VENDOR = "phone-etiquette-auditor"
# The names that the draft recommends; others as the system knows them.
_MEDIA_TYPES = {
    ".wav": "audio/x-wav",
    ".mp3": "audio/x-mp3",
    ".m4a": "audio/x-mp4",
    ".mp4": "audio/x-mp4",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
    ".amr": "audio/AMR",
}
_CUSTOMER = 0
_AGENT = 1


def vcons(audits: Iterable[tuple[CallAudit, Reviewed]]) -> Iterator[str]:
    """One vCon a line; calls whose start nobody knows are left out."""
    now = datetime.now(UTC)
    for audit, reviewed in audits:
        if audit.evidence.call_record.started_at is not None:
            data = to_vcon(audit, reviewed=reviewed, created_at=now)
            yield json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def to_vcon(audit: CallAudit, *, created_at: datetime, reviewed: Reviewed = NOT_REVIEWED) -> Json:
    """The unsigned form of a vCon.

    Args:
        audit: of a call whose start is known.
        created_at: when the vCon is made.
        reviewed: what people decided since.

    Raises:
        ValueError: the call has no start.
    """
    evidence = audit.evidence
    if evidence.call_record.started_at is None:
        raise ValueError(f"{audit.call_id}: a vCon has to say when the call began")
    masked = bool(evidence.masked_numbers) or any(has_masked(turn.text) for turn in evidence.turns)
    shown = with_tokens(audit)
    dialog = _dialog(shown)
    made = audit.provenance
    return {
        "vcon": VERSION,
        "uuid": _uuid(audit),
        "created_at": _time(created_at),
        **({"redacted": {"type": "numbers masked"}} if masked else {}),
        "parties": _parties(shown),
        "dialog": dialog,
        "analysis": [
            {
                "type": "report",
                "dialog": list(range(len(dialog))),
                "mediatype": "application/json",
                "vendor": _VENDOR,
                "product": f"{_VENDOR} {made.auditor}",
                "schema": f"audit.schema.json, format {FORMAT}",
                "encoding": "json",
                "body": to_json(audit, reviewed=reviewed),
            }
        ],
    }


def _parties(audit: CallAudit) -> list[Json]:
    """The customer, then the agents in the order in which they held the line."""
    record = audit.evidence.call_record
    number = record.customer_number
    known = number is not None and "〈" not in number and "*" not in number
    customer: Json = {"tel": number} if known else {"name": "anonymous"}
    parties = [{"type": "person", **customer}]
    for agent_id in _agents(audit):
        agent: Json = {"type": "person"}
        if agent_id is not None:
            own = agent_id == record.agent_id
            agent["name"] = record.agent_name if own and record.agent_name else agent_id
            agent["validation"] = "call record"
            agent["uuid"] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{_VENDOR}/agent/{agent_id}"))
            if own and record.team:
                agent["dept"] = record.team
        parties.append(agent)
    return parties


def _agents(audit: CallAudit) -> tuple[str | None, ...]:
    record = audit.evidence.call_record
    spells = sorted(record.agents, key=lambda spell: spell.from_s)
    return tuple(dict.fromkeys(spell.agent_id for spell in spells)) or (record.agent_id,)


def _dialog(audit: CallAudit) -> list[Json]:
    """One recording, or the two files of a pair."""
    evidence = audit.evidence
    recording, record = evidence.recording, evidence.call_record
    assert record.started_at is not None
    agents = [_AGENT + number for number in range(len(_agents(audit)))]
    pair = recording.layout == "pair"
    callers = {"inbound": _CUSTOMER, "outbound": agents[0]}
    found: list[Json] = []
    for leg, (path, sha256) in enumerate(zip(recording.paths, recording.sha256, strict=True)):
        spoken: object = agents if pair and leg == 0 else [_CUSTOMER] if pair else _legs(audit, agents=agents)
        originator = callers.get(record.direction or "")
        found.append(
            {
                "type": "recording",
                "start": _time(record.started_at),
                "duration": round(recording.duration_s, 3),
                "parties": spoken,
                **({} if originator is None or _first(spoken) == originator else {"originator": originator}),
                "mediatype": _media_type(path),
                "filename": PurePath(path).name,
                **({"url": path} if urlsplit(path).scheme == "https" else {}),
                "content_hash": f"sha256-{_base64url(bytes.fromhex(sha256))}",
            }
        )
    return found


def _legs(audit: CallAudit, *, agents: list[int]) -> list[object]:
    """Who is on which channel; where nobody can tell, everybody is on each."""
    evidence = audit.evidence
    recording = evidence.recording
    everybody = [_CUSTOMER, *agents]
    if recording.channels == 1:
        return list(everybody)
    side = evidence.roles.agent_channel
    legs: list[object] = [list(everybody), list(everybody)]
    if recording.layout == "two_legs" and side in (0, 1):
        legs[side] = agents[0] if len(agents) == 1 else list(agents)
        legs[1 - side] = _CUSTOMER
    return legs + [None] * (recording.channels - len(legs))


def _first(spoken: object) -> object:
    while isinstance(spoken, list):
        spoken = spoken[0]
    return spoken


def _media_type(path: str) -> str:
    suffix = PurePath(path).suffix.lower()
    return _MEDIA_TYPES.get(suffix) or mimetypes.guess_type(f"_{suffix}")[0] or "application/octet-stream"


def _uuid(audit: CallAudit) -> str:
    made, recording = audit.provenance, audit.evidence.recording
    what = [audit.call_id, *recording.sha256, made.rulebook_sha256, made.model_sha256, made.measuring_sha256]
    digest = bytearray(hashlib.sha256(json.dumps(what).encode("ascii")).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80  # version 8
    digest[8] = digest[8] & 0x3F | 0x80  # variant of RFC 9562
    return str(uuid.UUID(bytes=bytes(digest)))


def _time(moment: datetime) -> str:
    """RFC 3339."""
    return moment.isoformat(timespec="milliseconds")


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")
