"""A centre's rulebook over the one that it extends.

The form of a file that extends another one::

    extends: china_mobile             # the rulebook that ships, or the path of a file, from this file on
    version: "2026.12-lanzhou"        # its own: version, valid_from and changelog are never inherited
    remove: [P3.6b]                   # rules of the base that go, by id
    settings: {weak_distance: 0.25}   # mappings are merged key by key
    phrases:
      holds: {add: [请您别挂线], remove: [我正在记录]}   # or a list, which replaces the base's
    rules:                            # merged by id; ids that are new are added at the end
      - {id: P3.1, weight: 4, params: {max_rings: 4}}

``probes`` and ``scripts`` are merged by name. Everything that is no mapping and none of these lists
replaces what the base says. A rule that takes another kind keeps none of the old parameters; one that
becomes an alias (``same_as``) keeps neither kind, parameters nor weight. Changes to ``lexicons`` add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from auditor.rulebook.nodes import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

# What speaks about one file and not about the standard.
OF_ONE_FILE = frozenset({"version", "valid_from", "changelog"})
BY_NAME = {"rules": "id", "probes": "name", "scripts": "name"}
_EDITS = frozenset({"add", "remove"})


def merge(base: yaml.MappingNode, own: yaml.MappingNode) -> tuple[yaml.MappingNode, tuple[Fault, ...]]:
    """The base with the file's differences; every node keeps the file and line it came from."""
    faults: list[Fault] = []
    inherited = {key.value: (key, value) for key, value in base.value if key.value not in OF_ONE_FILE}
    result = dict(inherited)
    for key, value in own.value:
        if key.value not in ("extends", "remove"):
            old = inherited[key.value][1] if key.value in inherited else None
            result[key.value] = (key, _over(key.value, old, value, faults=faults))
    removed = next((value for key, value in own.value if key.value == "remove"), None)
    if removed is not None:
        result["rules"] = _without(result.get("rules"), removed, faults=faults)
    return _mapping(own, result.values()), tuple(faults)


def _over(name: str, old: yaml.Node | None, own: yaml.Node, *, faults: list[Fault]) -> yaml.Node:
    """What a top-level key says in the end."""
    if isinstance(old, yaml.MappingNode):
        if not isinstance(own, yaml.MappingNode):
            faults.append(_fault(own, f"{name}: write a mapping (key: value), as the base does."))
            return old
        if name == "phrases":
            return _phrases(old, own, faults=faults)
        return _deep(old, own, join=name == "lexicons")
    if isinstance(old, yaml.SequenceNode) and name in BY_NAME:
        if not isinstance(own, yaml.SequenceNode):
            faults.append(_fault(own, f"{name}: write a list, as the base does."))
            return old
        return _by_name(old, own, key=BY_NAME[name])
    return own


def _are(kind: type[yaml.Node], *nodes: yaml.Node | None) -> bool:
    return all(isinstance(node, kind) for node in nodes)


def _mapping(like: yaml.Node, pairs: Iterable[tuple[yaml.Node, yaml.Node]]) -> yaml.MappingNode:
    return yaml.MappingNode("tag:yaml.org,2002:map", list(pairs), like.start_mark, like.end_mark)


def _sequence(like: yaml.Node, items: Iterable[yaml.Node]) -> yaml.SequenceNode:
    return yaml.SequenceNode("tag:yaml.org,2002:seq", list(items), like.start_mark, like.end_mark)


def _deep(base: yaml.Node, own: yaml.Node, *, join: bool = False) -> yaml.MappingNode:
    """Mappings merged key by key; anything else replaces, or lists are joined."""
    result = {key.value: (key, value) for key, value in base.value}
    for key, value in own.value:
        old = result[key.value][1] if key.value in result else None
        if old and _are(yaml.MappingNode, old, value):
            result[key.value] = (key, _deep(old, value, join=join))
        elif join and old and _are(yaml.SequenceNode, old, value):
            result[key.value] = (key, _sequence(value, [*old.value, *value.value]))
        else:
            result[key.value] = (key, value)
    return _mapping(own, result.values())


