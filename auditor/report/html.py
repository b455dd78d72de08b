"""The page of one call: one file that plays, shows and explains, and asks nothing of any network.

Everything from the call is escaped by the template engine; data for the script travels as JSON in a
``<script type="application/json">`` whose ``<`` are escaped; a content security policy in the page
forbids every request but for the linked recording, so that even a slip could not call out.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from urllib.parse import quote

from auditor.records import CallAudit
from auditor.report.look import environment
from auditor.report.page import make_page
from auditor.report.reviewed import NOT_REVIEWED, Reviewed
from auditor.report.standard import NO_STANDARD, Standard


def render_html(
    audit: CallAudit,
    *,
    audio: tuple[bytes, str] | str | None,
    peaks: Sequence[Sequence[float]] = (),
    standard: Standard = NO_STANDARD,
    reviewed: Reviewed = NOT_REVIEWED,
) -> str:
    """The page of one call as one HTML document.

    Args:
        audit: The audited call.
        audio: (file content, MIME type) to embed; the path of a sound file to link, relative to where the
            page will lie; None: the page says that it has no recording.
        peaks: Per leg the peak of each bin in 0..1, as `waveform_peaks` gives them; may be empty.
        standard: What the rulebook adds: the course's wording, limits of the voice.
        reviewed: What reviewers decided.

    Returns:
        The document; equal arguments give equal text.
    """
    if audio is None:
        address, source = "", "'none'"
    elif isinstance(audio, str):
        address, source = quote(audio), "'self' file:"
    else:
        content, mime = audio
        address, source = f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}", "data:"
    return (
        environment()
        .get_template("call.html")
        .render(
            page=make_page(audit, peaks=peaks, standard=standard, reviewed=reviewed),
            audio_url=address,
            audio_note="",
            media_source=source,
        )
    )
