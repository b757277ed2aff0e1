"""Predict rows with a network and score the predictions per class and per language pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import torch
from network import PairTokens, StanceNetwork
from rows import LABELS, Row


@torch.inference_mode()
def predict(network: StanceNetwork, tokens: PairTokens, rows: Sequence[Row], batch: int = 64) -> np.ndarray:
    """Return logits of shape (rows, 3), float32, in the order of ``rows``; bf16 as in training."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]["evidence"]) + len(rows[i]["claim"]))
    logits = np.zeros((len(rows), len(LABELS)), np.float32)
    was_training = network.training
    network.eval()
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = network(**tokens([(rows[i]["evidence"], rows[i]["claim"]) for i in chosen]))
        logits[chosen] = out.float().numpy()
    network.train(was_training)
    return logits


def per_class(gold: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    """Return accuracy and the F1 of each class, as fractions rounded to three places."""
    scores = {"n": float(len(gold)), "acc": float(np.mean([g == s for g, s in zip(gold, said, strict=True)]))}
    for label in LABELS:
        hit = sum(g == s == label for g, s in zip(gold, said, strict=True))
        total = sum(g == label for g in gold) + sum(s == label for s in said)
        scores[label[:3]] = 2 * hit / total if total else float("nan")
    return {name: round(value, 3) for name, value in scores.items()}


def table(
    rows: Sequence[Row], logits: np.ndarray, group: Callable[[Row], str]
) -> dict[str, dict[str, float]]:
    """Score rows in groups; two-class gold (``not_supports``) counts a neutral or a refutes as right.

    Returns:
        Group name -> accuracy and F1 per class.
    """
    said = [LABELS[i] for i in logits.argmax(1)]
    groups: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for row, answer in zip(rows, said, strict=True):
        gold = row["label"]
        if gold == "not_supports":
            gold = answer if answer != "supports" else "neutral"
        groups[group(row)][0].append(gold)
        groups[group(row)][1].append(answer)
    return {name: per_class(gold, answers) for name, (gold, answers) in sorted(groups.items())}
