"""Transcripts that are brought along (``--transcript``): many centres have an ASR already.

Three formats:
    * JSON: ``{"source": "human|asr", "turns": [{"role", "start_s", "end_s", "text", "confidence"?}]}``.
      Without ``source`` a person wrote it: the text is settled. A machine's may say what was measured
      of its recogniser, ``"missed_phrases"`` and ``"false_phrases"``, each ``{"share", "upper_95",
      "samples"}`` as on a model's card (`records.ModelFacts`); otherwise its text proves no fault.
    * SRT and WebVTT with the speaker in every cue (``<v Agent>``, ``客服: …``, ``[customer] …``).
      A machine wrote it: a text-based fail becomes needs_review.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from auditor.errors import UsageError
from auditor.inputs.files import read_json_object, read_text, unknown_key
from auditor.records import MeasuredShare, ModelFacts, Transcript, TranscriptTurn

if TYPE_CHECKING:
    from auditor.inputs.storage import File
    from auditor.records import Role, TranscriptSource

_ROLES: dict[str, Role] = {
    **dict.fromkeys(("agent", "客服", "坐席", "座席", "话务员", "服务人员"), "agent"),
    **dict.fromkeys(("customer", "client", "caller", "客户", "用户", "顾客"), "customer"),
    **dict.fromkeys(("system", "ivr", "系统", "系统语音"), "system"),
}
_SOURCES: dict[str, TranscriptSource] = {"human": "human", "asr": "imported_asr"}
_KEYS = ("source", "turns", "missed_phrases", "false_phrases")
_TURN_KEYS = frozenset(("role", "start_s", "end_s", "text", "confidence"))


def read_transcript(path: File) -> Transcript:
    """Read a transcript; the turns come back in order of time.

    Raises:
        UsageError: the format, a role, a time or a confidence is wrong; the message names the turn.
    """
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _from_json(path)
    if suffix in (".srt", ".vtt"):
        return _from_cues(path, suffix)
    raise UsageError(f"{path}: a transcript is a .json, .srt or .vtt file; rename or convert it.")


def _from_json(path: File) -> Transcript:
    loaded = read_json_object(path, what="transcript")
    for key in loaded:
        if key not in _KEYS:
            raise unknown_key(path, key, _KEYS)
    source = loaded.get("source", "human")
    if source not in _SOURCES:
        raise UsageError(f"{path}: source {source!r} is unknown; write 'human' or 'asr'.")
    rows = loaded.get("turns")
    if not isinstance(rows, list):
        raise UsageError(f"{path}: the transcript has no list 'turns'.")
    turns = [_turn(path, number, row) for number, row in enumerate(rows, start=1)]
    return Transcript(_SOURCES[str(source)], turns=_sorted(turns), recogniser=_recogniser(path, loaded))


def _recogniser(path: File, loaded: dict[str, Any]) -> ModelFacts | None:
    """What the transcript says was measured of the machine that wrote it."""
    missed, false = (_share(path, key, loaded.get(key)) for key in ("missed_phrases", "false_phrases"))
    if missed is None and false is None:
        return None
    if loaded.get("source") != "asr":
        raise UsageError(
            f'{path}: missed_phrases and false_phrases are a recogniser\'s; add "source": "asr" or remove'
            " them."
        )
    return ModelFacts("", sha256="", carded=True, missed_phrases=missed, false_phrases=false)


def _share(path: File, key: str, raw: Any) -> MeasuredShare | None:
    if raw is None:
        return None
    try:
        return MeasuredShare(float(raw["share"]), float(raw["upper_95"]), int(raw["samples"]))
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            f'{path}: {key} must be {{"share", "upper_95", "samples"}} with 0 <= share <= upper_95 <= 1 and'
            " at least one sample."
        ) from None


def _from_cues(path: File, suffix: str) -> Transcript:
    import webvtt  # noqa: PLC0415
    from webvtt.errors import MalformedFileError  # noqa: PLC0415

    text = read_text(path, what="transcript")
    try:
        captions: Any = webvtt.from_buffer(io.StringIO(text), format=suffix[1:])
    except (MalformedFileError, ValueError) as error:
        raise UsageError(f"{path}: not a readable {suffix[1:].upper()} file ({error}).") from None
    turns = []
    for number, cue in enumerate(captions, start=1):
        speaker, said = (cue.voice, cue.text) if cue.voice else _split_speaker(cue.text)
        row = {"role": speaker, "start_s": cue.start_in_seconds, "end_s": cue.end_in_seconds, "text": said}
        turns.append(_turn(path, number, row))
    return Transcript(source="imported_asr", turns=_sorted(turns))


def _split_speaker(text: str) -> tuple[str, str]:
    """``客服: 您好`` and ``[agent] 您好`` as (speaker, words); no speaker gives an empty one."""
    stripped = text.strip()
    if stripped.startswith("[") and "]" in stripped:
        speaker, said = stripped[1:].split("]", 1)
        return speaker, said
    for colon in (":", "："):
        if colon in stripped:
            speaker, said = stripped.split(colon, 1)
            if speaker.strip().lower() in _ROLES:
                return speaker, said
    return "", stripped


def _turn(path: File, number: int, row: Any) -> TranscriptTurn:
    where = f"turn {number}"
    if not isinstance(row, dict):
        raise UsageError(f"{path}: {where} must be an object with role, start_s, end_s and text.")
    for key in row:
        if key not in _TURN_KEYS:
            raise unknown_key(path, key, _TURN_KEYS, where=where)
    for key in ("role", "start_s", "end_s", "text"):
        if key not in row:
            raise UsageError(f"{path}: {where} has no {key!r}.")
    role = _ROLES.get(str(row["role"]).strip().lower())
    if role is None:
        raise UsageError(
            f"{path}: {where} has the unknown role {row['role']!r}; use agent, customer or system."
        )
    start_s, end_s = _number(path, where, "start_s", row), _number(path, where, "end_s", row)
    if start_s < 0:
        raise UsageError(f"{path}: {where} starts before the recording ({start_s} s); correct its time.")
    if end_s < start_s:
        raise UsageError(f"{path}: {where} ends ({end_s} s) before it starts ({start_s} s).")
    confidence = None
    if row.get("confidence") is not None:
        confidence = _number(path, where, "confidence", row)
        if not 0 <= confidence <= 1:
            raise UsageError(f"{path}: {where} has confidence {confidence}; it lies between 0 and 1.")
    if not isinstance(row["text"], str):
        raise UsageError(f"{path}: {where} has a text that is not a string.")
    return TranscriptTurn(
        role=role, start_s=start_s, end_s=end_s, text=row["text"].strip(), confidence=confidence
    )


def _number(path: File, where: str, key: str, row: dict[str, Any]) -> float:
    value = row[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UsageError(f"{path}: {where} has {key} {value!r}, which is not a number of seconds.")
    return float(value)


def _sorted(turns: list[TranscriptTurn]) -> tuple[TranscriptTurn, ...]:
    return tuple(sorted(turns, key=lambda turn: (turn.start_s, turn.end_s)))
