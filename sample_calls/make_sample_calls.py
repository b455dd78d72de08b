"""Make them: ``PYTHONPATH=models python sample_calls/make_sample_calls.py [--no-audio] [STEM …]``.

Needs the espeak-ng program and models/recipe (its pinyin); everything else is in the package's own
dependencies. Nothing here is random but by a seed taken from the call's name, so the same versions
give the same files.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from cast import SYSTEM, Call
from dialogues import CALLS
from formats import write_alaw_wav, write_compressed
from legs import Role, Said, render, turns
from truths import FAIL, PASS, REVIEW, SOUND_RULES
from voices import RATE_HZ, Samples, Voice

FOLDER = Path(__file__).parent
INDEX = FOLDER / "README.md"
TABLE_STARTS = "| file |"
FIRST_CALL = datetime.fromisoformat("2026-03-10T09:12:00+08:00")  # a Tuesday, no public holiday
AGENTS = {
    "f2": ("8001", "王芳"),
    "f4": ("8004", "赵静"),
    "f5": ("8002", "张丽"),
    "m3": ("8005", "刘强"),
    "m7": ("8006", "陈军"),
}
SILENT_S = 24.0


def main(arguments: list[str]) -> None:
    """Write the named calls and the index; all of them when no name is given.

    With ``--no-audio`` the recordings stay as they are: truths and call records alone are written.
    """
    stems = [one for one in arguments if one != "--no-audio"]
    for number, call in enumerate(CALLS):
        if not stems or call.stem in stems:
            _make(call, number=number, audio="--no-audio" not in arguments)
            print(call.stem)
    _write_index()


def _make(call: Call, *, number: int, audio: bool) -> None:
    seed = int.from_bytes(hashlib.sha256(f"{call.stem} {call.take}".encode()).digest()[:4], "big")
    legs, said = _sound(call, rng=np.random.default_rng(seed))
    if audio:
        _write_audio(call, legs=legs)
    spoken = [
        {"role": one.role, "start_s": one.start_s, "end_s": round(one.end_s, 2), "text": one.text}
        for one in turns(said)
    ]
    decided = [
        rule
        for rule, verdict in call.truth.items()
        if rule not in SOUND_RULES and verdict != REVIEW and not (call.layout == "mono" and rule == "C12")
    ]
    truth = {
        "description": call.description,
        "shows": list(call.shows),
        "verdicts": call.truth,
        "text_decided": decided,
        "sentences": [[one.role, one.start_s, round(one.end_s, 2), one.text] for one in said],
    }
    _write_json(f"{call.stem}.transcript.json", {"source": "human", "turns": spoken})
    _write_json(f"{call.stem}.truth.json", truth)
    _write_json(f"{call.stem}.record.json", _record(call, number=number))


def _sound(call: Call, *, rng: np.random.Generator) -> tuple[dict[str, Samples], list[Said]]:
    if not call.says:
        silence = np.zeros(round(SILENT_S * RATE_HZ))
        return {"agent": silence, "customer": silence}, []
    voices: dict[Role, Voice] = {"agent": call.agent, "customer": call.customer, "system": SYSTEM}
    return render(call.says, voices=voices, scene=call.scene, rng=rng)


def _write_audio(call: Call, *, legs: dict[str, Samples]) -> None:
    both = [legs["agent"], legs["customer"]] if call.agent_left else [legs["customer"], legs["agent"]]
    if call.layout == "alaw":
        write_alaw_wav(FOLDER / f"{call.stem}.wav", legs=both)
    elif call.layout == "mono":
        write_alaw_wav(FOLDER / f"{call.stem}.wav", legs=[both[0] + both[1]])
    elif call.layout == "pair":
        for role, leg in legs.items():
            write_alaw_wav(FOLDER / f"{call.stem}.{role}.wav", legs=[leg])
    elif call.layout == "flac":
        write_compressed(FOLDER / f"{call.stem}.flac", legs=both, codec="flac", options={})
    else:
        options = {"b": f"{call.mp3_kbit_s}k", "joint_stereo": "0"}
        write_compressed(FOLDER / f"{call.stem}.mp3", legs=both, codec="libmp3lame", options=options)


def _record(call: Call, *, number: int) -> dict[str, str]:
    """The call record as a centre would export it.

    ``ring`` (seconds rung before the recording starts) becomes ring_at and answered_at; ``queue``
    (seconds of announcements in the recording) becomes queued_at and answered_at.
    """
    started = FIRST_CALL + timedelta(minutes=17 * number)
    agent_id, agent_name = AGENTS[call.agent.variant]
    record = {
        "call_id": f"SC-{number + 1:04d}",
        "agent_id": agent_id,
        "agent_name": agent_name,
        "team": "早班" if int(agent_id) % 2 else "晚班",
        "direction": "inbound",
        "line": "1860",
        "started_at": started.isoformat(),
    }
    extra = dict(call.record)
    ring_s = extra.pop("ring", None)
    if ring_s is not None:
        extra["ring_at"] = (started - timedelta(seconds=int(ring_s))).isoformat()
        extra["answered_at"] = started.isoformat()
    queue_s = extra.pop("queue", None)
    if queue_s is not None:
        extra["queued_at"] = started.isoformat()
        extra["answered_at"] = (started + timedelta(seconds=int(queue_s))).isoformat()
    return record | extra


def _write_index() -> None:
    head, _, _ = INDEX.read_text(encoding="utf-8").partition(TABLE_STARTS)
    rows = [f"{TABLE_STARTS} what it shows | passes | fails | for review |", "|---|---|---|---|---|"]
    for call in CALLS:
        files = " + ".join(f"`{name}`" for name in _audio_names(call))
        passes, fails, review = (
            " ".join(rule for rule in rules if call.truth[rule] == verdict) or "–"
            for rules, verdict in ((call.shows, PASS), (call.truth, FAIL), (call.truth, REVIEW))
        )
        rows.append(f"| {files} | {call.description} | {passes} | {fails} | {review} |")
    INDEX.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


def _audio_names(call: Call) -> list[str]:
    if call.layout == "pair":
        return [f"{call.stem}.agent.wav", f"{call.stem}.customer.wav"]
    return [f"{call.stem}.{call.layout if call.layout in ('flac', 'mp3') else 'wav'}"]


def _write_json(name: str, data: dict[str, object] | dict[str, str]) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=1)
    (FOLDER / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
