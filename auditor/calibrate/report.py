"""A calibration as people and programs read it: Chinese text, one HTML file, JSON (format 1)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from auditor.calibrate.agreement import FEWEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jinja2 import Environment

    from auditor.calibrate.agreement import Calibration, Clause, Figure
    from auditor.calibrate.preview import Preview
    from auditor.calibrate.ratings import Rating
    from auditor.calibrate.thresholds import Suggestion

FORMAT = 1
VERDICTS: Mapping[str, str] = {
    "pass": "合格",
    "fail": "不合格",
    "not_applicable": "不适用",
    "needs_review": "待复核",
    "not_scored": "不评分",
}
OUTCOMES: Mapping[str, str] = {
    "met": "已达到",
    "change": "建议调整",
    "too_few": f"标注不足 {FEWEST} 条,不建议",
    "out_of_reach": "调整界限达不到",
}


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a calibration shows; what was not asked for is None."""

    calibration: Calibration
    precision: float | None = None
    suggestions: tuple[Suggestion, ...] = ()
    preview: Preview | None = None


def to_data(report: Report) -> dict[str, object]:
    """The report as plain dicts and lists."""
    made = report.calibration
    preview = report.preview
    return {
        "format": FORMAT,
        "source": made.source,
        "labels": made.labels,
        "calls": made.calls,
        "weighted": made.weighted,
        "clauses": [_clause(clause) for clause in made.clauses],
        "all": _clause(made.everything),
        "score": asdict(made.score) if made.score else None,
        "scored_calls": made.scored_calls,
        "chosen": {rule: {"confirmed": a, "overruled": b} for rule, (a, b) in made.chosen.items()},
        "wanted_precision": report.precision,
        "suggestions": [asdict(each) for each in report.suggestions],
        "preview": None
        if preview is None
        else {
            "judged": preview.judged,
            "affected": preview.affected,
            "changed": preview.changed,
            "drifted": preview.drifted,
            "findings": [
                {"rule": rule, "before": before, "after": after, "count": count}
                for (rule, before, after), count in sorted(preview.moves.items())
            ],
            "results": [
                {"before": before, "after": after, "count": count}
                for (before, after), count in sorted(preview.results.items())
            ],
            "calls": [asdict(call) for call in preview.calls],
        },
    }


def to_html(report: Report) -> str:
    """One file that needs nothing else."""
    return _environment().get_template("calibration.html").render(**page_values(report))


def page_values(report: Report) -> dict[str, Any]:
    """What ``calibration_body.html`` shows, here and on the site."""
    return {
        "report": report,
        "made": report.calibration,
        "fewest": FEWEST,
        "verdict_words": VERDICTS,
        "outcome_words": OUTCOMES,
        "shown": figure,
        "plain": plain_figure,
        "mmss": mmss,
        "kinds": kind_of,
    }


def to_text(report: Report) -> str:
    """The report for a terminal."""
    made = report.calibration
    lines = [f"标定:{made.source},{made.calls} 通电话、{made.labels} 条标注"]
    if made.weighted:
        lines.append("每条按入样概率的倒数加权;区间 95%,按有效样本数计算。")
    lines += ["", _row(made.everything, name="全部条款"), ""]
    lines += [_row(clause, name=f"{clause.rule} {clause.title}".strip()) for clause in made.clauses]
    if made.score:
        error = made.score
        lines += [
            "",
            f"得分误差(人工减机器,{error.n} 通):平均 {error.mean:+.1f} 分"
            f"({error.low:+.1f} 至 {error.high:+.1f}),"
            f"90% 的通话在 {error.range_low:+.1f} 至 {error.range_high:+.1f} 分之间;"
            f"结论相同 {error.same_result} 通",
        ]
    else:
        lines += ["", f"得分误差:整通复核的只有 {made.scored_calls} 通,不足 {FEWEST} 通"]
    if made.chosen:
        total = [sum(pair[i] for pair in made.chosen.values()) for i in (0, 1)]
        lines += [
            f"另有人工挑选的通话:机器判不合格,维持 {total[0]} 条、改判 {total[1]} 条"
            "(不是抽样,不计入上面的数字)"
        ]
    lines += _examples(made.clauses)
    if report.precision is not None:
        lines += ["", f"界限(要求查准率 {report.precision:.0%}):", *map(_suggestion, report.suggestions)]
        if not report.suggestions:
            lines.append("  没有一条带界限的不合格判定有人工标注")
    if report.preview is not None:
        lines += ["", *_preview(report.preview)]
    return "\n".join(lines) + "\n"


