from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories import document
from store_records import add, op

from verifier.errors import StoreError
from verifier.store import open_store, schema


def test_what_was_stored_is_there_when_opened_again(url):
    with open_store(url) as first:
        add(first)
        salt = first.project_salt()
    with open_store(url) as again:
        assert again.documents() == [document()]
        assert again.project_salt() == salt
        assert len(salt) == 32
        assert again.schema_version() == schema.HEAD


def test_a_store_tells_where_it_is(tmp_path, postgres_url):
    with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store:
        assert store.url == f"sqlite:///{tmp_path / 'a.db'}"
    secret = sa.make_url(postgres_url).set(password="hunter2")  # noqa: S106
    with open_store(secret.render_as_string(hide_password=False)) as store:
        assert "hunter2" not in store.url
        assert "***" in store.url


def test_threads_share_one_store(store):
    add(store)
    failures = []

    def work(thread):
        try:
            for number in range(8):
                name = f"{thread}-{number}"
                store.commit_ops([op(store, name, annotation_id=name, annotator_id=str(thread))])
                assert len(store.annotations(annotator_id=str(thread))) == number + 1
                store.corpus_digest()
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.annotations()) == 48


def test_a_database_in_memory_can_be_shared_by_threads():
    with open_store("sqlite://") as store:
        test_threads_share_one_store(store)


def test_processes_share_one_database_and_lose_nothing(url):
    """Three processes make the database at once, then write to the same documents."""
    here = Path(__file__).parent
    workers = [
        subprocess.Popen(
            [sys.executable, str(here / "writer.py"), url, who],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(here.parent), str(here.parent.parent)])},
        )
        for who in ("ada", "bob", "eve")
    ]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    with open_store(url) as store:
        assert len(store.annotations()) == 30
        versions = store.documents(include_superseded=True)
        shared = [d for d in versions if d.document_id == "shared"]
        assert [d.version for d in shared] == list(range(1, 31))
        assert sum(not d.superseded for d in shared) == 1
        assert store.verify_annotations() == []


def test_a_locked_database_says_so(tmp_path):
    path = tmp_path / "a.db"
    with open_store(f"sqlite:///{path}", busy_timeout_s=0.05) as store:
        blocker = sqlite3.connect(path, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            StoreError, match=r"it is locked: another program is writing. Wait a moment"
        ) as told:
            add(store)
        assert str(path) in str(told.value)
        assert store.documents() == [], "reading goes on"
        blocker.execute("ROLLBACK")
        blocker.close()
        assert add(store) == "added"


def test_a_locked_postgresql_says_so(postgres_url):
    """Under the lock that every writer takes."""
    with open_store(postgres_url, busy_timeout_s=0.05) as store, open_store(postgres_url) as other:
        with other._write(), pytest.raises(StoreError, match="it is locked: another program is writing"):
            store.add_refusals([])
        store.add_refusals([])


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("Dear diary, today it rained. " * 40)
    with pytest.raises(StoreError, match="no SQLite database"):
        open_store(f"sqlite:///{path}")
    assert path.read_text().startswith("Dear diary")


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match=r"folder .* of the database cannot be made"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'a.db'}")
    with pytest.raises(StoreError, match="cannot be opened or written"):
        open_store(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    "bad",
    [
        "postgresql://ada:hunter2@127.0.0.1:1/news",
        "postgresql://ada@127.0.0.1:1/news?password=hunter2",
        "postgresql+psycopg://ada:hunter2@127.0.0.1:1/news",
    ],
)
def test_an_unreachable_server_is_named_without_its_password(bad):
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match="the server cannot be reached") as told:
        open_store(bad)
    assert "127.0.0.1:1/news" in str(told.value)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(
    "bad", ["verifier.db", "mysql://u:hunter2@h/d", "postgresql://u:hunter2@h:port/d", ""]
)
def test_a_url_of_another_kind_is_refused(bad):
    with pytest.raises(StoreError) as told:
        open_store(bad)
    assert "hunter2" not in str(told.value)


def test_a_changed_text_in_the_database_is_noticed(store):
    add(store)
    with store._write() as connection:
        connection.exec_driver_sql("UPDATE document SET text = 'The dam fell.'")
    with pytest.raises(StoreError, match="was changed in the database"):
        store.documents()


def test_texts_sort_alike_on_both_databases(store):
    names = ["b", "A", "ä", "Я", "a", "ї", "😀", "\ufffd", "Ё"]
    for name in names:
        add(store, document_id=name)
    assert [d.document_id for d in store.documents()] == sorted(names)
    assert [d.document_id for _, d in store.current_sentences()][::2] == sorted(names)
