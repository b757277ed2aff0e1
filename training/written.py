"""News statements with nine claims each, written by hand in three languages: read, check, and turn into rows.

    python written.py --out POOLS            # written.jsonl.gz and written_dev.jsonl.gz
    python written.py --check FILE...        # faults and counts of some files

``written/*.txt`` holds items about invented events, one after another, with an empty line between::

    @ topic | 2027-04-12                     the day of publication
    T en The title of the page.              sometimes, in en, uk and ru; it names what the statement calls "the dam"
    P en The sentence before.                sometimes, in en, uk and ru; the statement leans on it
    E en The statement.                      in en, uk and ru
    s uk A claim it supports.                s, r(efutes), n(eutral); each once a language, nine different claims

Every claim is paired with the statement in each language, so that an item gives 27 rows: all nine pairs of languages have the same
events, labels and difficulty. The statement is read as the tool reads it (`verifier.pipeline.verification.evidence_text`): mostly after the day, the title and
the sentence before it, which is often beside the point. Where an item has no title, one of its true claims serves as one; and as sentences in the middle of a page seldom
say again where all this happens, places are sometimes taken out of the statement.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

from rows import Row, write_rows

from verifier.languages import long_date

FOLDER = Path(__file__).parent / "written"
LANGUAGES = ("en", "uk", "ru")
NAMES = {"s": "supports", "r": "refutes", "n": "neutral"}

_DATED = 0.7
"""Share of rows that begin with the day; all do whose claim names a day, a month or a year."""

_BESIDE = 0.3
"""Share of statements without a sentence of their own before them that get one of another item, as most sentences of a page have one they do not need."""

_TITLED = 0.55
"""Share of rows with a title."""

_PLACELESS = 0.35
"""Share of rows whose statement loses its places."""

_UNRELATED = 0.03
"""Share of rows whose claim is another item's, so that what has nothing to do with a claim stays neutral."""

_FOLDS = 3
_GUESS = 1 / 3
"""What a guess is worth: a claim whose words alone tell its label with more certainty is drawn that much less often."""

_HELD_OUT = 14
"""One item in so many, by digest, is never trained on: checkpoints and the temperature are chosen on it."""


@dataclass
class Item:
    """A statement in three languages with its claims."""

    line: int
    topic: str = ""
    day: date = date.min
    title: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    statement: dict[str, str] = field(default_factory=dict)
    claims: list[tuple[str, str, str]] = field(default_factory=list)
    """(``supports``, ``refutes`` or ``neutral``; language; text)"""

    @property
    def held_out(self) -> bool:
        """Whether the item is kept for choosing."""
        digest = hashlib.sha256(self.statement["en"].encode()).hexdigest()
        return int(digest[:8], 16) % _HELD_OUT == 0


def read_items(path: Path) -> tuple[list[Item], list[str]]:
    """Read a file of items.

    Returns:
        The whole items, and the faults: ``file:line: what``. An item that lacks a language or a label is a fault and is left out.
    """
    items: list[Item] = []
    faults: list[str] = []

    def fault(line: int, what: str) -> None:
        faults.append(f"{path.name}:{line}: {what}")

    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        text = raw.strip()
        if not text:
            continue
        if text.startswith("@"):
            head = re.fullmatch(r"@ (.+?) \| (\d{4}-\d\d-\d\d)", text)
            items.append(Item(number))
            if head:
                items[-1].topic, items[-1].day = head[1], date.fromisoformat(head[2])
            else:
                fault(number, f"a head is '@ topic | YYYY-MM-DD'; found {text!r}")
            continue
        line = re.fullmatch(r"([TPEsrn]) (en|uk|ru) (.+)", text)
        if not line or not items:
            fault(number, f"a line is 'T|P|E|s|r|n en|uk|ru TEXT'; found {text[:40]!r}")
            continue
        kind, language, said = line[1], line[2], line[3]
        if (wrong := wrong_script(said, language)) is not None:
            fault(number, wrong)
            continue
        if kind in NAMES:
            items[-1].claims.append((NAMES[kind], language, said))
        else:
            part = {"T": items[-1].title, "P": items[-1].before, "E": items[-1].statement}[kind]
            part[language] = said
    whole = []
    for item in items:
        labels = Counter((label, language) for label, language, _ in item.claims)
        if (
            item.topic
            and set(item.statement) == set(LANGUAGES)
            and all(set(part) in (set(), set(LANGUAGES)) for part in (item.title, item.before))
            and len(item.claims) >= 6  # a repaired item may have lost a claim or two
        ):
            whole.append(item)
        else:
            fault(item.line, f"not whole: {item.topic!r}, {sorted(item.statement)}, {dict(labels)}")
    return whole, faults


def wrong_script(text: str, language: str) -> str | None:
    """Say what is wrong where a text is not in the alphabet of its language; None where it is."""
    cyrillic, latin = len(re.findall("[а-яіїєґё]", text.lower())), len(re.findall("[a-z]", text.lower()))
    if (language == "en") != (latin > cyrillic):
        return f"not {language}: {text[:40]!r}"
    foreign = {"uk": "[ыэъё]", "ru": "[іїєґ]"}.get(language)
    if foreign and re.search(foreign, text.lower()):
        return f"letters that {language} does not have: {text[:40]!r}"
    return None


class Written(Protocol):
    """What is written by hand with claims about it."""

    @property
    def claims(self) -> Sequence[tuple[str, str, str]]:
        """(``supports``, ``refutes`` or ``neutral``; language; text)."""

    @property
    def held_out(self) -> bool:
        """Whether it is kept for choosing."""


Told = TypeVar("Told", bound=Written)


