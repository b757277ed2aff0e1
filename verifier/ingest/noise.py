"""Find what a page put around an article: repeated titles, breadcrumbs, adverts, notices, teasers, credits.

The rules know shapes and stock phrases of English, Ukrainian and Russian pages and name no outlet. They are conservative: a
rule takes a whole short line of a known shape, or, inside a paragraph, a credit or a newsletter's tail. What is found is
reported as strips, so that nothing is lost: text and strips together are the page again. A new phrase is one entry in
``LINE_RULES``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from verifier.domain import Strip

MAX_TITLE_CHARS = 250
"""A longer first line is a paragraph, not a headline."""

MAX_HEADLINE_CHARS = 160
"""A first line that does not come again is a headline only if it is shorter still."""

_MAX_HEAD_LINES = 12
_MAX_SOURCE_CHARS = 40
_MAX_CRUMB_WORDS = 3

_AGO = r"(?:an?|\d+)\s(?:sec(?:ond)?|min(?:ute)?|h(?:ou)?r|day|week|month|year)s?\sago"
_TOMU = r"(?:\d+\s)?(?:секунд\w*|хвилин\w*|годин\w*|день|дн[іяю]\w*|тиж\w+|місяц\w+)\sтому"
_NAZAD = r"(?:\d+\s)?(?:секунд\w*|минут\w*|час\w*|день|дн[яе]\w*|недел\w+|месяц\w*)\sназад"
_RELATIVE_TIME = re.compile(rf"(?:time|updated|published)?:?\s?(?:{_AGO}|{_TOMU}|{_NAZAD})", re.IGNORECASE)
_SOURCE_AND_TIME = re.compile(
    rf"(?P<source>\S.{{0,{_MAX_SOURCE_CHARS}}}?)\s?(?:time)?(?:{_AGO}|{_TOMU}|{_NAZAD})"
)
_BULLET = re.compile(r"[-–—•·*▪‣◦>]\s+")
_SENTENCE_END = re.compile(r"[.!?…]['\"”»’)]*$")
_INNER_STOP = re.compile(r"[.!?…]['\"”»’)]*\s+['\"“«‘(]*[A-ZА-ЯІЇЄҐЁ][^.]")
_DATE_MARKER = re.compile(r"\s*date\s+(\d{4}-\d{2}-\d{2})\s+(?=\S)")

_CRUMB = r"[A-ZА-ЯІЇЄҐЁ][\w’'-]*(?: [\w’'-]+){0,2}"

_LURE = r"(?:tired of|fed up with|ready (?:to|for)|looking for|want(?: to)?|набридло|хочете|надоело|хотите) .{1,80}\?"


def _phrases(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(patterns)})", re.IGNORECASE)


# A line is noise when one of these matches all of it (a leading bullet aside) and it is no longer than the number says.
LINE_RULES: tuple[tuple[str, int, re.Pattern[str]], ...] = (
    (
        "translation-notice",
        120,
        _phrases(
            r"(?:this (?:article|story|text|page) (?:was|has been) )?(?:(?:machine|automatically)[- ])?translated "
            r"(?:automatically|by machine|(?:by|with|using|from \w+ by) (?:the )?[«“\"]?[\w. ]*?translat\w*.{0,30})\.?",
            r"(?:переведено|перевод выполнен|текст переведен|текст переведён)\s+"
            r"(?:автоматически|машин\w+|(?:с помощью|при помощи|сервисом|системой|программой)\s.{1,60})",
            r"(?:перекладено|переклад (?:виконано|здійснено)|текст перекладено)\s+"
            r"(?:автоматично|машин\w+|(?:за допомогою|сервісом|системою|програмою)\s.{1,60})",
        ),
    ),
    (
        "page-furniture",
        40,
        _phrases(
            r"logo|логотип|(?:[a-z]+ )?(?:background|banner|icon)|(?:app-?store|play-?store|google play|app store)+|menu|меню",
            r"share(?: this(?: article| story)?)?|поділитися|поширити|поделиться|print|друкувати|распечатать|роздрукувати",
            r"skip to (?:main )?content|back to top|close|toggle navigation|наверх|нагору",
        ),
    ),
    (
        "advert",
        160,
        _phrases(
            r"advertisement|advertising|sponsored(?: content)?|реклама|на правах реклами|на правах рекламы|партнерський матеріал",
            r"(?:get started(?: now)?:? )?(?:download|get) (?:the|our) app(?: (?:now|today|here))?[.!]?",
            r".{0,90}download our app (?:today|now|from).{0,70}",
            r"try our (?:\w+ )?features!?|explore what .{1,40} can do for you:?",
            r"(?:скачайте|установите|завантажте|завантажуйте|встановіть) (?:наше? |наш )?"
            r"(?:мобильное |мобільний )?(?:приложение|застосунок|додаток)[^.]{0,40}[.!]?",
        ),
    ),
    (
        "support-us",
        120,
        _phrases(
            r"support .{1,60} on (?:patreon|ko-fi|paypal)[.!]?|(?:please )?(?:donate|become a (?:patron|member))(?: (?:now|today))?[.!]?",
            r"(?:підтримайте|поддержите) .{1,60} (?:на|через) (?:patreon|patréon|буст[іи]|paypal)[.!]?",
        ),
    ),
    (
        "follow-us",
        140,
        _phrases(
            r"(?:follow|find|join) us on .{1,60}|follow .{1,40} on (?:every|all|any|social|facebook|telegram|instagram|x|whatsapp|youtube)\b.{0,50}",
            r"(?:subscribe to|sign up (?:for|to)) .{1,100}[^.]|subscribe(?: now| here)?[.!]?",
            r"(?:підписуйтесь|підписуйтеся|підпишіться|підписатися|читайте нас|стежте за нами|слідкуйте за нами) (?:на|у|в) .{1,100}",
            r"(?:подписывайтесь|подпишитесь|подписаться|читайте нас|следите за нами) (?:на|в) .{1,100}",
        ),
    ),
    (
        "live-ended",
        60,
        _phrases(
            r"this live (?:feed|blog|coverage|page|stream) (?:has|is now|has now) (?:ended|closed|been closed|finished)[.!]?",
            r"(?:онлайн|трансляц[іи]я|текстова трансляція|онлайн-трансляция) (?:завершен[ао]|завершён|закончен[ао]?|окончен[ао]?)[.!]?",
        ),
    ),
    (
        "comments",
        60,
        _phrases(
            r"comments?(?: \(?\d+\)?)?|no comments(?: yet)?[.…]*|(?:leave|post|write|add) a (?:reply|comment)|be the first to comment[.…!]*|join the (?:conversation|discussion)",
            r"коментар[іи](?: \(?\d+\)?)?|(?:залишити|написати|додати) коментар|коментарів (?:ще |поки )?немає\.?",
            r"комментари[ий](?: \(?\d+\)?)?|(?:оставить|написать|добавить) комментарий|комментариев (?:пока |ещё |еще )?нет\.?",
            r"your email address will not be published\.?(?: required fields are marked \*?)?",
        ),
    ),
    (
        "video-teaser",
        40,
        _phrases(
            r"(?:відео|видео) дня[:.]?|video of the day[:.]?|(?:watch|дивіться відео|смотрите видео)[:.]?"
        ),
    ),
    (
        "related",
        200,
        _phrases(
            r"(?:(?:вас|вам|может|могут|можуть|може|также|також|возможно|можливо|это|це),? ){2,5}"
            r"(?:зацікав|заинтерес|сподоба|понрав)\w+(?: (?:новини|новости|матеріали|материалы))?(?::.{0,180}|[.…]?)",
            r"(?:читайте|читай|дивіться|смотрите) (?:також|ещё|еще|также|по теме|по темі|далі|далее)(?::.{0,180}|[.…]?)",
            r"(?:you (?:may|might) (?:also )?(?:like|be interested in)|see also|read also|also read|read more|read next|more on this)"
            r"(?::.{0,180}|[.…]*)",
            r"(?:related|recommended|more|latest|top) (?:articles?|stories|news|posts|topics)[:.]?|(?:більше|інші) новин[и]?[:.]?|"
            r"(?:другие|последние|главные) новости[:.]?|(?:останні|головні) новини[:.]?|(?:новости|новини) (?:по теме|за темою|партнеров|партнерів)[:.]?",
        ),
    ),
    (
        "credit",
        100,
        _phrases(
            r"©.{1,98}|(?:all rights reserved|всі права захищено|все права защищены)\.?",
            r"(?:photo|image|picture|фото|світлина|ілюстрація|иллюстрация)(?: credit| by|s)?\s?:?\s(?-i:[A-ZА-ЯІЇЄҐ][\w.]*)"
            r"(?:[ /](?-i:[A-ZА-ЯІЇЄҐ][\w.]*)){0,3}",
        ),
    ),
    ("relative-time", 40, _RELATIVE_TIME),
    (
        "breadcrumb",
        100,
        re.compile(
            rf"{_CRUMB}(?:\s+[»›>/|→]\s+{_CRUMB}){{2,6}}|(?:Home|Главная|Головна)(?:\s*[»›>/|→]\s*{_CRUMB}){{1,6}}"
        ),
    ),
)

# Looser shapes, believed only at the very end of an article, where nothing but noise and short loose lines follows.
TAIL_RULES: tuple[tuple[str, int, re.Pattern[str]], ...] = (
    (
        "advert",
        160,
        _phrases(
            rf"{_LURE}",
            rf"(?:{_LURE}\s+)?(?:install|get|try|download|open|встановіть|завантажте|установите|скачайте) .{{1,60}}\b"
            r"(?:app|(?:on|to) your (?:phone|device|mobile)|застосунок|додаток|приложение|телефон)\b.{0,60}",
        ),
    ),
)

_PHOTO_WORDS = "Images?|Photos?|Press|Pictures|Фото|Новости|Новини"
_INLINE_CREDIT = re.compile(
    rf"(?<!\w)©\s?(?:\d{{4}}\s)?[A-ZА-ЯІЇЄҐ][\w&’'-]*(?:/[^\s/,;:.]+)*(?:\s(?:{_PHOTO_WORDS})\b)*[ \t]?"
    r"|[ \t]?\((?i:photo|image|фото|світлина)(?:\s?:|\sby)\s[^()\n]{1,60}\)"
)
_NEWSLETTER = re.compile(
    r"(?:(?:read|see) the (?:full|complete|whole) (?:report|story|article|piece)\b[^.!?\n]{0,60}\s)?"
    r"(?:welcome to [^.!?\n]{3,80}?newsletter|(?:вітаємо|ласкаво просимо) (?:у|в|до) [^.!?\n]{0,80}?розсил|"
    r"добро пожаловать в [^.!?\n]{0,80}?рассыл)",
    re.IGNORECASE,
)
_NEWSLETTER_SIGNS = re.compile(
    r"subscribe|sign(?:ed|ing)? up|forward(?:ed)? (?:you )?this|newsletters|підпис\w+|подпис\w+|переслали",
    re.IGNORECASE,
)
_FULL_REPORT = re.compile(
    r"\bread the full (?:report|story|article)(?: (?:at|on|in|here)\b[^.!?\n]{0,40})?[.…]?$",
    re.IGNORECASE,
)

_BREAK = r"(?>\r\n|\r|\n)"
_AFTER_BLANK_LINE = re.compile(rf"(?:\A|{_BREAK}[^\S\r\n]*{_BREAK})[^\S\r\n]*\Z")
_BLANK_LINES = re.compile(rf"(?:[^\S\r\n]*{_BREAK})*")
_LINE = re.compile(r"(?:\A|(?:\r\n|\r|\n)[^\S\r\n]*(?:\r\n|\r|\n))[^\S\r\n]*\Z")
_BLANK_LINES = re.compile(r"(?:[^\S\r\n]*(?:\r\n|\r|\n))*")
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")

_MAX_BLANK_CHARS = 200

MAX_LOOSE_CHARS = 120
"""A longer line without a stop at its end is taken for text even at the end of a page."""

MIN_BODY_BEFORE_TAIL = 200
"""Code points of article that must precede a newsletter's tail, so that an article *about* a newsletter keeps its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One non-blank line: ``text`` without outer space; ``[start, end)`` and the start of the next line, in the file."""

    start: int
    end: int
    next: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The top of an article on a page that repeats its title.

    ``marks`` maps indexes of lines to the rule that takes them out; ``source`` is the outlet read from the page or empty;
    ``timed`` says that a relative time or a bullet with the source stood there, as on pages that collect articles.
    """

    title: str
    source: str
    timed: bool
    marks: dict[int, str]
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What is left of a region, what was taken out (in order, disjoint), and what the page said about itself."""

    text: str
    strips: tuple[Strip, ...]
    title: str
    published_at: date | None


