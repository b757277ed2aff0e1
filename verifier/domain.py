"""The records of the field and their invariants: what a claim, a document, a span and a verification are.

Records are frozen and keyword-only. Identifiers are strings, times are aware and in UTC, languages are BCP 47 tags (``en``,
``uk``, ``ru``; ``und`` when unknown), probabilities are floats in [0, 1]. Offsets are half-open and count Unicode code
points, never bytes or UTF-16 units. This module computes nothing but what keeps a record true, and imports nothing heavy.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Self

from verifier.errors import DomainError

CONTEXT_CHARS = 32
"""Code points of prefix and suffix that travel with a span, as in the Web Annotation TextQuoteSelector examples."""

UNKNOWN_LANGUAGE = "und"
"""BCP 47's tag for "undetermined"."""


def text_sha256(text: str) -> str:
    """Hash the UTF-8 bytes of a text (64 hexadecimal digits); the identity of a frozen text.

    A lone surrogate, which UTF-8 cannot hold, is hashed as its three-byte form, so that every ``str`` has a digest.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def utc_now() -> datetime:
    """Return the present time, aware and in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


class _HelpfulEnum(StrEnum):
    """An enumeration whose failure names the valid values."""

    @classmethod
    def _missing_(cls, value: object) -> Self:
        valid = ", ".join(repr(m.value) for m in cls)
        msg = f"{value!r} is no {cls.__name__}; expected one of {valid}."
        raise DomainError(msg)


class Stance(_HelpfulEnum):
    """What one sentence says about a claim. On screen: corroborates, contradicts, related."""

    SUPPORTS = "supports"
    REFUTES = "refutes"
    NEUTRAL = "neutral"


class Verdict(_HelpfulEnum):
    """What the evidence found, taken together, says about a claim.

    Source: label set of AVeriTeC (Schlichtkrull et al. 2023, arXiv:2305.13117), its fourth label without "cherrypicking".
    """

    SUPPORTED = "SUPPORTED"
    REFUTED = "REFUTED"
    CONFLICTING_EVIDENCE = "CONFLICTING_EVIDENCE"
    NOT_ENOUGH_EVIDENCE = "NOT_ENOUGH_EVIDENCE"


class Level(_HelpfulEnum):
    """What an annotation is attached to; a pair is a claim with one piece of its evidence."""

    SPAN = "span"
    SENTENCE = "sentence"
    DOCUMENT = "document"
    PAIR = "pair"


class Layer(_HelpfulEnum):
    """Whose annotation it is: a person's, the adjudicated one, or a machine's suggestion."""

    ANNOTATOR = "annotator"
    GOLD = "gold"
    SUGGESTION = "suggestion"


class LabelMethod(_HelpfulEnum):
    """How an annotation came about."""

    MANUAL = "manual"
    SUGGESTION_ACCEPTED = "suggestion-accepted"
    IMPORTED = "imported"


