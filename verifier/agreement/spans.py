"""Agreement on spans, where annotators decide both where something begins and ends and what it is.

There are no items to count: one person's long span may be another's two short ones. Two ways out are offered. Unitised alpha compares how much of the
text is marked alike, and corrects for chance. F1 between annotators counts spans that meet, exactly or at all, and does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from verifier.agreement.figures import Figure, estimated
from verifier.agreement.study import Comparison, Covered, Place
from verifier.resampling import Bootstrap, Floats, ratio, summed

UNITISED = "Unitised alpha"
UNITISED_ANY = "Unitised alpha, any label"
F1_EXACT = "F1 between annotators, exact"
F1_OVERLAP = "F1 between annotators, overlapping"
F1_OVERLAP_ANY = "F1 between annotators, overlapping, any label"

_TWO = 2
"""Annotators that it takes to agree or not."""


# ---- unitised alpha


@dataclass(frozen=True, slots=True, kw_only=True)
class _Continuum:
    """What one text adds to the coincidences of one label with the gaps between its spans; lengths in code points.

    ``marked`` and ``total`` are summed over annotators; ``squares`` are of the lengths of single spans; ``differing`` is how much of the text
    pairs of annotators mark unlike, over both orders of the pair and divided by one less than the annotators.
    """

    marked: float
    total: float
    squares: float
    differing: float


def merged(places: Iterable[Place]) -> list[Place]:
    """Join the spans of one annotator that overlap, so that each stretch of text is marked once; spans that only touch stay apart."""
    joined: list[Place] = []
    for start, end in sorted(places):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return joined


def _shared(first: Sequence[Place], second: Sequence[Place]) -> int:
    """Return how many code points both mark; each side sorted and free of overlaps."""
    total = here = there = 0
    while here < len(first) and there < len(second):
        total += max(0, min(first[here][1], second[there][1]) - max(first[here][0], second[there][0]))
        if first[here][1] <= second[there][1]:
            here += 1
        else:
            there += 1
    return total


def _continuum(length: int, by: Sequence[Sequence[Place]]) -> _Continuum:
    marked = [sum(end - start for start, end in own) for own in by]
    unlike = sum(marked[i] + marked[j] - 2 * _shared(by[i], by[j]) for i in range(len(by)) for j in range(i))
    return _Continuum(
        marked=sum(marked),
        total=length * len(by),
        squares=sum((end - start) ** 2 for own in by for start, end in own),
        # Either order of a pair sees each unlike stretch once as (label, gap) and once as (gap, label).
        differing=2 * unlike / (len(by) - 1),
    )


def unitised_alpha(
    comparison: Comparison,
    labels: Sequence[int],
    *,
    name: str,
    undefined: str,
    bootstrap: Bootstrap,
    joined: bool = False,
) -> Figure:
    """Compute the unitised alpha of one label, or of several taken together.

    Each label is a continuum of its own, of spans and gaps, so that spans of different labels may overlap; over several labels observed and expected
    disagreement are each summed before they are compared. Texts covered by fewer than two annotators do not count; over texts with different numbers of
    annotators lengths are summed as in nominal alpha with missing data.

    Args:
        comparison: what was said.
        labels: numbers of labels.
        name: of the figure.
        undefined: the reason to tell where it is undefined.
        bootstrap: how to draw.
        joined: treat all these labels as one: only where something is marked counts.

    Source: Krippendorff, Mathet, Bouvry and Widlöcher 2016, "On the reliability of unitizing textual continua: Further developments",
    Quality & Quantity 50(6), doi:10.1007/s11135-015-0266-1: coincidences are lengths of intersections; expected ones are products of total lengths less what
    a span or a single point of a gap would make with itself.
    """
    texts = [text for text in comparison.texts if len(text.by) >= _TWO]
    groups = [set(labels)] if joined else [{label} for label in labels]
    rows = np.zeros((len(texts), 4 * len(groups)))
    spans = 0
    for line, text in enumerate(texts):
        for number, group in enumerate(groups):
            by = [merged(m.place for m in marks if m.label in group) for marks in text.by.values()]
            spans += sum(map(len, by))
            one = _continuum(text.text.length, by)
            rows[line, 4 * number : 4 * number + 4] = one.marked, one.total, one.squares, one.differing

    def statistic(total: Floats) -> Floats:
        blocks = total.reshape(*total.shape[:-1], -1, 4)
        marked, whole, squares, differing = (blocks[..., column] for column in range(4))
        gaps = whole - marked
        expected = ratio(2 * marked * gaps * whole, whole**2 - squares - gaps)
        return 1 - ratio(differing.sum(axis=-1), np.where(np.isfinite(expected), expected, 0).sum(axis=-1))

    return estimated(
        name,
        summed(rows, _documents(texts)),
        statistic,
        n=spans,
        undefined=undefined,
        bootstrap=bootstrap,
    )


def _documents(texts: Sequence[Covered]) -> npt.NDArray[np.int64]:
    return np.array([text.document for text in texts], dtype=np.int64)


# ---- matching


def overlaps(first: Sequence[Place], second: Sequence[Place]) -> npt.NDArray[np.bool_]:
    """Tell which spans share at least one code point: (first, second)."""
    a, b = (np.array(places, dtype=np.int64).reshape(-1, 2) for places in (first, second))
    result: npt.NDArray[np.bool_] = np.maximum(a[:, None, 0], b[None, :, 0]) < np.minimum(
        a[:, None, 1], b[None, :, 1]
    )
    return result


def matched(first: Sequence[Place], second: Sequence[Place]) -> int:
    """Count the spans that can be paired off one to one so that each overlaps its partner: a maximum matching.

    One to one, so that a span over a whole paragraph does not meet everything in it.
    """
    if not first or not second:
        return 0
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # noqa: PLC0415  (only when computed)
    from scipy.sparse.csgraph import maximum_bipartite_matching  # type: ignore[import-untyped]  # noqa: PLC0415

    return int((maximum_bipartite_matching(csr_matrix(overlaps(first, second))) >= 0).sum())


def f1(
    name: str, rows: Floats, documents: npt.NDArray[np.int64], *, undefined: str, bootstrap: Bootstrap
) -> Figure:
    """Compute F1 between annotators from (n, 2): what two have in common, and what both gave, for each text or item and pair of them.

    Either annotator taken as the truth gives the same F1: twice what is common over what both gave, summed over all pairs (micro average).

    Source: Hripcsak and Rothschild 2005, "Agreement, the F-measure, and reliability in information retrieval", JAMIA 12(3),
    doi:10.1197/jamia.M1733 (as kappa's limit where what is not marked cannot be counted).
    """

    def statistic(total: Floats) -> Floats:
        return ratio(2 * total[..., 0], total[..., 1])

    return estimated(
        name,
        summed(rows, documents),
        statistic,
        n=int(rows[:, 1].sum()),
        undefined=undefined,
        bootstrap=bootstrap,
    )


def span_f1(
    comparison: Comparison,
    labels: Sequence[int],
    *,
    exact: bool,
    name: str,
    undefined: str,
    bootstrap: Bootstrap,
    joined: bool = False,
) -> Figure:
    """Compute F1 between annotators on spans of some labels; with ``joined`` spans meet whatever their labels are."""
    groups = [set(labels)] if joined else [{label} for label in labels]
    rows: list[tuple[int, int]] = []
    documents: list[int] = []
    for text in comparison.texts:
        by = {
            annotator: [sorted({m.place for m in marks if m.label in group}) for group in groups]
            for annotator, marks in text.by.items()
        }
        for one, other in text.pairs:
            common = sum(
                len({*mine} & {*theirs}) if exact else matched(mine, theirs)
                for mine, theirs in zip(by[one], by[other], strict=True)
            )
            rows.append((common, sum(map(len, by[one])) + sum(map(len, by[other]))))
            documents.append(text.document)
    return f1(
        name,
        np.array(rows, dtype=np.float64).reshape(-1, 2),
        np.array(documents, dtype=np.int64),
        undefined=undefined,
        bootstrap=bootstrap,
    )
