"""Hugging Face's data-set folder: a Parquet file for each split, a row a document with its labels as a list, and the card that goes with them.

``datasets.load_dataset("folder")`` reads it. Offsets count code points, which are what Python's strings count.
"""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from verifier.domain import Codebook, Document
from verifier.errors import ExchangeError, MissingDependencyError
from verifier.exchange.interchange import (
    Told,
    Written,
    about,
    by_document,
    dump,
    read_bytes,
    told,
    told_wrong,
)
from verifier.exchange.tables import LABELS, NUMBERS

LOST = "nothing"

_OF_DOCUMENT = (
    "document_id",
    "document_sha256",
    "language",
    "outlet",
    "title",
    "url",
    "published_at",
    "licence",
)
_OF_LABEL = tuple(
    c
    for c in LABELS
    if c not in {"schema_version", "escaped", "document_id", "document_sha256", "language", "outlet"}
)
_FRACTION = "suggestion_score"


def _arrow(module: str = "") -> Any:
    try:
        return importlib.import_module(f"pyarrow{module}")
    except ImportError as error:
        msg = "Parquet files need the package pyarrow, which Streamlit brings along. Install it with: pip install pyarrow"
        raise MissingDependencyError(msg, package="pyarrow") from error


def write(rows: Iterable[Mapping[str, Any]], documents: Iterable[Document]) -> Written:
    """Write Parquet: a row a document, ``labels`` a list of what ``labels.csv`` says of each."""
    return _write(rows, documents, with_text=True)


def write_without_text(rows: Iterable[Mapping[str, Any]], documents: Iterable[Document]) -> Written:
    """Write the same with the column ``text`` empty."""
    return _write(rows, documents, with_text=False)


def _write(rows: Iterable[Mapping[str, Any]], documents: Iterable[Document], *, with_text: bool) -> Written:
    arrow, parquet = _arrow(), _arrow(".parquet")

    def kind(column: str) -> Any:
        return (
            arrow.float64() if column == _FRACTION else arrow.int64() if column in NUMBERS else arrow.string()
        )

    label = arrow.struct([(column, kind(column)) for column in _OF_LABEL])
    schema = arrow.schema(
        [
            *((column, arrow.string()) for column in _OF_DOCUMENT),
            ("offset_unit", arrow.string()),
            ("text", arrow.string()),
            ("labels", arrow.list_(label)),
        ]
    )
    table = [
        {
            **about(document),
            "offset_unit": "codepoint",
            "text": document.text if with_text else None,
            "labels": [{column: row[column] for column in _OF_LABEL} for row in own],
        }
        for document, own in by_document(rows, documents)
    ]
    dump(table)  # refuses what UTF-8 cannot carry, with our sentence rather than the library's
    stream = io.BytesIO()
    # Without the writer's version and a schema of pandas the bytes depend on the labels and on pyarrow alone.
    parquet.write_table(
        arrow.Table.from_pylist(table, schema=schema), stream, compression="zstd", store_schema=False
    )
    return Written(stream.getvalue())


def read(path: Path) -> list[Told]:
    """Read a Parquet file, or all of a folder.

    Raises:
        ExchangeError: it is no such file, or the folder holds none.
        MissingDependencyError: pyarrow is not installed.
    """
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not files:
        msg = f"{path} holds no .parquet file. Name the folder of a data set, or a file."
        raise ExchangeError(msg)
    return [item for file in files for item in _file(file, f"{file.name}, " if path.is_dir() else "")]


def _file(path: Path, before: str) -> list[Told]:
    arrow, parquet = _arrow(), _arrow(".parquet")
    try:
        table = parquet.read_table(io.BytesIO(read_bytes(path))).to_pylist()
    except (arrow.ArrowException, ValueError) as error:
        msg = f"{path} is no Parquet file that can be read ({error})."
        raise ExchangeError(msg) from error
    found: list[Told] = []
    for number, row in enumerate(table, start=1):
        labels = row.get("labels")
        if not isinstance(labels, list):
            found.append(told_wrong(f"{before}row {number}", "it has no list 'labels'"))
            continue
        text = row.get("text") if isinstance(row.get("text"), str) else None
        for place, label in enumerate(labels, start=1):
            found.append(_label(row, label, text, f"{before}row {number}, label {place}"))
    return found


