"""Which checkpoint file, whose card, and is it what it claims to be.

A model is named by nothing (the one that ships), by a name (``mandarin-demo``, ``large-v3``) or by a path.
It is looked for, in this order, in the folders given, $AUDITOR_MODELS, ./models, the user's data folder,
where the shipped one lies, and Whisper's own cache. A model that was asked for is used or it is an error:
nothing is switched silently.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.asr.engine import Packing
from auditor.errors import ModelError
from auditor.inputs.files import sha256_of
from auditor.records import MeasuredShare, ModelFacts, ProbeThreshold

if TYPE_CHECKING:
    from collections.abc import Sequence

SHIPPED = "mandarin-demo"
SAFE_PROMPT = "以下是普通话的句子。"
"""Makes official models write simplified, punctuated text; no mandated phrase, so it plants none."""
TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""The fallback ladder of whisper.transcribe [P]."""

NORM_SUFFIX = ".norm.json"

# Best first: Mandarin CER on AISHELL-1 [P: measurements.md, Transcription facts].
OFFICIAL_BEST_FIRST = (
    ("large-v3", ("large-v3", "large")),
    ("large-v3-turbo", ("large-v3-turbo", "turbo")),
    ("large-v2", ("large-v2",)),
    ("large-v1", ("large-v1",)),
    ("medium", ("medium",)),
    ("small", ("small",)),
    ("base", ("base",)),
    ("tiny", ("tiny",)),
)


@dataclass(frozen=True, slots=True)
class Card:
    """What is known about a model: a JSON file beside the checkpoint. The defaults fit official models.

    Attributes:
        demonstration: not for real calls.
        languages: ISO codes that the language token was trained on; empty: all of Whisper's.
        packing: how windows are cut.
        prompt: the initial prompt; None: none.
        contexts_s: window lengths that the encoder may run on; Whisper's own is 30 s alone.
        temperatures: tried in order until a decoding is accepted.
        confidence_norm: (median, spread) of the mean token probability.
        probes: name to decision limits.
        least_support_nats: by probe, see `engine.Engine`.
        missed_phrases, false_phrases: see `records.ModelFacts`; measured by
            ``python -m recipe.card`` (models/recipe).
    """

    name: str
    sha256: str | None = None
    demonstration: bool = False
    languages: tuple[str, ...] = ()
    packing: Packing = field(default_factory=Packing)
    prompt: str | None = SAFE_PROMPT
    contexts_s: tuple[float, ...] = (30.0,)
    temperatures: tuple[float, ...] = TEMPERATURES
    confidence_norm: tuple[float, float] | None = None
    probes: dict[str, ProbeThreshold] = field(default_factory=dict)
    least_support_nats: dict[str, float] = field(default_factory=dict)
    missed_phrases: MeasuredShare | None = None
    false_phrases: MeasuredShare | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint file that was found and checked.

    ``official`` is OpenAI's name for it; ``norm`` is a centre's own (``<name>.norm.json`` in a folder of
    models, written by ``auditor calibrate --norms``), which takes the place of the card's.
    """

    path: Path
    sha256: str
    card: Card
    carded: bool
    official: str | None = None
    norm: tuple[float, float] | None = None

    @property
    def facts(self) -> ModelFacts:
        """What judging may know about it."""
        return ModelFacts(
            name=self.card.name,
            sha256=self.sha256,
            demonstration=self.card.demonstration,
            carded=self.carded,
            confidence_norm=self.norm or self.card.confidence_norm,
            probes=dict(self.card.probes),
            # An official model was trained on Whisper's languages; a fine-tune must say so itself.
            knows_languages=len(self.card.languages) != 1 and (self.carded or self.official is not None),
            missed_phrases=self.card.missed_phrases,
            false_phrases=self.card.false_phrases,
        )


def find_checkpoint(model: str | Path | None, *, folders: Sequence[Path] = ()) -> Checkpoint:
    """The checkpoint that ``model`` names, with its card; None names the one that ships.

    Raises:
        ModelError: there is none, it differs from its card, or an official one cannot be fetched.
    """
    name = str(model) if model is not None else SHIPPED
    path, official = locate(name, folders=folders)
    if path is not None:
        return _checked(path, official=official, folders=folders)
    if official is not None:
        from auditor.asr.fetch import fetch_official  # noqa: PLC0415

        return _checked(fetch_official(official, into=whisper_cache()), official=official, folders=folders)
    searched = model_folders(folders)
    raise ModelError(
        f"model {name!r} was not found in {', '.join(map(str, searched))}; give the path of a Whisper"
        " checkpoint (.pt) or an official name such as large-v3."
    )


def locate(name: str, *, folders: Sequence[Path] = ()) -> tuple[Path | None, str | None]:
    """The file that a name or a path means, unchecked (None: not here), and OpenAI's name for it, if any."""
    path = Path(name).expanduser()
    if path.suffix == ".pt" or len(path.parts) > 1 or path.is_file():
        return path, None
    official = official_name(name)
    files = (
        folder / f"{stem}.pt" for folder in model_folders(folders) for stem in _file_stems(name, official)
    )
    return next((file for file in files if file.is_file()), None), official


