"""What stands beside a text at work: the guidelines, the form for the document as a whole, and notes between annotators and adjudicators."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from verifier.codebooks import read_guideline
from verifier.domain import Annotation, Comment, Role
from verifier.pipeline import Services, comments, roles
from verifier.ui import provenance_form, session, theme
from verifier.ui.desk import Desk
from verifier.ui.escape import html_text
from verifier.ui.wording import annotator_name, moment

GUIDELINES, DOCUMENT, NOTES = "Guidelines", "Document", "Notes"
REMEMBERED = ("annotate-side", "guideline-book")

_SMALLEST_HEADING = 6
_QUOTE_SHOWN = 50
"""Characters of marked words in the list of what a note may be about: one line of the panel."""


def draw_choice() -> str:
    """Let people choose what stands beside the text; returns it, or "" where the text has the whole width."""
    if "annotate-side" not in st.session_state:
        st.session_state["annotate-side"] = GUIDELINES
    chosen = st.segmented_control(
        "Beside the text", [GUIDELINES, DOCUMENT, NOTES], key="annotate-side", label_visibility="collapsed"
    )
    return str(chosen or "")


@st.fragment
def draw(services: Services, desk: Desk, side: str) -> None:
    """Draw the panel in a fragment, so that a note or a label of the document does not draw the text anew."""
    session.draw_notices()
    with session.plain_errors(), st.container(key="panel", gap="small"):
        if side == GUIDELINES:
            _draw_guidelines(services, desk)
        elif side == DOCUMENT:
            provenance_form.draw(services, desk)
        else:
            _draw_notes(services, desk)


# ---- guidelines


def _draw_guidelines(services: Services, desk: Desk) -> None:
    books = list(desk.codebook_ids)
    if not books:
        theme.draw_note("Choose a codebook to see its guidelines.")
        return
    if st.session_state.get("guideline-book") not in books:
        st.session_state["guideline-book"] = books[0]
    chosen = st.selectbox(
        "Codebook",
        books,
        key="guideline-book",
        format_func=lambda key: f"{services.codebooks[key].title}, version {services.codebooks[key].version}",
        label_visibility="collapsed",
    )
    book = services.codebooks[chosen]
    page = read_guideline(book.codebook_id, book.version)
    if page:
        st.markdown(demoted(page))
    else:
        theme.draw_note("This codebook has no guidelines of its own.")
    with st.expander("Labels and their definitions", expanded=not page):
        theme.draw_facts([(label.name, label.definition) for label in book.labels])


def demoted(page: str) -> str:
    """Make the headings of a page small enough to stand beside a text."""
    return re.sub(
        r"^(#+)(?= )", lambda m: "#" * min(_SMALLEST_HEADING, len(m[1]) + 4), page, flags=re.MULTILINE
    )


# ---- notes


def _draw_notes(services: Services, desk: Desk) -> None:
    if not desk.annotator_id:
        theme.draw_note(session.NAME_MISSING)
        return
    document_id = desk.document.document_id
    annotations = {
        one.annotation_id: one
        for one in desk.visible(services, services.store.annotations(document_ids=[document_id]))
    }
    found = comments.comments(services, document_id, by=desk.annotator_id)
    if desk.conditions.others_hidden and roles.role_of(services, desk.annotator_id) is not Role.ANNOTATOR:
        # An admin or adjudicator who labels blind themselves: a note of others may say what they labelled.
        found = [one for one in found if desk.annotator_id in {one.author_id, one.to_id}]
    if not found:
        theme.draw_note("No notes on this document yet.")
    for one in found:
        _draw_note(services, desk, one, annotations)
    _draw_writing(services, desk, annotations)


def _draw_note(services: Services, desk: Desk, one: Comment, annotations: dict[str, Annotation]) -> None:
    settled = one.resolved_at is not None
    about = ""
    if one.annotation_id:
        there = annotations.get(one.annotation_id)
        about = f" · on {html_text(_called(services, there))}" if there else " · on a label"
    to = f" to {html_text(annotator_name(one.to_id))}" if one.to_id else ""
    state = f" · settled by {html_text(annotator_name(one.resolved_by))}" if settled else ""
    with st.container(key=f"note-{one.comment_id}", gap="xsmall", border=True):
        st.html(
            f'<p class="cv-note"><b>{html_text(annotator_name(one.author_id))}</b>{to} · {html_text(moment(one.created_at))}'
            f'{about}{state}</p><p class="cv-quote" dir="auto">{html_text(one.text)}</p>'
        )
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Open again" if settled else "Settled",
                key=f"note-settle-{one.comment_id}",
                type="tertiary",
                on_click=_settle,
                args=(services, one),
            )
            if one.author_id == desk.annotator_id:
                st.button(
                    "Withdraw",
                    key=f"note-withdraw-{one.comment_id}",
                    type="tertiary",
                    on_click=_withdraw,
                    args=(services, one),
                )


def _draw_writing(services: Services, desk: Desk, annotations: dict[str, Annotation]) -> None:
    with st.form("note-form", clear_on_submit=True, border=False):
        st.text_area("Note", key="note-text", height=90, placeholder="A question or an answer")
        st.selectbox(
            "About",
            ["", *annotations],
            key="note-about",
            format_func=lambda key: _called(services, annotations.get(key)),
        )
        people = _addressees(services, desk)
        if people:
            st.selectbox(
                "To",
                ["", *people],
                key="note-to",
                format_func=lambda name: annotator_name(name) if name else "everybody who may read it",
            )
        st.form_submit_button("Send", on_click=_write, args=(services, desk))


def _called(services: Services, annotation: Annotation | None) -> str:
    if annotation is None:
        return "the document"
    book = services.codebooks.get(annotation.codebook_id)
    known = {label.label_id: label.name for label in (*book.labels, *book.retired_labels)} if book else {}
    name = known.get(annotation.label, annotation.label)
    quote = " ".join(annotation.span.quote.split())
    short = quote if len(quote) <= _QUOTE_SHOWN else quote[: _QUOTE_SHOWN - 1] + "…"
    return f"{name}: “{short}”" if short else name


def _addressees(services: Services, desk: Desk) -> Sequence[str]:
    """Return whom a note may be for: annotators write to adjudicators and admins, these to everybody."""
    team = services.store.annotators()
    senior = roles.role_of(services, desk.annotator_id) is not Role.ANNOTATOR
    return [
        one.annotator_id
        for one in team
        if one.annotator_id != desk.annotator_id and (senior or one.role is not Role.ANNOTATOR)
    ]


@session.reaction
def _write(services: Services, desk: Desk) -> None:
    comments.comment(
        services,
        document_id=desk.document.document_id,
        text=str(st.session_state["note-text"]),
        by=desk.annotator_id,
        annotation_id=str(st.session_state["note-about"]),
        to=str(st.session_state.get("note-to", "")),
    )


@session.reaction
def _settle(services: Services, one: Comment) -> None:
    act = comments.resolve if one.resolved_at is None else comments.reopen_comment
    act(services, one, by=session.annotator())


@session.reaction
def _withdraw(services: Services, one: Comment) -> None:
    comments.withdraw_comment(services, one, by=session.annotator())
