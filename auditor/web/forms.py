"""Forms: nothing is changed but by a form that a page of the same session sent."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.requests import Request

from auditor.web.errors import ForgedError
from auditor.web.signing import VISITOR_COOKIE
from auditor.web.site import site_of
from auditor.web.visits import session_token

_SAFE = ("GET", "HEAD", "OPTIONS")
_DAY_S = 86_400


async def check_form(request: Request) -> None:
    """Refuse changes that come from elsewhere; a dependency of the whole site.

    Raises:
        ForgedError: no token or a wrong one, or the browser says that another site sent it.
    """
    if request.method in _SAFE:
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ForgedError
    given = request.headers.get("x-form-token") or (await request.form()).get("csrf")
    site = site_of(request)
    token = session_token(request, site=site) or visitor_token(request)
    if token is None or given is None or isinstance(given, UploadFile):
        raise ForgedError
    if not site.signer.is_form_token(given, token=token):
        raise ForgedError


def visitor_token(request: Request) -> str | None:
    """Who has not signed in yet: a token of his own, so that even the sign-in form cannot be forged."""
    found = site_of(request).signer.unseal(
        request.cookies.get(VISITOR_COOKIE), what="visitor", max_age_s=_DAY_S
    )
    return found if isinstance(found, str) else None
