"""Rounds of labelling under force: people label by keyboard, the server dies at seeded moments, the network breaks, tabs close; then it is counted.

``make soak`` runs 50 of them and prints a table; the tests run three. The seed fixes what is done and in which order; how the machine
interleaves it is its own affair, so a round that fails may need repeating to fail again.
"""

# ruff: noqa: T201  (what it prints is what it is for)
from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as BrowserError

from soak.people import CHROMIUM, FLAGS, Given, Person, Tab
from soak.server import Home, Server, Wire
from soak.texts import TEXT
from verifier.codebooks import load_codebooks

DEATHS = ("after", "within", "before", "kill")
BREAKS = ("cut", "hold")
SAVED_WITHIN_S = 120
"""Until everything is saved once nothing is broken any more, on a machine under load; what is not by then counts as lost."""


@dataclass(slots=True)
class Result:
    """What came of a round; ``lost`` and ``doubled`` must be empty, and so must ``damage``."""

    seed: int
    given: int = 0
    deaths: Counter[str] = field(default_factory=Counter)
    breaks: int = 0
    closed: int = 0
    lost: list[Given] = field(default_factory=list)
    doubled: list[Given] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    """What the tabs show that do not come to rest."""
    counts: Counter[str] = field(default_factory=Counter)
    saved_s: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether every label stands exactly once and the log is whole."""
        return not (self.lost or self.doubled or self.damage)


class Fate(threading.Thread):
    """Breaks one thing after another at its own pace, and mends each after a while."""

    def __init__(self, server: Server, wire: Wire, incidents: list[str], chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.server, self.wire, self.incidents, self.chance = server, wire, incidents, chance
        self.result: Counter[str] = Counter()
        self.failure: Exception | None = None
        self.enough = threading.Event()
        """Set when nobody labels any more, so that no commit will meet a fate that waits for one."""

    def run(self) -> None:
        """Have everything happen."""
        try:
            for incident in self.incidents:
                self.enough.wait(self.chance.uniform(0.2, 2.5))
                self._happen(incident, pause=self.chance.uniform(0.1, 3.0))
        except Exception as error:  # noqa: BLE001  (told where the round is counted)
            self.failure = error

    def _happen(self, incident: str, pause: float) -> None:
        if incident in BREAKS:
            getattr(self.wire, incident)()
            self.result["breaks"] += 1
            self.enough.wait(pause + 1)
            self.wire.mend()
            return
        if incident == "kill":
            self.server.kill()
            self.result["kill"] += 1
        else:
            self.server.doom(incident)
            while not self.server.dead and not self.enough.is_set():
                time.sleep(0.05)
            self.server.reprieve()
        if self.server.dead:
            self.server.kill()
            time.sleep(pause)
            self.server.start()


def prepare(folder: Path) -> Home:
    """Make a home with the text in it, to be copied for each round."""
    texts = folder / "texts"
    texts.mkdir(parents=True)
    (texts / "harbour.txt").write_text(TEXT, encoding="utf-8", newline="")
    home = Home(folder / "home")
    home.ingest([texts], outlet="Velsund Post", language="en")
    return home


def play(seed: int, browser: Browser, prepared: Home, folder: Path, *, labels: int, incidents: int) -> Result:
    """Play one round.

    Args:
        seed: of everything that is left to chance here.
        browser: a running one.
        prepared: a home with a document, which is copied.
        folder: a new folder for the copy.
        labels: how many are given at least; as long as something is still to break, more are.
        incidents: how many things break. The first is always a death between commit and answer.
    """
    chance = random.Random(seed)
    shutil.copytree(prepared.folder, folder)
    home = Home(folder)
    server = Server(home)
    server.start()
    wire = Wire(server.port)
    planned = ["after", *chance.choices([*DEATHS, *BREAKS], [3, 1, 1, 3, 2, 1], k=incidents - 1)]
    fate = Fate(server, wire, planned, random.Random(seed + 1_000_000))
    (document_id,) = home.texts()
    people = [
        Person(name, browser, f"http://127.0.0.1:{wire.port}", document_id) for name in ("quill", "brandt")
    ]
    tabs = [Tab(people[0], "123"), Tab(people[0], "456"), Tab(people[1], "1234567")]
    result = Result(seed)
    try:
        _until(lambda: _each(tabs, Tab.open), "The page did not open.")
        fate.start()
        _work(tabs, fate, chance, result, labels)
        fate.enough.set()
        fate.join(timeout=300)
        if fate.failure:
            raise fate.failure
        calm = time.monotonic()
        _until(lambda: _each(tabs, _saved), "", within=SAVED_WITHIN_S)
        result.saved_s = time.monotonic() - calm
        result.refused = [one for tab in tabs for one in tab.look()["refused"]]
        result.unsettled = [f"{tab.person.name}: {tab.look()}" for tab in tabs if not _saved(tab)]
    finally:
        fate.enough.set()
        if fate.is_alive():
            fate.join(timeout=300)
        for person in people:
            person.close()
        wire.close()
        server.kill()
    result.deaths = Counter({"kill": fate.result["kill"]}) + Counter(server.deaths())
    result.breaks = fate.result["breaks"]
    for person in people:
        result.counts += person.counts
    count(result, {one for person in people for one in person.given}, _standing(home, result))
    return result


def _work(tabs: list[Tab], fate: Fate, chance: random.Random, result: Result, labels: int) -> None:
    """Label until enough labels are given and everything has broken that is to break."""
    people = {tab.person for tab in tabs}
    until = time.monotonic() + 300
    while time.monotonic() < until and (
        fate.is_alive() or sum(len(person.given) for person in people) < labels
    ):
        tab = chance.choice(tabs)
        try:
            if tab.open() and tab.label(chance):
                if chance.random() < 0.1:
                    tab.undo()
                if chance.random() < 0.08:
                    tab.close()
                    result.closed += 1
        except BrowserError:  # the element has gone away under the hand
            pass
        time.sleep(chance.uniform(0.02, 0.3))


def _each(tabs: list[Tab], does: Callable[[Tab], bool]) -> bool:
    """Have every tab do something, none waiting for another; returns whether all have done it."""
    done = [does(tab) for tab in tabs]
    return all(done)


def _saved(tab: Tab) -> bool:
    try:
        seen = tab.look() if tab.open() else {}
    except BrowserError:
        return False
    return (seen.get("pending"), seen.get("status"), seen.get("kept")) == (0, "Saved", 0)


def _until(done, otherwise: str, within: float = 120) -> None:
    until = time.monotonic() + within
    while not done():
        if time.monotonic() > until:
            if otherwise:
                raise AssertionError(otherwise)
            return
        time.sleep(0.1)


def _standing(home: Home, result: Result) -> list[Given]:
    """Read what stands in the database, as people would name it."""
    labels, result.damage = home.labels()
    books = load_codebooks()
    names = {
        (book.codebook_id, label.label_id): label.name for book in books.values() for label in book.labels
    }
    return [
        Given(
            one.annotator_id, one.span.start, one.span.end, one.span.quote, names[one.codebook_id, one.label]
        )
        for one in labels
    ]


def count(result: Result, given: set[Given], standing: list[Given]) -> None:
    """Compare what people were told with what stands: each label once, and no other."""
    found = Counter(standing)
    result.given = len(given)
    result.lost = sorted(given - found.keys())
    result.doubled = sorted((found - Counter(given)).elements())


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


COLUMNS = "round  seed  deaths after/within/before commit, any  cuts  tabs closed  given  lost  doubled  saved after s  names again  reloads  faults  unheard"


def _row(number: int, one: Result) -> str:
    deaths = "/".join(str(one.deaths[when]) for when in DEATHS)
    return (
        f"{number:5}  {one.seed:4}  {deaths:>39}  {one.breaks:4}  {one.closed:11}  {one.given:5}  {len(one.lost):4}  {len(one.doubled):7}  "
        f"{one.saved_s:13.1f}  {one.counts['names']:11}  {one.counts['reloads']:7}  {one.counts['faults']:6}  {one.counts['unheard']:7}"
    )


def main() -> int:
    """Play rounds and print them as a table; returns 1 where a label was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1, help="of the first round; the next has the next")
    parser.add_argument("--labels", type=int, default=24, help="given at least in each round")
    parser.add_argument("--incidents", type=int, default=4, help="what breaks in each round")
    chosen = parser.parse_args()
    results: list[Result] = []
    print(COLUMNS, flush=True)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, chromium() as browser:
        prepared = prepare(Path(folder) / "prepared")
        for number in range(1, chosen.rounds + 1):
            seed = chosen.seed + number - 1
            home = Path(folder) / f"round-{number}"
            one = play(seed, browser, prepared, home, labels=chosen.labels, incidents=chosen.incidents)
            results.append(one)
            print(_row(number, one), flush=True)
            for said in [*one.lost, *one.doubled, *one.damage, *one.refused, *one.unsettled]:
                print(f"       {said}", flush=True)
            if one.clean:
                shutil.rmtree(home)
    deaths = sum((one.deaths for one in results), Counter())
    print(
        f"{len(results)} rounds, {deaths.total()} deaths ({deaths['after']} between commit and answer), "
        f"{sum(one.given for one in results)} labels given, {sum(len(one.lost) for one in results)} lost, "
        f"{sum(len(one.doubled) for one in results)} doubled."
    )
    return 0 if all(one.clean for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
