"""Cut documents into sentences whose spans reproduce the text exactly.

Every stop (``. ! ? …``, an emoji in a post) is a question; tables of abbreviations and the words around it answer. Line breaks end sentences
unless the text is hard-wrapped. No library is used: ``benchmarks/segmentation.py`` compares seven. On running news text these rules do as well as
the best (boundary F1 98.2 against 98.1), on difficult cases, which they were written against, no library passes 77, and
each would have to be overruled at most stops. Tables of all languages are used together: documents quote one another,
and hardly an abbreviation of one is a word of another. A language is added in ``ABBREVIATIONS`` and ``OPENING_WORDS``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from verifier.domain import Document, Sentence
from verifier.languages import detect

# What an abbreviation says about the stop after it. Entries in lower case match in any case, others only capitalised,
# so that "Sat." is a day and "sat." a verb.
#   never    something always follows: a title before a name ("Mr.", "вул.")
#   number   a number follows ("No. 4", "рис. 2", "Dec. 13"); before anything else it is an ordinary word
#   opening  goes on, unless the next word is one that opens sentences ("Inc.", "U.S.", "им.")
#   measure  stands after a number ("1784 г.", "14 м."); there it may end the sentence, elsewhere it never does ("г. Киев")
#   end      may end a sentence: before a capital it does ("etc.", "и др."), before a dash it does not
ABBREVIATIONS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "never": "Mr Mrs Ms Messrs Dr Prof Gen Col Lt Maj Capt Cpl Sgt Cmdr Adm Brig Sen Sens Rep Reps Drs Profs Gens Gov Govs Pres Rev Hon Fr Bros St Ste Mt Ft "
        "Supt Insp Det Amb Atty vs cf e.g i.e viz approx incl esp ca eds trans",
        "number": "No Nos Fig Figs Art Arts Sec Ch Vol Vols pp p para paras Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec",
        "opening": "Inc Corp Ltd Co LLC Plc Bros Jr Sr Univ Dept Assn Ave Blvd Rd Bldg Est Ph.D M.D B.A M.A M.B.A",
        "measure": "",
        "end": "etc al a.m p.m A.M P.M ft lb oz hr hrs min mins sec Mon Tue Tues Wed Thu Thur Thurs Fri",
    },
    "uk": {
        "never": "п пп др-р проф акад доц канд ген полк підполк кап лейт серж адм о ієром прот архієп єп вул просп пров бул бульв "
        "пл наб шос ім св див пор тов гр гром оз хут смт т.зв т.з т.е напр зокр заст нач зав кол т",
        "number": "рис табл мал гл розд ст ч підп кв буд корп оф під'їзд тел арк стор січ лют берез квіт трав черв лип серп "
        "верес жовт листоп груд № №№",
        "opening": "ред упоряд пер укл обл",
        "measure": "р м с г д км см мм га кг л ст в",
        "end": "т.д т.п т.ін т.і рр ст.ст ін інш грн коп дол млн млрд тис год хв сек ос чол екз крб н.е",
    },
    "ru": {
        "never": "тов г-н г-жа гг-н проф акад доц канд ген полк подп кап лейт серж адм ул просп пер бул бульв пл наб ш св см ср о оз хут "
        "пос дер т.е т.к т.н т.наз т.о т.с напр нач зав зам митр архиеп еп прот дол.сш гр т",
        "number": "рис табл гл разд ст ч п пп подп кв корп стр оф тел янв фев февр мар апр июн июл авг сен сент окт ноя нояб дек № №№",
        "opening": "им ред сост обл",
        "measure": "г м с д в р км см мм га кг л ст",
        "end": "т.д т.п т.ч гг вв др проч пр руб коп долл дол млн млрд тыс ч мин сек чел экз н.э",
    },
}

# Words that open sentences far more often than they are part of a name; they decide after initials, "U.S." and "Inc.".
OPENING_WORDS: Mapping[str, str] = {
    "en": "a after all although an and another any as at before both but by each earlier even every few for from he her here his how "
    "however i if in instead it its last later many meanwhile most much my neither next no nobody none nor not nothing now of on once one only or "
    "other others our over she since so some still such that the their then there these they this those though three through "
    "thus to today tomorrow two under until we what when where whether which while who why with yesterday yet you your",
    "uk": "а або адже але вже вони вона воно він все всі втім де для до за зараз зі його їй їм їх її й коли крім куди лише ми на над "
    "навіщо наразі нам не ні ніхто однак одна один от отже перед під після по при про проте раніше саме сьогодні також там те тепер ти то тоді том "
    "тому тут у утім хоча це цей ця ці чи чому ще що щоб якщо який як я вчора водночас",
    "ru": "а без более более в вам ваш весь во вот все всё всего вчера где да даже для до его ей ему если есть ещё еще её ее же за здесь из "
    "или им их к как какой когда кроме кто куда ли мы на над нам нас не нет ни никто но о об однако он она они оно от "
    "перед по под пока после потом потому почему при про раньше с сам сегодня сейчас со сначала так также там те теперь то тогда тоже только "
    "тот ты у уже хотя чего чем что чтобы эта эти это этот я",
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EMOJI = "\U0001f000-\U0001faff\u2600-\u27bf\u2b05-\u2b55\ufe0f\u200d\u20e3\U000e0020-\U000e007f"
_CLOSERS = "\"'”’»›)\\]}"
_OPENERS = "\"'“”„‟‘«‹([{¿¡"
_DASHES = "-–—−"
_STOPS = ".!?…‥"
_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")

# Possessive throughout: a stop is looked at once, however many dots or emoji a hostile text strings together.
_CANDIDATE = re.compile(
    rf"(?P<stop>(?<![{_STOPS}])[{_STOPS}]++|(?<=[\w\s{_STOPS}{_CLOSERS}])(?<![{_EMOJI}])[{_EMOJI}]++)"
    rf"(?P<close>[{_CLOSERS}]*+)(?P<emoji>(?:\s*+[{_EMOJI}])*+)(?P<space>\s++)(?=\S)"
    r"|(?P<wide>[。！？]++[」』”’）]*+)\s*+"
    r"|(?<=[^\W\d_A-ZА-ЯІЇЄҐЁ]{4})(?P<tight>[.!?])(?=[A-ZА-ЯІЇЄҐЁ][^\W\d_A-ZА-ЯІЇЄҐЁ]{3})"
)
_EMOJI_RUN = re.compile(rf"[{_EMOJI}]+")
_LAST_WORD = re.compile(rf"[^\s{re.escape(_OPENERS)}{_CLOSERS}]*\Z")
_NEXT_WORD = re.compile(r"[^\W_]+(?:['’ʼ-][^\W_]+)*")
_ROMAN = re.compile(r"[IVXLCDMХІ]+")
_LIST_MARK = re.compile(
    rf"[\s{re.escape(_OPENERS + _DASHES)}•*]*(?:\d{{1,3}}|[A-Za-zА-Яа-яІіЇїЄєҐґ])(?:\.\d{{1,3}})*"
)
_BULLET = re.compile(rf"[{re.escape(_DASHES)}•*·▪‣◦]\s|\d{{1,3}}[.)]\s")
_DOTTED = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")
_AFTER_HOURS = _words("monday tuesday wednesday thursday friday saturday sunday gmt est et pst cet utc")
_BEFORE_ROMAN = _words("рр гг ст вв")
_BEFORE_UNITS = _words("кв. куб.")
_DOLLARS = re.compile(r"дол(?:л|лар\w*)?", re.IGNORECASE)

_LOOK = 80  # code points looked at on either side of a stop; longer than any abbreviation or name

MIN_WRAP_WIDTH, MAX_WRAP_WIDTH = 40, 120
"""Columns between which a paragraph counts as hard-wrapped; mail and agency feeds use 60 to 80."""


def _kinds() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for language in ABBREVIATIONS.values():
        for kind, words in language.items():
            for word in words.split():
                table.setdefault(word, set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in table.items()}


_KINDS = _kinds()
_OPENING = _words(" ".join(OPENING_WORDS.values()))


def segment(document: Document) -> tuple[Sentence, ...]:
    """Cut a document into sentences, in reading order.

    Spans are half-open code points of ``document.text``, disjoint, without white space at their ends, and together hold every
    character that is not white space. Each sentence has its own language; one too short to tell has its document's.
    """
    return tuple(
        Sentence(
            sentence_id=f"{document.document_id}.{document.version}.{ordinal}",
            document_id=document.document_id,
            version=document.version,
            ordinal=ordinal,
            start=start,
            end=end,
            text=document.text[start:end],
            language=detect(document.text[start:end], fallback=document.language),
        )
        for ordinal, (start, end) in enumerate(spans(document.text))
    )


def spans(text: str) -> list[tuple[int, int]]:
    """Find the sentences of a text, as half-open offsets in code points, in order.

    >>> text = "Mr. Alder left the U.S. in May. He came back on Jan. 4."
    >>> [text[start:end] for start, end in spans(text)]
    ['Mr. Alder left the U.S. in May.', 'He came back on Jan. 4.']
    """
    found = []
    for first, last in _paragraphs(text):
        cuts = [first, *_boundaries(text, first, last), last]
        for start, end in pairwise(cuts):
            piece = text[start:end]
            bare = piece.strip()
            if bare:
                lead = len(piece) - len(piece.lstrip())
                found.append((start + lead, start + lead + len(bare)))
    return found


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Cut at line breaks, except those inside hard-wrapped blocks."""
    lines = []
    position = 0
    for match in _LINE_BREAK.finditer(text):
        lines.append((position, match.start()))
        position = match.end()
    lines.append((position, len(text)))

    block: list[tuple[int, int]] = []
    for line in [*lines, (len(text), len(text))]:
        if text[line[0] : line[1]].strip():
            block.append(line)
            continue
        if block and _wrapped([text[start:end] for start, end in block]):
            starts = [
                index
                for index, (start, end) in enumerate(block)
                if index == 0 or _BULLET.match(text[start:end].lstrip())
            ]
            for first, last in zip(starts, [*starts[1:], len(block)], strict=True):
                yield block[first][0], block[last - 1][1]
        else:
            yield from block
        block = []


