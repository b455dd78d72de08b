"""Speed of phrase matching: ``python tests/benchmarks/phrases.py``.

One three-minute call (36 turns, about 1000 characters) is searched for every phrase of the rulebook in every
turn, by sound and by character: first with nothing cached about the call, then again as re-judging does.
Processor time of one core, seeded. Judging asks for less: each rule looks at a few turns.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from auditor.rulebook.load import load_rulebook
from auditor.text import match, normalise, pinyin, reading, units

SAID = (
    "您好中国移动我能为您做些什么我想问一下我这个月的话费怎么扣了这么多我每个月的套餐是五十八块钱结果扣了"
    "120块你帮我查一下好的请稍等正在为您查询您本月使用了流量包30元国际漫游费用12元请问您还有其他问题吗谢谢您请挂机"
)


def run(turns: list[str], wanted: list[str], *, distance: float | None) -> float:
    """Milliseconds for every phrase in every turn."""
    started = time.process_time()
    for turn in turns:
        for phrase in wanted:
            if distance is None:
                match.find_written(turn, phrase)
            else:
                match.find_phrase(turn, phrase, max_distance=distance)
    return 1000 * (time.process_time() - started)


def main() -> None:
    """Print one line per search."""
    rng = random.Random(1)
    turns = []
    for _ in range(36):
        at = rng.randrange(len(SAID) - 40)
        turns.append(SAID[at : at + rng.choice((4, 20, 36, 40))] + str(len(turns)) + "号")
    book = load_rulebook()
    wanted = sorted({phrase for group in book.phrases.values() for phrase in group})
    for phrase in wanted:
        match.check_phrase(phrase)
    pinyin.syllables("热身")
    for distance in (book.settings.phrase_distance, book.settings.weak_distance, None):
        for cache in (
            units.units,
            normalise.fold,
            pinyin.syllables,
            reading.scan,
            match._sounding,
            match._written,
        ):
            cache.cache_clear()
        for phrase in wanted:
            units.units(phrase)
        first = run(turns, wanted, distance=distance)
        match._sounding.cache_clear()
        match._written.cache_clear()
        again = run(turns, wanted, distance=distance)
        how = "by character" if distance is None else f"by sound within {distance}"
        print(f"{len(wanted)} phrases {how}: {first:.1f} ms at first, {again:.1f} ms again")


if __name__ == "__main__":
    main()
