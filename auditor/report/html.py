"""The page of one call: one file that plays, shows and explains, and asks nothing of any network.

Everything from the call is escaped by the template engine; data for the script travels as JSON in a
``<script type="application/json">`` whose ``<`` are escaped; a content security policy in the page
forbids every request, so that even a slip could not call out.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from auditor.records import CallAudit, Measurement, Provenance
from auditor.report import labels
from auditor.report.facts import figure_text
from auditor.report.masked import with_tokens
from auditor.report.page import make_page
from auditor.report.timeline import LANE_HEIGHT
from auditor.report.typeset import clean

if TYPE_CHECKING:
    from jinja2 import Template


# What a table cell says, and whether that is a value rather than the reason why there is none.
Cell = tuple[str, bool]


def render_html(
    audit: CallAudit,
    *,
    audio: tuple[bytes, str] | None,
    peaks: Sequence[Sequence[float]],
    wording: Mapping[str, str] | None = None,
) -> str:
    """The page of one call as one self-contained HTML document.

    Args:
        audit: The audited call.
        audio: (file content, MIME type) to embed; None: the page says that it has no recording.
        peaks: Per leg the peak of each bin in 0..1, as `waveform_peaks` gives them; may be empty.
        wording: Rule id -> the wording that the course mandates, shown as the better way to say it.

    Returns:
        The document; equal arguments give equal text.
    """
    audit = with_tokens(audit)
    source = ""
    if audio is not None:
        content, mime = audio
        source = f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"
    return _template().render(
        page=make_page(audit, peaks=peaks, wording=wording or {}),
        audio=source,
        bins=max((len(leg) for leg in peaks), default=0),
        lane_height=LANE_HEIGHT,
        party_figures=_party_figures(audit),
        call_figures=_call_figures(audit),
        provenance=_provenance(audit.provenance),
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader("auditor.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    folder = resources.files("auditor.report").joinpath("templates")
    # Our own files, read as they are: a template engine would trip over their braces.
    for name, path in (("css", "call.css"), ("js", "call.js")):
        environment.globals[name] = Markup(folder.joinpath(path).read_text(encoding="utf-8"))
    return environment.get_template("call.html")


def _party_figures(audit: CallAudit) -> list[tuple[str, Cell, Cell]]:
    """(figure, agent, customer), for figures that at least one of them has."""
    rows: dict[str, dict[str, Cell]] = {}
    for label in labels.FIGURES:
        measured = audit.evidence.measurements.get(label.party, {}).get(label.name)
        if measured is not None and label.party != "call":
            rows.setdefault(label.label, {})[label.party] = _cell(measured, label=label)
    return [
        (name, row.get("agent", ("", True)), row.get("customer", ("", True))) for name, row in rows.items()
    ]


def _call_figures(audit: CallAudit) -> list[tuple[str, Cell]]:
    found = audit.evidence.measurements.get("call", {})
    return [
        (label.label, _cell(found[label.name], label=label))
        for label in labels.FIGURES
        if label.party == "call" and label.name in found
    ]


def _cell(measured: Measurement, *, label: labels.FigureLabel) -> Cell:
    """The figure with its error, if it has both."""
    text = figure_text(measured, label=label)
    if measured.value is None or not measured.error:
        return text, measured.value is not None
    return f"{text} ±{measured.error * label.scale:.{label.decimals}f}", True


def _provenance(made: Provenance) -> list[tuple[str, str]]:
    """What produced the audit, for the foot of the page."""
    told = [
        ("程序", made.auditor),
        ("规则", f"{made.rulebook} ({made.rulebook_sha256[:12]})"),
        ("模型", f"{made.model} ({(made.model_sha256 or '')[:12]})" if made.model else "未用识别模型"),
        ("引擎", made.engine or ""),
    ]
    return [(name, clean(text)) for name, text in told if text]
