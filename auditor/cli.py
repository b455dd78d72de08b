"""The command line: a thin shell over functions. Heavy imports wait until a command needs them.

Exit codes: 0 audited, 1 a card failed, 2 usage or configuration, 3 some inputs could not be audited,
4 internal error.
"""

from __future__ import annotations

import os
import sys
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor import __version__
from auditor.errors import AuditError, UsageError

if TYPE_CHECKING:
    from auditor.asr.engine import Engine
    from auditor.inputs.config import Settings
    from auditor.pipeline import CallInput, Sound
    from auditor.records import CallAudit
    from auditor.rulebook.schema import Rulebook


class ExitStatus(IntEnum):
    """What the process tells its caller."""

    AUDITED = 0
    CARD_FAILED = 1
    USAGE = 2
    NOT_AUDITED = 3
    INTERNAL = 4


class OutputFormat(StrEnum):
    """How one audit is shown."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


class AgentChannel(StrEnum):
    """Which leg the agent is on."""

    LEFT = "left"
    RIGHT = "right"
    MONO = "mono"
    AUTO = "auto"


app = typer.Typer(
    help="Audit recorded Mandarin service calls against China Mobile's service-etiquette course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(shown: bool) -> None:
    if shown:
        typer.echo(f"auditor {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Audit recorded Mandarin service calls against China Mobile's service-etiquette course."""


@app.command()
def score(
    call: Annotated[Path, typer.Argument(help="The recording; with --customer, the agent's leg.")],
    customer: Annotated[Path | None, typer.Option(help="The customer's leg, when it is a file.")] = None,
    agent_channel: Annotated[AgentChannel | None, typer.Option(help="Which leg the agent is on.")] = None,
    record: Annotated[
        Path | None, typer.Option(help="Call record; default: <stem>.record.json beside the recording.")
    ] = None,
    transcript: Annotated[
        Path | None, typer.Option(help="Turns from elsewhere (.json, .srt, .vtt) instead of Whisper.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Whisper model: a name or a checkpoint file.")] = None,
    rulebook: Annotated[Path | None, typer.Option(help="Rulebook; default: the one that ships.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings; default: ./auditor.toml.")] = None,
    raw: Annotated[
        str | None, typer.Option(help="Headerless audio as CODEC:RATE:CHANNELS, e.g. alaw:8000:2.")
    ] = None,
    output_format: Annotated[
        OutputFormat, typer.Option("--format", help="How to show the audit.")
    ] = OutputFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file instead of the terminal.")
    ] = None,
) -> None:
    """Score one call: every audible clause, with the seconds and the words behind each verdict."""
    from auditor.inputs.config import load_settings  # noqa: PLC0415
    from auditor.judge import open_rulebook  # noqa: PLC0415

    settings = load_settings(config)
    book = open_rulebook(rulebook or settings.rulebook)
    chosen = agent_channel or AgentChannel(settings.agent_channel)
    wanted = _call_input(
        call,
        customer=customer,
        agent_channel=chosen,
        record=record,
        transcript=transcript,
        raw=raw,
        settings=settings,
    )
    _check_output(output)
    sound, audited, notes = _audit(wanted, book=book, model=model or settings.model, settings=settings)
    shown = _show(audited, sound=sound, output_format=output_format, to_terminal=output is None)
    if output is None:
        sys.stdout.write(shown)
    else:
        _write(output, shown)
    for note in notes:
        typer.echo(note, err=True)
    if audited.scorecard.result == "fail":
        raise typer.Exit(ExitStatus.CARD_FAILED)


def _call_input(
    call: Path,
    *,
    customer: Path | None,
    agent_channel: AgentChannel,
    record: Path | None,
    transcript: Path | None,
    raw: str | None,
    settings: Settings,
) -> CallInput:
    from auditor.audio.decode import parse_raw  # noqa: PLC0415
    from auditor.inputs.call_record import read_call_record  # noqa: PLC0415
    from auditor.inputs.transcript import read_transcript  # noqa: PLC0415
    from auditor.pipeline import CallInput  # noqa: PLC0415
    from auditor.records import CallRecord  # noqa: PLC0415

    beside = call.with_name(f"{call.stem}.record.json")
    if record is None and beside.is_file():
        record = beside
    return CallInput(
        paths=(call,) if customer is None else (call, customer),
        record=read_call_record(record, time_zone=settings.time_zone) if record else CallRecord(),
        transcript=read_transcript(transcript) if transcript else None,
        agent_channel=None if agent_channel is AgentChannel.AUTO else agent_channel.value,
        raw=parse_raw(raw) if raw else None,
        max_duration_s=settings.max_duration_h * 3600,
    )


