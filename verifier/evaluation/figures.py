"""Figures of quality on arrays, each with a bootstrap interval over clusters.

Every figure here is a function of sums over rows (a confusion matrix, the filling of reliability bins, sums of reciprocal ranks), so that
`verifier.resampling` can draw whole claims by adding their sums up.

It knows arrays only: no texts, no models, no files. An undefined figure (recall of a class that nothing belongs to) is None with
its reason, never 0.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from verifier.resampling import Bootstrap, Floats, Statistic, interval, ratio, summed

CLASSES = ("supports", "refutes", "neutral")
"""The order of columns of every array of probabilities and of both axes of a confusion matrix."""

CLASS_FIGURES = tuple(f"{label} {kind}" for label in CLASSES for kind in ("precision", "recall", "F1"))
"""The names of the figures of single classes."""

BINS = 15
"""Equal-width bins of the calibration error, as in Guo et al. 2017 (arXiv:1706.04599), section 4."""

CUTOFFS = (1, 5, 10)
"""Ranks at which recall is told."""

NDCG_CUTOFF = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with its interval.

    Attributes:
        name: such as ``macro-F1`` or ``recall@10``.
        value: a fraction in [0, 1] (other units stand in the name); None where it is undefined.
        low: lower end of the interval; None without one.
        high: its upper end.
        n: rows that it is over.
        clusters: claims (or documents) that were resampled.
        reason: why there is no value or no interval; empty otherwise.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int
    clusters: int
    reason: str = ""


def bootstrapped(
    name: str,
    sums: Floats,
    clusters: Sequence[Hashable],
    statistic: Statistic,
    *,
    undefined: str,
    bootstrap: Bootstrap,
) -> Figure:
    """Compute a figure and its percentile interval.

    Args:
        name: of the figure.
        sums: (n, k) float, what each row adds to the sums.
        clusters: (n,) which rows are drawn together.
        statistic: from sums to the figure.
        undefined: the reason to tell where the statistic is not a number.
        bootstrap: how to draw.
    """
    per_cluster = summed(sums, _codes(clusters))
    count = len(per_cluster)
    value = float(statistic(per_cluster.sum(axis=0)))
    if not np.isfinite(value):
        return Figure(name=name, value=None, n=len(sums), clusters=count, reason=undefined)
    low, high, reason = interval(
        per_cluster,
        statistic,
        bootstrap,
        one="one claim or document cannot be resampled",
        few="undefined in most resamples: too few rows of a class",
    )
    return Figure(name=name, value=value, low=low, high=high, n=len(sums), clusters=count, reason=reason)


def _codes(clusters: Sequence[Hashable]) -> npt.NDArray[np.int64]:
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(cluster, len(known)) for cluster in clusters], dtype=np.int64)


# ---- stance ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceOutcome:
    """What was said about labelled pairs, as arrays of n rows.

    Attributes:
        allowed: (n, 3) bool, which of `CLASSES` count as right; more than one where a set has fewer classes (``not_entailment``).
        said: (n,) index into `CLASSES`.
        probabilities: (n, 3) float, rows that sum to 1; None where the system gives none.
        clusters: (n,) the claim (or document) of each row.
    """

    allowed: npt.NDArray[np.bool_]
    said: npt.NDArray[np.int64]
    probabilities: Floats | None
    clusters: tuple[Hashable, ...]

    def of(self, rows: Sequence[int]) -> StanceOutcome:
        """Return some of the rows."""
        chosen = list(rows)
        return StanceOutcome(
            allowed=self.allowed[chosen],
            said=self.said[chosen],
            probabilities=None if self.probabilities is None else self.probabilities[chosen],
            clusters=tuple(self.clusters[i] for i in chosen),
        )

    @property
    def exact(self) -> list[int]:
        """The rows with exactly one right class; precision, recall and F1 are defined on these."""
        return np.flatnonzero(self.allowed.sum(axis=1) == 1).tolist()


def stance_figures(outcome: StanceOutcome, bootstrap: Bootstrap) -> list[Figure]:
    """Compute accuracy, macro-F1, per-class precision, recall and F1, calibration error and Brier score.

    Where only supports and refutes occur among the labels, ``two-way accuracy`` leaves neutral out of the choice besides. Where a label
    allows two classes, ``supports or not`` is told: accuracy with refutes and neutral joined. Per-class figures, macro-F1, calibration
    error and Brier score are over the rows with one right class; macro-F1 is the mean over the classes that occur among them.
    """
    right = outcome.allowed[np.arange(len(outcome.said)), outcome.said].astype(float)
    figures = [_mean("accuracy", right, outcome.clusters, bootstrap)]
    exact = outcome.of(outcome.exact)
    gold = exact.allowed.argmax(axis=1) if len(exact.said) else np.zeros(0, dtype=np.int64)
    figures += _class_figures(gold, exact, bootstrap)
    present = set(gold.tolist())
    if exact.probabilities is not None and len(gold):
        if present == {0, 1} and len(gold) == len(outcome.said):
            two_way = exact.probabilities[:, :2].argmax(axis=1) == gold
            figures.append(_mean("two-way accuracy", two_way.astype(float), exact.clusters, bootstrap))
        figures.append(calibration_error(exact.probabilities, gold, exact.clusters, bootstrap))
        truth = np.eye(len(CLASSES))[gold]
        brier = ((exact.probabilities - truth) ** 2).sum(axis=1)
        figures.append(_mean("Brier", brier, exact.clusters, bootstrap))
    if len(exact.said) < len(outcome.said):
        joined = (outcome.said == 0) == outcome.allowed[:, 0]
        figures.append(_mean("supports or not", joined.astype(float), outcome.clusters, bootstrap))
    return figures


def confusion(outcome: StanceOutcome) -> npt.NDArray[np.int64]:
    """Count the rows with one right class: (3, 3), gold down, said across, in the order of `CLASSES`."""
    counts = np.zeros((len(CLASSES), len(CLASSES)), dtype=np.int64)
    rows = outcome.exact
    np.add.at(counts, (outcome.allowed[rows].argmax(axis=1), outcome.said[rows]), 1)
    return counts


def _class_figures(gold: npt.NDArray[np.int64], outcome: StanceOutcome, bootstrap: Bootstrap) -> list[Figure]:
    size = len(CLASSES)
    cells = np.zeros((len(gold), size * size))
    cells[np.arange(len(gold)), gold * size + outcome.said] = 1
    present = [number for number in range(size) if (gold == number).any()]

    def parts(sums: Floats) -> tuple[Floats, Floats, Floats]:
        matrix = sums.reshape(*sums.shape[:-1], size, size)
        return np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-1), matrix.sum(axis=-2)

    def f1(sums: Floats) -> Floats:
        hit, of_gold, of_said = parts(sums)
        return ratio(2 * hit, of_gold + of_said)

    def macro(sums: Floats) -> Floats:
        values = f1(sums)[..., present]
        defined = np.isfinite(values)
        return ratio(np.where(defined, values, 0).sum(axis=-1), defined.sum(axis=-1))

    if not present:
        nothing = "no pair has a label with one right class"
        return [Figure(name="macro-F1", value=None, n=0, clusters=0, reason=nothing)]
    figures = [
        bootstrapped(
            "macro-F1", cells, outcome.clusters, macro, undefined="no class at all", bootstrap=bootstrap
        )
    ]
    for number, label in enumerate(CLASSES):
        kinds: dict[str, tuple[Statistic, str]] = {
            "precision": (
                lambda sums, i=number: ratio(parts(sums)[0], parts(sums)[2])[..., i],  # type: ignore[misc]
                f"nothing was called {label}",
            ),
            "recall": (
                lambda sums, i=number: ratio(parts(sums)[0], parts(sums)[1])[..., i],  # type: ignore[misc]
                f"no pair is labelled {label}",
            ),
            "F1": (lambda sums, i=number: f1(sums)[..., i], f"no pair is labelled {label}"),  # type: ignore[misc]
        }
        for kind, (statistic, undefined) in kinds.items():
            if number in present or kind == "recall":
                figures.append(
                    bootstrapped(
                        f"{label} {kind}",
                        cells,
                        outcome.clusters,
                        statistic,
                        undefined=undefined,
                        bootstrap=bootstrap,
                    )
                )
    return figures


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """The pairs whose winning probability lies in one bin: how many, how sure on average, and how often right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def reliability(probabilities: Floats, gold: npt.NDArray[np.int64]) -> list[ReliabilityBin]:
    """Fill the bins of a reliability diagram; empty bins are left out.

    Args:
        probabilities: (n, 3), rows that sum to 1.
        gold: (n,) indices of the right classes.
    """
    totals = _bins(probabilities, gold).sum(axis=0).reshape(BINS, 3)
    return [
        ReliabilityBin(
            low=number / BINS,
            high=(number + 1) / BINS,
            n=int(n),
            confidence=float(sure / n),
            accuracy=float(right / n),
        )
        for number, (n, sure, right) in enumerate(totals)
        if n
    ]


