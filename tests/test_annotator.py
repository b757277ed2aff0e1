"""The annotator's Python side: what is sent, and that every operation is answered once, in a callback or in the script."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from factories import WHEN, document
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from verifier.domain import Annotation, Codebook, Label, Level, Span
from verifier.ui.annotator import payload

SOURCE = document("Der Damm hält. 😀 Ніхто не постраждав.\r\nEnde.", language="de")


def _codebook(**more):
    labels = (
        Label(label_id="loaded", name="loaded language", definition="Judges."),
        Label(label_id="whole", name="whole text", definition="Of documents.", levels=(Level.DOCUMENT,)),
    )
    return Codebook(
        codebook_id="w",
        version="1.0",
        title="Wording",
        kind="framing",
        description="",
        source="",
        levels=(Level.SPAN, Level.DOCUMENT),
        multiple=True,
        labels=labels,
        **more,
    )


def _annotation(name="a", start=4, end=8, *, annotator="quill", note=""):
    return Annotation(
        annotation_id=name,
        document_id=SOURCE.document_id,
        level=Level.SPAN,
        span=Span.of(SOURCE.text, start, end),
        codebook_id="w",
        codebook_version="1.0",
        label="loaded",
        note=note,
        annotator_id=annotator,
        created_at=WHEN,
        updated_at=WHEN,
    )


def _whole(annotations=(), **more):
    given = {"annotator": "quill", "codebooks": [_codebook()], "suggestions": (), "names": {}, **more}
    return payload.whole(SOURCE, annotations=list(annotations), **given)


def test_the_text_is_sent_letter_for_letter_with_its_digest():
    base, live = payload.split(_whole(), None)
    assert base.packed[:64].decode() == base.revision == live["base"]
    sent = json.loads(base.packed[64:])
    assert sent["document"] == {
        "id": SOURCE.document_id,
        "sha256": SOURCE.sha256,
        "text": SOURCE.text,
        "language": "de",
        "direction": "ltr",
    }


def test_labels_that_spans_may_not_carry_are_told_but_not_given():
    retired = Label(label_id="old", name="old label", definition="Once.", retired=True)
    (book,) = _whole(codebooks=[_codebook(retired_labels=(retired,))])["codebooks"]
    assert [(label["id"], label["givable"]) for label in book["labels"]] == [
        ("loaded", True),
        ("whole", False),
        ("old", False),
    ]


def test_annotations_are_the_persons_own_or_bear_a_name():
    sent = _whole([_annotation(), _annotation("b", annotator="i-1")], names={"i-1": "Ink"})["annotations"]
    assert [(one["annotator"], one["own"]) for one in sent] == [("quill", True), ("Ink", False)]


NAMES = st.sampled_from([f"a{n}" for n in range(8)])
STATES = st.dictionaries(NAMES, st.sampled_from(["", "why", "because"]), max_size=8)


@given(STATES, STATES)
def test_base_and_difference_make_the_whole(before, now):
    def records(notes):
        return [_annotation(name, note=note) for name, note in notes.items()]

    base, _ = payload.split(_whole(records(before)), None)
    same, live = payload.split(_whole(records(now)), base)
    assert same is base
    made = {one["id"]: one for one in json.loads(base.packed[64:])["annotations"]}
    for name in live["annotations"]["removed"]:
        del made[name]
    made.update({one["id"]: one for one in live["annotations"]["changed"]})
    assert made == {one["id"]: one for one in _whole(records(now))["annotations"]}
    assert len(live["annotations"]["changed"]) <= len(now)


def test_a_new_base_is_packed_for_another_document_or_when_much_is_different(monkeypatch):
    base, _ = payload.split(_whole(), None)
    assert payload.split(_whole(), base)[0] is base
    assert payload.split(_whole(annotator="ink"), base)[0] is not base
    other = payload.whole(
        replace(SOURCE, text="Another."),
        annotator="quill",
        codebooks=[_codebook()],
        annotations=[],
        suggestions=(),
        names={},
    )
    assert payload.split(other, base)[0].revision != base.revision
    monkeypatch.setattr(payload, "REBASED_AFTER", 1)
    assert payload.split(_whole([_annotation()]), base)[0] is base
    moved, live = payload.split(_whole([_annotation(), _annotation("b")]), base)
    assert moved is not base
    assert live["annotations"] == {"changed": [], "removed": []}


PAGE = """
import streamlit as st
from factories import document
from verifier.ui import annotator

def commit(edits):
    calls = st.session_state.setdefault("calls", [])
    calls.append([edit["op_id"] for edit in edits])
    return [{"op_id": edit["op_id"], "accepted": edit["op_id"] != "c:2", "reason": "no"} for edit in edits if edit["op_id"] != "c:9"]

st.session_state.runs = st.session_state.get("runs", 0) + 1
left = annotator.draw(document(), annotator="quill", codebooks=[], annotations=[], on_edits=commit)
st.session_state.left = [edit["op_id"] for edit in left]
"""


@pytest.fixture
def page():
    app = AppTest.from_string(PAGE, default_timeout=20).run()
    assert not app.exception
    return app


def _arrive(app, *op_ids):
    """Let the browser's value arrive without a callback, as in the first run of a session."""
    app.session_state["annotator"] = {"edits": [{"op_id": op_id, "annotator": "quill"} for op_id in op_ids]}
    app.run()
    assert not app.exception
    return app


def _data(app):
    (live,) = [one for one in app.get("bidi_component") if one.proto.json]
    return json.loads(live.proto.json)


def test_what_a_session_before_left_unanswered_is_answered_in_the_script_and_once(page):
    _arrive(page, "c:1", "c:2")
    assert page.session_state["calls"] == [["c:1", "c:2"]]
    assert [(one["op_id"], one["accepted"]) for one in _data(page)["answers"]] == [
        ("c:1", True),
        ("c:2", False),
    ]
    _arrive(page, "c:1", "c:2", "c:3")
    assert page.session_state["calls"] == [["c:1", "c:2"], ["c:3"]]
    assert page.session_state["left"] == []


def test_answers_that_the_browser_has_read_are_forgotten(page):
    _arrive(page, "c:1")
    _arrive(page, "c:3")
    assert [one["op_id"] for one in _data(page)["answers"]] == ["c:3"]


def test_operations_without_an_answer_are_handed_back_and_do_not_run_the_page_for_ever(page):
    _arrive(page, "c:9")
    assert page.session_state["left"] == ["c:9"]
    runs = page.session_state["runs"]
    _arrive(page, "c:9", "c:1")
    assert page.session_state["left"] == ["c:9"]
    assert page.session_state["runs"] <= runs + 2


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "x",
        [1, {"op_id": 3, "annotator": "quill"}, {}],
        {"a": 1},
        [{"op_id": "c:1", "annotator": "ink"}],
    ],
)
def test_what_is_no_operation_is_passed_over(page, sent):
    page.session_state["annotator"] = {"edits": sent}
    page.run()
    assert not page.exception
    assert page.session_state["left"] == []
    assert "calls" not in page.session_state
