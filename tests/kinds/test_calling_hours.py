"""When customers may be called, beyond the cases."""

import pytest

from auditor.errors import RulebookError
from auditor.judge import open_rulebook

TURNS = [
    {"客服": "您好,我是移动公司的,您的套餐快到期了。"},
    {"客户": "哦。"},
    {"客服": "谢谢您,再见。"},
]


def called(call, at, turns=TURNS, **facts):
    return call(turns, direction="outbound", record={"started_at": at}, **facts)


@pytest.mark.parametrize(
    ("clock", "verdict"),
    [
        ("08:58:00", "fail"),
        ("08:59:10", "needs_review"),
        ("09:00:00", "pass"),
        ("12:00:00", "pass"),
        ("12:02:00", "fail"),
        ("13:59:30", "needs_review"),
        ("14:00:00", "pass"),
        ("21:00:00", "pass"),
        ("21:00:59", "needs_review"),
        ("00:00:30", "fail"),
    ],
)
def test_the_limits_of_the_hours(call, finding, clock, verdict):
    assert finding("P2.1", called(call, f"2026-11-18T{clock}+08:00")).verdict == verdict


def test_a_time_without_a_zone_is_local(call, finding):
    assert finding("P2.1", called(call, "2026-11-18T10:00:00")).verdict == "pass"


@pytest.mark.parametrize(
    "words",
    [
        "您好,您让我这个时候打给您的。",
        "您好,昨天跟您约好这个时候联系的。",
        "您好,您说下班以后再打给您。",
        "您好,应您的要求现在给您回电话。",
    ],
)
def test_an_agreed_time_excuses_the_hour(call, finding, words):
    turns = [{"客服": words}, *TURNS[1:]]
    assert finding("P2.1", called(call, "2026-11-18T12:40:00+08:00", turns)).reason_code == "agreed"


def test_a_call_without_words_at_night_is_for_a_human(call, finding):
    assert finding("P2.1", called(call, "2026-11-18T23:00:00+08:00", [])).reason_code == "no_speech"


def test_unknown_speakers_do_not_change_the_hour(call, finding):
    turns = [{"不明": "您好我是移动公司的"}, {"不明": "什么事"}]
    evidence = called(call, "2026-11-18T22:00:00+08:00", turns, layout="mono", agent_channel=None)
    assert finding("P2.1", evidence).verdict == "fail"


@pytest.mark.parametrize(
    ("params", "what"),
    [
        ("{hours: ['21:00-09:00']}", "earlier time first"),
        ("{hours: ['nine-to-five']}", "nine-to-five|Invalid"),
        ("{time_zone: Asia/Lanzhou}", "no time zone 'Asia/Lanzhou'"),
    ],
)
def test_wrong_hours_and_zones_are_refused(tmp_path, params, what):
    path = tmp_path / "centre.yaml"
    head = "extends: china_mobile\nversion: v1\n"
    path.write_text(f"{head}rules: [{{id: P2.1, params: {params}}}]\n", encoding="utf-8")
    with pytest.raises(RulebookError, match=what):
        open_rulebook(path)
