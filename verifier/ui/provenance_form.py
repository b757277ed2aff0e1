"""The form for the document as a whole beside its text: its path, its translation, its sources, and the labels of any other codebook for documents.

What the text itself says of its sources is suggested, apart from what is set, until somebody accepts or rejects it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import streamlit as st

from verifier import attribution, pipeline
from verifier.attribution import ProvenanceSuggestion
from verifier.domain import Annotation, Codebook, Label, LabelMethod, Layer, Level
from verifier.pipeline import Services
from verifier.ui import session, theme
from verifier.ui.desk import Desk
from verifier.ui.escape import html_text, markdown_text
from verifier.ui.wording import counted

PROVENANCE = "provenance"
"""The codebook whose labels are suggested here."""

_PATH = "Path"
"""The group of its labels that carries the chain of relays in the note, as its guidelines have it."""


def draw(services: Services, desk: Desk) -> None:
    """Draw the form for every codebook at hand that labels whole documents, provenance first."""
    books = [
        services.codebooks[key]
        for key in desk.codebook_ids
        if services.codebooks[key].labels_at(Level.DOCUMENT)
    ]
    books.sort(key=lambda book: book.codebook_id != PROVENANCE)
    if not books:
        theme.draw_note("None of the codebooks at hand labels whole documents.")
        return
    everything = desk.visible(services, services.store.annotations(document_ids=[desk.document.document_id]))
    for book in books:
        on_document = [
            one
            for one in everything
            if one.level is Level.DOCUMENT
            and one.codebook_id == book.codebook_id
            and one.span.text_sha256 == desk.document.sha256
        ]
        own = [one for one in on_document if one.annotator_id == desk.annotator_id]
        given = [one for one in own if one.layer is Layer.ANNOTATOR]
        theme.draw_kicker(book.title)
        if book.codebook_id == PROVENANCE and desk.conditions.suggestions_shown:
            _draw_suggestions(services, desk, book, own)
        if book.multiple:
            _draw_many(services, desk, book, given)
        else:
            _draw_one(services, desk, book, given)
        if book.codebook_id == PROVENANCE:
            _draw_chain(services, desk, book, given)
        others = len(
            {one.annotator_id for one in on_document if one.layer is Layer.ANNOTATOR} - {desk.annotator_id}
        )
        if others:
            theme.draw_note(f"{counted(others, 'other person', 'other people')} labelled this document, too.")


# ---- suggestions


def _draw_suggestions(services: Services, desk: Desk, book: Codebook, own: Sequence[Annotation]) -> None:
    """Draw what the text and its fields speak for and this person has neither given nor rejected."""
    decided = {one.label for one in own}
    pending = [
        one
        for one in attribution.suggest(desk.document, outlet_hidden=desk.conditions.outlet_hidden)
        if one.label_id not in decided
    ]
    if not pending:
        return
    theme.draw_note("Suggested by words of the text, not set:")
    for suggestion in pending:
        key = f"{desk.document.document_id}-{suggestion.label_id}"
        quote = (
            f" <span class='cv-quote' dir='auto'>“{html_text(suggestion.quote)}”</span>"
            if suggestion.quote
            else ""
        )
        more = f" and {suggestion.more} more" if suggestion.more else ""
        chain = f"<br>{html_text(suggestion.note)}" if suggestion.note else ""
        with st.container(key=f"provenance-{key}", gap="xsmall"):
            st.html(
                f'<div class="cv-labels"><span class="cv-label">{html_text(book.label(suggestion.label_id).name)}</span>'
                f"{quote}{more}<br>{html_text(suggestion.explanation)}{chain}</div>"
            )
            with st.container(horizontal=True, gap="small"):
                for word, method in (
                    ("Accept", LabelMethod.SUGGESTION_ACCEPTED),
                    ("Reject", LabelMethod.SUGGESTION_REJECTED),
                ):
                    st.button(
                        word,
                        key=f"provenance-{word.lower()}-{key}",
                        on_click=_decide,
                        args=(services, desk, book, suggestion, method),
                        disabled=desk.readonly,
                    )


@session.reaction
def _decide(
    services: Services, desk: Desk, book: Codebook, suggestion: ProvenanceSuggestion, method: LabelMethod
) -> None:
    _give(
        services,
        desk,
        book,
        suggestion.label_id,
        note=suggestion.note,
        label_method=method,
        layer=Layer.SUGGESTION if method is LabelMethod.SUGGESTION_REJECTED else Layer.ANNOTATOR,
        suggestion_model=attribution.MODEL,
    )


# ---- labels


def _draw_many(services: Services, desk: Desk, book: Codebook, given: Sequence[Annotation]) -> None:
    by_label = {one.label: one for one in given}
    labels = sorted(book.labels_at(Level.DOCUMENT), key=lambda label: _group_order(book, label))
    for group, members in groupby(labels, key=lambda label: label.group):
        if group:
            theme.draw_note(group)
        for label in members:
            key = f"document-label-{desk.document.document_id}-{book.codebook_id}-{label.label_id}"
            # The store leads, so that what was accepted or came from another tab is ticked as well.
            st.session_state[key] = label.label_id in by_label
            st.checkbox(
                markdown_text(label.name),
                key=key,
                help=markdown_text(label.definition),
                on_change=_toggle,
                args=(services, desk, book, label.label_id, by_label.get(label.label_id)),
                disabled=desk.readonly,
            )


def _group_order(book: Codebook, label: Label) -> int:
    return next(n for n, one in enumerate(book.labels) if one.group == label.group)


@session.reaction
def _toggle(
    services: Services, desk: Desk, book: Codebook, label_id: str, present: Annotation | None
) -> None:
    if present is not None:
        pipeline.withdraw_label(services, present, desk.annotator_id)
    else:
        _give(services, desk, book, label_id)


def _draw_one(services: Services, desk: Desk, book: Codebook, given: Sequence[Annotation]) -> None:
    labels = {label.label_id: label for label in book.labels_at(Level.DOCUMENT)}
    key = f"document-label-{desk.document.document_id}-{book.codebook_id}"
    st.session_state[key] = given[-1].label if given and given[-1].label in labels else None
    st.selectbox(
        "Label of the whole document",
        list(labels),
        key=key,
        format_func=lambda label_id: labels[label_id].name,
        on_change=_choose,
        args=(services, desk, book, key, given[-1] if given else None),
        disabled=desk.readonly,
        placeholder="none",
    )


@session.reaction
def _choose(services: Services, desk: Desk, book: Codebook, key: str, present: Annotation | None) -> None:
    label_id = st.session_state[key]
    if label_id is not None:
        _give(services, desk, book, str(label_id), annotation_id=present.annotation_id if present else "")
    elif present is not None:
        pipeline.withdraw_label(services, present, desk.annotator_id)


# ---- the chain


def _draw_chain(services: Services, desk: Desk, book: Codebook, given: Sequence[Annotation]) -> None:
    path = [one for one in given if book.label(one.label).group == _PATH]
    carrier = next((one for one in path if one.note), path[0] if path else None)
    key = f"document-chain-{desk.document.document_id}"
    st.session_state[key] = carrier.note if carrier else ""
    st.text_input(
        "Relay steps, latest first",
        key=key,
        placeholder=f"this outlet{attribution.CHAIN}agency{attribution.CHAIN}unnamed officials",
        help="Kept in the note of the label on the path; give one of these first.",
        disabled=carrier is None or desk.readonly,
        on_change=_note_chain,
        args=(services, desk, book, key, carrier),
    )


@session.reaction
def _note_chain(services: Services, desk: Desk, book: Codebook, key: str, carrier: Annotation | None) -> None:
    if carrier is not None:
        _give(
            services,
            desk,
            book,
            carrier.label,
            annotation_id=carrier.annotation_id,
            note=str(st.session_state[key]).strip(),
            label_method=carrier.label_method,
            suggestion_model=carrier.suggestion_model,
        )


def _give(services: Services, desk: Desk, book: Codebook, label_id: str, **details: Any) -> None:
    pipeline.label(
        services,
        document_id=desk.document.document_id,
        codebook_id=book.codebook_id,
        label_id=label_id,
        annotator_id=desk.annotator_id,
        level=Level.DOCUMENT,
        blind=desk.conditions.outlet_hidden,
        **details,
    )
