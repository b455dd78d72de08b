"""``auditor batch``: many calls into a store."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.exits import ExitStatus
from auditor.cli.options import (
    AgentChannel,
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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.batch.calls import Call, Listing
    from auditor.batch.run import Plan
    from auditor.batch.tally import Tally
    from auditor.inputs.config import Settings


class EngineName(StrEnum):
    """Where calls are heard."""

    LOCAL = "local"
    RAY = "ray"


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
    store: StoreOption = None,
    engine: Annotated[
        EngineName, typer.Option(help="Hear calls on this machine or on a Ray cluster.")
    ] = EngineName.LOCAL,
    ray_address: Annotated[
        str | None, typer.Option(help="The cluster: HOST:PORT or auto; default: one started here.")
    ] = None,
    workers: WorkersOption = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again what failed in an earlier run.")
    ] = False,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Audit the others when some cannot be (exit code 3).")
    ] = False,
    fail_on_card: Annotated[
        bool, typer.Option("--fail-on-card", help="Leave with 1 when a card failed.")
    ] = False,
    keep_numbers: KeepNumbersOption = False,
    log: LogOption = None,
    agent_channel: AgentChannelOption = None,
    model: ModelOption = None,
    rulebook: RulebookOption = None,
    config: ConfigOption = None,
    raw: RawOption = None,
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
    console = Console(stderr=True)
    tally = Tally()
    with ExitStack() as stack:
        if engine is EngineName.RAY:
            from auditor.batch.ray_cluster import connect  # noqa: PLC0415

            stack.enter_context(connect(ray_address, processors=_cores()))
        elif ray_address is not None:
            raise UsageError("--ray-address is for --engine ray; give both, or neither.")
        plan = make_plan(
            listing.calls,
            settings=settings,
            engine=engine,
            model=model or settings.model,
            rulebook=rulebook,
            raw=raw,
            agent_channel=agent_channel,
            workers=workers,
            retry_failed=retry_failed,
            keep_numbers=keep_numbers,
        )
        opened = stack.enter_context(open_store(store))
        tell = stack.enter_context(show_progress(tally, console=console, log=log))
        stop = stack.enter_context(stop_on_signals())
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


def make_plan(
    calls: Sequence[Call],
    *,
    settings: Settings,
    engine: EngineName,
    model: str | None,
    rulebook: Path | None,
    raw: str | None,
    agent_channel: AgentChannel | None,
    workers: int | None,
    retry_failed: bool,
    keep_numbers: bool,
    heard: bool | None = None,
) -> Plan:
    """What the options come to; ``heard``: a model is needed (None: if a call has no transcript)."""
    from auditor.audio.decode import parse_raw  # noqa: PLC0415
    from auditor.batch.engine import Limits  # noqa: PLC0415
    from auditor.batch.run import Plan  # noqa: PLC0415
    from auditor.batch.worker import WorkerSetup  # noqa: PLC0415
    from auditor.judge import open_rulebook  # noqa: PLC0415

    places = _local_places if engine is EngineName.LOCAL else _ray_places
    if heard is None:
        heard = any(call.transcript is None for call in calls)
    size = _model_bytes(model, settings=settings) if heard else 0
    where = places(size, wanted=workers or settings.batch.workers, threads=settings.threads)
    facts, options = None, dict[str, str]()
    if heard:
        from auditor.asr.whisper import describe_engine  # noqa: PLC0415

        facts, options = describe_engine(model, folders=settings.model_folders, gpu=where.gpu)
    limits = settings.batch
    setup = WorkerSetup(
        model=model,
        model_folders=settings.model_folders,
        rulebook=rulebook or settings.rulebook,
        threads=where.threads,
        agent_channel=None if agent_channel in (None, AgentChannel.AUTO) else agent_channel.value,
        speaker_model=settings.speaker_model,
        raw=parse_raw(raw) if raw else None,
        recorder=settings.recorder,
        max_duration_s=settings.max_duration_h * 3600,
        keep_numbers=keep_numbers,
    )
    if engine is EngineName.RAY:
        from auditor.batch.ray_engine import engine_for  # noqa: PLC0415

        hear_calls = engine_for(facts)
    else:
        from auditor.batch.local import hear_calls  # noqa: PLC0415
    return Plan(
        calls=calls,
        setup=setup,
        book=open_rulebook(setup.rulebook),
        model=facts,
        options=options,
        workers=where.workers,
        limits=Limits(limits.call_timeout_s, limits.call_timeout_per_audio_s, limits.start_timeout_s),
        retry_failed=retry_failed,
        command=shlex.join(sys.argv[1:]),
        engine=hear_calls,
    )


def _model_bytes(model: str | None, *, settings: Settings) -> int:
    from auditor.asr.checkpoints import find_checkpoint  # noqa: PLC0415

    return find_checkpoint(model, folders=settings.model_folders).path.stat().st_size


@dataclass(frozen=True, slots=True)
class _Places:
    """How many calls are heard at a time, with how many threads each; ``gpu``: None as the machine has it."""

    workers: int
    threads: int
    gpu: bool | None = None


def _local_places(model_bytes: int, *, wanted: int | None, threads: int | None) -> _Places:
    """A process per core for a small model; a large one has several cores and less copies in memory."""
    workers = wanted or max(1, _cores() // (threads or _threads(model_bytes)))
    return _Places(workers, threads or max(1, _cores() // workers))


def _ray_places(model_bytes: int, *, wanted: int | None, threads: int | None) -> _Places:
    """What the cluster has room for."""
    from auditor.batch.ray_cluster import nodes, size  # noqa: PLC0415

    each = threads or _threads(model_bytes)
    sizing = size(nodes(), threads=each, most=wanted)
    return _Places(sizing.hearing, each, gpu=sizing.gpus > 0)


def _threads(model_bytes: int) -> int:
    return _THREADS_OF_LARGE if model_bytes > _SMALL_MODEL_BYTES else 1


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
