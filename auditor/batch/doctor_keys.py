"""What is written of a recorder: the keys of ``[recorder]``, each with the calls that show it.

A key is written only where at least ``least_calls`` calls show it and ``least_agree`` of them agree;
otherwise the check says why not (`auditor.batch.doctor_check.CheckSettings`).
"""

from __future__ import annotations

from collections import Counter
from statistics import median, pstdev
from typing import TYPE_CHECKING

from auditor.batch.doctor_check import SIDE_NAMES, SIDES, Check, CheckSettings, busy, counted, rings, settled
from auditor.text.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.batch.doctor_announcements import Announcement
    from auditor.batch.doctor_call import CallFacts


def agent_side(calls: Sequence[CallFacts], *, settings: CheckSettings) -> Check:
    """Which leg agents are on: by call records, tones, and words where a model heard them."""
    name, key = "agent_side", "agent_channel"
    one_leg = [c for c in calls if c.recording.layout in ("mono", "duplicated")]
    if calls and len(one_leg) == len(calls):
        said = "双方在同一声道"
        return settled(Check(name, said, len(calls), len(calls), key, "mono"), settings=settings)
    stereo = [c for c in calls if c.recording.layout == "two_legs"]
    if not stereo:
        why = "成对文件按文件名分客服与客户,不需要声道设置"
        return Check(name, "没有双声道录音", 0, 0, key, None, why)
    shown = [
        (c, c.roles.agent_channel)
        for c in stereo
        if c.roles.agent_channel is not None and c.roles.confidence >= settings.role_confidence
    ]
    if not shown:
        why = "没有话单写明声道,信号音也看不出;加 --model 按话语内容判断,或在 auditor.toml 里手写"
        return Check(name, f"{len(stereo)} 通双声道录音都看不出客服在哪一路", 0, len(stereo), key, None, why)
    sides = Counter(side for _, side in shown)
    side, agree = sides.most_common(1)[0]
    sources = {"record": "话单", "tones": "信号音", "speech": "话语内容"}
    by = counted(sources.get(c.roles.source, c.roles.source) for c, _ in shown)
    said = f"客服在{SIDE_NAMES[side]}:{agree}/{len(shown)} 通(依据:{by})"
    by_direction = {
        direction: {s for c, s in shown if c.record.direction == direction}
        for direction in ("inbound", "outbound")
    }
    if all(len(found) == 1 for found in by_direction.values()) and len(sides) > 1:
        why = "呼入与呼出的客服声道相反,不能写成一个值;请在话单里给出 agent_channel"
        return Check(name, said, agree, len(shown), key, None, why)
    return settled(Check(name, said, agree, len(shown), key, SIDES[side]), settings=settings)


def starts(calls: Sequence[CallFacts], *, settings: CheckSettings) -> Check:
    """Whether recordings start at the answer: by the record's times, else by rings before the first words."""
    name, key = "starts", "starts"
    rung = [c for c in calls if rings(c)]
    votes = [vote for c in calls if (vote := _start_by_record(c, settings=settings))]
    first_s = [c.speech[0].start_s for c in calls if c.speech]
    said = f"通话前有回铃音:{len(rung)}/{len(calls)} 通"
    if first_s:
        said += f";第一句话在 {median(first_s):.1f} 秒(中位)"
    if votes:
        at_answer = votes.count("at_answer")
        said += f";按话单时间,从接起开始 {at_answer} 通、之前开始 {len(votes) - at_answer} 通"
    if len(votes) >= settings.least_calls:
        value, agree = Counter(votes).most_common(1)[0]
        return settled(Check(name, said, agree, len(votes), key, value), settings=settings)
    if rung:
        check = Check(name, said, len(rung), len(calls), key, "before_answer")
        return settled(check, settings=settings)
    early = sum(s <= settings.at_start_s for s in first_s)
    if len(calls) < settings.no_ring_calls:
        why = f"没有回铃音,但少于 {settings.no_ring_calls} 通,不足以断定录音从接起开始"
        return Check(name, said, early, len(calls), key, None, why)
    return settled(Check(name, said, early, len(calls), key, "at_answer"), settings=settings)


def _start_by_record(call: CallFacts, *, settings: CheckSettings) -> str | None:
    """Whether the recording is as long as the talk, or as ringing and talk, by the call record's times."""
    record = call.record
    if not (record.answered_at and record.ended_at):
        return None
    before_at = min((t for t in (record.ring_at, record.started_at) if t), default=None)
    talk_s = (record.ended_at - record.answered_at).total_seconds()
    by_answer = abs(call.recording.duration_s - talk_s) <= settings.duration_error_s
    if before_at is None or (record.answered_at - before_at).total_seconds() <= 2 * settings.duration_error_s:
        return None
    whole_s = (record.ended_at - before_at).total_seconds()
    by_whole = abs(call.recording.duration_s - whole_s) <= settings.duration_error_s
    if by_answer == by_whole:
        return None
    return "at_answer" if by_answer else "before_answer"


