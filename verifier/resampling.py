"""How intervals are drawn: whole clusters (claims, documents) again and again, with replacement.

A figure that is a function of sums over rows needs no row drawn anew: a bootstrap that draws whole clusters only adds the clusters' sums up
again, which makes a thousand resamples a matter of milliseconds. Rows of one cluster stand or fall together, so drawing single rows would make
intervals too narrow.
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

_DRAWS_KEPT = 32
"""Draws are the same for every figure over as many clusters; a report has figures over a few numbers of clusters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """How intervals are drawn: ``resamples`` draws of all clusters with replacement, percentiles around ``level`` of them.

    Source: Efron and Tibshirani 1993, chapter 13 (percentile interval); Field and Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x (whole
    clusters are drawn).
    """

    resamples: int = 1000
    level: float = 0.95
    seed: int = 20261123


def interval(
    sums: Floats, statistic: Statistic, bootstrap: Bootstrap, *, one: str, few: str
) -> tuple[float | None, float | None, str]:
    """Draw the percentile interval of a figure.

    Args:
        sums: (clusters, k), what each cluster adds.
        statistic: from sums to the figure.
        bootstrap: how to draw.
        one: the reason to tell where there is one cluster, which drawn again and again is always itself.
        few: the same where the figure is undefined in most resamples.

    Returns:
        Both ends and no reason, or neither and the reason.
    """
    count = len(sums)
    if count < 2:  # noqa: PLR2004
        return None, None, one
    values = statistic(_draws(count, bootstrap) @ sums)
    defined = values[np.isfinite(values)]
    if 2 * len(defined) < len(values):
        return None, None, few
    tail = 50 * (1 - bootstrap.level)
    low, high = np.percentile(defined, [tail, 100 - tail])
    return float(low), float(high), ""


@lru_cache(maxsize=_DRAWS_KEPT)
def _draws(count: int, bootstrap: Bootstrap) -> Floats:
    """Return how often each cluster is drawn in each resample: (resamples, count)."""
    generator = np.random.default_rng(bootstrap.seed)
    drawn = generator.multinomial(count, np.full(count, 1 / count), size=bootstrap.resamples)
    return drawn.astype(np.float64)


def summed(rows: Floats, clusters: npt.NDArray[np.int64]) -> Floats:
    """Add rows up by cluster: (n, k) to (clusters, k), only clusters that have a row.

    Args:
        rows: (n, k), what each row adds.
        clusters: (n,), a number for each row's cluster.
    """
    present, numbers = np.unique(clusters, return_inverse=True)
    sums = np.zeros((len(present), rows.shape[1]))
    np.add.at(sums, numbers, rows)
    return sums


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, giving "not a number" where the denominator is not positive."""
    result: Floats = np.divide(
        numerator, denominator, out=np.full(np.shape(denominator), np.nan), where=np.asarray(denominator) > 0
    )
    return result
