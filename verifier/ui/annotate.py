"""The page where people label the exact words of a text: one document, the schemes they work with, and nothing between them and the next label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from verifier import pipeline
from verifier.config import Settings
from verifier.domain import Annotation, Assignment, AssignmentState, Conditions, Document, Level
from verifier.pipeline import Services, team
from verifier.ui import annotator, beside, queue, session, theme
from verifier.ui.desk import Desk, shown_name
from verifier.ui.escape import html_text, markdown_text
from verifier.ui.statement import source_html
from verifier.ui.wording import counted

TITLE = "Annotate"
LEAD = "Select words by mouse, finger or arrow keys, and give them a label by its key. Press ? for all keys."
REMEMBERED = (
    "annotate-document",
    "annotate-books",
    "annotate-blind",
    "annotate-suggest",
    *queue.REMEMBERED,
    *beside.REMEMBERED,
)

_KEY = "annotate-text"
"""Of the annotator; it is the same for every document, so that what is not answered yet travels along."""

_WIDTHS = (1.9, 1.0)
"""Of the text and what stands beside it: on a screen of 1280 pixels a line of the text keeps its 60 to 70 characters."""


def draw(_settings: Settings, services: Services) -> None:
    """Draw the page."""
    theme.draw_title(TITLE, LEAD)
    documents = {document.document_id: document for document in services.store.documents()}
    if not documents:
        theme.draw_note("The corpus is empty; there is nothing to label yet.")
        if st.button("Add documents", key="go-corpus", type="primary"):
            session.open_page("corpus")
        return
    name = session.annotator()
    if not name:
        theme.draw_note(session.NAME_MISSING)
    if _open_from_address(documents):
        st.session_state["annotate-mode"] = queue.ALL
    # One row for everything that is not the text, as far as the screen is wide enough.
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small", key="annotate-bar")
    with bar:
        queued = queue.draw_mode(services, name)
        desk = queue.draw(services, name, documents) if queued else None
        side = beside.draw_choice() if desk or not queued else ""
    if desk is not None:
        _draw_conditions(services, desk)
    elif queued:
        theme.draw_note(queue.NOTHING_OPEN)
        return
    else:
        desk = _draw_choice(services, documents, name)
    if side:
        text, panel = st.columns(_WIDTHS, gap="medium")
        with text:
            _draw_document(services, desk)
        with panel:
            beside.draw(services, desk, side)
    else:
        _draw_document(services, desk)


def _open_from_address(documents: Mapping[str, Document]) -> bool:
    """Go to the document that the address names, once; returns whether it was just done."""
    wanted = st.query_params.get("document", "")
    if wanted not in documents or st.session_state.get("annotate-address") == wanted:
        return False
    st.session_state["annotate-address"] = st.session_state["annotate-document"] = wanted
    return True


def _draw_conditions(services: Services, desk: Desk) -> None:
    """Say under which conditions an assignment is worked on; they are not the annotator's to change."""
    hidden = [
        word
        for word, given in (
            ("the outlet", desk.conditions.outlet_hidden),
            ("others' labels", desk.conditions.others_hidden),
            ("suggestions", not desk.conditions.suggestions_shown),
        )
        if given
    ]
    told = f"Set by the assignment: {', '.join(hidden)} hidden." if hidden else ""
    missing = team.unfinished_required(services, desk.assignment) if desk.assignment else []
    if missing:
        told += f" Still needs a label of: {', '.join(book.title for book in missing)}."
    if told:
        theme.draw_note(told.strip())


