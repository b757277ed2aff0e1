"""What the tool says about why a statement was found and why it stands in its column."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from factories import evidence

import verifier
from verifier.domain import Claim, Hit, Stance, StanceScores
from verifier.explanation import explain
from verifier.stance import Reliability, reliability


def claim(text, language="en"):
    return Claim(claim_id="c", text=text, language=language)


def found(text, *, language="en", before="", published=date(2025, 12, 3), hit=None, **more):
    base = evidence(**more)
    return replace(
        base,
        sentence=replace(base.sentence, text=text, language=language),
        document=replace(base.document, language=language, published_at=published),
        context_before=before,
        hit=hit or base.hit,
    )


def test_words_in_common_are_shown_as_the_statement_has_them():
    why = explain(claim("Nine dams were closed in Sorrin"), found("The town closes 9 dams, Nine Dams closed"))
    assert why.words == ("closes", "dams", "nine", "closed")


def test_light_and_short_words_are_not_shown():
    assert explain(claim("They said that it was over"), found("They said that it will be over")).words == ()


def test_names_are_matched_across_alphabets_and_in_the_sentence_before():
    why = explain(
        claim("Witkoff was received in Moscow by Ushakov"),
        found(
            "Розмова з Віткоффом тривала годину.", language="uk", before="Про це в Москві розповів Ушаков."
        ),
    )
    assert dict(why.names) == {"Witkoff": "Віткоффом", "Moscow": "Москві", "Ushakov": "Ушаков"}


def test_names_of_the_claim_only_are_told_within_one_language():
    said = claim("The talks in Lindhaven were led by Harlin")
    assert explain(said, found("Talks went on in Lindhaven.")).names_missing == ("Harlin",)
    assert explain(said, found("Переговори тривали.", language="uk")).names_missing == ()


def test_dates_are_read_beside_the_day_of_publication():
    why = explain(claim("They met on 1 December"), found("Встретились во вторник.", language="ru"))
    assert why.dates is not None
    assert not why.dates.agree


@pytest.mark.parametrize(("lexical", "by_words"), [(None, False), (0.0, False), (2.0, True)])
def test_the_legs_that_found_it_are_named(lexical, by_words):
    hit = Hit(sentence_id="s", score=1, dense_score=0.5, lexical_score=lexical)
    why = explain(claim("The dam holds."), found("The dam holds.", hit=hit))
    assert (why.nearness, why.by_words) == (0.5, by_words)


@pytest.mark.parametrize(
    ("stance", "probability", "word"),
    [
        (Stance.SUPPORTS, 0.95, "very sure"),
        (Stance.REFUTES, 0.8, "fairly sure"),
        (Stance.NEUTRAL, 0.5, "unsure"),
    ],
)
def test_sureness_follows_the_probability_of_the_column(stance, probability, word):
    assert explain(claim("x"), found("y", stance=stance, probability=probability)).sureness == word


def test_how_often_it_was_right_is_told_for_that_sureness():
    levels = [
        Reliability(low=0, high=0.9, count=9, right=3),
        Reliability(low=0.9, high=1.01, count=40, right=33),
    ]
    why = explain(claim("x"), found("y", probability=0.95), levels)
    assert "33 of 40" in why.measured
    assert explain(claim("x"), found("y", probability=0.95)).measured == ""


def test_nothing_is_counted_where_the_column_is_not_the_likeliest_stance():
    levels = [Reliability(low=0, high=1.01, count=40, right=33)]
    statement = found("y", probability=0.46)
    statement = replace(statement, scores=StanceScores(supports=0.46, refutes=0.0, neutral=0.54))
    assert explain(claim("x"), statement, levels).measured == ""


def test_the_levels_of_the_bundled_model_cover_every_sureness():
    raw = json.loads((Path(verifier.__file__).parent / "weights" / "stance.json").read_text(encoding="utf-8"))
    levels = reliability(f"{raw['id']} {raw['version']}@0123456789abcdef")
    assert levels[0].low == 0
    assert levels[-1].high > 1
    assert all(one.high == other.low for one, other in pairwise(levels))
    assert all(0 <= level.right <= level.count for level in levels)


def test_reliability_is_that_of_the_bundled_model_only():
    assert reliability("somebody/else@0123456789abcdef") == ()
