"""doccano's JSON Lines, one line for each document and person, in both shapes: triples under ``label``, or objects under ``entities``.

doccano counts UTF-16 units, as its browser code does (issues 2290 and 2484), unless a project counts graphemes, which this module does not know. Its files quote
nothing and name no annotator; what it does not know itself it keeps as metadata and gives back, so quotes and the rest travel there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from verifier.domain import Document, Level
from verifier.errors import ExchangeError
from verifier.exchange.interchange import (
    DETAILS,
    Told,
    Written,
    about,
    by_document,
    by_hand,
    details,
    dump,
    full_label,
    items,
    read_bytes,
    told,
    told_wrong,
    utf16_offsets,
)

LOST = "nothing, as long as doccano keeps the metadata of an example"

_WHOLE = "cats"
"""doccano's field for labels of a whole text beside spans."""

_TRIPLE = 3


def write(rows: Iterable[Mapping[str, Any]], documents: Iterable[Document]) -> Written:
    """Write a line for each document and person with ``label: [[start, end, name], …]``, offsets in UTF-16 units."""
    return _write(
        rows, documents, lambda spans: {"label": [[s["start"], s["end"], full_label(s)] for s in spans]}
    )


def write_entities(rows: Iterable[Mapping[str, Any]], documents: Iterable[Document]) -> Written:
    """Write the same with ``entities: [{id, label, start_offset, end_offset}, …]`` and no relations."""

    def entities(spans: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "entities": [
                {"id": number, "label": full_label(s), "start_offset": s["start"], "end_offset": s["end"]}
                for number, s in enumerate(spans, start=1)
            ],
            "relations": [],
        }

    return _write(rows, documents, entities)


def _write(rows: Iterable[Mapping[str, Any]], documents: Iterable[Document], shape: Any) -> Written:
    lines: list[dict[str, Any]] = []
    for document, own in by_document(rows, documents):
        units = utf16_offsets(document.text)
        for _, annotator_id, given in list(by_hand(own)) or [("", "", [])]:
            travelling = [
                {
                    **details(row, units(row["start"]), units(row["end"])),
                    "quote": row["quote"],
                    "offset_unit": "utf-16",
                }
                for row in given
            ]
            spans = [item for item in travelling if item["level"] != Level.DOCUMENT.value]
            whole = [full_label(item) for item in travelling if item["level"] == Level.DOCUMENT.value]
            lines.append(
                {
                    "id": len(lines) + 1,
                    "text": document.text,
                    **shape(spans),
                    _WHOLE: whole,
                    "Comments": [],
                    **about(document),
                    "annotator_id": annotator_id,
                    "offset_unit": "utf-16",
                    DETAILS: travelling,
                }
            )
    return Written("".join(dump(line) + "\n" for line in lines).encode())


def read(path: Path) -> list[Told]:
    """Read lines of either shape.

    Raises:
        ExchangeError: it is no such file.
    """
    found: list[Told] = []
    try:
        lines = read_bytes(path).decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        msg = f"{path} is not in UTF-8 (byte {error.start}). Save it in UTF-8."
        raise ExchangeError(msg) from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            found += _line(line, f"line {number}")
    return found


def _line(line: str, place: str) -> Iterator[Told]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        yield told_wrong(place, f"this is no JSON ({error})")
        return
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        yield told_wrong(place, "expected an object with the field 'text', as doccano exports it")
        return
    kept = [item for item in items(given.get(DETAILS)) if isinstance(item, dict)]
    who = given.get("annotator_id")
    common = {
        "annotator_id": who if isinstance(who, str) and who else None,
        "document_id": given["document_id"] if isinstance(given.get("document_id"), str) else None,
    }
    for number, item in enumerate(_spans(given), start=1):
        where = f"{place}, label {number}"
        if item is None:
            yield told_wrong(
                where, "expected [start, end, label], or an object with start_offset, end_offset and label"
            )
            continue
        start, end, name = item
        own = _taken(kept, start, end, name)
        quoted = own.get("quote") if own else None
        native = (
            {"start": start, "end": end, "quote": quoted} if own else {**common, "start": start, "end": end}
        )
        yield told(where, native=native, label=name, text=given["text"], travelled=own)
    for number, name in enumerate(_names(given), start=1):
        where = f"{place}, category {number}"
        if not isinstance(name, str):
            yield told_wrong(where, "expected the name of a label")
            continue
        own = next((d for d in kept if d.get("level") == Level.DOCUMENT.value and _name(d) == name), None)
        if own is not None:
            kept.remove(own)
            native = {"start": own.get("start"), "end": own.get("end"), "quote": own.get("quote")}
        else:
            native = {
                **common,
                "start": 0,
                "end": 0,
                "quote": "",
                "prefix": "",
                "suffix": "",
                "level": Level.DOCUMENT.value,
            }
        yield told(where, native=native, label=name, text=given["text"], travelled=own)


def _spans(given: Mapping[str, Any]) -> Iterator[tuple[int, int, str] | None]:
    """Yield start, end and name of each span, or None for one that cannot be read."""
    for item in _listed(given, "label") or _listed(given, "labels"):
        if isinstance(item, str):
            continue  # the label of a whole text
        fits = isinstance(item, list) and len(item) == _TRIPLE
        yield _triple(item) if fits else None
    for item in _listed(given, "entities"):
        if isinstance(item, dict):
            item = [item.get("start_offset"), item.get("end_offset"), item.get("label")]  # noqa: PLW2901
        yield _triple(item) if isinstance(item, list) and len(item) == _TRIPLE else None


def _triple(item: list[Any]) -> tuple[int, int, str] | None:
    start, end, name = item
    return (start, end, name) if type(start) is int and type(end) is int and isinstance(name, str) else None


def _names(given: Mapping[str, Any]) -> list[Any]:
    whole = [item for item in _listed(given, "label") or _listed(given, "labels") if isinstance(item, str)]
    return [*_listed(given, _WHOLE), *whole]


def _listed(given: Mapping[str, Any], name: str) -> list[Any]:
    return items(given.get(name))


def _taken(kept: list[dict[str, Any]], start: int, end: int, name: str) -> dict[str, Any] | None:
    """Take the details of one span, each of them once: two people's labels on one place are two."""
    for item in kept:
        fits = (item.get("start"), item.get("end")) == (start, end) and _name(item) == name
        if fits and item.get("level") != Level.DOCUMENT.value:
            kept.remove(item)
            return item
    return None


def _name(item: Mapping[str, Any]) -> str:
    return f"{item.get('codebook_id', '')}:{item.get('label', '')}"
