from __future__ import annotations

import pytest
from factories import evidence
from hypothesis import given
from hypothesis import strategies as st

from verifier.config import VerdictSettings
from verifier.domain import Stance, StanceScores, Verdict
from verifier.verdict import column, decide, explain, with_amounts

RULES = VerdictSettings()
STATEMENTS = st.lists(
    st.builds(
        evidence,
        st.sampled_from(Stance),
        outlet=st.sampled_from(["A", "B", "C", "D"]),
        number=st.integers(0, 99),
    ),
    max_size=12,
)


def test_nothing_found_is_not_the_same_as_nothing_takes_sides():
    nothing, neutral = decide([], RULES), decide([evidence(Stance.NEUTRAL)], RULES)
    assert nothing.verdict is neutral.verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert (nothing.reason_code, neutral.reason_code) == ("nothing-found", "nothing-takes-sides")
    assert nothing.reason != neutral.reason


def test_one_side_decides():
    assert decide([evidence(Stance.SUPPORTS), evidence(Stance.NEUTRAL)], RULES).verdict is Verdict.SUPPORTED
    assert decide([evidence(Stance.REFUTES), evidence(Stance.NEUTRAL)], RULES).verdict is Verdict.REFUTED


def test_two_outlets_that_disagree_are_conflicting_evidence():
    found = decide([evidence(Stance.SUPPORTS, outlet="A"), evidence(Stance.REFUTES, outlet="B")], RULES)
    assert found.verdict is Verdict.CONFLICTING_EVIDENCE


def test_an_outlet_that_repeats_itself_counts_once():
    loud = [evidence(Stance.SUPPORTS, outlet="A", number=n) for n in range(9)]
    found = decide([*loud, evidence(Stance.REFUTES, outlet="B")], RULES)
    assert (found.supporting, found.supporting_outlets) == (9, 1)
    assert found.verdict is Verdict.CONFLICTING_EVIDENCE


def test_a_small_minority_does_not_make_a_conflict():
    many = [evidence(Stance.REFUTES, outlet=name) for name in "ABCD"]
    found = decide([*many, evidence(Stance.SUPPORTS, outlet="E")], RULES)
    assert found.verdict is Verdict.REFUTED
    assert "1 outlet for it" in found.reason


@given(STATEMENTS, st.randoms())
def test_the_order_of_the_evidence_does_not_matter(statements, random):
    shuffled = statements.copy()
    random.shuffle(shuffled)
    assert decide(statements, RULES) == decide(shuffled, RULES)


@given(STATEMENTS)
def test_every_statement_is_counted_once(statements):
    found = decide(statements, RULES)
    assert found.supporting + found.refuting + found.related == len(statements)


@given(STATEMENTS)
def test_swapping_the_sides_swaps_the_verdict(statements):
    other = {Stance.SUPPORTS: Stance.REFUTES, Stance.REFUTES: Stance.SUPPORTS, Stance.NEUTRAL: Stance.NEUTRAL}
    mirror = {Verdict.SUPPORTED: Verdict.REFUTED, Verdict.REFUTED: Verdict.SUPPORTED}
    swapped = [
        evidence(other[e.stance], outlet=e.document.outlet, number=int(e.document.document_id[1:]))
        for e in statements
    ]
    verdict = decide(statements, RULES).verdict
    assert decide(swapped, RULES).verdict is mirror.get(verdict, verdict)


@pytest.mark.parametrize(
    ("supports", "refutes", "expected"),
    [
        (0.60, 0.20, Stance.SUPPORTS),
        (0.59, 0.01, Stance.NEUTRAL),
        (0.10, 0.85, Stance.REFUTES),
        (0.45, 0.45, Stance.NEUTRAL),
        (0.05, 0.05, Stance.NEUTRAL),
    ],
)
def test_a_statement_takes_a_side_only_above_the_threshold(supports, refutes, expected):
    scores = StanceScores(supports=supports, refutes=refutes, neutral=1 - supports - refutes)
    assert column(scores, VerdictSettings(take_side=0.60)) is expected


def test_the_rule_in_words_names_its_thresholds():
    words = explain(VerdictSettings(take_side=0.71, conflict_share=0.33))
    assert "71%" in words
    assert "33%" in words


@given(st.floats(0, 1), st.floats(0, 1))
def test_amounts_move_probabilities_their_way(first, second):
    low, high = sorted((first, second))
    before = StanceScores(supports=low, refutes=high - low, neutral=1 - high)
    agreeing, conflicting = with_amounts(before, agree=True), with_amounts(before, agree=False)
    assert agreeing.supports >= before.supports - 1e-9
    assert conflicting.supports <= before.supports + 1e-9
    assert conflicting.refutes >= before.refutes - 1e-9


@pytest.mark.parametrize("agree", [True, False])
def test_what_is_surely_unrelated_stays_so(agree):
    after = with_amounts(StanceScores(supports=0.01, refutes=0.01, neutral=0.98), agree=agree)
    assert column(after, RULES) is Stance.NEUTRAL
