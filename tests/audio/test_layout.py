from __future__ import annotations

import numpy as np
import pytest
from audio_files import babble, decoded, encode, loudest_hz, noise, silence, tone

from auditor.audio.decode import decode
from auditor.audio.layout import lay_out, mix_down
from auditor.errors import InputError, UsageError

AGENT = babble(seconds=20, seed=1)
CUSTOMER = babble(seconds=20, seed=2)
LINE = noise(seconds=20, dbov=-62, seed=3)


def test_one_channel_is_mono():
    recording, legs = lay_out([decoded(AGENT)])
    assert (recording.layout, recording.channels, len(legs), recording.warnings) == ("mono", 1, 1, ())


def test_two_voices_are_two_legs():
    recording, legs = lay_out([decoded(AGENT + LINE, CUSTOMER + LINE)])
    assert (recording.layout, [leg.index for leg in legs], recording.warnings) == ("two_legs", [0, 1], ())


def test_mono_copied_into_both_channels_is_one_leg():
    both = AGENT + CUSTOMER
    recording, legs = lay_out([decoded(both, both)])
    assert (recording.layout, recording.channels, len(legs)) == ("duplicated", 2, 1)
    assert recording.warnings == ("same_audio_on_both_legs",)


@pytest.mark.parametrize("gain", [0.6, 0.9, 1.5, -1.0])
def test_a_copy_with_another_gain_or_sign_is_still_a_copy(gain):
    both = AGENT + CUSTOMER
    assert lay_out([decoded(both, gain * both)])[0].layout == "duplicated"


@pytest.mark.parametrize(
    ("codec", "sample_format", "container", "bit_rate"),
    [
        ("libmp3lame", "s16p", "mp3", 16000),
        ("aac", "fltp", "ipod", 32000),
        ("libopus", "s16", "ogg", 64000),
        ("adpcm_ima_wav", "s16p", "wav", None),
        ("pcm_alaw", "s16", "wav", None),
    ],
)
def test_a_copy_is_recognised_and_two_legs_are_kept_through_codecs(
    tmp_path, codec, sample_format, container, bit_rate
):
    form = {"codec": codec, "sample_format": sample_format, "container": container, "bit_rate": bit_rate}
    both = AGENT + CUSTOMER + LINE
    copy = decode(encode(tmp_path / "copy", both, both, **form))
    legs = decode(encode(tmp_path / "legs", AGENT + LINE, CUSTOMER + LINE, **form))
    assert lay_out([copy])[0].layout == "duplicated"
    assert lay_out([legs])[0].layout == "two_legs"


def test_crosstalk_does_not_make_two_legs_one():
    recording, _ = lay_out([decoded(AGENT + 0.1 * CUSTOMER + LINE, CUSTOMER + 0.1 * AGENT + LINE)])
    assert recording.layout == "two_legs"


def test_one_talker_whose_leak_is_on_the_other_leg_stays_two_legs():
    assert lay_out([decoded(AGENT + LINE, 0.1 * AGENT + LINE[::-1])])[0].layout == "two_legs"


def test_legs_that_hold_both_parties_at_different_balance_are_two_legs():
    assert lay_out([decoded(AGENT + 0.4 * CUSTOMER, 0.4 * AGENT + CUSTOMER)])[0].layout == "two_legs"


@pytest.mark.parametrize("idle", [0.0, 8 / 32768])
def test_a_leg_without_any_sound_is_a_warning(idle):
    recording, legs = lay_out([decoded(AGENT + CUSTOMER, np.full_like(AGENT, idle))])
    assert (recording.layout, len(legs), recording.warnings) == ("two_legs", 2, ("silent_leg",))


def test_a_quiet_live_line_is_no_silent_leg():
    assert lay_out([decoded(AGENT + LINE, LINE)])[0].warnings == ()


def test_a_recording_of_nothing_is_laid_out_too():
    recording, legs = lay_out([decoded(silence(1), silence(1))])
    assert (recording.layout, len(legs), recording.warnings) == ("two_legs", 2, ("silent_leg",))


