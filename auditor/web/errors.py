"""What can end a request early, and the sentence that answers it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from auditor.errors import StoreError
from auditor.store import Activity
from auditor.web.signing import SESSION_COOKIE
from auditor.web.site import site_of

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

_LOG = logging.getLogger(__name__)


class SignedOutError(Exception):
    """Nobody is signed in, or not any more."""


class ForbiddenError(Exception):
    """The viewer may not: told as if there were nothing, and noted."""


class NotThereError(Exception):
    """There is no such thing, or it is not the viewer's to see."""


class ForgedError(Exception):
    """A form that did not come from a page of this session."""


NOT_THERE = "没有这个页面，或者您无权查看。"
SENTENCES = {
    400: "请求的格式不对，请从页面上的链接重新进入。",
    404: NOT_THERE,
    405: "这个地址不接受这样的请求，请从页面上的按钮操作。",
    413: "提交的内容过大，请缩短后重试。",
    422: "地址或表单里有不能识别的内容，请检查筛选条件。",
}


def install(app: FastAPI) -> None:
    """Have every early end answered with a sentence."""
    app.add_exception_handler(SignedOutError, _signed_out)
    app.add_exception_handler(ForbiddenError, _refused)
    app.add_exception_handler(NotThereError, _refused)
    app.add_exception_handler(ForgedError, _forged)
    app.add_exception_handler(StoreError, _no_store)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


def sentence(request: Request, text: str, *, status: int) -> HTMLResponse:
    """A page with one sentence."""
    page = site_of(request).pages.render(
        "sentence.html", text=text, status=status, nonce=request.state.nonce, viewer=None, navigation=()
    )
    return HTMLResponse(page, status_code=status)


async def _signed_out(request: Request, _error: Exception) -> Response:
    site = site_of(request)
    here = request.url.path.removeprefix(site.options.root_path)
    if request.url.query:
        here += f"?{request.url.query}"
    wanted = here if request.method == "GET" and here != "/" else ""
    answer = RedirectResponse(site.pages.url("/login", next=wanted), status_code=303)
    answer.delete_cookie(SESSION_COOKIE, path=site.options.root_path or "/")
    return answer


async def _refused(request: Request, error: Exception) -> Response:
    viewer = getattr(request.state, "viewer", None)
    if viewer is not None:
        note = Activity(
            account_id=viewer.account_id,
            name=viewer.name,
            address=request.client.host if request.client else "",
            action="refused",
            target=request.url.path,
            detail=str(error),
        )
        await run_in_threadpool(site_of(request).logbook.keep, note)
    return sentence(request, NOT_THERE, status=404)


async def _forged(request: Request, _error: Exception) -> Response:
    return sentence(request, "这个表单已经过期，请返回上一页、刷新后重新提交。", status=403)


async def _no_store(request: Request, error: Exception) -> Response:
    _LOG.error("%s", error)
    return sentence(request, f"数据库现在不能使用，请稍后重试，或请管理员处理：{error}", status=503)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return sentence(request, SENTENCES.get(status, SENTENCES[400]), status=status)


async def _invalid(request: Request, _error: Exception) -> Response:
    return sentence(request, SENTENCES[422], status=422)
