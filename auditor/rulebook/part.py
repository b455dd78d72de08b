"""What every part of a rulebook has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of everything in a rulebook: frozen, and a key nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
