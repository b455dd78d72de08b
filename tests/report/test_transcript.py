from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from made_call import finding, make_evidence, make_turns

from auditor.records import CallAudit, SuspectSpan
from auditor.report.transcript import view_turns


def tags(audit: CallAudit, rule: str, **changes: object) -> list[int]:
    """The indexes of the turns that one finding of the call tags."""
    found = next(f for f in audit.findings if f.rule == rule)
    marked = [replace(found, **changes)]  # type: ignore[arg-type]
    return [turn.index for turn in view_turns(audit.evidence, marked=marked) if turn.tags]  # type: ignore[misc]


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
    (view,) = view_turns(replace(make_evidence(), turns=(turn,), events=()), marked=[found])
    assert "".join(run.text for run in view.runs) == turn.text


def test_a_long_pause_stands_between_the_turns_and_a_breath_does_not(audit: CallAudit) -> None:
    views = view_turns(audit.evidence, marked=())
    pauses = [(view.name, view.clock) for view in views if view.index is None]
    assert pauses == [("静默 14 秒", "00:19"), ("静默 4 秒", "01:07")]
    assert [view.start_s for view in views] == sorted(view.start_s for view in views)