def lines_of(text: str, start: int, end: int) -> list[Line]:
    """List the non-blank lines of ``text[start:end]``; offsets are those of ``text``."""
    return [
        Line(start=match.start(), end=match.end(1), next=match.end(), text=match.group(1).strip())
        for match in _LINE.finditer(text, start, end)
        if match.group(1).strip()
    ]


def read_head(lines: Sequence[Line], first: int) -> Head | None:
    """Read the repeated title and what stands around it, if ``lines[first]`` is a title that comes again.

    Returns None when it does not come again before the article's own text begins.
    """
    title = lines[first].text
    if len(title) > MAX_TITLE_CHARS or " " not in _key(title):
        return None
    marks: dict[int, str] = {}
    bullets: list[int] = []
    source = ""
    for index in range(first + 1, min(first + 1 + _MAX_HEAD_LINES, len(lines))):
        following = lines[index + 1].text if index + 1 < len(lines) else ""
        repeated = "repeated-title" in marks.values()
        rule, named = _head_line(lines[index].text, following, title=title, source=source, repeated=repeated)
        source = source or named
        if not rule:
            break
        if rule == "bullet":
            bullets.append(index)
        else:
            marks[index] = rule
    copies = [index for index, rule in marks.items() if rule == "repeated-title"]
    if not copies:
        return None
    end = max(marks) + 1
    for index in bullets:  # a longer one may be a key point of the article
        if index < copies[-1] and len(_bare(lines[index].text).split()) <= _MAX_CRUMB_WORDS:
            marks[index] = "breadcrumb"
    timed = not {"relative-time", "source-line"}.isdisjoint(marks.values())
    return Head(title=title, source=source, timed=timed, marks=marks, end=end)


