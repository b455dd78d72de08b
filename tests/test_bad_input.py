"""Whatever is handed in, the answer is one sentence or an audit that accuses nobody."""

import json
import struct

import numpy as np
import pytest

RATE_HZ = 8000


def one_sentence(err):
    """The message, when stderr is exactly one line without a traceback."""
    lines = [line for line in err.strip().splitlines() if line]
    assert len(lines) == 1, err
    assert lines[0].startswith("auditor: ")
    assert "Traceback" not in err
    return lines[0]


def tone(frequency_hz, seconds=12.0, level=0.3):
    return level * np.sin(2 * np.pi * frequency_hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)


def both(samples):
    return np.stack([samples, samples], axis=1)


def left_only(samples):
    return np.stack([samples, np.zeros_like(samples)], axis=1)


def assert_accuses_nobody(audit):
    fails = [finding["rule"] for finding in audit["findings"] if finding["verdict"] == "fail"]
    assert fails == []
    assert all(f["reason"] for f in audit["findings"] if f["verdict"] != "pass")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.wav", b"", "empty"),
        ("text.wav", "您好,这不是录音".encode(), "text.wav"),
        (
            "header_only.wav",
            b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\0\0\0",
            "header_only.wav",
        ),
    ],
)
def test_a_file_without_audio_is_refused_by_name(run_auditor, tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    code, out, err = run_auditor("score", path)
    assert (code, out) == (3, "")
    assert words in one_sentence(err)


def test_a_missing_file_is_refused_by_name(run_auditor, tmp_path):
    code, out, err = run_auditor("score", tmp_path / "none.wav")
    assert (code, out) == (3, "")
    assert "none.wav" in one_sentence(err)


def test_a_folder_is_refused(run_auditor, tmp_path):
    code, out, err = run_auditor("score", tmp_path)
    assert (code, out) == (3, "")
    assert "folder" in one_sentence(err)


def test_six_channels_are_refused(run_auditor, write_wav):
    rng = np.random.default_rng(1)
    code, out, err = run_auditor("score", write_wav(0.1 * rng.standard_normal((RATE_HZ, 6))))
    assert (code, out) == (3, "")
    assert "6 channels" in one_sentence(err)


@pytest.mark.parametrize(
    ("name", "samples"),
    [
        ("0.2 s", left_only(tone(200, 0.2))),
        ("silence", both(np.zeros(12 * RATE_HZ))),
        ("450 Hz tone", left_only(tone(450))),
        ("music", left_only(sum(tone(f, level=0.08) for f in (262, 330, 392, 523)))),
        ("clipped square wave", left_only(np.sign(tone(300)))),
    ],
)
def test_sound_without_speech_is_not_scored_and_accuses_nobody(score_json, write_wav, name, samples):
    code, audit = score_json(write_wav(samples))
    assert code == 0
    assert audit["score"]["result"] == "not_scored"
    assert_accuses_nobody(audit)


def test_nan_in_a_float_wav_is_taken_as_silence_and_said(score_json, write_float_wav):
    samples = both(tone(300, level=0.1))
    samples[1000:1100] = np.nan
    code, audit = score_json(write_float_wav(samples))
    assert code == 0
    assert "not_finite" in audit["call"]["warnings"]
    assert_accuses_nobody(audit)


def test_a_truncated_wav_is_audited_with_a_warning(score_json, write_wav):
    path = write_wav(left_only(tone(300)))
    path.write_bytes(path.read_bytes()[: 44 + 4 * 5 * RATE_HZ])
    code, audit = score_json(path)
    assert code == 0
    assert "truncated" in audit["call"]["warnings"]
    assert audit["call"]["duration_s"] == pytest.approx(5.0, abs=0.05)


def test_an_unfinished_header_is_audited_with_a_warning(score_json, write_wav):
    path = write_wav(left_only(tone(300)))
    data = bytearray(path.read_bytes())
    data[40:44] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(bytes(data))
    code, audit = score_json(path)
    assert code == 0
    assert "unfinished_header" in audit["call"]["warnings"]
    assert audit["call"]["duration_s"] == pytest.approx(12.0, abs=0.05)


def test_a_sample_rate_of_1_khz_gives_a_sentence_or_an_audit_that_accuses_nobody(run_auditor, write_wav):
    path = write_wav(both(tone(200, 20))[::8], rate_hz=1000)
    code, out, err = run_auditor("score", path, "--format", "json")
    if code == 3:
        assert "1000 Hz" in one_sentence(err)
    else:
        assert_accuses_nobody(json.loads(out))


def test_a_record_with_a_wrong_field_is_refused(run_auditor, write_wav, tmp_path):
    record = tmp_path / "call.record.json"
    record.write_text('{"agent": "8001"}')
    code, out, err = run_auditor("score", write_wav(both(tone(300))))
    assert (code, out) == (2, "")
    assert "unknown key 'agent'" in one_sentence(err)


def test_an_agent_channel_that_does_not_exist_is_refused(run_auditor, write_wav):
    code, out, err = run_auditor("score", write_wav(tone(300)), "--agent-channel", "right")
    assert (code, out) == (2, "")
    assert "right" in one_sentence(err)


@pytest.mark.parametrize("turn", [{"role": "robot"}, {"start_s": -3}])
def test_a_transcript_with_a_wrong_turn_is_refused(run_auditor, write_wav, tmp_path, turn):
    row = {"role": "agent", "start_s": 0, "end_s": 1, "text": "您好"} | turn
    transcript = tmp_path / "t.json"
    transcript.write_text(json.dumps({"turns": [row]}))
    code, out, err = run_auditor("score", write_wav(both(tone(300))), "--transcript", transcript)
    assert (code, out) == (2, "")
    assert "turn 1" in one_sentence(err)


def test_a_transcript_of_a_longer_call_is_refused(run_auditor, write_wav, tmp_path):
    row = {"role": "agent", "start_s": 90, "end_s": 91, "text": "您好"}
    transcript = tmp_path / "t.json"
    transcript.write_text(json.dumps({"turns": [row]}))
    code, out, err = run_auditor("score", write_wav(both(tone(300))), "--transcript", transcript)
    assert (code, out) == (3, "")
    assert "give the transcript of this recording" in one_sentence(err)


def test_a_missing_checkpoint_is_refused_by_name(run_auditor, write_wav, tmp_path):
    code, out, err = run_auditor("score", write_wav(both(tone(300))), "--model", tmp_path / "none.pt")
    assert (code, out) == (2, "")
    assert "none.pt" in one_sentence(err)


def test_a_file_that_is_no_checkpoint_is_refused_by_name(run_auditor, write_wav, tmp_path):
    path = tmp_path / "not_whisper.pt"
    path.write_bytes(b"these are not weights")
    code, out, err = run_auditor("score", write_wav(both(tone(300))), "--model", path)
    assert (code, out) == (2, "")
    assert "not_whisper.pt" in one_sentence(err)


def test_an_official_model_without_network_says_how_to_bring_it(
    run_auditor, write_wav, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # the discard port: refused at once
    code, out, err = run_auditor("score", write_wav(both(tone(300))), "--model", "tiny")
    assert (code, out) == (2, "")
    assert "tiny" in one_sentence(err)
    assert not list((tmp_path / "cache").rglob("*.pt"))


def test_an_output_folder_that_does_not_exist_is_refused_before_the_work(run_auditor, write_wav, tmp_path):
    target = tmp_path / "none" / "card.json"
    code, _, err = run_auditor("score", write_wav(both(tone(300))), "-o", target)
    assert code == 2
    assert "create it first" in one_sentence(err)


def test_a_report_is_written_whole_and_alone(run_auditor, write_wav, tmp_path):
    target = tmp_path / "out" / "card.html"
    target.parent.mkdir()
    code, out, _ = run_auditor("score", write_wav(both(tone(300))), "--format", "html", "-o", target)
    assert (code, out) == (0, "")
    assert [path.name for path in target.parent.iterdir()] == ["card.html"]
