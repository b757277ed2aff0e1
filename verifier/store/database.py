"""How a database is opened, brought up to date and worked on, and how its errors are told.

:class:`Database` gives the rest of the package two kinds of transaction, ``_read`` and ``_write``: many readers at a time, one writer.
Every error of SQLAlchemy and the drivers becomes a StoreError here, with the password of the URL masked.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.pool import StaticPool

from verifier.errors import DatabaseError, MissingDependencyError, StoreError
from verifier.store import schema
from verifier.store.schema import meta

BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for another. Our longest transaction, one long document, takes well under a second."""

_WRITER_LOCK = 0x76_65_72_69
"""The advisory lock of PostgreSQL under which one writer at a time works; any number that nobody else uses would do."""

Value = TypeVar("Value")

_BATCH = 500
"""Values in one ``IN (…)``; far below the limits of both databases (32,766 and 65,535 parameters)."""


# ---- the schema

_MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADING = threading.Lock()
"""Alembic keeps what it works on in variables of its modules: one thread of a process at a time."""


def _bring_up_to_date(engine: Engine) -> None:
    if _revision(engine) == schema.HEAD:
        return
    with _UPGRADING, transaction(engine, write=True) as connection:
        # Asked again under the writer's lock: another process may have done it meanwhile.
        present = _read_revision(connection)
        if present != schema.HEAD:
            _upgrade(connection, present, describe(engine.url))


def _upgrade(connection: Connection, present: str | None, database: str) -> None:
    """Run the steps that a database lacks, in the transaction of the connection."""
    # Only here, because it takes a fifth of a second and a database that is up to date needs none of it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    if present is None and sa.inspect(connection).has_table("document"):
        msg = (
            f"The database {database} has a table 'document', but no record of its schema: another program or a version before the first "
            "release made it. Move it away, or set another with VERIFIER_DATABASE_URL."
        )
        raise StoreError(msg)
    if present is not None and present not in known:
        msg = (
            f"The database {database} has schema version {present}, but this verifier knows versions up to {schema.HEAD}. "
            "A newer verifier wrote it: upgrade this one, or set another database with VERIFIER_DATABASE_URL."
        )
        raise StoreError(msg)
    command.upgrade(config, schema.HEAD)


def _revision(engine: Engine) -> str | None:
    with transaction(engine, write=False) as connection:
        return _read_revision(connection)


def _read_revision(connection: Connection) -> str | None:
    """Return the number of the newest step a database has had; None of a new one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(sa.text("SELECT max(version_num) FROM alembic_version"))
    return None if found is None else str(found)


# ---- opening


def open_engine(url: str, *, busy_timeout_s: float) -> Engine:
    """Connect to a database and bring its schema up to date; errors as in ``open_store``."""
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(parsed, busy_timeout_s)
    else:
        engine = _postgresql_engine(parsed, busy_timeout_s)
    try:
        if parsed.get_backend_name() == "sqlite":
            _enter_wal_mode(engine, busy_timeout_s)
        _bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _parse(url: str) -> URL:
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        # The text itself is not repeated: it may hold a password in a place where nothing would mask it.
        msg = "The database URL cannot be read; expected sqlite:////path/to/file.db or postgresql://user:password@host/name."
        raise StoreError(msg) from error
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        msg = f"Databases are SQLite and PostgreSQL; found {parsed.drivername!r} in {describe(parsed)}."
        raise StoreError(msg)
    return parsed


def _sqlite_engine(url: URL, busy_timeout_s: float) -> Engine:
    path = url.database
    in_memory = not path or path == ":memory:"
    if path and not in_memory:
        folder = Path(path).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"The folder {folder} of the database cannot be made: {error.strerror}. Set another with VERIFIER_DATABASE_URL."
            raise StoreError(msg) from error
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": busy_timeout_s, "check_same_thread": False},
        **({"poolclass": StaticPool} if in_memory else {}),
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours to say, below: the driver never says IMMEDIATE
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")  # a label that was acknowledged survives a power cut

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A transaction that reads first and writes later would fail at once, without waiting, if another wrote meanwhile.
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _enter_wal_mode(engine: Engine, busy_timeout_s: float) -> None:
    """Let readers and the writer work side by side; the mode stays with the file."""
    deadline = time.monotonic() + busy_timeout_s
    while True:
        try:
            with _told(engine):
                raw = engine.raw_connection()
                try:
                    cursor = raw.cursor()
                    if cursor.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
                        cursor.execute("PRAGMA journal_mode = WAL")
                finally:
                    raw.close()
        except StoreError as error:
            # Two processes that open a new file at once: here SQLite does not wait by itself.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _postgresql_engine(url: URL, busy_timeout_s: float) -> Engine:
    try:
        engine = sa.create_engine(
            url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 10}
        )
    except ImportError as error:
        msg = f"The database {describe(url)} needs the package psycopg: pip install 'psycopg[binary]'."
        raise MissingDependencyError(msg, package="psycopg[binary]") from error

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        if connection.get_execution_options().get("write", False):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(busy_timeout_s * 1000)}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")

    return engine


def describe(url: URL) -> str:
    """Write a database's URL for a message, without its password."""
    hidden = url.update_query_dict({key: "***" for key in url.query if "pass" in key.lower()})
    return hidden.render_as_string(hide_password=True)


