"""One table of the tool's quality, beside other people's recipes on the same sentences.

    python benchmarks/quality.py
    python benchmarks/quality.py --data FOLDER --out quality/
    python benchmarks/quality.py --data FOLDER --only retrieval --most 500

Every row is a set, a system, a pair of languages (claim<evidence), n, a figure, its value and a 95 % bootstrap interval over whole claims or
documents. The key figures are printed as Markdown; ``--out`` writes all of them as ``quality.md``, ``quality.csv`` and ``quality.json``.

Without ``--data`` the project's own gold and small sets are measured. A ``--data`` folder may hold public sets besides; those missing are named:
``parallel/ntrex_a.tsv.gz`` (aligned sentences, one column a language, and the document), and in ``nli/`` as JSON lines with premise, hypothesis, label
and lang: ``xnli_dev_en_ru``, ``fever_symmetric_dev``, ``fool_me_twice_dev``, ``negation_nli_a``, ``climate_fever_a`` (``.jsonl.gz``). None of them may
have been trained on.

Systems: *tool* is the search with the default settings, *fused* the same before the stance model re-ranks it, *dense only* without words besides, and
the peers of ``peers.py`` (which tells how to install them). *end to end* is `verify` itself over the gold's corpus. For stance the peer is the cosine of the encoder with two thresholds that were fitted
on the choosing half of the gold; it cannot tell a contradiction from a repetition.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from peers import PEERS, NotInstalledError, search_of
from quality_table import Row, markdown, rows_of, write

from verifier import pipeline
from verifier.config import Settings, load_settings, resource_dir
from verifier.domain import Verdict
from verifier.encode import CachedEncoder, bundled_model_dir, load_encoder
from verifier.evaluation import (
    Bootstrap,
    Figure,
    LabelledPair,
    LabelledSet,
    Measurement,
    Query,
    Reading,
    measure_stance,
    processor,
    read_labelled,
    retrieval_measurements,
    stance_measurements,
    tool_search,
)
from verifier.evaluation.figures import share
from verifier.stance import load_stance_model
from verifier.store import open_store

if TYPE_CHECKING:
    from verifier.stance import StanceModel

PARTS = ("retrieval", "stance", "abstention", "speed")
TOOL, FUSED = "tool: fused, re-ranked", "fused, not re-ranked"
RERANKED = 300
"""Aligned sentences that are re-ranked: the stance model reads dozens of pairs for each, so all of them would take the better part of an hour."""
NLI = ("fever_symmetric_dev", "fool_me_twice_dev", "negation_nli_a", "climate_fever_a")
TIMED_TOKENS = 48
TIMED_PAIRS = 256
TIMED_RUNS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every part needs."""

    settings: Settings
    encoder: CachedEncoder
    stance: StanceModel
    folder: Path
    gold: LabelledSet
    corpus: Path
    data: Path | None
    most: int
    bootstrap: Bootstrap

    def read(self, path: Path) -> LabelledSet | None:
        """Read a set, at most ``most`` rows of it; None, and a line to say so, where it is not there."""
        if not path.exists():
            print(f"not measured: {path} is not there", flush=True)
            return None
        labelled = read_labelled(path, Reading(self.settings))
        return labelled.limited(self.most, seed=self.bootstrap.seed) if self.most else labelled


# ---- retrieval -------------------------------------------------------------------------------------------------------


def retrieval(bench: Bench) -> Iterator[Row]:
    """Measure every search on the aligned sentences and on both halves of the gold."""
    own = Path(__file__).resolve().parent.parent / "tests" / "quality" / "parallel.tsv"
    sets = [
        ("gold, choosing half", bench.gold.half("choose")),
        ("gold, measuring half", bench.gold.half("measure")),
    ]
    for path in (own, bench.data and bench.data / "parallel" / "ntrex_a.tsv.gz"):
        found = bench.read(path) if path else None
        if found:
            sets.append((found.name, found))
    for name, labelled in sets:
        yield from searches(bench, name, labelled)
        if labelled.name.startswith("ntrex"):
            measuring, name_of_half = labelled.half("measure"), f"{name}, documents for measuring"
            yield from searched(bench, name_of_half, FUSED, measuring, bench.settings)
            few = measuring.limited(RERANKED, seed=bench.bootstrap.seed)
            name_of_few = f"{name_of_half}, {len(few.queries)} drawn"
            yield from searched(bench, name_of_few, TOOL, few, bench.settings, reranked=True)
        else:
            yield from searched(bench, name, TOOL, labelled, bench.settings, reranked=True)


