"""Answers that are due, beyond the cases."""

import pytest
import yaml

from auditor.errors import RulebookError
from auditor.judge import judge, open_rulebook

NO_APOLOGY = [
    {"客服": "您好中国移动请讲"},
    {"客户": "怎么打了半天才接"},
    {"客服": "您办理什么业务"},
    {"客户": "查话费"},
    {"客服": "五十元"},
]
OPENING = [{"name": "opening", "turn": 0, "answer": "present"}]


def test_a_missing_reply_fails_when_everything_was_heard_well(call, finding):
    found = finding("G4", call(NO_APOLOGY, source="asr", probes=OPENING))
    assert found.verdict == "fail"


@pytest.mark.parametrize("turn", [1, 2, 4])
def test_a_missing_reply_is_for_review_when_a_turn_was_not_heard_well(call, finding, turn):
    turns = [{**t, "conf": 0.4} if i == turn else t for i, t in enumerate(NO_APOLOGY)]
    assert finding("G4", call(turns, source="asr", probes=OPENING)).verdict == "needs_review"


def test_half_an_apology_in_automatic_text_is_for_review(call, finding):
    turns = [*NO_APOLOGY[:2], {"客服": "对布起您办理什么业务"}, *NO_APOLOGY[3:]]
    found = finding("G4", call(turns, source="asr", probes=OPENING))
    assert (found.verdict, found.reason_code) == ("needs_review", "near")


def test_the_third_turn_is_too_late(call, finding):
    turns = [*NO_APOLOGY, {"客户": "好"}, {"客服": "让您久等了"}]
    assert finding("G4", call(turns)).verdict == "fail"


def test_acknowledgements_do_not_use_up_the_turns(call, finding):
    turns = [*NO_APOLOGY[:2], {"客服": "嗯"}, {"客户": "喂"}, {"客服": "哦"}, {"客户": "喂"}]
    assert finding("G4", call([*turns, {"客服": "让您久等了"}])).verdict == "pass"


def test_a_file_that_ends_in_the_window_accuses_nobody(call, finding):
    turns = NO_APOLOGY[:3]
    assert finding("G4", call(turns, warnings=["ends_mid_speech"])).verdict == "not_applicable"


def test_one_missing_apology_costs_once(call, book):
    findings = {f.rule: f for f in judge(call(NO_APOLOGY), book=book)[0]}
    assert findings["G4"].verdict == findings["C4"].verdict == "fail"
    assert (findings["G4"].weight > 0, findings["C4"].weight) == (True, 0)
    assert findings["C4"].same_as == "G4"


def test_no_courtesy_after_a_wait_costs_once(call, book):
    turns = [{"客服": "请稍等。"}, {"客户": "好。"}, {"客服": "五十元。", "gap": 14}]
    findings = {f.rule: f for f in judge(call(turns), book=book)[0]}
    assert findings["C3"].verdict == findings["C4"].verdict == "fail"
    assert sorted(findings[rule].weight > 0 for rule in ("C3", "C4")) == [False, True]


def test_key_accounts_have_their_own_replies(call, book):
    findings = judge(call(NO_APOLOGY, line="key_account"), book=book)[0]
    general = [f for f in findings if f.rule[0] == "G"]
    assert {f.verdict for f in general} == {"not_applicable"}


def test_nobody_is_judged_where_the_speakers_are_unknown(call, finding):
    turns = [{"不明": "怎么打了半天才接"}, {"不明": "您请讲"}]
    evidence = call(turns, source="asr", layout="mono", agent_channel=None)
    assert finding("G4", evidence).verdict == "not_applicable"


def test_an_unknown_phrase_set_of_an_occasion_is_refused(tmp_path):
    path = tmp_path / "book.yaml"
    from importlib.resources import files

    raw = yaml.safe_load((files("auditor.rulebook") / "china_mobile.yaml").read_text(encoding="utf-8"))
    rule = next(rule for rule in raw["rules"] if rule["id"] == "G4")
    rule["params"]["occasions"][0]["replies"] = ["nowhere"]
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    with pytest.raises(RulebookError, match=r"occasions\.0\.replies names the phrase set nowhere"):
        open_rulebook(path)


KEY_ACCOUNT = [{"客服": "您好!中国移动大客户服务中心。"}, {"客户": "我要投诉,账单又错了。"}]


def test_an_answer_that_should_come_first_is_for_review_when_it_comes_last(call, finding):
    turns = [*KEY_ACCOUNT, {"客服": "因为系统升级。"}, {"客户": "哦。"}, {"客服": "我代表公司表示歉意。"}]
    assert finding("K4", call(turns, line="key_account")).reason_code == "late"


def test_of_several_triggers_the_first_certain_one_counts(call, finding):
    turns = [
        {"客服": "您好!中国移动大客户服务中心。"},
        {"客户": "你们太不像话了。"},
        {"客服": "您请讲。"},
        {"客户": "我要投诉,账单又错了。"},
        {"客服": "账单是系统出的。"},
    ]
    found = finding("K4", call(turns, line="key_account"))
    assert (found.verdict, found.at[0].start_s > 5) == ("fail", True)


def test_an_occasion_of_one_line_does_not_arise_on_another(call, finding):
    turns = [*KEY_ACCOUNT, {"客服": "账单是系统出的。"}]
    assert finding("C4", call(turns, line="key_account")).verdict == "fail"
    assert finding("C4", call(turns)).verdict == "not_applicable"
