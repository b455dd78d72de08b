"""``auditor report agent|team|call``: what the store says, as pages and tables."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from auditor.cli.options import ConfigOption, StoreOption
from auditor.cli.output import write_output
from auditor.cli.report_pages import call_page, write_call_pages
from auditor.cli.report_period import basis_of
from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.report.agent import AgentReport
    from auditor.report.many import Coaching
    from auditor.report.periods import Kind
    from auditor.report.team import TeamReport
    from auditor.store import Edition, Store

report_app = typer.Typer(help="Reports on an agent, a team or a call from the store.", no_args_is_help=True)


class ReportFormat(StrEnum):
    """How a report is written."""

    HTML = "html"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


_TABLES = (ReportFormat.XLSX, ReportFormat.CSV)  # hold every call


class PeriodKind(StrEnum):
    """Named stretches of days."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


FromOption = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day, YYYY-MM-DD.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day, included.")]
PeriodOption = Annotated[
    PeriodKind | None,
    typer.Option(help="The day, week or month of --from; without it: of the last call."),
]
FormatOption = Annotated[ReportFormat, typer.Option("--format", help="What to write.")]
FolderOption = Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write into.")]
LineOption = Annotated[str | None, typer.Option(help="Only calls of this line.")]
HERE = Path()


@report_app.callback()
def about() -> None:
    """Reports on an agent, a team or a call from the store."""


@report_app.command()
def agent(
    agent_id: Annotated[str, typer.Argument(metavar="ID", help="The agent's id (工号) or name.")],
    store: StoreOption = None,
    first: FromOption = None,
    last: ToOption = None,
    period: PeriodOption = None,
    line: LineOption = None,
    output_format: FormatOption = ReportFormat.HTML,
    output: FolderOption = HERE,
    config: ConfigOption = None,
) -> None:
    """Report on one agent: score, trend, what costs most and what is done well, with clips."""
    from auditor.report.agent import make_agent_report  # noqa: PLC0415
    from auditor.report.gather import gather_agent  # noqa: PLC0415
    from auditor.store import Selection, agents, close_agents, find_agent, open_store  # noqa: PLC0415

    _check_folder(output)
    zone = _zone(config)
    with open_store(store, create=False) as opened:
        found = find_agent(opened, agent_id)
        named = [each for each in agents(opened) if each.name == agent_id] if found is None else [found]
        if len(named) != 1:
            near = [
                f"{each.code} {each.name or ''}".strip() for each in named or close_agents(opened, agent_id)
            ]
            raise UsageError(_unknown("agent", agent_id, near, known=bool(named)))
        selection = Selection(agent=named[0].code, line=line)
        basis = basis_of(opened, selection, first, last, _kind(period), zone, what=f"agent {named[0].code}")
        facts = gather_agent(
            opened,
            named[0],
            basis=basis,
            line=line,
            every_call=output_format in _TABLES,
            every_figure=output_format is not ReportFormat.HTML,
        )
        made = make_agent_report(facts, coaching=_coaching(opened, basis.edition))
        stem = f"agent-{_slug(named[0].code)}-{basis.period.slug}"
        _write(opened, made, folder=output, stem=stem, output_format=output_format)


@report_app.command()
def team(
    name: Annotated[
        str | None, typer.Argument(metavar="ID", help="The team's name; without: all calls.")
    ] = None,
    store: StoreOption = None,
    first: FromOption = None,
    last: ToOption = None,
    period: PeriodOption = None,
    line: LineOption = None,
    output_format: FormatOption = ReportFormat.HTML,
    output: FolderOption = HERE,
    config: ConfigOption = None,
) -> None:
    """Report on a team: critical calls first, agents by clauses, distribution, review queue."""
    from auditor.report.gather import gather_team  # noqa: PLC0415
    from auditor.report.team import make_team_report  # noqa: PLC0415
    from auditor.store import Selection, close_teams, find_team, open_store  # noqa: PLC0415

    _check_folder(output)
    zone = _zone(config)
    with open_store(store, create=False) as opened:
        if name is not None and not find_team(opened, name):
            raise UsageError(_unknown("team", name, list(close_teams(opened, name))))
        selection = Selection(team=name, line=line)
        what = "the store" if name is None else f"team {name}"
        basis = basis_of(opened, selection, first, last, _kind(period), zone, what=what)
        facts = gather_team(
            opened,
            name,
            basis=basis,
            line=line,
            every_call=output_format in _TABLES,
            every_figure=output_format is not ReportFormat.HTML,
        )
        made = make_team_report(facts, coaching=_coaching(opened, basis.edition))
        stem = f"team-{_slug(name) if name is not None else 'all'}-{basis.period.slug}"
        _write(opened, made, folder=output, stem=stem, output_format=output_format)


