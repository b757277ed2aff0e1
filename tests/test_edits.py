"""What an annotator's browser sends, good and bad: each operation committed once, or refused with a reason, or left for the next try."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from verifier import pipeline
from verifier.domain import LabelMethod, Layer
from verifier.errors import DatabaseError, DomainError

TEXT = "Портом керує 👨‍👩‍👧 родина.\r\nThe so-called liberators left."


@pytest.fixture
def document(services, tmp_path):
    (tmp_path / "port.txt").write_text(TEXT, encoding="utf-8", newline="")
    pipeline.ingest(services, [tmp_path / "port.txt"])
    (stored,) = services.store.documents()
    return stored


@pytest.fixture
def edit(services, document):
    """Make an operation that marks some words of the document."""
    book = services.codebooks["wording"]

    def make(quote="so-called", **changes):
        start = document.text.index(quote)
        return {
            "op_id": uuid.uuid4().hex,
            "kind": "add",
            "annotation_id": uuid.uuid4().hex,
            "document_id": document.document_id,
            "text_sha256": document.sha256,
            "level": "span",
            "start": start,
            "end": start + len(quote),
            "quote": quote,
            "codebook_id": "wording",
            "codebook_version": book.version,
            "label": book.labels[0].label_id,
            "intensity": None,
            "target": "",
            "confidence": None,
            "note": "",
            "method": "manual",
            "suggestion_id": "",
            "made_at": "2031-05-04T12:00:00Z",
            "duration_ms": 900,
            **changes,
        }

    return make


def commit(services, *edits, **options):
    return pipeline.commit_edits(services, edits, annotator_id="ada", **options)


def test_an_edit_becomes_an_annotation_with_how_it_was_given(services, edit):
    sent = edit("родина", note="why", confidence=2)
    assert commit(services, sent, blind=True) == {sent["op_id"]: ""}
    (stored,) = services.store.annotations()
    assert (stored.span.quote, stored.note, stored.confidence) == ("родина", "why", 2)
    assert (stored.annotator_id, stored.blind, stored.duration_ms) == ("ada", True, 900)


def test_what_is_sent_again_is_answered_again_and_stored_once(services, edit):
    sent = [edit("родина"), edit()]
    assert commit(services, *sent) == commit(services, *sent) == commit(services, sent[1], sent[0])
    assert len(services.store.annotations()) == len(sent)


def test_a_bad_edit_does_not_take_the_others_with_it(services, edit):
    good, wrong, later = edit(), {**edit("родина"), "quote": "громад"}, edit("liberators")
    answers = commit(services, good, wrong, later)
    assert (answers[good["op_id"]], answers[later["op_id"]]) == ("", "")
    assert "'родина'" in answers[wrong["op_id"]]
    assert len(services.store.annotations()) == 2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"label": "no-such-label"}, "has no label"),
        ({"codebook_id": "no-such-book"}, "There is no codebook"),
        ({"codebook_version": "0.1"}, "Reload the page"),
        ({"level": "document"}, "document"),
        ({"text_sha256": "0" * 64}, "no version of document"),
        ({"document_id": "elsewhere"}, "no version of document"),
        ({"start": 10**6, "end": 10**6 + 9}, "does not lie within"),
        ({"start": None}, "start and end"),
        ({"start": 1.5}, "whole number"),
        ({"start": True}, "whole number"),
        ({"kind": "destroy"}, "OpKind"),
        ({"method": "imported by magic"}, "LabelMethod"),
        ({"note": "x" * 20_000}, "Shorten it"),
        ({"note": "\ud83d"}, "plain text"),
        ({"annotation_id": ""}, "annotation_id"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(services, edit, changes, reason):
    sent = edit(**changes)
    assert reason in commit(services, sent)[sent["op_id"]]
    assert services.store.annotations() == []


def test_nobody_changes_the_labels_of_others(services, edit):
    mine = edit()
    commit(services, mine)
    theirs = {**edit(), "kind": "withdraw", "annotation_id": mine["annotation_id"]}
    answers = pipeline.commit_edits(services, [theirs], annotator_id="boris")
    assert "'ada'" in answers[theirs["op_id"]]
    assert len(services.store.annotations()) == 1


def test_a_refused_suggestion_is_on_record_and_labels_nothing(services, edit):
    sent = edit(method="suggestion-rejected", suggestion_id="wording 1.0:12")
    assert commit(services, sent) == {sent["op_id"]: ""}
    (stored,) = services.store.annotations()
    assert (stored.layer, stored.label_method) == (Layer.SUGGESTION, LabelMethod.SUGGESTION_REJECTED)
    assert stored.suggestion_model == "wording 1.0"


def test_while_the_database_is_out_of_reach_nothing_is_answered_and_nothing_lost(services, edit, monkeypatch):
    sent = edit()

    def locked(_ops):
        message = "Database x: it is locked."
        raise DatabaseError(message)

    with monkeypatch.context() as patched:
        patched.setattr(services.store, "commit_ops", locked)
        assert commit(services, sent) == {}
    assert commit(services, sent) == {sent["op_id"]: ""}


def test_a_clock_that_is_ahead_is_not_believed(services, edit, now):
    sent = edit(made_at="2999-01-01T00:00:00Z")
    commit(services, sent)
    (stored,) = services.store.annotations()
    assert stored.created_at.year < 2999


def test_somebody_must_have_labelled(services, edit):
    with pytest.raises(DomainError, match="who you are"):
        pipeline.commit_edits(services, [edit()], annotator_id=" ")


_JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers(), max_size=2)
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_whatever_comes_gets_one_answer_each_and_never_an_exception(services, edit, data):
    sent = edit()
    spoiled = data.draw(st.sets(st.sampled_from(sorted(sent.keys() - {"op_id"})), max_size=4))
    sent |= {name: data.draw(_JUNK) for name in spoiled}
    answers = commit(services, sent)
    assert list(answers) == [sent["op_id"]]
    stored = [a.annotation_id for a in services.store.annotations()]
    assert (answers[sent["op_id"]] == "") == (sent["annotation_id"] in stored)
