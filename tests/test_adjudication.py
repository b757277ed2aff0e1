"""Adjudication through its workflows: gold comes of decisions, labels of annotators never change, and everything can be settled anew."""

from __future__ import annotations

import csv
import io
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from verifier import codebooks, pipeline
from verifier.agreement.adjudication import Accord, intersection, union
from verifier.domain import Layer, Level, Outcome, Role, Span, in_force
from verifier.errors import CodebookError, DomainError, NotAllowedError, StoreError
from verifier.pipeline import adjudication, roles, team
from verifier.pipeline.adjudication import DifferenceKind, Gold
from verifier.pipeline.dockets import docket, dockets

TEXT = "The so-called liberators 👩‍🚀 left the port.\n\nМоряки мовчать про втрати у війні."
_CODEBOOKS = cache(codebooks.load_codebooks)


@pytest.fixture(autouse=True)
def _read_once(monkeypatch):
    """Read the codebooks once for all tests, and no lexicon: that takes longer than what is tested."""
    monkeypatch.setattr(codebooks, "load_codebooks", lambda: dict(_CODEBOOKS()))
    monkeypatch.setattr(codebooks, "load_lexicons", dict)


@pytest.fixture
def document(services, tmp_path):
    (tmp_path / "port.txt").write_text(TEXT, encoding="utf-8", newline="")
    pipeline.ingest(services, [tmp_path / "port.txt"])
    (stored,) = services.store.documents()
    return stored


@pytest.fixture
def say(services, document):
    """Have somebody label some words, or the whole document; returns the label's id."""

    def label(who, words="", label_id="euphemism", **more):
        start = document.text.index(words)
        return pipeline.label(
            services,
            document_id=document.document_id,
            codebook_id=more.pop("codebook_id", "wording"),
            label_id=label_id,
            annotator_id=who,
            level=Level.SPAN if words else Level.DOCUMENT,
            span=Span.of(document.text, start, start + len(words)) if words else None,
            **more,
        )

    return label


@pytest.fixture
def disputed(services, document, say):
    """Ada and Boris agree on one label, differ in the words of another, and Boris alone gives a third."""
    for who in ("ada", "boris"):
        say(who, "Моряки")
    say("ada", "so-called")
    say("boris", "so-called liberators", intensity=2)
    say("boris", "втрати", "loaded-word")
    return lambda: docket(services, document.document_id, "wording", Level.SPAN, by="olena")


def golds(services):
    return sorted((g.span.quote, g.label) for g in services.store.annotations(layer=Layer.GOLD))


def texts(one):
    return [(case.decision.accord, case.open) for case in one.cases]


def test_a_docket_says_what_is_to_be_decided_in_reading_order(disputed):
    one = disputed()
    assert texts(one) == [(Accord.OTHER_SPAN, True), (Accord.AGREED, True), (Accord.ONE, True)]
    assert (one.open, len(one.agreed), one.people) == (3, 1, ("ada", "boris"))


def test_what_all_agree_on_becomes_gold_at_once_and_only_once(services, disputed):
    done = adjudication.accept_agreed(services, by="olena")
    assert (done.decisions, done.documents, done.refused) == (1, 1, ())
    assert golds(services) == [("Моряки", "euphemism")]
    assert adjudication.accept_agreed(services, by="olena").decisions == 0
    assert disputed().open == 2


def test_keeping_makes_gold_of_one_reading_and_touches_no_label(services, disputed):
    before = services.store.annotations(layer=Layer.ANNOTATOR)
    case = disputed().cases[0]
    made = adjudication.keep(services, case, case.decision.readings[1:], by="olena", note="the whole phrase")
    (gold,) = services.store.annotations(layer=Layer.GOLD)
    assert (gold.span.quote, gold.annotator_id, gold.note) == (
        "so-called liberators",
        "olena",
        "the whole phrase",
    )
    assert gold.intensity == 2
    assert made.outcome is Outcome.KEPT
    assert {s.annotation_id for s in made.sources} == {a.annotation_id for a in case.decision.annotations}
    assert services.store.annotations(layer=Layer.ANNOTATOR) == before
    assert services.store.verify_annotations() == []


