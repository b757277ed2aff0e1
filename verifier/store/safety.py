"""Copies of the database that can be trusted: made while it is in use, checked before they are taken back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from verifier.errors import StoreError
from verifier.store.database import Database, describe

_PAGES_AT_ONCE = 1024
"""Database pages copied before other writers get their turn; 4 MiB."""


class Backups(Database):
    """Backup of an SQLite database; a PostgreSQL has its own tools."""

    def backup(self, target: Path) -> Path:
        """Copy the whole database, as of one moment, into a new file, whole or not at all; writers go on meanwhile.

        Raises:
            StoreError: the file is there already or cannot be written, or the database is a PostgreSQL.
        """
        source = self._engine.url.database
        if self._engine.dialect.name != "sqlite" or not source or source == ":memory:":
            msg = (
                f"Only an SQLite file is copied by this command; the database is {describe(self._engine.url)}. For PostgreSQL use "
                "pg_dump --format=custom, and pg_restore to bring it back."
            )
            raise StoreError(msg)
        if target.exists():
            msg = f"{target} is there already. Name a new file; nothing is overwritten."
            raise StoreError(msg)
        part = target.with_name(f".{target.name}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(part)) as there:
                here.backup(there, pages=_PAGES_AT_ONCE)
                there.execute("PRAGMA journal_mode = DELETE")  # one file, with no other beside it
            os.link(part, target)  # fails, instead of overwriting, where the name was taken meanwhile
        except (OSError, sqlite3.Error) as error:
            msg = f"{target} cannot be written: {error}. Name a file in a folder that exists and is yours."
            raise StoreError(msg) from error
        finally:
            part.unlink(missing_ok=True)
        return target


def restore(url: str, backup: Path) -> Path | None:
    """Put a backup in the place of an SQLite database that nobody has open.

    Args:
        url: where the database is to be, an SQLAlchemy URL.
        backup: a file that :meth:`Backups.backup` made.

    Returns:
        Where the database that was there is kept now, beside the new one; None where there was none.

    Raises:
        StoreError: the backup is damaged or no database of this tool, or the database is a PostgreSQL.
    """
    place = sa.make_url(url)
    if place.get_backend_name() != "sqlite" or not place.database or place.database == ":memory:":
        msg = f"Only an SQLite file can be restored here; the database is {describe(place)}. For PostgreSQL use pg_restore."
        raise StoreError(msg)
    _check(backup)
    target = Path(place.database)
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(backup)) as here, closing(sqlite3.connect(part)) as there:
            here.backup(there)
        kept = _put_aside(target) if target.exists() else None
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        msg = f"{target} cannot be replaced: {error}. Close the app and every other program that uses it, and try again."
        raise StoreError(msg) from error
    return kept


def _check(backup: Path) -> None:
    if not backup.is_file():
        msg = f"There is no backup {backup}. Name the file that `verifier backup` wrote."
        raise StoreError(msg)
    try:
        with closing(sqlite3.connect(f"file:{backup}?mode=ro", uri=True)) as connection:
            state = connection.execute("PRAGMA integrity_check").fetchone()[0]
            known = connection.execute("SELECT count(*) FROM alembic_version").fetchone()[0]
    except sqlite3.Error as error:
        msg = f"{backup} is no database of this tool, or is damaged ({error}). Take another backup."
        raise StoreError(msg) from error
    if state != "ok" or not known:
        msg = f"{backup} is damaged ({state}). Take another backup."
        raise StoreError(msg)


def _put_aside(target: Path) -> Path:
    """Rename a database, with what SQLite keeps beside it, to a name that is free."""
    number = 1
    while (kept := target.with_name(f"{target.stem}-before-restore-{number}{target.suffix}")).exists():
        number += 1
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # so that the file holds all of it
    target.rename(kept)
    for beside in ("-wal", "-shm"):
        target.with_name(target.name + beside).unlink(missing_ok=True)
    return kept
