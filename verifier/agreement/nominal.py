"""Agreement on items that everybody sees as the same: whole documents, or sentences.

Each annotator says of each item a set of labels, mostly empty. Looked at label by label that is a binary decision; looked at as a whole it is one
value, of which two can be partly the same (MASI).

Krippendorff's nominal alpha is the library ``krippendorff``'s and Cohen's kappa scikit-learn's; what they cannot do in bounded memory or do
not offer (MASI distance over hundreds of sets of labels, Fleiss' kappa) is computed here. Intervals need thousands of evaluations, so each
coefficient stands here as a function of sums besides, and tests hold it equal to the library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from verifier.agreement.figures import Figure, estimated
from verifier.agreement.study import WHOLE, Comparison, Covered, Place
from verifier.domain import Level
from verifier.resampling import Bootstrap, Floats, ratio, summed

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ALPHA = "Krippendorff's alpha"
MASI_ALPHA = "Krippendorff's alpha, MASI distance"
COHEN = "Cohen's kappa"
LIGHT = "Cohen's kappa, mean of pairs"
FLEISS = "Fleiss' kappa"
F1 = "F1 between annotators"

NOBODY = "nobody has labelled anything here yet"
ONLY_ONE = "only one annotator labelled these"
UNUSED = "nobody used this label"
UNUSED_TOGETHER = "nobody used this label where two annotators went through the text"
NO_LABEL = "nobody used any label"
NO_VARIATION = "no variation: all said the same"

_TWO = 2
"""Annotators that it takes to agree or not."""

_LIBRARY_CELLS = 2_000_000
"""Items times squared values up to which the library computes nominal alpha: it holds arrays of that many numbers, and a tenth of a second is about what one figure may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """Items by annotators by labels.

    Attributes:
        given: (items, annotators, labels) whether the annotator gave the label.
        covered: (items, annotators) whether the annotator saw the item at all; ``given`` is false where not.
        documents: (items,) the number of the item's document.
    """

    given: Bools
    covered: Bools
    documents: Ints

    def of(self, annotators: Sequence[int]) -> Items:
        """Narrow down to some annotators, and to the items that all of them saw."""
        chosen = list(annotators)
        seen = self.covered[:, chosen].all(axis=1)
        return Items(
            given=self.given[seen][:, chosen],
            covered=self.covered[seen][:, chosen],
            documents=self.documents[seen],
        )

    def label(self, number: int) -> Answers:
        """Look at one label: said (1) or not (0)."""
        return Answers(
            said=np.where(self.covered, self.given[:, :, number].astype(np.int64), -1),
            values=2,
            documents=self.documents,
        )

    def sets(self) -> tuple[Answers, Bools]:
        """Look at the whole: every different set of labels is a value.

        Returns:
            The answers, and (values, labels) what each value consists of.
        """
        size = self.given.shape[2]
        rows = self.given[self.covered]
        packed = np.packbits(rows, axis=1) if size else np.zeros((len(rows), 1), dtype=np.uint8)
        distinct, codes = np.unique(packed, axis=0, return_inverse=True)
        said = np.full(self.covered.shape, -1, dtype=np.int64)
        said[self.covered] = codes.reshape(-1)
        sets = (
            np.unpackbits(distinct, axis=1, count=size).astype(bool)
            if size
            else np.zeros((len(distinct), 0), dtype=bool)
        )
        return Answers(said=said, values=len(sets), documents=self.documents), sets


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One value of each annotator for each item.

    Attributes:
        said: (items, annotators) a value from 0, or -1 where the annotator did not see the item.
        values: how many values there are.
        documents: (items,) the number of the item's document.
    """

    said: Ints
    values: int
    documents: Ints

    def counts(self) -> Ints:
        """Count how many annotators said each value of each item: (items, values)."""
        counted = np.zeros((len(self.said), self.values), dtype=np.int64)
        item, annotator = np.nonzero(self.said >= 0)
        np.add.at(counted, (item, self.said[item, annotator]), 1)
        return counted


def items_of(comparison: Comparison) -> Items:
    """Lay out what was said item by item.

    At document level a text is an item; at sentence level each of its sentences is, and each labelled place that is none of them (labels that
    were given when the text was cut otherwise); at any other level each labelled place.
    """
    shape = (len(comparison.annotators), len(comparison.labels))
    given: list[Bools] = []
    covered: list[Bools] = []
    documents: list[int] = []
    for text in comparison.texts:
        marks = [(annotator, mark) for annotator, marks in text.by.items() for mark in marks]
        places = sorted({*places_at(text, comparison.level), *(mark.place for _, mark in marks)})
        numbers = {place: number for number, place in enumerate(places)}
        here = np.zeros((len(places), *shape), dtype=bool)
        for annotator, mark in marks:
            here[numbers[mark.place], annotator, mark.label] = True
        saw = np.zeros((len(places), shape[0]), dtype=bool)
        saw[:, sorted(text.by)] = True
        given.append(here)
        covered.append(saw)
        documents += [text.document] * len(places)
    return Items(
        given=np.concatenate(given) if given else np.zeros((0, *shape), dtype=bool),
        covered=np.concatenate(covered) if covered else np.zeros((0, shape[0]), dtype=bool),
        documents=np.array(documents, dtype=np.int64),
    )


def places_at(text: Covered, level: Level) -> tuple[Place, ...]:
    """Return the places of a text that everybody who went through it decided on."""
    return {Level.DOCUMENT: (WHOLE,), Level.SENTENCE: text.text.sentences}.get(level, ())


# ---- Krippendorff


def masi(sets: Bools) -> Floats:
    """Compute the MASI distance between all sets of labels: (values, values) in [0, 1].

    One minus the Jaccard index times how the sets lie to each other: 1 equal, 2/3 one within the other, 1/3 overlapping, 0 apart. Two empty
    sets are equal.

    Source: Passonneau 2006, "Measuring Agreement on Set-valued Items (MASI) for Semantic and Pragmatic Annotation", LREC.
    """
    members = sets.astype(np.float64)
    sizes = members.sum(axis=1)
    both = members @ members.T
    union = sizes[:, None] + sizes[None, :] - both
    smaller = np.minimum(sizes[:, None], sizes[None, :])
    weight = np.where(both == union, 1.0, np.where(both == smaller, 2 / 3, 1 / 3))
    jaccard = np.divide(both, union, out=np.ones_like(both), where=union > 0)
    distance: Floats = 1 - jaccard * weight
    return distance


def alpha(
    answers: Answers, *, name: str, undefined: str, bootstrap: Bootstrap, distance: Floats | None = None
) -> Figure:
    """Compute Krippendorff's alpha; items that fewer than two annotators saw do not count.

    Args:
        answers: what was said.
        name: of the figure.
        undefined: the reason to tell where it is undefined.
        bootstrap: how to draw.
        distance: (values, values) in [0, 1], 0 on the diagonal; without one values are the same or not, the nominal distance.

    Source: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: alpha = 1 - D_o / D_e, where each item adds to D_o its
    pairs of answers divided by one less than their number, and D_e pairs all answers with each other.
    """
    counts = answers.counts()
    paired = counts.sum(axis=1) >= _TWO
    counts = counts[paired]
    library = distance is None and counts.size * answers.values <= _LIBRARY_CELLS
    distance = 1 - np.eye(answers.values) if distance is None else distance
    seen = ((counts @ distance) * counts).sum(axis=1) / (counts.sum(axis=1) - 1)
    sums = summed(np.column_stack([seen, counts]), answers.documents[paired])

    def statistic(total: Floats) -> Floats:
        observed, number = total[..., 0], total[..., 1:].sum(axis=-1)
        expected = ((total[..., 1:] @ distance) * total[..., 1:]).sum(axis=-1)
        return 1 - ratio(observed * (number - 1), expected)

    def by_library() -> float:
        import krippendorff  # noqa: PLC0415  (only when computed)

        return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))

    return estimated(
        name,
        sums,
        statistic,
        n=len(counts),
        undefined=undefined,
        bootstrap=bootstrap,
        value=by_library if library else None,
    )


# ---- kappas


def fleiss(answers: Answers, *, undefined: str, bootstrap: Bootstrap) -> Figure:
    """Compute Fleiss' kappa, which needs as many answers to every item.

    Taken are the items with the commonest number of answers (of equally common ones the larger); the rest is left out, which the remark tells.

    Source: Fleiss 1971, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76(5): the mean over items of the share of
    agreeing pairs, corrected by the sum of the squared shares of the values.
    """
    counts = answers.counts()
    raters = counts.sum(axis=1)
    common = Counter(raters[raters >= _TWO].tolist())
    size = max(common, key=lambda number: (common[number], number), default=_TWO)
    taken = raters == size
    counts = counts[taken]
    agreeing = ((counts**2).sum(axis=1) - size) / (size * (size - 1))
    sums = summed(np.column_stack([agreeing, np.ones(len(counts)), counts]), answers.documents[taken])

    def statistic(total: Floats) -> Floats:
        number = total[..., 1]
        observed = ratio(total[..., 0], number)
        expected = ratio((total[..., 2:] ** 2).sum(axis=-1), (number * size) ** 2)
        return corrected(observed, expected)

    left = int((raters >= _TWO).sum()) - len(counts)
    return estimated(
        FLEISS,
        sums,
        statistic,
        n=len(counts),
        undefined=undefined,
        bootstrap=bootstrap,
        remark=f"over the items with {size} annotators; {left} with another number are left out"
        if left
        else "",
    )


def cohen(pairs: Sequence[Answers], *, name: str, undefined: str, bootstrap: Bootstrap) -> Figure:
    """Compute Cohen's kappa of two annotators, or of several pairs its mean.

    Args:
        pairs: of two annotators each, over the items both saw.
        name: of the figure.
        undefined: the reason to tell where no pair has one.
        bootstrap: how to draw.

    Source: Cohen 1960, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20(1); the mean over
    pairs: Light 1971, "Measures of response agreement for qualitative data", Psychological Bulletin 76(5).
    """
    documents = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(p.documents for p in pairs)]))
    blocks: list[Floats] = []
    for pair in pairs:
        size = pair.values
        rows = np.zeros((len(pair.said), 2 + 2 * size))
        lines = np.arange(len(pair.said))
        rows[:, 0] = pair.said[:, 0] == pair.said[:, 1]
        rows[:, 1] = 1
        rows[lines, 2 + pair.said[:, 0]] = 1
        rows[lines, 2 + size + pair.said[:, 1]] = 1
        block = np.zeros((len(documents), rows.shape[1]))
        np.add.at(block, np.searchsorted(documents, pair.documents), rows)
        blocks.append(block)
    ends = np.cumsum([0, *(block.shape[1] for block in blocks)])

    def statistic(total: Floats) -> Floats:
        kappas = [_cohen(total[..., start:end]) for start, end in pairwise(ends)]
        return mean_of_defined(np.stack(kappas, axis=-1)) if kappas else np.full(total.shape[:-1], np.nan)

    def by_library() -> float:
        from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped]  # noqa: PLC0415

        defined = [
            pair for pair, block in zip(pairs, blocks, strict=True) if np.isfinite(_cohen(block.sum(axis=0)))
        ]
        return float(np.mean([cohen_kappa_score(pair.said[:, 0], pair.said[:, 1]) for pair in defined]))

    return estimated(
        name,
        np.concatenate(blocks, axis=1) if blocks else np.zeros((0, 0)),
        statistic,
        n=sum(len(pair.said) for pair in pairs),
        undefined=undefined,
        bootstrap=bootstrap,
        value=by_library,
    )


def _cohen(total: Floats) -> Floats:
    size = (total.shape[-1] - 2) // 2
    number = total[..., 1]
    expected = ratio((total[..., 2 : 2 + size] * total[..., 2 + size :]).sum(axis=-1), number**2)
    return corrected(ratio(total[..., 0], number), expected)


def corrected(observed: Floats, expected: Floats) -> Floats:
    """Correct observed agreement for what chance gives; undefined where chance gives all of it."""
    certain = expected > 1 - 1e-12
    return np.where(certain, np.nan, (observed - expected) / np.where(certain, 1, 1 - expected))


def mean_of_defined(values: Floats) -> Floats:
    """Return the mean over the last axis of what is defined."""
    defined = np.isfinite(values)
    return ratio(np.where(defined, values, 0).sum(axis=-1), defined.sum(axis=-1))
