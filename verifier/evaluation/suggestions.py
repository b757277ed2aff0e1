"""How well a lexicon's suggestions meet the places that people marked, by language and label.

A lexicon finds words, people mark passages, and many data sets say which techniques a text uses without saying where each stands. So the same suggestions are
counted in four ways (`UNITS`), with the counts beside every figure. The labels of lexicon and data set meet through the matches of their codebooks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from verifier.codebooks import Lexicon, Suggestion, matches_between
from verifier.domain import Codebook
from verifier.errors import CodebookError
from verifier.evaluation.figures import Figure
from verifier.evaluation.marked import MarkedSet, MarkedText
from verifier.resampling import Bootstrap, Floats

UNITS = ("exact", "overlap", "characters", "text")
"""What is counted: spans that are the same, spans that share a character, the characters themselves, or texts that have the label at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionScore:
    """One row of figures.

    Attributes:
        suggestions: which are counted: ``matched`` (those whose label has a match in the set's codebook), ``all``, or those of one label of the lexicon.
        marked: what they are held against: ``any`` marked place, or one label of the set's codebook.
        unit: one of `UNITS`.
        language: BCP 47; empty for all together.
        suggested: how many were suggested.
        right: how many of these meet something marked.
        marked_count: how many are marked.
        found: how many of these are met by a suggestion (with ``overlap`` this may differ from ``right``).
        precision: ``right / suggested``.
        recall: ``found / marked_count``.
        f1: their harmonic mean.
    """

    suggestions: str
    marked: str
    unit: str
    language: str
    suggested: int
    right: int
    marked_count: int
    found: int
    precision: Figure
    recall: Figure
    f1: Figure


def evaluate_suggestions(
    lexicon: Lexicon,
    marked: MarkedSet,
    codebooks: Mapping[str, Codebook],
    bootstrap: Bootstrap | None = None,
) -> list[SuggestionScore]:
    """Measure a lexicon's suggestions on marked texts.

    Args:
        lexicon: what suggests; a text in a language that it does not have gets no suggestion.
        marked: what people marked.
        codebooks: by id; those of the lexicon and of the set must be among them.
        bootstrap: how intervals are drawn; whole texts are drawn.

    Returns:
        Rows for all languages together and for each: matched and all suggestions against any marked place; each label of the lexicon against any marked
        place; and each label of the set that a suggestion can have, against the places with that label, or against the texts that have it where the set
        does not say which place has which label.

    Raises:
        CodebookError: no label of the lexicon's codebook has a match in the set's.
    """
    targets = _targets(codebooks, lexicon.codebook_id, marked.codebook_id)
    if not any(targets.values()):
        msg = (
            f"No label of {lexicon.codebook_id!r} has a match in {marked.codebook_id!r}, so suggestions cannot be held against it. Write the matches under "
            "maps_to; see docs/how-to/add-a-codebook.md."
        )
        raise CodebookError(msg)
    suggested = [lexicon.suggest(text.text, text.language) for text in marked.texts]
    placed = any(span.label_id for text in marked.texts for span in text.spans)
    rows = _rows(codebooks[lexicon.codebook_id], targets, placed=placed)
    counts = np.array(
        [[row.count(text, hits) for row in rows] for text, hits in zip(marked.texts, suggested, strict=True)],
        dtype=np.float64,
    ).reshape(len(marked.texts), len(rows), 4)
    languages = np.array([text.language for text in marked.texts])
    scores: list[SuggestionScore] = []
    for language in ("", *marked.languages):
        own = counts if not language else counts[languages == language]
        scores += _scores(rows, own, language, bootstrap or Bootstrap())
    return scores


def _targets(
    codebooks: Mapping[str, Codebook], lexicon_codebook: str, set_codebook: str
) -> dict[str, frozenset[str]]:
    """Return the labels of the set that each label of the lexicon's codebook counts for, whatever the relation."""
    if lexicon_codebook == set_codebook:
        return {label.label_id: frozenset({label.label_id}) for label in codebooks[set_codebook].labels}
    matches = matches_between(codebooks, lexicon_codebook, set_codebook)
    return {
        label.label_id: frozenset(match.label_id for match in matches.get(label.label_id, ()))
        for label in codebooks[lexicon_codebook].labels
    }


# ---- counting ----------------------------------------------------------------------------------------------------------------------------

