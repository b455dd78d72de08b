"""Agent and team reports as HTML: one file with its charts, that asks nothing of any network.

The site includes the bodies themselves: ``agent_body(report, call_url)`` of ``agent_body.html`` and
``team_body(report, call_url, agent_url)`` of ``team_body.html``, imported ``with context`` in an environment
that has `helpers` as globals; with `charts_json` in ``<script type="application/json" id="charts">``,
``report.css``, Plotly's script and ``report.js``. ``call_url(audit_id, rule)`` and ``agent_url(agent_id)``
give addresses, "" for none.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from auditor.report import labels
from auditor.report.agent import AgentReport, stands_out
from auditor.report.charts import agent_charts, plotly_script, team_charts
from auditor.report.look import environment
from auditor.report.many import FEW, change_words, interval_words, percent_words, share_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.records import Share
    from auditor.report.team import TeamReport

# Below these pass shares a cell of the heat map is a step warmer.
_STEPS = (0.95, 0.85, 0.70, 0.50)


def render_many(
    report: AgentReport | TeamReport,
    *,
    call_url: Callable[[int, str], str] = lambda _audit, _rule: "",
    agent_url: Callable[[str], str] = lambda _agent: "",
) -> str:
    """An agent's or a team's report as one HTML document; equal arguments give equal text.

    Args:
        report: what to print.
        call_url: the address of a call's page at a rule, by audit id and rule; "" for none.
        agent_url: the address of an agent's report; "" for none.
    """
    from markupsafe import Markup  # noqa: PLC0415

    return (
        environment()
        .get_template("many.html")
        .render(
            report=report,
            is_agent=isinstance(report, AgentReport),
            call_url=call_url,
            agent_url=agent_url,
            charts=Markup(charts_json(report)),
            plotly=Markup(plotly_script()),
            **helpers(),
        )
    )


def charts_json(report: AgentReport | TeamReport) -> str:
    """The report's figures for ``report.js``, safe inside a script element."""
    figures = agent_charts(report) if isinstance(report, AgentReport) else team_charts(report)
    text = json.dumps(figures, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def helpers() -> Mapping[str, Any]:
    """What the bodies' templates call."""
    return {
        "change_words": change_words,
        "heat_class": heat_class,
        "interval_words": interval_words,
        "percent_words": percent_words,
        "section_name": labels.section_name,
        "share_words": share_words,
        "stands_out": stands_out,
    }


def heat_class(share: Share) -> str:
    """The colour step of a pass share; none where too little was judged."""
    if share.value is None or share.of < FEW:
        return "few"
    return f"h{sum(share.value < limit for limit in _STEPS)}"
