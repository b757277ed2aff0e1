"""Documents from files: each row is a version of a document, taken as it is, or listed because it does not fit."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from verifier.domain import UNKNOWN_LANGUAGE, Acquisition, Document, Refusal, text_sha256, utc_now
from verifier.errors import ExchangeError
from verifier.exchange.incoming import Refused, columns_not_kept, day, listed, moment, numbered_rows, require
from verifier.exchange.tables import DOCUMENTS, Row

_DOCUMENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What an id may consist of: it becomes part of the ids of sentences, of file names and of links."""


class DocumentImport(NamedTuple):
    """What a file of documents holds, in its order, and why which rows were left out (``source`` names the line)."""

    documents: list[Document]
    refusals: list[Refusal]


def read_documents(path: Path, *, now: datetime | None = None) -> DocumentImport:
    """Read ``documents.csv`` or ``documents.jsonl``. Nothing is cleaned or detected: text and metadata are those of the row.

    Versions are numbered by whoever stores them; those of one document stand in their order.

    Args:
        path: the file; its ending tells its kind.
        now: when rows are refused; the present by default.

    Raises:
        ExchangeError: the file cannot be read at all. Single rows that do not fit are listed instead.
    """
    when = now or utc_now()
    rows = numbered_rows(path, DOCUMENTS)
    raw_sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    documents: list[Document] = []
    refused: list[tuple[int, str, str]] = []
    for line, row in rows:
        try:
            documents.append(_document(row, f"{path}, line {line}", raw_sha256))
        except Refused as error:
            refused.append((line, error.reason, str(error)))
    kept = [row for _, row in rows if not isinstance(row, ExchangeError)]
    return DocumentImport(
        documents, [*listed(path, refused, when), *columns_not_kept(path, kept, ("split",), when)]
    )


def _document(row: Row | ExchangeError, source: str, raw_sha256: str) -> Document:
    if isinstance(row, ExchangeError):
        raise Refused("malformed", str(row))
    require(row, "document_id", "document_sha256", "text", "retrieved_at")
    document_id, text = str(row["document_id"]), str(row["text"])
    if not _DOCUMENT_ID.fullmatch(document_id):
        raise Refused(
            "malformed",
            f"column 'document_id' takes up to 64 letters, digits, dots, dashes and underscores; found {document_id[:80]!r}",
        )
    digest = text_sha256(text)
    if digest != row["document_sha256"]:
        raise Refused(
            "digest",
            f"the text has the digest {digest[:12]}, but document_sha256 says {str(row['document_sha256'])[:12]}; it was changed after the "
            "export (line breaks count), and offsets would not fit. Export it again",
        )
    return Document(
        document_id=document_id,
        text=text,
        title=str(row["title"]),
        language=str(row["language"]) or UNKNOWN_LANGUAGE,
        outlet=str(row["outlet"]),
        url=str(row["url"]),
        published_at=day(row, "published_at"),
        licence=str(row["licence"]),
        acquisition=Acquisition(
            source=source.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"),
            raw_sha256=raw_sha256,
            raw_end=len(text),
            retrieved_at=moment(row, "retrieved_at"),
        ),
    )
