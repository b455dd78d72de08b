"""Types that parameters of kinds share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

PHRASE_SETS = "phrase_sets"
LEXICONS = "lexicons"

# Names of phrase sets of the rulebook; `auditor.kinds.bind` refuses a name that is not there.
PhraseSets = Annotated[tuple[str, ...], PHRASE_SETS]
# Names of lexicons that ship; `auditor.kinds.bind` refuses a name that is none.
Lexicons = Annotated[tuple[str, ...], LEXICONS]
Seconds = Annotated[float, Field(ge=0)]
