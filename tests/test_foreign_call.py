"""An English call of 278 s through the whole path: nobody is accused of what a Mandarin model makes of it.

The checkpoint that ships was trained on Mandarin alone and cannot know the language; an engine that does is
the same checkpoint with the answer of one that was trained for it, since the protocol is all that the
pipeline sees of an engine.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from auditor import pipeline
from auditor.asr.whisper import load_engine
from auditor.judge import open_rulebook
from auditor.kinds import EXCUSED_BY_WORDS, WORDLESS

CALL = Path(__file__).resolve().parents[2] / "shared/audio/calls/english_agent_customer_8k_mono.wav"
BOOK = open_rulebook()
KIND = {rule.id: BOOK.rule(rule.same_as or rule.id).kind for rule in BOOK.rules}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CALL.is_file(), reason="the recordings in ../shared/audio are not here"),
]


class Polyglot:
    """The engine that ships, but for the language, which it answers as a model that knows would."""

    def __init__(self, engine, *, answer):
        self._engine, self._answer = engine, answer
        self.facts = replace(engine.facts, knows_languages=True)

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def language_probabilities(self, _samples_16k):
        return self._answer


@pytest.fixture(scope="module")
def engine():
    return load_engine(None, threads=1)


@pytest.fixture(scope="module")
def hear(engine):
    """The audit of the call with the language that the model hears in it (None: it knows none)."""
    call = pipeline.CallInput(paths=(CALL,))
    sound = pipeline.open_call(call)
    heard = pipeline.hear(sound, call=call, engine=engine, book=BOOK)

    def audit(answer=None):
        if answer is None:
            return pipeline.audit(heard, book=BOOK, engine=engine)
        known = Polyglot(engine, answer=answer)
        evidence = pipeline.hear(sound, call=call, engine=known, book=BOOK)
        return pipeline.audit(evidence, book=BOOK, engine=known)

    return audit


def test_with_the_model_that_ships_nobody_fails_on_words(hear):
    audited = hear()
    assert audited.evidence.language is None
    failed = {KIND[finding.rule] for finding in audited.findings if finding.verdict == "fail"}
    assert failed <= WORDLESS | {"measurement_range"}


def test_with_a_model_that_knows_languages_words_are_for_a_human(hear):
    audited = hear({"en": 0.96, "zh": 0.04})
    assert (audited.evidence.language, audited.evidence.language_probability) == ("en", pytest.approx(0.96))
    by_code = [f for f in audited.findings if f.reason_code == "other_language"]
    assert by_code and {f.verdict for f in by_code} == {"needs_review"}
    judged = {KIND[f.rule] for f in audited.findings if f.verdict in ("pass", "fail")}
    assert judged <= WORDLESS | EXCUSED_BY_WORDS | {"measurement_range"}
    assert audited.scorecard.result in ("needs_review", "not_scored")
