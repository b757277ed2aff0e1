"""Records to CSV and JSON Lines, and back again; labels to the formats of other tools, too.

It hides quoting, the escape that keeps a spreadsheet from running a cell as a formula, the units in which other tools count offsets, the shapes of their files, and the
pseudonyms of annotators. What each column means stands in ``docs/reference/formats.md``. It knows nothing of the database: records
come in and rows go out, or the other way: documents, operations of the annotation log, verifications and people's stances.

A row in memory holds text (empty where missing), and numbers or None in number columns; :func:`write_csv` and :func:`read_csv`,
:func:`write_jsonl` and :func:`read_jsonl` are inverse to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TextIO

from verifier.exchange.document_import import DocumentImport, read_documents
from verifier.exchange.hf_dataset import data_card
from verifier.exchange.incoming import kind_of, listed, numbered_rows
from verifier.exchange.label_formats import LABEL_FORMATS, LabelFormat, label_format, read_foreign_labels
from verifier.exchange.label_import import UNITS, LabelImport, read_label_ops
from verifier.exchange.label_studio import labelling_config
from verifier.exchange.pair_import import PairImport, Rules, read_pairs
from verifier.exchange.rows import document_rows, label_rows, manifest, pair_rows, pseudonym
from verifier.exchange.spans_only import QUOTE_CHARS, Filled, filled_in, shortened, without_text
from verifier.exchange.splits import WHOLE, parse_shares, require_shares, split_documents, statistics
from verifier.exchange.tables import (
    CLAIMS,
    DOCUMENTS,
    LABELS,
    NUMBERS,
    PAIRS,
    SCHEMA_VERSION,
    Row,
    escape_cell,
    make_row,
    read_csv,
    read_jsonl,
    unescape_cell,
    write_csv,
    write_jsonl,
)

__all__ = [
    "CLAIMS",
    "DOCUMENTS",
    "EXPORTS",
    "FORMATS",
    "LABELS",
    "LABEL_FORMATS",
    "NUMBERS",
    "PAIRS",
    "QUOTE_CHARS",
    "SCHEMA_VERSION",
    "UNITS",
    "WHOLE",
    "DocumentImport",
    "Export",
    "Filled",
    "Format",
    "LabelFormat",
    "LabelImport",
    "PairImport",
    "Row",
    "Rules",
    "data_card",
    "document_rows",
    "escape_cell",
    "filled_in",
    "kind_of",
    "label_format",
    "label_rows",
    "labelling_config",
    "listed",
    "make_row",
    "manifest",
    "numbered_rows",
    "pair_rows",
    "parse_shares",
    "pseudonym",
    "read_csv",
    "read_documents",
    "read_foreign_labels",
    "read_jsonl",
    "read_label_ops",
    "read_pairs",
    "require_shares",
    "shortened",
    "split_documents",
    "statistics",
    "unescape_cell",
    "without_text",
    "write_csv",
    "write_jsonl",
]


class Export(NamedTuple):
    """A kind of file: its columns, what a row of it is, and what makes its rows from records."""

    columns: tuple[str, ...]
    row_is: str
    rows: Callable[..., list[Row]]


class Format(NamedTuple):
    """A way to write rows, and to read them back equal."""

    write: Callable[[Iterable[Mapping[str, Any]], Sequence[str], TextIO], int]
    read: Callable[[TextIO, Sequence[str]], list[Row]]


EXPORTS: dict[str, Export] = {
    "labels": Export(LABELS, "one label by one annotator on a span, a sentence or a document", label_rows),
    "pairs": Export(PAIRS, "one claim and one statement found for it, per person who judged it", pair_rows),
    "documents": Export(DOCUMENTS, "one version of a document", document_rows),
}
"""What can be exported, by name; the file is called after it, with the ending of its format."""

FORMATS: dict[str, Format] = {"csv": Format(write_csv, read_csv), "jsonl": Format(write_jsonl, read_jsonl)}
"""How it can be written, by the ending of the file."""
