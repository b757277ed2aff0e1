"""The workflow from a claim to a stored verification, and people's own stances on what it found."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace

import verifier
from verifier import index, languages, quantities, verdict
from verifier.config import Settings
from verifier.domain import (
    Claim,
    Document,
    Evidence,
    Filters,
    Hit,
    RunInfo,
    Sentence,
    Stance,
    StanceJudgement,
    Verification,
    utc_now,
)
from verifier.errors import ConfigError, DomainError
from verifier.pipeline.services import Progress, Services, annotator
from verifier.retrieve import passage_text, rerank
from verifier.stance import score_readings

STANCE_CONTEXTS = ("none", "previous", "dated", "titled")


def verify(
    services: Services,
    text: str,
    *,
    filters: Filters | None = None,
    claimed_by: str = "",
    sentence_id: str = "",
    language: str = "",
    progress: Progress | None = None,
) -> Verification:
    """Check a claim against the corpus, and store the result.

    Args:
        services: the opened services.
        text: the claim, in any language that the encoder knows.
        filters: what may be returned.
        claimed_by: an outlet, left out with its aliases.
        sentence_id: the sentence of the corpus that is the claim; its outlet (or, without one, its document) is left out.
        language: the claim's language; detected when empty.
        progress: called with (done, total, what).

    Raises:
        DomainError: the claim is empty, or holds what is no character.
        IndexNotFoundError: there is no index.
        IndexMismatchError: the index does not fit encoder or corpus.
        StoreError: ``sentence_id`` is unknown.
    """
    text = " ".join(text.split())
    if not text:
        msg = "The claim is empty. Type one statement, for example: The port was closed for two days."
        raise DomainError(msg)
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        msg = "The claim holds characters that are none (NUL or half of a surrogate pair). Type or paste it again as plain text."
        raise DomainError(msg)
    started_at, started = utc_now(), time.perf_counter()
    report = progress or _silent
    services.load_models(progress)
    own = services.store.sentence(sentence_id) if sentence_id else None
    document = services.store.document(own.document_id, own.version) if own else None
    filters = _leaving_out(services, filters or Filters(), claimed_by, document)
    language = language or languages.detect(text)
    options = services.settings.retrieve
    report(0, 3, "Searching")
    allowed, excluded = services.store.matching(filters, services.outlets.names_of)
    hits = services.retriever().find(
        text,
        language=language,
        k=options.candidates,
        with_context=_claim_in_context(services, text, own, document),
        allowed=allowed,
        excluded=excluded,
    )
    report(1, 3, "Reading what was found")
    evidence = _weigh(services, text, hits)
    order = rerank([e.hit for e in evidence], [1 - e.scores.neutral for e in evidence], options)
    evidence = [evidence[place] for place in order]
    report(2, 3, "Deciding")
    manifest = index.read_manifest(services.index_folder)
    verification = Verification(
        verification_id=uuid.uuid4().hex,
        claim=Claim(
            claim_id=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16],
            text=text,
            language=language,
            claimed_by=claimed_by,
            sentence_id=sentence_id,
        ),
        filters=filters,
        decision=verdict.decide(evidence, services.settings.verdict),
        evidence=tuple(evidence),
        run=RunInfo(
            run_id=uuid.uuid4().hex,
            encoder=f"{services.encoder.name}@{services.encoder.fingerprint}",
            encoder_precision=services.encoder.precision,
            stance_model=f"{services.stance_model.name}@{services.stance_model.fingerprint}",
            index_name=manifest.name,
            corpus_digest=manifest.corpus_digest,
            settings_digest=services.settings.digest(),
            software_version=verifier.__version__,
            started_at=started_at,
            duration_s=round(time.perf_counter() - started, 4),
        ),
        created_at=started_at,
    )
    services.store.save_verification(verification)
    report(3, 3, "Done")
    return verification


def judge(
    services: Services, verification_id: str, sentence_id: str, stance_given: Stance | None, annotator_id: str
) -> StanceJudgement:
    """Store a person's own stance on a pair; None withdraws it."""
    judgement = StanceJudgement(
        judgement_id=uuid.uuid4().hex,
        verification_id=verification_id,
        sentence_id=sentence_id,
        stance=stance_given,
        annotator_id=annotator(annotator_id),
        created_at=utc_now(),
    )
    services.store.add_judgement(judgement)
    return judgement


def explain_rules(settings: Settings) -> str:
    """State the verdict rule in words, with the thresholds in force."""
    return verdict.explain(settings.verdict)


