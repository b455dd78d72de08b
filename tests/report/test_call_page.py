"""A call's page in a real browser: it plays what is clicked, follows, prints, fits and shuts nobody out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from browser import DESKTOP, PHONE, keep_pdf, keep_picture, serious_faults, sideways_px
from made_call import (
    DURATION_S,
    make_audit,
    make_diarised,
    make_long,
    make_masked,
    make_mono,
    make_peaks,
    make_review_heavy,
    make_wav,
)

from auditor.judge import open_rulebook
from auditor.records import CallAudit
from auditor.report.html import render_html
from auditor.report.reviewed import Decision, Reviewed
from auditor.report.standard import Standard, read_standard

SAMPLES = Path(__file__).parents[2] / "sample_calls"
SOUND = (make_wav(DURATION_S), "audio/wav")
Open = Callable[..., Any]


@cache
def standard() -> Standard:
    """The rulebook that ships, for a call of the hotline."""
    return read_standard(open_rulebook(None), line="1860")


def rendered(audit: CallAudit, **options: Any) -> str:
    """A page of the made call with sound, waveform and rulebook."""
    given: dict[str, Any] = {"audio": SOUND, "peaks": make_peaks(make_audit()), "standard": standard()}
    return render_html(audit, **{**given, **options})


@cache
def sample(stem: str) -> str:
    """The page of a sample call, heard with its true transcript and judged in full."""
    from auditor import pipeline
    from auditor.audio.encode import encode_for_listening, waveform_peaks
    from auditor.inputs.call_record import read_call_record
    from auditor.inputs.transcript import read_transcript

    book = open_rulebook(None)
    path = next(file for file in SAMPLES.glob(f"{stem}.*") if file.suffix != ".json")
    call = pipeline.CallInput(
        paths=(path,),
        record=read_call_record(SAMPLES / f"{stem}.record.json", time_zone="Asia/Shanghai"),
        transcript=read_transcript(SAMPLES / f"{stem}.transcript.json"),
    )
    sound = pipeline.open_call(call)
    audit = pipeline.audit(pipeline.hear(sound, call=call, engine=None, book=book), book=book, engine=None)
    return render_html(
        audit,
        audio=encode_for_listening(sound.channels),
        peaks=[waveform_peaks(channel, bins=1200) for channel in sound.channels],
        standard=read_standard(book, line=audit.evidence.line),
    )


@pytest.fixture
def show(open_page: Open, tmp_path: Path) -> Iterator[Open]:
    """``show(html, size=…)`` -> the page, open in the browser."""

    def shown(html: str, **options: Any) -> Any:
        file = tmp_path / "card.html"
        file.write_text(html, encoding="utf-8")
        at = options.pop("at", "")
        return open_page(file.as_uri() + at, **options)

    return shown


def heard(page: Any) -> float:
    """Where the sound stands, in seconds."""
    time: float = page.evaluate("document.getElementById('audio').currentTime")
    return time


def paused(page: Any) -> bool:
    """Whether nothing is heard."""
    still: bool = page.evaluate("document.getElementById('audio').paused")
    return still


def until(page: Any, condition: str) -> None:
    """Wait for something about the page's sound; the page's own policy forbids Playwright's way to wait."""
    for _ in range(400):
        if page.evaluate(f"(audio => {condition})(document.getElementById('audio'))"):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"never came true: {condition}; the sound stands at {heard(page)} s")


def test_a_place_of_a_finding_is_heard_and_stops_at_its_end(show: Open) -> None:
    page = show(rendered(make_audit()))
    button = page.locator("[id='finding-P3.2b'] .go").first
    button.click()
    until(page, "audio.currentTime > 8.8")
    assert not paused(page)
    assert "playing" in button.get_attribute("class")
    assert page.locator(".finding.selected").get_attribute("data-rule") == "P3.2b"
    until(page, "audio.paused")
    assert heard(page) == pytest.approx(9.55, abs=0.3)
    page.locator("#now", has_text="已放完这一处").wait_for()
    assert "playing" not in button.get_attribute("class")


