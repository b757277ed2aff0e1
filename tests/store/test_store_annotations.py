from __future__ import annotations

from dataclasses import replace

import pytest
from factories import WHEN
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from store_records import LATER, add, op, verification

from verifier.domain import (
    Layer,
    Level,
    OpKind,
    Span,
    Stance,
    StanceJudgement,
)
from verifier.errors import DomainError, StoreError
from verifier.store import open_store, schema
from verifier.store.annotations import _op_columns


def test_an_annotation_is_added_changed_and_withdrawn(store):
    add(store)
    first = op(store, intensity=2, confidence=4, note="=why?", target="the dam")
    assert store.commit_ops([first]) == ["o1"]
    (annotation,) = store.annotations()
    assert (annotation.span, annotation.label, annotation.intensity, annotation.note) == (
        first.span,
        "loaded",
        2,
        "=why?",
    )
    changed = op(store, "o2", OpKind.CHANGE, label="neutral", created_at=LATER)
    store.commit_ops([changed])
    (annotation,) = store.annotations()
    assert (annotation.label, annotation.note, annotation.created_at, annotation.updated_at) == (
        "neutral",
        "",
        WHEN,
        LATER,
    )
    gone = op(store, "o3", OpKind.WITHDRAW)
    store.commit_ops([gone])
    assert store.annotations() == []
    assert store.ops("a1") == [first, changed, gone]
    back = op(store, "o4", created_at=LATER)
    store.commit_ops([back])
    assert [a.created_at for a in store.annotations()] == [LATER]
    assert store.verify_annotations() == []


def test_a_batch_sent_again_adds_nothing(store):
    add(store)
    batch = [op(store), op(store, "o2", OpKind.CHANGE, note="x"), op(store, "o3", annotation_id="a2")]
    assert store.commit_ops(batch) == ["o1", "o2", "o3"]
    assert store.commit_ops([*batch, op(store, "o4", annotation_id="a3")]) == ["o1", "o2", "o3", "o4"]
    assert len(store.annotations()) == 3
    assert len(store.ops("a1")) == 2
    with pytest.raises(StoreError, match="'o1' is in the log already, for another annotation"):
        store.commit_ops([op(store, "o1", annotation_id="a9")])


def test_a_batch_is_all_or_nothing(store):
    add(store)
    with pytest.raises(StoreError, match="No annotation 'a7'"):
        store.commit_ops([op(store), op(store, "o2", OpKind.WITHDRAW, "a7")])
    assert store.annotations() == []
    with pytest.raises(StoreError):
        store.ops("a1")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"kind": OpKind.CHANGE, "annotator_id": "bob"}, StoreError, "is 'ada''s; 'bob' cannot change it"),
        ({"kind": OpKind.WITHDRAW, "annotator_id": "bob"}, StoreError, "'bob' cannot withdraw it"),
        ({"kind": OpKind.ADD}, StoreError, "is there already"),
        ({"kind": OpKind.ADD, "annotator_id": "bob"}, StoreError, "is 'ada''s"),
        (
            {"kind": OpKind.CHANGE, "document_id": "d2"},
            StoreError,
            "is on document 'd1'; operation 'o2' names 'd2'",
        ),
        ({"document_id": "d9"}, StoreError, "document 'd9', which is not stored"),
        ({"kind": OpKind.CHANGE, "label": ""}, StoreError, "needs a codebook and a label"),
        ({"kind": OpKind.CHANGE, "codebook_id": ""}, StoreError, "needs a codebook and a label"),
        ({"kind": OpKind.CHANGE, "span": None}, StoreError, "labels a sentence, which needs a span"),
        ({"kind": OpKind.CHANGE, "span": Span.of("Other", 0, 5)}, StoreError, "no version of document 'd1'"),
        ({"kind": OpKind.CHANGE, "note": "\0"}, StoreError, "U\\+0000"),
        ({"kind": OpKind.CHANGE, "place": (3, 3)}, DomainError, "at least one code point"),
        ({"kind": OpKind.CHANGE, "level": Level.DOCUMENT}, DomainError, "whole text"),
    ],
)
def test_what_an_operation_may_not_do(store, change, error, message):
    add(store)
    add(store, document_id="d2")
    store.commit_ops([op(store)])
    span = {"span": Span.of(store.document("d1").text, 0, 7)} if change.get("document_id") == "d9" else {}
    with pytest.raises(error, match=message):
        store.commit_ops([op(store, "o2", **{**span, **change})])
    assert len(store.ops("a1")) == 1


@pytest.mark.parametrize(
    "change", [{"quote": "the dam"}, {"prefix": "x"}, {"suffix": "x"}, {"start": 1, "end": 8}]
)
def test_a_span_must_quote_its_text(store, change):
    add(store)
    with pytest.raises(DomainError):
        store.commit_ops([op(store, span=replace(op(store).span, **change))])


def test_a_document_can_be_labelled_without_a_span(store):
    add(store)
    whole = len(store.document("d1").text)
    store.commit_ops(
        [
            op(store, level=Level.DOCUMENT, span=None),
            op(store, "o2", annotation_id="a2", level=Level.DOCUMENT, place=(0, whole)),
        ]
    )
    assert [(a.span.start, a.span.end) for a in store.annotations()] == [(0, 0), (0, whole)]
    assert store.annotations()[0].span.text_sha256 == store.document("d1").sha256
    assert store.verify_annotations() == []


