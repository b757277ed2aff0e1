"""How ids, versions, keys and colours are spelled in the files of this folder's rooms."""

from __future__ import annotations

import re
from collections.abc import Sequence

from verifier.strict_yaml import Fields

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
IN_SMALL_LETTERS = "a name in small letters, digits and hyphens"
VERSION = re.compile(r"\d+\.\d+(\.\d+)?")
SUCH_AS_1_0 = "a version such as 1.0"


def matching(
    fields: Fields, key: str, pattern: re.Pattern[str], expected: str, *, default: str | None = None
) -> str:
    """Return a text that matches a pattern; ``expected`` describes the pattern for a person.

    Raises:
        CodebookError: it does not match, or is missing and has no default.
    """
    value = fields.text(key, default)
    if value != default and not pattern.fullmatch(value):
        fields.fail(expected, repr(value), key)
    return value


def require_distinct(entries: Sequence[Fields], key: str, values: Sequence[str]) -> None:
    """Raise CodebookError where a value, other than the empty one, repeats an earlier entry's."""
    seen: dict[str, Fields] = {}
    for entry, value in zip(entries, values, strict=True):
        if value and value in seen:
            first = seen[value]
            entry.fail(
                f"a {key} of its own", f"{value!r}, which line {first.line} ({first.place}) has too", key
            )
        seen[value] = entry


def version_order(version: str) -> tuple[int, ...]:
    """Return a key that sorts versions: 1.2 before 1.10, and 1.1 before 1.1.1."""
    return tuple(int(part) for part in version.split("."))
