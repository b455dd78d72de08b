"""The phrase grammar of the rulebook: which wordings a phrase stands for.

====================  =====================================================================
``您好``               these characters; punctuation and spaces mean nothing
``(…)``                optional: with it or without it; ``(吗|呢)`` one of them or none
``[a|b]``              exactly one of them
``{…}``                key token: every syllable in it must be heard (near sounds count)
``<number>``           a number of any length
``<amount>``           a number with a unit of money: 150元, 三块五
``<name>``             1–8 characters without a number
``<any>``              1–60 characters of anything
====================  =====================================================================

Full-width brackets and bars mean the same. Brackets may be nested.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

from auditor.text.normalise import is_word

SLOTS = ("number", "amount", "name", "any")
# More wordings than this are a mistake in the phrase: every one is searched for.
MOST_WORDINGS = 512

_WIDE = str.maketrans(
    "\uff08\uff09\u3010\u3011\uff3b\uff3d\uff5b\uff5d\uff5c\uff1c\uff1e\u3008\u3009\u300a\u300b",
    "()[][]{}|<><><>",
)
_PART = re.compile(r"<([^<>]*)>|([()\[\]|])|([^<>()\[\]|]+)|(.)", re.DOTALL)

Wording = tuple[str, ...]  # literal text (braces around key tokens), and slots as "<name>"


def _joined(sequence: list[list[Wording]], phrase: str) -> list[Wording]:
    """All ways to say a sequence of choices."""
    count = 1
    for choices in sequence:
        count *= len(choices)
    if count > MOST_WORDINGS:
        raise ValueError(
            f"the phrase “{phrase}” stands for more than {MOST_WORDINGS} wordings: "
            "split it into several phrases"
        )
    return [tuple(part for choice in pick for part in choice) for pick in product(*sequence)]


class _Parser:
    """Recursive descent over the parts of one phrase."""

    def __init__(self, phrase: str) -> None:
        self.phrase = phrase
        self.parts = list(_PART.finditer(phrase.translate(_WIDE)))
        self.at = 0

    def fail(self, what: str) -> ValueError:
        return ValueError(f"the phrase “{self.phrase}” {what}")

    def sequence(self, closing: str) -> list[list[Wording]]:
        """Alternatives up to the closing bracket ("" = the end), each with all its wordings."""
        branches: list[list[list[Wording]]] = [[]]
        while self.at < len(self.parts):
            slot, mark, literal, stray = self.parts[self.at].groups()
            self.at += 1
            if literal is not None:
                branches[-1].append([(literal,)])
            elif slot is not None:
                if slot.strip() not in SLOTS:
                    raise self.fail(f"has an unknown slot <{slot}>: use one of <{'> <'.join(SLOTS)}>")
                branches[-1].append([(f"<{slot.strip()}>",)])
            elif mark == "(":
                inner = [w for branch in self.sequence(")") for w in branch]
                branches[-1].append([*inner, ()])
            elif mark == "[":
                branches[-1].append([w for branch in self.sequence("]") for w in branch])
            elif mark == "|" and closing:
                branches.append([])
            elif mark is not None and mark == closing:
                return self.finished(branches)
            elif mark == "|":
                raise self.fail("has | outside brackets: put the alternatives into [ ]")
            else:
                raise self.fail(f"has a {mark or stray} without its partner: close every bracket")
        if closing:
            raise self.fail(f"lacks a closing {closing}: close every bracket")
        return self.finished(branches)

    def finished(self, branches: list[list[list[Wording]]]) -> list[list[Wording]]:
        done = [_joined(branch, self.phrase) for branch in branches]
        for branch in done:
            if len(branches) > 1 and any(not w for w in branch):
                raise self.fail("has an empty alternative: use ( ) for what may be left out")
        return done


@lru_cache(maxsize=8192)
def wordings(phrase: str) -> tuple[Wording, ...]:
    """Every wording that a phrase stands for, the longest first.

    Raises:
        ValueError: One sentence that names the phrase and what to do: unbalanced brackets, unknown slot,
            too many wordings, or a wording without a single character.
    """
    (found,) = _Parser(phrase).sequence("")
    merged: dict[Wording, None] = {}
    for wording in found:
        literal = "".join(wording)
        if literal.isalnum():  # by far the most: no slot, brace or punctuation
            merged[(literal,)] = None
            continue
        parts: list[str] = []
        for part in wording:
            if parts and not part.startswith("<") and not parts[-1].startswith("<"):
                parts[-1] += part
            else:
                parts.append(part)
        if re.fullmatch(r"[^{}]*(?:{[^{}]*}[^{}]*)*", "".join(parts)) is None:
            raise ValueError(f"the phrase “{phrase}” has a brace without its partner: close every bracket")
        spoken = tuple(p for p in parts if any(is_word(c) or c in "{}" for c in p))
        if not any(p not in {"<any>", "<name>"} and any(map(is_word, p)) for p in spoken):
            raise ValueError(
                f"the phrase “{phrase}” is empty without its punctuation and options: "
                "give it at least one character that must be said"
            )
        merged[spoken] = None
    return tuple(sorted(merged, key=lambda w: -sum(len(p) for p in w)))
