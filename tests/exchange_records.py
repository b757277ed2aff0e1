"""Records and rows for the tests of the exchange."""

from __future__ import annotations

import io
from datetime import timedelta

from factories import WHEN, document
from hypothesis import strategies as st

from verifier.domain import (
    Annotation,
    Claim,
    Decision,
    Filters,
    Level,
    RunInfo,
    Span,
    Stance,
    StanceJudgement,
    Verdict,
    Verification,
)
from verifier.exchange import (
    FORMATS,
    label_rows,
)

SALT = "5a17" * 8
TEXT = "Дамба стоїть 🌊🌊. «Ніхто не постраждав», — каже міністр. The dam holds."
HARD = [
    "=1+1",
    "+1",
    "-1",
    "@a",
    "\tx",
    "\rx",
    "\nx",
    "＝1",
    "＋1",
    "－1",
    "＠a",
    "'",
    "''",
    "'=1",
    '"',
    'a"b,c',
    "a\r\nb",
]
HARD += ["\ufeffx", "🌊", "\u2028", "NA", "null", "1e5", " =1", "їжак", "a\rb", "x\n"]
CELLS = st.sampled_from(HARD) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def annotation(number=1, text=TEXT, place=(6, 12), **more):
    values = {
        "annotation_id": f"a{number}",
        "document_id": "d1",
        "level": Level.SPAN,
        "span": Span.of(text, *place),
        "codebook_id": "wording",
        "codebook_version": "1.0",
        "label": "loaded",
        "annotator_id": "Ada Example",
        "created_at": WHEN,
        "updated_at": WHEN,
    }
    return Annotation(**{**values, **more})


def rows_of(*annotations, text=TEXT, **more):
    return label_rows(annotations, [document(text, outlet="=Зоря")], **{"pseudonyms": False, **more})


def written(rows, columns, kind="csv"):
    stream = io.StringIO(newline="")
    assert FORMATS[kind].write(rows, columns, stream) == len(rows)
    return stream.getvalue()


def verification(*shown):
    return Verification(
        verification_id="v1",
        claim=Claim(claim_id="c1", text="=The dam holds", language="en"),
        filters=Filters(),
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
        evidence=shown,
        run=RunInfo(
            run_id="r1",
            encoder="e",
            encoder_precision="float32",
            stance_model="bundled 1",
            index_name="default",
            corpus_digest="0",
            settings_digest="0",
            software_version="1",
            started_at=WHEN,
        ),
        created_at=WHEN,
    )


def judgement(annotator_id="ada", stance=Stance.REFUTES, sentence_id="d1.1.0"):
    return StanceJudgement(
        judgement_id=f"j-{annotator_id}",
        verification_id="v1",
        sentence_id=sentence_id,
        stance=stance,
        annotator_id=annotator_id,
        created_at=WHEN + timedelta(hours=1),
    )
