from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.quantities import COUNT, compare, find


def _one(text):
    (found,) = find(text)
    return found


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("It burned for nine hours.", "duration", 9),
        ("Горіло дев’ять годин.", "duration", 9),
        ("Горело девять часов.", "duration", 9),
        ("after ninety minutes", "duration", 1.5),
        ("півтори години", "duration", 1.5),
        ("half an hour", "duration", 0.5),
        ("three and a half days", "duration", 84),
        ("14 %", "share", 14),
        ("forty per cent", "share", 40),
        ("сорок відсотків", "share", 40),
        ("12,5 процента", "share", 12.5),
        ("$3.2 billion", "dollar", 3.2e9),
        ("3,2 млрд доларів", "dollar", 3.2e9),
        ("800 миллионов гривен", "hryvnia", 8e8),
        ("1 200 тонн", "mass", 1200),
        ("40,000 tonnes", "mass", 40_000),
        ("двадцать один человек", COUNT, 21),
        ("twenty-one workers", COUNT, 21),
        ("три тисячі учасників", COUNT, 3000),
    ],
)
def test_amounts_are_read_in_three_languages(text, kind, value):
    found = _one(text)
    assert found.kind == kind
    assert found.low < value < found.high
    assert found.high <= value * 1.051 + 1e-6


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("more than 300 km", 300, math.inf),
        ("понад 300 км", 300, math.inf),
        ("менее часа", -1, 1),
        ("менше ніж дві години", -1, 2),
        ("not more than seven hours", -1, 7),
        ("щонайменше сім годин", 7, math.inf),
    ],
)
def test_bounds_open_the_interval(text, low, high):
    found = _one(text)
    assert found.low == pytest.approx(low, rel=1e-4)
    assert found.high == pytest.approx(high)


@pytest.mark.parametrize(
    "text",
    [
        "on 3 December 2031",
        "3 грудня 2031 року",
        "в 2031 году",
        "at 4:40 in the morning",
        "the first of the delegations",
        "one of them",
        "за час переговорів",
        "",
    ],
)
def test_dates_years_clock_times_and_ordinals_are_no_quantities(text):
    assert list(find(text)) == []


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The fire burned for less than two hours.", "Пожежа тривала дев’ять годин."),
        ("Тариф підвищили на 40 %.", "The price rose by fourteen per cent."),
        ("Ремонт обошёлся в три миллиона долларов.", "The repair cost $30 million."),
    ],
)
def test_amounts_that_cannot_be_the_same_are_found_across_languages(claim, evidence):
    found = compare(claim, evidence)
    assert not found.agree
    assert found.claim.text in claim
    assert found.evidence.text in evidence


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("It lasted almost ten hours.", "Воно тривало понад дев’ять годин."),
        ("It lasted two days.", "It took 48 hours."),
        ("It lasted nine hours.", "The first part took two hours, the whole nine hours."),
    ],
)
def test_amounts_that_may_be_the_same_agree(claim, evidence):
    assert compare(claim, evidence).agree


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("It lasted two days.", "It cost 48 million dollars."),
        ("Twelve were hurt.", "Two were killed and 21 hurt."),
        ("It lasted long.", "It lasted nine hours."),
        ("It lasted nine hours and cost $3 million.", "It lasted nine hours."),
    ],
)
def test_amounts_of_other_things_are_not_compared(claim, evidence):
    assert compare(claim, evidence) is None


@given(st.text())
def test_any_text_can_be_read(text):
    for found in find(text):
        assert found.low <= found.high
        assert found.text in text


@given(st.integers(2, 10_000), st.sampled_from(["hours", "%", "км", "тонн"]))
def test_a_text_agrees_with_itself(number, unit):
    text = f"It was {number} {unit}."
    assert compare(text, text).agree


@pytest.mark.parametrize(
    ("claim", "statement", "agree"),
    [
        ("It lasted almost five hours.", "It broke up in just more than an hour.", False),
        ("It lasted about an hour.", "It broke up in just over an hour.", True),
        ("Тривало п'ять годин.", "Тривало трохи більше ніж годину.", False),
        ("Это длилось около часа.", "Это длилось чуть более часа.", True),
        ("It lasted more than two hours.", "It lasted just under two hours.", False),
        ("Длилось около двух часов.", "Длилось чуть менее двух часов.", True),
    ],
)
def test_just_over_and_just_under_are_near(claim, statement, agree):
    found = compare(claim, statement)
    assert (found.agree if found else None) is agree


@pytest.mark.parametrize("text", ["12 marines came.", "About 40 decided to stay.", "Приїхало 30 травників."])
def test_a_word_that_begins_like_a_month_makes_no_date(text):
    assert [found.kind for found in find(text)] == [COUNT]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Three quarters of the seats are empty.", 71, 79),
        ("Prices rose by more than a quarter.", 25, math.inf),
        ("Less than a tenth of the sum came.", -1, 10),
        ("Тариф зріс менш ніж на десяту частину.", -1, 10),
        ("Две пятых стока.", 38, 42),
        ("Борг збільшився на чверть.", 23, 27),
        ("Треть учеников болеет; не меньше половины дома.", 50, math.inf),
        ("Зарплата выросла почти вдвое.", 85, 102),
        ("The fee doubled.", 95, 105),
    ],
)
def test_parts_of_a_whole_are_shares(text, low, high):
    (found,) = (q for q in find(text) if q.kind == "share")
    assert (found.low, found.high) == (pytest.approx(low, abs=1), pytest.approx(high, abs=1))


@pytest.mark.parametrize(
    "text",
    [
        "In the third quarter a third suspect came third.",
        "It took half an hour and a quarter of a day.",
        "Четверть часа до четвертьфинала, на десятый день.",
        "Хлеб подешевел вдвое.",
        "On the fifth of May half a million came.",
        "Fewer than half a dozen stayed.",
    ],
)
def test_what_only_looks_like_a_part_is_no_share(text):
    assert [q.text for q in find(text) if q.kind == "share"] == []


@pytest.mark.parametrize(
    ("claim", "statement", "agree"),
    [
        ("The tank is 75 per cent full.", "It is about three-quarters full, the harbour says.", True),
        ("Prices have almost doubled.", "Ціни зросли на дев'ять відсотків.", False),
        ("He has a whole month to sign.", "На это у него десять дней.", False),
        ("The dam cost over a billion crowns.", "Вона обійшлася в 1,1 мільярда крон.", True),
        ("Менш ніж на 9 % дорожче.", "Prices rose by 14 per cent.", False),
        ("It began at 5 a.m.", "The pier is two kilometres long.", None),
        ("It lasted more than seven hours.", "They had ten days to pack.", None),
        ("It lasted more than seven hours.", "Тривало понад вісім годин.", True),
    ],
)
def test_amounts_in_other_words_are_compared(claim, statement, agree):
    found = compare(claim, statement)
    assert (found.agree if found else None) is agree
