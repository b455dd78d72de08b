"""What a recogniser leaves out never accuses anybody.

One character in seven of the agent's words is deleted from automatic text that its model is confident of.
A model whose card does not prove that it seldom loses a phrase then fails nobody whom it did not fail
before. Nor does one whose card proves it, and whose probes answer truthfully, fail anybody for words that
were said and that a probe is asked about; where there is no probe, its share of lost phrases, far below
what is deleted here, is all there is.
"""

import random
from dataclasses import replace
from functools import cache

import pytest

from auditor.asr.places import places, window_of
from auditor.judge import judge, open_rulebook
from auditor.records import MeasuredShare, ModelFacts, Probe, ProbeThreshold, TurnPart
from auditor.rulebook.cases import load_cases
from auditor.rulebook.lexicon import probes_of
from auditor.text.match import find_any

BOOK = open_rulebook()
SPECS = probes_of(BOOK)
DELETED = 0.15
CALLS = 50
SETS = {"greeting": "greetings", "identity": "identities", "offer": "offers", "goodbye": "goodbyes"}
PROBED = {  # what may be missing there, and has a probe
    "P1": ("greetings", "identities", "goodbyes"),
    "P3.2a": ("openings",),
    "C1": ("greetings",),
    "C6": ("goodbyes",),
    "G1": ("offers",),
}
SELDOM = MeasuredShare(share=0.005, upper_95=0.01, samples=1500)
OFTEN = MeasuredShare(share=0.05, upper_95=0.09, samples=200)
PROVEN = ModelFacts(
    name="m",
    sha256="0",
    carded=True,
    probes={spec.name: ProbeThreshold(present_nats=1.0, absent_nats=-1.0) for spec in SPECS},
    missed_phrases=SELDOM,
    false_phrases=SELDOM,
)
UNPROVEN = [
    replace(PROVEN, probes={}, missed_phrases=missed, false_phrases=false)
    for missed, false in ((None, None), (OFTEN, SELDOM))
]


def rules_that(verdict, evidence):
    """The rules with this verdict."""
    findings, _ = judge(evidence, book=BOOK)
    return {finding.rule for finding in findings if finding.verdict == verdict}


@cache
def calls():
    """Cases in which nobody fails for the rule at hand, all of those whose rules have probes, as heard."""
    good = [case for case in load_cases() if case.expect != "fail" and case.evidence.turns_of("agent")]
    named = [case for case in good if case.rule in PROBED and case.expect == "pass"]
    others = [case for case in good if case not in named]
    chosen = named + random.Random(1).sample(others, CALLS - len(named))
    return [_heard(case.evidence) for case in chosen]


def _heard(evidence):
    return replace(
        evidence,
        transcript_source="asr",
        probes=(),
        turns=tuple(replace(t, confidence=0.92, temperature=0.0, suspect_spans=()) for t in evidence.turns),
    )


def with_deletions(evidence, *, seed):
    """The call with about ``DELETED`` of the agent's characters gone, chosen at random."""
    dice = random.Random(seed)

    def shortened(turn):
        text = "".join(char for char in turn.text if dice.random() >= DELETED)
        parts = (TurnPart(turn.start_s, turn.end_s, 0, len(text)),)
        return replace(turn, text=text, parts=parts)

    return replace(evidence, turns=tuple(shortened(t) if t.role == "agent" else t for t in evidence.turns))


def truthful(heard, *, said):
    """The probes that an engine would be asked about what was heard, answered by what was said."""
    agent = [index for index, turn in enumerate(heard.turns) if turn.role == "agent"]
    found = []
    for spec in SPECS:
        if spec.name in SETS:
            asked = [(index, (0, 0), "") for index in window_of(heard.turns, agent, spec=spec)]
        elif spec.where == "agent_first_turn":
            asked = [(agent[0], (0, 0), "")]
        else:
            asked = [
                (index, (place.start, place.end), heard.turns[index].text[place.start : place.end])
                for index in agent
                if heard.turns[index].text
                for place in places(heard.turns[index].text, parts=heard.turns[index].parts, spec=spec)
            ]
        for index, (start, end), text in asked:
            present = _is_said(spec.name, said.turns[index].text, heard=text)
            at = heard.turns[index].span
            found.append(Probe(spec.name, index, start, end, at, "", "", 9.0 if present else -9.0))
    return replace(heard, probes=tuple(found))


def _is_said(name, text, *, heard):
    if name == "wei":
        return text.startswith("喂")
    if name == "nin":
        return heard == "您"
    if name in ("swearing", "disclosure"):
        return heard in text
    phrases, limit = BOOK.words(SETS.get(name, "openings")), BOOK.settings.phrase_distance
    return find_any(text, phrases, max_distance=limit) is not None


def _did_all(rule, said):
    """Whether the agent said all that a rule with probes asks for: nothing passes by an excuse."""
    texts, limit = [turn.text for turn in said.turns_of("agent")], BOOK.settings.phrase_distance
    return rule in PROBED and all(
        any(find_any(text, BOOK.words(name), max_distance=limit) for text in texts) for name in PROBED[rule]
    )


@pytest.mark.parametrize(
    ("source", "model"),
    [("asr", UNPROVEN[0]), ("asr", UNPROVEN[1]), ("imported_asr", None)],
    ids=["never measured", "loses too many", "brought along"],
)
def test_what_a_model_without_a_proven_share_leaves_out_accuses_nobody(source, model):
    first = (UNPROVEN[0], UNPROVEN[1], None).index(model)
    for number, whole in list(enumerate(calls()))[first::3]:
        said = replace(whole, model=model, transcript_source=source)
        heard = with_deletions(said, seed=number)
        assert rules_that("fail", heard) <= rules_that("fail", said), [turn.text for turn in heard.turns]


def test_what_was_said_and_lost_is_no_fault_where_probes_tell_the_truth(report_figure):
    others = 0
    for number, whole in enumerate(calls()):
        said = replace(whole, model=PROVEN)
        heard = truthful(with_deletions(said, seed=number), said=said)
        said = truthful(said, said=said)
        accused = rules_that("fail", heard) - rules_that("fail", said)
        done = {rule for rule in rules_that("pass", said) if _did_all(rule, said)}
        assert not accused & done, [turn.text for turn in heard.turns]
        others += len(accused)
    report_figure(f"15 % of the characters deleted, {CALLS} calls: {others} fails where no probe is asked")
