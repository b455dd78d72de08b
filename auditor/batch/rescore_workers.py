"""Processes that judge stored evidence: they read the store themselves, and hand back scorecards alone.

Judging takes some 80 ms a call, and a process seconds to start and as long again until its caches are warm.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from auditor.batch.stopping import signals_held_back
from auditor.errors import AuditError
from auditor.records import CallAudit, Evidence
from auditor.store import Store, open_store, stored_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.batch.stopping import Stop
    from auditor.records import Verdict
    from auditor.rulebook.schema import Rulebook
    from auditor.store import HeardCall

# So many calls for each process; fewer are judged without.
WORTH_A_PROCESS = 200
# Calls that go to a process at once.
_CHUNK = 8


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A call that was judged again.

    Attributes:
        audit: with as much of its evidence as saving it takes.
        before: verdicts of the scorecard that counted until now, by rule.
        result_before: its result.
    """

    audit: CallAudit
    before: dict[str, Verdict]
    result_before: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A call that could not be judged."""

    call_id: str
    reason: str


def judge_calls(
    calls: Iterator[HeardCall], *, store: Store, book: Rulebook, workers: int, stop: Stop
) -> Iterator[tuple[HeardCall, Rejudged | Broken]]:
    """Judge calls, in their order; those that have gone meanwhile are `Broken`.

    Raises:
        AuditError: a process died.
    """
    if workers <= 1 or store.engine.url.database in (None, "", ":memory:"):
        for call in calls:
            if stop.level:
                return
            yield call, _judged(call.audit_id, store=store, book=book)
        return
    url = store.engine.url.render_as_string(hide_password=False)
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(url, book)
    )
    in_hand: deque[tuple[list[HeardCall], Future[list[Rejudged | Broken]]]] = deque()
    try:
        while True:
            while not stop.level and len(in_hand) < 3 * workers:
                chunk = list(islice(calls, _CHUNK))
                if not chunk:
                    break
                with signals_held_back():
                    in_hand.append((chunk, pool.submit(_judge_chunk, [call.audit_id for call in chunk])))
            if not in_hand or stop.level >= 2:
                return
            chunk, future = in_hand.popleft()
            yield from zip(chunk, future.result(), strict=True)
    except BrokenProcessPool:
        raise AuditError(
            "a process that judges died; is there memory for as many? Run the same command again, with"
            " --workers 1 if need be: it goes on where it ended."
        ) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@dataclass
class _Judge:
    """What a process holds."""

    store: Store
    book: Rulebook


_here: list[_Judge] = []


def _begin(url: str, book: Rulebook) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:  # killed, it cannot say so

        def end_with(sentinel: int) -> None:
            wait([sentinel])
            os._exit(1)

        threading.Thread(target=end_with, args=(parent.sentinel,), daemon=True).start()
    _here.append(_Judge(open_store(url, create=False), book))


def _judge_chunk(audit_ids: Sequence[int]) -> list[Rejudged | Broken]:
    (here,) = _here
    return [_judged(audit_id, store=here.store, book=here.book) for audit_id in audit_ids]


def _judged(audit_id: int, *, store: Store, book: Rulebook) -> Rejudged | Broken:
    from auditor import pipeline  # noqa: PLC0415

    call_id = f"audit {audit_id}"
    try:
        for call in stored_calls(store, [audit_id]):
            call_id = call.call_id
            audit = call.stored.credited(pipeline.audit(call.evidence, book=book))
            before = {finding.rule: finding.verdict for finding in call.findings}
            return Rejudged(replace(audit, evidence=_light(audit.evidence)), before, call.result)
    except AuditError:
        raise  # the same for every call
    except Exception as error:  # stored bytes that do not unpack cost that call only
        return Broken(call_id, f"{type(error).__name__}: {error}")
    return Broken(call_id, "it was forgotten meanwhile.")


def _light(evidence: Evidence) -> Evidence:
    """What saving a scorecard reads of the evidence, which is there already."""
    return replace(evidence, events=(), segments=(), tracks={}, probes=(), measurements={}, masked_numbers=())