def figure(value: Figure | None) -> str:
    """``93%(81–98)``."""
    return "—" if value is None else f"{value.value:.0%}({value.low:.0%}–{value.high:.0%})"


def plain_figure(value: Figure | None) -> str:
    """``0.81(0.70 至 0.92)``."""
    return "—" if value is None else f"{value.value:.2f}({value.low:.2f} 至 {value.high:.2f})"


def mmss(seconds: float | None) -> str:
    """``01:05``."""
    return "—" if seconds is None else f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def kind_of(rating: Rating) -> str:
    """What kind of disagreement it is."""
    if rating.machine == "fail":
        return "误判"
    return "漏判" if rating.machine != "needs_review" else "机器未判"


def _row(clause: Clause, *, name: str) -> str:
    counts = (
        f"一致 {clause.hits} 误判 {clause.false_alarms} 漏判 {clause.missed}"
        f" 待复核 {clause.review_faults + clause.review_fine}"
    )
    if clause.too_few:
        return f"{name}  n={clause.n}  {counts}  标注不足 {FEWEST} 条"
    leaning = f"  McNemar p={clause.mcnemar_p:.3f}" if clause.mcnemar_p is not None else ""
    return (
        f"{name}  n={clause.n}  {counts}  查准 {figure(clause.precision)}  查全 {figure(clause.recall)}"
        f"  含待复核 {figure(clause.flagged)}  κ {plain_figure(clause.kappa)}{leaning}"
    )


def _examples(clauses: Iterable[Clause]) -> list[str]:
    lines = [
        f"  {kind_of(r)} {r.rule}  {r.call}  {mmss(r.at_s)}"
        f"  机器{VERDICTS[r.machine]},人工{VERDICTS[r.human]}"
        + (f"  「{r.quote}」" if r.quote else "")
        + (f"  {r.reason}" if r.reason else "")
        for clause in clauses
        for r in clause.examples
    ]
    return ["", "值得一听的分歧:", *lines] if lines else []


def _suggestion(each: Suggestion) -> str:
    before = f"查准 {figure(each.precision)},n={each.n}"
    if each.suggested is None:
        return f"  {each.rule} {each.param} {each.limit:g}:{OUTCOMES[each.outcome]}({before})"
    kept, of = each.kept
    return (
        f"  {each.rule} {each.param} {each.limit:g} → {each.suggested:g}:查准 {figure(each.precision)} →"
        f" {figure(each.after)},属实的不合格保留 {kept}/{of}"
    )


def _preview(preview: Preview) -> list[str]:
    lines = [
        f"按新界限重评:可能变化的 {preview.affected} 通里试评 {preview.judged} 通,{preview.changed} 通有变化"
        + (f";{preview.drifted} 通用本版程序重评本就不同,未计" if preview.drifted else "")
    ]
    lines += [
        f"  {rule} {VERDICTS[before]} → {VERDICTS[after]}:{count} 条"
        for (rule, before, after), count in sorted(preview.moves.items())
    ]
    lines += [
        f"  结论 {VERDICTS[before]} → {VERDICTS[after]}:{count} 通"
        for (before, after), count in sorted(preview.results.items())
    ]
    lines += [
        f"  {call.call}  {call.percent_before} → {call.percent_after} 分"
        f"  {VERDICTS[call.result_before]} → {VERDICTS[call.result_after]}"
        for call in preview.calls
    ]
    return lines


def _clause(clause: Clause) -> dict[str, object]:
    return {**asdict(clause), "too_few": clause.too_few}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=PackageLoader("auditor.calibrate", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
