"""What a store knows of calls already, so that nothing is heard or judged twice."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.audio.files import recording_sha256
from auditor.batch.calls import look_of
from auditor.errors import AuditError
from auditor.inputs.storage import StoredFile
from auditor.inputs.transcript import read_transcript
from auditor.measure.settings import measuring_sha256
from auditor.store import (
    address_of,
    call_record_sha256,
    channel_map,
    evidence_key,
    failures,
    known_sha256,
    scorecard_key,
    sha256_of_stamps,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.batch.calls import Call
    from auditor.batch.worker import WorkerSetup
    from auditor.inputs.storage import File
    from auditor.store import Address, Store


@dataclass(frozen=True, slots=True)
class Hearing:
    """What hears the calls of a batch: everything of an evidence key that is not the call's own.

    ``model_sha256`` and ``options`` are those of the model; with a transcript neither counts.
    """

    setup: WorkerSetup
    model_sha256: str | None
    options: Mapping[str, str]
    rulebook_sha256: str
    measuring_sha256: str = field(default_factory=measuring_sha256)


@dataclass(frozen=True, slots=True)
class Keys:
    """Under what a call, its evidence and its scorecard are kept."""

    address: Address
    evidence: str
    scorecard: str


def files_of(call: Call) -> tuple[File, ...]:
    """The recordings by their absolute names."""
    return tuple(path if isinstance(path, StoredFile) else Path(_absolute(path)) for path in call.paths)


def paths_of(call: Call) -> tuple[str, ...]:
    """The files' absolute names, as the store keeps them; of stored files the addresses."""
    return tuple(path.address if isinstance(path, StoredFile) else _absolute(path) for path in call.paths)


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100  (links stay links)


def keys_of(call: Call, *, sha256: Sequence[str], hearing: Hearing) -> Keys:
    """A call's keys, given what its files hold.

    Raises:
        UsageError: its transcript is gone or was spoilt.
    """
    setup = hearing.setup
    transcript = read_transcript(call.transcript) if call.transcript else None
    options = dict(hearing.options) if transcript is None else {}
    if transcript is None:
        options["speaker_model"] = setup.speaker_model
    if setup.raw is not None:
        options["raw"] = repr(setup.raw)
    if setup.keep_numbers:
        options["numbers"] = "kept"
    evidence = evidence_key(
        audio_sha256=sha256,
        channels=channel_map(call.record, flag=setup.agent_channel),
        transcript=transcript,
        model_sha256=None if transcript else hearing.model_sha256,
        options=options,
        recorder=setup.recorder,
        measuring_sha256=hearing.measuring_sha256,
    )
    address = address_of(record=call.record, paths=paths_of(call), sha256=sha256)
    return Keys(
        address,
        evidence,
        scorecard_key(
            identity=address.identity,
            evidence=evidence,
            record_sha256=address.record_sha256,
            rulebook_sha256=hearing.rulebook_sha256,
        ),
    )


def stamps_of(call: Call) -> dict[str, str]:
    """By path what changes whenever the file does, of those that can be asked."""
    found = {name: look_of(path) for name, path in zip(paths_of(call), call.paths, strict=True)}
    return {name: stamp for name, stamp in found.items() if stamp}


def remembered(store: Store, calls: Sequence[Call]) -> dict[str, str]:
    """Path -> SHA-256 of the files that are as they were when they were last read.

    Of stored files, too, those that were read under another address, where the tag tells the content.
    """
    found = known_sha256(store, [stamp for call in calls for stamp in stamps_of(call).items()])
    strange = {
        path.address: path.stamp
        for call in calls
        for path in call.paths
        if isinstance(path, StoredFile) and path.address not in found and path.tells_content
    }
    read = sha256_of_stamps(store, strange.values()) if strange else {}
    return found | {address: read[stamp] for address, stamp in strange.items() if stamp in read}


def read_sha256(call: Call, *, held: Mapping[str, str]) -> tuple[str, ...] | None:
    """What the files hold, read now, of stored ones as it is ``held`` (path -> SHA-256).

    None: a worker shall read them, and say what is wrong with them. A stored file is never read for its
    SHA-256 alone.
    """
    try:
        return tuple(
            held[path.address] if isinstance(path, StoredFile) else recording_sha256(path)
            for path in call.paths
        )
    except (AuditError, OSError, KeyError):
        return None


def looks_of(call: Call) -> tuple[str, ...]:
    """The stamp of each recording and of the transcript; empty for one that is not there.

    By these a change while the batch runs is seen, and that a call that failed is worth another try: never by
    comparing times with the clock, which may be set back and is not the file server's. A stored file looks as
    it was listed: whoever reads it finds out whether it has changed.
    """
    paths = (*call.paths, *([call.transcript] if call.transcript else []))
    return tuple(look_of(path) for path in paths)


def is_rewritten(*, before: str, after: str) -> bool:
    """Whether two looks of a file are of two contents; a change of its rights or links is none."""
    return before.split(":")[:2] != after.split(":")[:2]


def state_of(call: Call, *, looks: Sequence[str]) -> str:
    """Another whenever files, their rights, the transcript or the call record are."""
    text = json.dumps([*looks, call_record_sha256(call.record)])
    return hashlib.sha256(text.encode()).hexdigest()


def failed_before(store: Store, calls: Sequence[Call]) -> frozenset[int]:
    """The indices of calls that failed and have not changed since; a store that was away may be back."""
    known = {
        (f.call_id, None if f.call_id else f.paths): f
        for f in failures(store)
        if f.reason_code != "unreachable"
    }
    found = set()
    for index, call in enumerate(calls):
        call_id = call.record.call_id
        failure = known.get((call_id, None if call_id else paths_of(call)))
        if failure is not None and failure.call_state == state_of(call, looks=looks_of(call)):
            found.add(index)
    return frozenset(found)
