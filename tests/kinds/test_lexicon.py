"""Forbidden speech: every entry of every lexicon is proven, and what excuses it excuses it."""

import time
from pathlib import Path

import pytest

from auditor.judge import judge
from auditor.kinds.hits import find_hits
from auditor.rulebook.entries import names
from auditor.rulebook.lexicon import load_lexicon

POLITE = Path(__file__).with_name("polite_speech.txt")
ENTRIES = [(name, entry) for name in names() for entry in load_lexicon(name).content.entries]
HELLO = {"客服": "您好,中国移动,请讲。"}
ASK = {"客户": "怎么收费的?"}
# The course's own lines, one per clause that has any.
MANDATED = (
    "您好,我能为您做些什么", "您好!节日快乐!我能为您做些什么?", "对不起,请您声音大一点好吗?",
    "对不起,让您久等了。",
    "您好!中国移动!这里是移动客户服务中心,您在听吗?我这里听不到您的声音,请您再拨一次好吗?谢谢!请您挂机。",
    "对不起,请您稍慢一点好吗?我正在记录。", "对不起,您的号码拨错了,请您核实后再拨。",
    "这是我们应该做的,欢迎使用中国移动通信业务,谢谢您,请挂机。", "请稍等,我立即帮您转接。",
    "对不起!8001号座席正在通话,请您留下联系电话,稍后与您联系。", "对不起,如果您没有其他问题,请您挂机。",
    "对不起,此类信息我们不能帮您发送,请您谅解。", "对不起,我没听清楚,麻烦您再说一遍好吗?",
    "请您使用中国移动1861免费查询系统,根据语音提示进行操作,您的初始密码为入网时有效证件号码的后六位。",
    "您投诉的内容是信号不好吗?请留下您的姓名、联系电话,处理之后我们会主动与您联系。请问您还有其它问题吗?",
    "对不起,我们的网络正在进行优化,给您带来的不便之处,请您谅解,谢谢您对我们工作的支持",
    "请您听到语音提示后,输入您的六位个人密码,如果密码验证错误,系统将自动挂机,请您核实后再与我们联系。",
    "您的要求我们会向上级部门反映,届时将由专人与您联系,请您耐心等待。", "首先,我代表公司表示歉意。",
    "对不起,对方没有开通此项服务。您如果需要发送信息,请用中国移动的电话拨打过来,我们将继续为您服务,谢谢。",
    "我是移动公司清欠员王芳,您的手机已欠费五十元,请您尽快缴清您所欠话费好吗?",
    "您可以到清欠部门进一步核实,谢谢合作!",
    "对不起,我不能收费,请您到移动公司营业厅交费。", "请您讲得稍慢一点,我会认真记录您的要求。请问您怎么称呼?",
)  # fmt: skip


def hits(text, name, *, automatic=False):
    return find_hits(text, load_lexicon(name), reports=(), sound_distance=0.15 if automatic else None)


@pytest.mark.parametrize("automatic", [False, True], ids=["human text", "automatic text"])
@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=lambda value: getattr(value, "say", value))
def test_an_entry_is_found_in_its_example_and_not_in_what_is_like_it(name, entry, automatic):
    for text in entry.hit:
        assert hits(text, name, automatic=automatic), text
    for text in entry.miss:
        found = [hit for other in names() for hit in hits(text, other, automatic=automatic)]
        assert [hit.text for hit in found] == [], text


@pytest.mark.parametrize("source", ["human", "asr"])
def test_polite_speech_holds_no_forbidden_phrase(call, book, source):
    rules = tuple(rule for rule in book.rules if rule.kind == "lexicon")
    part = book.model_copy(update={"rules": rules})
    for text in POLITE.read_text(encoding="utf-8").split():
        findings, _ = judge(call([HELLO, ASK, {"客服": text}], source=source), book=part)
        assert {f.rule: f.reason for f in findings if f.verdict != "pass"} == {}, text


@pytest.mark.parametrize("text", MANDATED)
def test_a_mandated_line_holds_no_forbidden_phrase(text):
    assert [hit.text for name in names() for hit in hits(text, name)] == []


def test_a_phrase_does_not_run_over_the_end_of_a_sentence():
    assert hits("这个您懂。什么时候办?", "contempt") == ()


@pytest.mark.parametrize("text", ["「你懂什么」是句彩铃。", "彩铃叫《你懂什么》。"])
def test_words_in_quotation_marks_are_no_hit(text):
    assert hits(text, "contempt") == ()


@pytest.mark.parametrize(
    "text", ["我来操作。", "这很可靠。", "请问您怎么称呼?", "你们放心。", "不知道您是否方便?"]
)
def test_ordinary_words_are_no_hit(text):
    assert [hit.text for name in names() for hit in hits(text, name)] == []


def test_what_only_sounds_the_same_is_for_a_human(call, finding):
    evidence = call([HELLO, ASK, {"客服": "你有玩没完"}], source="asr")
    found = finding("C10b", evidence)
    assert (found.verdict, found.reason_code) == ("needs_review", "homophone")


