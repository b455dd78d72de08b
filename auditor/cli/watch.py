"""``auditor watch``: what arrives in folders, into a store."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.batch import EngineName, make_plan
from auditor.cli.exits import ExitStatus
from auditor.cli.options import (
    AgentChannelOption,
    ConfigOption,
    KeepNumbersOption,
    LogOption,
    ModelOption,
    RawOption,
    RulebookOption,
    StoreOption,
    WorkersOption,
)
from auditor.errors import UsageError


def watch(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER", help="Folders that recordings come to.")],
    store: StoreOption = None,
    settle: Annotated[
        float, typer.Option(min=0.1, help="Seconds that a recording may not have changed for.")
    ] = 30.0,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between looks at the folders.")] = 5.0,
    workers: WorkersOption = None,
    keep_numbers: KeepNumbersOption = False,
    log: LogOption = None,
    agent_channel: AgentChannelOption = None,
    model: ModelOption = None,
    rulebook: RulebookOption = None,
    config: ConfigOption = None,
    raw: RawOption = None,
) -> None:
    """Audit recordings as they arrive, until SIGTERM or Ctrl-C."""
    from rich.console import Console  # noqa: PLC0415

    from auditor.batch.arrivals import Arrivals  # noqa: PLC0415
    from auditor.batch.local import standing_engine  # noqa: PLC0415
    from auditor.batch.progress import show_progress  # noqa: PLC0415
    from auditor.batch.stopping import stop_on_signals  # noqa: PLC0415
    from auditor.batch.tally import Tally, summary_lines  # noqa: PLC0415
    from auditor.batch.watch import watch as watch_folders  # noqa: PLC0415
    from auditor.inputs.config import load_settings  # noqa: PLC0415
    from auditor.store import open_store  # noqa: PLC0415

    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"{folder}: there is no such folder; make it or name another.")
    settings = load_settings(config)
    plan = make_plan(
        (),
        settings=settings,
        engine=EngineName.LOCAL,
        model=model or settings.model,
        rulebook=rulebook,
        raw=raw,
        agent_channel=agent_channel,
        workers=workers,
        retry_failed=False,
        keep_numbers=keep_numbers,
        heard=True,
    )
    open_store(store).close()  # a wrong URL is told now, not when the first call comes
    console = Console(stderr=True, force_terminal=False, soft_wrap=True)
    tally = Tally()

    def say(sentence: str) -> None:
        typer.echo(f"auditor: {sentence}", err=True)

    with ExitStack() as stack:
        engine = stack.enter_context(standing_engine())
        tell = stack.enter_context(show_progress(tally, console=console, log=log))
        stop = stack.enter_context(stop_on_signals())
        say(f"watching {', '.join(map(str, folders))}; SIGTERM or Ctrl-C ends it after the calls in hand.")
        watch_folders(
            Arrivals([folder.absolute() for folder in folders], settle_s=settle, say=say),
            plan=replace(plan, engine=engine),
            settings=settings,
            store=store,
            every_s=every,
            tally=tally,
            tell=tell,
            say=say,
            stop=stop,
        )
    sys.stdout.write("\n".join(summary_lines(tally, stopped=False)) + "\n")
    failed = tally.failed or tally.failed_before or tally.done < tally.calls
    raise typer.Exit(ExitStatus.NOT_AUDITED if failed else ExitStatus.AUDITED)
