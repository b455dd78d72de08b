"""Types that parameters of kinds share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

PHRASE_SETS = "phrase_sets"

# Names of phrase sets of the rulebook; `auditor.kinds.bind` refuses a name that is not there.
PhraseSets = Annotated[tuple[str, ...], PHRASE_SETS]
Seconds = Annotated[float, Field(ge=0)]
