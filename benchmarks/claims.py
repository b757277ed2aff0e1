"""How well the ranking of checkable sentences puts first what is worth checking.

Run:  python benchmarks/claims.py [--data FILE] [--fit]

Data: seeds/gold/checkable.jsonl, whole documents whose sentences are graded 0, 1 or 2. Each figure is given per language and half, with a 95 %
percentile bootstrap interval over documents. Peers in the same run: the longest sentence first, the number of amounts in it, its place in the document, the same
signs without weights, and the mean of random orders.

*AP*: average precision for grade 2 with all documents in one list, equal scores taken as one step; *mean AP*: the mean over documents, of those with a sentence of grade 2; *P@5*: the share of
grade 2 among a document's first five (of all its sentences where it has fewer); *nDCG*: with gains 2^grade - 1, over the whole document (Järvelin and Kekäläinen 2002,
doi:10.1145/582415.582418).

--fit prints weights, to be rounded and written into ``verifier/claims/ranking.py``: a logistic regression on the half `choose` alone, in which a grade 2 counts as 1, a
grade 1 as half, and the threshold from which balanced accuracy of "checkable" (grade 1 or 2) is best there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from verifier import claims, quantities
from verifier.config import resource_dir

Item = dict[str, Any]
Scorer = Callable[[Sequence[Item], np.random.Generator], np.ndarray]
"""Gives each sentence of a document a score, the higher the earlier; equal ones stay in reading order."""

RESAMPLES, RANDOM_ORDERS, SEED = 2000, 50, 7
FIRST = 5
WORTH = 2


def _ours(items: Sequence[Item], _: np.random.Generator) -> np.ndarray:
    return np.array([claims.assess(item["text"], item["language"]).score for item in items])


def _unweighted(items: Sequence[Item], _: np.random.Generator) -> np.ndarray:
    kinds = [[sign.kind for sign in claims.signs(item["text"], item["language"])] for item in items]
    return np.array([sum(1.0 if kind in claims.FOR else -1.0 for kind in found) for found in kinds])


def _longest(items: Sequence[Item], _: np.random.Generator) -> np.ndarray:
    return np.array([float(len(item["text"])) for item in items])


def _numbers(items: Sequence[Item], _: np.random.Generator) -> np.ndarray:
    return np.array([float(sum(1 for _ in quantities.find(item["text"]))) for item in items])


def _position(items: Sequence[Item], _: np.random.Generator) -> np.ndarray:
    return np.array([-float(item["ordinal"]) for item in items])


def _random(items: Sequence[Item], random: np.random.Generator) -> np.ndarray:
    return random.random(len(items))


SCORERS: dict[str, Scorer] = {
    "this ranking": _ours,
    "signs unweighted": _unweighted,
    "longest first": _longest,
    "number count": _numbers,
    "position": _position,
    "random": _random,
}


def average_precision(relevant: np.ndarray) -> float:
    """Return the mean of the precision at each relevant place of a ranked list of booleans, shape (n,)."""
    places = np.flatnonzero(relevant)
    return float(np.mean(np.arange(1, len(places) + 1) / (places + 1)))


def pooled_average_precision(scores: np.ndarray, relevant: np.ndarray) -> float:
    """Return the average precision of scores, shape (n,), where equal ones are one step and their order does not matter."""
    steps, step = np.unique(-scores, return_inverse=True)
    found = np.bincount(step, weights=relevant, minlength=len(steps))
    taken = np.cumsum(np.bincount(step, minlength=len(steps)))
    return float(np.sum(found * np.cumsum(found) / taken) / np.sum(found))


def ndcg(grades: np.ndarray) -> float:
    """Return the discounted gain of ranked grades, shape (n,), as a share of the best order's."""
    discounts = 1 / np.log2(np.arange(2, len(grades) + 2))
    best = float(np.sum((2.0 ** np.sort(grades)[::-1] - 1) * discounts))
    return float(np.sum((2.0**grades - 1) * discounts)) / best


