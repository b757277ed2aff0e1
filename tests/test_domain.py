from __future__ import annotations

import pytest
from factories import document
from hypothesis import given
from hypothesis import strategies as st

from verifier.domain import Span, Stance, StanceScores
from verifier.errors import DomainError

TEXTS = st.text(st.characters(exclude_categories=[]), min_size=1, max_size=200)


@given(TEXTS, st.data())
def test_a_span_quotes_its_text_and_knows_it(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = Span.of(text, start, end)
    span.check(text)
    assert span.quote == text[start:end]
    assert text[:start].endswith(span.prefix)
    assert text[end:].startswith(span.suffix)
    with pytest.raises(DomainError):
        span.check(text + "!")


def test_offsets_count_code_points():
    span = Span.of("👨‍👩‍👧 Порт закрито", 6, 10)
    assert span.quote == "Порт"


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, 99)])
def test_a_span_outside_its_text_is_refused(start, end):
    with pytest.raises(DomainError):
        Span.of("Порт", start, end)


def test_a_quote_of_another_length_is_refused():
    with pytest.raises(DomainError, match="code points"):
        Span(start=0, end=3, quote="Порт", text_sha256="0" * 64)


def test_a_document_without_text_is_refused():
    with pytest.raises(DomainError, match="no text"):
        document(" \n\t")


@pytest.mark.parametrize("values", [(0.5, 0.5, 0.5), (-0.1, 0.6, 0.5), (0, 0, 0)])
def test_probabilities_must_be_probabilities(values):
    with pytest.raises(DomainError):
        StanceScores(supports=values[0], refutes=values[1], neutral=values[2])


def test_an_invalid_value_lists_the_valid_ones():
    with pytest.raises(DomainError, match="'supports', 'refutes', 'neutral'"):
        Stance("agrees")
