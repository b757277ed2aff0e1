"""Sentences: their spans, whatever the text; their boundaries, on texts that are easy to get wrong."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from factories import document
from hypothesis import example, given, settings
from hypothesis import strategies as st

from verifier.segment import ABBREVIATIONS, OPENING_WORDS, segment, spans

GOLD = Path(__file__).parent / "data" / "segmentation.tsv"

_TOKENS = st.sampled_from(
    [
        "Mr.",
        "U.S.",
        "т.",
        "д.",
        "А.",
        "9",
        "янв.",
        "р.",
        "«",
        "»",
        '"',
        "—",
        "-",
        "…",
        "?!",
        ".",
        "!",
        "\n",
        "\r\n",
        "\r",
        " ",
        "\xa0",
        "\t",
        "Слово",
        "word",
        "Capital",
        "п'ять",
        "e\u0301",
        "\u0301",
        "👩‍👩‍👧",
        "🎉",
        "🇺🇦",
        "1.",
        "•",
        "(",
        ")",
        "\u2028",
        "\u200b",
        "。",
        "https://a.example/b.c",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(_TOKENS, max_size=60).map("".join),
    st.lists(_TOKENS, max_size=60).map(" ".join),
)


def _gold():
    for number, line in enumerate(GOLD.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            language, _, marked = line.partition("\t")
            yield pytest.param(marked.replace("\\n", "\n"), id=f"{language}-{number}")


@pytest.mark.parametrize("marked", list(_gold()))
def test_boundaries_that_are_easy_to_get_wrong(marked):
    text = marked.replace("‖", "")
    assert [text[start:end] for start, end in spans(text)] == [part.strip() for part in marked.split("‖")]


@settings(deadline=None)  # a machine under load, or a model loading, is no failure
@given(TEXTS)
@example("\u0301")
@example("a.\u0301 B")
@example("Ends. \U0001f389")
@example("Mr.\r\nAlder\rleft\u2028now")
def test_spans_are_ordered_disjoint_trimmed_and_cover_all_but_space(text):
    found = spans(text)
    position = 0
    for start, end in found:
        assert position <= start < end <= len(text)
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@settings(deadline=None)  # a machine under load, or a model loading, is no failure
@given(TEXTS.filter(str.strip))
def test_sentences_quote_their_document(text):
    source = document(text, document_id="d7")
    sentences = segment(source)
    assert [sentence.ordinal for sentence in sentences] == list(range(len(sentences)))
    for sentence in sentences:
        assert sentence.text == text[sentence.start : sentence.end]
        assert sentence.sentence_id == f"d7.1.{sentence.ordinal}"


def test_a_sentence_has_its_own_language_and_a_short_one_its_documents():
    source = document("Голова сказав коротко. “We will not sign this, and that is final.” Ні.", language="uk")
    assert [sentence.language for sentence in segment(source)] == ["uk", "en", "uk"]


def test_a_hard_wrapped_text_is_not_broken_at_its_lines():
    wrapped = (
        "The delegates left Port Vessel on Friday after three days of talks\n"
        "about the harbour and the ferry. They will return in a fortnight to\n"
        "sign what they could not agree on, said two people who had been in\n"
        "the room.\n\n"
        "Nobody expects much."
    )
    assert [wrapped[start:end].replace("\n", " ") for start, end in spans(wrapped)] == [
        "The delegates left Port Vessel on Friday after three days of talks about the harbour and the ferry.",
        "They will return in a fortnight to sign what they could not agree on, said two people who had been in the room.",
        "Nobody expects much.",
    ]


def test_headings_and_list_items_on_lines_of_their_own_are_sentences():
    text = "Порт відкривають\nПошту зачиняють\n- склади\n- елеватори\nРішення ухвалили в п'ятницю."
    assert len(spans(text)) == 5


@pytest.mark.parametrize(
    "text",
    [
        "." * 50_000,
        "!🎉" * 20_000,
        "🎉" * 50_000 + "x",
        "a. " * 20_000,
        "(" * 50_000,
        " " * 50_000 + ".",
        "А." * 20_000,
        "word.Word" * 20_000,
    ],
)
def test_hostile_texts_take_no_longer_than_others(text):
    began = time.process_time()
    spans(text)
    assert time.process_time() - began < 2


def test_the_tables_know_only_kinds_that_have_a_rule():
    assert {kind for table in ABBREVIATIONS.values() for kind in table} == {
        "never",
        "number",
        "opening",
        "measure",
        "end",
    }
    assert set(ABBREVIATIONS) == set(OPENING_WORDS)
