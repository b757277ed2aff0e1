"""Small records for tests, made in one line each."""

from __future__ import annotations

from datetime import UTC, date, datetime

from verifier.domain import Acquisition, Document, Evidence, Hit, Sentence, Stance, StanceScores

WHEN = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)


def document(text="The dam holds. Nobody was hurt.", *, document_id="d1", outlet="Harbour Daily", **more):
    more.setdefault("language", "en")
    more.setdefault("published_at", date(2031, 5, 3))
    more.setdefault(
        "acquisition", Acquisition(source=f"{document_id}.txt", raw_sha256="0" * 64, retrieved_at=WHEN)
    )
    return Document(document_id=document_id, text=text, outlet=outlet, **more)


def evidence(stance=Stance.SUPPORTS, *, outlet="Harbour Daily", number=0, probability=0.9):
    rest = (1 - probability) / 2
    values = {s: (probability if s is stance else rest) for s in Stance}
    source = document(document_id=f"d{number}", outlet=outlet)
    return Evidence(
        sentence=Sentence(
            sentence_id=f"d{number}.1.0",
            document_id=f"d{number}",
            version=1,
            ordinal=0,
            start=0,
            end=14,
            text="The dam holds.",
            language="en",
        ),
        document=source,
        hit=Hit(sentence_id=f"d{number}.1.0", score=0.9, dense_score=0.9),
        scores=StanceScores(
            supports=values[Stance.SUPPORTS], refutes=values[Stance.REFUTES], neutral=values[Stance.NEUTRAL]
        ),
        stance=stance,
    )
