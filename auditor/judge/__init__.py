"""Evidence and a rulebook in, findings and a scorecard out; pure, and the same every time."""

from __future__ import annotations

from auditor.judge.findings import judge, judge_rule
from auditor.judge.line import settle_line
from auditor.judge.rulebooks import examine_rulebook, open_rulebook
from auditor.judge.rulings import reviewed_score, rule_on, unconfirmed
from auditor.judge.scorecard import score

__all__ = [
    "examine_rulebook",
    "judge",
    "judge_rule",
    "open_rulebook",
    "reviewed_score",
    "rule_on",
    "score",
    "settle_line",
    "unconfirmed",
]
