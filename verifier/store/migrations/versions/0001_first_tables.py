"""The first tables: corpus, verifications, and the two logs that are only appended to."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_APPEND_ONLY = ("annotation_op", "judgement")


def upgrade() -> None:
    """Make every table, the triggers that protect the logs, and the facts about this database."""
    _corpus()
    _verifications()
    _annotations()
    meta = op.create_table("meta", _words("key", primary_key=True), _words("value"))
    op.bulk_insert(
        meta,
        [{"key": "project_salt", "value": secrets.token_hex(16)}, {"key": "corpus_changes", "value": "0"}],
    )
    _protect()


def _words(name: str, *, nullable: bool = False, **options: Any) -> sa.Column[str]:
    return sa.Column(name, _WORDS, nullable=nullable, **options)


def _corpus() -> None:
    op.create_table(
        "document",
        sa.Column("row_id", _KEY, primary_key=True, autoincrement=True),
        _words("document_id"),
        sa.Column("version", sa.Integer, nullable=False),
        _words("sha256", index=True),
        _words("text"),
        _words("title"),
        _words("language"),
        _words("outlet"),
        _words("outlet_id"),
        _words("country"),
        _words("url"),
        sa.Column("published_at", sa.Date),
        sa.Column("relay", sa.Text, nullable=False),
        sa.Column("inferred", sa.Text, nullable=False),
        _words("licence"),
        _words("source"),
        _words("raw_sha256"),
        sa.Column("raw_start", sa.Integer, nullable=False),
        sa.Column("raw_end", sa.Integer, nullable=False),
        sa.Column("retrieved_at", _MOMENT, nullable=False),
        _words("aggregator"),
        sa.Column("strips", sa.Text, nullable=False),
        sa.Column("superseded", sa.Boolean, nullable=False),
        sa.Column("deleted_at", _MOMENT),
        sa.UniqueConstraint("document_id", "version"),
    )
    op.create_table(
        "sentence",
        _words("sentence_id", primary_key=True),
        sa.Column("document_row", _KEY, sa.ForeignKey("document.row_id"), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        _words("text"),
        _words("text_sha256"),
        _words("language"),
        sa.UniqueConstraint("document_row", "ordinal"),
        sa.CheckConstraint('0 <= start AND start < "end"', name="sentence_span"),
    )
    op.create_table(
        "refusal",
        sa.Column("seq", _KEY, primary_key=True, autoincrement=True),
        _words("source"),
        _words("reason"),
        _words("message"),
        sa.Column("refused_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("source", "reason"),
    )


def _verifications() -> None:
    op.create_table(
        "snapshot", _words("digest", primary_key=True), sa.Column("body", sa.Text, nullable=False)
    )
    op.create_table(
        "verification",
        sa.Column("seq", _KEY, primary_key=True, autoincrement=True),
        _words("verification_id", unique=True),
        sa.Column("created_at", _MOMENT, nullable=False, index=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "evidence",
        _words("verification_id", primary_key=True),
        _words("sentence_id", primary_key=True),
        sa.ForeignKeyConstraint(["verification_id"], ["verification.verification_id"]),
    )
    op.create_table(
        "judgement",
        sa.Column("seq", _KEY, primary_key=True, autoincrement=True),
        _words("judgement_id", unique=True),
        _words("verification_id"),
        _words("sentence_id"),
        _words("stance", nullable=True),
        _words("annotator_id"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["verification_id", "sentence_id"], ["evidence.verification_id", "evidence.sentence_id"]
        ),
    )


def _annotations() -> None:
    op.create_table(
        "annotation_op",
        sa.Column("seq", _KEY, primary_key=True, autoincrement=True),
        _words("op_id", unique=True),
        _words("kind"),
        _words("annotation_id", index=True),
        *_label(),
        sa.Column("stored_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "annotation",
        _words("annotation_id", primary_key=True),
        *_label(),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
    )


def _label() -> list[sa.Column[Any]]:
    return [
        _words("document_id", index=True),
        _words("level"),
        sa.Column("start", sa.Integer),
        sa.Column("end", sa.Integer),
        _words("quote"),
        _words("prefix"),
        _words("suffix"),
        _words("text_sha256"),
        _words("codebook_id"),
        _words("codebook_version"),
        _words("label"),
        sa.Column("intensity", sa.Integer),
        _words("target"),
        sa.Column("confidence", sa.Integer),
        _words("note"),
        _words("label_method"),
        _words("layer"),
        _words("annotator_id", index=True),
        sa.Column("created_at", _MOMENT, nullable=False),
    ]


def _protect() -> None:
    """Let the database itself refuse to change or remove a row of the logs."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION USING MESSAGE = 'table ' || TG_TABLE_NAME || ' is append-only'; END $$"
        )
    for table in _APPEND_ONLY:
        for action in ("UPDATE", "DELETE"):
            body = (
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                if postgresql
                else f"BEGIN SELECT RAISE(ABORT, 'table {table} is append-only'); END"
            )
            op.execute(f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} {body}")
