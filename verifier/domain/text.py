"""What every record stands on: texts known by their digest, spans that quote them, times, and enumerations that name their values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

from verifier.errors import DomainError

CONTEXT_CHARS = 32
"""Code points of prefix and suffix that travel with a span, as in the Web Annotation TextQuoteSelector examples."""

UNKNOWN_LANGUAGE = "und"
"""BCP 47's tag for "undetermined"."""


def text_sha256(text: str) -> str:
    """Hash the UTF-8 bytes of a text (64 hexadecimal digits); the identity of a frozen text.

    A lone surrogate, which UTF-8 cannot hold, is hashed as its three-byte form, so that every ``str`` has a digest.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def utc_now() -> datetime:
    """Return the present time, aware and in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


class HelpfulEnum(StrEnum):
    """An enumeration whose failure names the valid values."""

    @classmethod
    def _missing_(cls, value: object) -> Self:
        valid = ", ".join(repr(m.value) for m in cls)
        msg = f"{value!r} is no {cls.__name__}; expected one of {valid}."
        raise DomainError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a frozen text, self-describing enough to be checked and re-anchored.

    ``start`` and ``end`` are half-open code point offsets; ``quote`` is exactly ``text[start:end]``; ``prefix`` and
    ``suffix`` are up to 32 code points on either side; ``text_sha256`` names the text.
    """

    start: int
    end: int
    quote: str
    prefix: str = ""
    suffix: str = ""
    text_sha256: str

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            msg = f"A span must satisfy 0 <= start <= end; found start {self.start}, end {self.end}."
            raise DomainError(msg)
        if len(self.quote) != self.end - self.start:
            msg = (
                f"The quote of a span must have {self.end - self.start} code points, as its offsets say; found "
                f"{len(self.quote)}. Offsets here are Unicode code points, not bytes or UTF-16 units."
            )
            raise DomainError(msg)

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Self:
        """Cut the span ``[start, end)`` out of a text.

        Raises:
            DomainError: the offsets do not lie within the text.
        """
        if not 0 <= start <= end <= len(text):
            msg = f"Span [{start}, {end}) does not lie within a text of {len(text)} code points."
            raise DomainError(msg)
        return cls(
            start=start,
            end=end,
            quote=text[start:end],
            prefix=text[max(0, start - CONTEXT_CHARS) : start],
            suffix=text[end : end + CONTEXT_CHARS],
            text_sha256=text_sha256(text),
        )

    def check(self, text: str) -> None:
        """Raise DomainError unless this span quotes exactly this text."""
        if text_sha256(text) != self.text_sha256:
            msg = (
                f"Span [{self.start}, {self.end}) belongs to the text {self.text_sha256[:12]}, but was checked against "
                f"{text_sha256(text)[:12]}. The document has another version; re-anchor the span by its quote."
            )
            raise DomainError(msg)
        if text[self.start : self.end] != self.quote:
            msg = f"Span [{self.start}, {self.end}) quotes {self.quote!r}, but its text reads {text[self.start : self.end]!r}."
            raise DomainError(msg)
