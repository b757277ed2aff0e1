"""What there is to decide, in any order and for any labels: each label in one decision, nothing lost."""

from __future__ import annotations

from itertools import combinations

import pytest
from agreement_records import given as said
from hypothesis import given
from hypothesis import strategies as st

from verifier.agreement.adjudication import Accord, decisions, intersection, place_of, union
from verifier.domain import Layer, Level
from verifier.errors import DomainError

PEOPLE = ("ada", "boris", "chen")
PLACES = st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda pair: (pair[0], sum(pair)))
LABELS = st.lists(
    st.builds(
        lambda who, label, place: said(who, "d1", label, place),
        st.sampled_from(PEOPLE),
        st.sampled_from(("loaded", "soft", "vague")),
        PLACES,
    ),
    max_size=14,
)


def overlap(one, other):
    return max(place_of(one)[0], place_of(other)[0]) < min(place_of(one)[1], place_of(other)[1])


@given(LABELS, st.sets(st.sampled_from((*PEOPLE, "dana"))))
def test_every_label_is_in_exactly_one_decision(labels, went_through):
    found = decisions(labels, went_through)
    held = [one.annotation_id for decision in found for one in decision.annotations]
    assert sorted(held) == sorted(one.annotation_id for one in labels)


@given(LABELS, st.randoms(use_true_random=False), st.sets(st.sampled_from(PEOPLE)))
def test_the_order_of_labels_does_not_matter(labels, random, went_through):
    shuffled = list(labels)
    random.shuffle(shuffled)
    assert decisions(shuffled, went_through) == decisions(labels, went_through)


@given(LABELS)
def test_what_shares_words_is_decided_together_unless_everybody_agrees(labels):
    found = decisions(labels)
    where = {one.annotation_id: decision for decision in found for one in decision.annotations}
    for one, other in combinations(labels, 2):
        mine, theirs = where[one.annotation_id], where[other.annotation_id]
        if overlap(one, other) and Accord.AGREED not in {mine.accord, theirs.accord}:
            assert mine == theirs


@given(LABELS)
def test_nothing_is_decided_together_without_a_reason(labels):
    for decision in decisions(labels):
        reached = {decision.readings[0].place}
        for _ in decision.readings:
            reached |= {
                r.place
                for r in decision.readings
                for place in reached
                if r.place == place or max(place[0], r.place[0]) < min(place[1], r.place[1])
            }
        assert reached == {r.place for r in decision.readings}


@given(LABELS, st.sets(st.sampled_from((*PEOPLE, "dana"))))
def test_agreed_is_what_everybody_says_alike(labels, went_through):
    people = went_through | {one.annotator_id for one in labels}
    for decision in decisions(labels, went_through):
        unanimous = len(decision.readings) == 1 and set(decision.annotators) == people and len(people) > 1
        assert (decision.accord is Accord.AGREED) == unanimous
        assert set(decision.annotators) | set(decision.silent) == people
        assert not set(decision.annotators) & set(decision.silent)


@given(LABELS)
def test_decisions_come_in_reading_order(labels):
    places = [decision.place for decision in decisions(labels)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("labels", "accord"),
    [
        ([("ada", "soft", (4, 9)), ("boris", "soft", (4, 9))], Accord.AGREED),
        ([("ada", "soft", (4, 9)), ("boris", "soft", (4, 12))], Accord.OTHER_SPAN),
        ([("ada", "soft", (4, 9)), ("boris", "vague", (4, 9))], Accord.OTHER_LABEL),
        ([("ada", "soft", (4, 9)), ("boris", "vague", (20, 22))], Accord.ONE),
    ],
)
def test_two_people_and_what_they_say(labels, accord):
    found = decisions(said(who, "d1", label, place) for who, label, place in labels)
    assert {decision.accord for decision in found} == {accord}


def test_two_who_say_the_same_while_a_third_read_on_are_not_everybody():
    labels = [said(who, "d1", "soft", (4, 9)) for who in ("ada", "boris")]
    (decision,) = decisions(labels, {"chen"})
    assert (decision.accord, decision.silent) == (Accord.SOME, ("chen",))


def test_spans_that_only_touch_are_apart():
    assert len(decisions([said("ada", "d1", "soft", (0, 4)), said("boris", "d1", "soft", (4, 8))])) == 2


def test_an_agreed_word_inside_a_disputed_sentence_is_not_held_up_by_it():
    labels = [said(who, "d1", "loaded", (10, 14)) for who in ("ada", "boris")]
    labels += [said("ada", "d1", "soft", (0, 30)), said("boris", "d1", "soft", (0, 33))]
    assert [(d.accord, len(d.annotations)) for d in decisions(labels)] == [
        (Accord.OTHER_SPAN, 2),
        (Accord.AGREED, 2),
    ]


def test_labels_of_the_document_stand_at_one_place_however_they_are_written():
    labels = [said("ada", "d1", "soft", (0, 0), level=Level.DOCUMENT)]
    labels += [said("boris", "d1", "vague", (0, 40), level=Level.DOCUMENT)]
    (decision,) = decisions(labels)
    assert (decision.accord, decision.place) == (Accord.OTHER_LABEL, (0, 0))


def test_gold_and_suggestions_are_nothing_to_decide_on():
    assert (
        decisions(
            [said("ada", "d1", "soft", (0, 4), layer=layer) for layer in (Layer.GOLD, Layer.SUGGESTION)]
        )
        == ()
    )


def test_labels_of_several_texts_are_refused():
    with pytest.raises(DomainError, match="one text"):
        decisions([said("ada", "d1", "soft", (0, 4)), said("ada", "d2", "soft", (0, 4))])


@given(st.lists(PLACES, min_size=1, max_size=5))
def test_joined_and_shared_words(places):
    joined = {point for place in places for point in range(*place)}
    assert set(range(*union(places))) >= joined
    shared = set.intersection(*(set(range(*place)) for place in places))
    if shared:
        assert set(range(*intersection(places))) == shared
    else:
        with pytest.raises(DomainError, match="no words in common"):
            intersection(places)
