"""What `auditor batch` keeps of numbers: tokens, unless asked otherwise, and the verdicts that words gave."""

import json
import zlib
from concurrent.futures import Future
from types import SimpleNamespace

import numpy as np
import pytest
from sqlalchemy import select, true

from auditor import pipeline
from auditor.batch import worker
from auditor.batch.engine import Done
from auditor.batch.manifest import list_calls
from auditor.batch.plan import Plan
from auditor.batch.rescore import rescore
from auditor.batch.rescore_tally import RescoreTally
from auditor.batch.run import run_batch
from auditor.batch.stopping import Stop
from auditor.batch.tally import Tally
from auditor.batch.worker import WorkerSetup
from auditor.inputs.config import Settings
from auditor.judge import open_rulebook
from auditor.report.audit_json import dumps
from auditor.store import iter_audits, latest_edition, open_store, reviewed_call
from auditor.store.looking import scorecard_of_call
from auditor.store.search_tables import TranscriptRow
from auditor.store.tables import Base
from auditor.text.masked import has_masked, readable

NUMBER = "13988886666"
TURNS = [
    ("agent", 1.0, 3.0, "您好,中国移动,请问您的号码?"),
    ("customer", 3.5, 6.0, "幺三九八八八八六六六六。"),
    ("agent", 6.2, 9.0, "是13988886666,对吗?余额150元。"),
    ("customer", 9.3, 10.3, "对,尾号6666。"),
    ("agent", 10.5, 11.3, "请报密码。"),
    ("customer", 11.5, 12.5, "密码是零零七七。"),
    ("agent", 13.0, 14.5, "谢谢您!再见。"),
]


def hear_here(jobs, *, setup, **_):
    """What workers do, in this process: starting one takes seconds."""
    pipe = SimpleNamespace(send=lambda _message: None)
    hearer = worker.Hearer(setup, connection=pipe, book=open_rulebook())
    for job in jobs:
        opened, listened = Future(), Future()
        opened.set_result(worker.open_job(job, setup=setup))
        listened.set_result(pipeline.listen(opened.result()[1]))
        yield Done(job, worker._hear(worker._Ahead(job, opened, listened), hearer=hearer))


@pytest.fixture
def folder(tmp_path, write_wav):
    """A call whose file is named by the customer's number, which is also said; no call record."""
    noise = np.random.default_rng(1).normal(0, 0.02, (16 * 8000, 2))
    path = write_wav(noise, name=f"20261120_8001_{NUMBER}.wav")
    said = [{"role": r, "start_s": s, "end_s": e, "text": text} for r, s, e, text in TURNS]
    path.with_suffix(".transcript.json").write_text(json.dumps({"source": "human", "turns": said}), "utf-8")
    return tmp_path


def run(folder, *, database="audits.db", keep_numbers=False, book=None, **record):
    """A batch over the folder; returns the tally and the audits that count."""
    if record:
        paper = folder / f"20261120_8001_{NUMBER}.record.json"
        paper.write_text(json.dumps(record), "utf-8")
    listing = list_calls([str(folder)], settings=Settings())
    assert len(listing.calls) == 1
    setup = WorkerSetup(keep_numbers=keep_numbers)
    plan = Plan(listing.calls, setup, book or open_rulebook(), None, {}, workers=1, engine=hear_here)
    tally = Tally()
    with open_store(f"sqlite:///{folder / database}") as store:
        told = []
        run_batch(
            plan,
            store=store,
            tally=tally,
            tell=lambda _event, **facts: told.append(facts) if "reason" in facts else None,
            stop=Stop(),
        )
        assert tally.failed == 0, told
        (audit,) = iter_audits(store, edition=latest_edition(store))
    return tally, audit


def verdicts(audit):
    return {finding.rule: (finding.verdict, finding.reason_code) for finding in audit.findings}


def test_numbers_are_masked_before_anything_is_judged_and_corrections_are_masked_alike(folder):
    first, heard = run(folder)
    assert first.audited == 1
    shown = dumps(heard)
    assert "8888" not in shown and "6666" not in shown and "0077" not in shown and "零零七七" not in shown
    assert "是〈PHONE_1〉,对吗?余额150元。" in shown
    assert json.loads(shown)["call"]["id"] == "20261120_8001_〈PHONE_1〉"
    assert run(folder)[0].unchanged == 1

    # The switch's record comes later, with the number that was said: nothing is heard again.
    later, known = run(folder, customer_number=f"+86{NUMBER}", agent_id="8001")
    assert (later.audited, later.judged) == (0, 1)
    assert run(folder)[0].unchanged == 1
    assert readable(known.evidence.call_record.customer_number) == "+86139〈PHONE_1:4-11〉"
    assert verdicts(heard)["P3.4"] == ("pass", "read_back")
    assert verdicts(known)["P3.4"] == ("not_applicable", "not_arisen")  # his own number need not be read back

    # As if the record had been there from the start.
    fresh, at_once = run(folder, database="fresh.db")
    assert fresh.audited == 1
    assert verdicts(at_once) == verdicts(known)

    # Numbers are kept by another evidence, and judged alike.
    kept, clear = run(folder, keep_numbers=True)
    assert kept.audited == 1
    assert NUMBER in dumps(clear)
    assert verdicts(clear) == verdicts(known)


def test_no_secret_number_is_in_the_database_but_in_the_name_of_the_file(folder):
    run(folder, call_id=f"8001-{NUMBER}", customer_number=NUMBER)
    with open_store(f"sqlite:///{folder / 'audits.db'}") as store, store.reading() as session:
        rows = [
            (table.name, repr(row).replace(str(folder), ""))
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table)).all()
        ]
        packed = [zlib.decompress(row) for row in session.scalars(select(TranscriptRow.turns))]
        index = (folder / "audits.db").read_bytes()
    held = [(table, row) for table, row in rows if NUMBER in row]
    assert [table for table, _ in held] == ["recordings"]
    assert held[0][1].count(NUMBER) == 1
    assert "8001-〈PHONE_1〉" in held[0][1]
    assert packed and not any(digits in words for words in packed for digits in (b"8888", b"6666", b"0077"))
    assert index.count(NUMBER.encode()) == 1


def test_a_call_is_found_by_its_id_as_the_switch_writes_it_and_as_lists_show_it(folder):
    run(folder, call_id=f"8001-{NUMBER}")
    with open_store(f"sqlite:///{folder / 'audits.db'}") as store:
        for name in (f"8001-{NUMBER}", "8001-〈PHONE_1〉"):
            audit_id = scorecard_of_call(store, name, visible=true())
            assert audit_id is not None
            found = reviewed_call(store, audit_id)
            assert found.paths == (str(folder / f"20261120_8001_{NUMBER}.wav"),)
            assert has_masked(found.audit.evidence.recording.paths[0])
        assert scorecard_of_call(store, f"8002-{NUMBER}", visible=true()) is None


def test_a_batch_with_a_new_rulebook_finds_what_was_rescored(folder):
    run(folder, customer_number=NUMBER)
    other = open_rulebook().model_copy(update={"version": "2027.01", "sha256": "b" * 64})
    tally = RescoreTally()
    with open_store(f"sqlite:///{folder / 'audits.db'}") as store:
        rescore(store, book=other, tally=tally, tell=lambda _event, **_facts: None, stop=Stop())
    assert (tally.judged, tally.verdicts) == (1, {})
    assert run(folder, book=other)[0].unchanged == 1
