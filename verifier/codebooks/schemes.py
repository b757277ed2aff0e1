"""Schemes of labels: one YAML file each, read completely or refused with the line that is wrong.

A present codebook is ``annotations/codebooks/<id>.yaml``; earlier versions are in :mod:`verifier.codebooks.versions`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from verifier.codebooks.checks import ID, IN_SMALL_LETTERS, SUCH_AS_1_0, VERSION, matching, require_distinct
from verifier.config import resource_dir
from verifier.domain import Codebook, Label, LabelMatch, Level, MatchRelation
from verifier.errors import CodebookError
from verifier.strict_yaml import Fields, read_fields

KINDS = ("framing", "narrative", "provenance", "stance")
"""What a codebook may be about: how a text words things, which story it tells, where its news comes from, and what evidence says of a claim."""

_STATUSES = ("active", "retired")
_CODEBOOK_KEYS = (
    "codebook_id",
    "version",
    "title",
    "kind",
    "description",
    "source",
    "levels",
    "multiple",
    "required",
    "labels",
)
_LABEL_KEYS = (
    "label_id",
    "name",
    "definition",
    "examples",
    "counter_examples",
    "group",
    "key",
    "colour",
    "levels",
    "source_name",
    "maps_to",
    "status",
)
_MATCH_KEYS = ("label", "relation", "source")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_KEY = re.compile(r"[a-z0-9]")
_TARGET = re.compile(f"({ID.pattern}):({ID.pattern})")


def codebook_folder(folder: Path | None = None) -> Path:
    """Return where codebooks lie: the folder given, by default the shipped ``annotations/codebooks``."""
    return folder or resource_dir("annotations") / "codebooks"


def load_codebooks(folder: Path | None = None) -> dict[str, Codebook]:
    """Read every present codebook of a folder.

    Args:
        folder: where the ``.yaml`` files lie; by default the shipped ``annotations/codebooks``.

    Returns:
        The codebooks by ``codebook_id``, in the order of their file names.

    Raises:
        CodebookError: the folder has no codebook, one is malformed, or one is matched with a label that does not exist; the message names file, line and
            place.
    """
    folder = codebook_folder(folder)
    files = sorted(folder.glob("*.yaml"))
    if not files:
        msg = f"No codebook in {folder}: expected at least one .yaml file. See docs/how-to/add-a-codebook.md."
        raise CodebookError(msg)
    codebooks: dict[str, Codebook] = {}
    entries: dict[str, list[Fields]] = {}
    for path in files:
        codebooks[path.stem], entries[path.stem] = _read(path)
        if codebooks[path.stem].codebook_id != path.stem:
            fields = read_fields(path, known=_CODEBOOK_KEYS)
            fields.fail(
                f"{path.stem!r}, the name of the file", repr(codebooks[path.stem].codebook_id), "codebook_id"
            )
    for listed in entries.values():
        _require_targets(listed, codebooks)
    return codebooks


def read_codebook(path: Path) -> Codebook:
    """Read one codebook whatever its file is called; what it is matched with is not looked up.

    Raises:
        CodebookError: it is malformed; the message names file, line and place.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[Codebook, list[Fields]]:
    """Return a codebook and the entries of its labels, which know their lines."""
    fields = read_fields(path, known=_CODEBOOK_KEYS)
    codebook_id = matching(fields, "codebook_id", ID, IN_SMALL_LETTERS)
    levels = _levels(fields, tuple(Level))
    if not levels:
        valid = ", ".join(Level)
        fields.fail(f"at least one of {valid}", "none", "levels", allowed=tuple(Level))
    multiple = fields.flag("multiple")
    if multiple is None:
        fields.fail("true or false: whether one item may carry several labels", "nothing", "multiple")
    entries = fields.entries("labels", known=_LABEL_KEYS)
    labels = [_read_label(entry, codebook_id, levels) for entry in entries]
    if all(label.retired for label in labels):
        fields.fail("at least one label in use", "none", "labels")
    for key in ("label_id", "name", "key", "source_name"):
        # A retired label keeps its id and name, so that no other can be taken for it; its key may be given away.
        free = key == "key"
        values = ["" if free and label.retired else getattr(label, key).casefold() for label in labels]
        require_distinct(entries, key, values)
    return (
        Codebook(
            codebook_id=codebook_id,
            version=matching(fields, "version", VERSION, SUCH_AS_1_0),
            title=fields.text("title"),
            kind=fields.choice("kind", KINDS),
            description=fields.text("description"),
            source=fields.text("source"),
            levels=levels,
            multiple=multiple,
            required=bool(fields.flag("required")),
            labels=tuple(label for label in labels if not label.retired),
            retired_labels=tuple(label for label in labels if label.retired),
        ),
        entries,
    )


def _read_label(fields: Fields, codebook_id: str, levels: Sequence[Level]) -> Label:
    return Label(
        label_id=matching(fields, "label_id", ID, IN_SMALL_LETTERS),
        name=fields.text("name"),
        definition=fields.text("definition"),
        examples=fields.texts("examples"),
        counter_examples=fields.texts("counter_examples"),
        group=fields.text("group", ""),
        key=matching(fields, "key", _KEY, "one small letter a-z or a digit", default=""),
        colour=matching(fields, "colour", _COLOUR, "a colour such as #1b7f5c, in small letters", default=""),
        levels=_levels(fields, levels),
        source_name=fields.text("source_name", ""),
        maps_to=_read_matches(fields, codebook_id),
        retired=fields.choice("status", _STATUSES, "active") == "retired",
    )


def _levels(fields: Fields, valid: Sequence[Level]) -> tuple[Level, ...]:
    written = fields.texts("levels")
    for level in written:
        if level not in valid:
            fields.fail(f"levels from {', '.join(valid)}", repr(level), "levels", allowed=tuple(valid))
    return tuple(Level(level) for level in written)


def _read_matches(fields: Fields, codebook_id: str) -> tuple[LabelMatch, ...]:
    entries = fields.entries("maps_to", known=_MATCH_KEYS)
    matches = []
    for entry in entries:
        target = _TARGET.fullmatch(entry.text("label"))
        if target is None:
            entry.fail("a codebook and a label, such as frames:economic", repr(entry.text("label")), "label")
        other, label_id = target[1], target[3]
        if other == codebook_id:
            entry.fail("a label of another codebook", repr(entry.text("label")), "label")
        relation = MatchRelation(entry.choice("relation", tuple(MatchRelation)))
        matches.append(
            LabelMatch(codebook_id=other, label_id=label_id, relation=relation, source=entry.text("source"))
        )
    require_distinct(entries, "label", [f"{match.codebook_id}:{match.label_id}" for match in matches])
    return tuple(matches)


def _require_targets(labels: Sequence[Fields], codebooks: Mapping[str, Codebook]) -> None:
    """Raise CodebookError where a label is matched with one that no codebook has."""
    for label in labels:
        for match in label.entries("maps_to", known=_MATCH_KEYS):
            other, _, label_id = match.text("label").partition(":")
            if other not in codebooks:
                match.fail(f"a codebook from {', '.join(codebooks)}", repr(other), "label")
            book = codebooks[other]
            known = tuple(known.label_id for known in (*book.labels, *book.retired_labels))
            if label_id not in known:
                match.fail(f"a label of {other}: {', '.join(known)}", repr(label_id), "label")
