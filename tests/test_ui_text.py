"""What the pages make of text: escapes that show it letter for letter, and numbers and counts in plain words."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date

import pytest
from factories import evidence
from hypothesis import given
from hypothesis import strategies as st

from verifier.domain import Claim, Decision, Outlet, Rating, StanceScores, Verdict
from verifier.explanation import explain
from verifier.stance import Reliability
from verifier.ui.article import pieces
from verifier.ui.escape import html_link, html_passage, html_text, markdown_text, safe_url
from verifier.ui.statement import card_html, scores_html
from verifier.ui.wording import annotator_name, counted, day, registry_entry, verdict_line

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "**bold** _it_ ~~gone~~ `code`",
    "$x^2$ and $$y$$",
    ":red[hot] :material/delete: :smile: :streamlit:",
    "[link](javascript:alert(1)) ![i](http://x.example/i.png)",
    "# not a heading\n- not a list\n1. neither",
    "a -> b <- c <-> d -- e >= f",
    "</strong></p><script>alert(1)</script>",
    "&lt;already&gt; &amp; \"quoted\" 'too'",
    "https://autolink.example www.autolink.example a@mail.example",
]
PLAIN = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"],
        exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    )
)


@given(PLAIN | st.sampled_from(HOSTILE))
def test_html_text_has_no_markup_and_reads_back(text):
    escaped = html_text(text)
    assert not re.search("[<>\"']", escaped)
    assert html.unescape(escaped) == text


@pytest.mark.parametrize("mark", ["\x00", "\x1b", "\u202e", "\u2066", "\ud800"])
def test_marks_that_hide_or_reorder_text_are_made_visible(mark):
    assert html_text(f"a{mark}b") == "a\N{REPLACEMENT CHARACTER}b"
    assert markdown_text(f"a{mark}b") == "a\N{REPLACEMENT CHARACTER}b"


@given(PLAIN | st.sampled_from(HOSTILE))
def test_markdown_text_escapes_all_punctuation_and_reads_back(text):
    escaped = markdown_text(text)
    assert not re.search(r"[!-/:-@\[-`{-~]", re.sub(r"\\[!-/:-@\[-`{-~]", "", escaped))
    back = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escaped).replace("\u2060", "")
    assert back == " ".join(text.split()).replace("\u2060", "")


@pytest.mark.parametrize("rewritten", [":smile:", "->", "<-", "--", ">=", ":red["])
def test_what_streamlit_rewrites_after_escaping_is_split(rewritten):
    assert rewritten not in re.sub(r"\\", "", markdown_text(f"a {rewritten} b"))


def test_a_long_label_is_cut_with_an_ellipsis():
    assert markdown_text("word " * 40, limit=12) == "word word w…"


@pytest.mark.parametrize("url", ["https://a.example/x?y=1#z", "http://a.example", " https://a.example/п "])
def test_web_addresses_become_links(url):
    assert safe_url(url) == url.strip()
    assert html_link(url).startswith('<a href="http')


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "//a.example",
        "file:///etc/passwd",
        "https://",
        "https://a.example/\u202egpj",
        "https://a.example/ b",
        "https://[bad",
        "",
    ],
)
def test_other_addresses_stay_text(url):
    assert safe_url(url) == ""
    assert "<a" not in html_link(url)


def test_an_address_cannot_leave_its_attribute():
    link = html_link('https://a.example/"onmouseover="alert(1)')
    assert 'href="https://a.example/&quot;onmouseover=&quot;alert(1)"' in link


def test_a_passage_marks_the_sentence_and_follows_the_language():
    passage = html_passage("Before.", "The <b>sentence</b>.", "", "ar")
    assert "<strong>The &lt;b&gt;sentence&lt;/b&gt;.</strong>" in passage
    assert 'lang="ar" dir="rtl"' in passage
    assert 'dir="ltr"' in html_passage("", "x", "", "uk")


def _decision(supporting=0, refuting=0, for_outlets=0, against_outlets=0, *, related=0, code="conflicting"):
    return Decision(
        verdict=Verdict.CONFLICTING_EVIDENCE,
        reason_code=code,
        reason="",
        supporting=supporting,
        refuting=refuting,
        related=related,
        supporting_outlets=for_outlets,
        refuting_outlets=against_outlets,
    )


@pytest.mark.parametrize(
    ("decision", "line"),
    [
        (_decision(3, 1, 2, 1, related=0), "3 statements from 2 outlets corroborate, 1 contradicts."),
        (
            _decision(1, 3, 1, 2, related=0),
            "1 statement from 1 outlet corroborates, 3 from 2 outlets contradict.",
        ),
        (_decision(2, 0, 1, 0, related=5), "2 statements from 1 outlet corroborate, none contradicts."),
        (_decision(0, 1, 0, 1, related=5), "1 statement from 1 outlet contradicts, none corroborates."),
        (_decision(related=1, code="nothing-takes-sides"), "1 statement is related, none takes a side."),
        (_decision(related=7, code="nothing-takes-sides"), "7 statements are related, none takes a side."),
        (_decision(code="nothing-found"), "Nothing near enough to this claim was found."),
    ],
)
def test_the_verdict_line_counts_in_plain_words(decision, line):
    assert verdict_line(decision) == line


def test_control_is_said_by_whom_or_not_at_all():
    stated = Outlet(outlet_id="a", name="A", state_controlled=True, state_controlled_by="Rater R")
    rated = Outlet(
        outlet_id="b",
        name="B",
        ratings=(Rating(rater="R", code="SC", meaning="state controlled", rated_on="2031"),),
    )
    assert registry_entry(stated) == ("state-controlled, says Rater R", "")
    assert registry_entry(rated) == ("control: not stated", "SC (state controlled) – R, 2031")
    assert registry_entry(None) == ("not in the outlet registry", "")


def test_probabilities_are_words_and_numbers_too():
    shown = scores_html(StanceScores(supports=0.72, refutes=0.05, neutral=0.23))
    assert "<span class=cv-top>+ corroborates 72%</span>" in shown
    assert "− contradicts 5%" in shown
    assert "~ related 23%" in shown


def test_a_card_says_why_the_statement_is_here():
    found = evidence(probability=0.95)
    claim = Claim(claim_id="c", text="The <dam> holds since 2 May", language="en")
    found = replace(found, sentence=replace(found.sentence, text="The dam <b>holds</b>, they said on 4 May."))
    levels = [Reliability(low=0.9, high=1.01, count=40, right=33)]
    card = card_html(found, outlet=None, codebooks={}, explanation=explain(claim, found, levels))
    for said in ("Why here?", "holds", "very sure that it corroborates", "33 of 40", "dates differ"):
        assert said in card
    assert "<b>holds</b>" not in card, "foreign text is escaped"


def test_simulated_annotators_are_called_so():
    assert annotator_name("simulated-2") == "simulated annotator 2"
    assert annotator_name("quill") == "quill"


def test_counts_and_days():
    assert counted(1, "outlet") == "1 outlet"
    assert counted(12_345, "sentence") == "12\u202f345 sentences"
    assert day(date(2031, 5, 3)) == "3 May 2031"
    assert day(None) == "no date"


def test_the_pieces_of_an_article_are_its_text(article_with_sentences):
    document, sentences, suggestions = article_with_sentences
    cut = pieces(document, sentences, selected=sentences[1].sentence_id, labels={}, suggestions=suggestions)
    joined = "".join(
        piece.get("text", "") + "".join(part["text"] for part in piece.get("parts", ())) for piece in cut
    )
    assert joined == document.text
    assert [part["text"] for piece in cut for part in piece.get("parts", ()) if part["suggested"]] == [
        "so-called 🚢"
    ]
    assert [piece["id"] for piece in cut if piece.get("selected")] == [sentences[1].sentence_id]


@pytest.fixture
def article_with_sentences(now):
    from verifier.codebooks import Suggestion
    from verifier.domain import Acquisition, Document
    from verifier.segment import segment

    text = "The ferry 🚢 sailed.\n\nThe so-called 🚢 rescue came late. Nobody was hurt.\n"
    document = Document(
        document_id="d",
        text=text,
        language="en",
        acquisition=Acquisition(source="a", raw_sha256="0" * 64, retrieved_at=now),
    )
    sentences = segment(document)
    second = sentences[1]
    start = second.text.index("so-called")
    found = Suggestion(
        start=start, end=start + len("so-called 🚢"), codebook_id="c", label_id="l", term="so-called"
    )
    return document, sentences, {second.sentence_id: [found]}