def tellings(items: Sequence[Told], rng: random.Random) -> dict[str, float]:
    """Say how likely each claim's label is from its words alone, by classifiers that were trained on the other claims.

    People who write claims to order give them away: what refutes is said in one way, what is left open in another (Gururangan et al. 2018). A model that
    learns to read claims that way is of no use on claims of other people.

    Returns:
        Claim -> probability of its label, from words and pairs of words (logistic regression, three folds by item).
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    known: dict[str, float] = {}
    for language in LANGUAGES:
        claims = [
            (i % _FOLDS, text, label)
            for i, item in enumerate(rng.sample(items, len(items)))
            for label, of, text in item.claims
            if of == language
        ]
        for fold in range(_FOLDS):
            others = [c for c in claims if c[0] != fold]
            own = [c for c in claims if c[0] == fold]
            words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
            model = LogisticRegression(max_iter=300).fit(
                words.fit_transform([c[1] for c in others]), [c[2] for c in others]
            )
            order = list(model.classes_)
            for (_, text, label), row in zip(
                own, model.predict_proba(words.transform([c[1] for c in own])), strict=True
            ):
                known[text] = float(row[order.index(label)])
    return known


def rows_of(items: list[Item], rng: random.Random, variants: int) -> Iterator[Row]:
    """Yield the rows of items: each claim against each language of the statement, ``variants`` times with other surroundings."""
    for _ in range(variants):
        for number, item in enumerate(items):
            for label, of_claim, claim in item.claims:
                for of_evidence in LANGUAGES:
                    row = {
                        "claim": claim,
                        "label": label,
                        "kind": "written",
                        "pair": f"{of_evidence}-{of_claim}",
                    }
                    source = item
                    if rng.random() < _UNRELATED:
                        source = items[(number + rng.randint(1, 12)) % len(items)]
                        row |= {"label": "neutral", "kind": "written unrelated"}
                    other = items[(number + rng.randint(13, 40)) % len(items)].statement[of_evidence]
                    yield {**row, "evidence": _surrounded(source, of_evidence, claim, other, rng)}


def _surrounded(item: Item, language: str, claim: str, other: str, rng: random.Random) -> str:
    """Put the day, a title and the sentence before a statement."""
    statement, title = item.statement[language], ""
    if rng.random() < (0.9 if item.title else _TITLED):
        true = [
            text
            for label, of, text in item.claims
            if label == "supports" and of == language and text != claim
        ]
        title = item.title.get(language) or (rng.choice(true) if true else "")
    if rng.random() < _PLACELESS:
        statement = without_places(statement, language)
    parts = [statement]
    if item.before:
        parts.insert(0, item.before[language])
    elif rng.random() < _BESIDE:
        parts.insert(0, other)
    if title:
        parts.insert(0, title if title[-1] in ".!?…" else f"{title}.")
    if rng.random() < _DATED or re.search(r"\b\d{1,2} \w{3,}|(?:19|20)\d\d", claim):
        parts.insert(0, f"{long_date(item.day, language)}.")
    return " ".join(parts)


_PLACES = {
    "en": re.compile(
        r" (?:in|at|near|outside|around)(?: the)? (?!January|February|March|April|May|June|July|August|September|October|November|December|English)"
        r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*(?=[ ,.;])"
    ),
    "uk": re.compile(r" (?:в|у|під|біля|поблизу|довкола) [А-ЯІЇЄҐ][\w'’-]+(?: [А-ЯІЇЄҐ][\w'’-]+)*(?=[ ,.;])"),
    "ru": re.compile(r" (?:в|во|под|возле|близ|вокруг) [А-ЯЁ][\w-]+(?: [А-ЯЁ][\w-]+)*(?=[ ,.;])"),
}


def without_places(text: str, language: str) -> str:
    """Take "in Rovenna" and the like out of a sentence."""
    return _PLACES[language].sub("", text)


def less_told(rows: Iterable[Row], told: dict[str, float], rng: random.Random) -> Iterator[Row]:
    """Leave rows out by chance, the more the better the claim alone tells the label, so that over all rows it tells little."""
    return (row for row in rows if rng.random() < _GUESS / max(_GUESS, told[row["claim"]]))


def command(
    about: str | None,
    folder: Path,
    name: str,
    read: Callable[[Path], tuple[list[Told], list[str]]],
    rows: Callable[[list[Told], random.Random, int], Iterator[Row]],
) -> None:
    """Check files of written items, or write their rows: ``NAME.jsonl.gz`` to train on, ``NAME_dev.jsonl.gz`` of those held out.

    Args:
        about: the help of the command.
        folder: where the files lie.
        name: of the rows.
        read: returns the whole items of a file, and its faults.
        rows: yields the rows of items, each claim so many times.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", type=Path, nargs="+")
    parser.add_argument("--folder", type=Path, default=folder)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--variants", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    found = [read(path) for path in options.check or sorted(options.folder.glob("*.txt"))]
    items = [item for whole, _ in found for item in whole]
    for _, faults in found:
        print(*faults, sep="\n", end="\n" if faults else "")
    print(f"{len(items)} items, {sum(len(item.claims) for item in items)} claims")
    if options.out:
        rng = random.Random(options.seed)
        told = tellings(items, rng)
        training, dev = ([item for item in items if item.held_out is held] for held in (False, True))
        print(
            write_rows(
                options.out / f"{name}.jsonl.gz",
                less_told(rows(training, rng, options.variants), told, rng),
            ),
            write_rows(options.out / f"{name}_dev.jsonl.gz", rows(dev, rng, 1)),
        )


if __name__ == "__main__":
    command(__doc__, FOLDER, "written", read_items, rows_of)