def _wrapped(lines: list[str]) -> bool:
    """Tell whether lines were broken for width alone: each was full, and some go on in the middle of a sentence."""
    lines = [line.strip() for line in lines]
    width = max(map(len, lines))
    if len(lines) < 2 or not MIN_WRAP_WIDTH <= width <= MAX_WRAP_WIDTH:  # noqa: PLR2004
        return False
    breaks = list(pairwise(lines))
    full = sum(len(line) + 1 + len(following.split()[0]) > width for line, following in breaks)
    runs_on = any(following[0].islower() and line[-1] not in ".!?…:;" for line, following in breaks)
    return runs_on and full >= 0.8 * len(breaks)


def _boundaries(text: str, first: int, last: int) -> Iterator[int]:
    start = first
    for match in _CANDIDATE.finditer(text, first, last):
        if match["wide"]:
            ends = match.end() < last
        elif match["tight"]:
            ends = not re.search(r"[/@]|\w\.\w", _token(text, match.start(), first))
        else:
            ends = _ends_sentence(text, start, match, last)
        if ends:
            start = match.end()
            yield start


def _token(text: str, position: int, first: int) -> str:
    begin = position
    while begin > max(first, position - _LOOK) and not text[begin - 1].isspace():
        begin -= 1
    return text[begin:position]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stop:
    """A single full stop and what stands around it.

    ``before`` is the text that it closes, ``following`` the next word; ``number``, ``dashed`` and ``opens`` say that a number, a
    dash or a word that opens sentences comes next, ``closed`` that a quote or bracket closes after the stop.
    """

    before: str
    following: str
    number: bool
    dashed: bool
    opens: bool
    closed: bool


