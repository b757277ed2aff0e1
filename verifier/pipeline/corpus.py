"""The workflows over the corpus: ingest, delete, index, and the demo corpus."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from verifier import index, lexical, retrieve
from verifier import ingest as reading
from verifier.config import resource_dir
from verifier.domain import Document, Refusal, Sentence, utc_now
from verifier.errors import DomainError, IndexMismatchError, IndexNotFoundError, StoreError
from verifier.pipeline.annotation import label_demo
from verifier.pipeline.services import LEXICAL_FOLDER, Progress, Services
from verifier.segment import segment

if TYPE_CHECKING:
    from verifier.encode import Encoder
    from verifier.index import IndexManifest, VectorIndex
    from verifier.ingest import IngestOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What an ingest did: counts of documents, and every refusal."""

    added: int = 0
    unchanged: int = 0
    new_versions: int = 0
    refused: tuple[Refusal, ...] = ()
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """What building the index did: counts of sentences, and seconds."""

    name: str
    sentences: int
    added: int
    removed: int
    rebuilt: bool
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexState:
    """Whether the index is there and covers the corpus; ``reason`` is a sentence when it does not."""

    name: str
    exists: bool
    fresh: bool
    sentences: int
    corpus_sentences: int
    reason: str = ""
    manifest: IndexManifest | None = None


