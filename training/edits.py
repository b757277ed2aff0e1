"""Minimal edits that turn a sentence into one that contradicts it, in English, Ukrainian and Russian.

Every edit has a key that names the change without its language (``("number", "312", "450")``), so that the same change can be made in a
translation as well: one side edited makes a *refutes* pair, both sides edited make a *supports* pair out of the very
same words, and no model can tell the label from the edited text alone.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymorphy3
import simplemma

HERE = Path(__file__).parent
EDITABLE = ("en", "uk", "ru")


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a sentence: its family, its language-free key and the changed sentence."""

    kind: str
    key: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    text: str

    @property
    def lower(self) -> str:
        return self.text.lower().replace("’", "'").replace("ʼ", "'")


_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")


def words(text: str) -> list[_Word]:
    """Return the alphabetic words of a text with their offsets."""
    return [_Word(m.start(), m.end(), m.group()) for m in _WORD.finditer(text)]


def _swap(text: str, start: int, end: int, new: str) -> str:
    """Replace ``text[start:end]``, keeping a capital initial."""
    old = text[start:end]
    if old[:1].isupper() and new and not old.isupper():
        new = new[0].upper() + new[1:]
    return re.sub(r"\s{2,}", " ", text[:start] + new + text[end:]).strip()


# --- morphology -------------------------------------------------------------------------------------------------------


@functools.cache
def _analyzer(language: str) -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer(lang=language)


@functools.lru_cache(maxsize=200_000)
def parses(language: str, word: str) -> tuple[pymorphy3.analyzer.Parse, ...]:
    """Return the dictionary's readings of a Ukrainian or Russian word."""
    return tuple(_analyzer(language).parse(word))


_KEPT = frozenset(
    [
        "nomn",
        "gent",
        "datv",
        "accs",
        "ablt",
        "loct",
        "masc",
        "femn",
        "neut",
        "past",
        "pres",
        "futr",
        "1per",
        "2per",
        "3per",
        "plur",
        "sing",
        "infn",
    ]
)


def _inflect_like(language: str, model: pymorphy3.analyzer.Parse, lemma: str) -> str | None:
    """Put ``lemma`` into the form of ``model``: same case, gender, number, tense and person."""
    if " " in lemma:
        first, _, rest = lemma.partition(" ")
        if first in ("не", "самый"):
            form = _inflect_like(language, model, rest)
            return None if form is None else f"{first} {form}"
        return lemma
    wanted = {g for g in map(str, model.tag.grammemes) if g in _KEPT}
    if "infn" in wanted or str(model.tag.POS) == "INFN":
        return lemma
    if str(model.tag.POS) == "NOUN":
        wanted -= {"masc", "femn", "neut"}
    for parse in parses(language, lemma):
        if parse.normal_form.replace("ё", "е") != lemma.replace("ё", "е"):
            continue
        for grammemes in (wanted, wanted - {"sing"}, wanted - {"sing", "masc", "femn", "neut"}):
            form = parse.inflect(grammemes) if grammemes else parse
            if form is not None:
                return str(form.word)
    return None


def is_finite(language: str, word: _Word) -> bool:
    """Whether a Ukrainian or Russian word is surely a finite verb."""
    readings = parses(language, word.lower)
    if not readings:
        return False
    first = frozenset(map(str, readings[0].tag.grammemes))
    verb = "VERB" in first and not first & {"infn", "impr"}
    others = any(str(p.tag.POS) in ("NOUN", "CONJ", "PREP") for p in readings[1:3])
    return verb and not others


# --- numbers ----------------------------------------------------------------------------------------------------------

_DIGITS = re.compile(r"(?<![\w.,:/-])\d{1,3}(?:[   ]\d{3})+(?![\d])|(?<![\w.,:/-])\d+(?:[.,]\d+)*(?![\w:/])")