@pytest.mark.parametrize(("how", "words"), [(union, "so-called liberators"), (intersection, "so-called")])
def test_merging_joins_words_or_keeps_those_in_common(services, disputed, how, words):
    case = disputed().cases[0]
    start, end = how(reading.place for reading in case.decision.readings)
    adjudication.settle(
        services, case, Outcome.MERGED, Gold(start=start, end=end, label="loaded-word"), by="olena"
    )
    assert golds(services) == [(words, "loaded-word")]
    assert disputed().cases[0].resolution.outcome is Outcome.MERGED


def test_several_readings_may_be_kept_where_the_codebook_gives_several(services, document, say):
    say("ada", "so-called", "euphemism")
    say("ada", "so-called", "loaded-word")
    say("boris", "so-called liberators", "loaded-word")
    (case,) = docket(services, document.document_id, "wording", Level.SPAN, by="olena").cases
    adjudication.keep(services, case, case.decision.readings[:2], by="olena")
    assert golds(services) == [("so-called", "euphemism"), ("so-called", "loaded-word")]


def test_two_labels_on_the_same_words_are_refused_where_the_codebook_gives_one(services, document, say):
    from dataclasses import replace

    services.codebooks["wording"] = replace(services.codebooks["wording"], multiple=False)
    say("ada", "so-called", "euphemism")
    say("boris", "so-called", "loaded-word")
    (case,) = docket(services, document.document_id, "wording", Level.SPAN, by="olena").cases
    with pytest.raises(DomainError, match="one label to the same words"):
        adjudication.keep(services, case, case.decision.readings, by="olena")
    assert golds(services) == []


def test_a_rejected_decision_is_on_record_and_no_gold(services, disputed):
    adjudication.reject(services, disputed().cases[2], by="olena", note="a plain word")
    case = disputed().cases[2]
    assert not case.open
    assert (case.resolution.outcome, case.resolution.note) == (Outcome.REJECTED, "a plain word")
    assert golds(services) == []


def test_settling_anew_replaces_gold_and_keeps_its_history(services, disputed):
    first = disputed().cases[0]
    kept = adjudication.keep(services, first, first.decision.readings[:1], by="olena")
    again = disputed().cases[0]
    adjudication.keep(services, again, again.decision.readings[1:], by="petro")
    assert golds(services) == [("so-called liberators", "euphemism")]
    assert [op.annotator_id for op in services.store.ops(kept.gold_ids[0])] == ["olena", "petro"]
    assert len(services.store.resolutions()) == 2
    assert services.store.verify_annotations() == []


def test_reopening_withdraws_the_gold(services, disputed):
    adjudication.accept_agreed(services, by="olena")
    adjudication.reopen(services, disputed().cases[1], by="olena")
    assert golds(services) == []
    assert disputed().cases[1].open
    assert adjudication.reopen(services, disputed().cases[1], by="olena") is None


def test_two_adjudicators_do_not_settle_the_same_twice(services, disputed):
    seen_by_both = disputed().cases[0]
    adjudication.keep(services, seen_by_both, seen_by_both.decision.readings[:1], by="olena")
    with pytest.raises(StoreError, match="'olena' has settled this meanwhile"):
        adjudication.reject(services, seen_by_both, by="petro")
    assert golds(services) == [("so-called", "euphemism")]


def test_a_label_that_comes_later_opens_the_decision_again_and_gold_stands_meanwhile(services, disputed, say):
    adjudication.accept_agreed(services, by="olena")
    say("chen", "Моряки мовчать")
    case = next(c for c in disputed().cases if c.earlier)
    assert (case.open, golds(services)) == (True, [("Моряки", "euphemism")])
    adjudication.reject(services, case, by="olena")
    assert golds(services) == []
    assert not any(c.earlier for c in disputed().cases)


