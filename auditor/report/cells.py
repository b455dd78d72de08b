"""Cells of CSV files that spreadsheets take for what they are: text."""

from __future__ import annotations

import re

BYTE_ORDER_MARK = "\ufeff"
_CHANGED_BY_EXCEL = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]|0[0-9]+$|[0-9]{16,}$")


def inert(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would run it as a formula or change its digits."""
    return f"'{text}" if _CHANGED_BY_EXCEL.match(text) else text
