"""Sharing out documents, and telling work from absence: fair, repeatable, and never undoing what was."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import WHEN
from hypothesis import given
from hypothesis import strategies as st

from verifier.domain import Assignment, AssignmentChange, AssignmentState, Visit, VisitKind
from verifier.workload import IDLE_S, active_seconds, share_out, time_spent

DOCUMENTS = st.integers(1, 25).map(lambda n: [f"d{i}" for i in range(n)])
PEOPLE = st.integers(1, 7).map(lambda n: [f"p{i}" for i in range(n)])
SEEDS = st.integers(0, 2**31)


def assignment(annotator, document, number=0, state=AssignmentState.OPEN):
    return Assignment(
        assignment_id=f"{annotator}-{document}",
        document_id=document,
        annotator_id=annotator,
        codebook_ids=("wording",),
        position=number,
        seed=0,
        assigned_by="x",
        created_at=WHEN,
        changed_at=WHEN,
        state=state,
    )


def shared(documents, people, k, seed, present=()):
    """Share out and return all assignments there are afterwards."""
    shares = share_out(documents, people, k, seed=seed, present=present)
    new = [assignment(who, what, number) for number, (what, who) in enumerate(shares.pairs)]
    return [*present, *new], shares


def loads(assignments, people):
    counted = Counter(one.annotator_id for one in assignments)
    return [counted[name] for name in people]


def spread(assignments, people):
    found = loads(assignments, people)
    return max(found) - min(found)


@given(documents=DOCUMENTS, people=PEOPLE, seed=SEEDS, data=st.data())
def test_everything_goes_to_k_people_fairly_and_the_same_way_each_time(documents, people, seed, data):
    k = data.draw(st.integers(1, len(people)))
    made, shares = shared(documents, people, k, seed)
    assert Counter(one.document_id for one in made) == dict.fromkeys(documents, k)
    assert len({(one.document_id, one.annotator_id) for one in made}) == len(made)
    assert spread(made, people) <= 1
    assert shares.short == {}
    shuffled = share_out(
        data.draw(st.permutations(documents)), data.draw(st.permutations(people)), k, seed=seed, present=[]
    )
    assert shuffled.pairs == shares.pairs
    assert share_out(documents, people, k, seed=seed, present=made).pairs == ()


@given(documents=DOCUMENTS, later=DOCUMENTS, people=PEOPLE, seed=SEEDS, other=SEEDS, data=st.data())
def test_what_comes_later_leaves_what_was_and_stays_fair(documents, later, people, seed, other, data):
    k = data.draw(st.integers(1, len(people)))
    before, _ = shared(documents, people, k, seed)
    more = [f"later-{name}" for name in later]
    after, shares = shared([*documents, *more], people, k, other, before)
    assert {document for document, _ in shares.pairs} == set(more)
    assert Counter(one.document_id for one in after) == dict.fromkeys([*documents, *more], k)
    assert spread(after, people) <= 1


@given(documents=DOCUMENTS, people=PEOPLE, seed=SEEDS, data=st.data())
def test_new_people_get_only_what_is_new_to_them(documents, people, seed, data):
    k = data.draw(st.integers(1, len(people)))
    before, _ = shared(documents, people, k, seed)
    everybody = [*people, "new-1", "new-2"]
    same, _ = shared(documents, everybody, k, seed, before)
    assert same == before, "each document has its people already"
    after, shares = shared(documents, everybody, k + 1, seed, before)
    assert Counter(one.document_id for one in after) == dict.fromkeys(documents, k + 1)
    assert len({(one.document_id, one.annotator_id) for one in after}) == len(after)
    assert shares.short == {}


@given(documents=DOCUMENTS, people=PEOPLE, seed=SEEDS, data=st.data())
def test_what_was_skipped_goes_to_somebody_else(documents, people, seed, data):
    k = data.draw(st.integers(1, len(people)))
    before, _ = shared(documents, people, k, seed)
    number = data.draw(st.integers(0, len(before) - 1))
    before[number] = replace(before[number], state=AssignmentState.SKIPPED)
    _, shares = shared(documents, people, k, seed, before)
    if k == len(people):
        assert (shares.pairs, shares.short) == ((), {before[number].document_id: 1})
    else:
        ((document, who),) = shares.pairs
        assert document == before[number].document_id
        assert who not in {one.annotator_id for one in before if one.document_id == document}


def test_another_seed_shares_otherwise():
    documents, people = [f"d{i}" for i in range(20)], ["a", "b", "c"]
    drawn = {share_out(documents, people, 2, seed=seed, present=[]).pairs for seed in range(5)}
    assert len(drawn) == 5


def test_people_go_through_the_documents_in_orders_of_their_own():
    _, shares = shared([f"d{i}" for i in range(12)], ["a", "b"], 2, 0)
    orders = {who: [d for d, other in shares.pairs if other == who] for who in ("a", "b")}
    assert set(orders["a"]) == set(orders["b"])
    assert orders["a"] != orders["b"]


# ---- time


def at(seconds):
    return WHEN + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("signs", "expected"), [([], 0), ([5], 0), ([0, 60], 60), ([60, 0, 30], 60), ([0, 1e6], IDLE_S)]
)
def test_an_absence_counts_as_far_as_one_may_have_read(signs, expected):
    assert active_seconds([at(s) for s in signs]) == expected


@given(st.lists(st.integers(0, 10**6), max_size=20), st.integers(1, 1000))
def test_time_at_work_is_no_longer_than_the_time_that_passed(signs, idle):
    spent = active_seconds([at(s) for s in signs], idle_s=idle)
    assert 0 <= spent <= (max(signs) - min(signs) if signs else 0)
    assert spent <= idle * max(0, len(signs) - 1)


def visit(seconds, assignment_id, kind=VisitKind.OPENED):
    return Visit(
        visit_id=f"{assignment_id}{seconds}", assignment_id=assignment_id, kind=kind, created_at=at(seconds)
    )


def done(seconds, assignment_id):
    return AssignmentChange(
        change_id=f"{assignment_id}{seconds}",
        assignment_id=assignment_id,
        state=AssignmentState.DONE,
        changed_by="a",
        created_at=at(seconds),
    )


def spent(visits, changes=(), labelling=None):
    assignments = [assignment("a", "d1"), assignment("a", "d2"), assignment("b", "d1")]
    return time_spent(assignments, visits=visits, changes=changes, labelling=labelling or {})


def test_an_item_is_worked_on_from_opened_to_done():
    found = spent(
        [visit(0, "a-d1"), visit(100, "a-d2"), visit(10, "b-d1")], [done(100, "a-d1"), done(130, "a-d2")]
    )
    assert found == {"a-d1": 100, "a-d2": 30, "b-d1": 0}


def test_leaving_or_opening_another_ends_a_stretch_and_stretches_add_up():
    visits = [visit(0, "a-d1"), visit(40, "a-d1", VisitKind.LEFT), visit(1000, "a-d1"), visit(1020, "a-d2")]
    assert spent(visits) == {"a-d1": 60, "a-d2": 0}


def test_labels_are_signs_of_life_and_a_closed_tab_ends_with_the_last():
    labelling = {("a", "d1"): [at(-50), at(250), at(500), at(510)], ("b", "d1"): [at(9)]}
    assert spent([visit(0, "a-d1")], labelling=labelling) == {"a-d1": 510}
    long = spent([visit(0, "a-d1")], [done(5000, "a-d1")], labelling)
    assert long == {"a-d1": 510 + IDLE_S}


def test_labels_from_elsewhere_count_for_nothing():
    assert spent([], labelling={("a", "d1"): [at(0), at(60)]}) == {}
