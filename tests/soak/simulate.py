"""A simulation of three people at work, and of what becomes of their labels: no person took part, and the agreement it prints says nothing of people.

Two annotators and an adjudicator label texts of a folder in a real browser, by keyboard alone, at the real app. The second annotator and the adjudicator
mostly follow what was labelled before, by chance with other words or another label. Then agreement is measured, and the labels go through an export into an
empty database and are compared. How long a label took from key press to *saved* is measured in the browser.
"""

# ruff: noqa: T201  (what it prints is what it is for)
from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from soak.people import Given, Person, Tab
from soak.rounds import chromium
from soak.server import ROOT, Home, Server
from verifier.domain import LabelMethod

STOPWATCH = """
window.took = [];
let pressed = null, sent = false;
addEventListener("keydown", (event) => { if (/^[1-9a-z]$/.test(event.key)) [pressed, sent] = [performance.now(), false]; }, true);
new MutationObserver((seen) => {
  for (const { target } of seen) {
    if (pressed === null || !target.classList.contains("cva")) continue;
    if (target.dataset.pending !== "0") sent = true;
    else if (sent) { window.took.push(performance.now() - pressed); pressed = null; }
  }
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-pending"] });
"""
FOLLOWS, SAME_WORDS, SAME_LABEL = 0.85, 0.8, 0.75
"""How often a simulated person labels what another has labelled, with the same words, and alike. Made up."""

KEYS = "12345"
SAVES_WITHIN_S = 120
SHORTEST_WORDS = 150
"""Of a document that is long enough for 30 spans."""