_CARDINALS = {
    "en": [
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "fifteen",
        "twenty",
        "thirty",
        "forty",
        "fifty",
    ],
    "uk": [
        "два",
        "три",
        "чотири",
        "п'ять",
        "шість",
        "сім",
        "вісім",
        "дев'ять",
        "десять",
        "одинадцять",
        "дванадцять",
        "п'ятнадцять",
        "двадцять",
        "тридцять",
        "сорок",
        "п'ятдесят",
    ],
    "ru": [
        "два",
        "три",
        "четыре",
        "пять",
        "шесть",
        "семь",
        "восемь",
        "девять",
        "десять",
        "одиннадцать",
        "двенадцать",
        "пятнадцать",
        "двадцать",
        "тридцать",
        "сорок",
        "пятьдесят",
    ],
}
_VALUES = (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 30, 40, 50)
_ORDINALS = {
    "en": ["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"],
    "uk": ["другий", "третій", "четвертий", "п'ятий", "шостий", "сьомий", "восьмий", "дев'ятий", "десятий"],
    "ru": ["второй", "третий", "четвёртый", "пятый", "шестой", "седьмой", "восьмой", "девятый", "десятый"],
}
_SIZES = {
    "en": ["hundred", "thousand", "million", "billion"],
    "uk": ["сто", "тисяча", "мільйон", "мільярд"],
    "ru": ["сто", "тысяча", "миллион", "миллиард"],
}
_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "uk": [
        "січень",
        "лютий",
        "березень",
        "квітень",
        "травень",
        "червень",
        "липень",
        "серпень",
        "вересень",
        "жовтень",
        "листопад",
        "грудень",
    ],
    "ru": [
        "январь",
        "февраль",
        "март",
        "апрель",
        "май",
        "июнь",
        "июль",
        "август",
        "сентябрь",
        "октябрь",
        "ноябрь",
        "декабрь",
    ],
}
_WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "uk": ["понеділок", "вівторок", "середа", "четвер", "п'ятниця", "субота", "неділя"],
    "ru": ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"],
}


def _chosen(seed: str, old: str, options: list[str]) -> str:
    return random.Random(f"{seed}|{old}").choice(options)


def _other_number(value: float, seed: str) -> float:
    """Return a clearly different number of like size; the same for the same seed."""
    rng = random.Random(f"{seed}|{value:g}")
    if value == int(value) and 1500 <= value <= 2100:
        return value + rng.choice([-30, -12, -7, -4, -3, -2, -1, 1, 2, 3, 5, 8])
    if value == int(value) and value <= 12:
        return float(rng.choice([n for n in range(2, 15) if abs(n - value) >= max(1, 0.3 * value)]))
    new = value * rng.choice([0.2, 0.35, 0.5, 0.6, 1.5, 1.8, 2.0, 3.0])
    if value == int(value):
        step = 10 ** max(0, len(str(int(value))) - 2)
        new = max(2, round(new / step) * step)
        return float(new + 1 if new == value else new)
    return round(new, 1)


def _number(raw: str, language: str) -> float | None:
    compact = re.sub(r"[   ]", "", raw)
    if language == "en":
        compact = re.sub(r",(?=\d{3}\b)", "", compact)
    compact = compact.replace(",", ".")
    return float(compact) if compact.count(".") <= 1 else None


def _like(raw: str, value: float, language: str) -> str:
    """Write ``value`` in the style of ``raw``."""
    if value != int(value):
        return f"{value:.1f}" if language == "en" else f"{value:.1f}".replace(".", ",")
    if re.search(r"\d[   ]\d{3}", raw):
        return f"{int(value):,}".replace(",", " ")
    if language == "en" and re.search(r"\d,\d{3}", raw):
        return f"{int(value):,}"
    return str(int(value))


def _number_edits(text: str, language: str, seed: str) -> Iterator[Edit]:
    found = []
    for match in _DIGITS.finditer(text):
        value = _number(match.group(), language)
        if value is None or value == 0:
            continue
        found.append((match, value))
        new = _other_number(value, seed)
        if "%" in text[match.end() : match.end() + 2] and new >= 100 > value:
            new = round(value / 2) or 3
        if new != value:
            yield Edit(
                "number",
                ("number", f"{value:g}", f"{new:g}"),
                _swap(text, match.start(), match.end(), _like(match.group(), new, language)),
            )
    if len(found) == 2 and found[0][1] != found[1][1]:
        (a, x), (b, y) = found
        swapped = text[: a.start()] + b.group() + text[a.end() : b.start()] + a.group() + text[b.end() :]
        yield Edit("number", ("swapped", f"{x:g}", f"{y:g}"), swapped)


