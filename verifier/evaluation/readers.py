"""Labelled files to labelled sets: one reader for each kind of file.

=========  ====================================================================================================================
kind       what it is
=========  ====================================================================================================================
gold       a folder with ``claims.jsonl`` and ``pairs.jsonl``, the corpus beside it (see `verifier.evaluation.gold`)
exported   ``pairs.csv`` or ``pairs.jsonl`` as `verifier export pairs` writes them; people's stances are the labels
pairs      JSON Lines or CSV with a claim, a statement and a label in each row (also called hypothesis and premise)
parallel   a table of aligned sentences, tab-separated, one column for each language
=========  ====================================================================================================================

A row that cannot be used (its claim, statement or label empty, its half unknown) is refused with its line and the rest is read; a label whose meaning is
not known stops the reading, because a guess would falsify every figure.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from verifier.domain import Sentence
from verifier.errors import ExchangeError, StoreError
from verifier.evaluation.gold import read_gold
from verifier.evaluation.labelled import (
    HALVES,
    LABELS,
    LabelledPair,
    LabelledSet,
    Passage,
    Query,
    Relevant,
    digest,
    half_of_document,
    known_half,
    stances_of,
)
from verifier.exchange import PAIRS
from verifier.exchange.incoming import numbered_rows
from verifier.pipeline.verification import evidence_readings

if TYPE_CHECKING:
    from verifier.config import Settings
    from verifier.store import Store

FIRST_LANGUAGES = ("en", "uk", "ru")
"""Of a table with more languages these are measured, unless others are named: the ones the tool is made for."""

_COLUMNS: dict[str, tuple[str, ...]] = {
    "claim": ("hypothesis", "claim"),
    "statement": ("premise", "evidence", "statement", "quote"),
    "label": ("label", "stance", "human_stance"),
}
"""What the three needed columns are called, the name that wins first."""


_LONGEST_CELL = 1 << 17
"""Code points of a cell; claims and statements have a few hundred."""

_DAMAGED = (OSError, UnicodeDecodeError, EOFError, zlib.error, csv.Error)
"""What reading a file that is missing, damaged, or no text raises."""


class Reading(NamedTuple):
    """What a reader needs besides the file.

    Attributes:
        settings: say how much of a statement's surroundings is read.
        store: the corpus, in which statements of an export are looked up with their surroundings; None without one.
        languages: of a parallel table; empty for `FIRST_LANGUAGES` (or all, if fewer than two of those are there).
    """

    settings: Settings
    store: Store | None = None
    languages: tuple[str, ...] = ()


def read_labelled(path: Path, reading: Reading) -> LabelledSet:
    """Read a labelled file or gold folder; its kind is told by its columns.

    Raises:
        ExchangeError: it cannot be read, is of no known kind, or has a label that is not known.
    """
    kind = _kind_of(path)
    try:
        return READERS[kind](path, reading)
    except _DAMAGED as error:
        msg = f"{path} cannot be read: {_what_is_wrong(error)}. Expected UTF-8 text, plain or gzip'd."
        raise ExchangeError(msg) from error


def _what_is_wrong(error: Exception) -> str:
    if isinstance(error, csv.Error) and "field limit" in str(error):
        return f"a cell is longer than {_LONGEST_CELL} characters, most likely because a quote is opened and not closed"
    return str(error)


def _kind_of(path: Path) -> str:
    if path.is_dir():
        missing = [name for name in ("claims.jsonl", "pairs.jsonl") if not (path / name).is_file()]
        if not missing:
            return "gold"
        msg = (
            f"{path} is a folder without {' and '.join(missing)}, so it is no gold folder. Name the labelled files themselves, or a folder "
            "laid out like seeds/gold."
        )
        raise ExchangeError(msg)
    try:
        names = _column_names(path)
    except (*_DAMAGED, ValueError) as error:
        msg = f"{path} cannot be read as a labelled file: {_what_is_wrong(error)}."
        raise ExchangeError(msg) from error
    if _ending(path) == ".tsv":
        return "parallel"
    if set(PAIRS) <= names:
        return "exported"
    if all(names & set(options) for options in _COLUMNS.values()):
        return "pairs"
    wanted = "; ".join(f"{name}: one of {', '.join(options)}" for name, options in _COLUMNS.items())
    msg = (
        f"{path} is no labelled file. Its columns are {', '.join(sorted(names)) or 'none'}; expected {wanted}, or an export of "
        "`verifier export pairs`. docs/how-to/measure-quality.md describes the kinds."
    )
    raise ExchangeError(msg)


# ---- pairs of any making -----------------------------------------------------------------------------------------------


def _read_pairs(path: Path, reading: Reading) -> LabelledSet:
    del reading  # a foreign pair has no surroundings to be looked up
    pairs, refused = [], []
    for line, row in _rows(path):
        if isinstance(row, str):
            refused.append(f"{path.name}, line {line}: {row}.")
            continue
        claim, statement, label = (_first(row, options) for options in _COLUMNS.values())
        half = known_half(row.get("half"))
        wrong = _wrong(claim=claim, statement=statement, label=label)
        if half is None:
            wrong = wrong or f"the half {row['half']!r} is not known; known are {' and '.join(HALVES)}"
        if wrong or half is None:
            refused.append(f"{path.name}, line {line}: {wrong}.")
            continue
        language = str(row.get("lang") or "")
        pairs.append(
            LabelledPair(
                claim=claim,
                statement=statement,
                evidence=(statement,),
                allowed=_stances(label, path, line),
                claim_language=str(row.get("claim_language") or row.get("hypothesis_lang") or language),
                evidence_language=str(row.get("language") or row.get("premise_lang") or language),
                cluster=str(row.get("fact") or claim),
                half=half,
                place=f"{path.name}, line {line}",
            )
        )
    return _set_of_pairs(path, "pairs", pairs, refused, ())


def _wrong(**needed: str) -> str:
    empty = [name for name, text in needed.items() if not text]
    return f"the {' and the '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty" if empty else ""


def _set_of_pairs(
    path: Path, kind: str, pairs: list[LabelledPair], refused: list[str], notes: tuple[str, ...]
) -> LabelledSet:
    if not pairs:
        reasons = f" {len(refused)} row(s) were refused, the first: {refused[0]}" if refused else ""
        msg = f"{path} holds no labelled pair.{reasons}"
        raise ExchangeError(msg)
    passages, queries = _retrieval_of(pairs)
    return LabelledSet(
        name=path.name,
        kind=kind,
        sha256=digest([path]),
        tasks=("stance",),
        pairs=tuple(pairs),
        pools={"": passages},
        queries=queries,
        refused=tuple(refused),
        notes=notes,
    )


def _retrieval_of(pairs: Sequence[LabelledPair]) -> tuple[tuple[Passage, ...], tuple[Query, ...]]:
    """Seek each claim's supporting and refuting statements among all statements of the file."""
    languages = {pair.statement: pair.evidence_language for pair in pairs}
    names = {text: f"s{number}" for number, text in enumerate(languages)}
    passages = tuple(
        Passage(passage_id=names[text], text=text, with_context=text, language=language)
        for text, language in languages.items()
    )
    evidence: dict[str, dict[str, str]] = defaultdict(dict)
    first: dict[str, LabelledPair] = {}
    for pair in pairs:
        first.setdefault(pair.claim, pair)
        if len(pair.allowed) == 1 and all(stance.value != "neutral" for stance in pair.allowed):
            evidence[pair.claim][pair.statement] = pair.evidence_language
    queries = tuple(
        Query(
            query_id=f"c{number}",
            text=claim,
            language=first[claim].claim_language,
            relevant=tuple(
                Relevant(same=frozenset({names[text]}), language=language)
                for text, language in evidence[claim].items()
            ),
            cluster=claim,
            half=first[claim].half,
        )
        for number, claim in enumerate(c for c in first if evidence[c])
    )
    return passages, queries


