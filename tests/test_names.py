"""Names across alphabets: what is found to be one, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.names import alike, names, shared_names, skeleton

ONE_NAME = [
    ("Witkoff", "Віткофф", "Уиткофф", "Виткоффом"),
    ("Zelensky", "Зеленський", "Зеленский", "Zelenskyy"),
    ("Ushakov", "Ушаков", "Ушакова"),
    ("Moscow", "Москва", "Москві"),
    ("Kyiv", "Київ", "Києві"),
    ("Lindhaven", "Ліндгавен", "Линдхавен"),
    ("Kellogg", "Келлог", "Келлогом"),
    ("Wales", "Уэльс", "Вельс"),
]


@pytest.mark.parametrize("forms", ONE_NAME, ids=lambda forms: forms[0])
def test_the_forms_of_a_name_are_alike(forms):
    assert [form for form in forms if not alike(skeleton(forms[0]), skeleton(form))] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("Moscow", "Minsk"), ("Kushner", "Kellogg"), ("Tarvia", "Velmark"), ("Oslo", "Варшава"), ("A", "А")],
)
def test_other_names_are_not(one, other):
    assert not alike(skeleton(one), skeleton(other))


def test_names_are_shared_across_alphabets_and_cases():
    claim = "Witkoff met Ushakov in Moscow"
    statement = "Про це Ушаков розповів після зустрічі з Віткоффом у Москві."
    assert shared_names(claim, statement) == [
        ("Witkoff", "Віткоффом"),
        ("Ushakov", "Ушаков"),
        ("Moscow", "Москві"),
    ]


@pytest.mark.parametrize(
    ("claim", "statement"),
    [
        ("Putin spoke", "The mayor of Patna spoke"),
        ("Biden left", "He left Baden"),
        ("The UN met", "They met Anna"),
        ("The US voted", "In Asia"),
    ],
)
def test_within_one_language_sounds_are_not_enough(claim, statement):
    assert shared_names(f"Yes, {claim}", f"Yes, {statement}", one_language=True) == []


def test_within_one_language_endings_differ():
    said = shared_names("Говорили в Москві з Оленою", "Місто Москва чекає на пані Олену", one_language=True)
    assert said == [("Москві", "Москва"), ("Оленою", "Олену")]


def test_a_word_that_begins_a_sentence_is_a_name_only_where_the_other_text_shows_it():
    assert [name.text for name in names("Talks began in Lindhaven. Nobody came.")] == ["Lindhaven"]
    assert shared_names("Sorrin voted.", "Talks in Sorrin went on.") == [("Sorrin", "Sorrin")]
    assert shared_names("Talks went on.", "Talks in Sorrin went on.") == []


def test_days_months_and_titles_are_no_names():
    found = [name.text for name in names("On Tuesday, 4 May, President Harlin told Mr Oake of NATO's plan")]
    assert found == ["Harlin", "Oake", "NATO's"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_has_names_that_stand_in_it(one, other):
    assert all(name.text in one for name in names(one))
    assert all(ours in one and theirs in other for ours, theirs in shared_names(one, other))
