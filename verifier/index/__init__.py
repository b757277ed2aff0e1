"""Indexes on disk: a folder that says what it was built for.

A folder is written whole or not at all, carries a manifest, and is opened only for the encoder, corpus and context it was built with,
undamaged. The vectors in it are a backend's (`verifier.index.backends`), other parts may lie beside them, and what the vectors stand for is
not known here. ``indexes/README.md`` describes the folder.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path

from verifier.config import IndexSettings
from verifier.domain import utc_now
from verifier.errors import ConfigError, IndexMismatchError, IndexNotFoundError
from verifier.index.backends import BACKENDS, VectorIndex

__all__ = [
    "BACKENDS",
    "IndexManifest",
    "VectorIndex",
    "create_index",
    "list_indexes",
    "load_index",
    "read_manifest",
    "save_index",
]

FORMAT_VERSION = 1
MANIFEST = "manifest.json"


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
def _only_writer(folder: Path) -> Iterator[None]:
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
