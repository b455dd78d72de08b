"""What a batch is to do, settled before the first call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditor.batch import local
from auditor.batch.engine import Limits
from auditor.batch.resume import Hearing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.batch.calls import Call
    from auditor.batch.engine import Engine
    from auditor.batch.worker import WorkerSetup
    from auditor.records import ModelFacts
    from auditor.rulebook.schema import Rulebook


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch is to do.

    Attributes:
        calls: see `manifest.list_calls`.
        setup: what workers load.
        book: what calls are judged by: the rulebook of ``setup``.
        model: facts of the model of ``setup``; None: every call brings its transcript.
        options: the model's, see `asr.whisper.describe_engine`.
        workers: how many calls are heard at a time.
        limits: when a call hangs.
        retry_failed: try again what failed before.
        command: what was asked for, for the store's list of runs.
        engine: where calls are heard.
    """

    calls: Sequence[Call]
    setup: WorkerSetup
    book: Rulebook
    model: ModelFacts | None
    options: dict[str, str]
    workers: int
    limits: Limits = field(default_factory=Limits)
    retry_failed: bool = False
    command: str = "batch"
    engine: Engine = local.hear_calls

    @property
    def hearing(self) -> Hearing:
        """The plan's part of the keys."""
        return Hearing(self.setup, self.model.sha256 if self.model else None, self.options, self.book.sha256)