def _listed_edits(text: str, language: str, seed: str) -> Iterator[Edit]:
    """Change number words, months and weekdays."""
    lists = (
        ("number", _CARDINALS[language][:3]),
        ("number", _CARDINALS[language][3:]),
        ("number", _ORDINALS[language]),
        ("number", _SIZES[language][1:]),
        ("date", _MONTHS[language]),
        ("date", _WEEKDAYS[language]),
    )
    names = ("few", "many", "ordinal", "size", "month", "weekday")
    for word in words(text):
        if language == "en":
            lemma, model = (word.text if word.text[0].isupper() else word.lower), None
            if lemma == "May" and not re.match(r"\s+\d|\s*,", text[word.end :]):
                continue
            if lemma == "second" and not re.search(r"\b(the|a|its|his|her)\s+$", text[: word.start].lower()):
                continue
        else:
            readings = parses(language, word.lower)
            if not readings:
                continue
            lemma, model = readings[0].normal_form, readings[0]
        for (kind, group), name in zip(lists, names, strict=True):
            if lemma not in group:
                continue
            old = group.index(lemma)
            new = int(_chosen(seed, f"{name}{old}", [str(i) for i in range(len(group)) if i != old]))
            form = group[new] if model is None else _inflect_like(language, model, group[new])
            if form:
                yield Edit(kind, (name, str(old), str(new)), _swap(text, word.start, word.end, form))


# --- comparisons and quantifiers --------------------------------------------------------------------------------------

_PHRASES: dict[str, list[tuple[str, str, str]]] = {
    "en": [
        ("more", r"\bmore than(?= [\w$€£])", "less than"),
        ("more", r"\bover(?= [$€£]?\d)", "under"),
        ("less", r"\b(?:less|fewer) than(?= [\w$€£])", "more than"),
        ("least", r"\bat least\b", "at most"),
        (
            "almost",
            r"\b(?:almost|nearly)(?= (?:[$€£]?\d|two|three|four|five|six|seven|eight|nine|ten|half|a))",
            "far more than",
        ),
        ("upto", r"\bup to(?= [$€£]?\d)", "more than"),
        ("all", r"\b(?:all of the|all the|all)(?= \w)", "none of the"),
        ("every", r"\bevery(?=body|one\b)", "no"),
        ("many", r"\bmany(?= )", "very few"),
        ("most", r"\bmost(?= (?:of|people|countries|children|cases))", "few"),
        ("always", r"\balways\b", "never"),
        ("never", r"\bnever\b", "always"),
        ("often", r"\b(?:often|usually|frequently)\b", "almost never"),
        ("both", r"\bboth(?= (?:of|sides|teams|countries|men|women|parties))", "neither of"),
        ("only", r"\bonly(?= (?:one|two|three|\d))", "not only"),
        ("still", r"\bstill(?= )", "no longer"),
        ("nolonger", r"\bno longer\b", "still"),
        ("already", r"\bhas already\b", "has not yet"),
        ("nothing", r"\bnothing\b", "everything"),
        ("no", r"\bno(?= [a-z]+ )", "some"),
        ("none", r"\bnone of\b", "all of"),
        ("without", r"\bwithout(?= (?!\w+ing\b))", "with"),
    ],
    "uk": [
        ("more", r"\bпонад(?= [\w$€])", "менше"),
        ("more", r"\bбільше,? (?:ніж|як|за)\b", "менше ніж"),
        ("more", r"\bбільш (?:ніж|як)\b", "менш як"),
        ("less", r"\bменше,? (?:ніж|як|за)\b", "більше ніж"),
        ("less", r"\bменш (?:ніж|як)\b", "більш як"),
        ("least", r"\b(?:щонайменше|принаймні|не менше)\b", "щонайбільше"),
        ("almost", r"\bмайже(?= [\dтпшсвчд])", "значно більше ніж"),
        ("upto", r"\bдо(?= \d+ ?(?:%|відсот|км|кілом|осіб|людей|мільй|тис))", "понад"),
        ("all", r"\bусі\b|\bвсі\b", "жодні з них не"),
        ("many", r"\bбагато\b", "мало"),
        ("most", r"\bбільшість\b", "меншість"),
        ("always", r"\bзавжди\b", "ніколи не"),
        ("often", r"\b(?:часто|зазвичай)\b", "майже ніколи не"),
        ("both", r"\bобидва\b", "жоден із двох не"),
        ("only", r"\b(?:лише|тільки)(?= \w)", "не лише"),
        ("still", r"\b(?:досі|все ще)\b", "вже не"),
        ("already", r"\bвже\b", "ще не"),
        ("nolonger", r"\b(?:більше не|вже не)\b", "все ще"),
    ],
    "ru": [
        ("more", r"\b(?:свыше|более)(?= [\d$€дтчпшсв])", "менее"),
        ("more", r"\bбольше,? чем\b", "меньше чем"),
        ("more", r"\bболее,? чем\b", "менее чем"),
        ("less", r"\b(?:меньше|менее),? чем\b", "более чем"),
        ("less", r"\bменее(?= \d)", "более"),
        ("least", r"\b(?:по меньшей мере|как минимум|не менее)\b", "не более"),
        ("almost", r"\bпочти(?= [\dдтчпшсв])", "намного больше чем"),
        ("upto", r"\bдо(?= \d+ ?(?:%|процент|км|килом|человек|миллион|тыс))", "более"),
        ("all", r"\bвсе\b(?= \w+[ыеи]\b)", "никакие"),
        ("many", r"\bмного\b", "мало"),
        ("many", r"\bмногие\b", "немногие"),
        ("most", r"\bбольшинство\b", "меньшинство"),
        ("always", r"\bвсегда\b", "никогда не"),
        ("often", r"\b(?:часто|обычно)\b", "почти никогда не"),
        ("both", r"\bоба\b", "ни один из двух не"),
        ("only", r"\b(?:лишь|только)(?= \w)", "не только"),
        ("still", r"\b(?:до сих пор|все ещё|всё ещё|все еще)\b", "больше не"),
        ("already", r"\bуже\b", "ещё не"),
        ("nolonger", r"\b(?:больше не|уже не)\b", "всё ещё"),
    ],
}