def model_folders(folders: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Where checkpoints are looked for, in order, without repeats; the folders need not exist."""
    named = [Path(part) for part in os.environ.get("AUDITOR_MODELS", "").split(os.pathsep) if part]
    ours = [Path("models"), user_data_folder() / "models", shipped_folder(), whisper_cache()]
    every = [*folders, *named, *ours]
    return tuple(dict.fromkeys(folder.expanduser() for folder in every))


def shipped_folder() -> Path:
    """Where the shipped checkpoint lies: inside an installed package, beside it in a checkout."""
    package = Path(str(resources.files("auditor")))
    inside = package / "_models"
    return inside if inside.is_dir() else package.parent / "models"


def user_data_folder() -> Path:
    """The platform's folder for a user's data, with the program's name."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "auditor"


def whisper_cache() -> Path:
    """Where openai-whisper keeps what it downloads."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "whisper"


def official_name(name: str) -> str | None:
    """OpenAI's file name for a model that hears Mandarin (``turbo`` is large-v3-turbo), None for others."""
    return next((stem for stem, names in OFFICIAL_BEST_FIRST if name in names), None)


def find_better(facts: ModelFacts, *, folders: Sequence[Path] = ()) -> list[str]:
    """Official models that lie in the folders and hear better than the one in use, best first."""
    names = [stem for stem, _ in OFFICIAL_BEST_FIRST]
    better = names[: names.index(facts.name)] if facts.name in names else names if facts.demonstration else []
    return [
        name for name in better if any((where / f"{name}.pt").is_file() for where in model_folders(folders))
    ]


def read_card(path: Path) -> Card:
    """The card in a JSON file; keys that are only for people are passed over.

    Raises:
        ModelError: it is not JSON, or a key has the wrong type.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        norm = raw.get("confidence_norm")
        return Card(
            name=str(raw["name"]),
            sha256=str(raw["sha256"]),
            demonstration=bool(raw.get("demonstration", False)),
            languages=tuple(map(str, raw.get("languages", ()))),
            packing=Packing(**raw.get("packing", {})),
            prompt=None if raw.get("prompt") is None else str(raw["prompt"]),
            contexts_s=tuple(map(float, raw.get("contexts_s", (30.0,)))),
            temperatures=tuple(map(float, raw.get("temperatures", TEMPERATURES))),
            confidence_norm=(float(norm["median"]), float(norm["spread"])) if norm else None,
            least_support_nats={
                str(name): float(probe["least_support_nats"])
                for name, probe in raw.get("probes", {}).items()
                if "least_support_nats" in probe
            },
            probes={
                str(name): ProbeThreshold(float(probe["present_nats"]), float(probe["absent_nats"]))
                for name, probe in raw.get("probes", {}).items()
            },
            missed_phrases=_share(raw.get("missed_phrases")),
            false_phrases=_share(raw.get("false_phrases")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{path}: the model card cannot be used ({error!r}); restore or remove it."
        ) from None


def _share(raw: dict[str, float] | None) -> MeasuredShare | None:
    """The share on a card; keys that are only for people are passed over."""
    if raw is None:
        return None
    return MeasuredShare(float(raw["share"]), float(raw["upper_95"]), int(raw["samples"]))


def _file_stems(name: str, official: str | None) -> tuple[str, ...]:
    return (name,) if official is None else tuple(dict.fromkeys((official, name)))


def _checked(path: Path, *, official: str | None, folders: Sequence[Path]) -> Checkpoint:
    if path.is_dir():
        raise ModelError(f"{path}: this is a folder, not a checkpoint; name the .pt file itself.")
    if not path.is_file():
        raise ModelError(f"{path}: there is no such checkpoint; check the path.")
    digest = checkpoint_sha256(path)
    card_path = path.with_suffix(".json")
    carded = card_path.is_file()
    card = read_card(card_path) if carded else Card(name=official or path.stem)
    if card.sha256 is not None and card.sha256 != digest:
        raise ModelError(
            f"{path}: its SHA-256 differs from its card {card_path.name}, so it is damaged or was replaced;"
            " restore both from the release."
        )
    if official is not None and not carded:
        from auditor.asr.fetch import official_address  # noqa: PLC0415

        if digest != official_address(official)[1]:
            raise ModelError(
                f"{path}: this is not OpenAI's {official} (its SHA-256 differs), so it is damaged or another"
                " model; bring the file again, or name a fine-tune differently."
            )
    norm = _own_norm(card.name, sha256=digest, folders=(path.parent, *model_folders(folders)))
    return Checkpoint(path=path, sha256=digest, card=card, carded=carded, official=official, norm=norm)


def _own_norm(name: str, *, sha256: str, folders: Sequence[Path]) -> tuple[float, float] | None:
    """The centre's norm of a model: the first file of its name; one of another checkpoint is refused."""
    file = next((f for folder in folders if (f := folder / f"{name}{NORM_SUFFIX}").is_file()), None)
    if file is None:
        return None
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        norm, of = (float(raw["median"]), float(raw["spread"])), str(raw["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{file}: the norm cannot be used ({error!r}); restore or remove it.") from None
    if of != sha256:
        raise ModelError(
            f"{file}: this norm was measured with another checkpoint than {name}; run `auditor calibrate"
            " --norms` again or remove it."
        )
    return norm


def checkpoint_sha256(path: Path) -> str:
    """The checksum of a checkpoint file, in hex; ModelError when it cannot be read."""
    try:
        return sha256_of(path)
    except OSError as error:
        raise ModelError(f"{path}: the checkpoint cannot be read ({error.strerror}).") from None
