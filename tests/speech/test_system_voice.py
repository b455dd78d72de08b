"""Announcements are nobody's words, and an agent's words are never taken for an announcement."""

import pytest

from auditor.records import Segment, Utterance
from auditor.speech.system_voice import find_system_voices

PHRASES = (
    "(您好)欢迎致电",
    "工号<number>为您服务",
    "通话可能会被录音",
    "正在为您转接",
    "[坐席|座席]忙请稍候",
    "请对我的服务进行评价",
    "<any>请按<number>",
)


def flags(*rows):
    heard = [Utterance(Segment(channel, start, end), text, 0.9) for channel, start, end, text in rows]
    return find_system_voices(heard, system_phrases=PHRASES)


@pytest.mark.parametrize(
    "text",
    [
        "工号8001为您服务。",
        "工号八零零一为您服务",
        "欢迎致电中国移动客服热线,",
        "您好,欢迎致电中国移动,坐席忙,请稍候。",
        "为了提高服务质量,您的通话可能会被录音。",
        "公号8001为您服务",
        "您好,欢迎您致电中国移动。",
        "欢迎使用中国移动通信业务。过皮毛请您稍等。",
    ],
)
def test_an_announcement_before_anybody_speaks_is_a_system_voice(text):
    assert flags((0, 0, 3, text)) == (True,)


@pytest.mark.parametrize(
    "text",
    [
        "您好,中国移动,工号8001为您服务,请问有什么可以帮您?",
        "您好中国移动工号8001为您服务",
        "工号8001为您服务,请问有什么可以帮您?",
        "您好,中国移动。",
        "",
    ],
)
def test_a_live_greeting_stays_the_agents(text):
    assert flags((0, 0, 3, text)) == (False,)


def test_the_number_said_within_the_agents_own_greeting_is_not_torn_out():
    rows = [
        (0, 0, 1, "您好,中国移动。"),
        (0, 1.4, 3, "工号8001为您服务。"),
        (0, 3.4, 5, "请问有什么可以帮您?"),
    ]
    assert flags(*rows) == (False, False, False)


def test_the_announced_number_before_the_agent_is_a_system_voice():
    assert flags((0, 0, 2, "工号8001为您服务。"), (0, 2.4, 4, "您好,中国移动。")) == (True, False)


def test_a_survey_after_the_goodbye_is_a_system_voice():
    assert flags((0, 0, 2, "谢谢您,再见。"), (0, 4, 6, "请对我的服务进行评价。")) == (False, True)


def test_an_agent_who_says_more_than_the_announcement_stays_live():
    assert flags((0, 0, 1, "您好"), (0, 9, 12, "好的先生,请稍等,正在为您转接技术专席")) == (False, False)


def test_legs_are_judged_apart():
    assert flags((1, 0, 1, "喂你好"), (0, 2, 4, "欢迎致电中国移动")) == (False, True)


def test_speech_without_text_does_not_end_the_time_of_announcements():
    assert flags((0, 0, 1, ""), (0, 2, 4, "欢迎致电中国移动")) == (False, True)


def test_a_live_instruction_to_press_a_key_stays_the_agents():
    rows = [(0, 0, 1, "您好,中国移动"), (1, 1.5, 3, "我查话费"), (0, 4, 6, "查询话费您可以根据语音提示请按1")]
    assert flags(*rows) == (False, False, False)


def test_the_agents_closing_welcome_stays_the_agents():
    rows = [
        (0, 0, 2, "您好,中国移动"),
        (0, 9, 10, "这是我们应该做的"),
        (0, 12, 14, "欢迎使用中国移动通信业务"),
    ]
    assert flags(*rows) == (False, False, False)


def test_without_phrases_nothing_is_a_system_voice():
    heard = [Utterance(Segment(0, 0, 2), "欢迎致电中国移动", 0.9)]
    assert find_system_voices(heard, system_phrases=()) == (False,)
