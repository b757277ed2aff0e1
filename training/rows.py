"""Training rows: what one looks like, how files of them are read and written, and the readers of the public sets.

A row is ``{"evidence", "claim", "label", "kind", "pair"}``: two texts, one of `LABELS` (or `NOT_SUPPORTS`), the
family of examples it belongs to and the languages of evidence and claim (``"uk-en"``).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]

LABELS = ("supports", "refutes", "neutral")
"""The order of the model's three outputs."""

NOT_SUPPORTS = "not_supports"
"""Label of two-class sets: refutes or neutral, the source does not say which."""

_FROM_NLI = {
    "entailment": "supports",
    "contradiction": "refutes",
    "neutral": "neutral",
    "not_entailment": NOT_SUPPORTS,
}


def read_nli(path: Path, splits: Iterable[str] | None = None, language: str | None = None) -> Iterator[Row]:
    """Read a gzip'd JSON-lines NLI file (``premise``, ``hypothesis``, ``label``, ``lang``, ``split``) as rows.

    Args:
        path: The file.
        splits: Keep only rows of these splits; all when None.
        language: Keep only rows of this language; all when None.
    """
    wanted = None if splits is None else frozenset(splits)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            if raw["label"] not in _FROM_NLI or (wanted is not None and raw["split"] not in wanted):
                continue
            if language is not None and raw["lang"] != language:
                continue
            yield {
                "evidence": raw["premise"],
                "claim": raw["hypothesis"],
                "label": _FROM_NLI[raw["label"]],
                "kind": raw["source"],
                "pair": f"{raw['lang']}-{raw['lang']}",
            }


def read_rows(path: Path) -> list[Row]:
    """Read rows written by `write_rows` (``.jsonl`` or ``.jsonl.gz``)."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def write_rows(path: Path, rows: Iterable[Row]) -> int:
    """Write rows as gzip'd JSON lines; return how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=4) as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count
