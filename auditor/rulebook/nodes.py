"""YAML that remembers where everything stands, so that a fault can name its line.

A rulebook is kept as the tree of nodes that PyYAML composes; every node knows the file and the line it
came from, also after two files were merged (`auditor.rulebook.merge`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from yaml.error import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# libyaml where PyYAML has it: ten times faster.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ENDS = ".;,。;, "


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a rulebook, and where; as text one sentence.

    Attributes:
        line: counted from 1; None where the file as a whole is meant.
        rule: the rule's id, None outside of rules.
        what: what is wrong with which key and what to do.
    """

    file: str
    line: int | None
    rule: str | None
    what: str

    def __str__(self) -> str:
        place = f" line {self.line}:" if self.line else ""
        rule = f" rule {self.rule}:" if self.rule else ""
        return f"{self.file}:{place}{rule} {self.what}"


def read_nodes(data: bytes, *, name: str) -> tuple[yaml.Node | None, tuple[Fault, ...]]:
    """The nodes of the one document in ``data``, and what is wrong with it as YAML.

    Returns:
        None and a fault when it is no YAML at all; a key that stands twice leaves the tree readable.
    """
    try:
        root = yaml.compose(data.decode("utf-8-sig"), Loader=_Loader)
    except UnicodeDecodeError:
        return None, (Fault(name, None, None, "the file is not UTF-8; save it as UTF-8."),)
    except yaml.YAMLError as error:
        return None, (_broken(error, name=name),)
    if root is None:
        return None, (Fault(name, None, None, "the file is empty; write a rulebook into it."),)
    return root, tuple(_label(root, name=name))


def _label(root: yaml.Node, *, name: str) -> Iterator[Fault]:
    """Write the file into every node; complain about keys that stand twice or are no words."""
    waiting, known = [root], {id(root)}
    while waiting:
        node = waiting.pop()
        mark = node.start_mark
        node.start_mark = Mark(name, mark.index, mark.line, mark.column, None, 0)
        if isinstance(node, yaml.MappingNode):
            yield from _keys(node, name=name)
            inner = [part for pair in node.value for part in pair]
        else:
            inner = node.value if isinstance(node, yaml.SequenceNode) else []
        for part in inner:
            if id(part) not in known:
                known.add(id(part))
                waiting.append(part)


def _keys(node: yaml.MappingNode, *, name: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for key, _value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            yield Fault(name, line, None, "a key is a list or a mapping; write a word.")
        elif key.value in seen:
            yield Fault(name, line, None, f"the key {key.value} stands twice; keep one of them.")
        else:
            seen.add(key.value)


def _broken(error: yaml.YAMLError, *, name: str) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not readable as YAML"
    line = mark.line + 1 if mark else None
    # By far the most frequent slip: the phrase grammar's own brackets in a list of phrases.
    hint = " (a phrase with brackets in a [list] needs quotes)" if "expected ','" in str(problem) else ""
    what = f"{' '.join(str(problem).split()).rstrip(_ENDS)}; correct the YAML{hint}."
    return Fault(name, line, None, what)


def to_data(root: yaml.Node, *, name: str) -> tuple[Any, tuple[Fault, ...]]:
    """The plain mappings, lists and values of a tree; None and the fault where a value is impossible."""
    try:
        return yaml.SafeLoader("").construct_document(root), ()
    except yaml.YAMLError as error:
        return None, (_broken(error, name=name),)
    except ValueError as error:  # a date such as 2026-13-45
        place = next((n.start_mark for n in _scalars(root) if _is_impossible(n)), root.start_mark)
        return None, (Fault(place.name, place.line + 1, None, f"{error}; correct the value."),)


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for part in node.value:
            yield from _scalars(part)
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for part in pair:
                yield from _scalars(part)


def _is_impossible(node: yaml.ScalarNode) -> bool:
    try:
        yaml.SafeLoader("").construct_document(node)
    except ValueError:
        return True
    return False


def place_of(root: yaml.Node, path: Sequence[str | int]) -> tuple[str, int]:
    """File and line of what ``path`` leads to: of the key in a mapping, of the item in a list.

    Where the path leads nowhere (a missing key), the place of the last part that exists.
    """
    node, mark = root, root.start_mark
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                break
            mark, node = found[-1][0].start_mark, found[-1][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            mark = node.start_mark
        else:
            break
    return mark.name, mark.line + 1
