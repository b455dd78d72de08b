"""Ratings by hand, and calls whose pace is known."""

import itertools
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from made_call import make_evidence

from auditor.asr.checkpoints import SHIPPED
from auditor.calibrate.ratings import Rating
from auditor.judge import judge
from auditor.records import CallAudit, CallRecord, Measurement, ModelFacts, Provenance

START = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


_NUMBERS = itertools.count()


def rating(machine, human, *, call=None, rule="V3", **more):
    call = call or f"c{next(_NUMBERS)}"
    return Rating(call=call, rule=rule, title="语速适中", machine=machine, human=human, **more)


def judged_call(number, *, pace, book, confidence=0.8):
    """A call of that pace, judged by the rulebook."""
    evidence = make_evidence()
    agent = {
        **evidence.measurements["agent"],
        "articulation_char_per_min": Measurement("articulation_char_per_min", pace, "char/min", error=2.0),
        "spoken_syllables": Measurement("spoken_syllables", 200.0, "syllables"),
        "pace_turns": Measurement("pace_turns", 6.0, "turns"),
        "nuclei_per_min": Measurement("nuclei_per_min", pace, "char/min"),
        "asr_confidence": Measurement("asr_confidence", confidence, "probability", error=0.01),
    }
    evidence = replace(
        evidence,
        recording=replace(
            evidence.recording, paths=(f"/calls/{number:03d}.wav",), sha256=(f"{number:064x}",), warnings=()
        ),
        call_record=CallRecord(agent_id="8001", team="一组", started_at=START + timedelta(minutes=number)),
        measurements={**evidence.measurements, "agent": agent},
        model=ModelFacts(SHIPPED, "a" * 64, carded=True, confidence_norm=(0.8, 0.05)),
    )
    findings, card = judge(evidence, book=book)
    made = Provenance("0", book.version, book.sha256, SHIPPED, "a" * 64, "whisper", {}, "1" * 64)
    return CallAudit(f"{number:03d}", evidence, findings, card, made, ())
