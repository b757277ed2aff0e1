"""The one place where foreign text is made safe to draw.

Everything an outlet, a file or a person wrote (article text, titles, outlet names, notes, file names, addresses) passes through here before
it reaches the browser. Streamlit draws such text in two ways, and each needs its own escape: HTML of our own classes takes
:func:`html_text`, and the labels of widgets, which Streamlit reads as Markdown, take :func:`markdown_text`.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

from verifier.languages import direction

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a page cannot show (control characters, halves of surrogate pairs), and the marks that reorder the text around them (they
can disguise an address)."""

_WORD_JOINER = "\u2060"
"""Invisible and unbreakable; splits ``:smile:`` and ``->``, which Streamlit rewrites even where they are escaped."""

_PUNCTUATION = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
_REWRITTEN = re.compile(r"(?<=:)(?=\w)|(?<=[-<>=~])(?=[-<>=])")


def html_text(text: object) -> str:
    """Escape text for use inside an HTML element or a quoted attribute, control characters made visible as U+FFFD."""
    return html.escape(_CONTROLS.sub("\N{REPLACEMENT CHARACTER}", str(text)), quote=True)


def markdown_text(text: object, limit: int = 0) -> str:
    """Escape text for a Markdown label so that it shows letter for letter on one line.

    Args:
        text: what is to be shown; runs of white space become one space.
        limit: cut to this many code points, with an ellipsis; 0 keeps everything.
    """
    line = " ".join(_CONTROLS.sub("\N{REPLACEMENT CHARACTER}", str(text)).split())
    if limit and len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return _PUNCTUATION.sub(r"\\\1", _REWRITTEN.sub(_WORD_JOINER, line))


def safe_url(url: str) -> str:
    """Return the address if it is a plain http or https one, else an empty string."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    plain = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    return url.strip() if plain and not _CONTROLS.search(url) and not re.search(r"\s", url.strip()) else ""


def html_link(url: str, text: str = "") -> str:
    """Return a link to a safe address that opens apart, or the escaped address as text where it is not safe."""
    address = safe_url(url)
    if not address:
        return html_text(text or url)
    return (
        f'<a href="{html_text(address)}" target="_blank" rel="noopener noreferrer nofollow">'
        f"{html_text(text or address)}</a>"
    )


def html_passage(before: str, sentence: str, after: str, language: str) -> str:
    """Return a sentence in its context as HTML: the sentence strong, its neighbours muted, direction by language."""
    parts = [
        f'<span class="cv-context">{html_text(before)} </span>' if before else "",
        f"<strong>{html_text(sentence)}</strong>",
        f'<span class="cv-context"> {html_text(after)}</span>' if after else "",
    ]
    attributes = f'lang="{html_text(language)}" dir="{direction(language)}"'
    return f'<p class="cv-passage" {attributes}>{"".join(parts)}</p>'
