"""The workflows of people's labels: add, change, withdraw, export and import."""

from __future__ import annotations

import uuid

from verifier import codebooks
from verifier.domain import Annotation, AnnotationOp, Level, OpKind, Span, utc_now
from verifier.errors import DomainError
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
    **details: object,
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
        DomainError: unknown label, or a level that the codebook does not allow.
    """
    codebook = codebooks.codebook(services.codebooks, codebook_id)
    codebook.label(label_id)
    if level not in codebook.levels:
        allowed = ", ".join(codebook.levels)
        msg = f"Labels of codebook {codebook.title!r} go on {allowed}; found level {level.value!r}."
        raise DomainError(msg)
    op = AnnotationOp(
        op_id=uuid.uuid4().hex,
        kind=OpKind.CHANGE if annotation_id else OpKind.ADD,
        annotation_id=annotation_id or uuid.uuid4().hex,
        document_id=document_id,
        level=level,
        span=span,
        codebook_id=codebook_id,
        codebook_version=codebook.version,
        label=label_id,
        note=note,
        annotator_id=annotator(annotator_id),
        created_at=utc_now(),
        **details,  # type: ignore[arg-type]
    )
    services.store.commit_ops([op])
    return op.annotation_id


def withdraw_label(services: Services, annotation: Annotation, annotator_id: str) -> None:
    """Withdraw a label; the log keeps it."""
    services.store.commit_ops(
        [
            AnnotationOp(
                op_id=uuid.uuid4().hex,
                kind=OpKind.WITHDRAW,
                annotation_id=annotation.annotation_id,
                document_id=annotation.document_id,
                level=annotation.level,
                annotator_id=annotator(annotator_id),
                created_at=utc_now(),
            )
        ]
    )


def label_demo(services: Services, path: Path) -> int:
    """Commit the simulated labels of the demo corpus; returns how many. Doing it twice adds nothing.

    The file lists annotator, file, article, quote or level, codebook and label; every quote must be found in its document.

    Raises:
        ExchangeError: an entry names a document or quote that is not there.
    """
    import yaml  # noqa: PLC0415

    documents = {
        (Path(document.acquisition.source).name, document.title): document for document in services.store.documents()
    }
    ops = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["labels"]:
        document = _seed_document(documents, entry)
        ops.append(_seed_op(services, document, entry))
    return len(services.store.commit_ops(ops))