def searched(
    bench: Bench, name: str, system: str, labelled: LabelledSet, settings: Settings, *, reranked: bool = False
) -> Iterator[Row]:
    """Measure the tool's search under some settings."""
    search = tool_search(labelled, bench.encoder, settings, stance_model=bench.stance if reranked else None)
    yield from rows_of(
        retrieval_measurements(name, system, labelled.queries, search, bootstrap=bench.bootstrap)
    )


def searches(bench: Bench, name: str, labelled: LabelledSet) -> Iterator[Row]:
    """Measure the tool's two legs fused, the dense one alone, and every peer that is installed."""
    without_words = replace(bench.settings, retrieve=replace(bench.settings.retrieve, lexical_weight=0.0))
    yield from searched(bench, name, FUSED, labelled, bench.settings)
    yield from searched(bench, name, "dense only", labelled, without_words)
    for peer in PEERS:
        try:
            search = search_of(peer, bench.folder, labelled)
        except NotInstalledError as error:
            print(f"not measured: {peer.name}: {error}", flush=True)
            continue
        yield from rows_of(
            retrieval_measurements(name, peer.name, labelled.queries, search, bootstrap=bench.bootstrap)
        )


# ---- stance ----------------------------------------------------------------------------------------------------------


def stance(bench: Bench) -> Iterator[Row]:
    """Measure the stance model and the tool's columns on every set, and the peer on both halves of the gold."""
    halves = {half: bench.gold.half(half) for half in ("choose", "measure")}
    for half, labelled in halves.items():
        name = f"gold, {'choosing' if half == 'choose' else 'measuring'} half"
        yield from rows_of(measure_stance(labelled, bench.stance, bench.settings, bench.bootstrap), name)
        yield from rows_of(cosine_peer(bench, halves["choose"], labelled), name)
    own = bench.read(Path(__file__).resolve().parent.parent / "tests" / "quality" / "pairs.jsonl")
    sets = [own] if own else []
    if bench.data:
        sets += xnli(bench)
        read = (bench.read(bench.data / "nli" / f"{name}.jsonl.gz") for name in NLI)
        sets += [labelled for labelled in read if labelled]
    for labelled in sets:
        yield from rows_of(measure_stance(labelled, bench.stance, bench.settings, bench.bootstrap))


def xnli(bench: Bench) -> list[LabelledSet]:
    """Read XNLI in each language, and with claim and statement in different ones: its rows are parallel, in the same order."""
    path = (bench.data or Path()) / "nli" / "xnli_dev_en_ru.jsonl.gz"
    if not path.exists():
        print(f"not measured: {path} is not there", flush=True)
        return []
    whole = read_labelled(path, Reading(bench.settings))
    of = {language: [p for p in whole.pairs if p.claim_language == language] for language in ("en", "ru")}
    mixed = []
    for mine, other in (("en", "en"), ("ru", "ru"), ("en", "ru"), ("ru", "en")):
        pairs = [
            replace(claim, statement=s.statement, evidence=s.evidence, evidence_language=other)
            for claim, s in zip(of[mine], of[other], strict=True)
        ]
        labelled = replace(whole, name=f"xnli {mine}<{other}", pairs=tuple(pairs), queries=())
        mixed.append(labelled.limited(bench.most, seed=bench.bootstrap.seed) if bench.most else labelled)
    return mixed


