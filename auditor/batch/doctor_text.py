"""A diagnosis for people, and as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.batch.doctor import Diagnosis
    from auditor.inputs.recorder_table import Change

FORMAT = 1


def render_text(found: Diagnosis, *, config: str, changes: Sequence[Change], dry_run: bool) -> str:
    """The report: what was read, what was found with its counts, what is written and what is not."""
    how = "听了话语" if found.with_words else "只听声音"
    lines = [f"{found.folder}:读了 {found.read} 通(共 {found.found} 通),{how}"]
    lines += [f"  跳过 {sentence}" for sentence in found.passed_over]
    lines += ["", "发现"]
    lines += [f"  {check.said}({check.agree}/{check.of})" for check in found.checks]
    held = [check for check in found.checks if check.why_not is not None]
    if held:
        lines += ["", "没有写入"]
        lines += [f"  {check.key}:{check.why_not}" for check in held]
    lines += ["", _heading(config, changes=changes, dry_run=dry_run)]
    lines += [
        f"  {each.key} = {each.after}" + ("" if each.before is None else f"(原为 {each.before})")
        for each in changes
    ]
    return "\n".join(lines) + "\n"


def _heading(config: str, *, changes: Sequence[Change], dry_run: bool) -> str:
    if not changes:
        return f"{config} 不需要改动"
    return f"{'会写入' if dry_run else '已写入'} {config} 的 [recorder]"


def to_data(found: Diagnosis, *, config: str, changes: Sequence[Change], dry_run: bool) -> dict[str, object]:
    """The same as JSON-able data."""
    return {
        "format": FORMAT,
        "folder": found.folder,
        "found": found.found,
        "read": found.read,
        "with_words": found.with_words,
        "passed_over": list(found.passed_over),
        "checks": [asdict(check) for check in found.checks],
        "recorder": found.values,
        "config": config,
        "changes": [asdict(change) for change in changes],
        "written": bool(changes) and not dry_run,
    }