def _label(row: Mapping[str, Any], label: Any, text: str | None, place: str) -> Told:
    if not isinstance(label, Mapping):
        return told_wrong(place, "it is no structure of fields")
    native = {name: label[name] for name in _OF_LABEL if name in label}
    native |= {
        name: row[name] for name in ("document_id", "document_sha256") if isinstance(row.get(name), str)
    }
    start, end, quote = native.get("start"), native.get("end"), native.get("quote")
    whole = type(start) is int and type(end) is int and isinstance(quote, str) and len(quote) == end - start
    if text is None and not whole and native.get("offset_unit") == "codepoint":
        # The text was left out and the quote cut short; the digest and the unit still say exactly which place is meant.
        native |= {"quote": None, "prefix": None, "suffix": None}
    name = str(native.pop("label", ""))
    return told(place, native=native, label=name, text=text)


# ---- the card


def data_card(
    *,
    title: str,
    statistics: Mapping[str, Mapping[str, int]],
    splits: Mapping[str, str],
    codebooks: Sequence[Codebook],
    licences: Mapping[str, int],
    languages: Sequence[str],
    facts: Mapping[str, str],
    agreement: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> str:
    """Write README.md: YAML that tells ``datasets`` where the splits are, then what a person has to know.

    Args:
        title: of the data set.
        statistics: by what was counted (label, annotator, language, split), how many.
        splits: file of each split, relative to the folder; empty where there is no Parquet.
        codebooks: the versions labelled by.
        licences: of the texts, with how many documents each.
        languages: BCP 47 tags of the texts.
        facts: further lines of the card, such as the layer and the software's version.
        agreement: what was measured, a line each.
        notes: what the formats could not hold.
    """
    head = ["---"]
    known = [language for language in languages if language != "und"]
    head += ["language:", *(f"- {language}" for language in known)] if known else []
    head += ["task_categories:", "- token-classification", "- text-classification"]
    if splits:
        head += ["configs:", "- config_name: default", "  data_files:"]
        head += [f"  - split: {name}\n    path: {json.dumps(file)}" for name, file in splits.items()]
    lines = [*head, "---", "", f"# {title}", "", "## What it is", ""]
    lines += [f"- {name}: {_cell(value)}" for name, value in facts.items() if value]
    lines += ["", "## Counts", ""]
    for what, counts in statistics.items():
        lines += [
            f"| {what} | number |",
            "|---|---:|",
            *(f"| {_cell(name) or '–'} | {n} |" for name, n in counts.items()),
            "",
        ]
    lines += ["## Codebooks", ""]
    for book in codebooks:
        lines += [f"### {_cell(book.title or book.codebook_id)} (`{book.codebook_id}` {book.version})", ""]
        lines += [_cell(book.description), ""] if book.description else []
        lines += [f"Source: {_cell(book.source)}", ""] if book.source else []
        lines += [
            f"- `{label.label_id}` {_cell(label.name)}: {_cell(label.definition)}" for label in book.labels
        ]
        lines += [""]
    lines += [
        "## Agreement",
        "",
        *(["```text", *agreement, "```"] if agreement else ["Not measured for this data set."]),
        "",
    ]
    lines += ["## Licences of the texts", ""]
    lines += [f"- {_cell(name) or 'not told'}: {n} document(s)" for name, n in licences.items()]
    lines += [
        "",
        "The licence of a text is its publisher's; leave texts out of what you pass on where it does not allow that.",
        "",
    ]
    lines += ["## What is not in it", "", *(f"- {_cell(note)}" for note in notes), ""] if notes else []
    return "\n".join(lines).rstrip() + "\n"


def _cell(value: str) -> str:
    """Keep a text on one line and out of the way of the table's own signs."""
    return " ".join(value.split()).replace("|", "\\|").replace("<", "&lt;")
