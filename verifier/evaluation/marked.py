"""Texts in which people marked places: the records, and the reader of such files."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verifier.domain import Codebook
from verifier.errors import ExchangeError
from verifier.evaluation.labelled import digest

_DAMAGED = (OSError, UnicodeDecodeError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedSpan:
    """A marked place, half-open in code points of its text; ``label_id`` is empty where the set does not say what it is marked as."""

    start: int
    end: int
    label_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedText:
    """A text, the places people marked in it, and the labels they gave to it or to a place in it."""

    text_id: str
    language: str
    text: str
    spans: tuple[MarkedSpan, ...]
    labels: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedSet:
    """A data set of marked texts, its labels those of a codebook.

    ``sha256`` is of the file; ``refused`` are the rows left out and ``notes`` how it was read, a sentence each.
    """

    name: str
    sha256: str
    codebook_id: str
    texts: tuple[MarkedText, ...]
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its texts, sorted."""
        return tuple(sorted({text.language for text in self.texts}))


def read_marked_texts(path: Path, codebook: Codebook) -> MarkedSet:
    """Read marked texts from JSON Lines, plain or gzip'd, in the layout of UNLP 2025.

    A row has ``id``, ``lang`` (or ``language``), ``text``, ``spans`` (``[start, end]`` in code points, with the label's name as a third item where it is known)
    and ``techniques`` (or ``labels``): the names of the labels of the whole text. A span that runs past the end of its text is cut there, and left out where
    nothing remains; the notes count both.

    Args:
        path: the file.
        codebook: whose labels the names are, by ``source_name`` or ``label_id``.

    Raises:
        ExchangeError: the file cannot be read, holds no text, or names a label that the codebook does not have.
    """
    names = {
        name: label.label_id for label in codebook.labels for name in (label.label_id, label.source_name)
    }
    mended: Counter[str] = Counter()
    texts, refused = [], []
    try:
        for line, row in _rows_of(path):
            try:
                texts.append(_marked_text(row, names, mended))
            except KeyError as error:
                allowed = ", ".join(sorted(name for name in names if name))
                msg = f"{path}, line {line}: the label {error} is not known in {codebook.codebook_id!r}; known are {allowed}."
                raise ExchangeError(msg) from error
            except ValueError as error:
                refused.append(f"{path.name}, line {line}: {error}.")
        sha256 = digest([path])
    except _DAMAGED as error:
        msg = f"{path} cannot be read: {error}. Expected JSON Lines in UTF-8, plain or gzip'd."
        raise ExchangeError(msg) from error
    if not texts:
        why = f" The first row was refused: {refused[0]}" if refused else ""
        msg = f"{path} holds no marked text.{why}"
        raise ExchangeError(msg)
    notes = [f"{count} span(s) {what}." for what, count in sorted(mended.items())]
    covered = sum(
        len({place for span in text.spans for place in range(span.start, span.end)}) for text in texts
    )
    share = covered / sum(len(text.text) for text in texts)
    notes.append(
        f"{share:.1%} of all characters are marked: the precision of suggesting characters at random."
    )
    if not any(span.label_id for text in texts for span in text.spans):
        notes.append("The spans carry no labels: single labels are measured on whole texts.")
    return MarkedSet(
        name=path.name,
        sha256=sha256,
        codebook_id=codebook.codebook_id,
        texts=tuple(texts),
        refused=tuple(refused),
        notes=tuple(notes),
    )


def _rows_of(path: Path) -> Iterator[tuple[int, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as stream:
        for line, written in enumerate(stream, start=1):
            if written.strip():
                yield line, written


def _marked_text(written: str, names: Mapping[str, str], mended: Counter[str]) -> MarkedText:
    """Read one row.

    Raises:
        KeyError: it names an unknown label.
        ValueError: it is no such row; the message says why.
    """
    row: Any = json.loads(written)
    if not isinstance(row, dict):
        row = {}
    language = row.get("lang") or row.get("language")
    given = row.get("techniques") or row.get("labels") or []
    marked = row.get("spans") or []
    for what, right in (
        ("a text", isinstance(row.get("text"), str) and row["text"].strip()),
        ("a language under lang", isinstance(language, str)),
        ("a list of spans", isinstance(marked, list)),
        (
            "a list of names under techniques",
            isinstance(given, list) and all(isinstance(name, str) for name in given),
        ),
    ):
        if not right:
            msg = f"expected {what}"
            raise ValueError(msg)
    spans = []
    for item in marked:
        start, end, label_id = _place(item, names)
        if end > len(row["text"]):
            mended["ran past the end and were cut"] += 1
            end = len(row["text"])
        if start >= end:
            mended["were empty or outside the text and left out"] += 1
            continue
        spans.append(MarkedSpan(start=start, end=end, label_id=label_id))
    return MarkedText(
        text_id=str(row.get("id", "")),
        language=str(language),
        text=row["text"],
        spans=tuple(spans),
        labels=frozenset(
            {names[name] for name in given} | {span.label_id for span in spans if span.label_id}
        ),
    )


def _place(item: Any, names: Mapping[str, str]) -> tuple[int, int, str]:
    wrong = f"expected a span as [start, end] or [start, end, label], found {json.dumps(item, ensure_ascii=False)}"
    if not isinstance(item, list) or len(item) not in {2, 3}:
        raise ValueError(wrong)
    start, end = item[:2]
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start <= end:
        raise ValueError(wrong)
    return start, end, names[item[2]] if len(item) > 2 else ""  # noqa: PLR2004
