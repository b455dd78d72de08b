"""``auditor users``: who may sign in to the site."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from auditor.cli.options import StoreOption
from auditor.cli.serve import require_web
from auditor.errors import UsageError

users_app = typer.Typer(help="Accounts of the site.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What is typed to sign in.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")]


class Role(StrEnum):
    """What an account may do."""

    ADMIN = "admin"
    INSPECTOR = "inspector"
    SUPERVISOR = "supervisor"
    AGENT = "agent"


@users_app.command("add")
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What the account may do.")],
    store: StoreOption = None,
    shown_name: Annotated[str | None, typer.Option(help="As people call him; default: NAME.")] = None,
    team: Annotated[list[str] | None, typer.Option(help="A supervisor's team (repeatable).")] = None,
    agent: Annotated[str | None, typer.Option(help="An agent's id (工号) in call records.")] = None,
    password_stdin: FromStdin = False,
    openid: Annotated[
        bool, typer.Option("--openid", help="No password: sign in through OpenID Connect only.")
    ] = False,
) -> None:
    """Make an account; the password is asked for."""
    require_web()
    from auditor.store import add_account, open_store  # noqa: PLC0415

    with open_store(store) as opened:
        password = None if openid else _hashed(from_stdin=password_stdin)
        add_account(
            opened,
            name=name,
            role=role.value,
            password=password,
            shown_name=shown_name,
            teams=team or (),
            agent=agent,
        )
    typer.echo(f"{name}: added as {role.value}.")


@users_app.command("disable")
def disable(name: Name, store: StoreOption = None) -> None:
    """Let nobody in under that name any more; `users password` enables it again."""
    from auditor.store import disable_account, open_store  # noqa: PLC0415

    with open_store(store, create=False) as opened:
        disable_account(opened, name)
    typer.echo(f"{name}: disabled and signed out.")


@users_app.command("password")
def password(name: Name, store: StoreOption = None, password_stdin: FromStdin = False) -> None:
    """Give an account another password; whoever is signed in under it is signed out."""
    require_web()
    from auditor.store import open_store, set_password  # noqa: PLC0415

    with open_store(store, create=False) as opened:
        set_password(opened, name, password=_hashed(from_stdin=password_stdin))
    typer.echo(f"{name}: has the new password.")


@users_app.command("list")
def list_users(store: StoreOption = None) -> None:
    """List all accounts: name, role, teams or agent, state."""
    from auditor.store import accounts, open_store  # noqa: PLC0415

    with open_store(store, create=False) as opened:
        for account in accounts(opened):
            reach = ", ".join(account.teams) or account.agent or ""
            way = "password" if account.password else "openid"
            state = "disabled" if account.disabled_at else "enabled"
            typer.echo("\t".join((account.name, account.role, reach, way, state, account.shown_name)))


def _hashed(*, from_stdin: bool) -> str:
    from auditor.web.passwords import hash_password  # noqa: PLC0415

    if from_stdin:
        return hash_password(sys.stdin.readline().rstrip("\r\n"))
    if not sys.stdin.isatty():
        raise UsageError("There is no terminal to ask for the password; give --password-stdin.")
    return hash_password(str(typer.prompt("password", hide_input=True, confirmation_prompt=True)))
