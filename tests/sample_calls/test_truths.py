"""The sample calls that ship are complete and their truths are consistent with their own words."""

import json
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import av
import pytest

from auditor.judge import open_rulebook

FOLDER = Path(__file__).resolve().parents[2] / "sample_calls"
STEMS = sorted(path.name.removesuffix(".truth.json") for path in FOLDER.glob("*.truth.json"))
AUDIO = sorted(path for path in FOLDER.iterdir() if path.suffix in {".wav", ".flac", ".mp3"})
RULES = {rule.id for rule in open_rulebook().rules}
GROUPS = {"P", "V", "C", "S", "G", "H", "W", "K", "D"}
# By the standard nobody fails these: what is missing there is for a human to judge.
NEVER_FAILS = {"P3.4", "V5", "C5", "S9", "S11", "S13"}
VERDICTS = {"pass", "fail", "not_applicable", "needs_review"}
RECORD_FIELDS = {
    "call_id",
    "agent_channel",
    "agent_id",
    "agent_name",
    "team",
    "direction",
    "line",
    "started_at",
    "queued_at",
    "ring_at",
    "answered_at",
    "customer_number",
    "transferred_to",
}
HOLIDAYS_2026 = [
    ("01-01", "01-03"),
    ("02-15", "02-23"),
    ("04-04", "04-06"),
    ("05-01", "05-05"),
    ("06-19", "06-21"),
    ("09-25", "09-27"),
    ("10-01", "10-07"),
]
MAX_BYTES = 25_000_000


def read(stem, kind):
    return json.loads((FOLDER / f"{stem}.{kind}.json").read_text(encoding="utf-8"))


def stem_of(path):
    return re.sub(r"\.(agent|customer)$", "", path.stem)


def audio_of(stem):
    return [path for path in AUDIO if stem_of(path) == stem]


def properties(path):
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        samples = sum(frame.samples for frame in container.decode(stream))
        return stream.codec_context.name, stream.rate, stream.channels, samples / stream.rate


def syllables(text):
    return len(re.findall(r"[\u4e00-\u9fff]", text))


def turns_of(stem, role):
    return [turn for turn in read(stem, "transcript")["turns"] if turn["role"] == role]


def test_every_audio_file_has_truth_record_and_transcript():
    assert {stem_of(path) for path in AUDIO} == set(STEMS)
    for stem in STEMS:
        assert (FOLDER / f"{stem}.record.json").is_file()
        assert (FOLDER / f"{stem}.transcript.json").is_file()
        assert audio_of(stem)


def test_there_are_at_least_forty_calls_and_all_the_formats():
    kinds = {properties(path)[:3] for path in AUDIO}
    assert len(STEMS) >= 40
    assert ("pcm_alaw", 8000, 2) in kinds
    assert ("pcm_alaw", 8000, 1) in kinds
    assert ("flac", 8000, 2) in kinds
    assert any(codec.startswith("mp3") and rate == 8000 for codec, rate, _ in kinds)
    assert any(len(audio_of(stem)) == 2 for stem in STEMS)


def test_the_files_are_small_enough_to_ship():
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) <= MAX_BYTES


@pytest.mark.parametrize("stem", STEMS)
def test_a_call_lasts_20_to_90_seconds(stem):
    assert all(20 <= properties(path)[3] <= 90 for path in audio_of(stem))


@pytest.mark.parametrize("stem", STEMS)
def test_the_truth_names_a_verdict_for_every_rule(stem):
    truth = read(stem, "truth")
    assert {"description", "shows", "verdicts", "text_decided"} <= truth.keys()
    assert truth["verdicts"].keys() == RULES
    assert set(truth["verdicts"].values()) <= VERDICTS
    assert set(truth["shows"]) <= truth["verdicts"].keys()
    assert set(truth["text_decided"]) <= truth["verdicts"].keys()
    assert all(truth["verdicts"][rule] != "needs_review" for rule in truth["text_decided"])


@pytest.mark.parametrize("stem", STEMS)
def test_a_fault_is_what_the_call_shows(stem):
    truth = read(stem, "truth")
    assert {rule for rule, verdict in truth["verdicts"].items() if verdict == "fail"} <= set(truth["shows"])


def test_every_clause_group_is_covered():
    truths = [read(stem, "truth") for stem in STEMS]
    shown = {
        rule for truth in truths for rule in truth["shows"] if truth["verdicts"][rule] != "not_applicable"
    }
    assert {rule[0] for rule in shown} == GROUPS


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_passes_somewhere_and_fails_where_it_can(rule):
    seen = {read(stem, "truth")["verdicts"][rule] for stem in STEMS}
    assert "pass" in seen
    assert "fail" in seen or rule in NEVER_FAILS


def test_the_model_call_has_no_fault():
    assert set(read("good_call", "truth")["verdicts"].values()) <= {"pass", "not_applicable"}


