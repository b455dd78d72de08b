"""From whose network a customer calls: prefixes of numbers, and what is said."""

import pytest

from auditor.kinds.callers import caller_network, network_of

W1 = {"客服": "您好!您的手机号码是13988886666吗?"}
P32A = {"客服": "您好,中国移动,请讲。"}


@pytest.mark.parametrize(
    ("number", "network"),
    [
        ("13988886666", "own"),
        ("+86 139-8888-6666", "own"),
        ("008613988886666", "own"),
        ("013988886666", "own"),
        ("19512345678", "own"),
        ("139****6666", "own"),
        ("13412345678", "own"),
        ("13491234567", "other"),
        ("18612345678", "other"),
        ("17051234567", "other"),
        ("0931-8412345", "other"),
        ("8412345", "other"),
        ("134*******8", "unknown"),
        ("", "unknown"),
        ("PHONE_1", "unknown"),
        ("10086", "unknown"),
        ("anonymous", "unknown"),
    ],
)
def test_the_prefix_tells_the_network(book, number, network):
    assert network_of(number, book=book) == network


@pytest.mark.parametrize(
    ("number", "turns", "network"),
    [
        ("13988886666", [P32A], "own"),
        ("18612345678", [P32A], "other"),
        (None, [P32A], "unknown"),
        (None, [W1], "own"),
        (None, [P32A, {"客户": "我用的是联通的号码,给朋友留个言。"}], "other"),
        ("18612345678", [W1], "unknown"),
        ("13988886666", [P32A, {"客户": "我是电信的,能留言吗?"}], "unknown"),
        (None, [P32A, {"客户": "我的朋友是不是联通的?"}], "unknown"),
    ],
)
def test_what_is_said_outweighs_the_prefix(book, call, number, turns, network):
    record = {"customer_number": number} if number else {}
    assert caller_network(call(turns, line="1258", record=record), book=book) == network


def test_nobody_fails_while_the_network_is_unknown(call, finding):
    turns = [{"客服": "您要办什么?"}, {"客户": "留言。"}]
    assert finding("W1", call(turns, line="1258")).reason_code == "caller_unknown"
    known = call(turns, line="1258", record={"customer_number": "13988886666"})
    assert finding("W1", known).verdict == "fail"


def test_one_missing_opening_of_the_desk_costs_once(call, book):
    from auditor.judge import judge

    turns = [{"客服": "哪位?"}, {"客户": "留言。"}, {"客服": "说吧,再见。"}]
    evidence = call(turns, line="1258", record={"customer_number": "13988886666"})
    charged = [f for f in judge(evidence, book=book)[0] if f.verdict == "fail" and f.weight > 0]
    opening = {f.rule for f in charged} & {"W1", "P3.2a", "P1", "C1", "G1"}
    assert opening == {"W1"}


@pytest.mark.parametrize(("number", "verdict"), [("18612345678", "not_applicable"), ("13988886666", "fail")])
def test_only_the_script_for_other_networks_ends_without_a_goodbye(call, finding, number, verdict):
    turns = [P32A, {"客户": "我要留言。"}, {"客服": "还有吗?"}, {"客户": "没有了。"}, {"客服": "好。"}]
    evidence = call(turns, line="1258", record={"customer_number": number})
    assert finding("C6", evidence).verdict == verdict
