"""The workflow of taking exported files in again: documents, labels, and pairs of claims and statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from verifier import exchange, verdict
from verifier.domain import Document, OpKind, Refusal, Sentence, utc_now
from verifier.errors import StoreError
from verifier.pipeline.services import Progress, Services
from verifier.segment import segment

_VERSIONS_AT_HAND = 256
"""Document versions kept in memory while pairs or labels are checked against them; a long article takes some 200 kB."""

_SAID_BY_ROW = ("title", "language", "outlet", "url", "published_at", "licence")
"""What a row of documents.csv says of a version besides its text and when it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did.

    ``kind`` is ``documents``, ``labels`` or ``pairs``. ``added`` counts rows that were new, ``changed`` rows that told a later state of
    something known, and ``refused`` names every row that did not fit.
    """

    kind: str
    added: int
    changed: int
    refused: tuple[Refusal, ...]


def import_file(services: Services, path: Path, *, progress: Progress | None = None) -> ImportReport:
    """Take in a file that was exported: documents, labels or pairs, as CSV or JSON Lines, known by its columns.

    Labels and pairs need their documents in the corpus: import those first. Rows that do not fit are listed; importing twice adds
    nothing. The index is not touched.

    Raises:
        ExchangeError: the file cannot be read, or is of none of these formats.
    """
    kind = exchange.kind_of(path)
    return _IMPORTS[kind](services, path, progress)


def _import_documents(services: Services, path: Path, progress: Progress | None) -> ImportReport:
    found = exchange.read_documents(path)
    refused = list(found.refusals)
    by_id: dict[str, list[Document]] = {}
    for document in found.documents:
        by_id.setdefault(document.document_id, []).append(document)
    added = 0
    for done, (document_id, versions) in enumerate(by_id.items()):
        if progress:
            progress(done, len(by_id), "Taking documents in")
        stored = services.store.versions(document_id)
        place = 0
        for document in versions:
            # The file tells versions in their order, so they are looked for in that order: a text may have come back later.
            at = next((n for n in range(place, len(stored)) if stored[n].sha256 == document.sha256), None)
            if at is not None:
                place = at + 1
                refused += _said_otherwise(document, stored[at])
                continue
            try:
                outcome = services.store.add_document(_with_registry_id(services, document), segment)
            except StoreError as error:
                refused.append(_refusal(document, "not-storable", str(error)))
            else:
                added += outcome != "unchanged"
                place = len(stored)
    if progress:
        progress(len(by_id), len(by_id), "Taking documents in")
    return ImportReport(kind="documents", added=added, changed=0, refused=tuple(refused))


def _said_otherwise(given: Document, stored: Document) -> list[Refusal]:
    differing = [name for name in _SAID_BY_ROW if getattr(given, name) != getattr(stored, name)]
    if not differing:
        return []
    message = (
        f"{given.acquisition.source}: this text is stored already, and the row says something else in {', '.join(differing)}; what is stored "
        "was kept."
    )
    return [_refusal(given, "differs", message)]


def _refusal(document: Document, reason: str, message: str) -> Refusal:
    return Refusal(source=document.acquisition.source, reason=reason, message=message, refused_at=utc_now())


def _with_registry_id(services: Services, document: Document) -> Document:
    """Add what the registry knows of the outlet; its name stays as the row has it."""
    known = services.outlets.find(document.outlet) if document.outlet else None
    return document if known is None else replace(document, outlet_id=known.outlet_id, country=known.country)


def _import_labels(services: Services, path: Path, _progress: Progress | None) -> ImportReport:
    store = services.store
    found = exchange.read_label_ops(
        path,
        lru_cache(_VERSIONS_AT_HAND)(store.documents_by_sha256),
        known=store.annotations(),
        withdrawn=store.withdrawn_annotations(),
        salt=store.project_salt(),
    )
    store.commit_ops(found.ops)
    added = {op.annotation_id for op in found.ops if op.kind is OpKind.ADD}
    changed = {op.annotation_id for op in found.ops if op.kind is OpKind.CHANGE} - added
    return ImportReport(kind="labels", added=len(added), changed=len(changed), refused=tuple(found.refusals))


def _import_pairs(services: Services, path: Path, progress: Progress | None) -> ImportReport:
    store, thresholds = services.store, services.settings.verdict

    @lru_cache(_VERSIONS_AT_HAND)
    def sentences(document_id: str, version: int) -> Sequence[Sentence]:
        return store.sentences(document_id, version)

    found = exchange.read_pairs(
        path,
        lru_cache(_VERSIONS_AT_HAND)(store.documents_by_sha256),
        rules=exchange.Rules(
            column=lambda scores: verdict.column(scores, thresholds),
            decide=lambda evidence: verdict.decide(evidence, thresholds),
            sentences=lambda document: sentences(document.document_id, document.version),
        ),
        known={v.verification_id: v for v in store.verifications(None)},
        judgements=store.judgements(include_withdrawn=True),
        salt=store.project_salt(),
    )
    for done, verification in enumerate(found.verifications):
        if progress:
            progress(done, len(found.verifications), "Taking checks in")
        store.save_verification(verification)
    for judgement in found.judgements:
        store.add_judgement(judgement)
    return ImportReport(kind="pairs", added=found.added, changed=found.changed, refused=tuple(found.refusals))


_IMPORTS: Mapping[str, Callable[[Services, Path, Progress | None], ImportReport]] = {
    "documents": _import_documents,
    "labels": _import_labels,
    "pairs": _import_pairs,
}