def _scalar(node: yaml.Node, key: str) -> str | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key and isinstance(value, yaml.ScalarNode):
                return str(value.value)
    return None


def _by_name(base: yaml.Node, own: yaml.Node, *, key: str) -> yaml.SequenceNode:
    items = list(base.value)
    places = {_scalar(item, key): index for index, item in enumerate(items)}
    named: set[str | None] = set()
    for item in own.value:
        name = _scalar(item, key)
        # An id that the file itself uses twice stays there twice: the duplicate is then refused.
        if name is not None and name in places and name not in named:
            items[places[name]] = _rule(items[places[name]], item)
        else:
            items.append(item)
        named.add(name)
    return _sequence(base, items)


def _rule(base: yaml.Node, own: yaml.Node) -> yaml.Node:
    dropped: set[str] = set()
    kind = _scalar(own, "kind")
    if _scalar(own, "same_as") is not None:
        dropped = {"kind", "params", "weight", "critical", "how"}
    elif kind is not None and kind != _scalar(base, "kind"):
        dropped = {"params", "same_as", "how"}
    kept = _mapping(base, [(key, value) for key, value in base.value if key.value not in dropped])
    return _deep(kept, own)


def _phrases(base: yaml.Node, own: yaml.Node, *, faults: list[Fault]) -> yaml.MappingNode:
    result = {key.value: (key, value) for key, value in base.value}
    for key, value in own.value:
        if not isinstance(value, yaml.MappingNode):
            result[key.value] = (key, value)
            continue
        old = result[key.value][1] if key.value in result else None
        result[key.value] = (key, _edited(key, value, old=old, faults=faults))
    return _mapping(own, result.values())


def _edited(
    key: yaml.Node, edits: yaml.MappingNode, *, old: yaml.Node | None, faults: list[Fault]
) -> yaml.Node:
    """A phrase set with ``add`` and ``remove`` done."""
    where = f"phrases.{key.value}"
    if not isinstance(old, yaml.SequenceNode):
        faults.append(_fault(key, f"{where}: the base has no such set to add to; write it as a list."))
        return _sequence(edits, [])
    items = list(old.value)
    for name, value in edits.value:
        if name.value not in _EDITS:
            faults.append(_fault(name, f"the key {where}.{name.value} is unknown; use add and remove."))
        elif not isinstance(value, yaml.SequenceNode):
            faults.append(_fault(name, f"{where}.{name.value}: write a list of phrases."))
        elif name.value == "add":
            items += value.value
        else:
            items = _less(items, value.value, where=where, faults=faults)
    return _sequence(edits, items)


def _less(
    items: list[yaml.Node], removed: list[yaml.Node], *, where: str, faults: list[Fault]
) -> list[yaml.Node]:
    there = [item.value for item in items]
    for each in removed:
        if each.value not in there:
            faults.append(
                _fault(each, f"{where}.remove: the base has no phrase {each.value}; copy it to the letter.")
            )
    gone = [each.value for each in removed]
    return [item for item in items if item.value not in gone]


def _without(
    rules: tuple[yaml.Node, yaml.Node] | None, removed: yaml.Node, *, faults: list[Fault]
) -> tuple[yaml.Node, yaml.Node]:
    if rules is None or not _are(yaml.SequenceNode, rules[1], removed):
        faults.append(_fault(removed, "remove: write a list of rule ids, such as [P3.6b]."))
        return rules or (removed, removed)
    key, sequence = rules
    ids = [_scalar(item, "id") for item in sequence.value]
    for each in removed.value:
        if each.value not in ids:
            faults.append(_fault(each, f"remove names {each.value}, which is no rule of the base."))
    gone = [each.value for each in removed.value]
    kept = [item for item, rule_id in zip(sequence.value, ids, strict=True) if rule_id not in gone]
    return key, _sequence(sequence, kept)


def _fault(node: yaml.Node, what: str) -> Fault:
    return Fault(node.start_mark.name, node.start_mark.line + 1, None, what)