def calibration_error(
    probabilities: Floats, gold: npt.NDArray[np.int64], clusters: Sequence[Hashable], bootstrap: Bootstrap
) -> Figure:
    """Compute the expected calibration error of the winning class over `BINS` equal-width bins.

    Resamples have noise of their own in every bin, so the interval leans upwards of the value when pairs are few.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3.
    """

    def error(sums: Floats) -> Floats:
        bins = sums.reshape(*sums.shape[:-1], BINS, 3)
        gaps = np.abs(bins[..., 2] - bins[..., 1]).sum(axis=-1)
        return ratio(gaps, bins[..., 0].sum(axis=-1))

    return bootstrapped(
        "ECE", _bins(probabilities, gold), clusters, error, undefined="no pairs", bootstrap=bootstrap
    )


def _bins(probabilities: Floats, gold: npt.NDArray[np.int64]) -> Floats:
    """Return what each row adds to each bin: (n, BINS * 3) of count, winning probability, whether right."""
    rows = np.arange(len(gold))
    sure = probabilities.max(axis=1)
    # Bins are open below and closed above, as in the source; a probability of 0 cannot win.
    cell = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)
    filled = np.zeros((len(gold), BINS, 3))
    filled[rows, cell] = np.stack(
        [np.ones(len(gold)), sure, (probabilities.argmax(axis=1) == gold).astype(float)], axis=1
    )
    return filled.reshape(len(gold), BINS * 3)


