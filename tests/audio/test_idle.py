from __future__ import annotations

import numpy as np
import pytest
from audio_files import Wave, babble, channel, encode, noise, pcm16, silence, write_wav
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.audio.decode import decode
from auditor.audio.idle import find_idle

STEP = 1 / 32768
COUNT = 24_000
IDLES = {
    "zero": np.zeros(COUNT),
    "A-law": np.full(COUNT, 8 * STEP),
    "A-law alternating": np.where(np.arange(COUNT) % 2, 8, -8) * STEP,
    "offset": np.full(COUNT, 100 * STEP),
    "1 bit of dither": np.random.default_rng(0).integers(-1, 2, COUNT) * STEP,
}


def live(seconds: float = 5, *, dbov: float = -60, seed: int = 1) -> Wave:
    """A live leg: speech over line noise."""
    return babble(seconds=seconds, seed=seed) + noise(seconds=seconds, dbov=dbov, seed=seed)


def spans(wave: Wave) -> list[tuple[float, float]]:
    return [(event.start_s, event.end_s) for event in find_idle(channel(wave))]


@pytest.mark.parametrize("idle", IDLES.values(), ids=IDLES)
def test_idle_code_at_the_end_is_found_from_where_it_begins(idle):
    (span,) = spans(np.concatenate([live(), idle]))
    assert span == (pytest.approx(5, abs=0.011), 8)


def test_idle_in_the_middle_is_found_too():
    found = spans(np.concatenate([live(), silence(0.5), live(seed=2), silence(1)]))
    assert found == [
        (pytest.approx(5, abs=0.011), pytest.approx(5.5, abs=0.011)),
        (pytest.approx(10.5, abs=0.011), 11.5),
    ]


def test_the_event_names_its_kind_and_leg():
    (event,) = find_idle(channel(np.concatenate([live(), silence(1)]), index=1))
    assert (event.kind, event.channel) == ("idle", 1)


def test_less_than_a_fifth_of_a_second_is_nothing():
    assert spans(np.concatenate([live(), silence(0.18), live(seed=2)])) == []


@pytest.mark.parametrize("dbov", [-50, -60, -70, -76])
def test_pauses_on_a_live_line_are_not_idle(dbov):
    assert spans(live(20, dbov=dbov)) == []


def test_a_quiet_line_that_flickers_between_the_lowest_a_law_codes_is_live():
    random_signs = np.random.default_rng(4).choice([-8, 8], size=16_000) * STEP
    assert spans(np.concatenate([live(), random_signs])) == []


@pytest.mark.parametrize("wave", [silence(3), silence(0.3)])
def test_a_leg_of_nothing_is_idle_throughout(wave):
    assert spans(wave) == [(0.0, len(wave) / 8000)]


@pytest.mark.parametrize("wave", [silence(0), silence(0.005), silence(0.1)])
def test_very_short_legs_have_no_idle(wave):
    assert spans(wave) == []


CODECS = {
    "alaw": ("pcm_alaw", "s16", "wav", None),
    "mulaw": ("pcm_mulaw", "s16", "wav", None),
    "ima": ("adpcm_ima_wav", "s16p", "wav", None),
    "ms": ("adpcm_ms", "s16", "wav", None),
    "g723": ("g723_1", "s16", "wav", 6300),
    "mp3": ("libmp3lame", "s16p", "mp3", 16000),
    "aac": ("aac", "fltp", "ipod", 24000),
    "amr": ("libopencore_amrnb", "s16", "amr", 12200),
    "amr low": ("libopencore_amrnb", "s16", "amr", 4750),
    "opus": ("libopus", "s16", "ogg", 16000),
}


@pytest.mark.parametrize("dbov", [-50, -70])
@pytest.mark.parametrize("name", CODECS)
def test_idle_is_found_through_the_smear_of_codecs_and_the_live_part_is_not(tmp_path, name, dbov):
    codec, sample_format, container, bit_rate = CODECS[name]
    wave = np.concatenate([live(6, dbov=dbov), IDLES["A-law"]])
    path = encode(
        tmp_path / "leg",
        wave,
        codec=codec,
        sample_format=sample_format,
        container=container,
        bit_rate=bit_rate,
    )
    leg = decode(path).channels[0]
    found = [event for event in find_idle(leg) if event.end_s > 1]  # some encoders start with nothing
    assert found[0].start_s == pytest.approx(6, abs=0.3)
    assert sum(event.end_s - event.start_s for event in found) == pytest.approx(3, abs=0.4)


@settings(max_examples=25, deadline=None)
@given(
    before_s=st.floats(0.5, 4),
    idle_s=st.floats(0.25, 3),
    dbov=st.floats(-74, -40),
    level=st.integers(-20, 20),
)
def test_a_constant_is_found_to_a_frame_whatever_its_value(before_s, idle_s, dbov, level):
    wave = np.concatenate([noise(seconds=before_s, dbov=dbov), np.full(round(idle_s * 8000), level * STEP)])
    (span,) = spans(wave)
    assert span == (pytest.approx(before_s, abs=0.011), pytest.approx(len(wave) / 8000))


@pytest.mark.parametrize("rate_hz", [16_000, 44_100])
def test_idle_survives_resampling(tmp_path, rate_hz):
    wave = np.concatenate([noise(seconds=2, dbov=-60, rate_hz=rate_hz), silence(1, rate_hz=rate_hz)])
    leg = decode(write_wav(tmp_path / "leg.wav", pcm16(wave), rate_hz=rate_hz)).channels[0]
    (event,) = find_idle(leg)
    assert (event.start_s, event.end_s) == (pytest.approx(2, abs=0.021), pytest.approx(3, abs=0.001))
