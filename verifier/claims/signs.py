"""What in a sentence speaks for its being worth checking, and what against: rules over words, digits and marks.

:func:`signs` finds them, each with the place that shows it; what each counts for stands in ``verifier.claims``. English, Ukrainian and Russian are read by the
lists of :mod:`verifier.claims.words`; of any other language only numbers, names and marks are seen. No grammar is parsed:
a past tense is an ending, a name is a capital letter inside a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from verifier import quantities
from verifier.claims.words import WORDS

Place = tuple[int, int]

FOR = ("number", "date", "name", "event", "source", "comparison", "public matter")
AGAINST = (
    "question", "exclamation", "appeal", "opinion", "future or wish", "first person", "address to the reader", "greeting", "page leftover",
    "quoted speech", "short", "leans on the sentence before",
)  # fmt: skip

FEW_WORDS = 5
"""A sentence of fewer words is short: "Seven deputies abstained" still says something, most such lines are headings or exclamations."""

MOSTLY_QUOTED = 0.5
"""From this share of its letters within quotation marks on, a sentence is somebody's speech rather than a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One reason for or against a sentence: its ``kind``, and the code points ``[start, end)`` of the sentence that show it.

    ``text`` is what stands there, as written; of a sign of the whole sentence, such as being short, it is empty.
    """

    kind: str
    start: int = 0
    end: int = 0
    text: str = ""


def signs(text: str, language: str) -> tuple[Sign, ...]:
    """Find the signs of a sentence, at most one of each kind (the first), those for it first.

    Args:
        text: a sentence; any text will do.
        language: its BCP 47 primary tag.
    """
    finders = {**_ANY_LANGUAGE, **(_BY_WORDS if language in WORDS else {})}
    read = text.translate(_SAME_LENGTH)
    found = []
    for kind in (*FOR, *AGAINST):
        place = finders[kind](read, language) if kind in finders else None
        if place is not None:
            found.append(Sign(kind=kind, start=place[0], end=place[1], text=text[slice(*place)]))
    return tuple(found)


_SAME_LENGTH = str.maketrans({"’": "'", "ʼ": "'", "ё": "е", "Ё": "Е", "\u00a0": " ", "\u202f": " "})
"""Every replacement has one code point, so that places found in what is read are places of the text."""

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_NAME_WORD = re.compile(rf"(?:[^\W\d_]\.){{2,}}|{_WORD.pattern}")
_DIGITS = re.compile(r"(?<![\w])\d[\d .,:/–-]*\d|\d")
_CLOCK_OR_YEAR = re.compile(r"\b(?:[01]?\d|2[0-3]):[0-5]\d\b|\b(?:1[89]|20)\d\d\b(?![.,]?\d)")
_QUOTED = re.compile(r"[“\"«„][^“”\"«»„]*[”\"»“]?")
_OPENING = "“\"«„‘'([—–-•*> "
_WHOLE: Place = (0, 0)


def _number(text: str, _language: str) -> Place | None:
    """Find the first amount (with its unit where ``quantities`` knows it) or the first digits."""
    amount = next((q.text for q in quantities.find(text)), "")
    at = text.find(amount) if amount else -1
    digits = _DIGITS.search(text)
    if at >= 0 and (digits is None or at <= digits.start()):
        return at, at + len(amount)
    return digits.span() if digits else None


def _date(text: str, language: str) -> Place | None:
    found = [m.span() for m in (_CLOCK_OR_YEAR.search(text),) if m]
    by_word = _first("date")(text, language) if language in WORDS else None
    return min([*found, *([by_word] if by_word else [])], default=None)


def _name(text: str, language: str) -> Place | None:
    """Find capitalised words, or one in capitals, that do not open the sentence or a quotation in it and are no month or day.

    A text without lower case letters has no names that could be told.
    """
    words = list(_NAME_WORD.finditer(text)) if any(character.islower() for character in text) else []
    for number, match in enumerate(words):
        if not _is_name(match, text, language):
            continue
        end = match.end()
        for following in words[number + 1 :]:
            if text[end : following.start()] != " " or not following[0][0].isupper():
                break
            end = following.end()
        return match.start(), end
    return None


def _is_name(word: re.Match[str], text: str, language: str) -> bool:
    if word[0] in _NO_NAMES or (language in WORDS and _pattern(language, "date").fullmatch(word[0])):
        return False
    before = text[: word.start()]
    opens = not before.strip(_OPENING) or before.rstrip()[-1:] in ".!?…:" or before[-1:] in '“"„‘'
    return word[0].isupper() and len(word[0]) > 1 if opens else word[0][0].isupper()


_NO_NAMES = frozenset({"I", "I'm", "I've", "I'd", "I'll", "Mr", "Mrs", "Ms"})


def _event(text: str, language: str) -> Place | None:
    """Find the first word that looks like a past tense or a passive, and is neither a name nor one of the nouns that end alike."""
    return next(
        (
            (start, end)
            for start, end in _listed("past", text, language)
            if not (text[start].isupper() and text[:start].strip(_OPENING))
        ),
        None,
    )


def _question(text: str, _language: str) -> Place | None:
    at = text.rstrip('”"») ').rfind("?")
    return (at, at + 1) if at >= 0 and at >= len(text.rstrip('”"»)!. ')) - 1 else None


def _exclamation(text: str, _language: str) -> Place | None:
    end = len(text.rstrip('”"») '))
    return (end - 1, end) if text[:end].endswith("!") else None


def _appeal(text: str, language: str) -> Place | None:
    """Find an imperative: English ones open a sentence with a bare verb, the others have endings of their own."""
    if language == "en":
        opening = _WORD.search(text)
        return opening.span() if opening and _pattern(language, "appeal").fullmatch(opening[0]) else None
    return _first("appeal")(text, language)


def _quoted_speech(text: str, _language: str) -> Place | None:
    quotes = [match.span() for match in _QUOTED.finditer(text)]
    letters = sum(character.isalpha() for character in text)
    within = sum(character.isalpha() for start, end in quotes for character in text[start:end])
    return max(quotes, key=lambda q: q[1] - q[0]) if letters and within >= MOSTLY_QUOTED * letters else None


def _short(text: str, _language: str) -> Place | None:
    return _WHOLE if sum(1 for _ in _WORD.finditer(text)) < FEW_WORDS else None


def _leans(text: str, language: str) -> Place | None:
    """Find a word at the very beginning that means something named before."""
    opening = _pattern(language, "leaning").match(text, len(text) - len(text.lstrip(_OPENING)))
    return opening.span() if opening else None


def _listed(kind: str, text: str, language: str) -> Iterator[Place]:
    """Find the entries of a list, leaving out what the list ``not_…`` of that name says looks like one only."""
    alike = _pattern(language, f"not_{kind}") if f"not_{kind}" in WORDS[language] else None
    for match in _pattern(language, kind).finditer(text):
        if alike is None or not alike.fullmatch(match[0]):
            yield match.span()


def _first(kind: str) -> Callable[[str, str], Place | None]:
    return lambda text, language: next(_listed(kind, text, language), None)


_ANY_LANGUAGE: Mapping[str, Callable[[str, str], Place | None]] = {
    "number": _number,
    "date": _date,
    "name": _name,
    "question": _question,
    "exclamation": _exclamation,
    "quoted speech": _quoted_speech,
    "short": _short,
}
_BY_WORDS: Mapping[str, Callable[[str, str], Place | None]] = {
    "event": _event,
    "source": _first("attribution"),
    "comparison": _first("comparison"),
    "public matter": _first("public"),
    "appeal": _appeal,
    "opinion": _first("opinion"),
    "future or wish": _first("plan"),
    "first person": _first("first_person"),
    "address to the reader": _first("address"),
    "greeting": _first("greeting"),
    "page leftover": _first("page"),
    "leans on the sentence before": _leans,
}


@lru_cache(maxsize=64)
def _pattern(language: str, kind: str) -> re.Pattern[str]:
    """Compile a list of words; longer entries first, so that a phrase wins over its first word."""
    entries = sorted(WORDS[language][kind].split(), key=lambda entry: (-len(entry), entry))
    if language == "en" and kind == "past":
        entries.append("*ed")
    return re.compile(
        rf"(?<![\w-])(?:{'|'.join(_entry(entry) for entry in entries)})(?![\w-])", re.IGNORECASE
    )


def _entry(entry: str) -> str:
    pattern = r"\s+".join(
        re.escape(word).replace(r"\*", r"[^\W\d_]*") for word in entry.removeprefix("=").split("_")
    )
    return f"(?-i:{pattern})" if entry.startswith("=") else pattern
