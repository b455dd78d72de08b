"""The kinds of rule: one module each, registered by hand below.

A kind has ``Params`` (pydantic, unknown keys are errors), ``judge(evidence, *, params, book)`` and a
docstring that is its manual. It is a pure function: the same evidence, parameters and book always
give the same outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from auditor.errors import RulebookError
from auditor.kinds import (
    act_order,
    answer_rings,
    clarity,
    first_words,
    forbidden_phrase,
    loudness,
    measurement_range,
    modulation,
    overlap,
    put_down,
    release_order,
    reply_gap,
    required_phrase,
    shouting,
    silence_handling,
    word_use,
)
from auditor.kinds.params import PHRASE_SETS

if TYPE_CHECKING:
    from types import ModuleType

    from auditor.rulebook.schema import Rule, Rulebook

KINDS: dict[str, ModuleType] = {
    "act_order": act_order,
    "answer_rings": answer_rings,
    "clarity": clarity,
    "first_words": first_words,
    "forbidden_phrase": forbidden_phrase,
    "loudness": loudness,
    "measurement_range": measurement_range,
    "modulation": modulation,
    "overlap": overlap,
    "put_down": put_down,
    "release_order": release_order,
    "reply_gap": reply_gap,
    "required_phrase": required_phrase,
    "shouting": shouting,
    "silence_handling": silence_handling,
    "word_use": word_use,
}


def bind(rule: Rule, *, book: Rulebook, name: str) -> BaseModel:
    """The rule's parameters, checked by its kind.

    Args:
        rule: a rule that has a kind.
        book: the rulebook it stands in.
        name: the rulebook's file, for the message.

    Raises:
        RulebookError: the kind is unknown, a parameter is unknown, missing or wrong, or it names a
            phrase set or probe that the rulebook does not have.
    """
    if rule.kind not in KINDS:
        known = ", ".join(KINDS)
        raise RulebookError(f"{name}: rule {rule.id}: the kind {rule.kind} is unknown; use one of {known}.")
    params_type: type[BaseModel] = KINDS[rule.kind].Params
    try:
        params = params_type.model_validate(rule.params)
    except ValidationError as error:
        raise RulebookError(f"{name}: rule {rule.id}: {_explain(error.errors()[0])}") from error
    for key, field in params_type.model_fields.items():
        if PHRASE_SETS not in field.metadata:
            continue
        for phrases in getattr(params, key):
            if phrases not in book.phrases:
                raise RulebookError(
                    f"{name}: rule {rule.id}: params.{key} names the phrase set {phrases}, which is not"
                    " under phrases; add it or correct the name."
                )
    probe = getattr(params, "probe", None)
    if probe is not None and probe not in {spec.name for spec in book.probes}:
        raise RulebookError(
            f"{name}: rule {rule.id}: params.probe names {probe}, which is not under probes; add it."
        )
    return params


def _explain(problem: Any) -> str:
    key = ".".join(str(part) for part in ("params", *problem["loc"]))
    if problem["type"] == "extra_forbidden":
        return f"the key {key} is unknown; remove it or correct its spelling."
    if problem["type"] == "missing":
        return f"the key {key} is missing; add it."
    return f"{key}: {problem['msg'].lower()}; correct it."
