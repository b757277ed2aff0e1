"""Names of people and places across alphabets and cases: Witkoff, Віткофф, Уиткоффом.

Every press writes a foreign name its own way, and inflects it. A name is therefore reduced to a skeleton: written in Latin letters, spellings of one sound made
one, vowels left out. Skeletons find what is written differently and sounds alike; they cannot find what has another
name altogether (Germany, Німеччина), so that "not named here" can be said within one language only. Used to show why a
statement was found; it moves no statement up or down: added to the score, shared names won nothing on the choosing half of the gold (recall@10 0.78 to
0.79 and first hits 0.64 to 0.61; November 2026). Unlike names can sound alike (Путін, Patna).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from verifier.languages import romanise

_LETTERS = str.maketrans({"ß": "ss", "æ": "e", "œ": "e", "þ": "t", "ð": "d", "й": "и"})
_SOUNDS = (
    *(("shch", "s"), ("sch", "s"), ("tsch", "c"), ("tch", "c"), ("sh", "s"), ("ch", "c"), ("zh", "z"), ("kh", "h")),
    *(("ph", "f"), ("th", "t"), ("ck", "k"), ("ts", "c"), ("tz", "c"), ("dzh", "z"), ("dj", "z"), ("dz", "z"), ("j", "z")),
    *(("x", "ks"), ("q", "k"), ("w", "v"), ("g", "h"), ("c", "k")),
)  # fmt: skip
"""Spellings of one sound, the longer first. г is h in Ukrainian and g in Russian, and foreign h is either: so g and h are one."""

_VOWELS = "aeiouy"
_SHORTEST, _ENDING, _LONG, _CASE_ENDING = 2, 2, 3, 3
"""Skeletons shorter than 2 match nothing; of two skeletons of 3 letters or more the longer may have an ending of 2 more. Within a language names
share 3 letters and all but the last 3 of the longer (Москва, Москвою)."""

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:]|[\n\"«“„—–(])\s*[\"«“„(—–-]*\s*$")
_CAPITALS = (
    "i i'm i've i'd january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday mr mrs ms dr sir prime minister president"
)
_NO_NAMES = frozenset(_CAPITALS.split())
"""Words that English writes with a capital wherever they stand."""


@dataclass(frozen=True, slots=True)
class Name:
    """A capitalised word inside a sentence, as it is written, and what it is compared by."""

    text: str
    skeleton: str


def names(text: str) -> Iterator[Name]:
    """Yield the names of a text, in reading order, each spelling once.

    A capitalised word that begins a sentence may be any word and is left out, unless another follows it or it is all capitals.
    """
    seen: set[str] = set()
    for name, sure in _capitalised(text):
        if sure and name.text not in seen:
            seen.add(name.text)
            yield name


def shared_names(one: str, other: str, *, one_language: bool = False) -> list[tuple[str, str]]:
    """Return the names of one text that the other has too: (as in one, as in the other).

    Args:
        one: a text.
        other: another one, in whatever alphabet.
        one_language: both are in one language, where a name differs in its case ending only; otherwise sounds are compared.

    A word that begins a sentence counts where its fellow in the other text does not begin one.
    """
    theirs = list(_capitalised(other))
    pairs: dict[str, str] = {}
    for name, sure in _capitalised(one):
        for fellow, as_sure in theirs:
            if (sure or as_sure) and _same(name, fellow, one_language=one_language):
                pairs.setdefault(name.text, fellow.text)
                break
    return list(pairs.items())


def _same(one: Name, other: Name, *, one_language: bool) -> bool:
    if one.text.isupper() or other.text.isupper():  # NATO, НАТО; and "US" is not "Asia"
        return one.text.isupper() and other.text.isupper() and one.skeleton == other.skeleton
    if not one_language:
        return alike(one.skeleton, other.skeleton)
    first, second = (re.sub("['’ʼ]s$", "", name.text).casefold().replace("ё", "е") for name in (one, other))
    stem = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    return stem >= _LONG and max(len(first), len(second)) - stem <= _CASE_ENDING


def _capitalised(text: str) -> Iterator[tuple[Name, bool]]:
    """Yield the capitalised words, and whether each is surely a name: inside a sentence, before another, or all capitals."""
    found = list(_WORD.finditer(text))
    for place, match in enumerate(found):
        word = match[0]
        if not word[0].isupper() or word.casefold() in _NO_NAMES or len(word) < _SHORTEST:
            continue
        follower = found[place + 1] if place + 1 < len(found) else None
        beside = (
            follower is not None
            and follower[0][0].isupper()
            and text[match.end() : follower.start()] == " "
            and follower[0].casefold() not in _NO_NAMES
        )
        inside = _SENTENCE_START.search(text[: match.start()]) is None
        if len(reduced := skeleton(word)) >= _SHORTEST:
            yield Name(word, reduced), inside or beside or word.isupper()


def alike(one: str, other: str) -> bool:
    """Tell whether two skeletons may be of one name: equal, or one is the other with an ending."""
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORTEST:
        return False
    return short == long or (
        len(short) >= _LONG and long.startswith(short) and len(long) - len(short) <= _ENDING
    )


@lru_cache(maxsize=50_000)
def skeleton(word: str) -> str:
    """Reduce a word to the sounds that survive another alphabet: small Latin consonants, each run of one letter once.

    A vowel counts only at the beginning, as an ``a``. The empty string where nothing is left.
    """
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    plain = romanise("".join(c for c in plain if c.isalnum()))
    if re.match(r"u[aeioy]", plain):  # Уиткофф, Уэльс: a foreign w
        plain = "v" + plain[1:]
    for spelling, sound in _SOUNDS:
        plain = plain.replace(spelling, sound)
    head = "a" if plain[:1] and plain[0] in _VOWELS else ""
    return head + re.sub(r"(.)\1+", r"\1", "".join(c for c in plain if c not in _VOWELS))