# ---- our own export ------------------------------------------------------------------------------------------------------


def _read_exported(path: Path, reading: Reading) -> LabelledSet:
    """Read people's stances; where several judged one pair, gold wins, then the majority; a tie is refused."""
    if path.suffix == ".gz":
        msg = f"{path} is an export of this tool, compressed; exports are read as they were written. Unpack it and name {path.stem}."
        raise ExchangeError(msg)
    refused: list[str] = []
    unlabelled = 0
    given: dict[tuple[str, str, str], list[tuple[int, Any]]] = defaultdict(list)
    for line, row in numbered_rows(path, PAIRS):
        if isinstance(row, ExchangeError):
            refused.append(f"{path.name}, line {line}: {row}.")
        elif not row["human_stance"]:
            unlabelled += 1
        elif not row["claim"] or not row["quote"]:
            refused.append(f"{path.name}, line {line}: the claim or the quote is empty.")
        else:
            place = f"{row['document_sha256']}:{row['start']}"
            given[str(row["claim"]), place, str(row["quote"])].append((line, row))
    pairs, in_context = [], 0
    for (claim, _, quote), rows in given.items():
        line, row = rows[0]
        label = _agreed(rows)
        if label is None:
            refused.append(f"{path.name}, line {line}: people disagree about this pair, half against half.")
            continue
        evidence = _in_corpus(str(row["pair_id"]).partition(":")[2], quote, reading)
        in_context += evidence is not None
        pairs.append(
            LabelledPair(
                claim=claim,
                statement=quote,
                evidence=evidence or (quote,),
                allowed=_stances(label, path, line),
                claim_language=str(row["claim_language"]),
                evidence_language=str(row["language"]),
                cluster=claim,
                place=f"{path.name}, line {line}",
            )
        )
    notes = (
        f"{unlabelled} row(s) without a person's stance were passed over.",
        f"{in_context} of {len(pairs)} statements were found in this corpus and read with what stands before them; the others alone.",
        "People judged what the tool had found: what it missed is not in the file, so recall on it is flattering.",
    )
    return _set_of_pairs(path, "exported", pairs, refused, notes)