def measured(documents: Sequence[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Return the four figures of some documents, each given as (scores, grades), both of shape (n,) in reading order."""
    ranked = [grades[np.argsort(-scores, kind="stable")] for scores, grades in documents]
    scores, grades = (np.concatenate(column) for column in zip(*documents, strict=True))
    worth = [found for found in ranked if (found == WORTH).any()]
    return {
        "AP": pooled_average_precision(scores, grades == WORTH),
        "mean AP": float(np.mean([average_precision(found == WORTH) for found in worth])),
        f"P@{FIRST}": float(np.mean([np.mean(found[:FIRST] == WORTH) for found in ranked])),
        "nDCG": float(np.mean([ndcg(found) for found in ranked if found.any()])),
    }


def with_interval(
    documents: Sequence[tuple[np.ndarray, np.ndarray]],
) -> dict[str, tuple[float, float, float]]:
    """Return each figure with the ends of its interval; whole documents are drawn again, with replacement."""
    random = np.random.default_rng(SEED)
    drawn: dict[str, list[float]] = {}
    while len(next(iter(drawn.values()), [])) < RESAMPLES:
        sample = [documents[n] for n in random.integers(len(documents), size=len(documents))]
        if any((grades == WORTH).any() for _, grades in sample):
            for name, value in measured(sample).items():
                drawn.setdefault(name, []).append(value)
    return {
        name: (value, *np.percentile(drawn[name], [2.5, 97.5])) for name, value in measured(documents).items()
    }


def scored(items: Sequence[Item], scorer: Scorer, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (scores, grades) of each document, in the order of the file."""
    random = np.random.default_rng(seed)
    by_document: dict[str, list[Item]] = {}
    for item in items:
        by_document.setdefault(item["document"], []).append(item)
    return [
        (scorer(listed, random), np.array([item["grade"] for item in listed], dtype=float))
        for listed in by_document.values()
    ]


def report(items: Sequence[Item]) -> None:
    """Print one line per ranking."""
    for name, scorer in SCORERS.items():
        if name == "random":
            runs = [measured(scored(items, scorer, seed)) for seed in range(RANDOM_ORDERS)]
            cells = [f"{np.mean([run[figure] for run in runs]):.3f}            " for figure in runs[0]]
        else:
            figures = with_interval(scored(items, scorer, SEED))
            cells = [f"{value:.3f} {low:.3f}–{high:.3f}" for value, low, high in figures.values()]
        print(f"  {name:18}" + "   ".join(cells))


def decided(items: Sequence[Item]) -> str:
    """Say how the yes or no at the threshold fares against grades 1 and 2."""
    said = np.array([claims.assess(item["text"], item["language"]).checkable for item in items])
    true = np.array([item["grade"] > 0 for item in items])
    precision, recall = np.mean(true[said]), np.mean(said[true])
    kept_out = np.mean(~said[~true])
    return (
        f"  checkable from {claims.CHECKABLE_FROM}: accuracy {np.mean(said == true):.3f}, precision {precision:.3f}, recall {recall:.3f}, "
        f"kept out of what cannot be checked {kept_out:.3f}; grade 2 found {np.mean(said[[i['grade'] == WORTH for i in items]]):.3f}"
    )


def logistic_regression(rows: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the base and the weights, shape (k + 1,), by Newton's method; the weights carry a penalty of half their squares, the base none.

    Args:
        rows: signs of each sentence, shape (n, k), 0 or 1.
        shares: what the score should be, shape (n,), in [0, 1].
    """
    columns = np.hstack([np.ones((len(rows), 1)), rows])
    penalty = np.diag([0.0] + [1.0] * rows.shape[1])
    coefficients = np.zeros(columns.shape[1])
    for _ in range(25):
        scores = 1 / (1 + np.exp(-columns @ coefficients))
        slope = columns.T @ (shares - scores) - penalty @ coefficients
        curve = (columns * (scores * (1 - scores))[:, None]).T @ columns + penalty
        coefficients = coefficients + np.linalg.solve(curve, slope)
    return coefficients


def fit(items: Sequence[Item]) -> None:
    """Print weights and threshold that fit the half ``choose``."""
    kinds = (*claims.FOR, *claims.AGAINST)
    found = [{sign.kind for sign in claims.signs(item["text"], item["language"])} for item in items]
    signs = np.array([[kind in row for kind in kinds] for row in found], dtype=float)
    worth = np.array([item["grade"] for item in items]) / WORTH
    coefficients = logistic_regression(signs, worth)
    weights = {kind: round(float(weight), 1) for kind, weight in zip(kinds, coefficients[1:], strict=True)}
    base = round(float(coefficients[0]), 1)
    print(f"BASE = {base}\nWEIGHTS = {json.dumps(weights, indent=4)}")
    scores = 1 / (1 + np.exp(-base - signs @ np.array(list(weights.values()))))
    true = worth > 0
    balanced = {
        step / 100: (np.mean(scores[true] >= step / 100) + np.mean(scores[~true] < step / 100)) / 2
        for step in range(20, 81)
    }
    best = max(balanced.values())
    fits = [threshold for threshold, value in balanced.items() if value == best]
    print(f"balanced accuracy {best:.3f} from thresholds {fits[0]} to {fits[-1]}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=resource_dir("seeds") / "gold" / "checkable.jsonl")
    parser.add_argument("--fit", action="store_true")
    arguments = parser.parse_args()
    raw = arguments.data.read_bytes()
    items = [json.loads(line) for line in raw.decode("utf-8").splitlines()]
    if arguments.fit:
        fit([item for item in items if item["half"] == "choose"])
        return
    print(
        f"{arguments.data.name}, sha256 {hashlib.sha256(raw).hexdigest()[:16]}; {len(items)} sentences; Python "
        f"{platform.python_version()}, numpy {np.__version__}; {RESAMPLES} resamples of documents, seed {SEED}; random: mean of {RANDOM_ORDERS} orders"
    )
    for half in ("choose", "measure"):
        for language in ("en", "uk", "ru", "all"):
            chosen = [i for i in items if i["half"] == half and language in {"all", i["language"]}]
            if not chosen:
                continue
            documents = len({item["document"] for item in chosen})
            worth = sum(item["grade"] == WORTH for item in chosen)
            print(
                f"\n{half}, {language}: {len(chosen)} sentences of {documents} documents, {worth} of grade 2"
            )
            print(f"  {'':18}" + "   ".join(f"{name:17}" for name in ("AP", "mean AP", f"P@{FIRST}", "nDCG")))
            report(chosen)
            print(decided(chosen))


if __name__ == "__main__":
    main()
