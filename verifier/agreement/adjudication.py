"""What there is to decide where several people labelled one text: their labels grouped into decisions, with who said what.

What everybody who went through the text said alike, label and place, is a decision of its own, and settled in substance. All other labels that share words, directly
or through others, are one decision, since what becomes of one bears on the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from verifier.agreement.study import WHOLE, Place
from verifier.domain import Annotation, Layer, Level
from verifier.domain.text import HelpfulEnum
from verifier.errors import DomainError

_TWO = 2
"""Annotators that it takes to agree."""


class Accord(HelpfulEnum):
    """How far those who went through a text say the same: everybody; those who labelled, while others did not; one alone; another place; another label."""

    AGREED = "agreed"
    SOME = "some"
    ONE = "one"
    OTHER_SPAN = "other-span"
    OTHER_LABEL = "other-label"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One label at one place, with all annotations that say so, by annotator."""

    place: Place
    label: str
    annotations: tuple[Annotation, ...]

    @property
    def annotators(self) -> tuple[str, ...]:
        """Who says so, each once."""
        return tuple(dict.fromkeys(one.annotator_id for one in self.annotations))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Labels that are settled together.

    Attributes:
        readings: the different things that were said, in reading order.
        silent: annotators who went through the text and labelled nothing here, sorted.
        accord: how far they agree.
    """

    readings: tuple[Reading, ...]
    silent: tuple[str, ...]
    accord: Accord

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """All labels of the decision."""
        return tuple(one for reading in self.readings for one in reading.annotations)

    @property
    def annotators(self) -> tuple[str, ...]:
        """Who labelled something here, sorted."""
        return tuple(sorted({one.annotator_id for one in self.annotations}))

    @property
    def place(self) -> Place:
        """From where the first of the labels begins to where the last ends."""
        return union(reading.place for reading in self.readings)

    @property
    def decision_id(self) -> str:
        """16 hexadecimal digits that are the same as long as it is about the same annotations."""
        names = sorted(one.annotation_id for one in self.annotations)
        return hashlib.sha256("\0".join(names).encode()).hexdigest()[:16]


def place_of(annotation: Annotation) -> Place:
    """Return where an annotation stands; all on the whole document stand at the same place."""
    if annotation.level is Level.DOCUMENT:
        return WHOLE
    return (annotation.span.start, annotation.span.end)


def decisions(annotations: Iterable[Annotation], went_through: Collection[str] = ()) -> tuple[Decision, ...]:
    """Group what people labelled on one text, with one codebook and at one level, into decisions in reading order.

    Args:
        annotations: in any order; only those of annotators count.
        went_through: who went through the text, whether they labelled anything or not; who labelled did anyway.

    Returns:
        Decisions that together hold each annotation exactly once.

    Raises:
        DomainError: they are not all on one text, of one codebook and one level.
    """
    given = [one for one in annotations if one.layer is Layer.ANNOTATOR]
    if len({(a.document_id, a.span.text_sha256, a.codebook_id, a.level) for a in given}) > 1:
        msg = "Decisions are made on one text, codebook and level at a time; found labels of several. Group them first."
        raise DomainError(msg)
    people = {*went_through, *(one.annotator_id for one in given)}
    agreed: list[list[Reading]] = []
    rest: list[Reading] = []
    for reading in _readings(given):
        if len(people) >= _TWO and people == set(reading.annotators):
            agreed.append([reading])
        else:
            rest.append(reading)
    found = [_decision(group, people) for group in (*agreed, *_connected(rest))]
    return tuple(sorted(found, key=lambda one: (one.place, one.readings[0].label)))


def union(places: Iterable[Place]) -> Place:
    """Return the stretch from the first start to the last end."""
    starts, ends = zip(*places, strict=True)
    return (min(starts), max(ends))


def intersection(places: Iterable[Place]) -> Place:
    """Return what all places share; raises DomainError where that is nothing."""
    starts, ends = zip(*places, strict=True)
    shared = (max(starts), min(ends))
    if shared != WHOLE and shared[0] >= shared[1]:
        msg = (
            "These labels have no words in common that all of them cover. Keep one, or join all their words."
        )
        raise DomainError(msg)
    return shared


def _readings(annotations: Iterable[Annotation]) -> list[Reading]:
    """Put together what says the same, in reading order."""
    same: dict[tuple[Place, str], list[Annotation]] = {}
    for one in sorted(annotations, key=lambda a: (a.annotator_id, a.created_at, a.annotation_id)):
        same.setdefault((place_of(one), one.label), []).append(one)
    return [
        Reading(place=place, label=label, annotations=tuple(same[place, label]))
        for place, label in sorted(same)
    ]


def _connected(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Cut readings, sorted by place, wherever nothing reaches over the cut."""
    groups: list[list[Reading]] = []
    end = -1
    for reading in readings:
        if groups and (reading.place[0] < end or reading.place == groups[-1][-1].place):
            groups[-1].append(reading)
            end = max(end, reading.place[1])
        else:
            groups.append([reading])
            end = reading.place[1]
    return groups


def _decision(readings: Sequence[Reading], people: Collection[str]) -> Decision:
    said: dict[str, set[tuple[Place, str]]] = {}
    for reading in readings:
        for name in reading.annotators:
            said.setdefault(name, set()).add((reading.place, reading.label))
    silent = tuple(sorted(set(people) - said.keys()))
    return Decision(readings=tuple(readings), silent=silent, accord=_accord(list(said.values()), silent))


def _accord(said: Sequence[set[tuple[Place, str]]], silent: Collection[str]) -> Accord:
    if len(said) < _TWO:
        return Accord.ONE
    if all(one == said[0] for one in said):
        return Accord.SOME if silent else Accord.AGREED
    labels = [{label for _, label in one} for one in said]
    return Accord.OTHER_SPAN if all(one == labels[0] for one in labels) else Accord.OTHER_LABEL
