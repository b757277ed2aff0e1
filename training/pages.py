"""Invented news pages of four sentences with twelve claims, written by hand in three languages: read, check, and turn into rows.

    python pages.py --out POOLS              # pages.jsonl.gz and pages_dev.jsonl.gz
    python pages.py --check FILE...          # faults and counts of some files

``pages/*.txt`` holds pages about invented events, one after another, with an empty line between::

    @ topic | 2027-04-12          the day of publication
    T en The title.               in en, uk and ru
    1 en The first sentence.      four sentences, each in en, uk and ru; they say "the ferry", "she", "half of them"
    s2 uk A claim.                which sentence 2 supports; r4 en: which sentence 4 refutes
    s0 ru A claim.                which the title answers and no sentence does; r0 likewise
    n en A claim.                 about the same, answered nowhere on the page

A claim is judged against *one* sentence. What another sentence or the title says of it leaves this one neutral, however loudly it stands beside it in what the model
reads. That is what these pages are for: the tool finds several sentences of one page, and only one of them is the evidence.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rows import Row
from written import LANGUAGES, NAMES, command, wrong_script

from verifier.languages import long_date

FOLDER = Path(__file__).parent / "pages"
SENTENCES = ("1", "2", "3", "4")
TITLE = "T"
_CLAIMS = Counter([*(f"{stance}{place}" for stance in "sr" for place in "01234"), "n", "n"])

_BESIDE = 0.3
"""Chance that a claim is also set against a sentence of the page that does not answer it; of the three labels none then has more than two fifths."""

_TITLE_ONLY, _NOWHERE = 0.6, 0.8
"""The same of claims that only the title answers, and of those that nothing answers."""

_ALONE, _TITLED = 0.35, 0.9
"""Up to the first a drawn number leaves the sentence alone, up to the second it gets day, title and the sentence before, else the last two without title."""

_HELD_OUT = 14
"""One page in so many, by digest, is never trained on."""


@dataclass
class Page:
    """A page in three languages with its claims."""

    line: int
    topic: str = ""
    day: date = date.min
    parts: dict[str, dict[str, str]] = field(
        default_factory=lambda: {part: {} for part in (TITLE, *SENTENCES)}
    )
    """Title and sentences: part -> language -> text."""

    answers: list[tuple[str, str, str]] = field(default_factory=list)
    """(``s2``, ``r0``, ``n`` and so on; language; text)"""

    @property
    def claims(self) -> list[tuple[str, str, str]]:
        """(``supports``, ``refutes`` or ``neutral`` as most rows of the claim have it; language; text)."""
        return [(NAMES["n" if kind.endswith("0") else kind[0]], of, text) for kind, of, text in self.answers]

    @property
    def held_out(self) -> bool:
        """Whether the page is kept for choosing."""
        digest = hashlib.sha256(self.parts["1"]["en"].encode()).hexdigest()
        return int(digest[:8], 16) % _HELD_OUT == 0


def read_pages(path: Path) -> tuple[list[Page], list[str]]:
    """Read a file of pages.

    Returns:
        The whole pages, and the faults: ``file:line: what``. A page that lacks a sentence, a language or a claim is a fault and is left out.
    """
    pages: list[Page] = []
    faults: list[str] = []
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        text = raw.strip()
        head = re.fullmatch(r"@ (.+?) \| (\d{4}-\d\d-\d\d)", text)
        line = re.fullmatch(r"([T1-4]|[sr][0-4]|n) (en|uk|ru) (.+)", text)
        if head:
            pages.append(Page(number, head[1], date.fromisoformat(head[2])))
        elif line and pages:
            kind, language, said = line[1], line[2], line[3]
            if wrong := wrong_script(said, language):
                faults.append(f"{path.name}:{number}: {wrong}")
            elif kind in pages[-1].parts:
                pages[-1].parts[kind][language] = said
            else:
                pages[-1].answers.append((kind, language, said))
        elif text:
            faults.append(
                f"{path.name}:{number}: a head, or 'T|1-4|s0-4|r0-4|n en|uk|ru TEXT'; found {text[:40]!r}"
            )
    whole = []
    for page in pages:
        lacking = [part for part, said in page.parts.items() if set(said) != set(LANGUAGES)]
        if lacking or Counter(kind for kind, _, _ in page.answers) != _CLAIMS:
            faults.append(f"{path.name}:{page.line}: not whole: {page.topic!r}, lacks {lacking or 'a claim'}")
        else:
            whole.append(page)
    return whole, faults


def rows_of(pages: list[Page], rng: random.Random, variants: int) -> Iterator[Row]:
    """Yield the rows of pages, in all nine pairs of languages, ``variants`` times with other surroundings."""
    for _ in range(variants):
        for page in pages:
            for kind, of_claim, claim in page.answers:
                for of_evidence in LANGUAGES:
                    for place, label in _drawn(kind, rng):
                        yield {
                            "evidence": _surrounded(page, place, of_evidence, rng),
                            "claim": claim,
                            "label": label,
                            "kind": f"page {kind[0]}" if label != "neutral" else f"page {kind} beside",
                            "pair": f"{of_evidence}-{of_claim}",
                        }


def _drawn(kind: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Yield the sentences that a claim is set against, with their labels."""
    own = kind[1:]
    if own in SENTENCES:
        yield own, NAMES[kind[0]]
    chance = _BESIDE if own in SENTENCES else _TITLE_ONLY if own else _NOWHERE
    if rng.random() < chance:
        yield rng.choice([place for place in SENTENCES if place != own]), NAMES["n"]


def _surrounded(page: Page, place: str, language: str, rng: random.Random) -> str:
    """Put day, title and the sentence before a sentence, as `verifier.pipeline.verification.evidence_readings` does."""
    drawn = rng.random()
    parts = [page.parts[place][language]]
    if drawn < _ALONE:
        return parts[0]
    if place != SENTENCES[0]:
        parts.insert(0, page.parts[str(int(place) - 1)][language])
    if drawn < _TITLED:
        title = page.parts[TITLE][language]
        parts.insert(0, title if title[-1] in ".!?…" else f"{title}.")
    return " ".join([f"{long_date(page.day, language)}.", *parts])


if __name__ == "__main__":
    command(__doc__, FOLDER, "pages", read_pages, rows_of)
