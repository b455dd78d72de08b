"""Agent and team reports as JSON, format 1.

::

    {"format": 1, "kind": "agent|team", "agent": {"id", "name"} | null, "team": "…" | null,
     "period": {"kind", "first", "last", "time_zone"},
     "edition": {"rulebook", "rulebook_sha256", "model", "model_sha256"}, "cautions": ["…"],
     "total": SUMS, "others": SUMS | null, "before": SUMS,
     "reviewed": {"calls", "machine": POINTS, "people": POINTS, "confirmed_critical", "waiting_critical",
     "pass_share": SHARE},
     "trend": [{"first", "mine": SUMS, "others": SUMS}],
     "sections": [{"section", "mine": POINTS, "others", "before"}],
     "clauses": [{"rule", "title", "section", "critical", "mine": CLAUSE, "others", "before", "hint",
                  "wording"}],
     "costly": [{"rule", "clips": [CLIP]}], "praised": [{"rule", "clips": [CLIP]}],        agent
     "agents": [{"id", "name", "rank" | null, "total": SUMS}],                             team
     "critical": [CALL], "queue": [CALL]}

    SUMS   = {"calls", "scored", "alone", "passed", "failed", "pending", "critical", "critical_in_review",
              "in_review", "points": POINTS, "pass_share": SHARE, "figures": {name: {"calls", "low", "median",
              "high"}}, "bands": [20 counts of scores, five percent each]}
    POINTS = {"earned", "possible", "percent" | null}
    SHARE  = {"hits", "of", "value" | null, "low" | null, "high" | null}          Wilson's 95 % interval
    CLAUSE = {"passed", "failed", "in_review", "points": POINTS, "pass_share": SHARE}
    CLIP   = {"audit_id", "call_id", "start_s", "quote", "reason", "verdict", "confidence"}
    CALL   = {"audit_id", "call_id", "agent", "started", "percent", "result", "reviewed", "items": [[rule,
              title, verdict]]}

Counts that are ``pending`` wait for a reviewer; ``critical`` ones are accusations of nobody until confirmed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from auditor.report.agent import AgentReport
from auditor.report.many import FORMAT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.records import Points, Share
    from auditor.report.agent import Told
    from auditor.report.many import CallView
    from auditor.report.team import TeamReport
    from auditor.store.adding import ClauseSum, Sums

Json = dict[str, Any]


def dumps(report: AgentReport | TeamReport) -> str:
    """The report as text; equal reports give equal text."""
    return json.dumps(to_json(report), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def to_json(report: AgentReport | TeamReport) -> Json:
    """The report as plain data."""
    agent = report if isinstance(report, AgentReport) else None
    period, edition = report.basis.period, report.basis.edition
    others = report.others if isinstance(report, AgentReport) else report.everyone
    found: Json = {
        "format": FORMAT,
        "kind": "agent" if agent else "team",
        "agent": {"id": agent.code, "name": agent.name} if agent else None,
        "team": (agent.team or None) if agent else report.title,
        "period": {
            "kind": period.kind,
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "time_zone": str(period.zone),
        },
        "edition": {
            name: getattr(edition, name) for name in ("rulebook", "rulebook_sha256", "model", "model_sha256")
        },
        "cautions": list(report.cautions),
        "total": _sums(report.total),
        "others": None if others is None else _sums(others),
        "before": _sums(report.before),
        "reviewed": {
            "calls": report.reviewed.calls,
            "machine": _points(report.reviewed.machine),
            "people": _points(report.reviewed.people),
            "confirmed_critical": report.reviewed.confirmed,
            "waiting_critical": report.reviewed.waiting(report.total),
            "pass_share": _share(report.reviewed.pass_share),
        },
        "trend": [
            {"first": step.first, "mine": _sums(step.mine), "others": _sums(step.others)}
            for step in report.steps
        ],
        "sections": [
            {
                "section": line.section,
                "mine": _points(line.mine),
                "others": line.others and _points(line.others),
                "before": line.before and _points(line.before),
            }
            for line in report.sections
        ],
        "clauses": [
            {
                "rule": line.rule,
                "title": line.title,
                "section": line.section,
                "critical": line.critical,
                "mine": _clause(line.mine),
                "others": line.others and _clause(line.others),
                "before": line.before and _clause(line.before),
                "hint": line.hint,
                "wording": line.wording,
            }
            for line in report.clauses
        ],
    }
    if isinstance(report, AgentReport):
        found |= {"costly": _told(report.costly), "praised": _told(report.praised)}
    else:
        found["agents"] = [
            {"id": each.code, "name": each.name, "rank": each.rank, "total": _sums(each.total)}
            for each in report.agents
        ]
    return found | {"critical": _calls(report.critical), "queue": _calls(report.queue)}


def _sums(sums: Sums) -> Json:
    counts = ("calls", "scored", "alone", "passed", "failed", "pending", "critical", "critical_in_review")
    return {
        **{name: getattr(sums, name) for name in (*counts, "in_review")},
        "points": _points(sums.points),
        "pass_share": _share(sums.pass_share),
        "figures": {name: asdict(spread) for name, spread in sums.figures.items()},
        "bands": list(sums.bands),
    }


def _points(points: Points) -> Json:
    return {"earned": points.earned, "possible": points.possible, "percent": points.percent}


def _share(share: Share) -> Json:
    low, high = share.interval or (None, None)
    return {"hits": share.hits, "of": share.of, "value": share.value, "low": low, "high": high}


def _clause(clause: ClauseSum) -> Json:
    return {
        "passed": clause.passed,
        "failed": clause.failed,
        "in_review": clause.in_review,
        "points": _points(clause.points),
        "pass_share": _share(clause.pass_share),
    }


def _told(told: Sequence[Told]) -> list[Json]:
    names = ("audit_id", "call_id", "start_s", "quote", "reason", "verdict", "confidence")
    return [
        {
            "rule": each.line.rule,
            "clips": [{name: getattr(place, name) for name in names} for place in each.places],
        }
        for each in told
    ]


def _calls(calls: Sequence[CallView]) -> list[Json]:
    return [
        {
            "audit_id": call.audit_id,
            "call_id": call.call_id,
            "agent": call.agent,
            "started": call.when,
            "percent": call.percent,
            "result": call.result,
            "reviewed": call.reviewed,
            "items": [list(item) for item in call.items],
        }
        for call in calls
    ]
