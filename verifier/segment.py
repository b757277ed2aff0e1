"""Cut documents into sentences whose spans reproduce the text exactly."""

from __future__ import annotations

from verifier.domain import Document, Sentence
from verifier.languages import detect


def spans(text: str, language: str) -> list[tuple[int, int]]:
    """Find the sentences of a text, as half-open offsets in code points, in order."""
    from sentencex import get_sentence_boundaries  # noqa: PLC0415

    found = []
    position = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            offset = 0
            for boundary in get_sentence_boundaries(language, line):
                piece = boundary.text if hasattr(boundary, "text") else boundary["text"]
                start = line.find(piece, offset)
                if start < 0 or not piece.strip():
                    continue
                offset = start + len(piece)
                lead = len(piece) - len(piece.lstrip())
                found.append((position + start + lead, position + start + len(piece.rstrip())))
        position += len(line)
    return found


def segment(document: Document) -> tuple[Sentence, ...]:
    """Cut a document into sentences, in reading order."""
    return tuple(
        Sentence(
            sentence_id=f"{document.document_id}.{document.version}.{ordinal}",
            document_id=document.document_id,
            version=document.version,
            ordinal=ordinal,
            start=start,
            end=end,
            text=document.text[start:end],
            language=detect(document.text[start:end], fallback=document.language),
        )
        for ordinal, (start, end) in enumerate(spans(document.text, document.language))
    )
