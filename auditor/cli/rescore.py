"""``auditor rescore``: a store's calls judged again from what was heard of them."""

from __future__ import annotations

import os
import shlex
import sys
from typing import Annotated

import typer

from auditor.cli.exits import ExitStatus
from auditor.cli.options import ConfigOption, LogOption, RulebookOption, StoreOption


def rescore(
    store: StoreOption = None,
    rulebook: RulebookOption = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only calls that began then or later: 2026-11-01.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Processes that judge; default: a core each.")
    ] = None,
    log: LogOption = None,
    config: ConfigOption = None,
) -> None:
    """Judge a store's calls again, without their recordings; the old scorecards stay."""
    from rich.console import Console  # noqa: PLC0415

    from auditor.batch.progress import show_progress  # noqa: PLC0415
    from auditor.batch.rescore import rescore as judge_again  # noqa: PLC0415
    from auditor.batch.rescore_tally import RescoreTally, rescore_summary  # noqa: PLC0415
    from auditor.batch.stopping import stop_on_signals  # noqa: PLC0415
    from auditor.cli.dates import moment  # noqa: PLC0415
    from auditor.inputs.config import load_settings  # noqa: PLC0415
    from auditor.judge import open_rulebook  # noqa: PLC0415
    from auditor.store import open_store  # noqa: PLC0415

    settings = load_settings(config)
    start = moment(since, option="--since", time_zone=settings.time_zone)
    book = open_rulebook(rulebook or settings.rulebook)
    tally = RescoreTally()
    with (
        open_store(store, create=False) as opened,
        show_progress(tally, console=Console(stderr=True), log=log) as tell,
        stop_on_signals() as stop,
    ):
        judge_again(
            opened,
            book=book,
            since=start,
            workers=workers or _cores(),
            command=shlex.join(sys.argv[1:]),
            tally=tally,
            tell=tell,
            stop=stop,
        )
    stopped = tally.done < tally.calls
    sys.stdout.write("\n".join(rescore_summary(tally, rulebook=book.version, stopped=stopped)) + "\n")
    raise typer.Exit(ExitStatus.NOT_AUDITED if tally.failed or stopped else ExitStatus.AUDITED)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