def busy_heard_by(calls: Sequence[CallFacts], *, settings: CheckSettings) -> Check:
    """Who hears the busy tone of mono recordings: he who did not release, by the call record."""
    name, key = "busy_heard_by", "busy_tone_heard_by"
    mono = [c for c in calls if c.recording.layout in ("mono", "duplicated") and busy(c)]
    known = [c.record.release_party for c in mono if c.record.release_party in ("agent", "customer")]
    if not known:
        why = "只用于单声道录音,并且要话单写明挂机方" if not mono else "话单没有写明挂机方"
        return Check(name, f"单声道录音里有忙音的 {len(mono)} 通", 0, len(mono), key, None, why)
    heard_by = ["customer" if party == "agent" else "agent" for party in known]
    value, agree = Counter(heard_by).most_common(1)[0]
    label = "客服" if value == "agent" else "客户"
    said = f"单声道录音里的忙音由{label}听到:{agree}/{len(known)} 通(按话单的挂机方)"
    return settled(Check(name, said, agree, len(known), key, value), settings=settings)


def liveness(calls: Sequence[CallFacts], *, settings: CheckSettings) -> Check:
    """Whether the order in which the legs fall silent can say who hung up."""
    name, key = "liveness", "liveness"
    stereo = [c for c in calls if c.recording.layout in ("two_legs", "pair")]
    stereo = [c for c in stereo if not {"padded_leg", "silent_leg"} & set(c.recording.warnings)]
    if len(stereo) < settings.least_calls:
        why = f"可用的双声道录音少于 {settings.least_calls} 通"
        return Check(name, f"双声道录音 {len(stereo)} 通", 0, len(stereo), key, None, why)
    gated = sum(any(leg.gated for leg in call.legs) for call in stereo)
    if gated >= max(2, settings.gated_share * len(stereo)):
        said = f"{gated}/{len(stereo)} 通有静噪或 DTX,声道先断不说明谁先挂机"
        return Check(name, said, gated, len(stereo), key, False)
    leads = [lead for call in stereo if (lead := _lead_s(call)) is not None]
    if len(leads) >= settings.least_leads and len({lead > 0 for lead in leads}) == 1:
        spread = pstdev(leads)
        if spread <= settings.same_lead_s:
            side = SIDE_NAMES[0 if leads[0] > 0 else 1]
            said = f"{len(leads)} 通都是{side}先断,相差都在 {abs(median(leads)):.1f} 秒左右:是录音系统的习惯"
            return Check(name, said, len(leads), len(stereo), key, False)
    known = [
        (lead > 0) == ((call.record.release_party == "agent") == (call.roles.agent_channel == 0))
        for call in stereo
        if (lead := _lead_s(call)) is not None
        and call.record.release_party in ("agent", "customer")
        and call.roles.agent_channel is not None
    ]
    wrong = known.count(False)
    if wrong >= 2 and wrong > (1 - settings.least_agree) * len(known):
        said = f"{wrong}/{len(known)} 通的先断声道与话单的挂机方不符"
        return Check(name, said, wrong, len(known), key, False)
    said = f"{len(stereo) - gated}/{len(stereo)} 通没有静噪;{len(leads)} 通一路先断"
    if known:
        said += f",与话单的挂机方一致 {known.count(True)}/{len(known)} 通"
    if len(known) < settings.least_calls:
        why = "没有发现静噪;要写 true,须有话单的挂机方对得上(每通仍会自己检查)"
        return Check(name, said, len(stereo) - gated, len(stereo), key, None, why)
    return settled(Check(name, said, known.count(True), len(known), key, True), settings=settings)


def _lead_s(call: CallFacts) -> float | None:
    """By how much leg 0 fell dead before leg 1 (negative: after); None where neither did, or both at once."""
    ends = [
        leg.dead_from_s if leg.dead_from_s is not None else call.recording.duration_s for leg in call.legs
    ]
    if len(ends) != 2 or abs(ends[1] - ends[0]) <= 0.2:
        return None
    return ends[1] - ends[0]


def announcements(
    calls: Sequence[CallFacts], found: Sequence[Announcement], *, settings: CheckSettings
) -> Check:
    """Recordings that several calls begin with, and their words where a model heard them alike."""
    name, key = "announcements", "announcements"
    if not found:
        return Check(name, "没有发现多通录音开头播放同一段录音", 0, len(calls), key, None, "没有发现")
    shown = []
    words: list[str] = []
    agree = of = 0
    for one in found:
        legs = "、".join(SIDE_NAMES[leg] for leg in one.legs)
        said = f"{len(one.calls)} 通({legs})"
        texts = [text for index in one.calls if (text := _first_words(calls[index], one.legs))]
        if texts:
            text, count = Counter(texts).most_common(1)[0]
            agree, of = max(agree, count), max(of, len(texts))
            said += f"「{text}」{count}/{len(texts)} 通"
            if (
                len(texts) >= settings.least_calls
                and count >= settings.least_agree * len(texts)
                and len(text) >= 4
            ):
                words.append(text)
        shown.append(said)
    said = f"开头播放同一段录音:{';'.join(shown)}"
    if words:
        return Check(name, said, agree, of, key, tuple(words))
    most = len(found[0].calls)
    why = "要写进设置,须用 --model 听出文字,且各通一致" if not of else "各通听出的文字不一致"
    return Check(name, said, most, len(calls), key, None, why)


def _first_words(call: CallFacts, legs: tuple[int, ...]) -> str:
    own = [u for u in call.utterances if u.segment.channel in legs and normalise(u.text).text]
    return normalise(own[0].text).text if own and not own[0].suspect_spans else ""
