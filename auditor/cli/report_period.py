"""Which edition and which days a report is about, from the options of the command line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import typer

from auditor.errors import UsageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from auditor.report.many import Basis
    from auditor.report.periods import Kind, Period
    from auditor.store import Edition, Selection, Store

_DAYS = 30  # of a report that is asked for no time


def basis_of(
    store: Store,
    selection: Selection,
    first: str | None,
    last: str | None,
    kind: Kind | None,
    zone: ZoneInfo,
    *,
    what: str,
) -> Basis:
    """Edition and period, which must hold calls.

    Raises:
        UsageError: a date that is none, dates out of order, no calls then.
    """
    from auditor.report.facts import is_demonstration  # noqa: PLC0415
    from auditor.report.many import Basis  # noqa: PLC0415
    from auditor.store import audit_of, calls, left_out, time_of_calls  # noqa: PLC0415

    there = time_of_calls(store, selection=selection)
    if there is None:
        on_line = f" on line {selection.line}" if selection.line else ""
        raise UsageError(f"{what} has no calls{on_line} with a known start; audit some with `auditor batch`.")
    begin, end = there[0].astimezone(zone).date(), (there[1] - timedelta(seconds=1)).astimezone(zone).date()
    period = period_of(first, last, kind, zone, begin=begin, end=end)
    within = replace(selection, since=period.since, until=period.until)
    edition = edition_of(store, since=period.since, until=period.until)
    some = calls(store, edition=edition, selection=within, limit=1)
    lost = left_out(store, edition=edition, selection=within)
    if lost:
        tell_left_out(lost, edition=edition)
    if not some:
        in_edition = f" in rulebook {edition.rulebook} and model {edition.model or 'none'}" if lost else ""
        raise UsageError(
            f"{what} has no calls from {period.first} to {period.last}{in_edition}; there are some from"
            f" {begin} to {end}."
        )
    audit = audit_of(store, some[0].audit_id)
    return Basis(period, edition, demonstration=audit is not None and is_demonstration(audit))


def period_of(
    first: str | None, last: str | None, kind: Kind | None, zone: ZoneInfo, *, begin: date, end: date
) -> Period:
    """The days that were asked for; without any the last month of days with calls.

    Args:
        first: of ``--from``.
        last: of ``--to``.
        kind: of ``--period``.
        zone: of the settings.
        begin: the first day with calls.
        end: the last day with calls.

    Raises:
        UsageError: a date that is none, dates out of order, too many of the three.
    """
    from auditor.report.periods import Period, period_with  # noqa: PLC0415

    since, until = _day(first, "--from"), _day(last, "--to")
    if kind is not None:
        if since is not None and until is not None:
            raise UsageError("--period takes the place of --from or --to; leave one of the three out.")
        return period_with(since or until or end, kind=kind, zone=zone)
    until = until or (end if since is None or end >= since else since)
    since = since or (min(until, max(begin, until - timedelta(days=_DAYS - 1))))
    if until < since:
        raise UsageError(f"--from {since} comes after --to {until}; exchange them.")
    return Period("range", since, until, zone)


def _day(given: str | None, flag: str) -> date | None:
    if given is None:
        return None
    try:
        return datetime.strptime(given, "%Y-%m-%d").date()
    except ValueError:
        raise UsageError(f"{flag} {given!r} is no date; write it as 2026-11-02.") from None


def edition_of(store: Store, *, since: datetime, until: datetime) -> Edition:
    """Of complete runs the rulebook and model with most calls of these days, else those of the last run.

    Raises:
        UsageError: the store holds no audits.
    """
    from auditor.store import editions, fullest_edition  # noqa: PLC0415

    found = fullest_edition(store, since=since, until=until) or next(iter(editions(store)), None)
    if found is None:
        raise UsageError(f"{store.shown}: this store holds no audits yet; run `auditor batch` first.")
    return found


def tell_left_out(calls: int, *, edition: Edition) -> None:
    """Say that calls which only other editions hold are not counted, and what to do."""
    typer.echo(
        f"left out: {calls} calls that rulebook {edition.rulebook} with {edition.model or 'transcripts'} does"
        " not hold; `auditor rescore` without --since judges every call by one rulebook.",
        err=True,
    )
