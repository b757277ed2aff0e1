"""What the quality gate measures, and the floors that it must reach.

A floor is named by set, figure and languages. Floors lie in ``floors.yaml`` beside the digests of the sets that they were measured on.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from verifier.config import load_settings, resource_dir
from verifier.encode import CachedEncoder, bundled_model_dir, load_encoder
from verifier.evaluation import (
    Bootstrap,
    LabelledSet,
    Measurement,
    Query,
    Reading,
    measure_retrieval,
    measure_stance,
    read_labelled,
)
from verifier.stance import load_stance_model

HERE = Path(__file__).resolve().parent
FLOORS = HERE / "floors.yaml"
CHANGELOG = HERE.parent.parent / "CHANGELOG.md"

SETS = {
    "gold": resource_dir("seeds") / "gold",
    "minimal pairs": HERE / "pairs.jsonl",
    "parallel sentences": HERE / "parallel.tsv",
}
RERANKED = "gold, claims drawn, re-ranked"
"""The part of the gold on which the search is measured as people get it, re-ranked by the stance model."""

RERANKED_CLAIMS = 10
RERANKED_SEED = 1
"""So many claims with evidence are drawn of each language. The stance model reads 48 statements for each: about 15 seconds in all on two idle cores, by
the quarter of a second that a verification with 24 takes (docs/explanation/measured.md). ``benchmarks/quality.py`` re-ranks the whole gold.
"""

FIGURES = {"stance": ("macro-F1",), "retrieval": ("recall@10", "MRR")}
"""What is held to a floor."""

MARGINS = {"gold": 0.025, RERANKED: 0.05, "minimal pairs": 0.04, "parallel sentences": 0.02}
"""How far below the measured value a floor is set, by set.

