from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import datetime, timedelta, timezone

import pytest
from exchange_records import CELLS, SALT, TEXT, annotation, judgement, rows_of, verification, written
from factories import WHEN, document, evidence
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from verifier.domain import (
    Codebook,
    Stance,
)
from verifier.errors import ExchangeError
from verifier.exchange import (
    DOCUMENTS,
    FORMATS,
    LABELS,
    PAIRS,
    document_rows,
    escape_cell,
    label_rows,
    manifest,
    pair_rows,
    pseudonym,
    read_csv,
    read_jsonl,
    unescape_cell,
)

# ---- cells and files


@given(CELLS)
def test_the_escape_is_safe_and_reversible(text):
    cell = escape_cell(text)
    assert unescape_cell(cell) == text
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert cell in {text, f"'{text}"}


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "quote": CELLS,
            "note": CELLS,
            "target": CELLS,
            "label": CELLS,
            "intensity": st.none() | st.integers(-9, 9),
        }
    ),
    max_size=4,
)


@pytest.mark.parametrize("kind", FORMATS)
@given(changes=ROWS)
def test_rows_come_back_equal(kind, changes):
    rows = [{**rows_of(annotation())[0], **change} for change in changes]
    text = written(rows, LABELS, kind)
    raw = io.BytesIO(text.encode())  # as through a file
    assert FORMATS[kind].read(io.TextIOWrapper(raw, encoding="utf-8", newline=""), LABELS) == rows


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_numbers_come_back_equal(values):
    columns = (
        "p_supports",
        "p_refutes",
        "p_neutral",
        "retrieval_score",
        "suggestion_score",
        "schema_version",
        "start",
    )
    row = dict(zip(columns, [*values, 1, -7], strict=True)) | {"escaped": 0}
    assert read_csv(
        io.StringIO(written([row], (*columns, "escaped")), newline=""), (*columns, "escaped")
    ) == [row]


@hypothesis_settings(deadline=None, max_examples=40)
@given(notes=st.lists(CELLS, min_size=1, max_size=4))
def test_pandas_recovers_the_text_by_the_documented_snippet(notes, repository_page):
    import pandas as pd

    rows = [{**rows_of(annotation())[0], "note": note} for note in notes]
    names = {"pd": pd, "path": io.BytesIO(written(rows, LABELS).encode())}
    exec(repository_page, names)  # noqa: S102  (it is our own documentation)
    assert list(names["table"]["note"]) == notes
    assert list(names["table"]["outlet"]) == ["=Зоря"] * len(notes)


@pytest.fixture(scope="module")
def repository_page():
    from pathlib import Path

    page = (Path(__file__).parent.parent / "docs" / "reference" / "formats.md").read_text(encoding="utf-8")
    (snippet,) = [
        part.split("```")[0] for part in page.split("```python\n")[1:] if "escaped" in part.split("```")[0]
    ]
    assert 'path = "labels.csv"' in snippet
    return snippet.replace('path = "labels.csv"\n', "").replace("import pandas as pd\n", "")


def test_the_file_is_rfc_4180():
    rows = rows_of(annotation(note='say "a", b\nc'))
    text = written(rows, LABELS)
    assert text.startswith(",".join(LABELS) + "\r\n")
    assert text.endswith("\r\n")
    assert '"say ""a"", b\nc"' in text
    assert written([], LABELS) == ",".join(LABELS) + "\r\n"


def test_escaped_tells_which_rows_to_undo():
    rows = [{**row, "outlet": "Зоря"} for row in rows_of(annotation(1), annotation(2, note="=A1"))]
    cells = list(csv.DictReader(io.StringIO(written(rows, LABELS), newline="")))
    assert [(cell["escaped"], cell["note"]) for cell in cells] == [("0", ""), ("1", "'=A1")]


def test_a_long_article_is_one_cell():
    rows = document_rows([document("Слово. " * 40_000)])
    assert read_csv(io.StringIO(written(rows, DOCUMENTS), newline=""), DOCUMENTS) == rows


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("bad", ["a\0", "\ud83d"])
def test_what_no_file_can_carry_is_refused(kind, bad):
    rows = [{**rows_of(annotation())[0], "note": bad}]
    with pytest.raises(ExchangeError, match=f"Column 'note' holds U\\+{ord(bad[-1]):04X}"):
        written(rows, LABELS, kind)


