"""Records to rows: labels, pairs and documents, their manifest, and the pseudonyms of annotators."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from verifier.domain import Annotation, Codebook, Document, Layer, RunInfo, StanceJudgement, Verification
from verifier.errors import ExchangeError
from verifier.exchange.tables import DOCUMENTS, LABELS, PAIRS, SCHEMA_VERSION, Row, make_row


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()


# ---- pseudonyms

_PSEUDONYM = re.compile(r"annotator-[0-9a-f]{8}")


def pseudonym(annotator_id: str, salt: str) -> str:
    """Name an annotator without telling who it is: the same within a project, and only for who has its salt traceable.

    What is a pseudonym already stays as it is, so that labels can pass through several projects; nobody stays nobody.
    """
    if not annotator_id or _PSEUDONYM.fullmatch(annotator_id):
        return annotator_id
    return f"annotator-{hmac.new(salt.encode(), annotator_id.encode(), hashlib.sha256).hexdigest()[:8]}"


def _naming(salt: str, *, pseudonyms: bool) -> Callable[[str], str]:
    if not pseudonyms:
        return lambda annotator_id: annotator_id
    if not salt:
        msg = "Pseudonyms need the salt of the project (Store.project_salt()); without one anybody could undo them by guessing names."
        raise ExchangeError(msg)
    return lambda annotator_id: pseudonym(annotator_id, salt)


# ---- rows from records


def label_rows(
    annotations: Iterable[Annotation],
    documents: Iterable[Document],
    *,
    pseudonyms: bool = True,
    salt: str = "",
    project: str = "",
) -> list[Row]:
    """Write one row for each annotation, in the order given.

    Args:
        annotations: what to write.
        documents: the versions labelled, superseded and deleted ones included; more do no harm.
        pseudonyms: whether annotators are named by :func:`pseudonym`, with ``salt``.
        salt: the project's, needed for pseudonyms.
        project: goes into the column of that name.

    Raises:
        ExchangeError: a version that was labelled is not among the documents, or the salt is missing.
    """
    name = _naming(salt, pseudonyms=pseudonyms)
    versions = {(item.document_id, item.sha256): item for item in documents}
    rows: list[Row] = []
    for item in annotations:
        version = versions.get((item.document_id, item.span.text_sha256))
        if version is None:
            msg = (
                f"Label {item.annotation_id!r} is on version {item.span.text_sha256[:12]} of document {item.document_id!r}, which was not "
                "given. Pass the documents with superseded and deleted ones included."
            )
            raise ExchangeError(msg)
        rows.append(
            make_row(
                LABELS,
                project=project,
                label_id=item.annotation_id,
                document_id=item.document_id,
                document_sha256=item.span.text_sha256,
                language=version.language,
                outlet=version.outlet,
                layer=item.layer.value,
                level=item.level.value,
                start=item.span.start,
                end=item.span.end,
                offset_unit="codepoint",
                quote=item.span.quote,
                prefix=item.span.prefix,
                suffix=item.span.suffix,
                codebook_id=item.codebook_id,
                codebook_version=item.codebook_version,
                label=item.label,
                intensity=item.intensity,
                target=item.target,
                confidence=item.confidence,
                note=item.note,
                label_method=item.label_method.value,
                suggestion_model=item.suggestion_model,
                blind=int(item.blind),
                duration_ms=item.duration_ms,
                annotator_id=name(item.annotator_id),
                status=_STATUS[item.layer],
                created_at=_time(item.created_at),
                updated_at=_time(item.updated_at),
            )
        )
    return rows


_STATUS = {Layer.ANNOTATOR: "submitted", Layer.GOLD: "adjudicated", Layer.SUGGESTION: "draft"}


def pair_rows(
    verifications: Iterable[Verification],
    judgements: Iterable[StanceJudgement],
    *,
    pseudonyms: bool = True,
    salt: str = "",
) -> list[Row]:
    """Write one row for each claim and statement and each person's stance on it, or one without where nobody gave one.

    Rows come in the order of the verifications and their evidence; people in order of their names as written.

    Raises:
        ExchangeError: pseudonyms are asked for and the salt is missing.
    """
    name = _naming(salt, pseudonyms=pseudonyms)
    given: dict[tuple[str, str], list[StanceJudgement]] = {}
    for judgement in judgements:
        if judgement.stance is not None:
            given.setdefault((judgement.verification_id, judgement.sentence_id), []).append(judgement)
    rows: list[Row] = []
    for verification in verifications:
        for item in verification.evidence:
            model = {
                "pair_id": f"{verification.verification_id}:{item.sentence.sentence_id}",
                "claim_id": verification.claim.claim_id,
                "claim": verification.claim.text,
                "claim_language": verification.claim.language,
                "document_id": item.document.document_id,
                "document_sha256": item.document.sha256,
                "outlet": item.document.outlet,
                "language": item.sentence.language,
                "published_at": _day(item.document.published_at),
                "start": item.sentence.start,
                "end": item.sentence.end,
                "offset_unit": "codepoint",
                "quote": item.sentence.text,
                "p_supports": item.scores.supports,
                "p_refutes": item.scores.refutes,
                "p_neutral": item.scores.neutral,
                "stance_model": verification.run.stance_model,
                "retrieval_score": item.hit.score,
                "run_id": verification.run.run_id,
            }
            people = given.get((verification.verification_id, item.sentence.sentence_id), [])
            for judgement in sorted(people, key=lambda j: (name(j.annotator_id), j.annotator_id)):
                human = {
                    "human_stance": judgement.stance and judgement.stance.value,
                    "annotator_id": name(judgement.annotator_id),
                    "layer": Layer.ANNOTATOR.value,
                    "created_at": _time(judgement.created_at),
                }
                rows.append(make_row(PAIRS, **model, **human))
            if not people:
                rows.append(make_row(PAIRS, **model, created_at=_time(verification.created_at)))
    return rows


def document_rows(documents: Iterable[Document]) -> list[Row]:
    """Write one row for each document version, in the order given."""
    return [
        make_row(
            DOCUMENTS,
            document_id=item.document_id,
            document_sha256=item.sha256,
            language=item.language,
            title=item.title,
            outlet=item.outlet,
            url=item.url,
            published_at=_day(item.published_at),
            retrieved_at=_time(item.acquisition.retrieved_at),
            licence=item.licence,
            text=item.text,
        )
        for item in documents
    ]


# ---- manifest


def manifest(
    files: Mapping[str, bytes],
    *,
    rows: Mapping[str, int],
    codebooks: Iterable[Codebook],
    runs: Iterable[RunInfo],
    software_version: str,
    created_at: datetime,
    dataset: Mapping[str, Any] | None = None,
) -> str:
    """Write ``manifest.json``: what an export consists of, and what it was made with.

    Args:
        files: the written bytes of each file, by name.
        rows: how many rows each of them has; a file without rows, such as a README, is left out.
        codebooks: those whose labels are exported.
        runs: of the verifications exported; each is listed once.
        software_version: of the verifier.
        created_at: when the export was made.
        dataset: what was chosen for a data set and what is in it, for its field ``dataset``.
    """
    listed = {run.run_id: run for run in runs}
    content = {
        "schema_version": SCHEMA_VERSION,
        "created_at": _time(created_at),
        "software_version": software_version,
        "offset_unit": "codepoint",
        "files": {
            name: {
                **({"rows": rows[name]} if name in rows else {}),
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
            for name, data in sorted(files.items())
        },
        "codebooks": [
            {"codebook_id": book.codebook_id, "version": book.version, "title": book.title}
            for book in sorted(codebooks, key=lambda book: (book.codebook_id, book.version))
        ],
        "runs": [
            {f.name: _time(v) if isinstance(v := getattr(run, f.name), datetime) else v for f in fields(run)}
            for _, run in sorted(listed.items())
        ],
        **({"dataset": dict(dataset)} if dataset is not None else {}),
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