def _ends_sentence(text: str, start: int, match: re.Match[str], last: int) -> bool:
    """Decide whether the sentence that began at ``start`` ends at a candidate stop."""
    after = text[match.end() : min(last, match.end() + _LOOK)].lstrip(_OPENERS)
    dashed = after.startswith(tuple(_DASHES))
    bare = after.lstrip(_DASHES + _OPENERS + " \t\xa0") if dashed else after
    if not bare:
        return True
    word = _NEXT_WORD.match(bare)
    following = word.group() if word else ""
    goes_on = bare[0].islower() and not any(letter.isupper() for letter in following)
    if goes_on or bare[0] in ",;:" or unicodedata.combining(bare[0]) or _EMOJI_RUN.match(bare):
        return False  # an emoji belongs to what stands before it, and is a candidate itself
    before = text[max(start, match.start() - _LOOK) : match.start()]
    if match["stop"][0] not in _STOPS:
        return bare[0].isupper() and any(letter.isalpha() for letter in before)
    if match["stop"] != ".":
        return True
    if _LIST_MARK.fullmatch(before):
        return False
    is_initial = len(following) == 1 and bare[1:2] == "."
    return _ends_after(
        _Stop(
            before=before,
            following=following,
            number=bare[0].isdigit(),
            dashed=dashed,
            opens=following.casefold() in _OPENING and not is_initial,
            closed=bool(match["close"]),
        )
    )


