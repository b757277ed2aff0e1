"""Labels from files: rows become operations of the annotation log, and those that do not fit are listed.

A row is taken only if its quote stands where it says in the text that it names. Offsets that some other tool counted in UTF-16 units or
bytes are recognised by the quotes and converted, if one unit makes every quote fit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from verifier.domain import (
    Annotation,
    AnnotationOp,
    Document,
    LabelMethod,
    Layer,
    Level,
    OpKind,
    Refusal,
    Span,
    utc_now,
)
from verifier.errors import DomainError, ExchangeError
from verifier.exchange.incoming import (
    DocumentsBySha256,
    Refused,
    columns_not_kept,
    listed_at,
    moment,
    numbered_rows,
    require,
    short,
    version_of,
)
from verifier.exchange.rows import pseudonym
from verifier.exchange.tables import LABELS, NUMBERS, Row

_NOT_KEPT = ("suggestion_score", "guideline_version")
"""Columns of labels.csv for which an annotation has no place yet; an import that finds values there says so."""

_NOT_TOLD = ("quote", "prefix", "suffix", "created_at", "updated_at")
"""Columns of text in which None says that the format does not tell; in the others nothing told is an empty text."""

Offsets: TypeAlias = Callable[[str, int], int | None]


class LabelImport(NamedTuple):
    """What a file of labels leads to: operations to commit, and why which rows were left out (``source`` names the line)."""

    ops: list[AnnotationOp]
    refusals: list[Refusal]


@dataclass(frozen=True, slots=True)
class _Labelled:
    """A row whose document is known, its offsets not yet; ``number`` is its place among the rows of the file."""

    number: int
    row: Row
    document: Document


def read_label_ops(
    path: Path,
    documents_by_sha256: DocumentsBySha256,
    *,
    known: Iterable[Annotation] = (),
    withdrawn: Iterable[Annotation] = (),
    salt: str = "",
    now: datetime | None = None,
) -> LabelImport:
    """Read ``labels.csv`` or ``labels.jsonl`` as operations that add or change annotations.

    A label that is known and says the same gives no operation, one that says something else and is newer gives a change. The ids of
    operations follow from the rows, so that the same file committed twice adds nothing. Labels become ``imported`` ones.

    Args:
        path: the file; its ending tells its kind.
        documents_by_sha256: finds the stored versions with a text of that digest (``Store.documents_by_sha256``).
        known: the annotations stored now.
        withdrawn: those that were withdrawn, their ``updated_at`` the time of it; only a row newer than that brings one back.
        salt: the project's, by which a pseudonym is recognised as one of its own annotators.
        now: when rows are refused; the present by default.

    Raises:
        ExchangeError: the file cannot be read at all. Single rows that do not fit are listed instead.
    """
    rows: list[tuple[str, Row | ExchangeError | Refused]] = [
        (f"line {line}", row) for line, row in numbered_rows(path, LABELS)
    ]
    return label_ops(
        path, rows, documents_by_sha256, known=known, withdrawn=withdrawn, salt=salt, now=now or utc_now()
    )


def label_ops(
    path: Path,
    rows: Sequence[tuple[str, Row | ExchangeError | Refused]],
    documents_by_sha256: DocumentsBySha256,
    *,
    known: Iterable[Annotation] = (),
    withdrawn: Iterable[Annotation] = (),
    salt: str = "",
    unit: str = "",
    now: datetime,
) -> LabelImport:
    """Turn rows of ``labels.csv`` into operations, whatever kind of file they stood in.

    A format that does not tell everything has None where our own has text: a row without ``quote`` is taken where its offsets mean one place only or the file
    names their unit, one without ``prefix`` and ``suffix`` gets those of the text, and one without ``created_at`` gets the present and is older than anything stored.

    Args:
        path: the file, for messages.
        rows: each with its place in the file, such as ``line 3``, or what is wrong there.
        documents_by_sha256: as in :func:`read_label_ops`, and so are ``known``, ``withdrawn``, ``salt`` and ``now``.
        known: see there.
        withdrawn: see there.
        salt: see there.
        unit: a name from :data:`UNITS` in which all offsets are counted; empty to tell by the quotes.
        now: see there.
    """
    refused: list[tuple[int, str, str]] = []
    labelled: list[_Labelled] = []
    for number, (_, row) in enumerate(rows):
        try:
            labelled.append(_labelled(number, row, documents_by_sha256))
        except Refused as error:
            refused.append((number, error.reason, str(error)))
    units = [unit] if unit else _fitting(labelled)
    stored = {item.annotation_id: item for item in known}
    gone = {item.annotation_id: item for item in withdrawn}
    seen: dict[str, Annotation] = {}
    ops: list[AnnotationOp] = []
    for item in labelled:
        try:
            annotation = _annotation(item, units, now)
            if _first_time(annotation, seen):
                standing = stored.get(annotation.annotation_id)
                ops.extend(_ops(annotation, item.row, standing, gone.get(annotation.annotation_id), salt))
        except Refused as error:
            refused.append((item.number, error.reason, str(error)))
    places = [(rows[number][0], reason, message) for number, reason, message in sorted(refused)]
    kept = [item.row for item in labelled]
    return LabelImport(ops, [*listed_at(path, places, now), *columns_not_kept(path, kept, _NOT_KEPT, now)])


# ---- one row


def _labelled(
    number: int, row: Row | ExchangeError | Refused, documents_by_sha256: DocumentsBySha256
) -> _Labelled:
    if isinstance(row, Refused):
        raise row
    if isinstance(row, ExchangeError):
        raise Refused("malformed", str(row).rstrip(".")) from row
    row = {
        column: "" if value is None and column not in {*NUMBERS, *_NOT_TOLD} else value
        for column, value in row.items()
    }
    require(row, "label_id", "document_sha256", "codebook_id", "label", "annotator_id")
    if row["start"] is None or row["end"] is None:
        raise Refused("incomplete", "start and end must be given; for a whole document they are 0 and 0")
    return _Labelled(number, row, version_of(row, documents_by_sha256))


def _annotation(item: _Labelled, units: Sequence[str], now: datetime) -> Annotation:
    row, text = item.row, item.document.text
    try:
        level, layer = Level(str(row["level"])), Layer(str(row["layer"]))
    except DomainError as error:
        raise Refused("malformed", str(error).rstrip(".")) from error
    start, end = _located(row, text, units)
    whole = start == 0 and end in {0, len(text)}
    if level is Level.DOCUMENT and not whole:
        raise Refused(
            "span",
            f"a label of a document has the offsets 0 and 0, or those of its whole text; found {start}, {end}",
        )
    if level is not Level.DOCUMENT and start == end:
        raise Refused(
            "span", f"a label of a {level.value} needs at least one code point; found {start}, {end}"
        )
    created = now if row["created_at"] is None else moment(row, "created_at")
    updated = moment(row, "updated_at") if row["updated_at"] else created
    if updated < created:
        raise Refused(
            "time", f"updated_at {updated.isoformat()} lies before created_at {created.isoformat()}"
        )
    span = Span.of(text, start, end)
    if level is Level.DOCUMENT and end == 0:
        span = replace(span, suffix="")
    if row["prefix"] is not None and row["suffix"] is not None:
        span = replace(span, prefix=str(row["prefix"]), suffix=str(row["suffix"]))
    return Annotation(
        annotation_id=str(row["label_id"]),
        document_id=item.document.document_id,
        level=level,
        span=span,
        codebook_id=str(row["codebook_id"]),
        codebook_version=str(row["codebook_version"]),
        label=str(row["label"]),
        intensity=None if row["intensity"] is None else int(row["intensity"]),
        target=str(row["target"]),
        confidence=None if row["confidence"] is None else int(row["confidence"]),
        note=str(row["note"]),
        label_method=LabelMethod.IMPORTED,
        layer=layer,
        suggestion_model=str(row["suggestion_model"]),
        blind=bool(row["blind"]),
        duration_ms=None if row["duration_ms"] is None else int(row["duration_ms"]),
        annotator_id=str(row["annotator_id"]),
        created_at=created,
        updated_at=updated,
    )


def _whole(value: Any) -> int:
    return int(value)


def _first_time(annotation: Annotation, seen: dict[str, Annotation]) -> bool:
    earlier = seen.setdefault(annotation.annotation_id, annotation)
    if earlier != annotation:
        raise Refused("duplicate", f"label {annotation.annotation_id!r} stands in the file twice and differs")
    return earlier is annotation


# ---- offsets


def _from_encoded(codec: str, unit_bytes: int) -> Offsets:
    def convert(text: str, offset: int) -> int | None:
        raw = text.encode(codec)[: offset * unit_bytes]
        try:
            return len(raw.decode(codec)) if len(raw) == offset * unit_bytes else None
        except UnicodeDecodeError:  # in the middle of a code point
            return None

    return convert


def _code_points(text: str, offset: int) -> int | None:
    return offset if 0 <= offset <= len(text) else None


UNITS: dict[str, Offsets] = {
    "codepoint": _code_points,
    "utf-16": _from_encoded("utf-16-le", 2),
    "byte": _from_encoded("utf-8", 1),
}
"""How offsets may be counted, ours first. Each converts an offset to code points, or gives None if it lies in none."""


_WITHOUT_QUOTES = ("codepoint", "utf-16")
"""The units that tools whose files quote nothing count in; which of them it is cannot be seen behind the first character beyond U+FFFF."""


def _fitting(labelled: Sequence[_Labelled]) -> list[str]:
    """Return the units under which every quote fits; without any, our own, so that what does not fit can be listed."""
    fitting = [
        name
        for name, convert in UNITS.items()
        if all(_place(item.row, item.document.text, convert) for item in labelled)
    ]
    return fitting or ["codepoint"]


def _located(row: Row, text: str, units: Sequence[str]) -> tuple[int, int]:
    """Return where a row's span is, in code points, or refuse the row."""
    named = str(row["offset_unit"] or "")
    if row["quote"] is None and named in UNITS:
        units = [named]
    place = _place(row, text, UNITS[units[0]])
    if place is None:
        raise Refused("quote", _misfit(row, text, units[0]))
    if row["quote"] is None:
        for other in set(units).intersection(_WITHOUT_QUOTES):
            elsewhere = _place(row, text, UNITS[other])
            if elsewhere not in {None, place}:
                raise Refused(
                    "unit",
                    f"the file quotes nothing, and {row['start']} to {row['end']} is another place in UTF-16 units than in code points. Say which unit the file "
                    "counts in",
                )
    return place


