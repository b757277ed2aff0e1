"""The formats that labels are written in and read from, each under its name."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from verifier.domain import Annotation, Codebook, Document, utc_now
from verifier.errors import ExchangeError
from verifier.exchange import bio, doccano, hf_dataset, inception, label_studio, web_annotation
from verifier.exchange.incoming import DocumentsBySha256, Refused, numbered_rows
from verifier.exchange.interchange import Told, Written, resolved
from verifier.exchange.label_import import UNITS, LabelImport, label_ops
from verifier.exchange.tables import LABELS, Row, write_csv, write_jsonl

Write = Callable[[Iterable[Mapping[str, Any]], Iterable[Document]], Written]
Read = Callable[[Path], list[Told]]


class LabelFormat(NamedTuple):
    """A format: the ending of its files, how it is written and read, and what it cannot hold.

    ``write`` takes rows of ``labels.csv`` and the versions they label; ``read`` is None where labels cannot come back. ``write_without_text`` is for labels whose texts may not be passed on,
    None where the format is nothing without them. ``title`` is for people.
    """

    suffix: str
    write: Write
    read: Read | None
    lost: str
    title: str
    write_without_text: Write | None = None


def read_foreign_labels(
    path: Path,
    name: str,
    documents_by_sha256: DocumentsBySha256,
    *,
    codebooks: Mapping[str, Mapping[str, Codebook]],
    documents_by_source: Mapping[str, Document] | None = None,
    codebook: str = "",
    annotator_id: str = "",
    unit: str = "",
    known: Iterable[Annotation] = (),
    withdrawn: Iterable[Annotation] = (),
    salt: str = "",
    now: datetime | None = None,
) -> LabelImport:
    """Read a file of any format as operations that add or change annotations, as :func:`~verifier.exchange.read_label_ops` does for our own.

    Args:
        path: the file, or the folder where the format has one.
        name: of the format, a key of :data:`LABEL_FORMATS`.
        documents_by_sha256: finds the stored versions with a text of that digest.
        codebooks: by id and version, oldest first; labels of others are listed.
        documents_by_source: stored documents by URL and id, for files that name no digest.
        codebook: whose labels are meant where the file does not say.
        annotator_id: whose labels they are where the file does not say.
        unit: how offsets are counted, a key of :data:`~verifier.exchange.UNITS`; empty to tell by the quotes.
        known: the annotations stored now.
        withdrawn: those that were withdrawn.
        salt: the project's.
        now: when rows are refused; the present by default.

    Raises:
        ExchangeError: there is no such format, it cannot be read, or the file cannot; single labels that do not fit are listed instead.
    """
    read = label_format(name).read
    if read is None:
        readable = ", ".join(key for key, value in LABEL_FORMATS.items() if value.read)
        msg = f"Labels cannot be read from {name!r}: it lost what an import needs. Choose one of {readable}."
        raise ExchangeError(msg)
    if unit and unit not in UNITS:
        msg = f"Offsets are counted in one of {', '.join(UNITS)}; found {unit!r}."
        raise ExchangeError(msg)
    if codebook and codebook not in codebooks:
        msg = f"There is no codebook {codebook!r}. Codebooks are {', '.join(codebooks)}."
        raise ExchangeError(msg)
    sources = documents_by_source or {}

    def complete(item: Told) -> Row | ExchangeError | Refused:
        if isinstance(item.row, ExchangeError):
            return item.row
        try:
            row = _with_document(item.row, item.source, sources)
            return resolved(row, codebooks, codebook=codebook, annotator_id=annotator_id, kind=name)
        except Refused as error:
            return error

    rows = [(item.place, complete(item)) for item in read(path)]
    return label_ops(
        path,
        rows,
        documents_by_sha256,
        known=known,
        withdrawn=withdrawn,
        salt=salt,
        unit=unit,
        now=now or utc_now(),
    )


def _with_document(row: Row, source: str, sources: Mapping[str, Document]) -> Row:
    if row["document_sha256"] or not source:
        return row
    document = sources.get(source) or sources.get(source.removeprefix("urn:claim-verifier:document:"))
    if document is None:
        raise Refused(
            "unknown-document",
            f"the file names no digest of a text, and no document of the corpus has the address {source!r}",
        )
    return {**row, "document_id": document.document_id, "document_sha256": document.sha256}


def label_format(name: str) -> LabelFormat:
    """Return the format of that name.

    Raises:
        ExchangeError: there is none; the message names those there are.
    """
    if name not in LABEL_FORMATS:
        msg = f"There is no format {name!r}. Formats are {', '.join(LABEL_FORMATS)}."
        raise ExchangeError(msg)
    return LABEL_FORMATS[name]


def _write_table(write: Callable[..., int]) -> Write:
    def table(rows: Iterable[Mapping[str, Any]], _documents: Iterable[Document]) -> Written:
        stream = io.StringIO(newline="")
        write(rows, LABELS, stream)
        return Written(stream.getvalue().encode())

    return table


def _read_table(path: Path) -> list[Told]:
    return [Told(f"line {line}", row) for line, row in numbered_rows(path, LABELS)]


_CSV, _JSONL = _write_table(write_csv), _write_table(write_jsonl)

LABEL_FORMATS: dict[str, LabelFormat] = {
    "csv": LabelFormat(".csv", _CSV, _read_table, "nothing", "CSV", _CSV),
    "jsonl": LabelFormat(".jsonl", _JSONL, _read_table, "nothing", "JSON Lines", _JSONL),
    "label-studio": LabelFormat(
        ".json", label_studio.write, label_studio.read, label_studio.LOST, "Label Studio"
    ),
    "doccano": LabelFormat(".jsonl", doccano.write, doccano.read, doccano.LOST, "doccano"),
    "doccano-entities": LabelFormat(
        ".jsonl", doccano.write_entities, doccano.read, doccano.LOST, "doccano, with relations"
    ),
    "inception": LabelFormat(".zip", inception.write, inception.read, inception.LOST, "INCEpTION"),
    "web-annotation": LabelFormat(
        ".jsonld",
        web_annotation.write,
        web_annotation.read,
        web_annotation.LOST,
        "W3C Web Annotation",
        web_annotation.write,
    ),
    "hugging-face": LabelFormat(
        ".parquet",
        hf_dataset.write,
        hf_dataset.read,
        hf_dataset.LOST,
        "Hugging Face datasets",
        hf_dataset.write_without_text,
    ),
    "bio": LabelFormat(".conll", bio.write, None, bio.LOST, "CoNLL, BIO tags"),
}
"""Every format, by name. A new one is one more line here; the tests take it up by themselves."""
