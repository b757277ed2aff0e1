"""The logs of work in a team, on both databases: what goes in comes out, what makes no sense is refused, and nothing is ever lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from factories import WHEN
from store_records import LATER, add, op

from verifier.domain import (
    Assignment,
    AssignmentChange,
    AssignmentState,
    CommentEvent,
    CommentKind,
    Conditions,
    Role,
    RoleChange,
    Visit,
    VisitKind,
)
from verifier.errors import StoreError


def role(annotator_id, given, *, number=1, by="ada", at=WHEN):
    return RoleChange(
        change_id=f"{annotator_id}-{number}",
        annotator_id=annotator_id,
        role=given,
        changed_by=by,
        created_at=at,
    )


def assignment(number=1, *, annotator="ada", document="d1", **more):
    return Assignment(
        assignment_id=f"t{number}",
        document_id=document,
        annotator_id=annotator,
        codebook_ids=("wording", "provenance"),
        conditions=Conditions(outlet_hidden=True, others_hidden=False, suggestions_shown=True),
        position=number,
        seed=7,
        assigned_by="olena",
        created_at=WHEN,
        changed_at=WHEN,
        **more,
    )


def change(state, number=1, *, assignment_id="t1", at=LATER, **more):
    return AssignmentChange(
        change_id=f"{assignment_id}-{number}",
        assignment_id=assignment_id,
        state=state,
        changed_by="ada",
        created_at=at,
        **more,
    )


def comment(kind=CommentKind.WRITE, number=1, *, comment_id="c1", by="ada", **more):
    more.setdefault("document_id", "d1")
    return CommentEvent(
        event_id=f"{comment_id}-{number}",
        kind=kind,
        comment_id=comment_id,
        made_by=by,
        created_at=WHEN + timedelta(minutes=number),
        **more,
    )


def give(store, *changes):
    return store.change_roles(lambda _: changes)


def assign(store, *assignments):
    return store.extend_assignments(lambda _: assignments)


# ---- roles


def test_the_last_role_counts_and_the_history_stays(store):
    first, second = role("ada", Role.ANNOTATOR), role("ada", Role.ADJUDICATOR, number=2, at=LATER)
    give(store, first, role("bo", Role.ADMIN))
    assert give(store, second) == [second]
    assert [(one.annotator_id, one.role, one.since) for one in store.annotators()] == [
        ("ada", Role.ADJUDICATOR, LATER),
        ("bo", Role.ADMIN, WHEN),
    ]
    give(store, role("ada", None, number=3))
    assert [one.annotator_id for one in store.annotators()] == ["bo"]
    assert [one.role for one in store.role_changes() if one.annotator_id == "ada"] == [
        Role.ANNOTATOR,
        Role.ADJUDICATOR,
        None,
    ]


def test_a_role_that_somebody_has_is_not_given_again(store):
    give(store, role("ada", Role.ADMIN))
    assert give(store, role("ada", Role.ADMIN, number=2)) == []
    assert give(store, role("nobody", None)) == []
    assert len(store.role_changes()) == 1


def test_what_is_decided_sees_what_is_stored_and_an_error_stores_nothing(store):
    give(store, role("ada", Role.ADMIN))

    def refuse(present):
        assert list(present) == ["ada"]
        message = "no"
        raise StoreError(message)

    with pytest.raises(StoreError):
        store.change_roles(refuse)
    assert len(store.role_changes()) == 1


# ---- assignments


def test_an_assignment_comes_back_as_it_was_made(store):
    add(store)
    made = assignment()
    assert assign(store, made) == [made]
    assert store.assignments() == [made]
    assert store.assignment("t1") == made


def test_nobody_gets_the_same_document_twice_not_even_within_one_plan(store):
    add(store)
    assign(store, assignment())
    with pytest.raises(StoreError, match="twice"):
        assign(store, assignment(2, annotator="bo"), assignment(3))
    with pytest.raises(StoreError, match="twice"):
        assign(store, assignment(4, annotator="cy"), assignment(5, annotator="cy"))
    assert len(store.assignments()) == 1


def test_assignments_are_listed_by_person_and_place(store):
    add(store)
    add(store, document_id="d2")
    assign(store, assignment(2), assignment(1, document="d2"), assignment(3, annotator="bo"))
    assert [one.assignment_id for one in store.assignments(annotator_id="ada")] == ["t1", "t2"]
    assert [one.assignment_id for one in store.assignments(document_ids=["d1"])] == ["t2", "t3"]
    assert store.assignments(document_ids=[]) == []


def test_a_state_is_the_last_change(store):
    add(store)
    assign(store, assignment())
    done = store.change_assignment(change(AssignmentState.DONE, text_sha256="5" * 64))
    assert (done.state, done.text_sha256, done.changed_at) == (AssignmentState.DONE, "5" * 64, LATER)
    again = store.change_assignment(change(AssignmentState.DONE, 2))
    assert again == done == store.assignment("t1")
    reopened = store.change_assignment(change(AssignmentState.OPEN, 3))
    assert (reopened.state, reopened.text_sha256) == (AssignmentState.OPEN, "")
    skipped = store.change_assignment(change(AssignmentState.SKIPPED, 4, reason="a duplicate"))
    assert (skipped.state, skipped.reason) == (AssignmentState.SKIPPED, "a duplicate")
    assert [one.state.value for one in store.assignment_changes("t1")] == ["done", "open", "skipped"]


def test_what_is_finished_is_not_skipped(store):
    add(store)
    assign(store, assignment())
    store.change_assignment(change(AssignmentState.DONE))
    with pytest.raises(StoreError, match="reopened"):
        store.change_assignment(change(AssignmentState.SKIPPED, 2))
    with pytest.raises(StoreError, match="no assignment 't9'"):
        store.change_assignment(change(AssignmentState.DONE, assignment_id="t9"))
    assert len(store.assignment_changes()) == 1


# ---- time


def test_visits_are_kept_once_and_in_order(store):
    add(store)
    assign(store, assignment())
    first = Visit(visit_id="v1", assignment_id="t1", kind=VisitKind.OPENED, created_at=LATER)
    second = replace(first, visit_id="v2", kind=VisitKind.LEFT)
    for one in (first, first, second):
        store.add_visit(one)
    assert store.visits() == [first, second]
    with pytest.raises(StoreError):
        store.add_visit(replace(first, visit_id="v3", assignment_id="t9"))


def test_the_times_of_labels_are_those_of_the_people_assigned(store):
    add(store)
    add(store, document_id="d2")
    assign(store, assignment())
    store.commit_ops(
        [
            op(store, "o2", annotation_id="a2", created_at=LATER),
            op(store),
            op(store, "o3", annotation_id="a3", annotator_id="bo"),
            op(store, "o4", annotation_id="a4", document_id="d2"),
        ]
    )
    assert store.labelling_times() == {("ada", "d1"): [WHEN, LATER]}


# ---- comments


def test_a_comment_is_resolved_reopened_and_withdrawn(store):
    add(store)
    written = store.commit_comment(comment(text="Is this a quote?", to_id="olena"))
    assert (written.text, written.to_id, written.resolved_at) == ("Is this a quote?", "olena", None)
    resolved = store.commit_comment(comment(CommentKind.RESOLVE, 2, by="olena"))
    assert (resolved.resolved_by, resolved.resolved_at) == ("olena", WHEN + timedelta(minutes=2))
    assert store.commit_comment(comment(CommentKind.REOPEN, 3)).resolved_at is None
    gone = store.commit_comment(comment(CommentKind.WITHDRAW, 4))
    assert store.comments() == [gone]
    assert (gone.withdrawn, gone.text) == (True, "Is this a quote?")
    with pytest.raises(StoreError, match="withdrawn"):
        store.commit_comment(comment(CommentKind.RESOLVE, 5))
    assert [one.kind.value for one in store.comment_events("c1")] == [
        "write",
        "resolve",
        "reopen",
        "withdraw",
    ]


def test_a_comment_sent_again_is_kept_once(store):
    add(store)
    first = store.commit_comment(comment(text="x"))
    assert store.commit_comment(comment(text="x")) == first
    with pytest.raises(StoreError, match="already"):
        store.commit_comment(comment(number=2, text="y"))
    assert len(store.comment_events("c1")) == 1


def test_a_comment_needs_its_subject(store):
    add(store)
    add(store, document_id="d2")
    store.commit_ops([op(store)])
    assert store.commit_comment(comment(text="x", annotation_id="a1")).annotation_id == "a1"
    for event in (
        comment(comment_id="c2", document_id="d9"),
        comment(comment_id="c2", annotation_id="a9"),
        comment(comment_id="c2", annotation_id="a1", document_id="d2"),
        comment(CommentKind.RESOLVE, comment_id="c2"),
        comment(CommentKind.RESOLVE, 2, document_id="d2"),
    ):
        with pytest.raises(StoreError):
            store.commit_comment(event)
    assert [one.comment_id for one in store.comments(document_ids=["d1"])] == ["c1"]
    assert store.comments(document_ids=["d2"]) == []


def test_the_database_itself_refuses_to_rewrite_the_logs(store):
    add(store)
    assign(store, assignment())
    with pytest.raises(StoreError, match="append-only"), store._write() as connection:
        connection.exec_driver_sql("UPDATE assignment SET annotator_id = 'bo'")
