"""Every format in which labels are written and read; a new one is taken up here by standing in the table."""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from exchange_records import annotation
from factories import WHEN, document
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from verifier.domain import Codebook, Label, LabelMethod, Layer, Level, OpKind
from verifier.errors import ExchangeError
from verifier.exchange import (
    LABEL_FORMATS,
    label_format,
    label_rows,
    labelling_config,
    read_foreign_labels,
    shortened,
)
from verifier.store import open_store

pytest.importorskip("cassis", reason="dkpro-cassis is not installed")

READABLE = [name for name, kind in LABEL_FORMATS.items() if kind.read]
TEXTS = (
    "Дамба стоїть 🌊🌊. «Ніхто не постраждав», — каже міністр.\r\nThe dam holds.",
    "👨‍👩‍👧 cafe\u0301 — العربية 🌊 עברית\r\n\r\nDritte Zeile\u2028и́\u0301 конец\u200f 𝒜",
    "No sign beyond the plane.\nA second line, «quoted»|#\t=1+1 <b>&amp;</b> \\n",
)
LABELS = ("loaded", "euphemism")


def book(version="1.0", name="wording", labels=LABELS):
    return Codebook(
        codebook_id=name,
        version=version,
        title=f"The {name}",
        kind="framing",
        description="",
        source="",
        levels=(Level.SPAN, Level.SENTENCE, Level.DOCUMENT),
        multiple=True,
        labels=tuple(
            Label(
                label_id=label,
                name=label.title(),
                definition="What it is.",
                colour="#1b7f5c",
                source_name=f"{label}!",
            )
            for label in labels
        ),
    )


BOOKS = {
    "wording": {"1.0": book(), "1.1": book("1.1", labels=(*LABELS, "irony"))},
    "frames": {"1.0": book(name="frames")},
}


def texts():
    return [
        document(text, document_id=f"d{n}", url=f"https://example.org/{n}") for n, text in enumerate(TEXTS)
    ]


def written(name, rows, documents):
    return label_format(name).write(rows, documents)


def read(name, data, documents=None, **more):
    """Read bytes of a format as operations against documents."""
    known = documents if documents is not None else texts()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"labels{LABEL_FORMATS[name].suffix}"
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode())
        more.setdefault("codebooks", BOOKS)
        return read_foreign_labels(
            path,
            name,
            lambda sha: [d for d in known if d.sha256 == sha],
            now=WHEN + timedelta(days=9),
            **more,
        )


def as_annotations(ops):
    """What the operations lead to: an addition, and perhaps a change of the same label."""
    found = {}
    for op in ops:
        made = {name: getattr(op, name) for name in annotation().__slots__ if hasattr(op, name)}
        first = found.get(op.annotation_id)
        item = annotation(
            **{
                **made,
                "created_at": first.created_at if first else op.created_at,
                "updated_at": op.created_at,
            }
        )
        found[op.annotation_id] = item
    return found


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


def rows_of(annotations, documents=None):
    return label_rows(annotations, documents or texts(), pseudonyms=False)


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
    version = document(annotation_text())
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


def annotation_text():
    from exchange_records import TEXT

    return TEXT


@pytest.mark.parametrize("name", LABEL_FORMATS)
def test_writing_is_the_same_every_time(name):
    rows = rows_of([annotation(1, text=TEXTS[0], document_id="d0")])
    assert written(name, rows, texts()) == written(name, rows, texts())
    assert written(name, [], texts()).data is not None


@pytest.mark.parametrize("name", LABEL_FORMATS)
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


@pytest.mark.parametrize("name", LABEL_FORMATS)
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


# ---- Label Studio


def task(*regions, text=TEXTS[0], **more):
    return [
        {
            "id": 7,
            "data": {"text": text},
            "annotations": [{"id": 1, "completed_by": 3, "result": list(regions), **more}],
        }
    ]


