"""Aligned sentences of several languages, grouped into documents and parted into training and held-out ones."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence in every language it exists in."""

    name: str
    document: str
    position: int
    topic: str
    texts: dict[str, str]

    @property
    def held_out(self) -> bool:
        """Whether the unit's document is kept for choosing and never trained on (about one in twenty)."""
        return int(hashlib.sha256(f"held out {self.document}".encode()).hexdigest(), 16) % 20 == 0


def _table(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t")


def _clean(text: str) -> str:
    text = " ".join(text.split())
    return text.strip('"') if text.startswith('""') else text


def _usable(text: str) -> bool:
    count = len(text.split())
    return 4 <= count <= 55 and not text.startswith(("http", "#", "@"))


def read_units(data: Path) -> list[Unit]:
    """Read every aligned sentence that may be trained on.

    Of NTREX only documents whose sha256 begins with 0-7 belong to training; the rest measures.
    """
    folder = data / "parallel"
    units: list[Unit] = []
    for row in _table(folder / "sib200.tsv.gz"):
        texts = {k: _clean(v) for k, v in row.items() if k not in ("id", "topic") and v and _usable(v)}
        # Neighbouring ids of this set come from the same article.
        units.append(
            Unit(f"sib.{row['id']}", f"sib.{int(row['id']) // 4}", int(row["id"]), row["topic"], texts)
        )
    for number, row in enumerate(_table(folder / "ntrex_a.tsv.gz")):
        if hashlib.sha256(row["document"].encode()).hexdigest()[0] in "01234567":
            texts = {k: _clean(v) for k, v in row.items() if k != "document" and v and _usable(v)}
            units.append(Unit(f"ntrex.{number}", f"ntrex.{row['document']}", number, "", texts))
    shared: dict[tuple[str, str], Unit] = {}
    position: dict[str, int] = {}
    for row in _table(folder / "wmt22_pairs.tsv.gz"):
        source, target = row["source_language"], row["target_language"]
        place = position[row["set"]] = position.get(row["set"], 0) + 1
        key = (source, row["source"])
        if key not in shared:
            texts = {source: _clean(row["source"])} if _usable(row["source"]) else {}
            shared[key] = Unit(
                f"wmt.{row['set']}.{place}", f"wmt.{row['set']}.{place // 12}", place, "", texts
            )
            units.append(shared[key])
        if _usable(row["target"]):
            shared[key].texts[target] = _clean(row["target"])
    return [unit for unit in units if unit.texts]