def test_channels_without_a_sound_of_their_own_are_left_out():
    nothing = np.zeros_like(AGENT)
    recording, legs = lay_out([decoded(nothing, AGENT, nothing, CUSTOMER, 0.8 * AGENT, nothing)])
    assert (recording.layout, recording.channels, recording.warnings) == ("two_legs", 6, ("extra_channels",))
    assert [leg.index for leg in legs] == [0, 1]
    assert np.allclose(legs[1].samples, CUSTOMER, atol=1e-6)


def test_three_voices_on_three_channels_are_refused():
    third = babble(seconds=20, seed=9)
    with pytest.raises(InputError, match=r"six\.wav has 3 channels with different sound"):
        lay_out([decoded(AGENT, CUSTOMER, third, name="six.wav")])


def test_a_pair_is_two_legs_in_the_order_given():
    recording, legs = lay_out([decoded(AGENT, name="a.wav"), decoded(CUSTOMER, name="c.wav")])
    assert (recording.layout, recording.channels, recording.paths) == ("pair", 2, ("a.wav", "c.wav"))
    assert recording.sha256 == ("sha-of-a.wav", "sha-of-c.wav")
    assert np.array_equal(legs[1].samples, CUSTOMER.astype(np.float32))


def test_a_pair_of_different_length_is_filled_with_silence_and_says_so():
    recording, legs = lay_out([decoded(AGENT), decoded(CUSTOMER[:-8000])])
    assert recording.warnings == ("padded_leg",)
    assert recording.duration_s == 20
    assert len(legs[0].samples) == len(legs[1].samples)
    assert not legs[1].samples[-8000:].any()


def test_a_pair_of_different_rates_gets_one_rate():
    wide = tone(600, seconds=20, rate_hz=16000)
    recording, legs = lay_out([decoded(tone(500, seconds=20)), decoded(wide, rate_hz=16000)])
    assert [leg.sample_rate_hz for leg in legs] == [16000, 16000]
    assert len(legs[0].samples) == len(legs[1].samples)
    assert [round(loudest_hz(leg.samples, rate_hz=16000)) for leg in legs] == [500, 600]
    assert recording.sample_rate_hz == 16000


def test_the_same_sound_twice_is_no_pair():
    recording, legs = lay_out([decoded(AGENT), decoded(AGENT)])
    assert (recording.layout, len(legs)) == ("duplicated", 1)


def test_a_stereo_file_in_a_pair_is_refused_by_name():
    with pytest.raises(InputError, match=r"both\.wav has 2 channels"):
        lay_out([decoded(AGENT, name="a.wav"), decoded(AGENT, CUSTOMER, name="both.wav")])


@pytest.mark.parametrize("count", [0, 3])
def test_a_call_is_one_file_or_two(count):
    with pytest.raises(UsageError, match="one or two"):
        lay_out([decoded(AGENT)] * count)


def test_the_files_warnings_are_kept():
    files = [decoded(AGENT, warnings=("truncated",)), decoded(CUSTOMER, warnings=("clipped", "truncated"))]
    assert lay_out(files)[0].warnings == ("clipped", "truncated")


def test_legs_that_share_both_parties_are_mixed_into_one():
    recording, legs = mix_down(*lay_out([decoded(AGENT + LINE, CUSTOMER + LINE)]))
    assert (recording.layout, len(legs), legs[0].index) == ("mono", 1, 0)
    both = np.clip(AGENT + CUSTOMER + 2 * LINE, -1, 1)
    assert np.allclose(legs[0].samples, both, atol=1e-4)


def test_a_silent_leg_is_left_out_of_the_mixture():
    recording, legs = mix_down(*lay_out([decoded(AGENT + LINE, silence(seconds=20))]))
    assert (recording.layout, recording.warnings) == ("mono", ())
    assert np.allclose(legs[0].samples, AGENT + LINE, atol=1e-4)
