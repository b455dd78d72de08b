"""``auditor calibrate``: how far machine and people agree, better limits, confidence norms."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.options import ConfigOption, StoreOption
from auditor.cli.output import check_output, write_output

if TYPE_CHECKING:
    from auditor.calibrate.ratings import Gathered
    from auditor.calibrate.report import Report
    from auditor.rulebook.schema import Rulebook
    from auditor.store import Edition, Store


class CalibrateFormat(StrEnum):
    """How a calibration is shown."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


def calibrate(
    labels: Annotated[
        Path | None,
        typer.Argument(
            metavar="LABELS",
            help="People's verdicts: .csv, .xlsx, .jsonl; default: the store's reviews.",
            show_default=False,
        ),
    ] = None,
    store: StoreOption = None,
    norms: Annotated[bool, typer.Option("--norms", help="The model's confidence norm instead (V5).")] = False,
    precision: Annotated[
        float | None, typer.Option(help="Suggest limits whose fails are right this often, such as 0.95.")
    ] = None,
    accept: Annotated[
        Path | None, typer.Option(help="Write the suggested limits to a new rulebook (with --precision).")
    ] = None,
    rules: Annotated[
        list[str] | None, typer.Option("--rule", help="Accept these rules' limits only; repeatable.")
    ] = None,
    rulebook: Annotated[
        Path | None, typer.Option(help="The rulebook that was judged by; default: the one that ships.")
    ] = None,
    config: ConfigOption = None,
    output_format: Annotated[
        CalibrateFormat, typer.Option("--format", help="How to show the result.")
    ] = CalibrateFormat.TEXT,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
) -> None:
    """Compare the machine with people, clause by clause, and suggest limits."""
    from auditor.calibrate.labels import read_labels  # noqa: PLC0415
    from auditor.errors import UsageError  # noqa: PLC0415

    check_output(output)
    check_output(accept)
    if norms:
        _norms(store, output=output)
        return
    if accept is not None and precision is None:
        raise UsageError(
            "--accept writes suggested limits; say with --precision how often fails must be right."
        )
    given = read_labels(labels) if labels is not None else None
    if given is not None and store is None and all(label.machine for label in given):
        from auditor.calibrate.gathering import alone  # noqa: PLC0415

        if precision is not None:
            raise UsageError("limits are measured on stored calls; name their store with --store.")
        assert labels is not None
        _show(_plain_report(alone(given, path=labels)), output_format, output=output)
        return
    from auditor.calibrate.gathering import from_labels, from_reviews  # noqa: PLC0415
    from auditor.store import open_store  # noqa: PLC0415

    with open_store(store, create=False) as opened:
        edition = _edition(opened)
        if given is not None and labels is not None:
            gathered = from_labels(opened, given, edition=edition, path=labels)
        else:
            gathered = from_reviews(opened, edition=edition)
        if not gathered.ratings and not gathered.chosen:
            raise UsageError(
                "nobody has reviewed a call of the last run yet; review calls on the site, or name a table of"
                " labels."
            )
        report = _plain_report(gathered)
        if precision is not None:
            report = _with_limits(
                opened,
                gathered,
                report,
                edition=edition,
                precision=precision,
                rules=rules,
                rulebook=rulebook,
                config=config,
                accept=accept,
            )
    _show(report, output_format, output=output)


def _plain_report(gathered: Gathered) -> Report:
    from auditor.calibrate.agreement import calibrate as measured  # noqa: PLC0415
    from auditor.calibrate.report import Report  # noqa: PLC0415

    return Report(measured(gathered))


def _with_limits(
    store: Store,
    gathered: Gathered,
    report: Report,
    *,
    edition: Edition,
    precision: float,
    rules: list[str] | None,
    rulebook: Path | None,
    config: Path | None,
    accept: Path | None,
) -> Report:
    from dataclasses import replace  # noqa: PLC0415

    from auditor.calibrate.accepting import write_rulebook  # noqa: PLC0415
    from auditor.calibrate.preview import preview  # noqa: PLC0415
    from auditor.calibrate.thresholds import changed_params, suggest  # noqa: PLC0415
    from auditor.errors import UsageError  # noqa: PLC0415
    from auditor.inputs.config import load_settings  # noqa: PLC0415

    base = rulebook or load_settings(config).rulebook
    book = _book(edition, base=base)
    suggestions = suggest(gathered.ratings, book=book, precision=precision)
    changes = changed_params(suggestions, book=book)
    if rules:
        if unknown := [rule for rule in rules if rule not in changes]:
            raise UsageError(f"--rule {unknown[0]}: there is no limit to change for this rule.")
        changes = {rule: params for rule, params in changes.items() if rule in rules}
    found = preview(store, edition=edition, book=book, changes=changes) if changes else None
    if accept is not None:
        write_rulebook(accept, suggestions, changes=changes, base=base, book=book, source=gathered.source)
        typer.echo(f"auditor: {accept} written; check it, then rescore with it.", err=True)
    return replace(report, precision=precision, suggestions=suggestions, preview=found)


def _book(edition: Edition, *, base: Path | None) -> Rulebook:
    from auditor.errors import UsageError  # noqa: PLC0415
    from auditor.judge import open_rulebook  # noqa: PLC0415

    book = open_rulebook(base)
    if book.sha256 != edition.rulebook_sha256:
        raise UsageError(
            f"the last run judged by rulebook {edition.rulebook}, and this one is {book.version}; name that"
            " rulebook's file with --rulebook."
        )
    return book


def _edition(store: Store) -> Edition:
    from auditor.errors import UsageError  # noqa: PLC0415
    from auditor.store import latest_edition  # noqa: PLC0415

    edition = latest_edition(store)
    if edition is None:
        raise UsageError(f"{store.shown}: no run is complete yet; run `auditor batch` first.")
    return edition


def _norms(store: str | None, *, output: Path | None) -> None:
    from auditor.calibrate.norms import find_norm  # noqa: PLC0415
    from auditor.store import open_store  # noqa: PLC0415

    with open_store(store, create=False) as opened:
        norm = find_norm(opened, edition=_edition(opened))
    text = json.dumps(norm.as_file(), ensure_ascii=False, indent=1) + "\n"
    if output is None:
        sys.stdout.write(text)
        typer.echo(
            f"auditor: to use it, write it with -o models/{norm.model}.norm.json (or into another folder of"
            " models).",
            err=True,
        )
    else:
        write_output(output, text)


def _show(report: Report, output_format: CalibrateFormat, *, output: Path | None) -> None:
    from auditor.calibrate.report import to_data, to_html, to_text  # noqa: PLC0415

    if output_format is CalibrateFormat.JSON:
        text = json.dumps(to_data(report), ensure_ascii=False, indent=1) + "\n"
    else:
        text = to_html(report) if output_format is CalibrateFormat.HTML else to_text(report)
    if output is None:
        sys.stdout.write(text)
    else:
        write_output(output, text)
