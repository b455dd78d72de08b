"""``auditor export``: a store's audits as one file for other programs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.options import ConfigOption, OutputOption, StoreOption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.records import CallAudit
    from auditor.report.reviewed import Reviewed


class ExportFormat(StrEnum):
    """What is written."""

    JSONL = "jsonl"
    CSV = "csv"
    VCON = "vcon"


def export(
    export_format: Annotated[
        ExportFormat,
        typer.Argument(
            metavar="jsonl|csv|vcon", help="JSON of an audit a line, a table for inspectors, a vCon a line."
        ),
    ],
    store: StoreOption = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="Calls that began on this day or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Calls that began on this day or earlier.")
    ] = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Write the audits that count: one rulebook, one model, each call once."""
    from auditor.cli.dates import moment  # noqa: PLC0415
    from auditor.cli.output import check_output, stream_output  # noqa: PLC0415
    from auditor.cli.report_period import tell_left_out  # noqa: PLC0415
    from auditor.errors import UsageError  # noqa: PLC0415
    from auditor.inputs.config import load_settings  # noqa: PLC0415
    from auditor.report.export import csv_lines, jsonl  # noqa: PLC0415
    from auditor.report.reviewed import Decision, Reviewed  # noqa: PLC0415
    from auditor.report.vcon import vcons  # noqa: PLC0415
    from auditor.store import Selection, fullest_edition, iter_cards, left_out, open_store  # noqa: PLC0415

    time_zone = load_settings(config).time_zone
    start = moment(since, option="--from", time_zone=time_zone)
    end = moment(until, option="--to", time_zone=time_zone, end=True)
    check_output(output)
    written = undated = 0
    with open_store(store, create=False) as opened:
        edition = fullest_edition(opened, since=start, until=end)
        if edition is None:
            raise UsageError(
                f"{opened.shown}: no run of this store is complete yet; run `auditor batch` to its end first."
            )
        lost = left_out(opened, edition=edition, selection=Selection(start, end))
        cards = iter_cards(opened, edition=edition, since=start, until=end)

        def audits() -> Iterator[tuple[CallAudit, Reviewed]]:
            nonlocal written, undated
            for card in cards:
                written += 1
                undated += card.audit.evidence.call_record.started_at is None
                decided = {rule: Decision(verdict, by="", when="") for rule, verdict in card.rulings.items()}
                yield card.audit, Reviewed(card.reviewed_percent, card.reviewed_result, decided)

        writers = {ExportFormat.JSONL: jsonl, ExportFormat.CSV: csv_lines, ExportFormat.VCON: vcons}
        with stream_output(output) as file:
            for line in writers[export_format](audits()):
                file.write(line)
    if export_format is ExportFormat.VCON:
        written -= undated
        if undated:
            typer.echo(f"left out: {undated} calls whose start nobody knows; a vCon has to say it.", err=True)
    heard = edition.model or "transcripts"
    if lost:
        tell_left_out(lost, edition=edition)
    typer.echo(f"{written} calls by rulebook {edition.rulebook} and {heard}.", err=True)
