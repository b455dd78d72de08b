"""``auditor purge``: old calls forgotten."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from auditor.cli.options import ConfigOption, StoreOption


def purge(
    older_than: Annotated[
        str,
        typer.Option(metavar="DATE|DAYS", help="Calls that began before this day, or so long ago: 90d."),
    ],
    store: StoreOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be forgotten.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = None,
) -> None:
    """Forget old calls: what was heard, judged and decided about them. Recordings are not touched."""
    from auditor.cli.dates import age  # noqa: PLC0415
    from auditor.errors import UsageError  # noqa: PLC0415
    from auditor.inputs.config import load_settings  # noqa: PLC0415
    from auditor.store import open_store, purge_older_than, purgeable  # noqa: PLC0415

    before = age(older_than, option="--older-than", time_zone=load_settings(config).time_zone)
    with open_store(store, create=False) as opened:
        found = purgeable(opened, before)
        shown = f"{opened.shown}: {found.recordings} calls from before {before:%Y-%m-%d %H:%M %z}"
        if found.undated:
            shown += f" ({found.undated} of them by when they came, as nobody knows when they began)"
        typer.echo(f"{shown}, with {found.audits} scorecards, and {found.failures} failures")
        if dry_run or not (found.recordings or found.failures):
            typer.echo("nothing was forgotten.")
            return
        if not yes:
            if not sys.stdin.isatty():
                raise UsageError("nobody is there to ask; give --yes to forget them, or --dry-run.")
            if not typer.confirm("forget them for good?"):
                typer.echo("nothing was forgotten.")
                return
        gone = purge_older_than(opened, before)
    typer.echo(f"forgotten: {gone.recordings} calls, {gone.audits} scorecards, {gone.failures} failures")
