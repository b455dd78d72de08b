"""The command line: a thin shell over functions. Heavy imports wait until a command needs them.

Exit codes: 0 audited, 1 a card failed, 2 usage or configuration, 3 some inputs could not be audited,
4 internal error.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from auditor import __version__
from auditor.cli.batch import batch
from auditor.cli.calibrate import calibrate
from auditor.cli.doctor import doctor
from auditor.cli.exits import ExitStatus
from auditor.cli.export import export
from auditor.cli.models import models_app
from auditor.cli.purge import purge
from auditor.cli.report import report_app
from auditor.cli.rescore import rescore
from auditor.cli.rules import rules_app
from auditor.cli.score import score
from auditor.cli.serve import serve
from auditor.cli.store import store_app
from auditor.cli.users import users_app
from auditor.cli.verify import verify
from auditor.cli.watch import watch
from auditor.errors import AuditError

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


app.command()(score)
app.command()(batch)
app.command()(watch)
app.command()(rescore)
app.command()(export)
app.command()(purge)
app.command()(verify)
app.command()(doctor)
app.command()(calibrate)
app.command()(serve)
app.add_typer(models_app, name="models")
app.add_typer(report_app, name="report")
app.add_typer(rules_app, name="rules")
app.add_typer(store_app, name="store")
app.add_typer(users_app, name="users")


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
