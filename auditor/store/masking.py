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

from auditor.text.masking import keys_of, mask, mask_number, mobile_numbers, numbers_in, readable_digits

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        evidence,
        call_record=_record(record, keys=keys),
        recording=replace(recording, paths=tuple(_name(path, keys=keys) for path in recording.paths)),
        turns=tuple(replace(turn, text=mask(turn.text, keys)) for turn in evidence.turns),
        probes=tuple(
            replace(probe, phrase=mask(probe.phrase, keys), foil=mask(probe.foil, keys))
            for probe in evidence.probes
        ),
    )


def secret_numbers(evidence: Evidence) -> dict[str, str]:
    """The secret numbers of a call and what stands for each, for `auditor.text.masking.mask`."""
    record = evidence.call_record
    names = [*evidence.recording.paths, *filter(None, (record.call_id, record.transferred_to))]
    agents = [record.agent_id, *(spell.agent_id for spell in record.agents), record.line, evidence.line]
    return keys_of(
        [turn.text for turn in evidence.turns],
        numbers=[
            *numbers_in(record.customer_number or ""),
            *(number for name in names for number in mobile_numbers(name)),
        ],
        kept=[*filter(None, agents), *evidence.recorder.announcements],
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
