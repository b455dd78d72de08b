"""How fast a store is judged again by another rulebook, with one process and with several.

    python tests/benchmarks/rescore_speed.py [--calls 1000] [--workers 2]

The calls are those of judge_speed.py (three minutes, 60 turns), masked and stored in a SQLite file; every
rescoring judges all of them and writes their new scorecards. A process gets at least 200 calls. Either judges
other texts, so that neither profits from what is remembered of the first.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from judge_speed import make_calls

from auditor import pipeline
from auditor.batch.rescore import rescore
from auditor.batch.rescore_tally import RescoreTally
from auditor.batch.stopping import Stop
from auditor.judge import open_rulebook
from auditor.store import RunTally, Store, close_run, open_run, open_store, save_audit
from auditor.store.masking import mask_evidence


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    for seed, workers in enumerate((1, options.workers)):
        with (
            tempfile.TemporaryDirectory() as folder,
            open_store(f"sqlite:///{folder}/audits.db") as store,
        ):
            _fill(store, count=options.calls, seed=seed)
            other = open_rulebook().model_copy(update={"version": "other", "sha256": "b" * 64})
            tally = RescoreTally()
            began = time.perf_counter()
            rescore(
                store,
                book=other,
                workers=workers,
                tally=tally,
                tell=lambda _event, **_facts: None,
                stop=Stop(),
            )
            took_s = time.perf_counter() - began
            pace = tally.judged / took_s
            print(f"{workers} processes: {tally.judged} calls in {took_s:.1f} s, {pace:.1f} a second")


def _fill(store: Store, *, count: int, seed: int) -> None:
    """Calls whose findings nobody needs: the same scorecard each, so that filling takes no time."""
    book = open_rulebook()
    calls = make_calls(count, dense=False, seed=seed)
    empty = pipeline.audit(calls[0], book=book)
    model = next(call.model for call in calls if call.transcript_source == "asr")
    run = open_run(store, book=book, model=model, command="benchmark")
    for number, call in enumerate(calls):
        recording = replace(call.recording, paths=(f"{number}.wav",), sha256=(f"{number:064x}",))
        evidence = mask_evidence(replace(call, recording=recording))
        facts = evidence.model if evidence.transcript_source == "asr" else None
        made = replace(
            empty.provenance,
            model=facts.name if facts else None,
            model_sha256=facts.sha256 if facts else None,
        )
        audit = replace(empty, evidence=evidence, provenance=made)
        save_audit(store, audit, evidence_key=f"{number:064x}", book=book, run_id=run)
    close_run(store, run, state="complete", tally=RunTally(audited=count))


if __name__ == "__main__":
    main()
