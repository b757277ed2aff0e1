"""Backups that are whole, and restoring one without losing what was there."""

from __future__ import annotations

import sqlite3

import pytest
from store_records import add

from verifier.errors import StoreError
from verifier.store import open_store, restore


@pytest.fixture
def place(tmp_path):
    return tmp_path / "here" / "verifier.db"


@pytest.fixture
def url(place):
    return f"sqlite:///{place}"


def texts(url):
    with open_store(url) as store:
        return sorted(document.text for document in store.documents(include_superseded=True))


def test_a_backup_holds_what_was_there_and_comes_back(url, place, tmp_path):
    with open_store(url) as store:
        add(store, "The ferry left.")
        copy = store.backup(tmp_path / "copies" / "monday.db")
        add(store, "The ferry came back.")
        assert sorted(path.name for path in copy.parent.iterdir()) == ["monday.db"]
    kept = restore(url, copy)
    assert texts(url) == ["The ferry left."]
    assert kept.parent == place.parent
    assert texts(f"sqlite:///{kept}") == ["The ferry came back.", "The ferry left."]
    assert texts(f"sqlite:///{copy}") == ["The ferry left."]


def test_a_backup_is_restored_where_there_was_nothing(url, tmp_path):
    with open_store(url) as store:
        add(store, "The ferry left.")
        copy = store.backup(tmp_path / "monday.db")
    elsewhere = f"sqlite:///{tmp_path / 'elsewhere' / 'verifier.db'}"
    assert restore(elsewhere, copy) is None
    assert texts(elsewhere) == texts(url)


def test_two_restores_keep_both_former_databases(url, tmp_path):
    with open_store(url) as store:
        copy = store.backup(tmp_path / "monday.db")
    assert restore(url, copy) != restore(url, copy)


def test_nothing_is_overwritten_by_a_backup(url, tmp_path):
    taken = tmp_path / "taken.db"
    taken.write_text("precious")
    with open_store(url) as store, pytest.raises(StoreError, match="nothing is overwritten"):
        store.backup(taken)
    assert taken.read_text() == "precious"


@pytest.mark.parametrize("spoil", ["cut", "other", "text", "missing"])
def test_what_is_no_sound_backup_is_refused_and_the_database_stays(url, place, tmp_path, spoil):
    with open_store(url) as store:
        for number in range(40):
            add(store, f"The ferry left {number} times. " * 40)
        copy = store.backup(tmp_path / "monday.db")
    before = place.read_bytes()
    if spoil == "cut":
        raw = copy.read_bytes()
        copy.write_bytes(raw[: len(raw) // 2])
    elif spoil == "other":
        copy.unlink()
        sqlite3.connect(copy).execute("CREATE TABLE notes (text TEXT)")
    elif spoil == "text":
        copy.write_text("not a database at all, although it is long enough to be taken for one" * 100)
    else:
        copy.unlink()
    with pytest.raises(StoreError, match=r"damaged|no database|no backup"):
        restore(url, copy)
    assert place.read_bytes() == before


def test_a_database_that_is_no_file_is_not_copied(tmp_path):
    with open_store("sqlite://") as store, pytest.raises(StoreError, match="pg_dump"):
        store.backup(tmp_path / "x.db")
    with pytest.raises(StoreError, match="pg_restore"):
        restore("postgresql://localhost/x", tmp_path / "x.db")
