"""The workflow of a document's claims: its sentences ranked by how checkable they are, each verified against other outlets, and the table of it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier import claims, exchange
from verifier import ingest as reading
from verifier.claims import RankedSentence
from verifier.domain import Decision, Document, Refusal, RunInfo, Sentence, utc_now
from verifier.errors import IngestError, StoreError, VerifierError
from verifier.pipeline.services import Progress, Services
from verifier.pipeline.verification import verify
from verifier.segment import segment

_SOURCE_SHOWN = 80
"""Characters of what was given that an error repeats: a path or an address in full, of an article its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentClaims:
    """A document with all its sentences, the most checkable first.

    ``stored`` is whether it is a current document of the corpus; if not, it was only read, and its sentences have no ids that last.
    """

    document: Document
    stored: bool
    ranked: tuple[RankedSentence, ...]

    def listed(self, *, everything: bool = False, limit: int | None = None) -> tuple[RankedSentence, ...]:
        """Return the checkable sentences, or all of them, at most ``limit``, in the order of their ranks."""
        chosen = [item for item in self.ranked if everything or item.assessment.checkable]
        return tuple(chosen[:limit])


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsFound:
    """What a source led to: documents with their ranked sentences, and what of a file could not be read."""

    documents: tuple[DocumentClaims, ...]
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOutcome:
    """What came of verifying one sentence: a stored verification, or the error as a sentence."""

    verification_id: str = ""
    decision: Decision | None = None
    run: RunInfo | None = None
    error: str = ""


def find_claims(services: Services, source: str) -> DocumentsFound:
    """Rank the sentences of a document, or of each article that a file holds.

    Nothing is taken into the corpus and no model is loaded. A file whose text the corpus holds already, from the outlet that the file names,
    stands for the stored document; one that names no outlet stands for the first document of that text.

    Args:
        services: the opened services.
        source: the id of a document of the corpus, its URL, or the path of a file that a reader can read.

    Raises:
        StoreError: ``source`` is none of the three, or was taken out of the corpus.
        IngestError: the file holds no text that can be read.
    """
    stored = _stored(services, source)
    if stored:
        return DocumentsFound(documents=tuple(_ranked(services, document) for document in stored))
    if _is_file(source):
        return _read(services, Path(source))
    shown = source if len(source) <= _SOURCE_SHOWN else f"{source[:_SOURCE_SHOWN]}…"
    msg = (
        f"{shown!r} is no document here. Give the id of a document of the corpus (`verifier doctor --documents` lists them), its URL as it "
        "was ingested, or a file such as articles/ferry.txt."
    )
    raise StoreError(msg)


def document_claims(services: Services, document_id: str) -> DocumentClaims:
    """Rank the sentences of a current document of the corpus; no model is loaded.

    Raises:
        StoreError: there is no such document.
    """
    return _ranked(services, services.store.document(document_id))


def verify_claims(
    services: Services,
    found: DocumentClaims,
    ranked: Sequence[RankedSentence],
    *,
    outcomes: MutableMapping[str, ClaimOutcome] | None = None,
    progress: Progress | None = None,
) -> MutableMapping[str, ClaimOutcome]:
    """Verify sentences of a document against other outlets than its own; each verification is stored as usual.

    A sentence that cannot be verified is reported in its outcome, and the others go on. Of a document that is not in the corpus its outlet, where it
    names one, is left out; where it does not, a copy of it in the corpus can come up as evidence.

    Args:
        services: the opened services.
        found: the document.
        ranked: the sentences of it to verify.
        outcomes: is filled as the work goes on, by the sentences' ids, so that an interruption loses nothing. A sentence that was verified in it
            already is left as it is; one that failed is tried again.
        progress: called with (sentences done, sentences in all, what).

    Returns:
        ``outcomes``, or a new mapping: an outcome for each sentence, by its id.

    Raises:
        IndexNotFoundError: there is no index.
        IndexMismatchError: the index does not fit encoder or corpus.
        ModelError: a model cannot be loaded.
    """
    # What would stop every sentence alike is raised here, once.
    services.load_models(progress)
    services.retriever()
    outcomes = {} if outcomes is None else outcomes
    for done, item in enumerate(ranked):
        if progress:
            progress(done, len(ranked), "Verifying sentences")
        sentence = item.sentence
        if outcomes.get(sentence.sentence_id, ClaimOutcome()).decision is None:
            outcomes[sentence.sentence_id] = _outcome(services, found, sentence)
    if progress:
        progress(len(ranked), len(ranked), "Verifying sentences")
    return outcomes


