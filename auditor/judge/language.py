"""Calls that are not in Mandarin: sound is judged, words are for a human.

What a Mandarin model writes of another language is no text of the call, so neither a phrase that it holds
nor one that it lacks, nor that a situation did not arise, means anything. A kind that judges sound or times
keeps its verdict, but where words could excuse the fault it fails nobody.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.kinds import EXCUSED_BY_WORDS, WORDLESS
from auditor.kinds.listening import OTHER_LANGUAGE, is_foreign
from auditor.records import Outcome

if TYPE_CHECKING:
    from auditor.records import Evidence
    from auditor.rulebook.schema import Rule, Rulebook

# Of `measurement_range` alone the rule decides: a pace in characters is counted in the words.
COUNTED_IN_WORDS = "char_per_min"
# No words were needed to see that the recording cannot show it.
SILENT_ANYWAY = ("no_data", "too_short")


def without_mandarin(outcome: Outcome, *, rule: Rule, evidence: Evidence, book: Rulebook) -> Outcome:
    """The outcome of a rule, on a call in another language as far as it does not hang on words."""
    if not is_foreign(evidence, book=book) or _is_wordless(rule) or outcome.reason_code in SILENT_ANYWAY:
        return outcome
    if rule.kind in EXCUSED_BY_WORDS:
        if outcome.verdict != "fail":
            return outcome
        return replace(
            outcome,
            verdict="needs_review",
            reason_code=OTHER_LANGUAGE.code,
            reason=f"{outcome.reason};但{OTHER_LANGUAGE.reason}",
            confidence=0.5,
        )
    return Outcome("needs_review", OTHER_LANGUAGE.code, OTHER_LANGUAGE.reason, confidence=0.5)


def _is_wordless(rule: Rule) -> bool:
    if rule.kind == "measurement_range":
        return not str(rule.params.get("measurement", "")).endswith(COUNTED_IN_WORDS)
    return rule.kind in WORDLESS