def region(start, end, text=None, label="Loaded", **more):
    quoted = {} if text is None else {"text": text}
    value = {"start": start, "end": end, "labels": [label], **quoted}
    return {"id": "aB1", "from_name": "label", "to_name": "text", "type": "labels", "value": value, **more}


def test_a_project_of_label_studio_comes_in():
    given_file = task(region(6, 12, "стоїть", meta={"text": ["hm"]}), created_at="2031-05-04T12:00:00Z")
    (op,), refusals = read("label-studio", given_file, codebook="wording")
    assert refusals == []
    assert (op.span.quote, op.codebook_id, op.label, op.annotator_id) == (
        "стоїть",
        "wording",
        "loaded",
        "label-studio-3",
    )
    assert (op.codebook_version, op.level, op.note, op.created_at) == ("1.1", Level.SPAN, "hm", WHEN)
    assert op.span.prefix == "Дамба "
    assert read("label-studio", given_file, codebook="wording").ops == [op]


@pytest.mark.parametrize(("offsets", "quoted"), [((18, 23), "Ніхто"), ((20, 25), "Ніхто")])
def test_old_and_new_editors_of_label_studio_are_told_apart_by_the_quotes(offsets, quoted):
    (op,), refusals = read("label-studio", task(region(*offsets, quoted)), codebook="wording")
    assert refusals == []
    assert (op.span.start, op.span.quote) == (18, "Ніхто")


def test_offsets_that_could_be_two_places_need_a_word():
    without = task(region(18, 23))
    ops, (refusal,) = read("label-studio", without, codebook="wording")
    assert (ops, refusal.reason) == ([], "unit")
    assert "Say which unit" in refusal.message
    (op,), _ = read("label-studio", without, codebook="wording", unit="codepoint")
    assert op.span.quote == "Ніхто"
    (op,), _ = read("label-studio", task(region(20, 25)), codebook="wording", unit="utf-16")
    assert op.span.quote == "Ніхто"
    (op,), _ = read("label-studio", task(region(6, 12)), codebook="wording")
    assert op.span.quote == "стоїть", "before the first emoji there is one place only"


def test_what_is_no_label_in_label_studio_is_listed():
    odd = [
        {"type": "relation", "from_id": "a", "to_id": "b"},
        region("x", "y"),
        region(6, 12, "стоїть", label=5),
        5,
    ]
    ops, refusals = read("label-studio", task(*odd, region(6, 12, "стоїть")), codebook="wording")
    assert len(ops) == 1
    assert [r.message.split(": ", 1)[0] for r in refusals] == [
        "labels.json, task 7, region ?",
        "labels.json, task 7, region aB1",
        "labels.json, task 7, region aB1",
        "labels.json, task 7",
    ]
    assert read("label-studio", task(region(6, 12), was_cancelled=True), codebook="wording") == ([], [])


def test_predictions_are_suggestions_and_ground_truth_is_gold():
    given_file = task(region(6, 12, "стоїть"), ground_truth=True)
    given_file[0]["predictions"] = [{"model_version": "m 2", "result": [region(6, 12, "стоїть")]}]
    ops, refusals = read("label-studio", given_file, codebook="wording")
    assert refusals == []
    assert [(op.layer, op.suggestion_model) for op in ops] == [(Layer.GOLD, ""), (Layer.SUGGESTION, "m 2")]


def test_a_span_moved_in_label_studio_changes_its_label():
    item = annotation(1, text=TEXTS[0], document_id="d0", note="kept for the old place")
    tasks = json.loads(written("label-studio", rows_of([item]), texts()).data)
    tasks[0]["annotations"][0]["updated_at"] = "2031-06-01T00:00:00Z"
    tasks[0]["annotations"][0]["result"][0]["value"] |= {"start": 0, "end": 5, "text": "Дамба"}
    (op,), refusals = read("label-studio", tasks, known=[item])
    assert refusals == []
    assert (op.kind, op.annotation_id, op.span.quote, op.annotator_id) == (
        OpKind.CHANGE,
        "a1",
        "Дамба",
        "Ada Example",
    )
    assert op.span.suffix.startswith(" стоїть")


