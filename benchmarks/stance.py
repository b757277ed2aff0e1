"""How often the stance model is right, per class and per pair of languages, how well its probabilities are calibrated, and how fast it is.

    python benchmarks/stance.py [--data FOLDER_OR_FILE] [--model NAME] [--most N]

``--data`` is a gold folder (``claims.jsonl``, ``pairs.jsonl``, with the corpus beside it; the project's own by default) or a JSON-lines file
(also gzip'd) with ``premise`` (evidence), ``hypothesis`` (claim), ``label`` and ``lang``. Gold sentences that lean on the sentence before
them are scored as the pipeline sees them, with that sentence, and alone. The peer in the same run is the plainest one there is: the
cosine of the encoder's vectors, with the two thresholds that suit it best on these very pairs (an advantage no model gets); it cannot tell a
contradiction from a repetition.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from verifier.config import StanceSettings, load_settings, resource_dir
from verifier.domain import StanceScores
from verifier.encode import bundled_model_dir, load_encoder
from verifier.stance import load_stance_model

LABELS = ("supports", "refutes", "neutral")
FROM_NLI = {"entailment": "supports", "contradiction": "refutes"} | {label: label for label in LABELS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A claim, its evidence, what a person said, and the two languages (of the claim, of the evidence)."""

    claim: str
    evidence: str
    before: str
    label: str
    languages: tuple[str, str]


def read_gold(folder: Path) -> list[Pair]:
    """Read the project's gold; the sentence before the evidence is looked up in the corpus beside it."""
    claims = {row["claim_id"]: row for row in read_lines(folder / "claims.jsonl")}
    pairs = []
    for row in read_lines(folder / "pairs.jsonl"):
        claim = claims[row["claim_id"]]
        before = (
            sentence_before(folder.parent / "corpus" / row["file"], row["quote"]) if row["context"] else ""
        )
        pairs.append(
            Pair(
                claim=claim["text"],
                evidence=row["quote"],
                before=before,
                label=row["stance"],
                languages=(claim["language"], row["language"]),
            )
        )
    return pairs


def sentence_before(path: Path, quote: str) -> str:
    """Return the sentence before a quote, without markup; empty where the quote begins a paragraph of the file."""
    import re

    text = re.sub(r"<[^>]+>", " ", path.read_text(encoding="utf-8"))
    place = text.find(quote)
    found = re.split(r"(?<=[.!?…»”])\s+", text[max(0, place - 400) : place].strip()) if place > 0 else [""]
    return found[-1].strip()


