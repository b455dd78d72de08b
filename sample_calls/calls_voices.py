"""Calls about the agent's voice: pace, volume, softness, modulation."""

from __future__ import annotations

from cast import (
    BYE,
    CLOSING,
    CONTACT,
    F5,
    LONG_MIDDLE,
    MORE,
    OPENING,
    PASSWORD,
    STOPPED,
    WOMAN,
    Call,
    a,
    c,
    hurried,
    says,
)
from truths import ENQUIRY, FAIL, HANDLED, MEDIUM, REVIEW
from voices import Voice

VOICES = (
    Call(
        "too_fast",
        "语速过快,每分钟超过420字。",
        says(
            a("您好,中国移动。", rate=560),
            a("请问您办理什么业务?", rate=560),
            hurried((*LONG_MIDDLE, *PASSWORD, a("您需要办理的业务我们已受理完毕。"), *MORE), rate=640),
            a("感谢您的来电,祝您生活愉快,再见。", rate=560),
            c("再见。"),
        ),
        ("V3", "H5"),
        {"V3": FAIL, "V5": REVIEW, **HANDLED, **MEDIUM},
        agent=F5,
    ),
    Call(
        "too_slow",
        "语速过慢,每分钟不到160字。",
        says(OPENING, STOPPED, CONTACT, BYE),
        ("V3",),
        {"V3": FAIL},
        agent=Voice("f2", pitch=62, rate=132),
        record={"agent_channel": "left"},
    ),
    Call(
        "shouting",
        "两句话提高嗓门喊出来。",
        says(
            OPENING,
            STOPPED,
            a("请您放心,我们会尽快处理。", pitch=92, gain_db=14),
            c("什么时候能开通?"),
            a("我们立即为您办理。"),
            a("您需要办理的业务我们已受理完毕。", pitch=92, gain_db=14),
            BYE,
        ),
        ("V2", "V1", "H5"),
        {"V2": FAIL, "V1": FAIL, **HANDLED, **MEDIUM},
        agent=Voice("f2", pitch=50, pitch_spread=2.5, level_dbov=-31, level_spread_db=2, level_fall_db=3),
    ),
    Call(
        "loud_bursts",
        "说话忽然爆响,音调没有升高。",
        says(
            a("您好,中国移动。"),
            a("请问您有什么需要我帮助吗?", burst=(0.35, 0.7, 15)),
            STOPPED,
            a("我们立即为您办理。"),
            a("请留下您的姓名、联系电话。", burst=(0.3, 0.65, 15)),
            c("好的,谢谢。"),
            a("请问您还有其他问题吗?", burst=(0.5, 0.85, 15)),
            c("没有了,谢谢。"),
            a("谢谢您,再见。"),
            c("再见。"),
        ),
        ("V1", "V2"),
        {"V1": FAIL, **MEDIUM},
        agent=Voice("f5", pitch=56, level_dbov=-33, level_spread_db=1.5, level_fall_db=3),
        customer=WOMAN,
    ),
    Call(
        "monotone",
        "语调平板,没有抑扬顿挫。",
        says(OPENING, LONG_MIDDLE, PASSWORD, CLOSING),
        ("V4",),
        {"V4": FAIL, **ENQUIRY},
        agent=Voice(
            "m3",
            pitch=78,
            pitch_range_percent=45,
            pitch_spread=0,
            level_dbov=-25,
            level_spread_db=0,
            level_fall_db=0,
            level_steadying=1.0,
        ),
        record={"agent_channel": "left"},
    ),
)
