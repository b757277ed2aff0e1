"""What suggested a label, whether the outlet was hidden, and how long the decision took."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns to the log and to the state that is derived from it; what is there already knows nothing of them."""
    for table in ("annotation_op", "annotation"):
        op.add_column(table, sa.Column("suggestion_model", _WORDS, nullable=False, server_default=""))
        op.add_column(table, sa.Column("blind", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.add_column(table, sa.Column("duration_ms", sa.BigInteger()))
