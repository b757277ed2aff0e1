"""The reading room: one document with where it comes from, its sentences, and the labels people give them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from verifier.codebooks import Suggestion
from verifier.config import Settings
from verifier.domain import Annotation, Document, Layer, Level, Sentence
from verifier.errors import StoreError
from verifier.pipeline import Services, roles
from verifier.ui import article, labelling, session, theme
from verifier.ui.escape import html_text
from verifier.ui.statement import label_name, source_html
from verifier.ui.wording import counted, day, document_name, language_name, moment

TITLE = "Read and label"
LEAD = "Pick a sentence to label its wording or its source, or label the whole document."


def draw(_settings: Settings, services: Services) -> None:
    """Draw the page."""
    documents = {document.document_id: document for document in services.store.documents()}
    if not documents:
        theme.draw_title(TITLE, LEAD)
        theme.draw_note("The corpus is empty; there is nothing to read yet.")
        if st.button("Add documents", key="go-corpus", type="primary"):
            session.open_page("corpus")
        return
    _open_from_address(services, documents)
    document = _choose(documents)
    sentences = services.store.sentences(document.document_id)
    selected = _selected(sentences)
    _say_in_address(document, selected)
    stored = services.store.annotations(document_ids=[document.document_id])
    annotations = [
        label
        for label in roles.readable(services, stored, session.annotator())
        if label.layer is not Layer.SUGGESTION
    ]
    suggestions = _suggestions(services, sentences)
    text, panel = st.columns([1.7, 1], gap="large")
    with text:
        _draw_head(services, document)
        article.draw(
            document,
            sentences,
            selected=selected.sentence_id if selected else "",
            labels=_names_by_sentence(services, sentences, annotations, document),
            suggestions=suggestions,
            on_pick=_pick,
        )
    with panel, st.container(key="panel", gap="small"):
        labelling.draw(
            services,
            document,
            sentences,
            selected=selected,
            annotations=annotations,
            suggestions=suggestions.get(selected.sentence_id, []) if selected else [],
        )


def _open_from_address(services: Services, documents: dict[str, Document]) -> None:
    """Go to the document and the sentence that the address names, once; from then on the widgets lead."""
    wanted = st.query_params.get("document", ""), st.query_params.get("sentence", "")
    if not wanted[0] or st.session_state.get("read-address") == wanted:
        return
    st.session_state["read-address"] = wanted
    if wanted[0] not in documents:
        with session.plain_errors():
            gone = services.store.document(wanted[0])
            msg = f"The document “{gone.title or gone.document_id}” was taken out of the corpus. Choose another one."
            raise StoreError(msg)
        return
    st.session_state["document"], st.session_state["sentence"] = wanted


def _say_in_address(document: Document, selected: Sentence | None) -> None:
    address = document.document_id, selected.sentence_id if selected else ""
    st.session_state["read-address"] = address
    st.query_params.from_dict({"document": address[0], **({"sentence": address[1]} if address[1] else {})})


def _choose(documents: dict[str, Document]) -> Document:
    ids = sorted(documents, key=lambda key: document_name(documents[key]).casefold())
    if st.session_state.get("document") not in documents:
        st.session_state["document"] = ids[0]
    chosen: str = st.selectbox(
        "Document",
        ids,
        key="document",
        format_func=lambda key: document_name(documents[key]),
        on_change=_pick,
        args=("",),
        help="Type to search among outlets and titles.",
    )
    return documents[chosen]


def _pick(sentence_id: str) -> None:
    st.session_state["sentence"] = sentence_id


def _selected(sentences: Sequence[Sentence]) -> Sentence | None:
    wanted = st.session_state.get("sentence", "")
    found = next((s for s in sentences if s.sentence_id == wanted), None)
    if found is None:
        st.session_state["sentence"] = ""
    return found


def _suggestions(services: Services, sentences: Sequence[Sentence]) -> dict[str, list[Suggestion]]:
    """Ask every lexicon for terms; where two overlap in a sentence, the first stays."""
    found: dict[str, list[Suggestion]] = {}
    for sentence in sentences:
        everything = [
            s for x in services.lexicons.values() for s in x.suggest(sentence.text, sentence.language)
        ]
        kept: list[Suggestion] = []
        for suggestion in sorted(everything, key=lambda s: (s.start, -s.end)):
            if not kept or suggestion.start >= kept[-1].end:
                kept.append(suggestion)
        if kept:
            found[sentence.sentence_id] = kept
    return found


def _names_by_sentence(
    services: Services, sentences: Sequence[Sentence], annotations: Sequence[Annotation], document: Document
) -> dict[str, list[str]]:
    return {
        sentence.sentence_id: [
            label_name(label, services.codebooks)
            for label in labelling.labels_on(sentence, annotations, document)
            if label.level is not Level.DOCUMENT
        ]
        for sentence in sentences
    }


def _draw_head(services: Services, document: Document) -> None:
    outlet = services.outlets.find(document.outlet_id or document.outlet) if document.outlet else None
    title = (
        f'<h1 class="cv-article-title" dir="auto">{html_text(document.title)}</h1>' if document.title else ""
    )
    st.html(title + source_html(document, outlet))
    with st.expander("Where this text comes from", key="origin", icon=":material/history_edu:"):
        source = document.acquisition
        stripped = sum(len(strip.text) for strip in document.strips)
        theme.draw_facts(
            [
                ("Address", document.url),
                ("Relayed by", " ← ".join(document.relay)),
                ("Published", day(document.published_at)),
                ("Inferred", ", ".join(document.inferred)),
                ("Language", language_name(document.language)),
                ("Licence", document.licence),
                ("Version", str(document.version)),
                ("Text sha256", document.sha256),
                ("Came from", source.source),
                ("Aggregator", source.aggregator),
                ("Original sha256", source.raw_sha256),
                ("Taken in", moment(source.retrieved_at)),
                ("Document id", document.document_id),
                ("Stripped", f"{counted(len(document.strips), 'piece')}, {counted(stripped, 'character')}"),
            ],
            links=("Address",),
        )
        if document.strips:
            theme.draw_kicker("What was stripped as page noise")
            theme.draw_facts(
                [(strip.rule, strip.text.strip()) for strip in document.strips if strip.text.strip()]
            )
