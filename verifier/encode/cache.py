"""Vectors remembered in an SQLite file."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from verifier.domain import text_sha256
from verifier.encode.protocol import Encoder, FloatArray, Progress, Role
from verifier.errors import StoreError

_log = logging.getLogger(__name__)


class CachedEncoder:
    """An encoder that remembers its vectors in an SQLite file.

    A vector is known by the encoder's fingerprint, the role and the text's sha256. Vectors are stored in portions, so that a long
    run that is interrupted goes on where it stopped. Threads and processes may share the file.

    Args:
        encoder: makes the vectors that are missing.
        path: the file; made if it is not there, and set aside if it is damaged, since all in it can be made again.

    Raises:
        StoreError: the file cannot be opened.
    """

    def __init__(self, encoder: Encoder, path: Path) -> None:
        self._encoder = encoder
        self._path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._database = self._open()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                _log.warning(
                    "The vector cache %s is damaged (%s); it is set aside and begun anew.", path, error
                )
                path.replace(path.with_name(path.name + ".damaged"))
                self._database = self._open()
        except (OSError, sqlite3.Error) as error:
            msg = f"The vector cache {path} cannot be opened: {error}. Set cache_dir (VERIFIER_CACHE_DIR) to a folder that can be written."
            raise StoreError(msg) from error

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=30.0, check_same_thread=False, isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS vectors (fingerprint TEXT NOT NULL, role TEXT NOT NULL, text_sha256 BLOB NOT NULL, "
                "vector BLOB NOT NULL, PRIMARY KEY (fingerprint, role, text_sha256)) WITHOUT ROWID"
            )
        except sqlite3.Error:
            database.close()
            raise
        return database

    @property
    def fingerprint(self) -> str:
        """The wrapped encoder's."""
        return self._encoder.fingerprint

    @property
    def name(self) -> str:
        """The wrapped encoder's."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """The wrapped encoder's."""
        return self._encoder.dimension

    @property
    def precision(self) -> str:
        """The wrapped encoder's."""
        return self._encoder.precision

    def close(self) -> None:
        """Close the file; the encoder can no longer be used."""
        with self._lock:
            self._database.close()

    def encode(self, texts: Sequence[str], *, role: Role, progress: Progress | None = None) -> FloatArray:
        """Return the vectors of texts, encoding only what is not yet known: (n, d) float32, rows of unit length."""
        keys = [bytes.fromhex(text_sha256(text)) for text in texts]
        found = self._read(keys, role)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        # Sorting all of them by length before cutting portions keeps the padding small within each portion.
        ordered = sorted(missing.items(), key=lambda item: -len(item[1]))
        for start in range(0, len(ordered), _PORTION):
            portion = ordered[start : start + _PORTION]
            before = len(texts) - len(missing) + start

            def tell(done: int, _: int, what: str, before: int = before) -> None:
                if progress:
                    progress(before + done, len(texts), what)

            rows = self._encoder.encode([text for _, text in portion], role=role, progress=tell)
            made = dict(zip((key for key, _ in portion), rows, strict=True))
            self._write(made, role)
            found.update(made)
        if progress:
            progress(len(texts), len(texts), "Encoding")
        return np.array([found[key] for key in keys], dtype=np.float32).reshape(len(texts), self.dimension)

    def _read(self, keys: Sequence[bytes], role: Role) -> dict[bytes, FloatArray]:
        found = {}
        unique = list(dict.fromkeys(keys))
        size = self.dimension * 4
        for start in range(0, len(unique), _KEYS_PER_QUERY):
            part = unique[start : start + _KEYS_PER_QUERY]
            marks = ", ".join("?" * len(part))
            with self._lock:
                rows = self._database.execute(
                    f"SELECT text_sha256, vector FROM vectors WHERE fingerprint = ? AND role = ? AND text_sha256 IN ({marks})",  # noqa: S608
                    (self.fingerprint, role, *part),
                ).fetchall()
            found.update({key: np.frombuffer(blob, "<f4") for key, blob in rows if len(blob) == size})
        return found

    def _write(self, made: Mapping[bytes, FloatArray], role: Role) -> None:
        rows = [(self.fingerprint, role, key, row.astype("<f4").tobytes()) for key, row in made.items()]
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", rows)
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")


_PORTION = 2048
"""Texts encoded between two writes: some ten seconds of work, which is what an interruption can lose."""

_KEYS_PER_QUERY = 500
"""Keys in one SELECT, below SQLite's oldest limit of 999 parameters."""
