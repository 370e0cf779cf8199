"""The report in a real browser: what a patient sees on a phone, at a desk and on paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.outputs.fixture import ALL

from follicast.outputs.report.page import render_report

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
WIDTHS = (360, 768, 1200)

TEXTS = """() => [...document.querySelectorAll('svg text')]
  .filter(t => t.getClientRects().length && t.textContent.trim())
  .map(t => ({
    words: t.textContent,
    size: parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a,
    left: t.getBoundingClientRect().left - t.ownerSVGElement.getBoundingClientRect().left,
    right: t.ownerSVGElement.getBoundingClientRect().right - t.getBoundingClientRect().right,
  }))"""
FIGURES = """() => [...document.querySelectorAll('figure')].map(f => ({
    key: f.id,
    title: f.querySelector('figcaption').innerText,
    drawings: [...f.querySelectorAll('svg')].map(s => s.getBoundingClientRect())
      .filter(b => b.width > 100 && b.height > 40).length,
  }))"""
SMALL_TEXT = """() => [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('svg') && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .map(e => parseFloat(getComputedStyle(e).fontSize)).filter(size => size < 14.9)"""
OVERLAPS = """() => [...document.querySelectorAll('svg')].flatMap(s => {
  const boxes = [...s.querySelectorAll('text')].filter(t => t.getClientRects().length && t.textContent.trim())
    .map(t => [t.textContent, t.getBoundingClientRect()]);
  return boxes.flatMap(([a, x], i) => boxes.slice(i + 1)
    .filter(([b, y]) => Math.min(x.right, y.right) - Math.max(x.left, y.left) > 2
      && Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top) > 4)
    .map(([b]) => a + ' / ' + b));
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "install Debian's chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module", params=list(ALL))
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_bytes(render_report(ALL[request.param]()))
    return path


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[tuple[Page, list[str]]]:
    """The report in a page, and every complaint or request it makes."""
    noise: list[str] = []
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("requestfailed", lambda request: noise.append(request.url[:80]))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    noise += [url[:80] for url in asked if not url.startswith(("data:", report.as_uri()))]
    yield page, noise
    page.close()


def test_silent_and_offline(opened: tuple[Page, list[str]]) -> None:
    page, noise = opened
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.emulate_media(media="print")
    page.wait_for_timeout(50)
    assert noise == []


@pytest.mark.parametrize("width", WIDTHS)
def test_every_figure_is_drawn_and_nothing_sticks_out(opened: tuple[Page, list[str]], width: int) -> None:
    page, _ = opened
    page.set_viewport_size({"width": width, "height": 800})
    found = page.evaluate(FIGURES)
    assert len(found) >= 8
    assert [f for f in found if not f["drawings"] or len(f["title"]) < 10] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_legible(opened: tuple[Page, list[str]], width: int) -> None:
    page, _ = opened
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 15
    assert page.evaluate(SMALL_TEXT) == []
    texts = page.evaluate(TEXTS)
    assert len(texts) > 50
    assert [t for t in texts if t["size"] < 9.0] == []
    assert [t for t in texts if t["left"] < -1.0 or t["right"] < -1.0] == []


@pytest.mark.parametrize("width", [360, 1200])
def test_words_in_figures_do_not_overlap(opened: tuple[Page, list[str]], width: int) -> None:
    page, _ = opened
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate(OVERLAPS) == []


def test_prints_on_a4_with_the_wide_figures(opened: tuple[Page, list[str]]) -> None:
    page, _ = opened
    page.emulate_media(media="print")
    visible = "() => [...document.querySelectorAll('.narrow')].filter(e => e.getClientRects().length).length"
    assert page.evaluate(visible) == 0
    kept = "() => [...document.querySelectorAll('figure, tr')].every(e => getComputedStyle(e).breakInside === 'avoid')"
    assert page.evaluate(kept)
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert b"/MediaBox [0 0 594.95996 841.91998]" in pdf or b"/MediaBox [0 0 595" in pdf
