"""What the formats of other tools share: labels gathered by document, what travels along with them, and what comes back.

Another tool has places for a span and the name of its label. Everything else that a row of ``labels.csv`` says travels along as *details*, in a field that the
tool leaves alone. On the way back details count only for a span that still is where they say: what was moved or renamed in the other tool has changed.
"""

from __future__ import annotations

import bisect
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from verifier.domain import Codebook, Document, Layer, Level, text_sha256
from verifier.errors import ExchangeError
from verifier.exchange.incoming import Refused, short
from verifier.exchange.tables import LABELS, SCHEMA_VERSION, Row, check_values

DETAILS = "claim_verifier"
"""The field in which our details travel through other tools' files."""

_NATIVE = ("quote", "escaped", "schema_version", "language", "outlet", "status")
"""Columns that need not travel: they stand elsewhere in the file, or follow from the rest."""

_STAYS = (
    "label_id",
    "document_id",
    "annotator_id",
    "layer",
    "level",
    "created_at",
    "label_method",
    "suggestion_model",
)
"""What is still true of a label whose span or name was changed in another tool."""  # fmt: skip


class Written(NamedTuple):
    """The bytes of a file, and sentences about what it could not hold."""

    data: bytes
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A label as another tool's file tells it, or what is wrong with it.

    ``place`` is where it stands in the file; ``row`` has the columns of ``labels.csv``, None for what the file does not tell; ``source`` is the URL or id of the
    document where the file names no digest of its text.
    """

    place: str
    row: Row | ExchangeError
    source: str = ""


# ---- out


def by_document(
    rows: Iterable[Mapping[str, Any]], documents: Iterable[Document]
) -> list[tuple[Document, list[Mapping[str, Any]]]]:
    """Gather rows under the versions they label, in the order of the documents; those without labels are there too.

    Raises:
        ExchangeError: a row's document is not among them.
    """
    gathered: dict[tuple[str, str], tuple[Document, list[Mapping[str, Any]]]] = {}
    for document in documents:
        gathered.setdefault((document.document_id, document.sha256), (document, []))
    for row in rows:
        key = (str(row["document_id"]), str(row["document_sha256"]))
        if key not in gathered:
            msg = f"Label {row['label_id']!r} is on document {key[0]!r} {key[1][:12]}, which was not given. Pass every version that is labelled."
            raise ExchangeError(msg)
        gathered[key][1].append(row)
    return list(gathered.values())


def by_hand(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, list[Mapping[str, Any]]]]:
    """Part rows by layer and annotator; yields both with their rows, in order of their names."""
    parted: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        parted.setdefault((str(row["layer"]), str(row["annotator_id"])), []).append(row)
    for (layer, annotator_id), own in sorted(parted.items()):
        yield layer, annotator_id, own


def full_label(row: Mapping[str, Any]) -> str:
    """Name a label together with its codebook, as ``codebook:label``."""
    return f"{row['codebook_id']}:{row['label']}"


def details(row: Mapping[str, Any], start: int, end: int) -> dict[str, Any]:
    """Return what a row says besides its quote, with its offsets as the file counts them; nothing for what is empty."""
    kept = {c: row[c] for c in LABELS if c not in _NATIVE and row[c] not in {"", None}}
    # Without its prefix a span at the beginning of a text and one whose prefix was left out would look alike.
    return {**kept, "start": start, "end": end, "prefix": row["prefix"], "suffix": row["suffix"]}


def utf16_offsets(text: str) -> Callable[[int], int]:
    """Return what turns an offset in code points into one in UTF-16 units."""
    astral = [number for number, character in enumerate(text) if ord(character) > 0xFFFF]  # noqa: PLR2004
    return lambda offset: offset + bisect.bisect_left(astral, offset)


def about(document: Document) -> dict[str, str]:
    """Return the metadata that go with a text, under the names of ``documents.csv``."""
    return {
        "document_id": document.document_id,
        "document_sha256": document.sha256,
        "language": document.language,
        "title": document.title,
        "outlet": document.outlet,
        "url": document.url,
        "published_at": document.published_at.isoformat() if document.published_at else "",
        "licence": document.licence,
    }


def dump(value: Any, *, indent: int | None = None) -> str:
    """Write JSON as all formats here do: characters as they are.

    Raises:
        ExchangeError: a text holds U+0000 or a lone surrogate.
    """
    written = json.dumps(value, ensure_ascii=False, indent=indent)
    if "\\u0000" in written or any("\ud800" <= character <= "\udfff" for character in written):
        msg = "A text holds U+0000 or a lone surrogate, which no file or database can carry. Remove it."
        raise ExchangeError(msg)
    return written


# ---- in


def told(
    place: str,
    *,
    native: Mapping[str, Any],
    label: str,
    text: str | None = None,
    travelled: Any = None,
    changed_at: str | None = None,
    source: str = "",
) -> Told:
    """Make a row of what a tool's own fields say, and of the details that travelled along, if they still are about the same span and label.

    Args:
        place: where it stands in the file.
        native: columns of ``labels.csv`` as the tool's fields tell them, ``start`` and ``end`` among them; what is given here wins over details.
        label: the label's name in the tool, ``codebook:label`` where we wrote it.
        text: the text in the file, if it has one; its digest names the document.
        travelled: the details.
        changed_at: when the tool says it was last changed.
        source: see :class:`Told`.
    """
    given = dict(travelled) if isinstance(travelled, Mapping) else {}
    row: Row = dict.fromkeys(LABELS)
    row |= {column: value for column, value in given.items() if column in LABELS}
    same = (
        all(given.get(name) == native.get(name) for name in ("start", "end"))
        and full_label_or_none(given) == label
    )
    if given and not same:
        row = {column: value if column in _STAYS else None for column, value in row.items()} | {
            "document_sha256": given.get("document_sha256"),
            "updated_at": changed_at,
        }
    if not given or not same:
        row |= {"label": label}
    own_words = {column: native[column] for column in ("note", "target") if native.get(column) is not None}
    if same and changed_at and any(value != given.get(column, "") for column, value in own_words.items()):
        row["updated_at"] = changed_at
    row |= {column: value for column, value in native.items() if value is not None}
    row |= {"schema_version": SCHEMA_VERSION, "escaped": 0}
    try:
        check_values(row, not_told=True)
        _name_text(row, text, place)
    except ExchangeError as error:
        return Told(place, error)
    return Told(place, row, source)


def full_label_or_none(given: Mapping[str, Any]) -> str | None:
    """Name the label of details that came back, if they have one."""
    return full_label(given) if "codebook_id" in given and "label" in given else None


def _name_text(row: Row, text: str | None, place: str) -> None:
    if text is None:
        return
    digest = text_sha256(text)
    stated = row["document_sha256"]
    if stated and stated != digest:
        msg = f"the text of {place} was changed since it was exported (its digest is {digest[:12]}, not {str(stated)[:12]}), so offsets no longer fit"
        raise ExchangeError(msg)
    row["document_sha256"] = digest


def told_wrong(place: str, problem: str) -> Told:
    """Say that something in the file is no label that can be read."""
    return Told(place, ExchangeError(problem))


def items(value: Any) -> list[Any]:
    """Return a list from a file as it is, and nothing for anything else that stands in its place."""
    return value if isinstance(value, list) else []


def load_json(path: Path) -> Any:
    """Read a whole JSON file.

    Raises:
        ExchangeError: it cannot be read, or is no JSON in UTF-8.
    """
    try:
        return json.loads(read_bytes(path).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        msg = f"{path} cannot be imported. It is no JSON in UTF-8 ({error})."
        raise ExchangeError(msg) from error


def read_bytes(path: Path) -> bytes:
    """Read a file, or raise ExchangeError."""
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}."
        raise ExchangeError(msg) from error


# ---- names of labels


def resolved(
    row: Row, codebooks: Mapping[str, Mapping[str, Codebook]], *, codebook: str, annotator_id: str, kind: str
) -> Row:
    """Complete a row from another tool: its codebook and label, level, layer, annotator and id.

    Args:
        row: None where nothing was told.
        codebooks: by id and version, oldest first.
        codebook: whose labels are meant where the file names none; may be empty.
        annotator_id: whose labels they are where the file names nobody; may be empty.
        kind: the name of the format, which becomes part of the ids of labels that have none.

    Raises:
        Refused: codebook, label or annotator are unknown.
    """
    found = {**row}
    book, label_id = _label(row, codebooks, codebook)
    found |= {"codebook_id": book.codebook_id, "codebook_version": book.version, "label": label_id}
    if not row["level"]:
        found["level"] = _level(book, label_id).value
    found["layer"] = row["layer"] or Layer.ANNOTATOR.value
    found["annotator_id"] = row["annotator_id"] or annotator_id
    if not found["annotator_id"]:
        raise Refused("incomplete", "the file does not tell whose label it is. Say who gave them")
    if not row["label_id"]:
        said = [
            kind,
            *(
                str(found[c])
                for c in ("document_sha256", "start", "end", "codebook_id", "label", "layer", "annotator_id")
            ),
        ]
        found["label_id"] = hashlib.sha256("\0".join(said).encode()).hexdigest()[:32]
    return found


def _label(row: Row, codebooks: Mapping[str, Mapping[str, Codebook]], default: str) -> tuple[Codebook, str]:
    codebook_id, name = str(row["codebook_id"] or ""), str(row["label"] or "")
    if not codebook_id:
        before, colon, after = name.partition(":")
        if colon and before in codebooks:
            codebook_id, name = before, after
        elif not default:
            raise Refused(
                "unknown-codebook",
                f"the label {short(name)} does not say from which codebook it is. Choose one ({', '.join(codebooks)})",
            )
    codebook_id = codebook_id or default
    versions = codebooks.get(codebook_id, {})
    if not versions:
        raise Refused(
            "unknown-codebook", f"there is no codebook {codebook_id!r} here; there are {', '.join(codebooks)}"
        )
    version = str(row["codebook_version"] or list(versions)[-1])
    if version not in versions:
        raise Refused(
            "unknown-codebook",
            f"codebook {codebook_id!r} has no version {version!r} here; it has {', '.join(versions)}",
        )
    book = versions[version]
    for label in (*book.labels, *book.retired_labels):
        if name == label.label_id:
            return book, label.label_id
    for label in (*book.labels, *book.retired_labels):
        if name.casefold() in {
            label.label_id.casefold(),
            label.name.casefold(),
            label.source_name.casefold(),
        }:
            return book, label.label_id
    valid = ", ".join(label.label_id for label in book.labels)
    raise Refused(
        "unknown-label", f"codebook {codebook_id!r} {version} has no label {short(name)}; it has {valid}"
    )


def _level(book: Codebook, label_id: str) -> Level:
    """Choose what a stretch of text is taken for where the file says no level."""
    levels: Sequence[Level] = book.label(label_id).levels or book.levels
    for level in (Level.SPAN, Level.SENTENCE):
        if level in levels:
            return level
    raise Refused(
        "level",
        f"labels of the codebook {book.codebook_id!r} go on {', '.join(levels)}, not on a stretch of text",
    )
