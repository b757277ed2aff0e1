"""Dates in English, Ukrainian and Russian sentences, and whether those of two texts can be the same.

News says "on Tuesday"; the page says which Tuesday. Dates are therefore read beside the day of publication, into whatever of year, month
and day is known, and two that name the same parts differently differ. Periods, holidays and "last month" are not read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from verifier.languages import MONTHS, month_number

_YEAR = r"(?:19|20)\d\d"
_ENGLISH = [form for forms in MONTHS["en"] for form in reversed(forms)]
_SHORT = "|".join(
    form for form in _ENGLISH if len(form) <= len("Sept") and form not in {"May", "June", "July"}
)
_FULL = [form for form in _ENGLISH if form not in _SHORT.split("|")]
_ENGLISH_MONTH = rf"(?-i:{'|'.join(_FULL)}|(?:{_SHORT})\.?|{'|'.join(form[:3].upper() for form in _FULL)})"
"""With a capital: "12 may have died" names no day."""
_ALONE = (
    rf"(?-i:{'|'.join(form for form in _FULL if form not in {'March', 'May'})}"
    rf"|(?<=\b[Ii]n )(?:May|March)|(?:May|March)(?=,?\s+{_YEAR}))"
)
_SLAVIC_MONTH = "|".join(
    sorted((form for tag in ("uk", "ru") for forms in MONTHS[tag] for form in forms), key=len, reverse=True)
)
_DATE = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_ENGLISH_MONTH}|{_SLAVIC_MONTH})(?![^\W\d_])(?:,?\s+(?P<year>{_YEAR}))?"
    rf"|(?<!\b[Ii]n )(?P<month2>{_ENGLISH_MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:%|per))(?:,?\s+(?P<year2>{_YEAR}))?"
    rf"|(?P<iso>{_YEAR}-\d\d-\d\d)\b"
    rf"|(?P<dd>\d{{1,2}})\.(?P<mm>\d{{1,2}})\.(?P<yyyy>{_YEAR})\b"
    rf"|(?P<month3>{_SLAVIC_MONTH}|{_ALONE})(?![^\W\d_])(?:,?\s+(?P<year3>{_YEAR}))?"
    rf"|(?P<weekday>monday|tuesday|wednesday|thursday|friday|saturday|sunday|понеділ[оа]?к\w*|вівтор[оа]?к\w*|серед[уиа]|четвер(?:г\w*|а|у|ом)?|"
    rf"п[’'ʼ]ятниц[яюі]|субот[ауи]|неділ[яюі]|понедельник\w*|вторник\w*|сред[уы]|пятниц[ауые]|суббот[ауы]|воскресень[еяю])(?![^\W\d_])"
    r")",
    re.IGNORECASE,
)
_WEEKDAY_STEMS = (
    ("mon", "понеділ", "понедел"),
    ("tue", "вівтор", "вторник"),
    ("wed", "серед", "сред"),
    ("thu", "четвер"),
    ("fri", "п'ятниц", "пятниц"),
    ("sat", "субот", "суббот"),
    ("sun", "неділ", "воскрес"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDate:
    """A date as far as a text and its day of publication give it.

    ``weekday`` counts from Monday as 0; ``text`` is how it was written. Parts that are not known are None.
    """

    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateComparison:
    """A claim's date beside the one of a statement that comes nearest to it."""

    agree: bool
    claim: NamedDate
    evidence: NamedDate


def find(text: str, published: date | None = None) -> Iterator[NamedDate]:
    """Yield the dates of a text in reading order.

    Args:
        text: a sentence.
        published: when it was published. A weekday is then the last one up to that day, and a day and month without year of the year in which
            it came last, or comes within three months.
    """
    for match in _DATE.finditer(text):
        found = _read(match)
        if found is not None:
            yield _placed(found, published) if published else found


def compare(claim: str, evidence: str, *, published: date | None) -> DateComparison | None:
    """Compare the dates that a claim names with those of a statement.

    Returns:
        None where one of them names none, or what they name cannot be compared (a weekday with a month). A claim's date agrees
        where one of the statement's can be it.
    """
    theirs = list(find(evidence, published))
    for ours in find(claim):
        comparable = [
            (other, fits) for other in theirs if (fits := _fits(ours, other, published)) is not None
        ]
        if comparable:
            best = next((other for other, fits in comparable if fits), comparable[0][0])
            return DateComparison(agree=any(fits for _, fits in comparable), claim=ours, evidence=best)
    return None


def _read(match: re.Match[str]) -> NamedDate | None:
    part = match.groupdict()
    if part["weekday"]:
        return NamedDate(text=match[0], weekday=_index(part["weekday"], _WEEKDAY_STEMS))
    if part["iso"]:
        year, month, day = (int(number) for number in part["iso"].split("-"))
    elif part["dd"]:
        year, month, day = int(part["yyyy"]), int(part["mm"]), int(part["dd"])
    else:
        name = part["month"] or part["month2"] or part["month3"]
        year = int(part["year"] or part["year2"] or part["year3"] or 0)
        month, day = month_number(name.rstrip(".")) or 0, int(part["day"] or part["day2"] or 0)
    try:
        date(year or 2000, month, day or 1)
    except ValueError:
        return None
    return NamedDate(text=match[0], year=year or None, month=month, day=day or None)


def _index(word: str, stems: tuple[tuple[str, ...], ...]) -> int | None:
    plain = word.casefold().replace("’", "'").replace("ʼ", "'")
    return next((i for i, forms in enumerate(stems) if any(re.match(form, plain) for form in forms)), None)


_AHEAD, _WEEK = timedelta(days=92), timedelta(days=7)


def _placed(found: NamedDate, published: date) -> NamedDate:
    """Fill in what the day of publication tells."""
    try:
        if found.weekday is not None:
            when = published - timedelta(days=(published.weekday() - found.weekday) % 7)
            return replace(found, year=when.year, month=when.month, day=when.day)
        if found.year is None and found.month is not None and found.day is not None:
            for year in (published.year + 1, published.year, published.year - 1):
                placed = replace(found, year=year)
                if (day := _whole(placed)) and day <= published + _AHEAD:
                    return placed
    except OverflowError:  # published on the first or last days that a date can hold: no real day
        return found
    return found


def _fits(claim: NamedDate, evidence: NamedDate, published: date | None) -> bool | None:
    """Tell whether two dates can be the same; None where they share no part to compare."""
    if claim.weekday is None and published:
        claim = _placed(claim, published)
    if claim.weekday is None and evidence.weekday is None:
        parts = ((claim.month, evidence.month), (claim.day, evidence.day), (claim.year, evidence.year))
        shared = [(ours, theirs) for ours, theirs in parts if ours is not None and theirs is not None]
        return all(ours == theirs for ours, theirs in shared) if shared else None
    ours, theirs = _whole(claim), _whole(evidence)
    weekdays = [
        named.weekday if named.weekday is not None else whole.weekday() if whole else None
        for named, whole in ((claim, ours), (evidence, theirs))
    ]
    if None in weekdays:
        return None
    # "On Friday" is the last one or the next one: what is certain is which day of the week it is.
    near = ours is None or theirs is None or abs(ours - theirs) <= _WEEK
    return weekdays[0] == weekdays[1] and near


def _whole(named: NamedDate) -> date | None:
    """Return the day, where all of it is known and there is one: not every year has a 29 February."""
    if named.year is None or named.month is None or named.day is None:
        return None
    try:
        return date(named.year, named.month, named.day)
    except ValueError:
        return None
