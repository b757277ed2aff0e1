"""A gold folder to a labelled set: claims, and quotes into documents, read as the tool reads its corpus.

The folder holds ``claims.jsonl`` and ``pairs.jsonl`` (fields: ``seeds/gold/README.md``); the corpus that the quotes point into lies beside it or in it,
in ``corpus/``. A statement is read together with what stands before it, exactly as a verification reads it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verifier.config import Settings
from verifier.domain import Document, Sentence, Stance, utc_now
from verifier.errors import ExchangeError
from verifier.evaluation.labelled import (
    HALVES,
    LABELS,
    LabelledPair,
    LabelledSet,
    Passage,
    Query,
    Relevant,
    digest,
    known_half,
    stances_of,
)
from verifier.ingest import IngestOptions, read_documents
from verifier.lexical import terms
from verifier.pipeline.verification import evidence_readings
from verifier.retrieve import passage_text
from verifier.segment import segment

_SAME_WORDS = 0.8
"""Two statements that share this much of their words are one statement in two copies: a wire story that several outlets reprint."""


@dataclass(frozen=True, slots=True)
class _Statement:
    sentence: Sentence
    previous: Sentence | None
    document: Document


def read_gold(folder: Path, settings: Settings) -> LabelledSet:
    """Read a gold folder.

    Args:
        folder: with ``claims.jsonl`` and ``pairs.jsonl``.
        settings: the limits of ingest, and the contexts in which statements are embedded and judged.

    Raises:
        ExchangeError: there is no corpus, a line is no record, or a label is not known.
    """
    corpus = next((place for place in (folder / "corpus", folder.parent / "corpus") if place.is_dir()), None)
    if corpus is None:
        msg = f"{folder} has no corpus: expected {folder / 'corpus'} or {folder.parent / 'corpus'} with the documents that are quoted."
        raise ExchangeError(msg)
    statements, refused = _statements(corpus, settings)
    claims, refused_claims = _claims(folder / "claims.jsonl")
    refused += refused_claims
    words = {name: frozenset(terms(found.sentence.text, "und")) for name, found in statements.items()}
    pairs: list[LabelledPair] = []
    relevant: dict[str, list[Relevant]] = defaultdict(list)
    for line, row in _records(folder / "pairs.jsonl", _PAIR):
        place = f"pairs.jsonl, line {line}"
        claim, names = claims.get(row["claim_id"]), _quoted(row, statements)
        if claim is None or not names:
            what = (
                f"claim {row['claim_id']!r} is not in claims.jsonl, or was refused"
                if claim is None
                else "its quote is in no sentence"
            )
            refused.append(f"{place}: {what}.")
            continue
        if row["stance"] is None or not str(row["stance"]).strip():
            refused.append(f"{place}: the stance is empty.")
            continue
        allowed = stances_of(str(row["stance"]))
        if allowed is None:
            msg = f"{folder / place}: the label {row['stance']!r} is not known. Known are {', '.join(sorted(LABELS))}."
            raise ExchangeError(msg)
        found = statements[names[0]]
        pairs.append(
            LabelledPair(
                claim=claim["text"],
                statement=found.sentence.text,
                evidence=evidence_readings(
                    found.sentence, found.document, found.previous, settings.stance.context
                ),
                allowed=allowed,
                claim_language=claim["language"],
                evidence_language=row["language"],
                # Claims about one fact, true or false and in three languages, stand or fall together.
                cluster=claim.get("fact") or claim["claim_id"],
                half=claim["half"],
                place=place,
            )
        )
        if Stance.NEUTRAL not in allowed:
            same = {other for name in names for other in words if _copies(words[name], words[other])}
            relevant[claim["claim_id"]].append(
                Relevant(same=frozenset({*names, *same}), language=row["language"])
            )
    documents = {found.document.document_id for found in statements.values()}
    passages = tuple(
        Passage(
            passage_id=name,
            text=found.sentence.text,
            with_context=passage_text(
                found.sentence, found.document, settings.retrieve.context, found.previous
            ),
            language=found.sentence.language,
            evidence=evidence_readings(
                found.sentence, found.document, found.previous, settings.stance.context
            ),
        )
        for name, found in statements.items()
    )
    queries = tuple(
        Query(
            query_id=claim_id,
            text=claim["text"],
            language=claim["language"],
            relevant=tuple(relevant[claim_id]),
            cluster=claim.get("fact") or claim_id,
            half=claim["half"],
        )
        for claim_id, claim in claims.items()
        if relevant[claim_id] or claim.get("unrelated")
    )
    files = [folder / "claims.jsonl", folder / "pairs.jsonl"]
    files += sorted(path for path in corpus.rglob("*") if path.is_file())
    return LabelledSet(
        name=f"{folder.parent.name}/{folder.name}" if folder.parent.name else folder.name,
        kind="gold",
        sha256=digest(files),
        tasks=("stance", "retrieval"),
        pairs=tuple(pairs),
        pools={"": passages},
        queries=queries,
        refused=tuple(refused),
        notes=(
            f"{len(passages)} sentences in {len(documents)} documents; claims about one fact are resampled together.",
        ),
    )


def _claims(path: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    claims, refused = {}, []
    for line, row in _records(path, _CLAIM):
        half = known_half(row.get("half"))
        if half is None:
            refused.append(
                f"{path.name}, line {line}: the half {row['half']!r} is not known; known are {' and '.join(HALVES)}."
            )
        else:
            claims[row["claim_id"]] = {**row, "half": half}
    return claims, refused


def _statements(corpus: Path, settings: Settings) -> tuple[dict[str, _Statement], list[str]]:
    found: dict[str, _Statement] = {}
    refused = []
    read = read_documents([corpus], options=IngestOptions(), settings=settings.ingest, now=utc_now())
    for document in read:
        if not isinstance(document, Document):
            refused.append(f"{document.source}: {document.message}")
            continue
        previous = None
        for sentence in segment(document):
            found[sentence.sentence_id] = _Statement(sentence, previous, document)
            previous = sentence
    return found, refused


def _quoted(row: dict[str, Any], statements: dict[str, _Statement]) -> list[str]:
    """Find the sentences that hold a quote: in its file and article, else in its file, else anywhere."""
    holding = [name for name, found in statements.items() if row["quote"] in found.sentence.text]

    def source(name: str) -> str:
        return Path(statements[name].document.acquisition.source).name

    in_file = [name for name in holding if source(name).startswith(row["file"])]
    in_article = [name for name in in_file if statements[name].document.title == row.get("article")]
    return in_article or in_file or holding


def _copies(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _SAME_WORDS * len(one | other) > 0


_CLAIM = ("claim_id", "text", "language")
_PAIR = ("claim_id", "file", "quote", "language", "stance")


def _records(path: Path, needed: tuple[str, ...]) -> list[tuple[int, dict[str, Any]]]:
    records = []
    for line, written in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not written.strip():
            continue
        try:
            record = json.loads(written)
        except ValueError as error:
            msg = f"{path}, line {line} is no JSON ({error}). Correct it and try again."
            raise ExchangeError(msg) from error
        missing = [name for name in needed if not isinstance(record, dict) or name not in record]
        if missing:
            msg = f"{path}, line {line} lacks {', '.join(missing)}. seeds/gold/README.md lists the fields."
            raise ExchangeError(msg)
        records.append((line, record))
    return records