def cosine_peer(bench: Bench, choosing: LabelledSet, labelled: LabelledSet) -> list[Measurement]:
    """Judge by the cosine alone: two thresholds of greatest macro-F1 on the choosing half."""
    from sklearn.metrics import f1_score

    def cosines(pairs: Sequence[LabelledPair]) -> np.ndarray:
        claims = bench.encoder.encode([pair.claim for pair in pairs], role="query")
        statements = bench.encoder.encode([pair.statement for pair in pairs], role="passage")
        return (claims * statements).sum(axis=1)

    def said(values: np.ndarray, low: float, high: float) -> np.ndarray:
        return np.where(values < low, 2, np.where(values < high, 1, 0))

    order = ("supports", "refutes", "neutral")
    gold = [order.index(next(iter(pair.allowed)).value) for pair in choosing.pairs]
    fitted = cosines(choosing.pairs)
    steps = np.quantile(fitted, np.linspace(0, 1, 25))
    low, high = max(
        ((a, b) for a in steps for b in steps if a <= b),
        key=lambda cuts: f1_score(gold, said(fitted, *cuts), average="macro", zero_division=0),
    )
    answers = said(cosines(labelled.pairs), low, high)
    return stance_measurements(
        labelled.name,
        "peer: cosine with two thresholds",
        labelled.pairs,
        answers,
        probabilities=None,
        bootstrap=bench.bootstrap,
    )


# ---- abstention ------------------------------------------------------------------------------------------------------


def abstention(bench: Bench) -> Iterator[Row]:
    """Verify every claim of the gold end to end: ranks of the evidence, and how often the tool abstains."""
    with tempfile.TemporaryDirectory() as home:
        settings = replace(bench.settings, home=Path(home), indexes_dir=Path(home) / "indexes")
        services = pipeline.Services(
            settings,
            store=open_store(f"sqlite:///{home}/verifier.db"),
            encoder=bench.encoder,
            stance_model=bench.stance,
        )
        pipeline.ingest(services, [bench.corpus])
        pipeline.build_index(services)
        found = {
            q.query_id: pipeline.verify(services, q.text, language=q.language) for q in bench.gold.queries
        }
        services.store.close()  # and not the encoder, which other parts still use

    def search(query: Query) -> list[frozenset[str]]:
        return [
            frozenset({item.hit.sentence_id, *item.hit.duplicates}) for item in found[query.query_id].evidence
        ]

    for half, name in (("choose", "gold, choosing half"), ("measure", "gold, measuring half")):
        queries = bench.gold.half(half).queries
        yield from rows_of(
            retrieval_measurements(name, "end to end", queries, search, bootstrap=bench.bootstrap)
        )
    for language in ("all", "en", "uk", "ru"):
        for unrelated in (True, False):
            chosen = [
                q
                for q in bench.gold.queries
                if (not q.relevant) is unrelated and language in {"all", q.language}
            ]
            of = "unrelated claims" if unrelated else "claims with evidence"
            outcomes = {
                f"abstains, {of}": [
                    found[q.query_id].decision.verdict is Verdict.NOT_ENOUGH_EVIDENCE for q in chosen
                ],
                f"nothing found, {of}": [not found[q.query_id].evidence for q in chosen],
            }
            clusters = [q.cluster for q in chosen]
            for name, values in outcomes.items():
                yield of_gold("end to end", language, share(name, values, clusters, bench.bootstrap))
    yield from lost_to_the_floor(bench)


def lost_to_the_floor(bench: Bench) -> Iterator[Row]:
    """Measure what share of the evidence that would be found without the floor is not found with it."""
    open_settings = replace(bench.settings, retrieve=replace(bench.settings.retrieve, min_similarity=-1.0))
    without, within = (
        tool_search(bench.gold, bench.encoder, settings) for settings in (open_settings, bench.settings)
    )
    lost: list[tuple[str, str, bool]] = []
    for query in bench.gold.queries:
        before, after = (frozenset[str]().union(*search(query)) for search in (without, within))
        lost += [
            (query.language, query.cluster, not r.same & after) for r in query.relevant if r.same & before
        ]
    for language in ("all", "en", "uk", "ru"):
        chosen = [item for item in lost if language in {"all", item[0]}]
        figure = share(
            "evidence lost to the floor",
            [gone for *_, gone in chosen],
            [c for _, c, _ in chosen],
            bench.bootstrap,
        )
        yield of_gold(FUSED, language, figure)