def test_a_click_anywhere_on_a_finding_is_heard_too(show: Open) -> None:
    page = show(rendered(make_audit()))
    page.locator("[id='finding-V3'] .reason").click()
    until(page, "audio.currentTime > 33")
    assert heard(page) == pytest.approx(33.4, abs=0.6)


def test_the_transcript_follows_inside_its_own_box(show: Open) -> None:
    page = show(rendered(make_audit()), size=(1280, 640))
    page.locator("#turns").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    page.evaluate("document.getElementById('audio').currentTime = 64")
    page.wait_for_selector("#turns li[aria-current]")
    current = page.locator("#turns li[aria-current]")
    assert current.get_attribute("data-turn") == "10"
    assert page.evaluate("document.getElementById('turns').scrollTop") > 0
    box, turn = page.locator("#turns").bounding_box(), current.bounding_box()
    assert box["y"] <= turn["y"]
    assert turn["y"] + turn["height"] <= box["y"] + box["height"] + 1
    assert page.evaluate("scrollY") == before


def test_a_reader_who_does_not_follow_is_left_where_he_reads(show: Open) -> None:
    page = show(rendered(make_audit()), size=(1280, 640))
    page.locator("#follow").uncheck()
    page.evaluate("document.getElementById('audio').currentTime = 64")
    page.wait_for_selector("#turns li[aria-current]")
    assert page.evaluate("document.getElementById('turns').scrollTop") == 0


def test_the_waveform_plays_on_from_where_it_is_clicked(show: Open) -> None:
    page = show(rendered(make_audit()))
    box = page.locator("#tracks").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    until(page, "!audio.paused")
    assert heard(page) == pytest.approx(DURATION_S / 2, abs=0.6)


def test_an_event_on_the_waveform_is_heard_whole_and_no_further(show: Open) -> None:
    page = show(rendered(make_audit()))
    page.locator(".lane.agent .event.overlap").click()
    until(page, "audio.currentTime > 44")
    until(page, "audio.paused")
    assert heard(page) == pytest.approx(45.05, abs=0.3)


def test_keys_play_step_and_leap(show: Open) -> None:
    page = show(rendered(make_audit()))
    page.keyboard.press("n")
    assert page.locator(".finding.selected").get_attribute("data-rule") == "P3.2b"
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert page.locator(".finding.selected").get_attribute("data-rule") == "V3"
    page.keyboard.press("p")
    page.keyboard.press("p")
    assert page.locator(".finding.selected").get_attribute("data-rule") == "P3.2b"
    until(page, "audio.paused")
    page.keyboard.press("ArrowRight")
    assert heard(page) == pytest.approx(14.5, abs=0.4)
    page.keyboard.press(" ")
    until(page, "!audio.paused")
    page.locator("#play", has_text="暂停").wait_for()
    page.keyboard.press(" ")
    until(page, "audio.paused")


def test_steps_faster_than_the_sound_can_seek_end_at_the_last_one(show: Open) -> None:
    page = show(rendered(make_audit()))
    until(page, "audio.readyState === 4")
    at_once = page.evaluate(
        """() => {
            const audio = document.getElementById("audio");
            const place = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "currentTime");
            window.busy = 0;
            Object.defineProperty(audio, "currentTime", {
                get() { return place.get.call(this); },
                set(time) { if (this.seeking) window.busy += 1; place.set.call(this, time); },
            });
            for (const key of "nnnpp") document.dispatchEvent(new KeyboardEvent("keydown", { key }));
            return audio.seeking;
        }"""
    )
    assert at_once
    until(page, "audio.paused")
    assert page.locator(".finding.selected").get_attribute("data-rule") == "P3.2b"
    assert heard(page) == pytest.approx(9.55, abs=0.3)
    assert page.evaluate("window.busy") == 0


