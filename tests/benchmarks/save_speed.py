"""How long a batch takes to write one audit: median of its time and processor time, statements.

    python tests/benchmarks/save_speed.py [--calls 200] [--url postgresql://user@host/empty_database]

The calls are those of judge_speed.py (three minutes, 60 turns), masked and judged
before the clock runs; twenty agents, five teams, one day. The first twenty are not counted.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

from judge_speed import make_calls
from sqlalchemy import event

from auditor import pipeline
from auditor.judge import open_rulebook
from auditor.store import open_store, save_audit
from auditor.store.masking import mask_evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.records import CallAudit
    from auditor.rulebook.schema import Rulebook

_WARM = 20
_DISTINCT = 40  # judged; the others are copies under other names


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--url")
    options = parser.parse_args()
    book = open_rulebook()
    audits = list(_audits(options.calls, book=book))
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(options.url or f"sqlite:///{folder}/audits.db") as store,
    ):
        statements = 0

        @event.listens_for(store.engine, "before_cursor_execute")
        def count(*_: Any) -> None:
            nonlocal statements
            statements += 1

        clock_s, processor_s = [], []
        for number, audit in enumerate(audits):
            if number == _WARM:
                statements = 0
            key = hashlib.sha256(f"evidence {number}".encode()).hexdigest()
            began_s, began_processor_s = time.perf_counter(), time.process_time()
            save_audit(store, audit, evidence_key=key, book=book)
            clock_s.append(time.perf_counter() - began_s)
            processor_s.append(time.process_time() - began_processor_s)
    told = " and ".join(
        f"{1000 * statistics.median(times[_WARM:]):.1f} ms{what}"
        for times, what in ((clock_s, ""), (processor_s, " of processor time"))
    )
    print(f"{len(audits) - _WARM} audits: {told} each, {statements / (len(audits) - _WARM):.1f} statements")


def _audits(count: int, *, book: Rulebook) -> Iterator[CallAudit]:
    judged = [
        pipeline.audit(mask_evidence(evidence), book=book)
        for evidence in make_calls(min(count, _DISTINCT), dense=False, seed=7)
    ]
    for number in range(count):
        audit = judged[number % len(judged)]
        record = replace(
            audit.evidence.call_record,
            call_id=f"C{number:05d}",
            agent_id=f"80{number % 20:02d}",
            team=f"班{number % 5}",
            started_at=datetime(2026, 11, 2, 1, tzinfo=UTC) + timedelta(minutes=number),
        )
        sha256 = hashlib.sha256(f"sound {number}".encode()).hexdigest()
        recording = replace(
            audit.evidence.recording, paths=(f"/calls/{record.call_id}.wav",), sha256=(sha256,)
        )
        evidence = replace(audit.evidence, call_record=record, recording=recording)
        yield replace(audit, call_id=f"C{number:05d}", evidence=evidence)


if __name__ == "__main__":
    main()
