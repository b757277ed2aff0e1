"""What every vector backend must do. A new entry of `BACKENDS` is tested without writing a test."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.config import IndexSettings
from verifier.errors import ConfigError, DomainError
from verifier.index import BACKENDS, IndexManifest, create_index, load_index, save_index
from verifier.index.backends import NumpyIndex

DIMENSION = 8
backends = pytest.mark.parametrize("backend", sorted(BACKENDS))


def unit_rows(count, seed=0, dimension=DIMENSION):
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def names(count):
    return [f"doc{n}.1.{n % 7}" for n in range(count)]


def made(backend, count, seed=0, exact_up_to=100_000):
    settings = IndexSettings(backend=backend, exact_up_to=exact_up_to)
    index = create_index(settings, dimension=DIMENSION, expected=count)
    index.add(names(count), unit_rows(count, seed))
    return index


def assert_same_hits(found, expected, tolerance=1e-5):
    """Compare results whose near-ties may come in another order."""
    assert [len(row) for row in found] == [len(row) for row in expected]
    for row, reference in zip(found, expected, strict=True):
        assert np.allclose([c for _, c in row], [c for _, c in reference], atol=tolerance)
        clear = {n for n, c in reference if not reference or c > reference[-1][1] + tolerance}
        assert clear <= {name for name, _ in row}


@backends
@settings(deadline=None, max_examples=40)
@given(
    count=st.integers(0, 60),
    k=st.integers(0, 70),
    seed=st.integers(0, 1000),
    allow=st.none() | st.sets(st.integers(0, 80)),
    exclude=st.sets(st.integers(0, 80)),
    removed=st.sets(st.integers(0, 80)),
)
def test_search_agrees_with_arithmetic(backend, *, count, k, seed, allow, exclude, removed):
    index, rows, ids = made(backend, count, seed), unit_rows(count, seed), names(count)
    gone = {f"doc{n}.1.{n % 7}" for n in removed}
    assert index.remove(gone) == len(gone & set(ids))
    allowed = None if allow is None else {f"doc{n}.1.{n % 7}" for n in allow}
    excluded = {f"doc{n}.1.{n % 7}" for n in exclude}
    queries = unit_rows(3, seed + 1)
    possible = [
        n
        for n, name in enumerate(ids)
        if name not in gone | excluded and (allowed is None or name in allowed)
    ]
    expected = [
        sorted(((ids[n], float(rows[n] @ query)) for n in possible), key=lambda hit: (-hit[1], hit[0]))[:k]
        for query in queries
    ]
    found = index.search(queries, k, allowed=allowed, excluded=excluded)
    assert_same_hits(found, expected)
    for row in found:
        assert len(row) <= k
        assert len({name for name, _ in row}) == len(row)
        assert [c for _, c in row] == sorted((c for _, c in row), reverse=True)
        assert all(-1 <= c <= 1 for _, c in row)


@backends
def test_equal_cosines_come_in_order_of_id(backend):
    index = create_index(IndexSettings(backend=backend), dimension=DIMENSION, expected=3)
    row = unit_rows(1)
    index.add(["c", "a", "b"], np.repeat(row, 3, axis=0))
    assert [name for name, _ in index.search(row, 3)[0]] == ["a", "b", "c"]


@backends
def test_an_id_added_again_has_the_new_vector_alone(backend):
    index, new = made(backend, 5), unit_rows(1, seed=9)
    index.add([names(5)[2]], new)
    assert len(index) == 5
    assert sorted(index.ids) == sorted(names(5))
    assert index.search(new, 1)[0][0] == (names(5)[2], pytest.approx(1.0, abs=1e-5))
    assert np.allclose(index.vectors([names(5)[2]]), new, atol=1e-6)


@backends
def test_vectors_come_back_in_the_order_asked(backend):
    index, rows = made(backend, 6), unit_rows(6)
    assert np.allclose(index.vectors([names(6)[4], names(6)[1]]), rows[[4, 1]], atol=1e-6)
    assert index.vectors([]).shape == (0, DIMENSION)
    with pytest.raises(DomainError, match="nobody"):
        index.vectors(["nobody"])


@backends
def test_bad_rows_are_refused_and_change_nothing(backend):
    index, rows = made(backend, 3), unit_rows(2)
    bad = [
        (["a", "a"], rows, "twice"),
        (["a"], rows, r"\(1, 8\)"),
        (["a", "b"], rows[:, :4], r"\(2, 8\)"),
        (["a", "b"], rows * 3, "length 1"),
        (["a", "b"], rows * np.nan, "length 1"),
    ]
    for ids, vectors, message in bad:
        with pytest.raises(DomainError, match=message):
            index.add(ids, vectors)
    with pytest.raises(DomainError, match="Queries"):
        index.search(rows[:, :4], 3)
    assert sorted(index.ids) == sorted(names(3))


@backends
@settings(deadline=None, max_examples=15)
@given(
    count=st.integers(0, 40),
    removed=st.sets(st.integers(0, 39)),
    seed=st.integers(0, 99),
    limit=st.sampled_from([10, 100]),
)
def test_a_saved_index_is_the_same_when_loaded(backend, tmp_path_factory, *, count, removed, seed, limit):
    folder = tmp_path_factory.mktemp("indexes") / "one"
    index = made(backend, count, seed, exact_up_to=limit)
    index.remove([f"doc{n}.1.{n % 7}" for n in removed])
    manifest = IndexManifest(
        name="one",
        encoder_fingerprint="f" * 16,
        encoder_name="e",
        encoder_precision="fp32",
        corpus_digest="c",
        context="none",
    )
    written = save_index(index, folder, manifest)
    loaded, read = load_index(folder, encoder_fingerprint="f" * 16, corpus_digest="c", context="none")
    assert read == written
    assert (read.backend, read.kind, read.count) == (backend, index.kind, len(index))
    queries = unit_rows(2, seed + 1)
    assert sorted(loaded.ids) == sorted(index.ids)
    assert loaded.search(queries, 50) == index.search(queries, 50)
    loaded.add(["new"], queries[:1])
    assert loaded.search(queries[:1], 1)[0][0][0] == "new"
    assert loaded.remove(["new"]) == 1


@backends
def test_past_the_limit_the_hits_stay_nearly_the_same(backend):
    rows, queries = unit_rows(600, dimension=64), unit_rows(20, seed=1, dimension=64)
    ids = names(600)
    index = create_index(IndexSettings(backend=backend, exact_up_to=400), dimension=64, expected=600)
    exact = NumpyIndex(64)
    exact.add(ids, rows)
    for start in range(0, 600, 150):
        index.add(ids[start : start + 150], rows[start : start + 150])
    overlap = [
        len({name for name, _ in found} & {name for name, _ in expected}) / 10
        for found, expected in zip(index.search(queries, 10), exact.search(queries, 10), strict=True)
    ]
    assert np.mean(overlap) > 0.9
    assert index.kind in ("flat", "sq8")
    assert index.remove(ids[:100]) == 100
    assert len(index) == 500
    assert np.allclose(index.vectors(ids[100:120]), rows[100:120], atol=0.02)


@backends
def test_many_threads_may_search(backend):
    index, queries = made(backend, 200), unit_rows(10, seed=3)
    expected = index.search(queries, 5)
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(index.search(queries, 5, excluded={"nobody"})))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    for found in results:
        assert_same_hits(found, expected)


def test_faiss_changes_to_8_bits_once_it_holds_too_many():
    exact = made("faiss", 50, exact_up_to=50)
    assert exact.kind == "flat"
    exact.add(["one more"], unit_rows(1, seed=5))
    assert exact.kind == "sq8"
    assert len(exact) == 51
    assert made("faiss", 51, exact_up_to=50).kind == "sq8"


def test_an_unknown_backend_is_named():
    with pytest.raises(ConfigError, match=r"index\.backend.*faiss.*'annoy'"):
        create_index(IndexSettings(backend="annoy"), dimension=8)
