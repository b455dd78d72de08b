"""Sentences of service calls and of plain words, one per random generator state; and which are held out."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import cn2an
from pypinyin.phrases_dict import phrases_dict

from recipe import tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

HELD_OUT_SHARE = 20  # one sentence in 20 is never trained on
KINDS = ("opening", "mandated", "polite", "rude", "customer", "words", "digits", "reply")
RICH_KINDS = ("opening", "mandated", "polite", "customer", "words", "digits")  # enough of them to hold out
_PATTERN = re.compile(r"\[([^\[\]()]*)\]|\(([^\[\]()]*)\)|<(\w+)>")
_DIGITS = "零一二三四五六七八九"
_MOBILE = ("13", "15", "18", "17", "19")


def common_characters() -> str:
    """The 3,755 characters of GB 2312 level 1, which cover 99.7 % of running text."""
    codes = (bytes([high, low]) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return "".join(code.decode("gb2312", errors="ignore") for code in codes)


@lru_cache
def alphabet() -> str:
    """The common characters and the rarer ones of the tables (嗯), sorted."""
    lines = (tables.OPENINGS, tables.MANDATED, tables.POLITE, tables.RUDE, tables.CUSTOMER)
    said = "".join((*lines, *tables.SLOTS.values()))
    return "".join(sorted(set(common_characters()) | {char for char in said if "一" <= char <= "龥"}))


def sentence(rng: Random, *, kind: str, words: Sequence[str], held_out: bool = False) -> str:
    """One sentence of a kind, punctuated as Whisper punctuates Chinese, from the asked half of the split."""
    for _ in range(2000):
        text, fixed = _draw(rng, kind=kind, words=words)
        if (not fixed and is_held_out(text)) == held_out:
            return text
    raise ValueError(f"no sentence of kind {kind!r} lies in the asked half of the split")


def is_held_out(text: str) -> bool:
    """Whether a sentence is kept for evaluation. Fixed wordings never are: they must be known by heart."""
    bare = strip(text)
    return len(bare) > 7 and int.from_bytes(hashlib.sha256(bare.encode()).digest()[:4]) % HELD_OUT_SHARE == 0


def strip(text: str) -> str:
    """The text without punctuation."""
    return re.sub(r"[^\w]", "", text)


def spoken(text: str, *, yao: bool) -> str:
    """Digits as they are read one by one, with 幺 or 一 for 1."""
    names = _DIGITS.replace("一", "幺") if yao else _DIGITS
    return re.sub(r"\d", lambda digit: names[int(digit.group())], text)


def expand(template: str, rng: Random) -> str:
    """Fill a template; the innermost bracket first."""
    while match := _PATTERN.search(template):
        options, perhaps, slot = match.groups()
        if options is not None:
            filled = rng.choice(options.split("|"))
        elif perhaps is not None:
            filled = rng.choice((perhaps, ""))
        else:
            filled = _fill(slot, rng)
        template = template[: match.start()] + filled + template[match.end() :]
    return template


def quantity(number: int) -> str:
    """A number as it is said: 150 is 一百五十, 12 is 十二."""
    said = str(cn2an.an2cn(number))
    return said[1:] if said.startswith("一十") else said


def _draw(rng: Random, *, kind: str, words: Sequence[str]) -> tuple[str, bool]:
    if kind == "words":
        return _random_words(rng, words=words), False
    if kind == "digits":
        ask = rng.choice(("", "", "号码是", "我的卡号是", "验证码", "请记录,", "不对,是", "尾号"))
        tail = rng.choice(("", "", "。", "对吗?", ",没错。"))
        return ask + _fill(rng.choice(("digits", "phone", "idcard")), rng) + tail, False
    template = rng.choice(_replies() if kind == "reply" else _templates(kind))
    return expand(template, rng), not _PATTERN.search(template)


def _random_words(rng: Random, *, words: Sequence[str]) -> str:
    parts: list[str] = []
    for _ in range(rng.randint(2, 9)):
        draw = rng.random()
        if draw < 0.82:
            parts.append(rng.choice(words))
        elif draw < 0.94:
            parts.append(rng.choice(_phrases()))
        else:
            parts.append(rng.choice(common_characters_cached()))
        if rng.random() < 0.12:
            parts.append(",")
    return "".join(parts).rstrip(",") + rng.choice(("", "。", "。"))


@lru_cache
def common_characters_cached() -> str:
    """As `common_characters`, made once."""
    return common_characters()


@lru_cache
def _phrases() -> tuple[str, ...]:
    common = set(common_characters())
    return tuple(sorted(p for p in phrases_dict if 2 <= len(p) <= 4 and common.issuperset(p)))


@lru_cache
def _templates(kind: str) -> tuple[str, ...]:
    sources = {
        "opening": tables.OPENINGS,
        "mandated": tables.MANDATED,
        "polite": tables.POLITE,
        "rude": tables.RUDE,
        "customer": tables.CUSTOMER,
    }
    return tuple(line for line in sources[kind].splitlines() if line)


@lru_cache
def _replies() -> tuple[str, ...]:
    short = (*_templates("rude")[:3], *_templates("customer")[8:10])
    return (
        *short,
        "嗯。",
        "好的。",
        "是的,[您|你]说。",
        "请讲。",
        "[我知道了|明白|对对对|好好好]。",
        "您请说。",
    )


def _fill(slot: str, rng: Random) -> str:  # noqa: PLR0911, PLR0912
    if slot in tables.SLOTS:
        return rng.choice(tables.SLOTS[slot].split("|"))
    if slot == "word":
        return rng.choice(_phrases())
    if slot == "name":
        return rng.choice(tables.SLOTS["surname"].split("|")) + rng.choice(tables.SLOTS["given"].split("|"))
    if slot == "phone":
        return rng.choice(_MOBILE) + _run(rng, 9)
    if slot == "idcard":
        return _run(rng, rng.choice((6, 15, 17, 18)))
    if slot == "digit":
        return _run(rng, 1)
    if slot == "id":
        return _run(rng, rng.randint(2, 5))
    if slot == "digits":
        return _run(rng, rng.randint(3, 16))
    if slot == "amount":
        cents = f"点{_DIGITS[rng.randint(1, 9)]}" if rng.random() < 0.15 else ""
        top = rng.choice((20, 100, 100, 1000, 10000))
        return quantity(rng.randint(1, top)) + cents + _fill("unit", rng)
    if slot == "count":
        number = rng.choice((2, 24, 48, 72, rng.randint(1, 60), rng.randint(1, 1000)))
        return "两" if number == 2 else quantity(number)
    if slot == "date":
        if rng.random() < 0.4:
            return _fill("date_word", rng)
        return f"{quantity(rng.randint(1, 12))}月{quantity(rng.randint(1, 31))}[日|号]"
    if slot == "time":
        hour = rng.randint(1, 12)
        return f"{_fill('half', rng)}{'两' if hour == 2 else quantity(hour)}点[|钟|半|<quarter>分]"
    if slot == "quarter":
        return quantity(rng.choice((5, 10, 15, 20, 25, 40, 45, 50)))
    raise KeyError(slot)


def _run(rng: Random, length: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(length))
