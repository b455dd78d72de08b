"""Sounds whose figures are known in closed form, and the human clips where they are at hand."""

from __future__ import annotations

import io
import random
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from auditor.measure.call import CallMeasurements, measure_call
from auditor.measure.frames import measure_frames
from auditor.records import Event, Layout, Roles, Segment, Turn, TurnPart
from auditor.signal import Channel, Samples, power_to_dbov, resample

RATE_HZ = 8000
HUMAN = Path(__file__).resolve().parents[2].parent / "shared" / "audio"
KNOWN = Roles(agent_channel=0, confidence=1.0, source="flag", reason="test")
UNKNOWN = Roles(agent_channel=None, confidence=0.0, source="none", reason="test")

needs_human_clips = pytest.mark.skipif(
    not HUMAN.is_dir(), reason="the human recordings (../shared/audio) are not here"
)

SENTENCES = {
    "BAC009S0764W0121.wav": "甚至出现交易几乎停滞的情况",
    "aishell-BAC009S0724W0121.wav": "广州市房地产中介协会分析",
    "NST_ID001.wav": "作为一个男人最起码的这个担当",
    "NST_ID002.wav": "但是对他们是很大的刺激的这些事情",
    "paddle_zh.wav": "我认为跑步最重要的就是给我带来了身体健康",
    "cosyvoice_prompt.wav": "希望你以后能够做的比我还好呦",
    "podcast_S1.flac": (
        "啊可能说更适合美国市场应该是什么样子那这这个可能说当然"
        "如果说有有机会能亲身的去考察去了解一下那当然是有更好的帮助"
    ),
    "podcast_S2.flac": "比如具体一点的他觉得最大的一个跟他预想的不一样的是在什么地方",
}


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), dtype=np.float32)


def tone(hz: float, seconds: float, dbov: float) -> Samples:
    """A sine of that level: amplitude ``sqrt(2) * 10^(dbov/20)``."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (np.sqrt(2) * 10 ** (dbov / 20) * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)


def band_noise(
    seconds: float, dbov: float, *, seed: int, low_hz: float = 350, high_hz: float = 3350
) -> Samples:
    """Gaussian noise inside the band, scaled to exactly that level."""
    n = round(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(n))
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0
    noise = np.fft.irfft(spectrum, n)
    return (noise * 10 ** (dbov / 20) / np.sqrt(np.mean(noise**2))).astype(np.float32)


def voice(
    hz: float | Callable[[np.ndarray], np.ndarray], seconds: float, dbov: float, *, lowest_hz: float = 0.0
) -> Samples:
    """Harmonics of a (gliding) fundamental from ``lowest_hz`` to 3300 Hz, 1/k each, at that level."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    f0 = hz(time_s) if callable(hz) else np.full(len(time_s), float(hz))
    phase = 2 * np.pi * np.cumsum(f0) / RATE_HZ
    orders = range(1, int(3300 / f0.min()) + 1)
    sound = sum(np.cos(k * phase + k) / k * ((k * f0 <= 3300) & (k * f0 >= lowest_hz)) for k in orders)
    return (sound * 10 ** (dbov / 20) / np.sqrt(np.mean(np.square(sound)))).astype(np.float32)


def join(*parts: Samples) -> Samples:
    return np.concatenate(parts)


def band_level(samples: Samples) -> float:
    """The level in the band by the other route: FFT over the whole, brick-wall."""
    spectrum = np.fft.rfft(samples.astype(np.float64))
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    return float(power_to_dbov(np.mean(np.fft.irfft(spectrum, len(samples)) ** 2)))


def turn(
    text: str,
    *segments: Segment,
    role: str = "agent",
    **more: object,
) -> Turn:
    """A turn over segments, its text shared out by duration."""
    total = sum(s.end_s - s.start_s for s in segments)
    parts, done, first = [], 0.0, 0
    for item in segments:
        done += item.end_s - item.start_s
        last = round(len(text) * done / total)
        parts.append(TurnPart(item.start_s, item.end_s, first, last))
        first = last
    return Turn(
        role=role,  # type: ignore[arg-type]
        channel=segments[0].channel,
        start_s=segments[0].start_s,
        end_s=segments[-1].end_s,
        text=text,
        parts=tuple(parts),
        **more,  # type: ignore[arg-type]
    )


def measure(
    *legs: Samples,
    segments: Sequence[Segment] = (),
    turns: Sequence[Turn] = (),
    roles: Roles = KNOWN,
    events: Sequence[Event] = (),
    layout: Layout = "two_legs",
    rate_hz: int = RATE_HZ,
    **more: object,
) -> CallMeasurements:
    """`measure_call` over plain samples."""
    channels = [Channel(i, samples, rate_hz) for i, samples in enumerate(legs)]
    return measure_call(
        channels,
        segments=segments,
        turns=turns,
        roles=roles,
        events=events,
        layout=layout,
        **more,  # type: ignore[arg-type]
    )


def agent(found: CallMeasurements, name: str) -> float:
    value = found.measurements["agent"][name].value
    assert value is not None, found.measurements["agent"][name]
    return value


def gate(samples: Samples, *, channel: int = 0, below_top_db: float = 32.0) -> list[Segment]:
    """Segments by level alone, gaps under 0.3 s closed: enough for clean clips, and no other stage needed."""
    power = measure_frames(Channel(channel, samples, RATE_HZ)).power
    db = power_to_dbov(power)
    active = db > max(np.quantile(db, 0.95) - below_top_db, np.quantile(db, 0.02) + 6)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], active, [False])).astype(int))) / 100
    joined: list[list[float]] = []
    for start_s, end_s in zip(edges[::2], edges[1::2], strict=True):
        if joined and start_s - joined[-1][1] < 0.3:
            joined[-1][1] = end_s
        else:
            joined.append([start_s, end_s])
    return [Segment(channel, float(a), float(b)) for a, b in joined if b - a >= 0.1]


def load(source: Path | io.BytesIO) -> Samples:
    """A clip as mono at 8 kHz."""
    import av

    with av.open(str(source) if isinstance(source, Path) else source) as container:
        to_float = av.AudioResampler(format="flt", layout="mono")
        frames = [out for frame in container.decode(audio=0) for out in to_float.resample(frame)]
        rate_hz = frames[0].sample_rate
        samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    return resample(samples.astype(np.float32), rate_hz, RATE_HZ)


def sentences() -> dict[str, Samples]:
    return {name: load(HUMAN / "sentences" / name) for name in SENTENCES}


def words(count: int, *, seed: int, shortest: int = 1) -> dict[str, Samples]:
    """Random human words: what is said, and the sound."""
    with tarfile.open(HUMAN / "cmn-words.tar") as archive:
        members = [
            member
            for member in archive.getmembers()
            if member.name.endswith(".opus")
            and "_" not in member.name
            and len(Path(member.name).stem) >= shortest
        ]
        members.sort(key=lambda member: member.name)
        chosen = random.Random(seed).sample(members, count)
        return {
            Path(member.name).stem: load(io.BytesIO(archive.extractfile(member).read()))  # type: ignore[union-attr]
            for member in chosen
        }