def test_a_link_to_a_finding_unfolds_and_selects_it(show: Open) -> None:
    page = show(rendered(make_audit()), at="#finding-C9")
    row = page.locator("[id='finding-C9']")
    assert "selected" in row.get_attribute("class")
    assert row.is_visible()
    assert page.locator(".transport").bounding_box()["y"] <= row.bounding_box()["y"]


def test_a_linked_recording_plays_from_beside_the_page(show: Open, tmp_path: Path) -> None:
    (tmp_path / "通话 1.wav").write_bytes(SOUND[0])
    page = show(rendered(make_audit(), audio="通话 1.wav"))
    page.locator("[id='finding-V3'] .go").first.click()
    until(page, "audio.currentTime > 33")


def test_a_missing_recording_is_said_and_everything_else_works(show: Open) -> None:
    page = show(rendered(make_audit(), audio="gone.mp3"), expects=["ERR_FILE_NOT_FOUND"])
    page.wait_for_selector(".call.silent")
    assert "录音打不开" in page.locator("#now").inner_text()
    assert page.locator("#play").is_disabled()
    page.locator("[id='finding-C11d'] .go").first.click()
    assert page.locator("#clock").inner_text() == "00:43"
    assert page.locator("#turns li[aria-current]").count() == 1
    assert "录音打不开" in page.locator("#now").inner_text()


def test_a_page_without_recording_still_shows_the_moment(show: Open) -> None:
    page = show(rendered(make_audit(), audio=None))
    assert "未附录音" in page.locator("#now").inner_text()
    page.locator("[id='finding-V3'] .go").first.click()
    assert page.locator("#clock").inner_text() == "00:33"


def test_scripts_in_names_words_and_decisions_never_run(show: Open) -> None:
    attack = "</script><script>document.title='owned'</script><img src=x onerror=document.title='owned'>\"'"
    audit = make_audit()
    evidence = replace(
        audit.evidence,
        recording=replace(audit.evidence.recording, paths=(attack,)),
        call_record=replace(audit.evidence.call_record, agent_name=attack, team=attack),
        turns=tuple(replace(t, text=attack) for t in audit.evidence.turns),
    )
    findings = tuple(
        replace(f, rule=f"{f.rule}{attack}", title=attack, reason=attack, quote=attack)
        for f in audit.findings
    )
    said = {f.rule: Decision("pass", by=attack, when=attack, reason=attack) for f in findings}
    hostile = replace(audit, call_id=attack, evidence=evidence, findings=findings, not_audible=(attack,))
    page = show(rendered(hostile, reviewed=Reviewed(90.0, "pass", said)))
    page.keyboard.press("n")
    page.locator(".pin").last.click()
    assert "owned" not in page.title().replace(attack, "")
    assert page.locator("h1").inner_text() == attack
    assert page.locator("img").count() == 0
    assert page.locator(".finding.selected").count() == 1


def test_nothing_moves_while_the_page_loads_and_plays(show: Open) -> None:
    page = show(rendered(make_audit()))
    page.locator("[id='finding-P3.2b'] .go").first.click()
    page.wait_for_timeout(300)
    # The playhead and the lists scroll by their own, which is not what the measure counts.
    shifts = page.evaluate(
        """() => new Promise(done => new PerformanceObserver(list => done(
             list.getEntries().filter(e => !e.hadRecentInput).map(e => e.value)))
             .observe({type: 'layout-shift', buffered: true}) || setTimeout(() => done([]), 200))"""
    )
    assert sum(shifts) < 0.001


