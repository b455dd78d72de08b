"""Alembic's environment: it works on the connection that `running` hands it, and in no other way."""

from __future__ import annotations

from alembic import context

from auditor.store import account_tables, search_tables  # noqa: F401 - its tables belong to the metadata
from auditor.store.migrations import VERSION_TABLE
from auditor.store.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