def test_labels_outlive_versions_and_deletion(store):
    add(store)
    old = store.document("d1").sha256
    store.commit_ops([op(store)])
    add(store, "The dam fell. It rained.")
    store.commit_ops([op(store, "o2", annotation_id="a2", annotator_id="bob")])
    store.delete_documents(["d1"], LATER)
    found = store.annotations()
    assert {a.annotation_id: a.span.text_sha256 for a in found} == {
        "a1": old,
        "a2": store.document("d1").sha256,
    }
    assert all(a.document_deleted for a in found)
    store.commit_ops([op(store, "o3", OpKind.WITHDRAW)])
    store.restore_documents(["d1"])
    assert [(a.annotation_id, a.document_deleted) for a in store.annotations()] == [("a2", False)]
    assert store.verify_annotations() == []


def test_annotations_can_be_asked_for_by_document_person_and_layer(store):
    add(store)
    add(store, document_id="d2")
    store.commit_ops(
        [
            op(store, "o1", annotation_id="x", place=(4, 7)),
            op(store, "o2", annotation_id="y", annotator_id="bob"),
            op(store, "o3", annotation_id="z", document_id="d2", layer=Layer.GOLD),
        ]
    )

    def ids(**which):
        return "".join(a.annotation_id for a in store.annotations(**which))

    assert ids() == "yxz"
    assert ids(document_ids=["d1"]) == "yx"
    assert ids(document_ids=[]) == ""
    assert ids(annotator_id="ada") == "xz"
    assert ids(layer=Layer.GOLD) == "z"
    assert ids(document_ids=["d1"], annotator_id="bob", layer=Layer.ANNOTATOR) == "y"


def test_a_tampered_state_is_noticed_and_rebuilt(store):
    add(store)
    store.commit_ops([op(store), op(store, "o2", annotation_id="a2"), op(store, "o3", annotation_id="a3")])
    good = store.annotations()
    with store._write() as connection:
        connection.exec_driver_sql("UPDATE annotation SET label = 'other' WHERE annotation_id = 'a1'")
        connection.exec_driver_sql("DELETE FROM annotation WHERE annotation_id = 'a2'")
    assert [p.split("'")[1] for p in store.verify_annotations()] == ["a1", "a2"]
    assert store.rebuild_annotations() == 3
    assert store.verify_annotations() == []
    assert store.annotations() == good


def test_a_tampered_text_is_noticed(store):
    add(store)
    store.commit_ops([op(store)])
    with store._write() as connection:
        connection.exec_driver_sql("UPDATE document SET text = 'The dam fell.'")
    (problem,) = store.verify_annotations()
    assert problem.startswith("Operation 'o1': Span [0, 7) belongs to the text")


def test_a_damaged_log_is_told_and_nothing_is_rebuilt_from_it(store):
    add(store)
    store.commit_ops([op(store)])
    stray = {**_op_columns(op(store, "o2", OpKind.CHANGE, "a9")), "stored_at": WHEN}
    with store._write() as connection:
        connection.execute(schema.annotation_op.insert().values(**stray))
    assert store.verify_annotations() == [
        "Operation 'o2': No annotation 'a9' is stored. The Read page shows those of each document."
    ]
    with pytest.raises(StoreError, match="log is damaged: Operation 'o2'"):
        store.rebuild_annotations()
    assert len(store.annotations()) == 1


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET annotator_id = 'eve'"])
@pytest.mark.parametrize("table", ["annotation_op", "judgement"])
def test_the_logs_are_append_only(store, statement, table):
    add(store)
    store.commit_ops([op(store)])
    store.save_verification(verification())
    store.add_judgement(
        StanceJudgement(
            judgement_id="j1",
            verification_id="v1",
            sentence_id="d1.1.0",
            stance=Stance.NEUTRAL,
            annotator_id="ada",
            created_at=WHEN,
        )
    )
    with pytest.raises(StoreError, match=f"table {table} is append-only"), store._write() as connection:
        connection.exec_driver_sql(statement.format(table))


LABELS = st.sampled_from(["loaded", "neutral", "ironic"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(OpKind), st.sampled_from(["a1", "a2"]), st.sampled_from(["ada", "bob"]), LABELS
    ),
    max_size=12,
)


@hypothesis_settings(max_examples=30, deadline=None)
@given(steps=STEPS)
def test_any_history_leads_to_what_its_log_says(steps):
    with open_store("sqlite://") as store:
        add(store)
        expected, owner = {}, {}
        for number, (kind, name, person, label) in enumerate(steps):
            allowed = owner.get(name, person) == person and (name in expected) == (kind is not OpKind.ADD)
            step = op(
                store,
                f"o{number}",
                kind,
                name,
                annotator_id=person,
                **({} if kind is OpKind.WITHDRAW else {"label": label}),
            )
            if not allowed:
                with pytest.raises(StoreError):
                    store.commit_ops([step])
                continue
            store.commit_ops([step])
            owner[name] = person
            expected[name] = label
            if kind is OpKind.WITHDRAW:
                del expected[name]
        assert {a.annotation_id: a.label for a in store.annotations()} == expected
        assert store.verify_annotations() == []
