"""``auditor models``: which checkpoints there are, bringing them in, converting and verifying them.

Exit codes: 0 done (and, of ``verify``, no checkpoint differs) · 2 it could not be done, or one differs.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.options import ConfigOption

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auditor.asr.inventory import Held

models_app = typer.Typer(
    help="The Whisper checkpoints: list, fetch, convert, verify.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class ListFormat(StrEnum):
    """How a list is shown."""

    TEXT = "text"
    JSON = "json"


_Format = Annotated[ListFormat, typer.Option("--format", help="How to show the list.")]


@models_app.command("list")
def list_models(config: ConfigOption = None, output_format: _Format = ListFormat.TEXT) -> None:
    """List the official models with size and Mandarin error rate, and every checkpoint that is here."""
    from auditor.asr.catalogue import SOURCE  # noqa: PLC0415
    from auditor.asr.checkpoints import model_folders  # noqa: PLC0415
    from auditor.asr.inventory import take_stock  # noqa: PLC0415
    from auditor.inputs.config import load_settings  # noqa: PLC0415

    settings = load_settings(config)
    with _busy("checking"):
        held = take_stock(in_use=settings.model, folders=settings.model_folders)
    folders = [str(folder) for folder in model_folders(settings.model_folders)]
    if output_format is ListFormat.JSON:
        _write_json({"models": [_row(one) for one in held], "cer_source": SOURCE, "folders": folders})
        return
    lines = [f"  {'model':<16} {'size':>8}  {'CER % read / net':<16}  state", *map(_line, held), ""]
    lines += [
        "* in use without --model. CER: Mandarin characters wrong, in percent, as published",
        f"({SOURCE}).",
    ]
    lines += ["Searched, in this order:", *(f"  {folder}" for folder in folders)]
    typer.echo("\n".join(lines))


@models_app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="An official name, such as medium, large-v3 or turbo.")],
    source: Annotated[
        str | None,
        typer.Option("--from", help="A file carried here, or a mirror's address; default: OpenAI's own."),
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--to", help="Folder to put it in; default: the user's model folder.")
    ] = None,
) -> None:
    """Bring an official checkpoint in, verified; run it again to go on after an interruption."""
    from auditor.asr.catalogue import CATALOGUE  # noqa: PLC0415
    from auditor.asr.checkpoints import locate, official_name, user_data_folder  # noqa: PLC0415
    from auditor.asr.fetch import fetch_official  # noqa: PLC0415
    from auditor.asr.inventory import State, examine  # noqa: PLC0415
    from auditor.errors import ModelError  # noqa: PLC0415
    from auditor.inputs.config import load_settings  # noqa: PLC0415

    official = official_name(name)
    if official is None:
        names = ", ".join(entry.name for entry in CATALOGUE)
        raise ModelError(
            f"{name!r} is no official model that hears Mandarin ({names}); any other checkpoint is used as it"
            " is, with --model PATH."
        )
    if into is None:
        here, _ = locate(official, folders=load_settings().model_folders)
    else:
        here = into / f"{official}.pt" if (into / f"{official}.pt").is_file() else None
    if here is not None:
        held = examine(here)
        if held.state is not State.OK:
            raise ModelError(f"{here}: {held.note}; nothing is written over: move it away, then run again.")
        typer.echo(f"{official} is here already, {held.note}: {here}")
        return
    with _progress(official) as progress:
        path = fetch_official(
            official, into=into or user_data_folder() / "models", source=source, progress=progress
        )
    called = path if into else official
    typer.echo(f"{path}: as OpenAI published it, {_size(path.stat().st_size)}; use it with --model {called}")


@models_app.command()
def convert(
    folder: Annotated[Path, typer.Argument(help="Folder with config.json and model.safetensors.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The .pt file; default: DIR's name in the user's model folder."),
    ] = None,
) -> None:
    """Turn a fine-tune in Hugging Face layout into a Whisper checkpoint."""
    from auditor.asr.checkpoints import checkpoint_sha256, user_data_folder  # noqa: PLC0415
    from auditor.asr.convert import convert as convert_fine_tune  # noqa: PLC0415

    target = output or user_data_folder() / "models" / f"{folder.resolve().name}.pt"
    with _busy("converting"):
        path = convert_fine_tune(folder, output=target)
    typer.echo(f"{path}: {_size(path.stat().st_size)}, SHA-256 {checkpoint_sha256(path)}")
    called = path if output else path.stem
    typer.echo(f"Use it with --model {called}. It has no card, so what hangs on a probe goes to review.")


@models_app.command()
def verify(config: ConfigOption = None, output_format: _Format = ListFormat.TEXT) -> None:
    """Compare every checkpoint in the model folders with its card or with Whisper's own checksum.

    Leaves with 0 when each is ok or unknown, with 2 when one differs.
    """
    from auditor.asr.inventory import State, find_all  # noqa: PLC0415
    from auditor.errors import ModelError  # noqa: PLC0415
    from auditor.inputs.config import load_settings  # noqa: PLC0415

    with _busy("checking"):
        held = find_all(folders=load_settings(config).model_folders)
    if output_format is ListFormat.JSON:
        _write_json({"models": [_row(one) for one in held]})
    else:
        typer.echo(
            "\n".join(f"{one.state:<8} {one.path}  {one.note}" for one in held) or "no checkpoint found"
        )
    if wrong := [str(one.path) for one in held if one.state is State.DIFFERS]:
        raise ModelError(
            f"{len(wrong)} of {len(held)} checkpoints differ from what they claim to be"
            f" ({', '.join(wrong)}); remove and fetch or copy them again."
        )


def _row(one: Held) -> dict[str, object]:
    return {
        "name": one.name,
        "path": None if one.path is None else str(one.path),
        "state": one.state.value,
        "note": one.note,
        "size_bytes": one.size_bytes,
        "official": one.official is not None,
        "cer_read_percent": one.official and one.official.cer_read_percent,
        "cer_net_percent": one.official and one.official.cer_net_percent,
        "ships": one.ships,
        "demonstration": one.demonstration,
        "in_use": one.in_use,
    }


def _line(one: Held) -> str:
    known = one.official
    rates = f"{known.cer_read_percent:.1f} / {known.cer_net_percent:.1f}" if known else "–"
    what = ["ships"] * one.ships + ["for demonstration, not for real calls"] * one.demonstration
    state = one.note if one.path is None else f"{one.state}: {one.note}"
    shown = "; ".join([state, *what]) + (f"  {one.path}" if one.path else "")
    size = _size(one.size_bytes) if one.size_bytes is not None else ""
    return f"{'*' if one.in_use else ' '} {one.name:<16} {size:>8}  {rates:<16}  {shown}"


def _size(size_bytes: int) -> str:
    if size_bytes >= 1e9:
        return f"{size_bytes / 1e9:.1f} GB"
    return f"{size_bytes / 1e6:.0f} MB" if size_bytes >= 1e6 else f"{size_bytes} B"


def _write_json(values: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(values, ensure_ascii=False, indent=2) + "\n")


@contextmanager
def _busy(what: str) -> Iterator[None]:
    from rich.console import Console  # noqa: PLC0415

    with Console(stderr=True).status(f"{what} …"):
        yield


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on a terminal; elsewhere a line for every tenth."""
    if not sys.stderr.isatty():
        yield _plain_progress(name)
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task(name, total=None)
        yield lambda here, total: bar.update(task, completed=here, total=total)


def _plain_progress(name: str) -> Callable[[int, int | None], None]:
    said = 0

    def show(here: int, total: int | None) -> None:
        nonlocal said
        tenth = here * 10 // total if total else 0
        if total and tenth > said:
            said = tenth
            typer.echo(f"{name}: {tenth * 10} % of {_size(total)}", err=True)

    return show
