"""Shorter claims cut from a longer sentence: what is left must still follow from the whole."""

from __future__ import annotations

import re

from edits import is_finite, words

_INNER = {
    "en": r"who|which|including|known|also|a|an|the|according|led|headed|based|located|such|especially|despite|however|meanwhile|therefore",
    "uk": r"який|яка|яке|які|якого|якої|яких|включно|зокрема|відомий|а також|на думку|за словами|незважаючи|попри|однак|проте|тому",
    "ru": r"который|которая|которое|которые|которого|которой|которых|включая|в частности|известный|а также|по мнению|по словам|несмотря|однако|поэтому",
}
_TAIL = {
    "en": r",? (?:but|and|while|although|though|which|who|where|because|since|after which|adding that|as well as|including|with|despite) ",
    "uk": r",? (?:але|а|і|й|та|хоча|який|яка|яке|які|де|бо|оскільки|тому що|зокрема|включно з|попри|незважаючи на) ",
    "ru": r",? (?:но|а|и|хотя|который|которая|которое|которые|где|потому что|поскольку|включая|в том числе|несмотря на) ",
}
_SECOND = {
    "en": r"[,;] (?:but|and|while) (?=(?:he|she|it|they|we|the|this|there|his|her|its|their|[A-Z]\w+) \w)",
    "uk": r", (?:але|проте|однак|а) ",
    "ru": r", (?:но|однако|а) ",
}
_SPOKEN = {
    "en": r", (?:said|says|according to|reports|reported|he said|she said|they said|officials said) [^,.]{0,60}\.$",
    "uk": r", (?:сказав|сказала|каже|кажуть|повідомив|повідомила|повідомляє|заявив|заявила|йдеться|зазначив|зазначила)[^,.]{0,60}\.$",
    "ru": r", (?:сказал|сказала|говорит|говорят|сообщил|сообщила|сообщает|заявил|заявила|отметил|отметила)[^,.]{0,60}\.$",
}
_OPENING = {
    "en": r"^(?:In|On|At|During|After|Before|By|Since|For|However|Meanwhile|Today|Now|Then|Also|According to|As a result|Despite|With|From) [^,]{2,60}, (?=\w)|^(?:However|Meanwhile|Therefore|Instead|Moreover|Also|Today|Currently|Then), ",
    "uk": r"^(?:Однак|Проте|Тому|Також|До того ж|Крім того|Тим часом|Водночас|Зараз|Сьогодні|На жаль|Отже),? |^(?:Під час|Після|За даними|За словами|На думку|Окрім|Крім|Попри|Незважаючи на|Починаючи) [^,]{2,60}, (?=\w)",
    "ru": r"^(?:Однако|Поэтому|Также|К тому же|Кроме того|Тем временем|Сейчас|Сегодня|К сожалению|Итак),? |^(?:Во время|После|По данным|По словам|По мнению|Кроме|Помимо|Несмотря на|Начиная) [^,]{2,60}, (?=\w)",
}
_CONDITIONAL = {
    "en": r"\b(?:if|unless|whether|neither|nor|either)\b",
    "uk": r"\b(?:якщо|якби|ані|або|чи)\b",
    "ru": r"\b(?:если|ли|или|либо)\b",
}
_OPENS_BADLY = {
    "en": r"^(?:when|while|although|though|because|since|as|if|unless|after|before|that|who|which|to|by|having|being)\b",
    "uk": r"^(?:коли|хоча|бо|оскільки|як|якщо|після того|перед тим|щоб|що|який|де|поки)\b",
    "ru": r"^(?:когда|хотя|потому|поскольку|как|если|после того|перед тем|чтобы|что|который|где|пока)\b",
}
_ENGLISH_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|does|did|do|became|began|went|made|took|said|found|gave|"
    r"came|left|held|won|lost|got|saw|led|rose|fell|grew|built|\w{3,}ed|\w{3,}(?:ies|ks|ts|ns|ds|ps|ws|ves|ses|zes|ces|ges|les|res|tes))\b"
)


def _stands(text: str, language: str) -> bool:
    """Whether a fragment looks like a sentence: long enough, with a finite verb, not a subordinate clause."""
    found = words(text)
    if (
        len(found) < 4
        or re.search(_OPENS_BADLY[language], text, re.IGNORECASE)
        or text.count("(") != text.count(")")
    ):
        return False
    if text.count("«") != text.count("»") or text.count('"') % 2 or text.count("“") != text.count("”"):
        return False
    if language == "en":
        return bool(_ENGLISH_VERB.search(text))
    return any(is_finite(language, word) for word in found)


def _sentence(text: str) -> str:
    text = re.sub(r"\s+([,.;:!?])", r"\1", re.sub(r"\s{2,}", " ", text)).strip(" ,;:–—-")
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "»", "”", '"')) else text + "."


def shortened(text: str, language: str) -> list[str]:
    """Return claims that a sentence supports because they say only a part of it.

    Args:
        text: One sentence (or two short ones).
        language: ``en``, ``uk`` or ``ru``.
    """
    found: list[str] = []
    if re.search(_CONDITIONAL[language], text, re.IGNORECASE) or "?" in text:
        return found
    body = text.rstrip(" .!")
    found += [body[: match.start()] for match in list(re.finditer(_TAIL[language], body))[::-1]]
    for match in re.finditer(r"[;:] | [–—] ", body):
        found.append(body[: match.start()])
        if match.group() == "; ":
            found.append(body[match.end() :])
    found += [body[match.end() :] for match in re.finditer(_SECOND[language], body)]
    for match in re.finditer(r"(?<=[a-zа-яіїєґё»\")])\. (?=[A-ZА-ЯІЇЄҐ«\"])", text):
        found += [text[: match.start()], text[match.end() :]]
    bracket = re.sub(r"\s*\([^()]*\)", "", text)
    inner = re.sub(rf", (?:{_INNER[language]})\b[^,()]{{3,80}},(?= [a-zа-яіїєґё])", "", text)
    spoken = re.sub(_SPOKEN[language], ".", text)
    opening = re.sub(_OPENING[language], "", text)
    found += [part for part in (bracket, inner, spoken, opening) if part != text]
    kept: list[str] = []
    for part in found:
        claim = _sentence(part)
        if claim != text and claim not in kept and len(claim) < len(text) and _stands(claim, language):
            kept.append(claim)
    return kept
