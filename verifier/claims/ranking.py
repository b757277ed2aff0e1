"""How worth checking a sentence is: a weighted sum of its signs that a person can read, and the order it gives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from verifier.claims.signs import Sign, signs
from verifier.claims.words import WORDS
from verifier.domain import Sentence

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "number": 1.3,
        "event": 1.3,
        "public matter": 1.1,
        "comparison": 1.0,
        "date": 0.5,
        "name": 0.1,
        "source": 0.1,
        "opinion": -1.4,
        "first person": -1.5,
        "page leftover": -1.4,
        "appeal": -1.3,
        "question": -1.1,
        "exclamation": -0.9,
        "future or wish": -0.7,
        "quoted speech": -0.5,
        "short": -0.4,
        "address to the reader": -0.3,
        "greeting": -0.3,
        "leans on the sentence before": -0.1,
    }
)
"""What each kind of sign adds. Fitted on the half ``choose`` of seeds/gold/checkable.jsonl (223 sentences, November 2026; logistic regression with a
penalty of half the squared weights, one set for the three languages) and rounded. Fit again with ``python benchmarks/claims.py --fit`` when signs or word lists change."""

BASE = -0.9
"""The sum of a sentence without any sign, from the same fit: a score of 0.29."""

CHECKABLE_FROM = 0.43
"""From this score on a sentence counts as checkable: best balanced accuracy on the half ``choose`` (0.94; the same from 0.43 to 0.45)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How checkable a sentence is, and why.

    ``score`` lies in [0, 1]; ``checkable`` is whether it reaches `CHECKABLE_FROM`; ``signs`` are those that were found,
    those for it before those against it, the heaviest first.
    ``by_words`` is False in a language without word lists, where only numbers, names and marks were seen.
    """

    score: float
    checkable: bool
    signs: tuple[Sign, ...]
    by_words: bool

    @property
    def reasons(self) -> tuple[str, ...]:
        """Say the signs in plain words, such as "number: 14 per cent"; those against it begin with "but"."""
        said = tuple(_reason(sign) for sign in self.signs)
        return said if self.by_words else (*said, ONLY_MARKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedSentence:
    """A sentence of a document with its place in the ranking, from 1."""

    rank: int
    sentence: Sentence
    assessment: Assessment


ONLY_MARKS = "language without word lists: only numbers, names and marks were read"


def assess(text: str, language: str) -> Assessment:
    """Tell how checkable a sentence is, by itself: the same text in the same language always gives the same.

    The score is ``1 / (1 + exp(-x))``, where x is `BASE` plus the `WEIGHTS` of the signs found, each once.

    Args:
        text: the sentence; any text will do.
        language: its BCP 47 tag; word lists exist for English, Ukrainian and Russian.
    """
    tag = language.partition("-")[0].casefold()
    found = sorted(signs(text, tag), key=lambda sign: (WEIGHTS[sign.kind] < 0, -abs(WEIGHTS[sign.kind])))
    score = 1 / (1 + math.exp(-BASE - sum(WEIGHTS[sign.kind] for sign in found)))
    return Assessment(
        score=score, checkable=score >= CHECKABLE_FROM, signs=tuple(found), by_words=tag in WORDS
    )


def rank(sentences: Iterable[Sentence]) -> tuple[RankedSentence, ...]:
    """Put sentences in order, the most checkable first; equal ones stay as they came."""
    assessed = [(sentence, assess(sentence.text, sentence.language)) for sentence in sentences]
    assessed.sort(key=lambda pair: -pair[1].score)
    return tuple(
        RankedSentence(rank=place, sentence=sentence, assessment=assessment)
        for place, (sentence, assessment) in enumerate(assessed, start=1)
    )


def _reason(sign: Sign) -> str:
    said = f"{sign.kind}: {' '.join(sign.text.split())}" if sign.text.strip() else sign.kind
    return said if WEIGHTS[sign.kind] >= 0 else f"but {said}"
