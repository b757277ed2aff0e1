"""How decisions on what several people labelled were settled, and what from: append-only logs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables and the triggers that protect them."""
    op.create_table(
        "resolution",
        _number(),
        _words("resolution_id", unique=True),
        _words("document_id", index=True),
        _words("text_sha256"),
        _words("codebook_id"),
        _words("level"),
        _words("outcome"),
        sa.Column("gold_ids", sa.Text, nullable=False),
        sa.Column("replaces", sa.Text, nullable=False),
        _words("note"),
        _words("decided_by"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "resolution_source",
        _number(),
        _words("resolution_id", index=True),
        _words("annotation_id", index=True),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        _words("label"),
        sa.ForeignKeyConstraint(["resolution_id"], ["resolution.resolution_id"]),
    )
    _protect()


def _number() -> sa.Column[int]:
    return sa.Column("seq", _KEY, primary_key=True, autoincrement=True)


def _words(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, _WORDS, nullable=False, **options)


def _protect() -> None:
    """Let the database itself refuse to change or remove a row; on PostgreSQL by the function that the first step made."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in ("resolution", "resolution_source"):
        for action in ("UPDATE", "DELETE"):
            body = (
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                if postgresql
                else f"BEGIN SELECT RAISE(ABORT, 'table {table} is append-only'); END"
            )
            op.execute(f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} {body}")
