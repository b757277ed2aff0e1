"""Names, domains and addresses of outlets: what is compared when two of them are the same."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from verifier.languages import romanise

DOMAIN = re.compile(r"(?:[\w-]+\.)+[^\W\d_][\w-]+")
"""A bare domain, such as example.org."""

_ADDRESS = re.compile(
    rf"(?:[a-z][a-z0-9+.-]*://|//)?(?:[^\s/@]+@)?({DOMAIN.pattern})(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE
)


_ARTICLE = re.compile(r"^the\s+(?=\S)")
_DOUBLED = re.compile(r"([a-z])\1+")


def name_key(name: str) -> str:
    """Reduce a name to what is compared: case, accents, script, punctuation, spaces and a leading "the" are gone.

    Cyrillic is romanised; as romanisations differ in y/i/j and in doubling ("Izvestiya", "Izvestia"), these are made
    one. Ukrainian г is h in a text that shows itself Ukrainian by і, ї, є or ґ. Other spellings are for aliases.
    """
    text = unicodedata.normalize("NFC", name).casefold()
    if re.search("[іїєґ]", text):
        text = text.replace("г", "h")
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = _ARTICLE.sub("", romanise(text.strip()))
    text = "".join(c for c in text if c.isalnum())
    return _DOUBLED.sub(r"\1", text.replace("y", "i").replace("j", "i"))


def host_of(text: str) -> str:
    """Return the host of a URL, e-mail address or bare domain without "www.", or "" when it is none of these."""
    match = _ADDRESS.fullmatch(text)
    return match[1].lower().removeprefix("www.") if match else ""


def slug(name: str) -> str:
    """Return a name in small Latin letters, digits and hyphens, for an id; a script that cannot be romanised is hashed."""
    folded = "".join(
        c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c)
    )
    letters = "-".join(re.findall("[a-z0-9]+", romanise(folded)))
    return letters or hashlib.sha256(name.encode()).hexdigest()[:8]  # a script that is not romanised here
