"""People's labels: an append-only log of operations, and the state that it leads to.

The log is the truth; the table of present labels is derived from it in the same transaction and can be derived anew at any time. The
rules of what an operation may do stand in :func:`_apply`, which serves both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from verifier.domain import (
    Annotation,
    AnnotationOp,
    LabelMethod,
    Layer,
    Level,
    OpKind,
    Span,
    utc_now,
)
from verifier.errors import DomainError, StoreError
from verifier.store import schema
from verifier.store.database import Database, batches

_DOCUMENT = schema.document.c
_OP = schema.annotation_op.c
_ANNOTATION = schema.annotation.c
_CONTENT = [
    "codebook_id",
    "codebook_version",
    "label",
    "intensity",
    "target",
    "confidence",
    "note",
    "label_method",
    "layer",
    "annotator_id",
    "suggestion_model",
    "blind",
    "duration_ms",
]
_SPAN = ("start", "end", "quote", "prefix", "suffix", "text_sha256")


@dataclass(frozen=True, slots=True)
class _State:
    """What the log says of one annotation; a withdrawn one is remembered, with whose it was."""

    annotation: Annotation
    withdrawn: bool = False


class AnnotationLog(Database):
    """Labels on spans, sentences and documents."""

    def commit_ops(self, ops: Sequence[AnnotationOp]) -> list[str]:
        """Append operations to the log, all or none, and bring the present state along.

        An operation whose ``op_id`` is in the log already is passed over, so a batch may be sent again after a lost answer.
        Annotators change and withdraw their own annotations only; adding again under the id of a withdrawn one brings it back.

        Returns:
            The ids of all given operations, each now in the log.

        Raises:
            StoreError: the document or annotation is unknown, or somebody else's; nothing is stored.
            DomainError: the span does not quote its text; nothing is stored.
        """
        with self._write() as connection:
            append_ops(connection, ops)
        return [op.op_id for op in ops]

    def annotations(
        self,
        *,
        document_ids: Collection[str] | None = None,
        annotator_id: str | None = None,
        layer: Layer | None = None,
    ) -> list[Annotation]:
        """List the annotations that stand, by document, place in it, and time.

        Those on deleted documents are among them, marked; those on an older version name its digest in ``span.text_sha256``.

        Args:
            document_ids: only on these documents.
            annotator_id: only by this person.
            layer: only in this layer.
        """
        query = (
            sa.select(schema.annotation, _DOCUMENT.deleted_at.is_not(None).label("document_deleted"))
            .join(
                schema.document,
                sa.and_(
                    _DOCUMENT.document_id == _ANNOTATION.document_id, _DOCUMENT.superseded.is_(sa.false())
                ),
            )
            .where(_ANNOTATION.withdrawn.is_(sa.false()))
        )
        if annotator_id is not None:
            query = query.where(_ANNOTATION.annotator_id == annotator_id)
        if layer is not None:
            query = query.where(_ANNOTATION.layer == layer.value)
        queries = (
            [query]
            if document_ids is None
            else [query.where(_ANNOTATION.document_id.in_(batch)) for batch in batches(set(document_ids))]
        )
        with self._read() as connection:
            found = [
                _annotation(row, document_deleted=row.document_deleted)
                for query in queries
                for row in connection.execute(query)
            ]
        return sorted(
            found, key=lambda a: (a.document_id, a.span.start, a.span.end, a.created_at, a.annotation_id)
        )

    def withdrawn_annotations(self) -> list[Annotation]:
        """List the annotations that were withdrawn, by id, as they were last; ``updated_at`` is when they were withdrawn."""
        query = sa.select(schema.annotation).where(_ANNOTATION.withdrawn.is_(sa.true()))
        with self._read() as connection:
            return [_annotation(row) for row in connection.execute(query.order_by(_ANNOTATION.annotation_id))]

    def ops(self, annotation_id: str) -> list[AnnotationOp]:
        """List the history of one annotation, oldest first.

        Raises:
            StoreError: there is no such annotation.
        """
        query = sa.select(schema.annotation_op).where(_OP.annotation_id == annotation_id).order_by(_OP.seq)
        with self._read() as connection:
            found = [_op(row) for row in connection.execute(query)]
        if not found:
            raise _unknown(annotation_id)
        return found

    def verify_annotations(self) -> list[str]:
        """Derive the present state from the log anew and check every span against its text; returns what is wrong, in sentences."""
        with self._read() as connection:
            derived, problems = _derive(connection)
            stored = _states(connection, None)
            texts: dict[tuple[str, str], str] = {}
            for row in connection.execute(sa.select(schema.annotation_op).order_by(_OP.seq)):
                op = _op(row)
                if op.kind is not OpKind.WITHDRAW:
                    try:
                        _located(connection, op, texts)
                    except (DomainError, StoreError) as error:
                        problems.append(f"Operation {op.op_id!r}: {error}")
        for annotation_id in sorted(derived.keys() | stored.keys()):
            if derived.get(annotation_id) != stored.get(annotation_id):
                problems.append(
                    f"Annotation {annotation_id!r} is not as the log says. Rebuild the annotations from the log."
                )
        return problems

    def rebuild_annotations(self) -> int:
        """Replace the present state by what the log says; returns how many annotations, withdrawn ones included, it holds."""
        with self._write() as connection:
            derived, problems = _derive(connection)
            if problems:
                raise StoreError("The annotation log is damaged: " + " ".join(problems))
            connection.execute(schema.annotation.delete())
            for state in derived.values():
                _write_state(connection, state)
        return len(derived)


# ---- the rules


def append_ops(connection: Connection, ops: Sequence[AnnotationOp]) -> None:
    """Append operations within a transaction that is open already; see :meth:`AnnotationLog.commit_ops`."""
    known = _known_ops(connection, [op.op_id for op in ops])
    states = _states(connection, {op.annotation_id for op in ops})
    texts: dict[tuple[str, str], str] = {}
    before = dict(states)
    for given in ops:
        if given.op_id in known:
            if known[given.op_id] != _identity(given):
                msg = (
                    f"Operation {given.op_id!r} is in the log already, for another annotation or annotator. Every operation needs "
                    "an id of its own, such as a UUID."
                )
                raise StoreError(msg)
            continue
        op = _located(connection, given, texts)
        _check_layer(states.get(op.annotation_id), op)
        states[op.annotation_id] = _apply(states.get(op.annotation_id), op)
        connection.execute(schema.annotation_op.insert().values(**_op_columns(op), stored_at=utc_now()))
        known[op.op_id] = _identity(op)
    for annotation_id, state in states.items():
        if state is not before.get(annotation_id):
            _write_state(connection, state)


def _check_layer(state: _State | None, op: AnnotationOp) -> None:
    """Keep gold from being changed or withdrawn as if it were somebody's own label: the resolution it comes from would no longer tell the truth."""
    standing = None if state is None or state.withdrawn else state.annotation
    if standing is not None and standing.layer is Layer.GOLD and op.layer is not Layer.GOLD:
        msg = (
            f"Annotation {op.annotation_id!r} is gold. Settle it anew, or reopen it, on the page Adjudicate."
        )
        raise StoreError(msg)


