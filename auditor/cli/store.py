"""``auditor store``: looking after a store."""

from __future__ import annotations

import typer

from auditor.cli.options import StoreOption

store_app = typer.Typer(help="Look after the store of audits.", no_args_is_help=True)


@store_app.callback()
def about() -> None:
    """Look after the store of audits."""


@store_app.command()
def upgrade(
    store: StoreOption = None,
) -> None:
    """Bring an older store to the tables of this auditor. Save a copy first."""
    from auditor.store import upgrade_store  # noqa: PLC0415

    before, now = upgrade_store(store)
    typer.echo(
        f"version {now}: nothing to do." if before == now else f"upgraded from version {before} to {now}."
    )


@store_app.command()
def rebuild(store: StoreOption = None) -> None:
    """Make sums, reviewed cards and the search anew from the audits, as `auditor verify` may advise."""
    from auditor.store import open_store  # noqa: PLC0415
    from auditor.store.rebuilding import rebuild_store  # noqa: PLC0415

    with open_store(store, create=False) as opened:
        rebuild_store(opened, tell=lambda what: typer.echo(what, err=True))
    typer.echo("made anew.")
