"""The corpus: versions of documents, their sentences, and which of them a filter leaves.

A document has one current version; older ones are superseded, and a deleted document keeps all of its versions, marked. Texts
and sentence spans of a version never change once stored, so a sentence id always means the same words.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from verifier.domain import (
    UNKNOWN_LANGUAGE,
    Acquisition,
    Document,
    Filters,
    Refusal,
    Sentence,
    Strip,
    text_sha256,
)
from verifier.errors import StoreError
from verifier.store import schema
from verifier.store.codec import decode, encode
from verifier.store.database import Database, batches
from verifier.store.schema import check_storable

Added: TypeAlias = Literal["added", "unchanged", "new-version"]
Sentences: TypeAlias = Sequence[Sentence] | Callable[[Document], Sequence[Sentence]]

_DOCUMENT = schema.document.c
_SENTENCE = schema.sentence.c
_CURRENT = sa.and_(_DOCUMENT.superseded.is_(sa.false()), _DOCUMENT.deleted_at.is_(None))
_SENTENCES = sa.select(
    _SENTENCE.sentence_id,
    _DOCUMENT.document_id,
    _DOCUMENT.version,
    _SENTENCE.ordinal,
    _SENTENCE.start,
    _SENTENCE.end,
    _SENTENCE.text,
    _SENTENCE.language,
).join(schema.document, _SENTENCE.document_row == _DOCUMENT.row_id)

_METADATA = (
    "title",
    "language",
    "outlet",
    "outlet_id",
    "country",
    "url",
    "published_at",
    "relay",
    "inferred",
    "licence",
)
"""What may become known about a text after it was frozen. Where it came from and what was stripped stay as first recorded,
because their offsets belong to the bytes of that time."""

_UNKNOWN: tuple[object, ...] = ("", UNKNOWN_LANGUAGE, None, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusCounts:
    """How much is in the corpus.

    ``documents``, ``sentences``, ``outlets``, ``by_language`` and ``by_outlet`` (documents each, most first) count what is current and not
    deleted; ``versions`` counts every stored version, and ``deleted`` the deleted documents.
    """

    documents: int
    versions: int
    sentences: int
    outlets: int
    by_language: dict[str, int]
    by_outlet: dict[str, int]
    deleted: int


class Corpus(Database):
    """Documents, their sentences, and what was refused."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._digest: tuple[int, str] | None = None

    # ---- taking in

    def add_document(self, document: Document, sentences: Sentences) -> Added:
        """Take in a document, in one transaction with its sentences.

        The version is assigned here. The same text again leaves the stored version and its sentences as they are and takes over
        what has become known about it since (an outlet, a date; what is not known now is not forgotten). Another text becomes
        the next version and supersedes the one before. A deleted document comes back.

        Args:
            document: its ``version``, ``superseded`` and ``deleted_at`` are ignored.
            sentences: of its text, in order; or what finds them, called only when needed. They are numbered here.

        Returns:
            ``added`` for a new or a restored document, ``new-version`` for a changed text, else ``unchanged``.

        Raises:
            StoreError: a sentence does not quote the text or they overlap, or a text holds U+0000 or a lone surrogate.
        """
        check_storable(document.text, f"The text of document {document.document_id!r}")
        if callable(sentences) and not self._is_current(document):
            # Sought before the transaction begins: people's labels need not wait while a long article is segmented.
            sentences = sentences(document)
        with self._write() as connection:
            versions = connection.execute(
                sa.select(_DOCUMENT.row_id, _DOCUMENT.version, _DOCUMENT.superseded)
                .where(_DOCUMENT.document_id == document.document_id)
                .order_by(_DOCUMENT.version)
            ).all()
            current = next((row for row in versions if not row.superseded), None)
            if current is not None:
                stored = _one_document(connection, document.document_id, current.version)
                if stored.sha256 == document.sha256:
                    return self._refresh(connection, current.row_id, stored, document, sentences)
            new = replace(
                document,
                version=versions[-1].version + 1 if versions else 1,
                superseded=False,
                deleted_at=None,
            )
            # A new version of a deleted document brings the document back, older versions included.
            connection.execute(
                schema.document.update()
                .where(_DOCUMENT.document_id == new.document_id)
                .values(superseded=True, deleted_at=None)
            )
            _insert_version(connection, new, sentences)
            _count_change(connection)
        return "new-version" if versions else "added"

    def _is_current(self, document: Document) -> bool:
        query = sa.select(_DOCUMENT.sha256).where(
            _DOCUMENT.document_id == document.document_id, _DOCUMENT.superseded.is_(sa.false())
        )
        with self._read() as connection:
            return connection.scalar(query) == document.sha256

    def _refresh(
        self, connection: Connection, row_id: int, stored: Document, given: Document, sentences: Sentences
    ) -> Added:
        known = {name: getattr(given, name) for name in _METADATA if getattr(given, name) not in _UNKNOWN}
        changes = {name: value for name, value in known.items() if value != getattr(stored, name)}
        if changes:
            connection.execute(
                schema.document.update().where(_DOCUMENT.row_id == row_id).values(**_columns(changes))
            )
        if "language" in changes:
            # Sentences too short for detection take the language of their document.
            found = sentences(replace(stored, **changes)) if callable(sentences) else sentences
            for item in found:
                connection.execute(
                    schema.sentence.update()
                    .where(
                        _SENTENCE.document_row == row_id,
                        _SENTENCE.start == item.start,
                        _SENTENCE.end == item.end,
                    )
                    .values(language=item.language)
                )
        if stored.deleted_at is None:
            return "unchanged"
        _mark_deleted(connection, [stored.document_id], None)
        _count_change(connection)
        return "added"

    def delete_documents(self, document_ids: Iterable[str], when: datetime) -> int:
        """Take documents out of the results, all versions of each; their texts and people's labels stay.

        Returns:
            How many were not deleted before.

        Raises:
            StoreError: an id is unknown; then none is deleted.
        """
        return self._set_deleted(document_ids, when)

    def restore_documents(self, document_ids: Iterable[str]) -> int:
        """Bring deleted documents back; returns how many were deleted. Raises StoreError for an unknown id."""
        return self._set_deleted(document_ids, None)

    def _set_deleted(self, document_ids: Iterable[str], when: datetime | None) -> int:
        with self._write() as connection:
            wanted = list(dict.fromkeys(document_ids))
            for document_id in wanted:
                _one_document(connection, document_id, None)
            changed = _mark_deleted(connection, wanted, when)
            if changed:
                _count_change(connection)
        return changed

    # ---- documents

    def documents(self, *, include_deleted: bool = False, include_superseded: bool = False) -> list[Document]:
        """List documents by id and version; by default the current version of each that is not deleted."""
        query = sa.select(schema.document).order_by(_DOCUMENT.document_id, _DOCUMENT.version)
        if not include_deleted:
            query = query.where(_DOCUMENT.deleted_at.is_(None))
        if not include_superseded:
            query = query.where(_DOCUMENT.superseded.is_(sa.false()))
        with self._read() as connection:
            return [_document(row) for row in connection.execute(query)]

    def document(self, document_id: str, version: int | None = None) -> Document:
        """Return one version of a document, the current one by default, be it deleted or not.

        Raises:
            StoreError: there is no such document or version.
        """
        with self._read() as connection:
            return _one_document(connection, document_id, version)

    def versions(self, document_id: str) -> list[Document]:
        """List every version of a document, oldest first, be it deleted or not; none if the id is unknown."""
        query = sa.select(schema.document).where(_DOCUMENT.document_id == document_id)
        with self._read() as connection:
            return [_document(row) for row in connection.execute(query.order_by(_DOCUMENT.version))]

    def documents_by_sha256(self, sha256: str) -> list[Document]:
        """List every version, of any document, whose text has this digest."""
        query = sa.select(schema.document).where(_DOCUMENT.sha256 == sha256)
        with self._read() as connection:
            return [
                _document(r)
                for r in connection.execute(query.order_by(_DOCUMENT.document_id, _DOCUMENT.version))
            ]

    # ---- sentences

    def sentences(self, document_id: str, version: int | None = None) -> list[Sentence]:
        """List the sentences of a version in reading order; of the current one by default. Raises StoreError if unknown."""
        with self._read() as connection:
            found = _one_document(connection, document_id, version)
            query = _SENTENCES.where(_DOCUMENT.document_id == document_id, _DOCUMENT.version == found.version)
            return [_sentence(row) for row in connection.execute(query.order_by(_SENTENCE.ordinal))]

    def current_sentences(self) -> Iterator[tuple[Sentence, Document]]:
        """Go through all sentences of current documents that are not deleted, by document id and reading order.

        What is current is settled at the start; versions are read in portions, so that a large corpus need not fit in memory.
        """
        with self._read() as connection:
            query = sa.select(_DOCUMENT.row_id).where(_CURRENT).order_by(_DOCUMENT.document_id)
            row_ids = connection.scalars(query).all()
        for portion in batches(row_ids):
            with self._read() as connection:
                documents = {
                    row.document_id: _document(row)
                    for row in connection.execute(
                        sa.select(schema.document).where(_DOCUMENT.row_id.in_(portion))
                    )
                }
                rows = connection.execute(
                    _SENTENCES.where(_SENTENCE.document_row.in_(portion)).order_by(
                        _DOCUMENT.document_id, _SENTENCE.ordinal
                    )
                ).all()
            for row in rows:
                yield _sentence(row), documents[row.document_id]

    def sentence(self, sentence_id: str) -> Sentence:
        """Return one sentence, of whatever version; raises StoreError if the id is unknown."""
        found = self.sentences_by_id([sentence_id])
        if sentence_id not in found:
            msg = (
                f"No sentence {sentence_id!r} is stored. Sentence ids read document.version.ordinal; the Read page shows the "
                "sentences of each document."
            )
            raise StoreError(msg)
        return found[sentence_id]

    def sentences_by_id(self, sentence_ids: Iterable[str]) -> dict[str, Sentence]:
        """Return the sentences of these ids, of whatever version, in the order asked for; unknown ids are left out."""
        wanted = list(dict.fromkeys(sentence_ids))
        found: dict[str, Sentence] = {}
        with self._read() as connection:
            for batch in batches(wanted):
                for row in connection.execute(_SENTENCES.where(_SENTENCE.sentence_id.in_(batch))):
                    found[row.sentence_id] = _sentence(row)
        return {sentence_id: found[sentence_id] for sentence_id in wanted if sentence_id in found}

    def neighbours(
        self, sentence_id: str, before: int = 1, after: int = 1
    ) -> tuple[list[Sentence], list[Sentence]]:
        """Return up to ``before`` sentences ahead of this one and up to ``after`` behind it, in reading order.

        Raises:
            StoreError: the id is unknown.
        """
        middle = self.sentence(sentence_id)
        query = _SENTENCES.where(
            _DOCUMENT.document_id == middle.document_id,
            _DOCUMENT.version == middle.version,
            _SENTENCE.ordinal.between(middle.ordinal - before, middle.ordinal + after),
            _SENTENCE.ordinal != middle.ordinal,
        ).order_by(_SENTENCE.ordinal)
        with self._read() as connection:
            found = [_sentence(row) for row in connection.execute(query)]
        return (
            [s for s in found if s.ordinal < middle.ordinal],
            [s for s in found if s.ordinal > middle.ordinal],
        )

    # ---- what a filter leaves

    def matching(
        self, filters: Filters, names_of: Callable[[str], frozenset[str]]
    ) -> tuple[set[str] | None, set[str]]:
        """Find the sentences that filters allow, and those they exclude.

        Outlets match by any of their names, in any case, against the stored name or registry id. Dates are inclusive; a document
        without a date is not within any. Languages are those of the sentence.

        Args:
            filters: what may be returned.
            names_of: gives every name under which an outlet may be stored.

        Returns:
            ``(allowed, excluded)`` as sentence ids of current documents; ``allowed`` is None when nothing restricts. What is in
            ``excluded`` may be in ``allowed`` too, and must be left out.
        """
        excluded = set(filters.exclude_sentences)
        allowed: set[str] | None = None
        with self._read() as connection:
            conditions: list[sa.ColumnElement[bool]] = []
            if filters.languages:
                conditions.append(_SENTENCE.language.in_(filters.languages))
            if filters.countries:
                conditions.append(_DOCUMENT.country.in_([country.upper() for country in filters.countries]))
            if filters.published_from is not None:
                conditions.append(_DOCUMENT.published_at >= filters.published_from)
            if filters.published_to is not None:
                conditions.append(_DOCUMENT.published_at <= filters.published_to)
            if filters.outlets:
                conditions.append(_of_outlets(connection, filters.outlets, names_of))
            if conditions:
                allowed = _current_ids(connection, *conditions)
            if filters.exclude_outlets:
                excluded |= _current_ids(
                    connection, _of_outlets(connection, filters.exclude_outlets, names_of)
                )
        return allowed, excluded

    def corpus_digest(self) -> str:
        """Return 64 hexadecimal digits over the ids and text digests of all current sentences.

        Independent of the order of ingestion; computed anew only after the corpus has changed (100,000 sentences: under a second).
        """
        with self._read() as connection:
            # The counter comes first: if another process writes in between, the next call finds it moved on.
            changes = _changes(connection)
            if self._digest is not None and self._digest[0] == changes:
                return self._digest[1]
            query = sa.select(_SENTENCE.sentence_id, _SENTENCE.text_sha256).join(
                schema.document, _SENTENCE.document_row == _DOCUMENT.row_id
            )
            rows = sorted((row[0], row[1]) for row in connection.execute(query.where(_CURRENT)))
        digest = hashlib.sha256("".join(f"{i}\t{sha}\n" for i, sha in rows).encode()).hexdigest()
        self._digest = (changes, digest)
        return digest

    def counts(self) -> CorpusCounts:
        """Count documents, versions, sentences and outlets."""
        count = sa.func.count()

        def by(connection: Connection, column: sa.ColumnElement[str]) -> dict[str, int]:
            rows = connection.execute(sa.select(column, count).where(_CURRENT).group_by(column)).all()
            return {row[0]: row[1] for row in sorted(rows, key=lambda row: (-row[1], row[0]))}

        with self._read() as connection:
            by_outlet = by(connection, _DOCUMENT.outlet)
            return CorpusCounts(
                documents=sum(by_outlet.values()),
                versions=connection.scalar(sa.select(count).select_from(schema.document)) or 0,
                sentences=connection.scalar(
                    sa.select(count).select_from(schema.sentence.join(schema.document)).where(_CURRENT)
                )
                or 0,
                outlets=len(by_outlet.keys() - {""}),
                by_language=by(connection, _DOCUMENT.language),
                by_outlet=by_outlet,
                deleted=connection.scalar(
                    sa.select(count)
                    .select_from(schema.document)
                    .where(_DOCUMENT.superseded.is_(sa.false()), _DOCUMENT.deleted_at.is_not(None))
                )
                or 0,
            )

    # ---- refusals

    def add_refusals(self, refusals: Iterable[Refusal]) -> None:
        """Keep what was not taken in; the same source refused again for the same reason stands once, with its latest time."""
        table = schema.refusal
        with self._write() as connection:
            for refusal in refusals:
                connection.execute(
                    table.delete().where(table.c.source == refusal.source, table.c.reason == refusal.reason)
                )
                connection.execute(table.insert().values(**_flat(refusal)))

    def refusals(self) -> list[Refusal]:
        """List what was refused, the latest first."""
        table = schema.refusal.c
        query = sa.select(table.source, table.reason, table.message, table.refused_at)
        with self._read() as connection:
            rows = connection.execute(query.order_by(table.refused_at.desc(), table.seq.desc()))
            return [Refusal(**row._asdict()) for row in rows]

    def forget_refusals(self, sources: Iterable[str]) -> int:
        """Drop the refusals of these sources, as when they went in at last; returns how many."""
        with self._write() as connection:
            return sum(
                connection.execute(schema.refusal.delete().where(schema.refusal.c.source.in_(batch))).rowcount
                for batch in batches(sources)
            )


