"""Verifications as they were shown, and what people judged of them.

A verification is kept whole, as a JSON snapshot: it reads the same after its documents have changed or were deleted. The
documents in it are kept once each, however many verifications showed them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from verifier.domain import Stance, StanceJudgement, Verification, text_sha256
from verifier.errors import StoreError
from verifier.store import schema
from verifier.store.codec import decode, encode
from verifier.store.database import Database, batches
from verifier.store.schema import to_json

SNAPSHOT_VERSION = 1
"""The form of a stored verification; raised when a record of it changes in a way that old snapshots do not fit."""

_VERIFICATION = schema.verification.c
_JUDGEMENT = schema.judgement.c


class Verifications(Database):
    """Stored verifications and the judgements of people about their evidence."""

    def save_verification(self, verification: Verification) -> None:
        """Keep a verification as it is now. Saving the same one again changes nothing.

        Raises:
            StoreError: another verification has its id.
        """
        body = encode(verification)
        shown: dict[str, Any] = {}
        for item in body["evidence"]:
            digest = hashlib.sha256(to_json(item["document"]).encode()).hexdigest()
            shown[digest] = item["document"]
            item["document"] = digest
        snapshot = {"schema_version": SNAPSHOT_VERSION, "verification": body}
        with self._write() as connection:
            stored = connection.execute(
                sa.select(_VERIFICATION.body).where(
                    _VERIFICATION.verification_id == verification.verification_id
                )
            ).one_or_none()
            if stored is not None:
                if to_json(stored.body) == to_json(snapshot):
                    return
                msg = (
                    f"Another verification is stored as {verification.verification_id!r}; a verification is never changed. Save the new "
                    "one under an id of its own."
                )
                raise StoreError(msg)
            known = _snapshots(connection, shown)
            fresh = [{"digest": d, "body": b} for d, b in shown.items() if d not in known]
            if fresh:
                connection.execute(schema.snapshot.insert(), fresh)
            connection.execute(
                schema.verification.insert().values(
                    verification_id=verification.verification_id,
                    created_at=verification.created_at,
                    body=snapshot,
                )
            )
            sentence_ids = dict.fromkeys(item.sentence.sentence_id for item in verification.evidence)
            if sentence_ids:
                connection.execute(
                    schema.evidence.insert(),
                    [
                        {"verification_id": verification.verification_id, "sentence_id": sentence_id}
                        for sentence_id in sentence_ids
                    ],
                )

    def verification(self, verification_id: str) -> Verification:
        """Return a verification equal to what was saved.

        Raises:
            StoreError: the id is unknown, or the snapshot was written by a version that this one cannot read.
        """
        query = sa.select(_VERIFICATION.body).where(_VERIFICATION.verification_id == verification_id)
        with self._read() as connection:
            found = _decoded(connection, connection.execute(query).scalars())
        if not found:
            raise _unknown_verification(verification_id)
        return found[0]

    def verifications(self, limit: int | None = 50) -> list[Verification]:
        """List the latest verifications, newest first; all of them when ``limit`` is None."""
        query = sa.select(_VERIFICATION.body).order_by(
            _VERIFICATION.created_at.desc(), _VERIFICATION.seq.desc()
        )
        with self._read() as connection:
            return _decoded(connection, connection.execute(query.limit(limit)).scalars())

    def add_judgement(self, judgement: StanceJudgement) -> None:
        """Record a person's stance on one statement of a verification; the same ``judgement_id`` again changes nothing.

        Raises:
            StoreError: the verification is unknown, or did not show that sentence.
        """
        with self._write() as connection:
            if connection.execute(
                sa.select(_JUDGEMENT.seq).where(_JUDGEMENT.judgement_id == judgement.judgement_id)
            ).one_or_none():
                return
            if not connection.execute(
                sa.select(_VERIFICATION.seq).where(_VERIFICATION.verification_id == judgement.verification_id)
            ).one_or_none():
                raise _unknown_verification(judgement.verification_id)
            shown = schema.evidence.c
            if not connection.execute(
                sa.select(shown.sentence_id).where(
                    shown.verification_id == judgement.verification_id,
                    shown.sentence_id == judgement.sentence_id,
                )
            ).one_or_none():
                msg = (
                    f"Verification {judgement.verification_id!r} did not show sentence {judgement.sentence_id!r}; only what it showed can be "
                    "judged."
                )
                raise StoreError(msg)
            connection.execute(
                schema.judgement.insert().values(
                    judgement_id=judgement.judgement_id,
                    verification_id=judgement.verification_id,
                    sentence_id=judgement.sentence_id,
                    stance=None if judgement.stance is None else judgement.stance.value,
                    annotator_id=judgement.annotator_id,
                    created_at=judgement.created_at,
                )
            )

    def shown_versions(self) -> set[tuple[str, str]]:
        """Return id and text digest of every document version that some verification shows, be it current or not."""
        with self._read() as connection:
            bodies = connection.scalars(sa.select(schema.snapshot.c.body))
            return {(body["document_id"], text_sha256(body["text"])) for body in bodies}

    def judgements(
        self, verification_id: str | None = None, *, include_withdrawn: bool = False
    ) -> list[StanceJudgement]:
        """List the judgements that stand: of each annotator and statement the one recorded last, unless it withdrew.

        In the order they were recorded; clocks of several machines do not matter. With ``include_withdrawn`` those that withdrew are
        listed too, their stance None.
        """
        latest = sa.select(sa.func.max(_JUDGEMENT.seq)).group_by(
            _JUDGEMENT.verification_id, _JUDGEMENT.sentence_id, _JUDGEMENT.annotator_id
        )
        if verification_id is not None:
            latest = latest.where(_JUDGEMENT.verification_id == verification_id)
        query = sa.select(schema.judgement).where(_JUDGEMENT.seq.in_(latest))
        if not include_withdrawn:
            query = query.where(_JUDGEMENT.stance.is_not(None))
        with self._read() as connection:
            return [
                StanceJudgement(
                    judgement_id=row.judgement_id,
                    verification_id=row.verification_id,
                    sentence_id=row.sentence_id,
                    stance=None if row.stance is None else Stance(row.stance),
                    annotator_id=row.annotator_id,
                    created_at=row.created_at,
                )
                for row in connection.execute(query.order_by(_JUDGEMENT.seq))
            ]


def _decoded(connection: Connection, bodies: Iterable[Any]) -> list[Verification]:
    listed = list(bodies)
    for body in listed:
        if body.get("schema_version") != SNAPSHOT_VERSION:
            msg = (
                f"A stored verification has the form {body.get('schema_version')!r}; this verifier reads form {SNAPSHOT_VERSION}. Read it "
                "with the version that wrote it."
            )
            raise StoreError(msg)
    shown = [item for body in listed for item in body["verification"]["evidence"]]
    documents = _snapshots(connection, {item["document"] for item in shown})
    for item in shown:
        item["document"] = documents[item["document"]]
    return [decode(Verification, body["verification"]) for body in listed]


def _snapshots(connection: Connection, digests: Iterable[str]) -> dict[str, Any]:
    table = schema.snapshot
    return {
        row.digest: row.body
        for batch in batches(digests)
        for row in connection.execute(sa.select(table).where(table.c.digest.in_(batch)))
    }


def _unknown_verification(verification_id: str) -> StoreError:
    return StoreError(
        f"No verification {verification_id!r} is stored. The Verify page lists the latest ones."
    )