Processors that compute in bfloat16 and those that compute in float32 differ: by up to 0.016 on the gold and by nothing on the other sets (models of
November 2026, every figure of the gate that is not re-ranked, both ways). One pair more or less of the thirty minimal pairs of a language is 0.033.
One of the ten re-ranked claims of a language whose best statement falls from first place to second is 0.05 of its MRR.
"""

PLACES = 3

Floors = dict[str, float]
"""From ``set / figure / languages`` to the least value."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """What ``floors.yaml`` holds."""

    sets: Mapping[str, str] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    lowered: tuple[Mapping[str, Any], ...] = ()


def read_sets() -> dict[str, LabelledSet]:
    """Read the sets of the gate."""
    # Whoever has other settings of their own still tests the shipped ones.
    reading = Reading(load_settings(environ={}))
    return {name: read_labelled(path, reading) for name, path in SETS.items()}


def measure(sets: Mapping[str, LabelledSet]) -> dict[str, float]:
    """Measure every figure of the gate with the bundled models and the default settings.

    Retrieval is measured on whole sets before the stance model re-ranks, and re-ranked on the part of the gold that `drawn` keeps.
    """
    settings = replace(load_settings(environ={}), cache_dir=load_settings().cache_dir)
    stance = load_stance_model(
        settings.stance,
        cache_dir=settings.cache_dir,
        encoder_dir=bundled_model_dir(settings.cache_dir),
    )
    no_intervals = Bootstrap(resamples=1)
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        # The gold is indexed twice; its sentences are encoded once.
        encoder = CachedEncoder(
            load_encoder(settings.encoder, cache_dir=settings.cache_dir), Path(scratch) / "vectors.sqlite3"
        )
        for name, labelled in sets.items():
            if "stance" in labelled.tasks:
                alone, *_ = _by_system(measure_stance(labelled, stance, settings, no_intervals))
                found |= _figures(name, alone)
            if "retrieval" in labelled.tasks:
                found |= _figures(name, measure_retrieval(labelled, encoder, settings, no_intervals))
        part = drawn(sets["gold"])
        reranked = measure_retrieval(part, encoder, settings, no_intervals, stance_model=stance)
        found |= _figures(RERANKED, reranked)
        encoder.close()
    return found


def drawn(labelled: LabelledSet) -> LabelledSet:
    """Keep `RERANKED_CLAIMS` claims with evidence of each language, always the same ones; the passages stay."""
    queries: list[Query] = []
    for language in sorted({query.language for query in labelled.queries}):
        own = [query for query in labelled.queries if query.language == language and query.relevant]
        queries += random.Random(RERANKED_SEED).sample(own, min(RERANKED_CLAIMS, len(own)))
    return replace(labelled, queries=tuple(queries))


def _figures(name: str, measurements: list[Measurement]) -> dict[str, float]:
    return {
        f"{name} / {figure.name} / {measurement.languages}": figure.value
        for measurement in measurements
        if _held(measurement.languages)
        for figure in measurement.figures
        if figure.name in FIGURES[measurement.task] and figure.value is not None
    }


def _by_system(measurements: list[Measurement]) -> list[list[Measurement]]:
    systems: dict[str, list[Measurement]] = {}
    for measurement in measurements:
        systems.setdefault(measurement.system, []).append(measurement)
    return list(systems.values())


def _held(languages: str) -> bool:
    """All, each claim language, each evidence language; single pairs have too few rows for a floor that means anything."""
    return "all" in languages


def read_floors(path: Path = FLOORS) -> Pinned:
    """Read the pinned floors; none where there is no file yet."""
    if not path.is_file():
        return Pinned()
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Pinned(sets=raw["sets"], floors=raw["floors"], lowered=tuple(raw["lowered"] or ()))


def write_floors(pinned: Pinned, path: Path = FLOORS) -> None:
    """Write the floors, sorted, so that a change reads well as a difference."""
    content = {
        "sets": dict(sorted(pinned.sets.items())),
        "floors": dict(sorted(pinned.floors.items())),
        "lowered": [dict(entry) for entry in pinned.lowered],
    }
    head = "# Written by update_floors.py; README.md beside it says how.\n"
    path.write_text(head + yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


class FloorError(Exception):
    """Floors would be lowered without leave, or without a reason."""


def updated(
    pinned: Pinned, measured: Mapping[str, float], digests: Mapping[str, str], *, lower: bool, why: str
) -> Pinned:
    """Return the floors after a measurement: raised freely, lowered only with leave and a reason.

    A floor that is still reached is never lowered, even where it lies nearer to the measured value than the margin.

    Raises:
        FloorError: a floor is not reached and may not be lowered, or there is no reason for it, or a figure is gone.
    """
    floors: Floors = {}
    entries = list(pinned.lowered)
    missing = sorted(set(pinned.floors) - set(measured))
    fallen = [name for name, floor in pinned.floors.items() if name in measured and measured[name] < floor]
    if (fallen or missing) and not (lower and why.strip()):
        told = [
            f"  {name}: floor {pinned.floors[name]}, measured {measured[name]:.{PLACES}f}" for name in fallen
        ]
        told += [f"  {name}: floor {pinned.floors[name]}, not measured any more" for name in missing]
        message = 'Floors are not reached. Mend it, or lower them with --lower --why "…":\n' + "\n".join(told)
        raise FloorError(message)
    entries += [
        {"floor": name, "from": pinned.floors[name], "to": None, "why": why.strip()} for name in missing
    ]
    for name, value in measured.items():
        fresh = round(max(0.0, value - MARGINS[name.split(" / ")[0]]), PLACES)
        before = pinned.floors.get(name)
        if before is None or fresh > before:
            floors[name] = fresh
        elif name in fallen:
            floors[name] = fresh
            entries.append({"floor": name, "from": before, "to": fresh, "why": why.strip()})
        else:
            floors[name] = before
    return Pinned(sets=dict(digests), floors=floors, lowered=tuple(entries))


def unexplained(pinned: Pinned, changelog: str) -> list[str]:
    """Name the lowered floors whose reason no line of the changelog gives."""
    lines = [line for line in changelog.splitlines() if "floor" in line.casefold()]
    return [
        f"{entry['floor']}: {entry['why']}"
        for entry in pinned.lowered
        if not entry["why"] or not any(entry["why"] in line for line in lines)
    ]


def shortfalls(
    pinned: Pinned, measured: Mapping[str, float], chosen: Callable[[str], bool] = lambda _: True
) -> list[str]:
    """Say which floors are not reached, and by how much."""
    told = []
    for name, floor in pinned.floors.items():
        if chosen(name) and measured.get(name, -1.0) < floor:
            value = f"{measured[name]:.{PLACES}f}" if name in measured else "nothing"
            told.append(f"{name}: floor {floor}, measured {value}")
    return told
