"""What the annotator sends to the browser, in two parts.

A long text with its annotations takes megabytes as JSON, and an edit changes a line of it. So the *base*, what stood when the work began, is
packed once and goes through a component of its own, which Streamlit does not send again while it stays the same; the *live* part says
what is different since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from verifier.domain import Annotation, Codebook, Document, Level
from verifier.languages import direction

REBASED_AFTER = 200
"""Records that differ from the base before a new one is packed: the live part then is some 100 KB, the base of a long text 1 MB."""

_RECORDS = ("annotations", "suggestions")


class PlacedSuggestion(TypedDict):
    """A place where something suggests a label; ``start`` and ``end`` are code points of the document's text.

    ``suggestion_id`` must stay the same from run to run.
    """

    suggestion_id: str
    start: int
    end: int
    codebook_id: str
    label: str
    term: str
    explanation: NotRequired[str]
    counterparts: NotRequired[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Base:
    """What stays the same: ``packed`` is 64 characters of ``revision`` and the JSON of ``data``, in UTF-8."""

    data: dict[str, Any]
    revision: str
    packed: bytes


def whole(
    document: Document,
    *,
    annotator: str,
    codebooks: Sequence[Codebook],
    annotations: Sequence[Annotation],
    suggestions: Sequence[PlacedSuggestion],
    names: Mapping[str, str],
) -> dict[str, Any]:
    """Put everything that can be shown of a document into plain values; see :func:`verifier.ui.annotator.draw`."""
    return {
        "document": {
            "id": document.document_id,
            "sha256": document.sha256,
            "text": document.text,
            "language": document.language,
            "direction": direction(document.language),
        },
        "annotator": annotator,
        "codebooks": [_codebook(codebook) for codebook in codebooks],
        "annotations": [_annotation(one, annotator, names) for one in annotations],
        "suggestions": [_suggestion(one) for one in suggestions],
    }


def split(data: dict[str, Any], base: Base | None) -> tuple[Base, dict[str, Any]]:
    """Say what is different from a base; where it is too much, or something other than annotations, make a new base.

    Returns:
        The base to go by, and the live part: the base's ``base`` revision, and of annotations and suggestions each the records
        ``changed`` (new ones included) and the ids ``removed``.
    """
    if base is not None and _rest(data) == _rest(base.data):
        live = {name: _difference(base.data[name], data[name]) for name in _RECORDS}
        if sum(len(one["changed"]) + len(one["removed"]) for one in live.values()) <= REBASED_AFTER:
            return base, {"base": base.revision, **live}
    packed = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    revision = hashlib.sha256(packed).hexdigest()
    nothing: dict[str, Any] = {name: {"changed": [], "removed": []} for name in _RECORDS}
    return Base(data, revision, revision.encode() + packed), {"base": revision, **nothing}


def _rest(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in _RECORDS}


def _difference(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> dict[str, list[Any]]:
    known = {record["id"]: record for record in before}
    standing = {record["id"] for record in now}
    return {
        "changed": [record for record in now if known.get(record["id"]) != record],
        "removed": [name for name in known if name not in standing],
    }


def _codebook(codebook: Codebook) -> dict[str, Any]:
    givable = codebook.labels_at(Level.SPAN)  # the others are told so that what carries them can be named
    return {
        "id": codebook.codebook_id,
        "version": codebook.version,
        "title": codebook.title,
        "kind": codebook.kind,
        "levels": [level.value for level in codebook.levels],
        "multiple": codebook.multiple,
        "labels": [
            {
                "id": label.label_id,
                "name": label.name,
                "definition": label.definition,
                "examples": list(label.examples),
                "counter_examples": list(label.counter_examples),
                "group": label.group,
                "key": label.key,
                "colour": label.colour,
                "givable": label in givable,
            }
            for label in (*codebook.labels, *codebook.retired_labels)
        ],
    }


def _annotation(one: Annotation, annotator: str, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": one.annotation_id,
        "start": one.span.start,
        "end": one.span.end,
        "quote": one.span.quote,
        "level": one.level.value,
        "codebook_id": one.codebook_id,
        "codebook_version": one.codebook_version,
        "label": one.label,
        "intensity": one.intensity,
        "target": one.target,
        "confidence": one.confidence,
        "note": one.note,
        "method": one.label_method.value,
        "annotator": names.get(one.annotator_id, one.annotator_id),
        "own": one.annotator_id == annotator,
    }


def _suggestion(one: PlacedSuggestion) -> dict[str, Any]:
    return {
        "id": one["suggestion_id"],
        "start": one["start"],
        "end": one["end"],
        "codebook_id": one["codebook_id"],
        "label": one["label"],
        "term": one["term"],
        "explanation": one.get("explanation", ""),
        "counterparts": list(one.get("counterparts", ())),
    }
