"""Dates of claims and statements: what is read, and what agrees."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from verifier.dates import compare, find
from verifier.languages import long_date

WEDNESDAY = date(2025, 12, 3)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("They met on 2 December.", (2025, 12, 2)),
        ("They met on Dec. 2", (2025, 12, 2)),
        ("December 2nd, 2019 it was", (2019, 12, 2)),
        ("Зустрілися 2 грудня 2024 року", (2024, 12, 2)),
        ("Встретились 2 декабря", (2025, 12, 2)),
        ("у вівторок увечері", (2025, 12, 2)),
        ("во вторник вечером", (2025, 12, 2)),
        ("on Wednesday", (2025, 12, 3)),
        ("on Thursday", (2025, 11, 27)),
        ("у січні 2026 року", (2026, 1, None)),
        ("14.10.2025", (2025, 10, 14)),
        ("2025-10-14", (2025, 10, 14)),
        ("5 травня", (2025, 5, 5)),
        ("on 10 January", (2026, 1, 10)),
        ("в четверг", (2025, 11, 27)),
        ("у четвер", (2025, 11, 27)),
        ("In March 12 people died", (None, 3, None)),
        ("in May 2026", (2026, 5, None)),
        ("March 2025 was cold", (2025, 3, None)),
        ("On March 12 people danced", (2025, 3, 12)),
    ],
)
def test_a_date_is_read_beside_the_day_of_publication(text, read):
    (found,) = find(text, WEDNESDAY)
    assert (found.year, found.month, found.day) == read
    assert found.text in text


@pytest.mark.parametrize(
    "text",
    [
        "They may go and march on.",
        "99.99.2025",
        "2025-02-31",
        "маяк светил",
        "Sunnyside",
        "Четверо поранених",
        "четверо раненых",
        "31 february",
    ],
)
def test_what_is_no_date_is_not_read(text):
    assert [found for found in find(text, WEDNESDAY) if found.day is not None] == []


@pytest.mark.parametrize(
    ("claim", "statement", "agree"),
    [
        ("The talks were on 2 December", "Говорили во вторник", True),
        ("The talks were on 3 December", "Говорили во вторник", False),
        ("The talks were on Tuesday", "Зустріч була у вівторок", True),
        ("The talks were on Monday", "Зустріч була у вівторок", False),
        ("The talks were in November", "Переговоры прошли 2 декабря", False),
        ("The talks were in December 2025", "Переговоры прошли 2 декабря", True),
        ("On 1 March or so", "1 January or 1 March", True),
        ("The talks resume on 5 December", "The talks will resume on Friday", True),
        ("The talks resume on 6 December", "The talks will resume on Friday", False),
        ("The ship sank on 3 November", "12 may have died on board", None),
        ("The talks were in November", "Говорили во вторник", None),
        ("The talks were long", "Зустріч була у вівторок", None),
        ("The talks were on Tuesday", "Зустріч була довгою", None),
    ],
)
def test_dates_agree_or_differ(claim, statement, agree):
    found = compare(claim, statement, published=WEDNESDAY)
    assert (found.agree if found else None) is agree


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.sampled_from(["en", "uk", "ru", "de"]))
def test_a_day_in_words_is_read_as_itself(day, language):
    (found,) = find(long_date(day, language), WEDNESDAY)
    assert (found.year, found.month, found.day) == (day.year, day.month, day.day)


PIECES = st.lists(
    st.sampled_from(
        [
            "on Tuesday",
            "5 May",
            "29 February",
            "у п'ятницю",
            "2 декабря",
            "1999",
            "in March",
            "2025-01-31",
            "x",
        ]
    )
    | st.text(max_size=20),
    max_size=5,
).map(" ".join)


@given(PIECES, PIECES, st.dates())
@example("on Tuesday", "on Tuesday", date.min)
@example("5 May", "5 May", date.max)
def test_any_text_can_be_compared(one, other, day):
    compare(one, other, published=day)