def _agreed(rows: Sequence[tuple[int, Any]]) -> str | None:
    gold = [row for _, row in rows if row["layer"] == "gold"]
    counted = Counter(str(row["human_stance"]) for row in gold or [row for _, row in rows]).most_common(2)
    tied = len(counted) > 1 and counted[0][1] == counted[1][1]
    return None if tied else counted[0][0]


def _in_corpus(sentence_id: str, quote: str, reading: Reading) -> tuple[str, ...] | None:
    """Return what the tool reads of a statement, or None where the corpus does not hold it with these words."""
    if reading.store is None or not sentence_id:
        return None
    try:
        sentence: Sentence = reading.store.sentence(sentence_id)
    except StoreError:
        return None
    if sentence.text != quote:
        return None
    before, _ = reading.store.neighbours(sentence_id)
    document = reading.store.document(sentence.document_id, sentence.version)
    return evidence_readings(
        sentence, document, before[-1] if before else None, reading.settings.stance.context
    )


# ---- parallel text -------------------------------------------------------------------------------------------------------


def _read_parallel(path: Path, reading: Reading) -> LabelledSet:
    """Seek each sentence's translation among all sentences of the other language."""
    with _opened(path) as stream:
        table = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        columns = [
            name for name in table.fieldnames or () if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", name)
        ]
        columns = [name for name in columns if name != "id"]
        languages = _languages(path, columns, reading.languages)
        kept, refused = [], []
        for line, row in enumerate(table, start=2):
            if all((row[language] or "").strip() for language in languages):
                kept.append((line, row))
            else:
                refused.append(f"{path.name}, line {line}: a sentence is missing.")
    if not kept:
        msg = f"{path} holds no row with a sentence in each of {', '.join(languages)}."
        raise ExchangeError(msg)
    pools, twins = {}, {}
    for language in languages:
        texts = {f"{language}-{line}": row[language].strip() for line, row in kept}
        same: dict[str, set[str]] = defaultdict(set)
        for name, text in texts.items():
            same[text].add(name)
        twins.update({name: frozenset(same[text]) for name, text in texts.items()})
        pools[language] = tuple(
            Passage(passage_id=name, text=text, with_context=text, language=language)
            for name, text in texts.items()
        )
    queries = tuple(
        Query(
            query_id=f"{line}-{mine}-{other}",
            text=row[mine].strip(),
            language=mine,
            relevant=(Relevant(same=twins[f"{other}-{line}"], language=other),),
            cluster=row.get("document") or str(line),
            half=half_of_document(row["document"]) if row.get("document") else "",
            pool=other,
        )
        for mine in languages
        for other in languages
        if mine != other
        for line, row in kept
    )
    return LabelledSet(
        name=path.name,
        kind="parallel",
        sha256=digest([path]),
        tasks=("retrieval",),
        pools=pools,
        queries=queries,
        refused=tuple(refused),
        notes=("Each sentence is sought among all sentences of the other language; resampled by document.",)
        if kept[0][1].get("document")
        else ("Each sentence is sought among all sentences of the other language.",),
    )


