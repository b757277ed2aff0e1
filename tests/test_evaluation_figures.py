"""Figures of quality, against worked examples and other libraries."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sklearn.metrics import f1_score, ndcg_score, precision_recall_fscore_support

from verifier import evaluation
from verifier.evaluation import Bootstrap
from verifier.evaluation.figures import (
    CLASSES,
    StanceOutcome,
    confusion,
    ranks_of,
    reliability,
    retrieval_figures,
    stance_figures,
)
from verifier.evaluation.measure import retrieval_measurements

FEW = Bootstrap(resamples=50)
SUPPORTS, REFUTES, NEUTRAL = range(3)


def outcome(gold, probabilities, clusters=None):
    """Make an outcome whose answers are the most probable classes; a label may be a set of classes."""
    allowed = np.zeros((len(gold), 3), dtype=bool)
    for row, label in enumerate(gold):
        allowed[row, list(label) if isinstance(label, (set, frozenset)) else [label]] = True
    rows = np.array(probabilities, dtype=float).reshape(len(gold), 3)
    return StanceOutcome(
        allowed=allowed,
        said=rows.argmax(axis=1),
        probabilities=rows,
        clusters=tuple(clusters or range(len(gold))),
    )


def values(figures):
    return {figure.name: figure.value for figure in figures}


def one_hot(said):
    return np.eye(3)[said]


# ---- figures ---------------------------------------------------------------------------------------------------------


@trying(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40))
def test_class_figures_are_those_of_scikit_learn(pairs):
    gold, said = map(list, zip(*pairs, strict=True))
    found = values(stance_figures(outcome(gold, one_hot(said)), Bootstrap(resamples=2)))
    present = sorted(set(gold))
    theirs = f1_score(gold, said, labels=present, average="macro", zero_division=0)
    assert found["macro-F1"] == pytest.approx(theirs)
    precision, recall, f1, _ = precision_recall_fscore_support(
        gold, said, labels=[0, 1, 2], zero_division=np.nan
    )
    for number, name in enumerate(CLASSES):
        for kind, column in (("precision", precision), ("recall", recall), ("F1", f1)):
            if number in present and not math.isnan(column[number]):
                assert found[f"{name} {kind}"] == pytest.approx(column[number])


def test_a_class_that_nobody_labelled_has_no_recall_and_says_why():
    figures = {f.name: f for f in stance_figures(outcome([SUPPORTS, REFUTES], one_hot([0, 0])), FEW)}
    assert figures["neutral recall"].value is None
    assert figures["neutral recall"].reason == "no pair is labelled neutral"
    assert figures["refutes precision"].reason == "nothing was called refutes"
    assert figures["macro-F1"].value == pytest.approx((2 / 3 + 0) / 2)


def test_neutral_is_wrong_on_two_classes_and_left_out_of_the_two_way_figure():
    found = values(stance_figures(outcome([SUPPORTS, REFUTES], [[0.3, 0.2, 0.5], [0.1, 0.6, 0.3]]), FEW))
    assert (found["accuracy"], found["two-way accuracy"]) == (0.5, 1.0)


def test_not_entailment_is_right_for_neutral_and_for_refutes():
    either = frozenset({REFUTES, NEUTRAL})
    mixed = outcome([either, either, either, SUPPORTS], one_hot([REFUTES, NEUTRAL, SUPPORTS, SUPPORTS]))
    figures = {f.name: f for f in stance_figures(mixed, FEW)}
    assert figures["accuracy"].value == figures["supports or not"].value == 0.75
    assert figures["macro-F1"].n == 1, "classes are told on rows with one right class only"
    assert confusion(mixed).sum() == 1


def test_calibration_error_and_brier_of_a_worked_example():
    # Two pairs at 0.9 of which one is right, two at 0.6 that are both right: gaps 0.4 and 0.4, each half of the pairs.
    rows = [[0.9, 0.1, 0.0], [0.9, 0.1, 0.0], [0.2, 0.6, 0.2], [0.2, 0.6, 0.2]]
    gold = [SUPPORTS, REFUTES, REFUTES, REFUTES]
    found = values(stance_figures(outcome(gold, rows), FEW))
    assert found["ECE"] == pytest.approx(0.5 * 0.4 + 0.5 * 0.4)
    brier = [0.1**2 + 0.1**2, 0.9**2 + 0.9**2, 0.4**2 + 2 * 0.2**2, 0.4**2 + 2 * 0.2**2]
    assert found["Brier"] == pytest.approx(sum(brier) / 4)
    bins = reliability(np.array(rows), np.array(gold))
    assert [(b.n, b.accuracy) for b in bins] == [(2, 1.0), (2, 0.5)]
    assert all(b.low < b.confidence <= b.high + 1e-9 for b in bins)


def test_ranks_count_hits_and_know_folded_copies():
    hits = [frozenset({"a"}), frozenset({"b", "copy of b"}), frozenset({"c"})]
    wanted = [frozenset({"copy of b"}), frozenset({"c"}), frozenset({"nowhere"})]
    assert ranks_of(hits, wanted) == [2, 3, None]


def test_retrieval_figures_of_a_worked_example():
    found = values(retrieval_figures([[1, 12], [None], [3], []], ["a", "b", "c", "d"], FEW))
    assert found["recall@1"] == pytest.approx((0.5 + 0 + 0) / 3), "a claim without evidence is left out"
    assert found["recall@10"] == pytest.approx((0.5 + 0 + 1) / 3)
    assert found["MRR"] == pytest.approx((1 + 0 + 1 / 3) / 3)
    ideal = 1 + 1 / math.log2(3)
    assert found["nDCG@10"] == pytest.approx((1 / ideal + 0 + 1 / math.log2(4)) / 3)


@trying(max_examples=30, deadline=None)
@given(st.sets(st.integers(1, 30), min_size=1, max_size=6))
def test_ndcg_is_that_of_scikit_learn(ranks):
    relevance = np.array([[1.0 if rank in ranks else 0.0 for rank in range(1, 31)]])
    theirs = ndcg_score(relevance, -np.arange(30)[None, :], k=10)
    assert values(retrieval_figures([sorted(ranks)], ["a"], FEW))["nDCG@10"] == pytest.approx(theirs)


def test_two_statements_folded_into_one_hit_are_a_perfect_ranking():
    assert values(retrieval_figures([[1, 1]], ["a"], FEW))["nDCG@10"] == 1


def test_the_interval_is_that_of_the_binomial_where_rows_are_independent():
    right = [1] * 70 + [0] * 30
    (figure, *_) = stance_figures(outcome([SUPPORTS] * 100, one_hot([1 - r for r in right])), Bootstrap())
    # 0.7 ± 1.96 * sqrt(0.7 * 0.3 / 100)
    assert (figure.value, figure.clusters) == (0.7, 100)
    assert figure.low == pytest.approx(0.61, abs=0.02)
    assert figure.high == pytest.approx(0.79, abs=0.02)


def test_rows_of_one_claim_are_drawn_together():
    gold, said = [SUPPORTS] * 100, [SUPPORTS] * 50 + [REFUTES] * 50
    alone = stance_figures(outcome(gold, one_hot(said)), FEW)[0]
    by_claim = stance_figures(outcome(gold, one_hot(said), [row // 25 for row in range(100)]), FEW)[0]
    assert by_claim.high - by_claim.low > 2 * (alone.high - alone.low)
    (single, *_) = stance_figures(outcome(gold, one_hot(said), ["one"] * 100), FEW)
    assert (single.low, single.reason) == (None, "one claim or document cannot be resampled")


def test_the_same_seed_draws_the_same_interval():
    made = outcome([0, 1, 2] * 20, np.random.default_rng(3).dirichlet([1, 1, 1], 60))
    assert stance_figures(made, Bootstrap(seed=1)) == stance_figures(made, Bootstrap(seed=1))
    assert stance_figures(made, Bootstrap(seed=1)) != stance_figures(made, Bootstrap(seed=2))


# ---- languages -------------------------------------------------------------------------------------------------------


def test_evidence_in_another_language_is_no_mistake_within_a_pair_of_languages():
    relevant = (
        evaluation.Relevant(same=frozenset({"u"}), language="uk"),
        evaluation.Relevant(same=frozenset({"e"}), language="en"),
    )
    query = evaluation.Query(query_id="q", text="?", language="en", relevant=relevant)
    hits = [frozenset({"u"}), frozenset({"other"}), frozenset({"e"})]
    measured = retrieval_measurements("set", "system", [query], lambda _: hits, bootstrap=FEW)
    mrr = {m.languages: values(m.figures)["MRR"] for m in measured}
    assert mrr["en<uk"] == 1
    assert mrr["en<en"] == 0.5, "only 'other' stands before it"
    assert mrr["all"] == 1


def test_claims_that_nothing_is_said_about_measure_abstention():
    unrelated = evaluation.Query(query_id="u", text="?", language="en")
    known = evaluation.Query(
        query_id="k",
        text="!",
        language="en",
        relevant=(evaluation.Relevant(same=frozenset({"e"}), language="en"),),
    )
    measured = retrieval_measurements(
        "set",
        "system",
        [unrelated, known],
        lambda q: [] if q is unrelated else [frozenset({"e"})],
        bootstrap=FEW,
    )
    found = values(measured[0].figures)
    assert found["nothing found, unrelated claims"] == 1
    assert found["nothing found, claims with evidence"] == 0
    assert found["recall@1"] == 1