def _apply(state: _State | None, op: AnnotationOp) -> _State:
    """Say what an operation makes of an annotation; pure."""
    standing = None if state is None or state.withdrawn else state.annotation
    if op.kind is not OpKind.ADD and state is None:
        raise _unknown(op.annotation_id)
    # Gold belongs to all who adjudicate; only a resolution withdraws in that layer, where who may adjudicate was asked before.
    of_gold = (
        state is not None and op.kind is OpKind.WITHDRAW and op.layer is state.annotation.layer is Layer.GOLD
    )
    if state is not None and state.annotation.annotator_id != op.annotator_id and not of_gold:
        msg = (
            f"Annotation {op.annotation_id!r} is {state.annotation.annotator_id!r}'s; {op.annotator_id!r} cannot {op.kind.value} it. "
            "Add an annotation of your own."
        )
        raise StoreError(msg)
    if state is not None and state.annotation.document_id != op.document_id:
        msg = (
            f"Annotation {op.annotation_id!r} is on document {state.annotation.document_id!r}; operation {op.op_id!r} names "
            f"{op.document_id!r}. Withdraw it and add one there."
        )
        raise StoreError(msg)
    if op.kind is OpKind.ADD:
        if standing is not None:
            msg = (
                f"Annotation {op.annotation_id!r} is there already; change it, or add another under a new id."
            )
            raise StoreError(msg)
    elif standing is None:
        msg = f"Annotation {op.annotation_id!r} was withdrawn; add it again before you {op.kind.value} it."
        raise StoreError(msg)
    elif op.kind is OpKind.WITHDRAW:
        return _State(replace(standing, updated_at=op.created_at), withdrawn=True)
    return _State(
        Annotation(
            annotation_id=op.annotation_id,
            document_id=op.document_id,
            level=op.level,
            span=_present(op.span, op.annotation_id),
            **{name: getattr(op, name) for name in _CONTENT},
            created_at=op.created_at if standing is None else standing.created_at,
            updated_at=op.created_at,
        )
    )


