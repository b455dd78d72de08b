"""Numbers as they are spoken: where they stand, how they read out, what they are worth.

Reading out (examples): ``13988886666`` digit by digit, ``150元`` 一百五十元, ``10086`` 一零零八六,
``3.5`` 三点五, ``20%`` 百分之二十, ``2026年`` 二零二六年, ``8:30`` 八点三十, ``11月22日`` 十一月二十二日,
``2小时`` 两小时, ``3-5天`` 三到五天, ``-5℃`` 零下五度, ``1,200元`` 一千二百元.

Read digit by digit are: strings of 5 digits and more without a unit, strings with a leading zero,
years, known service numbers, 3 and 4 digits after a word such as 工号 or 尾号, and 4 digits without a
unit that do not end in 00, and the parts of a mobile number between marks (139,8800,6600). Everything else
is read as a quantity. Masked digits (`auditor.text.masked`) are a number that is read digit by digit, worth
what stands there.

A value is a string: the decimal digits of the quantity or, for a number read digit by digit, the digits
themselves. So 86, 八十六 and 八六 are all "86", and 0931 is not 931.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from auditor.text.masked import MASKED, is_digits, is_masked
from auditor.text.quantities import (
    DIGITS,
    LONGEST_QUANTITY,
    TO_DIGIT,
    chinese_value,
    plain_value,
    quantity,
    spell,
)

_CHINESE = "零〇一二两三四五六七八九十百千万亿幺"
# What may be part of a number, and then is no unit of its own.
IN_NUMBERS = frozenset(_CHINESE + "点半分之负")

MONEY = r"(?:元|块|毛|角|分钱|圆|rmb)"
# What follows a number that surely counts something, even a single 一.
_STRICT_UNIT = (
    rf"(?:{MONEY}|分钟|小时|点钟|点半|点整|点[一二三四五]?十|天|月|日|号|年|周|星期|秒|兆|折|倍|岁|米|公里"
    r"|km|mb|gb)"
)
# What follows any quantity.
UNIT = (
    rf"(?:{_STRICT_UNIT}|个|位|次|遍|声|条|张|笔|度|°|级|楼|层|家|种|项|台|部|件|包|人|户|分|点|万|亿|千|百"
    r"|多|余|名|间|刻)"
)
_DIGITWISE_AFTER = re.compile(
    r"(?:工号|尾号|号码|密码|验证码|电话|手机|编号|单号|房间|后[三四五六]位|前[三四]位|拨打?|按|座席|热线)[是为:]?\s*$"
)
# Numbers of fewer than five digits that are always spelt out (China Mobile's lines, emergency numbers).
_SERVICE = {"1860", "1861", "1258", "110", "119", "120", "122", "114", "112", "121", "117"}

# What parts the pieces of a number that is dictated: 139,8888,6666.
_BETWEEN = re.compile(r"[\s,\uff0c、。.—-]{1,3}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")

_TOKEN = re.compile(
    rf"""
  (?P<masked>[{MASKED}](?:[ -]?[{MASKED}])*)
