"""Turn the bytes of one file into pieces of text with what the file says about them.

A reader takes the raw bytes and the file's display name and yields pieces, or raises or yields ``IngestError`` for what it
refuses: a raised one refuses the file, a yielded one a single row. A new format is one function and one entry in
``READERS``.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from verifier.errors import IngestError
from verifier.ingest.metadata import NOTHING_SAID, Metadata, language_tag, read_metadata, split_front_matter

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that one's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_HTML_LANGUAGE = re.compile(
    r"<html[^>]{0,500}?\slang\s*=\s*[\"']?([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)", re.IGNORECASE
)
_ONLY_STATED_DATES = {"original_date": True, "extensive_search": False}  # a guessed date is worse than none
_DELIMITERS = ",;\t|"
_OUR_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One text as it came out of a file.

    The region ``text[start:]`` is the document; what stands before it is front matter. ``part`` tells the pieces of a file apart
    (a row's number or empty). ``frozen`` says that the text is already cleaned and must be taken as it is. ``said_by_page``
    is what was read off a web page, and counts least.
    """

    text: str
    start: int = 0
    part: str = ""
    metadata: Metadata = NOTHING_SAID
    said_by_page: Metadata = NOTHING_SAID
    frozen: bool = False


Reader = Callable[[bytes, str], Iterator[Piece | IngestError]]


def decode(raw: bytes, source: str, *, declared: str = "utf-8") -> str:
    """Decode a file: by its byte order mark, else as declared (UTF-8).

    Raises:
        IngestError: ``binary`` or ``encoding``.
    """
    mark, encoding = next((bom for bom in _BOMS if raw.startswith(bom[0])), (b"", declared))
    if not mark and b"\0" in raw:
        msg = f"{source} is not a text: it holds NUL bytes. Export its text as UTF-8 and ingest that."
        raise IngestError(msg, source=source, reason="binary")
    try:
        text = raw[len(mark) :].decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        msg = (
            f"{source} is not valid {encoding.upper()}: {error}. Save it as UTF-8 (or UTF-16 with a byte order mark) and "
            "ingest it again."
        )
        raise IngestError(msg, source=source, reason="encoding") from error
    if "\0" in text:
        msg = f"{source} is not a text: it holds NUL characters. Export its text as UTF-8 and ingest that."
        raise IngestError(msg, source=source, reason="binary")
    return text


def read_text(raw: bytes, source: str) -> Iterator[Piece | IngestError]:
    """Read plain text, with optional front matter."""
    text = decode(raw, source)
    metadata, start = split_front_matter(text, source)
    yield Piece(text=text, start=start, metadata=metadata)


def read_html(raw: bytes, source: str) -> Iterator[Piece | IngestError]:
    """Read a web page: its main text, as trafilatura finds it, under its title.

    The extracted text is what is frozen; offsets of regions and strips count in it, not in the HTML.
    """
    import trafilatura  # noqa: PLC0415  (slow to import)

    match = _CHARSET.search(raw[:4096])
    html = decode(raw, source, declared=match.group(1).decode("ascii") if match else "utf-8")
    try:
        page = trafilatura.bare_extraction(
            html, with_metadata=True, include_comments=False, date_extraction_params=_ONLY_STATED_DATES
        )
    except Exception as error:  # whatever a parser raises on hostile input is this file's fault
        msg = f"{source} cannot be parsed as HTML: {error}. Save the article's text as .txt and ingest that."
        raise IngestError(msg, source=source, reason="bad-html") from error
    found: Mapping[str, Any] = page.as_dict() if page is not None else {}
    text = str(found.get("text") or "").strip()
    if not text:
        msg = (
            f"{source} holds no article that could be found. Save the article's text as .txt and ingest that."
        )
        raise IngestError(msg, source=source, reason="no-text")
    title = " ".join(str(found.get("title") or "").split())
    if title and title.casefold() not in text[: len(title) + 200].casefold():
        text = f"{title}\n\n{text}"
    language = _HTML_LANGUAGE.search(html[:4096])
    said = read_metadata(
        {
            "title": title,
            "outlet": found.get("sitename") or found.get("hostname"),
            "url": found.get("url"),
            "published": found.get("date"),
            "licence": found.get("license"),
        },
        source,
    )
    yield Piece(
        text=text,
        said_by_page=replace(said, language=language_tag(language.group(1), source) if language else ""),
    )


