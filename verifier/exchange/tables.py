"""Rows to CSV and JSON Lines and back: columns, quoting, and the escape that keeps a spreadsheet from running a cell."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO, TypeAlias

from verifier.errors import ExchangeError

SCHEMA_VERSION = 1
"""The version of the columns; files of a higher one are refused."""

Row: TypeAlias = dict[str, str | int | float | None]

LABELS = (
    "schema_version", "project", "label_id", "document_id", "document_sha256", "language", "outlet", "layer", "level",
    "start", "end", "offset_unit", "quote", "prefix", "suffix", "codebook_id", "codebook_version", "label", "intensity",
    "target", "confidence", "note", "label_method", "suggestion_model", "suggestion_score", "annotator_id", "status",
    "blind", "guideline_version", "created_at", "updated_at", "duration_ms", "escaped",
)  # fmt: skip
PAIRS = (
    "schema_version", "pair_id", "claim_id", "claim", "claim_language", "document_id", "document_sha256", "outlet",
    "language", "published_at", "start", "end", "offset_unit", "quote", "p_supports", "p_refutes", "p_neutral",
    "stance_model", "retrieval_score", "human_stance", "annotator_id", "layer", "run_id", "created_at", "escaped",
)  # fmt: skip
DOCUMENTS = (
    "schema_version", "document_id", "document_sha256", "language", "title", "outlet", "url", "published_at",
    "retrieved_at", "split", "licence", "text", "escaped",
)  # fmt: skip
CLAIMS = (
    "schema_version", "document_id", "document_sha256", "sentence_id", "outlet", "language", "rank", "start", "end", "offset_unit", "quote",
    "checkable_score", "checkable", "reasons", "verdict", "reason_code", "supporting", "refuting", "related", "supporting_outlets",
    "refuting_outlets", "verification_id", "run_id", "encoder", "stance_model", "error", "escaped",
)  # fmt: skip

_WHOLE_NUMBERS = frozenset({
    "schema_version", "start", "end", "intensity", "confidence", "blind", "duration_ms", "escaped", "rank", "checkable", "supporting",
    "refuting", "related", "supporting_outlets", "refuting_outlets",
})  # fmt: skip
_FRACTIONS = frozenset({
    "p_supports", "p_refutes", "p_neutral", "retrieval_score", "suggestion_score", "checkable_score",
})  # fmt: skip

NUMBERS = _WHOLE_NUMBERS | _FRACTIONS
"""Columns that hold numbers, or nothing; all others hold text."""

_LARGEST = 2**31
"""Numbers stay below what a database column holds; no offset, scale or probability comes near."""


def make_row(columns: Sequence[str], **values: Any) -> Row:
    """Make a row with these values; what is not given is missing."""
    row: Row = {column: None if column in NUMBERS else "" for column in columns}
    return {**row, **values, "schema_version": SCHEMA_VERSION, "escaped": 0}


# ---- cells

_RISKY = tuple("=+-@\t\r\n" + "＝＋－＠" + "'")
"""What makes a spreadsheet take a cell for a formula, in both widths, and the escape itself.