def claim_rows(
    found: DocumentClaims, ranked: Sequence[RankedSentence], outcomes: Mapping[str, ClaimOutcome]
) -> list[exchange.Row]:
    """Write one row for each sentence, with what came of verifying it where that was done; columns are ``exchange.CLAIMS``."""
    return [_row(found, item, outcomes.get(item.sentence.sentence_id, ClaimOutcome())) for item in ranked]


def claims_csv(rows: Iterable[exchange.Row]) -> str:
    """Return rows of :func:`claim_rows` as CSV, cells that a spreadsheet would run escaped."""
    stream = io.StringIO(newline="")
    exchange.write_csv(rows, exchange.CLAIMS, stream)
    return stream.getvalue()


def _stored(services: Services, source: str) -> list[Document]:
    versions = services.store.versions(source)
    if not versions and "://" in source:
        wanted = source.strip().rstrip("/")
        versions = [d for d in services.store.documents() if d.url.rstrip("/") == wanted]
    current = [document for document in versions if not document.superseded]
    if current and current[0].deleted_at is not None:
        msg = f"Document {source!r} was taken out of the corpus. Take it in again with `verifier ingest`, or give its file."
        raise StoreError(msg)
    return current


def _is_file(source: str) -> bool:
    """Tell whether this is the path of a file; a whole article in place of a path is none, but too long for the system to look up."""
    try:
        return Path(source).is_file()
    except OSError:
        return False


def _read(services: Services, path: Path) -> DocumentsFound:
    found: list[DocumentClaims] = []
    refused: list[Refusal] = []
    for item in reading.read_documents(
        [path], options=reading.IngestOptions(), settings=services.settings.ingest, now=utc_now()
    ):
        if isinstance(item, Refusal):
            refused.append(item)
            continue
        known = _same_as(services, item)
        found.append(
            _ranked(services, known)
            if known is not None
            else DocumentClaims(document=item, stored=False, ranked=claims.rank(segment(item)))
        )
    if not found:
        why = " ".join(refusal.message for refusal in refused) or "It holds no text."
        msg = f"No document could be read from {str(path)!r}. {why}"
        raise IngestError(msg, source=str(path))
    return DocumentsFound(documents=tuple(found), refused=tuple(refused))


def _same_as(services: Services, read: Document) -> Document | None:
    """Return the current document of the corpus that a file holds, if there is one.

    Outlets print the same agency's text word for word. Taking the copy of another outlet for the file's would leave out that outlet, and let the
    file's own corroborate itself.
    """
    known = [
        document
        for document in services.store.documents_by_sha256(read.sha256)
        if not document.superseded and document.deleted_at is None
    ]
    if read.outlet:
        known = [
            document
            for document in known
            if document.outlet and services.outlets.same_outlet(document.outlet, read.outlet)
        ]
    return known[0] if known else None


def _ranked(services: Services, document: Document) -> DocumentClaims:
    sentences = services.store.sentences(document.document_id, document.version)
    return DocumentClaims(document=document, stored=True, ranked=claims.rank(sentences))


def _outcome(services: Services, found: DocumentClaims, sentence: Sentence) -> ClaimOutcome:
    try:
        verification = verify(
            services,
            sentence.text,
            claimed_by=found.document.outlet,
            sentence_id=sentence.sentence_id if found.stored else "",
            language=sentence.language,
        )
    except VerifierError as error:
        return ClaimOutcome(error=str(error))
    return ClaimOutcome(
        verification_id=verification.verification_id, decision=verification.decision, run=verification.run
    )


def _row(found: DocumentClaims, item: RankedSentence, outcome: ClaimOutcome) -> exchange.Row:
    document, sentence, decision, run = found.document, item.sentence, outcome.decision, outcome.run
    row = exchange.make_row(
        exchange.CLAIMS,
        document_id=document.document_id,
        document_sha256=document.sha256,
        sentence_id=sentence.sentence_id if found.stored else "",
        outlet=document.outlet,
        language=sentence.language,
        rank=item.rank,
        start=sentence.start,
        end=sentence.end,
        offset_unit="codepoint",
        quote=sentence.text,
        checkable_score=round(item.assessment.score, 4),
        checkable=int(item.assessment.checkable),
        reasons="; ".join(item.assessment.reasons),
        error=outcome.error,
    )
    if decision is not None and run is not None:
        row |= {
            "verdict": decision.verdict.value,
            "reason_code": decision.reason_code,
            "supporting": decision.supporting,
            "refuting": decision.refuting,
            "related": decision.related,
            "supporting_outlets": decision.supporting_outlets,
            "refuting_outlets": decision.refuting_outlets,
            "verification_id": outcome.verification_id,
            "run_id": run.run_id,
            "encoder": run.encoder,
            "stance_model": run.stance_model,
        }
    return row
