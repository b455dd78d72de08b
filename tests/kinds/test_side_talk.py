"""Talk among colleagues, beyond the cases."""

import pytest

HELLO = {"客服": "您好,中国移动,请讲。", "at": [0.5, 2.5]}
ASKED = {"客户": "我的账单不对。", "at": [3, 4.5]}
HOLD = {"客服": "请您稍等。", "at": [5, 6]}
BACK = {"客服": "让您久等了,您的账单没有问题。再见。", "at": [20, 24]}


def aside(words, **facts):
    return [HELLO, ASKED, HOLD, {"客服": words, "at": [8, 11], **facts}, BACK]


@pytest.mark.parametrize(
    "words",
    [
        "中午吃什么?",
        "小李,晚上我们去哪儿吃?",
        "我们去吃牛肉面吧。",
        "我这儿有个客户。",
        "小王你过来。",
        "你帮我看一下这个单子。",
        "班长你来看一下。",
        "谁会这个业务怎么办?",
        "你几点下班?",
        "帮我点个外卖。",
        "给我倒杯水。",
        "我先去吃饭了。",
        "把空调关了。",
        "发工资了吗?",
        "这个客户怎么这么烦。",
    ],
)
def test_what_only_a_colleague_is_told(call, finding, words):
    assert finding("P3.5a", call(aside(words))).verdict == "fail"


@pytest.mark.parametrize(
    "words",
    [
        "请您帮我看一下这个系统提示的内容。",
        "您看一下您的单子。",
        "您几点下班?我们到时候给您回电话。",
        "我们营业厅下午六点下班。",
        "我帮您问一下班长。",
        "您的快递到了吗?",
        "这个客户号是您的吗?",
        "王先生,您在吗?",
        "您中午吃什么都可以用积分换。",
        "我这边有个套餐适合您。",
    ],
)
def test_what_customers_are_told(call, finding, words):
    assert finding("P3.5a", call(aside(words))).verdict == "pass"


def test_short_words_of_automatic_text_are_for_a_human(call, outcome):
    evidence = call(aside("有个客户", conf=0.95), source="asr")
    assert outcome("P3.5a", evidence).verdict == "pass"
    evidence = call(aside("班长过来", conf=0.95), source="asr")
    assert outcome("P3.5a", evidence).reason_code == "too_short"


def test_a_faint_turn_of_automatic_text_may_be_crosstalk(call, outcome):
    evidence = call(aside("你今天几点下班", conf=0.95, level=-50), source="asr")
    assert outcome("P3.5a", evidence).reason_code == "crosstalk"


def test_a_faint_voice_during_music_is_none(call, outcome):
    faint = {"客服": "", "at": [8, 12], "level": -46}
    turns = [HELLO, ASKED, HOLD, faint, BACK]
    assert outcome("P3.5a", call(turns)).reason_code == "distant_voice"
    music = [{"kind": "music", "at": [7, 19], "channel": 0}]
    assert outcome("P3.5a", call(turns, events=music)).verdict == "pass"


def test_how_much_of_a_distant_voice_matters_stands_in_the_rulebook(call, outcome):
    turns = [HELLO, ASKED, HOLD, {"客服": "", "at": [8, 12], "level": -46}, BACK]
    assert outcome("P3.5a", call(turns), distant_s=5).verdict == "pass"
    assert outcome("P3.5a", call(turns), distant_db=30).verdict == "pass"