def _head_line(text: str, following: str, *, title: str, source: str, repeated: bool) -> tuple[str, str]:
    """Tell what a line at the top of an article is: a rule's name (empty: the article's text), and the outlet if it names one."""
    if _key(text) == _key(title):
        return "repeated-title", ""
    if _RELATIVE_TIME.fullmatch(text):
        return "relative-time", ""
    glued = _SOURCE_AND_TIME.fullmatch(text)
    if repeated and (glued or (source and _key(text) == _key(source))):
        return "source-line", glued["source"].strip() if glued else source
    if _bare(text) != text and not _SENTENCE_END.search(text):
        return "bullet", ""
    if repeated and len(text) <= _MAX_SOURCE_CHARS and _RELATIVE_TIME.fullmatch(following):
        return "source-line", text
    return "", ""


def line_rule(text: str) -> str:
    """Name the rule that takes a stand-alone line (without outer space) for noise, or return an empty string."""
    return _rule_of(text, LINE_RULES)


def _rule_of(text: str, rules: Sequence[tuple[str, int, re.Pattern[str]]]) -> str:
    bare = _bare(text)
    for rule, longest, pattern in rules:
        if len(bare) <= longest and pattern.fullmatch(bare):
            return rule
    return ""


def clean(text: str, start: int, end: int) -> Cleaned:
    """Take the noise out of the region ``text[start:end]`` of a decoded file.

    Outer white space goes too. The result's text is the region without the strips and nothing else.
    """
    marker = _DATE_MARKER.match(text, start, end)
    published_at = _date(marker.group(1)) if marker else None
    body = marker.end() if marker and published_at else start
    cuts: list[tuple[int, int, str]] = [(start, body, "date-marker")] if body > start else []

    lines = lines_of(text, body, end)
    marks = {index: rule for index, line in enumerate(lines) if (rule := line_rule(line.text))}
    first = next((index for index in range(len(lines)) if index not in marks), None)
    head = read_head(lines, first) if first is not None else None
    if head:
        marks.update({index: rule for index, rule in head.marks.items() if index not in marks})
    marks.update(_tail(lines, marks, first=head.end if head else 1))
    cuts += [(lines[index].start, lines[index].next, rule) for index, rule in marks.items()]
    for index, line in enumerate(lines):
        if index not in marks:
            cuts += _inside(text, line, start, end, source=head.source if head else "")

    strips = _as_strips(text, start, end, cuts)
    kept = "".join(_kept(text, start, end, strips))
    return Cleaned(
        text=kept,
        strips=strips,
        title=head.title if head else _title(kept),
        published_at=published_at,
    )


