"""Page noise: every sentence of an article stays, what pages put around it goes, and all of it can come back."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from verifier.domain import Acquisition, Document, utc_now
from verifier.ingest import restore
from verifier.ingest.noise import LINE_RULES, TAIL_RULES, clean, line_rule

BODY = "The dam above Port Vessel held overnight, the governor said. Nobody was hurt."


def cleaned(text):
    return clean(text, 0, len(text))


PAGES = {
    "en, as a translated copy": (
        (
            "Harbour talks end without a deal\n- Новости\n- World\n- Harbour talks end without a deal\n\n\n"
            "The talks in Port Vessel ended on Friday. No date was set.\n"
            "Earlier, the ferry union had left the room.\nПереведено сервисом «Слово и Дело»"
        ),
        (
            "Harbour talks end without a deal\n\n\n"
            "The talks in Port Vessel ended on Friday. No date was set.\nEarlier, the ferry union had left the room."
        ),
    ),
    "uk, with a date, a video and teasers": (
        (
            " date 2031-01-14 Дамба витримала, кажуть рятувальники.\n\nПостраждалих немає, повідомили в порту.\n\nВідео дня\n\n"
            "Порт запрацює завтра.\n\nЩо далі з дамбою\n\nЇї огородять.\n\nВас також можуть зацікавити новини:\nЯк живе порт\nХто збудував дамбу"
        ),
        (
            "Дамба витримала, кажуть рятувальники.\n\nПостраждалих немає, повідомили в порту.\n\n"
            "Порт запрацює завтра.\n\nЩо далі з дамбою\n\nЇї огородять."
        ),
    ),
    "ru, with adverts and a licence line": (
        (
            "Плотина выдержала бурю\n\nГлавная / Общество / Порт\n\nПострадавших нет, сообщили спасатели.\n\nРеклама\n\nПорт откроют завтра.\n\n"
            "Читайте также: Как живёт порт\nПодписывайтесь на наш канал\nОставить комментарий\n© «Портовый листок». Все права защищены."
        ),
        "Плотина выдержала бурю\n\nПострадавших нет, сообщили спасатели.\n\nПорт откроют завтра.",
    ),
    "en, a live page of a blog": (
        "The dam held, the governor has told reporters after a long night\nRescuers left at noon.\nTHIS LIVE FEED HAS ENDED.\nLeave a Reply",
        "The dam held, the governor has told reporters after a long night\nRescuers left at noon.",
    ),
    "en, with buttons and a request for money": (
        (
            "logo\nThe dam held overnight\n\nThe dam held overnight\n\nRescuers left at noon.\nSupport Vessel Post on Patreon!\n\n"
            "Blue background\n\nTry Our AI Features\n\nComments\n\nNo comments yet..."
        ),
        "The dam held overnight\n\nRescuers left at noon.",
    ),
    "a photo credit inside a paragraph": (
        "The dam held. © AFP Vesselian officials praised the rescuers (Photo: Ann Other). They left.",
        "The dam held. Vesselian officials praised the rescuers. They left.",
    ),
    "Windows line ends": (
        "The dam held\r\nThe dam held\r\n\r\nRescuers left.\r\nLeave a Reply\r\n",
        "The dam held\r\n\r\nRescuers left.",
    ),
}


@pytest.mark.parametrize(("page", "article"), list(PAGES.values()), ids=list(PAGES))
def test_page_noise_goes_and_every_sentence_of_the_article_stays(page, article):
    assert cleaned(page).text == article


def test_a_newsletters_tail_goes_to_the_end_of_its_article():
    report = "The dam above Port Vessel held. " * 10
    tail = (
        "See the whole story in Welcome to the Vessel's Harbour newsletter, I'm Ann Other — your guide. Subscribe here. "
        "In Other News The ferry sank. Read more"
    )
    assert cleaned(f"Dam holds\n\n{report}{tail}").text == f"Dam holds\n\n{report}".rstrip()


def test_an_article_about_a_newsletter_keeps_its_text():
    text = "Welcome to the harbour newsletter, the mayor wrote. Then she resigned.\n\nSubscribe to nothing, she added."
    assert cleaned(text).text == text


@pytest.mark.parametrize(
    "sentence",
    [
        "Translated by volunteers, the play opened in Port Vessel on Friday to a full house.",
        "Share prices fell.",
        "Comments by the mayor angered the union.",
        "Read more books, the minister told pupils.",
        "Support for the mayor on Patreon collapsed after the vote.",
        "The strike happened a day ago",
        "Follow the money, the auditor said.",
        "Download the app or stay at home, officials told residents of the flooded quarter.",
        "Читайте також між рядків, радить прессекретар.",
        "Відео дня очевидці передали слідчим.",
        "Реклама тютюну заборонена з січня.",
        "Комментарии мэра возмутили профсоюз.",
        "Переведено 300 миллионов крон, сообщил банк.",
        "Photo evidence was lost.",
        "© is a symbol, the court held, and not a word; it said nothing more on the matter of the harbour's old photographs.",
        "Background:",
        "Що далі з дамбою",
        "War / Peace",
        "Subscribe to the harbour's alarm, the governor urged.",
        "Video of the day the dam broke was shown in court.",
        "Вас можуть зацікавити подробиці, сказав слідчий.",
    ],
)
def test_a_sentence_that_looks_like_noise_stays(sentence):
    text = f"The dam held overnight\n\n{sentence}\n\n{BODY}"
    assert sentence in cleaned(text).text


def test_key_points_between_two_copies_of_a_title_stay():
    text = f"The dam held overnight\n- Rescuers left at noon after five hours\n- Nobody was hurt in the port\nThe dam held overnight\n{BODY}"
    assert "- Rescuers left at noon after five hours\n- Nobody was hurt in the port\n" in cleaned(text).text


def test_a_list_at_the_end_of_an_article_stays():
    text = f"{BODY}\nOpen tomorrow:\n- the port\n- the post office"
    assert cleaned(text).text == text


def test_no_rule_names_an_outlet_of_the_registry():
    # What the rules know must be phrases of pages; a name in them would make the tool treat outlets unequally.
    patterns = " ".join(pattern.pattern.casefold() for _, _, pattern in (*LINE_RULES, *TAIL_RULES))
    assert not [
        name
        for name in ("unian", "yahoo", "the hill", "pravda", "izvestia", "reuters", "bbc")
        if name in patterns
    ]


_PIECES = st.sampled_from(
    [
        "The dam held.",
        "The dam held",
        "- World",
        "• Vessel Post",
        "Vessel Post",
        "time21 minutes ago",
        "Vessel Posta day ago",
        "Leave a Reply",
        "Відео дня",
        "Читайте также: Порт",
        " date 2031-01-14 ",
        "© AFP ",
        "logo",
        "\n",
        "\n\n",
        "\r\n",
        " ",
        "\t",
        "Read more",
        "GET THE APP",
        "Tired of ferries?",
        "Welcome to the Port newsletter. Subscribe",
        "x" * 250,
        "\u2028",
        "\ufeff",
        "e\u0301",
        "🎉",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(_PIECES, max_size=40).map("".join),
    st.lists(_PIECES, max_size=40).map("\n".join),
)


@settings(deadline=None)  # a machine under load, or a model loading, is no failure
@given(TEXTS, st.integers(0, 20), st.integers(0, 20))
@example("logo", 0, 0)
@example("\n\n", 0, 0)
def test_strips_put_back_give_the_region_again(text, before, after):
    whole = "<" * before + text + ">" * after
    region = clean(whole, before, before + len(text))
    position = before
    for strip in region.strips:
        assert position <= strip.start < strip.end <= before + len(text)
        assert whole[strip.start : strip.end] == strip.text
        position = strip.end
    if region.text.strip():
        document = Document(
            document_id="d",
            text=region.text,
            strips=region.strips,
            acquisition=Acquisition(
                source="s",
                raw_sha256="0" * 64,
                raw_start=before,
                raw_end=before + len(text),
                retrieved_at=utc_now(),
            ),
        )
        assert restore(document) == text


_WORDS = st.sampled_from(
    [
        "dam",
        "held",
        "night",
        "порт",
        "дамба",
        "ніхто",
        "не",
        "плотина",
        "Reuters",
        "реклама",
        "video",
        "comments",
        "app",
        "share",
        "logo",
        "21",
    ]
)
_PARAGRAPHS = st.lists(
    st.lists(_WORDS, min_size=5, max_size=12).map(lambda words: f"The {' '.join(words)} said."),
    min_size=1,
    max_size=8,
    unique=True,
)
_NOISE = st.sampled_from(
    [
        "Leave a Reply",
        "Відео дня",
        "Читайте также: Порт откроют завтра",
        "Advertisement",
        "logo",
        "Comments (3)",
        "GET THE APP",
        "21 minutes ago",
        "Read more: Dam holds",
        "Реклама",
        "Вас також можуть зацікавити новини:",
        "THIS LIVE FEED HAS ENDED.",
        "Support the Quay on Patreon!",
    ]
)


@settings(deadline=None)  # a machine under load, or a model loading, is no failure
@given(
    _PARAGRAPHS,
    st.lists(st.tuples(st.integers(0, 8), _NOISE), max_size=6),
    st.sampled_from(["\n", "\n\n", "\r\n"]),
)
def test_noise_strewn_between_paragraphs_takes_none_of_them_along(paragraphs, strewn, newline):
    page = list(paragraphs)
    for place, noise in strewn:
        page.insert(min(place, len(page)), noise)
    kept = [line.strip() for line in cleaned(newline.join(page)).text.splitlines() if line.strip()]
    assert kept == paragraphs


@pytest.mark.parametrize(
    "text",
    [
        "© " * 40_000,
        "Вас " * 40_000,
        " " * 100_000 + "x",
        "Read the full report " * 20_000,
        "- " * 50_000,
        "a\n" * 30_000,
    ],
)
def test_hostile_texts_take_no_longer_than_others(text):
    began = time.process_time()
    cleaned(text)
    line_rule(text[:199])
    assert time.process_time() - began < 2
