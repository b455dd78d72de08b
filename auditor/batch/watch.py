"""``auditor watch``: a batch of what arrives, and then of what arrives next, until it is told to stop.

Every round is a batch (`run.run_batch`) over the calls that are due (`arrivals`): it leaves alone what the
store has, judges again what got another record, keeps failures apart. All rounds are one run of the store,
which is complete whenever nothing is due. A store that is out of reach costs waiting.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.batch.manifest import list_found
from auditor.batch.run import run_batch
from auditor.errors import StoreError
from auditor.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.batch.arrivals import Arrivals
    from auditor.batch.plan import Plan
    from auditor.batch.progress import Tell
    from auditor.batch.stopping import Stop
    from auditor.batch.tally import Tally
    from auditor.inputs.config import Settings

_ROUND = 200  # calls: what arrives meanwhile waits no longer than for those
_STORE_AWAY_S = 30.0
_NAP_S = 0.25  # a signal is noticed that late
_REST = 4  # times as long as looking took, so that a slow share is not kept busy


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is and how to wait, in seconds; tests have their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


CLOCK = Clock()


def watch(
    arrivals: Arrivals,
    *,
    plan: Plan,
    settings: Settings,
    store: str | None,
    every_s: float,
    tally: Tally,
    tell: Tell,
    say: Callable[[str], None],
    stop: Stop,
    clock: Clock = CLOCK,
) -> None:
    """Audit what arrives until ``stop``; ``tally`` has the outcome.

    Args:
        arrivals: the folders.
        plan: everything but the calls.
        settings: for records and names.
        store: its URL.
        every_s: how often the folders are looked at.
        tally: of all rounds together.
        tell: told what happens.
        say: told sentences for people.
        stop: asked all the time; the calls in hand are finished.
        clock: the time.

    Raises:
        UsageError: model or rulebook cannot be used.
        AuditError: workers cannot be started.
    """
    run_id: int | None = None
    ids: dict[str, str] = {}
    while not stop.level:
        began_s = clock.now()
        due = arrivals.due(began_s)
        rest_s = max(every_s, _REST * (clock.now() - began_s))
        if due:
            there = arrivals.origins()
            ids = {call_id: origin for call_id, origin in ids.items() if origin in there}
            calls = due[:_ROUND]
            listing = list_found(calls, settings=settings, ids=ids)
            for sentence in (*listing.notes, *listing.faults):
                say(sentence)
            try:
                with open_store(store) as opened:
                    run_id = run_batch(
                        replace(plan, calls=listing.calls),
                        store=opened,
                        tally=tally,
                        tell=tell,
                        stop=stop,
                        run_id=run_id,
                    )
            except StoreError as error:
                say(f"{error} Trying again in {_STORE_AWAY_S:.0f} s.")
                tally.calls, tally.size_bytes = tally.done, tally.done_bytes
                rest_s = _STORE_AWAY_S
            else:
                arrivals.note_audited(calls)
                if len(due) > len(calls):
                    continue
        rested_s = _rest(rest_s, stop=stop, clock=clock)
        tally.began_s += rested_s  # speed is that of the work


def _rest(seconds: float, *, stop: Stop, clock: Clock) -> float:
    """Wait, but not for somebody who wants to stop; how long it was."""
    began_s = clock.now()
    while not stop.level and clock.now() - began_s < seconds:
        clock.sleep(min(_NAP_S, seconds))
    return clock.now() - began_s
