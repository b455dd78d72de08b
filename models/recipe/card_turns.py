"""Turns of agents and customers, to measure what a model loses and invents: the sample calls' voices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

# The speakers of the sample calls, so that what is measured is what their agents are judged by.
from voices import RATE_HZ, Voice, set_level, speak

from auditor.signal import Channel
from recipe.card_clips import a_law

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

GREETINGS = ("您好,", "您好!", "你好,", "早上好,", "下午好,")
IDENTITIES = ("中国移动。", "移动公司。", "中国移动客服中心。", "工号八零零一。", "我叫王芳。", "我姓李。")
OFFERS = (
    "请问有什么可以帮您?",
    "我能为您做些什么?",
    "请问您有什么需要我帮助吗?",
    "很高兴为您服务。",
    "请讲。",
    "请问您办理什么业务?",
)
INSTEAD = ("什么事?", "怎么了?", "哪位?")
LAST = (
    "好的,就这样。",
    "不客气,这是我们应该做的。",
    "已经为您办好了。",
    "好的,没问题。",
    "祝您生活愉快。",
    "您的余额是五十元。",
    "您需要办理的业务我们已受理完毕。",
    "请您放心,我们会尽快处理。",
    "那就先这样吧。",
)
GOODBYES = (
    "再见。",
    "谢谢您,再见。",
    "谢谢您,请挂机。",
    "感谢您的来电,再见。",
    "拜拜。",
    "请慢走。",
    "欢迎您再来。",
    "祝您愉快,再见。",
)
MIDDLE = (
    "请稍等,马上为您查询。",
    "对不起,让您久等了。",
    "请您稍等,我帮您查一下。",
    "感谢您的耐心等待。",
    "请问您还有其他问题吗?",
    "非常抱歉给您带来不便,请您谅解。",
    "对不起,请您声音大一点好吗?",
    "请问您的手机号码是多少?",
    "不好意思,请您稍候。",
    "谢谢您对我们工作的支持。",
    "您的要求我们会向上级部门反映。",
    "我讲明白了吗?",
    "正在为您查询,请不要挂机。",
    "您这个月的套餐是五十八元,用了三十兆流量。",
    "开通以后明天早上生效。",
    "您可以到附近的营业厅办理。",
)
CUSTOMERS = (
    "怎么打了半天才接电话?",
    "我要投诉你们。",
    "你说什么?我没听清。",
    "谢谢你啊。",
    "我打错电话了。",
    "帮我转八零零二号。",
    "我要查一下这个月的话费。",
    "不用了,我不需要。",
    "我听不懂你在说什么。",
    "叫你们领导来接电话。",
    "没有了,谢谢。",
    "为什么扣了我这么多钱?",
    "我的手机没有信号。",
    "这个流量包多少钱一个月?",
    "昨天下午我去过营业厅了。",
    "我妈妈想换一个老人手机。",
    "那边天气怎么样?",
    "孩子上学用的卡能不能便宜一点?",
    "好的,知道了。",
    "等一下,我找找笔。",
    "我的身份证在家里。",
)


def sentences(number: int, dice: random.Random) -> tuple[str, tuple[str, ...]]:
    """Who speaks, and what: openings and closings with and without each act, mandated lines, customers."""
    kind = number % 8
    if kind < 3:
        acts = [dice.choice(some) for some in (GREETINGS, IDENTITIES, OFFERS) if dice.random() < 0.75]
        return "agent", tuple(acts or [dice.choice(INSTEAD)])
    if kind < 6:
        said = [dice.choice(LAST) for _ in range(dice.choice((1, 1, 2)))]
        return "agent", (*said, *([dice.choice(GOODBYES)] if dice.random() < 0.75 else []))
    if kind == 6:
        return "agent", tuple(dice.sample(MIDDLE, dice.choice((1, 2))))
    return "customer", (dice.choice(CUSTOMERS),)


def render(
    said: Sequence[str],
    *,
    voice: Voice,
    dice: random.Random,
    pauses_s: tuple[float, float] = (0.1, 0.6),
) -> Channel:
    """Sentences with pauses of so many seconds (least, most) on one leg, 8 kHz A-law with line noise."""
    parts = [np.zeros(round(RATE_HZ * dice.uniform(0.4, 1.0)))]
    rate = round(voice.rate * dice.uniform(0.85, 1.1))
    for text in said:
        pitch = max(20, voice.pitch + dice.randint(-8, 8))
        sound = speak(text, voice=voice, pitch=pitch, rate=rate)
        level = voice.level_dbov - dice.uniform(0, voice.level_spread_db)
        parts += [set_level(sound, level_dbov=level), np.zeros(round(RATE_HZ * dice.uniform(*pauses_s)))]
    samples = np.concatenate([*parts, np.zeros(RATE_HZ // 2)])
    noise = np.random.default_rng(dice.getrandbits(32)).normal(
        0, 10 ** (dice.uniform(-65, -50) / 20), len(samples)
    )
    return Channel(0, a_law((samples + noise).astype(np.float32)), RATE_HZ)