# ---- retrieval -------------------------------------------------------------------------------------------------------


def ranks_of(hits: Sequence[frozenset[str]], relevant: Sequence[frozenset[str]]) -> list[int | None]:
    """Find at which rank (from 1) each piece of evidence stands; None where it was not found.

    Args:
        hits: best first, each with the ids of the near-identical statements folded into it.
        relevant: for each piece of evidence, its id and those of near-identical copies.
    """
    return [next((rank for rank, hit in enumerate(hits, start=1) if hit & same), None) for same in relevant]


def retrieval_figures(
    ranks: Sequence[Sequence[int | None]], clusters: Sequence[Hashable], bootstrap: Bootstrap
) -> list[Figure]:
    """Compute recall@1, @5, @10, MRR and nDCG@10 as means over claims.

    Args:
        ranks: for each claim, the ranks of its pieces of evidence; claims without any evidence are left out.
        clusters: for each claim, what it is drawn with.
        bootstrap: how to draw.

    Source: Järvelin and Kekäläinen 2002, doi:10.1145/582415.582418 (nDCG; binary gain, logarithm of base 2); Voorhees 1999 (MRR).
    """
    kept = [number for number, own in enumerate(ranks) if own]
    own_clusters = [clusters[number] for number in kept]
    own_ranks = [[rank for rank in ranks[number] if rank is not None] for number in kept]
    wanted = [len(ranks[number]) for number in kept]
    columns = {
        f"recall@{cutoff}": [
            sum(rank <= cutoff for rank in found) / count
            for found, count in zip(own_ranks, wanted, strict=True)
        ]
        for cutoff in CUTOFFS
    }
    columns["MRR"] = [1 / min(found) if found else 0.0 for found in own_ranks]
    columns[f"nDCG@{NDCG_CUTOFF}"] = [
        _ndcg(found, count) for found, count in zip(own_ranks, wanted, strict=True)
    ]
    return [_mean(name, np.array(values), own_clusters, bootstrap) for name, values in columns.items()]


def _ndcg(found: Sequence[int], count: int) -> float:
    # Pieces of evidence that were folded into one hit share its rank: they are one gain, here and in the ideal ranking.
    different = set(found)
    count -= len(found) - len(different)
    gained = sum(1 / np.log2(rank + 1) for rank in different if rank <= NDCG_CUTOFF)
    ideal = sum(1 / np.log2(rank + 1) for rank in range(1, min(count, NDCG_CUTOFF) + 1))
    return float(gained / ideal)


def share(
    name: str,
    hits: Sequence[bool],
    clusters: Sequence[Hashable],
    bootstrap: Bootstrap,
    *,
    none: str = "no rows",
) -> Figure:
    """Compute the share of true values."""
    return _mean(name, np.array(hits, dtype=float), clusters, bootstrap, none=none)


def _mean(
    name: str,
    values: npt.NDArray[np.float64],
    clusters: Sequence[Hashable],
    bootstrap: Bootstrap,
    *,
    none: str = "no rows",
) -> Figure:
    sums = np.stack([values, np.ones(len(values))], axis=1)
    return bootstrapped(
        name, sums, clusters, lambda s: ratio(s[..., 0], s[..., 1]), undefined=none, bootstrap=bootstrap
    )
