"""Who hung up, beyond the cases."""

from dataclasses import replace

import pytest

from auditor.records import RecorderProfile

LIVE = {"agent": {"live_until_s": 10, "longest_earlier_idle_s": 0}}


def legs(agent_s, customer_s, idle_s=0.0):
    return {
        "agent": {"live_until_s": agent_s, "longest_earlier_idle_s": idle_s},
        "customer": {"live_until_s": customer_s, "longest_earlier_idle_s": 0.0},
    }


def test_the_record_outranks_the_sound(call, finding):
    evidence = call(record={"release_party": "customer"}, measurements=legs(14, 18), duration=20)
    assert finding("P3.6a", evidence).verdict == "pass"


def test_a_record_that_the_sound_contradicts_is_for_a_human(call, finding):
    evidence = call(record={"release_party": "agent"}, measurements=legs(18, 14), duration=18.5)
    assert finding("P3.6a", evidence).reason_code == "weak_evidence"


def test_a_record_needs_no_legs(call, finding):
    evidence = call(record={"release_party": "agent"}, layout="mono", agent_channel=None)
    assert finding("P3.6a", evidence).verdict == "fail"


def test_a_release_by_the_system_is_nobodys(call, finding):
    assert finding("P3.6a", call(record={"release_party": "system"})).verdict == "not_applicable"


def test_a_transfer_is_a_correct_release(call, finding):
    evidence = call(record={"release_party": "agent", "transferred_to": "8002"})
    assert finding("P3.6a", evidence).reason_code == "handed_over"


def test_an_announced_survey_is_a_correct_release(call, finding):
    turns = [{"客服": "您好,中国移动,请讲。"}, {"客户": "好"}, {"系统": "请对我的服务进行评价"}]
    evidence = call(turns, record={"release_party": "agent"})
    assert finding("P3.6a", evidence).reason_code == "handed_over"


def test_half_a_second_is_no_evidence(call, finding):
    assert finding("P3.6a", call(measurements=legs(14, 14.5), duration=20)).reason_code == "no_data"


def test_speech_into_the_end_of_the_file_is_truncation(call, finding):
    evidence = call(measurements=legs(10, 14), warnings=["ends_mid_speech"], duration=14)
    assert finding("P3.6a", evidence).reason_code == "no_data"


def test_busy_tone_before_the_last_words_is_not_the_release(call, finding):
    turns = [{"客服": "您好,中国移动", "at": [8, 10]}, {"客户": "好", "at": [11, 12]}]
    events = [{"kind": "busy", "at": [3, 3.35], "channel": 0}]
    assert finding("P3.6a", call(turns, events=events)).reason_code == "no_data"


def test_the_wait_after_the_last_words_is_always_reported(call, finding):
    found = finding("P3.6a", call(measurements=legs(16, 19), duration=20))
    last_s = max(turn.end_s for turn in call().turns)
    assert found.measured["wait_after_farewell_s"] == round(16 - last_s, 2)


def test_a_centre_may_set_a_longest_wait(call, outcome):
    evidence = call(measurements=legs(30, 34), duration=34)
    evidence = replace(evidence, recorder=RecorderProfile(liveness=True))
    assert outcome("P3.6a", evidence).verdict == "fail"
    assert outcome("P3.6a", evidence, max_wait_s=5).reason_code == "waited"


def test_an_unknown_direction_accuses_nobody(call, finding):
    turns = [{"客服": "您好,您的宽带到期了。"}, {"客户": "好"}, {"客服": "再见"}]
    evidence = call(turns, direction=None, measurements=legs(20, 24), duration=26)
    assert finding("P3.6a", evidence).verdict == "needs_review"


def test_a_dead_line_is_for_a_human(call, finding):
    turns = [{"客服": "您好,中国移动,请讲。您在听吗?"}]
    evidence = call(turns, measurements=legs(20, 24), duration=26)
    assert finding("P3.6a", evidence).reason_code == "dead_line"


def mono_busy(call, **profile):
    turns = [{"客服": "您好,中国移动,再见", "at": [1, 4]}, {"客户": "好", "at": [5, 6]}]
    events = [{"kind": "busy", "at": [8, 8.35], "channel": 0}]
    evidence = call(turns, events=events, layout="mono", agent_channel=None)
    return replace(evidence, recorder=RecorderProfile(**profile))


def test_busy_tone_in_mono_says_nothing_until_the_settings_say_who_hears_it(call, finding):
    assert finding("P3.6a", mono_busy(call)).reason_code == "no_data"
    found = finding("P3.6a", mono_busy(call, busy_tone_heard_by="agent"))
    assert (found.verdict, found.reason_code) == ("pass", "customer_first")


def test_busy_tone_that_the_customer_hears_shows_that_the_agent_hung_up(call, outcome):
    found = outcome("P3.6a", mono_busy(call, busy_tone_heard_by="customer"))
    assert found.reason_code == "agent_first"


def test_mono_without_busy_tone_stays_silent_whatever_the_settings_say(call, finding):
    evidence = replace(mono_busy(call, busy_tone_heard_by="customer"), events=())
    assert finding("P3.6a", evidence).reason_code == "no_data"


@pytest.mark.parametrize(("agent_s", "customer_s"), [(10, 14), (14, 10)])
def test_a_recorder_whose_legs_show_nothing_settles_nothing(call, finding, agent_s, customer_s):
    evidence = call(measurements=legs(agent_s, customer_s), duration=14)
    vouched = replace(evidence, recorder=RecorderProfile(liveness=True))
    assert finding("P3.6a", vouched).reason_code in ("agent_first", "customer_first")
    deaf = replace(evidence, recorder=RecorderProfile(liveness=False))
    assert finding("P3.6a", deaf).reason_code == "no_data"


def test_the_record_outranks_the_recorder(call, finding):
    evidence = call(record={"release_party": "agent"}, measurements=legs(10, 14), duration=14)
    deaf = replace(evidence, recorder=RecorderProfile(liveness=False))
    assert finding("P3.6a", deaf).verdict == "fail"


def test_an_agent_who_mutes_and_waits_is_no_agent_who_hung_up(call, finding):
    found = finding("P3.6a", call(measurements=legs(10, 14), duration=14))
    assert (found.verdict, found.reason_code) == ("needs_review", "weak_evidence")


def test_silence_of_both_legs_before_the_files_end_leaves_the_first_unexplained(call, finding):
    assert finding("P3.6a", call(measurements=legs(18, 14), duration=18.5)).verdict == "pass"
    assert finding("P3.6a", call(measurements=legs(18, 14), duration=20)).reason_code == "no_data"


def test_the_finding_names_every_piece_of_evidence(call, finding):
    events = [{"kind": "busy", "at": [15, 15.35], "channel": 1}]
    found = finding("P3.6a", call(measurements=legs(18, 14), duration=18, events=events))
    for piece in ("话单没有写谁挂机", "00:15 起有忙音(客户声道)", "客户声道 00:14 断", "客服声道到录音结束"):
        assert piece in found.reason


def test_words_of_the_party_that_is_still_there_do_not_hide_the_busy_tone(call, finding):
    turns = [{"客服": "再见", "at": [8, 10]}, {"客户": "哎,我还有问题", "at": [11, 13]}]
    events = [{"kind": "busy", "at": [10.5 + 0.7 * k, 10.85 + 0.7 * k], "channel": 0} for k in range(3)]
    assert finding("P3.6a", call(turns, events=events, duration=14)).reason_code == "agent_first"
