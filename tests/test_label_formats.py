"""What holds for every format in which labels are written and read; a new one is taken up here by standing in the table."""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from exchange_records import TEXT, annotation
from factories import WHEN, document
from foreign_labels import (
    BOOKS,
    HERE,
    LABELS,
    READABLE,
    TEXTS,
    as_annotations,
    book,
    read,
    rows_of,
    texts,
    written,
)
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from verifier.domain import LabelMethod, Layer, Level
from verifier.errors import ExchangeError, MissingDependencyError
from verifier.exchange import LABEL_FORMATS, shortened
from verifier.store import open_store


@st.composite
def labelled(draw):
    documents = texts()
    made = []
    for number in range(draw(st.integers(0, 7))):
        which = draw(st.integers(0, len(TEXTS) - 1))
        text = TEXTS[which]
        level = draw(st.sampled_from([Level.SPAN, Level.SPAN, Level.SENTENCE, Level.DOCUMENT]))
        bounds = (
            st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
            .map(sorted)
            .filter(lambda p: p[0] < p[1])
        )
        place = draw(st.sampled_from([(0, 0), (0, len(text))])) if level is Level.DOCUMENT else draw(bounds)
        item = annotation(number, text=text, place=place, document_id=f"d{which}", level=level)
        span = replace(item.span, suffix="" if place == (0, 0) else item.span.suffix)
        if draw(st.integers(0, 5)) == 0:
            span = replace(span, prefix="", suffix="")
        layer = draw(st.sampled_from(Layer))
        made.append(
            replace(
                item,
                span=span,
                annotation_id=f"{draw(st.sampled_from(['x', 'й/ ', '=1']))}{number}",
                layer=layer,
                suggestion_model=draw(st.sampled_from(["", "wording 1.0"])),
                codebook_id=draw(st.sampled_from(["wording", "frames"])),
                label=draw(st.sampled_from(LABELS)),
                annotator_id=draw(st.sampled_from(["ada", "Bob Example", "annotator-0123abcd"])),
                note=draw(st.sampled_from(["", "why 🌊", "two\r\nlines", "=1"])),
                target=draw(st.sampled_from(["", "міністр"])),
                intensity=draw(st.none() | st.integers(0, 3)),
                confidence=draw(st.none() | st.integers(0, 5)),
                blind=draw(st.booleans()),
                duration_ms=draw(st.none() | st.integers(0, 10_000)),
                updated_at=WHEN + timedelta(days=draw(st.integers(0, 1))),
            )
        )
    return made, documents


@pytest.mark.parametrize("name", READABLE)
@hypothesis_settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(given_labels=labelled())
def test_labels_come_back_as_they_were(name, given_labels):
    annotations, documents = given_labels
    ops, refusals = read(name, written(name, rows_of(annotations), documents).data)
    assert refusals == []
    expected = {a.annotation_id: replace(a, label_method=LabelMethod.IMPORTED) for a in annotations}
    assert as_annotations(ops) == expected


@pytest.mark.parametrize("name", READABLE)
def test_the_same_file_twice_adds_nothing(name, tmp_path):
    many = [
        annotation(1),
        annotation(2, place=(13, 15), layer=Layer.GOLD),
        annotation(3, level=Level.DOCUMENT, place=(0, 0)),
    ]
    version = document(TEXT)
    many[2] = replace(many[2], span=replace(many[2].span, suffix=""))
    data = written(name, rows_of(many, [version]), [version]).data
    with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store:
        store.add_document(version, ())
        first = read(name, data, [version])
        assert first.refusals == []
        store.commit_ops(first.ops)
        assert [a.annotation_id for a in store.annotations()] == ["a3", "a1", "a2"]
        assert store.verify_annotations() == []
        again = read(name, data, [version])  # knowing nothing: the ids of the operations tell
        assert again.ops == first.ops
        store.commit_ops(again.ops)
        assert len(store.annotations()) == 3
        assert read(name, data, [version], known=store.annotations()) == ([], [])


@pytest.mark.parametrize("name", HERE)
def test_writing_is_the_same_every_time(name):
    rows = rows_of([annotation(1, text=TEXTS[0], document_id="d0")])
    assert written(name, rows, texts()) == written(name, rows, texts())
    assert written(name, [], texts()).data is not None


@pytest.mark.parametrize("name", HERE)
def test_the_unit_of_offsets_stands_in_the_file(name):
    data = written(name, rows_of([annotation(1, text=TEXTS[0], document_id="d0")]), texts()).data
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = b"".join(archive.read(member) for member in archive.namelist())
    if name == "hugging-face":
        import pyarrow.parquet

        data = json.dumps(pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()).encode()
    assert re.search(rb"(codepoint|utf-16|UTF-16)", data)
    assert b"offset_unit" in data


@pytest.mark.parametrize("name", HERE)
def test_a_document_that_was_not_given_is_named(name):
    rows = rows_of([annotation(1, text=TEXTS[0], document_id="d0")])
    if name not in {"csv", "jsonl"}:
        with pytest.raises(ExchangeError, match="which was not given"):
            written(name, rows, texts()[1:])


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize(
    "junk", [b"", b"\xff\xfe\0", b"[1, 2]", b'{"a": [[[]]]}', b"PK\x03\x04", b'[{"data": {"text": 5}}]']
)
def test_a_file_of_another_kind_is_refused_or_listed(name, junk):
    ops = []
    with suppress(ExchangeError):
        ops, _ = read(name, junk)
    assert ops == []


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 99)
    | st.floats()
    | st.sampled_from(["", "x", "\0", "wording:loaded"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "start", "id"]), inner, max_size=3)
    ),
    max_leaves=4,
)


