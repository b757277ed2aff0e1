"""The app in a real browser, with the real models: from an empty corpus to a downloaded CSV."""

from __future__ import annotations

import csv
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
ROOT = Path(__file__).resolve().parent.parent
HOSTILE = '<img src=x onerror="window.pwned=1"> **bold** $x$ :red[hot] [link](javascript:window.pwned=1) :smile: -> end'

playwright = pytest.importorskip(
    "playwright.sync_api", reason="the browser tests need the package playwright"
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.model,
    pytest.mark.skipif(
        CHROMIUM is None, reason="the browser tests need chromium; install the package chromium"
    ),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Start the app as people do, on a home of its own and a free port."""
    home = tmp_path_factory.mktemp("home")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("VERIFIER_", "STREAMLIT_"))
    }
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(port)]
    with (home / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**environment, "VERIFIER_HOME": str(home)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, home / "log.txt")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_for(url, process, log):
    for _ in range(150):
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  (our own server)
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail("The app did not start within 30 s.")


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, address):
    """Open the app in a fresh window that must neither reach another machine nor report an error."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.elsewhere, page.broken = [], []
    page.on(
        "request",
        lambda r: (
            page.elsewhere.append(r.url) if urlsplit(r.url).hostname not in {"127.0.0.1", None} else None
        ),
    )
    page.on("pageerror", lambda error: page.broken.append(str(error)))
    page.goto(address)
    page.locator(".st-key-empty").or_(page.locator(".st-key-claim")).first.wait_for()
    _settle(page)
    if page.get_by_role("button", name="Load the demo corpus").count():
        page.get_by_role("button", name="Load the demo corpus").click()
        page.get_by_text("of the demo corpus are in").wait_for(timeout=300_000)
    _settle(page)
    page.get_by_role("textbox", name="Your name").fill("quill")
    page.keyboard.press("Enter")
    _settle(page)
    yield page
    context.close()
    assert page.elsewhere == []
    assert page.broken == []


def _settle(page):
    """Wait until the script has run and rested for half a second: a busy machine starts a run late."""
    idle = '[data-testid="stApp"][data-test-script-state="notRunning"]'
    page.wait_for_selector(idle, timeout=300_000)
    rested = 0
    while rested < 5:
        page.wait_for_timeout(100)
        rested = rested + 1 if page.locator(idle).count() else 0


def _check(page, claim):
    page.get_by_role("textbox", name="Claim").fill(claim)
    page.get_by_role("button", name="Check this claim").click()
    page.locator(".cv-line").wait_for(timeout=300_000)
    _settle(page)


def _open(page, name):
    page.get_by_role("link", name=name, exact=True).click()
    _settle(page)


def _fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_claim_of_the_demo_is_answered_with_statements_side_by_side(page):
    page.locator(".st-key-example-0 button").click()
    page.locator(".cv-line").wait_for(timeout=300_000)
    _settle(page)
    assert "corroborate" in page.locator(".cv-line").inner_text()
    heads = page.locator(".cv-column")
    assert [heads.nth(n).locator("h3").inner_text().split()[-1] for n in range(3)] == [
        "corroborates",
        "contradicts",
        "related",
    ]
    tops = [heads.nth(n).bounding_box() for n in range(3)]
    assert len({round(box["y"]) for box in tops}) == 1
    assert "verification=" in page.url


def test_an_unrelated_claim_is_not_decided(page):
    _check(page, "Lindhaven has opened a new tram line to the airport.")
    assert "Not enough evidence" in page.locator(".cv-seal").inner_text().capitalize()


def test_a_stance_is_given_by_mouse_and_by_key_and_stays(page, address):
    _check(page, "The talks in Lindhaven lasted more than seven hours.")
    card = page.locator('[class*="st-key-card-"]').first
    card.get_by_role("button", name="contradicts", exact=True).or_(
        card.get_by_role("radio", name="contradicts")
    ).first.click()
    card.get_by_text("People say – quill: contradicts").wait_for()
    _settle(page)
    page.get_by_role("button", name="Judge by keyboard").click()
    page.locator(".st-key-keyboard").wait_for()
    _settle(page)
    page.keyboard.press("1")
    card.get_by_text("People say – quill: corroborates").wait_for()
    link = page.url
    page.goto(address)
    page.goto(link)
    page.locator('[class*="st-key-card-"]').first.get_by_text("People say – quill: corroborates").wait_for()


def test_a_sentence_is_labelled_and_comes_out_in_the_csv(page, tmp_path):
    _check(page, "The talks in Lindhaven lasted more than seven hours.")
    card = page.locator('[class*="st-key-card-"]').first
    said = card.locator(".cv-passage strong").inner_text()
    card.get_by_role("button", name="Read in context").click()
    page.locator('.cv-sentence[aria-pressed="true"]').wait_for()
    _settle(page)
    assert page.locator('.cv-sentence[aria-pressed="true"]').inner_text() == said

    other = page.locator('.cv-sentence[aria-pressed="false"]').nth(1)
    quote = other.inner_text()
    other.click()
    page.locator('.cv-sentence[aria-pressed="true"]', has_text=quote).wait_for()
    _settle(page)
    choices = page.locator(".st-key-labels-to-give").get_by_role("radiogroup")
    choices.locator("label").first.click()
    choices.locator("input:checked").wait_for(state="attached")
    _settle(page)
    page.get_by_role("button", name="Add label").click()
    page.locator('[class*="st-key-own-"]').wait_for()

    _open(page, "Export")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download CSV").click()
    waiting.value.save_as(tmp_path / "labels.csv")
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["quote"] for row in rows if row["updated_at"] == max(row["updated_at"] for row in rows)] == [
        quote
    ]


