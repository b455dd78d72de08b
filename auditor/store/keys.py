"""Who a call is, what was heard of it, and what was made of that: three SHA-256 in hexadecimal.

::

    identity   = call_id, else path(s) + audio SHA-256(s)
    record     = the call record, its telephone numbers by their first digits and a check
    evidence   = audio SHA-256(s) + channel map + transcript + model + options + recorder
                 + measuring + evidence_version
    scorecard  = identity + evidence + call record + rulebook

So a rerun finds everything, a corrected agent id is judged again without a second of audio, a corrected
channel is heard again, and a new rulebook adds scorecards beside the old ones. The rulebook is not in the
evidence: what it newly wants probed is for review until the call is heard again. All keys are made from what
was given, never from what is masked: `address_of` keeps that beside a masked audit.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from auditor.records import EVIDENCE_VERSION, CallRecord, RecorderProfile, Transcript
from auditor.text.telephones import RUN, check_of, mobile_numbers, numbers_in, readable_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_RECORDS = TypeAdapter(CallRecord)
_TRANSCRIPTS = TypeAdapter(Transcript)


@dataclass(frozen=True, slots=True)
class ChannelMap:
    """What a person or the switch said that decides who is on which leg (`speech.roles` reads no more).

    ``flag``: of the command line; the others are the call record's fields.
    """

    flag: str | None = None
    agent_channel: str | None = None
    direction: str | None = None
    release_party: str | None = None


def channel_map(record: CallRecord, *, flag: str | None = None) -> ChannelMap:
    """The channel map of a call; the flag ``auto`` is no flag."""
    return ChannelMap(
        flag=None if flag == "auto" else flag,
        agent_channel=record.agent_channel,
        direction=record.direction,
        release_party=record.release_party,
    )


def call_identity(*, call_id: str | None, paths: Sequence[str], sha256: Sequence[str]) -> str:
    """The identity of a call.

    Args:
        call_id: of the call record.
        paths: as they are to be found again: absolute, or addresses; of a pair the agent's first.
        sha256: of the files, in the same order.
    """
    if call_id is not None:
        return _digest("call", call_id)
    return _digest("files", list(paths), list(sha256))


def failure_identity(*, call_id: str | None, paths: Sequence[str]) -> str:
    """The identity of a call that may never have been read: its call_id, else its path(s)."""
    return _digest("call", call_id) if call_id is not None else _digest("paths", list(paths))


def evidence_key(
    *,
    audio_sha256: Sequence[str],
    channels: ChannelMap,
    transcript: Transcript | None = None,
    model_sha256: str | None,
    options: Mapping[str, str],
    recorder: RecorderProfile,
    measuring_sha256: str,
    evidence_version: int = EVIDENCE_VERSION,
) -> str:
    """The key of what will be heard, known before anything is.

    Args:
        audio_sha256: of the file, or of the agent's and the customer's.
        channels: see `channel_map`.
        transcript: what is read instead of hearing; then there is no model.
        model_sha256: of the checkpoint; None with a transcript.
        options: the engine's, and whatever else shapes the evidence: speaker model, raw format, ``numbers``
            where they are kept unmasked.
        recorder: of the settings.
        measuring_sha256: see `auditor.measure.settings`.
        evidence_version: of the records.
    """
    return _digest(
        "evidence",
        list(audio_sha256),
        asdict(channels),
        None if transcript is None else _TRANSCRIPTS.dump_python(transcript, mode="json"),
        model_sha256,
        dict(options),
        asdict(recorder),
        measuring_sha256,
        evidence_version,
    )


def call_record_sha256(record: CallRecord) -> str:
    """The hash of everything that a call record says.

    A telephone number is in it by its first digits and one of 4096 checks, so that the hash is no way to it.
    """
    return _digest("record", _RECORDS.dump_python(_checked(record), mode="json"))


@dataclass(frozen=True, slots=True)
class Address:
    """What a call is kept under, and where its files are: as they were given, never masked."""

    identity: str
    record_sha256: str
    call_id: str | None
    paths: tuple[str, ...]


def address_of(*, record: CallRecord, paths: Sequence[str], sha256: Sequence[str]) -> Address:
    """The address of a call whose record is as it was given; the others: see `call_identity`."""
    return Address(
        identity=call_identity(call_id=record.call_id, paths=paths, sha256=sha256),
        record_sha256=call_record_sha256(record),
        call_id=record.call_id,
        paths=tuple(paths),
    )


def scorecard_key(*, identity: str, evidence: str, record_sha256: str, rulebook_sha256: str) -> str:
    """The key of a scorecard, known before anything is judged; ``record_sha256``: see `Address`."""
    return _digest("scorecard", identity, evidence, record_sha256, rulebook_sha256)


def _checked(record: CallRecord) -> CallRecord:
    """The record with a few first digits and a check in place of each telephone number."""

    def named(name: str | None) -> str | None:
        for number in mobile_numbers(name or ""):
            name = (name or "").replace(number, _checked_number(number))
        return name

    number = record.customer_number
    return replace(
        record,
        call_id=named(record.call_id),
        transferred_to=named(record.transferred_to),
        customer_number=number and RUN.sub(lambda run: _checked_number(run[0]), number),
    )


def _checked_number(number: str) -> str:
    digits = "".join(filter(str.isdecimal, number))
    if not numbers_in(digits):
        return number
    return f"{digits[: readable_digits(digits)]}({len(digits)}:{check_of(digits, salt='record')})"


def _digest(kind: str, *parts: Any) -> str:
    """SHA-256 of the parts as canonical JSON, which no two different lists of parts share."""
    text = json.dumps([kind, *parts], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
