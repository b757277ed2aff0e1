"""The panel beside an article: give labels, with their definitions in view; see, change and withdraw them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from verifier import pipeline
from verifier.codebooks import Suggestion
from verifier.domain import Annotation, Codebook, Document, LabelMethod, Layer, Level, Sentence, Span
from verifier.pipeline import Services
from verifier.ui import session, theme
from verifier.ui.escape import html_text, markdown_text
from verifier.ui.statement import label_html, labels_of
from verifier.ui.wording import counted

WHOLE_DOCUMENT = "the whole document"
_SENTENCE_SHOWN = 80
"""Characters of a sentence shown in the list to choose from: one line of the panel."""

_LABELS_PX = 300
"""Height of the list of labels with their definitions: it scrolls, so that the button below stays in view."""


def draw(
    services: Services,
    document: Document,
    sentences: Sequence[Sentence],
    *,
    selected: Sentence | None,
    annotations: Sequence[Annotation],
    suggestions: Sequence[Suggestion],
) -> None:
    """Draw the panel for the selected sentence, or for the document when none is selected.

    Args:
        services: the opened services.
        document: what is read.
        sentences: its sentences in reading order.
        selected: the sentence to label, or None.
        annotations: all labels of the document.
        suggestions: what the lexicons found in the selected sentence, relative to it.
    """
    texts = {sentence.sentence_id: f"{sentence.ordinal + 1}. {sentence.text}" for sentence in sentences}
    st.selectbox(
        "Label",
        ["", *texts],
        key="sentence",
        format_func=lambda key: " ".join(texts[key].split())[:_SENTENCE_SHOWN] if key else WHOLE_DOCUMENT,
        help="Click a sentence of the text, or choose it here.",
    )
    if selected is not None:
        st.html(
            f'<p class="cv-selected" lang="{html_text(selected.language)}" dir="auto">{html_text(selected.text)}</p>'
        )
    if not session.annotator():
        theme.draw_note(session.NAME_MISSING)
    _draw_given(services, document, selected, annotations)
    if selected is not None:
        _draw_suggestions(services, document, selected, annotations, suggestions)
    _draw_form(services, document, selected)


def labels_on(sentence: Sentence, annotations: Sequence[Annotation], document: Document) -> list[Annotation]:
    """Return the labels whose span touches a sentence; those on the whole document are not among them."""
    return [a for a in labels_of(sentence, annotations, document) if a.level is not Level.DOCUMENT]


def _draw_given(
    services: Services, document: Document, selected: Sentence | None, annotations: Sequence[Annotation]
) -> None:
    on_document = [a for a in annotations if a.level is Level.DOCUMENT]
    shown = labels_on(selected, annotations, document) if selected else on_document
    where = "this sentence" if selected else "the document"
    theme.draw_kicker(f"{counted(len(shown), 'label')} on {where}")
    for label in shown:
        with st.container(key=f"given-{label.annotation_id}", gap="xsmall"):
            st.html(f'<div class="cv-labels">{label_html(label, services.codebooks)}</div>')
            if label.annotator_id == session.annotator() and label.layer is not Layer.GOLD:
                _draw_own(services, label)
    elsewhere = [
        a for a in annotations if a.span.text_sha256 != document.sha256 and a.level is not Level.DOCUMENT
    ]
    if elsewhere:
        theme.draw_note(f"{counted(len(elsewhere), 'label')} on an older version of this text: see Export.")


def _draw_own(services: Services, label: Annotation) -> None:
    key = label.annotation_id
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key=f"own-{key}"):
        book = services.codebooks.get(label.codebook_id)
        if book is not None:
            with st.popover("Change", key=f"change-{key}", type="tertiary"):
                ids = [known.label_id for known in book.labels]
                st.selectbox(
                    "Label",
                    ids,
                    index=ids.index(label.label) if label.label in ids else 0,
                    format_func=lambda label_id: book.label(label_id).name,
                    key=f"change-label-{key}",
                )
                st.text_area("Note", value=label.note, key=f"change-note-{key}", height=80)
                st.button(
                    "Save", key=f"change-save-{key}", type="primary", on_click=_change, args=(services, label)
                )
        st.button(
            "Withdraw", key=f"withdraw-{key}", type="tertiary", on_click=_withdraw, args=(services, label)
        )


def _draw_suggestions(
    services: Services,
    document: Document,
    selected: Sentence,
    annotations: Sequence[Annotation],
    suggestions: Sequence[Suggestion],
) -> None:
    """Draw what the lexicons suggest, apart from labels that people gave; what the reader accepted before is left out."""
    accepted = {
        (label.span.start - selected.start, label.codebook_id, label.label)
        for label in annotations
        if label.annotator_id == session.annotator() and label.level is Level.SPAN
    }
    pending = [
        suggestion
        for suggestion in suggestions
        if suggestion.codebook_id in services.codebooks
        and (suggestion.start, suggestion.codebook_id, suggestion.label_id) not in accepted
    ]
    if pending:
        theme.draw_kicker("Suggested by the wording lexicon, not set")
    for suggestion in pending:
        key = f"{selected.sentence_id}-{suggestion.start}"
        label = services.codebooks[suggestion.codebook_id].label(suggestion.label_id)
        found = selected.text[suggestion.start : suggestion.end]
        others = f" Others write: {', '.join(suggestion.counterparts)}." if suggestion.counterparts else ""
        with st.container(key=f"suggested-{key}", gap="xsmall"):
            st.html(
                f'<div class="cv-labels"><span class="cv-label">{html_text(label.name)}</span> '
                f'for <span class="cv-quote" dir="auto">“{html_text(found)}”</span><br>'
                f"{html_text(suggestion.explanation)}{html_text(others)}</div>"
            )
            st.button(
                "Accept",
                key=f"accept-{key}",
                on_click=_accept,
                args=(services, document, selected, suggestion),
                disabled=not session.annotator(),
                icon=":material/check:",
            )


def _draw_form(services: Services, document: Document, selected: Sentence | None) -> None:
    books = {key: book for key, book in services.codebooks.items() if _level(book, selected) is not None}
    if not books:
        theme.draw_note("No codebook has labels for this.")
        return
    theme.draw_kicker("Add a label")
    chosen = st.selectbox(
        "Codebook",
        list(books),
        key="codebook",
        format_func=lambda key: f"{books[key].title} · {books[key].kind}, version {books[key].version}",
        label_visibility="collapsed",
    )
    book = books[chosen]
    names = {label.label_id: label for label in book.labels}
    with st.container(height=_LABELS_PX, border=True, key="labels-to-give"):
        st.radio(
            "Label to give",
            list(names),
            key=f"label-{book.codebook_id}",
            index=None,
            format_func=lambda key: markdown_text(names[key].name),
            captions=[markdown_text(label.definition) for label in book.labels],
            label_visibility="collapsed",
        )
    st.text_area(
        "Note", key="note", height=68, label_visibility="collapsed", placeholder="Why this label? (optional)"
    )
    st.button(
        "Add label",
        key="add-label",
        type="primary",
        on_click=_add,
        args=(services, document, selected, book),
        disabled=not session.annotator(),
    )


def _level(book: Codebook, selected: Sentence | None) -> Level | None:
    """Return at which level a codebook labels what is selected; None if it does not."""
    wanted = (Level.SENTENCE, Level.SPAN) if selected is not None else (Level.DOCUMENT,)
    return next((level for level in wanted if level in book.levels), None)


@session.reaction
def _add(services: Services, document: Document, selected: Sentence | None, book: Codebook) -> None:
    label_id = st.session_state.get(f"label-{book.codebook_id}")
    level = _level(book, selected)
    if label_id is None or level is None:
        session.notice("Choose a label first.", failed=True)
        return
    own = _own_already(services, document, selected, book)
    if any(label.label == label_id for label in own):
        session.notice(f"You gave the label {book.label(label_id).name} here already.", failed=True)
        return
    pipeline.label(
        services,
        document_id=document.document_id,
        codebook_id=book.codebook_id,
        label_id=label_id,
        annotator_id=session.annotator(),
        level=level,
        span=Span.of(document.text, selected.start, selected.end) if selected else None,
        note=str(st.session_state.get("note", "")).strip(),
        # Where a codebook allows one label only, a second one takes the place of the first.
        annotation_id=own[0].annotation_id if own and not book.multiple else "",
    )
    st.session_state["note"] = ""
    st.session_state[f"label-{book.codebook_id}"] = None


def _own_already(
    services: Services, document: Document, selected: Sentence | None, book: Codebook
) -> list[Annotation]:
    """Return the reader's own labels of one codebook on exactly what is selected."""
    given = services.store.annotations(document_ids=[document.document_id], annotator_id=session.annotator())
    place = (selected.start, selected.end) if selected else None
    return [
        label
        for label in given
        if label.codebook_id == book.codebook_id
        and (label.level is Level.DOCUMENT if place is None else (label.span.start, label.span.end) == place)
    ]