def _weigh(services: Services, claim: str, hits: Sequence[Hit]) -> list[Evidence]:
    store, settings = services.store, services.settings
    sentences = store.sentences_by_id([hit.sentence_id for hit in hits])
    found = [(hit, sentences[hit.sentence_id]) for hit in hits if hit.sentence_id in sentences]
    versions = {(sentence.document_id, sentence.version) for _, sentence in found}
    documents = {key: store.document(*key) for key in versions}
    around = [store.neighbours(sentence.sentence_id) for _, sentence in found]
    readings = [
        evidence_readings(
            sentence,
            documents[sentence.document_id, sentence.version],
            before[-1] if before else None,
            settings.stance.context,
        )
        for (_, sentence), (before, _) in zip(found, around, strict=True)
    ]
    scores = score_readings(services.stance_model, [(claim, read) for read in readings])
    evidence = []
    for (hit, sentence), (before, after), given in zip(found, around, scores, strict=True):
        document = documents[sentence.document_id, sentence.version]
        amounts = quantities.compare(claim, sentence.text)
        probabilities = verdict.with_amounts(given, agree=amounts.agree) if amounts else given
        evidence.append(
            Evidence(
                sentence=sentence,
                document=document,
                hit=hit,
                scores=probabilities,
                stance=verdict.column(probabilities, settings.verdict),
                claim_quantity=amounts.claim.text if amounts else "",
                evidence_quantity=amounts.evidence.text if amounts else "",
                amounts_agree=amounts.agree if amounts else None,
                context_before=document.text[before[0].start : sentence.start] if before else "",
                context_after=document.text[sentence.end : after[-1].end] if after else "",
            )
        )
    return evidence


def evidence_readings(
    sentence: Sentence, document: Document, previous: Sentence | None, context: str
) -> tuple[str, ...]:
    """Return what the stance model reads of a statement, in each of the ways in which it reads it, each text once.

    A sentence of a news text leans on what surrounds it: "Then they lasted seven hours" on the sentence before it, "on Tuesday" on the
    day of the page, "the dam" on the title, which says which dam. But a title that takes a side speaks through every sentence under it; so a
    statement can be read alone as well.

    Args:
        sentence: the statement.
        document: whose it is.
        previous: the sentence before it, if there is one.
        context: as the setting ``stance.context``: one of `STANCE_CONTEXTS`, or several joined by ``+``.

    Raises:
        ConfigError: a context is none of the four.
    """
    contexts = context.split("+")
    if unknown := [name for name in contexts if name not in STANCE_CONTEXTS]:
        msg = f"Setting 'stance.context' takes {', '.join(STANCE_CONTEXTS)}, or several joined by '+'; found {unknown[0]!r}."
        raise ConfigError(msg)
    return tuple(dict.fromkeys(_reading(sentence, document, previous, name) for name in contexts))


def _reading(sentence: Sentence, document: Document, previous: Sentence | None, context: str) -> str:
    title = " ".join(document.title.split())
    parts = [sentence.text]
    if context != "none" and previous is not None and previous.text != title:
        parts.insert(0, previous.text)
    if context == "titled" and title and title != sentence.text:
        parts.insert(0, title if title[-1] in ".!?…" else f"{title}.")
    if context in ("dated", "titled") and document.published_at:
        parts.insert(0, f"{languages.long_date(document.published_at, sentence.language)}.")
    return " ".join(parts)


def _claim_in_context(services: Services, text: str, own: Sentence | None, document: Document | None) -> str:
    """Return the claim with what stands before it, as sentences are embedded; empty where it is no sentence of the corpus as it stands there."""
    if own is None or document is None or " ".join(own.text.split()) != text:
        return ""
    before, _ = services.store.neighbours(own.sentence_id)
    return passage_text(own, document, services.settings.retrieve.context, before[-1] if before else None)


def _leaving_out(services: Services, filters: Filters, claimed_by: str, document: Document | None) -> Filters:
    outlets, sentences = list(filters.exclude_outlets), list(filters.exclude_sentences)
    if claimed_by:
        outlets.append(claimed_by)
    if document:
        sentences += [s.sentence_id for s in services.store.sentences(document.document_id)]
        if document.outlet:
            outlets.append(document.outlet)
    return replace(
        filters,
        exclude_outlets=tuple(dict.fromkeys(outlets)),
        exclude_sentences=tuple(dict.fromkeys(sentences)),
    )


def _silent(_done: int, _total: int, _what: str) -> None:
    return None
