"""Label Studio's JSON: one task a document, people's labels as annotations, suggestions as predictions.

Its editor counts code points: "Should calculate offsets by code points in text" is one of its own tests, and its source says why (``charsToCodePoints``). Editors from before
2022 counted UTF-16 units (issues 1008 and 1347), which the import tells by the quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from verifier.domain import Codebook, Document, Layer, Level
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
    load_json,
    told,
    told_wrong,
)

LOST = "nothing, as long as Label Studio keeps the field `meta` of a region"

_SPANS = ("labels", "hypertextlabels")
_CHOICES = "choices"


def write(rows: Iterable[Mapping[str, Any]], documents: Iterable[Document]) -> Written:
    """Write tasks with their annotations and predictions, offsets in code points."""
    tasks = []
    for number, (document, own) in enumerate(by_document(rows, documents), start=1):
        annotations: list[dict[str, Any]] = []
        predictions: list[dict[str, Any]] = []
        for layer, annotator_id, given in by_hand(own):
            results = [_result(row) for row in given]
            if layer == Layer.SUGGESTION.value:
                predictions.append(
                    {"model_version": given[0]["suggestion_model"] or annotator_id, "result": results}
                )
            else:
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "result": results,
                        "was_cancelled": False,
                        "ground_truth": layer == Layer.GOLD.value,
                        "created_at": min(str(row["created_at"]) for row in given),
                        "updated_at": max(str(row["updated_at"]) for row in given),
                        "lead_time": sum(int(row["duration_ms"] or 0) for row in given) / 1000,
                    }
                )
        data = {"text": document.text, **about(document), "offset_unit": "codepoint"}
        tasks.append({"id": number, "data": data, "annotations": annotations, "predictions": predictions})
    return Written((dump(tasks, indent=1) + "\n").encode())


def _result(row: Mapping[str, Any]) -> dict[str, Any]:
    common = {
        "id": row["label_id"],
        "to_name": "text",
        "origin": "prediction" if row["layer"] == Layer.SUGGESTION.value else "manual",
        "meta": {
            **({"text": [row["note"]]} if row["note"] else {}),
            DETAILS: details(row, row["start"], row["end"]),
        },
    }
    if row["level"] == Level.DOCUMENT.value:
        return {**common, "from_name": "document", "type": _CHOICES, "value": {_CHOICES: [full_label(row)]}}
    value = {"start": row["start"], "end": row["end"], "text": row["quote"], "labels": [full_label(row)]}
    return {**common, "from_name": "label", "type": "labels", "value": value}


def labelling_config(codebooks: Sequence[Codebook]) -> str:
    """Write the labelling interface that a project needs for these codebooks; spaces are kept, else Label Studio would not count them."""
    spans = [_choice("Label", book, level) for book in codebooks for level in (Level.SPAN, Level.SENTENCE)]
    whole = [_choice("Choice", book, Level.DOCUMENT) for book in codebooks]
    shown = list(dict.fromkeys(line for lines in spans for line in lines))
    lines = ["<View>", "  <Style>.htx-text { white-space: pre-wrap; }</Style>"]
    lines += ['  <Labels name="label" toName="text">', *shown, "  </Labels>"] if shown else []
    lines += ['  <Text name="text" value="$text" granularity="symbol"/>']
    choices = [line for lines_of in whole for line in lines_of]
    lines += (
        ['  <Choices name="document" toName="text" choice="multiple">', *choices, "  </Choices>"]
        if choices
        else []
    )
    return "\n".join([*lines, "</View>", ""])


def _choice(tag: str, book: Codebook, level: Level) -> list[str]:
    return [
        f"    <{tag} value={quoteattr(f'{book.codebook_id}:{label.label_id}')}"
        f"{f' background={quoteattr(label.colour)}' if label.colour and tag == 'Label' else ''}/>"
        for label in book.labels_at(level)
    ]


def read(path: Path) -> list[Told]:
    """Read what Label Studio exports as JSON, from any project with a text in it.

    Raises:
        ExchangeError: it is no such file.
    """
    tasks = load_json(path)
    if isinstance(tasks, Mapping):
        tasks = [tasks]
    if not isinstance(tasks, list) or not all(
        isinstance(t, Mapping) and isinstance(t.get("data"), Mapping) for t in tasks
    ):
        msg = f"{path} is no JSON export of Label Studio: expected a list of tasks with the field 'data'. JSON-MIN and CSV leave too much out."
        raise ExchangeError(msg)
    return [
        item
        for number, task in enumerate(tasks, start=1)
        for item in _task(task, f"task {task.get('id', number)}")
    ]


def _task(task: Mapping[str, Any], place: str) -> Iterator[Told]:
    data = task["data"]
    texts = [value for value in data.values() if isinstance(value, str)]
    text = data["text"] if isinstance(data.get("text"), str) else max(texts, key=len, default="")
    for kind in ("annotations", "predictions"):
        for given in items(task.get(kind)):
            if not isinstance(given, Mapping):
                yield told_wrong(place, f"{kind} holds something that is no object")
            elif not given.get("was_cancelled"):
                common = _common(given, kind)
                for item in items(given.get("result")):
                    yield from _region(item, text, common, place)


def _common(given: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return what an annotation as a whole tells of its labels, for those that bring no details."""
    by = given.get("completed_by")
    if isinstance(by, Mapping):
        by = by.get("email") or by.get("id")
    layer = Layer.GOLD if given.get("ground_truth") is True else Layer.ANNOTATOR
    model = str(given.get("model_version") or "")
    if kind == "predictions":
        layer, by = Layer.SUGGESTION, model or "predictions"
    elif isinstance(by, int):
        by = f"label-studio-{by}"
    return {
        "annotator_id": str(by) if by else None,
        "layer": layer.value,
        "suggestion_model": model or None,
        "created_at": _moment(given.get("created_at")),
        "updated_at": _moment(given.get("updated_at")),
    }


