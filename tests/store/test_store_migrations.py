"""How a database gets its tables: the steps, and what happens when one of them cannot be done."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa
from store_records import add

from verifier.errors import StoreError
from verifier.store import database, open_store, schema

LATER_STEP = '''"""A table more."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade():
    op.add_column("refusal", sa.Column("seen_by", sa.Text, nullable=False, server_default=""))
    op.execute("{more}")
'''


@pytest.fixture
def later(monkeypatch, tmp_path):
    """A version of the verifier that knows one step more; ``more`` is SQL that the step runs at its end."""

    def make(more="SELECT 1"):
        folder = tmp_path / "migrations of 100 %"
        shutil.copytree(database._MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "0005_a_column_more.py").write_text(LATER_STEP.format(more=more))
        monkeypatch.setattr(database, "_MIGRATIONS", folder)
        monkeypatch.setattr(schema, "HEAD", "0005")

    return make


def columns(store, table):
    with store._read() as connection:
        return {column["name"] for column in sa.inspect(connection).get_columns(table)}


def differences(connection):
    """What Alembic would change to make the tables in the database those that the store works with."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def other_type(_context, _found, _wanted, found, wanted):
        return found.compile(connection.dialect) != wanted.compile(connection.dialect)

    context = MigrationContext.configure(connection, opts={"compare_type": other_type})
    return compare_metadata(context, schema.metadata)


def test_the_steps_make_exactly_the_tables_that_the_store_works_with(url):
    with open_store(url) as store, store._read() as connection:
        assert differences(connection) == []


def test_the_comparison_would_notice_a_difference(url):
    with open_store(url) as store, store._write() as connection:
        connection.exec_driver_sql("ALTER TABLE refusal ADD COLUMN seen_by TEXT")
        ((kind, _, table, column),) = differences(connection)
        assert (kind, table, column.name) == ("remove_column", "refusal", "seen_by")


def test_the_steps_write_the_same_sql_as_the_tables():
    """What the comparison does not look at: checks, keys, and SQLite's way of numbering rows."""

    def written(engine):
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type != 'trigger'")
            # In parts, as a column that was added later stands at the end.
            return {
                name: sorted(part.strip(" ()") for part in " ".join((sql or "").split()).split(","))
                for name, sql in rows
                if name != "alembic_version"
            }

    direct = sa.create_engine("sqlite://")
    schema.metadata.create_all(direct)
    with open_store("sqlite://") as store:
        stepwise = written(store._engine)
    assert {name: stepwise.get(name) for name in written(direct)} == written(direct)
    assert stepwise.keys() - written(direct).keys() <= {"sqlite_autoindex_alembic_version_1"}
    direct.dispose()


def test_the_head_is_the_last_step():
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(database._MIGRATIONS)).get_heads() == [schema.HEAD]


@pytest.mark.parametrize(
    "table",
    [
        "annotation_op",
        "judgement",
        "role_change",
        "assignment",
        "assignment_change",
        "visit",
        "comment_event",
        "resolution",
        "resolution_source",
    ],
)
@pytest.mark.parametrize("action", ["UPDATE", "DELETE"])
def test_the_logs_are_protected(url, table, action):
    with open_store(url) as store, store._read() as connection:
        query = (
            "SELECT event_object_table, event_manipulation FROM information_schema.triggers WHERE trigger_schema = current_schema()"
            if connection.dialect.name == "postgresql"
            else "SELECT tbl_name, CASE WHEN sql LIKE '%BEFORE UPDATE ON%' THEN 'UPDATE' ELSE 'DELETE' END FROM sqlite_master "
            "WHERE type = 'trigger'"
        )
        assert (table, action) in {tuple(row) for row in connection.exec_driver_sql(query)}


def test_a_newer_schema_is_left_alone(url):
    with open_store(url) as store, store._write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(
        StoreError, match=f"schema version 0099, but this verifier knows versions up to {schema.HEAD}"
    ):
        open_store(url)


def test_an_older_database_is_brought_up_to_date_and_keeps_what_it_holds(url, later):
    with open_store(url) as store:
        add(store)
        salt = store.project_salt()
    later()
    for _ in range(2):
        with open_store(url) as store:
            assert store.schema_version() == "0005"
            assert "seen_by" in columns(store, "refusal")
            assert (len(store.documents()), store.project_salt()) == (1, salt)


def test_a_failed_step_leaves_the_database_as_it_was(url, later, monkeypatch):
    open_store(url).close()
    with monkeypatch.context() as patch:
        later("nonsense")
        with pytest.raises(StoreError, match="nonsense"):
            open_store(url)
        patch.undo()
    monkeypatch.undo()
    with open_store(url) as store:
        assert "seen_by" not in columns(store, "refusal")
        assert store.schema_version() == schema.HEAD


def test_tables_of_another_program_are_not_touched(url):
    with open_store(url) as store, store._write() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    with pytest.raises(StoreError, match=r"no record of its schema: .* Move it away, or set another"):
        open_store(url)


def test_threads_may_open_new_databases_at_once(tmp_path):
    failures = []

    def work(number):
        try:
            open_store(f"sqlite:///{tmp_path / f'{number % 3}.db'}").close()
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_database_that_is_up_to_date_opens_without_alembic(tmp_path):
    url = f"sqlite:///{tmp_path / 'a.db'}"
    open_store(url).close()
    code = (
        f"import sys, verifier.pipeline\nfrom verifier.store import open_store\nopen_store({url!r}).close()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code + "print('alembic' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "False"
