"""What people decide about texts: codebooks of labels, the operations of the annotation log, and the annotations they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from verifier.domain.text import HelpfulEnum, Span
from verifier.errors import DomainError


class Level(HelpfulEnum):
    """What an annotation is attached to; a pair is a claim with one piece of its evidence."""

    SPAN = "span"
    SENTENCE = "sentence"
    DOCUMENT = "document"
    PAIR = "pair"


class Layer(HelpfulEnum):
    """Whose annotation it is: a person's, the adjudicated one, or a machine's suggestion."""

    ANNOTATOR = "annotator"
    GOLD = "gold"
    SUGGESTION = "suggestion"


class LabelMethod(HelpfulEnum):
    """How an annotation came about; a rejected suggestion is on record, in the layer of suggestions, and labels nothing."""

    MANUAL = "manual"
    SUGGESTION_ACCEPTED = "suggestion-accepted"
    SUGGESTION_REJECTED = "suggestion-rejected"
    IMPORTED = "imported"


class OpKind(HelpfulEnum):
    """What an operation of the append-only annotation log does."""

    ADD = "add"
    CHANGE = "change"
    WITHDRAW = "withdraw"


class MatchRelation(HelpfulEnum):
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
    whole text with an empty quote permitted: ``start`` = ``end`` = 0. ``suggestion_model`` is what suggested the label; ``blind`` says that the outlet
    was hidden; ``duration_ms`` is how long the decision took, from the selection on.
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
    suggestion_model: str = ""
    blind: bool = False
    duration_ms: int | None = None
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
    suggestion_model: str = ""
    blind: bool = False
    duration_ms: int | None = None
    annotator_id: str
    created_at: datetime
    updated_at: datetime
    document_deleted: bool = False
