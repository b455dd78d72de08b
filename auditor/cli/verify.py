"""``auditor verify``: a store looked through for damage; nothing is changed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.exits import ExitStatus
from auditor.cli.options import StoreOption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.store.verifying import Verified


def verify(
    store: StoreOption = None,
    recordings: Annotated[
        bool, typer.Option("--recordings", help="Also read every recording: is it still what was heard?")
    ] = False,
) -> None:
    """Check that a store is whole: evidence, scorecards, sums, search; with --recordings the files, too."""
    from rich.console import Console  # noqa: PLC0415

    from auditor.batch.progress import show_progress  # noqa: PLC0415
    from auditor.store import open_store  # noqa: PLC0415
    from auditor.store.verify_parts import Progress  # noqa: PLC0415
    from auditor.store.verifying import verify as look_through  # noqa: PLC0415

    progress = Progress()
    with (
        open_store(store, create=False) as opened,
        show_progress(progress, console=Console(stderr=True), log=None) as tell,
    ):
        progress.tick = lambda: tell("tick")
        found = list(look_through(opened, recordings=recordings, progress=progress))
    lines = [f"{opened.shown}:", *(line for each in found for line in _lines(each))]
    faults = sum(each.faults for each in found)
    lines.append(f"{faults:,} faults found; nothing was changed." if faults else "all is well.")
    sys.stdout.write("\n".join(lines) + "\n")
    raise typer.Exit(ExitStatus.NOT_AUDITED if faults else ExitStatus.AUDITED)


def _lines(check: Verified) -> Iterator[str]:
    looked = f", {check.looked:,} looked at" if check.looked else ""
    if not check.faults:
        note = f": {check.note}" if check.note else ""
        yield f"  ok     {check.name}{looked}{note}"
        return
    yield f"  FAULT  {check.name}: {check.faults:,} found{looked}"
    yield from (f"           {' '.join(told.split())}" for told in check.told)
    if check.faults > len(check.told):
        yield f"           and {check.faults - len(check.told):,} more"
    yield f"         what to do: {check.remedy}"
