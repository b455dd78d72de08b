"""What became of a call, written to the store and told: audits, failures, and what files held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.batch.engine import Failed
from auditor.batch.resume import Keys, keys_of, paths_of
from auditor.errors import UsageError
from auditor.store import remember_sha256, save_audit, save_failure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        self._store = store
        self._tally = tally
        self._tell = tell
        self._run_id = run_id
        self._stamps: dict[str, str] = {}
        self._read: list[tuple[str, str, str]] = []

    def save(self, result: Done | Failed) -> None:
        """Keep what the engine made of a call."""
        tally = self._tally
        call = self._plan.calls[result.job.number]
        tally.done_bytes += call.size_bytes
        tally.heard_bytes += call.size_bytes
        if isinstance(result, Failed):
            self._fail(call, code=result.code, reason=result.reason, attempts=result.attempts)
            return
        audited = result.heard.audit
        recording = audited.evidence.recording
        # By what was read, not by what was there when the call was listed.
        keys = self.keys_of(call, sha256=recording.sha256)
        if keys is None:
            reason = f"{call.transcript} was there when the call was heard and is not any more; try again."
            self._fail(call, code="input", reason=reason, attempts=1)
            return
        self.keep(audited, evidence_key=keys.evidence)
        tally.audited += 1
        tally.audio_s += recording.duration_s
        self._tell("audited", **facts_of(audited), seconds=round(result.heard.seconds, 3))
        self.note_read(paths_of(call), recording.sha256)

    def keys_of(self, call: Call, *, sha256: Sequence[str]) -> Keys | None:
        """The call's keys; None: its transcript has gone since it was listed, which a worker will find."""
        try:
            return keys_of(call, sha256=sha256, hearing=self._plan.hearing)
        except UsageError:
            return None

    def _fail(self, call: Call, *, code: FailureCode, reason: str, attempts: int) -> None:
        self._tally.failures[code] += 1
        call_id, paths = call.record.call_id, paths_of(call)
        save_failure(
            self._store,
            call_id=call_id,
            paths=paths,
            reason_code=code,
            message=reason,
            run_id=self._run_id,
        )
        self._tell("failed", call_id=call_id, paths=list(paths), code=code, reason=reason, attempts=attempts)

    def keep(self, audited: CallAudit, *, evidence_key: str) -> None:
        """Write an audit."""
        save_audit(
            self._store,
            audited,
            evidence_key=evidence_key,
            book=self._plan.book,
            run_id=self._run_id,
            masked=False,
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


def facts_of(audited: CallAudit) -> dict[str, object]:
    """An audit for the log."""
    recording, card = audited.evidence.recording, audited.scorecard
    return {
        "call_id": audited.call_id,
        "paths": list(recording.paths),
        "result": card.result,
        "percent": card.points.percent,
        "duration_s": round(recording.duration_s, 3),
    }
