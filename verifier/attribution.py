"""What a text itself says about where it comes from: cues for labels of the provenance codebook on a whole document.

:func:`suggest` looks for words that name a source or a path ("according to", "з посиланням на", "как передаёт"), classifies what they point to by a few more words,
and reads the document's own fields. It only suggests: that "according to the agency" stands in a text does not say that the text is a relay as a whole. The
rules are written by hand for English, Ukrainian and Russian and are not measured; in other languages only fields and agencies' marks are seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from verifier.domain import Document

MODEL = "attribution-cues 1.0"
"""What a label accepted from here names as what suggested it. A changed rule is a new version."""

AGENCIES = (
    "AFP",
    "ANSA",
    "Anadolu",
    "Associated Press",
    "Bloomberg",
    "DPA",
    "Interfax",
    "PAP",
    "Reuters",
    "TASS",
    "Ukrinform",
    "UNIAN",
    "Інтерфакс-Україна",
    "Рейтер",
    "Укрінформ",
    "УНІАН",
    "УНИАН",
    "АП",
    "Интерфакс",
    "Укринформ",
    "РИА Новости",
    "ТАСС",
    "Франс Пресс",
)
"""News agencies that English, Ukrainian and Russian texts cite by name alone; what calls itself an agency needs no entry."""

CHAIN = " ← "
"""How a chain of relays is written, latest first, as the guidelines of the provenance codebook have it."""

_REACH = 70
"""Code points after a cue in which its source is looked for: about ten words, the longest of the names of outlets in the registry with their "news agency" before them."""

_VOICE = 60
"""Code points between who speaks and the verb of saying, in one sentence: about eight words, such as a name with its title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceSuggestion:
    """A label that the text or the document's fields speak for.

    Attributes:
        label_id: of the provenance codebook.
        start, end: code points of the first cue; both 0 where a field of the document says so.
        quote: the words of the cue; empty where a field says so.
        more: how many further cues there are.
        explanation: why, in a sentence.
        note: what the label's note would say, such as the chain of relays.
    """

    label_id: str
    start: int
    end: int
    quote: str
    more: int
    explanation: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    label_id: str
    pattern: re.Pattern[str]


_WHY = {
    "origin": "the text says that this outlet gathered the news itself",
    "relay": "the text names another outlet or agency as having had it",
    "wire-copy": "the text carries an agency's mark at its head or foot",
    "self-citation": "the text rests on an earlier report of the same outlet",
    "translated-by-machine": "the text says that a service or machine translated it",
    "translated-by-person": "the text names its translator",
    "unnamed-source": "the text rests on people it does not name",
    "official-source": "the text rests on an office or somebody who speaks for one",
    "eyewitness": "the text rests on somebody who was there",
    "document-source": "the text rests on something that can be looked up again",
}


def suggest(document: Document, *, outlet_hidden: bool = False) -> tuple[ProvenanceSuggestion, ...]:
    """Suggest labels for a whole document, each once, in a fixed order (path, change, source).

    Args:
        document: its text, language, outlet and relay are looked at.
        outlet_hidden: leave out what would give the outlet away: the document's fields, and cues that lean on its name.
    """
    outlet = "" if outlet_hidden else document.outlet
    found: dict[str, list[tuple[int, int]]] = {}
    for label_id, start, end in _cues(document.text, document.language.partition("-")[0], outlet):
        found.setdefault(label_id, []).append((start, end))
    made = {
        label_id: _suggestion(label_id, sorted(set(places)), document.text)
        for label_id, places in found.items()
    }
    if len(document.relay) > 1 and not outlet_hidden:
        made["relay"] = ProvenanceSuggestion(
            label_id="relay",
            start=0,
            end=0,
            quote="",
            more=len(found.get("relay", ())),
            explanation="The document's own data list who passed it on"
            + (", inferred from the page." if "relay" in document.inferred else "."),
            note=CHAIN.join(document.relay),
        )
    return tuple(made[label_id] for label_id in _WHY if label_id in made)


def _suggestion(label_id: str, places: list[tuple[int, int]], text: str) -> ProvenanceSuggestion:
    start, end = places[0]
    return ProvenanceSuggestion(
        label_id=label_id,
        start=start,
        end=end,
        quote=text[start:end],
        more=len(places) - 1,
        explanation=f"Perhaps {_WHY[label_id]}.",
    )


