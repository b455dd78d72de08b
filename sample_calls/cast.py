"""What the sample calls are made of: the type, the verdicts of a faultless call, speakers, exchanges."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from legs import Ending, Say, Scene
from voices import Voice

Layout = Literal["alaw", "flac", "mp3", "mono", "pair"]

PASS, FAIL, NONE, REVIEW = "pass", "fail", "not_applicable", "needs_review"

TEXT_RULES = (
    *("P3.5c", "C10a", "C10b", "C10c", "C10d", "C11a", "C11b", "C11c", "C11d", "S2", "S3", "S11"),
    *("P1", "P3.2a", "P3.2b", "P3.3", "P3.4"),
    *("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8a", "C8b", "C8c", "C8d", "C9", "C12"),
    *("G1", "G3", "G4", "G6", "G7", "G8", "G9a", "G9b", "G10"),
)
INBOUND = {
    "P1": PASS,
    "P3.1": NONE,  # no ring in the file and no ring times in the record
    "P3.2a": PASS,
    "P3.2b": PASS,
    "P3.3": NONE,  # nobody asks for anything to be said again
    "P3.4": NONE,  # nobody dictates
    "P3.5b": PASS,
    "P3.5c": PASS,
    "P3.6a": PASS,  # the customer's leg falls to the idle code first
    "P3.6b": PASS,  # the agent's leg goes on to its own end, without a bang
    "V1": PASS,
    "V2": PASS,
    "V3": PASS,
    "V4": PASS,
    "V5": PASS,
    "C1": PASS,
    "C2": PASS,  # 请问
    "C3": PASS,  # 请问您还有其他问题吗 … 谢谢您
    "C4": NONE,  # nothing to apologise for
    "C5": NONE,  # a question is no request
    "C6": PASS,
    "C7": PASS,
    "C8a": PASS,
    "C8b": PASS,
    "C8c": NONE,
    "C8d": PASS,
    "C9": PASS,
    **dict.fromkeys(("C10a", "C10b", "C10c", "C10d", "C11a", "C11b", "C11c", "C11d"), PASS),
    "C12": PASS,
    "S2": NONE,  # no customer is rude
    "S3": PASS,
    "S11": PASS,
    "G1": PASS,
    **dict.fromkeys(("G3", "G4", "G6", "G7"), NONE),
    "G8": PASS,  # 没有了,谢谢 … 谢谢您,再见
    **dict.fromkeys(("G9a", "G9b", "G10"), NONE),
}
# 60 syllables in 3 turns are needed for V3, 20 s of voiced speech for V4.
SHORT = {"V3": NONE, "V4": NONE}
MEDIUM = {"V4": NONE}
NO_RELEASE = {"P3.6a": NONE, "P3.6b": NONE}  # both legs end together: nobody could tell

F2 = Voice("f2", pitch=62)
F5 = Voice("f5", pitch=56)
F4 = Voice("f4", pitch=64)
M3 = Voice("m3", pitch=82)
M7 = Voice("m7", pitch=82)
MAN = Voice("m1", rate=200, pitch=75, level_dbov=-26)
WOMAN = Voice("f3", rate=200, pitch=66, level_dbov=-26)
SYSTEM = Voice("m2", rate=185, pitch=75, pitch_spread=0, level_spread_db=0)

TOGETHER = Ending(agent_s=1.0, customer_s=1.0)


@dataclass(frozen=True)
class Call:
    """One sample call: its words, its sound, its record, and what is true about it.

    ``take`` draws another reading (pitches, levels, pauses) of the same words.
    """

    stem: str
    description: str
    says: tuple[Say, ...]
    shows: tuple[str, ...]
    verdicts: dict[str, str] = field(default_factory=dict)
    agent: Voice = F2
    customer: Voice = MAN
    scene: Scene = field(default_factory=Scene)
    layout: Layout = "alaw"
    agent_left: bool = True
    record: dict[str, str] = field(default_factory=dict)
    take: int = 0


def a(text: str, gap_s: float | None = None, **shape: object) -> Say:
    """The agent says."""
    return Say("agent", text, gap_s, **shape)  # type: ignore[arg-type]


def c(text: str, gap_s: float | None = None, **shape: object) -> Say:
    """The customer says."""
    return Say("customer", text, gap_s, **shape)  # type: ignore[arg-type]


def s(text: str, gap_s: float | None = None) -> Say:
    """A system voice says."""
    return Say("system", text, gap_s)


def says(*parts: Say | tuple[Say, ...]) -> tuple[Say, ...]:
    """Put sentences and ready-made exchanges in a row."""
    return tuple(one for part in parts for one in (part if isinstance(part, tuple) else (part,)))


def hurried(part: tuple[Say, ...], *, rate: int) -> tuple[Say, ...]:
    """The same exchange with the agent at another rate."""
    return tuple(replace(one, rate=rate) if one.role == "agent" else one for one in part)


OPENING = (a("您好,中国移动。"), a("请问您有什么需要我帮助吗?"))
OPENING_BUSINESS = (a("您好,中国移动。"), a("请问您办理什么业务?"))
STOPPED = (c("我的手机为什么停机了?"), a("请您放心,我们会尽快处理。"), a("请问您怎么称呼?"), c("我姓王。"))
BALANCE = (c("我要查一下余额。"), a("请稍等,我马上为您查询。"))
CONTACT = (a("我们立即为您办理。"), a("请留下您的姓名、联系电话。"), c("好的,谢谢。"))
PASSWORD = (c("我的密码忘了怎么办?"), a("请您听到语音提示后,输入您的六位个人密码。"))
MORE = (a("请问您还有其他问题吗?"), c("没有了,谢谢。"))
CLOSING = (*MORE, a("不客气,这是我们应该做的。"), a("谢谢您,再见。"), c("再见。"))
BYE = (*MORE, a("谢谢您,再见。"), c("再见。"))
BYE_AGENT_LAST = (*MORE, a("谢谢您,再见。"))
LONG_MIDDLE = (
    *STOPPED,
    a("首先,我代表公司表示歉意。"),
    a("请您放心。"),
    c("什么时候能开通?"),
    a("我们立即为您办理。"),
    a("请留下您的姓名、联系电话。"),
    c("好的,谢谢。"),
    a("您的要求我们会向上级部门反映。"),
    a("我讲明白了吗?"),
    c("是的。"),
)
MEDIUM_MIDDLE = (*STOPPED, *CONTACT)
