"""A claim's way to statements: both legs of the search, fused, with a floor, and near-identical statements folded.

Nothing here knows which encoder, vector library or lexical engine works below. It offers `Retriever.find`, and `passage_text` with
`embed_passages`, which say what of a sentence is embedded and how. The figures behind the constants come from ``benchmarks/settings.py``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from verifier.config import RetrieveSettings
from verifier.domain import Document, Hit, Sentence
from verifier.encode import Encoder
from verifier.errors import ConfigError
from verifier.index import VectorIndex
from verifier.lexical import LexicalIndex, terms

FloatArray = npt.NDArray[np.float32]

CONTEXTS = ("none", "title", "previous")

_POOL_PER_HIT = 4
_MIN_POOL = 100
"""Each leg is asked for four times the hits wanted and at least 100, so that folding and the floor leave enough."""

_REACH = 0.5
"""Once the nearest statement has passed ``min_similarity``, others count as found down to this share of it.

One threshold cannot do both. On the gold half that is for choosing, with the sentence before as context, the nearest statement of an
unrelated claim has a cosine of 0.18 to 0.33, and that of 73 of the 74 claims with evidence more; but of the 180 pieces of evidence 50
lie below 0.33, and only 8 below half of it. So with 0.33 none of 12 unrelated claims found anything there, and on the other half
one of 12, while 1 of 74 and 1 of 76 other claims found nothing. Bundled encoder, November 2026; measure again for another encoder.
"""

_TYPICAL = 5
"""How many of a claim's best lexical scores make up what is typical of its language; see `Retriever._fuse`. 5 and 10 do alike."""

_TINY = 1e-6

_FOLD_COSINE = 0.8
"""Below this cosine of their vectors two statements are never folded, however alike their words."""

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
        with_context: str = "",
        allowed: Collection[str] | None = None,
        excluded: Collection[str] = (),
    ) -> list[Hit]:
        """Find statements for a claim.

        Args:
            text: the claim.
            language: its BCP 47 tag, by which its words are brought to their stems.
            with_context: the claim with what stands before it, where it is a sentence of a document; sought halfway between, as sentences are embedded.
            k: at most so many hits.
            allowed: only these sentence ids; None for all.
            excluded: none of these.

        Returns:
            Hits, best first, none twice, each with its cosine. There are none unless the nearest is at least ``min_similarity``
            near, and then none that is less than half as near as that. A statement that repeats a better one nearly word for word is named in
            that one's ``duplicates`` instead of being a hit of its own.
        """
        if k < 1 or not text.strip() or not len(self._vectors):
            return []
        pool = max(_MIN_POOL, _POOL_PER_HIT * k)
        query = self._encoder.encode([text], role="query")
        if with_context and with_context != text:
            query = query + self._encoder.encode([with_context], role="query")
            query /= np.linalg.norm(query)
        dense = dict(self._vectors.search(query, pool, allowed=allowed, excluded=excluded)[0])
        lexical = self._search_words(text, language, pool, allowed, excluded)
        # What only shared words found is held to the same floor, so its cosine is computed, too.
        others = [name for name in lexical if name not in dense]
        if others:
            dense.update(self._vectors.search(query, len(others), allowed=others)[0])
        floor = self._settings.min_similarity
        if max(dense.values(), default=-1.0) < floor:
            return []
        reach = min(floor, floor * _REACH)
        near = {name: cosine for name, cosine in dense.items() if cosine >= reach}
        return self._fold(self._fuse(near, lexical, language), k)

    def _search_words(
        self, text: str, language: str, pool: int, allowed: Collection[str] | None, excluded: Collection[str]
    ) -> dict[str, float]:
        if self._lexical is None or self._settings.lexical_weight <= 0:
            return {}
        return dict(self._lexical.search(text, language, pool, allowed=allowed, excluded=excluded))

    def _fuse(self, near: Mapping[str, float], lexical: Mapping[str, float], language: str) -> list[Hit]:
        """Order by the weighted sum of both legs' scores, each divided by its best.

        Only statements in the claim's language can share many words with it, so that adding what words say would put all of them before
        all others. What the claim's best few matches have on average is therefore taken from each of them: words move a
        statement up or down among those of its language, and the languages stay level with each other.
        """
        weight = self._settings.lexical_weight
        best_cosine = max([*near.values(), _TINY])
        best_words = max(lexical.values(), default=1.0)
        typical = sum(sorted(lexical.values())[-_TYPICAL:]) / _TYPICAL / best_words
        languages = self._lexical.languages(list(near)) if self._lexical is not None and lexical else {}
        hits = []
        for name, cosine in near.items():
            words = lexical.get(name, 0.0) / best_words - (
                typical if languages.get(name) == language else 0.0
            )
            hits.append(
                Hit(
                    sentence_id=name,
                    score=(1 - weight) * cosine / best_cosine + weight * words,
                    dense_score=cosine,
                    lexical_score=lexical.get(name),
                )
            )
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


