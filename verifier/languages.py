"""Which languages there are here, and in which one a text is written.

Offers the table ``LANGUAGES``, :func:`detect` and :func:`direction`, the words for months, and :func:`romanise`. Detection is made for news sentences down to headlines:
letters that only one alphabet has and words that only one language has decide at once; the rest goes to py3langid, a
small offline model that is loaded on first need (about a second). It says nothing rather than guess: a text that is too
short, or about which nobody is sure, gets the caller's fallback. Dialects, transliteration and mixed texts are not told apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from verifier.domain import UNKNOWN_LANGUAGE

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language as screens and readers need it.

    ``tag`` is its BCP 47 primary subtag, ``native_name`` what its speakers call it, ``script`` an ISO 15924 code.
    """

    tag: str
    name: str
    native_name: str
    script: str = "Latn"
    direction: Direction = "ltr"


_ROWS = (
    ("en", "English", "English", "Latn"),
    ("uk", "Ukrainian", "українська", "Cyrl"),
    ("ru", "Russian", "русский", "Cyrl"),
    ("ar", "Arabic", "العربية", "Arab"),
    ("az", "Azerbaijani", "azərbaycanca", "Latn"),
    ("be", "Belarusian", "беларуская", "Cyrl"),
    ("bg", "Bulgarian", "български", "Cyrl"),
    ("cs", "Czech", "čeština", "Latn"),
    ("da", "Danish", "dansk", "Latn"),
    ("de", "German", "Deutsch", "Latn"),
    ("el", "Greek", "ελληνικά", "Grek"),
    ("es", "Spanish", "español", "Latn"),
    ("et", "Estonian", "eesti", "Latn"),
    ("fa", "Persian", "فارسی", "Arab"),
    ("fi", "Finnish", "suomi", "Latn"),
    ("fr", "French", "français", "Latn"),
    ("he", "Hebrew", "עברית", "Hebr"),
    ("hi", "Hindi", "हिन्दी", "Deva"),
    ("hu", "Hungarian", "magyar", "Latn"),
    ("hy", "Armenian", "հայերեն", "Armn"),
    ("it", "Italian", "italiano", "Latn"),
    ("ja", "Japanese", "日本語", "Jpan"),
    ("ka", "Georgian", "ქართული", "Geor"),
    ("kk", "Kazakh", "қазақ тілі", "Cyrl"),
    ("ko", "Korean", "한국어", "Kore"),
    ("lt", "Lithuanian", "lietuvių", "Latn"),
    ("lv", "Latvian", "latviešu", "Latn"),
    ("mk", "Macedonian", "македонски", "Cyrl"),
    ("nl", "Dutch", "Nederlands", "Latn"),
    ("no", "Norwegian", "norsk", "Latn"),
    ("pl", "Polish", "polski", "Latn"),
    ("pt", "Portuguese", "português", "Latn"),
    ("ro", "Romanian", "română", "Latn"),
    ("sk", "Slovak", "slovenčina", "Latn"),
    ("sr", "Serbian", "српски", "Cyrl"),
    ("sv", "Swedish", "svenska", "Latn"),
    ("tr", "Turkish", "Türkçe", "Latn"),
    ("zh", "Chinese", "中文", "Hans"),
)
_RIGHT_TO_LEFT_SCRIPTS = {"Arab", "Hebr"}

LANGUAGES: Mapping[str, Language] = {
    tag: Language(
        tag=tag,
        name=name,
        native_name=native_name,
        script=script,
        direction="rtl" if script in _RIGHT_TO_LEFT_SCRIPTS else "ltr",
    )
    for tag, name, native_name, script in _ROWS
}
"""Every language that :func:`detect` can answer; the first three are those the project is measured on."""

MIN_LETTERS = 8
"""Below this many letters nothing is said. With 8, names and labels ("Photo:", "Reuters") get the document's language."""

MAX_CHARS = 10_000
"""Code points looked at; the beginning of a long text tells its language."""

