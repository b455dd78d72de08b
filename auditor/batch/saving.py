"""What became of a call, written to the store and told: audits, failures, and what files held."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from auditor.batch.calls import shown
from auditor.batch.engine import Failed
from auditor.batch.resume import Keys, is_rewritten, keys_of, looks_of, paths_of, state_of
from auditor.errors import UsageError
from auditor.store import remember_sha256, save_audit, save_failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from auditor.batch.calls import Call
    from auditor.batch.engine import Done, FailureCode
    from auditor.batch.plan import Plan
    from auditor.batch.progress import Tell
    from auditor.batch.tally import Tally
    from auditor.records import CallAudit
    from auditor.store import Store

_REMEMBER_EVERY = 50


class Saver:
    """Writes for one run, a transaction a call."""

    def __init__(self, plan: Plan, *, store: Store, tally: Tally, tell: Tell, run_id: int) -> None:
        self._plan = plan
        self._hearing = plan.hearing
        self._store = store
        self._tally = tally
        self._tell = tell
        self._run_id = run_id
        self._stamps: dict[str, str] = {}
        self._looks: dict[int, tuple[str, ...]] = {}
        self._read: list[tuple[str, str, str]] = []

    def save(self, result: Done | Failed) -> None:
        """Keep what the engine made of a call."""
        tally = self._tally
        call = self._plan.calls[result.job.number]
        tally.heard_bytes += call.size_bytes
        if isinstance(result, Failed):
            self._fail(result.job.number, code=result.code, reason=result.reason, attempts=result.attempts)
            return
        if self.has_changed(result.job.number):
            return
        audited = result.heard.audit
        recording = audited.evidence.recording
        # By what was read, not by what was there when the call was listed.
        keys = self.keys_of(call, sha256=recording.sha256)
        if keys is None:
            reason = f"{call.transcript} was there when the call was heard and is not any more; try again."
            self._fail(result.job.number, code="input", reason=reason, attempts=1)
            return
        self.keep(audited, keys=keys)
        tally.audited += 1
        tally.audio_s += recording.duration_s
        self._tell("audited", **facts_of(audited, call=call), seconds=round(result.heard.seconds, 3))
        tally.done_bytes += call.size_bytes
        self.note_read(paths_of(call), recording.sha256)

    def note_looks(self, numbers: Iterable[int]) -> None:
        """These calls will be heard; how they look now."""
        self._looks = {number: looks_of(self._plan.calls[number]) for number in numbers}

    def has_changed(self, number: int) -> bool:
        """Whether a call looks otherwise than when it was listed; then that is its failure.

        A file that is still being written, or was replaced between hashing and decoding, would be judged by
        what it never was. One that has been deleted since it was read is what was read.
        """
        call = self._plan.calls[number]
        names = (*call.paths, call.transcript)
        looks = zip(names, self._looks[number], looks_of(call), strict=False)
        changed = [name for name, then, now in looks if now and is_rewritten(before=then, after=now)]
        if not changed:
            return False
        reason = f"{shown(changed[0] or call.paths[0])} changed while the batch ran; run it again."
        self._fail(number, code="changed", reason=reason, attempts=1)
        return True

    def keys_of(self, call: Call, *, sha256: Sequence[str]) -> Keys | None:
        """The call's keys; None: its transcript has gone since it was listed, which a worker will find."""
        try:
            return keys_of(call, sha256=sha256, hearing=self._hearing)
        except UsageError:
            return None

    def _fail(self, number: int, *, code: FailureCode, reason: str, attempts: int) -> None:
        call = self._plan.calls[number]
        self._tally.failures[code] += 1
        self._tally.done_bytes += call.size_bytes
        call_id, paths = call.record.call_id, paths_of(call)
        save_failure(
            self._store,
            call_id=call_id,
            paths=paths,
            reason_code=code,
            message=reason,
            run_id=self._run_id,
            call_state=state_of(call, looks=self._looks_when_read(number)),
        )
        self._tell("failed", call_id=call_id, paths=list(paths), code=code, reason=reason, attempts=attempts)

    def _looks_when_read(self, number: int) -> tuple[str, ...]:
        """As it was listed, but for what has gone: when that comes back, as it was, it can be read."""
        now = looks_of(self._plan.calls[number])
        return tuple(then if there else "" for then, there in zip(self._looks[number], now, strict=True))

    def keep(self, audited: CallAudit, *, keys: Keys) -> None:
        """Write an audit."""
        save_audit(
            self._store,
            audited,
            evidence_key=keys.evidence,
            book=self._plan.book,
            run_id=self._run_id,
            masked=not self._plan.setup.keep_numbers,
            address=keys.address,
        )
        self._tally.results[audited.scorecard.result] += 1

    def note_stamps(self, stamps: Mapping[str, str]) -> None:
        """Files are about to be read; the stamps that they have now."""
        self._stamps |= stamps

    def note_read(self, paths: Sequence[str], sha256: Sequence[str]) -> None:
        """What files held, to be remembered with the stamps that they had before they were read."""
        self._read += [
            (path, self._stamps.pop(path), digest)
            for path, digest in zip(paths, sha256, strict=True)
            if path in self._stamps
        ]
        if len(self._read) >= _REMEMBER_EVERY:
            self.remember()

    def remember(self) -> None:
        """Write down what files hold."""
        if self._read:
            remember_sha256(self._store, self._read)
            self._read = []


def facts_of(audited: CallAudit, *, call: Call) -> dict[str, object]:
    """An audit for the log, which names calls as they were given."""
    recording, card = audited.evidence.recording, audited.scorecard
    paths = paths_of(call)
    return {
        "call_id": call.record.call_id or Path(paths[0]).stem,
        "paths": list(paths),
        "result": card.result,
        "percent": card.points.percent,
        "duration_s": round(recording.duration_s, 3),
    }
