"""The few kinds of line that the text card is made of."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

from auditor.report.typeset import wrap


def across(width: int) -> Text:
    """A line across."""
    return Text("-" * width, style="dim")


def heading(text: str, count: int | None, *, width: int) -> Text:
    """A block's title with how many rows it has, and a line to the edge."""
    name = text if count is None else f"{text} {count} 项"
    line = Text(name, style="bold")
    line.append(" " + "-" * max(0, width - cell_len(name) - 1), style="dim")
    return line


def row(name: str, text: str, *, width: int, style: str = "", indent: int = 0) -> list[Text]:
    """A name, then text that wraps under itself."""
    inner = indent + cell_len(name)
    lines = wrap(text, width=width - inner)
    first = Text(" " * indent + name, style="bold")
    first.append(lines[0], style=f"not bold {style}".strip())
    return [first, *(indented(line, indent=inner, style=style) for line in lines[1:])]


def indented(text: str, *, indent: int, style: str) -> Text:
    """A line that begins ``indent`` cells in."""
    return Text(" " * indent + text, style=style)
