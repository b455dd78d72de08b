"""Pages of calls beside a report: what its clips link to, with the recording where it still lies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from auditor.cli.output import write_output
from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from auditor.report.agent import AgentReport
    from auditor.report.team import TeamReport
    from auditor.store import Store


def write_call_pages(
    store: Store, report: AgentReport | TeamReport, *, folder: Path
) -> Callable[[int, str], str]:
    """Write a page of every call of which the report has a clip or a critical item.

    Returns:
        The address of a call's page at a rule; "" where there is none.
    """
    from auditor.report.agent import AgentReport  # noqa: PLC0415

    wanted = [call.audit_id for call in report.critical]
    if isinstance(report, AgentReport):
        told = (*report.costly, *report.praised)
        wanted += [place.audit_id for each in told for place in each.places]
    pages: dict[int, str] = {}
    for audit_id in dict.fromkeys(wanted):
        page = folder / "calls" / f"{audit_id}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        content = call_page(store, audit_id, zone=report.basis.zone, embed=False, folder=page.parent)
        write_output(page, content)
        pages[audit_id] = f"calls/{audit_id}.html"
    return lambda audit_id, rule: f"{pages[audit_id]}#finding-{rule}" if audit_id in pages else ""


def call_page(store: Store, audit_id: int, *, zone: ZoneInfo, embed: bool, folder: Path) -> str:
    """A call's page; its sound inside, or linked where the recording still lies."""
    from auditor.report.html import render_html  # noqa: PLC0415
    from auditor.report.standard import NO_STANDARD, read_standard  # noqa: PLC0415
    from auditor.report.stored_call import reviewed_of  # noqa: PLC0415
    from auditor.store import reviewed_call  # noqa: PLC0415

    found = reviewed_call(store, audit_id)
    if found is None:  # purged a moment ago
        raise UsageError(f"audit {audit_id} is no longer in the store; run the report again.")
    audit = found.audit
    sound: tuple[bytes, str] | str | None = None
    paths = [Path(path) for path in found.paths]
    peaks: list[list[float]] = []
    if embed:
        sound, peaks = _sound(paths)
    elif len(paths) == 1 and paths[0].is_file():
        sound = Path(os.path.relpath(paths[0].resolve(), folder.resolve())).as_posix()
    return render_html(
        audit,
        audio=sound,
        peaks=peaks,
        standard=read_standard(found.book, line=audit.evidence.line) if found.book else NO_STANDARD,
        reviewed=reviewed_of(found, zone=zone),
    )


def _sound(paths: list[Path]) -> tuple[tuple[bytes, str] | None, list[list[float]]]:
    """The recording for listening, and its waveform; neither where it cannot be opened any more."""
    from auditor.audio.encode import encode_for_listening, waveform_peaks  # noqa: PLC0415
    from auditor.errors import AuditError  # noqa: PLC0415
    from auditor.pipeline import CallInput, open_call  # noqa: PLC0415
    from auditor.records import CallRecord  # noqa: PLC0415

    try:
        sound = open_call(CallInput(paths=tuple(paths), record=CallRecord()))
    except (AuditError, OSError) as error:
        typer.echo(f"auditor: the page has no sound: {error}", err=True)
        return None, []
    heard = encode_for_listening(sound.channels)
    return heard, [list(waveform_peaks(channel, bins=1600)) for channel in sound.channels]
