"""One fault, one deduction.

Among failing findings that share cause and span the heaviest keeps its points, the others show 见 … and
weigh nothing; doubts about one fault are counted once, too.

What is one fault: what one act would have mended. 「您好,中国移动」 mends P1, P3.2a, C1 and G1 together; an
apology mends S5, C2 and C4 where the agent leaves for a call of his own; an answer ends C9's silence and
C8b's. Two faults in the same words stay two where either could be mended alone: 「您去告吧」 has no 你 (C7)
and is spite (C10d) all the same; a shout (V1) is no softer for polite words.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.records import Finding, Outcome, Span


def charge_once(findings: list[Finding], *, outcomes: dict[str, Outcome]) -> tuple[Finding, ...]:
    """Leave one fault one deduction.

    Fails come first, then doubts, each by weight: a finding all of whose causes are already charged at
    the same place shows 见 … and weighs nothing. A doubt that weighs more than what is already charged
    keeps the rest: were it a fail it would cost its own weight instead of that, so the worst score stays
    the worst.
    """
    order = sorted(
        (i for i, f in enumerate(findings) if f.same_as is None and f.verdict in ("fail", "needs_review")),
        key=lambda i: (findings[i].verdict != "fail", -findings[i].weight, i),
    )
    charged: list[Finding] = []
    result = list(findings)
    for index in order:
        finding = findings[index]
        heads = [
            _head(cause, finding, charged=charged, outcomes=outcomes)
            for cause in outcomes[finding.rule].causes
        ]
        seen = [head for head in heads if head is not None]
        if not heads or len(seen) < len(heads):
            charged.append(finding)
            continue
        known = sum({head.rule: head.weight for head in seen}.values())
        if known < finding.weight:
            rest = replace(finding, weight=finding.weight - known)
            charged.append(rest)
            result[index] = rest
            continue
        ids = "、".join(dict.fromkeys(head.rule for head in seen))
        result[index] = replace(
            finding, weight=0.0, same_as=seen[0].rule, reason=f"见 {ids}:{finding.reason}"
        )
    return tuple(result)


def _head(
    cause: str, finding: Finding, *, charged: list[Finding], outcomes: dict[str, Outcome]
) -> Finding | None:
    """The charged finding of the same cause and place that stands for this one."""
    for head in charged:
        if cause in outcomes[head.rule].causes and _same_place(head.at, finding.at):
            return head
    return None


def _same_place(one: tuple[Span, ...], other: tuple[Span, ...]) -> bool:
    """Whether any two spans touch; findings without a place are about the same place."""
    if not one or not other:
        return True
    return any(a.gap_s(b) == 0.0 for a in one for b in other)
