"""Human voices through the whole path: with the defaults, no ordinary clip fails a voice clause.

Each clip stands on the agent's leg of a call with its true transcript; sets of single words are joined
so that there is enough speech for every clause to be judged.
"""

import io
import tarfile
from pathlib import Path

import av
import numpy as np
import pytest

from auditor import pipeline
from auditor.audio.decode import decode
from auditor.judge import open_rulebook
from auditor.records import CallRecord, Transcript, TranscriptTurn
from auditor.signal import resample

AUDIO = Path(__file__).resolve().parent.parent.parent / "shared" / "audio"
SENTENCES = {
    "BAC009S0764W0121.wav": "甚至出现交易几乎停滞的情况",
    "aishell-BAC009S0724W0121.wav": "广州市房地产中介协会分析",
    "NST_ID001.wav": "作为一个男人最起码的这个担当",
    "NST_ID002.wav": "但是对他们是很大的刺激的这些事情",
    "paddle_zh.wav": "我认为跑步最重要的就是给我带来了身体健康",
    "cosyvoice_prompt.wav": "希望你以后能够做的比我还好呦",
    "podcast_S1.flac": "啊可能说更适合美国市场应该是什么样子那这这个可能说当然如果说有有机会能"
    "亲身的去考察去了解一下那当然是有更好的帮助",
    "podcast_S2.flac": "比如具体一点的他觉得最大的一个跟他预想的不一样的是在什么地方",
}
RATE_HZ = 8000
GAP_S = 0.6
VOICE_RULES = ("V1", "V2", "V3", "V4", "V5")

pytestmark = pytest.mark.skipif(not AUDIO.is_dir(), reason="the human recordings are not here")


def sentence(name):
    channel = decode(AUDIO / "sentences" / name).channels[0]
    samples = resample(np.asarray(channel.samples), channel.sample_rate_hz, RATE_HZ)
    return 0.05 * samples / np.sqrt(np.mean(samples**2)), SENTENCES[name]  # one gain for all recordings


def trimmed(samples):
    """The clip without the silence around it: 10 ms frames within 35 dB of the loudest."""
    frames = samples[: len(samples) // 80 * 80].reshape(-1, 80)
    level_db = 10 * np.log10(np.mean(frames.astype(np.float64) ** 2, axis=1) + 1e-12)
    (loud,) = np.nonzero(level_db > level_db.max() - 35)
    return samples[loud[0] * 80 : (loud[-1] + 1) * 80]


def words(seed, count=60):
    """That many random words of one woman, in three turns."""
    rng = np.random.default_rng(seed)
    with tarfile.open(AUDIO / "cmn-words.tar") as archive:
        names = sorted(member.name for member in archive.getmembers() if member.name.endswith(".opus"))
        chosen = [names[i] for i in rng.choice(len(names), count, replace=False)]
        clips = [archive.extractfile(name).read() for name in chosen]
    spoken = []
    for clip in clips:
        with av.open(io.BytesIO(clip)) as container:
            frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
            rate_hz = container.streams.audio[0].rate
        samples = np.concatenate(frames, axis=1)[0].astype(np.float32)
        spoken.append(trimmed(resample(samples, rate_hz, RATE_HZ)))
    texts = [Path(name).stem for name in chosen]
    third = count // 3
    return [
        (np.concatenate(spoken[k : k + third]), "".join(texts[k : k + third])) for k in range(0, count, third)
    ]


def voice_verdicts(write_wav, turns):
    """Verdicts of the voice rules for an agent who says these (samples, text) turns."""
    rng = np.random.default_rng(7)
    leg, rows = [np.zeros(RATE_HZ)], []
    for samples, text in turns:
        start_s = sum(map(len, leg)) / RATE_HZ
        rows.append(TranscriptTurn("agent", start_s, start_s + len(samples) / RATE_HZ, text))
        leg += [samples, np.zeros(int((2.5 if len(turns) > 1 else GAP_S) * RATE_HZ))]
    agent = np.concatenate(leg)
    agent = 0.9 * agent / np.max(np.abs(agent))
    legs = np.stack([agent, np.zeros_like(agent)], axis=1) + 1e-4 * rng.standard_normal((len(agent), 2))
    call = pipeline.CallInput(
        paths=(write_wav(legs),),
        record=CallRecord(agent_channel="left", direction="inbound"),
        transcript=Transcript("human", tuple(rows)),
    )
    book = open_rulebook()
    evidence = pipeline.hear(pipeline.open_call(call), call=call, engine=None, book=book)
    findings = pipeline.audit(evidence, book=book).findings
    return {f.rule: f.verdict for f in findings if f.rule in VOICE_RULES}


@pytest.mark.parametrize("name", SENTENCES)
def test_no_voice_clause_fails_on_a_human_sentence(write_wav, name):
    assert "fail" not in voice_verdicts(write_wav, [sentence(name)]).values()


def test_no_voice_clause_fails_on_several_humans_in_one_leg(write_wav):
    verdicts = voice_verdicts(write_wav, [sentence(name) for name in SENTENCES])
    assert verdicts["V3"] == "pass"
    assert "fail" not in verdicts.values()


@pytest.mark.parametrize("seed", range(3))
def test_no_voice_clause_fails_on_a_human_reading_words(write_wav, seed):
    verdicts = voice_verdicts(write_wav, words(seed))
    del verdicts["V3"]  # words read one at a time are slower than any running speech: about 165 字/分
    assert verdicts["V4"] == "pass"
    assert "fail" not in verdicts.values()
