"""Static files: read once, named by their content, compressed once; only files that are listed here exist."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

# Name -> package and path in it.
STATIC: Mapping[str, tuple[str, str]] = {
    "style.css": ("auditor.report", "templates/style.css"),
    "call.css": ("auditor.report", "templates/call.css"),
    "call.js": ("auditor.report", "templates/call.js"),
    "report.css": ("auditor.report", "templates/report.css"),
    "report.js": ("auditor.report", "templates/report.js"),
    "site.css": ("auditor.web", "static/site.css"),
    "site.js": ("auditor.web", "static/site.js"),
    "review.css": ("auditor.web", "static/review.css"),
    "review.js": ("auditor.web", "static/review.js"),
    "icon.svg": ("auditor.web", "static/icon.svg"),
    "plotly.js": ("plotly", "package_data/plotly.min.js"),
}
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A static file's content, plain and compressed."""

    content: bytes
    compressed: bytes
    mark: str
    media_type: str


@cache
def static_file(name: str) -> StaticFile | None:
    """A static file; None: there is none of that name."""
    if name not in STATIC:
        return None
    package, path = STATIC[name]
    content = resources.files(package).joinpath(path).read_bytes()
    return StaticFile(
        content=content,
        compressed=gzip.compress(content, 6, mtime=0),
        mark=hashlib.sha256(content).hexdigest()[:16],
        media_type=_TYPES[name.rsplit(".", 1)[1]],
    )


@cache
def plotly_styles() -> tuple[str, ...]:
    """The ids of the style elements that Plotly's script makes, unless they are there already.

    A page that holds them with its nonce lets Plotly style its charts under a policy that forbids it to add
    styles of its own.
    """
    file = static_file("plotly.js")
    found = re.findall(rb'getElementById\("([0-9a-f]{64})"\)', file.content) if file else []
    return ("plotly.js-style-global", *sorted({each.decode("ascii") for each in found}))


def static_address(name: str) -> str:
    """Where a static file is found, without the root path."""
    file = static_file(name)
    if file is None:
        raise LookupError(name)
    return f"/static/{name}?v={file.mark}"


def answer_static(name: str, request: Request) -> Response | None:
    """The answer with a static file; None: there is none of that name."""
    file = static_file(name)
    if file is None:
        return None
    headers = {
        "cache-control": "public, max-age=31536000, immutable",
        "etag": f'"{file.mark}"',
        "vary": "accept-encoding",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(file.compressed, media_type=file.media_type, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)
