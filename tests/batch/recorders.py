"""Folders of short calls from recorders whose habits are known, and calls without sound for the counting."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

from auditor.batch.doctor_call import CallFacts, LegFacts
from auditor.records import CallRecord, Event, Recording, Roles, Segment

T0 = datetime(2026, 3, 10, 9, 0, tzinfo=timezone(timedelta(hours=8)))
NOBODY = Roles(None, 0.0, "none", "")


def write_record(audio: Path, **fields) -> None:
    audio.with_name(f"{audio.stem}.record.json").write_text(json.dumps(fields), encoding="utf-8")


def leg(
    index,
    *,
    dead_from_s=None,
    gated=False,
    muted=False,
    silent=False,
    level=-25.0,
    code=None,
    spoken=((2, 5), (8, 12)),
):
    speech = tuple(Segment(index, a, b) for a, b in spoken)
    return LegFacts(index, silent, level, -65.0, code, gated, muted, dead_from_s, speech)


def facts(
    *,
    layout="two_legs",
    agent=None,
    source="record",
    tones=(),
    legs=None,
    duration_s=20.0,
    warnings=(),
    files_s=None,
    utterances=(),
    **record,
):
    """One call as `examine` would give it; ``tones`` are (kind, leg, start_s, end_s)."""
    count = 1 if layout in ("mono", "duplicated") else 2
    recording = Recording(("a.wav",), ("0",), duration_s, 8000, count, layout, "pcm_alaw", warnings)
    roles = NOBODY if agent is None else Roles(agent, 0.99, source, "")
    events = tuple(Event(kind, start, end, where) for kind, where, start, end in tones)
    return CallFacts(
        paths=(Path("a.wav"),),
        recording=recording,
        record=CallRecord(**record),
        files_s=files_s or (duration_s,),
        legs=tuple(legs or [leg(k) for k in range(count)]),
        tones=events,
        roles=roles,
        utterances=tuple(utterances),
        channels=(),
    )