def test_excel_adds_a_byte_order_mark_and_may_move_columns():
    rows = document_rows([document()])
    moved = (*reversed(DOCUMENTS[:-1]), "escaped")
    assert read_csv(io.StringIO("\ufeff" + written(rows, moved), newline=""), DOCUMENTS) == rows
    assert read_jsonl(io.StringIO("\ufeff" + written(rows, DOCUMENTS, "jsonl")), DOCUMENTS) == rows


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.replace("document_id", "doc"), "missing document_id; unknown doc"),
        (lambda t: t.replace(",", ";"), "separated by semicolons"),
        (lambda _: "", "missing schema_version"),
        (
            lambda t: t.replace("\r\n1,", "\r\n2,"),
            "Line 2: column 'schema_version' is 2; this verifier reads version 1",
        ),
        (
            lambda t: t.replace("\r\n1,", "\r\nx,"),
            "Line 2: column 'schema_version' takes a whole number or nothing; found 'x'",
        ),
        (lambda t: t.replace(",0\r\n", ",7\r\n"), "Line 2: column 'escaped' takes 0 or 1; found '7'"),
        (lambda t: t.replace(",0\r\n", "\r\n"), "Line 2: expected 13 cells, found 12"),
        (lambda t: t + '1,"a"b', "is no CSV"),
    ],
)
def test_a_csv_that_does_not_fit_is_explained(change, message):
    text = change(written(document_rows([document()]), DOCUMENTS))
    with pytest.raises(ExchangeError, match=message):
        read_csv(io.StringIO(text, newline=""), DOCUMENTS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t[:-3], "Line 1: this is no JSON"),
        (lambda _: "[1]", "expected an object"),
        (lambda t: t.replace('"text"', '"body"'), "expected an object with the fields"),
        (lambda t: t.replace('"title": ""', '"title": 5'), "field 'title' takes str; found 5"),
        (
            lambda t: t.replace('"schema_version": 1', '"schema_version": "1"'),
            "field 'schema_version' takes int",
        ),
        (lambda t: t.replace('"title": ""', '"title": "\\ud83d"'), r"U\+D83D"),
        (lambda t: t.replace('"escaped": 0', '"escaped": 99999999999'), "numbers below"),
    ],
)
def test_json_lines_that_do_not_fit_are_explained(change, message):
    text = change(written(document_rows([document()]), DOCUMENTS, "jsonl"))
    with pytest.raises(ExchangeError, match=message):
        read_jsonl(io.StringIO(text), DOCUMENTS)


def test_a_file_in_another_encoding_is_named():
    raw = io.BytesIO(written(document_rows([document("Їжак пішов у ліс.")]), DOCUMENTS).encode("cp1251"))
    with pytest.raises(ExchangeError, match="not in UTF-8"):
        read_csv(io.TextIOWrapper(raw, encoding="utf-8", newline=""), DOCUMENTS)
    raw = io.BytesIO(
        written(document_rows([document("Їжак пішов у ліс.")]), DOCUMENTS, "jsonl").encode("cp1251")
    )
    with pytest.raises(ExchangeError, match="not in UTF-8"):
        read_jsonl(io.TextIOWrapper(raw, encoding="utf-8", newline=""), DOCUMENTS)


# ---- rows


def test_a_label_row_says_what_the_label_says():
    item = annotation(
        intensity=2,
        confidence=5,
        note="why",
        target="дамба",
        updated_at=datetime(2031, 5, 4, 15, 0, 0, 250000, tzinfo=timezone(timedelta(hours=2))),
    )
    (row,) = rows_of(item, project="dam")
    assert tuple(sorted(row)) == tuple(sorted(LABELS))
    said = {name: value for name, value in row.items() if value not in {"", None}}
    assert said == {
        "schema_version": 1,
        "project": "dam",
        "label_id": "a1",
        "document_id": "d1",
        "document_sha256": document(TEXT).sha256,
        "language": "en",
        "outlet": "=Зоря",
        "layer": "annotator",
        "level": "span",
        "start": 6,
        "end": 12,
        "offset_unit": "codepoint",
        "quote": "стоїть",
        "prefix": "Дамба ",
        "suffix": " 🌊🌊. «Ніхто не постраждав», — ка",
        "codebook_id": "wording",
        "codebook_version": "1.0",
        "label": "loaded",
        "intensity": 2,
        "target": "дамба",
        "confidence": 5,
        "note": "why",
        "label_method": "manual",
        "annotator_id": "Ada Example",
        "status": "submitted",
        "created_at": "2031-05-04T12:00:00Z",
        "updated_at": "2031-05-04T13:00:00.250000Z",
        "escaped": 0,
        "blind": 0,
    }


