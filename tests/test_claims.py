"""The ranking of checkable sentences: what it prefers, in three languages, and what holds for any text; and the gold it is measured on."""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import claims
from verifier.config import load_settings
from verifier.domain import Sentence
from verifier.ingest import IngestOptions, read_documents
from verifier.segment import segment

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
GOLD = [json.loads(line) for line in (SEEDS / "gold" / "checkable.jsonl").read_text("utf-8").splitlines()]
LANGUAGES = ("en", "uk", "ru")

PIECES = [
    *(
        "14",
        "%",
        "—",
        "«",
        "»",
        "“",
        "”",
        "?",
        "!",
        ".",
        ":",
        "4:40",
        "1,9",
        "U.S.",
        "said",
        "May",
        "I",
        "it's",
        "İ",
        "ﬁ",
    ),
    *("повідомила", "п’ять", "вчера", "Ньютаун", "ё", "É", "U.S.", "\u0301", "🙂"),
]
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(PIECES),
        max_size=20,
    ).map(" ".join),
)
TAGS = st.sampled_from(["en", "uk", "ru", "en-GB", "de", "ar", "und", ""])


def score(text, language="en"):
    return claims.assess(text, language).score


def kinds(text, language="en"):
    return {sign.kind for sign in claims.assess(text, language).signs}


def said(text, language="en"):
    return {sign.kind: sign.text for sign in claims.assess(text, language).signs}


def sentence(text, ordinal=0, language="en"):
    return Sentence(
        sentence_id=f"d.1.{ordinal}",
        document_id="d",
        version=1,
        ordinal=ordinal,
        start=0,
        end=len(text),
        text=text,
        language=language,
    )


# ---- what is preferred


@pytest.mark.parametrize(
    ("language", "better", "worse"),
    [
        (
            "en",
            "The harbour master of Oddney closed three piers on Monday.",
            "The harbour is a wonderful place to be.",
        ),
        ("en", "The council fined the brewery 40,000 crowns in May.", "Will the council fine the brewery?"),
        ("en", "Officials said the mill burnt down last year.", "I hope the mill will be rebuilt."),
        ("en", "Two guards were arrested at the gate.", "Subscribe to our newsletter!"),
        ("en", "The lake rose by two metres in March.", "Let us look after our lake."),
        (
            "uk",
            "У березні поліція затримала трьох митників у порту Соляний.",
            "Це чудове місто, і я його люблю.",
        ),
        ("uk", "Завод звільнив двісті робітників.", "Чи звільнить завод робітників?"),
        ("uk", "Міністр подав у відставку, повідомила його речниця.", "Сподіваюся, міністр скоро піде."),
        ("uk", "Ціни на хліб зросли на 9 відсотків.", "Читайте нас і підписуйтеся!"),
        (
            "ru",
            "В марте полиция задержала троих таможенников в порту Соляном.",
            "Это прекрасный город, и я его люблю.",
        ),
        ("ru", "Завод уволил двести рабочих.", "Уволит ли завод рабочих?"),
        ("ru", "Министр подал в отставку, сообщила его пресс-секретарь.", "Надеюсь, министр скоро уйдёт."),
        ("ru", "Цены на хлеб выросли на 9 процентов.", "Читайте нас и подписывайтесь!"),
    ],
)
def test_a_fact_outranks_opinion_questions_wishes_and_leftovers(language, better, worse):
    first, second = claims.assess(better, language), claims.assess(worse, language)
    assert first.score > second.score + 0.3
    assert (first.checkable, second.checkable) == (True, False)


@pytest.mark.parametrize(
    ("language", "plain", "more"),
    [
        ("en", "The ferry sank.", "The ferry sank with 14 people."),
        ("en", "The ferry left the pier.", "The ferry left the pier on Tuesday."),
        ("uk", "Пором відійшов від причалу.", "Пором відійшов від причалу о 6:30."),
        ("ru", "Паром отошёл от причала.", "Паром отошёл от причала в 6:30."),
    ],
)
def test_a_number_or_a_time_makes_a_sentence_more_checkable(language, plain, more):
    assert score(more, language) > score(plain, language)


def test_reasons_quote_the_words_and_tell_the_sides_apart():
    reasons = claims.assess("The regional minister Ada Quill will hardly repay 14 per cent.", "en").reasons
    assert "number: 14 per cent" in reasons
    assert "name: Ada Quill" in reasons
    assert "but future or wish: will" in reasons
    assert list(reasons) == sorted(reasons, key=lambda reason: reason.startswith("but "))


def test_a_sentence_that_leans_on_the_one_before_says_so():
    assert said("She denied it on Friday.")["leans on the sentence before"] == "She"
    assert said("Її звільнили в п’ятницю.", "uk")["leans on the sentence before"] == "Її"
    assert "leans on the sentence before" not in kinds("Shetland denied it on Friday.")


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("The US opened two offices.", "en", "first person"),
        ("In May the dam broke.", "en", "future or wish"),
        ("Indeed the need is there.", "en", "event"),
        ("Четверо з них поїхали.", "uk", "date"),
        ("Документ не підписали.", "uk", "page leftover"),
        ("Спасатели и жители рядом.", "ru", "event"),
        ("Школа біля річки, а далі місто і поле.", "uk", "event"),
    ],
)
def test_words_that_only_look_alike_are_no_sign(text, language, kind):
    assert kind not in kinds(text, language)


def test_a_month_is_a_date_and_no_name():
    assert said("The dam broke in October.") == {"date": "October", "event": "broke", "public matter": "dam"}


