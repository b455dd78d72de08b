from __future__ import annotations

import pytest

from auditor.audio.raw import KNOWN, RawFormat, demuxer_of, parse_raw
from auditor.errors import UsageError


def test_codec_rate_and_channels_are_read():
    assert parse_raw("alaw:8000:2") == RawFormat(codec="alaw", sample_rate_hz=8000, channels=2)


def test_case_and_spaces_around_do_not_matter():
    assert parse_raw(" S16LE:16000:1 ") == RawFormat(codec="s16le", sample_rate_hz=16000, channels=1)


def test_telephone_names_mean_the_same_codecs():
    assert demuxer_of(parse_raw("pcma:8000:1")) == demuxer_of(parse_raw("alaw:8000:1"))
    assert demuxer_of(parse_raw("pcmu:8000:1")) == demuxer_of(parse_raw("ulaw:8000:1"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not a raw format"),
        ("alaw", "not a raw format"),
        ("alaw:8000", "not a raw format"),
        ("alaw:8k:2", "not a raw format"),
        ("alaw:-8000:2", "not a raw format"),
        ("alaw:８０００:2", "not a raw format"),
        ("vox:8000:1", "unknown codec"),
        ("alaw:800:1", "cannot be right"),
        ("alaw:8000:0", "1 or 2 channels"),
        ("alaw:8000:6", "1 or 2 channels"),
        ("gsm:8000:2", "always gsm:8000:1"),
        ("g722:8000:1", "always g722:16000:1"),
    ],
)
def test_a_wrong_format_is_one_sentence_that_repeats_it(text, why):
    with pytest.raises(UsageError, match=why) as caught:
        parse_raw(text)
    assert text in str(caught.value)


@pytest.mark.parametrize("codec", KNOWN)
def test_every_codec_offered_has_a_demuxer(codec):
    import av

    rate_hz = 16000 if codec == "g722" else 8000
    assert demuxer_of(parse_raw(f"{codec}:{rate_hz}:1"))[0] in av.formats_available
