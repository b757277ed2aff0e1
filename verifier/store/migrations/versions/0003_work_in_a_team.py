"""Who takes part in which role, who is to label what, when they were at it, and what they tell each other: logs, all of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_APPEND_ONLY = ("role_change", "assignment", "assignment_change", "visit", "comment_event")


def upgrade() -> None:
    """Make the tables and the triggers that protect them."""
    op.create_table(
        "role_change",
        _number(),
        _words("change_id", unique=True),
        _words("annotator_id"),
        _words("role", nullable=True),
        _words("changed_by"),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "assignment",
        _number(),
        _words("assignment_id", unique=True),
        _words("document_id", index=True),
        _words("annotator_id", index=True),
        sa.Column("codebook_ids", sa.Text, nullable=False),
        sa.Column("outlet_hidden", sa.Boolean, nullable=False),
        sa.Column("others_hidden", sa.Boolean, nullable=False),
        sa.Column("suggestions_shown", sa.Boolean, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        _words("assigned_by"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("document_id", "annotator_id"),
    )
    op.create_table(
        "assignment_change",
        _number(),
        _words("change_id", unique=True),
        _words("assignment_id", index=True),
        _words("state"),
        _words("reason"),
        _words("text_sha256"),
        _words("changed_by"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.assignment_id"]),
    )
    op.create_table(
        "visit",
        _number(),
        _words("visit_id", unique=True),
        _words("assignment_id", index=True),
        _words("kind"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.assignment_id"]),
    )
    op.create_table(
        "comment_event",
        _number(),
        _words("event_id", unique=True),
        _words("kind"),
        _words("comment_id", index=True),
        _words("document_id", index=True),
        _words("annotation_id"),
        _words("to_id"),
        _words("text"),
        _words("made_by"),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    _protect()


def _number() -> sa.Column[int]:
    return sa.Column("seq", _KEY, primary_key=True, autoincrement=True)


def _words(name: str, *, nullable: bool = False, **options: Any) -> sa.Column[str]:
    return sa.Column(name, _WORDS, nullable=nullable, **options)


def _protect() -> None:
    """Let the database itself refuse to change or remove a row; on PostgreSQL by the function that the first step made."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in _APPEND_ONLY:
        for action in ("UPDATE", "DELETE"):
            body = (
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                if postgresql
                else f"BEGIN SELECT RAISE(ABORT, 'table {table} is append-only'); END"
            )
            op.execute(f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} {body}")