def test_names_are_capitals_inside_a_sentence():
    assert "name" not in kinds("Yesterday it rained.")
    assert said("Then Ada Quill left the U.S. for good.")["name"] == "Ada Quill"
    assert said("UNESCO listed the mill.")["name"] == "UNESCO"
    assert "name" not in kinds("THE MILL IS CLOSED FOR GOOD")


def test_of_other_languages_only_numbers_names_and_marks_are_read():
    found = claims.assess("Gestern sagte Frau Quill, 14 Boote seien gesunken.", "de")
    assert {sign.kind for sign in found.signs} == {"number", "name"}
    assert not found.by_words
    assert "language without word lists" in found.reasons[-1]
    assert claims.assess("Two boats sank.", "en").by_words


# ---- what holds for any text


@given(text=TEXTS, language=TAGS)
def test_any_text_gets_a_score_and_exact_places(text, language):
    found = claims.assess(text, language)
    assert found == claims.assess(text, language)
    assert 0 <= found.score <= 1
    assert found.checkable == (found.score >= claims.CHECKABLE_FROM)
    for sign in found.signs:
        assert text[sign.start : sign.end] == sign.text
    assert len({sign.kind for sign in found.signs}) == len(found.signs)
    assert {sign.kind for sign in found.signs} <= {*claims.FOR, *claims.AGAINST}


@given(texts=st.lists(TEXTS, max_size=12), seed=st.integers(0, 999))
def test_a_sentence_is_ranked_by_itself(texts, seed):
    given_order = [sentence(text, number) for number, text in enumerate(texts)]
    shuffled = random.Random(seed).sample(given_order, len(given_order))
    alone = {item.sentence_id: claims.assess(item.text, item.language) for item in given_order}
    for order in (given_order, shuffled):
        ranked = claims.rank(order)
        assert [item.rank for item in ranked] == list(range(1, len(order) + 1))
        assert {item.sentence.sentence_id: item.assessment for item in ranked} == alone
        scores = [item.assessment.score for item in ranked]
        assert scores == sorted(scores, reverse=True)


def test_equal_sentences_stay_in_reading_order():
    ranked = claims.rank([sentence("The mill burnt.", number) for number in range(5)])
    assert [item.sentence.ordinal for item in ranked] == list(range(5))


def test_every_kind_of_sign_has_a_weight_of_its_side():
    assert set(claims.WEIGHTS) == {*claims.FOR, *claims.AGAINST}
    assert all(claims.WEIGHTS[kind] > 0 for kind in claims.FOR)
    assert all(claims.WEIGHTS[kind] < 0 for kind in claims.AGAINST)


# ---- the gold


@pytest.mark.parametrize(("language", "floor"), [("en", 0.78), ("uk", 0.90), ("ru", 0.90)])
def test_on_the_measuring_half_what_is_worth_checking_comes_first(language, floor):
    rows = [row for row in GOLD if row["half"] == "measure" and row["language"] == language]
    rows.sort(key=lambda row: -score(row["text"], language))
    places = [place for place, row in enumerate(rows, start=1) if row["grade"] == 2]
    precision = [number / place for number, place in enumerate(places, start=1)]
    assert sum(precision) / len(precision) >= floor


def test_gold_records_have_exactly_the_documented_fields():
    fields = {
        "item_id",
        "document",
        "genre",
        "file",
        "article",
        "ordinal",
        "text",
        "language",
        "grade",
        "half",
    }
    assert all(set(row) == fields for row in GOLD)
    assert len({row["item_id"] for row in GOLD}) == len({row["text"] for row in GOLD}) == len(GOLD)
    assert {row["grade"] for row in GOLD} == {0, 1, 2}
    assert (SEEDS / "gold" / "README.md").read_text("utf-8").count("`checkable.jsonl`") == 1


def test_gold_is_large_enough_and_half_of_it_measures():
    languages = Counter(row["language"] for row in GOLD)
    assert len(GOLD) >= 240
    assert min(languages[language] for language in LANGUAGES) >= 80
    for language in LANGUAGES:
        halves = Counter(row["half"] for row in GOLD if row["language"] == language)
        assert 0.4 <= halves["measure"] / halves.total() <= 0.6
        written = Counter(bool(row["file"]) for row in GOLD if row["language"] == language)
        assert 0.4 <= written[True] / written.total() <= 0.6


def test_gold_documents_are_whole_and_in_one_half():
    documents = defaultdict(list)
    for row in GOLD:
        documents[row["document"]].append(row)
    for rows in documents.values():
        assert [row["ordinal"] for row in rows] == list(range(len(rows)))
        assert len({(row["half"], row["language"], row["genre"], row["file"]) for row in rows}) == 1


def test_gold_of_the_corpus_quotes_its_sentences():
    settings = load_settings(environ={})
    documents = [
        item
        for item in read_documents(
            [SEEDS / "corpus"],
            options=IngestOptions(),
            settings=settings.ingest,
            now=datetime(2031, 5, 4, tzinfo=UTC),
        )
        if hasattr(item, "text")
    ]
    quoted = defaultdict(list)
    for row in GOLD:
        if row["file"]:
            quoted[row["file"], row["article"]].append(row["text"])
    for (file, article), texts in quoted.items():
        (document,) = [
            d
            for d in documents
            if Path(d.acquisition.source.split(", ")[0]).name == file and article in {"", d.title}
        ]
        assert [s.text for s in segment(document)] == texts
        assert all(document.text.count(text) == 1 for text in texts)


def test_gold_is_written_in_the_language_it_names():
    foreign = {"en": "[а-яёіїєґ]", "uk": "[ыэёъ]", "ru": "[іїєґ]"}
    wrong = [row["text"] for row in GOLD if re.search(foreign[row["language"]], row["text"].lower())]
    assert wrong == []
