"""Signing in and out, the set-up link, and one's own password."""

from __future__ import annotations

import hmac
from math import ceil
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from auditor.errors import UsageError
from auditor.store import (
    Activity,
    account_named,
    add_account,
    close_session,
    count_refusal,
    forget_refusals,
    improve_hash,
    open_session,
    set_password,
    wait_s,
)
from auditor.web.errors import NotThereError
from auditor.web.forms import visitor_token
from auditor.web.passwords import SHORTEST, hash_password, is_outdated, verify
from auditor.web.shield import local_path
from auditor.web.signing import SESSION_COOKIE, VISITOR_COOKIE, new_token
from auditor.web.site import Site, site_of
from auditor.web.visits import Visiting, address_of

router = APIRouter()

WRONG = "用户名或密码不对，或账号已停用。"
Typed = Annotated[str, Form(max_length=256)]


@router.get("/login")
def login_page(request: Request, next: str = "") -> Response:  # noqa: A002 - the address says it
    """The form to sign in."""
    return _form(request, "login.html", wanted=local_path(next, default=""))


@router.post("/login")
def login(request: Request, name: Typed = "", password: Typed = "", next: Typed = "") -> Response:  # noqa: A002
    """Sign in, or say that it was wrong."""
    site, address = site_of(request), address_of(request)
    wanted = local_path(next, default="")
    if (wait := wait_s(site.store, name=name, address=address)) > 0:
        _note(site, name, address=address, action="sign_in_refused", detail="too many tries")
        text = f"密码连续输错次数过多，请在 {ceil(wait)} 秒后再试。"
        return _form(request, "login.html", status=429, wanted=wanted, name=name, fault=text)
    account = account_named(site.store, name)
    right = verify(password, kept=account.password if account else None)
    if account is None or not right or account.disabled_at is not None:
        count_refusal(site.store, name=name, address=address)
        _note(site, name, address=address, action="sign_in_refused", detail="wrong name or password")
        return _form(request, "login.html", status=401, wanted=wanted, name=name, fault=WRONG)
    forget_refusals(site.store, name=name, address=address)
    if account.password is not None and is_outdated(account.password):
        improve_hash(site.store, account.id, password=hash_password(password))
    return sign_in(request, account_id=account.id, name=account.name, wanted=wanted, how="password")


def sign_in(request: Request, *, account_id: int, name: str, wanted: str, how: str) -> RedirectResponse:
    """Open a session, under a token that nobody knew before, and go on."""
    site = site_of(request)
    token = new_token()
    open_session(site.store, account_id, token=token, lasts=site.options.session)
    _note(site, name, address=address_of(request), action="sign_in", detail=how, account_id=account_id)
    answer = RedirectResponse(site.pages.url(wanted or "/"), status_code=303)
    set_cookie(
        answer,
        request,
        name=SESSION_COOKIE,
        value=site.signer.seal(token, what="session"),
        lasts_s=int(site.options.session.total_seconds()),
    )
    answer.delete_cookie(VISITOR_COOKIE, path=site.options.root_path or "/")
    return answer


@router.post("/logout")
def logout(visit: Visiting) -> Response:
    """Sign out."""
    close_session(visit.store, visit.viewer.session_id)
    visit.note("sign_out")
    answer = visit.back("/login")
    answer.delete_cookie(SESSION_COOKIE, path=visit.site.options.root_path or "/")
    return answer


@router.get("/set-up")
def set_up_page(request: Request, word: str = "") -> Response:
    """The form that makes the first account; there only with the word that the start printed."""
    _check_word(site_of(request), word)
    return _form(request, "set_up.html", word=word, shortest=SHORTEST)


@router.post("/set-up")
def set_up(
    request: Request, word: Typed = "", name: Typed = "", password: Typed = "", again: Typed = ""
) -> Response:
    """Make the first account, an administrator's, and sign in."""
    site = site_of(request)
    _check_word(site, word)
    fault = _unfit(password, again)
    if not fault:
        try:
            made = add_account(
                site.store, name=name, role="admin", password=hash_password(password), only_first=True
            )
        except UsageError as error:
            fault = f"不能建立账号：{error}"
        else:
            return sign_in(request, account_id=made, name=name, wanted="/", how="set-up")
    return _form(request, "set_up.html", status=422, word=word, shortest=SHORTEST, name=name, fault=fault)


@router.get("/password")
def password_page(visit: Visiting) -> Response:
    """The form for another password."""
    visit.note("look")
    return visit.page("password.html", fault="", done=False, shortest=SHORTEST)


@router.post("/password")
def change_password(visit: Visiting, old: Typed = "", password: Typed = "", again: Typed = "") -> Response:
    """Take another password; every other session of the account ends."""
    name, address = visit.viewer.name, visit.address
    account = account_named(visit.store, name)
    fault = _unfit(password, again)
    if (wait := wait_s(visit.store, name=name, address=address)) > 0:
        fault = f"密码连续输错次数过多，请在 {ceil(wait)} 秒后再试。"
    elif account is None or not verify(old, kept=account.password):
        count_refusal(visit.store, name=name, address=address)
        fault = "原密码不对。"
    if not fault:
        set_password(
            visit.store, name, password=hash_password(password), keep_session=visit.viewer.session_id
        )
        visit.note("change", detail="password")
    return visit.page(
        "password.html", status=422 if fault else 200, fault=fault, done=not fault, shortest=SHORTEST
    )


def set_cookie(answer: Response, request: Request, *, name: str, value: str, lasts_s: int) -> None:
    """A cookie that scripts cannot read and other sites cannot send."""
    answer.set_cookie(
        name,
        value,
        max_age=lasts_s,
        path=site_of(request).options.root_path or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def sign_in_form(request: Request, *, status: int, fault: str) -> Response:
    """The form to sign in, and why the last try did not work."""
    return _form(request, "login.html", status=status, fault=fault)


def note_sign_in(request: Request, name: str, *, refused: str) -> None:
    """Have it in the log that somebody was not let in."""
    site = site_of(request)
    _note(site, name, address=address_of(request), action="sign_in_refused", detail=refused)


def _form(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """A form for somebody who is not signed in."""
    site = site_of(request)
    token = visitor_token(request) or new_token()
    page = site.pages.render(
        template,
        **{"fault": "", "name": "", "wanted": "", **values},
        csrf=site.signer.form_token(token),
        openid=site.options.openid,
        nonce=request.state.nonce,
        viewer=None,
        navigation=(),
    )
    answer = HTMLResponse(page, status_code=status)
    sealed = site.signer.seal(token, what="visitor")
    set_cookie(answer, request, name=VISITOR_COOKIE, value=sealed, lasts_s=86_400)
    return answer


def _check_word(site: Site, word: str) -> None:
    kept = site.options.set_up
    given = word.encode("utf-8", "surrogateescape")
    if kept is None or not hmac.compare_digest(given, kept.encode("ascii")):
        raise NotThereError


def _unfit(password: str, again: str) -> str:
    """What is wrong with a new password; empty: nothing."""
    if password != again:
        return "两次输入的密码不一致。"
    if len(password) < SHORTEST:
        return f"密码至少要有 {SHORTEST} 个字符。"
    if len(set(password)) < 4:
        return "密码至少要有四个不同的字符。"
    return ""


def _note(
    site: Site, name: str, *, address: str, action: str, detail: str, account_id: int | None = None
) -> None:
    site.logbook.keep(
        Activity(
            account_id=account_id,
            name=name.strip()[:64],
            address=address,
            action=action,  # type: ignore[arg-type]
            target="/login",
            detail=detail,
        )
    )