def main() -> int:
    """Simulate; returns 1 where a label was lost, doubled or changed on the way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="texts to label; nothing is written there")
    parser.add_argument("--spans", type=int, default=30, help="for each person and document")
    parser.add_argument("--documents", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    chance = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory(prefix="simulation-") as name:
        home = Home(Path(name) / "home")
        home.ingest([chosen.folder.resolve()])
        long = [key for key, text in home.texts().items() if len(text.split()) >= SHORTEST_WORDS]
        if len(long) < chosen.documents:
            print(
                f"Only {len(long)} documents of {chosen.folder} have {SHORTEST_WORDS} words or more; {chosen.documents} are needed."
            )
            return 2
        server = Server(home)
        server.start()
        try:
            given, took = _label(server, long[: chosen.documents], chosen.spans, chance)
        finally:
            server.kill()
        print(
            f"A simulation, not people: {len(given)} labels on {chosen.documents} documents by two annotators and an adjudicator, load {os.getloadavg()[0]:.1f}."
        )
        took.sort()
        print(
            f"Key press to saved: median {statistics.median(took):.0f} ms, p95 {took[round(0.95 * (len(took) - 1))]:.0f} ms, most {took[-1]:.0f} ms (n = {len(took)})."
        )
        standing, damage = home.labels()
        there = [(one.annotator_id, one.span.start, one.span.end, one.span.quote) for one in standing]
        wanted = [(one.person, one.start, one.end, one.quote) for one in given]
        stored = sorted(there) == sorted(wanted) and not damage
        print(
            f"In the database: {len(standing)} labels, {'each as it was given' if stored else 'NOT as they were given'}; faults of the log: {damage or 'none'}."
        )
        print(_agreement(home))
        same = _moved(home, Path(name))
        print(
            "Exported and imported into an empty database: "
            + ("identical, but for the mark that they were imported." if same else "DIFFERENT.")
        )
        return 0 if stored and same else 1


def _label(
    server: Server, documents: list[str], spans: int, chance: random.Random
) -> tuple[list[Given], list[float]]:
    given: list[Given] = []
    took: list[float] = []
    with chromium() as browser:
        for document_id in documents:
            people = [
                Person(name, browser, f"http://127.0.0.1:{server.port}", document_id)
                for name in ("annotator-1", "annotator-2", "adjudicator")
            ]
            for person in people:
                person.context.add_init_script(STOPWATCH)
            first, second, third = tabs = [Tab(person, KEYS) for person in people]
            for tab in tabs[:2]:
                _wait(tab.open)
            for _ in range(spans):
                done = _follow(first, None, chance)
                _follow(second, done, chance)
            _wait(third.open)
            said = sorted(
                chance.sample(sorted(people[0].given | people[1].given, key=lambda one: one.start), spans),
                key=lambda one: one.start,
            )
            for one in said:
                _follow(third, one, chance)
            for tab in tabs:
                took += tab.page.evaluate("window.took")
                given += sorted(tab.person.given)
                print(
                    f"  {tab.person.name} labelled {len(tab.person.given)} spans of document {document_id[:6]}.",
                    flush=True,
                )
            for person in people:
                person.close()
    return given, took


def _follow(tab: Tab, other: Given | None, chance: random.Random) -> Given:
    """Label something, mostly what another person has labelled, and wait until it is saved."""
    _wait(tab.ready)
    before = set(tab.person.given)
    while tab.person.given == before:
        if other is not None and chance.random() < FOLLOWS:
            place = _selected(tab)
            for _ in range(400):
                if place and place[0] >= other.start:
                    break
                tab.page.keyboard.press("ArrowRight")
                place, stood = _selected(tab), place
                if place == stood:
                    break  # the text ends here
            longer = chance.random() >= SAME_WORDS
            while place[1] < other.end or longer:
                longer = longer and place[1] < other.end
                tab.page.keyboard.press("Shift+ArrowRight")
                place, stood = _selected(tab), place
                if place == stood:
                    break
        else:
            for _ in range(chance.randint(1, 3)):
                tab.page.keyboard.press("ArrowRight")
            for _ in range(chance.choices([0, 1, 2], [6, 3, 1])[0]):
                tab.page.keyboard.press("Shift+ArrowRight")
        same = other is not None and chance.random() < SAME_LABEL
        key = tab.key_of(other.label) if same else chance.choice(KEYS)
        tab.give(key)
        other = None
    _wait(lambda: tab.look()["pending"] == 0)
    (one,) = tab.person.given - before
    return one


def _selected(tab: Tab) -> tuple[int, int] | None:
    found = tab.look()["selected"]
    return tuple(map(int, found.split("-"))) if "-" in found else None


def _wait(done) -> None:
    until = time.monotonic() + SAVES_WITHIN_S
    while not done():
        if time.monotonic() > until:
            message = f"The page was not ready, or a label not saved, within {SAVES_WITHIN_S} s."
            raise TimeoutError(message)
        time.sleep(0.02)


def _verifier(home: Home, *arguments: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VERIFIER_")}
    done = subprocess.run(
        [sys.executable, "-c", "from verifier.cli import main; main()", *arguments],
        cwd=ROOT,
        env={**environment, "VERIFIER_HOME": str(home.folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"verifier {' '.join(arguments)} failed: {done.stderr}"
        raise RuntimeError(message)
    return done.stdout


def _agreement(home: Home) -> str:
    return "verifier agreement:\n" + _verifier(home, "agreement", "--level", "span")


def _moved(home: Home, folder: Path) -> bool:
    """Export documents and labels, import both into an empty database, and compare every label."""
    empty = Home(folder / "empty")
    for what in ("documents", "labels"):
        path = folder / f"{what}.jsonl"
        _verifier(
            home, "export", what, "--jsonl", "--output", str(path), *(["--names"] if what == "labels" else [])
        )
        report = json.loads(
            _verifier(empty, "import", str(path), "--json", *(["--no-index"] if what == "documents" else []))
        )
        print(f"  {what}: {json.dumps(report, ensure_ascii=False)[:300]}")
    # An import says of each label that it was imported, by design; everything else must be the same.
    before, after = (
        [replace(one, label_method=LabelMethod.IMPORTED) for one in each.labels()[0]]
        for each in (home, empty)
    )
    return before == after


if __name__ == "__main__":
    sys.exit(main())