@session.reaction
def _accept(services: Services, document: Document, selected: Sentence, suggestion: Suggestion) -> None:
    book = services.codebooks[suggestion.codebook_id]
    exact = Level.SPAN in book.levels
    start, end = suggestion.start + selected.start, suggestion.end + selected.start
    pipeline.label(
        services,
        document_id=document.document_id,
        codebook_id=suggestion.codebook_id,
        label_id=suggestion.label_id,
        annotator_id=session.annotator(),
        level=Level.SPAN if exact else Level.SENTENCE,
        span=Span.of(document.text, *((start, end) if exact else (selected.start, selected.end))),
        label_method=LabelMethod.SUGGESTION_ACCEPTED,
    )


@session.reaction
def _change(services: Services, label: Annotation) -> None:
    pipeline.label(
        services,
        document_id=label.document_id,
        codebook_id=label.codebook_id,
        label_id=st.session_state[f"change-label-{label.annotation_id}"],
        annotator_id=session.annotator(),
        level=label.level,
        span=label.span,
        annotation_id=label.annotation_id,
        note=str(st.session_state[f"change-note-{label.annotation_id}"]).strip(),
    )


@session.reaction
def _withdraw(services: Services, label: Annotation) -> None:
    pipeline.withdraw_label(services, label, session.annotator())
