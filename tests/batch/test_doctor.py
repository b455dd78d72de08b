"""Folders of recorders whose habits are known, through the command line: what is reported and written."""

import json
import tomllib

import numpy as np
import pytest
from batch.recorders import write_record
from ground_truth import coding, line, scenes, speakers
from ground_truth.legs import Placed, build
from ground_truth.speakers import say

from auditor.batch.doctor_announcements import find_announcements
from auditor.batch.doctor_call import examine
from auditor.batch.doctor_sound import levels
from auditor.inputs.config import load_settings
from auditor.records import CallRecord

TALKERS = (speakers.SYNTHETIC, speakers.SYNTHETIC_LOW)


@pytest.fixture(scope="module")
def ringing_folder(tmp_path_factory):
    """Inbound calls, agent left, A-law, from the first ring on; one broken file."""
    folder = tmp_path_factory.mktemp("ringing")
    for k in range(5):
        call = scenes.ringing(
            k, rings=1 + k % 2, leg="agent", level_dbov=-25, colour=False, talk_over=False,
            inside_ring=False, cut_by_start=False, voices=TALKERS,
        )  # fmt: skip
        (path,) = coding.write(call, folder, codec="alaw", name=f"call{k}").paths
        write_record(path, direction="inbound", call_id=str(k))
    (folder / "broken.wav").write_bytes(b"RIFF....")
    (folder / "notes.txt").write_text("not a call")
    return folder


def test_the_report_names_what_it_found_with_counts_and_what_it_wrote(run_auditor, ringing_folder, tmp_path):
    code, out, err = run_auditor("doctor", ringing_folder)
    assert code == 3  # a file was passed over
    assert err.count("\n") == 1 and "broken.wav" in err
    assert "客服在左声道:5/5 通" in out
    assert "pcm_alaw 8000 Hz 5 通" in out
    assert "回铃音:5/5 通(客服声道" in out
    assert 'agent_channel = "left"' in out
    settings = load_settings(tmp_path / "auditor.toml")
    assert (settings.recorder.agent_channel, settings.recorder.starts) == ("left", "before_answer")
    assert settings.recorder.busy_tone_heard_by is None and settings.recorder.announcements == ()


def test_a_dry_run_writes_nothing_and_json_is_data(run_auditor, ringing_folder, tmp_path):
    _, out, _ = run_auditor("doctor", ringing_folder, "--dry-run", "--format", "json", "--calls", 6)
    found = json.loads(out)
    assert not (tmp_path / "auditor.toml").exists()
    assert (found["read"], found["written"], found["with_words"]) == (5, False, False)
    assert found["recorder"] == {"agent_channel": "left", "starts": "before_answer"}
    assert {change["key"] for change in found["changes"]} == {"agent_channel", "starts"}
    assert all({"said", "agree", "of"} <= set(check) for check in found["checks"])


def test_what_a_person_wrote_is_kept_and_changes_are_named(run_auditor, ringing_folder, tmp_path):
    file = tmp_path / "auditor.toml"
    file.write_text(
        '# ours\nthreads = 1\n\n[recorder]\nagent_channel = "right"  # as Wang says\n', encoding="utf-8"
    )
    _, out, _ = run_auditor("doctor", ringing_folder)
    assert 'agent_channel = "left"(原为 "right")' in out
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# ours\nthreads = 1\n") and "as Wang says" in text
    assert tomllib.loads(text)["recorder"] == {"agent_channel": "left", "starts": "before_answer"}


@pytest.mark.parametrize("what", ["missing", "empty"])
def test_a_folder_without_calls_is_one_sentence(run_auditor, tmp_path, what):
    folder = tmp_path / "calls"
    if what == "empty":
        folder.mkdir()
    code, out, err = run_auditor("doctor", folder)
    assert code == (2 if what == "missing" else 3)
    assert out == "" and err.startswith("auditor: ") and err.count("\n") == 1


def seen(call, folder, *, codec="alaw", layout="stereo", name="call", **record):
    written = coding.write(call, folder, codec=codec, layout=layout, name=name)
    return examine(written.paths, record=CallRecord(**record))


@pytest.mark.parametrize("code", line.IDLE_CODES)
def test_the_idle_code_of_a_released_leg_is_named(tmp_path, code):
    call = scenes.ending(3, variant="plain", by="customer", voices=TALKERS, code=code)
    found = seen(call, tmp_path, codec="pcm16")
    named = {"alaw_d5": "A-law 0xD5", "alaw_55": "A-law 0x55", "ulaw_ff": "0xFF", "zero": "0xFF"}
    assert named[code] in found.legs[1].idle_code
    for leg, name in zip(found.legs, ("agent", "customer"), strict=True):
        assert leg.dead_from_s == pytest.approx(call.truth.ending.leg_end_s[name], abs=0.05)


