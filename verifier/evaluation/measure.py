"""The tool's own models run over a labelled set, and the figures of what they say.

Statements are sought and judged through the same functions that a verification goes through: `Retriever.find` with the
settings in force, the stance model, the amounts weighed in, and the rule that puts a statement into a column.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from verifier import quantities, verdict
from verifier.config import Settings
from verifier.domain import Stance, StanceScores
from verifier.evaluation.figures import (
    CUTOFFS,
    Figure,
    ReliabilityBin,
    StanceOutcome,
    confusion,
    ranks_of,
    reliability,
    retrieval_figures,
    share,
    stance_figures,
)
from verifier.evaluation.labelled import LabelledPair, LabelledSet, Passage, Query
from verifier.index import create_index
from verifier.lexical import LexicalIndex
from verifier.resampling import Bootstrap
from verifier.retrieve import Retriever, embed_passages, rerank
from verifier.stance import score_readings

if TYPE_CHECKING:
    from verifier.encode import Encoder
    from verifier.encode.protocol import FloatArray, Role
    from verifier.stance import StanceModel

Progress = Callable[[int, int, str], None]
Ranking = list[frozenset[str]]
"""Hits, best first, each with the ids of the near-identical statements folded into it."""
Search = Callable[[Query], Ranking]

EVERYTHING = "all"
"""The name of the group of all pairs of languages."""

MODEL_ALONE = "stance model"
COLUMNS = "columns of the tool"

_STANCES = (Stance.SUPPORTS, Stance.REFUTES, Stance.NEUTRAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The figures of one system on one set, for all pairs of languages or for one.

    Attributes:
        name: of the set.
        task: ``stance`` or ``retrieval``.
        system: what was measured.
        languages: ``claim<evidence``, or `EVERYTHING`.
        figures: in the order they are told.
        confusion: (3, 3) counts, gold down, said across; empty for retrieval.
        reliability: bins of the winning probability; empty where there are no probabilities.
    """

    name: str
    task: str
    system: str
    languages: str
    figures: tuple[Figure, ...]
    confusion: tuple[tuple[int, ...], ...] = ()
    reliability: tuple[ReliabilityBin, ...] = ()


# ---- stance ----------------------------------------------------------------------------------------------------------


def measure_stance(
    labelled: LabelledSet,
    model: StanceModel,
    settings: Settings,
    bootstrap: Bootstrap,
    progress: Progress | None = None,
) -> list[Measurement]:
    """Measure the stance model alone, and the columns in which the tool puts the same statements.

    The model says the most probable of three. The tool besides weighs agreeing and conflicting amounts, and lets a statement take a side only
    from the threshold of its rule on.
    """
    pairs = labelled.pairs
    given = score_readings(model, [(pair.claim, pair.evidence) for pair in pairs], progress=progress)
    weighed = [with_amounts(pair, scores) for pair, scores in zip(pairs, given, strict=True)]
    columns = [_STANCES.index(verdict.column(scores, settings.verdict)) for scores in weighed]
    alone = as_array(given)
    return [
        *stance_measurements(
            labelled.name, MODEL_ALONE, pairs, alone.argmax(axis=1), probabilities=alone, bootstrap=bootstrap
        ),
        *stance_measurements(
            labelled.name,
            COLUMNS,
            pairs,
            np.array(columns),
            probabilities=as_array(weighed),
            bootstrap=bootstrap,
        ),
    ]


def with_amounts(pair: LabelledPair, scores: StanceScores) -> StanceScores:
    """Weigh in whether the amounts of claim and statement agree, as a verification does."""
    return with_amounts_of(pair.claim, pair.statement, scores)


def with_amounts_of(claim: str, statement: str, scores: StanceScores) -> StanceScores:
    """The same for two texts."""
    amounts = quantities.compare(claim, statement)
    return verdict.with_amounts(scores, agree=amounts.agree) if amounts else scores


def as_array(scores: Iterable[StanceScores]) -> npt.NDArray[np.float64]:
    """Return (n, 3) probabilities in the order of `CLASSES`."""
    return np.array([(s.supports, s.refutes, s.neutral) for s in scores], dtype=np.float64).reshape(-1, 3)