def read_lines(path: Path) -> list[dict[str, str]]:
    """Read JSON lines, plain or gzip'd."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def read_nli(path: Path) -> list[Pair]:
    """Read an NLI file; a label that is no stance (``not_entailment``) is left out."""
    return [
        Pair(
            claim=row["hypothesis"],
            evidence=row["premise"],
            before="",
            label=FROM_NLI[row["label"]],
            languages=(row.get("lang", ""), row.get("lang", "")),
        )
        for row in read_lines(path)
        if row["label"] in FROM_NLI
    ]


def scores(gold: Sequence[str], said: Sequence[str]) -> str:
    """Write accuracy, F1 per class and macro F1 as one line."""
    parts = [f"n {len(gold):5d}  accuracy {np.mean([g == s for g, s in zip(gold, said, strict=True)]):.3f}"]
    values = []
    for label in LABELS:
        hit = sum(g == s == label for g, s in zip(gold, said, strict=True))
        total = sum(g == label for g in gold) + sum(s == label for s in said)
        if total:
            values.append(2 * hit / total)
            parts.append(f"{label} {values[-1]:.3f}")
    return "  ".join([*parts, f"macro F1 {np.mean(values):.3f}"])


def report(name: str, pairs: Sequence[Pair], said: Sequence[str]) -> None:
    """Print the scores over all pairs and per pair of languages."""
    print(f"\n{name}\n  {'all':8s} {scores([p.label for p in pairs], said)}")
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, pair in enumerate(pairs):
        groups[pair.languages].append(i)
    if len(groups) > 1:
        for (claim, evidence), chosen in sorted(groups.items()):
            line = scores([pairs[i].label for i in chosen], [said[i] for i in chosen])
            print(f"  {claim + '<' + evidence:8s} {line}")


def winner(score: StanceScores) -> str:
    """Return the most probable stance."""
    return max(LABELS, key=lambda label: float(getattr(score, label)))


def calibration_error(pairs: Sequence[Pair], found: Sequence[StanceScores], bins: int = 10) -> float:
    """Return the expected calibration error of the winning class (Guo et al. 2017, arXiv:1706.04599)."""
    sure = np.array([getattr(score, winner(score)) for score in found])
    right = np.array([winner(score) == pair.label for score, pair in zip(found, pairs, strict=True)])
    cells = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [
        (cells == b).mean() * abs(right[cells == b].mean() - sure[cells == b].mean())
        for b in range(bins)
        if (cells == b).any()
    ]
    return float(sum(gaps))


def cosine_peer(pairs: Sequence[Pair], cosines: np.ndarray) -> list[str]:
    """Classify by two thresholds on the cosine, chosen to be as right as possible on these pairs."""

    def classify(low: float, high: float) -> list[str]:
        return ["neutral" if c < low else "refutes" if c < high else "supports" for c in cosines]

    steps = np.quantile(cosines, np.linspace(0, 1, 25))
    options = [(low, high) for low in steps for high in steps if low <= high]
    right: Callable[[tuple[float, float]], int] = lambda cut: sum(  # noqa: E731
        s == p.label for s, p in zip(classify(*cut), pairs, strict=True)
    )
    return classify(*max(options, key=right))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=resource_dir("seeds") / "gold")
    parser.add_argument("--model", default="bundled")
    parser.add_argument("--most", type=int, default=100_000, help="pairs at most, the first ones")
    arguments = parser.parse_args()
    settings = load_settings()
    load = f"load {os.getloadavg()[0]:.1f}"
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {load}")
    model = load_stance_model(
        StanceSettings(model=arguments.model),
        cache_dir=settings.cache_dir,
        encoder_dir=bundled_model_dir(settings.cache_dir),
    )
    print(f"model {model.name}, fingerprint {model.fingerprint}")
    pairs = read_gold(arguments.data) if arguments.data.is_dir() else read_nli(arguments.data)
    pairs = pairs[: arguments.most]

    found = model.score([(p.claim, f"{p.before} {p.evidence}".strip()) for p in pairs])
    report("stance model", pairs, [winner(score) for score in found])
    print(f"  calibration error {calibration_error(pairs, found):.3f}")
    leaning = [i for i, p in enumerate(pairs) if p.before]
    if leaning:
        gold = [pairs[i].label for i in leaning]
        alone = model.score([(pairs[i].claim, pairs[i].evidence) for i in leaning])
        print(
            f"\nsentences that lean on the one before\n  with it  {scores(gold, [winner(found[i]) for i in leaning])}"
        )
        print(f"  alone    {scores(gold, [winner(score) for score in alone])}")

    encoder = load_encoder(settings.encoder, cache_dir=settings.cache_dir)
    claims = encoder.encode([p.claim for p in pairs], role="query")
    evidence = encoder.encode([p.evidence for p in pairs], role="passage")
    report("peer: cosine, thresholds fitted here", pairs, cosine_peer(pairs, (claims * evidence).sum(1)))

    sentence = "The council of the town approved the new budget on Monday after a long debate about the repair of roads."
    timed = [("The budget was approved on Monday by the council.", sentence)] * 256
    model.score(timed[:32])
    best = min(_seconds(lambda: model.score(timed)) for _ in range(3))
    print(f"\nspeed {len(timed) / best:.0f} pairs/s (about 36 tokens a pair, {load})")


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
