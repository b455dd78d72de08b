"""Every figure of a checkpoint's card, measured from the file: `python -m recipe.card MODEL.pt --audio DIR`.

``--write`` writes the card beside the file. What is finished is kept in the folder ``--work``: run the same
command again and it goes on. A card that lies beside the file and has its checksum keeps its choices and its
facts of training; any other file is measured anew, with its facts from the folder of its training run.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.asr.checkpoints import read_card
from recipe import (
    card_choices,
    card_facts,
    card_norms,
    card_openings,
    card_phrases,
    card_probes,
    engines,
    evaluate,
    heldout,
    times,
    train,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.asr.whisper import WhisperEngine
    from recipe.dataset import Sources

COUNTS = {
    "choices": 40,
    "service": 300,
    "words": 300,
    "human_words": 300,
    "human_sentences": 8,
    "timestamps": 90,
    "non_speech": 1000,
    "languages": 200,
    "probes": 400,
    "phrases": 320,
    "norms": 120,
    "openings": 500,
}
"""The sets in order, and how many clips each has: later ones use what earlier ones chose."""
KEPT_FACTS = ("license", "attribution", "trained_on", "training", "languages", "weaknesses")
TELL_EVERY_S = 10.0


@dataclass(frozen=True)
class Asked:
    """What the command line asks for."""

    model: Path
    audio: Path | None
    work: Path
    seed: int
    scale: float
    threads: int

    def count(self, name: str) -> int:
        """Clips of a set at this scale."""
        return max(2, round(COUNTS[name] * self.scale))

    @property
    def command(self) -> str:
        """The command that gives the same figures."""
        size = f"--scale {self.scale:g} --seed {self.seed}"
        return f"python -m recipe.card models/{self.model.name} --audio AUDIO {size}"


class Finished:
    """Figures by set, kept in a file as they come; other figures than those asked for are forgotten."""

    def __init__(self, path: Path, *, key: dict[str, Any]) -> None:
        self.path, self.key = path, key
        saved = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        self.sets: dict[str, dict[str, Any]] = saved["sets"] if saved.get("key") == key else {}

    def keep(self, name: str, figures: dict[str, Any]) -> None:
        """Add one set and save."""
        self.sets[name] = figures
        part = self.path.with_suffix(".part")
        part.write_text(_json({"key": self.key, "sets": self.sets}), encoding="utf-8")
        part.replace(self.path)


def measure(asked: Asked, *, names: Sequence[str], facts: dict[str, Any], keep: bool) -> dict[str, Any]:
    """The figures of the sets named, measured now or before; ``facts`` is the card as far as it is known."""
    asked.work.mkdir(parents=True, exist_ok=True)
    key = {"sha256": facts["sha256"], "scale": asked.scale, "seed": asked.seed}
    finished = Finished(asked.work / f"{asked.model.stem}.figures.json", key=key)
    sources = train.load_sources(asked.audio, cache=asked.work / "cache")
    for name in names:
        if name in finished.sets or (asked.audio is None and name.startswith("human")):
            continue
        engine = engine_for(asked, card=assemble(facts, finished.sets))
        began = time.process_time()
        figures = _run(name, asked=asked, engine=engine, sources=sources, keep=keep)
        finished.keep(name, figures)
        _say(f"{name}: {time.process_time() - began:.0f} s of processor time")
    return {name: finished.sets[name] for name in names if name in finished.sets}


def engine_for(asked: Asked, *, card: dict[str, Any]) -> WhisperEngine:
    """The package's engine under the card as far as it is known, read as the package reads it."""
    draft = asked.work / f"{asked.model.stem}.draft.json"
    draft.write_text(_json(card), encoding="utf-8")
    return engines.open_engine(asked.model, card=read_card(draft), threads=asked.threads)