def rerank(hits: Sequence[Hit], relatedness: Sequence[float], settings: RetrieveSettings) -> list[int]:
    """Order hits anew once a model has read each of them together with the claim.

    Vectors are made of each text alone; a model that reads both sees which of twenty sentences about one event is about the claim.

    Args:
        hits: best first, as `Retriever.find` returns them.
        relatedness: for each, the probability that it takes a side: 1 - P(neutral).
        settings: ``rerank_weight`` and ``top_k``.

    Returns:
        Positions in ``hits``, best first, at most ``top_k``.
    """
    score = [hit.score + settings.rerank_weight * more for hit, more in zip(hits, relatedness, strict=True)]
    return sorted(range(len(hits)), key=lambda i: (-score[i], hits[i].sentence_id))[: max(0, settings.top_k)]


class _Wording:
    """The words of a statement, for telling a reprint from another statement."""

    def __init__(self, text: str) -> None:
        plain = unicodedata.normalize("NFKC", _DATELINE.sub("", text)).casefold().replace("ё", "е")
        self.text = " ".join(re.findall(r"\w+", plain))
        self.words = frozenset(terms(_DATELINE.sub("", text), "und"))

    def repeats(self, other: _Wording, cosine: float) -> bool:
        """Tell whether two statements are one, reprinted.

        They are if they are equal but for case, punctuation, spaces and an agency's dateline. Otherwise, words without weight apart, one
        must contain all words of the other, with few more, and their vectors must be close; the words it has more may hold no figure
        and no negation or denial. A weighty word that was *replaced* is never taken for an edit: "upheld" for "rejected" looks just
        like it, and a contradiction that is folded away is worse than a statement shown twice.
        """
        if self.text == other.text:
            return True
        extra, missing = self.words - other.words - _WEIGHTLESS, other.words - self.words - _WEIGHTLESS
        if extra and missing:
            return False
        added = extra or missing
        return (
            cosine >= _FOLD_COSINE
            and len(added) <= _FOLD_EXTRA * max(len(self.words), len(other.words))
            and not any(any(c.isdigit() for c in word) or word.startswith(_TURNING) for word in added)
        )


_DATELINE = re.compile(r"^[^()\n.!?—–]{2,40}(?:\.[^()\n—–]{0,12})?\([^()\n]{2,40}\)\s*[—–-]\s+")
"""Place, date and agency before the first sentence of a wire story: "PORT EVRING, Nov. 3 (Meridian) — "."""

_WEIGHTLESS = frozenset(
    [
        "a",
        "an",
        "the",
        "that",
        "this",
        "of",
        "to",
        "on",
        "in",
        "at",
        "about",
        "some",
        "around",
        "roughly",
        "и",
        "в",
        "во",
        "на",
        "о",
        "об",
        "около",
        "примерно",
        "что",
        "і",
        "й",
        "в",
        "у",
        "на",
        "про",
        "близько",
        "приблизно",
        "що",
    ]
)
"""Words that editors put in, take out and exchange without changing what is said. Nothing that bounds, negates or orders in time."""

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


def embed_passages(
    encoder: Encoder,
    texts: Sequence[str],
    with_context: Sequence[str],
    *,
    progress: Callable[[int, int, str], None] | None = None,
) -> FloatArray:
    """Make the vectors under which sentences are found: (n, d) float32, rows of unit length.

    A sentence that comes with context lies halfway between its own vector and the one it has together with its context. Either
    alone fails: alone, "Then they talked for ninety minutes" does not say who; with the sentence before it, a sentence that
    needs none is found for what was said before.

    Measured on the gold of ``seeds/`` with the bundled encoder (November 2026, recall@10 of the choosing and the measuring half, by vectors
    alone): sentences alone 0.70 and 0.63 (those that lean on the one before: 0.63 and 0.63), with the previous one 0.64 and 0.67, halfway
    0.77 and 0.73 (0.83 and 0.83). The title instead of the previous sentence helped less.

    Args:
        encoder: makes the vectors.
        texts: the sentences.
        with_context: the same with their context, from `passage_text`; equal to the sentence where it has none.
        progress: told of the encoding.
    """
    contextual = [number for number, text in enumerate(texts) if with_context[number] != text]
    total = len(texts) + len(contextual)

    def later(done: int, _: int, what: str) -> None:
        if progress:
            progress(len(texts) + done, total, what)

    def first(done: int, _: int, what: str) -> None:
        if progress:
            progress(done, total, what)

    rows = encoder.encode(texts, role="passage", progress=first)
    if contextual:
        rows = rows.copy()
        rows[contextual] += encoder.encode(
            [with_context[n] for n in contextual], role="passage", progress=later
        )
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def passage_text(sentence: Sentence, document: Document, context: str, previous: Sentence | None) -> str:
    """Return a sentence with its context before it, as it is embedded and indexed by words.

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
