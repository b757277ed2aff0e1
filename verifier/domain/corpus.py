"""What is read: outlets, documents and where they came from, sentences, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from verifier.domain.text import UNKNOWN_LANGUAGE, text_sha256
from verifier.errors import DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a named rater says of an outlet; the tool repeats it and never derives one.

    ``code`` is the rater's own (``SC``, ``ISFM``), ``meaning`` spells it out, ``rated_on`` is when it was published.
    """

    rater: str
    code: str
    meaning: str = ""
    rated_on: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSource:
    """Where a fact about an outlet was read.

    ``facts`` names the fields of :class:`Outlet` it stands for (``owner``, ``country``, ``languages``, ``state_controlled``); ``source`` is the
    title of the page or data set, ``read_on`` the ISO date on which it was read.
    """

    facts: tuple[str, ...]
    source: str
    url: str = ""
    read_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A publisher of news, as the registry knows it; what nobody has read anywhere stays empty.

    ``country`` is ISO 3166-1 alpha-2 or empty, ``languages`` are BCP 47 tags. ``state_controlled`` is None when nobody named has said so
    either way; otherwise ``state_controlled_by`` names whose word it is.
    """

    outlet_id: str
    name: str
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    owner: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    kind: str = ""
    state_controlled: bool | None = None
    state_controlled_by: str = ""
    ratings: tuple[Rating, ...] = ()
    sources: tuple[FactSource, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """Where a document came from, and when.

    ``source`` is a path, path and row, or URL as given; ``raw_sha256`` hashes the original bytes of the file;
    ``raw_start`` and ``raw_end`` bound, in code points of the decoded file, the region the document was cut from.
    """

    source: str
    raw_sha256: str
    raw_start: int = 0
    raw_end: int = 0
    retrieved_at: datetime
    aggregator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A piece of page noise that was taken out of a document's region.

    ``start`` and ``end`` are code points of the decoded file; ``text`` is what stood there; ``rule`` names the rule.
    """

    start: int
    end: int
    text: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One version of one article, its text frozen.

    ``document_id`` is the same for all versions; ``version`` counts from 1; ``sha256`` is ``text_sha256(text)`` and identifies
    the version. ``outlet`` is a display name, ``outlet_id`` the registry's key or empty. ``relay`` lists who passed the
    news on, latest first, ending with the origin. ``superseded`` and ``deleted_at`` keep a version out of the results.
    """

    document_id: str
    version: int = 1
    text: str
    title: str = ""
    language: str = UNKNOWN_LANGUAGE
    outlet: str = ""
    outlet_id: str = ""
    country: str = ""
    url: str = ""
    published_at: date | None = None
    relay: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    licence: str = ""
    acquisition: Acquisition
    strips: tuple[Strip, ...] = ()
    superseded: bool = False
    deleted_at: datetime | None = None
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", text_sha256(self.text))
        if not self.text.strip():
            msg = f"Document {self.document_id!r} has no text."
            raise DomainError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A retrieval unit: one sentence of one document version.

    ``sentence_id`` is ``"{document_id}.{version}.{ordinal}"``; ``ordinal`` counts from 0 in reading order. The text is exactly
    ``document.text[start:end]``.
    """

    sentence_id: str
    document_id: str
    version: int
    ordinal: int
    start: int
    end: int
    text: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What retrieval may return. Empty means no restriction; dates are inclusive.

    ``exclude_outlets`` holds names or ids of outlets to leave out with all their aliases: the one that made the claim.
    """

    languages: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None
    exclude_outlets: tuple[str, ...] = ()
    exclude_sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An input that was not taken in, and why. ``reason`` is a short code, ``message`` a sentence for a person."""

    source: str
    reason: str
    message: str
    refused_at: datetime
