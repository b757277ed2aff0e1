"""Fit the temperature of a checkpoint, and count how often it is right where it is how sure.

    python calibrate.py --encoder DIR --run RUN [--gold ../seeds/gold]

The temperature of least log loss (Guo et al. 2017) is searched on the half of the gold that chooses; the counts are of the half that only measures, with
amounts weighed in as the tool does. Both go into ``RUN/calibration.json``, from where ``export.py`` takes them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from evaluate import calibration_error, fit_temperature, probabilities
from network import PairTokens, StanceNetwork
from rows import LABELS, Row
from scoring import per_class, predict

from verifier.config import load_settings
from verifier.domain import StanceScores
from verifier.evaluation.gold import read_gold
from verifier.evaluation.labelled import HALVES, LabelledPair
from verifier.evaluation.measure import as_array, with_amounts

LEVELS = (0.0, 0.5, 0.65, 0.8, 0.9, 1.01)
"""Bounds between which cases are counted together; about thirty in each, and the words for sureness change near them."""


def gold_rows(pairs: Sequence[LabelledPair], reading: int = 0) -> list[Row]:
    """Turn labelled pairs into rows, evidence as the tool reads it in one of its ways, or in the last where it has fewer."""
    return [
        {
            "evidence": pair.evidence[min(reading, len(pair.evidence) - 1)],
            "claim": pair.claim,
            "label": next(iter(pair.allowed)).value,
            "kind": "gold",
            "pair": f"{pair.evidence_language}-{pair.claim_language}",
        }
        for pair in pairs
    ]


def read_pairs(
    network: StanceNetwork, tokens: PairTokens, pairs: Sequence[LabelledPair]
) -> npt.NDArray[np.float64]:
    """Return (pairs, 3) logits, the mean over each pair's readings."""
    readings = range(max(len(pair.evidence) for pair in pairs))
    return np.mean([predict(network, tokens, gold_rows(pairs, n)) for n in readings], axis=0)


def weighed(pairs: Sequence[LabelledPair], given: np.ndarray) -> np.ndarray:
    """Weigh in whether amounts agree, as a verification does; (pairs, 3)."""
    scores = [StanceScores(supports=s, refutes=r, neutral=n) for s, r, n in given.tolist()]
    return as_array(with_amounts(pair, score) for pair, score in zip(pairs, scores, strict=True))


def main() -> None:
    """Write ``calibration.json``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--checkpoint", default="last.pt")
    parser.add_argument("--gold", type=Path, default=Path(__file__).parent.parent / "seeds" / "gold")
    options = parser.parse_args()
    network = StanceNetwork(options.encoder)
    network.load_state_dict(
        torch.load(options.run / options.checkpoint, weights_only=True)["network"], strict=False
    )
    tokens = PairTokens(options.encoder, 192)
    everything = read_gold(options.gold, load_settings(environ={})).pairs
    pairs = {half: [pair for pair in everything if pair.half == half] for half in HALVES}
    rows = {half: gold_rows(part) for half, part in pairs.items()}
    # Averaging the logits of the readings and averaging their log-probabilities come to the same.
    logits = {half: read_pairs(network, tokens, part) for half, part in pairs.items()}
    temperature = fit_temperature(rows["choose"], logits["choose"], np.ones(len(rows["choose"])))
    given = {half: weighed(pairs[half], probabilities(logits[half], temperature)) for half in HALVES}
    for half, part in rows.items():
        said = [LABELS[i] for i in given[half].argmax(1)]
        scores = per_class([row["label"] for row in part], said)
        raw, fitted = (calibration_error(part, p) for p in (probabilities(logits[half], 1.0), given[half]))
        print(half, json.dumps(scores), f"calibration error {raw:.3f}, fitted {fitted:.3f}")
    sure, best = given["measure"].max(1), given["measure"].argmax(1)
    right = np.array([LABELS[i] == row["label"] for i, row in zip(best, rows["measure"], strict=True)])
    levels = []
    for low, high in pairwise(LEVELS):
        here = (sure >= low) & (sure < high)
        levels.append([low, high, int(here.sum()), int(right[here].sum())])
    print(f"temperature {temperature:.3f}; right by sureness: {levels}")
    found = {"temperature": round(temperature, 3), "reliability": levels}
    (options.run / "calibration.json").write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
