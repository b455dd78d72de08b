"""Charts of agent and team reports as Plotly figures: plain data, drawn by ``report.js`` in the browser.

Plotly's JavaScript comes from its wheel; its Python half would take a second to import and adds nothing
here. Colours are those of ``style.css``; no chart says what a table beside it does not say, too.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.report.agent import AgentReport, VoiceLine
    from auditor.report.many import SectionLine, Step
    from auditor.report.team import TeamReport
    from auditor.store.adding import Spread, Sums

MINE, OTHERS, INK, GRID, BARS = "#1f5c8b", "#8a6a2f", "#1a2126", "#e3e6e3", "#d7e3ec"
_FONT = (
    '"PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC",'
    " sans-serif"
)

Figure = dict[str, Any]


def plotly_script() -> str:
    """Plotly's JavaScript, from its wheel."""
    return resources.files("plotly").joinpath("package_data", "plotly.min.js").read_text(encoding="utf-8")


def agent_charts(report: AgentReport) -> dict[str, Figure]:
    """The figures of an agent's report by the id of the element that they go into."""
    others = report.others_name
    charts = {"chart-trend": trend_chart(report.steps, mine="本人", others=others, mark=report.pass_mark)}
    if radar := section_chart(report.sections, mine="本人", others=others):
        charts["chart-sections"] = radar
    for line in report.voice:
        charts[f"chart-{line.name}"] = voice_chart(report.steps, line, others=others)
    return charts


def team_charts(report: TeamReport) -> dict[str, Figure]:
    """The figures of a team's report by the id of the element that they go into."""
    others = "全体" if report.everyone is not None else ""
    charts = {
        "chart-trend": trend_chart(report.steps, mine=report.name, others=others, mark=report.pass_mark),
        "chart-scores": score_chart(report.total, mark=report.pass_mark),
    }
    if radar := section_chart(report.sections, mine=report.name, others=others):
        charts["chart-sections"] = radar
    return charts


def trend_chart(steps: Sequence[Step], *, mine: str, others: str, mark: float | None) -> Figure:
    """Score by time, with the number of calls behind it as bars."""
    labels = [step.label for step in steps]
    data: list[Figure] = [
        {
            "type": "bar", "name": "评分通话数", "x": labels, "y": [step.mine.scored for step in steps],
            "yaxis": "y2", "marker": {"color": BARS}, "hovertemplate": "%{y} 通<extra></extra>",
        },
        _line("得分 · " + mine, labels, [step.mine.percent for step in steps], colour=MINE, width=2.5),
    ]  # fmt: skip
    if others:
        theirs = [step.others.percent for step in steps]
        data.append(_line("得分 · " + others, labels, theirs, colour=OTHERS, dash="dot"))
    most, floor = max((step.mine.scored for step in steps), default=0), _floor(steps)
    layout = _layout(
        yaxis={"title": {"text": "得分"}, "gridcolor": GRID, "range": [floor, 100.6], "tickmode": "linear",
               "tick0": 0, "dtick": 5 if floor >= 70 else 10},
        yaxis2={
            "title": {"text": "通"}, "overlaying": "y", "side": "right", "showgrid": False,
            "range": [0, max(4, 3 * most)], "tickformat": "d", "tickmode": "auto", "nticks": 4,
        },
    )  # fmt: skip
    layout["yaxis"]["overlaying"] = "y2"
    del layout["yaxis2"]["overlaying"]
    if mark is not None:
        layout["shapes"] = [_mark(mark, "y")]
    return {"data": data, "layout": layout}