def _phrase_edits(text: str, language: str) -> Iterator[Edit]:
    for name, pattern, new in _PHRASES[language]:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            kind = "comparison" if name in ("more", "less", "least", "almost", "upto") else "quantifier"
            yield Edit(kind, ("phrase", name), _swap(text, match.start(), match.end(), new))


# --- polarity ---------------------------------------------------------------------------------------------------------

_AUXILIARIES = [
    "is",
    "are",
    "was",
    "were",
    "has",
    "have",
    "had",
    "will",
    "would",
    "can",
    "could",
    "does",
    "did",
    "do",
]
_NEGATED = {"can": "cannot", "will": "will not"}
_IRREGULAR = dict(
    pair.split(":")
    for pair in [
        "went:go",
        "took:take",
        "made:make",
        "became:become",
        "began:begin",
        "won:win",
        "lost:lose",
        "found:find",
        "gave:give",
        "came:come",
        "left:leave",
        "held:hold",
        "met:meet",
        "got:get",
        "saw:see",
        "told:tell",
        "led:lead",
        "broke:break",
        "rose:rise",
        "fell:fall",
        "grew:grow",
        "built:build",
        "said:say",
        "bought:buy",
        "sold:sell",
        "sent:send",
        "spent:spend",
        "paid:pay",
        "kept:keep",
        "knew:know",
        "wrote:write",
        "spoke:speak",
        "drove:drive",
        "chose:choose",
        "brought:bring",
        "thought:think",
        "taught:teach",
        "fought:fight",
        "caught:catch",
        "stood:stand",
        "ran:run",
        "sat:sit",
        "felt:feel",
        "heard:hear",
        "ate:eat",
        "drank:drink",
        "wore:wear",
        "threw:throw",
        "flew:fly",
        "forgot:forget",
        "died:die",
    ]
)
_SUBORDINATORS = {
    "en": {
        "if",
        "unless",
        "whether",
        "that",
        "which",
        "who",
        "when",
        "while",
        "because",
        "although",
        "though",
        "where",
        "after",
        "before",
        "until",
        "what",
        "how",
        "why",
        "than",
    },
    "uk": {
        "якщо",
        "коли",
        "що",
        "який",
        "яка",
        "яке",
        "які",
        "якого",
        "якій",
        "якої",
        "яких",
        "яким",
        "де",
        "хоча",
        "щоб",
        "якби",
        "чи",
        "поки",
        "бо",
        "оскільки",
        "ніж",
    },
    "ru": {
        "если",
        "когда",
        "что",
        "который",
        "которая",
        "которое",
        "которые",
        "которого",
        "которой",
        "которых",
        "котором",
        "которым",
        "где",
        "хотя",
        "чтобы",
        "бы",
        "ли",
        "пока",
        "поскольку",
        "чем",
    },
}


