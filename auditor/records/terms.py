"""The closed lists of words that records use, and the version of stored evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

# 2: numbers are masked unless they are to be kept.
EVIDENCE_VERSION = 2

Role = Literal["agent", "customer", "system", "unknown"]
Party = Literal["agent", "customer", "call"]
Layout = Literal["mono", "duplicated", "two_legs", "pair"]
Direction = Literal["inbound", "outbound"]
Verdict = Literal["pass", "fail", "not_applicable", "needs_review"]
Result = Literal["pass", "fail", "needs_review", "not_scored"]
TranscriptSource = Literal["asr", "human", "imported_asr"]
EventKind = Literal[
    "ringback",
    "busy",
    "congestion",
    "waiting",
    "dtmf",
    "music",
    "hold",
    "announcement",
    "silence",
    "overlap",
    "click",
    "idle",
    "unheard",
]
# What exchanges and keypads send: never speech.
TONE_KINDS: frozenset[EventKind] = frozenset({"ringback", "busy", "congestion", "waiting", "dtmf"})
# The lines that the course has scripts for, as reasons and reports name them; a centre's others have none.
LINE_NAMES: Mapping[str, str] = {
    "1860": "1860 热线",
    "1258": "1258 秘书台",
    "key_account": "大客户",
    "collection": "电话清欠",
}
