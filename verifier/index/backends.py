"""The vector backends: unit vectors under string ids, searched by cosine.

Hides each library's numeric ids, selectors and file format behind `VectorIndex`. A backend holds rows and writes them into a folder; what
the folder was built for, and whether it is whole, is `verifier.index`'s to say. `BACKENDS` at the end is the one place to add one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from verifier.errors import DomainError

FloatArray = npt.NDArray[np.float32]
SearchResult = list[list[tuple[str, float]]]

_UNIT_TOLERANCE = 1e-2
"""How far a row's length may be from 1: wide enough for vectors that went through 16 bits, too narrow for unnormalised ones."""


class VectorIndex(Protocol):
    """Unit vectors under string ids, searched by cosine.

    Attributes:
        backend: the name in `BACKENDS`.
        kind: how the vectors are held: ``flat`` (float32, exact) or ``sq8`` (8 bits a dimension, a quarter of the space).
        dimension: of the vectors.
    """

    backend: str

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def dimension(self) -> int: ...  # noqa: D102
    @property
    def ids(self) -> tuple[str, ...]:
        """Every id, in no particular order."""
        ...

    @property
    def library_version(self) -> str:
        """The library that wrote the files, with its version."""
        ...

    def __len__(self) -> int: ...

    def add(self, ids: Sequence[str], vectors: FloatArray) -> None:
        """Add rows (n, d) of unit length. An id that is there already gets the new vector.

        Raises:
            DomainError: an id is given twice, or the rows have the wrong shape or length.
        """
        ...

    def remove(self, ids: Collection[str]) -> int:
        """Take rows out; unknown ids are passed over. Returns how many were there."""
        ...

    def search(
        self,
        vectors: FloatArray,
        k: int,
        *,
        allowed: Collection[str] | None = None,
        excluded: Collection[str] | None = None,
    ) -> SearchResult:
        """Find the nearest rows of each query.

        Args:
            vectors: (q, d) unit queries.
            k: at most so many for each.
            allowed: only these ids; None for all. Unknown ids are passed over.
            excluded: none of these ids, even if allowed.

        Returns:
            For each query (id, cosine in [-1, 1]) pairs, best first; equal cosines by id.

        Raises:
            DomainError: the queries have another dimension.
        """
        ...

    def vectors(self, ids: Sequence[str]) -> FloatArray:
        """Return the rows as held (with ``sq8`` rounded), (n, d), in the order asked.

        Raises:
            DomainError: an id is not in the index.
        """
        ...

    def write(self, folder: Path) -> None:
        """Write files into an existing folder."""
        ...

    @classmethod
    def read(cls, folder: Path, *, exact_up_to: int) -> Self:
        """Read what `write` wrote."""
        ...


