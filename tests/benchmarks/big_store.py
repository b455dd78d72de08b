"""How fast a store of a million audits answers what reports and reruns ask.

    python tests/benchmarks/big_store.py FOLDER [--audits 1000000] [--files 100000] [--agents 500]
    python tests/benchmarks/big_store.py FOLDER --url postgresql://user@host/empty_database
    python tests/benchmarks/big_store.py FOLDER --postgresql          # a server of its own, gone afterwards

Makes the store in FOLDER first (SQLite, where nothing else is said): sample calls are audited with their
transcripts, as any batch does it, and their rows copied by SQL under new ids, agents and days, whatever
columns they have; the sums by day and month are added up from theirs. A store that is there is asked again.
Words for the full-text search are not copied.

Then: `auditor report agent` and what it asks, over a month and a year; `auditor batch` over 100,000 small
files whose scorecards are all there, start of the process included. Goals: an agent's report < 1 s to ask,
the check of 100,000 files < 30 s.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "store")]

from sqlalchemy import func, insert, select, text  # noqa: E402

from auditor.batch.manifest import list_calls  # noqa: E402
from auditor.batch.plan import Plan  # noqa: E402
from auditor.batch.resume import keys_of, stamps_of  # noqa: E402
from auditor.batch.run import run_batch  # noqa: E402
from auditor.batch.stopping import Stop  # noqa: E402
from auditor.batch.tally import Tally  # noqa: E402
from auditor.batch.worker import WorkerSetup  # noqa: E402
from auditor.cli.batch import EngineName, make_plan  # noqa: E402
from auditor.inputs.config import Settings  # noqa: E402
from auditor.judge import open_rulebook  # noqa: E402
from auditor.store import latest_edition, open_store, remember_sha256  # noqa: E402
from auditor.store.day_sums import rebuild_months, sums_of  # noqa: E402
from auditor.store.queues import assigned_calls, waiting_calls  # noqa: E402
from auditor.store.selection import Selection  # noqa: E402
from auditor.store.sum_tables import DAY, NONE, DaySum, DaySumRow, day_of  # noqa: E402
from auditor.store.sums import sums, sums_by  # noqa: E402
from auditor.store.tables import (  # noqa: E402
    AgentRow,
    AuditRow,
    EvidenceRow,
    FindingRow,
    MeasurementRow,
    PayloadRow,
    RecordingRow,
    SpellRow,
    TeamRow,
)
from auditor.store.upserts import table_of  # noqa: E402

if TYPE_CHECKING:
    from auditor.store import Store

# Two legs, one agent, verdicts of every kind.
STEMS = (
    "good_call",
    "wrong_order",
    "no_greeting",
    "shouting",
    "too_fast",
    "dead_air",
    "talks_over",
    "no_offer",
    "swearing_agent",
)
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 365 * 1440
STEP = 104_729  # a prime: calls are spread over the year
CHUNK = 20_000
PEOPLE = 1000  # ids of the copies' agents and teams begin here
COPIED = (RecordingRow, EvidenceRow, MeasurementRow, AuditRow, PayloadRow, SpellRow, FindingRow)


def template_calls(store: Store, folder: Path) -> int:
    """Audit the sample calls that are copied; their ids are 1, 2, …"""
    folder.mkdir(exist_ok=True)
    for stem in STEMS:
        for path in (ROOT / "sample_calls").glob(f"{stem}.*"):
            shutil.copy(path, folder)
    listing = list_calls([str(folder)], settings=Settings())
    plan = Plan(listing.calls, WorkerSetup(), open_rulebook(), None, {}, workers=1)
    run_batch(plan, store=store, tally=Tally(), tell=lambda _event, **_facts: None, stop=Stop())
    with store.reading() as session:
        for table in (RecordingRow, EvidenceRow, AuditRow):
            assert session.scalar(select(func.max(table.id))) == len(STEMS), table.__tablename__
    return len(STEMS)


def small_files(folder: Path, *, count: int) -> None:
    """Files of a few bytes: a rerun looks at them and opens none."""
    for number in range(count):
        place = folder / f"{number // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06}.wav").write_bytes(b"RIFF%d" % number)


def known_keys(store: Store, folder: Path) -> list[tuple[str, str, str]]:
    """Evidence key, scorecard key and record hash of the small files, which are remembered as read."""
    listing = list_calls([str(folder)], settings=Settings())
    plan = make_plan(
        listing.calls,
        settings=Settings(),
        engine=EngineName.LOCAL,
        model=None,
        rulebook=None,
        raw=None,
        agent_channel=None,
        workers=1,
        retry_failed=False,
        keep_numbers=False,
    )
    found, read = [], []
    for call in listing.calls:
        assert isinstance(call.paths[0], Path)
        sha256 = hashlib.sha256(call.paths[0].read_bytes()).hexdigest()
        keys = keys_of(call, sha256=[sha256], hearing=plan.hearing)
        found.append((keys.evidence, keys.scorecard, keys.address.record_sha256))
        read += [(path, stamp, sha256) for path, stamp in stamps_of(call).items()]
    remember_sha256(store, read)
    return found


def copy_rows(store: Store, *, templates: int, audits: int, agents: int, keys: list[tuple[str, ...]]) -> None:
    """The template's rows, once for every number up to ``audits``."""
    lite = store.dialect == "sqlite"
    blob = "digest(':kind' || n)" if lite else "sha256(convert_to(':kind' || n, 'UTF8'))"
    minute = f"(CAST(n AS BIGINT) * {STEP} % {MINUTES})"
    day = (
        f"strftime('%Y-%m-%d %H:%M:00.000000', '{YEAR:%Y-%m-%d}', {minute} || ' minutes')"
        if lite
        else f"timestamptz '{YEAR:%Y-%m-%d} 00:00+00' + {minute} * interval '1 minute'"
    )
    agent, team = f"{PEOPLE} + n % {agents}", f"{PEOPLE} + n % {agents} / 20"
    new_id = f"{templates} + n"
    own = {name: f"COALESCE(known.{name}, {blob})" for name in ("evidence", "scorecard")}
    changed = {
        "recordings": {
            "id": new_id,
            "identity": blob,
            "call_id": "'C' || n",
            "path": "'/calls/' || n || '.wav'",
        },
        "evidence": {"id": new_id, "key": own["evidence"]},
        "measurements": {"evidence_id": new_id},
        "audits": {
            "id": new_id,
            "key": own["scorecard"],
            "recording_id": new_id,
            "evidence_id": new_id,
            "record_sha256": "COALESCE(known.record, old.record_sha256)",
            "agent_id": agent,
            "team_id": team,
            "started_at": day,
            "judged_at": day,
            "risk": "CASE WHEN old.risk > 0 THEN old.risk + n % 997 / 99700.0 ELSE 0 END",
        },
        "payloads": {"audit_id": new_id},
        "spells": {"audit_id": new_id, "agent_id": agent, "team_id": team, "started_at": day},
        "findings": {"audit_id": new_id},
    }
    with store.writing() as session:
        session.execute(
            insert(TeamRow), [{"id": PEOPLE + n, "name": f"班{n}"} for n in range(agents // 20 + 1)]
        )
        people = [{"id": PEOPLE + n, "code": f"A{n:04}", "name": f"员{n}"} for n in range(agents)]
        session.execute(insert(AgentRow), people)
    with store.engine.execution_options(auditor_writes=True).connect() as connection:
        if lite:
            raw: Any = connection.connection.driver_connection
            raw.create_function(
                "digest", 1, lambda t: hashlib.sha256(t.encode()).digest(), deterministic=True
            )
            raw.execute("PRAGMA cache_size=-400000")
        binary = "BLOB" if lite else "BYTEA"
        connection.execute(
            text(
                f"CREATE TEMP TABLE known (n INTEGER PRIMARY KEY, evidence {binary}, scorecard {binary},"
                f" record {binary})"
            )
        )
        rows = [
            {"n": n, **dict(zip(("e", "s", "r"), map(bytes.fromhex, those), strict=True))}
            for n, those in enumerate(keys, start=1)
        ]
        if rows:
            connection.execute(text("INSERT INTO known VALUES (:n, :e, :s, :r)"), rows)
        connection.execute(text("CREATE TEMP TABLE numbers (n INTEGER PRIMARY KEY, template INTEGER)"))
        connection.commit()
        for first in range(1, audits + 1, CHUNK):
            span = range(first, min(first + CHUNK, audits + 1))
            connection.execute(text("DELETE FROM numbers"))
            connection.execute(
                text("INSERT INTO numbers VALUES (:n, :t)"), [{"n": n, "t": n % templates + 1} for n in span]
            )
            for row in COPIED:
                statement = _copy(table_of(row), changed=changed[row.__tablename__])
                connection.exec_driver_sql(statement if lite else statement.replace("%", "%%"))
            connection.commit()
        connection.execute(text("DROP TABLE numbers"))
        connection.execute(text("DROP TABLE known"))
        connection.execute(text("ANALYZE"))
        connection.commit()


def _copy(table: Any, *, changed: dict[str, str]) -> str:
    """One statement; a column that nobody changes is copied, whatever it is called."""
    names = [column.name for column in table.columns]
    link = next(name for name in ("audit_id", "evidence_id", "id") if name in names and name in changed)
    if table.name == "audits":
        link = "id"
    values = ", ".join(changed.get(name, f'old."{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    return (
        f"INSERT INTO {table.name} ({quoted}) SELECT {values} FROM numbers"
        f" JOIN {table.name} AS old ON old.{link} = numbers.template LEFT JOIN known USING (n)"
    ).replace(":kind", table.name)


def copy_sums(store: Store, *, templates: int, audits: int, agents: int) -> None:
    """The sums by day of all copies: so many times those of their template."""
    with store.writing() as session:
        parts = {n: sums_of(session, AuditRow.id == n) for n in range(1, templates + 1)}
        counts: Counter[tuple[int, int, int, int]] = Counter()
        for n in range(1, audits + 1):
            started_at = YEAR + timedelta(minutes=n * STEP % MINUTES)
            agent = PEOPLE + n % agents
            counts[agent, PEOPLE + n % agents // 20, day_of(started_at), n % templates + 1] += 1
        made: dict[Any, DaySum] = {}
        for (agent, team, day, template), count in counts.items():
            for key, part in parts[template].items():
                whose = NONE if key.agent_id == NONE else agent
                own = key._replace(agent_id=whose, team_id=team, day=day)
                made.setdefault(own, DaySum()).add(part, sign=count)
        rows = [{**key._asdict(), **part.columns()} for key, part in made.items()]
        for first in range(0, len(rows), CHUNK):
            session.execute(insert(table_of(DaySumRow)), rows[first : first + CHUNK])
        rebuild_months(session)


def timed(what: str, work: Any) -> Any:
    """Do it, tell how long it took and what it answered."""
    begin = time.perf_counter()
    answer = work()
    told = f" ({answer})" if isinstance(answer, str | int) else ""
    print(f"{what}: {time.perf_counter() - begin:.2f} s{told}", flush=True)
    return answer


def auditor(*arguments: str) -> str:
    """The command line in a process of its own; its last line."""
    command = [sys.executable, "-m", "auditor.cli", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = (done.stdout.strip() or done.stderr.strip()).splitlines()
    return f"exit code {done.returncode}: {lines[0] if lines else ''}"


def make(store: Store, folder: Path, *, audits: int, files: int, agents: int) -> None:
    """Fill an empty store."""
    templates = timed("auditing the templates", lambda: template_calls(store, folder / "templates"))
    timed(f"writing {files:,} small files", lambda: small_files(folder / "files", count=files))
    keys = timed("their keys", lambda: known_keys(store, folder / "files"))
    sizes = {"templates": templates, "audits": audits, "agents": agents}
    timed(f"copying {audits:,} audits", lambda: copy_rows(store, keys=keys, **sizes))
    timed("sums by day and month", lambda: copy_sums(store, **sizes))


def ask(store: Store, url: str, folder: Path, *, files: int) -> None:
    """What reports and reruns ask."""
    edition = latest_edition(store)
    assert edition is not None
    for code in ("A0007", "A0008", "A0007"):
        for name, days in (("month", 31), ("year", 366)):
            chosen = Selection(YEAR, YEAR + days * DAY, agent=code)
            timed(
                f"sums of agent {code} over a {name}",
                lambda chosen=chosen: f"{sums(store, edition=edition, selection=chosen).calls} calls",
            )
    whole = Selection(YEAR, YEAR + 366 * DAY)
    timed("sums by team over a year", lambda: len(sums_by(store, "team", edition=edition, selection=whole)))
    for what in ("critical", "review"):
        timed(
            f"fifty calls that wait: {what}",
            lambda what=what: len(waiting_calls(store, editions=[edition], what=what, limit=50)),
        )
    timed("what is drawn", lambda: len(assigned_calls(store, edition=edition)))
    out = folder / "report"
    span = ("--from", "2026-03-01", "--to", "2026-03-31")
    command = ("report", "agent", "A0009", "--store", url, *span, "-o", str(out))
    timed("auditor report agent over a month, process and page included", lambda: auditor(*command))
    log = ("--log", str(folder / "log.jsonl"))
    timed(
        f"auditor batch over {files:,} files that are there, process included",
        lambda: auditor("batch", str(folder / "files"), "--store", url, *log),
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--audits", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--agents", type=int, default=500)
    parser.add_argument("--url")
    parser.add_argument("--postgresql", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    folder, files = options.folder.resolve(), min(options.files, options.audits)
    with ExitStack() as stack:
        url = options.url or f"sqlite:///{folder / 'audits.db'}"
        if options.postgresql:
            from postgres import running_cluster

            url = stack.enter_context(running_cluster()).database("big")
        with open_store(url) as store:
            with store.reading() as session:
                empty = session.scalar(select(AuditRow.id).limit(1)) is None
            if empty:
                make(store, folder, audits=options.audits, files=files, agents=options.agents)
        if url.startswith("sqlite"):
            print(f"size: {(folder / 'audits.db').stat().st_size / 1e9:.2f} GB")
        with open_store(url) as store:
            ask(store, url, folder, files=files)


if __name__ == "__main__":
    main()
