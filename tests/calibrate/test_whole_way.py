"""From reviews to a rulebook of one's own and back: what the preview said is what rescoring does."""

import json
import shutil

import pytest

from auditor.store import latest_edition, open_store, review, reviewed_call
from auditor.store.reading import iter_audits

WORDS = {"rule": "V3", "reason": "听过。", "actor": "chen", "role": "inspector", "seen": 0}


@pytest.mark.slow
def test_what_was_previewed_is_what_rescoring_changes(run_auditor, filled, labels_csv, tmp_path, paces):
    file = tmp_path / "own.db"
    shutil.copy(filled[0].removeprefix("sqlite:///"), file)
    url = f"sqlite:///{file}"
    with open_store(url) as store:
        near, far = filled[1][paces.index(424.0)], filled[1][-1]
        for audit_id in (near, far):
            review(store, audit_id, verdict="fail", **WORDS)
    code, out, err = run_auditor(
        "calibrate", labels_csv, "--store", url, "--precision", "0.95", "--accept", "ours.yaml",
        "--format", "json",
    )  # fmt: skip
    assert code == 0, err
    preview = json.loads(out)["preview"]
    code, out, err = run_auditor("rescore", "--store", url, "--rulebook", "ours.yaml", "--workers", "1")
    assert code == 0, err
    with open_store(url) as store:
        with store.reading():
            after = {audit.call_id: audit for audit in iter_audits(store, edition=latest_edition(store))}
        before = {}
        for audit_id in filled[1]:
            audit = reviewed_call(store, audit_id).audit
            before[audit.call_id] = audit
        changed = {
            (call, f.rule, f.verdict, g.verdict)
            for call, audit in before.items()
            for f, g in zip(audit.findings, after[call].findings, strict=True)
            if f.verdict != g.verdict
        }
        assert len(changed) == preview["changed"] > 0
        assert {(rule, one, other) for _, rule, one, other in changed} == {("V3", "fail", "needs_review")}
        edition = latest_edition(store)
        assert edition.rulebook.endswith("+calibrated-" + edition.rulebook[-10:])
        # The finding that stayed a fail has its decision; the one that changed is open again.
        ids = {after_id(store, audit_id): audit_id for audit_id in (near, far)}
        states = {ids[new]: reviewed_call(store, new).standings["V3"].state for new in ids}
        assert states == {near: "open", far: "reviewed"}


def after_id(store, audit_id):
    """The scorecard of the same call in the latest edition."""
    from sqlalchemy import select

    from auditor.store.tables import AuditRow

    with store.reading() as session:
        recording = select(AuditRow.recording_id).where(AuditRow.id == audit_id).scalar_subquery()
        query = select(AuditRow.id).where(AuditRow.recording_id == recording, latest_edition(store).holds())
        return session.scalars(query).one()