def assemble(facts: dict[str, Any], sets: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The card: facts of the file, then whatever has been measured."""
    card = dict(facts)
    card |= sets.get("choices", {})
    card["variable_context"] = list(card.get("contexts_s", [30.0])) != [30.0]
    probes, phrases = sets.get("probes", {}), sets.get("phrases", {})
    if probes:
        card |= {name: probes[name] for name in ("probes", "measured")}
        card["probes_without_limits"] = probes["probes_without_limits"]
    if phrases:
        card["probes"] = card.get("probes", {}) | phrases["probes"]
        card |= {name: phrases[name] for name in ("missed_phrases", "false_phrases")}
        card["phrases"] = {name: phrases[name] for name in ("turns", "turns_well_heard")}
        card["probes_without_limits"] = (
            card.get("probes_without_limits", {}) | phrases["probes_without_limits"]
        )
    if "norms" in sets:
        card["confidence_norm"] = sets["norms"]["confidence_norm"]
        card["norms"] = {name: sets["norms"][name] for name in ("calls", "reviewed")}
    if set(sets) >= {"service", "words", "openings", "timestamps", "non_speech", "languages"}:
        card["targets"] = card_facts.target_table(sets)
        card["details"] = {name: sets[name] for name in ("openings", "timestamps", "non_speech")}
        card["weaknesses"] = card_facts.weaknesses(card["targets"], known=facts.get("weaknesses", ()))
    return card


def starting_facts(asked: Asked, *, training: Path | None, machine: str) -> tuple[dict[str, Any], bool]:
    """What is known before measuring, and whether the choices of a card beside the file stay.

    Raises:
        SystemExit: nothing tells how the file was trained.
    """
    facts = card_facts.facts_of_file(asked.model)
    beside = asked.model.with_suffix(".json")
    old = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else {}
    if old.get("sha256") == facts["sha256"]:
        choices = {
            name: old[name] for name in ("packing", "contexts_s", "temperatures", "prompt") if name in old
        }
        kept = {name: old[name] for name in KEPT_FACTS if name in old}
        return {**facts, **kept, **choices, "command": asked.command}, True
    work = training or asked.model.parent
    if not (work / "log.txt").is_file():
        raise SystemExit(
            f"{asked.model} has no card and {work} no log.txt: name its run with --training DIR."
        )
    trained = card_facts.facts_of_training(work, machine=machine)
    start = {"prompt": None, "contexts_s": [10.0, 20.0, 30.0], "temperatures": [0.0]}
    return {**facts, **trained, **start, "command": asked.command}, False


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, print the card, and write it when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument(
        "--audio", type=Path, help="folder with INDEX.md, cmn-words.tar and cmn-syllables.tar"
    )
    parser.add_argument("--work", type=Path, default=Path("card-work"), help="finished sets and caches")
    parser.add_argument(
        "--training", type=Path, help="folder of the training run; else the model's own folder"
    )
    parser.add_argument("--machine", default="not recorded", help="what it was trained on, for the card")
    parser.add_argument("--sets", default=",".join(COUNTS), help="only these sets; nothing is written then")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the sets")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args(arguments)
    asked = Asked(given.model, given.audio, given.work, given.seed, given.scale, given.threads)
    names = given.sets.split(",")
    unknown = set(names) - set(COUNTS)
    if unknown or (given.write and names != list(COUNTS)):
        parser.error(f"unknown sets: {', '.join(unknown)}" if unknown else "--write wants all sets")
    facts, keep = starting_facts(asked, training=given.training, machine=given.machine)
    sets = measure(asked, names=names, facts=facts, keep=keep)
    card = assemble(facts, sets) if names == list(COUNTS) else sets
    print(_json(card))  # noqa: T201
    if given.write:
        asked.model.with_suffix(".json").write_text(_json(card), encoding="utf-8")


def _run(name: str, *, asked: Asked, engine: WhisperEngine, sources: Sources, keep: bool) -> dict[str, Any]:
    """Measure one set."""
    count, tell = asked.count(name), _teller(name)
    model = engine.model
    if name in ("service", "words", "human_words"):
        clips = heldout.service_clips(
            sources,
            count=count,
            held_out=True,
            kinds=("words",) if name == "words" else heldout.SERVICE_KINDS,
            human=name == "human_words",
        )
        return evaluate.clips_errors(model, clips, tell=tell)
    runs: dict[str, Callable[[], dict[str, Any]]] = {
        "choices": lambda: card_choices.measure_choices(engine, sources, count=count, keep=keep, tell=tell),
        "human_sentences": lambda: evaluate.human_sentences(model, asked.audio or Path()),
        "timestamps": lambda: times.measure_times(model, sources, count=count, tell=tell),
        "non_speech": lambda: evaluate.non_speech(model, engine, count=count, tell=tell),
        "languages": lambda: evaluate.languages(model, count=count, tell=tell),
        "probes": lambda: card_probes.measure_probes(engine, clips=count, seed=asked.seed, tell=tell),
        "phrases": lambda: card_phrases.measure_phrases(engine, turns=count, seed=asked.seed, tell=tell),
        "norms": lambda: card_norms.measure_norms(engine, calls=count, seed=asked.seed, tell=tell),
        "openings": lambda: card_openings.measure_openings(engine, count=count, tell=tell),
    }
    return runs[name]()


def _teller(name: str) -> Callable[[int, int], None]:
    """Says on stderr how far a set is, now and then."""
    due = [time.monotonic() + TELL_EVERY_S]

    def tell(done: int, of: int) -> None:
        if time.monotonic() >= due[0]:
            _say(f"{name}: {done} of {of}")
            due[0] = time.monotonic() + TELL_EVERY_S

    return tell


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    main()
