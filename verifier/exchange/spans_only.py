"""Labels that can be passed on where their texts cannot: offsets, digests and short quotes; and the way back, from one's own copy of the texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from verifier.domain import Level, Span, text_sha256
from verifier.exchange.tables import Row

QUOTE_CHARS = 20
"""Code points of a quote that stay: enough to see whether the right text was filled in, less than a sentence of any of our languages."""


class Filled(NamedTuple):
    """Rows with their texts filled in, and the place (from 0) and reason of each that was left as it was."""

    rows: list[Row]
    misfits: list[tuple[int, str, str]]


def shortened(
    rows: Iterable[Mapping[str, Any]], *, quote_chars: int = QUOTE_CHARS, context: bool = False
) -> list[Row]:
    """Cut the quotes of ``labels.csv`` rows to their first code points and leave out prefix and suffix.

    Notes and targets are the annotators' own words and stay.

    Args:
        rows: complete ones.
        quote_chars: code points of each quote that stay; 0 leaves none.
        context: keep prefix and suffix, which are up to 32 code points each.
    """
    cut: list[Row] = []
    for row in rows:
        changed: Row = {**row, "quote": str(row["quote"])[:quote_chars]}
        cut.append(changed if context else {**changed, "prefix": "", "suffix": ""})
    return cut


def without_text(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Empty the column ``text`` of ``documents.csv`` rows; the digest still says which text it was."""
    return [{**row, "text": ""} for row in rows]


def filled_in(rows: Iterable[Mapping[str, Any]], text_of: Callable[[str], str | None]) -> Filled:
    """Fill quote, prefix and suffix of labels, or the text of documents, in again.

    Args:
        rows: of ``labels.csv`` or ``documents.csv``.
        text_of: finds the text of a digest, None where there is none; what it gives is hashed again.
    """
    filled: list[Row] = []
    misfits: list[tuple[int, str, str]] = []
    for number, row in enumerate(rows):
        digest = str(row["document_sha256"])
        text = text_of(digest)
        if text is None:
            misfits.append(
                (
                    number,
                    "unknown-text",
                    f"none of the texts has the digest {digest[:12]} (document {row['document_id']!r})",
                )
            )
        elif text_sha256(text) != digest:
            misfits.append(
                (
                    number,
                    "digest",
                    f"the text found for {digest[:12]} has the digest {text_sha256(text)[:12]}: it was changed",
                )
            )
        elif "text" in row:
            filled.append({**row, "text": text})
            continue
        else:
            complete = _label(row, text)
            if complete is not None:
                filled.append(complete)
                continue
            reason = f"[{row['start']}, {row['end']}) of its text does not begin with the quote {str(row['quote'])!r}"
            misfits.append((number, "quote", reason))
        filled.append(dict(row))
    return Filled(filled, misfits)


def _label(row: Mapping[str, Any], text: str) -> Row | None:
    start, end = row["start"], row["end"]
    if start is None or end is None or not 0 <= start <= end <= len(text):
        return None
    span = Span.of(text, start, end)
    around = text[:start].endswith(str(row["prefix"])) and text[end:].startswith(str(row["suffix"]))
    if not span.quote.startswith(str(row["quote"])) or not around:
        return None
    if row["level"] == Level.DOCUMENT.value and start == end:
        return dict(row)
    context = {"prefix": row["prefix"] or span.prefix, "suffix": row["suffix"] or span.suffix}
    return {**row, "quote": span.quote, **context}
