from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from exchange_records import SALT, TEXT, annotation, rows_of, written
from factories import WHEN, document
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from verifier.domain import (
    AnnotationOp,
    LabelMethod,
    Layer,
    Level,
    OpKind,
)
from verifier.errors import ExchangeError
from verifier.exchange import (
    FORMATS,
    LABELS,
    label_rows,
    pseudonym,
    read_label_ops,
)
from verifier.store import open_store


@pytest.fixture
def imported(tmp_path):
    """Write rows to a file and read them as operations, against one document."""

    def read(rows, text=TEXT, kind="csv", **more):
        path = tmp_path / f"labels.{kind}"
        path.write_bytes(written(rows, LABELS, kind).encode())
        version = document(text)
        return read_label_ops(path, lambda sha: [version] if sha == version.sha256 else [], now=WHEN, **more)

    return read


@pytest.fixture
def stores(tmp_path):
    """Two stores that hold the same document."""
    with (
        open_store(f"sqlite:///{tmp_path / 'a.db'}") as first,
        open_store(f"sqlite:///{tmp_path / 'b.db'}") as second,
    ):
        for store in (first, second):
            store.add_document(document(TEXT), ())
        yield first, second


def add_ops(*annotations):
    def make(item):
        content = {name: getattr(item, name) for name in AnnotationOp.__slots__ if hasattr(item, name)}
        return AnnotationOp(op_id=f"op-{item.annotation_id}", kind=OpKind.ADD, **content)

    return [make(item) for item in annotations]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("pseudonyms", [True, False])
def test_labels_pass_from_one_store_to_another(stores, tmp_path, kind, pseudonyms):
    first, second = stores
    whole = annotation(3, level=Level.DOCUMENT, place=(0, 0), note="=cmd|'/c calc'!A1", intensity=0)
    first.commit_ops(add_ops(annotation(1), annotation(2, place=(13, 15), layer=Layer.GOLD), whole))
    changed = replace(add_ops(annotation(1, label="neutral"))[0], op_id="c", kind=OpKind.CHANGE)
    first.commit_ops([replace(changed, created_at=WHEN + timedelta(days=1))])
    versions = first.documents(include_deleted=True, include_superseded=True)
    rows = label_rows(first.annotations(), versions, pseudonyms=pseudonyms, salt=first.project_salt())
    path = tmp_path / f"labels.{kind}"
    path.write_bytes(written(rows, LABELS, kind).encode())

    ops, refusals = read_label_ops(path, second.documents_by_sha256, known=second.annotations())
    assert refusals == []
    second.commit_ops(ops)
    name = pseudonym("Ada Example", first.project_salt()) if pseudonyms else "Ada Example"
    assert second.annotations() == [
        replace(a, annotator_id=name, label_method=LabelMethod.IMPORTED) for a in first.annotations()
    ]
    assert second.verify_annotations() == []
    history = second.ops("a1")

    again = read_label_ops(
        path, second.documents_by_sha256
    )  # knowing nothing: the ids of the operations tell
    assert again.ops == ops
    second.commit_ops(again.ops)
    assert second.ops("a1") == history
    assert read_label_ops(path, second.documents_by_sha256, known=second.annotations()) == ([], [])
    back = read_label_ops(
        path, first.documents_by_sha256, known=first.annotations(), salt=first.project_salt()
    )
    assert back == ([], []), "one's own labels come back unchanged, pseudonyms or not"


def test_a_newer_row_changes_a_known_label(imported):
    known = annotation(annotator_id="Ada Example")
    later = annotation(label="neutral", updated_at=WHEN + timedelta(days=1))
    (change,), refusals = imported(rows_of(later, pseudonyms=True, salt=SALT), known=[known], salt=SALT)
    assert refusals == []
    assert (change.kind, change.label, change.annotator_id, change.created_at) == (
        OpKind.CHANGE,
        "neutral",
        "Ada Example",
        later.updated_at,
    )
    ops, (refusal,) = imported(rows_of(annotation(label="neutral")), known=[known])
    assert (ops, refusal.reason) == ([], "older")
    ops, (refusal,) = imported(rows_of(replace(later, annotator_id="Bob")), known=[known], salt=SALT)
    assert (ops, refusal.reason) == ([], "owner")


SPANS = (
    st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))).map(sorted).filter(lambda p: p[0] < p[1])
)


def _in_unit(rows, encoding, size, text=TEXT):
    def count(offset):
        return len(text[:offset].encode(encoding)) // size

    return [{**row, "start": count(row["start"]), "end": count(row["end"])} for row in rows]