Source: OWASP, "CSV Injection"; the full-width forms are read as formulas by spreadsheets set to East Asian languages.
"""


def escape_cell(text: str) -> str:
    """Put one apostrophe before a text that a spreadsheet might run, or that begins with an apostrophe."""
    return f"'{text}" if text.startswith(_RISKY) else text


def unescape_cell(text: str) -> str:
    """Take away exactly one leading apostrophe, if there is one; inverse to :func:`escape_cell`."""
    return text.removeprefix("'")


def _checked(text: str, column: str) -> str:
    found = re.search("[\x00\ud800-\udfff]", text)
    if found is not None:
        msg = (
            f"Column {column!r} holds U+{ord(found.group()):04X} at code point {found.start()}, which neither UTF-8 files nor the "
            "database can carry. Remove it."
        )
        raise ExchangeError(msg)
    return text


# ---- CSV


def write_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], stream: TextIO) -> int:
    r"""Write rows as RFC 4180 has it, with a header; returns how many.

    Args:
        rows: in order; a row's keys are the columns.
        columns: in order.
        stream: opened with ``newline=""``, else line ends of texts are changed on some systems.

    Raises:
        ExchangeError: a text holds U+0000 or a lone surrogate.
    """
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        cells = [_written(row[column], column) for column in columns]
        escaped = [
            escape_cell(c) if column not in NUMBERS else c for c, column in zip(cells, columns, strict=True)
        ]
        if "escaped" in columns:
            escaped[columns.index("escaped")] = "1" if escaped != cells else "0"
        writer.writerow(escaped)
        count += 1
    return count


def read_csv(stream: TextIO, columns: Sequence[str]) -> list[Row]:
    """Read what :func:`write_csv` wrote; the same rows come back.

    Args:
        stream: opened with ``newline=""``; a byte order mark at its beginning is passed over.
        columns: those that must be there, in any order.

    Raises:
        ExchangeError: it is no such file; the line and what is wrong are named.
    """
    return [_or_raise(line, row) for line, row in csv_rows(stream, columns)]


def _written(value: Any, column: str) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value)  # the shortest form that reads back equal
    return _checked(str(value), column)


def csv_rows(stream: TextIO, columns: Sequence[str]) -> Iterator[tuple[int, Row | ExchangeError]]:
    """Give each row with the line it begins on, or what is wrong with it."""
    # A long article is one cell; the module's own limit is 131,072 characters, and it is one for the whole process.
    csv.field_size_limit(max(csv.field_size_limit(), 1 << 30))
    reader = csv.reader(stream, strict=True)
    try:
        header = next(reader, [])
        if header:
            header[0] = header[0].removeprefix("\ufeff")
        _check_header(header, columns)
        line = reader.line_num + 1
        for cells in reader:
            if cells:
                yield line, _attempt(lambda cells=cells: _from_cells(cells, header))  # type: ignore[misc]
            line = reader.line_num + 1
    except csv.Error as error:
        msg = f"Line {reader.line_num} is no CSV ({error}). Save the file as CSV with commas and double quotes, in UTF-8."
        raise ExchangeError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"The file is not in UTF-8 (byte {error.start} after line {reader.line_num}). Save it as CSV UTF-8."
        raise ExchangeError(msg) from error


def _check_header(found: Sequence[str], columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in found]
    unknown = [column for column in found if column not in columns]
    if missing or unknown or len(set(found)) != len(found):
        hint = (
            " It seems to be separated by semicolons; save it with commas."
            if len(found) == 1 and ";" in found[0]
            else ""
        )
        msg = (
            f"The columns do not fit: missing {', '.join(missing) or 'none'}; unknown {', '.join(unknown) or 'none'}.{hint} "
            "docs/reference/formats.md lists the columns of each file."
        )
        raise ExchangeError(msg)


def _from_cells(cells: Sequence[str], header: Sequence[str]) -> Row:
    if len(cells) != len(header):
        msg = f"expected {len(header)} cells, found {len(cells)}"
        raise ExchangeError(msg)
    raw = dict(zip(header, cells, strict=True))
    escaped = raw.get("escaped", "0")
    if escaped not in {"0", "1"}:
        msg = f"column 'escaped' takes 0 or 1; found {escaped!r}"
        raise ExchangeError(msg)
    row: Row = {}
    for column, cell in raw.items():
        if column in NUMBERS:
            row[column] = _number(cell, column)
        else:
            row[column] = _checked(unescape_cell(cell) if escaped == "1" else cell, column)
    row["escaped"] = 0
    return _of_our_version(row)


def _number(cell: str, column: str) -> int | float | None:
    if not cell:
        return None
    try:
        number = int(cell) if column in _WHOLE_NUMBERS else float(cell)
    except ValueError:
        number = _LARGEST
    if not abs(number) < _LARGEST:
        kind = "a whole number" if column in _WHOLE_NUMBERS else "a number"
        msg = f"column {column!r} takes {kind} or nothing; found {cell!r}"
        raise ExchangeError(msg)
    return number


def _of_our_version(row: Row) -> Row:
    version = row.get("schema_version")
    if version != SCHEMA_VERSION:
        msg = f"column 'schema_version' is {version}; this verifier reads version {SCHEMA_VERSION}"
        raise ExchangeError(msg)
    return row


def _attempt(parse: Callable[[], Row]) -> Row | ExchangeError:
    try:
        return parse()
    except ExchangeError as error:
        return error


def _or_raise(line: int, row: Row | ExchangeError) -> Row:
    if isinstance(row, ExchangeError):
        msg = f"Line {line}: {row}. Correct it and try again."
        raise ExchangeError(msg) from row
    return row


# ---- JSON Lines


def write_jsonl(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], stream: TextIO) -> int:
    """Write rows as JSON Lines with the names of the columns; texts are not escaped, missing numbers are null.

    Returns how many. Raises ExchangeError if a text holds U+0000 or a lone surrogate.
    """
    count = 0
    for row in rows:
        values = {c: _checked(v, c) if isinstance(v := row[c], str) else v for c in columns}
        stream.write(json.dumps({**values, "escaped": 0}, ensure_ascii=False) + "\n")
        count += 1
    return count


def read_jsonl(stream: TextIO, columns: Sequence[str]) -> list[Row]:
    """Read what :func:`write_jsonl` wrote; the same rows come back.

    Raises:
        ExchangeError: a line is no such row; the line and what is wrong are named.
    """
    return [_or_raise(line, row) for line, row in jsonl_rows(stream, columns)]


def jsonl_rows(stream: TextIO, columns: Sequence[str]) -> Iterator[tuple[int, Row | ExchangeError]]:
    """Give each row with its line, or what is wrong with it."""
    try:
        for line, marked in enumerate(stream, start=1):
            written = marked.removeprefix("\ufeff") if line == 1 else marked
            if written.strip():
                yield line, _attempt(lambda written=written: _from_json(written, columns))  # type: ignore[misc]
    except UnicodeDecodeError as error:
        msg = f"The file is not in UTF-8 (byte {error.start}). Save it in UTF-8."
        raise ExchangeError(msg) from error


def _from_json(written: str, columns: Sequence[str]) -> Row:
    try:
        row = json.loads(written)
    except ValueError as error:
        msg = f"this is no JSON ({error})"
        raise ExchangeError(msg) from error
    if not isinstance(row, dict) or set(row) != set(columns):
        found = sorted(row) if isinstance(row, dict) else type(row).__name__
        msg = f"expected an object with the fields {', '.join(columns)}; found {found}"
        raise ExchangeError(msg)
    check_values(row)
    return _of_our_version({**row, "escaped": 0})


def check_values(row: Mapping[str, Any], *, not_told: bool = False) -> None:
    """Raise ExchangeError where a value is not of its column's type, or is text that no file or database can carry.

    Args:
        row: from a JSON file, by column.
        not_told: whether None may stand in columns of text, too.
    """
    for column, value in row.items():
        wanted: tuple[type, ...] = (str, type(None)) if not_told else (str,)
        if column in NUMBERS:
            wanted = (int, type(None)) if column in _WHOLE_NUMBERS else (int, float, type(None))
        if type(value) not in wanted:
            msg = f"field {column!r} takes {' or '.join(kind.__name__ for kind in wanted)}; found {value!r}"
            raise ExchangeError(msg)
        if isinstance(value, str):
            _checked(value, column)
        elif value is not None and not abs(value) < _LARGEST:
            msg = f"field {column!r} takes numbers below {_LARGEST}; found {value!r}"
            raise ExchangeError(msg)
