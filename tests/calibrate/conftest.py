"""Stores with calls whose truth is known."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rated_calls import judged_call

from auditor.rulebook.load import load_rulebook
from auditor.store import RunTally, close_run, latest_edition, open_run, open_store, save_audit


@pytest.fixture(scope="session")
def book():
    return load_rulebook()


@pytest.fixture(scope="session")
def paces():
    """Of 20 calls; above 440 is really too fast, whatever the rulebook's 420 says."""
    return [300.0] * 2 + [424.0 + 5 * k for k in range(18)]


@pytest.fixture(scope="session")
def filled(tmp_path_factory, book, paces):
    """(URL, ids of audits) of a store with those calls."""
    url = f"sqlite:///{tmp_path_factory.mktemp('calibrate')}/audits.db"
    with open_store(url) as store:
        audits = [judged_call(n, pace=pace, book=book) for n, pace in enumerate(paces)]
        run = open_run(store, book=book, model=audits[0].evidence.model, command="batch")
        ids = [
            save_audit(store, audit, evidence_key=f"{n:064x}", book=book, run_id=run)
            for n, audit in enumerate(audits)
        ]
        close_run(store, run, state="complete", tally=RunTally(audited=len(audits)))
    return url, ids


@pytest.fixture
def store(filled):
    with open_store(filled[0], create=False) as opened:
        yield opened


@pytest.fixture
def edition(store):
    return latest_edition(store)


@pytest.fixture
def labels_csv(tmp_path, paces):
    """V3 of every call as people judged it."""
    rows = [f"{n:03d},V3,{'不合格' if pace > 440 else '合格'}" for n, pace in enumerate(paces)]
    path = tmp_path / "labels.csv"
    path.write_text("通话编号,条款,人工判定\n" + "\n".join(rows) + "\n", encoding="gb18030")
    return path