def _place(row: Row, text: str, convert: Offsets) -> tuple[int, int] | None:
    """Return where a row's quote stands, in code points, if its offsets are counted so and quote and context agree."""
    first, last = _whole(row["start"]), _whole(row["end"])
    if not 0 <= first <= last:
        return None
    start, end = convert(text, first), convert(text, last)
    if start is None or end is None or row["quote"] not in {None, text[start:end]}:
        return None
    around = text[:start].endswith(str(row["prefix"] or "")) and text[end:].startswith(
        str(row["suffix"] or "")
    )
    return (start, end) if around else None


def _misfit(row: Row, text: str, unit: str) -> str:
    start, end = _whole(row["start"]), _whole(row["end"])
    if row["quote"] is None:
        return f"there is no [{start}, {end}) in its text, counted in {unit} units"
    others = [name for name, convert in UNITS.items() if _place(row, text, convert)]
    hint = (
        f"; it fits if offsets are counted in {' or '.join(others)} units, but other rows do not"
        if others
        else ""
    )
    found = text[max(0, start) : max(0, end)]
    quote = str(row["quote"])
    if len(quote) < end - start and found.startswith(quote):
        hint = "; the quote was cut short, fill it in from the text first (`verifier fill-in`)"
    return (
        f"the quote {short(quote)} is not at [{start}, {end}) of its text, where {short(found)} stands{hint}"
    )