@pytest.mark.parametrize(("encoding", "size"), [("utf-32-le", 4), ("utf-16-le", 2), ("utf-8", 1)])
@hypothesis_settings(deadline=None)
@given(places=st.lists(SPANS, min_size=1, max_size=5))
def test_a_foreign_unit_is_recognised_by_the_quotes(encoding, size, places):
    import tempfile
    from pathlib import Path

    rows = rows_of(*[annotation(number, place=place) for number, place in enumerate(places)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.jsonl"
        path.write_text(written(_in_unit(rows, encoding, size), LABELS, "jsonl"), encoding="utf-8")
        ops, refusals = read_label_ops(path, lambda _: [document(TEXT)])
    assert refusals == []
    assert [(op.span.start, op.span.end) for op in ops] == [tuple(place) for place in places]


def test_rows_that_fit_no_common_unit_are_listed(imported):
    rows = rows_of(annotation(1, place=(0, 5)), annotation(2, place=(17, 18)), annotation(3, place=(19, 25)))
    rows = _in_unit(rows, "utf-16-le", 2)
    rows[2]["quote"] = "Хтось"
    ops, refusals = imported(rows)
    assert [op.annotation_id for op in ops] == ["a1"]
    assert [r.source.rsplit(", ", 1)[1] for r in refusals] == ["line 3", "line 4"]
    assert {r.reason for r in refusals} == {"quote"}
    assert "it fits if offsets are counted in utf-16 units, but other rows do not" in refusals[0].message
    assert "the quote 'Хтось' is not at [21, 27) of its text" in refusals[1].message


@pytest.mark.parametrize(
    ("change", "reason", "message"),
    [
        ({"document_sha256": "0" * 64}, "unknown-document", "no stored text has the digest 000000000000"),
        ({"label_id": ""}, "incomplete", "column 'label_id' is empty"),
        ({"annotator_id": ""}, "incomplete", "column 'annotator_id' is empty"),
        ({"start": None}, "incomplete", "start and end must be given"),
        (
            {"level": "chapter"},
            "malformed",
            "'chapter' is no Level; expected one of 'span', 'sentence', 'document'",
        ),
        ({"layer": "mine"}, "malformed", "'mine' is no Layer"),
        (
            {"quote": "other"},
            "quote",
            "the quote 'other' is not at [6, 12) of its text, where 'стоїть' stands",
        ),
        ({"prefix": "x"}, "quote", "is not at"),
        ({"suffix": "x"}, "quote", "is not at"),
        ({"start": -1}, "quote", "is not at"),
        ({"start": 12, "end": 6}, "quote", "is not at"),
        ({"end": 9999}, "quote", "is not at"),
        ({"end": 6, "quote": "", "suffix": ""}, "span", "needs at least one code point"),
        ({"level": "document"}, "span", "a label of a document has the offsets 0 and 0"),
        ({"created_at": "yesterday"}, "time", "takes a time such as 2031-05-04T12:00:00Z; found 'yesterday'"),
        ({"created_at": "2031-05-04T12:00:00"}, "time", "needs a time zone"),
        ({"updated_at": "2031-05-03T12:00:00Z"}, "time", "lies before created_at"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_and_the_rest_goes_in(imported, change, reason, message):
    good, bad = rows_of(annotation(1), annotation(2))
    ops, (refusal,) = imported([{**bad, **change}, good])
    assert [op.annotation_id for op in ops] == ["a1"]
    assert (refusal.reason, refusal.refused_at) == (reason, WHEN)
    assert message in refusal.message
    assert refusal.message.startswith("labels.csv, line 2: ")


def test_malformed_rows_are_listed_with_the_line_they_begin_on(imported, tmp_path):
    text = written(rows_of(annotation(1, note="two\nlines"), annotation(2), annotation(3)), LABELS)
    (tmp_path / "labels.csv").write_bytes(text.replace(",a2,", ",a2,,").encode())
    ops, (refusal,) = read_label_ops(tmp_path / "labels.csv", lambda _: [document(TEXT)])
    assert [op.annotation_id for op in ops] == ["a1", "a3"]
    assert "line 4: expected 33 cells, found 34" in refusal.message


def test_a_label_that_stands_twice(imported):
    one = rows_of(annotation(1))[0]
    assert imported([one, one]) == (imported([one]).ops, [])
    ops, (refusal,) = imported([one, {**one, "label": "neutral"}])
    assert ([op.label for op in ops], refusal.reason) == (["loaded"], "duplicate")


def test_values_that_have_no_place_yet_are_mentioned(imported):
    ops, (refusal,) = imported(
        [{**rows_of(annotation())[0], "suggestion_score": 0.5, "guideline_version": "1"}]
    )
    assert len(ops) == 1
    assert (refusal.reason, "guideline_version" in refusal.message) == ("columns-not-kept", True)


def test_how_a_label_was_given_comes_back(imported):
    given = annotation(blind=True, duration_ms=1200, suggestion_model="wording 1.0")
    ((op,), refused) = imported(rows_of(given))
    assert refused == []
    assert (op.blind, op.duration_ms, op.suggestion_model) == (True, 1200, "wording 1.0")


def test_the_text_decides_which_document(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_bytes(written(rows_of(annotation()), LABELS).encode())
    renamed, other = document(TEXT, document_id="x1"), document(TEXT, document_id="x2")
    assert [op.document_id for op in read_label_ops(path, lambda _: [renamed]).ops] == ["x1"]
    assert [op.document_id for op in read_label_ops(path, lambda _: [other, document(TEXT)]).ops] == ["d1"]
    ops, (refusal,) = read_label_ops(path, lambda _: [renamed, other])
    assert ops == []
    assert "that of several others (x1, x2)" in refusal.message


def test_files_that_cannot_be_read_at_all(tmp_path):
    with pytest.raises(ExchangeError, match=r"read from \.csv or \.jsonl files; found 'labels\.xlsx'"):
        read_label_ops(tmp_path / "labels.xlsx", lambda _: [])
    with pytest.raises(ExchangeError, match="cannot be read: No such file"):
        read_label_ops(tmp_path / "labels.csv", lambda _: [])
    (tmp_path / "labels.csv").write_text("a;b\n")
    with pytest.raises(ExchangeError, match=r"cannot be imported\. The columns do not fit"):
        read_label_ops(tmp_path / "labels.csv", lambda _: [])
