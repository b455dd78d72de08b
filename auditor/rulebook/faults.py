"""Everything that is wrong with a rulebook, beyond YAML: one complaint each, with the path to its place."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from auditor.records import ProbeSpec
from auditor.rulebook.entries import names
from auditor.rulebook.schema import Rule, Rulebook
from auditor.text.grammar import wordings
from auditor.text.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic_core import ErrorDetails

# The grammar's own characters: a phrase of nothing else would match everywhere.
GRAMMAR = str.maketrans("", "", "()[]|")


class Complaint(NamedTuple):
    """What is wrong: ``path`` leads through the file, ``what`` ends the sentence."""

    path: tuple[str | int, ...]
    rule: str | None
    what: str


def in_words(problem: ErrorDetails, *, path: Iterable[str | int]) -> str:
    """A complaint of pydantic as the end of a sentence: the key, what is wrong, what to do."""
    key = ".".join(str(part) for part in path) or "the whole"
    if problem["type"] == "extra_forbidden":
        return f"the key {key} is unknown; remove it or correct its spelling."
    if problem["type"] == "missing":
        return f"the key {key} is missing; add it."
    message = problem["msg"]
    return f"{key}: {message[:1].lower()}{message[1:]}; correct it."


def of_shape(error: ValidationError, *, raw: dict[str, Any]) -> Iterator[Complaint]:
    """Keys that are unknown or missing, values of the wrong kind."""
    for problem in error.errors():
        path = problem["loc"]
        if path[:1] == ("rules",) and len(path) > 1 and isinstance(path[1], int):
            yield Complaint(
                path, _rule_name(raw["rules"][path[1]], path[1]), in_words(problem, path=path[2:])
            )
        elif path[:1] == ("on_line",) and len(path) > 2:
            yield Complaint(path, str(path[2]), in_words(problem, path=path))
        else:
            yield Complaint(path, None, in_words(problem, path=path))


def _rule_name(rule: object, index: int) -> str:
    name = rule.get("id") if isinstance(rule, dict) else None
    return str(name) if name else f"number {index + 1}"


def sound_part(raw: dict[str, Any]) -> tuple[Rulebook, dict[str, int]]:
    """What can still be checked of a rulebook that has faults, and where each rule stands.

    Returns:
        A book of the rules, phrase sets and probes that are well-formed, each rule id with its first
        index in the file. A phrase set that is not well-formed is there, but empty.
    """
    listed = _list(raw.get("rules"))
    pairs = [(i, _valid(Rule, each) or _judged_part(each)) for i, each in enumerate(listed)]
    places: dict[str, int] = {}
    for i, rule in pairs:
        if rule is not None:
            places.setdefault(rule.id, i)
    phrases = {
        str(key): tuple(each for each in _list(value) if isinstance(each, str))
        for key, value in _dict(raw.get("phrases")).items()
    }
    probes = (_valid(ProbeSpec, each) for each in _list(raw.get("probes")))
    book = Rulebook.model_construct(  # type: ignore[call-arg]
        rules=tuple(rule for i, rule in pairs if rule is not None and places[rule.id] == i),
        phrases=phrases,
        probes=tuple(probe for probe in probes if probe is not None),
        lines={str(k): str(v) for k, v in _dict(raw.get("lines")).items()},
    )
    return book, places


def _judged_part(rule: object) -> Rule | None:
    """Id, kind and parameters of a rule that has a fault elsewhere: its kind can still look at them."""
    parts = {key: _dict(rule).get(key) for key in ("id", "kind", "params")}
    if not all(isinstance(value, kind) for value, kind in zip(parts.values(), (str, str, dict), strict=True)):
        return None
    return Rule.model_construct(**parts)  # type: ignore[arg-type]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _valid(kind: Any, value: object) -> Any:
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return None


def of_rules(book: Rulebook, *, raw: dict[str, Any]) -> Iterator[Complaint]:
    """Ids that are used twice, aliases that lead nowhere, explanations with a parameter that is not there."""
    ids = [_dict(rule).get("id") for rule in _list(raw.get("rules"))]
    for index, rule_id in enumerate(ids):
        if rule_id is not None and ids.index(rule_id) < index:
            what = f"the id is used {ids.count(rule_id)} times; ids are unique."
            yield Complaint(("rules", index, "id"), str(rule_id), what)
    for rule in book.rules:
        wrong = _about_alias(rule, ids=ids, book=book)
        if wrong is not None:
            yield Complaint(("rules", ids.index(rule.id), "same_as"), rule.id, wrong)
        for name in rule.named_in_how():
            if name not in rule.params:
                what = f"how names {{{name}}}, which is no parameter here; name one of params."
                yield Complaint(("rules", ids.index(rule.id), "how"), rule.id, what)


def _about_alias(rule: Rule, *, ids: list[Any], book: Rulebook) -> str | None:
    if (rule.kind is None) == (rule.same_as is None):
        return "a rule has either a kind or same_as; give exactly one of the two."
    if rule.same_as is None:
        return None
    if rule.same_as not in ids:
        return f"same_as names {rule.same_as}, which is no rule here; name a rule of this file."
    if any(other.id == rule.same_as and other.same_as is not None for other in book.rules):
        return f"same_as names {rule.same_as}, which is an alias itself; name the rule that is judged."
    if rule.weight or rule.critical or rule.params:
        return "same_as only shows another verdict: weight, critical and params do not belong here."
    return None


def of_phrases(book: Rulebook) -> Iterator[Complaint]:
    """Sets without a phrase, phrases without a word or against the grammar, probes of one name."""
    for key, phrases in book.phrases.items():
        yield from _about_set(("phrases", key), phrases)
    used = [spec.name for spec in book.probes]
    for index, spec in enumerate(book.probes):
        yield from _about_probe(spec, index=index)
        if used.index(spec.name) < index:
            what = f"probes: the name {spec.name} is used twice; names are unique."
            yield Complaint(("probes", index, "name"), None, what)


def _about_probe(spec: ProbeSpec, *, index: int) -> Iterator[Complaint]:
    if spec.phrases or not spec.lexicons:
        yield from _about_set(("probes", index, "phrases"), spec.phrases, shown=f"probes.{spec.name}")
    if not spec.foils:
        what = f"probes.{spec.name}: there are no foils; give at least “”, which means that nothing was said."
        yield Complaint(("probes", index), None, what)
    if spec.lexicons and spec.where != "each_phrase":
        what = f"probes.{spec.name}: lexicons are asked about where: each_phrase; write that."
        yield Complaint(("probes", index, "where"), None, what)
    for place, name in enumerate(spec.lexicons):
        if name not in names():
            what = f"probes.{spec.name}: the lexicon {name} is unknown; correct its name."
            yield Complaint(("probes", index, "lexicons", place), None, what)


def _about_set(
    path: tuple[str | int, ...], phrases: tuple[str, ...], *, shown: str | None = None
) -> Iterator[Complaint]:
    where = shown or ".".join(str(part) for part in path)
    if not phrases:
        yield Complaint(path, None, f"{where}: the list is empty; give at least one phrase.")
    for index, phrase in enumerate(phrases):
        if not normalise(phrase.translate(GRAMMAR)).text:
            what = f"{where}: the phrase {phrase!r} is empty after normalisation; write words in it."
            yield Complaint((*path, index), None, what)
            continue
        try:
            wordings(phrase)  # the grammar alone: what the phrases sound like can wait for a call
        except ValueError as error:
            yield Complaint((*path, index), None, f"{where}: {str(error).rstrip('.')}.")


def of_whole(book: Rulebook) -> Iterator[Complaint]:
    """What only a book that is well-formed can be asked: weights, lines, changelog."""
    if sum(rule.weight for rule in book.rules) <= 0:
        yield Complaint(
            ("rules",), None, "the weights of all rules sum to nothing; give at least one a weight."
        )
    for line, like in book.lines.items():
        if like in book.lines:
            what = f"lines.{line}: {like} is itself judged like another line; name that one."
            yield Complaint(("lines", line), None, what)
    yield from _about_lines(book)
    yield from _about_scripts(book)
    versions = [release.version for release in book.changelog]
    for version, count in Counter(versions).items():
        if count > 1:
            yield Complaint(("changelog",), None, f"changelog: the version {version} stands {count} times.")
    if versions and versions[0] != book.version:
        what = f"changelog begins with {versions[0]}, but the version is {book.version}; say what changed."
        yield Complaint(("changelog",), None, what)


def _about_lines(book: Rulebook) -> Iterator[Complaint]:
    rules = {rule.id: rule for rule in book.rules}
    for line, changes in book.on_line.items():
        if line in book.lines:
            what = f"on_line.{line} is judged like {book.lines[line]}; write the changes under that line."
            yield Complaint(("on_line", line), None, what)
        for rule_id in changes:
            path = ("on_line", line, rule_id)
            if rule_id not in rules:
                yield Complaint(path, rule_id, f"on_line.{line} names {rule_id}, which is no rule here.")
            elif rules[rule_id].same_as is not None:
                what = f"on_line.{line}: {rule_id} is an alias; change {rules[rule_id].same_as} instead."
                yield Complaint(path, rule_id, what)


def _about_scripts(book: Rulebook) -> Iterator[Complaint]:
    """Scripts of one name, without a sign, of a line that is judged like another, of unknown phrases."""
    default = book.settings.default_line
    if default in book.lines:
        what = f"settings.default_line: {default} is judged like {book.lines[default]}; name that one."
        yield Complaint(("settings", "default_line"), None, what)
    names = [script.name for script in book.scripts]
    for index, script in enumerate(book.scripts):
        path, shown = ("scripts", index), f"scripts.{script.name}"
        if names.index(script.name) < index:
            yield Complaint((*path, "name"), None, f"{shown}: the name is used twice; names are unique.")
        if not (script.opening or script.content):
            yield Complaint(path, None, f"{shown} has neither opening nor content; name phrase sets.")
        for line in (script.line, *script.also_on):
            if line in book.lines:
                what = f"{shown}: the line {line} is judged like {book.lines[line]}; name that one."
                yield Complaint(path, None, what)
        for key, sets in (("opening", script.opening), ("content", script.content)):
            for place, phrases in enumerate(sets):
                if phrases not in book.phrases:
                    what = f"{shown}.{key} names the phrase set {phrases}, which is not under phrases."
                    yield Complaint((*path, key, place), None, what)