@report_app.command()
def call(
    call_id: Annotated[str, typer.Argument(metavar="ID", help="The call's id, as lists show it.")],
    store: StoreOption = None,
    output_format: FormatOption = ReportFormat.HTML,
    output: FolderOption = HERE,
    config: ConfigOption = None,
) -> None:
    """Report on one call of the store, with what reviewers decided and, as a page, its sound."""
    from sqlalchemy import true  # noqa: PLC0415

    from auditor.report import call_table  # noqa: PLC0415
    from auditor.report.audit_json import dumps  # noqa: PLC0415
    from auditor.report.many_xlsx import table_bytes  # noqa: PLC0415
    from auditor.report.stored_call import reviewed_of  # noqa: PLC0415
    from auditor.store import close_calls, open_store, reviewed_call  # noqa: PLC0415
    from auditor.store.looking import scorecard_of_call  # noqa: PLC0415

    _check_folder(output)
    zone = _zone(config)
    with open_store(store, create=False) as opened:
        audit_id = scorecard_of_call(opened, call_id, visible=true())
        found = None if audit_id is None else reviewed_call(opened, audit_id)
        if found is None:
            raise UsageError(_unknown("call", call_id, list(close_calls(opened, call_id))))
        reviewed = reviewed_of(found, zone=zone)
        stem = output / f"call-{_slug(call_id)}"
        if output_format is ReportFormat.HTML:
            content: str | bytes = call_page(opened, found.audit_id, zone=zone, embed=True, folder=output)
        elif output_format is ReportFormat.JSON:
            content = dumps(found.audit, reviewed=reviewed)
        elif output_format is ReportFormat.CSV:
            content = call_table.csv_text(found.audit, reviewed=reviewed)
        else:
            rows = call_table.rows(found.audit, reviewed=reviewed)
            content = table_bytes("条款", call_table.HEAD, rows)
    _put(stem.with_name(f"{stem.name}.{output_format.value}"), content)


def _write(
    store: Store,
    report: AgentReport | TeamReport,
    *,
    folder: Path,
    stem: str,
    output_format: ReportFormat,
) -> None:
    file = folder / f"{stem}.{output_format.value}"
    if output_format is ReportFormat.JSON:
        from auditor.report.many_json import dumps  # noqa: PLC0415

        _put(file, dumps(report))
    elif output_format is ReportFormat.CSV:
        from auditor.report.many_table import csv_text  # noqa: PLC0415

        _put(file, csv_text(report))
    elif output_format is ReportFormat.XLSX:
        from auditor.report.many_xlsx import xlsx_bytes  # noqa: PLC0415

        _put(file, xlsx_bytes(report))
    else:
        from auditor.report.many_html import render_many  # noqa: PLC0415

        _put(file, render_many(report, call_url=write_call_pages(store, report, folder=folder)))


def _coaching(store: Store, edition: Edition) -> Coaching:
    from auditor.judge import open_rulebook  # noqa: PLC0415
    from auditor.report.many import read_coaching  # noqa: PLC0415
    from auditor.store import stored_rulebook  # noqa: PLC0415

    return read_coaching(stored_rulebook(store, edition.rulebook_id) or open_rulebook())


def _kind(period: PeriodKind | None) -> Kind | None:
    return None if period is None else period.value


def _zone(config: Path | None) -> ZoneInfo:
    from auditor.inputs.config import load_settings  # noqa: PLC0415

    return ZoneInfo(load_settings(config).time_zone)


def _unknown(kind: str, given: str, near: list[str], *, known: bool = False) -> str:
    if known:
        return f"several agents are named {given!r}: {', '.join(near)}; give the id."
    hint = f"the nearest are {', '.join(near)}" if near else "none has a similar name"
    return f"there is no {kind} {given!r} in the store; {hint}."


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: this is a file; name a folder to write into with -o.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made ({error.strerror}); choose another folder.") from None


def _put(file: Path, content: str | bytes) -> None:
    write_output(file, content)
    typer.echo(str(file))


def _slug(text: str) -> str:
    """What is left of an id in the name of a file."""
    return re.sub(r"[^\w-]+", "_", text)[:80].strip("_") or "_"
