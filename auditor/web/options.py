"""What a site is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from auditor.inputs.call_record import DEFAULT_ZONE


@dataclass(frozen=True, slots=True)
class OpenIdOptions:
    """An OpenID Connect provider.

    Attributes:
        issuer: its address; ``/.well-known/openid-configuration`` is read there.
        client_id: what the provider calls this site.
        client_secret: its secret; empty for a public client, which PKCE alone protects.
        claim: which claim is the account's name.
        label: what the button says.
    """

    issuer: str
    client_id: str
    client_secret: str = ""
    claim: str = "preferred_username"
    label: str = "统一认证登录"


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """What a site is told when it starts.

    Attributes:
        zone: of all times shown.
        session: how long a sign-in lasts at most.
        idle: how long unused.
        root_path: where a proxy puts the site, such as ``/audit``; empty: at the root.
        set_up: the one-time word of the set-up link; None: there is none.
        openid: a provider; None: passwords only.
        rulebook: the rulebook whose manual is shown; None: the one that ships.
        appeal_days: for how long an agent may appeal after a fail could first be seen.
        review_calls: how many calls of each agent a week's plan draws, unless the form says otherwise.
        review_random_share: the share of a plan that is spread evenly (`auditor.store.drawing`).
        audio_cache: folder for sound made playable; None: a temporary one.
        audio_cache_bytes: how much it may hold.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(DEFAULT_ZONE))
    session: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(hours=2)
    root_path: str = ""
    set_up: str | None = None
    openid: OpenIdOptions | None = None
    rulebook: Path | None = None
    appeal_days: float = 7.0
    review_calls: int = 5
    review_random_share: float = 0.4
    audio_cache: Path | None = None
    audio_cache_bytes: int = 1_000_000_000
