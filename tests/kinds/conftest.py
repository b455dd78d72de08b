"""Short calls for the tests of kinds: only what differs from an ordinary call is written."""

import pytest

from auditor.judge import judge, open_rulebook
from auditor.kinds import KINDS, bind
from auditor.rulebook.case_file import RawCase
from auditor.rulebook.cases import build_evidence

ORDINARY = [
    {"客服": "您好,中国移动,请问有什么可以帮您?"},
    {"客户": "查话费。"},
    {"客服": "您的余额是五十元。谢谢您,再见。"},
]


@pytest.fixture(scope="session")
def book():
    return open_rulebook()


@pytest.fixture
def call():
    """Evidence of a call: ``call(turns, probes=[…], events=[…], measurements={…}, source="asr", …)``."""

    def build(turns=None, *, probes=(), events=(), measurements=None, **facts):
        return build_evidence(
            RawCase.model_validate(
                {
                    "name": "test",
                    "expect": "pass",
                    "turns": ORDINARY if turns is None else turns,
                    "probes": probes,
                    "events": events,
                    "measurements": measurements or {},
                    "call": facts,
                }
            )
        )

    return build


@pytest.fixture
def finding(book):
    """The finding of one rule on some evidence, weighed as `judge` weighs it."""

    def find(rule_id, evidence):
        return next(f for f in judge(evidence, book=book)[0] if f.rule == rule_id)

    return find


@pytest.fixture
def outcome(book):
    """The outcome of one rule's kind, with parameters changed."""

    def decide(rule_id, evidence, **changes):
        rule = book.rule(rule_id)
        rule = rule.model_copy(update={"params": {**rule.params, **changes}})
        return KINDS[rule.kind].judge(evidence, params=bind(rule, book=book, name="test"), book=book)

    return decide
