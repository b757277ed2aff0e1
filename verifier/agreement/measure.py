"""The agreement of one codebook at one level: overall, by label, by pair of annotators, by language, and the labels that are confused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from verifier.agreement import nominal, spans
from verifier.agreement.confusion import Confusion, confusions
from verifier.agreement.figures import Figure
from verifier.agreement.nominal import (
    NO_LABEL,
    NO_VARIATION,
    NOBODY,
    ONLY_ONE,
    UNUSED,
    UNUSED_TOGETHER,
    Items,
)
from verifier.agreement.study import Comparison, Study, arrange
from verifier.domain import Codebook, Level
from verifier.resampling import Bootstrap

Progress = Callable[[int, int, str], None]
"""Called with (done, total, what is being done)."""

APART = "these two labelled no text in common"

_TWO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAgreement:
    """How far people agree on one label. ``uses`` counts how often it was given, ``users`` by how many annotators."""

    label: str
    uses: int
    users: int
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAgreement:
    """How far two annotators agree, over the ``documents`` both went through."""

    first: str
    second: str
    documents: int
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageAgreement:
    """How far people agree in the documents of one language."""

    language: str
    documents: int
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far people agree with one codebook at one level.

    Attributes:
        codebook_id: whose labels.
        versions: of the codebook, as the annotations name them.
        level: what is labelled.
        multiple: whether one item may carry several labels.
        selection: the languages that were asked for; empty for all.
        annotators: everybody who went through a text.
        documents: that at least one annotator went through.
        shared_documents: that at least two did; only these say something about agreement.
        annotations: labels given, each annotator's counted.
        figures: over all labels; the first is the one to tell first.
        labels: in the codebook's order.
        pairs: of annotators.
        languages: of the documents, with the figures over all labels.
        confused: labels given in one place by different annotators, most frequent first.
        notes: what was left out or has to be known.
    """

    codebook_id: str
    versions: tuple[str, ...]
    level: Level
    multiple: bool
    selection: tuple[str, ...]
    annotators: tuple[str, ...]
    documents: int
    shared_documents: int
    annotations: int
    figures: tuple[Figure, ...]
    labels: tuple[LabelAgreement, ...]
    pairs: tuple[PairAgreement, ...]
    languages: tuple[LanguageAgreement, ...]
    confused: tuple[Confusion, ...]
    notes: tuple[str, ...]

    @property
    def unit(self) -> str:
        """What is resampled: documents, or the claims of pairs."""
        return "claim" if self.level is Level.PAIR else "document"

    @property
    def headline(self) -> Figure:
        """The figure to tell first."""
        return self.figures[0]


def measure(
    study: Study,
    codebook: Codebook,
    level: Level,
    *,
    languages: Sequence[str] = (),
    bootstrap: Bootstrap | None = None,
    progress: Progress | None = None,
) -> Agreement:
    """Compute the agreement of one codebook at one level.

    Args:
        study: labels, texts, and who went through which.
        codebook: whose labels.
        level: at which level.
        languages: only documents in these; empty for all.
        bootstrap: how intervals are drawn.
        progress: called with (done, total, what).
    """
    comparison = arrange(study, codebook, level, languages)
    look = _Look(comparison, bootstrap or Bootstrap(), multiple=codebook.multiple)
    spoken = sorted({text.text.language for text in comparison.texts})
    pairs = list(combinations(range(len(comparison.annotators)), _TWO))
    steps = len(comparison.labels) + len(pairs) + len(spoken)
    done = 0

    def told(what: str) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, steps, what)

    labels = []
    for number in range(len(comparison.labels)):
        labels.append(look.label(number))
        told("comparing labels")
    by_pair = []
    for one, other in pairs:
        narrowed = comparison.of((one, other))
        figures = _Look(narrowed, look.bootstrap, multiple=codebook.multiple, pair=(one, other)).overall()
        by_pair.append(
            PairAgreement(
                first=comparison.annotators[one],
                second=comparison.annotators[other],
                documents=_documents(narrowed),
                figures=figures,
            )
        )
        told("comparing pairs of annotators")
    by_language = []
    for language in spoken:
        narrowed = comparison.in_language(language)
        figures = _Look(narrowed, look.bootstrap, multiple=codebook.multiple).overall()
        by_language.append(
            LanguageAgreement(language=language, documents=_documents(narrowed), figures=figures)
        )
        told("comparing languages")
    return Agreement(
        codebook_id=codebook.codebook_id,
        versions=comparison.versions,
        level=level,
        multiple=codebook.multiple,
        selection=tuple(languages),
        annotators=comparison.annotators,
        documents=_documents(comparison),
        shared_documents=len({t.document for t in comparison.texts if len(t.by) >= _TWO}),
        annotations=sum(look.uses.values()),
        figures=look.overall(),
        labels=tuple(labels),
        pairs=tuple(by_pair),
        languages=tuple(by_language),
        confused=confusions(comparison),
        notes=comparison.notes,
    )


def _documents(comparison: Comparison) -> int:
    return len({text.document for text in comparison.texts})


