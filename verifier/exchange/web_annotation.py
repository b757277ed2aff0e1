"""W3C Web Annotations as JSON-LD: one annotation a label, found by its place and by its words.

Offsets count code points, as the Web Annotation Data Model of 23 February 2017 has it (section 4.2.4). The file holds no texts, only what is quoted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from verifier.domain import Document, Level
from verifier.errors import ExchangeError
from verifier.exchange.interchange import (
    DETAILS,
    Told,
    Written,
    by_document,
    details,
    dump,
    full_label,
    load_json,
    told,
    told_wrong,
)

LOST = "nothing; the texts are not in it"

_CONTEXT = [
    "http://www.w3.org/ns/anno.jsonld",
    {DETAILS: {"@id": "urn:claim-verifier:details", "@type": "@json"}},
]


def write(rows: Iterable[Mapping[str, Any]], documents: Iterable[Document]) -> Written:
    """Write a page of annotations, offsets in code points; a quote that was cut short is left out."""
    items = [_item(row, document) for document, own in by_document(rows, documents) for row in own]
    page = {
        "@context": _CONTEXT,
        "id": "urn:claim-verifier:labels",
        "type": "AnnotationPage",
        "startIndex": 0,
        "items": items,
    }
    return Written((dump(page, indent=1) + "\n").encode())


def _item(row: Mapping[str, Any], document: Document) -> dict[str, Any]:
    name = ":".join(quote(str(row[c]), safe="") for c in ("codebook_id", "codebook_version", "label"))
    body: list[dict[str, Any]] = [
        {"type": "SpecificResource", "purpose": "classifying", "source": f"urn:claim-verifier:label:{name}"},
        {"type": "TextualBody", "purpose": "tagging", "value": full_label(row), "format": "text/plain"},
    ]
    if row["note"]:
        body.append(
            {"type": "TextualBody", "purpose": "commenting", "value": row["note"], "format": "text/plain"}
        )
    target: dict[str, Any] = {
        "source": document.url or f"urn:claim-verifier:document:{quote(document.document_id, safe='')}",
    }
    if row["level"] != Level.DOCUMENT.value:
        target["selector"] = [{"type": "TextPositionSelector", "start": row["start"], "end": row["end"]}]
        if len(row["quote"]) == row["end"] - row["start"]:
            around = {"prefix": row["prefix"], "suffix": row["suffix"]}
            target["selector"].append({"type": "TextQuoteSelector", "exact": row["quote"], **around})
    return {
        "id": f"urn:claim-verifier:annotation:{quote(str(row['label_id']), safe='')}",
        "type": "Annotation",
        "motivation": "classifying",
        "creator": {
            "id": f"urn:claim-verifier:annotator:{quote(str(row['annotator_id']), safe='')}",
            "name": row["annotator_id"],
        },
        "created": row["created_at"],
        "modified": row["updated_at"],
        "generator": {"id": "urn:claim-verifier", "type": "Software"},
        "body": body,
        "target": target,
        DETAILS: details(row, row["start"], row["end"]),
    }


def read(path: Path) -> list[Told]:
    """Read a page, a list or a single annotation; the tag, or else the first text of the body, is the label.

    Raises:
        ExchangeError: it is no such file.
    """
    found = load_json(path)
    if isinstance(found, Mapping):
        inside = found.get("items", found.get("first"))
        found = inside.get("items") if isinstance(inside, Mapping) else [found] if inside is None else inside
    if not isinstance(found, list):
        msg = f"{path} holds no Web Annotations: expected an AnnotationPage with the field 'items', or a list of annotations."
        raise ExchangeError(msg)
    return [_annotation(item, f"annotation {number}") for number, item in enumerate(found, start=1)]


def _annotation(item: Any, place: str) -> Told:
    if not isinstance(item, Mapping) or not _objects(item.get("target")):
        return told_wrong(place, "expected an annotation with a target")
    target = _objects(item["target"])[0]
    source = target.get("source", target.get("id", ""))
    if isinstance(source, Mapping):
        source = source.get("id", "")
    label = _label(_objects(item.get("body")))
    if not label:
        return told_wrong(place, "its body has no text that could be a label")
    travelled = item.get(DETAILS)
    own = travelled if isinstance(travelled, Mapping) else {}
    selectors = {str(selector.get("type")): selector for selector in _objects(target.get("selector"))}
    position, words = selectors.get("TextPositionSelector"), selectors.get("TextQuoteSelector", {})
    native: dict[str, Any] = {"quote": words.get("exact")}
    if position is not None:
        native |= {"start": position.get("start"), "end": position.get("end")}
        native |= {"prefix": words.get("prefix"), "suffix": words.get("suffix")}
    elif own.get("level") == Level.DOCUMENT.value:
        native |= {"start": own.get("start"), "end": own.get("end"), "prefix": "", "suffix": ""}
    elif words:
        return told_wrong(
            place, "it has no TextPositionSelector, and words alone may stand in a text more than once"
        )
    else:
        native |= {
            "start": 0,
            "end": 0,
            "quote": "",
            "prefix": "",
            "suffix": "",
            "level": Level.DOCUMENT.value,
        }
    if not own:
        # The specification says what the offsets count; those who count otherwise are found out by their quotes.
        native |= {
            "offset_unit": "codepoint",
            "created_at": _text(item.get("created")),
            "updated_at": _text(item.get("modified")),
        }
        native |= {"annotator_id": _name(item.get("creator")), "label_id": _text(item.get("id"))}
    changed = _text(item.get("modified"))
    return told(
        place, native=native, label=label, travelled=travelled, changed_at=changed, source=str(source)
    )


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """Return one or several objects as a list; a bare address is an object with an id."""
    listed = value if isinstance(value, list) else [value]
    return [{"id": v} if isinstance(v, str) else v for v in listed if isinstance(v, str | Mapping) and v]


def _label(bodies: list[Mapping[str, Any]]) -> str:
    texts = [body for body in bodies if isinstance(body.get("value"), str) and body["value"]]
    tags = [body for body in texts if body.get("purpose") in ("tagging", "classifying")]
    other = [body for body in texts if body.get("purpose") != "commenting"]
    return next((str(body["value"]) for body in [*tags, *other]), "")


def _name(creator: Any) -> str | None:
    found = _objects(creator)
    return _text(found[0].get("name") or found[0].get("id")) if found else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