class OpKind(_HelpfulEnum):
    """What an operation of the append-only annotation log does."""

    ADD = "add"
    CHANGE = "change"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a frozen text, self-describing enough to be checked and re-anchored.

    ``start`` and ``end`` are half-open code point offsets; ``quote`` is exactly ``text[start:end]``; ``prefix`` and
    ``suffix`` are up to 32 code points on either side; ``text_sha256`` names the text.
    """

    start: int
    end: int
    quote: str
    prefix: str = ""
    suffix: str = ""
    text_sha256: str

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            msg = f"A span must satisfy 0 <= start <= end; found start {self.start}, end {self.end}."
            raise DomainError(msg)
        if len(self.quote) != self.end - self.start:
            msg = (
                f"The quote of a span must have {self.end - self.start} code points, as its offsets say; found "
                f"{len(self.quote)}. Offsets here are Unicode code points, not bytes or UTF-16 units."
            )
            raise DomainError(msg)

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Self:
        """Cut the span ``[start, end)`` out of a text.

        Raises:
            DomainError: the offsets do not lie within the text.
        """
        if not 0 <= start <= end <= len(text):
            msg = f"Span [{start}, {end}) does not lie within a text of {len(text)} code points."
            raise DomainError(msg)
        return cls(
            start=start,
            end=end,
            quote=text[start:end],
            prefix=text[max(0, start - CONTEXT_CHARS) : start],
            suffix=text[end : end + CONTEXT_CHARS],
            text_sha256=text_sha256(text),
        )

    def check(self, text: str) -> None:
        """Raise DomainError unless this span quotes exactly this text."""
        if text_sha256(text) != self.text_sha256:
            msg = (
                f"Span [{self.start}, {self.end}) belongs to the text {self.text_sha256[:12]}, but was checked against "
                f"{text_sha256(text)[:12]}. The document has another version; re-anchor the span by its quote."
            )
            raise DomainError(msg)
        if text[self.start : self.end] != self.quote:
            msg = f"Span [{self.start}, {self.end}) quotes {self.quote!r}, but its text reads {text[self.start : self.end]!r}."
            raise DomainError(msg)


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
class Claim:
    """A statement to be checked. ``claimed_by`` is the outlet that made it, left out of the evidence."""

    claim_id: str
    text: str
    language: str = UNKNOWN_LANGUAGE
    claimed_by: str = ""
    sentence_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A sentence that retrieval found for a claim.

    ``score`` orders the hits of the search (higher is nearer). ``dense_score`` is a cosine in [-1, 1], None where none was computed,
    ``lexical_score`` the lexical engine's score or None. ``duplicates`` are the ids of near-identical sentences that
    are shown once, behind this one.
    """

    sentence_id: str
    score: float
    dense_score: float | None = None
    lexical_score: float | None = None
    duplicates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceScores:
    """Calibrated probabilities of the three stances of one sentence towards one claim; they sum to 1."""

    supports: float
    refutes: float
    neutral: float

    def __post_init__(self) -> None:
        total = self.supports + self.refutes + self.neutral
        if min(self.supports, self.refutes, self.neutral) < 0 or abs(total - 1) > 1e-3:  # noqa: PLR2004
            msg = f"Stance probabilities must be non-negative and sum to 1; found {self}."
            raise DomainError(msg)

    def of(self, stance: Stance) -> float:
        """Return the probability of one stance."""
        return {Stance.SUPPORTS: self.supports, Stance.REFUTES: self.refutes, Stance.NEUTRAL: self.neutral}[
            stance
        ]

    @property
    def highest(self) -> float:
        """The probability of the likeliest stance."""
        return max(self.supports, self.refutes, self.neutral)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One statement found for a claim, with all that a reader needs to judge it.

    ``context_before`` and ``context_after`` are the neighbouring text of the same document. ``stance`` is the column the rules put the
    statement in. ``claim_quantity`` and ``evidence_quantity`` are how both write a measured amount, and
    ``amounts_agree`` whether it can be the same; None where there was nothing to compare. ``scores`` take that into account already.
    """

    sentence: Sentence
    document: Document
    hit: Hit
    scores: StanceScores
    stance: Stance
    claim_quantity: str = ""
    evidence_quantity: str = ""
    amounts_agree: bool | None = None
    context_before: str = ""
    context_after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """What a result was computed with, so that it can be computed again."""

    run_id: str
    encoder: str
    encoder_precision: str
    stance_model: str
    index_name: str
    corpus_digest: str
    settings_digest: str
    software_version: str
    started_at: datetime
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict with its reason and counts, as the rules gave it.

    ``reason`` is a full sentence; ``reason_code`` one of ``nothing-found``, ``nothing-takes-sides``, ``supported``, ``refuted``,
    ``conflicting``. Counts are of statements (near-identical ones once) and of distinct outlets.
    """

    verdict: Verdict
    reason_code: str
    reason: str
    supporting: int
    refuting: int
    related: int
    supporting_outlets: int
    refuting_outlets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A claim with the evidence found for it, the decision, and how it was computed."""

    verification_id: str
    claim: Claim
    filters: Filters
    decision: Decision
    evidence: tuple[Evidence, ...]
    run: RunInfo
    created_at: datetime


class MatchRelation(_HelpfulEnum):
    """How a label of one codebook lies to a label of another.

    Source: mapping properties of SKOS (W3C Recommendation of 18 August 2009, section 10); broad means that the other label is the broader one.
    """

    EXACT = "exact"
    CLOSE = "close"
    BROAD = "broad"
    NARROW = "narrow"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMatch:
    """That a label overlaps with ``label_id`` of another codebook, and who says so (``source``)."""

    codebook_id: str
    label_id: str
    relation: MatchRelation
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label of a codebook, with its definition in our own words.

    ``key`` is a keyboard key or empty; ``colour`` a ``#rrggbb``. ``group`` gathers labels on screen. ``levels`` narrows the codebook's and is empty where it
    does not. ``source_name`` is how the files of the codebook's source spell the label, for exchange with them. ``retired`` labels stay readable for ever and
    are no longer given.
    """

    label_id: str
    name: str
    definition: str
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()
    group: str = ""
    key: str = ""
    colour: str = ""
    levels: tuple[Level, ...] = ()
    source_name: str = ""
    maps_to: tuple[LabelMatch, ...] = ()
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebook:
    """A versioned scheme of labels.

    ``kind`` is ``framing``, ``narrative``, ``provenance`` or ``stance``; ``levels`` says what its labels may be attached to; ``multiple`` whether one item
    may carry several, ``required`` whether an item is unfinished without one. ``source`` names the paper or standard the labels come from. ``labels`` are
    those in use, ``retired_labels`` those that older annotations may still carry.
    """

    codebook_id: str
    version: str
    title: str
    kind: str
    description: str
    source: str
    levels: tuple[Level, ...]
    multiple: bool
    required: bool = False
    labels: tuple[Label, ...]
    retired_labels: tuple[Label, ...] = ()

    def label(self, label_id: str) -> Label:
        """Return the label of that id, a retired one too, or raise DomainError naming the valid ones."""
        for label in (*self.labels, *self.retired_labels):
            if label.label_id == label_id:
                return label
        valid = ", ".join(label.label_id for label in self.labels)
        msg = f"Codebook {self.codebook_id!r} {self.version} has no label {label_id!r}; it has {valid}."
        raise DomainError(msg)

    def labels_at(self, level: Level) -> tuple[Label, ...]:
        """Return the labels that may be given at a level, in the codebook's order; none where it does not label that level."""
        if level not in self.levels:
            return ()
        return tuple(label for label in self.labels if not label.levels or level in label.levels)

    def require_givable(self, label_id: str, level: Level) -> None:
        """Raise DomainError unless a new annotation may carry this label at this level."""
        label, problem = self.label(label_id), ""
        if label.retired:
            problem = f"{label.name!r} was retired from {self.title!r} and is no longer given; older annotations keep it."
        elif level not in (allowed := label.levels or self.levels):
            what = (
                f"The label {label.name!r} goes"
                if label.levels
                else f"Labels of the codebook {self.title!r} go"
            )
            problem = f"{what} on {', '.join(allowed)}; found level {level.value!r}."
        if problem:
            raise DomainError(problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationOp:
    """One entry of the append-only annotation log.

    ``op_id`` is made by whoever makes the operation and committed at most once. ``annotation_id`` is what the operation adds,
    changes or withdraws; CHANGE and ADD carry the whole state, WITHDRAW only the ids. For level ``document`` the span covers the
    whole text with an empty quote permitted: ``start`` = ``end`` = 0.
    """

    op_id: str
    kind: OpKind
    annotation_id: str
    document_id: str
    level: Level = Level.SENTENCE
    span: Span | None = None
    codebook_id: str = ""
    codebook_version: str = ""
    label: str = ""
    intensity: int | None = None
    target: str = ""
    confidence: int | None = None
    note: str = ""
    label_method: LabelMethod = LabelMethod.MANUAL
    layer: Layer = Layer.ANNOTATOR
    annotator_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """The present state of one annotation, as the log gives it."""

    annotation_id: str
    document_id: str
    level: Level
    span: Span
    codebook_id: str
    codebook_version: str
    label: str
    intensity: int | None = None
    target: str = ""
    confidence: int | None = None
    note: str = ""
    label_method: LabelMethod = LabelMethod.MANUAL
    layer: Layer = Layer.ANNOTATOR
    annotator_id: str
    created_at: datetime
    updated_at: datetime
    document_deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceJudgement:
    """A person's own stance on one claim-evidence pair; append-only, the latest of an annotator counts.

    ``stance`` None withdraws an earlier judgement.
    """

    judgement_id: str
    verification_id: str
    sentence_id: str
    stance: Stance | None
    annotator_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An input that was not taken in, and why. ``reason`` is a short code, ``message`` a sentence for a person."""

    source: str
    reason: str
    message: str
    refused_at: datetime