def _audit(
    call: CallInput, *, book: Rulebook, model: str | None, settings: Settings
) -> tuple[Sound, CallAudit, list[str]]:
    """Open, hear and judge; the notes are lines for stderr about the model."""
    from rich.console import Console  # noqa: PLC0415

    from auditor import pipeline  # noqa: PLC0415

    console = Console(stderr=True)
    with console.status("打开 opening …") as status:
        sound = pipeline.open_call(call)
        engine, notes = (None, []) if call.transcript else _engine(model, settings=settings)
        evidence = pipeline.hear(
            sound, call=call, engine=engine, book=book, progress=lambda step: status.update(f"{step} …")
        )
    return sound, pipeline.audit(evidence, book=book, engine=engine), notes


def _engine(model: str | None, *, settings: Settings) -> tuple[Engine, list[str]]:
    from auditor.asr.checkpoints import find_better  # noqa: PLC0415
    from auditor.asr.whisper import load_engine  # noqa: PLC0415

    engine = load_engine(model, folders=settings.model_folders, threads=settings.threads)
    better = find_better(engine.facts, folders=settings.model_folders) if model is None else []
    notes = [f"better models lie unused: {', '.join(better)}; choose one with --model."] if better else []
    return engine, notes


def _show(audited: CallAudit, *, sound: Sound, output_format: OutputFormat, to_terminal: bool) -> str:
    if output_format is OutputFormat.JSON:
        from auditor.report.audit_json import dumps  # noqa: PLC0415

        return dumps(audited)
    if output_format is OutputFormat.HTML:
        from auditor.audio.encode import encode_for_listening, waveform_peaks  # noqa: PLC0415
        from auditor.report.html import render_html  # noqa: PLC0415

        return render_html(
            audited,
            audio=encode_for_listening(sound.channels),
            peaks=[waveform_peaks(channel, bins=1600) for channel in sound.channels],
        )
    import io  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from auditor.report.text import render_text  # noqa: PLC0415

    buffer = io.StringIO()
    terminal = Console()
    coloured = to_terminal and terminal.is_terminal
    console = Console(
        file=buffer, width=terminal.width if coloured else 100, force_terminal=coloured, no_color=not coloured
    )
    render_text(audited, console=console)
    return buffer.getvalue()


def _check_output(output: Path | None) -> None:
    """Refuse an output path before minutes of work, not after."""
    if output is None:
        return
    if output.is_dir():
        raise UsageError(f"{output}: this is a folder; name the file to write with -o.")
    if not output.parent.is_dir():
        raise UsageError(f"{output}: the folder {output.parent} does not exist; create it first.")


def _write(output: Path, text: str) -> None:
    """Write all or nothing: a reader never sees half a report."""
    partial = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UsageError(f"{output}: cannot be written ({error.strerror}); choose another place.") from None


def main() -> None:
    """Run the command line; every error that a user can mend is one sentence on stderr."""
    try:
        app()
    except AuditError as error:
        sys.stderr.write(f"auditor: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(ExitStatus.AUDITED)
    except KeyboardInterrupt:
        sys.stderr.write("auditor: stopped.\n")
        sys.exit(130)
    except Exception as error:  # the last line of defence: a sentence, not a traceback
        if os.environ.get("AUDITOR_TRACEBACK"):
            raise
        sys.stderr.write(
            f"auditor: internal error ({type(error).__name__}: {error}); set AUDITOR_TRACEBACK=1, run again"
            " and report the output.\n"
        )
        sys.exit(ExitStatus.INTERNAL)


if __name__ == "__main__":
    main()
