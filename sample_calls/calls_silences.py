"""Calls about who speaks when: silence, holds, late replies, interruptions."""

from __future__ import annotations

from cast import (
    BYE,
    CLOSING,
    CONTACT,
    F2,
    F5,
    M3,
    OPENING,
    PASSWORD,
    STOPPED,
    WOMAN,
    Call,
    a,
    c,
    says,
)
from legs import Scene
from truths import FAIL, HANDLED, MEDIUM, PASS

SILENCES = (
    Call(
        "dead_air",
        "没有交代就冷场十三秒。",
        says(
            OPENING,
            PASSWORD,
            c("我要改套餐。"),
            a("好的,没问题。"),
            a("您需要办理的业务我们已受理完毕。", 13.0),
            BYE,
        ),
        ("C9", "H5"),
        {"C9": FAIL, "C5": PASS, **HANDLED, **MEDIUM},
        agent=F5,
    ),
    Call(
        "announced_hold",
        "先说请稍等,十二秒后说让您久等了。客户声音轻微串到客服声道。",
        says(
            OPENING,
            STOPPED,
            a("请稍等,我马上为您查询。"),
            a("对不起,让您久等了。", 12.5),
            a("您需要办理的业务我们已受理完毕。"),
            c("我的密码忘了怎么办?"),
            a("请您听到语音提示后,输入您的六位个人密码。"),
            a("我讲明白了吗?"),
            c("是的。"),
            a("请留下您的姓名、联系电话。"),
            c("好的,谢谢。"),
            CLOSING,
        ),
        ("C9", "V3", "V4", "H5"),
        {"C4": PASS, **HANDLED},  # 让您久等了 after the wait
        agent=F2,
        scene=Scene(crosstalk_db=-36),
    ),
    Call(
        "late_reply",
        "客户提问后七秒才回答,没有请客户稍等。",
        says(
            OPENING,
            c("我的手机为什么停机了?"),
            a("对不起,我们的网络正在进行优化。", 7.0),
            a("请您放心。"),
            CONTACT,
            BYE,
        ),
        ("C8b",),
        {"C8b": FAIL, "H4": PASS, "C4": PASS, **MEDIUM},
        agent=F2,
    ),
    Call(
        "talks_over",
        "两次打断客户,抢过话头。",
        says(
            OPENING,
            c("您好,我要投诉,我的手机为什么停机了我的密码"),
            a("请您放心,我们会尽快处理。", -1.5),
            c("我没听明白,请问我的密码忘了怎么办我要"),
            a("请您听到语音提示后,输入您的六位个人密码。", -1.5),
            a("请您放心。"),
            c("好的,谢谢。"),
            BYE,
        ),
        ("C12",),
        {"C12": FAIL, "C5": PASS, "S12": PASS, **MEDIUM},
        agent=M3,
        customer=WOMAN,
    ),
)
