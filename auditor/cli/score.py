"""``auditor score``: one call, end to end."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.exits import ExitStatus
from auditor.cli.options import (
    AgentChannel,
    AgentChannelOption,
    ConfigOption,
    ModelOption,
    OutputOption,
    RawOption,
    RulebookOption,
)
from auditor.cli.output import check_output, write_output
from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.asr.engine import Engine
    from auditor.inputs.config import Settings
    from auditor.pipeline import CallInput, Sound
    from auditor.records import CallAudit
    from auditor.rulebook.schema import Rulebook


class OutputFormat(StrEnum):
    """How one audit is shown."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


class PageAudio(StrEnum):
    """Where the sound of an HTML card is."""

    EMBED = "embed"
    LINK = "link"
    NONE = "none"


def score(
    call: Annotated[
        str, typer.Argument(help="The recording, a path or an address; with --customer, the agent's leg.")
    ],
    customer: Annotated[str | None, typer.Option(help="The customer's leg, when it is a file.")] = None,
    agent_channel: AgentChannelOption = None,
    record: Annotated[
        Path | None, typer.Option(help="Call record; default: <stem>.record.json beside the recording.")
    ] = None,
    transcript: Annotated[
        Path | None, typer.Option(help="Turns from elsewhere (.json, .srt, .vtt) instead of Whisper.")
    ] = None,
    model: ModelOption = None,
    rulebook: RulebookOption = None,
    config: ConfigOption = None,
    raw: RawOption = None,
    output_format: Annotated[
        OutputFormat, typer.Option("--format", help="How to show the audit.")
    ] = OutputFormat.TEXT,
    output: OutputOption = None,
    audio: Annotated[
        PageAudio,
        typer.Option(help="Sound of an HTML card: inside it, in an .mp3 beside it, or none."),
    ] = PageAudio.EMBED,
) -> None:
    """Score one call: every audible clause, with the seconds and the words behind each verdict."""
    from auditor.inputs.config import load_settings  # noqa: PLC0415
    from auditor.judge import open_rulebook  # noqa: PLC0415

    settings = load_settings(config)
    book = open_rulebook(rulebook or settings.rulebook)
    wanted = _call_input(
        call,
        customer=customer,
        agent_channel=agent_channel or AgentChannel.AUTO,
        record=record,
        transcript=transcript,
        raw=raw,
        settings=settings,
    )
    check_output(output)
    linked = _linked_sound(audio, output_format=output_format, output=output)
    sound, audited, notes = _audit(wanted, book=book, model=model or settings.model, settings=settings)
    if output_format is OutputFormat.HTML:
        shown = _page(audited, sound=sound, book=book, audio=audio, linked=linked)
    else:
        shown = _show(audited, book=book, output_format=output_format, to_terminal=output is None)
    if output is None:
        sys.stdout.write(shown)
    else:
        write_output(output, shown)
    for note in notes:
        typer.echo(note, err=True)
    if audited.scorecard.result == "fail":
        raise typer.Exit(ExitStatus.CARD_FAILED)


def _call_input(
    call: str,
    *,
    customer: str | None,
    agent_channel: AgentChannel,
    record: Path | None,
    transcript: Path | None,
    raw: str | None,
    settings: Settings,
) -> CallInput:
    from auditor.audio.decode import parse_raw  # noqa: PLC0415
    from auditor.inputs.call_files import beside  # noqa: PLC0415
    from auditor.inputs.call_record import read_call_record  # noqa: PLC0415
    from auditor.inputs.storage import is_address, stored_file  # noqa: PLC0415
    from auditor.inputs.transcript import read_transcript  # noqa: PLC0415
    from auditor.pipeline import CallInput  # noqa: PLC0415
    from auditor.records import CallRecord  # noqa: PLC0415

    paths = tuple(
        stored_file(name) if is_address(name) else Path(name) for name in (call, customer) if name is not None
    )
    paper = record or beside(paths, ".record.json")
    return CallInput(
        paths=paths,
        record=read_call_record(paper, time_zone=settings.time_zone) if paper else CallRecord(),
        transcript=read_transcript(transcript) if transcript else None,
        agent_channel=None if agent_channel is AgentChannel.AUTO else agent_channel.value,
        speaker_model=settings.speaker_model,
        raw=parse_raw(raw) if raw else None,
        max_duration_s=settings.max_duration_h * 3600,
        recorder=settings.recorder,
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


def _linked_sound(audio: PageAudio, *, output_format: OutputFormat, output: Path | None) -> Path | None:
    """The sound file beside the page, for ``--audio link``; refused before minutes of work."""
    if audio is not PageAudio.LINK:
        return None
    if output_format is not OutputFormat.HTML or output is None:
        raise UsageError(
            "--audio link needs --format html and -o FILE: the .mp3 is written beside that file."
        )
    linked = output.with_suffix(".mp3")
    check_output(linked)
    if linked == output:
        raise UsageError(f"{output}: --audio link writes the sound there; end the page's name in .html.")
    return linked


def _page(audited: CallAudit, *, sound: Sound, book: Rulebook, audio: PageAudio, linked: Path | None) -> str:
    """The HTML card; a linked sound file is written first, so that no page lacks it."""
    from auditor.audio.encode import encode_for_listening, waveform_peaks  # noqa: PLC0415
    from auditor.report.html import render_html  # noqa: PLC0415
    from auditor.report.standard import read_standard  # noqa: PLC0415
    from auditor.report.waveform import bins_of  # noqa: PLC0415

    heard: tuple[bytes, str] | str | None = None
    if audio is not PageAudio.NONE:
        heard = encode_for_listening(sound.channels)
    if linked is not None and isinstance(heard, tuple):
        write_output(linked, heard[0])
        heard = linked.name
    bins = bins_of(audited.evidence.recording.duration_s)
    return render_html(
        audited,
        audio=heard,
        peaks=[waveform_peaks(channel, bins=bins) for channel in sound.channels],
        standard=read_standard(book, line=audited.evidence.line),
    )


def _show(audited: CallAudit, *, book: Rulebook, output_format: OutputFormat, to_terminal: bool) -> str:
    if output_format is OutputFormat.JSON:
        from auditor.report.audit_json import dumps  # noqa: PLC0415

        return dumps(audited)
    import io  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from auditor.report.standard import read_standard  # noqa: PLC0415
    from auditor.report.text import render_text  # noqa: PLC0415

    buffer = io.StringIO()
    terminal = Console()
    coloured = to_terminal and terminal.is_terminal
    console = Console(
        file=buffer, width=terminal.width if coloured else 100, force_terminal=coloured, no_color=not coloured
    )
    standard = read_standard(book, line=audited.evidence.line)
    render_text(audited, console=console, wording=standard.wording)
    return buffer.getvalue()