def _cues(text: str, language: str, outlet: str) -> Iterator[tuple[str, int, int]]:
    for rule in (*_MARKS, *_rules(language)):
        for match in rule.pattern.finditer(text):
            yield rule.label_id, match.start(), match.end()
    words = _LANGUAGES.get(language)
    if words is None:
        return
    for match in _compiled(rf"\b(?:{words['cue']})\s+").finditer(text):
        reach = _clause(text, match.end())
        if label_id := _pointed_to(
            text[match.end() : reach], words, strong=bool(_compiled(words["strong"]).match(match[0]))
        ):
            yield label_id, match.start(), reach
    if outlet:
        name = rf"(?:the\s+)?[«“\"„]?{re.escape(outlet)}"
        for label_id in ("origin", "self-citation"):
            for match in _compiled(words[f"{label_id}-named"].replace("OUTLET", name)).finditer(text):
                yield label_id, match.start(), match.end()


def _clause(text: str, start: int) -> int:
    """Return where the words after a cue end: at a mark that ends a clause, or out of reach."""
    stop = re.compile(r"[,;:.!?\n]|\s[–—-]\s").search(text, start, start + _REACH)
    return stop.start() if stop else min(len(text), start + _REACH)


def _pointed_to(source: str, words: dict[str, str], *, strong: bool) -> str:
    """Say what kind of source some words name; empty where they tell nothing. The order decides where several would fit."""
    for label_id in ("unnamed-source", "eyewitness", "official-source", "document-source"):
        if _compiled(rf"\b(?:{words[label_id]})").search(source):
            return label_id
    if _compiled(rf"\b(?:{words['outlet']})").search(source) or _AGENCY.search(source):
        return "relay"
    # "Citing" and "with reference to" are what one outlet does with another, if nothing says otherwise.
    return "relay" if strong and re.match(r"(?:the\s+)?[«“\"„]?[A-ZА-ЯІЇЄҐЁ]", source) else ""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@cache
def _rules(language: str) -> tuple[_Rule, ...]:
    words = _LANGUAGES.get(language)
    if words is None:
        return ()
    said, gap = words["said"], rf"[^.!?\n]{{0,{_VOICE}}}?"
    rules = [
        _Rule(label_id=label_id, pattern=_compiled(rf"\b(?:{words[label_id]}){gap}\b(?:{said})\w*"))
        for label_id in ("official-source", "eyewitness", "unnamed-source")
    ]
    rules += [
        _Rule(label_id=label_id, pattern=_compiled(rf"\b(?:{words[f'{label_id}-said']})"))
        for label_id in (
            "unnamed-source",
            "document-source",
            "translated-by-machine",
            "origin",
            "self-citation",
        )
    ]
    # Names are told by their capitals, so case counts here.
    rules.append(_Rule(label_id="translated-by-person", pattern=re.compile(words["translator"])))
    rules.append(
        _Rule(
            label_id="relay",
            pattern=re.compile(
                rf"(?:(?i:\b(?:{words['reports']}))\s+(?:(?i:{words['outlet']})\s*)?(?:{_AGENCY.pattern}|«[^»\n]{{2,60}}»))"
            ),
        )
    )
    return tuple(rules)


_AGENCY = re.compile(rf"\b(?:{'|'.join(map(re.escape, AGENCIES))})\b")
_MARKS = (
    # SELK, 4 April (Tarn) -   ·   ОРЛЕН, 4 квітня. /Тарн/.   ·   a last line that is an agency's name and nothing else
    _Rule(
        label_id="wire-copy",
        pattern=re.compile(
            r"\A\s*[A-ZА-ЯІЇЄҐЁ][\w' ’.-]{1,40}(?:,[^\n(/]{1,30})?\s*(?:\([A-ZА-ЯІЇЄҐЁ][\w .-]{1,25}\)\s*[-–—]|/[A-ZА-ЯІЇЄҐЁ][\w .-]{1,25}/)"
        ),
    ),
    _Rule(label_id="wire-copy", pattern=re.compile(rf"(?<=\n)[ \t]*(?:{_AGENCY.pattern})[ \t.]*(?=\s*\Z)")),
)

