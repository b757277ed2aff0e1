"""The log of resolutions, on both databases: kept with its gold or not at all, and never twice on the same labels."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_records import LATER, add, op

from verifier.domain import AnnotationOp, Layer, Level, OpKind, Outcome, Resolution, Source, Span, in_force
from verifier.errors import DomainError, StoreError

GOLD = "g1"


def resolution(number=1, outcome=Outcome.KEPT, sources=(("a1", 0, 7), ("b1", 0, 8)), **more):
    more.setdefault("gold_ids", (GOLD,) if outcome is Outcome.KEPT else ())
    return Resolution(
        resolution_id=f"r{number}",
        document_id="d1",
        text_sha256="s",
        codebook_id="wording",
        level=Level.SPAN,
        outcome=outcome,
        sources=tuple(Source(annotation_id=n, start=s, end=e, label="loaded") for n, s, e in sources),
        note="the narrower words – вужчі слова",
        decided_by="olena",
        created_at=LATER,
        **more,
    )


def gold(store, op_id="og1", annotation_id=GOLD, **more):
    return op(
        store,
        op_id,
        annotation_id=annotation_id,
        annotator_id="olena",
        layer=Layer.GOLD,
        level=Level.SPAN,
        **more,
    )


def withdrawal(op_id="w1", by="petro", layer=Layer.GOLD, annotation_id=GOLD):
    return AnnotationOp(
        op_id=op_id,
        kind=OpKind.WITHDRAW,
        annotation_id=annotation_id,
        document_id="d1",
        layer=layer,
        annotator_id=by,
        created_at=LATER,
    )


@pytest.fixture
def labelled(store):
    """A store in which Ada and Boris label the same words, almost."""
    add(store)
    store.commit_ops(
        [
            op(store, "oa", annotation_id="a1", level=Level.SPAN),
            op(store, "ob", annotation_id="b1", level=Level.SPAN, annotator_id="boris", place=(0, 8)),
        ]
    )
    return store


def test_what_goes_in_comes_out(labelled):
    given = resolution()
    labelled.commit_resolutions([given], [gold(labelled)])
    assert labelled.resolutions() == [given]
    assert labelled.resolutions(["d1"]) == [given]
    assert labelled.resolutions(["d2"]) == []
    (made,) = labelled.annotations(layer=Layer.GOLD)
    assert (made.annotation_id, made.annotator_id) == (GOLD, "olena")


def test_the_labels_it_was_made_from_stay_as_they_are(labelled):
    before = labelled.annotations(layer=Layer.ANNOTATOR)
    labelled.commit_resolutions([resolution()], [gold(labelled)])
    assert labelled.annotations(layer=Layer.ANNOTATOR) == before
    assert labelled.verify_annotations() == []


def test_gold_that_cannot_be_takes_its_resolution_with_it(labelled):
    wrong = replace(
        gold(labelled), span=Span(start=0, end=3, quote="xxx", text_sha256=labelled.document("d1").sha256)
    )
    with pytest.raises(DomainError):
        labelled.commit_resolutions([resolution()], [wrong])
    assert labelled.resolutions() == []
    assert labelled.annotations(layer=Layer.GOLD) == []


def test_the_same_labels_are_settled_once(labelled):
    labelled.commit_resolutions([resolution()], [gold(labelled)])
    with pytest.raises(StoreError, match="'olena' has settled this meanwhile"):
        labelled.commit_resolutions([resolution(2, gold_ids=("g2",))], [gold(labelled, "og2", "g2")])
    assert len(labelled.annotations(layer=Layer.GOLD)) == 1


def test_settling_anew_replaces_and_both_stay_on_record(labelled):
    labelled.commit_resolutions([resolution()], [gold(labelled)])
    anew = resolution(2, Outcome.REJECTED, replaces=("r1",))
    labelled.commit_resolutions([anew], [withdrawal()])
    assert [one.resolution_id for one in labelled.resolutions()] == ["r1", "r2"]
    assert in_force(labelled.resolutions()) == [anew]
    assert labelled.annotations(layer=Layer.GOLD) == []
    assert [o.annotator_id for o in labelled.ops(GOLD)] == ["olena", "petro"]
    assert labelled.verify_annotations() == []
    labelled.rebuild_annotations()
    assert labelled.annotations(layer=Layer.GOLD) == []


def test_what_is_replaced_must_be_in_force(labelled):
    labelled.commit_resolutions([resolution()], [gold(labelled)])
    labelled.commit_resolutions([resolution(2, Outcome.REOPENED, replaces=("r1",))], [withdrawal()])
    assert in_force(labelled.resolutions()) == []
    with pytest.raises(StoreError, match="somebody else meanwhile"):
        labelled.commit_resolutions([resolution(3, Outcome.REJECTED, replaces=("r1",))], [])


@pytest.mark.parametrize("kind", [OpKind.CHANGE, OpKind.WITHDRAW])
def test_a_label_that_changed_since_it_was_looked_at_is_not_settled(labelled, kind):
    labelled.commit_ops([op(labelled, "oc", kind, annotation_id="a1", level=Level.SPAN, place=(0, 5))])
    with pytest.raises(StoreError, match="changed or withdrawn meanwhile"):
        labelled.commit_resolutions([resolution()], [gold(labelled)])


def test_only_an_operation_of_gold_withdraws_gold_and_no_other_label(labelled):
    labelled.commit_resolutions([resolution()], [gold(labelled)])
    for by in ("petro", "olena"):
        with pytest.raises(StoreError, match="page Adjudicate"):
            labelled.commit_ops([withdrawal(layer=Layer.ANNOTATOR, by=by)])
    with pytest.raises(StoreError, match="'ada'"):
        labelled.commit_ops([withdrawal(annotation_id="a1")])
    assert [one.annotation_id for one in labelled.annotations(layer=Layer.GOLD)] == [GOLD]
