from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest
from audio_files import Wave, babble, channel, encode, noise, silence, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.audio.decode import decode
from auditor.audio.tones import find_tones
from auditor.signal import Channel

AUDIO = Path(__file__).parents[2].parent / "shared" / "audio"


def bursts(
    count: int,
    *,
    on_s: float,
    off_s: float,
    lead_s: float = 0.5,
    hz: float = 450,
    dbov: float = -20,
    rate_hz: int = 8000,
) -> Wave:
    one = [tone(hz, seconds=on_s, dbov=dbov, rate_hz=rate_hz), silence(off_s, rate_hz=rate_hz)]
    return np.concatenate([silence(lead_s, rate_hz=rate_hz), *(one * count)])


def on_a_line(wave: Wave, *, dbov: float = -62, rate_hz: int = 8000) -> Channel:
    return channel(
        wave + noise(seconds=len(wave) / rate_hz, dbov=dbov, rate_hz=rate_hz)[: len(wave)], rate_hz=rate_hz
    )


def kinds(leg: Channel) -> list[str]:
    return [event.kind for event in find_tones([leg])]


@pytest.mark.parametrize("rate_hz", [8000, 16000])
@pytest.mark.parametrize(
    ("kind", "on_s", "off_s", "count"),
    [
        ("ringback", 1.0, 4.0, 4),
        ("busy", 0.35, 0.35, 6),
        ("congestion", 0.7, 0.7, 3),
        ("waiting", 0.4, 4.0, 3),
    ],
)
def test_every_burst_is_found_where_it_was_sounded(kind, on_s, off_s, count, rate_hz):
    events = find_tones([on_a_line(bursts(count, on_s=on_s, off_s=off_s, rate_hz=rate_hz), rate_hz=rate_hz)])
    assert [event.kind for event in events] == [kind] * count
    for k, event in enumerate(events):
        assert event.start_s == pytest.approx(0.5 + k * (on_s + off_s), abs=0.021)
        assert event.end_s == pytest.approx(0.5 + k * (on_s + off_s) + on_s, abs=0.021)


def test_the_leg_is_named():
    leg = on_a_line(bursts(2, on_s=1, off_s=4))
    assert {event.channel for event in find_tones([Channel(1, leg.samples, 8000)])} == {1}


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(2, 5),
    lead_s=st.floats(0.3, 2.0),
    hz=st.floats(427, 473),
    dbov=st.floats(-44, -6),
    stretch=st.floats(0.93, 1.07),
)
def test_rings_are_counted_at_any_level_phase_and_tolerated_pitch(count, lead_s, hz, dbov, stretch):
    wave = bursts(count, on_s=stretch, off_s=4 * stretch, lead_s=lead_s, hz=hz, dbov=dbov)
    assert kinds(on_a_line(wave, dbov=-70)) == ["ringback"] * count


CODECS = {
    "alaw": ("pcm_alaw", "s16", "wav", None),
    "ima": ("adpcm_ima_wav", "s16p", "wav", None),
    "g723": ("g723_1", "s16", "wav", 6300),
    "mp3": ("libmp3lame", "s16p", "mp3", 16000),
    "amr low": ("libopencore_amrnb", "s16", "amr", 4750),
    "amr": ("libopencore_amrnb", "s16", "amr", 12200),
    "opus": ("libopus", "s16", "ogg", 16000),
}
CADENCES = [("ringback", 1.0, 4.0, 3), ("busy", 0.35, 0.35, 5), ("congestion", 0.7, 0.7, 4)]


@pytest.mark.parametrize("name", CODECS)
@pytest.mark.parametrize("cadence", CADENCES)
def test_cadences_survive_every_codec(tmp_path, name, cadence):
    codec, sample_format, container, bit_rate = CODECS[name]
    kind, on_s, off_s, count = cadence
    wave = bursts(count, on_s=on_s, off_s=off_s)
    wave = wave + noise(seconds=len(wave) / 8000, dbov=-60)[: len(wave)]
    path = encode(
        tmp_path / "tones",
        wave,
        codec=codec,
        sample_format=sample_format,
        container=container,
        bit_rate=bit_rate,
    )
    assert kinds(decode(path).channels[0]) == [kind] * count


def test_a_single_ring_counts():
    assert kinds(on_a_line(bursts(1, on_s=1, off_s=3))) == ["ringback"]


def test_a_ring_that_the_files_start_cuts_off_counts_when_another_follows():
    wave = np.concatenate([tone(450, seconds=0.4), silence(4), tone(450, seconds=1), silence(2)])
    assert kinds(on_a_line(wave)) == ["ringback", "ringback"]


def test_a_ring_cut_short_by_the_answer_counts():
    wave = np.concatenate(
        [bursts(2, on_s=1, off_s=4), tone(450, seconds=0.4), silence(0.3), babble(seconds=3, seed=1)]
    )
    assert kinds(on_a_line(wave)) == ["ringback"] * 3


@pytest.mark.parametrize("on_s", [0.14, 0.4, 0.9])
def test_a_single_ring_that_the_files_start_cuts_off_counts(on_s):
    wave = np.concatenate([tone(450, seconds=on_s), silence(1.5), babble(seconds=3, seed=1)])
    assert kinds(on_a_line(wave)) == ["ringback"]


