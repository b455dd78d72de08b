from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from made_call import make_wav

from auditor.records import CallAudit
from auditor.report.html import render_html

VOID = {"meta", "link", "br", "input", "img", "hr"}


class Page(HTMLParser):
    """A strict little reader: every tag is closed in order; texts, tags and scripts are kept."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = self.open[-1] if self.open else ""
        if inside == "script":
            self.scripts.append(data)
        elif inside != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def html(audit: CallAudit, peaks: list[list[float]], wording: dict[str, str]) -> str:
    return render_html(audit, audio=(make_wav(2.0), "audio/wav"), peaks=peaks, wording=wording)


def test_the_page_is_well_formed_and_chinese(html: str) -> None:
    page = Page(html)
    assert html.startswith("<!doctype html>")
    assert page.all("html") == [{"lang": "zh-CN"}]
    assert {"header", "main", "footer", "h1"} <= {tag for tag, _ in page.tags}


def test_nothing_on_the_page_asks_a_network(html: str) -> None:
    page = Page(html)
    for tag, attributes in page.tags:
        for name in ("src", "href", "poster", "data", "action", "srcset"):
            target = attributes.get(name)
            assert target is None or target.startswith(("data:", "#")), (tag, target)
    assert not re.search(r"@import|url\(|https?://|//[a-z]+\.", html)
    policy = next(m for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert str(policy["content"]).startswith("default-src 'none'")


def test_the_recording_is_embedded_byte_for_byte(html: str) -> None:
    source = str(Page(html).all("audio")[0]["src"])
    assert source.startswith("data:audio/wav;base64,")
    assert base64.b64decode(source.split(",")[1]) == make_wav(2.0)


def test_a_page_without_recording_says_so(audit: CallAudit, peaks: list[list[float]]) -> None:
    page = Page(render_html(audit, audio=None, peaks=peaks))
    assert page.all("audio") == []
    assert "本报告未附录音" in page.text


def test_scripts_in_names_and_words_are_harmless(audit: CallAudit) -> None:
    attack = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'{{7*7}}"
    evidence = replace(
        audit.evidence,
        recording=replace(audit.evidence.recording, paths=(attack,)),
        call_record=replace(audit.evidence.call_record, agent_name=attack, team=attack),
        turns=tuple(replace(t, text=attack) for t in audit.evidence.turns),
    )
    findings = tuple(replace(f, title=attack, reason=attack, quote=attack) for f in audit.findings)
    hostile = replace(audit, call_id=attack, evidence=evidence, findings=findings, not_audible=(attack,))
    wording = {f.rule: attack for f in findings}
    page = Page(render_html(hostile, audio=(b"x", '"><script>'), peaks=(), wording=wording))
    assert len(page.all("script")) == 2
    assert page.all("img") == []
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert attack.split("<img", maxsplit=1)[0] in page.text


def test_the_data_for_the_script_holds_times_and_no_words(html: str) -> None:
    page = Page(html)
    assert page.all("script")[0] == {"type": "application/json", "id": "call-data"}
    data = json.loads(page.scripts[0])
    assert data["duration"] == 78.4
    assert len(data["turns"]) == 12
    starts = [finding["start"] for finding in data["findings"]]
    assert starts == sorted(starts)
    assert not re.search(r"[\u4e00-\u9fff]", page.scripts[0])


def test_groups_stand_in_telling_order_with_their_counts(html: str) -> None:
    text = Page(html).text
    groups = [
        "一票否决项 1",
        "不合格 2",
        "需要人听 3",
        "合格 9",
        "不适用 5",
        "测得的数值",
        "录音听不出、不评分",
    ]
    places = [text.index(group, text.index("先确认这里") - 12) for group in groups]
    assert places == sorted(places)


def test_every_finding_with_a_place_can_be_played_by_a_named_button(html: str) -> None:
    buttons = [b for b in Page(html).all("button") if "data-start" in b]
    assert all(b["type"] == "button" and b["aria-label"] for b in buttons)
    assert {b.get("data-anchor") for b in buttons} >= {f"f-{n}" for n in range(1, 7)}


def test_anchors_on_the_page_are_unique_and_links_lead_somewhere(html: str) -> None:
    page = Page(html)
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert {str(a["href"])[1:] for a in page.all("a")} <= {str(i) for i in ids}


def test_the_mandated_wording_is_offered_as_the_better_way(html: str) -> None:
    assert "规范说法 「您好，中国移动」" in Page(html).text


def test_suspect_and_quoted_words_are_marked_in_the_transcript(html: str) -> None:
    assert '<mark class="fail">喂,你好,请讲。</mark>' in html
    assert '<span class="suspect" title="存疑：疑为识别套话"><mark class="needs_review">谢谢观看' in html


def test_turns_carry_the_findings_that_lie_on_them(html: str) -> None:
    turn = html[html.index("不可能,明明是你自己开的</mark>") :].split("</li>", maxsplit=1)[0]
    assert 'class="fail" href="#f-1">C11d</a>' in turn


def test_a_demonstration_model_is_announced(html: str, mono: CallAudit) -> None:
    assert "演示模型：仅适用于合成语音" in html
    assert "演示模型" not in render_html(mono, audio=None, peaks=())


def test_an_unscored_mono_call_makes_a_page(mono: CallAudit) -> None:
    text = Page(render_html(mono, audio=None, peaks=[[0.1, 0.2]])).text
    assert "不评分" in text
    assert "分不清谁是客服" in text


def test_a_call_without_findings_or_words_makes_a_page(audit: CallAudit) -> None:
    empty = replace(audit, findings=(), evidence=replace(audit.evidence, turns=(), events=()))
    text = Page(render_html(empty, audio=None, peaks=())).text
    assert "没有不合格项" in text
    assert "没有听到话音" in text


def test_equal_audits_give_equal_pages(audit: CallAudit, peaks: list[list[float]]) -> None:
    assert render_html(audit, audio=None, peaks=peaks) == render_html(audit, audio=None, peaks=peaks)


def test_figures_come_with_their_error_or_the_reason_for_none(html: str) -> None:
    assert "<td>436 字/分 ±12</td>" in html
    assert '<td class="absent">底噪被切除，无法测</td>' in html
