"""Nearest vectors by cosine, kept in a folder that says what it was built for.

Hides the vector library, its numeric ids and its files behind `VectorIndex`, whose ids are strings. A folder is written whole or
not at all, carries a manifest, and is opened only for the encoder, corpus and context it was built with, undamaged. The rows are
unit vectors of any encoder; what they stand for is not known here. The folder is described in ``indexes/README.md``.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from verifier.config import IndexSettings
from verifier.domain import utc_now
from verifier.errors import ConfigError, DomainError, IndexMismatchError, IndexNotFoundError

FloatArray = npt.NDArray[np.float32]
SearchResult = list[list[tuple[str, float]]]

FORMAT_VERSION = 1
MANIFEST = "manifest.json"

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


class FaissIndex:
    """FAISS: exact float32 while there are few rows, 8-bit scalars beyond.

    The change happens once, when a row too many comes in, so that the ranges of the 8-bit scalars are learned from all rows up to then.
    On 39,000 real vectors of the bundled encoder SQ8 finds 0.982 of the exact ten nearest; IVF and HNSW find less or cannot remove.
    """

    backend = "faiss"

    def __init__(self, dimension: int, *, exact_up_to: int) -> None:
        import faiss  # noqa: PLC0415

        self._exact_up_to = exact_up_to
        self._ids = _Ids()
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    @property
    def kind(self) -> str:
        """``flat`` or ``sq8``."""
        import faiss  # noqa: PLC0415

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
        import faiss  # noqa: PLC0415

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
        import faiss  # noqa: PLC0415

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
        import faiss  # noqa: PLC0415

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
        import faiss  # noqa: PLC0415

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
        import faiss  # noqa: PLC0415

        faiss.write_index(self._index, str(folder / "vectors.faiss"))
        numbers = faiss.vector_to_array(self._index.id_map).tolist()
        _write_ids(folder, [self._ids.name[number] for number in numbers])

    @classmethod
    def read(cls, folder: Path, *, exact_up_to: int) -> Self:
        """Read what `write` wrote."""
        import faiss  # noqa: PLC0415

        names = _read_ids(folder)
        stored = faiss.read_index(str(folder / "vectors.faiss"))
        if stored.ntotal != len(names):
            msg = f"{stored.ntotal} vectors for {len(names)} ids"
            raise ValueError(msg)
        index = cls(stored.d, exact_up_to=exact_up_to)
        index._index = stored  # noqa: SLF001  (our own)
        for name, number in zip(names, faiss.vector_to_array(stored.id_map).tolist(), strict=True):
            index._ids.number[name], index._ids.name[number] = number, name  # noqa: SLF001
        index._ids.next = max(index._ids.name, default=-1) + 1  # noqa: SLF001
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
        index._rows, index._names = rows, names  # noqa: SLF001  (our own)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexManifest:
    """What an index was built for, by what, and what its files must be.

    The caller of `save_index` gives the name, the encoder, the corpus and the context; the rest is filled in. ``files`` maps each
    file's path in the folder to the sha256 of its bytes.
    """

    name: str
    encoder_fingerprint: str
    encoder_name: str
    encoder_precision: str
    corpus_digest: str
    context: str
    backend: str = ""
    kind: str = ""
    dimension: int = 0
    count: int = 0
    library_version: str = ""
    created_at: datetime = field(default_factory=utc_now)
    files: Mapping[str, str] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION


def create_index(settings: IndexSettings, *, dimension: int, expected: int = 0) -> VectorIndex:
    """Make an empty index.

    Args:
        settings: which backend, and up to how many rows it stays exact.
        dimension: of the vectors.
        expected: how many rows will come, where that is known; no backend needs it so far.

    Raises:
        ConfigError: there is no such backend.
    """
    del expected
    backend = _backend(settings.backend)
    return backend(dimension, exact_up_to=settings.exact_up_to)


def _backend(name: str) -> Callable[..., VectorIndex]:
    if name not in BACKENDS:
        msg = f"Setting 'index.backend' takes one of {', '.join(sorted(BACKENDS))}; found {name!r}."
        raise ConfigError(msg)
    return BACKENDS[name]


def save_index(
    index: VectorIndex,
    folder: Path,
    manifest: IndexManifest,
    *,
    parts: Mapping[str, Callable[[Path], object]] | None = None,
) -> IndexManifest:
    """Write an index so that the folder holds either all of the old one or all of the new one.

    Args:
        index: what to write.
        folder: its place, such as ``indexes/default``; replaced if it is there.
        manifest: what it was built for.
        parts: what else belongs to it: for each name a function that writes into the subfolder of that name
            (``{"lexical": lexical.save}``). Their files are listed in the manifest and checked on loading, too.

    Returns:
        The manifest as written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _only_writer(folder):
        fresh = _sibling(folder, "new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        try:
            index.write(fresh)
            for name, write in (parts or {}).items():
                (fresh / name).mkdir()
                write(fresh / name)
            complete = replace(
                manifest,
                backend=index.backend,
                kind=index.kind,
                dimension=index.dimension,
                count=len(index),
                library_version=index.library_version,
                files=_digests(fresh),
                format_version=FORMAT_VERSION,
            )
            record = {**asdict(complete), "created_at": complete.created_at.isoformat()}
            (fresh / MANIFEST).write_text(
                json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
            )
            _put_in_place(fresh, folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return complete


def _sibling(folder: Path, state: str) -> Path:
    return folder.parent / f".{folder.name}.{state}"


@contextmanager
def _only_writer(folder: Path) -> Any:
    from filelock import FileLock  # noqa: PLC0415

    with FileLock(_sibling(folder, "lock")):
        yield


def _put_in_place(fresh: Path, folder: Path) -> None:
    """Swap folders by two renames. Between them the old one lies beside its place, from where `_recover` takes it back."""
    previous = _sibling(folder, "previous")
    if folder.exists():
        shutil.rmtree(previous, ignore_errors=True)
        folder.rename(previous)
    fresh.rename(folder)
    shutil.rmtree(previous, ignore_errors=True)


def _recover(folder: Path) -> None:
    previous = _sibling(folder, "previous")
    if previous.is_dir() and not folder.exists():
        with _only_writer(folder):
            if previous.is_dir() and not folder.exists():
                previous.rename(folder)


def _digests(folder: Path) -> dict[str, str]:
    digests = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / MANIFEST:
            with path.open("rb") as file:
                digests[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def read_manifest(folder: Path) -> IndexManifest:
    """Read the manifest of an index without opening the index.

    Raises:
        IndexNotFoundError: there is no index; the message lists those there are.
        IndexMismatchError: the manifest is damaged, or of another format.
    """
    _recover(folder)
    path = folder / MANIFEST
    if not path.is_file():
        available = list_indexes(folder.parent)
        there = f"There are: {', '.join(available)}." if available else "There is none yet."
        msg = f"There is no index {folder.name!r} in {folder.parent}. {there} Build one with: verifier index."
        raise IndexNotFoundError(msg, name=folder.name, available=available)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        version = record["format_version"]
        if version == FORMAT_VERSION:
            known = {f.name for f in fields(IndexManifest)}
            values = {name: value for name, value in record.items() if name in known}
            return IndexManifest(**{**values, "created_at": datetime.fromisoformat(record["created_at"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _mismatch(
            folder, {"manifest": ("a readable manifest.json", f"{type(error).__name__}: {error}")}
        ) from error
    raise _mismatch(folder, {"format_version": (str(FORMAT_VERSION), str(version))})


def load_index(
    folder: Path,
    *,
    encoder_fingerprint: str,
    corpus_digest: str | None,
    context: str,
    exact_up_to: int = IndexSettings().exact_up_to,
) -> tuple[VectorIndex, IndexManifest]:
    """Open an index, if it is the one that is meant.

    Args:
        folder: where it lies.
        encoder_fingerprint: of the encoder that will make the queries.
        corpus_digest: of the corpus as it is now; None to accept any (before adding what is missing).
        context: the context setting, as sentences must be embedded alike.
        exact_up_to: as in the settings, for rows added later.

    Raises:
        IndexNotFoundError: there is no index; the message lists those there are.
        IndexMismatchError: it was built for something else, or a file is damaged; ``differences`` names each field.
    """
    manifest = read_manifest(folder)
    expected = {"encoder_fingerprint": encoder_fingerprint, "context": context}
    if corpus_digest is not None:
        expected["corpus_digest"] = corpus_digest
    differences = {
        name: (value, str(getattr(manifest, name)))
        for name, value in expected.items()
        if getattr(manifest, name) != value
    }
    if manifest.backend not in BACKENDS:
        differences["backend"] = (" or ".join(sorted(BACKENDS)), manifest.backend)
    found = _digests(folder)
    for name in sorted(set(manifest.files) | set(found)):
        if manifest.files.get(name) != found.get(name):
            differences[f"file {name}"] = (_short(manifest.files.get(name)), _short(found.get(name)))
    if differences:
        raise _mismatch(folder, differences)
    try:
        index = BACKENDS[manifest.backend].read(folder, exact_up_to=exact_up_to)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise _mismatch(
            folder, {"vectors": ("readable files", f"{type(error).__name__}: {error}")}
        ) from error
    held = {"kind": index.kind, "dimension": index.dimension, "count": len(index)}
    differences = {
        name: (str(getattr(manifest, name)), str(value))
        for name, value in held.items()
        if getattr(manifest, name) != value
    }
    if differences:
        raise _mismatch(folder, differences)
    return index, manifest


def _short(digest: str | None) -> str:
    return f"sha256 {digest[:12]}" if digest else "no such file"


def _mismatch(folder: Path, differences: Mapping[str, tuple[str, str]]) -> IndexMismatchError:
    listed = "; ".join(
        f"{name}: expected {expected}, found {found}" for name, (expected, found) in differences.items()
    )
    msg = f"The index {folder} does not fit or is damaged. {listed}. Build it again with: verifier index --rebuild."
    return IndexMismatchError(msg, path=folder, differences=differences)


def list_indexes(indexes_dir: Path) -> tuple[str, ...]:
    """Name the indexes in a folder, sorted."""
    if not indexes_dir.is_dir():
        return ()
    return tuple(sorted(path.parent.name for path in indexes_dir.glob(f"[!.]*/{MANIFEST}")))


BACKENDS: dict[str, type[FaissIndex] | type[NumpyIndex]] = {
    FaissIndex.backend: FaissIndex,
    NumpyIndex.backend: NumpyIndex,
}
"""The vector backends by name. A new one is a class like these and a line here; ``tests/contract`` tests it."""
