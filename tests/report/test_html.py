from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_call import finding, make_wav

from auditor.records import CallAudit
from auditor.report.html import render_html
from auditor.report.look import css_string
from auditor.report.page import make_page
from auditor.report.reviewed import Decision, Reviewed
from auditor.report.standard import Standard

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
    audio = (make_wav(2.0), "audio/wav")
    return render_html(audit, audio=audio, peaks=peaks, standard=Standard(wording=wording))


def test_the_page_is_well_formed_and_chinese(html: str) -> None:
    page = Page(html)
    assert html.startswith("<!doctype html>")
    assert page.all("html") == [{"lang": "zh-CN"}]
    assert {"header", "main", "h1"} <= {tag for tag, _ in page.tags}


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
    assert "本页未附录音" in page.text


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
    standard = Standard(wording={f.rule: attack for f in findings})
    said = Decision("pass", by=attack, when=attack, reason=attack, state=attack)
    reviewed = Reviewed(90.0, "pass", {f.rule: said for f in findings})
    page = Page(
        render_html(hostile, audio=(b"x", '"><script>'), peaks=(), standard=standard, reviewed=reviewed)
    )
    assert len(page.all("script")) == 2
    assert page.all("img") == []
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert attack.split("<img", maxsplit=1)[0] in page.text


@given(st.text(max_size=20))
def test_no_name_can_leave_a_css_string(name: str) -> None:
    told = css_string(name)
    assert re.fullmatch(r"(\\[0-9a-f]+ )*", told)
    assert "".join(chr(int(code, 16)) for code in told.replace("\\", "").split()) == name


def test_the_data_for_the_script_holds_times_and_no_words(html: str) -> None:
    page = Page(html)
    assert page.all("script")[0] == {"type": "application/json", "id": "call-data"}
    data = json.loads(page.scripts[0])
    assert data["duration"] == 78.4
    assert len(data["turns"]) == 12
    starts = [finding["start"] for finding in data["findings"]]
    assert starts == sorted(starts)
    assert not re.search(r"[\u4e00-\u9fff]", page.scripts[0])


def test_sections_stand_in_the_order_of_the_course_after_the_critical_items(html: str) -> None:
    page = Page(html)
    sections = [a["id"] for a in page.all("section") if str(a.get("id", "")).startswith("section-")]
    assert sections == ["section-P", "section-V", "section-C", "section-G"]
    order = [
        "一票否决项 先听这里",
        "P 电话礼仪 8 / 16 分 P3.2a",
        "不适用 不计分",
        "测得的数值",
        "录音听不出、不评分",
    ]
    places = [page.text.index(words) for words in order]
    assert places == sorted(places)


def test_a_section_holds_its_own_findings_costliest_first_and_its_passes_folded(html: str) -> None:
    section = html[html.index('id="section-P"') : html.index('id="section-V"')]
    assert re.findall(r'data-rule="([^"]+)" data-verdict="([^"]+)"', section) == [
        ("P3.2a", "fail"),
        ("P3.2b", "needs_review"),
        ("P3.1", "pass"),
        ("P3.5b", "pass"),
    ]
    assert "合格 2 项" in Page(html).text


def test_an_unconfirmed_critical_item_is_said_to_await_review(html: str) -> None:
    assert "C11d 不与客户争辩 −10.3 分 一票否决 · 待复核" in Page(html).text


def test_a_confirmed_critical_item_is_said_to_be_confirmed(audit: CallAudit) -> None:
    decision = Decision("fail", by="李明", when="3月12日", reason="录音清楚")
    text = Page(render_html(audit, audio=None, reviewed=Reviewed(69.0, "fail", {"C11d": decision}))).text
    assert "一票否决 · 复核已确认" in text
    assert "复核确认不合格（李明 3月12日）：录音清楚" in text


def test_the_reviewed_score_stands_beside_the_machines(audit: CallAudit) -> None:
    decision = Decision("pass", by="李明", when="3月12日", reason="客户先挂", state="申诉成立")
    reviewed = Reviewed(84.4, "pass", {"P3.2a": decision})
    text = Page(render_html(audit, audio=None, reviewed=reviewed)).text
    assert "复核后 84.4 分 合格 机器评分 69 分 不合格" in text
    assert "复核改判合格（李明 3月12日）：客户先挂 申诉成立" in text


def test_what_a_reviewer_overruled_is_no_longer_among_the_costliest(audit: CallAudit) -> None:
    decision = Decision("pass", by="李明", when="3月12日")
    pages = (make_page(audit), make_page(audit, reviewed=Reviewed(84.4, "pass", {"P3.2a": decision})))
    assert [[view.rule for view in page.costliest] for page in pages] == [["P3.2a", "V3"], ["V3"]]


def test_scripts_of_other_lines_are_one_line_each(audit: CallAudit) -> None:
    other = [
        replace(finding(f"{s}{n}", "x", "not_applicable", "1860 热线通话不适用"), reason_code="line")
        for s in "WK"
        for n in range(1, 7)
    ]
    page = render_html(replace(audit, findings=(*audit.findings, *other)), audio=None)
    assert "1258 话术 6 项 本通话用不着 W1 x、W2 x" in Page(page).text
    assert page.count('<details class="fold not_applicable">') == 3


def test_every_finding_with_a_place_can_be_played_by_a_named_button(html: str) -> None:
    buttons = [b for b in Page(html).all("button") if "data-start" in b]
    assert all(b["type"] == "button" and b["aria-label"] for b in buttons)
    told = ("P3.2a", "P3.2b", "V3", "C6", "C11d", "C12")
    assert {b.get("data-finding") for b in buttons} >= {f"finding-{rule}" for rule in told}
    assert all(float(str(b["data-end"])) >= float(str(b["data-start"])) for b in buttons)


def test_what_has_no_place_but_wants_a_listener_is_heard_from_the_start(mono: CallAudit) -> None:
    page = render_html(mono, audio=None)
    assert 'data-start="0" data-finding="finding-P3.2a" aria-label="从头播放：P3.2a' in page


def test_anchors_on_the_page_are_unique_and_links_lead_somewhere(html: str) -> None:
    page = Page(html)
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert {str(a["href"])[1:] for a in page.all("a")} <= {str(i) for i in ids}


def test_the_mandated_wording_is_offered_as_the_better_way(html: str) -> None:
    assert "课件说法 「您好，中国移动」" in Page(html).text


def test_suspect_and_quoted_words_are_marked_in_the_transcript(html: str) -> None:
    assert '<mark class="fail">喂,你好,请讲。</mark>' in html
    assert '<span class="suspect" title="存疑：疑为识别套话"><mark class="needs_review">谢谢观看' in html


def test_turns_carry_the_findings_that_lie_on_them(html: str) -> None:
    turn = html[html.index("不可能,明明是你自己开的</mark>") :].split("</li>", maxsplit=1)[0]
    assert 'class="fail" href="#finding-C11d">C11d</a>' in turn


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
    assert "没有可以判定的条款" in text
    assert "没有听到话音" in text


def test_equal_audits_give_equal_pages(audit: CallAudit, peaks: list[list[float]]) -> None:
    assert render_html(audit, audio=None, peaks=peaks) == render_html(audit, audio=None, peaks=peaks)


def test_figures_come_with_their_error_or_the_reason_for_none(html: str) -> None:
    assert '<td class="n">436 字/分 ±12</td>' in html
    assert '<td class="n absent">底噪被切除，无法测</td>' in html
