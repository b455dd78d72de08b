"""What a recogniser mishears never accuses anybody.

Automatic text writes other characters for the same or nearly the same sound. In every case,
characters of the agent's words are replaced so: no finding may become a fail (a fail may become a review).
"""

from dataclasses import replace
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from auditor.judge import judge, open_rulebook
from auditor.records import MeasuredShare, ModelFacts, ProbeThreshold
from auditor.rulebook.cases import load_cases
from auditor.text.pinyin import sound_cost, syllables

BOOK = open_rulebook()
DIFFERENT = 0.5  # initial, final and tone together are another syllable, no near sound
LIMITS = ProbeThreshold(present_nats=1.0, absent_nats=-1.0)
SELDOM = MeasuredShare(share=0.0, upper_95=0.01, samples=400)
MODEL = ModelFacts(
    name="m",
    sha256="0",
    carded=True,
    probes=dict.fromkeys(("opening", "wei", "nin"), LIMITS),
    missed_phrases=SELDOM,
    false_phrases=SELDOM,
)
# Common characters beside those of the cases, so that most syllables have a homophone.
MORE = "未位威围味卫尾委请情晴清轻青好号浩耗豪您中钟终忠种国果过锅移一依衣医宜动懂冬洞东在再载灾见件建间键"
MORE += "拜百败白谢写些血鞋稍烧少等灯登讲将江奖挂瓜刮机几鸡急期问闻文稳为维你呢"


def automatic(case):
    """The case as automatic, confident text, with the model having asked its probes."""
    evidence = case.evidence
    return replace(
        evidence,
        transcript_source="asr",
        model=MODEL,
        probed=("opening", "wei", "nin"),
        turns=tuple(replace(t, confidence=0.92, temperature=0.0, suspect_spans=()) for t in evidence.turns),
    )


def fails(evidence):
    findings, _ = judge(evidence, book=BOOK)
    return {finding.rule for finding in findings if finding.verdict == "fail"}


@cache
def calls():
    """Every case with words, as automatic text."""
    return [automatic(case) for case in load_cases() if case.evidence.turns]


@cache
def fails_before(index):
    """What fails in a case as it stands: that may stay, and nothing may come."""
    return fails(calls()[index])


@cache
def homophones(style):
    """Characters by sound: toned pinyin, or with near sounds (no tone, zh/z, ng/n, n/l) folded."""
    pool = {char for evidence in calls() for turn in evidence.turns for char in turn.text} | set(MORE)
    groups = {}
    for char in sorted(pool):
        if char.isalpha():
            groups.setdefault(sound(char, style), []).append(char)
    return groups


def alike(char, style):
    """What a recogniser may write for a character; at most two features of a near sound differ."""
    group = homophones(style).get(sound(char, style), [])
    return [other for other in group if sound_cost(*syllables(char), *syllables(other)) < DIFFERENT]


def sound(char, style):
    if style == "same":
        return lazy_pinyin(char, style=Style.TONE3)[0]
    plain = lazy_pinyin(char)[0].replace("zh", "z").replace("ch", "c").replace("sh", "s").replace("ng", "n")
    return "n" + plain[1:] if plain.startswith("l") else plain


def misheard(turn, draw, style):
    """The turn with about one character in ten replaced, at least one."""
    text = list(turn.text)
    places = [i for i, char in enumerate(text) if len(alike(char, style)) > 1]
    for place in draw(st.lists(st.sampled_from(places), max_size=max(1, len(text) // 10))) if places else ():
        text[place] = draw(st.sampled_from(alike(text[place], style)))
    return replace(turn, text="".join(text))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.data())
def test_homophones_in_automatic_text_accuse_nobody(data):
    index = data.draw(st.integers(0, len(calls()) - 1))
    evidence, before = calls()[index], fails_before(index)
    heard = tuple(misheard(t, data.draw, "same") if t.role == "agent" else t for t in evidence.turns)
    assert fails(replace(evidence, turns=heard)) <= before


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.data())
def test_near_sounds_in_automatic_text_accuse_nobody(data):
    index = data.draw(st.integers(0, len(calls()) - 1))
    evidence, before = calls()[index], fails_before(index)
    heard = tuple(misheard(t, data.draw, "near") if t.role == "agent" else t for t in evidence.turns)
    assert fails(replace(evidence, turns=heard)) <= before


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.data())
def test_lower_confidence_accuses_nobody(data):
    index = data.draw(st.integers(0, len(calls()) - 1))
    evidence, before = calls()[index], fails_before(index)
    confidence = data.draw(st.floats(0.0, 0.92))
    turns = tuple(replace(turn, confidence=confidence) for turn in evidence.turns)
    assert fails(replace(evidence, turns=turns)) <= before


def test_a_model_without_a_card_fails_nobody_by_text():
    text_rules = {"P1", "P3.2a", "P3.2b", "C1", "C6", "C7", "C8b", "C9", "G1", "G2", "G5", "G11", "P3.5a"}
    text_rules |= {"P3.3", "C2", "C3", "C4", "C8c", "G3", "G4", "G6", "G7", "G8", "G9a", "G9b", "G10"}
    text_rules |= {"W1", "W2", "W3", "W4", "W5", "W6", "K1", "K2", "K3", "K4", "K5", "K6", "K7"}
    text_rules |= {"S1", "S4", "S5", "S6", "S7", "S8", "S10", "S12"}
    text_rules |= {"H1", "H2", "H3", "H4", "H5", "H6"}
    text_rules |= {"P2.1", "P2.2", "P2.3", "D1", "D2", "D3a", "D3b", "D4", "D5"}
    for case in load_cases():
        evidence = replace(automatic(case), model=replace(MODEL, carded=False, probes={}))
        assert not fails(evidence) & text_rules, case.name
