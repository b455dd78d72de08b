"""Tells an electronic tone (ringback, busy, DTMF, a beep) from a voice.

The network answers faint tones with up to 0.6 (over -40 dBov they stay under 0.5), so what it takes
for speech is looked at again. A tone is nearly all of the sound and moves neither in pitch nor in level.
Syllables of the first tone hold their pitch too and have one or two harmonics in /u/ and /i/, but swell
and fade.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.signal import Channel
from auditor.speech.levels import BAND_HZ, read


@dataclass(frozen=True, slots=True)
class ToneGuardSettings:
    """What counts as a tone. All [O], measured on tones at -20 to -45 dBov through five codecs.

    Of one woman's 1,679 isolated syllables none is taken for a tone (31 of the first tone without the
    level).

    Attributes:
        frame_s: Length of a spectrum; one every half frame.
        purity: Share of the band's power in the two strongest peaks (DTMF has two).
        steady_hz: Greatest distance between the quartiles of the strongest peak's frequency over the
            frames: a held sung note moves by 1 % (2 Hz and more), an exchange's tone by under 0.5 Hz.
        steady_db: Greatest distance between the quartiles of the pure frames' levels: tones had at most
            2.0 (AMR lets them sag), syllables of the first tone 2.2 and more, but for 2 of 55.
        share: Share of the frames that must be pure.
        min_frames: With fewer frames nothing is called a tone.
    """

    frame_s: float = 0.064
    purity: float = 0.75
    steady_hz: float = 2.0
    steady_db: float = 2.1
    share: float = 0.7
    min_frames: int = 3


DEFAULTS = ToneGuardSettings()


def is_tone(
    channel: Channel, *, start_s: float, end_s: float, settings: ToneGuardSettings = DEFAULTS
) -> bool:
    """Whether a stretch of a leg is an electronic tone rather than a voice.

    Args:
        channel: The leg.
        start_s: Where the stretch begins.
        end_s: Where it ends.
        settings: What counts as a tone.

    Returns:
        True for one or two steady sinusoids, interrupted or not; False when it is too short to tell.
    """
    rate = channel.sample_rate_hz
    size = round(settings.frame_s * rate)
    # A minute is enough to know a tone by, and bounds the memory.
    count = min(round((end_s - start_s) * rate), 60 * rate)
    if count < size:
        return False
    samples = read(channel, first=round(start_s * rate), count=count)
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 2]
    power = np.abs(np.fft.rfft(frames * np.hanning(size), n=4 * size, axis=1)) ** 2
    hz = np.fft.rfftfreq(4 * size, 1 / rate)
    power[:, (hz < BAND_HZ[0]) | (hz > BAND_HZ[1])] = 0.0
    total = power.sum(axis=1)
    # Gaps between bursts say nothing about purity.
    heard = total > 0.05 * total.max()
    power, total = power[heard], total[heard]
    if len(total) < settings.min_frames:
        return False
    strongest = power.argmax(axis=1)
    lobe = 10  # bins of the zero-padded spectrum: the Hann window's main lobe and a little more
    bins = np.arange(len(hz))
    near = np.abs(bins - strongest[:, None]) <= lobe
    rest = np.where(near, 0.0, power)
    second = rest.argmax(axis=1)
    also = np.abs(bins - second[:, None]) <= lobe
    purity = 1 - np.where(also, 0.0, rest).sum(axis=1) / total
    pure = purity >= settings.purity
    if pure.mean() < settings.share or pure.sum() < settings.min_frames:
        return False
    faint, loud = np.quantile(10 * np.log10(total[pure]), (0.25, 0.75))
    if loud - faint > settings.steady_db:
        return False
    k = strongest[pure]
    rows = np.flatnonzero(pure)
    left, mid, right = (np.log(power[rows, np.clip(k + d, 0, len(hz) - 1)] + 1e-20) for d in (-1, 0, 1))
    offset = 0.5 * (left - right) / np.minimum(left - 2 * mid + right, -1e-9)
    peaks_hz = (k + np.clip(offset, -0.5, 0.5)) * hz[1]
    low, high = np.quantile(peaks_hz, (0.25, 0.75))
    return bool(high - low <= settings.steady_hz)
