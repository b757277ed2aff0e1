"""Resolutions: the append-only log of how it was settled what several people labelled, kept together with the gold that comes of it.

Whether somebody *may* adjudicate is decided in :mod:`verifier.pipeline.adjudication`; here it is made sure that a resolution rests on what is
stored at that moment, so that two adjudicators at once cannot make gold of the same labels twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from verifier.domain import AnnotationOp, Level, Outcome, Resolution, Source, in_force
from verifier.errors import StoreError
from verifier.store import schema
from verifier.store.annotations import AnnotationLog, append_ops
from verifier.store.database import batches

_RESOLUTION = schema.resolution.c
_SOURCE = schema.resolution_source.c
_ANNOTATION = schema.annotation.c

_PLAIN = (
    "resolution_id",
    "document_id",
    "text_sha256",
    "codebook_id",
    "note",
    "decided_by",
    "created_at",
)


class ResolutionLog(AnnotationLog):
    """How decisions were settled, and the labels they were made from."""

    def commit_resolutions(self, resolutions: Sequence[Resolution], ops: Sequence[AnnotationOp]) -> None:
        """Append resolutions together with the operations on gold that they consist of: all or none.

        Raises:
            StoreError: somebody settled the same labels meanwhile, or changed one of them; or an operation cannot be, as in ``commit_ops``.
                Nothing is stored.
        """
        with self._write() as connection:
            standing = in_force(_resolutions(connection, {one.document_id for one in resolutions}))
            for one in resolutions:
                _check_current(one, standing)
                _check_sources(connection, one)
                _insert(connection, one)
                standing = in_force([*standing, one])
            append_ops(connection, ops)

    def resolutions(self, document_ids: Collection[str] | None = None) -> list[Resolution]:
        """List the log, oldest first; replaced resolutions are among them, see :func:`verifier.domain.in_force`.

        Args:
            document_ids: only on these documents.
        """
        with self._read() as connection:
            return _resolutions(connection, document_ids)


def _check_current(new: Resolution, standing: Sequence[Resolution]) -> None:
    known = {one.resolution_id for one in standing}
    sources = {source.annotation_id for source in new.sources}
    other = next(
        (
            one
            for one in standing
            if one.resolution_id not in new.replaces
            and not sources.isdisjoint(source.annotation_id for source in one.sources)
        ),
        None,
    )
    if other is not None:
        msg = f"{other.decided_by!r} has settled this meanwhile ({other.outcome.value}). Look at it again before you settle it otherwise."
        raise StoreError(msg)
    if not known.issuperset(new.replaces):
        msg = "What you settle anew was settled anew, or reopened, by somebody else meanwhile. Look at it again."
        raise StoreError(msg)


def _check_sources(connection: Connection, new: Resolution) -> None:
    said = {source.annotation_id: source for source in new.sources}
    present: dict[str, Source] = {}
    for batch in batches(said):
        query = sa.select(schema.annotation).where(
            _ANNOTATION.annotation_id.in_(batch), _ANNOTATION.withdrawn.is_(sa.false())
        )
        present |= {row.annotation_id: _source(row) for row in connection.execute(query)}
    if new.outcome is not Outcome.REOPENED and present != said:
        msg = "A label that you decided on was changed or withdrawn meanwhile. Look at it again."
        raise StoreError(msg)


def _insert(connection: Connection, new: Resolution) -> None:
    connection.execute(
        schema.resolution.insert().values(
            **{name: getattr(new, name) for name in _PLAIN},
            level=new.level.value,
            outcome=new.outcome.value,
            gold_ids=list(new.gold_ids),
            replaces=list(new.replaces),
        )
    )
    if new.sources:
        connection.execute(
            schema.resolution_source.insert(),
            [
                {
                    "resolution_id": new.resolution_id,
                    "annotation_id": source.annotation_id,
                    "start": source.start,
                    "end": source.end,
                    "label": source.label,
                }
                for source in new.sources
            ],
        )


def _resolutions(connection: Connection, document_ids: Collection[str] | None) -> list[Resolution]:
    query = sa.select(schema.resolution)
    queries = (
        [query]
        if document_ids is None
        else [query.where(_RESOLUTION.document_id.in_(batch)) for batch in batches(set(document_ids))]
    )
    rows = sorted((row for query in queries for row in connection.execute(query)), key=lambda row: row.seq)
    sources: dict[str, list[Source]] = {}
    for batch in batches(row.resolution_id for row in rows):
        found = (
            sa.select(schema.resolution_source).where(_SOURCE.resolution_id.in_(batch)).order_by(_SOURCE.seq)
        )
        for row in connection.execute(found):
            sources.setdefault(row.resolution_id, []).append(_source(row))
    return [_resolution(row, sources.get(row.resolution_id, [])) for row in rows]


def _resolution(row: Any, sources: Sequence[Source]) -> Resolution:
    return Resolution(
        **{name: getattr(row, name) for name in _PLAIN},
        level=Level(row.level),
        outcome=Outcome(row.outcome),
        sources=tuple(sources),
        gold_ids=tuple(row.gold_ids),
        replaces=tuple(row.replaces),
    )


def _source(row: Any) -> Source:
    return Source(annotation_id=row.annotation_id, start=row.start, end=row.end, label=row.label)