def test_the_labelling_interface_names_every_label():
    from xml.etree import ElementTree as ET

    tree = ET.fromstring(labelling_config([book(), book(name="frames")]))  # noqa: S314  (our own)
    assert [label.get("value") for label in tree.iter("Label")] == [
        f"{b}:{n}" for b in ("wording", "frames") for n in LABELS
    ]
    assert len(list(tree.iter("Choice"))) == 4


def test_the_shape_of_label_studio_is_fixed():
    item = annotation(1, text=TEXTS[0], document_id="d0", place=(18, 23), duration_ms=1500)
    (first, *_) = json.loads(written("label-studio", rows_of([item]), texts()).data)
    (given_back,) = first["annotations"]
    (result,) = given_back.pop("result")
    assert given_back == {
        "id": 1,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2031-05-04T12:00:00Z",
        "updated_at": "2031-05-04T12:00:00Z",
        "lead_time": 1.5,
    }
    assert result["value"] == {"start": 18, "end": 23, "text": "Ніхто", "labels": ["wording:loaded"]}
    assert (result["from_name"], result["to_name"], result["type"]) == ("label", "text", "labels")
    assert first["predictions"] == []
    assert first["data"]["offset_unit"] == "codepoint"


# ---- doccano


def line(**fields):
    return (json.dumps({"id": 1, "text": TEXTS[0], **fields}, ensure_ascii=False) + "\n").encode()


@pytest.mark.parametrize(
    "fields",
    [
        {"label": [[6, 12, "Loaded"]]},
        {"labels": [[6, 12, "loaded!"]]},
        {
            "entities": [{"id": 4, "label": "wording:loaded", "start_offset": 6, "end_offset": 12}],
            "relations": [],
        },
    ],
)
def test_both_shapes_of_doccano_come_in(fields):
    (op,), refusals = read("doccano", line(**fields), codebook="wording", annotator_id="eve")
    assert refusals == []
    assert (op.span.quote, op.label, op.annotator_id) == ("стоїть", "loaded", "eve")


def test_doccano_quotes_nothing_so_the_unit_must_be_said_behind_an_emoji():
    ops, (refusal,) = read(
        "doccano", line(label=[[20, 25, "loaded"]]), codebook="wording", annotator_id="eve"
    )
    assert (ops, refusal.reason) == ([], "unit")
    (op,), _ = read(
        "doccano", line(label=[[20, 25, "loaded"]]), codebook="wording", annotator_id="eve", unit="utf-16"
    )
    assert op.span.quote == "Ніхто"


def test_doccano_gets_utf_16():
    item = annotation(1, text=TEXTS[0], document_id="d0", place=(18, 23))
    for name in ("doccano", "doccano-entities"):
        first = json.loads(written(name, rows_of([item]), texts()).data.splitlines()[0])
        expected = {"doccano": [[20, 25, "wording:loaded"]]}.get(
            name, [{"id": 1, "label": "wording:loaded", "start_offset": 20, "end_offset": 25}]
        )
        assert first["label" if name == "doccano" else "entities"] == expected
        assert first["offset_unit"] == "utf-16"


def test_doccano_edits_are_seen():
    item = annotation(1, text=TEXTS[0], document_id="d0")
    first = json.loads(written("doccano", rows_of([item]), texts()).data.splitlines()[0])
    first["label"] = [[0, 5, "wording:loaded"]]
    (op,), refusals = read("doccano", first)
    assert refusals == []
    assert (op.span.quote, op.annotator_id) == ("Дамба", "Ada Example")
    assert op.annotation_id != "a1", "a span that was taken away and one that was added are two"