def nodes(value, path=()):
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield from nodes(item, (*path, key))


@pytest.mark.parametrize("name", ["label-studio", "doccano", "doccano-entities", "web-annotation"])
@hypothesis_settings(deadline=None, max_examples=60)
@given(data=st.data(), junk=JUNK)
def test_whatever_stands_in_a_field_is_refused_or_listed(name, data, junk):
    whole = annotation(2, text=TEXTS[0], document_id="d0", level=Level.DOCUMENT, place=(0, 0))
    many = [
        annotation(1, text=TEXTS[0], document_id="d0"),
        replace(whole, span=replace(whole.span, suffix="")),
    ]
    content = written(name, rows_of(many, texts()[:1]), texts()[:1]).data.decode()
    tree = json.loads(content)
    path = data.draw(st.sampled_from(sorted(nodes(tree), key=str)))
    place = {"": tree}
    at, key = place, ""
    for step in path:
        at, key = at[key], step
    at[key] = junk
    with suppress(ExchangeError):
        ops, _ = read(name, place[""])
        assert all(op.span.check(TEXTS[0]) is None for op in ops)


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize(
    ("codebooks", "reason", "message"),
    [
        ({"frames": BOOKS["frames"]}, "unknown-codebook", "codebook 'wording'"),
        (
            {"wording": {"1.0": book(labels=("other",))}},
            "unknown-label",
            "has no label 'loaded'; it has other",
        ),
        ({"wording": {"7.0": book("7.0")}}, "unknown-codebook", "has no version '1.0' here; it has 7.0"),
    ],
)
def test_labels_that_nobody_here_knows_are_listed(name, codebooks, reason, message):
    data = written(name, rows_of([annotation(1, text=TEXTS[0], document_id="d0")]), texts()).data
    ops, (refusal,) = read(name, data, codebooks=codebooks)
    assert (ops, refusal.reason) == ([], reason)
    assert message in refusal.message


@pytest.mark.parametrize("name", READABLE)
def test_labels_on_unknown_texts_are_listed(name):
    data = written(name, rows_of([annotation(1, text=TEXTS[0], document_id="d0")]), texts()).data
    ops, (refusal,) = read(name, data, texts()[1:])
    assert (ops, refusal.reason) == ([], "unknown-document")


@pytest.mark.parametrize("name", [name for name, kind in LABEL_FORMATS.items() if kind.write_without_text])
def test_without_the_text_no_more_than_the_short_quote_is_in_it(name):
    item = annotation(1, text=TEXTS[0], document_id="d0", place=(19, 40))
    rows = shortened(rows_of([item]), quote_chars=5)
    data = LABEL_FORMATS[name].write_without_text(rows, texts()).data
    if name == "hugging-face":
        import pyarrow.parquet

        data = json.dumps(
            pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist(), ensure_ascii=False
        ).encode()
    text = data.decode()
    assert TEXTS[0][19:25] not in text
    assert "Дамба стоїть" not in text
    if name in {"csv", "jsonl"}:
        ops, (refusal,) = read(name, data if name != "hugging-face" else b"")
        assert "fill it in from the text first" in refusal.message
        assert ops == []


@pytest.mark.parametrize("name", ["web-annotation", "hugging-face"])
def test_labels_without_text_find_their_place_by_digest_and_unit(name):
    item = annotation(1, text=TEXTS[0], document_id="d0", place=(19, 40))
    rows = shortened(rows_of([item]), quote_chars=5)
    ops, refusals = read(name, LABEL_FORMATS[name].write_without_text(rows, texts()).data)
    assert refusals == []
    assert [(op.span.start, op.span.end, op.span.quote) for op in ops] == [(19, 40, TEXTS[0][19:40])]


GOLDEN = {
    "label-studio": "json",
    "doccano": "jsonl",
    "doccano-entities": "jsonl",
    "web-annotation": "jsonld",
    "bio": "conll",
}


@pytest.mark.parametrize("name", GOLDEN)
def test_files_that_other_tools_read_stay_as_they_were(name, repository):
    """Whoever changes one of these files on purpose looks at what the tool makes of it, and writes it anew."""
    make = {"text": TEXTS[0], "document_id": "d0"}
    whole = annotation(3, place=(0, 0), level=Level.DOCUMENT, **make)
    many = [
        annotation(1, place=(18, 23), note="why", intensity=2, **make),
        annotation(2, place=(13, 15), layer=Layer.SUGGESTION, suggestion_model="wording 1.0", **make),
        replace(whole, span=replace(whole.span, suffix=""), layer=Layer.GOLD, duration_ms=1500),
    ]
    golden = repository / "tests" / "data" / "label_formats" / f"{name}.{GOLDEN[name]}"
    assert written(name, rows_of(many), texts()[:1]).data.decode() == golden.read_bytes().decode()


@pytest.mark.parametrize(("name", "module"), [("inception", "cassis"), ("hugging-face", "pyarrow")])
def test_a_missing_package_is_named(name, module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingDependencyError, match="pip install"):
        written(name, [], [])