def test_a_label_needs_the_version_it_is_on():
    with pytest.raises(ExchangeError, match="superseded and deleted ones included"):
        label_rows([annotation()], [document("Another text.")], salt=SALT)


def test_pairs_have_a_row_for_each_person_or_one_without():
    shown = evidence(number=1), evidence(Stance.REFUTES, number=2)
    people = [
        judgement("bob"),
        judgement("ada", Stance.NEUTRAL),
        judgement("eve", None),
        judgement("x", sentence_id="q"),
    ]
    rows = pair_rows([verification(*shown)], people, pseudonyms=False)
    assert all(tuple(sorted(row)) == tuple(sorted(PAIRS)) for row in rows)
    assert [
        (r["pair_id"], r["human_stance"], r["annotator_id"], r["layer"], r["created_at"]) for r in rows
    ] == [
        ("v1:d1.1.0", "neutral", "ada", "annotator", "2031-05-04T13:00:00Z"),
        ("v1:d1.1.0", "refutes", "bob", "annotator", "2031-05-04T13:00:00Z"),
        ("v1:d2.1.0", "", "", "", "2031-05-04T12:00:00Z"),
    ]
    first = rows[0]
    assert (first["claim"], first["quote"], first["start"], first["end"]) == (
        "=The dam holds",
        "The dam holds.",
        0,
        14,
    )
    assert (first["p_supports"], first["stance_model"], first["retrieval_score"]) == (0.9, "bundled 1", 0.9)
    assert (first["published_at"], first["run_id"]) == ("2031-05-03", "r1")
    assert read_csv(io.StringIO(written(rows, PAIRS), newline=""), PAIRS) == rows


def test_a_document_row():
    (row,) = document_rows([document(published_at=None, title="T", url="https://example.org", licence="CC0")])
    assert (row["title"], row["url"], row["published_at"], row["split"]) == (
        "T",
        "https://example.org",
        "",
        "",
    )
    assert row["retrieved_at"] == "2031-05-04T12:00:00Z"
    assert row["document_sha256"] == hashlib.sha256(row["text"].encode()).hexdigest()


def test_annotators_are_pseudonyms_by_default():
    (row,) = rows_of(annotation(), pseudonyms=True, salt=SALT)
    name = row["annotator_id"]
    assert "Ada" not in written([row], LABELS)
    assert name == pseudonym("Ada Example", SALT) == pseudonym(name, "another salt")
    assert name != pseudonym("Ada Example", "another salt") != pseudonym("Bob", "another salt")
    assert pseudonym("", SALT) == ""
    (pair,) = pair_rows([verification(evidence(number=1))], [judgement("Ada Example")], salt=SALT)
    assert pair["annotator_id"] == name
    for make in (lambda: label_rows([annotation()], [document(TEXT)]), lambda: pair_rows([], [])):
        with pytest.raises(ExchangeError, match="salt"):
            make()


def test_the_manifest_names_what_was_exported():
    data = written(rows_of(annotation()), LABELS).encode()
    book = Codebook(
        codebook_id="wording",
        version="1.0",
        title="Wording",
        kind="framing",
        description="",
        source="",
        levels=(),
        multiple=True,
        labels=(),
    )
    run = verification().run
    read = json.loads(
        manifest(
            {"labels.csv": data},
            rows={"labels.csv": 1},
            codebooks=[book],
            runs=[run, run],
            software_version="0.1",
            created_at=WHEN,
        )
    )
    assert read["files"] == {
        "labels.csv": {"rows": 1, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    }
    assert read["codebooks"] == [{"codebook_id": "wording", "version": "1.0", "title": "Wording"}]
    assert [(r["run_id"], r["started_at"]) for r in read["runs"]] == [("r1", "2031-05-04T12:00:00Z")]
    assert (read["schema_version"], read["software_version"], read["created_at"]) == (
        1,
        "0.1",
        "2031-05-04T12:00:00Z",
    )