def test_hostile_text_is_shown_letter_for_letter_and_never_runs(page, tmp_path):
    path = tmp_path / "hostile.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["title", "text", "outlet", "language", "url"])
        writer.writerow(
            [
                HOSTILE,
                f"Lindhaven has a clock tower {HOSTILE}.",
                f"Evil {HOSTILE}",
                "en",
                "javascript:window.pwned=1",
            ]
        )
    _open(page, "Corpus")
    page.get_by_role("tab", name="Add documents").click()
    page.locator('input[type="file"]').set_input_files(path)
    page.get_by_text("hostile.csv").first.wait_for()
    _settle(page)
    page.get_by_role("button", name="Add to the corpus").click()
    page.get_by_text("1 document added").or_(page.get_by_text("1 already in")).first.wait_for(timeout=120_000)
    _settle(page)
    _open(page, "Verify")
    _check(page, f"Lindhaven has a clock tower {HOSTILE}")
    card = page.locator('[class*="st-key-card-"]', has_text="Evil").first
    assert HOSTILE in card.locator(".cv-passage strong").inner_text()
    earlier = page.locator('[class*="st-key-earlier-"] button').first.inner_text().replace("\u2060", "")
    assert "Lindhaven has a clock tower <img src=x onerror=" in earlier
    card.get_by_role("button", name="Read in context").click()
    page.locator('.cv-sentence[aria-pressed="true"]').wait_for()
    _settle(page)
    assert HOSTILE in page.locator('.cv-sentence[aria-pressed="true"]').inner_text()
    assert HOSTILE in page.locator(".cv-article-title").inner_text()
    assert page.locator('a[href^="javascript"]').count() == 0
    for name in ("Corpus", "Export", "Verify"):
        _open(page, name)
        assert page.locator('img[src="x"]').count() == 0
    assert page.evaluate("window.pwned") is None


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1920)])
def test_every_page_fits_the_screen(page, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    _check(page, "The talks in Lindhaven lasted more than seven hours.")
    assert _fits(page)
    for name in ("Claims", "Read", "Corpus", "Export"):
        _open(page, name)
        assert _fits(page)
        assert page.get_by_test_id("stException").count() == 0
