"""Gather the English and Russian NLI sets into pools: ``nli.jsonl.gz``, ``terra.jsonl.gz`` and their dev slices."""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from rows import LABELS, read_nli, write_rows

TRAIN = (
    ("ling_in_loop", ("train",), 40_000),
    ("te_new_protocols", ("train",), 34_000),
    ("semi_automatic_wiki", ("train",), 12_000),
    ("conjnli", ("train",), 5_000),
    ("snli_dev_test", None, 6_000),
)
"""File, splits, rows taken. ConjNLI is made by rule and much alike, and SNLI is captions: a part of each is enough."""

DEV = (("ling_in_loop", ("dev",)), ("te_new_protocols", ("dev",)), ("semi_automatic_wiki", ("test",)))


def main() -> None:
    """Write the pools."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with nli/ and parallel/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    folder = options.data / "nli"
    pool = []
    for name, splits, most in TRAIN:
        rows = [row for row in read_nli(folder / f"{name}.jsonl.gz", splits) if row["label"] in LABELS]
        pool += rng.sample(rows, min(most, len(rows)))
    rng.shuffle(pool)
    write_rows(options.out / "nli.jsonl.gz", pool)
    write_rows(options.out / "terra.jsonl.gz", read_nli(folder / "terra_ru.jsonl.gz", ("train",)))
    dev = []
    for name, splits in DEV:
        rows = [row for row in read_nli(folder / f"{name}.jsonl.gz", splits) if row["label"] in LABELS]
        dev += rng.sample(rows, 150)
    write_rows(options.out / "nli_dev.jsonl.gz", dev)


if __name__ == "__main__":
    main()
