"""One signed-in request: who it is, what he may, what is noted of it, and the page that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from auditor.store import Activity, SignedIn, Store, signed_in
from auditor.web.access import may
from auditor.web.errors import ForbiddenError, SignedOutError
from auditor.web.logbook import wait_for
from auditor.web.navigation import navigation
from auditor.web.signing import SESSION_COOKIE
from auditor.web.site import Site, site_of

if TYPE_CHECKING:
    from concurrent.futures import Future

    from auditor.store.activities import Action
    from auditor.web.access import Act


class Visit:
    """One request of somebody who is signed in.

    A route asks `require` first, takes rows through `auditor.web.access`, notes what is looked at, and
    answers with `page` or `back`, which wait until the notes are kept.
    """

    def __init__(self, request: Request, *, site: Site, viewer: SignedIn, token: str) -> None:
        self.request, self.site, self.viewer = request, site, viewer
        self.csrf = site.signer.form_token(token)
        self._noted: list[Future[None]] = []

    @property
    def store(self) -> Store:
        """The store."""
        return self.site.store

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return address_of(self.request)

    def require(self, act: Act) -> None:
        """Go on only if the viewer's role has this act.

        Raises:
            ForbiddenError: it has not.
        """
        if not may(self.viewer, act):
            raise ForbiddenError(f"your role does not have: {act}")

    def activity(self, action: Action, *, detail: str = "", target: str | None = None) -> Activity:
        """What this request is, for the log.

        Changes are kept in their own transaction (`auditor.store.add_activities`), looks by `note`.
        """
        return Activity(
            account_id=self.viewer.account_id,
            name=self.viewer.name,
            address=self.address,
            action=action,
            target=target if target is not None else self.request.url.path,
            detail=detail,
        )

    def note(self, action: Action, *, detail: str = "", target: str | None = None) -> None:
        """Have this request kept in the log; the answer waits for it."""
        self._noted.append(self.site.logbook.note(self.activity(action, detail=detail, target=target)))

    def settle(self) -> None:
        """Wait until what was noted is kept.

        Raises:
            StoreError: it cannot be: then nothing may be shown.
        """
        for future in self._noted:
            wait_for(future)
        self._noted.clear()

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page of the site; templates extend ``base.html``."""
        text = self.site.pages.render(
            template,
            visit=self,
            viewer=self.viewer,
            csrf=self.csrf,
            nonce=self.request.state.nonce,
            navigation=navigation(self.request, viewer=self.viewer),
            has_reviews="/reviews" in self.request.app.state.paths,
            path=self.request.url.path.removeprefix(self.site.options.root_path),
            **values,
        )
        self.settle()
        return HTMLResponse(text, status_code=status)

    def back(self, path: str, *, fragment: str = "", **query: object) -> RedirectResponse:
        """After a change: on to a page, and to a place on it."""
        self.settle()
        place = f"#{quote(fragment)}" if fragment else ""
        return RedirectResponse(self.site.pages.url(path, **query) + place, status_code=303)


def visiting(request: Request) -> Visit:
    """The visit of a signed-in request.

    Raises:
        SignedOutError: nobody is signed in.
    """
    site = site_of(request)
    token = session_token(request, site=site)
    viewer = signed_in(site.store, token, idle=site.options.idle) if token else None
    if token is None or viewer is None:
        raise SignedOutError
    request.state.viewer = viewer
    return Visit(request, site=site, viewer=viewer, token=token)


Visiting = Annotated[Visit, Depends(visiting)]


def session_token(request: Request, *, site: Site) -> str | None:
    """The token of the session cookie; None: there is none, or not by this site."""
    found = site.signer.unseal(
        request.cookies.get(SESSION_COOKIE), what="session", max_age_s=site.options.session.total_seconds()
    )
    return found if isinstance(found, str) else None


def address_of(request: Request) -> str:
    """Where a request comes from; behind a proxy that is trusted, what that says."""
    return request.client.host if request.client else ""
