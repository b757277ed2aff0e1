"""Which labels people confuse: one annotator's label against another's in the same place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from verifier.agreement.spans import overlaps
from verifier.agreement.study import Comparison, Covered, Marked
from verifier.domain import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """How often one annotator gave ``first`` where another gave ``second`` instead; who gave which is not told apart.

    ``second`` is empty where the other gave no label of their own there. ``documents`` are the ids of those where it happened, most often first.
    """

    first: str
    second: str
    count: int
    documents: tuple[str, ...]


def confusions(comparison: Comparison) -> tuple[Confusion, ...]:
    """Count the confusions over all texts and pairs of annotators, most frequent first.

    A label that the other annotator gave there as well is agreed on and takes no part. Of what is left on both sides, every two labels in one
    place (the same item, or spans that overlap) are a confusion; what then has no counterpart is against no label.
    """
    found: dict[tuple[int, int], Counter[str]] = {}
    for text in comparison.texts:
        for pair in _pairs(text, comparison.level):
            found.setdefault(pair, Counter())[text.text.document_id] += 1
    names = (*comparison.labels, "")
    return tuple(
        Confusion(
            first=names[first],
            second=names[second],
            count=where.total(),
            documents=tuple(name for name, _ in sorted(where.items(), key=lambda item: (-item[1], item[0]))),
        )
        for (first, second), where in sorted(found.items(), key=lambda item: (-item[1].total(), item[0]))
    )


def _pairs(text: Covered, level: Level) -> Iterator[tuple[int, int]]:
    """Go through the confused labels of a text by their numbers, the lower first; -1, which is no label, comes last."""
    for one, other in text.pairs:
        mine, theirs = text.by[one], text.by[other]
        meets = _meeting(mine, theirs, level)
        alone = [
            [
                m
                for number, m in enumerate(mine)
                if not any(theirs[k].label == m.label for k in meets[number])
            ],
            [],
        ]
        back: list[set[int]] = [set() for _ in theirs]
        for number, others in enumerate(meets):
            for k in others:
                back[k].add(number)
        alone[1] = [m for k, m in enumerate(theirs) if not any(mine[n].label == m.label for n in back[k])]
        left = _meeting(alone[0], alone[1], level)
        met = {k for others in left for k in others}
        for m, others in zip(alone[0], left, strict=True):
            yield from (_ordered(m.label, alone[1][k].label) for k in sorted(others))
            if not others:
                yield m.label, -1
        yield from ((m.label, -1) for k, m in enumerate(alone[1]) if k not in met)


def _meeting(
    mine: tuple[Marked, ...] | list[Marked], theirs: tuple[Marked, ...] | list[Marked], level: Level
) -> list[set[int]]:
    """Tell for each label of one annotator which of the other's are in the same place."""
    if level is not Level.SPAN:
        return [{k for k, other in enumerate(theirs) if other.place == m.place} for m in mine]
    met = overlaps([m.place for m in mine], [m.place for m in theirs])
    return [set(row.nonzero()[0].tolist()) for row in met]


def _ordered(first: int, second: int) -> tuple[int, int]:
    return (first, second) if first <= second else (second, first)
