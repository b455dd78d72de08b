"""Migrations of the store (Alembic), oldest first. A version is never edited after its release."""

from __future__ import annotations

VERSION_TABLE = "auditor_schema"
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
HEAD = REVISIONS[-1]