_Counts = tuple[int, int, int, int]
"""Suggested, right, marked, found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    suggestions: str
    marked: str
    unit: str
    counted: frozenset[str]

    def count(self, text: MarkedText, hits: Sequence[Suggestion]) -> _Counts:
        own = [(hit.start, hit.end) for hit in hits if hit.label_id in self.counted]
        if self.unit == "text":
            both = bool(own) and self.marked in text.labels
            return bool(own), both, self.marked in text.labels, both
        places = [(span.start, span.end) for span in text.spans if self.marked in {"any", span.label_id}]
        return _COUNT[self.unit](own, places)


def _rows(book: Codebook, targets: Mapping[str, frozenset[str]], *, placed: bool) -> list[_Row]:
    matched = frozenset(label for label, meant in targets.items() if meant)
    places = UNITS[:3]
    rows = [
        _Row(suggestions=name, marked="any", unit=unit, counted=counted)
        for name, counted in (("matched", matched), ("all", frozenset(targets)))
        for unit in places
    ]
    rows += [
        _Row(suggestions=label.label_id, marked="any", unit="overlap", counted=frozenset({label.label_id}))
        for label in book.labels
    ]
    for target in sorted(frozenset[str]().union(*targets.values())):
        counted = frozenset(label for label, meant in targets.items() if target in meant)
        rows += [
            _Row(suggestions="matched", marked=target, unit=unit, counted=counted)
            for unit in (*(places if placed else ()), "text")
        ]
    return rows


_Place = tuple[int, int]


def _exact(suggested: Sequence[_Place], marked: Sequence[_Place]) -> _Counts:
    # Two labels on one place are one place: a suggestion has only one there.
    ours, theirs = set(suggested), set(marked)
    both = len(ours & theirs)
    return len(ours), both, len(theirs), both


def _overlap(suggested: Sequence[_Place], marked: Sequence[_Place]) -> _Counts:
    ours, theirs = set(suggested), set(marked)
    return len(ours), _met(ours, theirs), len(theirs), _met(theirs, ours)


def _met(places: Iterable[_Place], others: Iterable[_Place]) -> int:
    """Count the places that share a character with another."""
    kept = list(others)
    return sum(any(start < end2 and start2 < end for start2, end2 in kept) for start, end in places)


def _characters(suggested: Sequence[_Place], marked: Sequence[_Place]) -> _Counts:
    ours = {position for start, end in suggested for position in range(start, end)}
    theirs = {position for start, end in marked for position in range(start, end)}
    both = len(ours & theirs)
    return len(ours), both, len(theirs), both


_COUNT: Mapping[str, Callable[[Sequence[_Place], Sequence[_Place]], _Counts]] = {
    "exact": _exact,
    "overlap": _overlap,
    "characters": _characters,
}


# ---- figures -----------------------------------------------------------------------------------------------------------------------------


def _scores(
    rows: Sequence[_Row], counts: Floats, language: str, bootstrap: Bootstrap
) -> Iterator[SuggestionScore]:
    """Compute the figures of all rows from one drawing of texts.

    Args:
        rows: r rows.
        counts: (n, r, 4), what each text adds.
        language: of the texts; empty for all.
        bootstrap: how to draw.
    """
    texts = len(counts)
    totals = counts.sum(axis=0)
    drawn = None
    if texts > 1:  # one text drawn again and again is always itself
        draws = np.random.default_rng(bootstrap.seed).multinomial(
            texts, np.full(texts, 1 / texts), size=bootstrap.resamples
        )
        drawn = (draws @ counts.reshape(texts, -1)).reshape(bootstrap.resamples, *totals.shape)
    for number, row in enumerate(rows):
        suggested, right, marked, found = (int(count) for count in totals[number])
        figures = {
            name: _figure(
                name, totals[number], None if drawn is None else drawn[:, number], texts, bootstrap.level
            )
            for name in _STATISTICS
        }
        yield SuggestionScore(
            suggestions=row.suggestions,
            marked=row.marked,
            unit=row.unit,
            language=language,
            suggested=suggested,
            right=right,
            marked_count=marked,
            found=found,
            precision=figures["precision"],
            recall=figures["recall"],
            f1=figures["F1"],
        )


def _figure(name: str, total: Floats, drawn: Floats | None, texts: int, level: float) -> Figure:
    statistic = _STATISTICS[name]
    value = float(statistic(total))
    if not np.isfinite(value):
        return Figure(name=name, value=None, n=texts, clusters=texts, reason=_UNDEFINED[name])
    if drawn is None:
        return Figure(name=name, value=value, n=texts, clusters=texts, reason="one text cannot be resampled")
    values = statistic(drawn)
    defined = values[np.isfinite(values)]
    if 2 * len(defined) < len(values):
        reason = "undefined in most resamples: too few cases"
        return Figure(name=name, value=value, n=texts, clusters=texts, reason=reason)
    tail = 50 * (1 - level)
    low, high = np.percentile(defined, [tail, 100 - tail])
    return Figure(name=name, value=value, low=float(low), high=float(high), n=texts, clusters=texts)


def _share(part: Floats, whole: Floats) -> Floats:
    share: Floats = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)
    return share


def _precision(sums: Floats) -> Floats:
    return _share(sums[..., 1], sums[..., 0])


def _recall(sums: Floats) -> Floats:
    return _share(sums[..., 3], sums[..., 2])


def _f1(sums: Floats) -> Floats:
    precision, recall = _precision(sums), _recall(sums)
    total = precision + recall
    # Where nothing was met both are 0, and so is their harmonic mean.
    return np.where(total == 0, 0.0, _share(2 * precision * recall, total))


_STATISTICS: Mapping[str, Callable[[Floats], Floats]] = {
    "precision": _precision,
    "recall": _recall,
    "F1": _f1,
}
_UNDEFINED = {
    "precision": "nothing was suggested",
    "recall": "nothing is marked",
    "F1": "nothing was suggested, or nothing is marked",
}
