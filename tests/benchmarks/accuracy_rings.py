"""Rings before the answer, and tones where there are none.

Count: 1,000 calls of `scenes.ringing` in every codec that can be written here, levels -45 to -6 dBov,
425 to 475 Hz, with talk on the other leg that leaks, answers inside a ring and files that begin inside
one. Exact: the ringback events on the ringing leg number the bursts in the file, and no other tone is found.
False tones: `scenes.noise_and_music_hours`, ten hours of talk, music, noises, keys and beeps.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import numpy as np
from accuracy_rows import Row, share_row
from ground_truth import coding, line, scenes, sounds
from ground_truth.legs import Call, Placed, build
from ground_truth.truth import LEGS

from auditor.audio.dtmf import find_keys
from auditor.audio.music import find_music
from auditor.audio.tones import find_tones

CODECS = [codec for codec in coding.CODECS if coding.can_encode(codec)]


def rows(*, quick: bool) -> list[Row]:
    """The rows of this section; some 25 minutes on one core, ``quick`` one."""
    count = 40 if quick else 1000
    return [*_counts(count), *_mono(count // 5), *_colour(count // 10), *_kinds(count // 5), *_false(quick)]


def _counts(count: int) -> Iterator[Row]:
    exact: Counter[str] = Counter()
    total: Counter[str] = Counter()
    cut = cut_found = 0
    for seed in range(20_000, 20_000 + count):
        codec = CODECS[seed % len(CODECS)]
        call = coding.through(scenes.ringing(seed), codec)
        truth = call.truth.ringing
        assert truth is not None
        events = find_tones(call.channels())
        rings = [e for e in events if e.kind == "ringback" and LEGS[e.channel or 0] == truth.leg]
        total[codec] += 1
        exact[codec] += len(rings) == truth.heard and len(rings) == len(events)
        if truth.bursts and truth.bursts[0].start_s == 0 and truth.bursts[0].duration_s >= 0.1:
            cut += 1
            cut_found += bool(rings) and rings[0].start_s < 0.05
    everything = sum(exact.values()), sum(total.values())
    yield share_row("rings", "ring count exact", *everything, target=0.995, direction="at least")
    for codec in CODECS:
        yield share_row("rings", f"ring count exact, {codec}", exact[codec], total[codec])
    yield share_row("rings", "file begins inside a ring: found at its start", cut_found, cut)


def _mono(count: int) -> Iterator[Row]:
    """Somebody talks over the rings on the same channel, as loud as talk is."""
    exact = 0
    for seed in range(30_000, 30_000 + count):
        call = scenes.ringing(seed, talk_over=True)
        assert call.truth.ringing is not None
        rings = [e for e in find_tones([call.mono()]) if e.kind == "ringback"]
        exact += len(rings) == call.truth.ringing.heard
    yield share_row("rings", "ring count exact, mono with talk over the rings", exact, count)


def _colour(count: int) -> Iterator[Row]:
    """彩铃: music in place of rings."""
    none = music = 0
    for seed in range(40_000, 40_000 + count):
        call = coding.through(scenes.ringing(seed, colour=True), CODECS[seed % len(CODECS)])
        truth = call.truth.ringing
        assert truth is not None
        legs = call.channels()
        tones = find_tones(legs)
        none += not tones
        ringing = legs[[*LEGS].index(truth.leg)]  # type: ignore[arg-type]
        music += truth.answered_s < 4 or any(e.start_s < truth.answered_s for e in find_music(ringing))
    yield share_row(
        "rings", "colour ringback music: no ring counted", none, count, target=0.99, direction="at least"
    )
    yield share_row("rings", "colour ringback music of 4 s and more: heard as music", music, count)


def _kinds(count: int) -> Iterator[Row]:
    """Busy, congestion, call waiting and keys, three to eight bursts, each named as itself alone."""
    makers = {"busy": sounds.busy, "congestion": sounds.congestion, "waiting": sounds.call_waiting}
    for kind in (*makers, "dtmf"):
        right = 0
        for seed in range(count):
            call, bursts = _sounding(kind, makers, seed=seed)
            legs = coding.through(call, CODECS[seed % len(CODECS)]).channels()
            found = [*find_tones(legs), *find_keys(legs)]
            right += {e.kind for e in found} == {kind} and len(found) == bursts
        yield share_row(
            "rings", f"{kind}: every burst and nothing else", right, count, target=0.99, direction="at least"
        )


def _sounding(kind: str, makers, *, seed: int) -> tuple[Call, int]:
    rng = np.random.default_rng([seed, 71])
    bursts = int(rng.integers(3, 9))
    if kind == "dtmf":
        keys = "".join(rng.choice(list("0123456789*#"), size=bursts))
        clip = sounds.dtmf(keys, on_s=float(rng.uniform(0.07, 0.2)), off_s=float(rng.uniform(0.06, 0.2)))
    else:
        clip = makers[kind](bursts, hz=450 + float(rng.uniform(-20, 20)))
    level = float(rng.uniform(-35, -10))
    call = build([Placed(clip, 1.0, level, "customer")], duration_s=clip.duration_s + 3, seed=seed)
    return line.floor_noise(call, level_dbov=-62, seed=seed), bursts


def _false(quick: bool) -> Iterator[Row]:
    hours = 0.1 if quick else 10.0
    found: Counter[str] = Counter()
    keys_wrong = 0
    spent_s = 0.0
    for call in scenes.noise_and_music_hours(9, hours=hours):
        legs = call.channels()
        begun = time.process_time()
        tones = find_tones(legs)
        spent_s += time.process_time() - begun
        found.update(tone.kind for tone in tones)
        true = [s for e in call.truth.events("dtmf") for s in e.active]
        keys_wrong += sum(all(s.overlap_s(e.span) == 0 for s in true) for e in find_keys(legs))
    minutes = round(hours * 60)
    false = sum(found.values())
    note = ", ".join(f"{kind} {n}" for kind, n in found.items())
    what = f"false tones in {hours:g} hours of talk and music, two legs"
    yield Row("rings", what, false, minutes, target=1, note=note)
    yield Row("rings", f"false keys (DTMF) in {hours:g} hours, two legs", keys_wrong, minutes)
    yield Row("rings", "tone detector, both legs", hours * 3600 / spent_s, minutes, unit="x real time")
