"""The card of a checkpoint: intervals, alignment of segment times, the whole command on what ships."""

import itertools
import json
import random
import shutil
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recipe import card, card_facts, card_norms, card_openings, card_phrases, card_probes, intervals, times

from auditor.asr.checkpoints import SHIPPED
from auditor.records import Measurement, Turn, TurnPart
from auditor.speech.vad import find_segments


def test_an_error_rate_counts_characters_and_not_clips():
    found = intervals.error_rate([(1, 1), (0, 99)])
    assert found["value"] == 0.01
    assert found["lower_95"] <= 0.01 <= found["upper_95"]


def test_a_segment_between_two_marks_has_text():
    begin = 100
    tokens = [begin + 10, 5, 6, begin + 60, begin + 75, 7, begin + 100, begin + 140]
    assert times.heard_segments(tokens, first_mark=begin) == [
        (pytest.approx(0.2), pytest.approx(1.2)),
        (pytest.approx(1.5), pytest.approx(2.0)),
    ]


def test_a_missing_segment_shifts_nobody():
    true = [(0.0, 1.0), (1.5, 2.5), (3.0, 4.0)]
    assert times.pair_up(true, [(0.1, 1.1), (3.1, 4.0)]) == [(0, 0), (2, 1)]


def test_an_extra_segment_is_no_match():
    assert times.pair_up([(3.0, 4.0)], [(0.0, 0.4), (3.0, 4.1), (9.0, 9.5)]) == [(0, 1)]


def test_segments_more_than_two_seconds_off_in_sum_are_one_missing_and_one_extra():
    assert times.pair_up([(0.0, 1.0)], [(1.2, 2.2)]) == []


@given(st.lists(st.floats(0, 29), min_size=2, max_size=12, unique=True))
def test_what_was_heard_right_is_paired_whole(marks):
    ordered = sorted(marks)
    spans = list(zip(ordered[::2], ordered[1::2], strict=False))
    assert times.pair_up(spans, spans) == [(i, i) for i in range(len(spans))]


def test_a_missed_target_is_a_weakness_and_a_met_one_is_not():
    some = {"value": 0.5, "lower_95": 0.4, "upper_95": 0.6}
    table = {"random_words": card_facts._row("random_words", some)}
    assert card_facts.weaknesses(table, known=["loud music"])[1:] == ["loud music"]
    met = {"random_words": card_facts._row("random_words", some | {"value": 0.1})}
    assert card_facts.weaknesses(met, known=()) == []


def test_an_opening_of_each_quarter_is_what_its_number_says():
    for number in range(8):
        one = card_openings.draw(number)
        wanted = ("pass" if number & 1 else "fail", "fail" if number & 2 else "pass")
        assert one.truth == wanted, one.text


def test_an_opening_over_silence_accuses_nobody(models):
    from recipe import engines, voices

    from auditor.asr.checkpoints import read_card

    mute = voices.Voice("zz", 150, 50, 50, True)  # no such voice: the line alone is heard
    engine = engines.open_engine(models / f"{SHIPPED}.pt", card=read_card(models / f"{SHIPPED}.json"))
    opening = card_openings.Opening("喂。", mute, ("fail", "fail"))
    assert "fail" not in card_openings.verdicts_of(card_openings.hear_call(engine, opening, key="x"))


def test_limits_that_accuse_lie_three_nats_beyond_the_worst_and_five_from_zero():
    found = [card_probes.Margin(nats, present, rival=False) for nats, present in ((-3.0, True), (1.0, False))]
    assert card_probes.limits(found, accusing="absent") == (1.1, -6.0)
    assert card_probes.limits(found, accusing="present") == (5.0, -3.1)


