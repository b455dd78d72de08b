"""Speed of phrase matching: ``python tests/benchmarks/phrases.py``.

One three-minute call (about 900 characters in 36 turns) is searched for 100 phrases by sound and 400 by
character, first with nothing cached about the call, then again as re-judging does. One core, seeded.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from auditor.text import match, normalise, pinyin, reading, units

SAID = (
    "您好中国移动我能为您做些什么我想问一下我这个月的话费怎么扣了这么多我每个月的套餐是五十八块钱结果扣了"
    "120块你帮我查一下好的请稍等正在为您查询您本月使用了流量包30元国际漫游费用12元请问您还有其他问题吗谢谢您请挂机"
)
STEMS = (
    "请您稍等",
    "谢谢您请挂机",
    "请问您还有其他问题吗",
    "欢迎使用中国移动通信业务",
    "您投诉的内容是<any>吗",
)


def phrases(count: int, rng: random.Random) -> list[str]:
    """Phrases that share words with the call without being in it, as rulebook phrases do."""
    made = []
    while len(made) < count:
        at = rng.randrange(len(SAID) - 8)
        made.append(rng.choice(STEMS) + "(," + SAID[at : at + rng.randrange(2, 8)][::-1] + ")")
    return made


def run(turns: list[str], wanted: list[str], *, distance: float | None) -> float:
    """Milliseconds for every phrase in every turn."""
    started = time.perf_counter()
    for turn in turns:
        for phrase in wanted:
            if distance is None:
                match.find_written(turn, phrase)
            else:
                match.find_phrase(turn, phrase, max_distance=distance)
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    """Print one line per search."""
    rng = random.Random(1)
    turns = []
    for _ in range(36):
        at = rng.randrange(len(SAID) - 40)
        turns.append(SAID[at : at + rng.choice((4, 20, 36, 40))] + str(len(turns)) + "号")
    wanted = phrases(100, rng)
    for phrase in wanted:
        match.check_phrase(phrase)
    pinyin.syllables("热身")
    for distance, count in ((match.DEFAULT_MAX_DISTANCE, 100), (0.34, 100), (None, 400)):
        for cache in (units.units, normalise.fold, pinyin.syllables, reading.scan, match._best):
            cache.cache_clear()
        some = wanted if count == 100 else phrases(count, rng)
        for phrase in some:
            match.check_phrase(phrase)
        first = run(turns, some, distance=distance)
        match._best.cache_clear()
        again = run(turns, some, distance=distance)
        how = "by character" if distance is None else f"by sound within {distance}"
        print(f"{len(some)} phrases {how}: {first:.1f} ms at first, {again:.1f} ms again")


if __name__ == "__main__":
    main()