def _ends_after(stop: _Stop) -> bool:
    """Decide about a single full stop by the word before it; what follows does not begin with a small letter."""
    found = _LAST_WORD.search(stop.before)
    word = found.group() if found else ""
    rest = stop.before[: len(stop.before) - len(word)].split()
    previous = rest[-1] if rest else ""
    if word in _BEFORE_ROMAN and _ROMAN.fullmatch(stop.following):
        return False
    if _DOLLARS.fullmatch(word) and stop.following == "США":
        return False
    kind = _kind(word, previous)
    if kind:
        return _BY_KIND[kind](stop)
    if _DOTTED.fullmatch(word):
        return stop.opens
    if len(word) == 1 and word.isupper():  # an initial, unless it is the pronoun or a unit ("41 C.")
        return stop.opens or previous[-1:].isdigit() or (word == "I" and previous[:1].islower())
    return True


def _kind(word: str, previous: str) -> str:
    """Name the kind of abbreviation that a word is, alone or with the abbreviation before it ("т. д"), or return an empty string."""
    pair = previous.strip(_OPENERS) + word if previous.endswith(".") else ""
    kinds = _kinds_of(pair) or _kinds_of(word)
    if "measure" in kinds and (
        previous[-1:].isdigit() or _ROMAN.fullmatch(previous) or previous in _BEFORE_UNITS
    ):
        return "measure"
    if kinds == {"measure"}:
        return "opening"
    return next((kind for kind in _BY_KIND if kind in kinds), "")


def _kinds_of(word: str) -> frozenset[str]:
    lowered = word.casefold() if len(word) > 1 else word  # a single capital is an initial
    return _KINDS.get(word) or _KINDS.get(lowered) or frozenset()


# In order of precedence, where one word is several kinds in several languages; "measure" is resolved before.
_BY_KIND: dict[str, Callable[[_Stop], bool]] = {
    "number": lambda stop: not stop.number,
    "never": lambda _: False,
    "opening": lambda stop: stop.opens,
    "end": lambda stop: stop.closed or not (stop.dashed or stop.following.casefold() in _AFTER_HOURS),
    "measure": lambda stop: not stop.dashed,
}
