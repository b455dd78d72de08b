"""Limits: suggested where they help, previewed truly, written as a rulebook of the centre's own."""

from datetime import date
from pathlib import Path

import pytest
from rated_calls import rating

from auditor.calibrate.accepting import write_rulebook
from auditor.calibrate.gathering import from_labels
from auditor.calibrate.labels import read_labels
from auditor.calibrate.preview import preview
from auditor.calibrate.thresholds import changed_params, suggest, with_params
from auditor.errors import UsageError
from auditor.judge import judge, open_rulebook
from auditor.store import audit_of


def paced(value, human, machine="fail"):
    return rating(machine, human, measured={"articulation_char_per_min": value})


def v3(suggestions, param="fail_max"):
    return next(each for each in suggestions if (each.rule, each.param) == ("V3", param))


def test_the_limit_that_changes_least_and_meets_the_precision_is_suggested(book):
    ratings = [paced(421.0 + k, "pass") for k in range(10)] + [paced(440.0 + k, "fail") for k in range(30)]
    found = v3(suggest(ratings, book=book, precision=0.95))
    assert (found.outcome, found.limit, found.n) == ("change", 420, 40)
    assert found.precision.value == 0.75
    assert found.after.value >= 0.95 and found.kept == (30, 30)
    assert 428 <= found.suggested < 431  # nine of the ten wrong ones go, the last may stay


def test_a_limit_below_is_moved_down(book):
    ratings = [paced(159.0 - k, "pass") for k in range(10)] + [paced(140.0 - k, "fail") for k in range(30)]
    found = v3(suggest(ratings, book=book, precision=1.0), "fail_min")
    assert 140 <= found.suggested <= 150 and found.after.value == 1.0


@pytest.mark.parametrize(
    ("ratings", "outcome"),
    [
        ([paced(430.0 + k, "fail") for k in range(20)], "met"),
        ([paced(430.0 + k, "pass") for k in range(9)], "too_few"),
        ([paced(430.0 + k, "pass" if k % 2 else "fail") for k in range(40)], "out_of_reach"),
        (
            [paced(430.0, "pass") for _ in range(10)] + [paced(430.0, "fail") for _ in range(10)],
            "out_of_reach",
        ),
    ],
)
def test_nothing_is_suggested_without_need_or_proof(book, ratings, outcome):
    found = v3(suggest(ratings, book=book, precision=0.95))
    assert (found.outcome, found.suggested) == (outcome, None)


def test_a_whole_number_stays_whole(book):
    ratings = [
        *[rating("fail", "pass", rule="P3.1", measured={"rings": 4.0}) for _ in range(10)],
        *[rating("fail", "fail", rule="P3.1", measured={"rings": 6.0}) for _ in range(30)],
    ]
    (found,) = suggest(ratings, book=book, precision=0.9)
    assert (found.limit, found.suggested) == (3, 4)
    assert changed_params([found], book=book) == {"P3.1": {"max_rings": 4}}


def test_a_precision_that_is_no_share_is_refused(book):
    for wrong in (0, -1, 1.5, float("nan")):
        with pytest.raises(UsageError, match="--precision"):
            suggest([], book=book, precision=wrong)


@pytest.fixture
def suggested(store, edition, labels_csv, book):
    gathered = from_labels(store, read_labels(labels_csv), edition=edition, path=labels_csv)
    return suggest(gathered.ratings, book=book, precision=0.95)


def test_the_preview_is_what_judging_again_gives(store, edition, suggested, book, filled, paces):
    changes = changed_params(suggested, book=book)
    found = preview(store, edition=edition, book=book, changes=changes)
    new = with_params(book, changes)
    limit = changes["V3"]["fail_max"]
    moved = 0
    for audit_id in filled[1]:
        audit = audit_of(store, audit_id)
        before = next(f.verdict for f in audit.findings if f.rule == "V3")
        after = next(f.verdict for f in judge(audit.evidence, book=new)[0] if f.rule == "V3")
        moved += before != after
    assert found.changed == moved > 0
    assert found.moves[("V3", "fail", "needs_review")] == moved
    assert found.drifted == 0 and found.affected == sum(pace > 360 for pace in paces)
    assert 434 < limit < 445
    assert all(call.findings == (("V3", "fail", "needs_review"),) for call in found.calls)


def test_a_preview_of_too_many_calls_says_how_many_there_are(store, edition, suggested, book):
    changes = changed_params(suggested, book=book)
    found = preview(store, edition=edition, book=book, changes=changes, most_calls=5)
    assert (found.judged, found.affected) == (5, 18)


def accept(file, suggested, book, **more):
    changes = changed_params(suggested, book=book)
    options = {"base": None, "book": book, "source": "labels.csv", "today": date(2026, 11, 23), **more}
    return write_rulebook(file, suggested, changes=changes, **options)


def test_what_is_accepted_extends_the_rulebook_and_changes_nothing_else(tmp_path, suggested, book):
    shipped = Path(open_rulebook.__code__.co_filename).parents[1] / "rulebook" / "china_mobile.yaml"
    before = shipped.read_bytes()
    accept(tmp_path / "ours.yaml", suggested, book)
    ours = open_rulebook(tmp_path / "ours.yaml")
    assert ours.rules == with_params(book, changed_params(suggested, book=book)).rules
    assert ours.version == f"{book.version}+calibrated-2026-11-23"
    assert ours.changelog[0].changes[0].startswith("V3: fail_max 420 → ")
    assert shipped.read_bytes() == before


def test_what_is_accepted_extends_a_centres_file_in_its_folder(tmp_path, suggested, book):
    (tmp_path / "base.yaml").write_text("extends: china_mobile\nversion: ours\n", encoding="utf-8")
    base = open_rulebook(tmp_path / "base.yaml")
    accept(tmp_path / "new.yaml", suggested, base, base=tmp_path / "base.yaml")
    assert "extends: base.yaml" in (tmp_path / "new.yaml").read_text(encoding="utf-8")
    assert open_rulebook(tmp_path / "new.yaml").rule("V3").params["fail_max"] > 420


def test_a_rulebook_that_is_there_is_never_replaced(tmp_path, suggested, book):
    (tmp_path / "ours.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="there already"):
        accept(tmp_path / "ours.yaml", suggested, book)
    with pytest.raises(UsageError, match="no limit"):
        write_rulebook(tmp_path / "n.yaml", (), changes={}, base=None, book=book, source="x")
    assert (tmp_path / "ours.yaml").read_text(encoding="utf-8") == "mine"
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".part"] == []