def section_chart(sections: Sequence[SectionLine], *, mine: str, others: str) -> Figure | None:
    """The radar of the sections; None for fewer than three, which span no area."""
    shown = [line for line in sections if line.mine.percent is not None]
    if len(shown) < 3:
        return None
    names = [line.name for line in shown]
    data = [_radar(mine, names, [line.mine.percent for line in shown], colour=MINE, fill=True)]
    if others:
        theirs = [line.others.percent if line.others else None for line in shown]
        data.append(_radar(others, names, theirs, colour=OTHERS, fill=False))
    values = [p for line in shown for p in (line.mine.percent, line.others and line.others.percent) if p]
    layout = _layout(margin={"l": 70, "r": 70, "t": 26, "b": 56})
    layout["legend"] |= {"x": 0.5, "xanchor": "center", "y": -0.14, "yanchor": "top"}
    layout["polar"] = {
        "radialaxis": {
            "range": [max(0, 10 * ((min(values) - 15) // 10)), 100],
            "gridcolor": GRID,
            "tickfont": {"size": 10},
            "nticks": 4,
            "angle": 90,
        },
        "angularaxis": {"gridcolor": GRID, "rotation": 90, "direction": "clockwise"},
        "bgcolor": "rgba(0,0,0,0)",
    }
    return {"data": data, "layout": layout}


def voice_chart(steps: Sequence[Step], line: VoiceLine, *, others: str) -> Figure:
    """A figure of the voice by time: the agent's median with its quartiles, and the others' median."""
    labels = [step.label for step in steps]
    own = [step.mine.figures.get(line.name) for step in steps]
    theirs = [step.others.figures.get(line.name) for step in steps]
    mine = _line("本人", labels, _medians(own), colour=MINE, width=2.5)
    mine["error_y"] = {
        "type": "data", "symmetric": False, "color": "#9db8cc", "thickness": 1.2, "width": 0,
        "array": [each and each.high - each.median for each in own],
        "arrayminus": [each and each.median - each.low for each in own],
    }  # fmt: skip
    data = [mine, _line(others, labels, _medians(theirs), colour=OTHERS, dash="dot")]
    layout = _layout(
        yaxis={"title": {"text": line.unit}, "gridcolor": GRID}, margin={"l": 52, "r": 10, "t": 26, "b": 36}
    )
    layout["legend"] |= {"font": {"size": 11}}
    return {"data": data, "layout": layout}


def _medians(spreads: Sequence[Spread | None]) -> list[float | None]:
    return [None if each is None else each.median for each in spreads]


def score_chart(total: Sums, *, mark: float | None) -> Figure:
    """How many calls have which score."""
    width = 100 / len(total.bands)
    data = [
        {
            "type": "bar", "x": [width * (place + 0.5) for place in range(len(total.bands))],
            "y": list(total.bands), "width": [width * 0.92] * len(total.bands), "marker": {"color": MINE},
            "customdata": [
                f"{width * place:.0f}–{width * (place + 1):.0f} 分" for place in range(len(total.bands))
            ],
            "hovertemplate": "%{customdata}：%{y} 通<extra></extra>", "showlegend": False,
        }
    ]  # fmt: skip
    lowest = next((place for place, count in enumerate(total.bands) if count), 0)
    layout = _layout(
        xaxis={"title": {"text": "得分"}, "range": [min(60, width * lowest), 100], "dtick": 10},
        yaxis={"title": {"text": "通"}, "gridcolor": GRID, "rangemode": "tozero", "tickformat": "d"},
    )
    if mark is not None:
        layout["shapes"] = [_mark(mark, "x")]
    return {"data": data, "layout": layout}


def _layout(**more: Any) -> Figure:
    base: Figure = {
        "font": {"family": _FONT, "size": 12, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 52, "r": 52, "t": 26, "b": 40},
        "xaxis": {"type": "category", "showgrid": False, "nticks": 12, "tickangle": 0},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "x unified",
        "bargap": 0.35,
    }
    if "xaxis" in more:
        base["xaxis"] = {}
        base["hovermode"] = "closest"
    return base | more


def _line(
    name: str,
    x: Sequence[str],
    y: Sequence[float | None],
    *,
    colour: str,
    width: float = 2.0,
    dash: str = "solid",
) -> Figure:
    return {
        "type": "scatter", "mode": "lines+markers", "name": name, "x": list(x), "y": list(y),
        "line": {"color": colour, "width": width, "dash": dash}, "marker": {"size": 5},
        "connectgaps": True, "hovertemplate": "%{y:.1f}",
    }  # fmt: skip


def _radar(
    name: str, names: Sequence[str], values: Sequence[float | None], *, colour: str, fill: bool
) -> Figure:
    return {
        "type": "scatterpolar", "name": name, "theta": [*names, names[0]], "r": [*values, values[0]],
        "fill": "toself" if fill else "none", "fillcolor": "rgba(31,92,139,.14)",
        "line": {"color": colour, "dash": "solid" if fill else "dot"}, "marker": {"size": 5},
        "hovertemplate": "%{theta}：%{r:.1f}<extra>" + name + "</extra>",
    }  # fmt: skip


def _mark(value: float, axis: str) -> Figure:
    ends: Figure = {"x0": 0, "x1": 1, "xref": "paper", "y0": value, "y1": value, "yref": "y"}
    if axis == "x":
        ends = {"x0": value, "x1": value, "xref": "x", "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", "line": {"color": "#a3211b", "width": 1.2, "dash": "dash"}, **ends}


def _floor(steps: Sequence[Step]) -> float:
    """Where the axis of scores begins: not at 0, where all lines would lie upon each other."""
    seen = [p for step in steps for p in (step.mine.percent, step.others.percent) if p is not None]
    return max(0.0, 10 * ((min(seen, default=60.0) - 8) // 10))
