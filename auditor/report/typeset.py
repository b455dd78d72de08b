"""Setting text: cleaned strings, and line breaks that know Chinese.

Conventions
    * ``width`` counts terminal cells: a Chinese character takes two.
    * Text from calls is foreign matter: `clean` takes out what could steer a terminal or turn the
      reading direction.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rich.cells import cell_len

# Never at the start of a line, never at its end (line rules of Chinese printing, common subset).
_CLOSING = "，。、；：？！」』）】》〉”’…·％%,.;:?!)]}"
_OPENING = "「『（【《〈“‘(["
_CHINESE = r"\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"
_FULL_WIDTH = str.maketrans(",:;?!", "，：；？！")
_MARK_BY_CHINESE = re.compile(rf"(?<=[{_CHINESE}])[,:;?!]|[,:;?!](?=[{_CHINESE}])")
_BRACKETS_WITH_CHINESE = re.compile(rf"\(([^()]*[{_CHINESE}][^()]*)\)")
_UNIT = re.compile(rf"\s+|[{re.escape(_OPENING)}]*(?:[A-Za-z0-9_./\\:@#~+=-]+|\S)[{re.escape(_CLOSING)}]*|\S")
# Bidirectional controls can make a name read as something else (Unicode TR 36).
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def clean(text: str) -> str:
    """The text on one line without control characters, lone surrogates and direction marks."""
    kept: list[str] = []
    for char in text:
        if char.isspace():
            kept.append(" ")
        elif unicodedata.category(char) not in ("Cc", "Cs") and char not in _TURNING:
            kept.append(char)
    return "".join(kept)


def chinese(text: str) -> str:
    """`clean`, with full-width punctuation beside Chinese characters, as Chinese is printed.

    For our own sentences; what somebody said is shown with `clean` alone.
    """
    bracketed = _BRACKETS_WITH_CHINESE.sub("（\\1）", clean(text))
    return _MARK_BY_CHINESE.sub(lambda mark: mark.group().translate(_FULL_WIDTH), bracketed)


def wrap(text: str, *, width: int) -> list[str]:
    """Break text into lines of at most ``width`` cells.

    Breaks stand between Chinese characters or at spaces; words and numbers stay whole unless one
    alone is wider than a line; closing marks never begin a line and opening marks never end one.

    Args:
        text: One paragraph; control characters must be out already.
        width: Cells per line, at least 2 (one Chinese character).

    Returns:
        The lines without trailing spaces; one empty line for empty text.
    """
    width = max(2, width)
    lines: list[str] = []
    line = ""
    for unit in _UNIT.findall(text):
        rest = unit
        if line and cell_len(line) + cell_len(rest.rstrip()) > width:
            lines.append(line.rstrip())
            line, rest = "", rest.lstrip()
        while cell_len(rest) > width:
            head = _head(rest, width=width)
            lines.append(head)
            rest = rest[len(head) :]
        line += rest
    lines.append(line.rstrip())
    return [kept for kept in lines if kept] or [""]


def flow(parts: Sequence[str], *, width: int, gap: str = "   ") -> list[str]:
    """Lines of whole parts with ``gap`` between them; a part is only alone wider than ``width``."""
    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]}{gap}{part}" if lines else part
        if lines and cell_len(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(part)
    return lines


def _head(text: str, *, width: int) -> str:
    """The longest prefix of at most ``width`` cells, one character at least."""
    used = 0
    for index, char in enumerate(text):
        used += cell_len(char)
        if used > width and index:
            return text[:index]
    return text


def pad(text: str, *, width: int) -> str:
    """The text with spaces after it up to ``width`` cells."""
    return text + " " * max(0, width - cell_len(text))