def _tail(lines: Sequence[Line], marks: Mapping[int, str], *, first: int) -> dict[int, str]:
    """Find more noise at the end: looser shapes, and loose lines (teasers, buttons) after the first noise of the tail."""
    found: dict[int, str] = {}
    loose: list[int] = []
    for index in range(len(lines) - 1, first - 1, -1):
        text = lines[index].text
        if index in marks or (rule := _rule_of(text, TAIL_RULES)):
            if index not in marks:
                found[index] = rule
            found.update(dict.fromkeys(loose, "amid-noise"))
            loose = []
        elif len(text) <= MAX_LOOSE_CHARS and not _SENTENCE_END.search(text):
            loose.append(index)
        else:
            break
    return found


def _inside(text: str, line: Line, start: int, end: int, *, source: str) -> Iterator[tuple[int, int, str]]:
    """Find noise within a paragraph."""
    stop = line.end
    tail = _NEWSLETTER.search(text, line.start, line.end)
    if (
        tail
        and tail.start() - start >= MIN_BODY_BEFORE_TAIL
        and _NEWSLETTER_SIGNS.search(text, tail.end(), end)
    ):
        yield tail.start(), end, "newsletter"
        stop = tail.start()
    elif (ending := _FULL_REPORT.search(text[line.start : line.end].rstrip())) and ending.start() > 0:
        stop = line.start + ending.start()
        yield stop, line.start + ending.end(), "full-report"
    for credit in _INLINE_CREDIT.finditer(text, line.start, stop):
        yield credit.start(), _whole_name(text, credit.end(), stop, source), "credit"