def read_jsonl(raw: bytes, source: str) -> Iterator[Piece | IngestError]:
    """Read JSON Lines: one object a line, with at least ``text``."""
    for number, line in enumerate(decode(raw, source).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{source}, line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            msg = f'{where} is not JSON: {error}. Each line must be one object such as {{"text": "…"}}.'
            yield IngestError(msg, source=where, reason="bad-row")
            continue
        if not isinstance(row, dict):
            msg = f'{where} must be an object such as {{"text": "…"}}; found {type(row).__name__}.'
            yield IngestError(msg, source=where, reason="bad-row")
            continue
        yield _row(row, where, str(number))


def read_csv(raw: bytes, source: str) -> Iterator[Piece | IngestError]:
    """Read a table with a header row and at least a column ``text``; comma, semicolon, tab or bar between cells."""
    text = decode(raw, source)
    header_line = text.lstrip("\r\n").partition("\n")[0]
    delimiter = next((d for d in _DELIMITERS if "text" in _header(header_line, d)), None)
    if delimiter is None:
        msg = (
            f"{source} has no column 'text': its first row must name the columns, one of them 'text'; found "
            f"{header_line.strip()[:120]!r}."
        )
        raise IngestError(msg, source=source, reason="no-text-column")
    csv.field_size_limit(
        max(csv.field_size_limit(), len(text) + 1)
    )  # the limit on the file is ours, and checked before
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] | None = None
    number = 0
    try:
        for cells in rows:
            number += 1
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = [name.strip().casefold() for name in cells]
                continue
            where = f"{source}, row {number}"
            if len(cells) != len(names):
                msg = f"{where} has {len(cells)} cells where the header has {len(names)}. Quote cells that hold {delimiter!r}."
                yield IngestError(msg, source=where, reason="bad-row")
                continue
            row: dict[str, Any] = dict(zip(names, cells, strict=True))
            if _is_ours(row):
                row = {name: _unescaped(cell) for name, cell in row.items()}
            yield _row(row, where, str(number))
    except csv.Error as error:
        where = f"{source}, row {number + 1}"
        msg = f"{where} cannot be read as CSV: {error}. Rows before it were taken in; correct it and ingest again."
        yield IngestError(msg, source=where, reason="bad-row")


def _header(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [cell.strip().casefold() for cell in cells]


def _row(row: Mapping[str, Any], source: str, number: str) -> Piece | IngestError:
    """Make a piece of a row, in our own exchange format or in anybody's."""
    ours = _is_ours(row)
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        msg = f"{source} has no text. Fill its 'text', or leave the row out."
        return IngestError(msg, source=source, reason="empty")
    try:
        text.encode()
    except UnicodeEncodeError:
        msg = f"{source} holds half a surrogate pair, which is no character. Export the row again as UTF-8."
        return IngestError(msg, source=source, reason="encoding")
    try:
        metadata = read_metadata(row, source)
    except IngestError as error:
        return error
    document_id = str(row.get("document_id") or "")
    return Piece(
        text=text,
        part=metadata.row_id or number,
        metadata=replace(
            metadata, document_id=document_id if ours and _OUR_ID.fullmatch(document_id) else ""
        ),
        frozen=ours,
    )


def _is_ours(row: Mapping[str, Any]) -> bool:
    return "schema_version" in row and "document_sha256" in row


def _unescaped(cell: str) -> str:
    """Take away the one apostrophe that our CSV puts before cells a spreadsheet would take for formulas."""
    return cell.removeprefix("'")


READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".html": read_html,
    ".htm": read_html,
    ".jsonl": read_jsonl,
    ".csv": read_csv,
}