@functools.cache
def _past_to_base(word: str) -> str | None:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ed") and len(word) > 4:
        lemma = str(simplemma.lemmatize(word, lang="en"))
        return lemma if lemma != word and not lemma.endswith("ed") else None
    return None


def _main_clause(text: str, language: str) -> list[_Word]:
    """Return the words before the first subordinator, or none where the sentence opens with one."""
    chosen: list[_Word] = []
    for word in words(text):
        if word.lower in _SUBORDINATORS[language]:
            break
        chosen.append(word)
    return chosen


def _negation_edits(text: str, language: str) -> Iterator[Edit]:
    if "?" in text:
        return
    clause = _main_clause(text, language)
    if language == "en":
        yield from _english_negation(text, clause)
        return
    negated = re.search(r"\bне (?=\w+)", text)
    if negated and not re.search(
        r"\bні\w*|\bни\w*|\bжод|\bне (?:лише|тільки|только|лишь)", text, re.IGNORECASE
    ):
        after = words(text[negated.end() :])
        if after and is_finite(language, after[0]):
            yield Edit("negation", ("negation", "-"), _swap(text, negated.start(), negated.end(), ""))
    verbs = [w for w in clause if is_finite(language, w)]
    for word in verbs[:1]:
        before = text[: word.start].rstrip().lower()
        if not re.search(r"\b(?:не|ні|ни|б|би)$", before):
            unique = "only" if len(verbs) == 1 and not negated else language
            yield Edit(
                "negation", ("negation", "+", unique), _swap(text, word.start, word.end, f"не {word.lower}")
            )


def _english_negation(text: str, clause: list[_Word]) -> Iterator[Edit]:
    match = re.search(r"\b(\w+)(?:n't|n’t| not)\b(?! only)", text)
    if match:
        word = match.group(1).lower()
        base = {"ca": "can", "wo": "will", "can": "can"}.get(word, match.group(1))
        yield Edit("negation", ("negation", "-"), _swap(text, match.start(), match.end(), base))
    cannot = re.search(r"\bcannot\b", text)
    if cannot:
        yield Edit("negation", ("negation", "-"), _swap(text, cannot.start(), cannot.end(), "can"))
    if re.search(r"\b(?:not|never|no|cannot)\b|n't|n’t", text):
        return
    for i, word in enumerate(clause):
        if i == 0:
            continue
        if word.lower in _AUXILIARIES:
            if word.lower in ("do", "does", "did"):
                continue
            new = _NEGATED.get(word.lower, f"{word.text} not")
            following = text[word.end :].lstrip().split(" ")[0].lower()
            if word.lower in ("has", "have", "had") and not re.search(r"(?:ed|en|n|t|e)$", following):
                new = {"has": "does not have", "have": "do not have", "had": "did not have"}[word.lower]
            yield Edit("negation", ("negation", "+", "only"), _swap(text, word.start, word.end, new))
            return
        base = _past_to_base(word.lower)
        if base and word.text.islower():
            before, after = clause[i - 1], text[word.end :].lstrip()
            subject = (
                before.text[0].isupper()
                or before.lower in ("he", "she", "it", "they", "we", "i")
                or (before.lower.endswith("s") and not before.lower.endswith("ss"))
            )
            if subject and not after.startswith(("by ", "in ", "at ", ",")):
                yield Edit(
                    "negation",
                    ("negation", "+", "only"),
                    _swap(text, word.start, word.end, f"did not {base}"),
                )
                return


# --- opposites and places ---------------------------------------------------------------------------------------------


