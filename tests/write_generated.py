"""Rewrite what is generated from the rulebook and its models: run after a change of either.

``python tests/write_generated.py`` writes the clause table between the markers of README.md and
auditor/rulebook/rulebook.schema.json; `tests/rulebook/test_generated.py` holds both to their sources.
"""

from pathlib import Path

from auditor.judge import open_rulebook
from auditor.kinds import KINDS
from auditor.report.rulebook_text import markdown_table
from auditor.rulebook.cases import load_cases
from auditor.rulebook.editor_schema import SCHEMA_NAME, dumps, editor_schema

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- clauses: begin -->\n", "<!-- clauses: end -->\n"


def write_generated() -> None:
    """Write both files."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    table = markdown_table(open_rulebook(), cases=load_cases())
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(f"{before}{BEGIN}{table}{END}{after}", encoding="utf-8")
    schema = editor_schema({kind: module.Params for kind, module in KINDS.items()})
    (ROOT / "auditor" / "rulebook" / SCHEMA_NAME).write_text(dumps(schema), encoding="utf-8")


if __name__ == "__main__":
    write_generated()