def test_rings_under_talk_count_where_the_cadence_says_they_are():
    wave = bursts(4, on_s=1, off_s=4, dbov=-28)
    talk = np.concatenate([silence(5), babble(seconds=6.5, seed=4, dbov=-22), silence(10)])
    assert len(kinds(on_a_line(wave + np.resize(np.pad(talk, (0, 8000)), len(wave))))) == 4


def test_the_copy_that_leaks_into_the_other_leg_is_no_second_ring():
    wave = bursts(3, on_s=1, off_s=4, dbov=-15)
    legs = [channel(wave + noise(seconds=15.5, dbov=-62)), channel(0.1 * wave, index=1)]
    assert [event.channel for event in find_tones(legs)] == [0, 0, 0]


def test_the_first_ring_may_follow_an_announcement_at_once():
    announcement = noise(seconds=3, dbov=-25)
    rings = bursts(3, on_s=1, off_s=4, lead_s=0)
    leg = on_a_line(np.concatenate([announcement, rings]))
    assert kinds(leg) == ["ringback"] * 3
    assert kinds(on_a_line(np.concatenate([announcement, rings[: 2 * 8000]]))) == ["ringback"]


def test_a_busy_tone_that_the_files_end_cuts_off_is_busy():
    wave = np.concatenate([bursts(3, on_s=0.35, off_s=0.35), tone(450, seconds=0.2)])
    assert set(kinds(on_a_line(wave))) == {"busy"}


def test_rings_then_speech_then_busy_are_told_apart():
    wave = np.concatenate(
        [
            bursts(2, on_s=1, off_s=4),
            babble(seconds=8, seed=3),
            silence(0.5),
            bursts(4, on_s=0.35, off_s=0.35),
        ]
    )
    assert kinds(on_a_line(wave)) == ["ringback"] * 2 + ["busy"] * 4


@pytest.mark.parametrize(
    "wave",
    [
        tone(450, seconds=30),
        bursts(4, on_s=1, off_s=4, hz=400),
        bursts(4, on_s=1, off_s=4, hz=500),
        bursts(4, on_s=1, off_s=4, dbov=-55),
        bursts(2, on_s=0.35, off_s=0.35),
        bursts(6, on_s=0.1, off_s=0.1),
        bursts(3, on_s=2, off_s=4),
        np.concatenate([babble(seconds=3, seed=2), bursts(1, on_s=0.5, off_s=2)]),
        noise(seconds=20, dbov=-20),
        babble(seconds=20, seed=5),
        silence(3),
        silence(0),
        silence(0.001),
    ],
    ids=[
        "continuous tone",
        "400 Hz",
        "500 Hz",
        "too faint",
        "two short beeps",
        "fast beeps",
        "2 s bursts",
        "one short beep after other sound",
        "noise",
        "speech-like noise",
        "silence",
        "no samples",
        "under one frame",
    ],
)
def test_other_sound_is_no_signalling_tone(wave):
    assert kinds(channel(wave)) == []


def test_dual_tones_are_no_signalling_tone():
    wave = bursts(4, on_s=1, off_s=4, hz=440, dbov=-20) + bursts(4, on_s=1, off_s=4, hz=480, dbov=-20)
    assert kinds(on_a_line(wave)) == []


@pytest.mark.parametrize("harmonics", [1, 3, 8])
def test_hold_music_around_450_hz_is_no_signalling_tone(harmonics):
    rng = np.random.default_rng(3)
    notes = []
    for hz in rng.choice([261.6, 293.7, 329.6, 349.2, 392.0, 440.0, 466.2, 493.9], size=300):
        seconds = float(rng.choice([0.35, 0.5, 0.7, 1.0]))
        t = np.arange(round(seconds * 8000)) / 8000
        note = sum(np.sin(2 * np.pi * hz * k * t) / k**1.5 for k in range(1, harmonics + 1))
        notes.append(0.2 * note * np.exp(-t) * np.minimum(1, t / 0.01))
    assert kinds(channel(np.concatenate(notes))) == []


def test_human_syllables_hold_no_signalling_tone():
    archive = AUDIO / "cmn-syllables.tar"
    if not archive.exists():
        pytest.skip("the human recordings (../shared/audio) are not here")
    import io

    import av

    parts = []
    with tarfile.open(archive) as tar:
        names = [member for member in tar.getmembers() if member.name.endswith(".opus")][::12]
        for member in names:
            with av.open(io.BytesIO(tar.extractfile(member).read())) as container:
                resampler = av.AudioResampler("flt", "mono", 8000)
                parts += [
                    part.to_ndarray()[0]
                    for frame in container.decode(audio=0)
                    for part in resampler.resample(frame)
                ]
    assert kinds(channel(np.concatenate(parts))) == []


@pytest.mark.parametrize(
    "clip", sorted(AUDIO.glob("*/*.wav")) + sorted(AUDIO.glob("*/*.flac")), ids=lambda p: p.name
)
def test_human_speech_holds_no_signalling_tone(clip):
    for leg in decode(clip).channels:
        assert kinds(leg) == []
