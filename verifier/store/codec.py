"""Frozen dataclasses to plain JSON values and back, equal and strict.

Only the kinds of field that ``verifier.domain`` uses are known: text, numbers, truth values, times, dates, enumerations, records,
tuples of these, and any of them or None. A field that is unknown or missing is an error, never ignored.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from verifier.errors import StoreError

Record = TypeVar("Record")


def encode(value: Any) -> Any:
    """Turn a record into dictionaries, lists, text, numbers and None; computed fields (``init=False``) are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in fields(value) if f.init}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    if value is None or isinstance(value, str | int | float):
        return value
    msg = f"A record to be stored holds a {type(value).__name__}, which has no written form here."
    raise StoreError(msg)


def decode(kind: type[Record], data: Any) -> Record:
    """Make a record of ``kind`` from what :func:`encode` gave.

    Raises:
        StoreError: a field is unknown, missing, or of another kind than the record says.
    """
    record: Record = _decode(kind, data, kind.__name__)
    return record


@cache
def _fields(kind: type) -> dict[str, tuple[Any, bool]]:
    """Return for each field that is given to the constructor its type and whether it must be there."""
    hints = get_type_hints(kind)
    return {
        f.name: (hints[f.name], f.default is MISSING and f.default_factory is MISSING)
        for f in fields(kind)
        if f.init
    }


def _decode(kind: Any, data: Any, where: str) -> Any:  # noqa: PLR0911  (one return for each kind of field)
    if get_origin(kind) in {Union, types.UnionType}:
        if data is None and type(None) in get_args(kind):
            return None
        (inner,) = (option for option in get_args(kind) if option is not type(None))
        return _decode(inner, data, where)
    if get_origin(kind) is tuple:
        _expect(isinstance(data, list), "a list", data, where)
        return tuple(_decode(get_args(kind)[0], item, f"{where}[{i}]") for i, item in enumerate(data))
    if is_dataclass(kind):
        return _decode_record(kind, data, where)  # type: ignore[arg-type]
    if kind is float:
        _expect(isinstance(data, int | float) and not isinstance(data, bool), "a number", data, where)
        return float(data)
    if kind in {str, int, bool}:
        _expect(type(data) is kind, kind.__name__, data, where)
        return data
    _expect(isinstance(data, str), "text", data, where)
    return kind.fromisoformat(data) if kind in {date, datetime} else kind(data)


def _decode_record(kind: type, data: Any, where: str) -> Any:
    _expect(isinstance(data, Mapping), "a record", data, where)
    known = _fields(kind)
    unknown = sorted(set(data) - set(known))
    missing = sorted(name for name, (_, required) in known.items() if required and name not in data)
    if unknown or missing:
        msg = (
            f"A stored {where} does not fit this version: unknown fields {', '.join(unknown) or 'none'}, missing fields "
            f"{', '.join(missing) or 'none'}. It was written by another version of the verifier; read it with that one."
        )
        raise StoreError(msg)
    return kind(**{name: _decode(known[name][0], value, f"{where}.{name}") for name, value in data.items()})


def _expect(true: bool, expected: str, found: Any, where: str) -> None:  # noqa: FBT001
    if not true:
        msg = f"A stored {where} should be {expected}; found {found!r}. The database was changed by another program."
        raise StoreError(msg)
