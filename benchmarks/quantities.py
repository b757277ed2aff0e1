"""How often amounts of claim and evidence agree or conflict among supports, refutes and what else is found: what `verifier.verdict` is calibrated on.

    python benchmarks/quantities.py [--gold FOLDER]

Supports and refutes are the pairs that people marked so. For neutral the marked pairs are too few, and none of them was found by a search; so *found* are the statements that the search hands
to the stance model for a claim and nobody marked as evidence. Prints the counts for each half of the gold, and the likelihoods relative to *found* that the choosing half gives (one added to each count).
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from verifier.config import load_settings, resource_dir
from verifier.encode import CachedEncoder, load_encoder
from verifier.evaluation import LabelledSet, Reading, read_labelled, tool_search
from verifier.quantities import compare

COLUMNS = ("supports", "refutes", "neutral", "found")
OUTCOMES = ("agree", "conflict", "nothing to compare")


def outcome(claim: str, statement: str) -> str:
    """Say what the amounts of a claim and a statement are to each other."""
    compared = compare(claim, statement)
    return "nothing to compare" if compared is None else "agree" if compared.agree else "conflict"


def counted(gold: LabelledSet, encoder: CachedEncoder) -> Iterator[tuple[str, str]]:
    """Yield (outcome, column) of each marked pair, and of each statement that is found and is no evidence."""
    for pair in gold.pairs:
        yield outcome(pair.claim, pair.statement), next(iter(pair.allowed)).value
    settings = load_settings(environ={})
    texts = {passage.passage_id: passage.text for passage in gold.pools[""]}
    search = tool_search(gold, encoder, settings)
    for query in gold.queries:
        evidence = frozenset[str]().union(*(relevant.same for relevant in query.relevant))
        for hit in search(query)[: settings.retrieve.candidates]:
            if not hit & evidence:
                yield outcome(query.text, texts[min(hit)]), "found"


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gold", type=Path, default=resource_dir("seeds") / "gold")
    settings = load_settings()
    whole = read_labelled(parser.parse_args().gold, Reading(settings))
    print(f"{'half':9}{'amounts':20}" + "".join(f"{column:>10}" for column in COLUMNS))
    with tempfile.TemporaryDirectory() as scratch:
        encoder = CachedEncoder(
            load_encoder(settings.encoder, cache_dir=settings.cache_dir), Path(scratch) / "vectors.sqlite3"
        )
        counts = {half: Counter(counted(whole.half(half), encoder)) for half in ("choose", "measure")}
        encoder.close()
    for half, found in counts.items():
        for what in OUTCOMES:
            print(f"{half:9}{what:20}" + "".join(f"{found[what, column]:10}" for column in COLUMNS))
    chosen = counts["choose"]
    totals = {column: sum(chosen[what, column] for what in OUTCOMES) for column in COLUMNS}
    for what in OUTCOMES[:2]:
        shares = {column: (chosen[what, column] + 1) / (totals[column] + 1) for column in COLUMNS}
        told = ", ".join(f"{shares[column] / shares['found']:.2f}" for column in ("supports", "refutes"))
        print(f"likelihoods of supports and refutes, {what}: {told}")


if __name__ == "__main__":
    main()