def stance_measurements(
    name: str,
    system: str,
    pairs: Sequence[LabelledPair],
    said: npt.NDArray[np.int64],
    *,
    probabilities: npt.NDArray[np.float64] | None,
    bootstrap: Bootstrap,
) -> list[Measurement]:
    """Score what a system said about pairs: all of them, then by pair of languages.

    Args:
        name: of the set.
        system: its name.
        pairs: n labelled pairs.
        said: (n,) index into `CLASSES`.
        probabilities: (n, 3), or None for a system that gives none.
        bootstrap: how intervals are drawn.
    """
    outcome = StanceOutcome(
        allowed=np.array([[s in pair.allowed for s in _STANCES] for pair in pairs], dtype=bool).reshape(
            -1, 3
        ),
        said=said.astype(np.int64),
        probabilities=probabilities,
        clusters=tuple(pair.cluster for pair in pairs),
    )
    measurements = []
    spoken = [(pair.claim_language, pair.evidence_language) for pair in pairs]
    for group in _groups(spoken):
        part = outcome.of([i for i, (claim, evidence) in enumerate(spoken) if _fits(claim, evidence, group)])
        exact = part.of(part.exact)
        bins: tuple[ReliabilityBin, ...] = ()
        if exact.probabilities is not None and len(exact.said):
            bins = tuple(reliability(exact.probabilities, exact.allowed.argmax(axis=1)))
        measurements.append(
            Measurement(
                name=name,
                task="stance",
                system=system,
                languages=group_name(group),
                figures=tuple(stance_figures(part, bootstrap)),
                confusion=tuple(tuple(row) for row in confusion(part).tolist()),
                reliability=bins,
            )
        )
    return measurements


