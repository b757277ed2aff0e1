"""One number with its interval, and how the interval is drawn: by resampling whole documents.

Every coefficient of this package is a function of sums over documents (disagreement seen, how often each value was given, spans matched). A
bootstrap that draws whole documents therefore only adds the documents' sums up again. Labels within one text lean on each other, so drawing
single labels or sentences would make intervals too narrow.

It knows arrays only. A figure that is undefined is None with its reason, never "not a number".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""From sums of shape (..., k) to one value each, of shape (...); not a number where it is undefined."""

ONE_DOCUMENT = "there is only one document, and one cannot be resampled"
TOO_FEW = "no interval: in most resamples of the documents the figure is undefined, because too few of them carry this"

_DRAWS_KEPT = 32
"""Draws are the same for every figure over as many documents; a report has figures over a few numbers of documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """How intervals are drawn: ``resamples`` draws of all documents with replacement, percentiles around ``level`` of them.

    Source: Efron and Tibshirani 1993, chapter 13 (percentile interval); Field and Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x (whole
    clusters are drawn).
    """

    resamples: int = 1000
    level: float = 0.95
    seed: int = 20261123


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One coefficient with its interval.

    Attributes:
        name: the coefficient.
        value: at most 1; None where it is undefined.
        low: lower end of the interval; None without one.
        high: its upper end.
        n: items (documents, sentences) or spans that it is over.
        documents: documents that it is over, which are what was resampled.
        reason: why there is no value, or no interval; empty otherwise.
        remark: what else has to be known to read it; mostly empty.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int
    documents: int
    reason: str = ""
    remark: str = ""


def estimated(
    name: str,
    sums: Floats,
    statistic: Statistic,
    *,
    n: int,
    undefined: str,
    bootstrap: Bootstrap,
    value: Callable[[], float] | None = None,
    remark: str = "",
) -> Figure:
    """Compute a figure and its percentile interval.

    Args:
        name: of the figure.
        sums: (documents, k), what each document adds.
        statistic: from sums to the figure.
        n: items or spans it is over.
        undefined: the reason to tell where the statistic is not a number.
        bootstrap: how to draw.
        value: a library's computation of the same figure, which is taken as the value where the figure is defined.
        remark: what else has to be known to read it.
    """
    count = len(sums)
    own = float(statistic(sums.sum(axis=0))) if count else float("nan")
    if not np.isfinite(own):
        return Figure(name=name, value=None, n=n, documents=count, reason=undefined, remark=remark)
    told = own if value is None else value()
    low, high, reason = _interval(sums, statistic, bootstrap)
    return Figure(
        name=name, value=told, low=low, high=high, n=n, documents=count, reason=reason, remark=remark
    )


def _interval(
    sums: Floats, statistic: Statistic, bootstrap: Bootstrap
) -> tuple[float | None, float | None, str]:
    """Return both ends of the interval, or neither and why."""
    count = len(sums)
    if count < 2:  # noqa: PLR2004  (one document drawn again and again is always itself)
        return None, None, ONE_DOCUMENT
    values = statistic(_draws(count, bootstrap) @ sums)
    defined = values[np.isfinite(values)]
    if 2 * len(defined) < len(values):
        return None, None, TOO_FEW
    tail = 50 * (1 - bootstrap.level)
    low, high = np.percentile(defined, [tail, 100 - tail])
    return float(low), float(high), ""


@lru_cache(maxsize=_DRAWS_KEPT)
def _draws(count: int, bootstrap: Bootstrap) -> Floats:
    """Return how often each document is drawn in each resample: (resamples, count)."""
    generator = np.random.default_rng(bootstrap.seed)
    drawn = generator.multinomial(count, np.full(count, 1 / count), size=bootstrap.resamples)
    return drawn.astype(np.float64)


def per_document(rows: Floats, documents: npt.NDArray[np.int64]) -> Floats:
    """Add rows up by document: (n, k) to (documents, k), only documents that have a row.

    Args:
        rows: (n, k), what each item adds.
        documents: (n,), a number for each item's document.
    """
    present, numbers = np.unique(documents, return_inverse=True)
    sums = np.zeros((len(present), rows.shape[1]))
    np.add.at(sums, numbers, rows)
    return sums


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, giving "not a number" where the denominator is not positive."""
    result: Floats = np.divide(
        numerator, denominator, out=np.full(np.shape(denominator), np.nan), where=np.asarray(denominator) > 0
    )
    return result