MIN_PROBABILITY = 0.5
"""The share that the best language must have. Calibrated with ``PRIOR`` on 1,004 aligned sentences in ten languages (SIB-200,
November 2026), cut to their first 3, 5 or 8 words: right for en/uk/ru 87, 97 and 99.7 %, wrong 1.3, 0.6 and 0.1 %, the fallback for the
rest; on whole sentences 99.9 %. A prior of 1 says nothing twice as often, one of 5 takes a fifth of short Bulgarian for Russian.
Measure again when the model or ``LANGUAGES`` changes."""

PRIOR = {"en": 3.0, "uk": 3.0, "ru": 3.0}
"""How much likelier than any other language these are before a word is read: what this tool is fed with."""

_NOT_PROSE = re.compile(r"https?://\S+|www\.\S+|\b[\w.+-]{1,64}@\S+|[@#]\w+")
_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")

_UKRAINIAN_LETTERS = frozenset("іїєґ")
_RUSSIAN_LETTERS = frozenset("ыэё")  # ъ is Bulgarian too
_NOT_BELARUSIAN = frozenset("ищїєґ")
_RUSSIAN_ALPHABET = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
_UKRAINIAN_ALPHABET = frozenset("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя'’ʼ")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that stand in nearly every sentence of one language and in none of its neighbours.
_ENGLISH_WORDS = _words(
    "the and with that from which said would has have been this they their by were are for after about who its"
)
_UKRAINIAN_WORDS = _words(
    "та що від щодо про як це але якщо зараз також було буде він вона вони його під час після через навколо"
)
_RUSSIAN_WORDS = _words(
    "что как после об или если также было будет он она они его под во время от со при это но уже более"
)


def detect(text: str, *, fallback: str = UNKNOWN_LANGUAGE) -> str:
    """Tell the language of a text, as a BCP 47 primary tag out of ``LANGUAGES``.

    Links, addresses, handles and hashtags are not looked at. ``fallback`` comes back when fewer than ``MIN_LETTERS`` letters
    remain or no language is likely enough.

    >>> detect("Переговори тривали майже п'ять годин")
    'uk'
    >>> detect("Photo:", fallback="ru")
    'ru'
    """
    words = _WORD.findall(_NOT_PROSE.sub(" ", text[:MAX_CHARS]).casefold())
    letters = "".join(words)
    if len(letters) < MIN_LETTERS:
        return fallback
    cyrillic = sum("\u0400" <= letter <= "\u052f" for letter in letters)
    told = _by_alphabet(words) if cyrillic * 2 >= len(letters) else _by_english_words(words)
    return told or _by_model(" ".join(words)) or fallback


def direction(tag: str) -> Direction:
    """Return the reading direction of a language tag; left to right when it is unknown."""
    known = LANGUAGES.get(tag.partition("-")[0].casefold())
    return known.direction if known else "ltr"


def _by_alphabet(words: list[str]) -> str:
    """Name Ukrainian or Russian where letters and words leave no doubt, else return an empty string."""
    ukrainian = russian = 0
    seen: set[str] = set()
    for word in words:
        letters = set(word)
        if not "\u0400" <= word[0] <= "\u052f":
            continue
        if not (letters <= _RUSSIAN_ALPHABET or letters <= _UKRAINIAN_ALPHABET):
            return ""  # ў, ј, қ and the like: some other language, or a mixture for the model to weigh
        seen |= letters
        ukrainian += bool(letters & _UKRAINIAN_LETTERS) or word in _UKRAINIAN_WORDS
        russian += bool(letters & _RUSSIAN_LETTERS) or word in _RUSSIAN_WORDS
    if not seen & _NOT_BELARUSIAN:  # і and ы are Belarusian too
        return ""
    # A quoted name may bring letters of the other alphabet; both in strength are for the model to weigh.
    if ukrainian > 3 * russian and seen & _UKRAINIAN_LETTERS:
        return "uk"
    if russian > 3 * ukrainian and seen & _RUSSIAN_LETTERS:
        return "ru"
    return ""


