"""What comes out of the store is what went in, to the letter."""

from dataclasses import replace

from auditor.records import Measurement
from auditor.store import RunTally, audit_of, close_run, iter_audits, latest_edition, open_run, save_audit


def test_an_audit_comes_back_as_it_was(store, book, make_call, key_of):
    audit = make_call(call_id="C-1", direction="outbound", customer_number="13800138000")
    audit_id = save_audit(store, audit, evidence_key=key_of(audit), book=book)
    assert audit_of(store, audit_id) == audit


def test_the_legs_of_a_pair_come_back_as_two_files(store, book, make_call, key_of):
    audit = make_call(paths=("/calls/agent.wav", "/calls/customer.wav"))
    audit_id = save_audit(store, audit, evidence_key=key_of(audit), book=book)
    assert audit_of(store, audit_id).evidence.recording == audit.evidence.recording


def test_every_file_name_is_kept(store, book, make_call, key_of):
    for name in ("a 'b' \"c\"\n.wav", "\udcb5\udcbb\udcb0.wav", "bytes:x.wav", "通话" * 40 + ".wav"):
        audit = make_call(paths=(f"/calls/{name}",))
        audit_id = save_audit(store, audit, evidence_key=key_of(audit), book=book)
        assert audit_of(store, audit_id) == audit


def test_a_figure_that_is_infinite_does_not_stop_the_store(store, book, make_call, key_of):
    audit = make_call()
    loud = Measurement("snr_db", float("inf"), "dB")
    measurements = {**audit.evidence.measurements, "call": {"snr_db": loud}}
    audit = replace(audit, evidence=replace(audit.evidence, measurements=measurements))
    audit_id = save_audit(store, audit, evidence_key=key_of(audit), book=book)
    assert audit_of(store, audit_id) == audit


def test_export_streams_the_audits_that_count_in_the_order_of_saving(
    store, book, make_call, key_of, monkeypatch
):
    monkeypatch.setattr("auditor.store.reading._STRIDE", 3)
    audits = [make_call(number) for number in range(7)]
    run = open_run(store, book=book, model=audits[0].evidence.model, command="batch")
    for audit in audits:
        save_audit(store, audit, evidence_key=key_of(audit), book=book, run_id=run)
    close_run(store, run, state="complete", tally=RunTally(audited=7))
    assert list(iter_audits(store, edition=latest_edition(store))) == audits
