"""The package's own engine on a checkpoint that is being measured, with whatever card is to be tried."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from auditor.asr.checkpoints import Card, Checkpoint, checkpoint_sha256
from auditor.asr.forward import load_model
from auditor.asr.whisper import WhisperEngine

if TYPE_CHECKING:
    from pathlib import Path


def open_engine(path: Path, *, card: Card, threads: int = 1) -> WhisperEngine:
    """An engine on a file as if ``card`` were its card; threads are fixed for the process."""
    checkpoint = Checkpoint(path=path, sha256=checkpoint_sha256(path), card=card, carded=True)
    model = load_model(checkpoint)
    torch.set_num_threads(threads)
    return WhisperEngine(checkpoint=checkpoint, model=model)


def with_card(engine: WhisperEngine, **changes: Any) -> WhisperEngine:
    """The same network under a card that differs in some fields."""
    card = replace(engine.checkpoint.card, **changes)
    return WhisperEngine(checkpoint=replace(engine.checkpoint, card=card), model=engine.model)
