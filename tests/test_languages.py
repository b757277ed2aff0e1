"""Languages: short headlines, confusable neighbours, and the courage to say nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.languages import LANGUAGES, detect, direction

HEADLINES = {
    "en": [
        "Harbour talks end without a deal",
        "Dam holds after the worst storm in decades",
        "Nobody was hurt, the mayor said",
        "Ministers rush to deny what Mr Alder told the BBC",
    ],
    "uk": [
        "Переговори тривали майже п'ять годин",
        "У порту знову працює пошта",
        "Міністр подав у відставку після скандалу",
        "Дамба витримала, постраждалих немає",
    ],
    "ru": [
        "Переговоры длились почти пять часов",
        "В порту снова открыта почта",
        "Министр подал в отставку после скандала",
        "Плотина выдержала, пострадавших нет",
    ],
}
NEIGHBOURS = {
    "be": "Перамовы ў порце скончыліся без пагаднення, паведаміў міністр",
    "bg": "Преговорите в пристанището приключиха без споразумение, съобщи министърът",
    "pl": "Rozmowy w porcie zakończyły się bez porozumienia, powiedział minister",
    "de": "Die Gespräche im Hafen endeten ohne Einigung, sagte der Minister",
    "fr": "Les discussions au port se sont achevées sans accord, a déclaré le ministre",
    "es": "Las conversaciones en el puerto terminaron sin acuerdo, dijo el ministro",
}


@pytest.mark.parametrize(("tag", "text"), [(tag, text) for tag, texts in HEADLINES.items() for text in texts])
def test_headlines_in_our_three_languages_are_told(tag, text):
    assert detect(text) == tag


@pytest.mark.parametrize(("tag", "text"), list(NEIGHBOURS.items()))
def test_neighbouring_languages_are_not_taken_for_ours(tag, text):
    assert detect(text) == tag


def test_a_name_in_the_other_alphabet_does_not_turn_the_language():
    assert detect("Газета «Быль» написала, що міністр подав у відставку через скандал із закупівлями") == "uk"
    assert (
        detect("Канал «Вісті» сообщил, что министр подал в отставку, и объяснил, чем он был недоволен")
        == "ru"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Photo:",
        "© AP",
        "12 345,67",
        "Фото",
        "https://halden.example/the-news-of-the-day",
        "🎉🎉🎉",
    ],
)
def test_too_little_text_gets_the_fallback(text):
    assert detect(text, fallback="uk") == "uk"
    assert detect(text) == "und"


def test_links_and_handles_do_not_count():
    assert (
        detect(
            "Порт знову працює, повідомили рятувальники https://example.org/the-port-is-open-and-with-that @the_port"
        )
        == "uk"
    )


@settings(deadline=None)  # a machine under load, or a model loading, is no failure
@given(st.text(max_size=200))
def test_any_text_gets_a_known_tag_or_the_fallback(text):
    assert detect(text, fallback="xx") in {*LANGUAGES, "xx"}


def test_a_very_long_text_is_told_by_its_beginning():
    assert detect("Порт знову працює, але пошта зачинена. " * 50_000) == "uk"


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "@" * 100_000, "a." * 50_000, "www." * 30_000, "і" * 100_000]
)
def test_hostile_texts_take_no_longer_than_others(text):
    began = time.process_time()
    detect(text)
    assert time.process_time() - began < 3  # the model may have to be loaded


def test_directions():
    assert direction("he") == direction("ar-EG") == "rtl"
    assert direction("uk") == direction("en-US") == direction("unknown") == "ltr"


def test_each_language_is_listed_under_its_tag():
    assert all(tag == language.tag and language.native_name for tag, language in LANGUAGES.items())
    assert {"en", "uk", "ru"} <= set(LANGUAGES)