# ---- transactions and errors


@contextmanager
def transaction(engine: Engine, *, write: bool) -> Iterator[Connection]:
    """Run a block in one transaction: all of it is kept, or nothing. Errors of the database become StoreErrors."""
    with (
        _told(engine),
        engine.connect().execution_options(write=write) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    try:
        yield
    except sa.exc.StatementError as error:
        if isinstance(error.orig, StoreError):  # raised by one of our own column types
            raise error.orig from None
        raise _explain(engine.url, error) from error
    except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
        raise _explain(engine.url, error) from error


def _explain(url: URL, error: Exception) -> DatabaseError:
    where = describe(url)
    raw = str(getattr(error, "orig", None) or error).strip()
    secrets_in_url = [str(url.password or ""), *(str(url.query[k]) for k in url.query if "pass" in k.lower())]
    for secret in filter(None, secrets_in_url):
        raw = raw.replace(secret, "***")
    detail = " ".join(raw.split())
    lowered = detail.lower()
    if "locked" in lowered or "lock timeout" in lowered or "busy" in lowered:
        advice = "it is locked: another program is writing. Wait a moment and try again, or close the other program"
    elif "not a database" in lowered:
        advice = "the file is no SQLite database. Move it away, or set another with VERIFIER_DATABASE_URL"
    elif "unable to open" in lowered or "readonly" in lowered:
        advice = "the file cannot be opened or written. Check its path and permissions, or set VERIFIER_DATABASE_URL"
    elif "full" in lowered and "disk" in lowered:
        advice = "the disk is full. Make room and try again"
    elif any(word in lowered for word in ("connection", "authentication", "resolve host", "no such file")):
        advice = "the server cannot be reached or refuses to let us in. Check host, port, name and password in VERIFIER_DATABASE_URL"
    else:
        advice = "the database refused"
    return DatabaseError(f"Database {where}: {advice} ({detail}).")


class Database:
    """An open database: transactions, and the few facts kept about the database itself."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Threads of one process queue here, in order: SQLite's own waiting is unfair (with 30 writers the slowest of 100
        # waited 3.8 s at the file and 0.5 s at a lock).
        self._writer = threading.RLock()
        self._one_connection = isinstance(engine.pool, StaticPool)

    @property
    def url(self) -> str:
        """Where the database is, without its password."""
        return describe(self._engine.url)

    def close(self) -> None:
        """Close every connection; the store cannot be used afterwards."""
        self._engine.dispose()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._writer, transaction(self._engine, write=True) as connection:
            yield connection

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        if (
            self._one_connection
        ):  # a database in memory has but one connection, which threads must take in turns
            with self._writer, transaction(self._engine, write=False) as connection:
                yield connection
        else:
            with transaction(self._engine, write=False) as connection:
                yield connection

    def project_salt(self) -> str:
        """Return 32 hexadecimal digits made with the database, which key the pseudonyms of its annotators."""
        with self._read() as connection:
            return str(connection.scalar(sa.select(meta.c.value).where(meta.c.key == "project_salt")))

    def schema_version(self) -> str:
        """Return the number of the newest schema step that this database has had."""
        with self._read() as connection:
            return str(_read_revision(connection))


def batches(values: Iterable[Value]) -> Iterator[Sequence[Value]]:
    """Cut values into pieces small enough for one ``IN (…)``."""
    listed = list(values)
    for start in range(0, len(listed), _BATCH):
        yield listed[start : start + _BATCH]
