"""Templates: escaped always, strict about names, with the site's addresses and times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from auditor.report import labels
from auditor.report.many import left_out_words
from auditor.report.many_html import charts_json, helpers
from auditor.text.clock import clock
from auditor.text.masked import readable
from auditor.web.files import plotly_styles, static_address
from auditor.web.periods import CHOICES

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

ROLES: Mapping[str, str] = {
    "admin": "管理员",
    "inspector": "质检员",
    "supervisor": "主管",
    "agent": "客服",
}


class Pages:
    """The site's templates. Routes of other modules find theirs beside these, and the reports' partials."""

    def __init__(self, *, zone: ZoneInfo, root_path: str) -> None:
        self._zone, self._root = zone, root_path
        self._environment = Environment(
            loader=ChoiceLoader(
                [
                    PackageLoader("auditor.web", "templates"),
                    PackageLoader("auditor.report", "templates"),
                    PackageLoader("auditor.calibrate", "templates"),
                ]
            ),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            url=self.url,
            static=self.static,
            labels=labels,
            roles=ROLES,
            word=labels.word,
            period_choices=CHOICES,
            left_out_words=left_out_words,
        )
        self._environment.globals.update(
            helpers(),
            charts_json=charts_json,
            plotly_styles=plotly_styles,
            call_address=lambda audit_id, rule: (
                self.url(f"/calls/{audit_id}") + (f"#finding-{rule}" if rule else "")
            ),
            agent_address=lambda code: self.url(f"/agents/{quote(code)}"),
        )
        self._environment.filters.update(
            moment=self.moment, day=self.day, clock=clock, percent=percent, readable=readable, lasting=lasting
        )

    def render(self, template: str, **values: Any) -> str:
        """A template with values."""
        return self._environment.get_template(template).render(**values)

    def compile(self) -> None:
        """Read all templates and the styles that they name, so that nobody waits for it."""
        plotly_styles()
        for name in self._environment.list_templates(extensions=["html"]):
            self._environment.get_template(name)

    def url(self, path: str, **query: object) -> str:
        """The address of a path of the site, with the query's values that are not empty."""
        given = {key: value for key, value in query.items() if value not in (None, "", ())}
        return f"{self._root}{path}" + (f"?{urlencode(given, doseq=True)}" if given else "")

    def static(self, name: str) -> str:
        """The address of a static file; it changes with the file, so browsers may keep it for good."""
        return f"{self._root}{static_address(name)}"

    def moment(self, value: datetime | None) -> str:
        """Date and time to the minute, in the site's zone."""
        return value.astimezone(self._zone).strftime("%Y-%m-%d %H:%M") if value else "—"

    def day(self, value: datetime | None) -> str:
        """The date, in the site's zone."""
        return value.astimezone(self._zone).strftime("%Y-%m-%d") if value else "—"


def percent(value: float | None, decimals: int = 1) -> str:
    """``93.4``; — for none."""
    return "—" if value is None else f"{value:.{decimals}f}"


def lasting(seconds: float | None) -> str:
    """A duration: ``3 分 05 秒``."""
    if seconds is None:
        return "—"
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} 小时 {minutes % 60:02d} 分"
    return f"{minutes} 分 {rest:02d} 秒" if minutes else f"{rest} 秒"
