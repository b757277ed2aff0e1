"""What agreement is computed from: labels, the texts they are on, and who went through which text.

That somebody gave no label says something only where they looked. `Coverage` says who looked: an annotator who covers a text and labelled nothing
in it said "no label"; of texts that an annotator does not cover they said nothing at all, and nothing is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from verifier.domain import Annotation, Codebook, Layer, Level

Place = tuple[int, int]
"""Start and end of a stretch of text: half-open, in Unicode code points."""

WHOLE: Place = (0, 0)
"""The place of every label at document level, whichever of its two spellings the annotation has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One version of a document, as far as agreement needs it.

    ``length`` is in code points. ``sentences`` are the places of its sentences in reading order; only sentence level needs them.
    """

    document_id: str
    text_sha256: str
    language: str
    length: int
    sentences: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """That an annotator went through a text: for one codebook (``""`` for all) and one level (None for all)."""

    annotator_id: str
    document_id: str
    text_sha256: str
    codebook_id: str = ""
    level: Level | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Labels by several people, on any texts, of any codebooks and levels.

    Only annotations of people are compared: gold and suggestions are left out, and so is what lies on a text that is not among ``texts``.
    """

    annotations: tuple[Annotation, ...]
    texts: tuple[Text, ...]
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One label of one annotator at one place of a text."""

    label: int
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """One text with the annotators who went through it, each with what they labelled (sorted, nothing twice).

    ``document`` numbers the document, ``by`` is from annotators' numbers to their labels.
    """

    text: Text
    document: int
    by: dict[int, tuple[Marked, ...]]

    @property
    def pairs(self) -> Iterable[tuple[int, int]]:
        """The pairs of annotators who both went through it, the lower number first."""
        return combinations(sorted(self.by), 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What people said with one codebook at one level, ready to be compared.

    Attributes:
        level: what was labelled.
        labels: ids of the labels, the codebook's order first, then those only older annotations carry; `Marked.label` counts in it.
        annotators: ids, sorted; `Covered.by` counts in it.
        texts: covered by at least one annotator.
        versions: of the codebook, as the annotations name them.
        notes: what was left out or has to be known, in sentences.
    """

    level: Level
    labels: tuple[str, ...]
    annotators: tuple[str, ...]
    texts: tuple[Covered, ...]
    versions: tuple[str, ...]
    notes: tuple[str, ...]

    def of(self, annotators: Collection[int]) -> Comparison:
        """Narrow down to texts that all of these annotators cover, and to them."""
        chosen = set(annotators)
        texts = tuple(
            Covered(text=t.text, document=t.document, by={a: t.by[a] for a in sorted(chosen)})
            for t in self.texts
            if chosen <= t.by.keys()
        )
        return replace(self, texts=texts)

    def in_language(self, language: str) -> Comparison:
        """Narrow down to the texts in one language."""
        return replace(self, texts=tuple(t for t in self.texts if t.text.language == language))


def coverage_from_labels(annotations: Iterable[Annotation]) -> tuple[Coverage, ...]:
    """Take everybody to cover the texts that they put at least one label on, with its codebook and at its level.

    For want of better knowledge: who read a text and rightly found nothing in it is overlooked, which makes agreement look worse on labels
    that are rare, or better where both found nothing. Withdrawn annotations may be given as well; they show that somebody looked.
    """
    return tuple(
        dict.fromkeys(
            Coverage(
                annotator_id=a.annotator_id,
                document_id=a.document_id,
                text_sha256=a.span.text_sha256,
                codebook_id=a.codebook_id,
                level=a.level,
            )
            for a in annotations
            if a.layer is Layer.ANNOTATOR
        )
    )


def arrange(study: Study, codebook: Codebook, level: Level, languages: Sequence[str] = ()) -> Comparison:
    """Put what people said with one codebook at one level side by side.

    Whoever labelled a text covers it, whether ``study.coverage`` says so or not.

    Args:
        study: the labels of everybody.
        codebook: whose labels; its retired ones are listed only where they were given.
        level: at which level.
        languages: only texts in these; empty for all.
    """
    own = [
        a
        for a in study.annotations
        if a.layer is Layer.ANNOTATOR and a.codebook_id == codebook.codebook_id and a.level is level
    ]
    texts = {(t.document_id, t.text_sha256): t for t in study.texts}
    placed = [a for a in own if _key(a) in texts]
    wanted = {key for key, t in texts.items() if not languages or t.language in languages}
    kept = [a for a in placed if _key(a) in wanted]
    coverage = [
        c
        for c in study.coverage
        if c.codebook_id in {"", codebook.codebook_id}
        and c.level in {None, level}
        and (c.document_id, c.text_sha256) in wanted
    ]
    annotators = tuple(sorted({a.annotator_id for a in kept} | {c.annotator_id for c in coverage}))
    labels = _labels(codebook, level, kept)
    return Comparison(
        level=level,
        labels=labels,
        annotators=annotators,
        texts=_covered(texts, kept, coverage, annotators, labels),
        versions=tuple(sorted({a.codebook_version for a in kept})),
        notes=tuple(_notes(own, placed, kept)),
    )


def _key(annotation: Annotation) -> tuple[str, str]:
    return (annotation.document_id, annotation.span.text_sha256)


def _labels(codebook: Codebook, level: Level, annotations: Iterable[Annotation]) -> tuple[str, ...]:
    given = Counter(a.label for a in annotations)
    known = [label.label_id for label in codebook.labels if not label.levels or level in label.levels]
    return (*known, *sorted(given.keys() - set(known)))


def _covered(
    texts: dict[tuple[str, str], Text],
    annotations: Iterable[Annotation],
    coverage: Iterable[Coverage],
    annotators: Sequence[str],
    labels: Sequence[str],
) -> tuple[Covered, ...]:
    numbers = {name: number for number, name in enumerate(annotators)}
    label_numbers = {name: number for number, name in enumerate(labels)}
    by: dict[tuple[str, str], dict[int, set[tuple[int, int, int]]]] = {}
    for c in coverage:
        by.setdefault((c.document_id, c.text_sha256), {}).setdefault(numbers[c.annotator_id], set())
    for a in annotations:
        said = by.setdefault(_key(a), {}).setdefault(numbers[a.annotator_id], set())
        place = WHOLE if a.level is Level.DOCUMENT else (a.span.start, a.span.end)
        said.add((*place, label_numbers[a.label]))
    documents = {name: number for number, name in enumerate(sorted({key[0] for key in by}))}
    return tuple(
        Covered(
            text=texts[key],
            document=documents[key[0]],
            by={
                annotator: tuple(
                    Marked(label=label, place=(start, end)) for start, end, label in sorted(said)
                )
                for annotator, said in sorted(by[key].items())
            },
        )
        for key in sorted(by)
    )


def _notes(
    own: Sequence[Annotation], placed: Sequence[Annotation], kept: Sequence[Annotation]
) -> Iterable[str]:
    if lost := len(own) - len(placed):
        yield f"{lost} label(s) lie on texts that are deleted or not given, and were left out."
    versions = sorted({a.codebook_version for a in kept})
    if len(versions) > 1:
        yield (
            f"Labels of the codebook's versions {', '.join(versions)} are compared with each other by the ids of labels; "
            "definitions may have changed between them."
        )
