"""The kinds of rule: one module each, registered by hand below.

A kind has ``Params`` (pydantic, unknown keys are errors), ``judge(evidence, *, params, book)`` and a
docstring that is its manual. It is a pure function: the same evidence, parameters and book always
give the same outcome.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ValidationError

from auditor.errors import RulebookError
from auditor.kinds import (
    acknowledge,
    act_order,
    answer_rings,
    ask_first,
    calling_hours,
    clarity,
    echo,
    first_words,
    forbidden_phrase,
    holiday_greeting,
    lexicon,
    loudness,
    measurement_range,
    modulation,
    ordered_script,
    overlap,
    party_script,
    polite_form,
    privacy,
    put_down,
    read_back,
    release_order,
    repetition,
    reply_gap,
    reply_to_trigger,
    required_phrase,
    respect_refusal,
    restraint,
    shouting,
    side_talk,
    silence_handling,
    silent_caller,
    word_use,
)
from auditor.kinds.params import LEXICONS, PHRASE_SETS
from auditor.rulebook.lexicon import load_lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from pydantic_core import ErrorDetails

    from auditor.rulebook.schema import Rule, Rulebook

KINDS: dict[str, ModuleType] = {
    "acknowledge": acknowledge,
    "act_order": act_order,
    "answer_rings": answer_rings,
    "ask_first": ask_first,
    "calling_hours": calling_hours,
    "clarity": clarity,
    "echo": echo,
    "first_words": first_words,
    "forbidden_phrase": forbidden_phrase,
    "holiday_greeting": holiday_greeting,
    "lexicon": lexicon,
    "loudness": loudness,
    "measurement_range": measurement_range,
    "modulation": modulation,
    "ordered_script": ordered_script,
    "overlap": overlap,
    "party_script": party_script,
    "polite_form": polite_form,
    "privacy": privacy,
    "put_down": put_down,
    "read_back": read_back,
    "release_order": release_order,
    "repetition": repetition,
    "reply_gap": reply_gap,
    "reply_to_trigger": reply_to_trigger,
    "required_phrase": required_phrase,
    "respect_refusal": respect_refusal,
    "restraint": restraint,
    "shouting": shouting,
    "side_talk": side_talk,
    "silence_handling": silence_handling,
    "silent_caller": silent_caller,
    "word_use": word_use,
}


# What the words of a call mean to a kind, for calls that are not in Mandarin: the first judge without any,
# the second judge sound or times but let words excuse a fault, and all others judge words.
WORDLESS = frozenset({"loudness", "modulation", "put_down", "shouting"})
EXCUSED_BY_WORDS = frozenset(
    {"answer_rings", "calling_hours", "overlap", "release_order", "reply_gap", "silence_handling"}
)


class Problem(NamedTuple):
    """What a kind has against a rule: ``path`` leads from the rule to the key, ``what`` says the rest."""

    path: tuple[str | int, ...]
    what: str


def bind(rule: Rule, *, book: Rulebook, name: str) -> BaseModel:
    """The rule's parameters, checked by its kind.

    Args:
        rule: a rule that has a kind.
        book: the rulebook it stands in.
        name: the rulebook's file, for the message.

    Raises:
        RulebookError: what `check_params` finds first.
    """
    params, problems = _checked(_Same(rule, book))
    if params is None:
        raise RulebookError(f"{name}: rule {rule.id}: {problems[0].what}")
    return params


class _Same:
    """A rule of a book, equal to nothing but itself: neither can be hashed by what it says."""

    __slots__ = ("book", "rule")

    def __init__(self, rule: Rule, book: Rulebook) -> None:
        self.rule, self.book = rule, book

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.rule is other.rule and self.book is other.book

    def __hash__(self) -> int:
        return hash((id(self.rule), id(self.book)))


@lru_cache(maxsize=1024)
def _checked(one: _Same) -> tuple[BaseModel | None, tuple[Problem, ...]]:
    """`check_params`, once for every rule however many calls it judges."""
    return check_params(one.rule, book=one.book)


def check_params(rule: Rule, *, book: Rulebook) -> tuple[BaseModel | None, tuple[Problem, ...]]:
    """The rule's parameters, or all that its kind has against them.

    An unknown kind, a parameter that is unknown, missing or wrong, a phrase set or a probe that the
    rulebook does not have.
    """
    if rule.kind not in KINDS:
        known = ", ".join(KINDS)
        what = f"the kind {rule.kind} is unknown; use one of {known}."
        return None, (Problem(("kind",), what),)
    params_type: type[BaseModel] = KINDS[rule.kind].Params
    try:
        params = params_type.model_validate(rule.params)
    except ValidationError as error:
        return None, tuple(_explain(problem) for problem in error.errors())
    missing = tuple(_missing(params, book=book))
    return (None if missing else params), missing


def _missing(params: BaseModel, *, book: Rulebook) -> Iterator[Problem]:
    for key, field in type(params).model_fields.items():
        yield from _missing_inside(key, getattr(params, key), book=book)
        if LEXICONS in field.metadata:
            yield from _missing_lexicons(key, getattr(params, key))
        if PHRASE_SETS not in field.metadata:
            continue
        for index, phrases in enumerate(getattr(params, key)):
            if phrases not in book.phrases:
                what = (
                    f"params.{key} names the phrase set {phrases}, which is not under phrases; add it or"
                    " correct the name."
                )
                yield Problem(("params", key, index), what)
    for key in type(params).model_fields:
        probe = getattr(params, key) if key == "probe" or key.endswith("_probe") else None
        if probe is not None and probe not in {spec.name for spec in book.probes}:
            what = f"params.{key} names {probe}, which is not under probes; add it."
            yield Problem(("params", key), what)


def _missing_inside(key: str, value: object, *, book: Rulebook) -> Iterator[Problem]:
    """What parameters inside parameters, or inside a list of them, name that the rulebook does not have."""
    parts: list[tuple[tuple[str | int, ...], object]] = [((key,), value)]
    if isinstance(value, tuple):
        parts = [((key, index), part) for index, part in enumerate(value)]
    for path, part in parts:
        if isinstance(part, BaseModel):
            for problem in _missing(part, book=book):
                inner = ".".join(("params", *map(str, path), ""))
                what = problem.what.replace("params.", inner, 1)
                yield Problem(("params", *path, *problem.path[1:]), what)


def _missing_lexicons(key: str, names: tuple[str, ...]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        try:
            load_lexicon(name)
        except RulebookError as error:
            yield Problem(("params", key, index), f"params.{key}: {error}")


def _explain(problem: ErrorDetails) -> Problem:
    path = ("params", *problem["loc"])
    key = ".".join(str(part) for part in path)
    if problem["type"] == "extra_forbidden":
        return Problem(path, f"the key {key} is unknown; remove it or correct its spelling.")
    if problem["type"] == "missing":
        return Problem(path, f"the key {key} is missing; add it.")
    message = problem["msg"]
    return Problem(path, f"{key}: {message[:1].lower()}{message[1:]}; correct it.")