_LANGUAGES: dict[str, dict[str, str]] = {
    "en": {
        "cue": "according to|citing|as reported by|reported by|with reference to|quoting|as told by",
        "strong": "citing|as reported|with reference|quoting|reported by",
        "reports": "reports?|reported by|cited by|citing",
        "outlet": r"(?:news )?agency|news|newspaper|daily|weekly|paper|broadcaster|television|TV|radio|(?:telegram )?channel|magazine|media|outlets?|website|portal",
        "said": "said|says|told|announced|stated|confirmed|reported|declared|denied",
        "official-source": r"(?:the )?(?:\w+ ){0,3}(?:ministry|minister|spokes(?:man|woman|person)|governor|mayor|police|president|government|prosecutors?|embassy|border service|general staff|council)\b",
        "eyewitness": r"(?:an? |the )?(?:eye-?)?witness(?:es)?\b|(?:local |a )?residents?\b|passers-by\b",
        "unnamed-source": r"(?:two |three |several |unnamed |a |anonymous )?(?:sources?|insiders?)\b|people familiar|persons? close to|an? (?:unnamed|senior) official",
        "unnamed-source-said": r"on condition of anonymity|asked not to be (?:named|identified)|people familiar with the",
        "document-source": r"(?:the |a )?(?:\w+ )?(?:contract|documents?|ruling|judg(?:e)?ment|draft|law|report by the court|court (?:papers|filing)s?|satellite image(?:ry|s)?|video|data)\b",
        "document-source-said": r"a copy of which|the (?:document|contract|ruling) (?:says|states)|satellite (?:images?|imagery) (?:shows?|showed)|leaked (?:document|draft|contract)s?",
        "translated-by-machine-said": r"(?:automatically|machine)[ -]translat(?:ed|ion)|translated (?:automatically|by (?:an? |the )?(?:machine|service|Google|DeepL|AI)\b|with (?:Google|DeepL))",
        "translator": r"[Tt]ranslat(?:ed (?:from \w+ )?by|ion:)\s+[A-Z][a-z]+ [A-Z][a-z]+",
        "origin-said": r"our (?:own )?(?:correspondent|reporter)s?\b|(?:has|have) learn(?:ed|t) exclusively",
        "origin-named": r"\b(?:told|in an interview with|correspondents? (?:of|for)|reporters? (?:of|for)|obtained by|seen by)\s+OUTLET",
        "self-citation-said": r"as we (?:have )?(?:previously |earlier )?(?:reported|wrote)|we (?:previously|earlier) reported",
        "self-citation-named": r"\bOUTLET (?:previously|earlier) (?:reported|wrote)|as OUTLET (?:previously |earlier )?(?:reported|wrote)",
    },
    "uk": {
        "cue": "з посиланням на|із посиланням на|посилаючись на|за даними|за інформацією|за словами|за повідомленням|як повідомляє|як передає|як пише",
        "strong": "з посиланням|із посиланням|посилаючись|як передає|як пише",
        "reports": "передає|повідомляє|пише|інформує|передають|повідомляють|пишуть",
        "outlet": r"агентств\w*|інформагентств\w*|видання\w*|газет\w*|телеканал\w*|радіо|телеграм-канал\w*|канал\w*|журнал\w*|ЗМІ|медіа|портал\w*|сайт\w*",
        "said": "сказа|заяви|повідоми|підтверди|розпові|каже|кажуть|запевни|спростува",
        "official-source": r"(?:\w+ )?(?:міністерств\w*|міністр\w*|мініст\w*|речни[кц]\w*|губернатор\w*|мер[ауіи]?|міськ\w+ рад\w*|поліці\w*|президент\w*|уряд\w*|прокуратур\w*|пресслужб\w*|посольств\w*|генштаб\w*)\b",
        "eyewitness": r"очевид(?:ец|ц|иц)\w*|свідк\w*|мешкан(?:ец|к|ц)\w*|перехож\w*",
        "unnamed-source": r"(?:власн\w+ )?джерел\w*|співрозмовник\w*|неназван\w*|поінформован\w*",
        "unnamed-source-said": r"на умовах анонімності|попроси\w+ не називати|за словами співрозмовник\w*",
        "document-source": r"догов[оі]р\w*|документ\w*|рішення\w*|постанов\w*|закон\w*|проєкт\w*|супутников\w+ (?:знім\w*|дан\w*)",
        "document-source-said": r"згідно з (?:догов\w+|документ\w+|рішення\w*|постанов\w+|закон\w+)|у (?:документі|рішенні суду|договорі) (?:йдеться|сказано|зазначено)|на супутников\w+ знімк\w+",
        "translated-by-machine-said": r"перекладено (?:автоматично|машинно|сервісом|за допомогою)|(?:машинний|автоматичний) переклад",
        "translator": r"[Пп]ерекла(?:ла|в|д:|дач:|дачка:)\s+[А-ЯІЇЄҐ][\w'’]+ [А-ЯІЇЄҐ][\w'’]+",
        "origin-said": r"наш\w* кореспондент\w*|нашому кореспондентові",
        "origin-named": r"(?:\bкореспондент\w*|\bжурналіст\w*|розпові\w+|у коментарі|в інтерв'ю|у розпорядженні(?: редакції)?)\s+OUTLET",
        "self-citation-said": r"як ми (?:раніше )?(?:писали|повідомляли)|раніше ми (?:писали|повідомляли)",
        "self-citation-named": r"(?:раніше|як(?: раніше)?)\s+OUTLET»?\s+(?:писа\w+|повідомля\w+)|OUTLET»?\s+раніше\s+(?:писа\w+|повідомля\w+)",
    },
    "ru": {
        "cue": "со ссылкой на|ссылаясь на|по данным|по информации|по словам|по сообщению|как сообщает|как переда[её]т|как пишет",
        "strong": "со ссылкой|ссылаясь|как переда|как пишет",
        "reports": "переда[её]т|сообщает|пишет|информирует|передают|сообщают|пишут",
        "outlet": r"агентств\w*|информагентств\w*|издани\w*|газет\w*|телеканал\w*|радио|телеграм-канал\w*|канал\w*|журнал\w*|СМИ|медиа|портал\w*|сайт\w*",
        "said": "сказа|заяви|сообщи|подтверди|рассказа|говор|завери|опроверг",
        "official-source": r"(?:\w+ )?(?:министерств\w*|министр\w*|представител\w+ (?:министерств|ведомств|власт)\w*|пресс-секретар\w*|пресс-служб\w*|губернатор\w*|мэр\w*|полици\w*|президент\w*|правительств\w*|прокуратур\w*|посольств\w*|генштаб\w*|ведомств\w*)\b",
        "eyewitness": r"очевид(?:ец|ц)\w*|свидетел\w*|жител\w*|жильц\w*|прохож\w*",
        "unnamed-source": r"(?:собственн\w+ )?источник\w*|собеседник\w*|неназванн\w*|осведомл[её]нн\w*",
        "unnamed-source-said": r"на условиях анонимности|попроси\w+ не называть|по словам собеседник\w*",
        "document-source": r"договор\w*|документ\w*|решени\w*|постановлени\w*|закон\w*|проект\w*|спутников\w+ (?:сним\w*|данн\w*)",
        "document-source-said": r"согласно (?:договор\w+|документ\w+|решени\w+|постановлени\w+|закон\w+)|в (?:документе|решении суда|договоре) (?:говорится|сказано|указано)|на спутников\w+ снимк\w+",
        "translated-by-machine-said": r"переведено (?:автоматически|машинно|сервисом|с помощью)|(?:машинный|автоматический) перевод",
        "translator": r"[Пп]ерев(?:ела|[её]л|од:|одчик:)\s+[А-ЯЁ]\w+ [А-ЯЁ]\w+",
        "origin-said": r"наш\w* корреспондент\w*",
        "origin-named": r"(?:\bкорреспондент\w*|\bжурналист\w*|рассказа\w+|в комментарии|в интервью|в распоряжении(?: редакции)?)\s+OUTLET",
        "self-citation-said": r"как мы (?:ранее )?(?:писали|сообщали)|ранее мы (?:писали|сообщали)",
        "self-citation-named": r"(?:ранее|как(?: ранее)?)\s+OUTLET»?\s+(?:писа\w+|сообща\w+)|OUTLET»?\s+ранее\s+(?:писа\w+|сообща\w+)",
    },
}
"""Words by language, as regular expressions. ``cue`` is followed by a source; ``strong`` cues are between outlets as a rule; ``X`` names a source of kind X and
``X-said`` says the whole thing; ``OUTLET`` stands for the document's own outlet."""
