"""The first words, beyond the cases."""

import pytest

OPENING = "您好,中国移动,请讲。"


@pytest.mark.parametrize(
    "words",
    [
        "您好,中国移动",
        "您好!这里是中国移动,请讲。",
        "您好,欢迎致电中国移动,请问有什么可以帮您?",
        "节日快乐,您好,中国移动!",
        "嗯,您好,中国移动。",
        "您好!中国移动!这里是移动客户服务中心,您在听吗?",
    ],
)
def test_accepted_openings(call, finding, words):
    assert finding("P3.2a", call([{"客服": words}, {"客户": "查话费。"}])).verdict == "pass"


@pytest.mark.parametrize(
    "words", ["中国移动,您好", "您好,中国联通", "你好,中国移动", "移动", "喂,哪位?", "您好,有什么事?"]
)
def test_other_openings_fail_in_a_human_transcript(call, finding, words):
    assert finding("P3.2a", call([{"客服": words}, {"客户": "查话费。"}])).verdict == "fail"


def test_the_customer_may_speak_first(call, finding):
    assert finding("P3.2a", call([{"客户": "喂?"}, {"客服": OPENING}])).verdict == "pass"


def test_an_opening_in_two_turns_is_for_a_human(call, finding):
    evidence = call([{"客服": "您好"}, {"客服": "中国移动,请讲", "gap": 2.5}, {"客户": "查话费"}])
    assert finding("P3.2a", evidence).reason_code == "split"


def test_the_warning_of_a_cut_start_spares_the_opening(call, finding):
    evidence = call([{"客服": "请问您办理什么业务?", "at": [0.4, 2]}], warnings=["starts_mid_speech"])
    assert finding("P3.2a", evidence).reason_code == "cut_off"


def test_an_announcement_at_the_start_cuts_nothing_off(call, finding):
    turns = [{"系统": "欢迎致电中国移动客户服务热线", "at": [0.0, 3.0]}, {"客服": "请问您办理什么业务?"}]
    assert finding("P3.2a", call(turns, warnings=["starts_mid_speech"])).verdict == "fail"


def test_a_turn_that_begins_with_the_greeting_was_not_cut_off(call, finding):
    evidence = call([{"客服": "您好,请问您办理什么业务?", "at": [0.0, 2]}, {"客户": "查话费"}])
    assert finding("P3.2a", evidence).verdict == "fail"


def test_an_opening_of_the_secretary_desk_takes_its_place_only_there(call, finding):
    turns = [{"客服": "您好!您的手机号码是13988886666吗?"}, {"客户": "是的"}]
    assert finding("P3.2a", call(turns, line=None)).reason_code == "own_script"
    assert finding("P3.2a", call(turns, line="1860")).verdict == "fail"


def test_uncertain_roles_accuse_nobody(call, finding):
    evidence = call([{"客服": "哪位?请讲。"}, {"客户": "查话费"}], role_confidence=0.5)
    assert finding("P3.2a", evidence).reason_code == "roles_uncertain"


def test_a_mono_recording_heard_by_the_machine_is_for_a_human(call, finding):
    evidence = call([{"不明": "您好中国移动"}], source="asr", layout="mono", agent_channel=None)
    assert finding("P3.2a", evidence).reason_code == "no_roles"


def test_a_mono_recording_with_a_human_transcript_is_judged(call, finding):
    evidence = call([{"客服": "哪位?"}, {"客户": "我"}], layout="mono", agent_channel=None)
    assert finding("P3.2a", evidence).verdict == "fail"
