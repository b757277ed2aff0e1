"""The index folder: written whole or not at all, and opened only for what it was built for."""

import dataclasses
import json
from datetime import UTC, datetime

import numpy as np
import pytest

from verifier.config import IndexSettings
from verifier.errors import IndexMismatchError, IndexNotFoundError
from verifier.index import IndexManifest, create_index, list_indexes, load_index, read_manifest, save_index

MANIFEST = IndexManifest(
    name="default",
    encoder_fingerprint="0123456789abcdef",
    encoder_name="hashing",
    encoder_precision="fp32",
    corpus_digest="corpus-1",
    context="none",
    created_at=datetime(2031, 5, 4, 12, 0, tzinfo=UTC),
)
FITTING = {"encoder_fingerprint": "0123456789abcdef", "corpus_digest": "corpus-1", "context": "none"}


def an_index(*ids):
    index = create_index(IndexSettings(), dimension=4, expected=len(ids))
    index.add(ids, np.eye(4, dtype=np.float32)[: len(ids)])
    return index


def a_part(content):
    def write(folder):
        (folder / "part.txt").write_text(content)

    return write


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "indexes" / "default"
    save_index(an_index("a", "b"), path, MANIFEST, parts={"lexical": a_part("words")})
    return path


def test_the_manifest_says_what_is_in_the_folder(folder):
    record = json.loads((folder / "manifest.json").read_text())
    assert record["encoder_fingerprint"] == "0123456789abcdef"
    assert record["created_at"] == "2031-05-04T12:00:00+00:00"
    assert (record["backend"], record["kind"], record["dimension"], record["count"]) == (
        "faiss",
        "flat",
        4,
        2,
    )
    assert record["library_version"].startswith("faiss ")
    assert set(record["files"]) == {"vectors.faiss", "ids.json", "lexical/part.txt"}
    assert read_manifest(folder).files == record["files"]


def test_a_fitting_index_opens(folder):
    index, manifest = load_index(folder, **FITTING)
    assert index.search(np.eye(4, dtype=np.float32)[:1], 1) == [[("a", 1.0)]]
    assert manifest == read_manifest(folder)
    load_index(folder, **{**FITTING, "corpus_digest": None})


def test_every_differing_field_is_named_with_what_to_do(folder):
    with pytest.raises(IndexMismatchError) as caught:
        load_index(folder, encoder_fingerprint="other", corpus_digest="corpus-2", context="title")
    assert caught.value.differences == {
        "encoder_fingerprint": ("other", "0123456789abcdef"),
        "corpus_digest": ("corpus-2", "corpus-1"),
        "context": ("title", "none"),
    }
    assert caught.value.path == folder
    for word in ("encoder_fingerprint", "corpus-2", "context", "verifier index --rebuild"):
        assert word in str(caught.value)


@pytest.mark.parametrize("name", ["vectors.faiss", "ids.json", "lexical/part.txt"])
@pytest.mark.parametrize("damage", ["truncate", "flip", "delete"])
def test_a_damaged_file_is_named(folder, name, damage):
    content = (folder / name).read_bytes()
    if damage == "delete":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(
            content[:-1] + (b"" if damage == "truncate" else bytes([content[-1] ^ 1]))
        )
    with pytest.raises(IndexMismatchError, match="verifier index --rebuild") as caught:
        load_index(folder, **FITTING)
    assert set(caught.value.differences) == {f"file {name}"}


def test_a_file_too_many_is_named(folder):
    (folder / "stray.bin").write_bytes(b"?")
    with pytest.raises(IndexMismatchError, match=r"stray\.bin"):
        load_index(folder, **FITTING)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"format_version": 1}', '{"format_version": 1, "created_at": "x"}']
)
def test_a_damaged_manifest_is_a_mismatch(folder, content):
    (folder / "manifest.json").write_text(content)
    with pytest.raises(IndexMismatchError, match="verifier index --rebuild"):
        load_index(folder, **FITTING)


def test_a_newer_format_is_a_mismatch(folder):
    record = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**record, "format_version": 99}))
    with pytest.raises(IndexMismatchError) as caught:
        load_index(folder, **FITTING)
    assert caught.value.differences == {"format_version": ("1", "99")}


def test_an_unknown_backend_in_a_manifest_is_a_mismatch(folder):
    record = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**record, "backend": "annoy"}))
    with pytest.raises(IndexMismatchError, match="annoy"):
        load_index(folder, **FITTING)


def test_a_missing_index_lists_those_there_are(folder):
    with pytest.raises(IndexNotFoundError, match="There are: default") as caught:
        load_index(folder.parent / "other", **FITTING)
    assert caught.value.name == "other"
    assert caught.value.available == ("default",)
    with pytest.raises(IndexNotFoundError, match="none yet"):
        load_index(folder.parent.parent / "nowhere" / "x", **FITTING)


def test_indexes_are_listed_by_name(folder):
    save_index(an_index("a"), folder.parent / "another", dataclasses.replace(MANIFEST, name="another"))
    (folder.parent / "empty").mkdir()
    assert list_indexes(folder.parent) == ("another", "default")
    assert list_indexes(folder.parent / "missing") == ()


def test_saving_replaces_the_whole_folder(folder):
    save_index(an_index("c"), folder, dataclasses.replace(MANIFEST, corpus_digest="corpus-2"))
    index, _ = load_index(folder, **{**FITTING, "corpus_digest": "corpus-2"})
    assert index.ids == ("c",)
    assert not (folder / "lexical").exists()
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == ["default"]


def test_a_failed_save_leaves_the_old_index(folder):
    def fail(_):
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        save_index(an_index("c"), folder, MANIFEST, parts={"lexical": fail})
    index, _ = load_index(folder, **FITTING)
    assert sorted(index.ids) == ["a", "b"]
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == ["default"]


def test_a_save_that_was_killed_between_its_two_renames_is_taken_back(folder):
    folder.rename(folder.parent / ".default.previous")
    index, _ = load_index(folder, **FITTING)
    assert sorted(index.ids) == ["a", "b"]
    assert not (folder.parent / ".default.previous").exists()


def test_left_overs_of_a_killed_save_are_cleared(folder):
    (folder.parent / ".default.new").mkdir()
    (folder.parent / ".default.new" / "half").write_text("")
    save_index(an_index("c"), folder, MANIFEST)
    assert set(read_manifest(folder).files) == {"vectors.faiss", "ids.json"}
