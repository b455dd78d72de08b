"""``auditor serve``: the site."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.options import ConfigOption, StoreOption
from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.inputs.config import Settings
    from auditor.web.options import SiteOptions


def serve(
    store: StoreOption = None,
    host: Annotated[str, typer.Option(help="Where to listen; default: this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8600,
    behind_proxy: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="A proxy whose X-Forwarded headers are believed (repeatable)."),
    ] = None,
    root_path: Annotated[str, typer.Option(help="The path under which a proxy shows the site.")] = "",
    tls_certificate: Annotated[Path | None, typer.Option(help="PEM file: the site speaks TLS.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file of its key.")] = None,
    rulebook: Annotated[Path | None, typer.Option(help="Rulebook to show; default: the settings'.")] = None,
    config: ConfigOption = None,
) -> None:
    """Serve the site: scores, recordings, review and appeal, for a browser."""
    require_web()
    from auditor.inputs.config import load_settings  # noqa: PLC0415
    from auditor.store import open_store  # noqa: PLC0415
    from auditor.web.serve import Listening, serve  # noqa: PLC0415

    settings = load_settings(config)
    options = _options(settings, rulebook=rulebook, root_path=root_path)
    listening = Listening(
        host=host,
        port=port,
        proxies=tuple(behind_proxy or ()),
        certificate=tls_certificate,
        key=tls_key,
    )
    with open_store(store, create=False) as opened:
        serve(opened, options=options, listening=listening, tell=lambda line: typer.echo(line, err=True))


def require_web() -> None:
    """Refuse without the extra.

    Raises:
        UsageError: it is not installed.
    """
    if any(find_spec(name) is None for name in ("fastapi", "uvicorn", "argon2", "itsdangerous")):
        raise UsageError(
            "The site's libraries are missing; run `pip install 'phone-etiquette-auditor[web]'`."
        )


def _options(settings: Settings, *, rulebook: Path | None, root_path: str) -> SiteOptions:
    from datetime import timedelta  # noqa: PLC0415
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from auditor.web.options import OpenIdOptions, SiteOptions  # noqa: PLC0415

    site = settings.site
    openid = None
    if site.openid is not None:
        openid = OpenIdOptions(
            issuer=site.openid.issuer.rstrip("/"),
            client_id=site.openid.client_id,
            client_secret=os.environ.get("AUDITOR_OPENID_SECRET", ""),
            claim=site.openid.claim,
            label=site.openid.label,
        )
    if root_path and not root_path.startswith("/"):
        raise UsageError(f"--root-path {root_path}: write it with a slash before it, such as /audit.")
    return SiteOptions(
        zone=ZoneInfo(settings.time_zone),
        session=timedelta(hours=site.session_h),
        idle=timedelta(hours=site.idle_h),
        root_path=root_path.rstrip("/"),
        openid=openid,
        rulebook=rulebook or settings.rulebook,
        appeal_days=settings.review.appeal_days,
        review_calls=settings.review.calls_per_week,
        review_random_share=settings.review.random_share,
        audio_cache_bytes=int(site.audio_cache_mb * 1_000_000),
    )
