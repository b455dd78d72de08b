"""Single numbers: from digits to the words that are spoken, and from words to a value."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

DIGITS = "零一二三四五六七八九"
TO_DIGIT = {c: str(i) for i, c in enumerate(DIGITS)} | {"〇": "0", "幺": "1", "两": "2"}
# More digits than this in front of a unit are spelt: nobody says such a quantity.
LONGEST_QUANTITY = 16

# Numeral characters in words that count nothing.
_WORDS = {"万一", "千万", "一一", "百", "千", "万", "亿", "百万", "万千", "万万", "千千万万"}


@lru_cache(maxsize=4096)
def quantity(digits: str) -> str:
    """A decimal number as it is spoken: "150" → 一百五十, "2000" → 两千."""
    import cn2an  # noqa: PLC0415

    whole, _, fraction = digits.partition(".")
    whole = whole.lstrip("0") or "0"
    said = str(cn2an.an2cn(whole, "low"))
    said = re.sub(r"(?<![十])二(?=[千万亿])", "两", said)
    return said + ("点" + spell(fraction) if fraction else "")


def spell(digits: str) -> str:
    """Digit by digit: "3.5" → 三点五; other marks are silent."""
    return "".join("点" if c == "." else DIGITS[int(c)] for c in digits if c.isdigit() or c == ".")


def plain_value(number: Decimal) -> str:
    """A number in digits without an exponent or trailing zeros."""
    text = format(number.normalize(), "f")
    return "0" if text in ("-0", "0") else text


@lru_cache(maxsize=4096)
def chinese_value(run: str) -> str | None:
    """Value of a run of Chinese numerals; None when it is no number."""
    if run in _WORDS:
        return None
    whole, _, fraction = run.partition("点")
    if all(c in TO_DIGIT for c in whole):
        digits = "".join(TO_DIGIT[c] for c in whole)
    else:
        import cn2an  # noqa: PLC0415

        try:
            digits = plain_value(Decimal(str(cn2an.cn2an(whole.replace("幺", "一"), "smart"))))
        except (ValueError, KeyError, IndexError):
            return None
    return digits + ("." + "".join(TO_DIGIT[c] for c in fraction) if fraction else "")