def _located(connection: Connection, op: AnnotationOp, texts: dict[tuple[str, str], str]) -> AnnotationOp:
    """Check that an operation quotes a text of its document; a document-level one without a span gets its empty one."""
    versions = connection.execute(
        sa.select(_DOCUMENT.sha256, _DOCUMENT.superseded).where(_DOCUMENT.document_id == op.document_id)
    ).all()
    if not versions:
        msg = f"Operation {op.op_id!r} is about document {op.document_id!r}, which is not stored. Ingest it first."
        raise StoreError(msg)
    if op.kind is OpKind.WITHDRAW:
        return op
    if not op.codebook_id or not op.label:
        msg = f"Operation {op.op_id!r} needs a codebook and a label; found codebook {op.codebook_id!r}, label {op.label!r}."
        raise StoreError(msg)
    if op.span is None:
        if op.level is not Level.DOCUMENT:
            msg = f"Operation {op.op_id!r} labels a {op.level.value}, which needs a span; found none."
            raise StoreError(msg)
        current = next(row.sha256 for row in versions if not row.superseded)
        return replace(op, span=Span(start=0, end=0, quote="", text_sha256=current))
    if op.span.text_sha256 not in {row.sha256 for row in versions}:
        msg = (
            f"Operation {op.op_id!r} quotes a text {op.span.text_sha256[:12]} that is no version of document {op.document_id!r} "
            f"({', '.join(row.sha256[:12] for row in versions)}). Open the document again and label its present text."
        )
        raise StoreError(msg)
    key = (op.document_id, op.span.text_sha256)
    if key not in texts:
        query = sa.select(_DOCUMENT.text).where(_DOCUMENT.document_id == key[0], _DOCUMENT.sha256 == key[1])
        texts[key] = connection.scalars(query).first() or ""
    _check_span(op, op.span, texts[key])
    return op


def _check_span(op: AnnotationOp, span: Span, text: str) -> None:
    span.check(text)
    if not text[: span.start].endswith(span.prefix) or not text[span.end :].startswith(span.suffix):
        msg = (
            f"Operation {op.op_id!r}: the text around [{span.start}, {span.end}) reads otherwise than its prefix {span.prefix!r} and "
            f"suffix {span.suffix!r} say."
        )
        raise DomainError(msg)
    whole = op.level is Level.DOCUMENT and span.start == 0 and span.end in {0, len(text)}
    if not whole and (op.level is Level.DOCUMENT or span.start == span.end):
        expected = "the whole text or [0, 0)" if op.level is Level.DOCUMENT else "at least one code point"
        msg = f"Operation {op.op_id!r} labels a {op.level.value}, whose span is {expected}; found [{span.start}, {span.end})."
        raise DomainError(msg)


