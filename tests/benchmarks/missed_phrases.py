"""Measure what silence and words of a model prove: the shares and window probes on its card.

Needs the program ``espeak-ng``. From the repository (800 turns of a model that hears well: some 8 minutes
of one core; one that hears badly is asked more)::

    python tests/benchmarks/missed_phrases.py [--model starter] [--turns 800] [--write]

Turns of agents and customers are spoken by the voices of the sample calls with other pitches and rates,
8 kHz A-law with line noise, and taken through the real voice activity detection, transcription, turns and
probes; what follows is decided by the same functions that judge calls.

``missed_phrases``: of the mandated phrases that were said in turns that were well heard
(`listening.doubt_about` finds nothing), the share that `listen_for` calls missing: neither there within
``phrase_distance`` nor nearly within ``weak_distance``. ``false_phrases``: of the phrases of the rulebook
and its lexicons that stand to the letter in such turns, the share that nobody said. ``upper_95`` is the
upper end of Wilson's interval (Wilson, JASA 22, 1927).

The probes anywhere in opening and closing turns (greeting, identity, offer, goodbye) are asked where the
text has none of their phrases. Limits are chosen on even turns and tried on odd ones as in
probe_thresholds.py: the side that accuses lies 3 nats beyond the worst turn, and 5 nats from zero.
``said_heard_as_absent`` counts every turn in which the phrase was said and the engine stands by its text:
how many would have been called "not said". A probe whose ``upper_95`` there is above the rulebook's
``max_missed_share`` gets no limits.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "sample_calls")]

from cast import F2, F4, F5, M3, M7, MAN, WOMAN  # noqa: E402
from probe_thresholds import Margin, a_law, error_rates, limits  # noqa: E402
from voices import RATE_HZ, Voice, set_level, speak  # noqa: E402

from auditor.asr.batching import transcribe_call  # noqa: E402
from auditor.asr.probe import run_probes, support_nats  # noqa: E402
from auditor.asr.whisper import WhisperEngine, load_engine  # noqa: E402
from auditor.asr.windows import cut  # noqa: E402
from auditor.judge import open_rulebook  # noqa: E402
from auditor.kinds.hits import find_hits  # noqa: E402
from auditor.kinds.listening import doubt_about, listen_for  # noqa: E402
from auditor.records import (  # noqa: E402
    CallRecord,
    Evidence,
    MeasuredShare,
    ModelFacts,
    Recording,
    Roles,
    Turn,
)
from auditor.rulebook.entries import names  # noqa: E402
from auditor.rulebook.lexicon import load_lexicon  # noqa: E402
from auditor.signal import Channel  # noqa: E402
from auditor.speech.turns import build_turns  # noqa: E402
from auditor.speech.vad import find_segments  # noqa: E402
from auditor.text.match import find_any, find_written  # noqa: E402
from auditor.text.normalise import normalise  # noqa: E402

BOOK = open_rulebook()
LEAST_SUPPORT_NATS = -0.35
PROBES = {"greeting": "greetings", "identity": "identities", "offer": "offers", "goodbye": "goodbyes"}
MANDATED = (*PROBES.values(), "thanks", "apologies", "holds", "wait_courtesies", "more_questions")

GREETINGS = ("您好,", "您好!", "你好,", "早上好,", "下午好,")
IDENTITIES = ("中国移动。", "移动公司。", "中国移动客服中心。", "工号八零零一。", "我叫王芳。", "我姓李。")
OFFERS = (
    "请问有什么可以帮您?",
    "我能为您做些什么?",
    "请问您有什么需要我帮助吗?",
    "很高兴为您服务。",
    "请讲。",
    "请问您办理什么业务?",
)
INSTEAD = ("什么事?", "怎么了?", "哪位?")
LAST = (
    "好的,就这样。",
    "不客气,这是我们应该做的。",
    "已经为您办好了。",
    "好的,没问题。",
    "祝您生活愉快。",
    "您的余额是五十元。",
    "您需要办理的业务我们已受理完毕。",
    "请您放心,我们会尽快处理。",
    "那就先这样吧。",
)
GOODBYES = (
    "再见。",
    "谢谢您,再见。",
    "谢谢您,请挂机。",
    "感谢您的来电,再见。",
    "拜拜。",
    "请慢走。",
    "欢迎您再来。",
    "祝您愉快,再见。",
)
MIDDLE = (
    "请稍等,马上为您查询。",
    "对不起,让您久等了。",
    "请您稍等,我帮您查一下。",
    "感谢您的耐心等待。",
    "请问您还有其他问题吗?",
    "非常抱歉给您带来不便,请您谅解。",
    "对不起,请您声音大一点好吗?",
    "请问您的手机号码是多少?",
    "不好意思,请您稍候。",
    "谢谢您对我们工作的支持。",
    "您的要求我们会向上级部门反映。",
    "我讲明白了吗?",
    "正在为您查询,请不要挂机。",
    "您这个月的套餐是五十八元,用了三十兆流量。",
    "开通以后明天早上生效。",
    "您可以到附近的营业厅办理。",
)
CUSTOMERS = (
    "怎么打了半天才接电话?",
    "我要投诉你们。",
    "你说什么?我没听清。",
    "谢谢你啊。",
    "我打错电话了。",
    "帮我转八零零二号。",
    "我要查一下这个月的话费。",
    "不用了,我不需要。",
    "我听不懂你在说什么。",
    "叫你们领导来接电话。",
    "没有了,谢谢。",
    "为什么扣了我这么多钱?",
    "我的手机没有信号。",
    "这个流量包多少钱一个月?",
    "昨天下午我去过营业厅了。",
    "我妈妈想换一个老人手机。",
    "那边天气怎么样?",
    "孩子上学用的卡能不能便宜一点?",
    "好的,知道了。",
    "等一下,我找找笔。",
    "我的身份证在家里。",
)


def wilson_upper(hits: int, samples: int) -> float:
    """The upper end of Wilson's 95 % interval for ``hits`` of ``samples``."""
    z2 = 1.96**2
    share = hits / samples
    middle = share + z2 / (2 * samples)
    half = 1.96 * math.sqrt(share * (1 - share) / samples + z2 / (4 * samples**2))
    return (middle + half) / (1 + z2 / samples)


