"""Cues for provenance in invented texts, in three languages: what is suggested, where its words stand, and what is left alone."""

from __future__ import annotations

import pytest
from factories import document
from hypothesis import given
from hypothesis import strategies as st

from verifier.attribution import suggest
from verifier.codebooks import load_codebooks
from verifier.domain import Level


def labels(text, language, **more):
    return {one.label_id: one for one in suggest(document(text, language=language, **more))}


@pytest.mark.parametrize(
    ("language", "text", "label_id", "quote"),
    [
        ("en", "The bridge reopened, according to the Tarn news agency.", "relay", "according to"),
        ("en", "The border will open, the Selk Courier writes, citing Radio Marovia.", "relay", "citing"),
        ("en", "According to Reuters, the talks moved.", "relay", "According to Reuters"),
        ("en", "The mayor's spokeswoman Ida Brandt said the draft has nine points.", "official-source", ""),
        ("en", "According to the transport ministry, 140 lorries crossed.", "official-source", ""),
        ("en", "People familiar with the talks said the draft has nine points.", "unnamed-source", ""),
        ("en", "A resident of the bridge street told reporters about lorries.", "eyewitness", ""),
        ("en", "According to the contract, the bridge costs 12 million marks.", "document-source", ""),
        ("en", "The fair opened.\n\nTranslated by the service LinguaTarn", "translated-by-machine", ""),
        ("en", "The fair opened. Machine translation.", "translated-by-machine", "Machine translation"),
        ("en", "The fair opened. Translated from Marovian by Ida Brandt.", "translated-by-person", ""),
        ("en", "SELK, 4 April (Tarn) - The border crossing reopened on Friday.", "wire-copy", "SELK"),
        ("en", "As we reported earlier, the talks had stalled.", "self-citation", "As we reported"),
        ("en", "An owner told the Harbour Daily that the ferry is old.", "origin", "told the Harbour Daily"),
        ("uk", "Кордон відкриють, пише «Озерна газета» з посиланням на агентство «Тарн».", "relay", ""),
        ("uk", "Переговори перенесли, передає Укрінформ.", "relay", "передає Укрінформ"),
        ("uk", "За даними телеканалу «Орлен-1», міст закрили.", "relay", "За даними телеканалу"),
        ("uk", "Речниця міської ради Орлена Олена Тарнова підтвердила дату.", "official-source", "Речниця"),
        ("uk", "За інформацією міністерства транспорту, міст відкрито.", "official-source", ""),
        ("uk", "За словами співрозмовників видання, у проєкті дев'ять пунктів.", "unnamed-source", ""),
        ("uk", "Мешканка Орлена розповіла, що чула два вибухи.", "eyewitness", "Мешканка"),
        ("uk", "У рішенні суду йдеться про дев'ять епізодів.", "document-source", "У рішенні суду"),
        ("uk", "Ярмарок відкрито. Перекладено автоматично.", "translated-by-machine", ""),
        ("uk", "Ярмарок відкрито. Переклала Олена Тарнова", "translated-by-person", "Переклала"),
        ("uk", "ОРЛЕН, 4 квітня. /Тарн/. Перехід відкрили у п'ятницю.", "wire-copy", "ОРЛЕН"),
        ("uk", "Як ми писали раніше, перемовини зайшли в глухий кут.", "self-citation", "Як ми писали"),
        ("ru", "Как передаёт агентство «Тарн», переговоры перенесены.", "relay", "Как передаёт"),
        ("ru", "Переговоры перенесены, пишет «Озёрная газета» со ссылкой на «Радио Марова».", "relay", ""),
        ("ru", "Министр транспорта Маровы заявил, что мост построят к осени.", "official-source", ""),
        ("ru", "Об этом сообщили со ссылкой на полицию Орлена.", "official-source", "со ссылкой на полицию"),
        ("ru", "Источник в мэрии подтвердил сроки.", "unnamed-source", "Источник"),
        ("ru", "Очевидцы на рынке говорят, что свет погас около шести.", "eyewitness", "Очевидцы"),
        ("ru", "Согласно договору, мост стоит 12 миллионов.", "document-source", "Согласно договору"),
        ("ru", "Внизу страницы: переведено автоматически с маровского.", "translated-by-machine", ""),
        ("ru", "Ярмарка открылась. Перевод: Ида Брандт", "translated-by-person", "Перевод: Ида Брандт"),
        ("ru", "Ярмарка открылась.\n\nТАСС", "wire-copy", "ТАСС"),
        ("ru", "Ранее мы сообщали, что переговоры застопорились.", "self-citation", "Ранее мы сообщали"),
    ],
)
def test_a_cue_suggests_its_label_and_quotes_its_words(language, text, label_id, quote):
    found = labels(text, language)
    assert label_id in found
    one = found[label_id]
    assert text[one.start : one.end] == one.quote != ""
    assert quote in one.quote
    assert one.explanation.endswith(".")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The fair opened on Friday. Children ran about, and the band played."),
        ("en", "According to taste, add salt."),
        ("uk", "Ярмарок відкрили у п'ятницю. Діти бігали, грав оркестр."),
        ("ru", "Ярмарка открылась в пятницу. Дети бегали, играл оркестр."),
        ("de", "Laut der Agentur Tarn wurde die Brücke geöffnet."),
    ],
)
def test_a_text_that_says_nothing_of_its_sources_gets_no_suggestion(language, text):
    assert labels(text, language) == {}


def test_the_fields_of_a_document_are_read():
    found = labels("The fair opened.", "en", relay=("Selk Courier", "Tarn", "officials"), inferred=("relay",))
    assert found["relay"].note == "Selk Courier ← Tarn ← officials"
    assert "inferred" in found["relay"].explanation
    assert labels("The fair opened.", "en", relay=("Selk Courier",)) == {}


def test_with_the_outlet_hidden_nothing_gives_it_away():
    made = document(
        "An owner told the Harbour Daily that the ferry is old.",
        relay=("Harbour Daily", "Tarn"),
    )
    assert {one.label_id for one in suggest(made)} >= {"origin", "relay"}
    assert suggest(made, outlet_hidden=True) == ()


def test_several_cues_of_one_label_are_one_suggestion():
    text = "According to the Tarn agency, it rained. According to the Selk newspaper, it did not."
    (one,) = suggest(document(text))
    assert (one.label_id, one.start, one.more) == ("relay", 0, 1)


def test_every_suggestion_is_a_label_that_a_document_may_carry():
    allowed = {label.label_id for label in load_codebooks()["provenance"].labels_at(Level.DOCUMENT)}
    from verifier.attribution import _WHY

    assert set(_WHY) <= allowed


PIECES = [
    "according to",
    "the ministry",
    "передає",
    "Укрінформ",
    "со ссылкой на",
    "«Радио»",
    "said",
    "(Tarn) -",
    "\n",
    ".",
]


@given(
    text=st.lists(st.sampled_from(PIECES) | st.text(max_size=8), min_size=1, max_size=30)
    .map(" ".join)
    .filter(str.strip),
    language=st.sampled_from(["en", "uk", "ru", "und", "en-GB"]),
)
def test_whatever_the_text_places_are_exact(text, language):
    for one in suggest(document(text, language=language)):
        assert one.quote == text[one.start : one.end] != ""
