"""The tables and their types; ``migrations`` holds the steps by which a database gets them.

One schema for SQLite and PostgreSQL. Times are stored in UTC and come back aware; tuples are JSON text. Texts sort by
code point on both databases.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from verifier.errors import StoreError

# ---- types


def check_storable(text: str, what: str) -> None:
    """Raise StoreError if a text holds U+0000 or a lone surrogate, which PostgreSQL cannot hold.

    The same texts are refused on SQLite, so that a corpus can always move from one to the other.
    """
    found = re.search("[\x00\ud800-\udfff]", text)
    if found is not None:
        msg = (
            f"{what} cannot be stored: U+{ord(found.group()):04X} stands at code point {found.start()}, which is no character "
            f"of a text (near {text[max(0, found.start() - 20) : found.start()]!a}). Remove it from the source and try again."
        )
        raise StoreError(msg)


def to_json(value: object) -> str:
    """Write JSON that both databases can hold: as it reads, or all in ASCII where a lone surrogate would not encode."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if re.search("[\ud800-\udfff]", written):
        return json.dumps(value, separators=(",", ":"), sort_keys=True)
    return written


class _Words(sa.types.TypeDecorator[str]):
    """Text that both databases hold alike and that both sort by code point."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[str]:
        # PostgreSQL would sort by the rules of its locale, SQLite sorts by bytes; "C" makes exports the same.
        return sa.Text(collation="C" if dialect.name == "postgresql" else None)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is not None:
            check_storable(value, "A text")
        return value


class _Json(sa.types.TypeDecorator[Any]):
    """Plain lists and dictionaries as JSON text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else json.loads(value)