def talk(seed=1, duration_s=20.0):
    return scenes.conversation(
        seed, duration_s=duration_s, voices=TALKERS, sounds_too=False, hold=False, overlaps=False
    )


def test_a_gate_is_told_from_a_mute_and_from_neither(tmp_path):
    plain = talk()
    pause_s = plain.truth.segments("agent")[0].end_s
    cases = {
        "plain": plain,
        "gated": line.noise_gate(plain, leg="agent"),
        "muted": line.mute(plain, leg="customer", start_s=pause_s, end_s=pause_s + 0.5),
    }
    legs = {name: seen(call, tmp_path, codec="pcm16", name=name).legs for name, call in cases.items()}
    assert [(leg.gated, leg.muted) for leg in legs["plain"]] == [(False, False)] * 2
    assert (legs["gated"][0].gated, legs["gated"][1].gated) == (True, False)
    assert not any(leg.gated for leg in legs["muted"])


def test_levels_are_told_by_leg(tmp_path):
    call = line.gain(talk(), db=-10, leg="customer")
    found = seen(call, tmp_path, codec="pcm16")
    for leg, name in zip(found.legs, ("agent", "customer"), strict=True):
        assert leg.level_dbov == pytest.approx(line.speech_level_dbov(call, name), abs=2.5)
    assert len(levels([found])) == 2


def begun_with(clip, seed, *, leg="agent", level=-22.0):
    """Announcement, then talk."""
    rng = np.random.default_rng(seed)
    placed = [Placed(clip, 0.4 + 0.7 * seed, level, leg, "system")]
    placed.append(Placed(say(TALKERS[seed % 2], 4, rng=rng), 4.0 + seed, -24.0, "customer", "customer"))
    return line.floor_noise(build(placed, duration_s=7.0 + seed, scene="announced", seed=seed), seed=seed)


def test_a_recording_that_is_played_again_is_found_through_codecs_and_gains(tmp_path):
    clip = say(speakers.SYNTHETIC, 12, rng=np.random.default_rng(5))
    codecs = ("alaw", "mulaw", "pcm16", "mp3")
    calls = [
        seen(begun_with(clip, k, level=-20.0 - 4 * k), tmp_path, codec=codec, name=f"c{k}")
        for k, codec in enumerate(codecs)
    ]
    (found,) = find_announcements(calls, least_calls=3)
    assert (found.calls, found.legs) == ((0, 1, 2, 3), (0,))


def test_different_greetings_are_no_announcement(tmp_path):
    calls = [
        seen(
            begun_with(say(TALKERS[k % 2], 12, rng=np.random.default_rng(50 + k)), k), tmp_path, name=f"d{k}"
        )
        for k in range(4)
    ]
    assert find_announcements(calls, least_calls=2) == ()


def test_mono_calls_whose_record_names_the_release_say_who_hears_busy_tone(run_auditor, tmp_path):
    folder = tmp_path / "mono"
    folder.mkdir()
    for k in range(5):
        call = scenes.ending(20 + k, variant="busy", by="customer", voices=TALKERS)
        (path,) = coding.write(call, folder, codec="mulaw", layout="mono", name=f"m{k}").paths
        write_record(path, release_party="customer")
    code, out, _ = run_auditor("doctor", folder)
    assert code == 0
    assert 'busy_tone_heard_by = "agent"' in out and 'agent_channel = "mono"' in out


def test_a_pair_is_one_call_and_its_lengths_are_compared(run_auditor, tmp_path):
    folder = tmp_path / "pairs"
    folder.mkdir()
    coding.write(talk(2, 8.0), folder, codec="alaw", layout="pair", name="p")
    _, out, _ = run_auditor("doctor", folder, "--dry-run")
    assert "读了 1 通" in out and "两个文件 1 通" in out
    assert "成对文件长短相差不超过 0.5 秒" in out


def test_busy_tone_is_reported_with_the_leg_that_carries_it(tmp_path):
    from auditor.batch.doctor_sound import tones

    call = scenes.ending(31, variant="busy", by="customer", voices=TALKERS)
    found = seen(call, tmp_path, agent_channel="left")
    said = {check.name: check.said for check in tones([found])}
    assert "客户声道(客服听到) 1 通" in said["busy_tone"]
