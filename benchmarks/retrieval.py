"""Measure how well statements are found for claims: vectors, words, both, and with the sentence before as context.

    python benchmarks/retrieval.py
    python benchmarks/retrieval.py --half choose
    python benchmarks/retrieval.py --parallel news.tsv.gz

``--data`` is a folder with ``corpus/`` (anything that `verifier ingest` reads) and ``gold/`` (``claims.jsonl`` and ``pairs.jsonl`` as
``seeds/gold/README.md`` describes them); the default is the project's own. Relevant are the sentences that support or refute
a claim, and near-identical copies of them. *Recall@k* is the share of such claim-evidence pairs whose sentence is among the
first k of the whole corpus in all languages; *first* the share of claims whose first hit is relevant; *MRR* the mean of 1 / rank of the first relevant one.
``--parallel`` is a table of aligned sentences with one column per language: the translation of each sentence is sought
among all sentences of the other language, and both among those of all languages.

The *peer* is the plain recipe with the same weights: the model's vectors as they come, the prompts of its card, a FAISS flat index.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import platform
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from verifier.config import IngestSettings, load_settings, resource_dir
from verifier.domain import Document, utc_now
from verifier.encode import CachedEncoder, Encoder, bundled_model_dir, load_encoder
from verifier.index import create_index
from verifier.ingest import IngestOptions, read_documents
from verifier.lexical import LexicalIndex, terms
from verifier.retrieve import CONTEXTS, Retriever, embed_passages, passage_text
from verifier.segment import segment

LANGUAGES = ("en", "uk", "ru")
Ranking = list[set[str]]
Search = Callable[[str, str], Ranking]


@dataclass
class Gold:
    """Sentences of a corpus, and for each claim its relevant sentences, one set of near-identical ones per pair."""

    texts: dict[str, str]
    joined: dict[str, dict[str, str]]
    languages: dict[str, str]
    claims: list[dict[str, str]]
    relevant: dict[str, list[tuple[str, bool, set[str]]]]


def read_gold(data: Path, half: str) -> Gold:
    """Ingest the corpus as the tool does, and find each quoted sentence in it."""
    texts, languages, places = {}, {}, {}
    joined: dict[str, dict[str, str]] = {context: {} for context in CONTEXTS}
    read = read_documents(
        [data / "corpus"], options=IngestOptions(), settings=IngestSettings(), now=utc_now()
    )
    for document in read:
        if not isinstance(document, Document):
            continue
        previous = None
        for sentence in segment(document):
            name = sentence.sentence_id
            texts[name], languages[name] = sentence.text, sentence.language
            places[name] = Path(document.acquisition.source).name
            for context in CONTEXTS:
                joined[context][name] = passage_text(sentence, document, context, previous)
            previous = sentence
    words = {name: frozenset(terms(text, "und")) for name, text in texts.items()}
    claims = [json.loads(line) for line in (data / "gold" / "claims.jsonl").read_text("utf-8").splitlines()]
    kept = {claim["claim_id"]: claim for claim in claims if half in ("all", claim["half"])}
    relevant: dict[str, list[tuple[str, bool, set[str]]]] = defaultdict(list)
    for line in (data / "gold" / "pairs.jsonl").read_text("utf-8").splitlines():
        pair = json.loads(line)
        if pair["stance"] == "neutral" or pair["claim_id"] not in kept:
            continue
        quoted = [name for name, text in texts.items() if pair["quote"] in text]
        quoted = [name for name in quoted if places[name].startswith(pair["file"])] or quoted
        same = {other for name in quoted for other in texts if nearly_equal(words[name], words[other])}
        relevant[pair["claim_id"]].append((pair["language"], pair["context"], same))
    return Gold(texts, joined, languages, list(kept.values()), dict(relevant))


def nearly_equal(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two sentences share four in five of their words."""
    return len(one & other) >= 0.8 * len(one | other)