class _Ids:
    """String ids and the numbers that stand for them; a number is never used twice."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self.name: dict[int, str] = {}
        self.next = 0

    def assign(self, names: Sequence[str]) -> npt.NDArray[np.int64]:
        numbers = np.arange(self.next, self.next + len(names), dtype=np.int64)
        self.next += len(names)
        for name, number in zip(names, numbers.tolist(), strict=True):
            self.number[name] = number
            self.name[number] = name
        return numbers

    def drop(self, names: Collection[str]) -> npt.NDArray[np.int64]:
        numbers = [self.number.pop(name) for name in set(names) if name in self.number]
        for number in numbers:
            del self.name[number]
        return np.array(numbers, dtype=np.int64)

    def require(self, names: Sequence[str]) -> npt.NDArray[np.int64]:
        unknown = [name for name in names if name not in self.number]
        if unknown:
            msg = f"The vector index has no {unknown[0]!r}" + (
                f" and {len(unknown) - 1} others." if unknown[1:] else "."
            )
            raise DomainError(msg)
        return np.array([self.number[name] for name in names], dtype=np.int64)

    def mask(
        self, allowed: Collection[str] | None, excluded: Collection[str] | None
    ) -> npt.NDArray[np.bool_] | None:
        """Mark the numbers that may be returned; None when nothing is restricted."""
        if allowed is None and not excluded:
            return None
        mask = np.full(self.next, allowed is None, dtype=np.bool_)
        for names, value in ((allowed or (), True), (excluded or (), False)):
            mask[[self.number[name] for name in names if name in self.number]] = value
        return mask


def _faiss() -> Any:
    import faiss  # noqa: PLC0415  (its own type stubs lack half of what it offers, so it is taken as untyped)

    return faiss


class FaissIndex:
    """FAISS: exact float32 while there are few rows, 8-bit scalars beyond.

    The change happens once, when a row too many comes in, so that the ranges of the 8-bit scalars are learned from all rows up to then.
    On 39,000 real vectors of the bundled encoder SQ8 finds 0.982 of the exact ten nearest; IVF and HNSW find less or cannot remove.
    """

    backend = "faiss"

    def __init__(self, dimension: int, *, exact_up_to: int) -> None:
        faiss = _faiss()

        self._exact_up_to = exact_up_to
        self._ids = _Ids()
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    @property
    def kind(self) -> str:
        """``flat`` or ``sq8``."""
        faiss = _faiss()

        return "flat" if isinstance(faiss.downcast_index(self._index.index), faiss.IndexFlat) else "sq8"

    @property
    def dimension(self) -> int:
        """Of the vectors."""
        return int(self._index.d)

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id."""
        return tuple(self._ids.number)

    @property
    def library_version(self) -> str:
        """FAISS with its version."""
        faiss = _faiss()

        return f"faiss {faiss.__version__}"

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Sequence[str], vectors: FloatArray) -> None:
        """Add or replace rows; see `VectorIndex.add`."""
        rows = _checked_rows(ids, vectors, self.dimension)
        self.remove(ids)
        if self.kind == "flat" and len(self) + len(rows) > self._exact_up_to:
            self._quantise(rows)
        self._index.add_with_ids(rows, self._ids.assign(ids))

    def _quantise(self, coming: FloatArray) -> None:
        faiss = _faiss()

        numbers = faiss.vector_to_array(self._index.id_map)
        held = (
            self._index.index.reconstruct_n(0, len(self))
            if len(self)
            else np.empty((0, self.dimension), np.float32)
        )
        inner = faiss.IndexScalarQuantizer(
            self.dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        inner.train(np.concatenate([held, coming]))
        self._index = faiss.IndexIDMap2(inner)
        if len(held):
            self._index.add_with_ids(held, numbers)

    def remove(self, ids: Collection[str]) -> int:
        """Take rows out; see `VectorIndex.remove`."""
        faiss = _faiss()

        numbers = self._ids.drop(ids)
        return int(self._index.remove_ids(faiss.IDSelectorBatch(numbers))) if len(numbers) else 0

    def search(
        self,
        vectors: FloatArray,
        k: int,
        *,
        allowed: Collection[str] | None = None,
        excluded: Collection[str] | None = None,
    ) -> SearchResult:
        """Find the nearest rows; see `VectorIndex.search`."""
        faiss = _faiss()

        queries = _checked_queries(vectors, self.dimension)
        mask = self._ids.mask(allowed, excluded)
        k = min(k, len(self) if mask is None else int(mask.sum()))
        if k < 1:
            return [[] for _ in queries]
        parameters = None
        if mask is not None:
            bits = np.packbits(mask, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(len(mask), faiss.swig_ptr(bits)))
        cosines, numbers = self._index.search(queries, k, params=parameters)
        return [
            _best_first(
                (self._ids.name[number], cosine)
                for number, cosine in zip(row, values, strict=True)
                if number >= 0
            )
            for row, values in zip(numbers.tolist(), cosines.tolist(), strict=True)
        ]

    def vectors(self, ids: Sequence[str]) -> FloatArray:
        """Return rows; see `VectorIndex.vectors`."""
        numbers = self._ids.require(ids)
        rows = [self._index.reconstruct(number) for number in numbers.tolist()]
        return np.array(rows, dtype=np.float32).reshape(len(rows), self.dimension)

    def write(self, folder: Path) -> None:
        """Write ``vectors.faiss`` and ``ids.json``, the ids in the order of the rows."""
        faiss = _faiss()

        faiss.write_index(self._index, str(folder / "vectors.faiss"))
        numbers = faiss.vector_to_array(self._index.id_map).tolist()
        _write_ids(folder, [self._ids.name[number] for number in numbers])

    @classmethod
    def read(cls, folder: Path, *, exact_up_to: int) -> Self:
        """Read what `write` wrote."""
        faiss = _faiss()

        names = _read_ids(folder)
        stored = faiss.read_index(str(folder / "vectors.faiss"))
        if stored.ntotal != len(names):
            msg = f"{stored.ntotal} vectors for {len(names)} ids"
            raise ValueError(msg)
        index = cls(stored.d, exact_up_to=exact_up_to)
        index._index = stored
        for name, number in zip(names, faiss.vector_to_array(stored.id_map).tolist(), strict=True):
            index._ids.number[name], index._ids.name[number] = number, name
        index._ids.next = max(index._ids.name, default=-1) + 1
        return index


class NumpyIndex:
    """Plain NumPy: every cosine computed, nothing approximated, for proving the others and for small corpora.

    Removing copies all rows, and adding does too; one search of a million rows takes about a second.
    """

    backend = "numpy"

    def __init__(self, dimension: int, *, exact_up_to: int = 0) -> None:
        del exact_up_to  # this one is always exact
        self._names: list[str] = []
        self._rows: FloatArray = np.empty((0, dimension), dtype=np.float32)

    @property
    def kind(self) -> str:
        """Always ``flat``."""
        return "flat"

    @property
    def dimension(self) -> int:
        """Of the vectors."""
        return int(self._rows.shape[1])

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id."""
        return tuple(self._names)

    @property
    def library_version(self) -> str:
        """NumPy with its version."""
        return f"numpy {np.__version__}"

    def __len__(self) -> int:
        return len(self._names)

    def add(self, ids: Sequence[str], vectors: FloatArray) -> None:
        """Add or replace rows; see `VectorIndex.add`."""
        rows = _checked_rows(ids, vectors, self.dimension)
        self.remove(ids)
        self._names += ids
        self._rows = np.concatenate([self._rows, rows])

    def remove(self, ids: Collection[str]) -> int:
        """Take rows out; see `VectorIndex.remove`."""
        going = set(ids)
        keep = [number for number, name in enumerate(self._names) if name not in going]
        gone = len(self._names) - len(keep)
        if gone:
            self._rows = self._rows[keep]
            self._names = [self._names[number] for number in keep]
        return gone

    def search(
        self,
        vectors: FloatArray,
        k: int,
        *,
        allowed: Collection[str] | None = None,
        excluded: Collection[str] | None = None,
    ) -> SearchResult:
        """Compute every cosine and sort; see `VectorIndex.search`."""
        queries = _checked_queries(vectors, self.dimension)
        wanted, unwanted = (None if allowed is None else set(allowed)), set(excluded or ())
        numbers = [
            number
            for number, name in enumerate(self._names)
            if (wanted is None or name in wanted) and name not in unwanted
        ]
        cosines = queries @ self._rows[numbers].T
        names = [self._names[number] for number in numbers]
        return [_best_first(zip(names, row, strict=True))[: max(k, 0)] for row in cosines.tolist()]

    def vectors(self, ids: Sequence[str]) -> FloatArray:
        """Return rows; see `VectorIndex.vectors`."""
        numbers = {name: number for number, name in enumerate(self._names)}
        unknown = [name for name in ids if name not in numbers]
        if unknown:
            msg = f"The vector index has no {unknown[0]!r}."
            raise DomainError(msg)
        return self._rows[[numbers[name] for name in ids]]

    def write(self, folder: Path) -> None:
        """Write ``vectors.npy`` and ``ids.json``."""
        np.save(folder / "vectors.npy", self._rows)
        _write_ids(folder, self._names)

    @classmethod
    def read(cls, folder: Path, *, exact_up_to: int) -> Self:
        """Read what `write` wrote."""
        rows, names = np.load(folder / "vectors.npy", allow_pickle=False), _read_ids(folder)
        if rows.ndim != 2 or len(rows) != len(names):  # noqa: PLR2004
            msg = f"vectors of shape {rows.shape} for {len(names)} ids"
            raise ValueError(msg)
        index = cls(rows.shape[1], exact_up_to=exact_up_to)
        index._rows, index._names = rows, names
        return index


def _checked_rows(ids: Sequence[str], vectors: FloatArray, dimension: int) -> FloatArray:
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    if rows.shape != (len(ids), dimension):
        msg = f"An index of dimension {dimension} takes for {len(ids)} ids an array ({len(ids)}, {dimension}); found {rows.shape}."
        raise DomainError(msg)
    if len(set(ids)) != len(ids):
        msg = (
            "The ids added to an index in one call must differ from each other; at least one is given twice."
        )
        raise DomainError(msg)
    if len(rows) and not (np.abs(np.linalg.norm(rows, axis=1) - 1) < _UNIT_TOLERANCE).all():
        msg = "The vectors of an index must have length 1, so that inner products are cosines; at least one has not."
        raise DomainError(msg)
    return rows


def _checked_queries(vectors: FloatArray, dimension: int) -> FloatArray:
    queries = np.ascontiguousarray(vectors, dtype=np.float32)
    if queries.ndim != 2 or queries.shape[1] != dimension:  # noqa: PLR2004
        msg = f"Queries to an index of dimension {dimension} have shape (q, {dimension}); found {queries.shape}."
        raise DomainError(msg)
    return queries


def _best_first(pairs: Any) -> list[tuple[str, float]]:
    """Order (id, cosine) pairs; rounding may carry a cosine a hair beyond 1, which is taken back."""
    return sorted(
        ((name, min(1.0, max(-1.0, cosine))) for name, cosine in pairs), key=lambda pair: (-pair[1], pair[0])
    )


def _write_ids(folder: Path, ids: Sequence[str]) -> None:
    (folder / "ids.json").write_text(json.dumps(ids), encoding="utf-8")


def _read_ids(folder: Path) -> list[str]:
    names = json.loads((folder / "ids.json").read_text(encoding="utf-8"))
    if not isinstance(names, list) or len(set(names)) != len(names):
        msg = "ids.json must be a list of different ids"
        raise ValueError(msg)
    return names


BACKENDS: dict[str, type[FaissIndex | NumpyIndex]] = {
    FaissIndex.backend: FaissIndex,
    NumpyIndex.backend: NumpyIndex,
}
"""The vector backends by name. A new one is a class like these and a line here; ``tests/contract`` tests it."""
