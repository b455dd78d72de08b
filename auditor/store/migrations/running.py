"""Runs Alembic on a connection that is already open, inside its transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings: the scripts that ship, on the connection that is given."""
    config = Config()
    config.set_main_option("script_location", "auditor.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def run_migrations(connection: Connection) -> None:
    """Bring the tables to the newest version."""
    command.upgrade(alembic_config(connection), "head")
