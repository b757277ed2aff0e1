"""The page where people label the exact words of a text: one document, the schemes they work with, and nothing between them and the next label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import streamlit as st

from verifier import pipeline
from verifier.config import Settings
from verifier.domain import Annotation, Document, Layer, Level
from verifier.pipeline import Services
from verifier.ui import annotator, session, theme
from verifier.ui.escape import html_text, markdown_text
from verifier.ui.statement import source_html
from verifier.ui.wording import counted, document_name

TITLE = "Annotate"
LEAD = "Select words by mouse, finger or arrow keys, and give them a label by its key. Press ? for all keys."
REMEMBERED = ("annotate-document", "annotate-books", "annotate-blind", "annotate-suggest")

_SHORT_ID = 6
"""Characters by which a document is named where its outlet is hidden."""


def draw(_settings: Settings, services: Services) -> None:
    """Draw the page."""
    theme.draw_title(TITLE, LEAD)
    documents = {document.document_id: document for document in services.store.documents()}
    if not documents:
        theme.draw_note("The corpus is empty; there is nothing to label yet.")
        if st.button("Add documents", key="go-corpus", type="primary"):
            session.open_page("corpus")
        return
    wanted = st.query_params.get("document", "")
    if wanted in documents and "annotate-document" not in st.session_state:
        st.session_state["annotate-document"] = wanted
    name = session.annotator()
    if not name:
        theme.draw_note(session.NAME_MISSING)
    blind = _draw_choice(services, documents)
    document = documents[st.session_state["annotate-document"]]
    if not blind:
        outlet = services.outlets.find(document.outlet_id or document.outlet) if document.outlet else None
        st.html(source_html(document, outlet))
    if document.title:
        st.html(f'<h2 class="cv-article-title" dir="auto">{html_text(document.title)}</h2>')
    _draw_text(services, document, name, blind=blind)


def _draw_choice(services: Services, documents: Mapping[str, Document]) -> bool:
    """Let the reader choose document and schemes; returns whether they work blind."""
    blind = bool(st.session_state.get("annotate-blind", False))
    ids = sorted(documents, key=lambda key: key if blind else document_name(documents[key]).casefold())
    if st.session_state.get("annotate-document") not in documents:
        st.session_state["annotate-document"] = ids[0]
    given = [book_id for book_id, book in services.codebooks.items() if book.labels_at(Level.SPAN)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Document",
            ids,
            key="annotate-document",
            format_func=lambda key: f"Document {key[:_SHORT_ID]}" if blind else document_name(documents[key]),
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
    return bool(st.session_state["annotate-blind"])


def _open(document_id: str) -> None:
    st.session_state["annotate-document"] = document_id


@st.fragment
def _draw_text(services: Services, document: Document, name: str, *, blind: bool) -> None:
    """Draw the annotator in a fragment, so that a label runs nothing else of the page."""
    annotations = [
        one
        for one in services.store.annotations(document_ids=[document.document_id])
        if one.layer is not Layer.GOLD and one.span.text_sha256 == document.sha256
    ]
    chosen = st.session_state.get("annotate-books") or list(services.codebooks)[:1]
    annotator.draw(
        document,
        annotator=name,
        codebooks=[services.codebooks[key] for key in chosen],
        annotations=annotations,
        suggestions=_suggestions(services, document, chosen) if st.session_state["annotate-suggest"] else (),
        on_edits=partial(_commit, services, name=name, blind=blind),
        readonly=not name,
        hidden=blind,
        key="annotate-text",
    )
    _draw_elsewhere(annotations, document, services)


def _draw_elsewhere(annotations: Sequence[Annotation], document: Document, services: Services) -> None:
    on_document = sum(one.level is Level.DOCUMENT for one in annotations)
    older = [
        one
        for one in services.store.annotations(document_ids=[document.document_id])
        if one.span.text_sha256 != document.sha256
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button("Label the whole document", key="annotate-whole", type="tertiary"):
            session.open_page("read", document=document.document_id)
        told = [f"{counted(on_document, 'label')} on the whole document"] if on_document else []
        told += [f"{counted(len(older), 'label')} on an older version of this text"] if older else []
        if told:
            theme.draw_note("; ".join(told) + ".")


def _suggestions(
    services: Services, document: Document, chosen: Iterable[str]
) -> list[annotator.PlacedSuggestion]:
    """Ask the lexicons of the chosen codebooks, sentence by sentence, each in its language."""
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
        for sentence in services.store.sentences(document.document_id)
        for lexicon in services.lexicons.values()
        if lexicon.codebook_id in books
        for found in lexicon.suggest(sentence.text, sentence.language)
    ]


def _commit(
    services: Services, edits: list[annotator.Edit], *, name: str, blind: bool
) -> list[annotator.Answer]:
    answers = pipeline.commit_edits(services, edits, annotator_id=name, blind=blind)
    return [
        annotator.Answer(op_id=op_id, accepted=not reason, reason=reason) for op_id, reason in answers.items()
    ]
