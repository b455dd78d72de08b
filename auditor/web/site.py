"""One site: a store, its options, and what all requests share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from auditor.store import site_key
from auditor.web.logbook import Logbook
from auditor.web.signing import Signer
from auditor.web.templating import Pages

if TYPE_CHECKING:
    from starlette.requests import Request

    from auditor.store import Store
    from auditor.web.options import SiteOptions


@dataclass(frozen=True, eq=False)
class Site:
    """One site. Routes reach it through their `visits.Visit`."""

    store: Store
    options: SiteOptions

    @cached_property
    def signer(self) -> Signer:
        """Signs cookies and forms."""
        return Signer(site_key(self.store))

    @cached_property
    def logbook(self) -> Logbook:
        """Keeps the log of looks."""
        return Logbook(self.store)

    @cached_property
    def pages(self) -> Pages:
        """Renders templates."""
        return Pages(zone=self.options.zone, root_path=self.options.root_path)


def site_of(request: Request) -> Site:
    """The site that a request reached."""
    site = request.app.state.site
    assert isinstance(site, Site)
    return site