def test_what_only_sounds_the_same_means_nothing_in_a_human_transcript(call, finding):
    assert finding("C10b", call([HELLO, ASK, {"客服": "你有玩没完"}])).verdict == "pass"


@pytest.mark.parametrize(
    ("turn", "code"),
    [
        ({"客服": "闭上你的嘴", "conf": 0.4}, "low_confidence"),
        ({"客服": "闭上你的嘴", "temp": 0.4}, "unsettled"),
        ({"客服": "闭上你的嘴", "level": -60}, "crosstalk"),
        ({"客服": "闭嘴"}, "too_short"),
    ],
)
def test_doubtful_automatic_text_accuses_nobody(call, finding, turn, code):
    found = finding("C10b", call([HELLO, ASK, turn, {"客服": "请讲。"}], source="asr"))
    assert (found.verdict, found.reason_code) == ("needs_review", code)


def test_suspect_words_prove_nothing(call, finding):
    turn = {"客服": "闭上你的嘴", "suspect": [[0, 5]]}
    assert finding("C10b", call([HELLO, ASK, turn], source="asr")).verdict == "pass"


def test_a_swear_word_in_automatic_text_is_critical_in_review(call, book):
    evidence = call([HELLO, ASK, {"客服": "他妈的你烦不烦"}], source="asr")
    findings, card = judge(evidence, book=book)
    assert {f.rule: f.verdict for f in findings}["C11a"] == "needs_review"
    assert (card.critical, card.critical_in_review) == ((), ("C11a",))


def test_a_swear_word_in_a_human_transcript_fails_the_card(call, book):
    _, card = judge(call([HELLO, ASK, {"客服": "他妈的,又坏了。"}]), book=book)
    assert (card.result, card.critical) == ("fail", ("C11a",))


def test_swearing_at_a_rude_customer_costs_once(call, book):
    turns = [HELLO, {"客户": "你们他妈的怎么回事!"}, {"客服": "操你妈的,爱办不办!"}]
    findings, _ = judge(call(turns), book=book)
    failed = {f.rule: f for f in findings if f.verdict == "fail"}
    assert {"C11a", "P3.5c", "S2"} <= set(failed)
    charged = [rule for rule in ("C11a", "P3.5c", "S2") if failed[rule].same_as is None]
    assert charged == ["C11a"]


def test_cursing_during_a_hold_costs_once(call, book):
    turns = [HELLO, ASK, {"客服": "请您稍等。"}, {"客服": "他妈的,又死机了。", "gap": 5}]
    findings, _ = judge(call(turns), book=book)
    failed = {f.rule: f for f in findings if f.verdict == "fail"}
    assert (failed["P3.5c"].same_as, failed["C11a"].same_as) == ("C11a", None)


def test_a_rude_answer_to_thanks_costs_once(call, book):
    turns = [HELLO, ASK, {"客服": "五十元。"}, {"客户": "好的,谢谢。"}, {"客服": "谢什么谢。"}]
    findings, _ = judge(call(turns), book=book)
    failed = {f.rule: f for f in findings if f.verdict == "fail"}
    assert (failed["G8"].same_as, failed["C10d"].same_as) == ("C10d", None)


def test_the_customers_own_words_told_back_are_his(call, finding):
    turns = [HELLO, {"客户": "你们是不是嫌我烦死了?"}, {"客服": "你刚才说烦死了,请不要这样想。"}]
    assert finding("C10b", call(turns)).verdict == "pass"


def test_an_echo_is_for_a_human(call, finding):
    turns = [HELLO, {"客户": "烦死了!"}, {"客服": "烦死了。"}]
    assert finding("C10b", call(turns)).reason_code == "echo"


def test_a_long_call_is_judged_by_lexicons_in_little_time(call, book, report_figure):
    lines = [
        "您好,中国移动,请问您有什么需要我帮助吗?",
        "请您放心,我们会尽快处理,请您稍等。",
        "您的余额是五十元。",
    ]
    turns = [{("客服", "客户")[i % 2]: f"{lines[i % 3]}第{i}句。"} for i in range(60)]
    evidence = call(turns, source="asr")
    rules = {rule.id for rule in book.rules if rule.kind in ("lexicon", "restraint", "echo")}
    part = book.model_copy(update={"rules": tuple(r for r in book.rules if r.id in rules)})
    judge(evidence, book=part)
    start = time.perf_counter()
    judge(evidence, book=part)
    report_figure(f"lexicon rules on 60 turns, warm: {1000 * (time.perf_counter() - start):.1f} ms")


def test_a_telephone_number_sounds_like_no_latin_swear_word(call, finding):
    turns = [{"客服": "您好您的手机13988886666已开通"}, {"客户": "好"}, {"客服": "谢谢您再见"}]
    assert finding("C11a", call(turns, source="asr")).verdict == "pass"