# ---- rows and records


def _flat(record: Any) -> dict[str, Any]:
    """Return the fields of a flat record as column values."""
    return {name: getattr(record, name) for name in record.__slots__}


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """Turn fields of a document into column values."""
    return {name: encode(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _document(row: Any) -> Document:
    found = Document(
        **{
            name: getattr(row, name)
            for name in ("document_id", "version", "text", "superseded", "deleted_at")
        },
        **{name: getattr(row, name) for name in _METADATA if name not in {"relay", "inferred"}},
        relay=tuple(row.relay),
        inferred=tuple(row.inferred),
        acquisition=Acquisition(
            source=row.source,
            raw_sha256=row.raw_sha256,
            raw_start=row.raw_start,
            raw_end=row.raw_end,
            retrieved_at=row.retrieved_at,
            aggregator=row.aggregator,
        ),
        strips=tuple(decode(Strip, strip) for strip in row.strips),
    )
    if found.sha256 != row.sha256:
        msg = (
            f"The text of document {found.document_id!r}, version {found.version}, was changed in the database: its digest is "
            f"{found.sha256[:12]}, expected {row.sha256[:12]}. Restore the database from a copy, or ingest the document again."
        )
        raise StoreError(msg)
    return found


def _sentence(row: Any) -> Sentence:
    return Sentence(**row._asdict())


def _insert_version(connection: Connection, new: Document, sentences: Sentences) -> None:
    acquisition = _flat(new.acquisition)
    values = {
        name: getattr(new, name)
        for name in (*_METADATA, "document_id", "version", "text", "sha256", "strips")
    }
    row_id = connection.execute(
        schema.document.insert()
        .values(**_columns(values), **acquisition, superseded=False, deleted_at=None)
        .returning(_DOCUMENT.row_id)
    ).scalar_one()
    found = sentences(new) if callable(sentences) else sentences
    end = 0
    rows: list[dict[str, Any]] = []
    for ordinal, item in enumerate(found):
        if new.text[item.start : item.end] != item.text or item.start < end or item.start == item.end:
            msg = (
                f"Sentence {ordinal} of document {new.document_id!r} does not fit: [{item.start}, {item.end}) must quote the text, be "
                f"non-empty and begin at {end} or later; found {item.text[:60]!r}. Segment the document again."
            )
            raise StoreError(msg)
        end = item.end
        rows.append(
            {
                "sentence_id": f"{new.document_id}.{new.version}.{ordinal}",
                "document_row": row_id,
                "ordinal": ordinal,
                "start": item.start,
                "end": item.end,
                "text": item.text,
                "text_sha256": text_sha256(item.text),
                "language": item.language,
            }
        )
    if rows:
        connection.execute(schema.sentence.insert(), rows)


def _one_document(connection: Connection, document_id: str, version: int | None) -> Document:
    query = sa.select(schema.document).where(_DOCUMENT.document_id == document_id)
    wanted = _DOCUMENT.superseded.is_(sa.false()) if version is None else _DOCUMENT.version == version
    row = connection.execute(query.where(wanted)).one_or_none()
    if row is not None:
        return _document(row)
    versions = connection.scalars(
        sa.select(_DOCUMENT.version).where(_DOCUMENT.document_id == document_id).order_by(_DOCUMENT.version)
    ).all()
    if versions:
        listed = ", ".join(map(str, versions))
        msg = f"Document {document_id!r} has no version {version}; stored versions are {listed}."
        raise StoreError(msg)
    known = connection.scalars(sa.select(_DOCUMENT.document_id).distinct()).all()
    near = difflib.get_close_matches(document_id, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"{len(known)} are; the Corpus page lists them."
    msg = f"No document {document_id!r} is stored. {hint}"
    raise StoreError(msg)


def _mark_deleted(connection: Connection, document_ids: Sequence[str], when: datetime | None) -> int:
    changed = 0
    for batch in batches(document_ids):
        other = _DOCUMENT.deleted_at.is_not(None) if when is None else _DOCUMENT.deleted_at.is_(None)
        affected = sa.and_(_DOCUMENT.document_id.in_(batch), other)
        changed += (
            connection.scalar(sa.select(sa.func.count(_DOCUMENT.document_id.distinct())).where(affected)) or 0
        )
        connection.execute(schema.document.update().where(affected).values(deleted_at=when))
    return changed


def _of_outlets(
    connection: Connection, wanted: Sequence[str], names_of: Callable[[str], frozenset[str]]
) -> sa.ColumnElement[bool]:
    # Names are compared here and not in SQL, because SQLite folds the case of ASCII only.
    names = {name.casefold() for outlet in wanted for name in (outlet, *names_of(outlet)) if name}
    stored = connection.execute(
        sa.select(_DOCUMENT.outlet, _DOCUMENT.outlet_id).where(_CURRENT).distinct()
    ).all()
    pairs = [(row[0], row[1]) for row in stored if {row[0].casefold(), row[1].casefold()} & names]
    return sa.tuple_(_DOCUMENT.outlet, _DOCUMENT.outlet_id).in_(pairs) if pairs else sa.false()


def _current_ids(connection: Connection, *conditions: sa.ColumnElement[bool]) -> set[str]:
    query = sa.select(_SENTENCE.sentence_id).join(schema.document, _SENTENCE.document_row == _DOCUMENT.row_id)
    return set(connection.scalars(query.where(_CURRENT, *conditions)))


def _changes(connection: Connection) -> int:
    return int(
        connection.scalar(sa.select(schema.meta.c.value).where(schema.meta.c.key == "corpus_changes")) or 0
    )


def _count_change(connection: Connection) -> None:
    changed = schema.meta.update().where(schema.meta.c.key == "corpus_changes")
    connection.execute(changed.values(value=str(_changes(connection) + 1)))
