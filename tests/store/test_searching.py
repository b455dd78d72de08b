"""What was said is found: two characters and one, across punctuation, by speaker, within what one may see."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, false, insert, select, text, true

from auditor.records import Turn
from auditor.store import purge_older_than, save_audit
from auditor.store.indexing import STRIDE, backlog, forget_calls, index_backlog
from auditor.store.masking import mask_evidence
from auditor.store.search_query import SearchScope
from auditor.store.search_tables import INDEX, SearchBacklogRow, TranscriptRow
from auditor.store.searching import search_calls
from auditor.store.tables import AgentRow, AuditRow, RecordingRow, TeamRow
from auditor.text.grams import grams, wordings
from auditor.text.normalise import normalise

ALL = SearchScope(visible=true())


@pytest.fixture
def say(store, make_call, key_of, book):
    """Keep call number n in which these turns were said: (role, text) each."""

    def keep(number, *turns, mask=False, **record):
        audit = make_call(number, **record)
        said = tuple(
            Turn(
                role=role,
                channel=0,
                start_s=10.0 * n,
                end_s=10.0 * n + 5,
                text=words,
                parts=(),
                confidence=0.9,
            )
            for n, (role, words) in enumerate(turns)
        )
        evidence = replace(audit.evidence, turns=said, probes=())
        audit = replace(audit, evidence=mask_evidence(evidence) if mask else evidence)
        return save_audit(store, audit, evidence_key=key_of(audit), book=book)

    return keep


@pytest.fixture
def found(store):
    """The calls found, by their names."""

    def find(query, scope=ALL, **options):
        return [hit.call_id for hit in search_calls(store, query, scope=scope, **options).hits]

    return find


def test_a_word_of_two_characters_is_found_and_shown_where_it_is_said(say, store, found):
    say(1, ("agent", "您好，中国移动。"), ("customer", "我要投诉你们！"))
    say(2, ("agent", "您好，请问有什么可以帮您？"))
    assert found("投诉") == ["1"]
    assert found("您好") == ["2", "1"]
    (hit,) = search_calls(store, "投诉", scope=ALL).hits
    (place,) = hit.places
    assert (place.role, place.start_s, place.text) == ("customer", 10.0, "我要投诉你们！")
    assert [place.text[a:b] for a, b in place.marks] == ["投诉"]


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        ("移", ["1"]),
        ("移动", ["1"]),
        ("中国移动", ["1"]),
        ("好,中", ["1"]),
        ("移中", []),
        ("动58", ["1"]),
        ("58元", ["1"]),
        ("5", ["1"]),
        ("元中", []),  # not across two turns
        ("中國移動", ["1"]),
        ("投诉 移动", ["1"]),
        ("投诉 联通", []),
        ("ok", ["1"]),
        ("ＯＫ", ["1"]),
        ("，。！", []),
        ("", []),
        ('"', []),
        ("移动* OR 投诉", []),
    ],
)
def test_what_is_written_is_what_is_found(say, found, query, calls):
    say(1, ("agent", "您好,中国移动58元"), ("customer", "中午OK吗?我要投诉"))
    assert found(query) == calls


def test_only_the_words_of_one_party(say, found):
    say(1, ("agent", "不知道"), ("customer", "那谁知道"))
    say(2, ("customer", "我不知道"))
    assert found("不知道", SearchScope(visible=true(), speaker="agent")) == ["1"]
    assert found("不知道", SearchScope(visible=true(), speaker="customer")) == ["2"]


def test_masked_numbers_are_found_as_what_they_are(say, found, store):
    say(1, ("customer", "我的电话是13988886666"), mask=True)
    assert found("PHONE_1") == found("〈PHONE_1〉") == found("phone") == ["1"]
    assert found("13988886666") == found("8888") == []
    (hit,) = search_calls(store, "phone_1", scope=ALL).hits
    assert "〈PHONE_1〉" in hit.places[0].text and hit.places[0].marks


def test_nothing_is_found_that_the_viewer_may_not_see(say, found, store):
    say(1, ("agent", "您好"), team="一组")
    say(2, ("agent", "您好"), team="二组", agent_id="8101")
    with store.reading() as session:
        team = session.scalar(select(TeamRow.id).where(TeamRow.name == "一组"))
        agent = session.scalar(select(AgentRow.id).where(AgentRow.code == "8101"))
    assert found("您好", SearchScope(visible=AuditRow.team_id == team)) == ["1"]
    assert found("您好", SearchScope(visible=true(), teams=frozenset({team}))) == ["1"]
    assert found("您好", SearchScope(visible=true(), agents=frozenset({agent}))) == ["2"]
    assert found("您好", SearchScope(visible=true(), teams=frozenset())) == []
    assert found("您好", SearchScope(visible=false())) == []


def test_the_time_of_a_call_narrows(say, found, noon):
    for number in (0, 60, 60 * 24 * 40):
        say(number, ("agent", "您好"))
    day = timedelta(days=1)
    assert found("您好", SearchScope(visible=true(), since=noon, until=noon + day)) == ["60", "0"]
    assert found("您好", SearchScope(visible=true(), since=noon + day)) == ["57600"]
    assert found("您好", SearchScope(visible=true(), since=noon - 5000 * day)) == ["57600", "60", "0"]


def test_pages_follow_each_other_without_gap_or_repeat(say, store):
    for number in range(7):
        say(number, ("agent", "您好"))
    seen, before = [], None
    while True:
        page = search_calls(store, "您好", scope=ALL, before=before, limit=3)
        seen.append([hit.call_id for hit in page.hits])
        before = page.before
        if before is None:
            break
    assert seen == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


def test_a_call_that_is_heard_anew_is_found_by_its_new_words(say, found, make_call):
    say(1, ("agent", "您好"), call_id="x", team="一组")
    say(1, ("agent", "再见"), call_id="x", team="一组", agent_channel="left")
    assert (found("您好"), found("再见")) == ([], ["x"])


def test_a_call_whose_agent_is_corrected_is_found_under_the_other(say, found, store):
    for agent in ("8001", "8002"):
        say(1, ("agent", "您好"), call_id="x", agent_id=agent)
    with store.reading() as session:
        rows = dict(session.execute(select(AgentRow.code, AgentRow.id)).all())
    for agent, calls in (("8001", []), ("8002", ["x"])):
        assert found("您好", SearchScope(visible=true(), agents=frozenset({rows[agent]}))) == calls


def test_what_is_purged_is_found_no_more_and_leaves_no_word(say, found, store, noon):
    say(1, ("agent", "独一无二的话"))
    say(60 * 24, ("agent", "您好"))
    purge_older_than(store, noon + timedelta(hours=1))
    assert (found("独一无二"), found("您好")) == ([], ["1440"])
    if store.dialect == "sqlite":
        with store.reading() as session:
            blocks = session.scalars(text(f"SELECT block FROM {INDEX}_data")).all()
        assert not any("独一".encode() in block for block in blocks)


def test_an_older_store_is_indexed_a_stride_at_a_time_and_may_be_interrupted(say, found, store):
    total = STRIDE + 3
    for number in range(total):
        say(number, ("agent", f"您好第{number}通"))
    with store.writing() as session:  # as the migration leaves it
        forget_calls(session, session.scalars(select(RecordingRow.id)).all())
        session.execute(
            insert(SearchBacklogRow).values(up_to=session.scalar(select(text("max(id) FROM recordings"))))
        )
    assert found("您好", limit=100) == []
    say(total, ("agent", "您好"))  # meanwhile the batch goes on
    stops = iter([False, True])
    index_backlog(store, stop=lambda: next(stops))
    assert len(found("您好", limit=100)) == STRIDE + 1 and backlog(store) > 0
    told = []
    index_backlog(store, tell=told.append)
    assert len(found("您好", limit=100)) == total + 1 and told[-1] == backlog(store) == 0


_TEXT = st.text(alphabet="中国移动您好的a1 ,。", max_size=12)


@settings(max_examples=200)
@given(_TEXT, _TEXT)
def test_words_in_a_row_are_the_wording_in_the_text(said, query):
    """The index finds a part exactly where the normalised text holds it at the beginning of its words."""
    words = grams(said)
    for part in query.split():
        for wanted in wordings(part):
            n = len(wanted.words)
            rows = [words[at : at + n] for at in range(len(words) - n + 1)]
            hit = any(
                row[:-1] == list(wanted.words[:-1])
                and (row[-1].startswith(wanted.words[-1]) if wanted.open_end else row[-1] == wanted.words[-1])
                for row in rows
            )
            if hit:
                assert normalise(part).text in normalise(said).text
            elif not any(c.isascii() for c in normalise(part).text):
                assert normalise(part).text not in normalise(said).text


def test_no_transcript_is_left_without_its_call(say, store):
    say(1, ("agent", "您好"))
    with store.writing() as session:
        forget_calls(session, session.scalars(select(RecordingRow.id)).all())
        assert session.execute(select(TranscriptRow)).all() == []
        session.execute(delete(AuditRow))
