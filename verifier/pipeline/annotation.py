"""The workflows of people's labels: add, change, withdraw and export."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from verifier import exchange
from verifier.domain import Annotation, AnnotationOp, Document, Level, OpKind, Span, utc_now
from verifier.errors import ExchangeError
from verifier.pipeline.services import Services, annotator


def label(
    services: Services,
    *,
    document_id: str,
    codebook_id: str,
    label_id: str,
    annotator_id: str,
    level: Level,
    span: Span | None = None,
    annotation_id: str = "",
    note: str = "",
    **details: Any,
) -> str:
    """Add a label, or change the one of ``annotation_id``; returns the annotation's id.

    Args:
        services: the opened services.
        document_id: what is labelled.
        codebook_id: a loaded codebook; its present version is recorded.
        label_id: a label of it.
        annotator_id: who labels.
        level: what the label is attached to; the codebook must allow it.
        span: the exact span; not needed at level ``document``.
        annotation_id: the annotation to change; empty adds a new one.
        note: free text.
        details: further fields of :class:`~verifier.domain.AnnotationOp`, such as ``intensity`` or ``label_method``.

    Raises:
        CodebookError: there is no such codebook.
        DomainError: unknown label, or a level that the codebook does not allow.
        StoreError: unknown document, or the annotation is somebody else's.
    """
    op = _operation(
        services,
        codebook_id=codebook_id,
        label=label_id,
        level=level,
        kind=OpKind.CHANGE if annotation_id else OpKind.ADD,
        op_id=uuid.uuid4().hex,
        annotation_id=annotation_id or uuid.uuid4().hex,
        document_id=document_id,
        span=span,
        note=note,
        annotator_id=annotator(annotator_id),
        **details,
    )
    services.store.commit_ops([op])
    return op.annotation_id


def withdraw_label(services: Services, annotation: Annotation, annotator_id: str) -> None:
    """Withdraw one's own label; the log keeps it.

    Raises:
        StoreError: the label is somebody else's.
    """
    op = AnnotationOp(
        op_id=uuid.uuid4().hex,
        kind=OpKind.WITHDRAW,
        annotation_id=annotation.annotation_id,
        document_id=annotation.document_id,
        level=annotation.level,
        annotator_id=annotator(annotator_id),
        created_at=utc_now(),
    )
    services.store.commit_ops([op])


def label_demo(services: Services, path: Path) -> int:
    """Commit the simulated labels of the demo corpus; returns how many were new. Doing it twice adds nothing.

    The file lists annotator, file, article, level, quote (not at level ``document``), codebook and label.

    Raises:
        ExchangeError: an entry names a document that is not there, or a quote that is not in it exactly once.
    """
    import yaml  # noqa: PLC0415

    documents: dict[str, list[Document]] = {}
    for document in services.store.documents():
        documents.setdefault(Path(document.acquisition.source).name.split(", ")[0], []).append(document)
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return len(services.store.commit_ops([_demo_operation(services, documents, entry) for entry in entries]))


def export_rows(
    services: Services,
    what: str,
    *,
    languages: Sequence[str] = (),
    document_ids: Sequence[str] = (),
    verification_ids: Sequence[str] = (),
    pseudonyms: bool = True,
) -> tuple[tuple[str, ...], list[exchange.Row]]:
    """Return (columns, rows) of ``labels``, ``pairs`` or ``documents``; cells are not yet escaped.

    Labels on deleted or superseded versions are exported too, and ``documents`` holds every version that carries a label or was shown
    as evidence, so that each offset can be checked and everything can be imported again. Filters are inclusive and empty means all.

    Raises:
        ExchangeError: ``what`` is not one of the three.
    """
    store = services.store
    if what not in exchange.EXPORTS:
        msg = f"Cannot export {what!r}. Choose one of {', '.join(exchange.EXPORTS)}."
        raise ExchangeError(msg)
    salt = store.project_salt()
    chosen, spoken = set(document_ids), set(languages)

    def wanted(document: Document) -> bool:
        return (not chosen or document.document_id in chosen) and (not spoken or document.language in spoken)

    if what in {"documents", "labels"}:
        versions = [d for d in store.documents(include_deleted=True, include_superseded=True) if wanted(d)]
        texts = {(d.document_id, d.sha256) for d in versions}
        annotations = [a for a in store.annotations() if (a.document_id, a.span.text_sha256) in texts]
    if what == "labels":
        rows = exchange.label_rows(annotations, versions, salt=salt, pseudonyms=pseudonyms)
    elif what == "documents":
        needed = {(a.document_id, a.span.text_sha256) for a in annotations} | store.shown_versions()
        # A text that was replaced and came back is two versions of one digest, and one row.
        latest = {(d.document_id, d.sha256): d.version for d in versions}
        rows = exchange.document_rows(
            d
            for d in versions
            if latest[d.document_id, d.sha256] == d.version
            and ((not d.superseded and d.deleted_at is None) or (d.document_id, d.sha256) in needed)
        )
    else:
        names = set(verification_ids)
        found = [v for v in store.verifications(None) if not names or v.verification_id in names]
        found.sort(
            key=lambda verification: verification.verification_id
        )  # nothing else is known again after an import
        rows = exchange.pair_rows(found, store.judgements(), salt=salt, pseudonyms=pseudonyms)
        rows = [row for row in rows if not spoken or row["language"] in spoken]
    return exchange.EXPORTS[what].columns, rows


def export(services: Services, what: str, *, jsonl: bool = False, **choice: Any) -> str:
    """Return ``labels``, ``pairs`` or ``documents`` as CSV (or JSON Lines); ``choice`` as in :func:`export_rows`."""
    columns, rows = export_rows(services, what, **choice)
    stream = io.StringIO(newline="")
    exchange.FORMATS["jsonl" if jsonl else "csv"].write(rows, columns, stream)
    return stream.getvalue()


def write_text(path: Path, text: str) -> None:
    """Write a file as UTF-8, whole or not at all, line ends as they are.

    Raises:
        ExchangeError: the place cannot be written to.
    """
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as stream:
            stream.write(text)
        os.replace(stream.name, path)  # noqa: PTH105  (atomic, over an existing file too)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}. Name a file in a folder that exists and is yours."
        raise ExchangeError(msg) from error


def _operation(services: Services, **fields: Any) -> AnnotationOp:
    """Make an operation after checking its label and level against the codebook."""
    codebook = services.codebook(fields["codebook_id"])
    codebook.require_givable(fields["label"], fields["level"])
    return AnnotationOp(codebook_version=codebook.version, created_at=utc_now(), **fields)


def _demo_operation(
    services: Services, documents: Mapping[str, Sequence[Document]], entry: Mapping[str, str]
) -> AnnotationOp:
    article, quote = entry.get("article") or "", entry.get("quote") or ""
    found = [d for d in documents.get(entry["file"], ()) if not article or d.title == article]
    if len(found) != 1:
        msg = f"The demo labels name the article {article!r} of {entry['file']}, which the corpus holds {len(found)} times."
        raise ExchangeError(msg)
    document = found[0]
    identity = hashlib.sha256(
        "\0".join((document.sha256, quote, *sorted(map(str, entry.items())))).encode()
    ).hexdigest()
    return _operation(
        services,
        kind=OpKind.ADD,
        op_id=identity[:32],
        annotation_id=identity[32:],
        document_id=document.document_id,
        level=Level(entry["level"]),
        span=_exactly_once(document, quote) if quote else None,
        codebook_id=entry["codebook"],
        label=entry["label"],
        note=entry.get("note") or "",
        annotator_id=entry["annotator"],
    )


def _exactly_once(document: Document, quote: str) -> Span:
    start = document.text.find(quote)
    if start < 0 or document.text.find(quote, start + 1) >= 0:
        msg = f"The demo labels quote {quote[:60]!r}, which must stand in {document.title!r} exactly once."
        raise ExchangeError(msg)
    return Span.of(document.text, start, start + len(quote))
