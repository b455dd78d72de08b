"""Options that mean the same under several commands, and are said in the same words."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class AgentChannel(StrEnum):
    """Which leg the agent is on."""

    LEFT = "left"
    RIGHT = "right"
    MONO = "mono"
    AUTO = "auto"


StoreOption = Annotated[
    str | None, typer.Option(help="The store's URL; default: AUDITOR_STORE, sqlite:///audits.db.")
]
ConfigOption = Annotated[Path | None, typer.Option(help="Settings; default: ./auditor.toml.")]
RulebookOption = Annotated[Path | None, typer.Option(help="Rulebook; default: the one that ships.")]
ModelOption = Annotated[str | None, typer.Option(help="Whisper model: a name or a checkpoint file.")]
AgentChannelOption = Annotated[AgentChannel | None, typer.Option(help="Which leg the agent is on.")]
RawOption = Annotated[
    str | None, typer.Option(help="Headerless audio as CODEC:RATE:CHANNELS, e.g. alaw:8000:2.")
]
WorkersOption = Annotated[
    int | None, typer.Option(min=1, max=1024, help="How many calls are heard at a time.")
]
KeepNumbersOption = Annotated[
    bool, typer.Option("--keep-numbers", help="Store telephone and other numbers as they were said.")
]
LogOption = Annotated[Path | None, typer.Option(help="Write what happens to this file, as JSON lines.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file instead of the terminal.")
]
