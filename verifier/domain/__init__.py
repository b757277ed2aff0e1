"""The records of the field and their invariants: what a claim, a document, a span and a verification are.

Records are frozen and keyword-only. Identifiers are strings, times are aware and in UTC, languages are BCP 47 tags (``en``,
``uk``, ``ru``; ``und`` when unknown), probabilities are floats in [0, 1]. Offsets are half-open and count Unicode code
points, never bytes or UTF-16 units. This module computes nothing but what keeps a record true, and imports nothing heavy.
"""

from verifier.domain.annotation import (
    Annotation,
    AnnotationOp,
    Codebook,
    Label,
    LabelMatch,
    LabelMethod,
    Layer,
    Level,
    MatchRelation,
    OpKind,
)
from verifier.domain.corpus import (
    Acquisition,
    Document,
    FactSource,
    Filters,
    Outlet,
    Rating,
    Refusal,
    Sentence,
    Strip,
)
from verifier.domain.evidence import (
    Claim,
    Decision,
    Evidence,
    Hit,
    RunInfo,
    Stance,
    StanceJudgement,
    StanceScores,
    Verdict,
    Verification,
)
from verifier.domain.text import CONTEXT_CHARS, UNKNOWN_LANGUAGE, Span, text_sha256, utc_now

__all__ = [
    "CONTEXT_CHARS",
    "UNKNOWN_LANGUAGE",
    "Acquisition",
    "Annotation",
    "AnnotationOp",
    "Claim",
    "Codebook",
    "Decision",
    "Document",
    "Evidence",
    "FactSource",
    "Filters",
    "Hit",
    "Label",
    "LabelMatch",
    "LabelMethod",
    "Layer",
    "Level",
    "MatchRelation",
    "OpKind",
    "Outlet",
    "Rating",
    "Refusal",
    "RunInfo",
    "Sentence",
    "Span",
    "Stance",
    "StanceJudgement",
    "StanceScores",
    "Strip",
    "Verdict",
    "Verification",
    "text_sha256",
    "utc_now",
]
