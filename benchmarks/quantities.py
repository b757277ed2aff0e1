"""How often amounts of claim and evidence agree or conflict among supports, refutes and neutral: what `verifier.verdict` is calibrated on.

    python benchmarks/quantities.py [--data GOLD_FOLDER]

Prints the counts for each half of the gold, and the likelihoods relative to neutral that the choosing half gives (one added to each count).
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from verifier.config import resource_dir
from verifier.quantities import compare

STANCES = ("supports", "refutes", "neutral")


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=resource_dir("seeds") / "gold")
    folder = parser.parse_args().data
    claims = {
        c["claim_id"]: c for c in map(json.loads, (folder / "claims.jsonl").read_text("utf-8").splitlines())
    }
    counts: Counter[tuple[str, str, str]] = Counter()
    for pair in map(json.loads, (folder / "pairs.jsonl").read_text("utf-8").splitlines()):
        claim = claims[pair["claim_id"]]
        found = compare(claim["text"], pair["quote"])
        outcome = "nothing to compare" if found is None else "agree" if found.agree else "conflict"
        counts[claim["half"], outcome, pair["stance"]] += 1
    totals = Counter[tuple[str, str]]()
    for (half, _, stance), number in counts.items():
        totals[half, stance] += number
    print(f"{'half':9}{'amounts':20}" + "".join(f"{stance:>10}" for stance in STANCES))
    for half in ("choose", "measure"):
        for outcome in ("agree", "conflict", "nothing to compare"):
            print(
                f"{half:9}{outcome:20}" + "".join(f"{counts[half, outcome, stance]:10}" for stance in STANCES)
            )
    for outcome in ("agree", "conflict"):
        shares = [(counts["choose", outcome, s] + 1) / (totals["choose", s] + 1) for s in STANCES]
        print(f"likelihoods, {outcome}: " + ", ".join(f"{share / shares[2]:.2f}" for share in shares))


if __name__ == "__main__":
    main()