def share_of(outcomes: list[bool]) -> dict[str, float]:
    """The share of true ones as a card has it; nothing where there are none."""
    if not outcomes:
        return {}
    hits, samples = sum(outcomes), len(outcomes)
    upper = math.ceil(10000 * wilson_upper(hits, samples)) / 10000
    return {"share": round(hits / samples, 4), "upper_95": upper, "samples": samples}


def sentences(number: int, dice: random.Random) -> tuple[str, tuple[str, ...]]:
    """Who speaks, and what: openings and closings with and without each act, mandated lines, customers."""
    kind = number % 8
    if kind < 3:
        acts = [dice.choice(some) for some in (GREETINGS, IDENTITIES, OFFERS) if dice.random() < 0.75]
        return "agent", tuple(acts or [dice.choice(INSTEAD)])
    if kind < 6:
        said = [dice.choice(LAST) for _ in range(dice.choice((1, 1, 2)))]
        return "agent", (*said, *([dice.choice(GOODBYES)] if dice.random() < 0.75 else []))
    if kind == 6:
        return "agent", tuple(dice.sample(MIDDLE, dice.choice((1, 2))))
    return "customer", (dice.choice(CUSTOMERS),)


def render(said: tuple[str, ...], *, voice: Voice, dice: random.Random) -> Channel:
    """Sentences with short pauses on one leg, 8 kHz A-law with line noise."""
    parts = [np.zeros(round(RATE_HZ * dice.uniform(0.4, 1.0)))]
    rate = round(voice.rate * dice.uniform(0.85, 1.1))
    for text in said:
        sound = speak(text, voice=voice, pitch=max(20, voice.pitch + dice.randint(-8, 8)), rate=rate)
        level = voice.level_dbov - dice.uniform(0, voice.level_spread_db)
        parts += [set_level(sound, level_dbov=level), np.zeros(round(RATE_HZ * dice.uniform(0.1, 0.6)))]
    samples = np.concatenate([*parts, np.zeros(RATE_HZ // 2)])
    noise = np.random.default_rng(dice.getrandbits(32)).normal(
        0, 10 ** (dice.uniform(-65, -50) / 20), len(samples)
    )
    return Channel(0, a_law((samples + noise).astype(np.float32)), RATE_HZ)


def as_evidence(turns: tuple[Turn, ...], *, duration_s: float) -> Evidence:
    """The turns as a call that a trusted model heard, so that only hearing decides."""
    seldom = MeasuredShare(0.0, 0.0, 1)
    return Evidence(
        recording=Recording(("x.wav",), ("0" * 64,), duration_s, 8000, 1, "mono", "pcm_alaw", ()),
        call_record=CallRecord(),
        roles=Roles(0, 1.0, "flag", "benchmark"),
        turns=turns,
        events=(),
        measurements={},
        segments=(),
        tracks={},
        probes=(),
        transcript_source="asr",
        model=ModelFacts("m", "", carded=True, missed_phrases=seldom, false_phrases=seldom),
    )


def missed(truth: str, evidence: Evidence) -> list[bool]:
    """For each mandated set of which a phrase was said in a turn well heard: whether it counts as missing."""
    if doubt_about(evidence.turns, evidence=evidence, book=BOOK):
        return []
    heard = [
        listen_for(BOOK.words(name), turns=evidence.turns, evidence=evidence, book=BOOK)
        for name in MANDATED
        if find_any(truth, BOOK.words(name), max_distance=0.0)
    ]
    return [one.said == "missing" for one in heard]


def made_up(truth: str, evidence: Evidence) -> list[bool]:
    """For each phrase that stands to the letter in a turn well heard: whether nobody said it."""
    if doubt_about(evidence.turns, evidence=evidence, book=BOOK):
        return []
    found = set()
    for turn in evidence.turns:
        phrases = {phrase for some in BOOK.phrases.values() for phrase in some}
        found |= {
            normalise(match.text).text for phrase in phrases for match in find_written(turn.text, phrase)
        }
        for name in names():
            hits = find_hits(turn.text, load_lexicon(name), reports=(), sound_distance=None)
            found |= {normalise(hit.text).text for hit in hits}
    said = normalise(truth).text
    return [text not in said for text in sorted(found) if len(text) > 1]


class Windows:
    """What the window probes made of every turn."""

    def __init__(self, engine: WhisperEngine) -> None:
        card = replace(engine.checkpoint.card, least_support_nats=dict.fromkeys(PROBES, LEAST_SUPPORT_NATS))
        engine.checkpoint = replace(engine.checkpoint, card=card)
        self.engine = engine
        self.specs = [spec for spec in BOOK.probes if spec.name in PROBES]
        self.margins: dict[str, tuple[list[Margin], list[Margin]]] = {name: ([], []) for name in PROBES}
        self.said: dict[str, list[float]] = defaultdict(list)
        self.details: list[dict[str, Any]] = []

    def ask(self, number: int, *, truth: str, channel: Channel, turns: tuple[Turn, ...]) -> None:
        """Ask every probe about one opening or closing turn; the best margin of its stretches counts."""
        probes = run_probes(self.engine, channels=[channel], turns=turns, specs=self.specs)
        supported = self._is_supported(channel, turns)
        for name, phrases in PROBES.items():
            present = find_any(truth, BOOK.words(phrases), max_distance=0.0) is not None
            nats = max((probe.margin_nats for probe in probes if probe.name == name), default=None)
            # What the text holds in other words is said, whatever the probe thinks of its own words.
            limit = BOOK.settings.phrase_distance
            if any(find_any(turn.text, BOOK.words(phrases), max_distance=limit) for turn in turns):
                nats = None
            if nats is not None:
                self.margins[name][number // 8 % 2].append(Margin(nats, present, rival=False))
                heard = "|".join(turn.text for turn in turns)
                self.details.append(
                    {"probe": name, "text": truth, "heard": heard, "present": present, "margin": nats}
                )
            if present and supported:
                self.said[name].append(math.inf if nats is None else nats)

    def _is_supported(self, channel: Channel, turns: tuple[Turn, ...]) -> bool:
        packing = self.engine.packing
        return all(
            support_nats(
                self.engine,
                samples=cut(channel, part.start_s, part.end_s, packing=packing)[0],
                heard=turn.text[part.text_start : part.text_end],
            )
            >= LEAST_SUPPORT_NATS
            for turn in turns
            for part in turn.parts
            if part.text_end > part.text_start
        )

    def entries(self, command: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The probes' entries for the card, and those that were measured but are not good enough."""
        good: dict[str, Any] = {}
        rejected: dict[str, Any] = {}
        for name, (choosing, held_out) in self.margins.items():
            present_nats, absent_nats = limits(choosing, accusing="absent")
            wrong = share_of([nats <= absent_nats for nats in self.said[name]])
            entry = {
                "present_nats": present_nats,
                "absent_nats": absent_nats,
                "least_support_nats": LEAST_SUPPORT_NATS,
                **error_rates(held_out, present_nats=present_nats, absent_nats=absent_nats),
                "said_heard_as_absent": wrong,
                "command": command,
            }
            fine = wrong.get("upper_95", 1.0) <= BOOK.settings.max_missed_share
            (good if fine else rejected)[name] = entry
        return good, rejected


def measure(
    engine: WhisperEngine, *, turns: int, seed: int, command: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The figures for the card, and what the probes said turn by turn."""
    windows = Windows(engine)
    lost: list[bool] = []
    invented: list[bool] = []
    well = 0
    for number in range(turns):
        dice = random.Random(f"{seed}/{number}")
        role, said = sentences(number, dice)
        truth = "".join(said)
        voice = dice.choice((F2, F5, F4, M3, M7) if role == "agent" else (MAN, WOMAN))
        channel = render(said, voice=voice, dice=dice)
        utterances = transcribe_call(engine, channels=[channel], segments=[find_segments(channel)])
        roles = Roles(0, 1.0, "flag", "benchmark")
        heard = build_turns(utterances, roles=roles, system_phrases=())
        if not heard:
            continue
        evidence = as_evidence(heard, duration_s=len(channel.samples) / RATE_HZ)
        well += not doubt_about(heard, evidence=evidence, book=BOOK)
        lost += missed(truth, evidence) if role == "agent" else []
        invented += made_up(truth, evidence)
        if number % 8 < 6:
            windows.ask(number, truth=truth, channel=channel, turns=heard)
    good, rejected = windows.entries(command)
    figures = {
        "missed_phrases": share_of(lost),
        "false_phrases": share_of(invented),
        "probes": good,
        "probes_without_limits": rejected,
        "turns_well_heard": round(well / turns, 3),
    }
    return figures, windows.details


def main() -> None:
    """Measure, print, and write when asked."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--model", default=None)
    asked.add_argument("--turns", type=int, default=800)
    asked.add_argument("--seed", type=int, default=2026)
    asked.add_argument("--threads", type=int, default=None)
    asked.add_argument("--write", action="store_true")
    asked.add_argument("--details", type=Path, default=None, help="write every margin to this file")
    args = asked.parse_args()
    engine = load_engine(args.model, threads=args.threads)
    assert isinstance(engine, WhisperEngine)
    card_path = engine.checkpoint.path.with_suffix(".json")
    command = f"python tests/benchmarks/missed_phrases.py --turns {args.turns} --seed {args.seed}"
    figures, details = measure(engine, turns=args.turns, seed=args.seed, command=command)
    print(json.dumps(figures, ensure_ascii=False, indent=2))
    if args.details:
        args.details.write_text(json.dumps(details, ensure_ascii=False, indent=0), encoding="utf-8")
    if args.write:
        card = json.loads(card_path.read_text(encoding="utf-8"))
        kept = {name: one for name, one in card.get("probes", {}).items() if name not in PROBES}
        card["probes"] = kept | figures["probes"]
        for name in ("missed_phrases", "false_phrases"):
            card[name] = (figures[name] | {"command": command}) or None
        card_path.write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
