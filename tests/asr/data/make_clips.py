"""Make the clips of this folder: synthetic speech, 8 kHz G.711 A-law, headerless. Needs ``espeak-ng``.

From the repository: ``PYTHONPATH=models python tests/asr/data/make_clips.py``. The speech is what the
program espeak-ng says to sentences of the standard; the clips are under the project's licence.
"""

import io
import subprocess
import wave
from pathlib import Path

import numpy as np
import soxr
from recipe.voices import MANDARIN, to_pinyin

FOLDER = Path(__file__).parent
CLIPS = {
    "greeted": ("f3", 120, "您好，中国移动，我能为您做些什么？"),
    "wei": ("f2", 125, "喂，您好，中国移动，请讲。"),
    "nihao": ("f3", 120, "你好，请讲。"),
    "wei_nin": ("f1", 150, "为您查到这个月的话费是一百五十元。"),
    "goodbye": ("f2", 130, "请问您还有其他问题吗？谢谢您，请挂机。"),
    "number": ("f3", 130, "五四五号座席为您服务。"),
}


def encode_a_law(pcm: np.ndarray) -> bytes:
    """ITU-T G.711 A-law of 16-bit samples."""
    magnitude = np.clip(np.where(pcm < 0, -pcm - 1, pcm) >> 3, 0, 4095)
    exponent = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(int) - 4, 0)
    mantissa = np.where(exponent == 0, magnitude >> 1, magnitude >> exponent) & 15
    code = (np.where(magnitude < 32, 0, exponent) << 4) | mantissa
    return ((code | np.where(pcm < 0, 0, 128)) ^ 0x55).astype(np.uint8).tobytes()


def main() -> None:
    """Write every clip, with 0.5 s of faint noise before and after."""
    noise = np.random.default_rng(7)
    for name, (variant, words_per_min, text) in CLIPS.items():
        options = ["-v", f"{MANDARIN}+{variant}", "-s", str(words_per_min), "--stdout"]
        command = ["espeak-ng", *options, to_pinyin(text)]
        spoken = subprocess.run(command, capture_output=True, check=True).stdout
        with wave.open(io.BytesIO(spoken)) as file:
            rate = file.getframerate()
        samples = soxr.resample(np.frombuffer(spoken[44:], dtype="<i2").astype(np.float32), rate, 8000)
        samples = np.pad(samples * 0.5, (4000, 4000))
        samples = samples + noise.normal(0, 16, len(samples))
        (FOLDER / f"{name}.alaw").write_bytes(encode_a_law(np.round(samples).astype(int)))


if __name__ == "__main__":
    main()
