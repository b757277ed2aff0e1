"""Every export and every format it can be written in; a new entry of either registry is tested from here without a line."""

from __future__ import annotations

import io
import re

import pytest

from verifier.exchange import EXPORTS, FORMATS, NUMBERS


def sample(columns):
    def value(column):
        if column in NUMBERS:
            return {"schema_version": 1, "escaped": 0}.get(column)
        return f'=\'{column}\r\n"їжак", 🌊'

    return {column: value(column) for column in columns}


@pytest.mark.parametrize("name", EXPORTS)
def test_columns_are_framed_as_agreed(name):
    columns = EXPORTS[name].columns
    assert (columns[0], columns[-1]) == ("schema_version", "escaped")
    assert len(set(columns)) == len(columns)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", column) for column in columns)


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("kind", FORMATS)
def test_rows_come_back_equal_and_in_order(name, kind):
    columns, written = EXPORTS[name].columns, io.StringIO(newline="")
    rows = [sample(columns), {**sample(columns), columns[1]: "'"}, {**sample(columns), columns[1]: ""}]
    FORMATS[kind].write(rows, columns, written)
    assert FORMATS[kind].read(io.StringIO(written.getvalue(), newline=""), columns) == rows


@pytest.mark.parametrize("name", EXPORTS)
def test_the_reference_lists_exactly_these_columns(name, repository):
    page = (repository / "docs" / "reference" / "formats.md").read_text(encoding="utf-8")
    section = page.split(f"## {name}.csv\n")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \| .+ \|$", section, flags=re.MULTILINE)) == EXPORTS[name].columns


@pytest.mark.parametrize("name", EXPORTS)
def test_no_records_make_no_rows(name):
    makers = {"labels": lambda make: make([], [], salt="x"), "pairs": lambda make: make([], [], salt="x")}
    assert makers.get(name, lambda make: make([]))(EXPORTS[name].rows) == []
