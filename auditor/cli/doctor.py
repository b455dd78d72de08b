"""``auditor doctor``: what the recorder does, and its part of the settings."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.exits import ExitStatus
from auditor.cli.options import RawOption
from auditor.cli.output import check_output, write_output

if TYPE_CHECKING:
    from auditor.asr.engine import Engine
    from auditor.batch.doctor import Diagnosis
    from auditor.inputs.config import Settings


class DoctorFormat(StrEnum):
    """How the diagnosis is shown."""

    TEXT = "text"
    JSON = "json"


def doctor(
    folder: Annotated[Path, typer.Argument(help="A folder with recordings (and their call records).")],
    model: Annotated[
        str | None, typer.Option(help="Whisper model that hears who is the agent; default: sound only.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Settings to write; default: ./auditor.toml.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
    calls: Annotated[int, typer.Option(min=1, max=1000, help="How many calls are read at most.")] = 50,
    raw: RawOption = None,
    output_format: Annotated[
        DoctorFormat, typer.Option("--format", help="How to show what was found.")
    ] = DoctorFormat.TEXT,
) -> None:
    """Learn the recorder's habits from a folder of calls and write them into auditor.toml."""
    import json  # noqa: PLC0415

    from auditor.batch.doctor_text import render_text, to_data  # noqa: PLC0415
    from auditor.inputs.config import CONFIG_NAME, load_settings  # noqa: PLC0415
    from auditor.inputs.files import read_text  # noqa: PLC0415
    from auditor.inputs.recorder_table import edit_recorder  # noqa: PLC0415

    file = config or Path(CONFIG_NAME)
    check_output(file)
    settings = load_settings(file if file.is_file() else None)
    found = _diagnose(folder, model=model, calls=calls, raw=raw, settings=settings)
    before = read_text(file, what="settings file") if file.is_file() else ""
    after, changes = edit_recorder(before, values=found.values, why=found.why)
    if changes and not dry_run:
        write_output(file, after)
    if output_format is DoctorFormat.JSON:
        data = to_data(found, config=str(file), changes=changes, dry_run=dry_run)
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(render_text(found, config=str(file), changes=changes, dry_run=dry_run))
    for sentence in found.passed_over:
        typer.echo(f"auditor: {sentence}", err=True)
    if found.passed_over:
        raise typer.Exit(ExitStatus.NOT_AUDITED)


def _diagnose(
    folder: Path, *, model: str | None, calls: int, raw: str | None, settings: Settings
) -> Diagnosis:
    from rich.console import Console  # noqa: PLC0415

    from auditor.audio.decode import parse_raw  # noqa: PLC0415
    from auditor.batch.doctor import diagnose  # noqa: PLC0415

    with Console(stderr=True).status("…") as status:
        return diagnose(
            folder,
            raw=parse_raw(raw) if raw else None,
            engine=_engine(model, settings=settings) if model else None,
            most_calls=calls,
            max_duration_s=settings.max_duration_h * 3600,
            time_zone=settings.time_zone,
            progress=lambda done, of, name: status.update(f"{done + 1}/{of} {name}"),
        )


def _engine(model: str, *, settings: Settings) -> Engine:
    from auditor.asr.whisper import load_engine  # noqa: PLC0415

    return load_engine(model, folders=settings.model_folders, threads=settings.threads)
