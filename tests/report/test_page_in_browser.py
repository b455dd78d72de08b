"""The page in a real browser, where one is installed: what a click does is not in the markup."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from made_call import DURATION_S, make_audit, make_peaks, make_wav

from auditor.report.html import render_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")

ACTIONS = """
(async () => {
  const out = {}, audio = document.getElementById("audio"), list = document.getElementById("turns");
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const press = (key) => document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await wait(300);
  document.querySelector('article [data-anchor="f-2"]').click(); await wait(200);
  const selected = () => document.querySelector("article.selected").id;
  out.finding = { at: audio.currentTime, playing: !audio.paused, selected: selected() };
  press(" "); await wait(100);
  out.space = { paused: audio.paused, label: document.getElementById("play").textContent };
  press("n"); press("n"); await wait(200);
  out.next = selected();
  audio.pause();
  const lanes = document.getElementById("lanes"), box = lanes.getBoundingClientRect();
  lanes.dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: box.left + box.width / 2 }));
  await wait(200);
  out.middle = audio.currentTime;
  audio.pause();
  const turn = list.children[10];
  turn.click(); await wait(300);
  out.turn = { at: audio.currentTime, current: turn.ariaCurrent, scrolled: list.scrollTop > 0 };
  out.overflow = document.documentElement.scrollWidth - innerWidth;
  document.documentElement.dataset.result = JSON.stringify(out);
})();
"""


def drive(folder: Path, *, size: str) -> tuple[dict[str, Any], str]:
    """Open the page, act on it, and return what happened with the browser's log."""
    audit = make_audit()
    page = render_html(audit, audio=(make_wav(DURATION_S), "audio/wav"), peaks=make_peaks(audit))
    file = folder / "page.html"
    file.write_text(page.replace("</body>", f"<script>{ACTIONS}</script></body>"), encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--autoplay-policy=no-user-gesture-required",
            f"--user-data-dir={folder / 'profile'}",
            "--enable-logging=stderr",
            f"--window-size={size}",
            "--virtual-time-budget=6000",
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = re.search(r'data-result="([^"]*)"', done.stdout)
    assert found, done.stderr[-2000:]
    result: dict[str, Any] = json.loads(html.unescape(found.group(1)))
    return result, done.stderr


def test_clicks_and_keys_play_from_the_right_second(tmp_path: Path) -> None:
    happened, log = drive(tmp_path, size="1280,900")
    assert happened["finding"]["at"] == pytest.approx(8.9, abs=0.6)
    assert happened["finding"]["playing"]
    assert happened["finding"]["selected"] == "f-2"
    assert happened["space"] == {"paused": True, "label": "播放"}
    assert happened["next"] == "f-3"
    assert happened["middle"] == pytest.approx(DURATION_S / 2, abs=0.6)
    assert happened["turn"]["at"] == pytest.approx(63.0, abs=0.6)
    assert happened["turn"]["current"] == "true"
    assert happened["turn"]["scrolled"]
    assert "CONSOLE" not in log


def test_the_page_fits_a_phone_without_sideways_scrolling(tmp_path: Path) -> None:
    happened, log = drive(tmp_path, size="390,844")
    assert happened["overflow"] <= 0
    assert "CONSOLE" not in log
