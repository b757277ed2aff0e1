"""From stances to a verdict: pure, readable rules whose thresholds are settings.

Offers the column a statement stands in, the decision over all statements, and both rules in words for the screen. It
knows nothing of models or databases, and it never says whether a claim is true: only what the statements found say of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.config import VerdictSettings
from verifier.domain import Decision, Evidence, Stance, StanceScores, Verdict


def column(scores: StanceScores, settings: VerdictSettings) -> Stance:
    """Tell which column a statement stands in: it takes a side only with at least ``take_side`` probability."""
    if scores.supports >= settings.take_side and scores.supports > scores.refutes:
        return Stance.SUPPORTS
    if scores.refutes >= settings.take_side and scores.refutes > scores.supports:
        return Stance.REFUTES
    return Stance.NEUTRAL


LIKELIHOODS: dict[bool, tuple[float, float, float]] = {True: (12.5, 1.03, 1.0), False: (0.38, 5.1, 1.0)}
"""How much likelier amounts that agree (True) or conflict (False) are among supports, refutes and neutral, relative to neutral.

Counted, with one added to each, on the choosing half of the gold of ``seeds/`` (November 2026, ``benchmarks/quantities.py``): amounts agree in 25 of 93 supports, 1 of 87 refutes and 2.2 % of the
2,581 statements that the search finds and nobody marked; they conflict in 1, 24 and 5.5 %. On the measuring half they agree in 16, 0 and 1.2 % and conflict in 1, 9 and 2.7 %. Neutral is taken
from what is found, because that is what is judged: among marked neutrals, made to be near, 1 of 81 conflicts, and the rule then pushed statements about other things to *contradicts*.
"""


def with_amounts(scores: StanceScores, *, agree: bool) -> StanceScores:
    """Update the model's probabilities by whether the amounts of claim and statement agree (Bayes' rule).

    The small model hardly reads amounts, so the two are taken as independent. A statement that it holds for unrelated stays so.
    """
    weights = LIKELIHOODS[agree]
    raised = [p * w for p, w in zip((scores.supports, scores.refutes, scores.neutral), weights, strict=True)]
    total = sum(raised)
    return StanceScores(supports=raised[0] / total, refutes=raised[1] / total, neutral=raised[2] / total)


def decide(evidence: Sequence[Evidence], settings: VerdictSettings) -> Decision:
    """Decide over all statements found; the order of the evidence does not matter.

    Sides are weighed by distinct outlets, so that one outlet repeating itself counts once. A document without a known
    outlet counts as an outlet of its own.
    """
    supporting = [e for e in evidence if e.stance is Stance.SUPPORTS]
    refuting = [e for e in evidence if e.stance is Stance.REFUTES]
    for_count, against_count = len(_outlets(supporting)), len(_outlets(refuting))
    verdict, code, reason = _judge(len(evidence), for_count, against_count, settings)
    return Decision(
        verdict=verdict,
        reason_code=code,
        reason=reason,
        supporting=len(supporting),
        refuting=len(refuting),
        related=len(evidence) - len(supporting) - len(refuting),
        supporting_outlets=for_count,
        refuting_outlets=against_count,
    )


def explain(settings: VerdictSettings) -> str:
    """State the rules in words, with the thresholds in force."""
    return (
        f"A statement takes a side when the stance model gives that side a probability of at least "
        f"{settings.take_side:.0%}; otherwise it is related. Where both name durations, shares, distances, weights or sums of money, the "
        f"probabilities first take into account whether these agree. Sides are weighed by distinct outlets. If outlets stand on both sides and "
        f"the smaller side has at least {settings.conflict_share:.0%} of them, the evidence is conflicting; with less, the larger side "
        f"decides. If nothing near enough is found, or nothing found takes a side, there is not enough evidence. "
        f"The verdict sums up what outlets say; it does not say what is true."
    )


def _outlets(evidence: Sequence[Evidence]) -> set[str]:
    return {e.document.outlet_id or e.document.outlet.casefold() or e.document.document_id for e in evidence}


def _judge(found: int, supporting: int, refuting: int, settings: VerdictSettings) -> tuple[Verdict, str, str]:
    if not found:
        return (
            Verdict.NOT_ENOUGH_EVIDENCE,
            "nothing-found",
            "Nothing near enough to this claim was found in the corpus.",
        )
    if not supporting and not refuting:
        return (
            Verdict.NOT_ENOUGH_EVIDENCE,
            "nothing-takes-sides",
            "Related statements were found, but none of them takes a side.",
        )
    total = supporting + refuting
    if min(supporting, refuting) / total >= settings.conflict_share and min(supporting, refuting) > 0:
        return (
            Verdict.CONFLICTING_EVIDENCE,
            "conflicting",
            f"Outlets disagree: {_count(supporting)} on the side of the claim, {_count(refuting)} against it.",
        )
    if supporting > refuting:
        against = f", {_count(refuting)} against it" if refuting else " and none against it"
        return (
            Verdict.SUPPORTED,
            "supported",
            f"{_count(supporting)} with statements that corroborate the claim{against}.",
        )
    for_it = f", {_count(supporting)} for it" if supporting else " and none for it"
    return (
        Verdict.REFUTED,
        "refuted",
        f"{_count(refuting)} with statements that contradict the claim{for_it}.",
    )


def _count(outlets: int) -> str:
    return "1 outlet" if outlets == 1 else f"{outlets} outlets"