def _groups(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """List the groups to score: everything, each claim language, each evidence language, each pair of languages.

    Args:
        pairs: (claim language, evidence language) of every row; empty where not known.

    Returns:
        Pairs in which `EVERYTHING` stands for any language. A group that has the same rows as a simpler one is left out.
    """
    spoken = set(pairs)
    if len(spoken) == 1 and all(next(iter(spoken))):
        return list(spoken)
    groups = [(EVERYTHING, EVERYTHING)]
    known = sorted((claim, evidence) for claim, evidence in spoken if claim and evidence)
    for side in (0, 1):
        partners: dict[str, int] = defaultdict(int)
        for pair in known:
            partners[pair[side]] += 1
        if len(partners) > 1:
            groups += [
                (language, EVERYTHING) if side == 0 else (EVERYTHING, language)
                for language, count in partners.items()
                if count > 1
            ]
    return groups + known


def _fits(claim: str, evidence: str, group: tuple[str, str]) -> bool:
    return group[0] in {EVERYTHING, claim} and group[1] in {EVERYTHING, evidence}


def group_name(group: tuple[str, str]) -> str:
    """Write a group as ``claim<evidence``; ``all`` for everything."""
    return EVERYTHING if group == (EVERYTHING, EVERYTHING) else f"{group[0]}<{group[1]}"


# ---- retrieval -------------------------------------------------------------------------------------------------------


def measure_retrieval(
    labelled: LabelledSet,
    encoder: Encoder,
    settings: Settings,
    bootstrap: Bootstrap,
    progress: Progress | None = None,
    *,
    stance_model: StanceModel | None = None,
) -> list[Measurement]:
    """Measure the search with the settings in force: both legs fused, the floor applied, near-identical statements folded, and re-ranked.

    Without a stance model the search is measured as it is before re-ranking.
    """
    search = tool_search(labelled, encoder, settings, progress=progress, stance_model=stance_model)
    system = "search of the tool" if stance_model else "search of the tool, before re-ranking"
    return retrieval_measurements(
        labelled.name, system, labelled.queries, search, bootstrap=bootstrap, progress=progress
    )


def tool_search(
    labelled: LabelledSet,
    encoder: Encoder,
    settings: Settings,
    *,
    progress: Progress | None = None,
    stance_model: StanceModel | None = None,
) -> Search:
    """Index a set's passages as the tool indexes a corpus, and return its search over them.

    As many hits come back as the tool lets through to the stance model, and at least as many as the figures look at. A stance model re-ranks the first
    ``retrieve.rerank_pool`` of them.
    """
    pool_size = settings.retrieve.candidates
    depth = max(pool_size, *CUTOFFS)
    passages = {(pool, p.passage_id): p for pool, part in labelled.pools.items() for p in part}
    prepared = _Prepared(encoder, [query.text for query in labelled.queries], progress)
    retrievers = {
        pool: _retriever(passages, prepared, settings, progress) for pool, passages in labelled.pools.items()
    }

    def search(query: Query) -> Ranking:
        hits = retrievers[query.pool].find(query.text, language=query.language, k=depth)
        if stance_model:
            first = hits[:pool_size]
            read = [passages[query.pool, hit.sentence_id] for hit in first]
            scores = score_readings(stance_model, [(query.text, p.evidence or (p.text,)) for p in read])
            taking_sides = [
                1 - with_amounts_of(query.text, p.text, given).neutral
                for p, given in zip(read, scores, strict=True)
            ]
            everything = replace(settings.retrieve, top_k=len(first))
            hits = [first[place] for place in rerank(first, taking_sides, everything)] + hits[pool_size:]
        return [frozenset({hit.sentence_id, *hit.duplicates}) for hit in hits]

    return search


def _retriever(
    passages: Sequence[Passage], encoder: Encoder, settings: Settings, progress: Progress | None
) -> Retriever:
    texts = {passage.passage_id: passage.text for passage in passages}
    vectors = create_index(settings.index, dimension=encoder.dimension, expected=len(passages))
    vectors.add(
        list(texts),
        embed_passages(
            encoder,
            [passage.text for passage in passages],
            [passage.with_context for passage in passages],
            progress=progress,
        ),
    )
    words = LexicalIndex.build((p.passage_id, p.with_context, p.language) for p in passages)

    def known(ids: Sequence[str]) -> Mapping[str, str]:
        return {name: texts[name] for name in ids}

    return Retriever(encoder, vectors, words, settings.retrieve, known)


class _Prepared:
    """An encoder that knows the vectors of all claims beforehand: thousands at once are encoded several times as fast as one by one."""

    def __init__(self, encoder: Encoder, claims: Sequence[str], progress: Progress | None) -> None:
        self._encoder = encoder
        self.fingerprint = encoder.fingerprint
        self.name = encoder.name
        self.dimension = encoder.dimension
        self.precision = encoder.precision
        different = list(dict.fromkeys(claims))
        rows = encoder.encode(different, role="query", progress=progress) if different else ()
        self._known = dict(zip(different, rows, strict=True))

    def encode(self, texts: Sequence[str], *, role: Role, progress: Progress | None = None) -> FloatArray:
        if role == "query" and all(text in self._known for text in texts):
            return np.stack([self._known[text] for text in texts])
        return self._encoder.encode(texts, role=role, progress=progress)


def retrieval_measurements(
    name: str,
    system: str,
    queries: Sequence[Query],
    search: Search,
    *,
    bootstrap: Bootstrap,
    progress: Progress | None = None,
) -> list[Measurement]:
    """Score a search: all claims, then by pair of languages.

    For a pair of languages only the evidence in that language counts, and evidence in others is taken out of the ranking, so that finding it
    first is no mistake. Where there are claims that nothing is said about, it is told how often nothing was found for them, and for the
    others.
    """
    rankings = []
    for done, query in enumerate(queries):
        rankings.append(search(query))
        if progress:
            progress(done + 1, len(queries), "Searching")
    found = list(zip(queries, rankings, strict=True))
    measurements = []
    spoken = {(q.language, r.language) for q in queries for r in q.relevant}
    spoken |= {(q.language, "") for q in queries if not q.relevant}
    for group in _groups(spoken):
        scored = [_within(query, hits, group) for query, hits in found]
        # A claim that nothing is said about belongs to its own language, and to no language of evidence.
        scored = [(q, hits) for q, hits in scored if q.relevant or _fits(q.language, "", group)]
        ranks = [ranks_of(hits, [r.same for r in query.relevant]) for query, hits in scored]
        clusters = [query.cluster for query, _ in scored]
        figures = retrieval_figures(ranks, clusters, bootstrap)
        if any(not query.relevant for query, _ in scored):
            figures += _abstention(scored, clusters, bootstrap)
        measurements.append(
            Measurement(
                name=name,
                task="retrieval",
                system=system,
                languages=group_name(group),
                figures=tuple(figures),
            )
        )
    return measurements


def _within(query: Query, hits: Ranking, group: tuple[str, str]) -> tuple[Query, Ranking]:
    """Keep the relevant passages of a group of languages, and take the hits out that are relevant in other languages only."""
    wanted = tuple(r for r in query.relevant if _fits(query.language, r.language, group))
    inside = frozenset[str]().union(*(r.same for r in wanted))
    outside = frozenset[str]().union(*(r.same for r in query.relevant)) - inside
    return replace(query, relevant=wanted), [hit for hit in hits if hit & inside or not hit & outside]


def _abstention(
    found: Sequence[tuple[Query, Ranking]], clusters: Sequence[Hashable], bootstrap: Bootstrap
) -> list[Figure]:
    nothing = [not hits for _, hits in found]
    unrelated = [number for number, (query, _) in enumerate(found) if not query.relevant]
    others = [number for number, (query, _) in enumerate(found) if query.relevant]
    return [
        share(name, [nothing[i] for i in rows], [clusters[i] for i in rows], bootstrap, none="no such claim")
        for name, rows in (
            ("nothing found, unrelated claims", unrelated),
            ("nothing found, claims with evidence", others),
        )
    ]
