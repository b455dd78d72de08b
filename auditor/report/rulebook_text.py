"""The rulebook for people: the list of rules, one rule with its manual and cases, what a centre changed."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.judge import judge
from auditor.kinds import KINDS
from auditor.report import labels
from auditor.report.rule_manual import how_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console

    from auditor.rulebook.cases import Case
    from auditor.rulebook.differences import Difference
    from auditor.rulebook.schema import Applies, Rule, Rulebook

_KEYS: Mapping[str, str] = {
    "weight": "权重",
    "critical": "一票否决",
    "title": "名称",
    "hint": "改进提示",
    "how": "怎样判定",
    "clause": "条款",
    "kind": "判定方式",
    "params": "参数",
    "applies": "适用",
    "pass_mark": "及格线",
    "settings": "设置",
    "not_scored": "不评分",
    "lines": "线路",
    "outbound_lines": "只呼出的线路",
    "on_line": "线路另定",
    "probes": "复听",
    "scripts": "线路话术",
    "not_audible": "不可听",
}
_NEVER = "—"


@dataclass(frozen=True, slots=True)
class Ties:
    """How a rule stands to others.

    Attributes:
        causes: rules that charge the same fault only once with it.
        can_fail: whether one of its cases expects a ``fail``.
    """

    causes: tuple[str, ...]
    can_fail: bool


def rows(book: Rulebook) -> list[dict[str, Any]]:
    """The rules as data, for ``--format json``."""
    names = "id title clause section weight critical kind applies same_as cause triggered"
    keys = set(names.split())
    return [rule.model_dump(mode="json", include=keys) for rule in book.rules]


def applies_words(applies: Applies) -> str:
    """Which calls a rule is about, in Chinese."""
    parts = [labels.word(labels.DIRECTIONS, each) for each in applies.direction]
    parts += [labels.word(labels.LINES, each) for each in applies.line]
    parts += [f"非{labels.word(labels.LINES, each)}" for each in applies.not_line]
    parts += [labels.word(labels.CALLERS, each) for each in applies.caller]
    return "、".join(parts) or "全部通话"


def render_list(book: Rulebook, *, console: Console) -> None:
    """One line per rule."""
    since = f",自 {book.valid_from} 起" if book.valid_from else ""
    console.print(Text(f"{book.standard} · 版本 {book.version}{since}", style="bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("编号", "名称", "权重", "一票否决", "判定方式", "适用"):
        table.add_column(name, justify="right" if name == "权重" else "left", no_wrap=name == "编号")
    for rule in book.rules:
        table.add_row(
            rule.id,
            Text(rule.title),
            _weight(rule),
            "是" if rule.critical else "",
            rule.kind or f"见 {rule.same_as}",
            applies_words(rule.applies),
        )
    console.print(table)
    console.print(f"{sum_words(book)},及格线 {book.pass_mark:g}。带 + 的权重只在情形出现时计入。")


def sum_words(book: Rulebook) -> str:
    """How many rules there are, and what they weigh on an ordinary call and when something arises."""
    ordinary = sum(rule.weight for rule in book.rules if not rule.triggered)
    triggered = sum(rule.weight for rule in book.rules if rule.triggered)
    return f"共 {len(book.rules)} 条规则,权重合计 {ordinary:g},情形出现时另计至多 {triggered:g}"


def _weight(rule: Rule) -> str:
    return f"{'+' if rule.triggered and rule.weight else ''}{rule.weight:g}"


def render_rule(rule: Rule, *, book: Rulebook, cases: Sequence[Case], console: Console) -> None:
    """Everything about one rule: clause, parameters, the kind's manual, and the cases that prove it."""
    own = [case for case in cases if case.rule == rule.id]
    ties = ties_of(rule, book=book, cases=own)
    judged_as = book.rule(rule.same_as) if rule.same_as else rule
    console.print(Text(f"{rule.id}  {rule.title}", style="bold"))
    for name, value in (
        ("条款", rule.clause),
        ("教材原话", str(judged_as.params.get("wording", rule.clause))),
        ("改进提示", rule.hint or _NEVER),
        ("章节", labels.section_name(rule.section)),
        ("教材", book.standard),
        ("适用", applies_words(rule.applies)),
        ("权重", f"{_weight(rule)}{',一票否决' if rule.critical else ''}"),
        ("判定方式", judged_as.kind or "" if rule.same_as is None else f"见 {rule.same_as}(不计分)"),
        ("一错一扣", f"与 {'、'.join(ties.causes)} 同因时只扣一次" if ties.causes else _NEVER),
        ("可判不合格", "是" if ties.can_fail else "否"),
    ):
        console.print(Text(f"{name:　<5} {value}"))
    for said in how_lines(rule):
        verdict = labels.word(labels.VERDICTS, said.verdict) if said.verdict else "怎样判定"
        console.print(Text(f"{verdict:　<5} {said.text}"))
    for line in (*_params(judged_as), *_on_lines(rule, book=book)):
        console.print(Text(line))
    for name in _sets_in(judged_as.params, book=book):
        console.print(Text(f"话术 {name}"))
        console.print(Padding(Text("、".join(book.phrases[name])), (0, 0, 0, 2)))
    if judged_as.kind is not None:
        console.print(Text(f"\n说明({judged_as.kind})", style="bold"))
        console.print(Text(inspect.cleandoc(KINDS[judged_as.kind].__doc__ or "")))
    console.print(Text(f"\n用例({len(own)} 个)", style="bold"))
    for case in own:
        console.print(Text(f"  {labels.word(labels.VERDICTS, case.expect)}  {case.name}"))
        for turn in case.evidence.turns:
            console.print(Text(f"      {labels.word(labels.ROLES, turn.role)} {turn.text}", style="dim"))


