"""``auditor doctor``: what the recorder does, learnt from a folder of its calls.

At most ``most_calls`` calls are read, spread evenly over the folder by name, so that a folder by days is
seen from its first day to its last. A file that cannot be read is named and passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.batch import doctor_keys, doctor_sound
from auditor.batch.doctor_announcements import find_announcements
from auditor.batch.doctor_call import examine
from auditor.batch.doctor_check import DEFAULTS, CheckSettings
from auditor.errors import AuditError, InputError
from auditor.inputs.call_files import beside, find_calls
from auditor.inputs.call_record import DEFAULT_ZONE, read_call_record
from auditor.records import CallRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from auditor.asr.engine import Engine
    from auditor.audio.decode import RawFormat
    from auditor.batch.doctor_call import CallFacts
    from auditor.batch.doctor_check import Check

MOST_CALLS = 50


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found. ``passed_over``: one sentence per file that could not be read."""

    folder: str
    found: int
    read: int
    passed_over: tuple[str, ...]
    checks: tuple[Check, ...]
    with_words: bool

    @property
    def values(self) -> dict[str, object]:
        """The keys of ``[recorder]`` that enough calls agree on."""
        return {c.key: c.value for c in self.checks if c.key is not None and c.value is not None}

    @property
    def why(self) -> dict[str, str]:
        """Per written key the counts behind it."""
        return {
            c.key: f"{c.agree}/{c.of} calls" for c in self.checks if c.key is not None and c.value is not None
        }


def diagnose(
    folder: Path,
    *,
    raw: RawFormat | None = None,
    engine: Engine | None = None,
    most_calls: int = MOST_CALLS,
    max_duration_s: float = 4 * 3600,
    time_zone: str = DEFAULT_ZONE,
    progress: Callable[[int, int, str], None] | None = None,
) -> Diagnosis:
    """Read calls of a folder and say what they show of the recorder.

    Args:
        folder: with recordings, and call records (``<stem>.record.json``) where there are any.
        raw: format of headerless files.
        engine: hears the start of every call; None: sound only.
        most_calls: how many calls are read.
        max_duration_s: longer recordings are passed over.
        time_zone: of times in call records without a zone.
        progress: told how many calls are done, of how many, and the next one's name.

    Raises:
        UsageError: there is no such folder.
        InputError: it holds no recording that can be read.
    """
    calls = find_calls(folder)
    chosen = _spread(calls, most=most_calls)
    facts: list[CallFacts] = []
    passed_over: list[str] = []
    for done, paths in enumerate(chosen):
        if progress:
            progress(done, len(chosen), paths[0].name)
        try:
            record = _record_of(paths, time_zone=time_zone)
            facts.append(examine(paths, record=record, raw=raw, engine=engine, max_duration_s=max_duration_s))
        except AuditError as error:
            passed_over.append(str(error))
    if not facts:
        first = f" ({passed_over[0]})" if passed_over else ""
        raise InputError(f"{folder} holds no recording that can be read{first}; name a folder with calls.")
    return Diagnosis(
        folder=str(folder),
        found=len(calls),
        read=len(facts),
        passed_over=tuple(passed_over),
        checks=check_all(facts),
        with_words=engine is not None,
    )


def _spread(calls: tuple[tuple[Path, ...], ...], *, most: int) -> tuple[tuple[Path, ...], ...]:
    """At most so many of the calls, evenly spread."""
    if len(calls) <= most:
        return calls
    return tuple(calls[k * len(calls) // most] for k in range(most))


def _record_of(paths: tuple[Path, ...], *, time_zone: str) -> CallRecord:
    paper = beside(paths, ".record.json")
    return read_call_record(paper, time_zone=time_zone) if paper else CallRecord()


def check_all(calls: Sequence[CallFacts], *, settings: CheckSettings = DEFAULTS) -> tuple[Check, ...]:
    """Every check over the calls that could be read, in the order of the report."""
    return (
        doctor_sound.formats(calls),
        *doctor_sound.layouts(calls),
        doctor_keys.agent_side(calls, settings=settings),
        doctor_keys.starts(calls, settings=settings),
        *doctor_sound.tones(calls),
        doctor_keys.busy_heard_by(calls, settings=settings),
        *doctor_sound.levels(calls),
        *doctor_sound.idle(calls),
        doctor_keys.liveness(calls, settings=settings),
        *doctor_sound.pairs(calls, settings=settings),
        doctor_keys.announcements(
            calls, find_announcements(calls, least_calls=settings.shared_calls), settings=settings
        ),
    )
