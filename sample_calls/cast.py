"""What the sample calls are made of: the type, speakers, exchanges."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from legs import Ending, Say, Scene
from truths import INBOUND
from voices import Voice

Layout = Literal["alaw", "flac", "mp3", "mono", "pair"]

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

    ``usual`` are the verdicts of a faultless call of its kind, ``verdicts`` what differs here. ``take``
    draws another reading (pitches, levels, pauses) of the same words.
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
    mp3_kbit_s: int = 32
    usual: dict[str, str] = field(default_factory=lambda: INBOUND)

    @property
    def truth(self) -> dict[str, str]:
        """The verdict of every rule."""
        return self.usual | self.verdicts


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
