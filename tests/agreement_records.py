"""Labels of several invented annotators, made in one line each."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from verifier.agreement import Coverage, Study, Text
from verifier.domain import Annotation, Codebook, Label, Layer, Level, Span

WHEN = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)
_NUMBERS = count()


def codebook(*labels, multiple=True, codebook_id="tones"):
    return Codebook(
        codebook_id=codebook_id,
        version="1.0",
        title="Tones",
        kind="framing",
        description="Invented.",
        source="Invented.",
        levels=(Level.SPAN, Level.SENTENCE, Level.DOCUMENT),
        multiple=multiple,
        labels=tuple(Label(label_id=name, name=name.capitalize(), definition="Invented.") for name in labels),
    )


def given(annotator, document, label, place=(0, 0), *, level=Level.SPAN, **more):
    start, end = place
    more.setdefault("codebook_version", "1.0")
    more.setdefault("layer", Layer.ANNOTATOR)
    return Annotation(
        annotation_id=str(next(_NUMBERS)),
        document_id=document,
        level=level,
        span=Span(
            start=start, end=end, quote="x" * (end - start), text_sha256=more.pop("sha256", f"sha-{document}")
        ),
        codebook_id=more.pop("codebook_id", "tones"),
        label=label,
        annotator_id=annotator,
        created_at=WHEN,
        updated_at=WHEN,
        **more,
    )


def text(document, *, language="en", length=100, sentences=()):
    return Text(
        document_id=document,
        text_sha256=f"sha-{document}",
        language=language,
        length=length,
        sentences=tuple(sentences),
    )


def went_through(annotator, *documents):
    return [
        Coverage(annotator_id=annotator, document_id=document, text_sha256=f"sha-{document}")
        for document in documents
    ]


def study(annotations, texts, coverage=()):
    return Study(annotations=tuple(annotations), texts=tuple(texts), coverage=tuple(coverage))


def by_items(rows, *, documents=None):
    """Make a study at document level out of rows of answers, one row each annotator, None where they did not see the item."""
    names = documents or [f"d{number:02}" for number in range(len(rows[0]))]
    annotations, coverage = [], []
    for number, row in enumerate(rows):
        for name, answer in zip(names, row, strict=True):
            if answer is None:
                continue
            coverage += went_through(f"a{number}", name)
            labels = answer if isinstance(answer, (set, frozenset)) else {answer} - {""}
            annotations += [given(f"a{number}", name, str(label), level=Level.DOCUMENT) for label in labels]
    return study(annotations, [text(name) for name in names], coverage)


def figures(found):
    return {figure.name: figure for figure in found}


def values(found):
    return {figure.name: figure.value for figure in found}
