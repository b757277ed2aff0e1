"""Compare sentence splitters on texts that are easy to get wrong, and on running news text.

    python benchmarks/segmentation.py
    python benchmarks/segmentation.py --data other.tsv --aligned news.tsv.gz

A boundary counts as found when a sentence starts at the very code point where the gold says. The first sentence of a text is free, and so counts
for nothing. ``--data`` is a table of ``language <TAB> text`` with ‖ before each further sentence; the default is the
project's own, which the rules were written against: it shows that they do what was meant, not how well they do on news. For
that give ``--aligned``: a table with a column ``document`` and one column per language, a sentence in each row; the sentences of
a document are joined by spaces, headlines and others without a stop at their end by blank lines, and have to be found again.
Rows that hold two sentences keep precision below 100. Candidates that are not installed are named and skipped.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import platform
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from verifier.segment import spans

GOLD = Path(__file__).parent.parent / "tests" / "data" / "segmentation.tsv"
MARK = "‖"
ENDED = re.compile(r"[.!?…][\"'”’»)]*$")
Splitter = Callable[[str, str], Iterable[int]]
Case = tuple[str, str, frozenset[int]]


def read_gold(path: Path) -> list[Case]:
    """Read cases as (language, text, offsets at which a further sentence starts)."""
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        language, _, marked = line.partition("\t")
        parts = marked.replace("\\n", "\n").split(MARK)
        starts, position = set(), 0
        for part in parts[:-1]:
            position += len(part)
            starts.add(position)
        cases.append((language, "".join(parts), frozenset(starts)))
    return cases


def read_aligned(path: Path, languages: tuple[str, ...] = ("en", "uk", "ru")) -> list[Case]:
    """Join the sentences of each document to one text, one case per document and language."""
    documents: dict[tuple[str, str], list[str]] = defaultdict(list)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            for language in languages:
                if row.get(language, "").strip():
                    documents[language, row["document"]].append(row[language].strip())
    cases = []
    for (language, _), sentences in documents.items():
        text, starts = "", set()
        for sentence in sentences:
            if text:
                text += " " if ENDED.search(text) else "\n\n"
                starts.add(len(text))
            text += sentence
        cases.append((language, text, frozenset(starts)))
    return cases


def by_pieces(text: str, pieces: Iterable[str]) -> Iterable[int]:
    """Turn sentences given as strings into their starts; a piece that was altered is looked up by its first words."""
    position = 0
    for piece in pieces:
        stripped = piece.strip()
        found = text.find(stripped, position)
        if found < 0:
            found = text.find(stripped[:12], position)
        if stripped and found >= 0:
            yield found
            position = found + 1


def candidates() -> dict[str, Splitter]:
    """Load every splitter that is installed; say which are not."""
    found: dict[str, Splitter] = {"ours": lambda text, _: [start for start, _ in spans(text)]}
    for name, load in {
        "sentencex": _sentencex,
        "pysbd": _pysbd,
        "razdel": _razdel,
        "syntok": _syntok,
        "blingfire": _blingfire,
        "sentence-splitter": _sentence_splitter,
        "tokenize-uk": _tokenize_uk,
    }.items():
        try:
            found[name] = load()
        except ImportError:
            print(f"{name}: not installed, skipped")
    return found


def _sentencex() -> Splitter:
    import sentencex

    return lambda text, language: by_pieces(text, sentencex.segment(language, text))


def _pysbd() -> Splitter:
    import pysbd

    loaded = {tag: pysbd.Segmenter(language=tag, clean=False) for tag in ("en", "ru")}
    return lambda text, language: by_pieces(text, loaded["en" if language == "en" else "ru"].segment(text))


def _razdel() -> Splitter:
    import razdel

    return lambda text, _: [piece.start for piece in razdel.sentenize(text)]


def _syntok() -> Splitter:
    from syntok import segmenter

    def split(text: str, _: str) -> Iterable[int]:
        for paragraph in segmenter.analyze(text):
            for sentence in paragraph:
                yield sentence[0].offset

    return split


def _blingfire() -> Splitter:
    import blingfire

    return lambda text, _: by_pieces(text, blingfire.text_to_sentences(text).split("\n"))


def _sentence_splitter() -> Splitter:
    from sentence_splitter import SentenceSplitter

    loaded = {tag: SentenceSplitter(language=tag) for tag in ("en", "ru")}
    return lambda text, language: by_pieces(text, loaded["en" if language == "en" else "ru"].split(text))


def _tokenize_uk() -> Splitter:
    import tokenize_uk

    return lambda text, _: by_pieces(text, tokenize_uk.tokenize_sents(text))


def score(splitter: Splitter, cases: list[Case]) -> dict[str, tuple[float, float, float, float]]:
    """Measure one splitter: per language precision, recall and F1 of boundaries, and the share of texts without a mistake."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for language, text, gold in cases:
        first = len(text) - len(text.lstrip())
        found = {start for start in splitter(text, language) if start > first}
        for key in (language, "all"):
            tally = counts[key]
            tally[0] += len(found & gold)
            tally[1] += len(found)
            tally[2] += len(gold)
            tally[3] += found == gold
            tally[4] += 1
    return {
        key: (hit / max(1, said), hit / max(1, true), 2 * hit / max(1, said + true), clean / total)
        for key, (hit, said, true, clean, total) in counts.items()
    }


def report(title: str, cases: list[Case], splitters: dict[str, Splitter]) -> None:
    """Print one table."""
    print(f"\n{title}: {len(cases)} texts, {sum(len(gold) for *_, gold in cases)} boundaries")
    print(
        f"{'':18} {'F1 en':>7} {'F1 uk':>7} {'F1 ru':>7} {'F1':>7} {'prec.':>7} {'recall':>7} {'exact':>7} {'chars/s':>12}"
    )
    size = sum(len(text) for _, text, _ in cases)
    for name, splitter in splitters.items():
        splitter("A warm-up. It counts for nothing.", "en")
        began = time.perf_counter()
        result = score(splitter, cases)
        took = time.perf_counter() - began
        cells = [result[key][2] if key in result else float("nan") for key in ("en", "uk", "ru", "all")]
        precision, recall, _, exact = result["all"]
        print(
            f"{name:18} "
            + " ".join(f"{100 * cell:7.1f}" for cell in (*cells, precision, recall, exact))
            + f" {size / took:12,.0f}"
        )


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=GOLD, help="gold with marked boundaries")
    parser.add_argument("--aligned", type=Path, help="a table of aligned sentences, plain or gzipped")
    arguments = parser.parse_args()
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    splitters = candidates()
    report(f"Own cases ({arguments.data.name})", read_gold(arguments.data), splitters)
    if arguments.aligned:
        report(f"Running text ({arguments.aligned.name})", read_aligned(arguments.aligned), splitters)


if __name__ == "__main__":
    main()
