"""Evidence as it is stored: no number of a customer's in it, and judged as before.

Masked are the words that were heard, the customer's number in the call record but for the digits that say
whose network it is of, and mobile numbers in the names of files and calls (`auditor.text.masking`). Names,
addresses and the recording itself are not. Evidence holds no dialled digits at all: of a keypad tone it
knows that there was one and when. What is judged of masked evidence, quotes and reasons included, holds
nothing but what the evidence holds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.records import MaskedNumber
from auditor.text.masked import place_of
from auditor.text.masking import further_keys, keys_of, mask, mask_number
from auditor.text.telephones import check_of, mobile_numbers, numbers_in, readable_digits, subscriber

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.records import CallRecord, Evidence


def mask_evidence(evidence: Evidence) -> Evidence:
    """The evidence without secret numbers; the same when it is masked already.

    All places (turns' parts, doubtful characters, probes) stay where they are: texts keep their length.
    """
    record, recording = evidence.call_record, evidence.recording
    keys = secret_numbers(evidence)
    if not keys:
        return evidence
    return replace(
        _with_call(evidence, record, paths=recording.paths, keys=keys),
        turns=tuple(replace(turn, text=mask(turn.text, keys)) for turn in evidence.turns),
        probes=tuple(
            replace(probe, phrase=mask(probe.phrase, keys), foil=mask(probe.foil, keys))
            for probe in evidence.probes
        ),
        masked_numbers=_checks(keys, salt=_salt(evidence)),
    )


def masked_of_call(evidence: Evidence, *, record: CallRecord, paths: tuple[str, ...]) -> Evidence:
    """Masked evidence with a call record that came later, or was corrected: masked as if it had been there.

    A telephone number that is spoken in the call, or was in the record that it was heard with, gets that
    one's characters: it is known by a check, which one number in 4096 passes wrongly. Any other number, and
    what an exporter's stars have left of one, counts as one that the call does not hold.
    """
    salt, known = _salt(evidence), evidence.masked_numbers
    keys: dict[str, str] = {}
    written = _written(record, paths=paths)
    for digits in written:
        tail = subscriber(digits)
        if tail is None:
            continue
        own = (len(tail), check_of(tail, salt=salt))
        match = next((number for number in known if (len(number.masked), number.check) == own), None)
        if match is not None:
            keys[digits] = digits.removesuffix(tail) + match.masked
    taken = [*(turn.text for turn in evidence.turns), *(number.masked for number in known)]
    keys |= further_keys((digits for digits in written if digits not in keys), taken=taken)
    return _with_call(evidence, record, paths=paths, keys=keys)


def secret_numbers(evidence: Evidence) -> dict[str, str]:
    """The secret numbers of a call and what stands for each, for `auditor.text.masking.mask`."""
    record = evidence.call_record
    agents = [record.agent_id, *(spell.agent_id for spell in record.agents), record.line, evidence.line]
    return keys_of(
        [turn.text for turn in evidence.turns],
        numbers=_written(record, paths=evidence.recording.paths),
        kept=[*filter(None, agents), *evidence.recorder.announcements],
    )


def _written(record: CallRecord, *, paths: Sequence[str]) -> tuple[str, ...]:
    """The secret numbers of a call record and of the names of files."""
    names = [*paths, *filter(None, (record.call_id, record.transferred_to))]
    return (
        *numbers_in(record.customer_number or ""),
        *(number for name in names for number in mobile_numbers(name)),
    )


def _checks(keys: Mapping[str, str], *, salt: str) -> tuple[MaskedNumber, ...]:
    """What knows telephone numbers again; codes, identity and card numbers get no check."""
    found: dict[str, MaskedNumber] = {}
    for digits, masked in keys.items():
        tail, place = subscriber(digits), place_of(masked[-1])
        if tail is not None and place is not None and place.type in ("PHONE", "NUMBER"):
            own = masked[-len(tail) :]
            found.setdefault(own, MaskedNumber(own, check_of(tail, salt=salt)))
    return tuple(found.values())


def _salt(evidence: Evidence) -> str:
    return evidence.recording.sha256[0] if evidence.recording.sha256 else ""


def _with_call(
    evidence: Evidence, record: CallRecord, *, paths: Sequence[str], keys: Mapping[str, str]
) -> Evidence:
    return replace(
        evidence,
        call_record=_record(record, keys=keys),
        recording=replace(evidence.recording, paths=tuple(_name(path, keys=keys) for path in paths)),
    )


def _record(record: CallRecord, *, keys: Mapping[str, str]) -> CallRecord:
    number = record.customer_number
    return replace(
        record,
        call_id=record.call_id and _name(record.call_id, keys=keys),
        transferred_to=record.transferred_to and _name(record.transferred_to, keys=keys),
        customer_number=number and mask_number(number, keys, shown=readable_digits(number)),
    )


def _name(name: str, *, keys: Mapping[str, str]) -> str:
    for number in mobile_numbers(name):
        name = name.replace(number, keys[number])
    return name