| (?P<date>[0-9]{{4}}[-/][01]?[0-9][-/][0-3]?[0-9](?![0-9]))
| (?P<time>(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?::[0-5][0-9])?(?![0-9:]))
| (?P<range>[0-9]+(?:\.[0-9]+)?\s?[-~—–]+\s?[0-9]+(?:\.[0-9]+)?(?=%|\s*{UNIT}))
| (?P<currency>[¥$€]\s?[0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?(?P<scale>[万亿千百]?))
| (?P<string>[0-9](?:[ -]?[0-9]){{6,}}(?![0-9.])|[0-9](?:\s[0-9](?![0-9])){{2,}})
| (?P<percent>[0-9]+(?:\.[0-9]+)?\s?%)
| (?P<version>[0-9]+(?:\.[0-9]+){{2,}})
| (?P<plain>(?P<minus>(?<=余额)[-−]|(?<![0-9a-z])[-−](?=[0-9.]+\s*[°度]))?
    (?:[0-9]{{1,3}}(?:,[0-9]{{3}})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?(?P<times>[百千万亿]*))
| (?P<degree>°c?)
| (?P<hundredths>百分之(?:[{_CHINESE}]+(?:点[{DIGITS}〇]+)?))
| (?P<chinese>[{_CHINESE}](?:\s?[{_CHINESE}])*(?:点[{DIGITS}〇]+(?![{_CHINESE}分半点整钟]))?)
""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of folded text and how it is spoken; ``value`` None for anything but a number.

    ``start:end`` index the folded text. ``spelt`` numbers are read digit by digit. ``strict`` numbers are
    surely numbers; a single 一 or the 十 of 十分 is not.
    """

    start: int
    end: int
    spoken: str
    value: str | None = None
    spelt: bool = False
    strict: bool = False


def _number(start: int, end: int, spoken: str, value: str, *, spelt: bool = False) -> Piece:
    return Piece(start, end, spoken, value, spelt, True)


def _amount(text: str, start: int, end: int, scale: str = "") -> Piece:
    """A quantity, with 万 or 亿 behind it as part of the number (1.5万 = 15000)."""
    digits = text.replace(",", "")
    if len(digits) > LONGEST_QUANTITY:
        return _number(start, end, spell(digits) + scale, digits, spelt=True)
    value = Decimal(digits)
    for unit in scale:
        value *= {"百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8}[unit]
    said = quantity(digits)
    if scale and said == "二":
        said = "两"
    return _number(start, end, said + scale, plain_value(value))


def _word(start: int, end: int, spoken: str) -> Piece:
    return Piece(start, end, spoken)


def _plain(found: re.Match[str], text: str) -> list[Piece]:
    start, end = found.span()
    scale = found["times"] or ""
    body = found[0].lstrip("-−").removesuffix(scale)
    after, before = text[end:], text[:start]
    pieces: list[Piece] = []
    if found["minus"]:  # elsewhere a dash before a number is punctuation
        pieces.append(_word(start, start + 1, "负" if before.endswith("余额") else "零下"))
        start += 1
    if body.isdigit() and not scale and _is_spelt(body, before=before, after=after):
        return [*pieces, _number(start, end, spell(body), body, spelt=True)]
    piece = _amount(body, start, end, scale)
    if piece.spoken == "二" and re.match(rf"\s*(?!月|日|号|楼|层|级|度|分|年级){UNIT}", after):
        piece = _number(start, end, "两", piece.value or "")
    if before.endswith("第") and piece.spoken == "两":
        piece = _number(start, end, "二", piece.value or "")
    return [*pieces, piece]


def _is_spelt(digits: str, *, before: str, after: str) -> bool:
    """Whether digits without a point are read one by one (module docstring)."""
    size = len(digits)
    if size > 1 and digits.startswith("0"):
        return True
    if re.match(r"\s*年", after):
        return size == 4
    if re.match(r"\s*号", after):  # 8001号座席, but 22号
        return size >= 3
    if re.match(rf"\s*{UNIT}", after):
        return False
    named = size >= 3 and _DIGITWISE_AFTER.search(before) is not None
    return size >= 5 or digits in _SERVICE or named or (size == 4 and not digits.endswith("00"))


def _time(found: re.Match[str]) -> list[Piece]:
    start, end = found.span()
    hour, minute, *second = found[0].split(":")
    hours = quantity(hour)
    pieces = [_number(start, end, "两" if hours == "二" else hours, str(int(hour))), _word(start, end, "点")]
    if int(minute) or second:
        said = quantity(minute) if int(minute) >= 10 else "零" + quantity(minute)
        pieces.append(_number(start, end, said, str(int(minute))))
    if second:
        pieces += [
            _word(start, end, "分"),
            _number(start, end, quantity(second[0]), str(int(second[0]))),
            _word(start, end, "秒"),
        ]
    return pieces


def _date(found: re.Match[str]) -> list[Piece]:
    start, end = found.span()
    year, month, day = re.split("[-/]", found[0])
    return [
        _number(start, end, spell(year), year, spelt=True),
        _word(start, end, "年"),
        _number(start, end, quantity(month), str(int(month))),
        _word(start, end, "月"),
        _number(start, end, quantity(day), str(int(day))),
        _word(start, end, "日"),
    ]


def _percent(start: int, end: int, said: str, value: str) -> Piece:
    return _number(start, end, said, value + "%")


def _chinese(found: re.Match[str], text: str) -> list[Piece]:
    start, end = found.span()
    run = re.sub(r"\s", "", found[0])
    value = chinese_value(run)
    if value is None:
        return []
    spelt = len(run) > 1 and all(c in TO_DIGIT for c in run)
    after = text[end:]
    strict = len(run) > 1
    if len(run) == 1:
        if run == "一":
            strict = bool(re.match(_STRICT_UNIT, after))
        elif run == "十" and after.startswith("分"):
            strict = after.startswith(("分钟", "分钱")) or text[:start].endswith("点")
        elif run in "零〇":
            strict = bool(re.match(rf"(?:{_STRICT_UNIT}|下)", after))
        else:
            strict = run in "两幺" or bool(re.match(UNIT, after))
    return [Piece(start, end, run, value, spelt, strict)]


def _read(found: re.Match[str], text: str) -> list[Piece]:  # noqa: PLR0911, PLR0912
    start, end = found.span()
    kind = found.lastgroup
    whole = found[0]
    if kind == "masked":
        digits = "".join(filter(is_masked, whole))
        return [_number(start, end, digits, digits, spelt=True)]
    if kind == "date":
        return _date(found)
    if kind == "time":
        return _time(found)
    if kind == "range":
        low, high = re.split(r"\s?[-~—–]+\s?", whole)
        cut, resume = start + len(low), end - len(high)
        if len(low) == len(high) == 4 and low.isdigit() and high.isdigit() and text[end : end + 1] == "年":
            first = _number(start, cut, spell(low), low, spelt=True)
            last = _number(resume, end, spell(high), high, spelt=True)
            return [first, _word(cut, resume, "到"), last]
        return [_amount(low, start, cut), _word(cut, resume, "到"), _amount(high, resume, end)]
    if found["currency"]:
        scale = found["scale"] or ""
        body = whole.lstrip("¥$€ ").removesuffix(scale)
        unit = {"¥": "元", "$": "美元", "€": "欧元"}[whole[0]]
        return [_amount(body, start, end, scale), _word(start, end, unit)]
    if kind == "string":
        digits = "".join(c for c in whole if c.isdigit())
        if digits == whole and re.match(rf"\s*{MONEY}", text[end:]):
            return [_amount(digits, start, end)]
        return [_number(start, end, spell(digits), digits, spelt=True)]
    if kind == "percent":
        body = whole.rstrip("% ")
        return [_percent(start, end, "百分之" + quantity(body), plain_value(Decimal(body)))]
    if kind == "version":
        return [_number(start, end, spell(whole), whole, spelt=True)]
    if found["plain"]:
        return _plain(found, text)
    if kind == "degree":
        return [_word(start, end, "度")]
    if kind == "hundredths":
        share = chinese_value(whole.removeprefix("百分之"))
        return [] if share is None else [_percent(start, end, whole, share)]
    return _chinese(found, text)


@lru_cache(maxsize=4096)
def scan(folded: str) -> tuple[Piece, ...]:
    """Cut folded text into pieces: numbers, and what stands between them (spoken as it stands)."""
    pieces: list[Piece] = []
    at = 0
    last = None
    for found in _TOKEN.finditer(folded):
        read = _read(found, folded)
        if not read:
            continue
        if found.start() > at:
            between = folded[at : found.start()]
            # 9:00-18:00 and 50%-60% are ranges as 3-5天 is.
            is_range = found.lastgroup == last and last in ("time", "percent", "date")
            said = "到" if is_range and re.fullmatch(r"\s?[-~—–]+\s?", between) else between
            pieces.append(Piece(at, found.start(), said))
        pieces += read
        at, last = found.end(), found.lastgroup
    if at < len(folded):
        pieces.append(Piece(at, len(folded), folded[at:]))
    for group in dictated(pieces, folded):
        if any(not pieces[k].spelt for k in group) and _MOBILE.fullmatch(joined(group, pieces)):
            for k in group:
                value = pieces[k].value or ""
                pieces[k] = replace(pieces[k], spoken=spell(value), spelt=True, strict=True)
    return tuple(pieces)


def dictated(pieces: Sequence[Piece], folded: str) -> Iterator[list[int]]:
    """Places of the numbers that stand between marks only, two and more: the parts of one, perhaps."""
    group: list[int] = []
    for place, piece in enumerate(pieces):
        if piece.value is not None and _is_part(piece, folded):
            group.append(place)
        elif not group or piece.value is not None or not _BETWEEN.fullmatch(folded, piece.start, piece.end):
            if len(group) > 1:
                yield group
            group = []
    if len(group) > 1:
        yield group


def joined(group: Sequence[int], pieces: Sequence[Piece]) -> str:
    """The digits of all numbers of a group."""
    return "".join(pieces[k].value or "" for k in group)


def _is_part(piece: Piece, folded: str) -> bool:
    """Whether a number is written as its digits one by one, and not one of many digits in one piece."""
    value = piece.value or ""
    return is_digits(value) and len(value) == sum(map(is_numeral, folded[piece.start : piece.end]))


def is_numeral(char: str) -> bool:
    """Whether a character is one digit: 8, 八, or a masked one."""
    return char.isdecimal() or char in TO_DIGIT or is_masked(char)
