"""The errors of the verifier, in one tree.

    VerifierError
    ├── ConfigError             a setting is unknown or has a bad value
    ├── DomainError             a record violates its own invariant
    ├── IngestError             an input cannot be read as a document
    ├── MissingDependencyError  an optional package is not installed
    ├── ModelError              a model is missing, damaged or of unknown labels
    ├── IndexNotFoundError      there is no index of that name
    ├── IndexMismatchError      an index was built for something else, or is damaged
    ├── StoreError              the database is too new, or knows no such id
    │   └── DatabaseError       it is locked, full or out of reach
    ├── CodebookError           a codebook, lexicon or outlet registry is malformed, or a label is unknown
    ├── NotAllowedError         somebody's role does not allow what they asked for
    └── ExchangeError           a file cannot be imported or exported

Messages say what failed, on what, what was expected and found, and what to do next. The facts are attributes too, so that
a screen or a program need not parse text. Errors of other libraries are wrapped once, where they enter, with ``from``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path


class VerifierError(Exception):
    """Anything that this package reports to a person."""


class ConfigError(VerifierError):
    """A setting is unknown or has a bad value."""


class DomainError(VerifierError):
    """A record violates its own invariant, such as a span whose quote is not in its text."""


class IngestError(VerifierError):
    """An input cannot be read as a document.

    Attributes:
        source: the file, or the file and the row, that was refused.
        reason: a short stable code such as ``empty`` or ``too-large``, for counting.
    """

    def __init__(self, message: str, *, source: str = "", reason: str = "unreadable") -> None:
        super().__init__(message)
        self.source = source
        self.reason = reason


class MissingDependencyError(VerifierError):
    """An optional package is not installed.

    Attributes:
        package: the package to install.
    """

    def __init__(self, message: str, *, package: str = "") -> None:
        super().__init__(message)
        self.package = package


class ModelError(VerifierError):
    """A model is missing, damaged, or has labels that cannot be mapped.

    Attributes:
        model: the name or path of the model.
    """

    def __init__(self, message: str, *, model: str = "") -> None:
        super().__init__(message)
        self.model = model


class IndexNotFoundError(VerifierError):
    """There is no index of that name.

    Attributes:
        name: what was asked for.
        available: the names that exist.
    """

    def __init__(self, message: str, *, name: str = "", available: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.name = name
        self.available = tuple(available)


class IndexMismatchError(VerifierError):
    """An index was built for another encoder or corpus, or one of its files is damaged.

    Attributes:
        path: the folder of the index.
        differences: for each differing field, what was expected and what was found.
    """

    def __init__(
        self,
        message: str,
        *,
        path: Path | None = None,
        differences: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.path = path
        self.differences = dict(differences or {})


class StoreError(VerifierError):
    """The database is of a newer schema, or does not know an id."""


class DatabaseError(StoreError):
    """The database itself failed: it is locked, full or out of reach. The same thing may succeed when it is tried again."""


class CodebookError(VerifierError):
    """A codebook, lexicon or outlet registry is malformed, or a label or version is unknown.

    Attributes:
        allowed: the values that would have been accepted, where there are few.
    """

    def __init__(self, message: str, *, allowed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class NotAllowedError(VerifierError):
    """Somebody's role in the team does not allow what they asked for."""


class ExchangeError(VerifierError):
    """A file cannot be imported or exported."""
