"""The table of ``quality.py``: its rows, and how they are written."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from verifier.evaluation import Measurement

KEY_FIGURES = {
    "recall@1", "recall@10", "MRR", "accuracy", "macro-F1", "two-way accuracy", "supports or not", "ECE", "pairs/s",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    set: str
    system: str
    languages: str
    n: int
    figure: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


def rows_of(measurements: Iterable[Measurement], name: str = "") -> list[Row]:
    """Turn measurements into lines of the table."""
    return [
        Row(
            set=name or m.name,
            system=m.system,
            languages=m.languages,
            n=figure.n,
            figure=figure.name,
            value=figure.value,
            low=figure.low,
            high=figure.high,
            note=figure.reason,
        )
        for m in measurements
        for figure in m.figures
    ]


def markdown(rows: Iterable[Row]) -> Iterator[str]:
    """Write the key figures as a Markdown table."""
    yield "| set | system | claim<evidence | n | figure | value | interval | |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in rows:
        if row.figure not in KEY_FIGURES and row.set != "gold, both halves":
            continue
        places = 1 if row.figure == "pairs/s" else 3
        value = "–" if row.value is None else f"{row.value:.{places}f}"
        interval = "" if row.low is None else f"{row.low:.{places}f}–{row.high:.{places}f}"
        yield (
            f"| {row.set} | {row.system} | {row.languages} | {row.n} | {row.figure} | {value} | {interval} | "
            f"{row.note} |"
        )


def write(folder: Path, head: Sequence[str], rows: Sequence[Row]) -> None:
    """Write the table as Markdown (key figures), CSV and JSON (all)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "quality.md").write_text("\n".join([*head, "", *markdown(rows)]) + "\n", encoding="utf-8")
    with (folder / "quality.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, fieldnames=list(Row.__dataclass_fields__))
        table.writeheader()
        table.writerows(asdict(row) for row in rows)
    content = {"ran_on": list(head), "rows": [asdict(row) for row in rows]}
    (folder / "quality.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
