"""The accuracy table as a page of plots: figures with intervals and targets, and what they are made of."""

from __future__ import annotations

import html
import math
from itertools import groupby
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from accuracy_rows import Row

COLOURS = {True: "#1a7f4b", False: "#c0392b", None: "#5b6b7b"}
PER_ROW_PX = 26
FEWEST = 10  # values that a distribution is drawn of
HEAD = """<!doctype html><meta charset="utf-8"><title>Accuracy</title>
<style>body { font: 15px sans-serif; margin: 2em }</style>
<h1>Accuracy, measured</h1>
<p>Dots: what was achieved, with its 95 % interval; upright bars: the target."""


def write_plots(rows: list[Row], path: Path) -> None:
    """One self-contained page: a section's figures by scale as dots, and its samples as distributions."""
    ordered = sorted((row for row in rows if not math.isnan(row.value)), key=lambda row: row.section)
    parts = [HEAD]
    library = True
    for section, found in groupby(ordered, key=lambda row: row.section):
        of_section = list(found)
        parts.append(f"<h2>{html.escape(section)}</h2>")
        for scale in dict.fromkeys(map(scale_of, of_section)):
            same = [row for row in of_section if scale_of(row) == scale]
            charts = [dots(same, scale=scale)]
            sampled = list({row.sample: row for row in same if len(row.sample) >= FEWEST}.values())
            if sampled:
                charts.append(distributions(sampled, scale=scale))
            for chart in charts:
                parts.append(chart.to_html(full_html=False, include_plotlyjs=library))
                library = False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8")


def scale_of(row: Row) -> str:
    """What the figure is told in: its unit, a share, or a count."""
    return row.unit or ("share" if max(row.value, row.target or 0) <= 1 else "count")


def dots(rows: list[Row], *, scale: str) -> go.Figure:
    """Each figure as a dot with its interval, its target as a bar across."""
    names = [f"{row.what} (n = {row.n:,})" for row in rows]
    chart = go.Figure()
    for met, colour in COLOURS.items():
        mine = [k for k, row in enumerate(rows) if row.met is met]
        if not mine:
            continue
        chart.add_scatter(
            x=[rows[k].value for k in mine],
            y=[names[k] for k in mine],
            mode="markers",
            marker={"color": colour, "size": 9},
            name={True: "target met", False: "target missed", None: "no target"}[met],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [_reach(rows[k].high, rows[k].value) for k in mine],
                "arrayminus": [_reach(rows[k].value, rows[k].low) for k in mine],
            },
        )
    aimed = [k for k, row in enumerate(rows) if row.target is not None]
    chart.add_scatter(
        x=[rows[k].target for k in aimed],
        y=[names[k] for k in aimed],
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 16, "color": "#111"},
        name="target",
    )
    chart.update_yaxes(autorange="reversed", categoryorder="array", categoryarray=names, automargin=True)
    chart.update_xaxes(title=scale)
    chart.update_layout(height=170 + PER_ROW_PX * len(rows), width=1150, template="plotly_white")
    return chart


def distributions(rows: list[Row], *, scale: str) -> go.Figure:
    """How the values behind quantiles and means are spread: their cumulated shares."""
    chart = go.Figure()
    for row in rows:
        values = np.sort(np.asarray(row.sample, dtype=float))
        chart.add_scatter(
            x=values,
            y=(np.arange(len(values)) + 1) / len(values),
            mode="lines",
            line_shape="hv",
            name=row.what,
        )
    chart.update_xaxes(title=scale)
    chart.update_yaxes(title="share of the values up to here", range=(0, 1.02))
    chart.update_layout(height=420, width=1150, template="plotly_white")
    return chart


def _reach(above: float | None, below: float | None) -> float:
    return 0.0 if above is None or below is None else max(0.0, above - below)
