"""Judging a store's calls again from what was heard of them: no audio, the old scorecards stay.

::

    calls as last heard ─ keys ─> scorecard by this rulebook there: unchanged
                                  else: judged in processes of its own ─> saved by this one, a call at a time

So a rescoring that was interrupted anywhere goes on when the same command is given again. What a call was
before is the scorecard that counted until now, whatever its rulebook.
"""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, Literal

from auditor.batch.rescore_workers import WORTH_A_PROCESS, Broken, judge_calls
from auditor.errors import UsageError
from auditor.records import ModelFacts
from auditor.store import (
    RunTally,
    close_run,
    count_heard,
    editions,
    iter_heard,
    open_run,
    results_of,
    save_rescored,
    touch_run,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from auditor.batch.progress import Tell
    from auditor.batch.rescore_tally import RescoreTally
    from auditor.batch.rescore_workers import Rejudged
    from auditor.batch.stopping import Stop
    from auditor.rulebook.schema import Rulebook
    from auditor.store import Edition, HeardCall, Store

_STRIDE = 500
_TOUCH_EVERY_S = 60.0


def rescore(
    store: Store,
    *,
    book: Rulebook,
    since: datetime | None = None,
    workers: int = 1,
    command: str = "rescore",
    tally: RescoreTally,
    tell: Tell,
    stop: Stop,
) -> None:
    """Judge every call that has no scorecard by the rulebook yet; ``tally`` has the outcome.

    Args:
        store: an open store.
        book: what is judged by.
        since: only calls that started then or later; None: all.
        workers: processes that judge.
        command: what was asked for, for the store's list of runs.
        tally: counts of this run.
        tell: told what happens.
        stop: asked between calls.

    Raises:
        UsageError: the store holds no audits.
        StoreError: the store cannot be read or written; what was saved stays.
    """
    edition = _heard_by(store)
    model_id = edition.model_id
    tally.calls = count_heard(store, model_id=model_id, since=since)
    tally.before_since = count_heard(store, model_id=model_id) - tally.calls
    tally.other_models = count_heard(store, model_id=model_id, others=True)
    tally.model = edition.model
    model = ModelFacts(edition.model or "", edition.model_sha256) if edition.model_sha256 else None
    run_id = open_run(store, book=book, model=model, command=command, calls=tally.calls)
    run = _Run(store, book=book, run_id=run_id, tally=tally, tell=tell, stop=stop)
    state: Literal["complete", "stopped"] = "stopped"
    try:
        tell("begin", calls=tally.calls, workers=workers)
        left = run.left(iter_heard(store, model_id=model_id, since=since))
        processes = min(workers, max(1, tally.calls // WORTH_A_PROCESS))
        for heard, judged in judge_calls(left, store=store, book=book, workers=processes, stop=stop):
            run.save(heard, judged)
        if tally.done == tally.calls:
            state = "complete"
    finally:
        kept = RunTally(
            audited=tally.judged,
            unchanged=tally.unchanged,
            failed=tally.failed,
        )
        close_run(store, run_id, state=state, tally=kept)
        tell("end", state=state, **tally.facts())


def _heard_by(store: Store) -> Edition:
    """The edition whose model's calls are judged again: the last complete one that a model heard.

    Raises:
        UsageError: nothing was ever heard.
    """
    every = (*editions(store, complete=True), *editions(store))
    if not every:
        raise UsageError(f"{store.shown}: the store holds no audits yet; run `auditor batch` first.")
    return next((edition for edition in every if edition.model_id is not None), every[0])


class _Run:
    """One rescoring."""

    def __init__(
        self, store: Store, *, book: Rulebook, run_id: int, tally: RescoreTally, tell: Tell, stop: Stop
    ) -> None:
        self._store = store
        self._book = book
        self._run_id = run_id
        self._tally = tally
        self._tell = tell
        self._stop = stop
        self._told_stop = False
        self._touched_s = time.monotonic()

    def left(self, calls: Iterator[HeardCall]) -> Iterator[HeardCall]:
        """The calls without a scorecard by this rulebook; the others are counted."""
        while chunk := list(islice(calls, _STRIDE)):
            keys = {call.audit_id: call.key(rulebook_sha256=self._book.sha256) for call in chunk}
            there = results_of(self._store, keys.values())
            for call in chunk:
                result = there.get(keys[call.audit_id])
                if result is None:
                    yield call
                else:
                    self._tally.unchanged += 1
                    self._tally.results[result] += 1
            self._tick()

    def save(self, heard: HeardCall, judged: Rejudged | Broken) -> None:
        """Keep a new scorecard, and count what it changed."""
        tally = self._tally
        self._tick()
        if isinstance(judged, Broken):
            tally.failures.append(f"{judged.call_id}: {judged.reason}")
            self._tell("failed", call_id=judged.call_id, reason=judged.reason)
            return
        if not save_rescored(self._store, judged.audit, of=heard, book=self._book, run_id=self._run_id):
            tally.gone += 1
            return
        tally.note(judged)

    def _tick(self) -> None:
        if self._stop.level and not self._told_stop:
            self._told_stop = True
            self._tell("stopping")
        if time.monotonic() - self._touched_s > _TOUCH_EVERY_S:
            self._touched_s = time.monotonic()
            touch_run(self._store, self._run_id)
        self._tell("tick")
