"""What is kept: the corpus, verifications, people's labels and the work they share, in SQLite or PostgreSQL.

``open_store(url)`` gives a :class:`Store`. It hides tables, transactions, locking and schema versions; records of
``verifier.domain`` go in and come out equal. One writer at a time, many readers; several threads may share one store and
several processes one database. A text holding U+0000 or a lone surrogate is refused with a StoreError on both
databases, because PostgreSQL can hold neither. It computes nothing about news and reads no files but its own.
"""

from __future__ import annotations

from typing import Self

from verifier.store.adjudication import ResolutionLog
from verifier.store.corpus import Corpus, CorpusCounts
from verifier.store.database import BUSY_TIMEOUT_S, open_engine
from verifier.store.safety import Backups, restore
from verifier.store.team import TeamLog
from verifier.store.verifications import Verifications

__all__ = ["CorpusCounts", "Store", "open_store", "restore"]


class Store(Corpus, Verifications, ResolutionLog, TeamLog, Backups):
    """Everything that is kept, as one object; a context manager. Safe to share between threads."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Store:
    """Open a database, creating it or bringing its schema up to date if need be.

    Args:
        url: an SQLAlchemy URL, ``sqlite:////absolute/path.db`` or ``postgresql://user:password@host/name``. The folder of
            an SQLite file is made if it is missing.
        busy_timeout_s: how long a writer waits for another one before it gives up (seconds).

    Raises:
        StoreError: the database cannot be reached, is locked, is no database, or has a newer schema than this version knows.
        MissingDependencyError: the URL is PostgreSQL's and its driver is not installed.
    """
    return Store(open_engine(url, busy_timeout_s=busy_timeout_s))
