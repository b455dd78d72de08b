"""What every answer carries and no request may exceed, as plain ASGI: nothing is buffered.

The content security policy lets in files of the site itself and nothing else. Style *attributes* are allowed
(a bar is as wide as its share); style elements and scripts are not, but by the nonce of their page.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOG = logging.getLogger(__name__)

LONGEST_QUERY = 4096
LONGEST_PATH = 2048
LONGEST_BODY = 1_000_000


class Shield:
    """Refuses what is too large, and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        secure = scope["scheme"] == "https"
        answered = False

        async def shielded(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                headers = MutableHeaders(scope=message)
                for name, value in _headers(nonce, secure=secure).items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = _refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, shielded)
            return
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LONGEST_BODY:
                raise TooLargeError
            return message

        try:
            await self.app(scope, limited, shielded)
        except TooLargeError:
            await _TOO_LARGE(scope, receive, shielded)
        except Exception:
            _LOG.exception("%s %s failed", scope["method"], scope["path"])
            if answered:
                raise
            await _BROKEN(scope, receive, shielded)


class TooLargeError(Exception):
    """A body without a length that turned out too long."""


_TOO_LARGE = PlainTextResponse("提交的内容过大，请缩短后重试。\n", status_code=413)
_BROKEN = PlainTextResponse("网站内部出错，已记入运行日志；请返回重试。\n", status_code=500)


def _refusal(scope: Scope) -> PlainTextResponse | None:
    if len(scope["query_string"]) > LONGEST_QUERY or len(scope.get("raw_path") or b"") > LONGEST_PATH:
        return PlainTextResponse("网址过长，请缩短查询条件后重试。\n", status_code=414)
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not length.isdigit() or int(length) > LONGEST_BODY:
        return _TOO_LARGE
    return None


def _headers(nonce: str, *, secure: bool) -> dict[str, str]:
    headers = {
        "content-security-policy": (
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}';"
            " style-src-attr 'unsafe-inline'; img-src 'self' data:; media-src 'self'; font-src 'self';"
            " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
            " object-src 'none'"
        ),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }
    if secure:
        headers["strict-transport-security"] = "max-age=31536000"
    return headers


def local_path(path: str | None, *, default: str = "/") -> str:
    """A path of this site to go on to after signing in; anything else becomes the default."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or len(path) > LONGEST_PATH:
        return default
    if any(c.isspace() or not c.isprintable() for c in path):
        return default
    return quote(path, safe="/?=&%:+,;~()!*'@$-._")
