"""A batch: what the store lacks of the calls is heard, judged and saved, one transaction a call.

::

    calls ─ keys ─> scorecard there: unchanged
                    evidence there:  judged again here, nothing is heard
                    failed before:   left alone unless asked for
                    else:            to the engine, long ones first ─> saved by this process as each ends

So a batch that was interrupted anywhere goes on when the same command is given again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from auditor import pipeline
from auditor.batch.local import Done, Failed, Limits, hear_calls
from auditor.batch.resume import (
    Hearing,
    Keys,
    failed_before,
    keys_of,
    paths_of,
    read_sha256,
    remembered,
    stamp_of,
)
from auditor.batch.worker import Job
from auditor.errors import UsageError
from auditor.store import (
    RunTally,
    close_run,
    evidence_of,
    open_run,
    remember_sha256,
    results_of,
    save_audit,
    save_failure,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.batch.calls import Call
    from auditor.batch.local import FailureCode, Started
    from auditor.batch.progress import Tell
    from auditor.batch.stopping import Stop
    from auditor.batch.tally import Tally
    from auditor.batch.worker import WorkerSetup
    from auditor.records import CallAudit, ModelFacts
    from auditor.rulebook.schema import Rulebook
    from auditor.store import Store

_REMEMBER_EVERY = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch is to do.

    Attributes:
        calls: see `manifest.list_calls`.
        setup: what workers load.
        book: what calls are judged by: the rulebook of ``setup``.
        model: facts of the model of ``setup``; None: every call brings its transcript.
        options: the model's, see `asr.whisper.describe_engine`.
        workers: processes.
        limits: when a call hangs.
        retry_failed: try again what failed before.
        command: what was asked for, for the store's list of runs.
    """

    calls: Sequence[Call]
    setup: WorkerSetup
    book: Rulebook
    model: ModelFacts | None
    options: dict[str, str]
    workers: int
    limits: Limits = field(default_factory=Limits)
    retry_failed: bool = False
    command: str = "batch"

    @property
    def hearing(self) -> Hearing:
        """The plan's part of the keys."""
        return Hearing(self.setup, self.model.sha256 if self.model else None, self.options, self.book.sha256)


def run_batch(
    plan: Plan,
    *,
    store: Store,
    tally: Tally,
    tell: Tell,
    stop: Stop,
) -> None:
    """Audit what the store lacks; ``tally`` has the outcome.

    Raises:
        StoreError: the store cannot be read or written; what was saved stays.
        UsageError: model or rulebook cannot be used.
    """
    tally.calls, tally.size_bytes = len(plan.calls), sum(call.size_bytes for call in plan.calls)
    run_id = open_run(store, book=plan.book, model=plan.model, command=plan.command, calls=len(plan.calls))
    batch = _Batch(plan, store=store, tally=tally, tell=tell, run_id=run_id)
    state = "stopped"
    try:
        left = batch.pass_over()
        tell("begin", calls=tally.calls, left=len(left), workers=plan.workers)
        results = hear_calls(
            batch.jobs(left, stop=stop),
            setup=plan.setup,
            workers=min(plan.workers, max(1, len(left))),
            stop=stop,
            limits=plan.limits,
            on_start=batch.note_start,
            on_tick=lambda: batch.tick(stop),
        )
        for result in results:
            batch.save(result)
        if tally.done == tally.calls:
            state = "complete"
    finally:
        batch.remember()
        kept = RunTally(
            audited=tally.audited + tally.judged,
            unchanged=tally.unchanged,
            failed=tally.failed + tally.failed_before,
            audio_s=tally.audio_s,
        )
        close_run(store, run_id, state="complete" if state == "complete" else "stopped", tally=kept)
        tell("end", state=state, **_facts(tally))


