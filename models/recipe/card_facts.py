"""What a card says of the file itself: network, training, data, licence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import torch

from auditor.asr.checkpoints import checkpoint_sha256
from recipe.dataset import Mix
from recipe.tables import FOREIGN
from recipe.voices import HELD_OUT_VARIANTS, MANDARIN, VARIANTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

USE = "Demonstration and tests on synthetic speech. Not for real calls, not for real agents."
ATTRIBUTION = (
    "Mandarin words: Yue Tan, University of Caen (2009), Shtooka project, cmn-caen-tan, CC BY-SA 3.0 US",
    "Mandarin syllables: Chen Wang, Hugo Lopez, Nicolas Vion (2013), CC BY-SA 3.0",
    "both as curated in hugolpz/audio-cmn by Hugo Lopez, PLIDAM, INALCO; taken apart, bent and joined here",
    "CC BY-SA 3.0 (4 b) lets an adaptation be under a later version: the weights are under CC BY-SA 4.0;"
    " the code that made them is under MIT",
)
WANTED = "was wanted"
TARGETS: dict[str, tuple[str, str, float | None]] = {
    "service_sentences": ("character error rate", "at most", 0.04),
    "random_words": ("character error rate", "at most", 0.15),
    "human_words": ("character error rate", "at most", 0.20),
    "human_sentences": ("character error rate", "reported", None),
    "openings": ("share decided right by text and probe", "at least", 0.99),
    "openings_false_wei": ("share of openings without 喂 that fail P3.2b", "at most", 0.0),
    "timestamps": ("median error of starts and ends, seconds", "at most", 0.1),
    "non_speech": ("share of windows with text", "at most", 0.005),
    "non_speech_by_the_package": ("share of windows with text", "at most", 0.005),
    "languages": ("share told Mandarin from not", "reported", None),
}


def facts_of_file(path: Path) -> dict[str, Any]:
    """Name, checksum, dimensions, weights and megabytes."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    weights = sum(value.numel() for value in saved["model_state_dict"].values())
    return {
        "name": path.stem,
        "sha256": checkpoint_sha256(path),
        "format": "openai-whisper, fp16",
        "demonstration": True,
        "use": USE,
        "dims": dict(saved["dims"]),
        "parameters": weights,
        "megabytes": round(path.stat().st_size / 1e6, 1),
    }


def facts_of_training(work: Path, *, machine: str) -> dict[str, Any]:
    """Licence, data, languages, seed, steps and hours, from the folder that `train` wrote.

    The file is the run's ``best.pt``: steps and hours are those of the logged figure that was best.
    """
    state = torch.load(work / "last.pt", map_location="cpu", weights_only=True)
    plan = state["plan"]
    lines = [json.loads(line) for line in (work / "log.txt").read_text(encoding="utf-8").splitlines()]
    best = min((line for line in lines if "cer" in line), key=lambda line: line["cer"])
    humans = (work / "cache" / "cmn-words.npz").is_file()
    mix = Mix()
    hours = best["step"] * mix.batch_s / 3600
    taken = (
        f" {mix.human:.0%} of the speakers put together from two women's takes (Mandarin words, syllables),"
        " with pitch, tempo and vocal tract bent; no natural sentence of a person."
        if humans
        else " No human voice."
    )
    return {
        "license": "CC-BY-SA-4.0" if humans else "MIT",
        "attribution": list(ATTRIBUTION) if humans else [],
        "trained_on": (
            f"{hours:.0f} h of windows made by the recipe: service sentences from templates and random words,"
            f" {len(VARIANTS)} variants of espeak-ng's {MANDARIN} at 90-345 words a minute.{taken} Lines:"
            " 8 kHz, G.711, MP3, noise of 3-40 dB, reverberation, crosstalk. Held out:"
            f" {len(HELD_OUT_VARIANTS)} variants and one sentence in 20."
        ),
        "training": {
            "seed": plan["seed"],
            "steps": best["step"],
            "hours": best["hours"],
            "machine": machine,
            "seconds_of_windows_a_step": mix.batch_s,
            "held_out_cer": best["cer"],
            "grown_from": state.get("grown_from"),
            "plan": plan,
        },
        "languages": ["zh", *FOREIGN],
        "weaknesses": ["people's natural speech: never trained on, hardly measured"],
    }


def target_table(sets: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Every figure of the target table with its interval, its target, and whether it is met."""
    openings, times, quiet = sets["openings"], sets["timestamps"], sets["non_speech"]
    found = {
        "service_sentences": sets["service"],
        "random_words": sets["words"],
        "human_words": sets.get("human_words", {}),
        "human_sentences": sets.get("human_sentences", {}),
        "openings": openings["decided_right"],
        "openings_false_wei": openings["P3.2b"]["false_fail"],
        "timestamps": times["strict_median_error_s"],
        "non_speech": quiet["with_text"],
        "non_speech_by_the_package": quiet["by_the_package"],
        "languages": sets["languages"],
    }
    return {name: _row(name, figures) for name, figures in found.items() if figures}


def weaknesses(table: dict[str, Any], *, known: Sequence[str]) -> list[str]:
    """A sentence for every target that is missed, then what a person wrote down before."""
    missed = [
        f"{name.replace('_', ' ')}: {row['figure']} {row['value']:g};"
        f" {row['bound']} {row['target']:g} {WANTED}"
        for name, row in table.items()
        if row.get("met") is False
    ]
    return [*missed, *(one for one in known if not one.endswith(WANTED))]


def _row(name: str, figures: dict[str, Any]) -> dict[str, Any]:
    figure, bound, target = TARGETS[name]
    value = figures.get("value", figures.get("share"))
    rest = {key: one for key, one in figures.items() if key not in ("value", "share")}
    row = {"figure": figure, "bound": bound, "target": target, "value": value, **rest}
    if target is None or value is None:
        return row
    return row | {"met": value <= target if bound == "at most" else value >= target}