class _Moment(sa.types.TypeDecorator[datetime]):
    """An aware time, stored in UTC (SQLite has no zones) and read back aware."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"The time {value.isoformat()} has no time zone; times here are aware and in UTC."
            raise StoreError(msg)
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_Key = sa.BigInteger().with_variant(
    sa.Integer, "sqlite"
)  # SQLite numbers rows by itself only under the name INTEGER


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, _Words, nullable=options.pop("nullable", False), **options)


# ---- tables

HEAD = "0004"
"""The newest step in ``migrations``. It stands here so that opening a database that has had it need not load Alembic."""

metadata = sa.MetaData()

meta = sa.Table("meta", metadata, _text("key", primary_key=True), _text("value"))

document = sa.Table(
    "document",
    metadata,
    sa.Column("row_id", _Key, primary_key=True, autoincrement=True),
    _text("document_id"),
    sa.Column("version", sa.Integer, nullable=False),
    _text("sha256", index=True),
    _text("text"),
    _text("title"),
    _text("language"),
    _text("outlet"),
    _text("outlet_id"),
    _text("country"),
    _text("url"),
    sa.Column("published_at", sa.Date),
    sa.Column("relay", _Json, nullable=False),
    sa.Column("inferred", _Json, nullable=False),
    _text("licence"),
    _text("source"),
    _text("raw_sha256"),
    sa.Column("raw_start", sa.Integer, nullable=False),
    sa.Column("raw_end", sa.Integer, nullable=False),
    sa.Column("retrieved_at", _Moment, nullable=False),
    _text("aggregator"),
    sa.Column("strips", _Json, nullable=False),
    sa.Column("superseded", sa.Boolean, nullable=False),
    sa.Column("deleted_at", _Moment),
    sa.UniqueConstraint("document_id", "version"),
)

sentence = sa.Table(
    "sentence",
    metadata,
    _text("sentence_id", primary_key=True),
    sa.Column("document_row", _Key, sa.ForeignKey("document.row_id"), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    _text("text"),
    _text("text_sha256"),
    _text("language"),
    sa.UniqueConstraint("document_row", "ordinal"),
    sa.CheckConstraint('0 <= start AND start < "end"', name="sentence_span"),
)

refusal = sa.Table(
    "refusal",
    metadata,
    sa.Column("seq", _Key, primary_key=True, autoincrement=True),
    _text("source"),
    _text("reason"),
    _text("message"),
    sa.Column("refused_at", _Moment, nullable=False),
    sa.UniqueConstraint("source", "reason"),
)

snapshot = sa.Table(  # documents as they were shown, each once, known by the digest of their JSON
    "snapshot", metadata, _text("digest", primary_key=True), sa.Column("body", _Json, nullable=False)
)

verification = sa.Table(
    "verification",
    metadata,
    sa.Column("seq", _Key, primary_key=True, autoincrement=True),
    _text("verification_id", unique=True),
    sa.Column("created_at", _Moment, nullable=False, index=True),
    sa.Column("body", _Json, nullable=False),
)

evidence = sa.Table(  # which sentences a verification showed: what a judgement may be about
    "evidence",
    metadata,
    _text("verification_id", primary_key=True),
    _text("sentence_id", primary_key=True),
    sa.ForeignKeyConstraint(["verification_id"], ["verification.verification_id"]),
)

judgement = sa.Table(
    "judgement",
    metadata,
    sa.Column("seq", _Key, primary_key=True, autoincrement=True),
    _text("judgement_id", unique=True),
    _text("verification_id"),
    _text("sentence_id"),
    _text("stance", nullable=True),
    _text("annotator_id"),
    sa.Column("created_at", _Moment, nullable=False),
    sa.ForeignKeyConstraint(
        ["verification_id", "sentence_id"], ["evidence.verification_id", "evidence.sentence_id"]
    ),
)


def _label_columns() -> list[sa.Column[Any]]:
    """List what an operation and the state it leads to have in common."""
    return [
        _text("document_id", index=True),
        _text("level"),
        sa.Column("start", sa.Integer),
        sa.Column("end", sa.Integer),
        _text("quote"),
        _text("prefix"),
        _text("suffix"),
        _text("text_sha256"),
        _text("codebook_id"),
        _text("codebook_version"),
        _text("label"),
        sa.Column("intensity", sa.Integer),
        _text("target"),
        sa.Column("confidence", sa.Integer),
        _text("note"),
        _text("label_method"),
        _text("layer"),
        _text("annotator_id", index=True),
        _text("suggestion_model", server_default=""),
        sa.Column("blind", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("duration_ms", sa.BigInteger),
        sa.Column("created_at", _Moment, nullable=False),
    ]


annotation_op = sa.Table(
    "annotation_op",
    metadata,
    sa.Column("seq", _Key, primary_key=True, autoincrement=True),
    _text("op_id", unique=True),
    _text("kind"),
    _text("annotation_id", index=True),
    *_label_columns(),
    sa.Column("stored_at", _Moment, nullable=False),
)

annotation = sa.Table(  # derived from annotation_op, in the same transaction
    "annotation",
    metadata,
    _text("annotation_id", primary_key=True),
    *_label_columns(),
    sa.Column("updated_at", _Moment, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
)

role_change = sa.Table(
    "role_change",
    metadata,
    sa.Column("seq", _Key, primary_key=True, autoincrement=True),
    _text("change_id", unique=True),
    _text("annotator_id"),
    _text("role", nullable=True),
    _text("changed_by"),
    sa.Column("created_at", _Moment, nullable=False),
)

assignment = sa.Table(  # as it was made; where it stands follows from assignment_change
    "assignment",
    metadata,
    sa.Column("seq", _Key, primary_key=True, autoincrement=True),
    _text("assignment_id", unique=True),
    _text("document_id", index=True),
    _text("annotator_id", index=True),
    sa.Column("codebook_ids", _Json, nullable=False),
    sa.Column("outlet_hidden", sa.Boolean, nullable=False),
    sa.Column("others_hidden", sa.Boolean, nullable=False),
    sa.Column("suggestions_shown", sa.Boolean, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    _text("assigned_by"),
    sa.Column("created_at", _Moment, nullable=False),
    sa.UniqueConstraint("document_id", "annotator_id"),
)

assignment_change = sa.Table(
    "assignment_change",
    metadata,
    sa.Column("seq", _Key, primary_key=True, autoincrement=True),
    _text("change_id", unique=True),
    _text("assignment_id", index=True),
    _text("state"),
    _text("reason"),
    _text("text_sha256"),
    _text("changed_by"),
    sa.Column("created_at", _Moment, nullable=False),
    sa.ForeignKeyConstraint(["assignment_id"], ["assignment.assignment_id"]),
)

visit = sa.Table(
    "visit",
    metadata,
    sa.Column("seq", _Key, primary_key=True, autoincrement=True),
    _text("visit_id", unique=True),
    _text("assignment_id", index=True),
    _text("kind"),
    sa.Column("created_at", _Moment, nullable=False),
    sa.ForeignKeyConstraint(["assignment_id"], ["assignment.assignment_id"]),
)

comment_event = sa.Table(
    "comment_event",
    metadata,
    sa.Column("seq", _Key, primary_key=True, autoincrement=True),
    _text("event_id", unique=True),
    _text("kind"),
    _text("comment_id", index=True),
    _text("document_id", index=True),
    _text("annotation_id"),
    _text("to_id"),
    _text("text"),
    _text("made_by"),
    sa.Column("created_at", _Moment, nullable=False),
)

resolution = sa.Table(
    "resolution",
    metadata,
    sa.Column("seq", _Key, primary_key=True, autoincrement=True),
    _text("resolution_id", unique=True),
    _text("document_id", index=True),
    _text("text_sha256"),
    _text("codebook_id"),
    _text("level"),
    _text("outcome"),
    sa.Column("gold_ids", _Json, nullable=False),
    sa.Column("replaces", _Json, nullable=False),
    _text("note"),
    _text("decided_by"),
    sa.Column("created_at", _Moment, nullable=False),
)

resolution_source = sa.Table(  # which annotations a resolution was made from, and what they said then
    "resolution_source",
    metadata,
    sa.Column("seq", _Key, primary_key=True, autoincrement=True),
    _text("resolution_id", index=True),
    _text("annotation_id", index=True),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    _text("label"),
    sa.ForeignKeyConstraint(["resolution_id"], ["resolution.resolution_id"]),
)
