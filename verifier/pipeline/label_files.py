"""The workflows of single files: labels from other tools taken in, and texts filled in again where they were left out."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from verifier import codebooks as schemes
from verifier import exchange
from verifier import ingest as reading
from verifier.domain import Document, OpKind, Refusal, text_sha256, utc_now
from verifier.errors import ExchangeError, IngestError
from verifier.pipeline.annotation import write_text
from verifier.pipeline.imports import ImportReport
from verifier.pipeline.services import Services

_VERSIONS_AT_HAND = 256
"""Document versions kept in memory while labels are checked against them; a long article takes some 200 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillReport:
    """What filling texts in did: how many rows are complete now, and why which are not."""

    filled: int
    refused: tuple[Refusal, ...]


# ---- labels from other tools


def import_labels(
    services: Services,
    path: Path,
    format_name: str,
    *,
    codebook: str = "",
    annotator_id: str = "",
    unit: str = "",
) -> ImportReport:
    """Take labels in from a file of another tool; the same file again adds nothing, and labels that do not fit are listed.

    Args:
        services: the opened services.
        path: the file, or the folder where the format has one.
        format_name: a key of ``exchange.LABEL_FORMATS``.
        codebook: whose labels are meant where the file does not say.
        annotator_id: whose labels they are where the file does not say.
        unit: how the file counts offsets; empty to tell by the quotes.

    Raises:
        ExchangeError: the file cannot be read, or there is no such format, codebook or unit.
    """
    store = services.store
    if not path.exists():
        msg = f"{path} cannot be read: there is no such file or folder."
        raise ExchangeError(msg)
    by_source: dict[str, Document] = {}
    for document in store.documents():
        by_source[document.document_id] = document
        if document.url:
            by_source.setdefault(document.url, document)
    found = exchange.read_foreign_labels(
        path,
        format_name,
        lru_cache(_VERSIONS_AT_HAND)(store.documents_by_sha256),
        codebooks=schemes.load_versions(),
        documents_by_source=by_source,
        codebook=codebook,
        annotator_id=annotator_id.strip(),
        unit=unit,
        known=store.annotations(),
        withdrawn=store.withdrawn_annotations(),
        salt=store.project_salt(),
    )
    store.commit_ops(found.ops)
    added = {op.annotation_id for op in found.ops if op.kind is OpKind.ADD}
    changed = {op.annotation_id for op in found.ops if op.kind is OpKind.CHANGE} - added
    return ImportReport(kind="labels", added=len(added), changed=len(changed), refused=tuple(found.refusals))


# ---- texts filled in again


def fill_in(services: Services, path: Path, output: Path, *, texts: Path | None = None) -> FillReport:
    """Fill the texts of a data set without texts in again, from one's own copy: the corpus, or files in a folder.

    Only a text with the same digest is taken. Rows that find none stay as they were and are listed.

    Args:
        services: the opened services.
        path: ``labels`` or ``documents`` as CSV or JSON Lines; its columns tell which.
        output: where the complete rows go, in the format of its ending; may be ``path`` itself.
        texts: a folder of articles in any format that can be ingested, or exported ``documents.csv``; None takes the corpus.

    Raises:
        ExchangeError: a file cannot be read or written, or is of another kind.
    """
    kind = exchange.kind_of(path)
    if kind not in {"labels", "documents"}:
        msg = f"{path} holds {kind}; texts are filled into labels or documents."
        raise ExchangeError(msg)
    name = output.suffix.lower().removeprefix(".")
    if name not in exchange.FORMATS:
        msg = f"{output} must end in {' or '.join(f'.{known}' for known in exchange.FORMATS)}."
        raise ExchangeError(msg)
    columns = exchange.EXPORTS[kind].columns
    numbered = exchange.numbered_rows(path, columns)
    for line, row in numbered:
        if isinstance(row, ExchangeError):
            # Writing the rest would lose this row, the more so where the file itself is replaced.
            msg = f"{path}, line {line}: {row} Correct it and try again; nothing was written."
            raise ExchangeError(msg)
    good = [(line, row) for line, row in numbered if not isinstance(row, ExchangeError)]
    found = exchange.filled_in([row for _, row in good], _text_finder(services, texts))
    refused = [(good[number][0], reason, message) for number, reason, message in found.misfits]
    stream = io.StringIO(newline="")
    exchange.FORMATS[name].write(found.rows, columns, stream)
    write_text(output, stream.getvalue())
    return FillReport(
        filled=len(found.rows) - len(found.misfits), refused=tuple(exchange.listed(path, refused, utc_now()))
    )


def _text_finder(services: Services, folder: Path | None) -> Callable[[str], str | None]:
    if folder is not None:
        return _texts_in(services, folder).get

    @lru_cache(_VERSIONS_AT_HAND)
    def stored(sha256: str) -> str | None:
        versions = services.store.documents_by_sha256(sha256)
        return versions[0].text if versions else None

    return stored


def _texts_in(services: Services, folder: Path) -> dict[str, str]:
    """Read every text of a folder, by digest: as it stands in a file, as ingesting it would make it, and as an export has it."""
    if not folder.exists():
        msg = f"{folder} cannot be read: there is no such folder."
        raise ExchangeError(msg)
    texts: dict[str, str] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else [folder]:
        for text in _texts_of(services, path):
            texts[text_sha256(text)] = text
    return texts


def _texts_of(services: Services, path: Path) -> Iterator[str]:
    if path.suffix.lower() in {".csv", ".jsonl"}:
        with suppress(ExchangeError):  # a table of another kind, which ingesting may know
            if exchange.kind_of(path) == "documents":
                yield from (document.text for document in exchange.read_documents(path).documents)
                return
    with suppress(OSError, UnicodeDecodeError):
        yield path.read_bytes().decode("utf-8-sig")
    try:
        found = reading.read_documents(
            [path], options=reading.IngestOptions(), settings=services.settings.ingest, now=utc_now()
        )
        yield from (item.text for item in found if isinstance(item, Document))
    except IngestError:
        return