def of_gold(system: str, languages: str, figure: Figure) -> Row:
    """Make the line of one figure over both halves of the gold."""
    (row,) = rows_of(
        [
            Measurement(
                name="gold, both halves",
                task="retrieval",
                system=system,
                languages=languages,
                figures=(figure,),
            )
        ]
    )
    return row


# ---- speed -----------------------------------------------------------------------------------------------------------


def speed(bench: Bench) -> Iterator[Row]:
    """Time the stance model on different pairs of exactly so many tokens; the median of several runs."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(bench.folder), local_files_only=True)
    draw = random.Random(bench.bootstrap.seed)
    words = sorted({word for pair in bench.gold.pairs for word in pair.statement.split()})
    pairs = []
    while len(pairs) < TIMED_PAIRS:
        claim, evidence = " ".join(draw.choices(words, k=7)), draw.choice(words)
        while (length := len(tokenizer(evidence, claim)["input_ids"])) < TIMED_TOKENS:
            evidence += f" {draw.choice(words)}"
        if length == TIMED_TOKENS:
            pairs.append((claim, evidence))
    bench.stance.score(pairs[:32])
    seconds = []
    for _ in range(TIMED_RUNS):
        began = time.perf_counter()
        bench.stance.score(pairs)
        seconds.append(time.perf_counter() - began)
    rates = sorted(len(pairs) / s for s in seconds)
    yield Row(
        set=f"made pairs of {TIMED_TOKENS} tokens",
        system=f"stance model ({getattr(bench.stance, 'precision', 'precision unknown')})",
        languages="all",
        n=len(pairs),
        figure="pairs/s",
        value=statistics.median(rates),
        low=rates[0],
        high=rates[-1],
        note=f"median, least and greatest of {TIMED_RUNS} runs; load {os.getloadavg()[0]:.1f}",
    )


# ---- the run ---------------------------------------------------------------------------------------------------------


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder with parallel/ and nli/")
    parser.add_argument("--gold", type=Path, default=resource_dir("seeds") / "gold")
    parser.add_argument("--out", type=Path, help="folder for quality.md, .csv and .json")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part (repeatable)")
    parser.add_argument("--most", type=int, default=0, help="rows of a public set at most; 0 for all")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measure(options, Path(scratch))


def measure(options: argparse.Namespace, scratch: Path) -> None:
    """Measure the parts that are wanted, and print the table.

    Args:
        options: of the command line.
        scratch: a folder for vectors, so that systems that use the same ones share them.
    """
    settings = load_settings()
    folder = bundled_model_dir(settings.cache_dir)
    bench = Bench(
        settings=settings,
        encoder=CachedEncoder(
            load_encoder(settings.encoder, cache_dir=settings.cache_dir), scratch / "vectors.sqlite3"
        ),
        stance=load_stance_model(settings.stance, cache_dir=settings.cache_dir, encoder_dir=folder),
        folder=folder,
        gold=read_labelled(options.gold, Reading(settings)),
        corpus=options.gold.parent / "corpus",
        data=options.data,
        most=options.most,
        bootstrap=Bootstrap(),
    )
    head = [
        f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}",
        f"encoder {bench.encoder.name}@{bench.encoder.fingerprint} ({bench.encoder.precision})",
        f"stance model {bench.stance.name}@{bench.stance.fingerprint}; settings {settings.digest()}",
        f"gold sha256 {bench.gold.sha256}; seed {bench.bootstrap.seed}, {bench.bootstrap.resamples} resamples"
        + (f"; at most {options.most} rows of a public set, drawn at random" if options.most else ""),
    ]
    print("\n".join(head), flush=True)
    parts: dict[str, Callable[[Bench], Iterator[Row]]] = {
        "retrieval": retrieval,
        "stance": stance,
        "abstention": abstention,
        "speed": speed,
    }
    rows: list[Row] = []
    for name, part in parts.items():
        if options.only and name not in options.only:
            continue
        began = time.perf_counter()
        rows += part(bench)
        print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
        if options.out:
            write(options.out, head, rows)
    bench.encoder.close()
    print("\n" + "\n".join(markdown(rows)))


if __name__ == "__main__":
    main()
