"""Starting the site: where it listens, what that means, and the link that makes the first account."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from auditor.errors import UsageError
from auditor.store import accounts

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.store import Store
    from auditor.web.options import SiteOptions

# Longest request line with headers; far above what a browser sends, far below what would hurt.
_LONGEST_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the site listens.

    Attributes:
        host: a name or address of this machine.
        port: of TCP; 0: any free one.
        proxies: addresses of proxies whose word on client, host and scheme is taken; empty: nobody's.
        certificate: PEM file; with ``key`` the site speaks TLS itself.
        key: PEM file.
    """

    host: str = "127.0.0.1"
    port: int = 8600
    proxies: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return "https" if self.certificate else "http"


def check_listening(listening: Listening) -> str | None:
    """A warning to print before the site starts; None: there is nothing to warn of.

    Raises:
        UsageError: half a certificate, or files that are not there.
    """
    if (listening.certificate is None) != (listening.key is None):
        raise UsageError("TLS needs both --tls-certificate and --tls-key; give the other one, too.")
    for file in (listening.certificate, listening.key):
        if file is not None and not file.is_file():
            raise UsageError(f"{file}: there is no such file; name a PEM file.")
    if listening.on_loopback or listening.certificate or listening.proxies:
        return None
    return (
        f"WARNING: {listening.host} is reachable from other machines and this site speaks plain HTTP there:"
        " passwords, recordings and transcripts cross the network readable for everybody on it. Put a proxy"
        " with TLS before it (--behind-proxy), or give --tls-certificate and --tls-key."
    )


def with_set_up(options: SiteOptions, *, store: Store, listening: Listening) -> SiteOptions:
    """The options with a word for the set-up link.

    There is one only while there is no account and nobody but this machine reaches the site.
    """
    if accounts(store) or not listening.on_loopback or listening.proxies:
        return options
    return replace(options, set_up=secrets.token_urlsafe(24))


def open_socket(listening: Listening) -> socket.socket:
    """The socket to listen on.

    Raises:
        UsageError: the address is not this machine's, or in use.
    """
    host = listening.host.strip("[]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, listening.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise UsageError(
            f"{listening.host}:{listening.port}: the site cannot listen there ({error.strerror or error});"
            " choose another --host or --port."
        ) from None
    return listener


def serve(store: Store, *, options: SiteOptions, listening: Listening, tell: Callable[[str], None]) -> None:
    """Serve the site until it is stopped.

    Args:
        store: an open store.
        options: of the site.
        listening: where.
        tell: is given each line for whoever started it.

    Raises:
        UsageError: it cannot listen there.
    """
    import uvicorn  # noqa: PLC0415

    from auditor.web.app import make_app  # noqa: PLC0415

    warning = check_listening(listening)
    options = with_set_up(options, store=store, listening=listening)
    app = make_app(store, options=options)
    with open_socket(listening) as listener:
        port = listener.getsockname()[1]
        host = f"[{listening.host}]" if ":" in listening.host.strip("[]") else listening.host
        address = f"{listening.scheme}://{host}:{port}{options.root_path}"
        if warning:
            tell(warning)
        tell(f"site: {address}/   (stop with Ctrl-C)")
        if options.set_up:
            tell(f"first start: make the administrator's account at {address}/set-up?{_word(options.set_up)}")
        elif not accounts(store):
            tell("no account yet: make one with `auditor users add NAME --role admin`.")
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            h11_max_incomplete_event_size=_LONGEST_HEAD,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=bool(listening.proxies),
            forwarded_allow_ips=list(listening.proxies) or None,
            root_path=options.root_path,
            ssl_certfile=listening.certificate,
            ssl_keyfile=listening.key,
            timeout_graceful_shutdown=5,
        )
        uvicorn.Server(config).run(sockets=[listener])


def _word(word: str) -> str:
    return urlencode({"word": word})