@pytest.mark.parametrize("name", ["doccano", "label-studio"])
def test_a_text_changed_in_the_file_is_refused(name):
    item = annotation(1, text=TEXTS[0], document_id="d0")
    data = written(name, rows_of([item]), texts()).data
    ops, (refusal,) = read(name, data.replace("Дамба стоїть".encode(), "Дамба  стоїть".encode(), 1))
    assert ops == []
    assert "was changed since it was exported" in refusal.message


def test_whose_labels_they_are_must_be_known():
    ops, (refusal,) = read("doccano", line(label=[[6, 12, "loaded"]]), codebook="wording")
    assert (ops, refusal.reason) == ([], "incomplete")
    ops, (refusal,) = read("doccano", line(label=[[6, 12, "loaded"]]), annotator_id="eve")
    assert (ops, refusal.reason) == ([], "unknown-codebook")
    assert "does not say from which codebook" in refusal.message


# ---- what tells no time


def test_an_undated_label_is_older_than_anything_stored():
    data = line(label=[[6, 12, "loaded"]])
    (op,), _ = read("doccano", data, codebook="wording", annotator_id="eve")
    stored = annotation(**{n: getattr(op, n) for n in annotation().__slots__ if hasattr(op, n)})
    assert read("doccano", data, codebook="wording", annotator_id="eve", known=[stored]) == ([], [])
    ops, (refusal,) = read(
        "doccano", data, codebook="wording", annotator_id="eve", known=[replace(stored, note="since")]
    )
    assert (ops, refusal.reason) == ([], "older")
    ops, (refusal,) = read("doccano", data, codebook="wording", annotator_id="eve", withdrawn=[stored])
    assert (ops, refusal.reason) == ([], "withdrawn")


# ---- Web Annotation


def test_a_web_annotation_is_found_by_address():
    item = {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": "urn:x:1",
        "type": "Annotation",
        "creator": {"id": "acct:eve", "name": "eve"},
        "created": "2031-05-04T12:00:00Z",
        "body": [
            {"type": "TextualBody", "value": "a remark", "purpose": "commenting"},
            {"type": "TextualBody", "value": "loaded"},
        ],
        "target": {
            "source": "https://example.org/0",
            "selector": [
                {"type": "TextPositionSelector", "start": 18, "end": 23},
                {"type": "TextQuoteSelector", "exact": "Ніхто", "prefix": "«", "suffix": " не"},
            ],
        },
    }
    by_source = {d.url: d for d in texts()}
    (op,), refusals = read("web-annotation", item, codebook="wording", documents_by_source=by_source)
    assert refusals == []
    assert (op.span.quote, op.annotator_id, op.annotation_id) == ("Ніхто", "eve", "urn:x:1")
    item["target"]["source"] = "https://example.org/elsewhere"
    ops, (refusal,) = read("web-annotation", [item], codebook="wording", documents_by_source=by_source)
    assert (ops, refusal.reason) == ([], "unknown-document")


def test_the_shape_of_a_web_annotation_is_fixed():
    page = json.loads(
        written("web-annotation", rows_of([annotation(1, text=TEXTS[0], document_id="d0")]), texts()).data
    )
    (item,) = page["items"]
    assert (page["type"], item["type"], item["motivation"]) == ("AnnotationPage", "Annotation", "classifying")
    assert item["target"]["selector"] == [
        {"type": "TextPositionSelector", "start": 6, "end": 12},
        {"type": "TextQuoteSelector", "exact": "стоїть", "prefix": "Дамба ", "suffix": TEXTS[0][12:44]},
    ]
    assert item["created"] == "2031-05-04T12:00:00Z"
    assert "text" not in page


# ---- INCEpTION


