"""Score a checkpoint: on the sets for choosing (with the temperature that fits them), or on the sets that only measure.

python evaluate.py choose  --encoder DIR --run DIR --pools DIR
python evaluate.py measure --encoder DIR --run DIR --data FOLDER --temperature 1.3
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from network import PairTokens, StanceNetwork
from rows import LABELS, NOT_SUPPORTS, Row, read_nli, read_rows
from scoring import predict, table

HERE = Path(__file__).parent


def probabilities(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Return the softmax of ``logits / temperature``, shape (rows, 3)."""
    scaled = logits.astype(np.float64) / temperature
    raised = np.exp(scaled - scaled.max(1, keepdims=True))
    result: np.ndarray = raised / raised.sum(1, keepdims=True)
    return result


def calibration_error(rows: list[Row], probability: np.ndarray, bins: int = 15) -> float:
    """Return the expected calibration error of the winning class (Guo et al. 2017), three-class rows only."""
    kept = [i for i, row in enumerate(rows) if row["label"] in LABELS]
    winner, sure = probability[kept].argmax(1), probability[kept].max(1)
    right = np.array([LABELS[w] == rows[i]["label"] for w, i in zip(winner, kept, strict=True)])
    cell = np.minimum((sure * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        here = cell == b
        if here.any():
            error += here.mean() * abs(right[here].mean() - sure[here].mean())
    return float(error)


def fit_temperature(rows: list[Row], logits: np.ndarray, weights: np.ndarray) -> float:
    """Return the temperature of least weighted log loss, searched on a grid."""
    target = np.array([LABELS.index(row["label"]) for row in rows])
    grid = np.exp(np.linspace(np.log(0.5), np.log(4), 120))

    def loss(temperature: float) -> float:
        p = probabilities(logits, temperature)[np.arange(len(rows)), target]
        return float(-(weights * np.log(p + 1e-12)).sum() / weights.sum())

    return float(min(grid, key=loss))


def two_way(rows: list[Row], logits: np.ndarray) -> float:
    """Return the accuracy of supports against refutes with neutral left out of the choice."""
    said = np.where(logits[:, 0] > logits[:, 1], "supports", "refutes")
    return float(np.mean([s == row["label"] for s, row in zip(said, rows, strict=True)]))


def measured_sets(data: Path) -> dict[str, list[Row]]:
    """Read the sets that only measure; XNLI also with premise and hypothesis in different languages."""
    nli = data / "nli"
    english = list(read_nli(nli / "xnli_dev_en_ru.jsonl.gz", language="en"))
    russian = list(read_nli(nli / "xnli_dev_en_ru.jsonl.gz", language="ru"))
    mixed = {"en-ru": (english, russian), "ru-en": (russian, english)}
    sets = {"xnli en": english, "xnli ru": russian}
    for pair, (first, second) in mixed.items():
        sets[f"xnli {pair}"] = [
            {**a, "claim": b["claim"], "pair": pair} for a, b in zip(first, second, strict=True)
        ]
    for name in ("fever_symmetric_dev", "fool_me_twice_dev", "negation_nli_a", "climate_fever_a"):
        sets[name] = list(read_nli(nli / f"{name}.jsonl.gz"))
    return sets


def show(name: str, scores: dict[str, float]) -> None:
    """Print one line of a table."""
    print(f"{name:28s}", "  ".join(f"{key} {value:g}" for key, value in scores.items()), flush=True)


def choose(predictor: Callable[[list[Row]], np.ndarray], pools: Path) -> None:
    """Score the sets for choosing and fit the temperature on them, each set weighing the same."""
    sets = {
        "nli dev": pools / "nli_dev.jsonl.gz",
        "made dev": pools / "made_dev.jsonl.gz",
        "quantity dev": pools / "quantity_dev.jsonl.gz",
        "opposition dev": pools / "opposition_dev.jsonl.gz",
        "news dev": HERE / "dev_pairs.jsonl",
    }
    everything, logits, weights = [], [], []
    for name, path in sets.items():
        rows = read_rows(path)
        out = predictor(rows)
        show(name, table(rows, out, lambda _: "all")["all"])
        for pair, scores in table(rows, out, lambda row: row["pair"]).items():
            show(f"  {name} {pair}", scores)
        for kind, scores in table(rows, out, lambda row: f"{row['label'][:3]} {row['kind']}").items():
            if name == "made dev":
                show(f"    {kind}", {k: scores[k] for k in ("n", "acc")})
        everything += rows
        logits.append(out)
        weights.append(np.full(len(rows), 1 / len(rows)))
    stacked = np.concatenate(logits)
    temperature = fit_temperature(everything, stacked, np.concatenate(weights))
    for t in (1.0, temperature):
        print(
            f"temperature {t:.3f}: calibration error {calibration_error(everything, probabilities(stacked, t)):.3f}"
        )


def measure(predictor: Callable[[list[Row]], np.ndarray], data: Path, temperature: float, most: int) -> None:
    """Score the measured sets (``most`` rows of each, drawn with a fixed seed)."""
    for name, every in measured_sets(data).items():
        rows = every if len(every) <= most else random.Random(7).sample(every, most)
        out = predictor(rows)
        scores = table(rows, out, lambda _: "all")["all"]
        if {row["label"] for row in rows} == {"supports", "refutes"}:
            scores["two-way"] = round(two_way(rows, out), 3)
        if NOT_SUPPORTS not in {row["label"] for row in rows}:
            scores["ece1"] = round(calibration_error(rows, probabilities(out, 1.0)), 3)
            scores["ece"] = round(calibration_error(rows, probabilities(out, temperature)), 3)
        show(name, scores)


def main() -> None:
    """Score a checkpoint."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("choose", "measure"))
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--checkpoint", default="last.pt")
    parser.add_argument("--pools", type=Path, help="folder of make_nli.py and make_pairs.py (choose)")
    parser.add_argument("--data", type=Path, help="folder with nli/ (measure)")
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--most", type=int, default=100_000, help="rows of a set at most")
    parser.add_argument("--longest", type=int, default=192)
    options = parser.parse_args()
    network = StanceNetwork(options.encoder)
    saved = torch.load(options.run / options.checkpoint, weights_only=True)
    network.load_state_dict(saved["network"], strict=False)
    tokens = PairTokens(options.encoder, options.longest)
    print(json.dumps(saved["state"]))
    if options.what == "choose":
        choose(lambda rows: predict(network, tokens, rows), options.pools)
    else:
        measure(lambda rows: predict(network, tokens, rows), options.data, options.temperature, options.most)


if __name__ == "__main__":
    main()
