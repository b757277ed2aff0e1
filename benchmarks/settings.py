"""Where the shipped settings come from: each is varied, and what it gives is counted on the half of the gold that chooses.

    python benchmarks/settings.py
    python benchmarks/settings.py --only reading --only side
    python benchmarks/settings.py --half measure          # to look, never to choose

``search``: what a sentence is embedded with, the share of the words, and what a side that a statement takes counts when hits are re-ranked.
``reading``: what the stance model reads before a statement, and in how many ways. ``side``: from which probability a statement takes a side. ``floor``: how near the
nearest statement must be for anything to count as found. The settings in force are marked ``<``. Every other setting is as shipped (or as your
``VERIFIER_…`` variables say), and the figures are those of `verifier evaluate`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from verifier.config import Settings, load_settings, resource_dir
from verifier.domain import StanceScores
from verifier.encode import CachedEncoder, bundled_model_dir, load_encoder
from verifier.evaluation import (
    Bootstrap,
    LabelledSet,
    Measurement,
    Reading,
    measure_stance,
    processor,
    read_labelled,
    retrieval_measurements,
    tool_search,
)
from verifier.pipeline.verification import STANCE_CONTEXTS
from verifier.retrieve import CONTEXTS
from verifier.stance import StanceModel, load_stance_model

PARTS = ("search", "reading", "side", "floor")
WORDS = (0.0, 0.1, 0.2, 0.3)
RERANK = (0.0, 0.5, 1.0, 1.5)
SIDES = (0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65)
FLOORS = (-1.0, 0.24, 0.27, 0.3, 0.33, 0.36)
READINGS = (*STANCE_CONTEXTS, "none+previous", "none+dated", "none+titled", "none+dated+titled")
VALUES_ONLY = Bootstrap(resamples=1)
"""No intervals are printed here; `quality.py` has them."""


class Remembered:
    """A stance model that scores each pair once, however many settings ask for it."""

    def __init__(self, model: StanceModel) -> None:
        self._model, self._known = model, dict[tuple[str, str], StanceScores]()
        self.name, self.fingerprint = model.name, model.fingerprint

    def score(
        self, pairs: Sequence[tuple[str, str]], *, progress: Callable[[int, int, str], None] | None = None
    ) -> list[StanceScores]:
        """Score what is new, and look the others up."""
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._known]
        if new:
            self._known.update(zip(new, self._model.score(new, progress=progress), strict=True))
        return [self._known[pair] for pair in pairs]


class Sweep:
    """One half of the gold, the models, and a table for each kind of setting."""

    def __init__(self, gold: Path, half: str, scratch: Path) -> None:
        self.settings = load_settings()
        self._gold, self._half = gold, half
        folder = bundled_model_dir(self.settings.cache_dir)
        self.encoder = CachedEncoder(
            load_encoder(self.settings.encoder, cache_dir=self.settings.cache_dir),
            scratch / "vectors.sqlite3",
        )
        self.model = Remembered(
            load_stance_model(self.settings.stance, cache_dir=self.settings.cache_dir, encoder_dir=folder)
        )

    def read(self, under: Settings) -> LabelledSet:
        """Read the half of the gold as the tool reads it under some settings."""
        return read_labelled(self._gold, Reading(under)).half(self._half)

    def searched(self, under: Settings) -> Measurement:
        """Measure the search over all languages."""
        gold = self.read(under)
        search = tool_search(gold, self.encoder, under, stance_model=self.model)
        return retrieval_measurements(gold.name, "tool", gold.queries, search, bootstrap=VALUES_ONLY)[0]

    def judged(self, under: Settings) -> list[Measurement]:
        """Measure the stance model alone and the columns of the tool, over all languages."""
        measured = measure_stance(self.read(under), self.model, under, VALUES_ONLY)
        return [m for m in measured if m.languages == "all"]

    def search(self) -> Iterator[str]:
        """Vary what is embedded, the words, and the weight of a side in the order."""
        ranks = ("first hit relevant", "MRR", "recall@1", "recall@5", "recall@10", "recall@24")
        for context, embedded in varied(self.settings, "context", CONTEXTS):
            for words, weighing in varied(embedded, "lexical_weight", WORDS):
                for side, ranking in varied(weighing, "rerank_weight", RERANK):
                    yield f"{context:20} {words:22} {side:20} {values(self.searched(ranking), ranks)}"

    def reading(self) -> Iterator[str]:
        """Vary what the stance model reads."""
        for context in READINGS:
            under = replace(self.settings, stance=replace(self.settings.stance, context=context))
            mark = " <" if self.settings.stance.context == context else ""
            for found in self.judged(under):
                yield f"{context + mark:22} {found.system:20} {values(found)}"

    def side(self) -> Iterator[str]:
        """Vary from which probability a statement takes a side."""
        for side in SIDES:
            under = replace(self.settings, verdict=replace(self.settings.verdict, take_side=side))
            mark = " <" if self.settings.verdict.take_side == side else ""
            yield f"{f'{side}{mark}':8} {values(self.judged(under)[-1])}"

    def floor(self) -> Iterator[str]:
        """Vary how near the nearest statement must be."""
        for floor, under in varied(self.settings, "min_similarity", FLOORS):
            yield f"{floor:24} {values(self.searched(under))}"


def values(measurement: Measurement, names: Sequence[str] = ()) -> str:
    """Write figures of a measurement side by side; without names all of them."""
    found = {figure.name: figure.value for figure in measurement.figures}
    return "  ".join(f"{name} {found[name]:.3f}" for name in names or found if found[name] is not None)


def varied(settings: Settings, name: str, tried: Sequence[object]) -> Iterator[tuple[str, Settings]]:
    """Yield the settings once for each value of one of ``retrieve``'s: (name and value, marked where it is in force; settings)."""
    for value in tried:
        mark = " <" if getattr(settings.retrieve, name) == value else ""
        changed: dict[str, Any] = {name: value}
        yield f"{name} {value}{mark}", replace(settings, retrieve=replace(settings.retrieve, **changed))


def main() -> None:
    """Print a table a part."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gold", type=Path, default=resource_dir("seeds") / "gold")
    parser.add_argument("--half", choices=("choose", "measure"), default="choose")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part (repeatable)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sweep = Sweep(options.gold, options.half, Path(scratch))
        print(f"{processor()}; {sweep.encoder.name}, {sweep.model.name}; half of the gold: {options.half}")
        for part in options.only or PARTS:
            print(f"\n{part}")
            for line in getattr(sweep, part)():
                print(f"  {line}", flush=True)
        sweep.encoder.close()


if __name__ == "__main__":
    main()