def ingest(
    services: Services,
    paths: Sequence[Path],
    *,
    options: IngestOptions | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Take documents in: read, strip, segment, store. What is refused is stored with its reason; the rest goes in.

    Running it twice over the same input adds nothing. The index is not touched; see :func:`build_index`.
    """
    _learn_outlets(services, paths)
    outcomes = {"added": 0, "unchanged": 0, "new-version": 0}
    refused: list[Refusal] = []
    taken: list[str] = []
    now = utc_now()
    for item in reading.read_documents(
        paths,
        options=options or reading.IngestOptions(),
        settings=services.settings.ingest,
        now=now,
        progress=progress,
    ):
        if isinstance(item, Refusal):
            refused.append(item)
            continue
        document = _with_registry(services, item)
        try:
            outcomes[services.store.add_document(document, segment)] += 1
        except (DomainError, StoreError) as error:
            refused.append(
                Refusal(
                    source=document.acquisition.source,
                    reason="not-storable",
                    message=str(error),
                    refused_at=now,
                )
            )
            continue
        taken.append(document.document_id)
    services.store.add_refusals(refused)
    return IngestReport(
        added=outcomes["added"],
        unchanged=outcomes["unchanged"],
        new_versions=outcomes["new-version"],
        refused=tuple(refused),
        documents=tuple(taken),
    )


def build_index(
    services: Services, *, rebuild: bool = False, progress: Progress | None = None
) -> IndexReport:
    """Bring the index up to the corpus: only new sentences are encoded and only gone ones removed, unless ``rebuild``.

    An index that cannot be used (another encoder, damaged, none yet) is built anew. The old one stays in place until the new one is
    complete.
    """
    started = time.perf_counter()
    encoder = services.encoder_with(progress)
    context = services.settings.retrieve.context
    digest = services.store.corpus_digest()
    wanted = dict(_passages(services.store.current_sentences(), context))
    vectors, words = (None, None) if rebuild else _open_for_update(services, encoder)
    rebuilt = vectors is None
    if vectors is None or words is None:
        vectors = index.create_index(services.settings.index, dimension=encoder.dimension)
        words = lexical.LexicalIndex()
    present = set(vectors.ids)
    gone = sorted(present - wanted.keys())
    new = [key for key in wanted if key not in present]
    vectors.remove(gone)
    words.remove(gone)
    if new:
        vectors.add(
            new,
            retrieve.embed_passages(
                encoder,
                [wanted[key].text for key in new],
                [wanted[key].with_context for key in new],
                progress=progress,
            ),
        )
        words.add((key, wanted[key].with_context, wanted[key].language) for key in new)
    index.save_index(
        vectors,
        services.index_folder,
        index.IndexManifest(
            name=services.settings.index.name,
            encoder_fingerprint=encoder.fingerprint,
            encoder_name=encoder.name,
            encoder_precision=encoder.precision,
            corpus_digest=digest,
            context=context,
        ),
        parts={LEXICAL_FOLDER: words.save},
    )
    return IndexReport(
        name=services.settings.index.name,
        sentences=len(wanted),
        added=len(new),
        removed=len(gone),
        rebuilt=rebuilt,
        duration_s=time.perf_counter() - started,
    )


def index_state(services: Services) -> IndexState:
    """Tell whether the index exists and covers the corpus, without loading a model."""
    name = services.settings.index.name
    corpus_sentences = services.store.counts().sentences
    try:
        manifest = index.read_manifest(services.index_folder)
    except IndexNotFoundError:
        reason = "There is no index yet. Build it to search the corpus."
        return IndexState(
            name=name,
            exists=False,
            fresh=False,
            sentences=0,
            corpus_sentences=corpus_sentences,
            reason=reason,
        )
    except IndexMismatchError as error:
        return IndexState(
            name=name,
            exists=True,
            fresh=False,
            sentences=0,
            corpus_sentences=corpus_sentences,
            reason=str(error),
        )
    fresh = manifest.corpus_digest == services.store.corpus_digest()
    return IndexState(
        name=name,
        exists=True,
        fresh=fresh,
        sentences=manifest.count,
        corpus_sentences=corpus_sentences,
        reason="" if fresh else "The corpus has changed since the index was built. Update the index.",
        manifest=manifest,
    )


def delete_documents(
    services: Services, document_ids: Sequence[str], *, progress: Progress | None = None
) -> int:
    """Take documents out of the results and out of the index; labels on them stay, marked. Returns how many."""
    deleted = services.store.delete_documents(document_ids, utc_now())
    if deleted and index_state(services).exists:
        build_index(services, progress=progress)
    return deleted


class _Passage(NamedTuple):
    """What of a sentence goes into the index: alone for its own meaning, with context for what it leans on."""

    text: str
    with_context: str
    language: str


def _passages(rows: Iterable[tuple[Sentence, Document]], context: str) -> Iterable[tuple[str, _Passage]]:
    previous: Sentence | None = None
    for sentence, document in rows:
        before = previous if previous is not None and previous.document_id == sentence.document_id else None
        with_context = retrieve.passage_text(sentence, document, context, before)
        yield sentence.sentence_id, _Passage(sentence.text, with_context, sentence.language)
        previous = sentence


def _open_for_update(
    services: Services, encoder: Encoder
) -> tuple[VectorIndex, lexical.LexicalIndex] | tuple[None, None]:
    try:
        vectors, _ = index.load_index(
            services.index_folder,
            encoder_fingerprint=encoder.fingerprint,
            corpus_digest=None,
            context=services.settings.retrieve.context,
            exact_up_to=services.settings.index.exact_up_to,
        )
        return vectors, lexical.LexicalIndex.load(services.index_folder / LEXICAL_FOLDER)
    except (IndexNotFoundError, IndexMismatchError):
        return None, None


def _with_registry(services: Services, document: Document) -> Document:
    known = services.outlets.find(document.outlet) if document.outlet else None
    if known is None and document.url:
        known = services.outlets.find(document.url)
    if known is None:
        return document
    return replace(
        document,
        outlet=document.outlet or known.name,
        outlet_id=known.outlet_id,
        country=document.country or known.country,
    )


def _learn_outlets(services: Services, paths: Sequence[Path]) -> None:
    """Add the outlets that manifests beside the input describe to this installation's own registry."""
    described = [
        outlet for outlet in reading.manifest_outlets(paths) if services.outlets.find(outlet.name) is None
    ]
    if described:
        services.learn_outlets(described)


def demo(services: Services, *, progress: Progress | None = None) -> IngestReport:
    """Take in the demo corpus and its simulated labels, if the corpus is empty; otherwise do nothing."""
    if services.store.counts().documents:
        return IngestReport()
    folder = resource_dir("seeds")
    report = ingest(services, [folder / "corpus"], progress=progress)
    label_demo(services, folder / "annotations" / "labels.yaml")
    return report
