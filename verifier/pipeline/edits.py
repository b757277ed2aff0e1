"""The workflow from what an annotator's browser sends to operations in the log, each accepted or refused with its reason.

A browser keeps what it has sent until it is answered, and sends it again; so committing twice does nothing, and an operation gets no answer at all where the database itself
fails, as the next try may succeed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from verifier.domain import (
    AnnotationOp,
    Document,
    LabelMethod,
    Layer,
    Level,
    OpKind,
    Span,
    utc_now,
)
from verifier.errors import CodebookError, DatabaseError, DomainError, StoreError, VerifierError
from verifier.pipeline.services import Services, annotator

_LONGEST_TEXT = 10_000
"""Code points of a note or a target; more is no note."""

_LARGEST = 2**31 - 1


def commit_edits(
    services: Services, edits: Sequence[Mapping[str, Any]], *, annotator_id: str, blind: bool = False
) -> dict[str, str]:
    """Commit operations of one person's browser, those that are in the log already included.

    Nothing that stands in an edit is trusted: span, quote, codebook, label and level are checked, and who labels is who is signed in.

    Args:
        services: the opened services.
        edits: each with the fields of :class:`verifier.ui.annotator.Edit`; oldest first.
        annotator_id: who labels.
        blind: whether the outlet was hidden.

    Returns:
        op_id -> why it was refused, a sentence for a person; empty for an operation that is in the log now. One that the
        database could not take for the moment is missing.

    Raises:
        DomainError: the annotator has no name.
    """
    name = annotator(annotator_id)
    answers: dict[str, str] = {}
    ops: list[AnnotationOp] = []
    for edit in edits:
        op_id = edit.get("op_id")
        if not isinstance(op_id, str) or not op_id:
            continue  # there is nothing to answer to
        try:
            ops.append(_operation(services, edit, name, blind=blind))
        except DatabaseError:
            break  # and what follows may rest on it
        except VerifierError as error:
            answers[op_id] = str(error)
    return answers | dict(_committed(services, ops))


def _committed(services: Services, ops: Sequence[AnnotationOp]) -> Iterator[tuple[str, str]]:
    """Commit operations together, or, where one is refused, each by itself."""
    try:
        services.store.commit_ops(ops)
    except DatabaseError:
        return
    except (StoreError, DomainError) as error:
        if len(ops) == 1:
            yield ops[0].op_id, str(error)
        else:
            for op in ops:
                yield from _committed(services, [op])
    else:
        for op in ops:
            yield op.op_id, ""


def _operation(
    services: Services, edit: Mapping[str, Any], annotator_id: str, *, blind: bool
) -> AnnotationOp:
    kind = OpKind(_text(edit, "kind"))
    ids: dict[str, Any] = {
        "op_id": _text(edit, "op_id"),
        "kind": kind,
        "annotation_id": _text(edit, "annotation_id"),
        "document_id": _text(edit, "document_id"),
        "annotator_id": annotator_id,
        "created_at": _moment(edit),
    }
    if kind is OpKind.WITHDRAW:
        return AnnotationOp(**ids)
    level, method = Level(_text(edit, "level")), LabelMethod(_text(edit, "method"))
    codebook_id, label = _text(edit, "codebook_id"), _text(edit, "label")
    return AnnotationOp(
        **ids,
        level=level,
        span=_span(_version(services, edit), edit),
        codebook_id=codebook_id,
        codebook_version=_checked_label(services, edit, codebook_id, label, level),
        label=label,
        intensity=_number(edit, "intensity"),
        target=_text(edit, "target", required=False),
        confidence=_number(edit, "confidence"),
        note=_text(edit, "note", required=False),
        label_method=method,
        layer=Layer.SUGGESTION if method is LabelMethod.SUGGESTION_REJECTED else Layer.ANNOTATOR,
        suggestion_model=_text(edit, "suggestion_id", required=False).partition(":")[0],
        blind=blind,
        duration_ms=_number(edit, "duration_ms"),
    )


def _checked_label(
    services: Services, edit: Mapping[str, Any], codebook_id: str, label: str, level: Level
) -> str:
    """Check that the label may be given; returns the version of the codebook that was on screen, which is the one in force."""
    book = services.codebook(codebook_id)
    shown = _text(edit, "codebook_version")
    if shown != book.version:
        msg = f"{book.title} is at version {book.version} now; you labelled by {shown}. Reload the page and decide again."
        raise CodebookError(msg)
    book.require_givable(label, level)
    return shown


def _version(services: Services, edit: Mapping[str, Any]) -> Document:
    """Find the text that was on screen, an older version of the document too."""
    document_id, sha256 = _text(edit, "document_id"), _text(edit, "text_sha256")
    for version in services.store.documents_by_sha256(sha256):
        if version.document_id == document_id:
            return version
    msg = f"The text that was labelled ({sha256[:12]}) is no version of document {document_id!r}. Open the document again."
    raise StoreError(msg)


def _span(document: Document, edit: Mapping[str, Any]) -> Span:
    start, end, quote = _number(edit, "start"), _number(edit, "end"), edit.get("quote")
    if start is None or end is None:
        msg = "A label needs the place of its words: start and end were missing."
        raise DomainError(msg)
    span = Span.of(document.text, start, end)
    if span.quote != quote:
        msg = f"The words at [{start}, {end}) are {span.quote[:60]!r}, but {str(quote)[:60]!r} was labelled. Select them again."
        raise DomainError(msg)
    return span


def _moment(edit: Mapping[str, Any]) -> datetime:
    """Read when the decision was made; a browser whose clock is ahead, or says nothing, gets the present."""
    now = utc_now()
    with suppress(ValueError, OverflowError):
        made = datetime.fromisoformat(_text(edit, "made_at"))
        if made.tzinfo is not None:
            return min(made.astimezone(UTC), now)
    return now


def _text(edit: Mapping[str, Any], name: str, *, required: bool = True) -> str:
    value = edit.get(name, "")
    if not isinstance(value, str) or (required and not value):
        msg = (
            f"The field {name!r} of an edit holds text; found {value!r:.60}. Reload the page and label again."
        )
        raise DomainError(msg)
    if len(value) > _LONGEST_TEXT or "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        msg = f"The field {name!r} takes up to {_LONGEST_TEXT} characters of plain text. Shorten it."
        raise DomainError(msg)
    return value


def _number(edit: Mapping[str, Any], name: str) -> int | None:
    value = edit.get(name)
    if value is None:
        return None
    whole = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not whole or value != int(value) or not 0 <= value <= _LARGEST:
        msg = f"The field {name!r} of an edit is a whole number from 0 on; found {value!r:.60}. Reload the page and label again."
        raise DomainError(msg)
    return int(value)
