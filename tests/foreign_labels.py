"""Codebooks, texts, and files of other tools written and read, for the tests of label formats."""

from __future__ import annotations

import json
import tempfile
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from exchange_records import annotation
from factories import WHEN, document

from verifier.domain import Codebook, Label, Level
from verifier.exchange import (
    LABEL_FORMATS,
    label_format,
    label_rows,
    read_foreign_labels,
)

HERE = [name for name in LABEL_FORMATS if name != "inception" or find_spec("cassis")]
"""Formats whose package is installed."""

READABLE = [name for name in HERE if LABEL_FORMATS[name].read]
TEXTS = (
    "Дамба стоїть 🌊🌊. «Ніхто не постраждав», — каже міністр.\r\nThe dam holds.",
    "👨‍👩‍👧 cafe\u0301 — العربية 🌊 עברית\r\n\r\nDritte Zeile\u2028и́\u0301 конец\u200f 𝒜",
    "No sign beyond the plane.\nA second line, «quoted»|#\t=1+1 <b>&amp;</b> \\n",
)
LABELS = ("loaded", "euphemism")


def book(version="1.0", name="wording", labels=LABELS):
    return Codebook(
        codebook_id=name,
        version=version,
        title=f"The {name}",
        kind="framing",
        description="",
        source="",
        levels=(Level.SPAN, Level.SENTENCE, Level.DOCUMENT),
        multiple=True,
        labels=tuple(
            Label(
                label_id=label,
                name=label.title(),
                definition="What it is.",
                colour="#1b7f5c",
                source_name=f"{label}!",
            )
            for label in labels
        ),
    )


BOOKS = {
    "wording": {"1.0": book(), "1.1": book("1.1", labels=(*LABELS, "irony"))},
    "frames": {"1.0": book(name="frames")},
}


def texts():
    return [
        document(text, document_id=f"d{n}", url=f"https://example.org/{n}") for n, text in enumerate(TEXTS)
    ]


def written(name, rows, documents):
    return label_format(name).write(rows, documents)


def read(name, data, documents=None, **more):
    """Read bytes of a format as operations against documents."""
    known = documents if documents is not None else texts()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"labels{LABEL_FORMATS[name].suffix}"
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode())
        more.setdefault("codebooks", BOOKS)
        return read_foreign_labels(
            path,
            name,
            lambda sha: [d for d in known if d.sha256 == sha],
            now=WHEN + timedelta(days=9),
            **more,
        )


def as_annotations(ops):
    """What the operations lead to: an addition, and perhaps a change of the same label."""
    found = {}
    for op in ops:
        made = {name: getattr(op, name) for name in annotation().__slots__ if hasattr(op, name)}
        first = found.get(op.annotation_id)
        item = annotation(
            **{
                **made,
                "created_at": first.created_at if first else op.created_at,
                "updated_at": op.created_at,
            }
        )
        found[op.annotation_id] = item
    return found


def rows_of(annotations, documents=None):
    return label_rows(annotations, documents or texts(), pseudonyms=False)
