"""Read a rulebook, or refuse it in one sentence that names file, rule and key."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from auditor.errors import RulebookError
from auditor.rulebook.schema import Rule, Rulebook
from auditor.text.match import check_phrase
from auditor.text.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

SHIPPED = "china_mobile.yaml"
# The grammar's own characters: a phrase of nothing else would match everywhere.
GRAMMAR = str.maketrans("", "", "()[]|")


class _StrictLoader(yaml.SafeLoader):
    """YAML that refuses a key written twice; plain YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def load_rulebook(path: Path | None = None) -> Rulebook:
    """The rulebook in ``path``, or the one that ships.

    The kinds and their parameters are checked by `auditor.judge.open_rulebook`, which callers want.

    Raises:
        RulebookError: the file is missing, no YAML, or says something that no rulebook may say.
    """
    if path is None:
        return _shipped()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RulebookError(
            f"{path}: the rulebook cannot be read ({error.strerror}); give the path of a YAML file."
        ) from error
    return parse_rulebook(data, name=str(path))


@lru_cache(maxsize=1)
def _shipped() -> Rulebook:
    return parse_rulebook((files(__package__) / SHIPPED).read_bytes(), name=SHIPPED)


def parse_rulebook(data: bytes, *, name: str) -> Rulebook:
    """A rulebook from the bytes of a YAML file; ``name`` stands in the error messages.

    Raises:
        RulebookError: see `load_rulebook`.
    """
    raw = parse_yaml(data, name=name)
    if not isinstance(raw, dict):
        raise RulebookError(f"{name}: a rulebook is a mapping with version, phrases and rules.")
    if "sha256" in raw:
        raise RulebookError(f"{name}: the key sha256 is computed; leave it out.")
    try:
        book = Rulebook.model_validate({**raw, "sha256": hashlib.sha256(data).hexdigest()})
    except ValidationError as error:
        raise RulebookError(f"{name}: {explain(error, raw=raw)}") from error
    _check_rules(book, name=name)
    _check_phrases(book, name=name)
    return book


def parse_yaml(data: bytes, *, name: str) -> Any:
    """The YAML document in ``data``; a key that stands twice is an error.

    Raises:
        RulebookError: no YAML, with the line.
    """
    try:
        return yaml.load(data.decode("utf-8-sig"), Loader=_StrictLoader)
    except UnicodeDecodeError as error:
        raise RulebookError(f"{name}: the file is not UTF-8; save it as UTF-8.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        problem = getattr(error, "problem", None) or "not readable as YAML"
        raise RulebookError(f"{name}:{line} {problem}; correct the YAML.") from error


def explain(error: ValidationError, *, raw: dict[str, Any]) -> str:
    """The first complaint of pydantic as the end of a sentence: rule, key, what is wrong."""
    first = error.errors()[0]
    where = list(first["loc"])
    prefix = ""
    if where[:1] == ["rules"] and len(where) > 1 and isinstance(where[1], int):
        rule = raw["rules"][where[1]]
        name = rule.get("id", f"number {where[1] + 1}") if isinstance(rule, dict) else f"{where[1] + 1}"
        prefix, where = f"rule {name}: ", where[2:]
    key = ".".join(str(part) for part in where) or "the whole"
    if first["type"] == "extra_forbidden":
        return f"{prefix}the key {key} is unknown; remove it or correct its spelling."
    if first["type"] == "missing":
        return f"{prefix}the key {key} is missing; add it."
    return f"{prefix}{key}: {first['msg'].lower()}; correct it."


def _check_rules(book: Rulebook, *, name: str) -> None:
    ids = [rule.id for rule in book.rules]
    for rule_id, count in Counter(ids).items():
        if count > 1:
            raise RulebookError(f"{name}: rule {rule_id}: the id is used {count} times; ids are unique.")
    for rule in book.rules:
        _check_alias(rule, ids=ids, book=book, name=name)
    if sum(rule.weight for rule in book.rules) <= 0:
        raise RulebookError(f"{name}: the weights of all rules sum to nothing; give at least one a weight.")


def _check_alias(rule: Rule, *, ids: list[str], book: Rulebook, name: str) -> None:
    def refuse(what: str) -> RulebookError:
        return RulebookError(f"{name}: rule {rule.id}: {what}")

    if (rule.kind is None) == (rule.same_as is None):
        raise refuse("a rule has either a kind or same_as; give exactly one of the two.")
    if rule.same_as is None:
        return
    if rule.same_as not in ids:
        raise refuse(f"same_as names {rule.same_as}, which is no rule here; name a rule of this file.")
    if book.rule(rule.same_as).same_as is not None:
        raise refuse(f"same_as names {rule.same_as}, which is an alias itself; name the rule that is judged.")
    if rule.weight or rule.critical or rule.params:
        raise refuse("same_as only shows another verdict: weight, critical and params do not belong here.")


def _check_phrases(book: Rulebook, *, name: str) -> None:
    sets = [(f"phrases.{key}", phrases) for key, phrases in book.phrases.items()]
    sets += [(f"probes.{spec.name}", spec.phrases) for spec in book.probes]
    for where, phrases in sets:
        if not phrases:
            raise RulebookError(f"{name}: {where}: the list is empty; give at least one phrase.")
        for phrase in phrases:
            if not normalise(phrase.translate(GRAMMAR)).text:
                raise RulebookError(
                    f"{name}: {where}: the phrase {phrase!r} is empty after normalisation; write words in it."
                )
            try:
                check_phrase(phrase)
            except ValueError as error:
                raise RulebookError(f"{name}: {where}: {error}.") from error
    twice = [key for key, count in Counter(_names(book)).items() if count > 1]
    if twice:
        raise RulebookError(f"{name}: probes: the name {twice[0]} is used twice; names are unique.")


def _names(book: Rulebook) -> Iterable[str]:
    return (spec.name for spec in book.probes)
