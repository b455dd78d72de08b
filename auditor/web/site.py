"""One site: a store, its options, and what all requests share."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from auditor.errors import StoreError
from auditor.judge import open_rulebook
from auditor.report.many import Coaching, read_coaching
from auditor.report.rule_manual import CaseShown, shown_cases
from auditor.report.standard import Standard, read_standard
from auditor.rulebook.cases import load_cases
from auditor.store import site_key
from auditor.store.indexing import index_backlog
from auditor.web.keeping import Keeper
from auditor.web.logbook import Logbook
from auditor.web.openid import Provider
from auditor.web.rehearsal import rehearse
from auditor.web.signing import Signer
from auditor.web.sound import Jukebox
from auditor.web.templating import Pages

if TYPE_CHECKING:
    from starlette.requests import Request

    from auditor.calibrate.ratings import Gathered
    from auditor.rulebook.schema import Rulebook
    from auditor.store import Store
    from auditor.web.options import SiteOptions

_LOG = logging.getLogger(__name__)
_READING = threading.Lock()


@dataclass(frozen=True, eq=False)
class Site:
    """One site. Routes reach it through their `visits.Visit`.

    ``heard``: session and audit -> when listening was last logged.
    """

    store: Store
    options: SiteOptions
    heard: dict[tuple[int, int], float] = field(default_factory=dict)
    reports: Keeper = field(default_factory=Keeper)
    _standards: dict[str, Standard] = field(default_factory=dict)
    _shown: dict[str, tuple[CaseShown, ...]] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)

    @cached_property
    def signer(self) -> Signer:
        """Signs cookies and forms."""
        return Signer(site_key(self.store))

    @cached_property
    def logbook(self) -> Logbook:
        """Keeps the log of looks."""
        return Logbook(self.store)

    @cached_property
    def provider(self) -> Provider | None:
        """The OpenID provider, if there is one."""
        return Provider(self.options.openid) if self.options.openid else None

    @cached_property
    def jukebox(self) -> Jukebox:
        """Finds recordings, or makes them playable."""
        return Jukebox(folder=self.options.audio_cache, limit_bytes=self.options.audio_cache_bytes)

    @cached_property
    def gathered(self) -> dict[object, Gathered]:
        """What calibration read last, by whose calls they are and what was decided last."""
        return {}

    @cached_property
    def book(self) -> Rulebook:
        """The rulebook whose manual and wording are shown."""
        return open_rulebook(self.options.rulebook)

    @cached_property
    def coaching(self) -> Coaching:
        """What the rulebook adds to reports over many calls."""
        return read_coaching(self.book)

    def cases(self, rule: str) -> tuple[CaseShown, ...]:
        """The dialogues that show how a rule is judged; judged once, for their titles."""
        with _READING:  # whoever comes while they are read waits, instead of reading them, too
            if rule not in self._shown:
                self._shown[rule] = shown_cases(load_cases(rule), book=self.book)
            return self._shown[rule]

    def warm_up(self) -> None:
        """Read what every page needs, so that the first visitor does not wait for it."""
        self.pages.compile()
        try:
            rehearse(self.store, coaching=self.coaching, zone=self.options.zone)
        except StoreError as error:
            _LOG.warning("the first pages will take a moment longer: %s", error)
        for line in ("", *self.book.on_line):
            self.standard(line)
        self.cases(self.book.rules[0].id)  # loads what reading any words needs

    def standard(self, line: str) -> Standard:
        """What reports take from the rulebook for a line; read once."""
        if line not in self._standards:
            self._standards[line] = read_standard(self.book, line=line)
        return self._standards[line]

    def start(self) -> None:
        """Begin what goes on beside the pages: reading the rulebook, indexing the calls of an older store."""
        for work in (self.warm_up, self._index):
            threading.Thread(target=work, name=work.__name__, daemon=True).start()

    def _index(self) -> None:
        try:
            index_backlog(self.store, stop=self._stopping.is_set)
        except StoreError as error:
            _LOG.warning("the index of words stops for now: %s", error)

    def close(self) -> None:
        """Write what is left of the log and forget sound that was made."""
        self._stopping.set()
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
