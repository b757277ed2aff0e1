"""Measure how many sentences are encoded per second, in both precisions, beside the plain recipe with the same weights.

    python benchmarks/encoding.py
    python benchmarks/encoding.py --data /path/to/articles --sentences 500 --repeats 5

``--data`` is anything that `verifier ingest` reads; the default is the project's own corpus. Sentences are repeated until there are
``--sentences`` of them. The *peer* is `SentenceTransformer.encode` with its own batches of 32 in fp32. The ways take turns, so that
other work on the machine weighs on all alike: compare them within one run only.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from verifier.config import EncoderSettings, IngestSettings, load_settings, resource_dir
from verifier.domain import Document, utc_now
from verifier.encode import bundled_model_dir, load_encoder
from verifier.ingest import IngestOptions, read_documents
from verifier.segment import segment


def read_sentences(data: Path, count: int) -> list[str]:
    """Ingest a corpus and repeat its sentences until there are enough."""
    read = read_documents([data], options=IngestOptions(), settings=IngestSettings(), now=utc_now())
    texts = [sentence.text for item in read if isinstance(item, Document) for sentence in segment(item)]
    if not texts:
        raise SystemExit(f"There is no sentence in {data}.")
    return list(itertools.islice(itertools.cycle(texts), count))


def main() -> None:
    """Read the arguments and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=resource_dir("seeds") / "corpus")
    parser.add_argument("--sentences", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--batch-tokens", type=int, default=EncoderSettings().batch_tokens)
    options = parser.parse_args()
    import torch
    from sentence_transformers import SentenceTransformer

    cache = load_settings().cache_dir
    texts = read_sentences(options.data, options.sentences)
    encoders = {
        precision: load_encoder(
            EncoderSettings(precision=precision, batch_tokens=options.batch_tokens), cache_dir=cache
        )
        for precision in ("fp32", "bf16")
    }
    plain = SentenceTransformer(str(bundled_model_dir(cache)), local_files_only=True, device="cpu")
    ways: dict[str, Callable[[list[str]], object]] = {
        "peer, fp32": lambda batch: plain.encode_document(batch, show_progress_bar=False),
        "ours, fp32": lambda batch: encoders["fp32"].encode(batch, role="passage"),
        "ours, bf16": lambda batch: encoders["bf16"].encode(batch, role="passage"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    single: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way(texts[:16])  # the first call of each allocates and computes what is computed once
    for _ in range(options.repeats):
        for name, way in ways.items():
            began = time.perf_counter()
            way(texts)
            seconds[name].append(time.perf_counter() - began)
            for text in texts[:10]:
                began = time.perf_counter()
                way([text])
                single[name].append(time.perf_counter() - began)
    auto = load_encoder(EncoderSettings(), cache_dir=cache).precision
    tokens = statistics.fmean(
        len(plain.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts
    )
    agreement = np.sum(
        encoders["fp32"].encode(texts, role="passage") * encoders["bf16"].encode(texts, role="passage"),
        axis=1,
    )
    print(
        f"{platform.processor() or platform.machine()} ({torch.backends.cpu.get_cpu_capability()}), {os.cpu_count()} cores, "
        f"{torch.get_num_threads()} threads, torch {torch.__version__}, load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"{len(texts)} sentences, {tokens:.1f} tokens each; up to {options.batch_tokens} tokens a batch; auto is {auto}"
    )
    base = statistics.median(seconds["peer, fp32"])
    print(f"{'':12}{'sentences/s':>12} {'against peer':>13} {'one sentence, ms':>17}")
    for name, values in seconds.items():
        median = statistics.median(values)
        one = statistics.median(single[name]) * 1000
        print(f"{name:12}{len(texts) / median:12.1f} {base / median:12.2f}x {one:17.1f}")
    print(f"cosine of the two precisions: least {agreement.min():.5f}, mean {agreement.mean():.5f}")


if __name__ == "__main__":
    main()
