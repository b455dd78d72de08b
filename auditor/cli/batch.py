"""``auditor batch``: many calls into a store."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.exits import ExitStatus
from auditor.cli.score import AgentChannel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.batch.calls import Call, Listing
    from auditor.batch.run import Plan
    from auditor.batch.tally import Tally
    from auditor.inputs.config import Settings

_SMALL_MODEL_BYTES = 100_000_000
_THREADS_OF_LARGE = 4


def batch(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT", help="Folders, recordings, patterns and manifests.", show_default=False
        ),
    ] = None,
    manifest: Annotated[
        list[Path] | None, typer.Option(help="Call records with their recordings: .csv, .xlsx, .jsonl.")
    ] = None,
    store: Annotated[
        str | None, typer.Option(help="Where audits are kept; default: AUDITOR_STORE, sqlite:///audits.db.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=1024, help="Processes that hear calls.")] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again what failed in an earlier run.")
    ] = False,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Audit the others when some cannot be (exit code 3).")
    ] = False,
    fail_on_card: Annotated[
        bool, typer.Option("--fail-on-card", help="Leave with 1 when a card failed.")
    ] = False,
    log: Annotated[Path | None, typer.Option(help="Write what happens to this file, as JSON lines.")] = None,
    agent_channel: Annotated[AgentChannel | None, typer.Option(help="Which leg the agent is on.")] = None,
    model: Annotated[str | None, typer.Option(help="Whisper model: a name or a checkpoint file.")] = None,
    rulebook: Annotated[Path | None, typer.Option(help="Rulebook; default: the one that ships.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings; default: ./auditor.toml.")] = None,
    raw: Annotated[
        str | None, typer.Option(help="Headerless audio as CODEC:RATE:CHANNELS, e.g. alaw:8000:2.")
    ] = None,
) -> None:
    """Audit many calls into a store; what is there already is not heard again."""
    from rich.console import Console  # noqa: PLC0415

    from auditor.batch.manifest import list_calls  # noqa: PLC0415
    from auditor.batch.progress import show_progress  # noqa: PLC0415
    from auditor.batch.run import run_batch  # noqa: PLC0415
    from auditor.batch.stopping import stop_on_signals  # noqa: PLC0415
    from auditor.batch.tally import Tally, summary_lines  # noqa: PLC0415
    from auditor.inputs.config import load_settings  # noqa: PLC0415
    from auditor.store import open_store  # noqa: PLC0415

    settings = load_settings(config)
    listing = list_calls(inputs or [], manifests=manifest or [], settings=settings)
    _tell_faults(listing, go_on=skip_bad_rows)
    plan = _plan(
        listing.calls,
        settings=settings,
        model=model or settings.model,
        rulebook=rulebook,
        raw=raw,
        agent_channel=agent_channel,
        workers=workers,
        retry_failed=retry_failed,
    )
    console = Console(stderr=True)
    tally = Tally()
    with (
        open_store(store) as opened,
        show_progress(tally, console=console, log=log) as tell,
        stop_on_signals() as stop,
    ):
        run_batch(plan, store=opened, tally=tally, tell=tell, stop=stop)
    sys.stdout.write("\n".join(summary_lines(tally, stopped=tally.done < tally.calls)) + "\n")
    raise typer.Exit(_exit_status(tally, faults=bool(listing.faults), fail_on_card=fail_on_card))


def _tell_faults(listing: Listing, *, go_on: bool) -> None:
    """Say all that is wrong with what was named; end here unless the others shall be audited."""
    for sentence in (*listing.notes, *listing.faults):
        typer.echo(f"auditor: {sentence}", err=True)
    if listing.faults and not go_on:
        typer.echo(
            f"auditor: nothing was audited: correct these {len(listing.faults)} faults, or give"
            f" --skip-bad-rows to audit the other {len(listing.calls)} calls.",
            err=True,
        )
        raise typer.Exit(ExitStatus.USAGE)


def _exit_status(tally: Tally, *, faults: bool, fail_on_card: bool) -> ExitStatus:
    if faults or tally.failed or tally.failed_before or tally.done < tally.calls:
        return ExitStatus.NOT_AUDITED
    if fail_on_card and tally.results["fail"]:
        return ExitStatus.CARD_FAILED
    return ExitStatus.AUDITED


def _plan(
    calls: Sequence[Call],
    *,
    settings: Settings,
    model: str | None,
    rulebook: Path | None,
    raw: str | None,
    agent_channel: AgentChannel | None,
    workers: int | None,
    retry_failed: bool,
) -> Plan:
    from auditor.audio.decode import parse_raw  # noqa: PLC0415
    from auditor.batch.engine import Limits  # noqa: PLC0415
    from auditor.batch.run import Plan  # noqa: PLC0415
    from auditor.batch.worker import WorkerSetup  # noqa: PLC0415
    from auditor.judge import open_rulebook  # noqa: PLC0415

    facts, options, size = None, dict[str, str](), 0
    if any(call.transcript is None for call in calls):
        from auditor.asr.checkpoints import find_checkpoint  # noqa: PLC0415
        from auditor.asr.whisper import describe_engine  # noqa: PLC0415

        facts, options = describe_engine(model, folders=settings.model_folders)
        size = find_checkpoint(model, folders=settings.model_folders).path.stat().st_size
    chosen = workers or settings.batch.workers or _workers(size, threads=settings.threads)
    limits = settings.batch
    setup = WorkerSetup(
        model=model,
        model_folders=settings.model_folders,
        rulebook=rulebook or settings.rulebook,
        threads=settings.threads or max(1, _cores() // chosen),
        agent_channel=None if agent_channel in (None, AgentChannel.AUTO) else agent_channel.value,
        speaker_model=settings.speaker_model,
        raw=parse_raw(raw) if raw else None,
        recorder=settings.recorder,
        max_duration_s=settings.max_duration_h * 3600,
    )
    return Plan(
        calls=calls,
        setup=setup,
        book=open_rulebook(setup.rulebook),
        model=facts,
        options=options,
        workers=chosen,
        limits=Limits(limits.call_timeout_s, limits.call_timeout_per_audio_s, limits.start_timeout_s),
        retry_failed=retry_failed,
        command=shlex.join(sys.argv[1:]),
    )


def _workers(model_bytes: int, *, threads: int | None) -> int:
    """A process per core for a small model; a large one has several cores and less copies in memory."""
    each = threads or (_THREADS_OF_LARGE if model_bytes > _SMALL_MODEL_BYTES else 1)
    return max(1, _cores() // each)


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