# ---- operations


def _ops(
    annotation: Annotation, row: Row, stored: Annotation | None, withdrawn: Annotation | None, salt: str
) -> list[AnnotationOp]:
    earlier = stored or withdrawn
    if earlier is not None:
        theirs = {earlier.annotator_id, *([pseudonym(earlier.annotator_id, salt)] if salt else [])}
        if annotation.annotator_id not in theirs:
            raise Refused("owner", f"label {annotation.annotation_id!r} is stored as another annotator's")
        if earlier.document_id != annotation.document_id:
            raise Refused(
                "other-document",
                f"label {annotation.annotation_id!r} is stored on document {earlier.document_id!r}, the row is about {annotation.document_id!r}",
            )
        annotation = replace(annotation, annotator_id=earlier.annotator_id)
    dated = row["created_at"] is not None
    changed = annotation.updated_at.isoformat() if dated else "a time that the file does not tell"
    if withdrawn is not None and (not dated or annotation.updated_at <= withdrawn.updated_at):
        raise Refused(
            "withdrawn",
            f"label {annotation.annotation_id!r} was withdrawn here at {withdrawn.updated_at.isoformat()}, after the row was last changed "
            f"({changed})",
        )
    if stored is None:
        first = _op(annotation, row, OpKind.ADD, annotation.created_at)
        if annotation.updated_at == annotation.created_at:
            return [first]
        # The log tells times by operations: one for when the label was made, one for when it was last changed.
        return [first, _op(annotation, row, OpKind.CHANGE, annotation.updated_at)]
    same = replace(
        stored,
        label_method=annotation.label_method,
        created_at=annotation.created_at,
        updated_at=annotation.updated_at,
        document_deleted=False,
    )
    if same == annotation:
        return []
    if not dated or annotation.updated_at <= stored.updated_at:
        raise Refused(
            "older",
            f"label {annotation.annotation_id!r} says something else here, and was changed at {stored.updated_at.isoformat()}, not before "
            f"the row ({changed})",
        )
    return [_op(annotation, row, OpKind.CHANGE, annotation.updated_at)]


def _op(annotation: Annotation, row: Row, kind: OpKind, when: datetime) -> AnnotationOp:
    content = json.dumps(row, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(f"{annotation.annotation_id}\n{content}".encode()).hexdigest()[:32]
    return AnnotationOp(
        op_id=f"import-{digest}-{kind.value}",
        kind=kind,
        annotation_id=annotation.annotation_id,
        document_id=annotation.document_id,
        level=annotation.level,
        span=annotation.span,
        codebook_id=annotation.codebook_id,
        codebook_version=annotation.codebook_version,
        label=annotation.label,
        intensity=annotation.intensity,
        target=annotation.target,
        confidence=annotation.confidence,
        note=annotation.note,
        label_method=annotation.label_method,
        layer=annotation.layer,
        suggestion_model=annotation.suggestion_model,
        blind=annotation.blind,
        duration_ms=annotation.duration_ms,
        annotator_id=annotation.annotator_id,
        created_at=when,
    )
