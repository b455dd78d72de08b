"""Which numbers of a call are secret, and its texts without them.

Secret are numbers that are said digit by digit: telephone, identity and card numbers, codes, whatever else
has four digits and more; after words such as 密码 three are enough. So are the parts of such a number, in
one turn (139,8888,6666) or in several, and 尾号6666. Written in Chinese digits, or parted by spaces and
dashes, it is the same number and gets the same characters (`auditor.text.masked`).

Kept are quantities: amounts and everything else with a unit, dates, times, years; public service numbers
(10086, 95588, 400 and 800 numbers); numbers of desks and agents (工号8001, 8001号座席); and whatever a call
uses as one of these, wherever it stands, unless it is part of a secret one.

What comes out has the length of what went in. Two numbers of a call have four digits in a row in common
exactly if they have them masked, unless those stand in a longer number twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from auditor.text.mask_rows import MISHEARD, SHORTEST, given_out
from auditor.text.masked import Type, is_masked
from auditor.text.normalise import fold
from auditor.text.quantities import TO_DIGIT
from auditor.text.reading import MONEY, UNIT, Piece, dictated, is_numeral, joined, scan
from auditor.text.telephones import FIXED, MOBILE, RUN, SERVICE

# ``loose``: read as a quantity, but it counts nothing: a part of a secret number if it stands in one.
Use = Literal["secret", "plain", "loose", "part", "kept"]

_SHORTEST_CODE = 3
# Said in parts, a number of so many digits is no list of small ones.
_WHOLE = 7

_BETWEEN = r"[^0-9a-z。,、]{0,6}$"
_CODE = re.compile(rf"(?:密码|验证码|校验码|动态码|口令|识别码|授权码|\bpin){_BETWEEN}")
_ID = re.compile(rf"(?:身份证|证件|护照){_BETWEEN}")
_CARD = re.compile(rf"(?:卡号|银行卡|信用卡|储蓄卡|账号|帐号|账户){_BETWEEN}")
_TELEPHONE = re.compile(rf"(?:电话|号码|手机|座机|固话|拨打?){_BETWEEN}")
_NAMED = re.compile(r"(?:尾号|号码|电话|手机|[前后最][三四五六几]位|编号|单号)[是为:]{0,2}\s*$")
_DESK = re.compile(r"(?:工号|座席|坐席|话务员|客服代表|接线员|服务员)[是为:]?\s*$")
_AMOUNT = re.compile(r"(?:余额|积分|话费|费用|金额|流量|合计|总共|一共|[充交花欠费])[是为有了到:]{0,2}\s*$")
_BORN = re.compile(r"[1-9][0-9]{5}(?:19|20)?[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3,4}")
_IN_A_ROW = re.compile(rf"[{''.join(TO_DIGIT)}]{{{SHORTEST},}}")


class _Said(NamedTuple):
    """One number of a text: its digits, how it is used, which type of number its surroundings make it."""

    digits: str
    use: Use
    type: Type
    places: tuple[int, ...]  # of its digits in the text


def keys_of(texts: Iterable[str], *, numbers: Sequence[str] = (), kept: Iterable[str] = ()) -> dict[str, str]:
    """The secret numbers of a call and what stands for each.

    Args:
        texts: everything that was said and written.
        numbers: numbers that are secret wherever they came from, in digits.
        kept: texts whose numbers are none of a secret: announcements, numbers of agents.

    Returns:
        From digits to masked characters, as many of them.
    """
    every = tuple(texts)
    uses: dict[str, set[Use]] = {}
    types: dict[str, Type] = {}
    for number in numbers:  # first, so that what a record leaves readable has characters of its own
        uses.setdefault(number, set()).add("secret")
        types.setdefault(number, _type(number))
    public = {said.digits for text in kept for said in _numbers(text)}
    for text in every:
        for said in (*_numbers(text), *(whole for whole, _ in _in_parts(text))):
            if said.digits not in public:
                uses.setdefault(said.digits, set()).add(said.use)
                types.setdefault(said.digits, said.type)
    secret = {digits for digits, how in uses.items() if _is_secret(digits, how)}
    secret |= {
        digits
        for digits, how in uses.items()
        if how & {"plain", "loose"} and len(digits) >= SHORTEST and any(digits in long for long in secret)
    }
    # Longest first, and of equals in the order of the call: shorter ones are pieces of longer ones.
    ordered = sorted((digits for digits in uses if digits in secret), key=lambda digits: -len(digits))
    return given_out(ordered, types=types, taken=every)


def further_keys(numbers: Iterable[str], *, taken: Iterable[str]) -> dict[str, str]:
    """What stands for numbers that became known when the texts of the call were masked already.

    Args:
        numbers: none of those that have been masked, in digits.
        taken: the masked texts, and whatever else holds characters that are given out.
    """
    ordered = sorted(dict.fromkeys(numbers), key=lambda digits: -len(digits))
    return given_out(ordered, types={number: _type(number) for number in ordered}, taken=taken)


def mask(text: str, keys: Mapping[str, str]) -> str:
    """The text with its secret numbers masked; as long as before."""
    if not keys:
        return text
    chars = list(text)
    for said in _numbers(text):
        masked = keys.get(said.digits)
        if masked is None or said.use == "kept":
            continue
        for place, char in zip(said.places, masked, strict=True):
            chars[place] = char
    for whole, parts in _in_parts(text):
        masked = keys.get(whole.digits, "")
        for part, start in parts:
            if masked and part.digits not in keys:  # else it has characters wherever it stands
                for place, char in zip(part.places, masked[start:], strict=False):
                    chars[place] = char
    return "".join(chars)


def mask_number(number: str, keys: Mapping[str, str], *, shown: int = 0) -> str:
    """A number of a call record masked, but for its first ``shown`` digits and its other marks."""
    chars = list(number)
    digits = [place for place, char in enumerate(number) if char.isdecimal()]
    clear = digits[:shown]
    for run in RUN.finditer(number):
        places = [place for place in digits if run.start() <= place < run.end()]
        masked = keys.get("".join(number[place] for place in places), "")
        for place, char in zip(places, masked, strict=False):
            if place not in clear:
                chars[place] = char
    return "".join(chars)


def _is_secret(digits: str, uses: set[Use]) -> bool:
    if "secret" in uses:
        return True
    return "plain" in uses and ("kept" not in uses or len(digits) >= _WHOLE)


def _numbers(text: str) -> Iterator[_Said]:
    """Every number of a text that is nothing but digits."""
    folded = fold(text)
    pieces = scan(folded.text)
    for piece in pieces:
        # Digits in numerals that make no number are known apart from numbers by their mark.
        for run in _IN_A_ROW.finditer(folded.text, piece.start, piece.end) if piece.value is None else ():
            digits = "".join(TO_DIGIT[char] for char in run[0])
            places = tuple(folded.origin[i] for i in range(*run.span()))
            yield _Said(MISHEARD + digits, "plain", "MISHEARD", places)
    for place in range(len(pieces)):
        said = _said(place, pieces, folded.text, folded.origin)
        if said is not None:
            yield said


def _said(place: int, pieces: Sequence[Piece], folded: str, origin: Sequence[int]) -> _Said | None:
    piece = pieces[place]
    digits = piece.value or ""
    if not digits.isdecimal() or not digits.isascii():
        return None
    inside = range(piece.start, piece.end)
    places = tuple(origin[i] for i in inside if is_numeral(folded[i]))
    if len(places) != len(digits) or any(is_masked(folded[i]) for i in inside):
        return None
    before, after = folded[max(0, piece.start - 12) : piece.start], folded[piece.end :]
    in_range = any(
        0 <= near < len(pieces) and pieces[near].spoken == "到" and folded[pieces[near].start] != "到"
        for near in (place - 1, place + 1)
    )
    use = "kept" if in_range else _use(piece, digits, before=before, after=after, written=folded)
    return _Said(digits, use, _type(digits, before=before), places)


def _use(piece: Piece, digits: str, *, before: str, after: str, written: str) -> Use:  # noqa: PLR0911
    size = len(digits)
    counted = re.match(rf"\s*(?!号){UNIT}", after) is not None
    if not piece.spelt:
        pure = all(map(is_numeral, written[piece.start : piece.end])) and size > 1
        return "loose" if pure and (not counted or _NAMED.search(before)) else "kept"
    if _CODE.search(before) or (size >= SHORTEST and (_ID.search(before) or _CARD.search(before))):
        return "secret" if size >= _SHORTEST_CODE and not re.match(rf"\s*{MONEY}", after) else "part"
    if SERVICE.fullmatch(digits) or _DESK.search(before):
        return "kept"
    if size >= _WHOLE:
        telephone = MOBILE.fullmatch(digits) or _BORN.fullmatch(digits)
        return "kept" if not telephone and re.match(rf"\s*{MONEY}", after) else "plain"
    if not _NAMED.search(before) and (counted or re.match(r"\s*号", after) or _AMOUNT.search(before)):
        return "kept"
    if "两" in written[piece.start : piece.end]:  # 三三两两: nobody spells a number so
        return "kept"
    return "plain" if size >= SHORTEST else "part"


def _in_parts(text: str) -> Iterator[tuple[_Said, list[tuple[_Said, int]]]]:
    """Numbers said in parts that are put together, and the parts with their first digit in it."""
    folded = fold(text)
    pieces = scan(folded.text)
    for group in dictated(pieces, folded.text):
        parts = [_said(k, pieces, folded.text, folded.origin) for k in group]
        whole = joined(group, pieces)
        if len(whole) < _WHOLE or any(part is None or part.use in ("kept", "loose") for part in parts):
            continue
        starts = [sum(len(pieces[k].value or "") for k in group[:i]) for i in range(len(group))]
        yield (
            _Said(whole, "plain", _type(whole), ()),
            [(part, start) for part, start in zip(parts, starts, strict=True) if part],
        )


def _type(digits: str, *, before: str = "") -> Type:
    if MOBILE.fullmatch(digits):
        return "PHONE"
    if _CODE.search(before):
        return "CODE"
    if _ID.search(before) or (_BORN.fullmatch(digits) and not _CARD.search(before)):
        return "ID"
    if _CARD.search(before) or 16 <= len(digits) <= 19:
        return "CARD"
    if FIXED.fullmatch(digits) and (digits[0] == "0" or _TELEPHONE.search(before)):
        return "PHONE"
    return "NUMBER"
