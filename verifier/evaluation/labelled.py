"""What labelled files become: claims with evidence and stances, and claims with statements to be found.

It holds the records and the names that people give to stances. The readers of each kind of file stand in `verifier.evaluation.readers`
and `verifier.evaluation.gold`.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from verifier.domain import Stance
from verifier.errors import ExchangeError

Item = TypeVar("Item")

HALVES = ("choose", "measure")

_SUPPORTS = frozenset({Stance.SUPPORTS})
_REFUTES = frozenset({Stance.REFUTES})
_NEUTRAL = frozenset({Stance.NEUTRAL})

LABELS: Mapping[str, frozenset[Stance]] = {
    **dict.fromkeys(("supports", "support", "supported", "corroborates", "entailment", "entails"), _SUPPORTS),
    **dict.fromkeys(
        ("refutes", "refute", "refuted", "contradicts", "contradiction", "contradictory"), _REFUTES
    ),
    **dict.fromkeys(("neutral", "related", "not_enough_info", "not_enough_evidence", "nei"), _NEUTRAL),
    **dict.fromkeys(("not_entailment", "not_supports", "not_supported"), _REFUTES | _NEUTRAL),
}
"""What data sets call the stances, and which stances count as right for each; lower case, words joined by underscores.

Sources: FEVER (SUPPORTS, REFUTES, NOT ENOUGH INFO), SNLI and MultiNLI (entailment, contradiction, neutral), RTE (entailment, not_entailment).
"""


def known_half(written: object) -> str | None:
    """Read the cell of a half: one of `HALVES` (case and spaces around it do not matter), "" for an empty one, None for any other."""
    half = "" if written is None else str(written).strip().lower()
    return half if half in {"", *HALVES} else None


def stances_of(label: str) -> frozenset[Stance] | None:
    """Return the stances that count as right for a label, by its name; None for a name that is not known."""
    return LABELS.get(re.sub(r"[\s_-]+", "_", label.strip().lower()))


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPair:
    """A claim, a statement, and what a person said the one is to the other.

    Attributes:
        claim: the claim's text.
        statement: the statement alone, from which amounts are compared.
        evidence: what the stance model reads of it, in each of the ways in which it reads it; with its context where that is known.
        allowed: the stances that count as right.
        claim_language: BCP 47; empty where it is not known.
        evidence_language: the same of the statement.
        cluster: what is drawn together in a bootstrap: the claim, or the document.
        half: ``choose`` or ``measure``; empty where the file has no halves.
        place: file and line, for messages.
    """

    claim: str
    statement: str
    evidence: tuple[str, ...]
    allowed: frozenset[Stance]
    claim_language: str = ""
    evidence_language: str = ""
    cluster: str = ""
    half: str = ""
    place: str = ""

    @property
    def languages(self) -> str:
        """The language pair as ``claim<evidence``; empty where neither is known."""
        known = self.claim_language or self.evidence_language
        return f"{self.claim_language or '?'}<{self.evidence_language or '?'}" if known else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A statement that can be found.

    ``with_context`` is what is embedded of it, equal to ``text`` where it has no context; ``evidence`` what the stance model reads of it, empty for the
    text alone.
    """

    passage_id: str
    text: str
    with_context: str
    language: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevant:
    """A statement that takes a side on a claim, to be found: its id and those of its near-identical copies."""

    same: frozenset[str]
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A claim, the relevant passages (none for a claim that nothing is said about), and where it is to be sought.

    ``pool`` names the passages among which it is sought.
    """

    query_id: str
    text: str
    language: str = ""
    relevant: tuple[Relevant, ...] = ()
    cluster: str = ""
    half: str = ""
    pool: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """One file (or gold folder) read: what can be measured on it, and what was refused.

    Attributes:
        name: of the file or folder.
        kind: which reader read it.
        sha256: 64 hexadecimal digits over the bytes of every file that belongs to it.
        pairs: for stance.
        pools: the passages by the name of the pool; the one of a set with a single pool is called "".
        queries: for retrieval.
        tasks: what it is measured for unless somebody asks otherwise: ``stance``, ``retrieval`` or both.
        refused: what was left out, one sentence each, with its line.
        notes: how it was read, where a reader of the report must know.
    """

    name: str
    kind: str
    sha256: str
    tasks: tuple[str, ...]
    pairs: tuple[LabelledPair, ...] = ()
    pools: Mapping[str, tuple[Passage, ...]] = field(default_factory=dict)
    queries: tuple[Query, ...] = ()
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def half(self, half: str) -> LabelledSet:
        """Keep one half of pairs and claims; the passages stay, as they do for a reader of the corpus.

        Rows that have no half are in neither; a note counts them.

        Raises:
            ExchangeError: the set has no halves.
        """
        halves = {pair.half for pair in self.pairs} | {query.half for query in self.queries}
        if halves <= {""}:
            msg = (
                f"{self.name} has no halves, so --half cannot choose one. Halves come from a field 'half' (choose or measure), or are drawn "
                "by a column 'document'. Leave --half out to measure the whole file."
            )
            raise ExchangeError(msg)
        notes = [*self.notes, f"Only the half called {half}."]
        without = [sum(not item.half for item in items) for items in (self.pairs, self.queries)]
        if any(without):
            notes.append(f"In neither half, having none named: {without[0]} pairs, {without[1]} claims.")
        return replace(
            self,
            pairs=tuple(pair for pair in self.pairs if pair.half == half),
            queries=tuple(query for query in self.queries if query.half == half),
            notes=tuple(notes),
        )

    def limited(self, most: int, *, seed: int) -> LabelledSet:
        """Keep at most so many pairs and so many claims, drawn with a fixed seed, in their order."""
        pairs, queries = _drawn(self.pairs, most, seed), _drawn(self.queries, most, seed)
        if (len(pairs), len(queries)) == (len(self.pairs), len(self.queries)):
            return self
        note = (
            f"Drawn at random (seed {seed}): {len(pairs)} of {len(self.pairs)} pairs, {len(queries)} of "
            f"{len(self.queries)} claims."
        )
        return replace(self, pairs=pairs, queries=queries, notes=(*self.notes, note))


def _drawn(items: Sequence[Item], most: int, seed: int) -> tuple[Item, ...]:
    if len(items) <= most:
        return tuple(items)
    chosen = sorted(random.Random(seed).sample(range(len(items)), most))  # noqa: S311  (no secret)
    return tuple(items[number] for number in chosen)


def half_of_document(document: str) -> str:
    """Draw a document's half by the first hexadecimal digit of the SHA-256 of its name: 0 to 7 chooses, 8 to f measures.

    A document's sentences share their subject, so they stay together.
    """
    return "choose" if hashlib.sha256(document.encode()).hexdigest()[0] < "8" else "measure"


def digest(paths: Sequence[Path]) -> str:
    """Return the SHA-256 over the bytes of files, in the order given: of one file, the file's own."""
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            if len(paths) == 1:
                return hashlib.file_digest(file, "sha256").hexdigest()
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()
