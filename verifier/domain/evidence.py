"""What is checked and what comes of it: claims, hits, stances, verdicts, and what people say to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from verifier.domain.corpus import Document, Filters, Sentence
from verifier.domain.text import UNKNOWN_LANGUAGE, HelpfulEnum
from verifier.errors import DomainError


class Stance(HelpfulEnum):
    """What one sentence says about a claim. On screen: corroborates, contradicts, related."""

    SUPPORTS = "supports"
    REFUTES = "refutes"
    NEUTRAL = "neutral"


class Verdict(HelpfulEnum):
    """What the evidence found, taken together, says about a claim.

    Source: label set of AVeriTeC (Schlichtkrull et al. 2023, arXiv:2305.13117), its fourth label without "cherrypicking".
    """

    SUPPORTED = "SUPPORTED"
    REFUTED = "REFUTED"
    CONFLICTING_EVIDENCE = "CONFLICTING_EVIDENCE"
    NOT_ENOUGH_EVIDENCE = "NOT_ENOUGH_EVIDENCE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement to be checked. ``claimed_by`` is the outlet that made it, left out of the evidence."""

    claim_id: str
    text: str
    language: str = UNKNOWN_LANGUAGE
    claimed_by: str = ""
    sentence_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A sentence that retrieval found for a claim.

    ``score`` orders the hits of the search (higher is nearer). ``dense_score`` is a cosine in [-1, 1], None where none was computed,
    ``lexical_score`` the lexical engine's score or None. ``duplicates`` are the ids of near-identical sentences that
    are shown once, behind this one.
    """

    sentence_id: str
    score: float
    dense_score: float | None = None
    lexical_score: float | None = None
    duplicates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceScores:
    """Calibrated probabilities of the three stances of one sentence towards one claim; they sum to 1."""

    supports: float
    refutes: float
    neutral: float

    def __post_init__(self) -> None:
        total = self.supports + self.refutes + self.neutral
        if min(self.supports, self.refutes, self.neutral) < 0 or abs(total - 1) > 1e-3:  # noqa: PLR2004
            msg = f"Stance probabilities must be non-negative and sum to 1; found {self}."
            raise DomainError(msg)

    def of(self, stance: Stance) -> float:
        """Return the probability of one stance."""
        return {Stance.SUPPORTS: self.supports, Stance.REFUTES: self.refutes, Stance.NEUTRAL: self.neutral}[
            stance
        ]

    @property
    def highest(self) -> float:
        """The probability of the likeliest stance."""
        return max(self.supports, self.refutes, self.neutral)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One statement found for a claim, with all that a reader needs to judge it.

    ``context_before`` and ``context_after`` are the neighbouring text of the same document. ``stance`` is the column the rules put the
    statement in. ``claim_quantity`` and ``evidence_quantity`` are how both write a measured amount, and
    ``amounts_agree`` whether it can be the same; None where there was nothing to compare. ``scores`` take that into account already.
    """

    sentence: Sentence
    document: Document
    hit: Hit
    scores: StanceScores
    stance: Stance
    claim_quantity: str = ""
    evidence_quantity: str = ""
    amounts_agree: bool | None = None
    context_before: str = ""
    context_after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """What a result was computed with, so that it can be computed again."""

    run_id: str
    encoder: str
    encoder_precision: str
    stance_model: str
    index_name: str
    corpus_digest: str
    settings_digest: str
    software_version: str
    started_at: datetime
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict with its reason and counts, as the rules gave it.

    ``reason`` is a full sentence; ``reason_code`` one of ``nothing-found``, ``nothing-takes-sides``, ``supported``, ``refuted``,
    ``conflicting``. Counts are of statements (near-identical ones once) and of distinct outlets.
    """

    verdict: Verdict
    reason_code: str
    reason: str
    supporting: int
    refuting: int
    related: int
    supporting_outlets: int
    refuting_outlets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A claim with the evidence found for it, the decision, and how it was computed."""

    verification_id: str
    claim: Claim
    filters: Filters
    decision: Decision
    evidence: tuple[Evidence, ...]
    run: RunInfo
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceJudgement:
    """A person's own stance on one claim-evidence pair; append-only, the latest of an annotator counts.

    ``stance`` None withdraws an earlier judgement.
    """

    judgement_id: str
    verification_id: str
    sentence_id: str
    stance: Stance | None
    annotator_id: str
    created_at: datetime