def test_uima_counts_utf_16_and_brings_its_type_system():
    item = annotation(1, text=TEXTS[0], document_id="d0", place=(18, 23))
    with zipfile.ZipFile(io.BytesIO(written("inception", rows_of([item]), texts()).data)) as archive:
        names = archive.namelist()
        (mine,) = [name for name in names if name.endswith("Ada_Example.json")]
        cas = json.loads(archive.read(mine))
        assert "webanno.custom.NewsLabel" in archive.read("TypeSystem.xml").decode()
        assert archive.read("TypeSystem.xml").startswith(b"<?xml"), "by this INCEpTION knows a type system"
    (found,) = [fs for fs in cas["%FEATURE_STRUCTURES"] if fs["%TYPE"] == "webanno.custom.NewsLabel"]
    assert (found["begin"], found["end"], found["label"]) == (20, 25, "wording:loaded")
    assert len([name for name in names if name.endswith(".json")]) == 3, "documents without labels are there"


@pytest.mark.parametrize("kind", ["json", "xmi"])
def test_a_named_entity_of_inception_comes_in(kind):
    import cassis

    types = cassis.TypeSystem()
    name = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
    made = types.create_type(name, supertypeName="uima.tcas.Annotation")
    types.create_feature(made, "value", "uima.cas.String")
    cas = cassis.Cas(typesystem=types)
    cas.sofa_string, cas.sofa_mime = TEXTS[0], "text/plain"
    cas.add(made(begin=18, end=23, value="loaded"))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(f"d0.{kind}", cas.to_json() if kind == "json" else cas.to_xmi())
        archive.writestr("TypeSystem.xml", types.to_xml())
    (op,), refusals = read("inception", stream.getvalue(), codebook="wording", annotator_id="eve")
    assert refusals == []
    assert (op.span.quote, op.label, op.annotator_id) == ("Ніхто", "loaded", "eve")


# ---- BIO


def tagged(*annotations):
    result = written("bio", rows_of(annotations), texts()[:1])
    tags = [line.split("\t") for line in result.data.decode().split("\n") if "\t" in line]
    return tags, result.notes


def test_words_are_tagged():
    tags, notes = tagged(annotation(1, text=TEXTS[0], document_id="d0", place=(18, 37)))
    assert notes == ()
    assert tags[:7] == [
        ["Дамба", "0", "5", "O"],
        ["стоїть", "6", "12", "O"],
        ["🌊", "13", "14", "O"],
        ["🌊", "14", "15", "O"],
        [".", "15", "16", "O"],
        ["«", "17", "18", "O"],
        ["Ніхто", "18", "23", "B-wording:loaded"],
    ]
    assert [tag for *_, tag in tags].count("I-wording:loaded") == 2
    assert all(TEXTS[0][int(start) : int(end)] == word for word, start, end, _ in tags)


def test_what_bio_cannot_hold_is_counted():
    make = {"text": TEXTS[0], "document_id": "d0"}
    whole = annotation(4, place=(0, 0), level=Level.DOCUMENT, **make)
    many = [
        annotation(1, place=(6, 20), **make),
        annotation(2, place=(18, 23), **make),
        annotation(3, place=(24, 25), **make),
        whole,
    ]
    tags, notes = tagged(
        *many, annotation(5, place=(12, 13), **make), annotation(6, place=(6, 12), annotator_id="bob", **make)
    )
    assert [note.split(" ")[0] for note in notes] == ["1", "1", "1", "2"]
    assert "overlap" in notes[0]
    assert sum(tag.startswith("B-") for *_, tag in tags) == 3, (
        "another person's labels are a block of their own"
    )


def test_formats_that_nothing_can_be_read_from_say_so():
    with pytest.raises(ExchangeError, match="Labels cannot be read from 'bio'"):
        read("bio", b"")
    with pytest.raises(ExchangeError, match="There is no format 'brat'"):
        label_format("brat")
    with pytest.raises(ExchangeError, match="counted in one of codepoint, utf-16, byte"):
        read("doccano", b"", unit="graphemes")
    with pytest.raises(ExchangeError, match="There is no codebook 'x'"):
        read("doccano", b"", codebook="x")