def _draw_choice(services: Services, documents: Mapping[str, Document], name: str) -> Desk:
    """Let the reader choose document and schemes."""
    assigned = {one.document_id: one for one in team.queue(services, name)} if name else {}
    blind = bool(st.session_state.get("annotate-blind", False))

    def called(key: str) -> str:
        kept = assigned.get(key)
        return shown_name(documents[key], outlet_hidden=kept.conditions.outlet_hidden if kept else blind)

    ids = sorted(documents, key=lambda key: (called(key).casefold(), key))
    if st.session_state.get("annotate-document") not in documents:
        st.session_state["annotate-document"] = ids[0]
    given = [book_id for book_id, book in services.codebooks.items() if book.labels_at(Level.SPAN)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Document",
            ids,
            key="annotate-document",
            format_func=called,
            help="Type to search among outlets and titles.",
        )
        place = ids.index(st.session_state["annotate-document"])
        for label, step in (("Previous", -1), ("Next", 1)):
            st.button(
                label,
                key=f"annotate-{label.lower()}",
                disabled=not 0 <= place + step < len(ids),
                on_click=partial(_open, ids[max(0, min(place + step, len(ids) - 1))]),
            )
    document = documents[st.session_state["annotate-document"]]
    # In the address, so that the session after a restart of the server opens what is on screen.
    st.query_params["document"] = st.session_state["annotate-address"] = document.document_id
    assignment = assigned.get(document.document_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.pills(
            "Codebooks",
            given,
            key="annotate-books",
            selection_mode="multi",
            default=given[:1] if "annotate-books" not in st.session_state else None,
            format_func=lambda key: markdown_text(services.codebooks[key].title),
            help="The schemes whose labels are on offer. Keys 1 to 9 give the labels of the one in front.",
        )
        conditions = _draw_switches(assignment)
    return Desk(
        document=document,
        annotator_id=name,
        codebook_ids=tuple(st.session_state.get("annotate-books") or given[:1]),
        conditions=conditions,
        assignment=assignment,
    )


def _draw_switches(assignment: Assignment | None) -> Conditions:
    """Let people choose their conditions, unless an assignment of theirs on this document has set them."""
    if assignment is not None:
        closed = assignment.state is not AssignmentState.OPEN
        told = (
            f"You set it down as {assignment.state.value}; go back to it in your queue to label on."
            if closed
            else ""
        )
        theme.draw_note(
            f"This document is assigned to you; what is hidden is set by the assignment. {told}".strip()
        )
        return assignment.conditions
    st.toggle(
        "Suggestions",
        key="annotate-suggest",
        help="Show what the wording lexicons find. Nothing is labelled until you accept it (a); x rejects it.",
    )
    st.toggle(
        "Blind",
        key="annotate-blind",
        help="Hide the outlet, other people's labels and all suggestions. Each label records that it was given so.",
    )
    blind = bool(st.session_state["annotate-blind"])
    return Conditions(
        outlet_hidden=blind,
        others_hidden=blind,
        suggestions_shown=not blind and bool(st.session_state["annotate-suggest"]),
    )


def _open(document_id: str) -> None:
    st.session_state["annotate-document"] = document_id


def _draw_document(services: Services, desk: Desk) -> None:
    document = desk.document
    if not desk.conditions.outlet_hidden:
        outlet = services.outlets.find(document.outlet_id or document.outlet) if document.outlet else None
        st.html(source_html(document, outlet))
    if document.title:
        st.html(f'<h2 class="cv-article-title" dir="auto">{html_text(document.title)}</h2>')
    annotator.lifeline(_KEY)
    _draw_text(services, desk)


@st.fragment
def _draw_text(services: Services, desk: Desk) -> None:
    """Draw the annotator in a fragment, so that a label runs nothing else of the page."""
    document = desk.document
    stored = services.store.annotations(document_ids=[document.document_id])
    shown = desk.visible(services, stored)
    annotator.draw(
        document,
        annotator=desk.annotator_id,
        codebooks=[
            services.codebooks[key]
            for key in desk.codebook_ids
            if services.codebooks[key].labels_at(Level.SPAN)
        ],
        annotations=[one for one in shown if one.span.text_sha256 == document.sha256],
        suggestions=_suggestions(document.document_id, document.sha256, tuple(desk.codebook_ids), services)
        if desk.conditions.suggestions_shown
        else (),
        on_edits=partial(_commit, services, name=desk.annotator_id, conditions=desk.conditions),
        readonly=desk.readonly,
        hidden=desk.conditions.others_hidden and not desk.conditions.suggestions_shown,
        key=_KEY,
    )
    _draw_elsewhere(shown, document)


def _draw_elsewhere(annotations: Sequence[Annotation], document: Document) -> None:
    on_document = sum(one.level is Level.DOCUMENT for one in annotations)
    older = sum(one.span.text_sha256 != document.sha256 for one in annotations)
    told = [f"{counted(on_document, 'label')} on the whole document"] if on_document else []
    told += [f"{counted(older, 'label')} on an older version of this text"] if older else []
    if told:
        theme.draw_note("; ".join(told) + ".")


@st.cache_data(show_spinner=False, max_entries=32)
def _suggestions(
    document_id: str,
    sha256: str,  # noqa: ARG001  (what the cache goes by)
    chosen: tuple[str, ...],
    _services: Services,
) -> list[annotator.PlacedSuggestion]:
    """Ask the lexicons of the chosen codebooks, sentence by sentence, each in its language; once a text, and not with every label."""
    books = set(chosen)
    return [
        annotator.PlacedSuggestion(
            suggestion_id=f"{lexicon.lexicon_id}:{sentence.start + found.start}-{found.label_id}",
            start=sentence.start + found.start,
            end=sentence.start + found.end,
            codebook_id=found.codebook_id,
            label=found.label_id,
            term=found.term,
            explanation=found.explanation,
            counterparts=found.counterparts,
        )
        for sentence in _services.store.sentences(document_id)
        for lexicon in _services.lexicons.values()
        if lexicon.codebook_id in books
        for found in lexicon.suggest(sentence.text, sentence.language)
    ]


def _commit(
    services: Services, edits: list[annotator.Edit], *, name: str, conditions: Conditions
) -> list[annotator.Answer]:
    """Commit edits; each under the conditions of its own document, as one may come late, from the document before."""
    assigned = {one.document_id: one.conditions for one in services.store.assignments(annotator_id=name)}
    blind: dict[bool, list[annotator.Edit]] = {True: [], False: []}
    for edit in edits:
        blind[assigned.get(str(edit.get("document_id")), conditions).outlet_hidden].append(edit)
    answers = {
        op_id: reason
        for hidden, some in blind.items()
        for op_id, reason in pipeline.commit_edits(services, some, annotator_id=name, blind=hidden).items()
    }
    return [
        annotator.Answer(op_id=op_id, accepted=not reason, reason=reason) for op_id, reason in answers.items()
    ]
