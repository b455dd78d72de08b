"""How fast a SQLite store of a million audits answers what reports and reruns ask.

    python tests/benchmarks/store_size.py STORE.db [--audits 1000000] [--agents 500] [--payload 6000]

Makes the store first where the file is missing, in bulk and by SQL: verdicts by a hash of the row's
number, in about the shares of the sample calls; ``--payload`` bytes stand for packed evidence and again
for the packed card, as many as a minute's call takes. Goals: an agent's report < 1 s, the check of
100,000 files before a rerun < 30 s.
"""

from __future__ import annotations

import argparse
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import case, func, insert, select

from auditor.judge import open_rulebook
from auditor.store import Store, evidence_among, known_sha256, open_store, remember_sha256, scorecards_among
from auditor.store.day_sums import rebuild
from auditor.store.queues import assigned_calls, waiting_calls
from auditor.store.runs import Edition
from auditor.store.tables import (
    AgentRow,
    AuditRow,
    FindingRow,
    MeasurementRow,
    MeasureRow,
    ReasonRow,
    RulebookRow,
    RuleRow,
    SpellRow,
    TeamRow,
)

YEAR = datetime(2026, 1, 1, tzinfo=UTC)
FIGURES = 45
CHUNK = 50_000
# Of 90 verdicts of a sample call about 36 pass, 2 fail, 49 do not apply and 3 are for review.
VERDICT = "CASE WHEN h < 40 THEN 0 WHEN h < 42 THEN 1 WHEN h < 97 THEN 2 ELSE 3 END"
BULK = (
    """INSERT INTO recordings SELECT n, unhexed(n), 'C' || n, '/calls/' || n || '.wav', unhexed(n), NULL,
       NULL, 60.0, day(n) FROM numbers""",
    """INSERT INTO evidence SELECT n, unhexed(n), 1, NULL, 'whisper', '{}', zeroblob(32), 1, day(n),
       randomblob(:payload) FROM numbers""",
    """INSERT INTO audits SELECT n, unhexed(n), n, n, 1, NULL, NULL, zeroblob(32), 1, 1, agent(n),
       (agent(n) - 1) / 20 + 1, '1860', 0, day(n), 60.0, 0, n % 10 = 0, 80.0 + n % 20, 100.0,
       80.0 + n % 20, 100.0, 80.0, 1.0, n % 100 = 0, 0, 1, (n % 100 = 0) * 3 + n % 997 / 997.0,
       day(n) FROM numbers""",
    "INSERT INTO payloads SELECT n, randomblob(:payload) FROM numbers",
    """INSERT INTO spells SELECT n, 0, agent(n), (agent(n) - 1) / 20 + 1, day(n), 0.0, NULL,
       80.0 + n % 20, 100.0 FROM numbers""",
    f"""INSERT INTO findings SELECT n, id, {VERDICT}, 1, 2.0, 0, 0.9, 0
       FROM (SELECT n, id, (n * 7919 + id * 104729) % 1009 % 100 AS h FROM numbers, rules)""",
    """INSERT INTO measurements SELECT n, id, (n * id) % 1000 / 10.0, 0.5 FROM numbers, measures""",
)


