"""One fault, one deduction.

Among failing findings that share cause and span the heaviest keeps its points, the others show 见 … and
weigh nothing; doubts about one fault are counted once, too.
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
    keeps its weight, so that the worst score stays the worst.
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
        if (
            cause in outcomes[head.rule].causes
            and head.weight >= finding.weight
            and _same_place(head.at, finding.at)
        ):
            return head
    return None


def _same_place(one: tuple[Span, ...], other: tuple[Span, ...]) -> bool:
    """Whether any two spans touch; findings without a place are about the same place."""
    if not one or not other:
        return True
    return any(a.gap_s(b) == 0.0 for a in one for b in other)
