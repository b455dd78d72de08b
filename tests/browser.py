"""One real Chromium for every test of a page: call reports, agent reports and the site.

`open_page` opens an address at a size and watches it: when the test ends, an error in the console, an
exception in a script or a request that leaves this machine fails it. `serious_faults` asks axe-core;
`keep_picture` writes what was seen to tests/artifacts, for people. Without Playwright's package or a
chromium on the path these tests are skipped and say so.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ARTIFACTS = Path(__file__).parent / "artifacts"
DESKTOP = (1280, 900)
PHONE = (390, 844)
_HERE = ("file:", "data:", "blob:", "about:", "http://127.0.0.1", "http://localhost")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's chromium, driven by Playwright; a module's tests share one process."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium is installed")
    # By module, not by session: while it runs, nothing else of this process can run an event loop.
    with playwright.sync_playwright() as started:
        flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        browser = started.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """``open_page(address, size=PHONE, expects=["404"], **context)`` -> a page of its own context.

    ``expects``: pieces of complaints that belong to the test. ``address`` may be None: an empty page.
    """
    complaints: list[str] = []
    contexts: list[Any] = []
    expected: list[str] = []

    def open_at(
        address: str | None,
        *,
        size: tuple[int, int] = DESKTOP,
        expects: list[str] | None = None,
        **context: Any,
    ) -> Any:
        expected.extend(expects or [])
        viewport = {"width": size[0], "height": size[1]}
        contexts.append(chromium.new_context(viewport=viewport, locale="zh-CN", **context))
        page = contexts[-1].new_page()
        page.on("console", lambda said: said.type == "error" and complaints.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on(
            "request",
            lambda asked: asked.url.startswith(_HERE) or complaints.append(f"left this machine: {asked.url}"),
        )
        if address is not None:
            page.goto(address)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert [each for each in complaints if not any(piece in each for piece in expected)] == []


def serious_faults(page: Any) -> list[str]:
    """What axe-core calls serious or critical: ``rule: element`` each; skipped where axe is not installed."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {node['target']} {node.get('failureSummary', '')}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def sideways_px(page: Any) -> int:
    """By how many pixels the page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


def keep_picture(page: Any, name: str, *, whole: bool = True) -> Path:
    """Write what the page shows to tests/artifacts/<name>.png, all of it or the window."""
    path = ARTIFACTS / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=whole)
    return path


def keep_pdf(page: Any, name: str) -> Path:
    """Print the page as the browser does, to tests/artifacts/<name>.pdf, with the page's own paper size."""
    path = ARTIFACTS / f"{name}.pdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.pdf(path=path, prefer_css_page_size=True, print_background=True)
    return path
