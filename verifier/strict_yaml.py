"""Reading YAML that people wrote by hand: every key is known, every value of its kind, every complaint has a line number.

Values are taken as they are spelled, not as YAML 1.1 would type them: ``NO`` stays Norway and version ``1.10`` keeps its zero.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from pathlib import Path
from typing import Any, NoReturn

import yaml

from verifier.errors import CodebookError

_NULL = "tag:yaml.org,2002:null"
_LOADER = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # the C parser is ten times faster, where it was built


class Fields:
    """One mapping of a file, whose keys are all known and occur once.

    Every reading method takes a key and raises CodebookError, naming file, line, place, what was expected and what was
    found, when the value is not of the kind asked for.

    Attributes:
        path: the file it stands in.
        place: where in the file, in words a person can follow, such as ``labels[3]``.
        line: its first line, counted from 1.
    """

    def __init__(self, node: Any, path: Path, place: str, *, known: Collection[str]) -> None:
        self.path = path
        self.place = place
        self.line: int = node.start_mark.line + 1
        self._nodes: dict[str, Any] = {}
        if not isinstance(node, yaml.MappingNode):
            self.fail("names with values, such as 'name: Example'", _spell(node))
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line: int = key_node.start_mark.line + 1
            if key not in known:
                near = difflib.get_close_matches(key, list(known), n=1)
                hint = f"did you mean {near[0]!r}" if near else f"known are {', '.join(sorted(known))}"
                msg = f"{self._where(line)}: unknown key {key!r}; {hint}."
                raise CodebookError(msg, allowed=sorted(known))
            if key in self._nodes:
                msg = f"{self._where(line)}: key {key!r} occurs twice; remove one."
                raise CodebookError(msg)
            self._nodes[key] = value_node

    def fail(self, expected: str, found: str, key: str = "", *, allowed: Collection[str] = ()) -> NoReturn:
        """Raise the CodebookError of this place, or of the value of one key in it."""
        node = self._nodes.get(key)
        where = self._where(self.line if node is None else node.start_mark.line + 1, key)
        msg = f"{where}: expected {expected}; found {found}."
        raise CodebookError(msg, allowed=tuple(allowed))

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text, its white space collapsed; without ``default`` it must be there and not be empty."""
        node = self._given(key)
        if node is None:
            if default is None:
                self.fail("a text", "nothing", key)
            return default
        if not isinstance(node, yaml.ScalarNode):
            self.fail("a text", _spell(node), key)
        value = " ".join(str(node.value).split())
        if not value and default is None:
            self.fail("a text", "an empty one", key)
        return value

    def choice(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """Return one of the allowed words."""
        value = self.text(key, default)
        if value not in allowed and value != default:
            near = difflib.get_close_matches(value, list(allowed), n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            self.fail(
                f"one of {', '.join(sorted(allowed))}", repr(value) + hint, key, allowed=sorted(allowed)
            )
        return value

    def flag(self, key: str) -> bool | None:
        """Return true or false, or None when nothing is said."""
        if self._given(key) is None:
            return None
        return self.choice(key, ("true", "false")) == "true"

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when the key is missing; the texts must not be empty and not repeat."""
        values: list[str] = []
        for number, node in enumerate(self._sequence(key)):
            if not isinstance(node, yaml.ScalarNode) or node.tag == _NULL or not str(node.value).strip():
                self.fail(f"a list of texts; its item {number} to be one", _spell(node), key)
            value = " ".join(str(node.value).split())
            if value in values:
                self.fail("each text once", f"{value!r} twice", key)
            values.append(value)
        return tuple(values)

    def entries(self, key: str, *, known: Collection[str]) -> list[Fields]:
        """Return a list of mappings, empty when the key is missing."""
        prefix = f"{self.place}, " if self.place else ""
        return [
            Fields(node, self.path, f"{prefix}{key}[{number}]", known=known)
            for number, node in enumerate(self._sequence(key))
        ]

    def _sequence(self, key: str) -> list[Any]:
        node = self._given(key)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fail("a list, each item on a line of its own after '- '", _spell(node), key)
        return list(node.value)

    def _given(self, key: str) -> Any:
        node = self._nodes.get(key)
        return None if node is None or node.tag == _NULL else node

    def _where(self, line: int, key: str = "") -> str:
        place = ", ".join(part for part in (self.place, key) if part)
        return f"{self.path}, line {line}" + (f", {place}" if place else "")


def read_fields(path: Path, *, known: Collection[str]) -> Fields:
    """Read a YAML file that holds one mapping.

    Raises:
        CodebookError: the file cannot be read, is no YAML, or has an unknown or repeated key at its top.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read: {error}. Expected a YAML file in UTF-8."
        raise CodebookError(msg) from error
    except yaml.YAMLError as error:
        msg = f"{path} is no valid YAML: {' '.join(str(error).split())}. Correct the line it names."
        raise CodebookError(msg) from error
    if node is None:
        msg = f"{path} is empty; expected the keys {', '.join(sorted(known))}."
        raise CodebookError(msg)
    return Fields(node, path, "", known=known)


def _spell(node: Any) -> str:
    """Say what a YAML node is, in words."""
    if isinstance(node, yaml.MappingNode):
        return "names with values"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "nothing" if node.tag == _NULL or not node.value else repr(node.value)