def test_gold_on_words_that_nobody_labelled_can_be_added_and_taken_back(services, disputed):
    at = TEXT.index("мовчать")
    adjudication.add_gold(services, disputed(), Gold(start=at, end=at + 7, label="hedging"), by="olena")
    (loose,) = disputed().loose
    assert loose.span.quote == "мовчать"
    adjudication.withdraw_gold(services, disputed(), loose, by="petro")
    assert disputed().loose == ()
    assert in_force(services.store.resolutions()) == []


def test_imported_gold_settles_the_decision_that_it_answers(services, document, disputed):
    pipeline.label(
        services,
        document_id=document.document_id,
        codebook_id="wording",
        label_id="euphemism",
        annotator_id="elsewhere",
        level=Level.SPAN,
        span=Span.of(document.text, TEXT.index("Моряки"), TEXT.index("Моряки") + 6),
        layer=Layer.GOLD,
    )
    assert [case.open for case in disputed().cases] == [True, False, True]
    assert adjudication.accept_agreed(services, by="olena").decisions == 0
    adjudication.reject(services, disputed().cases[1], by="olena")
    assert golds(services) == []


def test_labels_on_the_whole_document_are_decided_on_too(services, document, say):
    say("ada", label_id="relay", codebook_id="provenance")
    say("boris", label_id="origin", codebook_id="provenance")
    (one,) = dockets(services, by="olena", codebook_id="provenance")
    (case,) = one.cases
    adjudication.settle(services, case, Outcome.NEW, Gold(start=0, end=0, label="rewritten"), by="olena")
    assert golds(services) == [("", "rewritten")]


def test_what_does_not_fit_is_refused_with_a_reason(services, disputed):
    case = disputed().cases[0]
    with pytest.raises(DomainError, match="Choose what to keep"):
        adjudication.keep(services, case, [], by="olena")
    with pytest.raises(DomainError, match="makes gold"):
        adjudication.settle(services, case, Outcome.NEW, by="olena")
    with pytest.raises(DomainError, match="has no label"):
        adjudication.settle(services, case, Outcome.NEW, Gold(start=4, end=9, label="nonsense"), by="olena")
    with pytest.raises(DomainError, match="within a text"):
        adjudication.settle(
            services, case, Outcome.NEW, Gold(start=4, end=999, label="euphemism"), by="olena"
        )
    with pytest.raises(CodebookError, match="There is no codebook"):
        dockets(services, by="olena", codebook_id="nonsense")
    assert services.store.resolutions() == []


# ---- a team


def test_only_adjudicators_and_admins_adjudicate(services, document, disputed):
    case = disputed().cases[0]
    roles.give_role(services, "ada", Role.ANNOTATOR, by="root")
    roles.give_role(services, "olena", Role.ADJUDICATOR, by="root")
    for act in (
        lambda: dockets(services, by="ada"),
        lambda: adjudication.reject(services, case, by="ada"),
        lambda: adjudication.accept_agreed(services, by="stranger"),
    ):
        with pytest.raises(NotAllowedError, match="may adjudicate"):
            act()
    adjudication.reject(services, case, by="olena")


@pytest.fixture
def assigned(services, document, say):
    """Three people are to label the document apart; Ada and Boris say the same, Chen nothing; all are still at work."""
    shared = team.assign(
        services,
        document_ids=[document.document_id],
        annotator_ids=["ada", "boris", "chen"],
        k=3,
        codebook_ids=["wording"],
        by="olena",
    )
    for who in ("ada", "boris"):
        say(who, "Моряки")
    return {one.annotator_id: one.assignment_id for one in shared.new}


def test_who_read_and_labelled_nothing_does_not_agree(services, document, assigned):
    team.finish(services, assigned["chen"], by="chen")
    one = docket(services, document.document_id, "wording", Level.SPAN, by="olena")
    assert (one.cases[0].decision.accord, one.cases[0].decision.silent) == (Accord.SOME, ("chen",))
    assert one.at_work == ("ada", "boris")


def test_agreement_is_not_accepted_while_somebody_is_still_at_work(services, assigned):
    assert adjudication.accept_agreed(services, by="olena").waiting == 1
    team.skip(services, assigned["chen"], "cannot read it", by="chen")
    for who in ("ada", "boris"):
        team.finish(services, assigned[who], by=who)
    done = adjudication.accept_agreed(services, by="olena")
    assert (done.decisions, done.waiting) == (1, 0)


