"""One call: its card, its sound, and the way to it from other systems."""

from __future__ import annotations

from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import FileResponse, PlainTextResponse, Response

from auditor.report.page import make_page
from auditor.store import reviewed_call
from auditor.store.looking import SeenCall, look_up, scorecard_of_call
from auditor.web.access import audits_for
from auditor.web.errors import NotThereError
from auditor.web.reviewing import ACTIONS, RISKS, VERDICTS, Refusal, desk_of, reviewed_of
from auditor.web.sound import MISSING, Recorded
from auditor.web.stored_sound import NoSoundError
from auditor.web.visits import Visit, Visiting

router = APIRouter()

AuditId = Annotated[int, Path(ge=1, le=2**53)]
# Every play, seek and scroll asks for a range: one look is logged for all of them.
_LISTEN_S = 600.0
_MOST_HEARD = 10_000


def visible_call(visit: Visit, audit_id: int) -> SeenCall:
    """The call, if the viewer may see it.

    Raises:
        NotThereError: there is none, or it is not his.
    """
    visit.require("see_calls")
    call = look_up(visit.store, audit_id, visible=audits_for(visit.viewer))
    if call is None:
        raise NotThereError(f"audit {audit_id}")
    return call


@router.get("/calls/{audit_id}")
def call_page(visit: Visiting, audit_id: AuditId) -> Response:
    """The card of one call."""
    return show_call(visit, visible_call(visit, audit_id))


def show_call(visit: Visit, call: SeenCall, *, refusal: Refusal | None = None) -> Response:
    """The card of a call that the viewer may see, with what people made of it.

    Args:
        visit: whose look it is; it is noted.
        call: what `visible_call` let through.
        refusal: an action of his that was just refused.
    """
    audit_id = call.audit_id
    visit.note("look", detail=call.call_id)
    found = reviewed_call(visit.store, audit_id)
    if found is None:  # purged a moment ago
        raise NotThereError(f"audit {audit_id}")
    audit = found.audit
    there = visit.site.jukebox.is_there(recorded(call))
    return visit.page(
        "call.html",
        status=409 if refusal else 200,
        call=call,
        audit_id=audit_id,
        page=make_page(
            audit, standard=visit.site.standard(audit.evidence.line), reviewed=reviewed_of(visit, found)
        ),
        desk=desk_of(visit, found, refusal=refusal),
        risks=RISKS,
        verdicts=VERDICTS,
        actions=ACTIONS,
        audio_url=visit.site.pages.url(f"/calls/{audit_id}/audio") if there else "",
        audio_note=MISSING,
    )


@router.get("/calls/{audit_id}/audio")
def call_audio(visit: Visiting, audit_id: AuditId) -> Response:
    """The sound of one call, whole or in ranges."""
    call = visible_call(visit, audit_id)
    try:
        found = visit.site.jukebox.playable(recorded(call))
    except NoSoundError as error:
        return PlainTextResponse(f"{error}\n", status_code=503 if error.passing else 404)
    _note_listening(visit, call)
    return FileResponse(found.path, media_type=found.media_type)


@router.get("/call")
def call_link(visit: Visiting, id: str) -> Response:  # noqa: A002 - the address says it
    """``/call?id=CALL_ID``: to the card that counts for a call, for links from other systems."""
    visit.require("see_calls")
    audit_id = scorecard_of_call(visit.store, id, visible=audits_for(visit.viewer))
    if audit_id is None:
        raise NotThereError(f"call {id}")
    return visit.back(f"/calls/{audit_id}")


def _note_listening(visit: Visit, call: SeenCall) -> None:
    heard, now = visit.site.heard, monotonic()
    who = (visit.viewer.session_id, call.audit_id)
    if now - heard.get(who, -_LISTEN_S) < _LISTEN_S:
        return
    visit.note("listen", detail=call.call_id)
    visit.settle()
    if len(heard) >= _MOST_HEARD:
        heard.clear()  # too much in the log does no harm
    heard[who] = now


def recorded(call: SeenCall) -> Recorded:
    """The call's files as the jukebox wants them."""
    from auditor.audio.raw import RawFormat  # noqa: PLC0415

    return Recorded(call.paths, call.sha256, RawFormat(*call.raw) if call.raw else None)