def _whole_name(text: str, end: int, stop: int, source: str) -> int:
    """Move the end of a credit behind further words of the outlet's name: where a name ends only the page can tell."""
    while (
        word := re.compile(r"\w+[ \t]?").match(text, end, stop)
    ) and word.group().strip() in source.split():
        end = word.end()
    return end


def _as_strips(text: str, start: int, end: int, cuts: list[tuple[int, int, str]]) -> tuple[Strip, ...]:
    """Order the cuts, let none overlap, take blank lines along that would be left double, and add outer white space."""
    taken: list[tuple[int, int, str]] = []
    position, before = start, ""
    for first, last, rule in sorted(cuts):
        begin, stop = max(first, position), last
        if begin >= stop:
            continue
        before = (before + text[position:begin])[-_MAX_BLANK_CHARS:]
        if text[stop - 1] in "\r\n" and _AFTER_BLANK_LINE.search(before):
            stop = _BLANK_LINES.match(text, stop, end).end()  # type: ignore[union-attr]  # matches the empty string too
        taken.append((begin, stop, rule))
        position = stop
    gaps = _gaps(start, end, taken)
    ink = [
        position
        for first, last in gaps
        for position in (_first_ink(text, first, last), _last_ink(text, first, last))
        if position is not None
    ]
    for first, last in gaps:
        if not ink or last <= ink[0] or first > ink[-1]:
            taken.append((first, last, "outer-space"))
            continue
        if first < ink[0] < last:
            taken.append((first, ink[0], "outer-space"))
        if first <= ink[-1] < last - 1:
            taken.append((ink[-1] + 1, last, "outer-space"))
    return tuple(
        Strip(start=first, end=last, text=text[first:last], rule=rule) for first, last, rule in sorted(taken)
    )


def _gaps(start: int, end: int, taken: Sequence[tuple[int, int, str]]) -> list[tuple[int, int]]:
    """List the non-empty stretches of ``[start, end)`` that nothing has taken."""
    bounds = [start, *(edge for first, last, _ in taken for edge in (first, last)), end]
    return [(first, last) for first, last in zip(bounds[::2], bounds[1::2], strict=True) if first < last]


def _first_ink(text: str, start: int, end: int) -> int | None:
    piece = text[start:end]
    return end - len(piece.lstrip()) if piece.strip() else None


def _last_ink(text: str, start: int, end: int) -> int | None:
    piece = text[start:end]
    return start + len(piece.rstrip()) - 1 if piece.strip() else None


def _kept(text: str, start: int, end: int, strips: Sequence[Strip]) -> Iterator[str]:
    position = start
    for strip in strips:
        yield text[position : strip.start]
        position = strip.end
    yield text[position:end]


def _title(text: str) -> str:
    """Take the first line for a headline if it is one short sentence that stands alone, and more follows."""
    first, _, rest = text.partition("\n")
    title = first.strip()
    if not rest.strip() or not title or len(title) > MAX_HEADLINE_CHARS or _INNER_STOP.search(title):
        return ""
    runs_on = rest[:1].islower() and not _SENTENCE_END.search(title)
    return "" if runs_on else title


def _key(line: str) -> str:
    """Reduce a line to what must agree for two copies of a title: no bullet, one kind of space, no case."""
    return " ".join(_bare(line).split()).casefold()


def _bare(line: str) -> str:
    return _BULLET.sub("", line, count=1) if _BULLET.match(line) else line


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