def test_gold_is_told_to_annotators_who_have_finished_only(services, document, assigned):
    adjudication.reject(
        services,
        docket(services, document.document_id, "wording", Level.SPAN, by="olena").cases[0],
        by="olena",
    )
    assert adjudication.differences(services, document.document_id, "ada") == []
    team.finish(services, assigned["ada"], by="ada")
    (one,) = adjudication.differences(services, document.document_id, "ada")
    assert one.kind is DifferenceKind.NOT_GOLD


# ---- what annotators are told


def test_annotators_see_where_gold_differs_and_why(services, document, disputed):
    first, agreed, last = disputed().cases
    adjudication.keep(services, first, first.decision.readings[1:], by="olena", note="name the group")
    adjudication.keep(services, agreed, agreed.decision.readings, by="olena")
    adjudication.keep(services, last, last.decision.readings, by="olena", note="seen rightly")
    adas = adjudication.differences(services, document.document_id, "ada")
    assert [(d.kind, d.note, d.decided_by) for d in adas] == [
        (DifferenceKind.OTHER_SPAN, "name the group", "olena"),
        (DifferenceKind.MISSED, "seen rightly", "olena"),
    ]
    assert adjudication.differences(services, document.document_id, "boris") == []
    assert adjudication.differences(services, document.document_id, "stranger") == []
    assert adjudication.documents_with_gold(services) == [document.document_id]


def test_another_label_is_another_difference_than_rejection(services, document, disputed):
    first = disputed().cases[0]
    gold = Gold(start=4, end=13, label="loaded-word")
    adjudication.settle(services, first, Outcome.NEW, gold, by="olena")
    adjudication.reject(services, disputed().cases[2], by="olena")
    assert [d.kind for d in adjudication.differences(services, document.document_id, "boris")] == [
        DifferenceKind.OTHER_LABEL,
        DifferenceKind.NOT_GOLD,
    ]


def test_the_history_of_a_label_leads_to_its_decisions(services, disputed):
    case = disputed().cases[0]
    made = adjudication.keep(services, case, case.decision.readings[:1], by="olena")
    for annotation_id in (made.gold_ids[0], case.decision.annotations[0].annotation_id):
        assert adjudication.resolutions_of(services, annotation_id) == [made]
    with pytest.raises(StoreError):
        adjudication.resolutions_of(services, "nonsense")


def test_exports_carry_gold_as_a_layer_of_its_own(services, disputed):
    adjudication.accept_agreed(services, by="olena")
    rows = list(csv.DictReader(io.StringIO(pipeline.export(services, "labels", pseudonyms=False))))
    (gold,) = [row for row in rows if row["layer"] == "gold"]
    assert (gold["status"], gold["annotator_id"], gold["quote"]) == ("adjudicated", "olena", "Моряки")
    assert len(rows) == 6


# ---- whatever happens


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["keep", "reject", "reopen", "join"])), max_size=6
    )
)
def test_whatever_is_settled_labels_stay_and_the_log_is_sound(services, disputed, steps):
    before = services.store.annotations(layer=Layer.ANNOTATOR)
    for number, what in steps:
        case = disputed().cases[number]
        if what == "keep":
            adjudication.keep(services, case, case.decision.readings[:1], by="olena")
        elif what == "join":
            start, end = case.decision.place
            gold = Gold(start=start, end=end, label="hedging")
            adjudication.settle(services, case, Outcome.MERGED, gold, by="petro")
        else:
            {"reject": adjudication.reject, "reopen": adjudication.reopen}[what](services, case, by="petro")
    assert services.store.annotations(layer=Layer.ANNOTATOR) == before
    assert services.store.verify_annotations() == []
    standing = {a.annotation_id for a in services.store.annotations(layer=Layer.GOLD)}
    assert standing == {name for one in in_force(services.store.resolutions()) for name in one.gold_ids}
