"""Clips (see data/make_clips.py) and the engine on the checkpoint that ships, loaded once."""

from pathlib import Path

import numpy as np
import pytest

from auditor.records import Segment, Turn, TurnPart
from auditor.signal import Channel

DATA = Path(__file__).parent / "data"


def _a_law_table():
    """ITU-T G.711: the 256 values of A-law, as floats in -1..1."""
    code = np.arange(256) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    size = np.where(exponent == 0, 2 * mantissa + 1, (2 * mantissa + 33) << np.maximum(exponent - 1, 0))
    return (np.where(code & 128, size, -size) / 4096).astype(np.float32)


@pytest.fixture
def clip():
    """Load a clip as a channel: ``clip("greeted")``; several names are put one after another."""
    table = _a_law_table()

    def load(*names, index=0):
        data = b"".join((DATA / f"{name}.alaw").read_bytes() for name in names)
        return Channel(index, table[np.frombuffer(data, dtype=np.uint8)], 8000)

    return load


@pytest.fixture(scope="session")
def engine():
    from auditor.asr.whisper import load_engine

    return load_engine(None, threads=1)


@pytest.fixture
def speech_of():
    """The segments of a clip by its level alone, gaps under 0.3 s closed."""

    def find(channel):
        loud = np.convolve(channel.samples**2, np.ones(160) / 160, "same") > 1e-5
        spans = []
        for sample in np.flatnonzero(loud):
            if spans and sample - spans[-1][1] < 0.3 * channel.sample_rate_hz:
                spans[-1][1] = sample
            else:
                spans.append([sample, sample])
        rate = channel.sample_rate_hz
        return tuple(Segment(channel.index, a / rate, b / rate) for a, b in spans if b - a > 0.05 * rate)

    return find


@pytest.fixture
def turn_of():
    """All utterances of a leg as one agent turn."""

    def build(utterances, role="agent"):
        text, parts, suspects = "", [], []
        for one in utterances:
            suspects += one.suspect_spans
            end = len(text) + len(one.text)
            parts.append(TurnPart(one.segment.start_s, one.segment.end_s, len(text), end))
            text += one.text
        channel = utterances[0].segment.channel
        return Turn(
            role, channel, parts[0].start_s, parts[-1].end_s, text, tuple(parts), None, None, tuple(suspects)
        )

    return build