def _derive(connection: Connection) -> tuple[dict[str, _State], list[str]]:
    states: dict[str, _State] = {}
    problems: list[str] = []
    for row in connection.execute(sa.select(schema.annotation_op).order_by(_OP.seq)):
        op = _op(row)
        try:
            states[op.annotation_id] = _apply(states.get(op.annotation_id), op)
        except StoreError as error:
            problems.append(f"Operation {op.op_id!r}: {error}")
    return states, problems


def _unknown(annotation_id: str) -> StoreError:
    return StoreError(
        f"No annotation {annotation_id!r} is stored. The Read page shows those of each document."
    )


# ---- rows and records


def _identity(op: Any) -> tuple[str, str, str]:
    return (str(op.kind), op.annotation_id, op.annotator_id)


def _known_ops(connection: Connection, op_ids: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    columns = (_OP.op_id, _OP.kind, _OP.annotation_id, _OP.annotator_id)
    return {
        row.op_id: _identity(row)
        for batch in batches(op_ids)
        for row in connection.execute(sa.select(*columns).where(_OP.op_id.in_(batch)))
    }


def _states(connection: Connection, annotation_ids: Iterable[str] | None) -> dict[str, _State]:
    query = sa.select(schema.annotation)
    queries = (
        [query]
        if annotation_ids is None
        else [query.where(_ANNOTATION.annotation_id.in_(batch)) for batch in batches(annotation_ids)]
    )
    return {
        row.annotation_id: _State(_annotation(row), row.withdrawn)
        for query in queries
        for row in connection.execute(query)
    }


def _write_state(connection: Connection, state: _State) -> None:
    present = state.annotation
    connection.execute(schema.annotation.delete().where(_ANNOTATION.annotation_id == present.annotation_id))
    connection.execute(
        schema.annotation.insert().values(
            **_label_columns(present),
            annotation_id=present.annotation_id,
            updated_at=present.updated_at,
            withdrawn=state.withdrawn,
        )
    )


def _label_columns(record: Annotation | AnnotationOp) -> dict[str, Any]:
    span = record.span
    return {
        "document_id": record.document_id,
        "level": record.level.value,
        **{name: getattr(span, name) if span else None if name in {"start", "end"} else "" for name in _SPAN},
        **{name: getattr(record, name) for name in _CONTENT},
        "label_method": record.label_method.value,
        "layer": record.layer.value,
        "created_at": record.created_at,
    }


def _op_columns(op: AnnotationOp) -> dict[str, Any]:
    return {
        **_label_columns(op),
        "op_id": op.op_id,
        "kind": op.kind.value,
        "annotation_id": op.annotation_id,
    }


def _fields(row: Any) -> dict[str, Any]:
    return {
        "annotation_id": row.annotation_id,
        "document_id": row.document_id,
        "level": Level(row.level),
        **{name: getattr(row, name) for name in _CONTENT},
        "label_method": LabelMethod(row.label_method),
        "layer": Layer(row.layer),
        "created_at": row.created_at,
    }


def _span(row: Any) -> Span | None:
    return None if row.start is None else Span(**{name: getattr(row, name) for name in _SPAN})


def _present(span: Span | None, annotation_id: str) -> Span:
    if span is None:
        msg = f"Annotation {annotation_id!r} has lost its span; the database was changed by another program. Restore it from a copy."
        raise StoreError(msg)
    return span


def _annotation(row: Any, *, document_deleted: bool = False) -> Annotation:
    return Annotation(
        **_fields(row),
        span=_present(_span(row), row.annotation_id),
        updated_at=row.updated_at,
        document_deleted=document_deleted,
    )


def _op(row: Any) -> AnnotationOp:
    return AnnotationOp(**_fields(row), op_id=row.op_id, kind=OpKind(row.kind), span=_span(row))
