"""Hold music: found on generated holds, and nowhere in human speech.

Holds: `scenes.conversation` with a stretch of music on the agent's leg, its level moved against the
speech, A-law. Recall and precision are of seconds: music inside what `auditor.pipeline` would keep
(`find_music`, less what voice activity takes for speech). False alarms: seconds of human clips and talk.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from accuracy_rows import Row
from ground_truth import coding, line, scenes, shared_audio, sounds, speakers
from ground_truth.legs import Placed, build

from auditor.audio.decode import decode
from auditor.audio.events import find_events, without_speech
from auditor.signal import Channel, resample
from auditor.speech.active import find_speech

CLIPS = shared_audio.AUDIO if hasattr(shared_audio, "AUDIO") else None


def rows(*, quick: bool) -> list[Row]:
    """The rows of this section; some 5 minutes on one core, ``quick`` one."""
    count = 4 if quick else 30
    return [*_holds(count), *_talk(count), *_human()]


def music_in(channels: list[Channel]) -> list[tuple[int, float, float]]:
    """(channel, start, end) of the music that the pipeline would keep."""
    events = find_events(channels)
    segments = [segment for leg in find_speech(channels, events=events) for segment in leg]
    events = without_speech(events, segments=segments)
    return [(e.channel or 0, e.start_s, e.end_s) for e in events if e.kind == "music"]


def _holds(count: int) -> Iterator[Row]:
    for level_dbov in (-18.0, -30.0, -42.0):
        true_s = hit_s = found_s = 0.0
        for seed in range(count):
            rng = np.random.default_rng([seed, 83])
            before, after = (speakers.say(speakers.pair(rng)[0], 6, rng=rng) for _ in range(2))
            seconds = float(rng.uniform(6, 20))
            start_s = 1 + before.duration_s + 0.7
            placed = [
                Placed(before, 1.0, -24.0, "agent", "agent"),
                Placed(sounds.music(seconds, rng=rng), start_s, level_dbov, "agent"),
                Placed(after, start_s + seconds + 0.7, -24.0, "agent", "agent"),
            ]
            call = build(placed, duration_s=start_s + seconds + after.duration_s + 2, seed=seed)
            call = coding.through(line.floor_noise(call, level_dbov=-64, seed=seed), "alaw")
            true_s += seconds
            for channel, begin_s, end_s in music_in(call.channels()):
                found_s += end_s - begin_s
                if channel == 0:
                    hit_s += max(0.0, min(end_s, start_s + seconds) - max(begin_s, start_s))
        name = f"hold music at {level_dbov:.0f} dBov"
        yield Row("events", f"{name}: recall of seconds", hit_s / true_s, count)
        yield Row("events", f"{name}: precision of seconds", hit_s / max(found_s, 1e-9), count)


def _talk(count: int) -> Iterator[Row]:
    wrong_s = 0.0
    for seed in range(count):
        call = scenes.conversation(70_000 + seed, duration_s=60, hold=False)
        wrong_s += sum(end_s - begin_s for _, begin_s, end_s in music_in(call.channels()))
    yield Row("events", "music heard in generated talk without any", wrong_s, count, unit="s", note="minutes")


def _human() -> Iterator[Row]:
    if not shared_audio.HAS_SHARED_AUDIO:
        return
    wrong_s = total_s = 0.0
    paths = [p for p in sorted(CLIPS.glob("*/*.*")) if p.suffix in (".wav", ".flac")] if CLIPS else []
    for path in paths:
        legs = [
            Channel(c.index, resample(np.asarray(c.samples), c.sample_rate_hz, 8000), 8000)
            for c in decode(path).channels
        ]
        total_s += sum(leg.duration_s for leg in legs)
        wrong_s += sum(end_s - begin_s for _, begin_s, end_s in music_in(legs))
    yield Row("events", f"music heard in {total_s:.0f} s of human clips", wrong_s, len(paths), unit="s")
