"""Each tool's own shape of file: what we write is what the tool reads, and what it exports comes in."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from importlib.util import find_spec

import pytest
from exchange_records import annotation
from factories import WHEN
from foreign_labels import LABELS, TEXTS, book, read, rows_of, texts, written

from verifier.domain import Layer, Level, OpKind
from verifier.errors import ExchangeError
from verifier.exchange import label_format, labelling_config

needs_cassis = pytest.mark.skipif(find_spec("cassis") is None, reason="dkpro-cassis is not installed")

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


def test_a_note_written_in_label_studio_changes_its_label():
    item = annotation(1, text=TEXTS[0], document_id="d0", note="before")
    tasks = json.loads(written("label-studio", rows_of([item]), texts()).data)
    given_back = tasks[0]["annotations"][0]
    given_back["result"][0]["meta"]["text"] = ["after"]
    ops, (refusal,) = read("label-studio", tasks, known=[item])
    assert (ops, refusal.reason) == ([], "older"), "nothing says that it is the later one"
    given_back["updated_at"] = "2031-06-01T00:00:00Z"
    (op,), refusals = read("label-studio", tasks, known=[item])
    assert refusals == []
    assert (op.kind, op.note, op.span) == (OpKind.CHANGE, "after", item.span)


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


@needs_cassis
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


@needs_cassis
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
