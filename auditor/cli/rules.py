"""``auditor rules``: what the rulebook says, and whether an edited one holds."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.exits import ExitStatus
from auditor.cli.options import RulebookOption

if TYPE_CHECKING:
    from rich.console import Console

rules_app = typer.Typer(
    help="Show the rulebook's rules, or check a rulebook that you edited.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

# Wide enough for a table of rules where nobody's terminal says how wide it is.
WIDTH = 120


class ListFormat(StrEnum):
    """How the rules are listed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@rules_app.command("list")
def list_rules(
    rulebook: RulebookOption = None,
    output_format: Annotated[
        ListFormat, typer.Option("--format", help="How to list the rules.")
    ] = ListFormat.TEXT,
) -> None:
    """List the rules: id, title, weight, critical, kind, and the calls they are about."""
    import json  # noqa: PLC0415

    from auditor.judge import open_rulebook  # noqa: PLC0415
    from auditor.report import rulebook_text  # noqa: PLC0415

    book = open_rulebook(rulebook)
    if output_format is ListFormat.JSON:
        typer.echo(json.dumps(rulebook_text.rows(book), ensure_ascii=False, indent=1))
    elif output_format is ListFormat.MARKDOWN:
        from auditor.rulebook.cases import load_cases  # noqa: PLC0415

        typer.echo(rulebook_text.markdown_table(book, cases=load_cases()), nl=False)
    else:
        rulebook_text.render_list(book, console=_console())


@rules_app.command("show")
def show_rule(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="The rule, such as P3.2b.")],
    rulebook: RulebookOption = None,
) -> None:
    """Show one rule: its clause, parameters, the kind's manual, and the cases that prove it."""
    from auditor.errors import UsageError  # noqa: PLC0415
    from auditor.judge import open_rulebook  # noqa: PLC0415
    from auditor.report.rulebook_text import render_rule  # noqa: PLC0415
    from auditor.rulebook.cases import load_cases  # noqa: PLC0415

    book = open_rulebook(rulebook)
    rule = next((rule for rule in book.rules if rule.id.casefold() == rule_id.casefold()), None)
    if rule is None:
        ids = ", ".join(rule.id for rule in book.rules)
        raise UsageError(f"there is no rule {rule_id}; use one of {ids}.")
    render_rule(rule, book=book, cases=load_cases(rule.id), console=_console())


@rules_app.command("check")
def check_file(
    file: Annotated[Path, typer.Argument(help="The rulebook to check.")],
) -> None:
    """Check a rulebook: name everything that is wrong with it, or what it changes of the one it extends."""
    from auditor.judge import examine_rulebook  # noqa: PLC0415
    from auditor.report.rulebook_text import difference_words, sum_words  # noqa: PLC0415
    from auditor.rulebook.differences import differences  # noqa: PLC0415

    reading = examine_rulebook(file)
    book = reading.book
    if book is None:
        for fault in reading.faults:
            typer.echo(f"auditor: {fault}", err=True)
        raise typer.Exit(ExitStatus.USAGE)
    typer.echo(f"{file}:有效。版本 {book.version},{sum_words(book)}。")
    if reading.base is not None and reading.base.book is not None:
        found = differences(book, base=reading.base.book)
        typer.echo(f"与 {reading.base.name}(版本 {reading.base.book.version})相比,{len(found)} 处不同:")
        for each in found:
            typer.echo(f"  {difference_words(each)}")


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415

    terminal = Console()
    return terminal if terminal.is_terminal else Console(file=sys.stdout, width=WIDTH, no_color=True)
