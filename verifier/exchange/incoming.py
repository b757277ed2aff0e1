"""What every import begins with: which kind of file it is, its rows with their lines, and the list of those that do not fit."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from verifier.domain import Document, Refusal
from verifier.errors import ExchangeError
from verifier.exchange.tables import DOCUMENTS, LABELS, PAIRS, Row, csv_rows, jsonl_rows

DocumentsBySha256: TypeAlias = Callable[[str], Sequence[Document]]
"""Finds the stored versions, of any document, whose text has a digest; ``Store.documents_by_sha256``."""

_READERS: dict[str, Callable[[TextIO, Sequence[str]], Any]] = {".csv": csv_rows, ".jsonl": jsonl_rows}
_KINDS = {"labels": LABELS, "pairs": PAIRS, "documents": DOCUMENTS}
_NAMING = {
    name: set(columns) - set(chain(*(c for n, c in _KINDS.items() if n != name)))
    for name, columns in _KINDS.items()
}
"""The columns that no other kind of file has."""


class Refused(Exception):  # noqa: N818  (never leaves this package)
    """A row that cannot be taken in. ``reason`` is a short code; the message becomes part of a sentence."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def kind_of(path: Path) -> str:
    """Tell by its columns whether a file holds ``labels``, ``pairs`` or ``documents``; its name does not matter.

    A file that lacks some columns, or has others besides, is of the kind whose own columns it has most of; reading it then says
    which are wrong.

    Raises:
        ExchangeError: it is neither CSV nor JSON Lines, cannot be read, or its columns are of no kind.
    """
    with _opened(path) as stream:
        names = _first_names(stream, path)
    fits = {kind: len(own & names) for kind, own in _NAMING.items()}
    best = max(fits, key=lambda kind: fits[kind])
    if not fits[best]:
        found = ", ".join(sorted(names))[:200] or "no columns at all"
        msg = (
            f"{path} cannot be imported. Its columns are those of none of {', '.join(_KINDS)}: found {found}. docs/reference/formats.md lists "
            "the columns of each; articles in any other table go in with `verifier ingest`."
        )
        raise ExchangeError(msg)
    return best


def numbered_rows(path: Path, columns: Sequence[str]) -> list[tuple[int, Row | ExchangeError]]:
    """Read a file's rows, each with the line it begins on, or with what is wrong with it.

    Raises:
        ExchangeError: the file cannot be read, or has other columns.
    """
    with _opened(path) as stream:
        try:
            return list(_READERS[path.suffix.lower()](stream, columns))
        except ExchangeError as error:
            msg = f"{path} cannot be imported. {error}"
            raise ExchangeError(msg) from error


def listed(path: Path, refused: Iterable[tuple[int, str, str]], when: datetime) -> list[Refusal]:
    """Turn (line, reason, message) into refusals, by line."""
    return listed_at(
        path, [(f"line {line}", reason, message) for line, reason, message in sorted(refused)], when
    )


def listed_at(path: Path, refused: Iterable[tuple[str, str, str]], when: datetime) -> list[Refusal]:
    """Turn (place in the file, reason, message) into refusals, in the order given."""
    return [
        Refusal(
            source=f"{path}, {place}",
            reason=reason,
            message=f"{path.name}, {place}: {message}.",
            refused_at=when,
        )
        for place, reason, message in refused
    ]


def columns_not_kept(
    path: Path, rows: Sequence[Row], columns: Sequence[str], when: datetime
) -> list[Refusal]:
    """Say which columns held values for which there is no place yet."""
    lost = [column for column in columns if any(row[column] not in {"", None} for row in rows)]
    if not lost:
        return []
    message = f"{path.name}: the columns {', '.join(lost)} hold values that are not kept yet; the rows went in without them."
    return [Refusal(source=str(path), reason="columns-not-kept", message=message, refused_at=when)]


# ---- cells


def require(row: Row, *columns: str) -> None:
    """Refuse a row in which one of these is missing."""
    for column in columns:
        if row[column] is None or not str(row[column]).strip():
            raise Refused("incomplete", f"column {column!r} is empty")


def moment(row: Row, column: str) -> datetime:
    """Read a time with its zone, or refuse the row."""
    try:
        found = datetime.fromisoformat(str(row[column]))
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(
            "time", f"column {column!r} takes a time such as 2031-05-04T12:00:00Z; found {row[column]!r}"
        ) from error
    raise Refused(
        "time",
        f"column {column!r} needs a time zone, such as the Z of 2031-05-04T12:00:00Z; found {row[column]!r}",
    )


def day(row: Row, column: str) -> date | None:
    """Read a date or nothing, or refuse the row."""
    try:
        return date.fromisoformat(str(row[column])) if row[column] else None
    except ValueError as error:
        raise Refused(
            "time", f"column {column!r} takes a date such as 2031-05-04; found {row[column]!r}"
        ) from error


def version_of(row: Row, documents_by_sha256: DocumentsBySha256) -> Document:
    """Find the stored version that a row is about, or refuse the row.

    Another corpus may know the same text under another id: the text is what was labelled or shown, so it decides.
    """
    sha256, document_id = str(row["document_sha256"]), str(row["document_id"])
    versions: Mapping[str, Document] = {item.document_id: item for item in documents_by_sha256(sha256)}
    if not versions:
        raise Refused(
            "unknown-document",
            f"no stored text has the digest {sha256[:12]} (document {document_id!r}); import the documents.csv of the same export first, or "
            "ingest the document with exactly this text",
        )
    if document_id not in versions and len(versions) > 1:
        raise Refused(
            "unknown-document",
            f"document {document_id!r} is not stored, and its text is that of several others ({', '.join(sorted(versions))})",
        )
    return versions.get(document_id) or next(iter(versions.values()))


def short(text: str) -> str:
    """Quote a text for a message."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")  # noqa: PLR2004  (what a message can bear)


# ---- files


def _opened(path: Path) -> TextIO:
    if path.suffix.lower() not in _READERS:
        msg = f"Imports are read from {' or '.join(_READERS)} files; found {path.name!r}."
        raise ExchangeError(msg)
    try:
        return path.open(encoding="utf-8", newline="")
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}."
        raise ExchangeError(msg) from error


def _first_names(stream: TextIO, path: Path) -> set[str]:
    """Return the names of the columns: a table's header, or the fields of the first object."""
    try:
        first = next((line for line in stream if line.strip()), "").removeprefix("\ufeff")
        if path.suffix.lower() == ".csv":
            # One comma too few is for the reader to tell; here a header with semicolons is to be known for what it is.
            return set(next(csv.reader([first.replace(";", ",")]), []))
        found = json.loads(first) if first else {}
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}."
        raise ExchangeError(msg) from error
    except (
        ValueError,
        csv.Error,
        RecursionError,
    ) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        msg = (
            f"{path} cannot be imported. Its beginning is no row of a {path.suffix} file in UTF-8 ({error})."
        )
        raise ExchangeError(msg) from error
    return set(found) if isinstance(found, dict) else set()
