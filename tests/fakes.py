"""Deterministic stand-ins for models, so that unit tests need no weights. Never a stand-in for our own code."""

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np

from verifier.domain import StanceScores


class HashingEncoder:
    """An encoder without a model: hashed character n-grams, rows of unit length.

    Texts that share words and word parts point in similar directions, in any script; the same text gives the same row for
    both roles. It satisfies `verifier.encode.Encoder`.
    """

    name = "hashing"
    precision = "fp32"

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.fingerprint = hashlib.sha256(f"hashing {dimension}".encode()).hexdigest()[:16]
        self.texts_encoded = 0
        """How many texts were really encoded; tests of caches read it."""

    def encode(
        self,
        texts: Sequence[str],
        *,
        role: Literal["query", "passage"],
        progress: Callable[[int, int, str], None] | None = None,
    ) -> np.ndarray:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for number, text in enumerate(texts):
            self.texts_encoded += 1
            padded = f" {' '.join(text.casefold().split())} "
            for size in (3, 4, 5):
                for start in range(max(1, len(padded) - size + 1)):
                    slot, sign = _slot(padded[start : start + size], self.dimension)
                    rows[number, slot] += sign
            if not rows[number].any():
                rows[number, 0] = 1.0
            if progress is not None:
                progress(number + 1, len(texts), "encoding")
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@lru_cache(maxsize=100_000)
def _slot(gram: str, dimension: int) -> tuple[int, float]:
    digest = hashlib.blake2b(gram.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest[:6], "big") % dimension, 1.0 if digest[6] & 1 else -1.0


class KeywordStance:
    """A stance model without a model: shared words are nearness, a negation on one side only is a contradiction.

    It satisfies `verifier.stance.StanceModel`.
    """

    name = "keywords"
    fingerprint = "feedfacefeedface"
    _NEGATIONS = frozenset({"not", "no", "never", "не", "ні", "нет", "без"})

    def score(
        self,
        pairs: Sequence[tuple[str, str]],
        *,
        progress: Callable[[int, int, str], None] | None = None,
    ) -> list[StanceScores]:
        scores = []
        for number, (claim, sentence) in enumerate(pairs):
            ours, theirs = _words(claim), _words(sentence)
            content = ours - self._NEGATIONS
            shared = len(content & theirs) / max(1, len(content))
            opposed = bool(ours & self._NEGATIONS) != bool(theirs & self._NEGATIONS)
            side = min(0.98, shared)
            scores.append(
                StanceScores(
                    supports=0.01 if opposed else side, refutes=side if opposed else 0.01, neutral=0.99 - side
                )
            )
            if progress is not None:
                progress(number + 1, len(pairs), "weighing")
        return scores


def _words(text: str) -> set[str]:
    return {word.strip(".,!?«»“”\"'’:;()").casefold() for word in text.split()}
