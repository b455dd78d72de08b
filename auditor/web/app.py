"""The application. Each part of the site brings a router; this is the one list of them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI
from starlette.routing import Route

from auditor.web import errors
from auditor.web.forms import check_form
from auditor.web.options import SiteOptions
from auditor.web.routes import (
    accounts,
    agents,
    appeals,
    calibration,
    calls,
    lists,
    login,
    openid,
    overview,
    reviews,
    rules,
    runs,
    search,
    statics,
    teams,
)
from auditor.web.shield import Shield
from auditor.web.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from auditor.store import Store

# A part of the site is a module with a ``router``; its menu entry stands in `navigation.MENU`.
ROUTERS = (
    statics.router,
    login.router,
    openid.router,
    overview.router,
    teams.router,
    agents.router,
    lists.router,
    calls.router,
    search.router,
    rules.router,
    runs.router,
    reviews.router,
    appeals.router,
    calibration.router,
    accounts.router,
)


def make_app(store: Store, *, options: SiteOptions | None = None) -> FastAPI:
    """The site over an open store, which stays the caller's to close."""
    site = Site(store=store, options=options or SiteOptions())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        site.start()
        yield
        site.close()

    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        dependencies=[Depends(check_form)],
        redirect_slashes=False,
    )
    app.state.site = site
    for router in ROUTERS:
        app.include_router(router)
    app.state.paths = frozenset(
        route.path for router in ROUTERS for route in router.routes if isinstance(route, Route)
    )
    errors.install(app)
    app.add_middleware(Shield)
    return app