def test_a_probe_that_was_seen_seldom_gets_no_limits():
    def halves(count):
        return [card_probes.Margin(4.0 if k % 2 else -9.0, bool(k % 2), rival=False) for k in range(count)]

    assert not card_probes.is_proven(card_probes.entry_of("opening", [], []))
    assert not card_probes.is_proven(card_probes.entry_of("opening", halves(40), halves(40)))
    assert card_probes.is_proven(card_probes.entry_of("opening", halves(80), halves(80)))


def test_the_confidence_norm_of_too_few_calls_is_none():
    assert card_norms.norm_of([0.9] * 7) is None
    assert card_norms.norm_of([0.9] * 8) == {"median": 0.9, "spread": 0.0}


def test_a_call_for_the_norm_has_a_turn_for_every_reply():
    leg = card_norms.make_leg(random.Random(1))
    pauses = [b.start_s - a.end_s for a, b in itertools.pairwise(find_segments(leg))]
    assert sum(pause > 2.0 for pause in pauses) >= 4


def test_a_call_far_below_the_norm_is_listened_to_and_an_ordinary_one_is_not():
    evidence = card_phrases.as_evidence((), duration_s=60.0)
    heard = Measurement("asr_confidence", 0.5, "probability", error=0.02)
    call = replace(evidence, measurements={"agent": {"asr_confidence": heard}})
    assert card_norms.is_reviewed(call, {"median": 0.8, "spread": 0.05})
    assert not card_norms.is_reviewed(call, {"median": 0.8, "spread": 0.15})


@pytest.mark.parametrize(("heard", "invented"), [("工号8001,请讲。", False), ("工号8002,请讲。", True)])
def test_digits_that_were_read_out_are_not_made_up(heard, invented):
    part = TurnPart(1.0, 4.0, 0, len(heard))
    turn = Turn("agent", 0, 1.0, 4.0, heard, (part,), 0.95, 0.0, ())
    evidence = card_phrases.as_evidence((turn,), duration_s=6.0)
    found = card_phrases.made_up("工号八零零一。请讲。", evidence)
    assert len(found) > 1 and any(found) == invented


def test_figures_of_another_file_are_forgotten(tmp_path):
    first = card.Finished(tmp_path / "x.json", key={"sha256": "1"})
    first.keep("words", {"value": 1})
    assert card.Finished(tmp_path / "x.json", key={"sha256": "1"}).sets == {"words": {"value": 1}}
    assert card.Finished(tmp_path / "x.json", key={"sha256": "2"}).sets == {}


def test_a_file_without_card_or_training_is_refused(tmp_path, models):
    shutil.copy(models / f"{SHIPPED}.pt", tmp_path / "stray.pt")
    with pytest.raises(SystemExit, match=r"log\.txt"):
        card.main([str(tmp_path / "stray.pt"), "--work", str(tmp_path)])


@pytest.mark.slow
def test_the_whole_card_of_the_shipped_checkpoint_is_written_and_read(tmp_path, models, capsys):
    from auditor.asr.checkpoints import find_checkpoint, read_card

    for suffix in ("pt", "json"):
        shutil.copy(models / f"{SHIPPED}.{suffix}", tmp_path)
    file = tmp_path / f"{SHIPPED}.pt"
    options = ["--scale", "0.02", "--work", str(tmp_path / "work"), "--write"]
    card.main([str(file), *options])
    printed = json.loads(capsys.readouterr().out)
    written = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    assert printed == written
    shipped = json.loads((models / f"{SHIPPED}.json").read_text(encoding="utf-8"))
    assert set(shipped) - {"phrases"} <= set(written)
    assert {"parameters", "megabytes", "variable_context", "targets", "details"} <= set(written)
    assert {"opening", "wei", "nin"} <= {*written["probes"], *written["probes_without_limits"]}
    asked = set(card_facts.TARGETS) - {"human_words", "human_sentences"}  # without --audio
    assert asked - {"openings_false_wei"} <= set(written["targets"])
    read = read_card(file.with_suffix(".json"))
    assert read.packing == read_card(models / f"{SHIPPED}.json").packing
    assert find_checkpoint(file).carded