def ours(gold: Gold, encoder: Encoder, *, context: str, weight: float, depth: int) -> Search:
    """Search as the tool does, without its floor."""
    names, joined = list(gold.texts), gold.joined[context]
    settings = load_settings(environ={})
    index = create_index(settings.index, dimension=encoder.dimension, expected=len(names))
    index.add(names, embed_passages(encoder, [gold.texts[n] for n in names], [joined[n] for n in names]))
    words = LexicalIndex.build((name, joined[name], gold.languages[name]) for name in names)
    options = replace(settings.retrieve, min_similarity=-1.0, lexical_weight=weight)
    retriever = Retriever(
        encoder, index, words, options, lambda ids: {name: gold.texts[name] for name in ids}
    )
    return lambda text, language: [
        {hit.sentence_id, *hit.duplicates} for hit in retriever.find(text, language=language, k=depth)
    ]


def by_words(gold: Gold, depth: int) -> Search:
    """Search by words alone."""
    index = LexicalIndex.build((name, text, gold.languages[name]) for name, text in gold.texts.items())
    return lambda text, language: [{name} for name, _ in index.search(text, language, depth)]


def peer(gold: Gold, folder: Path, depth: int) -> Search:
    """Search by the plain recipe."""
    import faiss
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), local_files_only=True, device="cpu")
    names = list(gold.texts)
    rows = model.encode(list(gold.texts.values()), prompt="passage: ", show_progress_bar=False)
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)

    def search(text: str, _: str) -> Ranking:
        query = model.encode([text], prompt="query: ", show_progress_bar=False)
        return [{names[number]} for number in index.search(query, min(depth, len(names)))[1][0]]

    return search


def measure(gold: Gold, search: Search) -> dict[str, object]:
    """Run every claim that has evidence; ranks count hits, so that folded copies count once."""
    best, ranks, seconds = [], [], []
    for claim in gold.claims:
        if claim["claim_id"] not in gold.relevant:
            continue
        began = time.perf_counter()
        found = search(claim["text"], claim["language"])
        seconds.append(time.perf_counter() - began)
        own = []
        for language, leans, same in gold.relevant[claim["claim_id"]]:
            rank = next((place for place, hit in enumerate(found, 1) if hit & same), 10**6)
            own.append(rank)
            ranks.append((claim["language"], language, leans, rank))
        best.append(min(own))
    pairs = {
        f"{a}→{b}": share([rank <= 10 for c, e, _, rank in ranks if (c, e) == (a, b)])
        for a in LANGUAGES
        for b in LANGUAGES
    }
    return {
        "first": share([rank == 1 for rank in best]),
        "mrr": statistics.fmean(1 / rank for rank in best),
        "r1": share([rank <= 1 for *_, rank in ranks]),
        "r10": share([rank <= 10 for *_, rank in ranks]),
        "r24": share([rank <= 24 for *_, rank in ranks]),
        "leaning": share([rank <= 10 for *_, leans, rank in ranks if leans]),
        "others": share([rank <= 10 for *_, leans, rank in ranks if not leans]),
        "pairs": pairs,
        "ms": statistics.median(seconds) * 1000,
    }


def share(values: Sequence[bool]) -> float:
    """Return the share of true values; of none, not a number."""
    return sum(values) / len(values) if values else float("nan")


def report_gold(gold: Gold, encoder: Encoder, folder: Path, depth: int = 200) -> None:
    """Print a table of every way to search."""
    weight = load_settings(environ={}).retrieve.lexical_weight
    ways: dict[str, Search] = {"peer": peer(gold, folder, depth), "words": by_words(gold, depth)}
    for context in CONTEXTS:
        ways[f"vectors, context {context}"] = ours(gold, encoder, context=context, weight=0, depth=depth)
        ways[f"fused, context {context}"] = ours(gold, encoder, context=context, weight=weight, depth=depth)
    count = sum(map(len, gold.relevant.values()))
    print(
        f"\n{len(gold.texts)} sentences, {len(gold.relevant)} claims with evidence, {count} pairs; words weigh {weight}"
    )
    print(f"{'':28}first   MRR   r@1  r@10  r@24  leaning  others  ms/claim   recall@10 by claim→evidence")
    for name, way in ways.items():
        result = measure(gold, way)
        pairs = " ".join(f"{pair} {value:.2f}" for pair, value in result["pairs"].items())
        print(
            f"{name:28}{result['first']:5.3f} {result['mrr']:5.3f} {result['r1']:5.3f} {result['r10']:5.3f} "
            f"{result['r24']:5.3f}  {result['leaning']:7.3f} {result['others']:7.3f} {result['ms']:9.1f}   {pairs}"
        )