class _Look:
    """One comparison with what is computed from it once: how often labels were given, and the items."""

    def __init__(
        self,
        comparison: Comparison,
        bootstrap: Bootstrap,
        *,
        multiple: bool,
        pair: tuple[int, int] | None = None,
    ) -> None:
        self.comparison = comparison
        self.bootstrap = bootstrap
        self.multiple = multiple
        self.pair = pair
        given = [
            (mark.label, annotator, len(text.by) >= _TWO)
            for text in comparison.texts
            for annotator, marks in text.by.items()
            for mark in marks
        ]
        self.uses = Counter(label for label, _, _ in given)
        self.users = Counter(label for label, _ in {(label, annotator) for label, annotator, _ in given})
        self.shared_uses = Counter(label for label, _, shared in given if shared)
        self._items: Items | None = None

    @property
    def items(self) -> Items:
        if self._items is None:
            self._items = nominal.items_of(self.comparison)
        return self._items

    def why(self, label: int | None = None) -> str:
        """Say why a figure would be undefined: that of one label, or that over all."""
        if not self.comparison.texts:
            return APART if self.pair else NOBODY
        if all(len(text.by) < _TWO for text in self.comparison.texts):
            return ONLY_ONE
        if label is None:
            return NO_VARIATION if self.shared_uses else NO_LABEL
        if self.shared_uses[label]:
            return NO_VARIATION
        return UNUSED_TOGETHER if self.uses[label] else UNUSED

    def overall(self) -> tuple[Figure, ...]:
        """Compute the figures over all labels, the one to tell first before the others."""
        why = self.why()
        everything = range(len(self.comparison.labels))
        if self.comparison.level is Level.SPAN:
            return (
                *self._of_spans(everything, why),
                spans.unitised_alpha(
                    self.comparison,
                    everything,
                    name=spans.UNITISED_ANY,
                    undefined=why,
                    bootstrap=self.bootstrap,
                    joined=True,
                ),
                spans.span_f1(
                    self.comparison,
                    everything,
                    exact=False,
                    name=spans.F1_OVERLAP_ANY,
                    undefined=why,
                    bootstrap=self.bootstrap,
                    joined=True,
                ),
            )
        answers, sets = self.items.sets()
        plain = nominal.alpha(answers, name=nominal.ALPHA, undefined=why, bootstrap=self.bootstrap)
        partly = nominal.alpha(
            answers,
            name=nominal.MASI_ALPHA,
            undefined=why,
            bootstrap=self.bootstrap,
            distance=nominal.masi(sets),
        )
        return (
            *((partly, plain) if self.multiple else (plain,)),
            self._cohen(lambda items: items.sets()[0], why),
            nominal.fleiss(answers, undefined=why, bootstrap=self.bootstrap),
            self._item_f1(list(everything), why),
        )

    def label(self, number: int) -> LabelAgreement:
        """Compute the figures of one label."""
        why = self.why(number)
        if self.comparison.level is Level.SPAN:
            figures = self._of_spans([number], why)
        else:
            answers = self.items.label(number)
            figures = (
                nominal.alpha(answers, name=nominal.ALPHA, undefined=why, bootstrap=self.bootstrap),
                self._cohen(lambda items: items.label(number), why),
                nominal.fleiss(answers, undefined=why, bootstrap=self.bootstrap),
                self._item_f1([number], why),
            )
        return LabelAgreement(
            label=self.comparison.labels[number],
            uses=self.uses[number],
            users=self.users[number],
            figures=figures,
        )

    def _of_spans(self, labels: Sequence[int], why: str) -> tuple[Figure, ...]:
        return (
            spans.unitised_alpha(
                self.comparison, labels, name=spans.UNITISED, undefined=why, bootstrap=self.bootstrap
            ),
            spans.span_f1(
                self.comparison,
                labels,
                exact=True,
                name=spans.F1_EXACT,
                undefined=why,
                bootstrap=self.bootstrap,
            ),
            spans.span_f1(
                self.comparison,
                labels,
                exact=False,
                name=spans.F1_OVERLAP,
                undefined=why,
                bootstrap=self.bootstrap,
            ),
        )

    def _pairs(self) -> list[tuple[int, int]]:
        people = range(len(self.comparison.annotators))
        return [self.pair] if self.pair else [(one, other) for other in people for one in range(other)]

    def _cohen(self, answers: Callable[[Items], nominal.Answers], why: str) -> Figure:
        pairs = self._pairs()
        narrowed = [self.items.of(pair) for pair in pairs]
        return nominal.cohen(
            [answers(items) for items in narrowed if len(items.documents)],
            name=nominal.LIGHT if len(pairs) > 1 else nominal.COHEN,
            undefined=why,
            bootstrap=self.bootstrap,
        )

    def _item_f1(self, labels: Sequence[int], why: str) -> Figure:
        rows, documents = [np.zeros((0, 2))], [np.zeros(0, dtype=np.int64)]
        for pair in self._pairs():
            items = self.items.of(pair)
            given = items.given[:, :, labels]
            both = (given[:, 0] & given[:, 1]).sum(axis=1)
            rows.append(np.column_stack([both, given.sum(axis=(1, 2))]).astype(np.float64))
            documents.append(items.documents)
        return spans.f1(
            nominal.F1,
            np.concatenate(rows),
            np.concatenate(documents),
            undefined=why,
            bootstrap=self.bootstrap,
        )