def pages() -> dict[str, Callable[[], str]]:
    """The kinds of card that a supervisor meets, by name."""
    decided = {
        "C11d": Decision("fail", by="李明", when="3月12日 14:05", reason="录音清楚"),
        "P3.2a": Decision(
            "pass", by="李明", when="3月12日 14:07", reason="「您好」说得轻，听得出", state="申诉成立"
        ),
    }
    reviewed = Reviewed(82.8, "fail", decided)
    mixed = list(map(max, *make_peaks(make_audit())))
    return {
        "fault_rich": lambda: sample("rude_agent"),
        "clean": lambda: sample("good_call"),
        "outbound": lambda: sample("debt_pressed"),
        "not_scored": lambda: sample("silent_file"),
        "critical": lambda: rendered(make_audit()),
        "reviewed": lambda: rendered(make_audit(), reviewed=reviewed),
        "mono": lambda: rendered(make_mono(make_audit()), peaks=[mixed]),
        "mono_voices": lambda: rendered(make_diarised(make_audit()), peaks=[mixed]),
        "masked": lambda: rendered(make_masked(make_audit()), peaks=()),
        "review_heavy": lambda: rendered(make_review_heavy(make_audit())),
    }


QUICK = {"reviewed"}


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in pages()]
)
def test_every_kind_of_card_fits_screen_and_phone_and_is_accessible(show: Open, name: str) -> None:
    page = show(pages()[name](), size=PHONE)
    assert sideways_px(page) <= 0
    keep_picture(page, f"call_{name}_390")
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    assert sideways_px(page) <= 0
    keep_picture(page, f"call_{name}_1280")
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert serious_faults(page) == []


@pytest.mark.parametrize("name", ["reviewed", pytest.param("fault_rich", marks=pytest.mark.slow)])
def test_on_paper_nothing_is_cut_off_and_no_player_is_left(show: Open, name: str) -> None:
    page = show(pages()[name](), size=(688, 900))  # A4 less its margins, in CSS pixels
    page.emulate_media(media="print")
    assert not page.locator(".transport").is_visible()
    assert page.locator("button:visible").filter(has_text="放大").count() == 0
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.call *')].filter(
             e => e.clientWidth && e.scrollWidth > e.clientWidth + 1
             && getComputedStyle(e).overflowX !== 'visible' && !e.closest('.unseen')).map(e => e.className)"""
    )
    assert cut == []
    assert page.evaluate("(t => t.scrollHeight - t.clientHeight)(document.getElementById('turns'))") <= 1
    assert keep_pdf(page, f"call_{name}").read_bytes().startswith(b"%PDF")


def test_three_minutes_take_less_than_300_kb_without_sound() -> None:
    long = make_long(make_audit(), times=3)
    wild = [[abs((k * 7919) % 997) / 997 for k in range(2352)] for _ in range(2)]
    page = render_html(long, audio=None, peaks=wild, standard=standard())
    assert long.evidence.recording.duration_s > 180
    assert len(page.encode()) < 300_000


def test_slots_are_filled_beside_every_finding_and_keep_their_own_keys(show: Open) -> None:
    from auditor.report.look import environment
    from auditor.report.page import make_page

    source = """{% from "call_body.html" import call_body %}<!doctype html><html lang="zh-CN"><title>t</title>
    <style>{{ asset("style.css") }}{{ asset("call.css") }}</style><main class="page">
    {% call(f) call_body(page, audio_url="") %}<input aria-label="理由 {{ f.rule }}">{% endcall %}
    </main><script>{{ asset("call.js") }}</script>"""
    view = make_page(replace(make_audit(), call_id="<b>x</b>"), standard=standard())
    page = show(environment().from_string(source).render(page=view))
    rules = {finding.rule for finding in make_audit().findings}
    shown = page.locator("[data-rule]").evaluate_all("all => all.map(e => e.dataset.rule)")
    # P1 and C1 repeat P3.2a: they are told with it.
    assert sorted(shown) == sorted(rules - {"P1", "C1"})
    assert page.locator("[data-rule] .finding-actions input").count() == len(shown)
    page.locator("[id='finding-V3'] input").fill("np ")
    page.keyboard.press("n")
    assert page.locator(".finding.selected").count() == 0
    assert page.locator("h1").inner_text() == "<b>x</b>"
