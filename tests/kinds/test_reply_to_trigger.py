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


ADMITTED = [
    {"客服": "您好,中国移动,请讲。"},
    {"客户": "我没办过彩铃。"},
    {"客服": "是我们工作失误,对不起。"},
]


def test_an_answer_without_what_is_due_besides_is_for_review(call, finding):
    found = finding("S1", call([*ADMITTED, {"客户": "哦。"}]))
    assert (found.verdict, found.reason_code) == ("needs_review", "half")


def test_what_is_due_besides_may_come_much_later(call, finding):
    turns = [*ADMITTED, *({"客户": "哦。"}, {"客服": "您请讲。"}) * 4, {"客服": "费用已经退还。"}]
    assert finding("S1", call(turns)).verdict == "pass"


def test_what_is_due_besides_does_not_replace_the_answer(call, finding):
    turns = [*ADMITTED[:2], {"客服": "是我们工作失误,费用已经退还。"}, {"客户": "哦。"}]
    assert finding("S1", call(turns)).verdict == "fail"


def test_a_file_that_ends_after_the_agents_trigger_accuses_nobody(call, finding):
    turns = [*ADMITTED[:2], {"客服": "是我们工作失误。"}]
    assert finding("S1", call(turns, warnings=["ends_mid_speech"])).verdict == "not_applicable"
    turns = [*ADMITTED[:2], {"客服": "是我们工作失误,对不起,马上退还。"}]
    assert finding("S1", call(turns, warnings=["ends_mid_speech"])).verdict == "pass"


SUPERIOR = [{"客服": "您好,中国移动,请讲。"}, {"客户": "叫你们领导来。"}]


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("领导不在。", "fail"),
        ("领导不在,我让他给您回电话。", "pass"),
        ("您的账单没有错。", "needs_review"),
        ("客户说「领导不在」是吗?", "needs_review"),
    ],
)
def test_a_refusal_fails_only_where_nothing_is_offered(call, finding, answer, verdict):
    assert finding("S7", call([*SUPERIOR, {"客服": answer}, {"客户": "哼。"}])).verdict == verdict


def test_a_refusal_in_automatic_text_of_one_leg_is_for_review(call, finding):
    turns = [*SUPERIOR, {"客服": "你找谁都一样"}, {"客户": "哼"}]
    assert finding("S7", call(turns, source="asr", layout="mono", probes=OPENING)).verdict == "needs_review"


@pytest.mark.parametrize(
    ("answer", "verdict"), [("您先按星号键再按一。", "pass"), ("按星号。", "needs_review")]
)
def test_an_answer_of_some_length_is_enough_where_no_wording_is_due(call, finding, answer, verdict):
    turns = [{"客服": "您好,中国移动,请讲。"}, {"客户": "我没听懂。"}, {"客服": answer}]
    assert finding("S12", call([*turns, {"客服": "请问您还有其他问题吗?再见。"}])).verdict == verdict


def test_the_agents_own_words_cost_once_with_the_lexicon_that_finds_them(call, book):
    turns = [
        {"客服": "您好,中国移动,请讲。"},
        {"客户": "信号不好。"},
        {"客服": "这个不归我管。"},
        {"客户": "哼。"},
    ]
    findings = {f.rule: f for f in judge(call(turns), book=book)[0]}
    assert findings["S8"].verdict == findings["C10c"].verdict == "fail"
    assert (findings["S8"].weight > 0, findings["C10c"].weight) == (True, 0)
    assert findings["C10c"].same_as == "S8"


def test_another_refusal_elsewhere_costs_on_its_own(call, book):
    turns = [{"客服": "您好,中国移动,请讲。"}, {"客户": "信号不好。"}, {"客服": "这个不归我管。"}]
    turns += [{"客户": "什么时候修好?"}, {"客服": "我不知道。"}, {"客户": "哼。"}]
    findings = {f.rule: f for f in judge(call(turns), book=book)[0]}
    assert (findings["S8"].weight > 0, findings["C10c"].weight > 0) == (True, True)


def test_impatience_with_who_did_not_understand_costs_once(call, book):
    turns = [
        {"客服": "您好,中国移动,请讲。"},
        {"客户": "我没听懂。"},
        {"客服": "你烦不烦啊!"},
        {"客户": "哼。"},
    ]
    findings = {f.rule: f for f in judge(call(turns), book=book)[0]}
    assert findings["S12"].verdict == findings["C10b"].verdict == "fail"
    assert sorted(findings[rule].weight > 0 for rule in ("S12", "C10b")) == [False, True]


def test_a_second_part_without_a_name_is_refused(outcome, call):
    occasion = {"who": "agent", "says": ["own_errors"], "replies": ["apologies"], "then": ["remedies"]}
    with pytest.raises(RulebookError, match="then and then_label belong together"):
        outcome("S1", call(ADMITTED), occasions=[occasion])
