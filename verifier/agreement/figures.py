"""One number with its interval, which is drawn by resampling whole documents (`verifier.resampling`).

Every coefficient of this package is a function of sums over documents: disagreement seen, how often each value was given, spans matched.

It knows arrays only. A figure that is undefined is None with its reason, never "not a number".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from verifier.resampling import Bootstrap, Floats, Statistic, interval

ONE_DOCUMENT = "there is only one document, and one cannot be resampled"
TOO_FEW = "no interval: in most resamples of the documents the figure is undefined, because too few of them carry this"


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
    low, high, reason = interval(sums, statistic, bootstrap, one=ONE_DOCUMENT, few=TOO_FEW)
    return Figure(
        name=name, value=told, low=low, high=high, n=n, documents=count, reason=reason, remark=remark
    )
