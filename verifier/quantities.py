"""Quantities in English, Ukrainian and Russian, and where two texts disagree about one.

A small stance model reads "almost five hours" and "less than an hour" as much the same. This module finds durations, shares, distances,
weights, sums of money and plain counts, in digits or words, as intervals ("more than 300" has no upper end), and tells
whether a claim's amounts can be those of a statement. What follows for the stance is not decided here. Ordinals, dates, years and clock times are no quantities here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from verifier.languages import month_number

COUNT = "count"
"""The kind of a number that stands before no unit known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """An amount as a text gives it.

    ``kind`` is a dimension (``duration`` in hours, ``share`` in per cent, ``length`` in kilometres, ``mass`` in tonnes), a currency, or `COUNT`;
    the amount lies between ``low`` and ``high``, in those units; ``text`` is how it was written.
    """

    kind: str
    low: float
    high: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a claim's measured quantities are to those of a statement.

    ``agree`` is True when each of them can be one of the statement's, False when one cannot; ``claim`` and ``evidence`` are a pair that shows
    it.
    """

    agree: bool
    claim: Quantity
    evidence: Quantity


def compare(claim: str, evidence: str) -> Comparison | None:
    """Compare the measured quantities of a claim with those of the same kind in a statement.

    Plain counts are left out, because they may count different things.

    Returns:
        None where the claim has no measured quantity, or the statement has none of a kind that the claim has and no conflict shows.
    """
    measured = [quantity for quantity in find(claim) if quantity.kind != COUNT]
    there = tuple(find(evidence))
    fitting: list[tuple[Quantity, Quantity]] = []
    for ours in measured:
        same_kind = [theirs for theirs in there if theirs.kind == ours.kind]
        fits = [theirs for theirs in same_kind if _compatible(ours, theirs)]
        if same_kind and not fits:
            return Comparison(agree=False, claim=ours, evidence=same_kind[0])
        fitting += [(ours, theirs) for theirs in fits if _near(ours, theirs)][:1]
    if measured and len(fitting) == len(measured):
        return Comparison(agree=True, claim=fitting[0][0], evidence=fitting[0][1])
    return None


def find(text: str) -> Iterator[Quantity]:
    """Yield the quantities of a text in reading order, whichever of the three languages it is in."""
    tokens = [
        (match[0].casefold().replace("’", "'").replace("ʼ", "'"), match) for match in _TOKEN.finditer(text)
    ]
    words = [word for word, _ in tokens]
    position = 0
    while position < len(words):
        found = _at(words, position)
        if found is None:
            position += 1
            continue
        kind, low, high, end = found
        yield Quantity(
            kind=kind, low=low, high=high, text=text[tokens[position][1].start() : tokens[end - 1][1].end()]
        )
        position = end


def _compatible(one: Quantity, other: Quantity) -> bool:
    return max(one.low, other.low) < min(one.high, other.high)


def _near(one: Quantity, other: Quantity) -> bool:
    """Tell whether two amounts are of one order: ten days are more than seven hours, but nobody would say so."""
    first, second = (
        q.low if math.isinf(q.high) else q.high if q.low < 0 else (q.low + q.high) / 2 for q in (one, other)
    )
    return max(first, second) <= _ONE_ORDER * min(first, second)


def _at(words: list[str], position: int) -> tuple[str, float, float, int] | None:
    """Read a quantity that begins at a word: bounds, number, unit; return (kind, low, high, end)."""
    bound, start = _bound(words, position)
    if bound != "exact" and words[start : start + 1] == ["на"]:  # "менш ніж на 9 %"
        start += 1
    if (part := _part(words, start, bounded=bound != "exact")) is not None:
        low, high = _interval(part[0], bound, exact=False)
        return "share", low, high, part[1]
    currency = _CURRENCY_SIGNS.get(words[start]) if start < len(words) else None
    number, end = _number(words, start + 1 if currency else start)
    if number is None and position < end < len(words):  # "over a billion"
        number, end = (lone, end + 1) if (lone := _multiplier(words[end])) else (None, end)
    unit = _unit(words[end]) if end < len(words) else None
    if number is None:
        # "less than an hour", "менше години": the unit alone is one of it, but only behind a bound or an article.
        letter = unit is not None and len(words[end]) == 1  # the m of "a.m."
        if unit is None or letter or (bound == "exact" and words[position] not in _ARTICLES):
            return None
        number = 1.0
    if currency:
        kind, factor = currency, 1.0
    elif unit is not None:
        (kind, factor), end = unit, end + (2 if words[end : end + 2] == ["per", "cent"] else 1)
    elif number.is_integer() and number > 1 and not _is_date(words, start, end, number):
        kind, factor = COUNT, 1.0
    else:
        return None
    if kind == "duration" and _is_year(number, factor):
        return None
    low, high = _interval(number * factor, bound, exact=kind == COUNT)
    return kind, low, high, end


def _bound(words: list[str], position: int) -> tuple[str, int]:
    for bound, phrases in _BOUNDS.items():
        for phrase in phrases:
            if words[position : position + len(phrase)] == list(phrase):
                inner, end = _bound(words, position + len(phrase))
                return (bound if inner == "exact" else inner), end
    while position < len(words) and words[position] in _ARTICLES:
        position += 1
    return "exact", position


def _interval(value: float, bound: str, *, exact: bool) -> tuple[float, float]:
    """Return the open interval that an amount lies in.

    News rounds: a measured amount may be 5 % off, one called "about" 15 %, "almost" and "just under" are within 15 % below, "just over" within 15 % above. A bare count is taken at its word.
    """
    slack = 1e-6 if exact else 0.05
    return {
        "exact": (value * (1 - slack) - 1e-9, value * (1 + slack) + 1e-9),
        "almost": (value * 0.85, value * 1.02),
        "about": (value * 0.85, value * 1.15),
        "just-above": (value, value * 1.15),
        "just-below": (value * 0.85, value),
        "above": (value, math.inf),
        "below": (-1.0, value),
        "at-least": (value * (1 - 1e-6), math.inf),
        "at-most": (-1.0, value * (1 + 1e-6)),
    }[bound]


def _number(words: list[str], position: int) -> tuple[float | None, int]:  # noqa: C901  (a branch for each way to write one)
    """Read a number in digits or words, with its multiplier; return (value or None, end)."""
    total, part, end = 0.0, None, position
    while end < len(words):
        word = words[end]
        if part is not None and words[end : end + 3] == ["and", "a", "half"]:
            part, end = part + 0.5, end + 3
            continue
        if word in _ARTICLES and part == 0.5:  # noqa: PLR2004  ("half an hour")
            end += 1
            continue
        if _DIGITS.fullmatch(word):
            if part is not None:
                break
            part = _value(word)
        elif word in _WORDS:
            if part is not None and _WORDS[word] >= _SMALLEST_TEN <= part < _HUNDRED:
                break
            part = (part or 0.0) + _WORDS[word]
        elif word == "hundred" and part is not None:
            part *= _HUNDRED
        elif (factor := _multiplier(word)) and (part is not None or end > position):
            total, part = total + (part if part is not None else 1.0) * factor, None
        elif word == "and" and part is not None and end + 1 < len(words) and words[end + 1] in _WORDS:
            end += 1
            continue
        else:
            break
        end += 1
    if part is None and not total:
        return None, position
    return total + (part or 0.0), end


def _value(digits: str) -> float:
    """Read digits: spaces and commas before three digits part thousands, a last comma or point with other digits is decimal."""
    plain = re.sub(r"[\s\u00a0\u202f]", "", digits)
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", plain)
    return float(plain.replace(",", "."))


def _multiplier(word: str) -> float | None:
    return next((factor for stems, factor in _MULTIPLIERS if word.rstrip(".").startswith(stems)), None)


def _unit(word: str) -> tuple[str, float] | None:
    return next((found for pattern, found in _UNITS if pattern.fullmatch(word)), None)


def _is_year(number: float, factor: float) -> bool:
    return factor == _YEAR_HOURS and number >= _FIRST_YEAR


def _is_date(words: list[str], start: int, end: int, number: float) -> bool:
    around = words[max(0, start - 1) : start] + words[end : end + 1]
    clock = (end < len(words) and words[end] == ":") or (start > 0 and words[start - 1] == ":")
    return clock or _FIRST_YEAR <= number <= _LAST_YEAR or any(month_number(word) for word in around)


def _part(words: list[str], position: int, *, bounded: bool) -> tuple[float, int] | None:
    """Read a part of a whole without its unit, "three quarters", "a third of", or a multiple, "doubled": (per cent, end).

    "A quarter of an hour" is a duration and "the third quarter" a time: a single part counts only where "of", "by" or a bound says that it is one.
    """
    if position >= len(words):
        return None
    if (rise := _MULTIPLES.get(words[position])) is not None:
        around = words[max(0, position - 3) : position + 4]
        told = words[position].isascii() or any(_RISE.match(word) for word in around)
        return (rise, position + 1) if told else None
    count, end = 1.0, position
    if words[position] in _WORDS and _WORDS[words[position]] in _NUMERATORS:
        count, end = _WORDS[words[position]], position + 1
    elif position and words[position - 1] in _ARTICLES | {"one"}:
        bounded = bounded or words[max(0, position - 2)] in _LEADS
    if end >= len(words) or (whole := _denominator(words, end, several=count > 1)) is None:
        return None
    end += whole[1]
    after = words[end] if end < len(words) else ""
    before = words[position - 1] if position else ""
    measured = any(_unit(word) or _multiplier(word) or word == "dozen" for word in words[end + 1 : end + 3])
    if _unit(after) or _multiplier(after) or (after in {"of", "an", "a"} and measured):
        return None
    if count == 1 and before == "the":  # "the fifth of May", "the third of them"
        return None
    sure = count > 1 or bounded or before in _LEADS or after in _OF or whole[1] > 1
    return (100 * count / whole[0], end) if sure else None


def _denominator(words: list[str], position: int, *, several: bool) -> tuple[int, int] | None:
    """Read what a whole is cut into: (number of parts, words read)."""
    for pattern, parts in _PARTS:
        if pattern.fullmatch(words[position]):
            return parts, 1
    for pattern, parts in _ORDINAL_PARTS:
        if pattern.fullmatch(words[position]):
            follows = position + 1 < len(words) and _PIECE.fullmatch(words[position + 1])
            return (parts, 2) if follows else (parts, 1) if several else None
    return None


_NUMERATORS = frozenset(range(1, 10))
_LEADS = frozenset({"by", "на"})
_OF = frozenset({"of", "the", "всіх", "усіх", "всех", "из", "з", "із"})
_PARTS = tuple(
    (re.compile(pattern), parts)
    for pattern, parts in (
        (r"half|halves|половин[аиіуоюы]\w*", 2),
        (r"thirds?|третин\w*|трет[ьи]|третью", 3),
        (r"quarters?|чверт[ьі]|чвертю|четверт[ьи]|четвертью", 4),
        (r"fifths?", 5),
        (r"sixths?", 6),
        (r"sevenths?", 7),
        (r"eighths?", 8),
        (r"ninths?", 9),
        (r"tenths?", 10),
    )
)
_ORDINAL_PARTS = tuple(
    (re.compile(rf"(?:{stems})(?:[аоуюяіийыехм]|ой|ою|ая|ую|их|ых|ої|ої)"), parts)
    for stems, parts in (
        ("п'ят|пят", 5),
        ("шост|шест", 6),
        ("сьом|седьм", 7),
        ("восьм", 8),
        ("дев'ят|девят", 9),
        ("десят", 10),
    )
)
_PIECE = re.compile(r"частин\w*|частк\w*|част[ьи]\w*|дол[яюиі]")
_MULTIPLES = {
    **dict.fromkeys(
        (
            "doubled",
            "twofold",
            "вдвое",
            "удвое",
            "вдвічі",
            "удвічі",
            "подвоїлися",
            "подвоїлась",
            "удвоились",
            "удвоилась",
        ),
        100.0,
    ),
    **dict.fromkeys(("tripled", "trebled", "threefold", "втрое", "втричі", "утричі"), 200.0),
}
"""How many per cent more a multiple is."""
_RISE = re.compile(
    r"(?:зрос|вирос|збільш|подорожч|подвої|вырос|возрос|увелич|подорожа|удвои)\w*|більше|больше|дорожч\w*|дороже"
)

_ONE_ORDER = 4
"""Amounts that differ by a greater factor do not agree, even if one is "more than" so much."""

_SMALLEST_TEN, _HUNDRED = 20, 100
_FIRST_YEAR, _LAST_YEAR = 1800, 2100
_YEAR_HOURS = 8766.0

_TOKEN = re.compile(r"\d+(?:[\u00a0\u202f ]\d{3})*(?:[.,]\d+)*|[^\W\d_]+(?:['’ʼ][^\W\d_]+)*|[%$€£₴₽:]")
_DIGITS = re.compile(r"\d+(?:[\u00a0\u202f ]\d{3})*(?:[.,]\d+)*")
_ARTICLES = frozenset(
    ["a", "an", "whole", "full", "entire", "цілий", "цілу", "цілих", "целый", "целую", "целых"]
)
"""What stands before a unit that is one of it: "an hour", "a whole month"."""

_CURRENCY_SIGNS = {"$": "dollar", "€": "euro", "£": "pound", "₴": "hryvnia", "₽": "rouble"}

_BOUNDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "at-least": (
        ("at", "least"),
        ("no", "less", "than"),
        ("not", "less", "than"),
        ("no", "fewer", "than"),
        ("щонайменше",),
        ("принаймні",),
        ("не", "менше"),
        ("не", "менш", "ніж"),
        ("по", "меньшей", "мере"),
        ("как", "минимум"),
        ("не", "менее"),
        ("не", "меньше"),
    ),
    "at-most": (
        ("at", "most"),
        ("up", "to"),
        ("no", "more", "than"),
        ("not", "more", "than"),
        ("не", "більше"),
        ("не", "более"),
        ("не", "больше"),
        ("щонайбільше",),
        ("максимум",),
    ),
    "just-above": (
        ("just", "over"),
        *((first, "more", "than") for first in ("just", "slightly", "little")),
        *(("трохи", second, "ніж") for second in ("більше", "більш", "довше")),
        *(("трохи", second) for second in ("більше", "понад", "довше")),
        *(
            (first, second, "чем")
            for first in ("чуть", "немногим")
            for second in ("более", "больше", "дольше")
        ),
        *((first, second) for first in ("чуть", "немногим") for second in ("более", "больше", "дольше")),
    ),
    "just-below": (
        ("just", "under"),
        *((first, "less", "than") for first in ("just", "slightly", "little")),
        *(("трохи", second, "ніж") for second in ("менше", "менш")),
        *(("трохи", second) for second in ("менше", "менш")),
        *((first, second, "чем") for first in ("чуть", "немногим") for second in ("менее", "меньше")),
        *((first, second) for first in ("чуть", "немногим") for second in ("менее", "меньше")),
    ),
    "above": (
        ("more", "than"),
        ("over",),
        ("longer", "than"),
        ("above",),
        ("більше", "ніж"),
        ("більш", "ніж"),
        ("більше",),
        ("понад",),
        ("довше", "ніж"),
        ("более", "чем"),
        ("больше", "чем"),
        ("более",),
        ("больше",),
        ("свыше",),
        ("дольше",),
    ),
    "below": (
        ("less", "than"),
        ("fewer", "than"),
        ("under",),
        ("below",),
        ("менше", "ніж"),
        ("менш", "ніж"),
        ("менше", "за"),
        ("менше",),
        ("менш", "як"),
        ("менее", "чем"),
        ("меньше", "чем"),
        ("менее",),
        ("меньше",),
    ),
    "almost": (
        ("almost",),
        ("nearly",),
        ("barely",),
        ("close", "to"),
        ("майже",),
        ("ледве",),
        ("почти",),
        ("едва",),
        ("без", "малого"),
    ),
    "about": (
        ("about",),
        ("around",),
        ("roughly",),
        ("some",),
        ("approximately",),
        ("близько",),
        ("приблизно",),
        ("орієнтовно",),
        ("десь",),
        ("около",),
        ("примерно",),
        ("приблизительно",),
        ("порядка",),
    ),
}

_MULTIPLIERS: tuple[tuple[tuple[str, ...], float], ...] = (
    (("thousand", "тис", "тыс"), 1e3),
    (("million", "mln", "млн", "мільйон", "миллион"), 1e6),
    (("billion", "bn", "млрд", "мільярд", "миллиард"), 1e9),
    (("trillion", "трлн", "трильйон", "триллион"), 1e12),
)

_UNITS: tuple[tuple[re.Pattern[str], tuple[str, float]], ...] = tuple(
    (re.compile(pattern), found)
    for pattern, found in (
        (r"minutes?|хвилин\w*|минут\w*", ("duration", 1 / 60)),
        (r"hours?|годин\w*|час|часа|часов|часу|часам", ("duration", 1.0)),
        (r"days?|дн[іяюі]|дні|днів|днем|день|доб[аиу]|діб|дней|дня|дни|сут\w*", ("duration", 24.0)),
        (r"weeks?|тиж\w*|недел\w*", ("duration", 168.0)),
        (r"months?|місяц\w*|месяц\w*", ("duration", 730.5)),
        (r"years?|рок[иуі]|років|рік|год|года|году|годы|лет", ("duration", _YEAR_HOURS)),
        (r"%|percent|per|відсот\w*|процент\w*", ("share", 1.0)),
        (r"km|kilomet\w+|км|кілометр\w*|километр\w*", ("length", 1.0)),
        (r"m|metres?|meters?|метр\w*", ("length", 0.001)),
        (r"miles?|мил[яьи]|миль", ("length", 1.609)),
        (r"tonnes?|tons?|тонн\w*", ("mass", 1.0)),
        (r"kg|kilograms?|kilos?|кг|кілограм\w*|килограмм\w*", ("mass", 0.001)),
        (r"dollars?|долар\w*|доллар\w*", ("dollar", 1.0)),
        (r"euros?|євро|евро", ("euro", 1.0)),
        (r"hryvnias?|гривн\w*|гривень|гривен|грн", ("hryvnia", 1.0)),
        (r"roubles?|rubles?|рубл\w*|руб", ("rouble", 1.0)),
        (r"crowns?|kron[aeo]r?|koruna|крон[аиоуы]?|кронами", ("crown", 1.0)),
        (r"zlot(?:y|ys|ych)|злот\w*", ("zloty", 1.0)),
        (r"yuan|юан\w*", ("yuan", 1.0)),
    )
)


def _number_words() -> dict[str, float]:
    """Spell numbers in the three languages, in the cases that news uses."""
    table: dict[str, float] = {}
    english = (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen"
    )
    table.update({word: float(value) for value, word in enumerate(english.split())})
    tens = "twenty thirty forty fifty sixty seventy eighty ninety"
    table.update({word: 10.0 * value for value, word in enumerate(tens.split(), start=2)})
    table.update({"half": 0.5, "dozen": 12.0, "десяток": 10.0, "дюжина": 12.0})
    for value, forms in _SLAVIC.items():
        table.update(dict.fromkeys(forms.split(), value))
    return table


_SLAVIC: dict[float, str] = {
    0.5: "пів полчаса півгодини",
    1.5: "півтора півтори полтора полутора полторы",
    1: "один одна одне одну одного одной одній однієї",
    2: "два дві двох двом двома две двух двум двумя двоє двое",
    3: "три трьох трьом трьома трех трём трем тремя троє трое",
    4: "чотири чотирьох чотирьом чотирма четыре четырех четырём четырем четверо",
    5: "п'ять п'яти п'ятьох п'ятьом пять пяти пятью п'ятеро пятеро",
    6: "шість шести шістьох шесть шестью шестеро",
    7: "сім семи сімох семь семью семеро",
    8: "вісім восьми вісьмох восемь восьмью",
    9: "дев'ять дев'яти дев'ятьох девять девяти",
    10: "десять десяти десятьох",
    11: "одинадцять одинадцяти одиннадцать одиннадцати",
    12: "дванадцять дванадцяти двенадцать двенадцати",
    13: "тринадцять тринадцяти тринадцать тринадцати",
    14: "чотирнадцять чотирнадцяти четырнадцать четырнадцати",
    15: "п'ятнадцять п'ятнадцяти пятнадцать пятнадцати",
    16: "шістнадцять шістнадцяти шестнадцать шестнадцати",
    17: "сімнадцять сімнадцяти семнадцать семнадцати",
    18: "вісімнадцять вісімнадцяти восемнадцать восемнадцати",
    19: "дев'ятнадцять дев'ятнадцяти девятнадцать девятнадцати",
    20: "двадцять двадцяти двадцать двадцати",
    30: "тридцять тридцяти тридцать тридцати",
    40: "сорок сорока",
    50: "п'ятдесят п'ятдесяти пятьдесят пятидесяти",
    60: "шістдесят шістдесяти шестьдесят шестидесяти",
    70: "сімдесят сімдесяти семьдесят семидесяти",
    80: "вісімдесят вісімдесяти восемьдесят восьмидесяти",
    90: "дев'яносто дев'яноста девяносто девяноста",
    100: "сто ста",
    200: "двісті двохсот двести двухсот",
    300: "триста трьохсот трехсот трёхсот",
    400: "чотириста чотирьохсот четыреста четырехсот",
    500: "п'ятсот п'ятисот пятьсот пятисот",
    600: "шістсот шестисот шестьсот",
    700: "сімсот семисот семьсот",
    800: "вісімсот восьмисот восемьсот",
    900: "дев'ятсот дев'ятисот девятьсот девятисот",
}

_WORDS = _number_words()
