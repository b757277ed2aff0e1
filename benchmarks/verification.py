"""How long one verification takes and what it needs: ingest and encode per second, cold start, warm, memory.

Run:  python benchmarks/verification.py [--data FOLDER_OF_DOCUMENTS] [--claim TEXT] [--repeats 20]

Default data: the project's demo corpus. *Cold* is a new process with everything on disk: first from starting Python to the answer,
then from loaded libraries to the answer. *Warm* is one further verification in that process. The bundled models must have been written
to a cache once; that first write is timed too. The peer in the same run is what remains without our code: one
SentenceTransformer.encode and one CrossEncoder.predict over the same texts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from verifier.config import load_settings, resource_dir

CLAIM = "The talks on the river ended without an agreement"

COLD = """
import time; began = time.perf_counter()
import json, resource, sys
import torch, transformers, sentence_transformers, faiss, tantivy  # the libraries
from verifier import pipeline
from verifier.config import load_settings
loaded = time.perf_counter()
services = pipeline.open_services(load_settings())
found = pipeline.verify(services, sys.argv[1])
answered = time.perf_counter()
print(json.dumps({"process": answered - began, "answer": answered - loaded,
  "statements": len(found.evidence), "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=resource_dir("seeds") / "corpus")
    parser.add_argument("--claim", default=CLAIM)
    parser.add_argument("--repeats", type=int, default=20)
    arguments = parser.parse_args()
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    with tempfile.TemporaryDirectory() as home:
        measure(arguments.data, arguments.claim, arguments.repeats, home)


def measure(data: Path, claim: str, repeats: int, home: str) -> None:
    """Run every measurement in one temporary home."""
    from verifier import pipeline

    settings = load_settings(environ={"VERIFIER_HOME": home})
    services = pipeline.open_services(settings)
    seconds, _ = timed(services.load_models)
    print(f"first use: models written to the cache and loaded   {seconds:7.2f} s")
    seconds, report = timed(lambda: pipeline.ingest(services, [data]))
    sentences = services.store.counts().sentences
    print(
        f"ingest: {report.added} documents, {sentences} sentences   {seconds:7.2f} s   {sentences / seconds:7.0f} sentences/s"
    )
    seconds, built = timed(lambda: pipeline.build_index(services))
    print(
        f"encode and index ({services.encoder.precision})   {seconds:7.2f} s   {built.added / seconds:7.0f} sentences/s"
    )

    environ = {**os.environ, "VERIFIER_HOME": home}
    cold = []
    for _ in range(3):
        ran = subprocess.run(  # noqa: S603
            [sys.executable, "-c", COLD, claim], env=environ, capture_output=True, text=True, check=True
        )
        cold.append(json.loads(ran.stdout.splitlines()[-1]))
    for name, what in (("process", "from starting Python"), ("answer", "from loaded libraries")):
        print(f"cold, {what} to the answer: median {statistics.median(c[name] for c in cold):.2f} s of 3")
    print(
        f"cold, peak memory: {max(c['peak_mib'] for c in cold):.0f} MiB; {cold[0]['statements']} statements"
    )

    pipeline.verify(services, claim)
    times = sorted(timed(lambda n=n: pipeline.verify(services, f"{claim} {n}"))[0] for n in range(repeats))
    ours = statistics.median(times)
    print(f"warm: median {ours:.3f} s, p95 {times[int(0.95 * (repeats - 1))]:.3f} s of {repeats}")
    bare = bare_models(services, claim, repeats)
    print(f"peer, the two models alone on the same texts: median {bare:.3f} s; ratio {ours / bare:.2f}")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def bare_models(services, claim: str, repeats: int) -> float:  # noqa: ANN001
    """Return the median seconds of encoding the claim and scoring the found pairs with nothing around it."""
    from verifier import pipeline

    texts = [e.sentence.text for e in pipeline.verify(services, claim).evidence]

    def once(number: int) -> None:
        services.encoder.encode([f"{claim} peer {number}"], role="query")
        services.stance_model.score([(claim, text) for text in texts])

    return statistics.median(timed(lambda n=n: once(n))[0] for n in range(repeats))


def timed(work):  # noqa: ANN001, ANN201
    """Return (seconds, result)."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


if __name__ == "__main__":
    main()
