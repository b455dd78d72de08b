"""Agent turns to measure probes on: openings and later turns of every kind, said by many voices.

The same seed gives the same clips.
"""

from __future__ import annotations

import io
import random
import subprocess
import wave
from dataclasses import dataclass

import numpy as np

from auditor.signal import Channel, Samples, resample
from recipe.voices import MANDARIN, to_pinyin

RATE_HZ = 8000
RATES = (105, 190)  # words a minute: 170-310 字/分
LONGEST_S = 20  # a sentence takes milliseconds; a voice that hangs is given up

GREETED = (
    "您好，中国移动，我能为您做些什么？",
    "您好，中国移动，请讲。",
    "您好，中国移动。",
    "您好，中国移动，请问有什么可以帮您？",
    "您好，中国移动，很高兴为您服务。",
    "喂，您好，中国移动，请讲。",
    "您好，这里是中国移动，请讲。",
    "您好，我是中国移动客服，请讲。",
)
NOT_GREETED = (
    "你好，请问你要办什么业务？",
    "你好。",
    "你好，中国移动，请讲。",
    "您好，请问您要办理什么业务？",
    "您好。",
    "您好，请讲。",
    "您好，我能为您做些什么？",
    "您好，中国联通，请讲。",
    "您好，中国电信，我能为您做些什么？",
    "您好，这里是中国联通，请讲。",
    "您好，我是移动公司客户服务中心。",
    "喂，您好，我是移动公司客服，我姓王。",
    "下午好，中国移动，请讲。",
    "中国移动，请讲。",
    "中国移动，您好。",
    "请讲。",
    "喂，什么事？",
    "喂，你好，请讲。",
    "喂，您好，我能为您做些什么？",
    "喂。",
    "什么事？",
)
LATER = (
    "好的，请稍等，马上为您查询。",
    "请问您还有其他问题吗？谢谢您，请挂机。",
    "请问您的手机号码是多少？",
    "为您查到这个月的话费是一百五十元。",
    "喂，您在听吗？",
    "喂，你说什么？",
    "你的手机号码是多少？",
    "你等一下。",
    "你还有别的问题吗？",
    "对不起，让您久等了。",
    "位置已经为您登记了。",
    "不客气，再见。",
)
VARIANTS = (
    "", "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "Annie", "Alicia",
    "linda", "steph", "steph2", "belinda", "aunty", "Andrea", "Denis", "Michael", "Jacky", "Lee", "pablo",
)  # fmt: skip


@dataclass(frozen=True)
class Clip:
    """One spoken agent turn."""

    text: str
    voice: str
    first: bool
    channel: Channel


def make_clips(count: int, *, seed: int) -> list[Clip]:
    """Turns of all kinds in turn, each with a voice, rate, pitch, level and noise of its own."""
    dice = random.Random(seed)
    noise = np.random.default_rng(seed)
    # Openings decide the most, so each turns up three times as often as a later sentence.
    texts = [(text, True) for text in GREETED * 3 + NOT_GREETED * 2] + [(text, False) for text in LATER]
    order: list[tuple[str, bool]] = []
    while len(order) < count:
        order += dice.sample(texts, len(texts))
    clips = []
    for text, first in order[:count]:
        variant = dice.choice(VARIANTS)
        speech = speak(
            text,
            voice=f"{MANDARIN}+{variant}" if variant else MANDARIN,
            words_per_min=dice.randint(*RATES),
            pitch=dice.randint(30, 70),
        )
        speech *= dice.uniform(0.1, 0.9) / max(1e-6, float(np.abs(speech).max()))
        level = float(np.sqrt(np.mean(speech**2))) * 10 ** (-dice.uniform(15, 40) / 20)
        samples = np.pad(speech, (round(RATE_HZ * dice.uniform(0.3, 1.5)), 4000))
        samples = a_law(samples + noise.normal(0, level, len(samples)).astype(np.float32))
        clips.append(Clip(text=text, voice=variant, first=first, channel=Channel(0, samples, RATE_HZ)))
    return clips


def speak(text: str, *, voice: str, words_per_min: int, pitch: int) -> Samples:
    """Synthetic speech at 8 kHz; espeak-ng's program, as its end pause is part of a clip."""
    options = ["-v", voice, "-s", str(words_per_min), "-p", str(pitch), "--stdout", to_pinyin(text)]
    spoken = subprocess.run(
        ["espeak-ng", *options], capture_output=True, check=True, timeout=LONGEST_S
    ).stdout
    with wave.open(io.BytesIO(spoken)) as file:
        rate = file.getframerate()
    samples = np.frombuffer(spoken[44:], dtype="<i2").astype(np.float32) / 32768
    return resample(np.asarray(samples, np.float32), rate, RATE_HZ)


def a_law(samples: Samples) -> Samples:
    """There and back through 8-bit A-law companding (ITU-T G.711, the continuous curve)."""
    scale = 1 + np.log(87.6)
    size = np.abs(np.clip(samples, -1, 1))
    packed = np.where(size < 1 / 87.6, 87.6 * size / scale, (1 + np.log(np.maximum(87.6 * size, 1))) / scale)
    packed = np.round(packed * 127) / 127
    size = np.where(packed < 1 / scale, packed * scale / 87.6, np.exp(packed * scale - 1) / 87.6)
    return np.asarray(np.sign(samples) * size, np.float32)
