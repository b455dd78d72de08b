"""`auditor calibrate` from the table to the rulebook, and what it refuses."""

import json
from dataclasses import replace

import pytest
from rated_calls import judged_call

from auditor.asr.checkpoints import SHIPPED, checkpoint_sha256, find_checkpoint
from auditor.errors import ModelError
from auditor.judge import open_rulebook
from auditor.store import RunTally, close_run, open_run, open_store, save_audit


def test_labels_against_a_store_as_text(run_auditor, filled, labels_csv):
    code, out, err = run_auditor("calibrate", labels_csv, "--store", filled[0])
    assert (code, err) == (0, "")
    assert "V3 语速适中  n=20" in out and "误判" in out and "κ" in out
    assert "值得一听的分歧" in out and "不足 10 通" in out


def test_limits_are_shown_then_accepted_into_a_new_rulebook(run_auditor, filled, labels_csv, tmp_path):
    arguments = ("calibrate", labels_csv, "--store", filled[0], "--precision", "0.95")
    code, out, _ = run_auditor(*arguments, "--format", "json")
    data = json.loads(out)
    assert code == 0 and data["format"] == 1
    (change,) = [each for each in data["suggestions"] if each["outcome"] == "change"]
    assert (change["rule"], change["param"]) == ("V3", "fail_max")
    assert data["preview"]["changed"] == data["preview"]["findings"][0]["count"]
    code, out, err = run_auditor(*arguments, "--accept", "ours.yaml", "--rule", "V3", "-o", "report.txt")
    assert code == 0 and "ours.yaml written" in err
    assert open_rulebook(tmp_path / "ours.yaml").rule("V3").params["fail_max"] == change["suggested"]
    assert "420 → " in (tmp_path / "report.txt").read_text(encoding="utf-8")


def test_the_page_needs_nothing_else_and_escapes_what_people_wrote(run_auditor, tmp_path):
    (tmp_path / "labels.csv").write_text(
        "call,rule,verdict,machine,reason\n"
        + "".join(f"c{n},V3,pass,fail,<script>alert({n})</script>\n" for n in range(12)),
        encoding="utf-8",
    )
    code, out, _ = run_auditor("calibrate", "labels.csv", "--format", "html")
    assert code == 0 and out.startswith("<!doctype html>")
    assert "<script" not in out and "&lt;script&gt;" in out and "http" not in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--accept", "x.yaml"), "--precision"),
        (("--precision", "7"), "--precision is a share"),
        (("--precision", "0.95", "--rule", "C1"), "no limit to change"),
        (("--rulebook", "none.yaml", "--precision", "0.9"), "none.yaml"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(run_auditor, filled, labels_csv, arguments, said):
    code, out, err = run_auditor("calibrate", labels_csv, "--store", filled[0], *arguments)
    assert code == 2 and said in err and out == "" and "Traceback" not in err


def test_another_rulebook_than_the_runs_is_refused(run_auditor, filled, labels_csv, tmp_path):
    (tmp_path / "o.yaml").write_text("extends: china_mobile\nversion: o\npass_mark: 70\n", encoding="utf-8")
    code, _, err = run_auditor(
        "calibrate", labels_csv, "--store", filled[0], "--precision", "0.9", "--rulebook", "o.yaml"
    )
    assert code == 2 and "--rulebook" in err


def test_without_store_labels_or_reviews_it_says_what_to_do(run_auditor, tmp_path):
    code, _, err = run_auditor("calibrate")
    assert code == 2 and "auditor batch" in err
    open_store(f"sqlite:///{tmp_path}/audits.db").close()
    code, _, err = run_auditor("calibrate")
    assert code == 2 and "no run is complete" in err


def test_norms_of_too_few_calls_are_refused(run_auditor, filled):
    code, _, err = run_auditor("calibrate", "--norms", "--store", filled[0])
    assert code == 2 and "20 calls" in err


def test_norms_are_median_and_spread_of_the_models_calls(run_auditor, tmp_path, book):
    first = judged_call(0, pace=300.0, book=book)
    with open_store(f"sqlite:///{tmp_path}/audits.db") as store:
        run = open_run(store, book=book, model=first.evidence.model, command="batch")
        for number in range(31):
            agent = dict(first.evidence.measurements["agent"])
            agent["asr_confidence"] = replace(agent["asr_confidence"], value=0.70 + number / 100)
            evidence = replace(
                first.evidence,
                measurements={**first.evidence.measurements, "agent": agent},
                recording=replace(
                    first.evidence.recording, sha256=(f"{number:064x}",), paths=(f"/{number}",)
                ),
            )
            audit = replace(first, evidence=evidence, call_id=str(number))
            save_audit(store, audit, evidence_key=f"{number:064x}", book=book, run_id=run)
        close_run(store, run, state="complete", tally=RunTally(audited=31))
    code, out, err = run_auditor("calibrate", "--norms")
    norm = json.loads(out)
    assert code == 0 and f"{SHIPPED}.norm.json" in err
    assert (norm["median"], norm["calls"], norm["model"]) == (0.85, 31, SHIPPED)
    assert norm["spread"] == pytest.approx(1.4826 * 0.08, abs=1e-3)
    assert norm["median_low"] < 0.85 < norm["median_high"]


def test_a_centres_norm_takes_the_place_of_the_cards(tmp_path):
    shipped = find_checkpoint(None)
    assert shipped.facts.confidence_norm == shipped.card.confidence_norm
    norm = {"median": 0.7, "spread": 0.1, "sha256": checkpoint_sha256(shipped.path)}
    (tmp_path / f"{SHIPPED}.norm.json").write_text(json.dumps(norm), encoding="utf-8")
    assert find_checkpoint(None, folders=[tmp_path]).facts.confidence_norm == (0.7, 0.1)
    (tmp_path / f"{SHIPPED}.norm.json").write_text(json.dumps({**norm, "sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(ModelError, match="another checkpoint"):
        find_checkpoint(None, folders=[tmp_path])
    (tmp_path / f"{SHIPPED}.norm.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="restore or remove"):
        find_checkpoint(None, folders=[tmp_path])
