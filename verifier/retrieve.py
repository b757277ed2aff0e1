"""A claim's way to statements: both legs of the search, fused, with a floor, and near-identical statements folded.

Nothing here knows which encoder, vector library or lexical engine works below. It offers `Retriever.find` and `passage_text`, which
says what of a sentence is embedded. The figures behind the constants come from ``benchmarks/retrieval.py``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from verifier.config import RetrieveSettings
from verifier.domain import Document, Hit, Sentence
from verifier.encode import Encoder
from verifier.errors import ConfigError
from verifier.index import VectorIndex
from verifier.lexical import LexicalIndex, terms

CONTEXTS = ("none", "title", "previous")

_POOL_PER_HIT = 4
_MIN_POOL = 100
"""Each leg is asked for four times the hits wanted and at least 100, so that folding and the floor leave enough."""

_FOLD_COSINE = 0.97
"""Below this cosine of their vectors two statements are never folded."""

_FOLD_EXTRA = 0.25
"""The longer of two folded statements has at most this share of terms that the shorter has not."""


class Retriever:
    """Finds the statements nearest to a claim.

    Args:
        encoder: makes the claim's vector; the one the index was built with.
        vectors: the dense leg.
        lexical: the lexical leg; None searches by vectors alone.
        settings: floor and weights.
        texts: returns the text of each sentence id it knows; a hit it does not know is left out, since it has been deleted meanwhile.
    """

    def __init__(
        self,
        encoder: Encoder,
        vectors: VectorIndex,
        lexical: LexicalIndex | None,
        settings: RetrieveSettings,
        texts: Callable[[Sequence[str]], Mapping[str, str]],
    ) -> None:
        self._encoder = encoder
        self._vectors = vectors
        self._lexical = lexical
        self._settings = settings
        self._texts = texts

    def find(
        self,
        text: str,
        *,
        language: str,
        k: int,
        allowed: Collection[str] | None = None,
        excluded: Collection[str] = (),
    ) -> list[Hit]:
        """Find statements for a claim.

        Args:
            text: the claim.
            language: its BCP 47 tag, by which its words are brought to their stems.
            k: at most so many hits.
            allowed: only these sentence ids; None for all.
            excluded: none of these.

        Returns:
            Hits, best first, none twice, each with its cosine; all at least ``min_similarity`` near. A statement that repeats a better
            one nearly word for word is named in that one's ``duplicates`` instead of being a hit of its own.
        """
        if k < 1 or not text.strip() or not len(self._vectors):
            return []
        pool = max(_MIN_POOL, _POOL_PER_HIT * k)
        query = self._encoder.encode([text], role="query")
        dense = dict(self._vectors.search(query, pool, allowed=allowed, excluded=excluded)[0])
        lexical = self._search_words(text, language, pool, allowed, excluded)
        # What only shared words found is held to the same floor, so its cosine is computed, too.
        others = [name for name in lexical if name not in dense]
        if others:
            dense.update(self._vectors.search(query, len(others), allowed=others)[0])
        near = {name: cosine for name, cosine in dense.items() if cosine >= self._settings.min_similarity}
        return self._fold(self._fuse(near, lexical), k)

    def _search_words(
        self, text: str, language: str, pool: int, allowed: Collection[str] | None, excluded: Collection[str]
    ) -> dict[str, float]:
        if self._lexical is None or self._settings.lexical_weight <= 0:
            return {}
        return dict(self._lexical.search(text, language, pool, allowed=allowed, excluded=excluded))

    def _fuse(self, near: Mapping[str, float], lexical: Mapping[str, float]) -> list[Hit]:
        """Order by a weighted sum of both legs' scores, each brought to [0, 1]: the floor to 0, a cosine of 1 to 1; BM25 by its best.

        The cosine keeps its own scale, because a claim's best hit may be poor: taking it for 1 would let noise outvote words.
        """
        floor, weight = self._settings.min_similarity, self._settings.lexical_weight
        best = max(lexical.values(), default=1.0)
        hits = [
            Hit(
                sentence_id=name,
                score=(1 - weight) * (cosine - floor) / max(1 - floor, 1e-6)
                + weight * lexical.get(name, 0.0) / best,
                dense_score=cosine,
                lexical_score=lexical.get(name),
            )
            for name, cosine in near.items()
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.sentence_id))

    def _fold(self, hits: Sequence[Hit], k: int) -> list[Hit]:
        """Take the k best different statements; later ones that repeat one of them go into its duplicates."""
        texts = self._texts([hit.sentence_id for hit in hits])
        hits = [hit for hit in hits if hit.sentence_id in texts]
        rows = self._vectors.vectors([hit.sentence_id for hit in hits])
        words = [_Wording(texts[hit.sentence_id]) for hit in hits]
        kept: list[int] = []
        folded: dict[int, list[str]] = {}
        for number, hit in enumerate(hits):
            cosines = rows[kept] @ rows[number]
            same = next(
                (
                    first
                    for first, cosine in zip(kept, cosines.tolist(), strict=True)
                    if words[first].repeats(words[number], cosine)
                ),
                None,
            )
            if same is not None:
                folded[same].append(hit.sentence_id)
            elif len(kept) < k:
                kept.append(number)
                folded[number] = []
        return [replace(hits[number], duplicates=tuple(folded[number])) for number in kept]


class _Wording:
    """The words of a statement, for telling a reprint from another statement."""

    def __init__(self, text: str) -> None:
        plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
        self.text = " ".join(re.findall(r"\w+", plain))
        self.words = frozenset(terms(text, "und"))

    def repeats(self, other: _Wording, cosine: float) -> bool:
        """Tell whether two statements are one, reprinted.

        They are if they are equal but for case, punctuation and spaces. Otherwise one must contain all words of the other, with few more, and
        their vectors must be close; the words it has more may hold no figure and no negation or denial. A word that was *replaced* is
        never taken for an edit: "upheld" for "rejected" looks just like it.
        """
        if self.text == other.text:
            return True
        shorter, longer = sorted((self.words, other.words), key=len)
        extra = longer - shorter
        return (
            cosine >= _FOLD_COSINE
            and shorter < longer
            and len(extra) <= _FOLD_EXTRA * len(longer)
            and not any(any(c.isdigit() for c in word) or word.startswith(_TURNING) for word in extra)
        )


_TURNING = (
    *(
        "no",
        "not",
        "never",
        "none",
        "without",
        "neither",
        "nor",
        "cannot",
        "hardly",
        "less",
        "more",
        "fewer",
        "fail",
        "refus",
    ),
    *(
        "deni",
        "deny",
        "denial",
        "false",
        "fake",
        "reject",
        "alleg",
        "refut",
        "only",
        "almost",
        "nearly",
        "half",
        "before",
        "after",
    ),
    *(
        "не",
        "ні",
        "нет",
        "ни",
        "без",
        "никогда",
        "ніколи",
        "опроверг",
        "отриц",
        "отверг",
        "отказ",
        "якобы",
        "лож",
        "фейк",
        "лишь",
    ),
    *(
        "только",
        "почти",
        "менее",
        "меньше",
        "более",
        "больше",
        "половин",
        "до",
        "после",
        "спросту",
        "запереч",
        "відкин",
        "відмов",
    ),
    *("нібито", "неправд", "лише", "тільки", "майже", "менше", "більше", "пів", "після", "жоден", "жодн"),
)
"""Beginnings of words, in English, Russian and Ukrainian, that can turn a statement's sense; too many do no harm here."""


def passage_text(sentence: Sentence, document: Document, context: str, previous: Sentence | None) -> str:
    """Return the text that is embedded for a sentence.

    Args:
        sentence: the sentence.
        document: whose it is.
        context: ``none`` for the sentence alone, ``title`` or ``previous`` to put that before it.
        previous: the sentence before it in the document, if there is one.

    Raises:
        ConfigError: the context is none of `CONTEXTS`.
    """
    if context not in CONTEXTS:
        msg = f"Setting 'retrieve.context' takes one of {', '.join(CONTEXTS)}; found {context!r}."
        raise ConfigError(msg)
    before = ""
    if context == "title":
        before = document.title.strip()
    elif context == "previous" and previous is not None:
        before = previous.text.strip()
    if not before or before == sentence.text:
        return sentence.text
    return f"{before}{'' if before[-1] in '.!?…:' else '.'} {sentence.text}"
