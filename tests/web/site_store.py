"""What the site's tests look at: two teams, three agents, nine calls with sound, and an account per role."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from made_call import DURATION_S, make_audit, make_wav

from auditor.audio.files import recording_sha256
from auditor.records import CallRecord
from auditor.rulebook.load import load_rulebook
from auditor.store import (
    RunTally,
    add_account,
    channel_map,
    close_run,
    evidence_key,
    open_run,
    open_store,
    save_audit,
    save_failure,
)
from auditor.web.passwords import hash_password

PASSWORD = "correct horse 7"
# Noon in China: the calls of a day, hours apart, all fall on it whenever the tests run.
START = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0) - timedelta(days=5)
AGENTS = (("8001", "王小明", "一组"), ("8002", "李 <b>静</b>", "一组"), ("8101", "赵强", "二组"))
CALLS_EACH = 3


def fill_store(url, folder):
    """Make the store; returns ids of audits: ``{"8001": [1, 2, 3], …}``."""
    book = load_rulebook()
    sound = bytearray(make_wav(DURATION_S))
    ids = {}
    with open_store(url) as store:
        run = open_run(store, book=book, model=heard_by(), command="batch calls/", calls=9)
        for number, (agent, name, team) in enumerate(AGENTS):
            for each in range(CALLS_EACH):
                record = CallRecord(
                    call_id=f"C{agent}-{each}",
                    agent_id=agent,
                    agent_name=name,
                    team=team,
                    direction="inbound",
                    line="1860",
                    started_at=START + timedelta(hours=number + 24 * each),
                )
                path = folder / f"{record.call_id}.wav"
                sound[-1] = number * 10 + each  # another recording each
                path.write_bytes(sound)
                audit = call_of(record, path=path, book=book)
                if each == 0:
                    path.unlink()
                ids.setdefault(agent, []).append(save(store, audit, book=book, run=run))
        save_failure(
            store,
            call_id="broken-1",
            paths=["/calls/<script>alert(1)</script>.wav"],
            reason_code="no_audio",
            message="holds no audio.",
            run_id=run,
        )
        close_run(store, run, state="complete", tally=RunTally(audited=9, failed=1, audio_s=9 * DURATION_S))
        _accounts(store)
    return ids


def heard_by():
    """The model of all calls."""
    return replace(make_audit().evidence.model, sha256="a" * 64)


def call_of(record, *, path, book):
    """The made call under another record, with its sound at ``path``."""
    audit = make_audit()
    recording = replace(audit.evidence.recording, paths=(str(path),), sha256=(recording_sha256(path),))
    facts = heard_by()
    return replace(
        audit,
        call_id=record.call_id,
        evidence=replace(audit.evidence, recording=recording, call_record=record, model=facts),
        provenance=replace(
            audit.provenance,
            rulebook=book.version,
            rulebook_sha256=book.sha256,
            model=facts.name,
            model_sha256=facts.sha256,
        ),
    )


def save(store, audit, *, book, run):
    """Keep an audit; returns its id."""
    key = evidence_key(
        audio_sha256=audit.evidence.recording.sha256,
        channels=channel_map(audit.evidence.call_record),
        model_sha256=audit.provenance.model_sha256,
        options={},
        recorder=audit.evidence.recorder,
        measuring_sha256=audit.provenance.measuring_sha256,
    )
    return save_audit(store, audit, evidence_key=key, book=book, run_id=run)


def _accounts(store):
    password = hash_password(PASSWORD)
    add_account(store, name="root", role="admin", password=password, shown_name="管理员")
    add_account(store, name="inspector", role="inspector", password=password, shown_name="质检 周")
    add_account(
        store, name="boss1", role="supervisor", password=password, shown_name="陈主管", teams=["一组"]
    )
    add_account(
        store, name="boss2", role="supervisor", password=password, shown_name="林主管", teams=["二组"]
    )
    add_account(store, name="ming", role="agent", password=password, shown_name="王小明", agent="8001")
    add_account(store, name="newcomer", role="agent", password=password, shown_name="新人", agent="9999")
