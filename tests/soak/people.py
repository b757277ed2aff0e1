"""Annotators at work in a real browser, by keyboard alone, who remember what they were told on the screen."""

from __future__ import annotations

import random
import re
import shutil
import time
from collections import Counter
from typing import Any, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as BrowserError

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
OPENS_WITHIN_MS = 60_000
RELOADS_AFTER_S = 30
"""How long people look at a page on which they can do nothing before they load it again."""

LISTEN = """
window.said = [];
new MutationObserver((seen) => {
  for (const { target } of seen) if (target.classList?.contains("cva-live") && target.textContent) window.said.push(target.textContent);
}).observe(document, { subtree: true, childList: true });
"""
"""Everything that the annotator says to a screen reader, kept: an element may be gone before it could be looked at."""

LOOK = """() => {
  const host = document.querySelector(".cva"), text = document.querySelector(".cva-text");
  return {
    name: document.querySelector('input[aria-label="Your name"]')?.value ?? null,
    pending: Number(host?.dataset.pending ?? -1),
    selected: host?.dataset.selected ?? "",
    status: document.querySelector(".cva-status")?.textContent ?? "",
    refused: [...document.querySelectorAll(".cva-refusal")].map((one) => one.textContent),
    writable: Boolean(document.querySelector(".cva-labels button:not(:disabled)")),
    focused: Boolean(text && document.activeElement === text),
    modal: Boolean(document.querySelector('[data-testid="stDialog"], [aria-modal="true"]')),
    faults: [...document.querySelectorAll('[data-testid="stException"], [data-testid="stAlert"]')].map((one) => one.textContent),
    said: window.said.length,
    kept: Object.entries(localStorage).filter(([key]) => key.startsWith("verifier-annotator|"))
      .reduce((count, [, value]) => count + JSON.parse(value).ops.length, 0),
  };
}"""
_LABELLED = re.compile(r"Labelled “.*” as (.*)\.$", re.DOTALL)


class Given(NamedTuple):
    """A label as the person saw it: code points, the words, and the name of the label."""

    person: str
    start: int
    end: int
    quote: str
    label: str


class Person:
    """Somebody with a browser of their own, and what they have labelled in all its tabs."""

    def __init__(self, name: str, browser: Browser, address: str, document_id: str) -> None:
        self.name = name
        self.address = f"{address}/annotate?document={document_id}"
        self.context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 900})
        self.context.add_init_script(LISTEN)
        self.given: set[Given] = set()
        self.places: set[tuple[int, int]] = set()
        self.counts: Counter[str] = Counter()
        """What went otherwise than a person would expect: ``unheard`` keys, ``names`` to be typed again, pages that were of no use until ``reloads``, ``faults`` on the page."""

    def close(self) -> None:
        """Go home."""
        self.context.close()


class Tab:
    """One tab of a person."""

    def __init__(self, person: Person, keys: str) -> None:
        self.person = person
        self.keys = keys
        self.page: Page | None = None
        self.placed = False
        self.waiting = 0.0
        """Since when nothing can be labelled here (monotonic seconds)."""

    def open(self) -> bool:
        """Open it; returns whether the app could be reached and is ready to be worked with."""
        if self.page is None:
            self.page = self.person.context.new_page()
            self.page.set_default_timeout(OPENS_WITHIN_MS)
            self.placed, self.waiting = False, time.monotonic()
        try:
            if self.page.url == "about:blank" or self.page.url.startswith("chrome-error"):
                self.page.goto(self.person.address, timeout=OPENS_WITHIN_MS)
                self.waiting = time.monotonic()
            return self.ready()
        except BrowserError:
            return False

    def close(self) -> None:
        """Close it without waiting for anything."""
        if self.page is not None:
            self.page.close(run_before_unload=False)
            self.page = None

    def look(self) -> dict[str, Any]:
        """See what the page shows."""
        return self.page.evaluate(LOOK)

    def ready(self) -> bool:
        """Do what a person does when something stands in the way; returns whether labels can be given now."""
        seen = self.look()
        if seen["faults"]:
            self.person.counts["faults"] += 1
        if seen["modal"]:
            self.page.keyboard.press("Escape")
        if seen["name"] is not None and seen["name"] != self.person.name:
            if self.placed:
                self.person.counts["names"] += 1
            self.placed = False
            field = self.page.get_by_role("textbox", name="Your name")
            field.fill(self.person.name)
            field.press("Enter")
            self.waiting = time.monotonic()
            return False
        if not seen["writable"]:
            if time.monotonic() - self.waiting > RELOADS_AFTER_S:
                self.person.counts["reloads"] += 1
                self.placed, self.waiting = False, time.monotonic()
                self.page.reload(timeout=OPENS_WITHIN_MS)
            return False
        self.waiting = time.monotonic()
        if not seen["focused"]:
            self.page.locator(".cva-text").focus()
        return True

    def label(self, chance: random.Random) -> bool:
        """Select some words and label them, all by keyboard; returns whether a label was given."""
        if not self.placed:
            for _ in range(chance.randrange(6)):
                self._press("ArrowDown")
            self.placed = True
        for _ in range(12):
            for _ in range(chance.randint(1, 3)):
                self._press(
                    chance.choices(["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"], [16, 1, 1, 2])[0]
                )
            for _ in range(chance.choices([0, 1, 2], [6, 3, 1])[0]):
                self._press("Shift+ArrowRight")
            seen = self.look()
            if "-" not in seen["selected"]:
                return False
            start, end = map(int, seen["selected"].split("-"))
            if (start, end) not in self.person.places:
                return self._give(chance.choice(self.keys), start, end, seen["said"])
        return False

    def _give(self, key: str, start: int, end: int, said: int) -> bool:
        shown = "([start, end]) => [...document.querySelector('.cva-text').textContent].slice(start, end).join('')"
        quote = self.page.evaluate(shown, [start, end])
        self._press(key)
        told = [found for one in self._said(said) if (found := _LABELLED.match(one))]
        if not told:
            self.person.counts["unheard"] += 1
            return False
        self.person.places.add((start, end))
        self.person.given.add(Given(self.person.name, start, end, quote, told[0][1]))
        self.last = (start, end)
        return True

    def give(self, key: str) -> bool:
        """Give a label to what is selected; returns whether a label was given that this place did not have yet."""
        seen = self.look()
        if "-" not in seen["selected"]:
            return False
        start, end = map(int, seen["selected"].split("-"))
        return (start, end) not in self.person.places and self._give(key, start, end, seen["said"])

    def key_of(self, label: str) -> str:
        """Find the key that gives a label, by its name on the bar."""
        find = """(name) => [...document.querySelectorAll(".cva-labels button")]
            .find((one) => one.textContent.endsWith(name)).getAttribute("aria-keyshortcuts")"""
        return self.page.evaluate(find, label)

    def undo(self) -> None:
        """Take the last label back."""
        said = self.look()["said"]
        self._press("Control+z")
        if any(one.startswith("Undone: withdrawn") for one in self._said(said)):
            self.person.given = {one for one in self.person.given if (one.start, one.end) != self.last}

    def _press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def _said(self, since: int) -> list[str]:
        return self.page.evaluate("(since) => window.said.slice(since)", since)
