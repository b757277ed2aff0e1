"""Train on growing parts of the written pairs, and see whether more of them would still help.

    python curve.py --encoder DIR --start CHECKPOINT --rows POOLS/written.jsonl.gz --watch POOLS/written_dev.jsonl.gz --out curve.csv

Every size is trained twice, from the same checkpoint, on another choice of claims each time; each claim is seen once, beside the evidence in one language. The
curve says what a further doubling of such data is worth at this place of the run, not how good a whole run gets.
"""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from network import PairTokens, StanceNetwork
from rows import LABELS, Row, read_rows
from scoring import per_class, predict
from train import stance_loss

BATCH = 32
RATE = 4e-5
HEAD_FACTOR = 6


def choose(rows: list[Row], claims: int, rng: random.Random) -> list[Row]:
    """Choose some claims at random, each with one of its rows."""
    of_claim: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["kind"] == "written":
            of_claim[row["claim"]].append(row)
    return [rng.choice(of_claim[claim]) for claim in rng.sample(sorted(of_claim), claims)]


def train(network: StanceNetwork, tokens: PairTokens, rows: list[Row]) -> None:
    """Train one pass over the rows; the rate rises over a tenth of the steps and then falls to zero."""
    head = [*network.hidden.parameters(), *network.scores.parameters()]
    body = [p for p in network.bert.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": body}, {"params": head}], lr=RATE, weight_decay=0.01, fused=True
    )
    steps = -(-len(rows) // BATCH)
    network.train()
    for step in range(steps):
        batch = rows[step * BATCH : (step + 1) * BATCH]
        scale = min((step + 1) / (0.1 * steps + 1), 1 - step / steps)
        for group, factor in zip(optimizer.param_groups, (1, HEAD_FACTOR), strict=True):
            group["lr"] = RATE * factor * scale
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = network(**tokens([(row["evidence"], row["claim"]) for row in batch]))
        stance_loss(logits, batch).backward()
        torch.nn.utils.clip_grad_norm_([*body, *head], 1.0)
        optimizer.step()
        optimizer.zero_grad()


def main() -> None:
    """Write one line a run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--watch", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 1000, 2000, 4000, 8000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--most", type=int, default=1000, help="rows scored at most")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rows, watched = read_rows(options.rows), read_rows(options.watch)
    watched = random.Random(7).sample(watched, min(options.most, len(watched)))
    start = torch.load(options.start, weights_only=True)["network"]
    tokens = PairTokens(options.encoder, 128)
    with options.out.open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(
            ["claims", "seed", "accuracy", "macro_f1", "supports", "refutes", "neutral", "minutes"]
        )
        for size in [0, *options.sizes]:
            for seed in options.seeds if size else options.seeds[:1]:
                began = time.time()
                torch.manual_seed(seed)
                network = StanceNetwork(options.encoder)
                network.load_state_dict(start, strict=False)
                if size:
                    train(network, tokens, choose(rows, size, random.Random(seed)))
                said = [LABELS[i] for i in predict(network, tokens, watched).argmax(1)]
                scores = per_class([row["label"] for row in watched], said)
                classes = [scores[label[:3]] for label in LABELS]
                table.writerow(
                    [
                        size,
                        seed,
                        scores["acc"],
                        round(float(np.mean(classes)), 3),
                        *classes,
                        round((time.time() - began) / 60, 1),
                    ]
                )
                out.flush()


if __name__ == "__main__":
    main()
