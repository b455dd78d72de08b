"""One site: a store, its options, and what all requests share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from auditor.judge import open_rulebook
from auditor.report.standard import Standard, read_standard
from auditor.store import site_key
from auditor.web.logbook import Logbook
from auditor.web.signing import Signer
from auditor.web.sound import Jukebox
from auditor.web.templating import Pages

if TYPE_CHECKING:
    from starlette.requests import Request

    from auditor.rulebook.schema import Rulebook
    from auditor.store import Store
    from auditor.web.options import SiteOptions


@dataclass(frozen=True, eq=False)
class Site:
    """One site. Routes reach it through their `visits.Visit`.

    ``heard``: session and audit -> when listening was last logged.
    """

    store: Store
    options: SiteOptions
    heard: dict[tuple[int, int], float] = field(default_factory=dict)
    _standards: dict[str, Standard] = field(default_factory=dict)

    @cached_property
    def signer(self) -> Signer:
        """Signs cookies and forms."""
        return Signer(site_key(self.store))

    @cached_property
    def logbook(self) -> Logbook:
        """Keeps the log of looks."""
        return Logbook(self.store)

    @cached_property
    def jukebox(self) -> Jukebox:
        """Finds recordings, or makes them playable."""
        return Jukebox(folder=self.options.audio_cache, limit_bytes=self.options.audio_cache_bytes)

    @cached_property
    def book(self) -> Rulebook:
        """The rulebook whose manual and wording are shown."""
        return open_rulebook(self.options.rulebook)

    def standard(self, line: str) -> Standard:
        """What reports take from the rulebook for a line; read once."""
        if line not in self._standards:
            self._standards[line] = read_standard(self.book, line=line)
        return self._standards[line]

    def close(self) -> None:
        """Write what is left of the log and forget sound that was made."""
        if "logbook" in vars(self):
            self.logbook.close()
        if "jukebox" in vars(self):
            self.jukebox.close()

    @cached_property
    def pages(self) -> Pages:
        """Renders templates."""
        return Pages(zone=self.options.zone, root_path=self.options.root_path)


def site_of(request: Request) -> Site:
    """The site that a request reached."""
    site = request.app.state.site
    assert isinstance(site, Site)
    return site
