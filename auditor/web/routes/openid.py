"""Signing in through an OpenID provider: there and back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from auditor.store import account_vouched, bind_account
from auditor.web.errors import NotThereError
from auditor.web.openid import OpenIdError, Provider
from auditor.web.routes.login import note_sign_in, set_cookie, sign_in, sign_in_form
from auditor.web.shield import local_path
from auditor.web.signing import OPENID_COOKIE
from auditor.web.site import Site, site_of

router = APIRouter()

_MINUTES_10 = 600
NO_ACCOUNT = "统一认证认得您，但本站没有给您开账号，请联系管理员。"
Word = Annotated[str, Query(max_length=2048)]


@router.get("/login/openid")
def begin(request: Request, next: str = "") -> Response:  # noqa: A002 - the address says it
    """On to the provider."""
    site = site_of(request)
    provider = _provider(site)
    try:
        address, kept = provider.begin(back=_back(request, site))
    except OpenIdError as error:
        return sign_in_form(request, status=503, fault=str(error))
    kept["next"] = local_path(next, default="")
    answer = RedirectResponse(address, status_code=303)
    sealed = site.signer.seal(kept, what="openid")
    set_cookie(answer, request, name=OPENID_COOKIE, value=sealed, lasts_s=_MINUTES_10)
    return answer


@router.get("/login/openid/back")
def end(request: Request, code: Word = "", state: Word = "") -> Response:
    """Back from the provider: signed in, or why not."""
    site = site_of(request)
    provider = _provider(site)
    kept = site.signer.unseal(request.cookies.get(OPENID_COOKIE), what="openid", max_age_s=_MINUTES_10)
    try:
        if not isinstance(kept, dict) or not code:
            raise OpenIdError("登录没有完成，请重新登录。")
        vouched = provider.end(code=code, state=state, kept=kept, back=_back(request, site))
        issuer = provider.options.issuer
        account = account_vouched(site.store, issuer=issuer, subject=vouched.subject, name=vouched.name)
        if account is None or account.disabled_at is not None:
            note_sign_in(request, vouched.name, refused=NO_ACCOUNT if account is None else "disabled")
            raise OpenIdError(NO_ACCOUNT)
    except OpenIdError as error:
        answer = sign_in_form(request, status=401, fault=str(error))
        answer.delete_cookie(OPENID_COOKIE, path=site.options.root_path or "/")
        return answer
    bind_account(site.store, account.id, issuer=issuer, subject=vouched.subject)
    answer = sign_in(
        request, account_id=account.id, name=account.name, wanted=str(kept.get("next", "")), how="openid"
    )
    answer.delete_cookie(OPENID_COOKIE, path=site.options.root_path or "/")
    return answer


def _provider(site: Site) -> Provider:
    if site.provider is None:
        raise NotThereError("OpenID Connect is not set up")
    return site.provider


def _back(request: Request, site: Site) -> str:
    """The address of `end` as the browser knows it."""
    return f"{request.url.scheme}://{request.url.netloc}{site.options.root_path}/login/openid/back"