def _moment(value: Any) -> str | None:
    try:
        return value if isinstance(value, str) and datetime.fromisoformat(value).tzinfo else None
    except ValueError:
        return None


def _region(item: Any, text: str, common: Mapping[str, Any], place: str) -> Iterator[Told]:
    if not isinstance(item, Mapping) or not isinstance(item.get("value", {}), Mapping):
        yield told_wrong(place, "a result is no object with a value")
        return
    place = f"{place}, region {item.get('id', '?')}"
    kind, value = item.get("type"), item.get("value", {})
    if not isinstance(kind, str):
        kind = ""
    if kind == _CHOICES:
        native: dict[str, Any] = {
            "start": 0,
            "end": 0,
            "quote": "",
            "level": Level.DOCUMENT.value,
            "prefix": "",
            "suffix": "",
        }
        names = value.get(_CHOICES)
    elif kind in _SPANS:
        place_of = value.get("globalOffsets") if isinstance(value.get("globalOffsets"), Mapping) else value
        native = {"start": place_of.get("start"), "end": place_of.get("end"), "quote": value.get("text")}
        names = value.get(str(kind))
    else:
        yield told_wrong(place, f"a result of the type {kind!r} is no label; labels and choices are taken")
        return
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        yield told_wrong(place, "it has no label")
        return
    meta = item.get("meta")
    travelled = meta.get(DETAILS) if isinstance(meta, Mapping) else None
    for number, name in enumerate(names):
        own = travelled if len(names) == 1 else None
        if kind == _CHOICES and isinstance(own, Mapping):
            native |= {
                "start": own.get("start"),
                "end": own.get("end"),
                "quote": None,
            }  # the whole text, in whichever way it was put
        alone = {} if isinstance(own, Mapping) else {**common, "label_id": _id(item, common, number)}
        changed = common["updated_at"]
        yield told(
            place,
            native={**alone, **_note(meta), **native},
            label=name,
            text=text,
            travelled=own,
            changed_at=changed,
        )


def _id(item: Mapping[str, Any], common: Mapping[str, Any], number: int) -> str | None:
    """Keep the id of a region, which is random; those of tasks and annotations repeat from one installation to the next."""
    region = item.get("id")
    return (
        f"label-studio-{common['annotator_id'] or ''}-{region}{f'-{number}' if number else ''}"
        if region
        else None
    )


def _note(meta: Any) -> dict[str, str]:
    written = meta.get("text") if isinstance(meta, Mapping) else None
    if isinstance(written, list) and written and all(isinstance(line, str) for line in written):
        return {"note": "\n".join(written)}
    return {}
