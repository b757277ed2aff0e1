"""What Alembic runs to apply steps: on the connection that the store has opened, within the store's own transaction."""

from __future__ import annotations

from alembic import context

from verifier.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Alembic takes SQLite for unable to undo a CREATE TABLE. It can, because the store says BEGIN itself.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