def report_floor(gold: Gold, encoder: Encoder) -> None:
    """Print how near the nearest statement of claims with and without evidence is, and the evidence itself."""
    search_settings = load_settings(environ={})
    joined = gold.joined[search_settings.retrieve.context]
    names = list(gold.texts)
    rows = embed_passages(encoder, [gold.texts[n] for n in names], [joined[n] for n in names])
    cosines = encoder.encode([claim["text"] for claim in gold.claims], role="query") @ rows.T
    number = {name: place for place, name in enumerate(names)}
    groups: dict[str, list[float]] = defaultdict(list)
    for claim, row in zip(gold.claims, cosines, strict=True):
        groups["nearest, unrelated claims" if claim["unrelated"] else "nearest, claims with evidence"].append(
            row.max()
        )
        for _, _, same in gold.relevant.get(claim["claim_id"], ()):
            groups["evidence"].append(max(row[number[name]] for name in same))
    print(
        f"\ncosines with context {search_settings.retrieve.context!r}: least, 1 %, 5 %, 10 %, median, 90 %, greatest"
    )
    for name, values in groups.items():
        print(
            f"{name:32}"
            + " ".join(f"{v:6.3f}" for v in np.quantile(values, [0, 0.01, 0.05, 0.1, 0.5, 0.9, 1]))
        )


def report_parallel(path: Path, encoder: Encoder, folder: Path) -> None:
    """Print how often the translation of a sentence is the nearest one."""
    from sentence_transformers import SentenceTransformer

    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    model = SentenceTransformer(str(folder), local_files_only=True, device="cpu")
    texts = {language: [row[language] for row in rows] for language in LANGUAGES}
    makers = {
        "peer, query": lambda t: model.encode(t, prompt="query: ", show_progress_bar=False),
        "peer, passage": lambda t: model.encode(t, prompt="passage: ", show_progress_bar=False),
    }
    plain = {name: {language: make(t) for language, t in texts.items()} for name, make in makers.items()}
    mine = {language: encoder.encode(t, role="passage") for language, t in texts.items()}
    ways = {
        "peer (query/passage)": (plain["peer, query"], plain["peer, passage"]),
        "peer, query on both sides": (plain["peer, query"], plain["peer, query"]),
        "ours": (mine, mine),
    }
    print(
        f"\n{len(rows)} aligned sentences: recall@1 of the translation; both translations first among all {3 * len(rows)}"
    )
    for name, (queries, passages) in ways.items():
        right, both = {}, []
        pool = np.concatenate([passages[language] for language in LANGUAGES])
        for place, a in enumerate(LANGUAGES):
            for b in LANGUAGES:
                if a != b:
                    nearest = (queries[a] @ passages[b].T).argmax(axis=1)
                    right[f"{a}→{b}"] = float((nearest == np.arange(len(rows))).mean())
            cosines = queries[a] @ pool.T
            cosines[np.arange(len(rows)), place * len(rows) + np.arange(len(rows))] = -2  # itself
            top = np.argsort(-cosines, axis=1)[:, :2] % len(rows)
            both.append(float((top == np.arange(len(rows))[:, None]).mean()))
        pairs = " ".join(f"{pair} {value:.3f}" for pair, value in right.items())
        print(
            f"{name:28} mean {statistics.fmean(right.values()):.4f}  both {statistics.fmean(both):.4f}   {pairs}"
        )


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=resource_dir("seeds"))
    parser.add_argument("--half", choices=("choose", "measure", "all"), default="all")
    parser.add_argument("--parallel", type=Path)
    options = parser.parse_args()
    settings = load_settings()
    folder = bundled_model_dir(settings.cache_dir)
    with tempfile.TemporaryDirectory() as scratch:
        encoder = CachedEncoder(
            load_encoder(settings.encoder, cache_dir=settings.cache_dir), Path(scratch) / "v.db"
        )
        print(
            f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        )
        print(f"encoder {encoder.name}, {encoder.precision}; half of the gold: {options.half}")
        gold = read_gold(options.data, options.half)
        report_gold(gold, encoder, folder)
        report_floor(gold, encoder)
        if options.parallel:
            report_parallel(options.parallel, encoder, folder)
        encoder.close()


if __name__ == "__main__":
    main()