@functools.cache
def _opposites(language: str) -> dict[str, list[tuple[str, str, str]]]:
    """Lemma -> (key, opposite lemma, word class) from ``antonyms.tsv``."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    column = {"en": 0, "uk": 2, "ru": 4}[language]
    for number, line in enumerate((HERE / "antonyms.tsv").read_text("utf-8").splitlines()):
        if line.startswith("#") or not line.strip():
            continue
        cells = line.split("\t")
        sides = [cells[column].split("|"), cells[column + 1].split("|")]
        if cells[6] == "n":
            continue
        for side in (0, 1):
            for here, there in zip(sides[side], sides[1 - side], strict=False):
                found.setdefault(here, []).append((f"{number}{'ab'[side]}", there, cells[6]))
    return found


_ENGLISH_PAST = {base: past for past, base in _IRREGULAR.items()} | {
    "rise": "rose",
    "fall": "fell",
    "shrink": "shrank",
    "cut": "cut",
    "forbid": "forbade",
    "hate": "hated",
    "deny": "denied",
}
_ENGLISH_PARTICIPLE = {
    "rise": "risen", "fall": "fallen", "grow": "grown", "shrink": "shrunk", "begin": "begun", "give": "given", "take": "taken",
    "forbid": "forbidden", "forget": "forgotten", "go": "gone",
}  # fmt: skip


@functools.cache
def _english_forms(base: str) -> dict[str, str]:
    """Return form name -> form of a regular or listed English verb."""
    stem = base.removesuffix("e")
    doubled = (
        base + base[-1] if re.fullmatch(r"(?:win|begin|stop|ban|cut|permit|forbid|forget)", base) else stem
    )
    regular = base[:-1] + "ied" if base.endswith("y") and base[-2] not in "aeiou" else doubled + "ed"
    past = _ENGLISH_PAST.get(base, regular)
    third = (
        base[:-1] + "ies"
        if base.endswith("y") and base[-2] not in "aeiou"
        else base + ("es" if re.search(r"(?:s|sh|ch|x)$", base) else "s")
    )
    return {
        "base": base,
        "third": third,
        "past": past,
        "participle": _ENGLISH_PARTICIPLE.get(base, past),
        "ing": doubled + "ing",
    }


@functools.cache
def _english_verbs() -> dict[str, tuple[str, str, str]]:
    """Inflected English verb -> (key, opposite in the same form, form)."""
    table: dict[str, tuple[str, str, str]] = {}
    for base, entries in _opposites("en").items():
        for key, other, kind in entries:
            if kind != "v":
                continue
            here, there = _english_forms(base), _english_forms(other)
            for name in ("participle", "past", "ing", "third"):
                table[here[name]] = (key, there[name], name)
    return table


def _opposite_edits(text: str, language: str) -> Iterator[Edit]:
    table = _opposites(language)
    for word in words(text):
        if language == "en":
            if word.lower in _english_verbs() and word.lower not in ("left", "leaves", "backs", "finds"):
                key, new, _ = _english_verbs()[word.lower]
                yield Edit("opposite", ("opposite", key), _swap(text, word.start, word.end, new))
            elif word.lower in table and table[word.lower][0][2] == "w":
                if word.lower in (
                    "left",
                    "light",
                    "end",
                    "fall",
                    "start",
                    "little",
                    "day",
                    "great",
                    "within",
                    "close",
                ):
                    continue
                key, new, _ = table[word.lower][0]
                yield Edit("opposite", ("opposite", key), _swap(text, word.start, word.end, new))
            continue
        readings = parses(language, word.lower)
        if not readings:
            continue
        best = readings[0]
        lemma = best.normal_form
        if (
            word.lower in table
            and str(best.tag.POS) == "PREP"
            and lemma in ("до", "перед", "над", "під", "под")
        ):
            if lemma == "до" and not re.match(
                r"\s+(?:початку|начала|війни|войны|\w+\s+року|\w+\s+года)", text[word.end :]
            ):
                continue
            if lemma in ("перед", "над", "під", "под"):
                continue
        if lemma not in table:
            continue
        key, other, _ = table[lemma][0]
        form = other if best.tag.POS in ("ADVB", "PREP", "CONJ") else _inflect_like(language, best, other)
        if form and form != word.lower:
            yield Edit("opposite", ("opposite", key), _swap(text, word.start, word.end, form))


@functools.cache
def _places(language: str) -> dict[str, tuple[str, int]]:
    """Lower-case name or adjective -> (class, row) from ``places.tsv``."""
    column = {"en": 0, "uk": 1, "ru": 2}[language]
    found: dict[str, tuple[str, int]] = {}
    for number, cells in enumerate(_place_rows()):
        found[cells[column].lower()] = ("name", number)
        found[cells[column + 3].lower()] = ("adjective", number)
    return found


@functools.cache
def _place_rows() -> list[list[str]]:
    lines = (HERE / "places.tsv").read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


FIRST_CITY = 36
"""Rows of ``places.tsv`` from here on are cities; a country is changed for a country, a city for a city."""


def _place_edits(text: str, language: str, seed: str) -> Iterator[Edit]:
    column = {"en": 0, "uk": 1, "ru": 2}[language]
    rows = _place_rows()
    for word in words(text):
        model = None
        lemma = word.lower
        if language != "en":
            readings = parses(language, word.lower)
            if not readings:
                continue
            model = readings[0]
            lemma = model.normal_form
        if lemma not in _places(language) or (word.text[0].islower() and language == "en"):
            continue
        part, old = _places(language)[lemma]
        if part == "name" and word.text[0].islower():
            continue
        offset = 0 if part == "name" else 3
        alike = range(FIRST_CITY) if old < FIRST_CITY else range(FIRST_CITY, len(rows))
        options = [str(i) for i in alike if i != old and rows[i][column + offset] != "-"]
        if not options:
            continue
        new = int(_chosen(seed, f"{part}{old}", options))
        lemma_new = rows[new][column + offset]
        form = lemma_new if model is None else _inflect_like(language, model, lemma_new.lower())
        if form:
            yield Edit("place", (part, str(old), str(new)), _swap(text, word.start, word.end, form))


SEEDED = (_number_edits, _listed_edits, _place_edits)
PLAIN = (_phrase_edits, _negation_edits, _opposite_edits)


def contradictions(text: str, language: str, seed: str) -> list[Edit]:
    """Return every minimal edit that makes ``text`` contradict itself.

    Args:
        text: One sentence.
        language: ``en``, ``uk`` or ``ru``.
        seed: Names the sentence (not its language): the same old value gets the same new one in every translation.
    """
    seeded = [edit for family in SEEDED for edit in family(text, language, seed)]
    plain = [edit for family in PLAIN for edit in family(text, language)]
    return [edit for edit in [*seeded, *plain] if edit.text != text]


# --- edits that keep a sentence true ----------------------------------------------------------------------------------

_LOOSER = {
    "en": {"more": "more than {}", "less": "less than {}", "about": "about {}"},
    "uk": {"more": "понад {}", "less": "менше {}", "about": "близько {}"},
    "ru": {"more": "более {}", "less": "менее {}", "about": "около {}"},
}
_COMPARED = re.compile(
    r"(?:than|over|under|least|most|about|around|nearly|almost|up to|to|понад|більше|менше|ніж|як|близько|майже|до|приблизно|более|"
    r"менее|свыше|больше|меньше|чем|около|почти|примерно|[$€£#№])\s*$",
    re.IGNORECASE,
)


def rewordings(text: str, language: str, rng: random.Random) -> tuple[list[str], list[str]]:
    """Loosen a number: ("312 people" -> "more than 300 people") and its false twins ("less than 300", "more than 400").

    Returns:
        Sentences that stay true, sentences that became false.
    """
    true, false = [], []
    for match in _DIGITS.finditer(text):
        value = _number(match.group(), language)
        if (
            value is None
            or value != int(value)
            or value < 13
            or (1500 <= value <= 2100)
            or _COMPARED.search(text[: match.start()])
        ):
            continue
        if not re.match(r"\s?(?:%|[a-zа-яіїєґё]{3,})", text[match.end() :]) or re.match(
            r"\s?(?:cent|стол|верес|[a-zа-яіїєґ]+(?:уари|ярь|ень|ня|ря|ля|ста|та)\b)", text[match.end() :]
        ):
            continue
        step = 10 ** (len(str(int(value))) - 1)
        floor, ceiling = int(value // step * step), int((value // step + 1) * step)

        def put(name: str, number: float, match: re.Match[str] = match) -> str:
            phrase = _LOOSER[language][name].format(_like(match.group(), number, language))
            return _swap(text, match.start(), match.end(), phrase)

        if floor < value:
            true.append(put("more", floor))
            false.append(put("less", floor))
        true.append(put("less", ceiling))
        false.append(put("more", ceiling))
        false.append(put("about", value * rng.choice([0.5, 2, 3]) // 1))
    if language == "en" or rng.random() < 0.5:
        for word in words(text):
            lemma = word.lower if language == "en" else (parses(language, word.lower) or (None,))[0]
            name = lemma if isinstance(lemma, str) else (lemma.normal_form if lemma is not None else "")
            if name in _CARDINALS[language]:
                value = _VALUES[_CARDINALS[language].index(name)]
                true.append(text[: word.start] + str(value) + text[word.end :])
                other = rng.choice([n for n in range(2, 20) if n != value])
                false.append(text[: word.start] + str(other) + text[word.end :])
                break
    return true, false