def fill(store: Store, file: Path, *, audits: int, agents: int, payload: int) -> None:
    """Make the audits: agents in teams of 20, calls all over a year."""
    book = open_rulebook()
    with store.writing() as session:
        names = {
            "id": 1,
            "sha256": book.sha256,
            "version": book.version,
            "pass_mark": 85.0,
            "too_short_s": 10.0,
        }
        session.execute(insert(RulebookRow).values(**names))
        session.execute(insert(ReasonRow).values(id=1, code="said"))
        session.execute(insert(TeamRow), [{"id": n, "name": f"team {n}"} for n in range(1, agents // 20 + 2)])
        session.execute(insert(AgentRow), [{"id": n, "code": f"{8000 + n}"} for n in range(1, agents + 1)])
        rules = [
            {"rule": r.id, "clause": r.clause, "title": r.title, "section": r.section} for r in book.rules
        ]
        session.execute(insert(RuleRow), rules)
        figures = [{"party": "agent", "name": f"figure_{n}", "unit": "dB"} for n in range(FIGURES)]
        session.execute(insert(MeasureRow), figures)
    connection = sqlite3.connect(file, isolation_level=None)
    connection.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-500000")
    connection.create_function("unhexed", 1, lambda n: n.to_bytes(32, "big"), deterministic=True)
    connection.create_function("agent", 1, lambda n: n * 7919 % agents + 1, deterministic=True)
    minutes = [str((YEAR + timedelta(minutes=m)).replace(tzinfo=None)) + ".000000" for m in range(365 * 1440)]
    connection.create_function("day", 1, lambda n: minutes[n * 104729 % len(minutes)], deterministic=True)
    for first in range(1, audits + 1, CHUNK):
        last = min(first + CHUNK - 1, audits)
        connection.execute("BEGIN")
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS numbers (n INTEGER PRIMARY KEY)")
        connection.execute("DELETE FROM numbers")
        connection.executemany("INSERT INTO numbers VALUES (?)", ((n,) for n in range(first, last + 1)))
        for statement in BULK:
            connection.execute(statement, {"payload": payload} if ":payload" in statement else {})
        connection.execute("COMMIT")
    connection.close()
    with store.writing() as session:
        rebuild(session)


def agent_report(store: Store, agent: int, *, since: datetime, until: datetime) -> int:
    """What an agent's report adds up: points, verdicts by rule, figures; returns his calls."""
    of_agent = (SpellRow.agent_id == agent) & (SpellRow.started_at >= since) & (SpellRow.started_at < until)
    counted = AuditRow.current & (AuditRow.rulebook_id == 1) & AuditRow.model_id.is_(None)
    calls = (
        select(AuditRow.id, AuditRow.evidence_id, SpellRow.number, SpellRow.earned, SpellRow.possible)
        .join_from(SpellRow, AuditRow, AuditRow.id == SpellRow.audit_id)
        .where(of_agent, counted, AuditRow.result != "not_scored")
        .cte()
    )
    cost = func.sum(case((FindingRow.verdict == "fail", FindingRow.weight), else_=0.0))
    same_call = (FindingRow.audit_id == calls.c.id) & (FindingRow.spell == calls.c.number)
    clauses = select(FindingRow.rule_id, FindingRow.verdict, func.count(), cost).join_from(
        calls, FindingRow, same_call
    )
    figures = select(MeasurementRow.measure_id, func.avg(MeasurementRow.value)).join_from(
        calls, MeasurementRow, MeasurementRow.evidence_id == calls.c.evidence_id
    )
    with store.reading() as session:
        number = session.scalar(select(func.count()).select_from(calls)) or 0
        session.execute(select(func.sum(calls.c.earned), func.sum(calls.c.possible))).all()
        assert session.execute(clauses.group_by(FindingRow.rule_id, FindingRow.verdict)).all()
        assert len(session.execute(figures.group_by(MeasurementRow.measure_id)).all()) == FIGURES
    return number


def resume_check(store: Store, files: int) -> None:
    """What a rerun asks before it hears anything."""
    stamps = [(f"/calls/{n}.wav", "1:1") for n in range(1, files + 1)]
    keys = [f"{n:064x}" for n in range(1, files + 1)]
    assert len(known_sha256(store, stamps)) == files
    assert len(evidence_among(store, keys)) == files
    assert len(scorecards_among(store, keys)) == files


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--audits", type=int, default=1_000_000)
    parser.add_argument("--agents", type=int, default=500)
    parser.add_argument("--payload", type=int, default=6000)
    options = parser.parse_args()

    def timed(what: str, work: object) -> object:
        begin = time.perf_counter()
        answer = work()  # type: ignore[operator]
        print(f"{what}: {time.perf_counter() - begin:.3f} s" + (f" ({answer})" if answer else ""), flush=True)
        return answer

    fresh = not options.file.exists()
    with open_store(f"sqlite:///{options.file}") as store:
        if fresh:
            sizes = {"audits": options.audits, "agents": options.agents, "payload": options.payload}
            timed(f"making {options.audits:,} audits", lambda: fill(store, options.file, **sizes))
            files = ((f"/calls/{n}.wav", "1:1", f"{n:064x}") for n in range(1, 100_001))
            timed("remembering 100,000 files", lambda: remember_sha256(store, files))
        print(f"size: {options.file.stat().st_size / 1e9:.1f} GB")
    with open_store(f"sqlite:///{options.file}") as store:
        for agent in (7, 8, 7):
            for name, days in (("month", 31), ("year", 366)):
                ends = {"since": YEAR, "until": YEAR + timedelta(days=days)}
                what = f"report of agent {agent} over a {name}"
                timed(what, lambda agent=agent, ends=ends: agent_report(store, agent, **ends))
        timed("check of 100,000 files", lambda: resume_check(store, min(100_000, options.audits)))
        worst = select(FindingRow.audit_id).where(FindingRow.rule_id == 3, FindingRow.verdict == "fail")
        with store.reading() as session:
            timed("fifty fails of a rule", lambda: len(session.execute(worst.limit(50)).all()))
        edition = Edition(1, None, "", "", None, None)
        for what in ("critical", "review"):
            timed(
                f"fifty calls that wait: {what}",
                lambda what=what: len(waiting_calls(store, edition=edition, what=what, limit=50)),
            )
        timed("what is drawn", lambda: len(assigned_calls(store, edition=edition)))


if __name__ == "__main__":
    main()
