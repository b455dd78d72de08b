"""Static files, the same for everybody."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from auditor.web.errors import NotThereError
from auditor.web.files import answer_static

router = APIRouter()


@router.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    """A stylesheet, script or image."""
    answer = answer_static(name, request)
    if answer is None:
        raise NotThereError
    return answer
