"""Records for the tests of the store."""

from __future__ import annotations

from datetime import date, timedelta

from factories import WHEN, document, evidence
from hypothesis import strategies as st

from verifier.domain import (
    AnnotationOp,
    Claim,
    Decision,
    Filters,
    OpKind,
    RunInfo,
    Sentence,
    Span,
    Stance,
    Verdict,
    Verification,
)

LATER = WHEN + timedelta(hours=1)


def split(doc):
    """A document's sentences: what full stops leave."""
    found, start = [], 0
    for part in doc.text.split(". "):
        text = part.strip()
        if text:
            at = doc.text.index(text, start)
            found.append(
                Sentence(
                    sentence_id="?",
                    document_id=doc.document_id,
                    version=0,
                    ordinal=0,
                    start=at,
                    end=at + len(text),
                    text=text,
                    language=doc.language,
                )
            )
            start = at + len(text)
    return tuple(found)


def add(store, *args, **more):
    return store.add_document(document(*args, **more), split)


def verification(verification_id="v1", *shown, created_at=WHEN, claim="The dam holds"):
    return Verification(
        verification_id=verification_id,
        claim=Claim(claim_id="c1", text=claim, language="en", claimed_by="Зоря"),
        filters=Filters(languages=("en", "uk"), published_from=date(2031, 1, 1)),
        decision=Decision(
            verdict=Verdict.SUPPORTED,
            reason_code="supported",
            reason="It is.",
            supporting=1,
            refuting=0,
            related=0,
            supporting_outlets=1,
            refuting_outlets=0,
        ),
        evidence=shown or (evidence(number=1), evidence(Stance.REFUTES, number=2)),
        run=RunInfo(
            run_id="r1",
            encoder="e",
            encoder_precision="float32",
            stance_model="s",
            index_name="default",
            corpus_digest="0",
            settings_digest="0",
            software_version="1",
            started_at=WHEN,
            duration_s=0.25,
        ),
        created_at=created_at,
    )


def op(store, op_id="o1", kind=OpKind.ADD, annotation_id="a1", *, document_id="d1", place=(0, 7), **more):
    more.setdefault("annotator_id", "ada")
    more.setdefault("created_at", WHEN)
    if kind is not OpKind.WITHDRAW:
        more.setdefault("label", "loaded")
        more.setdefault("codebook_id", "wording")
        if "span" not in more:
            more["span"] = Span.of(store.document(document_id).text, *place)
    return AnnotationOp(op_id=op_id, kind=kind, annotation_id=annotation_id, document_id=document_id, **more)


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