class _Batch:
    """One run over its calls."""

    def __init__(self, plan: Plan, *, store: Store, tally: Tally, tell: Tell, run_id: int) -> None:
        self._plan = plan
        self._store = store
        self._tally = tally
        self._tell = tell
        self._run_id = run_id
        self._stamps: dict[str, str] = {}
        self._read: list[tuple[str, str, str]] = []
        self._told_stop = False

    def tick(self, stop: Stop) -> None:
        """Time goes by; a signal may have come."""
        if stop.level and not self._told_stop:
            self._told_stop = True
            self._tell("stopping")
        self._tell("tick")

    def pass_over(self) -> list[int]:
        """Count what needs nothing; the indices of the other calls, long ones first."""
        plan, tally = self._plan, self._tally
        held = remembered(self._store, plan.calls)
        keys = {}
        for index, call in enumerate(plan.calls):
            sha256 = [held.get(path) for path in paths_of(call)]
            if all(sha256):
                found = self._keys_of(call, sha256=[s for s in sha256 if s])
                keys[index] = found.scorecard if found else ""
        there = results_of(self._store, keys.values())
        tally.results += Counter(there[key] for key in keys.values() if key in there)
        failed = frozenset() if plan.retry_failed else failed_before(self._store, plan.calls)
        left = []
        for index, call in enumerate(plan.calls):
            if keys.get(index) in there:
                tally.unchanged += 1
            elif index in failed:
                tally.failed_before += 1
            else:
                left.append(index)
                continue
            tally.done_bytes += call.size_bytes
        return sorted(left, key=lambda index: -plan.calls[index].size_bytes)

    def jobs(self, left: Sequence[int], *, stop: Stop) -> Iterator[Job]:
        """Calls that have to be heard; those whose evidence is there are judged on the way."""
        for index in left:
            self.tick(stop)
            if stop.level:
                return
            call = self._plan.calls[index]
            paths = paths_of(call)
            self._stamps |= {path: stamp for path in paths if (stamp := stamp_of(path))}
            sha256 = read_sha256(call)
            if sha256 is not None and self._is_there(call, sha256=sha256):
                continue
            yield Job(index, tuple(map(Path, paths)), call.record, call.transcript, call.size_bytes)

    def _is_there(self, call: Call, *, sha256: tuple[str, ...]) -> bool:
        """Whether nothing has to be heard; what has to be judged is."""
        tally = self._tally
        keys = self._keys_of(call, sha256=sha256)
        if keys is None:
            return False
        there = results_of(self._store, [keys.scorecard])
        stored = None if there else evidence_of(self._store, keys.evidence)
        if not there and stored is None:
            return False
        if stored is None:
            tally.unchanged += 1
            tally.results.update(there.values())
        else:
            heard = stored.of_call(record=call.record, paths=paths_of(call))
            audited = stored.credited(pipeline.audit(heard, book=self._plan.book))
            self._keep(audited, evidence_key=keys.evidence)
            tally.judged += 1
            self._tell("judged", **_facts_of(audited))
        tally.done_bytes += call.size_bytes
        self._note(paths_of(call), sha256)
        return True

    def note_start(self, started: Started) -> None:
        """Tell that a worker begins a call, so that the log shows which one it hangs at."""
        call = self._plan.calls[started.job.number]
        self._tell(
            "started",
            call_id=call.record.call_id,
            paths=list(paths_of(call)),
            process_id=started.process_id,
        )

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
        keys = self._keys_of(call, sha256=recording.sha256)
        if keys is None:
            reason = f"{call.transcript} was there when the call was heard and is not any more; try again."
            self._fail(call, code="input", reason=reason, attempts=1)
            return
        self._keep(audited, evidence_key=keys.evidence)
        tally.audited += 1
        tally.audio_s += recording.duration_s
        self._tell("audited", **_facts_of(audited), seconds=round(result.heard.seconds, 3))
        self._note(paths_of(call), recording.sha256)

    def _keys_of(self, call: Call, *, sha256: Sequence[str]) -> Keys | None:
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

    def _keep(self, audited: CallAudit, *, evidence_key: str) -> None:
        save_audit(
            self._store,
            audited,
            evidence_key=evidence_key,
            book=self._plan.book,
            run_id=self._run_id,
            masked=False,
        )
        self._tally.results[audited.scorecard.result] += 1

    def _note(self, paths: tuple[str, ...], sha256: Sequence[str]) -> None:
        """Remember what files hold, with the stamps that they had before they were read."""
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


def _facts_of(audited: CallAudit) -> dict[str, object]:
    recording, card = audited.evidence.recording, audited.scorecard
    return {
        "call_id": audited.call_id,
        "paths": list(recording.paths),
        "result": card.result,
        "percent": card.points.percent,
        "duration_s": round(recording.duration_s, 3),
    }


def _facts(tally: Tally) -> dict[str, object]:
    return {
        "calls": tally.calls,
        "audited": tally.audited,
        "judged": tally.judged,
        "unchanged": tally.unchanged,
        "failed": tally.failed,
        "failed_before": tally.failed_before,
        "results": dict(tally.results),
        "failures": dict(tally.failures),
        "audio_s": round(tally.audio_s, 3),
        "elapsed_s": round(tally.elapsed_s, 3),
        "speed": round(tally.speed, 3),
    }
