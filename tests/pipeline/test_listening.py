"""What needs no words can be found beforehand, and elsewhere."""

import pickle
from pathlib import Path

import pytest

from auditor import pipeline
from auditor.inputs.transcript import read_transcript
from auditor.judge import open_rulebook

SAMPLE_CALLS = Path(__file__).resolve().parents[2] / "sample_calls"


@pytest.mark.parametrize("stem", ["wrong_order", "mono_call"])
def test_a_call_listened_to_elsewhere_gives_the_same_evidence(stem):
    transcript = read_transcript(SAMPLE_CALLS / f"{stem}.transcript.json")
    call = pipeline.CallInput((SAMPLE_CALLS / f"{stem}.wav",), transcript=transcript)
    book = open_rulebook()
    sound = pipeline.open_call(call)
    here = pipeline.hear(sound, call=call, engine=None, book=book)
    sent = pickle.loads(pickle.dumps(pipeline.listen(sound), protocol=5))
    there = pipeline.hear(sent, call=call, engine=None, book=book)
    assert here == there
    assert here.segments
