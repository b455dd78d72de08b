"""The site's menu: pages that exist and that the viewer's role has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.web.access import may

if TYPE_CHECKING:
    from starlette.requests import Request

    from auditor.store import SignedIn
    from auditor.web.access import Act


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu; ``also``: other paths that it stands for."""

    path: str
    name: str
    act: Act
    also: tuple[str, ...] = ()


MENU = (
    Entry("/", "概览", "see_overview"),
    Entry("/teams", "班组", "see_teams"),
    Entry("/agents", "客服", "see_agents"),
    Entry("/calls", "通话", "see_calls"),
    Entry("/reviews", "复核", "review"),
    Entry("/appeals", "申诉", "see_calls"),
    Entry("/calibration", "标定", "review"),
    Entry("/search", "搜索", "search"),
    Entry("/rules", "条款", "see_rules"),
    Entry("/runs", "运行", "see_runs", also=("/failures",)),
    Entry("/accounts", "账号", "administer", also=("/activities",)),
)


def navigation(request: Request, *, viewer: SignedIn) -> tuple[tuple[Entry, bool], ...]:
    """The entries for a viewer, and whether each is where he is."""
    pages = request.app.state.paths
    here = request.url.path.removeprefix(request.app.state.site.options.root_path)
    return tuple(
        (entry, _holds(entry, here)) for entry in MENU if entry.path in pages and may(viewer, entry.act)
    )


def _holds(entry: Entry, here: str) -> bool:
    if entry.path == "/":
        return here == "/"
    return any(here == path or here.startswith(f"{path}/") for path in (entry.path, *entry.also))
