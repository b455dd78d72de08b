"""Frame levels are what closed form says, however the leg is cut into blocks."""

import numpy as np
import pytest

from auditor.signal import Channel
from auditor.speech import levels
from auditor.speech.levels import frame_levels, read


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("amplitude", [0.5, 0.01])
def test_a_sine_reads_20_log_a_minus_3_db(rate, amplitude):
    t = np.arange(2 * rate) / rate
    found = frame_levels(Channel(0, (amplitude * np.sin(2 * np.pi * 1000 * t)).astype(np.float32), rate))
    assert found[5:-5] == pytest.approx(20 * np.log10(amplitude) - 3.01, abs=0.2)
    assert len(found) == 200


def test_hum_and_offset_are_no_sound():
    t = np.arange(8000) / 8000
    found = frame_levels(Channel(0, (0.3 + 0.1 * np.sin(2 * np.pi * 50 * t)).astype(np.float32), 8000))
    assert found[5:-5].max() < -45


def test_blocks_leave_no_seam(monkeypatch):
    samples = np.random.default_rng(1).standard_normal(8000 * 3).astype(np.float32) * 0.1
    whole = frame_levels(Channel(0, samples, 8000))
    monkeypatch.setattr(levels, "BLOCK_S", 0.5)
    assert np.array_equal(frame_levels(Channel(0, samples, 8000)), whole)


def test_reading_beyond_the_leg_gives_silence():
    leg = Channel(0, np.ones(4, dtype=np.float32), 8000)
    assert read(leg, first=-2, count=8).tolist() == [0, 0, 1, 1, 1, 1, 0, 0]
    assert read(leg, first=10, count=2).tolist() == [0, 0]