def _params(rule: Rule) -> Iterable[str]:
    """The parameters as the rulebook has them."""
    if rule.params:
        yield "参数"
    for key, value in rule.params.items():
        yield f"  {key}: {_short(value)}"


def _sets_in(value: object, *, book: Rulebook) -> list[str]:
    """The phrase sets that parameters name, at any depth, each once."""
    if isinstance(value, dict):
        found = [name for each in value.values() for name in _sets_in(each, book=book)]
    elif isinstance(value, list | tuple):
        named = [each for each in value if isinstance(each, str) and each in book.phrases]
        found = named + [name for each in value for name in _sets_in(each, book=book)]
    else:
        found = []
    return list(dict.fromkeys(found))


def _on_lines(rule: Rule, *, book: Rulebook) -> Iterable[str]:
    for line, changes in book.on_line.items():
        if rule.id in changes:
            said = changes[rule.id].model_dump(mode="json", exclude_defaults=True)
            yield f"线路 {line} 另定:{_short(said)}"


def ties_of(rule: Rule, *, book: Rulebook, cases: Iterable[Case]) -> Ties:
    """The rules of the same cause, by the rulebook and by what its own cases show, and if it can fail."""
    found = {
        other.id
        for other in book.rules
        if other.id != rule.id
        and (
            (rule.cause and other.cause == rule.cause) or rule.id == other.same_as or other.id == rule.same_as
        )
    }
    can_fail = False
    for case in cases:
        can_fail = can_fail or case.expect == "fail"
        for finding in judge(case.evidence, book=book)[0]:
            if finding.same_as == rule.id:
                found.add(finding.rule)
            elif finding.rule == rule.id and finding.same_as is not None:
                found.add(finding.same_as)
    return Ties(tuple(other.id for other in book.rules if other.id in found), can_fail)


def difference_words(found: Difference) -> str:
    """One difference in Chinese: 规则 P3.1 权重:6 → 4."""
    area, *rest = found.path
    if area in ("phrases", "lexicons"):
        name = "话术" if area == "phrases" else "词库"
        return f"{name} {'.'.join(rest)}:{_edit_words(found)}"
    if area == "rules" and len(rest) == 1:
        if found.old is None:
            return f"新增规则 {rest[0]}:{found.new['title']}"
        if found.new is None:
            return f"去掉规则 {rest[0]}:{found.old['title']}"
    if area == "rules":
        name = ".".join((_KEYS.get(rest[1], rest[1]), *rest[2:]))
        return f"规则 {rest[0]} {name}:{_change_words(found)}"
    if area == "on_line" and len(rest) > 2:
        name = ".".join((_KEYS.get(rest[2], rest[2]), *rest[3:]))
        return f"线路 {rest[0]} 另定规则 {rest[1]} {name}:{_change_words(found)}"
    return f"{'.'.join((_KEYS.get(area, area), *rest))}:{_change_words(found)}"


def _edit_words(found: Difference) -> str:
    parts = [(word, each) for word, each in (("增加", found.new), ("去掉", found.old)) if each]
    return ";".join(f"{word} {'、'.join(map(str, each))}" for word, each in parts)


def _change_words(found: Difference) -> str:
    return f"{_short(found.old)} → {_short(found.new)}"


def _short(value: object) -> str:
    if value is None:
        return "(无)"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_short(each) for each in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_short(each)}" for key, each in value.items()) + "}"
    return str(value)


def markdown_table(book: Rulebook, *, cases: Sequence[Case]) -> str:
    """The clauses as the README shows them."""
    failing = {case.rule for case in cases if case.expect == "fail"}
    lines = ["| id | clause | weight | kind | can fail |", "|---|---|---:|---|---|"]
    for rule in book.rules:
        kind = f"`{rule.kind}`" if rule.kind else f"see {rule.same_as}"
        weight = f"{_weight(rule)}{', critical' if rule.critical else ''}"
        fails = "yes" if rule.id in failing else "no"
        lines.append(f"| {rule.id} | {rule.title.replace('|', '/')} | {weight} | {kind} | {fails} |")
    return "\n".join(lines) + "\n"
