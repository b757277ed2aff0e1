"""Work in a team through its workflows: who may do what, who sees what, and how a queue runs down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from factories import WHEN

from verifier import codebooks, pipeline
from verifier.domain import (
    AnnotationOp,
    AssignmentState,
    Conditions,
    Layer,
    Level,
    OpKind,
    Role,
    Span,
    VisitKind,
)
from verifier.errors import CodebookError, DomainError, NotAllowedError, StoreError
from verifier.pipeline import agreement, comments, roles, team

OPEN_WORK = Conditions(outlet_hidden=False, others_hidden=False, suggestions_shown=True)


_CODEBOOKS = cache(codebooks.load_codebooks)


@pytest.fixture(autouse=True)
def _read_once(monkeypatch):
    """Read the codebooks once for all tests, and no lexicon: that takes longer than what is tested."""
    monkeypatch.setattr(codebooks, "load_codebooks", lambda: dict(_CODEBOOKS()))
    monkeypatch.setattr(codebooks, "load_lexicons", dict)


@pytest.fixture
def documents(services, tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in {
        "mill.txt": "The so-called mill burned down. Nobody was hurt.",
        "ferry.txt": "Пором затонув біля маяка. Рятувальники прибули за годину.",
        "market.txt": "Рынок открылся в мае. Торговцы довольны.",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    pipeline.ingest(services, [folder])
    return sorted(d.document_id for d in services.store.documents())


def share(services, documents, people=("ada", "bo"), k=2, by="olena", **more):
    more.setdefault("codebook_ids", ["wording"])
    return team.assign(services, document_ids=documents, annotator_ids=people, k=k, by=by, **more)


def label(services, document_id, name="ada", quote=None, label_id="euphemism", **more):
    text = services.store.document(document_id).text
    start = text.index(quote) if quote else 0
    return pipeline.label(
        services,
        document_id=document_id,
        codebook_id="wording",
        label_id=label_id,
        annotator_id=name,
        level=Level.SPAN,
        span=Span.of(text, start, start + len(quote or text[:3])),
        **more,
    )


def given_roles(services):
    return {one.annotator_id: one.role for one in services.store.annotators()}


# ---- roles


def test_without_roles_whoever_works_is_admin(services):
    assert roles.role_of(services, "anybody") is Role.ADMIN


def test_the_first_role_makes_its_giver_admin(services):
    roles.give_role(services, "ada", Role.ANNOTATOR, by="olena")
    assert given_roles(services) == {"ada": Role.ANNOTATOR, "olena": Role.ADMIN}
    assert roles.role_of(services, "anybody") is None


@pytest.mark.parametrize("name", ["ada", "ivan", "stranger"])
def test_only_admins_give_roles_and_assign(services, documents, name):
    roles.give_role(services, "ada", Role.ANNOTATOR, by="olena")
    roles.give_role(services, "ivan", Role.ADJUDICATOR, by="olena")
    before = given_roles(services)
    with pytest.raises(NotAllowedError, match="Only an admin may give roles"):
        roles.give_role(services, name, Role.ADMIN, by=name)
    with pytest.raises(NotAllowedError, match="Only an admin may assign"):
        share(services, documents, by=name)
    assert given_roles(services) == before
    assert services.store.assignments() == []


def test_there_is_always_an_admin(services):
    with pytest.raises(DomainError, match="last admin"):
        roles.give_role(services, "olena", Role.ANNOTATOR, by="olena")
    roles.give_role(services, "olena", Role.ADMIN, by="olena")
    for role in (Role.ADJUDICATOR, None):
        with pytest.raises(DomainError, match="last admin"):
            roles.give_role(services, "olena", role, by="olena")
    roles.give_role(services, "ivan", Role.ADMIN, by="olena")
    roles.give_role(services, "olena", None, by="ivan")
    assert given_roles(services) == {"ivan": Role.ADMIN}


# ---- who sees what


def test_in_blind_work_annotators_see_their_own_labels_only(services, documents):
    share(services, documents[:1], conditions=Conditions())
    for name in ("ada", "bo"):
        label(services, documents[0], name)
    label(services, documents[1], "bo")
    everything = services.store.annotations()
    roles.give_role(services, "ivan", Role.ADJUDICATOR, by="olena")

    def seen(name):
        return {(a.annotator_id, a.document_id) for a in roles.readable(services, everything, name)}

    free = ("bo", documents[1])
    assert seen("ada") == {("ada", documents[0]), free}
    assert seen("later") == {free}, "who may still be asked to label it sees nothing either"
    assert seen("ivan") == seen("olena") == {("ada", documents[0]), ("bo", documents[0]), free}
    assert not roles.may_read_others(services, "ada", documents[0])
    assert roles.may_read_others(services, "ada", documents[1])
    assert roles.may_read_others(services, "ivan", documents[0])


def test_finishing_does_not_open_the_labels_of_others(services, documents):
    made = share(services, documents[:1]).new
    label(services, documents[0], "bo")
    team.finish(services, next(m.assignment_id for m in made if m.annotator_id == "ada"), by="ada")
    assert roles.readable(services, services.store.annotations(), "ada") == []


def test_gold_is_shown_to_those_who_are_done(services, documents):
    made = share(services, documents[:1]).new
    label(services, documents[0], "ivan", layer=Layer.GOLD)
    everything = services.store.annotations()
    assert roles.readable(services, everything, "ada") == []
    team.finish(services, next(m.assignment_id for m in made if m.annotator_id == "ada"), by="ada")
    assert roles.readable(services, everything, "ada") == everything


def test_open_work_hides_nothing(services, documents):
    share(services, documents[:1], conditions=OPEN_WORK)
    label(services, documents[0], "bo")
    assert len(roles.readable(services, services.store.annotations(), "ada")) == 1


# ---- assignments


def test_people_who_are_assigned_something_are_on_the_team(services, documents):
    share(services, documents, people=("ada", "olena"))
    assert given_roles(services) == {"ada": Role.ANNOTATOR, "olena": Role.ADMIN}


def test_doing_it_twice_changes_nothing_and_more_adds(services, documents):
    first = share(services, documents[:2])
    assert len(first.new) == 4
    assert share(services, documents[:2]).new == ()
    more = share(services, documents, people=("ada", "bo", "cy"))
    assert {one.document_id for one in more.new} == {documents[2]}
    assert "cy" in {one.annotator_id for one in more.new}
    assert services.store.assignments(document_ids=documents[:2]) == sorted(
        first.new, key=lambda one: (one.annotator_id, one.position)
    )


def test_too_few_people_are_told(services, documents):
    share(services, documents[:1], people=("ada",), k=1)
    team.skip(services, services.store.assignments()[0].assignment_id, "a duplicate", by="ada")
    assert share(services, documents[:1], people=("ada",), k=1).short == {documents[0]: 1}


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"k": 0}, DomainError, "at least one"),
        ({"k": 3}, DomainError, "2 people"),
        ({"people": ("ada", " ")}, DomainError, "who you are"),
        ({"by": ""}, DomainError, "who you are"),
        ({"codebook_ids": []}, CodebookError, "none was named"),
        ({"codebook_ids": ["stance"]}, CodebookError, "'stance'"),
        ({"codebook_ids": ["nonesuch"]}, CodebookError, "'nonesuch'"),
        ({"documents": ["nonesuch"]}, StoreError, "'nonesuch'"),
    ],
)
def test_what_cannot_be_assigned_says_why(services, documents, change, error, said):
    with pytest.raises(error, match=said):
        share(services, **{"documents": documents, **change})
    assert services.store.assignments() == []
    assert services.store.annotators() == []


# ---- the queue


def test_a_queue_runs_down(services, documents):
    share(services, documents)
    seen = []
    while (item := team.next_item(services, "ada")) is not None:
        seen.append(item.document_id)
        if len(seen) == 2:
            team.skip(services, item.assignment_id, " unreadable ", by="ada")
        else:
            team.finish(services, item.assignment_id, by="ada")
    assert seen == [one.document_id for one in team.queue(services, "ada")]
    assert sorted(seen) == documents
    first, second, third = team.queue(services, "ada")
    assert (first.state, second.state, third.state) == ("done", "skipped", "done")
    assert (second.reason, first.text_sha256) == (
        "unreadable",
        services.store.document(first.document_id).sha256,
    )
    team.reopen(services, second.assignment_id, by="ada")
    assert team.next_item(services, "ada").assignment_id == second.assignment_id
    assert len(team.queue(services, "bo")) == 3
    assert team.next_item(services, "nobody") is None


def test_only_ones_own_items_can_be_worked_on(services, documents):
    share(services, documents)
    roles.give_role(services, "ivan", Role.ADJUDICATOR, by="olena")
    item = team.next_item(services, "ada").assignment_id
    for name in ("bo", "ivan", "olena"):
        with pytest.raises(NotAllowedError, match="'ada'"):
            team.finish(services, item, by=name)
        with pytest.raises(NotAllowedError):
            team.visit(services, item, VisitKind.OPENED, by=name)
    for name in ("bo", "ivan"):
        with pytest.raises(NotAllowedError):
            team.skip(services, item, "no", by=name)
    team.skip(services, item, "out of scope", by="olena")
    with pytest.raises(NotAllowedError):
        team.reopen(services, item, by="bo")
    team.reopen(services, item, by="ivan")
    team.finish(services, item, by="ada")
    with pytest.raises(StoreError, match="reopened"):
        team.skip(services, item, "too late", by="ada")


def test_what_was_adjudicated_is_opened_again_by_adjudicators_only(services, documents):
    share(services, documents)
    roles.give_role(services, "ivan", Role.ADJUDICATOR, by="olena")
    item = team.next_item(services, "ada")
    team.finish(services, item.assignment_id, by="ada")
    label(services, item.document_id, "ivan", layer=Layer.GOLD)
    with pytest.raises(NotAllowedError, match="adjudicated"):
        team.reopen(services, item.assignment_id, by="ada")
    assert team.reopen(services, item.assignment_id, by="ivan").state is AssignmentState.OPEN


def test_skipping_needs_a_reason(services, documents):
    share(services, documents)
    item = team.next_item(services, "ada")
    with pytest.raises(DomainError, match="why"):
        team.skip(services, item.assignment_id, "  ", by="ada")
    assert services.store.assignment(item.assignment_id).state is AssignmentState.OPEN


def test_documents_that_were_taken_out_leave_the_queue(services, documents):
    share(services, documents)
    gone = team.next_item(services, "ada").document_id
    pipeline.delete_documents(services, [gone])
    assert gone not in {one.document_id for one in team.queue(services, "ada")}


def test_a_required_codebook_is_answered_before_an_item_is_done(services, documents):
    services.codebooks["wording"] = replace(services.codebooks["wording"], required=True)
    share(services, documents)
    item = team.next_item(services, "ada")
    label(services, item.document_id, "bo")
    assert [book.codebook_id for book in team.unfinished_required(services, item)] == ["wording"]
    with pytest.raises(DomainError, match="still needs"):
        team.finish(services, item.assignment_id, by="ada")
    label(services, item.document_id, "ada")
    assert team.unfinished_required(services, item) == []
    assert team.finish(services, item.assignment_id, by="ada").state is AssignmentState.DONE


# ---- progress


def test_progress_counts_and_times(services, documents, monkeypatch):
    clock = iter(range(10_000))
    monkeypatch.setattr(team, "now", lambda: WHEN + timedelta(seconds=10 * next(clock)))
    share(services, documents)
    first, second, third = team.queue(services, "ada")
    for item in (first, second):
        team.visit(services, item.assignment_id, VisitKind.OPENED, by="ada")
        team.finish(services, item.assignment_id, by="ada")
    team.skip(services, third.assignment_id, "a table only", by="ada")
    ada, bo, olena, everybody = team.progress(services)
    assert (ada.assigned, ada.done, ada.skipped, ada.open, ada.median_s) == (3, 2, 1, 0, 10.0)
    assert (bo.assigned, bo.done, bo.open, bo.median_s) == (3, 0, 3, None)
    assert (olena.role, olena.assigned) == (Role.ADMIN, 0)
    assert (everybody.annotator_id, everybody.assigned, everybody.done) == ("", 6, 2)


# ---- comments


def test_comments_in_blind_work_stay_between_annotator_and_adjudicator(services, documents):
    share(services, documents[:1])
    roles.give_role(services, "ivan", Role.ADJUDICATOR, by="olena")

    def write(by, text, to=""):
        return comments.comment(services, document_id=documents[0], text=text, by=by, to=to)

    asked = write("ada", "Is this a quote?")
    write("ivan", "Yes, mark it.", to="ada")
    write("ivan", "Headlines count, too.")
    write("bo", "What about captions?")

    def read(name):
        return [one.text for one in comments.comments(services, documents[0], by=name)]

    assert read("ada") == ["Is this a quote?", "Yes, mark it.", "Headlines count, too."]
    assert read("bo") == ["Headlines count, too.", "What about captions?"]
    assert len(read("ivan")) == 4
    with pytest.raises(NotAllowedError):
        comments.resolve(services, asked, by="bo")
    assert comments.resolve(services, asked, by="ivan").resolved_by == "ivan"
    assert comments.reopen_comment(services, asked, by="ada").resolved_at is None
    with pytest.raises(NotAllowedError):
        comments.withdraw_comment(services, asked, by="ivan")
    comments.withdraw_comment(services, asked, by="ada")
    assert "Is this a quote?" not in read("ivan")
    with pytest.raises(NotAllowedError, match="not on the team"):
        write("stranger", "Hello")
    with pytest.raises(DomainError):
        write("ada", "  ")


# ---- agreement


def test_agreement_knows_from_finished_assignments_who_found_nothing(services, documents):
    made = share(services, documents).new
    label(services, documents[0], "ada")
    label(services, documents[0], "bo")
    label(services, documents[1], "ada")

    def shared_documents():
        report = agreement.measure_agreement(services, codebook="wording", level=Level.SPAN)
        return report.agreements[0].shared_documents, report.coverage

    assert shared_documents() == (1, agreement.FROM_LABELS)
    before = agreement.labels_digest(services)
    for one in made:
        if one.document_id == documents[1]:
            team.finish(services, one.assignment_id, by=one.annotator_id)
    assert agreement.labels_digest(services) != before
    assert shared_documents() == (2, agreement.FROM_ASSIGNMENTS)
    covered = agreement.coverage_from_assignments(services)
    assert {(c.annotator_id, c.document_id, c.level) for c in covered} == {
        (name, documents[1], level) for name in ("ada", "bo") for level in (Level.SPAN, Level.DOCUMENT)
    }
    assert {c.text_sha256 for c in covered} == {services.store.document(documents[1]).sha256}


def test_labels_on_what_was_never_assigned_still_say_who_looked(services, documents):
    made = share(services, documents[:1], people=("ada",), k=1).new
    annotation_id = label(services, documents[2], "bo")
    services.store.commit_ops(
        [
            AnnotationOp(
                op_id="w",
                kind=OpKind.WITHDRAW,
                annotation_id=annotation_id,
                document_id=documents[2],
                annotator_id="bo",
                created_at=WHEN,
            )
        ]
    )
    assert agreement.coverage_from_assignments(services) is None
    team.finish(services, made[0].assignment_id, by="ada")
    covered = agreement.coverage_from_assignments(services)
    assert {(c.annotator_id, c.document_id) for c in covered} == {("ada", documents[0]), ("bo", documents[2])}
    assert services.store.annotations() == []
