from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from made_call import finding, make_turns

from auditor.records import CallAudit, SuspectSpan
from auditor.report.transcript import view_turns


def tags(audit: CallAudit, rule: str, **changes: object) -> list[int]:
    """The indexes of the turns that one finding of the call tags."""
    found = next(f for f in audit.findings if f.rule == rule)
    marked = [("f-1", replace(found, **changes))]  # type: ignore[arg-type]
    turns = view_turns(audit.evidence.turns, marked=marked)
    return [index for index, turn in enumerate(turns) if turn.tags]


def test_a_finding_tags_the_turn_that_says_its_quote(audit: CallAudit) -> None:
    assert tags(audit, "C11d") == [6]


def test_a_place_in_two_turns_at_once_tags_the_agents(audit: CallAudit) -> None:
    assert tags(audit, "C12") == [6]


def test_every_place_of_a_finding_tags_its_own_turn(audit: CallAudit) -> None:
    spans = tuple(audit.evidence.turns[index].span for index in (1, 8))
    assert tags(audit, "P3.2b", at=spans) == [1, 8]


def test_a_place_in_silence_tags_nothing(audit: CallAudit) -> None:
    assert tags(audit, "C9") == []


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4),
    st.sampled_from(["", "谢谢", "再见。", "没说过"]),
)
def test_cutting_a_turn_into_runs_keeps_its_text(spans: list[tuple[int, int]], quote: str) -> None:
    turn = replace(
        make_turns()[10], suspect_spans=tuple(SuspectSpan(min(s), max(s), "no_speech") for s in spans)
    )
    found = finding("C6", "x", "fail", "x", at=[(turn.start_s, turn.end_s)], quote=quote)
    (view,) = view_turns([turn], marked=[("f-1", found)])
    assert "".join(run.text for run in view.runs) == turn.text