def _languages(path: Path, columns: Sequence[str], wanted: Sequence[str]) -> list[str]:
    chosen = list(wanted) or [language for language in FIRST_LANGUAGES if language in columns]
    if not wanted and len(chosen) < 2:  # noqa: PLR2004  (a pair)
        chosen = list(columns)
    missing = [language for language in chosen if language not in columns]
    if missing or len(chosen) < 2:  # noqa: PLR2004
        wanted_of = f" ({', '.join(chosen)})" if wanted else ""
        msg = (
            f"{path} is read as parallel text, which needs columns named after at least two languages{wanted_of}; "
            f"found {', '.join(columns) or 'none'}."
        )
        raise ExchangeError(msg)
    return chosen


# ---- rows ----------------------------------------------------------------------------------------------------------------


def _stances(label: str, path: Path, line: int) -> frozenset[Any]:
    found = stances_of(label)
    if found is None:
        msg = (
            f"{path}, line {line}: the label {label!r} is not known. Known are {', '.join(sorted(LABELS))}. Rename it in the file, so that "
            "nothing is guessed."
        )
        raise ExchangeError(msg)
    return found


def _first(row: Mapping[str, Any], options: Sequence[str]) -> str:
    # A JSON label may be the number 0, which is not the same as none.
    written = (str(row[name]).strip() for name in options if row.get(name) is not None)
    return next((text for text in written if text), "")


def _ending(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).suffix.lower()


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """Open a labelled file; while it is open, a cell that is longer than any text here is an error of the csv module."""
    before = csv.field_size_limit(
        _LONGEST_CELL
    )  # the limit is the process's, and readers of whole documents raise it
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig", newline="")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig", newline="") as stream
        ):
            yield stream
    finally:
        csv.field_size_limit(before)


def _column_names(path: Path) -> set[str]:
    if _ending(path) not in {".csv", ".jsonl", ".tsv"}:
        msg = f"its name ends in none of .csv, .jsonl, .tsv (also with .gz): {path.name!r}"
        raise ValueError(msg)
    with _opened(path) as stream:
        if _ending(path) != ".jsonl":
            return set(next(csv.reader(stream, delimiter="\t" if _ending(path) == ".tsv" else ","), []))
        first = json.loads(next((line for line in stream if line.strip()), "{}"))
        return set(first) if isinstance(first, dict) else set()


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Give each row with its line, or what is wrong with it."""
    with _opened(path) as stream:
        if _ending(path) == ".csv":
            table = csv.DictReader(stream)
            yield from ((table.line_num, row) for row in table)
            return
        for line, written in enumerate(stream, start=1):
            if not written.strip():
                continue
            try:
                row = json.loads(written)
            except ValueError as error:
                yield line, f"this is no JSON ({error})"
                continue
            yield line, row if isinstance(row, dict) else "expected an object"


READERS: dict[str, Callable[[Path, Reading], LabelledSet]] = {
    "gold": lambda path, reading: read_gold(path, reading.settings),
    "exported": _read_exported,
    "pairs": _read_pairs,
    "parallel": _read_parallel,
}
"""How each kind of file is read, by its kind."""
