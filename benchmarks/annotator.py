"""How fast the span annotator is on a long text: key to visible label, key to saved, frames while scrolling, first drawing.

    python benchmarks/annotator.py [--spans 2000] [--labels 40]

Drives the page of the browser tests (its store is a SQLite file with a commit to disk for each batch) in Chromium without a window, on a text
of 200,000 characters; needs the packages playwright and chromium. *Key to visible*: from the time stamp that the browser gives the key press to
the end of the first frame drawn after it. *Key to saved*: to when the page says so, with the answer of the server. The *peer* draws every
segment of the text anew for each edit, as annotators commonly do; it is measured in the same page on the same marks, each time after one of ours.
Frames are the times between two of the browser's while the mouse wheel turns.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from browser_annotator.app_texts import TEXTS
from browser_annotator.server import Server

SCROLL_STEPS, STEP_PX = 240, 120
TIMEOUT_MS = 120_000

WATCH = """() => {
  window.figures = { visible: [], saved: [] };
  const drawn = () => new Promise((done) => requestAnimationFrame(() => { const after = new MessageChannel(); after.port1.onmessage = done; after.port2.postMessage(0); }));
  window.drawn = drawn;
  const host = document.querySelector(".cva");
  let pressed = null;
  window.addEventListener("keydown", async (event) => {
    if (!/^[1-8]$/.test(event.key)) return;
    const before = Number(host.dataset.annotations);
    pressed = event.timeStamp;
    await drawn();
    if (Number(host.dataset.annotations) === before + 1) figures.visible.push(performance.now() - event.timeStamp);
  }, { capture: true });
  new MutationObserver(() => {
    if (pressed === null || host.dataset.pending !== "0") return;
    figures.saved.push(performance.now() - pressed);
    pressed = null;
  }).observe(host, { attributes: true, attributeFilter: ["data-pending"], attributeOldValue: true });
}"""

PEER = """async () => {
  const { log, marks: { offsets }, text, data } = document.querySelector(".cva").annotatorController;
  let peer = document.querySelector(".peer");
  if (!peer) {
    peer = document.createElement("div");
    peer.className = "peer cva-text";
    peer.style.whiteSpace = "pre-wrap";
    text.after(peer);
  }
  text.style.display = "none";
  peer.style.display = "block";
  await drawn();
  const begun = performance.now(), whole = data.document.text;
  const marks = [...log.current.values()].map((one) => ({ start: offsets.toUnit(one.start), end: offsets.toUnit(one.end), label: one.label })).sort((one, other) => one.start - other.start);
  const cuts = [...new Set([0, whole.length, ...marks.flatMap((mark) => [mark.start, mark.end])])].sort((one, other) => one - other);
  const all = document.createDocumentFragment();
  let over = [], next = 0;
  for (let n = 0; n < cuts.length - 1; n += 1) {
    while (next < marks.length && marks[next].start <= cuts[n]) over.push(marks[next++]);
    over = over.filter((mark) => mark.end > cuts[n]);
    const segment = document.createElement(over.length ? "mark" : "span");
    segment.textContent = whole.slice(cuts[n], cuts[n + 1]);
    if (over.length) {
      segment.className = "cva-mark cva-own";
      segment.title = over.map((mark) => mark.label).join(" + ");
      segment.style.boxShadow = over.map((_, lane) => `inset 0 -${3 * (lane + 1)}px 0 0 green`).join(",");
      const ending = over.filter((mark) => mark.end === cuts[n + 1]);
      if (ending.length) segment.dataset.tag = ending.map((mark) => mark.label).join(" · ");
    }
    all.append(segment);
  }
  peer.replaceChildren(all);
  await drawn();
  const took = performance.now() - begun;
  peer.style.display = "none";
  peer.replaceChildren();
  text.style.display = "";
  await drawn();
  text.focus({ preventScroll: true });
  return took;
}"""

FRAMES = """() => {
  window.frames_ = [];
  let before = null;
  const step = (now) => { if (before !== null) window.frames_.push(now - before); before = now; window.counting = requestAnimationFrame(step); };
  window.counting = requestAnimationFrame(step);
}"""


def label(page: Page, count: int) -> list[float]:
    """Label words across the text by keyboard, the peer in turn; returns the peer's times, in ms."""
    peer = []
    host = page.locator(".cva")
    before = int(host.get_attribute("data-annotations") or 0)
    for number in range(count):
        page.keyboard.press("Escape")
        # Go to a place as a mouse would: a caret, then the word cursor.
        page.evaluate(
            """(part) => {
              const { view, text } = document.querySelector(".cva").annotatorController;
              const at = Math.floor(view.text.length * part);
              view.select(at, at);
              text.focus({ preventScroll: true });
              view.reveal(at, at + 1);
            }""",
            (number + 0.5) / count,
        )
        page.wait_for_timeout(60)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        page.wait_for_timeout(120)  # a person reads, too
        page.keyboard.press(str(number % 8 + 1))
        page.wait_for_function(
            "wanted => { const { annotations, pending } = document.querySelector('.cva').dataset; return Number(annotations) === wanted && pending === '0'; }",
            arg=before + number + 1,
            timeout=TIMEOUT_MS,
        )
        page.wait_for_timeout(150)
        peer.append(page.evaluate(PEER))
    return peer


