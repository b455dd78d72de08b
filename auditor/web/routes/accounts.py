"""For administrators: who has an account, and who looked at what."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import Response

from auditor.store import accounts, activities
from auditor.web.visits import Visiting

router = APIRouter()

ACTIONS: Mapping[str, str] = {
    "sign_in": "登录",
    "sign_in_refused": "登录被拒",
    "sign_out": "退出",
    "look": "查看",
    "listen": "听录音",
    "search": "搜索",
    "export": "导出",
    "change": "更改",
    "refused": "越权被拒",
}
_EACH = 100


@router.get("/accounts")
def accounts_page(visit: Visiting) -> Response:
    """All accounts; they are made on the command line."""
    visit.require("administer")
    visit.note("look")
    return visit.page("accounts.html", accounts=accounts(visit.store))


@router.get("/activities")
def activities_page(visit: Visiting, name: str = "", action: str = "", before: int | None = None) -> Response:
    """The log, the newest first."""
    visit.require("administer")
    visit.note("look")
    found = activities(
        visit.store,
        account=name or None,
        action=action if action in ACTIONS else None,  # type: ignore[arg-type]
        before=before,
        limit=_EACH + 1,
    )
    return visit.page(
        "activities.html",
        activities=found[:_EACH],
        older=found[_EACH - 1].id if len(found) > _EACH else None,
        actions=ACTIONS,
        name=name,
        action=action,
    )
