"""The rulebook: its clauses, and each with its manual and cases."""

from __future__ import annotations

import inspect
import re

from fastapi import APIRouter
from starlette.responses import Response

from auditor.kinds import KINDS
from auditor.report import labels
from auditor.report.rule_manual import how_lines, how_on_lines
from auditor.report.rulebook_text import applies_words, sum_words
from auditor.report.standard import wording_of
from auditor.web.errors import NotThereError
from auditor.web.visits import Visiting

router = APIRouter()


@router.get("/rules")
def rules_page(visit: Visiting, q: str = "") -> Response:
    """All clauses by section."""
    visit.require("see_rules")
    visit.note("look")
    book = visit.site.book
    wanted = q.strip().casefold()[:60]
    sections: dict[str, list[object]] = {}
    for rule in book.rules:
        if not wanted or wanted in f"{rule.id} {rule.title} {rule.clause}".casefold():
            sections.setdefault(rule.section, []).append(rule)
    ordered = sorted(sections.items(), key=lambda each: labels.section_order(each[0]))
    return visit.page("rules.html", book=book, sections=ordered, words=sum_words(book), q=q[:60])


@router.get("/rules/{rule_id}")
def rule_page(visit: Visiting, rule_id: str) -> Response:
    """One clause: what the course says, how it is judged, and the cases that show it."""
    visit.require("see_rules")
    book = visit.site.book
    rule = next((each for each in book.rules if each.id.casefold() == rule_id.casefold()), None)
    if rule is None:
        raise NotThereError(f"rule {rule_id[:40]}")
    visit.note("look")
    judged_as = book.rule(rule.same_as) if rule.same_as else rule
    place = book.rules.index(rule)
    return visit.page(
        "rule.html",
        book=book,
        rule=rule,
        judged_as=judged_as,
        applies=applies_words(rule.applies),
        wording=wording_of(judged_as, book=book),
        how=how_lines(rule),
        how_on_lines=how_on_lines(rule, book=book),
        manual=_manual(judged_as.kind),
        cases=visit.site.cases(rule.id),
        before=book.rules[place - 1] if place else None,
        after=book.rules[place + 1] if place + 1 < len(book.rules) else None,
    )


def _manual(kind: str | None) -> str:
    """The kind's own manual, without the marks that only its markup needs."""
    text = inspect.cleandoc(KINDS[kind].__doc__ or "") if kind else ""
    return re.sub(r"\n\s*::\n", "\n", text).replace("``", "")