def scroll(page: Page) -> list[float]:
    """Turn the mouse wheel over the text; returns the times between frames, in ms."""
    page.locator(".cva-text:not(.peer)").evaluate("one => { one.scrollTop = 0; }")
    page.locator(".cva-text:not(.peer)").hover(position={"x": 300, "y": 200})
    page.evaluate(FRAMES)
    for _ in range(SCROLL_STEPS):
        page.mouse.wheel(0, STEP_PX)
        page.wait_for_timeout(8)
    found: list[float] = page.evaluate(
        "() => { cancelAnimationFrame(window.counting); return window.frames_; }"
    )
    moved = page.locator(".cva-text:not(.peer)").evaluate("one => one.scrollTop")
    if moved < SCROLL_STEPS * STEP_PX / 4:
        raise SystemExit(f"The text did not scroll: it stands at {moved} px.")
    return found


def row(name: str, times: list[float], limit: str) -> str:
    """Put figures in one line."""
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return (
        f"{name:<34} {statistics.median(times):8.1f} {p95:8.1f} {max(times):8.1f} {len(times):6d}   {limit}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spans", type=int, default=2000, help="annotations that are there already")
    parser.add_argument("--labels", type=int, default=40, help="how many are given")
    asked = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    server = Server(Path(tempfile.mkdtemp(prefix="annotator-")))
    server.start()
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{server.address}/?doc=long&user=quill&others=1&spans={asked.spans}")
            page.locator(".cva[data-pending]").wait_for(state="attached", timeout=TIMEOUT_MS)
            page.wait_for_timeout(3000)
            first = page.evaluate(
                """async () => {
                  const host = document.querySelector(".cva"), { sent } = host.annotatorController, times = [];
                  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
                  for (let n = 0; n < 5; n += 1) {
                    await drawn();
                    const begun = performance.now();
                    host.annotatorController.data = null;
                    host.annotatorController.update(sent);
                    await drawn();
                    times.push(performance.now() - begun);
                  }
                  return times;
                }"""
            )
            page.evaluate(WATCH)
            peer = label(page, asked.labels)
            figures = page.evaluate("figures")
            frames = scroll(page)
            version = browser.version
            browser.close()
    finally:
        server.kill()
    print(
        f"{len(TEXTS['long'][1]):,} characters, {asked.spans:,} annotations; Chromium {version} without a window or GPU,"
    )
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {platform.platform()}"
    )
    print(f"{'ms':<34} {'median':>8} {'p95':>8} {'most':>8} {'times':>6}")
    print(row("key to visible label", figures["visible"], "goal: median 50"))
    print(row("the same, all drawn anew (peer)", peer, ""))
    print(row("key to saved", figures["saved"], "goal: median 500"))
    print(row("between frames while scrolling", frames, "goal: p95 33"))
    print(row("drawing the whole text at first", first, ""))


if __name__ == "__main__":
    main()