@pytest.mark.parametrize("stem", STEMS)
def test_turns_lie_inside_the_file_in_order_and_have_words(stem):
    duration_s = min(properties(path)[3] for path in audio_of(stem))
    transcript = read(stem, "transcript")
    assert transcript["source"] == "human"
    starts = [turn["start_s"] for turn in transcript["turns"]]
    assert starts == sorted(starts)
    for turn in transcript["turns"]:
        assert turn.keys() == {"role", "start_s", "end_s", "text"}
        assert turn["role"] in {"agent", "customer", "system"}
        assert 0.5 <= turn["start_s"] < turn["end_s"] <= duration_s
        assert syllables(turn["text"]) / (turn["end_s"] - turn["start_s"]) < 12


@pytest.mark.parametrize("stem", STEMS)
def test_the_turns_carry_the_sentences_of_the_truth(stem):
    transcript = read(stem, "transcript")["turns"]
    sentences = read(stem, "truth")["sentences"]
    for role in ("agent", "customer", "system"):
        spoken = "".join(turn["text"] for turn in transcript if turn["role"] == role)
        assert spoken == "".join(text for who, _, _, text in sentences if who == role)


@pytest.mark.parametrize("stem", STEMS)
def test_a_party_never_overlaps_itself(stem):
    for role in ("agent", "customer"):
        turns = turns_of(stem, role)
        assert all(one["end_s"] < other["start_s"] for one, other in pairwise(turns))


@pytest.mark.parametrize("stem", STEMS)
def test_the_call_record_has_known_fields_and_a_holiday_only_where_the_greeting_is_judged(stem):
    record = read(stem, "record")
    assert record.keys() <= RECORD_FIELDS
    assert {"call_id", "agent_id", "direction", "line", "started_at"} <= record.keys()
    started = datetime.fromisoformat(record["started_at"])
    assert started.tzinfo is not None
    assert started.year == 2026
    holiday = any(first <= f"{started:%m-%d}" <= last for first, last in HOLIDAYS_2026)
    assert holiday == (read(stem, "truth")["verdicts"]["G2"] != "not_applicable")


def test_call_ids_are_unique():
    assert len({read(stem, "record")["call_id"] for stem in STEMS}) == len(STEMS)


def test_some_records_name_the_agent_channel_and_most_do_not():
    named = [stem for stem in STEMS if "agent_channel" in read(stem, "record")]
    assert 2 <= len(named) < len(STEMS) / 2


@pytest.mark.parametrize("stem", STEMS)
def test_pace_is_judged_exactly_where_there_is_clearly_enough_speech(stem):
    turns = turns_of(stem, "agent")
    spoken = sum(syllables(turn["text"]) for turn in turns)
    verdicts = read(stem, "truth")["verdicts"]
    if verdicts["V3"] == "not_applicable":
        assert spoken <= 55 or len(turns) < 3 or properties(audio_of(stem)[0])[2] == 1
        assert verdicts["V4"] == "not_applicable"
    else:
        assert spoken >= 65
        assert len(turns) >= 3


@pytest.mark.parametrize("stem", STEMS)
def test_the_words_agree_with_what_the_truth_says_of_words(stem):
    verdicts = read(stem, "truth")["verdicts"]
    agent = [turn["text"] for turn in turns_of(stem, "agent")]
    if not agent:
        assert set(verdicts.values()) == {"not_applicable"}
        return
    if verdicts["P3.2a"] != "not_applicable":
        assert ("您好,中国移动" in agent[0]) == (verdicts["P3.2a"] == "pass")
    assert any("喂" in text for text in agent) == (verdicts["P3.2b"] == "fail")
    assert (sum(text.count("你") for text in agent) >= 2) == (verdicts["C7"] == "fail")
    if verdicts["C6"] != "not_applicable":
        takes_leave = any(word in text for text in agent[-2:] for word in ("再见", "挂机"))
        assert takes_leave == (verdicts["C6"] == "pass")
    assert ("您好" in agent[0]) == (verdicts["C1"] == "pass")


@pytest.mark.parametrize("stem", STEMS)
def test_silences_and_overlaps_agree_with_the_truth(stem):
    verdicts = read(stem, "truth")["verdicts"]
    sentences = read(stem, "truth")["sentences"]
    if not sentences:
        return
    live = [one for one in sentences if one[0] != "system"]
    pairs = list(pairwise(live))
    longest = max(after[1] - before[2] for before, after in pairs)
    announced = any("请稍等" in text for _, _, _, text in live)
    assert (longest > 10 and not announced) == (verdicts["C9"] == "fail")
    slow = [a[1] - b[2] for b, a in pairs if (b[0], a[0]) == ("customer", "agent") and a[1] - b[2] > 5]
    assert bool(slow) == (verdicts["C8b"] == "fail")
    cuts = [a for b, a in pairs if (b[0], a[0]) == ("customer", "agent") and b[2] - a[1] >= 1.0]
    assert (len(cuts) >= 2) == (verdicts["C12"] == "fail")
