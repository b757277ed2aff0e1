"""An article on screen whose sentences can be picked by click or key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from verifier.codebooks import Suggestion
from verifier.domain import Document, Sentence
from verifier.languages import direction
from verifier.ui.theme import asset

KEY = "article"


def draw(
    document: Document,
    sentences: Sequence[Sentence],
    *,
    selected: str,
    labels: Mapping[str, Sequence[str]],
    suggestions: Mapping[str, Sequence[Suggestion]],
    on_pick: Callable[[str], None],
) -> None:
    """Draw the text of a document.

    Args:
        document: whose frozen text is shown, unchanged.
        sentences: its sentences in reading order.
        selected: the id of the sentence that is marked; empty for none.
        labels: names of the labels on a sentence, by its id.
        suggestions: places where a lexicon found a term, by sentence id, relative to the sentence.
        on_pick: called with the id of the sentence that was picked.
    """

    def picked() -> None:
        sentence_id = st.session_state[KEY].picked
        if sentence_id:
            on_pick(str(sentence_id))

    # Registered on every run, as Streamlit forgets components when its server starts anew; the name makes it the same one.
    mount = st.components.v2.component(
        "verifier_article",
        html='<div class="cv-article"></div>',
        js=asset("article.js"),
        isolate_styles=False,
    )
    mount(
        key=KEY,
        data={
            "direction": direction(document.language),
            "language": document.language,
            "selected": selected,
            "pieces": pieces(document, sentences, selected=selected, labels=labels, suggestions=suggestions),
        },
        on_picked_change=picked,
    )


def pieces(
    document: Document,
    sentences: Sequence[Sentence],
    *,
    selected: str,
    labels: Mapping[str, Sequence[str]],
    suggestions: Mapping[str, Sequence[Suggestion]],
) -> list[dict[str, Any]]:
    """Cut a document into sentences and the gaps between them; joined, the pieces are its text."""
    cut: list[dict[str, Any]] = []
    at = 0
    for sentence in sentences:
        if sentence.start > at:
            cut.append({"id": "", "text": document.text[at : sentence.start]})
        cut.append(
            {
                "id": sentence.sentence_id,
                "selected": sentence.sentence_id == selected,
                "labels": list(labels.get(sentence.sentence_id, ())),
                "parts": _parts(sentence.text, suggestions.get(sentence.sentence_id, ())),
            }
        )
        at = sentence.end
    if at < len(document.text):
        cut.append({"id": "", "text": document.text[at:]})
    return cut


def _parts(text: str, suggestions: Sequence[Suggestion]) -> list[dict[str, Any]]:
    """Cut a sentence where suggested terms begin and end; done here because JavaScript counts text in other units."""
    parts: list[dict[str, Any]] = []
    at = 0
    for suggestion in suggestions:
        if suggestion.start > at:
            parts.append({"text": text[at : suggestion.start], "suggested": False})
        parts.append({"text": text[suggestion.start : suggestion.end], "suggested": True})
        at = suggestion.end
    if at < len(text):
        parts.append({"text": text[at:], "suggested": False})
    return parts
