"""A batch: what the store lacks of the calls is heard, judged and saved, one transaction a call.

::

    calls ─ keys ─> scorecard there: unchanged
                    evidence there:  judged again here, nothing is heard
                    failed before:   left alone unless asked for
                    else:            to the engine, long ones first ─> saved by this process as each ends

So a batch that was interrupted anywhere goes on when the same command is given again.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Literal

from auditor import pipeline
from auditor.batch.plan import Plan
from auditor.batch.resume import (
    failed_before,
    files_of,
    paths_of,
    read_sha256,
    remembered,
    stamps_of,
)
from auditor.batch.saving import Saver, facts_of
from auditor.batch.worker import Job
from auditor.errors import StoreError
from auditor.store import RunTally, close_run, evidence_of, open_run, reopen_run, results_of, touch_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.batch.calls import Call
    from auditor.batch.engine import Started
    from auditor.batch.progress import Tell
    from auditor.batch.stopping import Stop
    from auditor.batch.tally import Tally
    from auditor.store import Store

__all__ = ["Plan", "run_batch"]

_TOUCH_EVERY_S = 60.0


def run_batch(
    plan: Plan,
    *,
    store: Store,
    tally: Tally,
    tell: Tell,
    stop: Stop,
    run_id: int | None = None,
) -> int:
    """Audit what the store lacks; ``tally`` has the outcome.

    Args:
        plan: what is to be done.
        store: an open store.
        tally: added to.
        tell: told what happens.
        stop: asked between calls.
        run_id: of a run of the store that goes on with these calls; None: a new one.

    Returns:
        The run's id.

    Raises:
        StoreError: the store cannot be read or written; what was saved stays.
        UsageError: model or rulebook cannot be used.
    """
    tally.calls += len(plan.calls)
    tally.size_bytes += sum(call.size_bytes for call in plan.calls)
    if run_id is None:
        run_id = open_run(store, book=plan.book, model=plan.model, command=plan.command, calls=tally.calls)
    else:
        reopen_run(store, run_id, calls=tally.calls)
    saver = Saver(plan, store=store, tally=tally, tell=tell, run_id=run_id)
    batch = _Batch(plan, store=store, tally=tally, tell=tell, saver=saver, run_id=run_id)
    state: Literal["complete", "stopped"] = "stopped"
    after_effects: tuple[type[StoreError], ...] = ()
    try:
        left = batch.pass_over()
        tell("begin", calls=tally.calls, left=len(left), workers=plan.workers)
        results = plan.engine(
            batch.jobs(left, stop=stop),
            setup=plan.setup,
            workers=min(plan.workers, max(1, len(left))),
            stop=stop,
            limits=plan.limits,
            on_start=batch.note_start,
            on_tick=lambda: batch.tick(stop),
        )
        with closing(results):
            for result in results:
                saver.save(result)
        if tally.done == tally.calls:
            state = "complete"
    except StoreError:
        after_effects = (StoreError,)  # the first is told, not what it brings about
        raise
    finally:
        with suppress(*after_effects):
            saver.remember()
            close_run(store, run_id, state=state, tally=_kept(tally))
        tell("end", state=state, **_facts(tally))
    return run_id


def _kept(tally: Tally) -> RunTally:
    return RunTally(
        audited=tally.audited + tally.judged,
        unchanged=tally.unchanged,
        failed=tally.failed + tally.failed_before,
        audio_s=tally.audio_s,
    )


class _Batch:
    """One run over its calls: which of them have to be heard."""

    def __init__(
        self, plan: Plan, *, store: Store, tally: Tally, tell: Tell, saver: Saver, run_id: int
    ) -> None:
        self._plan = plan
        self._store = store
        self._tally = tally
        self._tell = tell
        self._saver = saver
        self._run_id = run_id
        self._held: dict[str, str] = {}
        self._told_stop = False
        self._touched_s = time.monotonic()

    def tick(self, stop: Stop) -> None:
        """Time goes by; a signal may have come."""
        if stop.level and not self._told_stop:
            self._told_stop = True
            self._tell("stopping")
        now_s = time.monotonic()
        if now_s - self._touched_s >= _TOUCH_EVERY_S:
            self._touched_s = now_s
            touch_run(self._store, self._run_id)
        self._tell("tick")

    def pass_over(self) -> list[int]:
        """Count what needs nothing; the indices of the other calls, long ones first."""
        plan, tally = self._plan, self._tally
        held = self._held = remembered(self._store, plan.calls)
        keys = {}
        for index, call in enumerate(plan.calls):
            sha256 = [held.get(path) for path in paths_of(call)]
            if all(sha256):
                found = self._saver.keys_of(call, sha256=[s for s in sha256 if s])
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
        self._saver.note_looks(left)
        return sorted(left, key=lambda index: -plan.calls[index].size_bytes)

    def jobs(self, left: Sequence[int], *, stop: Stop) -> Iterator[Job]:
        """Calls that have to be heard; those whose evidence is there are judged on the way."""
        for index in left:
            self.tick(stop)
            if stop.level:
                return
            call = self._plan.calls[index]
            if self._saver.has_changed(index):
                continue
            self._saver.note_stamps(stamps_of(call))
            sha256 = read_sha256(call, held=self._held)
            if sha256 is not None and self._is_there(call, sha256=sha256):
                continue
            yield Job(index, files_of(call), call.record, call.transcript, call.size_bytes)

    def _is_there(self, call: Call, *, sha256: tuple[str, ...]) -> bool:
        """Whether nothing has to be heard; what has to be judged is."""
        tally, saver = self._tally, self._saver
        keys = saver.keys_of(call, sha256=sha256)
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
            saver.keep(audited, keys=keys)
            tally.judged += 1
            self._tell("judged", **facts_of(audited, call=call))
        tally.done_bytes += call.size_bytes
        saver.note_read(paths_of(call), sha256)
        return True

    def note_start(self, started: Started) -> None:
        """Tell that a worker begins a call, so that the log shows which one it hangs at."""
        call = self._plan.calls[started.job.number]
        self._tell(
            "started",
            call_id=call.record.call_id,
            paths=list(paths_of(call)),
            process_id=started.process_id,
            **({"node": started.node} if started.node else {}),
        )


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
