"""您 and 你, beyond the cases."""

TWICE = [{"客服": "您好中国移动你说"}, {"客户": "查话费"}, {"客服": "你的余额是五十元再见"}]


def probe(turn, char, answer):
    return {"name": "nin", "turn": turn, "answer": answer, "chars": [char, char + 1]}


def test_two_ni_that_the_probe_cannot_tell_are_for_a_human(call, finding):
    evidence = call(TWICE, source="asr", probes=[probe(0, 6, "undecided"), probe(2, 0, "undecided")])
    assert finding("C7", evidence).verdict == "needs_review"


def test_one_supported_ni_is_enough(call, finding):
    evidence = call(TWICE, source="asr", probes=[probe(0, 6, "present"), probe(2, 0, "absent")])
    found = finding("C7", evidence)
    assert found.verdict == "fail"
    assert found.measured["times"] == 1


def test_ni_in_mono_is_for_a_human(call, finding):
    turns = [{"不明": "你好中国移动"}, {"不明": "你帮我查"}]
    evidence = call(turns, source="asr", layout="mono", agent_channel=None)
    assert finding("C7", evidence).reason_code == "no_roles"


def test_a_mono_recording_without_ni_holds_no_data(call, finding):
    evidence = call([{"不明": "您好中国移动"}], source="asr", layout="mono", agent_channel=None)
    assert finding("C7", evidence).verdict == "not_applicable"


def test_a_suspect_ni_proves_nothing(call, finding):
    evidence = call([{"客服": "您好中国移动请讲你", "suspect": [[8, 9]]}], source="asr")
    assert finding("C7", evidence).verdict == "pass"