def _by_english_words(words: list[str]) -> str:
    """Name English where its function words leave no doubt, else return an empty string."""
    distinct = _ENGLISH_WORDS.intersection(words)
    share = sum(word in _ENGLISH_WORDS for word in words) / len(words)
    plain = sum(word.isascii() or "’" in word for word in words) / len(words)
    return "en" if len(distinct) >= 2 and share >= 0.1 and plain >= 0.9 else ""  # noqa: PLR2004


def _by_model(text: str) -> str:
    odds = [(probability * PRIOR.get(tag, 1.0), tag) for tag, probability in _model()(text)]
    best, tag = max(odds)
    return tag if best >= MIN_PROBABILITY * sum(odd for odd, _ in odds) else ""


@lru_cache(maxsize=1)
def _model() -> Callable[[str], list[tuple[str, float]]]:
    """Load py3langid, restricted to our languages: fewer of them means fewer absurd answers on short texts."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  (loads a model; only when it is needed)

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    rank: Callable[[str], list[tuple[str, float]]] = identifier.rank
    return rank


_ROMAN = str.maketrans(
    "абвгґдезиіклмнопрстуфыэєћђјљњўүøłđı", "abvggdezyiklmnoprstufyeecdjlnuuoldi", "ъь'’ʼ`"
) | str.maketrans({"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"})


def romanise(text: str) -> str:
    """Write small Cyrillic letters, and Latin ones that no accent explains, in the letters a to z; soft signs and apostrophes go.

    The text is expected in small letters with its accents taken off (й as и); other scripts stay as they are.
    """
    return text.translate(_ROMAN)


MONTHS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    tag: tuple(tuple(month.split()) for month in row.split(";"))
    for tag, row in {
        "en": (
            "January Jan; February Feb; March Mar; April Apr; May; June Jun; July Jul; August Aug; "
            "September Sep Sept; October Oct; November Nov; December Dec"
        ),
        "uk": (
            "січня січень січню січнем січні; лютого лютий лютому лютим; "
            "березня березень березню березнем березні; квітня квітень квітню квітнем квітні; "
            "травня травень травню травнем травні; червня червень червню червнем червні; "
            "липня липень липню липнем липні; серпня серпень серпню серпнем серпні; "
            "вересня вересень вересню вереснем вересні; жовтня жовтень жовтню жовтнем жовтні; "
            "листопада листопад листопаду листопадом листопаді; грудня грудень грудню груднем грудні"
        ),
        "ru": (
            "января январь январю январем январе; февраля февраль февралю февралем феврале; "
            "марта март марту мартом марте; апреля апрель апрелю апрелем апреле; мая май мае; "
            "июня июнь июню июнем июне; июля июль июлю июлем июле; августа август августу августом августе; "
            "сентября сентябрь сентябрю сентябрем сентябре; октября октябрь октябрю октябрем октябре; "
            "ноября ноябрь ноябрю ноябрем ноябре; декабря декабрь декабрю декабрем декабре"
        ),
    }.items()
}
"""The words for each month, January first: as it stands in a date, then in other cases and shorter, save "маю", which is "I have" in Ukrainian."""

_NUMBER_OF_MONTH = {
    form.casefold(): number
    for months in MONTHS.values()
    for number, forms in enumerate(months, start=1)
    for form in forms
}


def month_number(word: str) -> int | None:
    """Return which month, 1 to 12, a word names in one of the languages written out here, whatever its case; None for other words.

    >>> month_number("Грудні"), month_number("Sept"), month_number("marines")
    (12, 9, None)
    """
    return _NUMBER_OF_MONTH.get(word.casefold())


_YEAR_WORD: Mapping[str, str] = {"uk": " року", "ru": " года"}


def long_date(day: date, tag: str) -> str:
    """Write a day as a sentence of that language would, month in words; in ISO 8601 for languages not written out here."""
    if tag not in MONTHS:
        return day.isoformat()
    return f"{day.day} {MONTHS[tag][day.month - 1][0]} {day.year}{_YEAR_WORD.get(tag, '')}"
