"""The page of a document's claims: its sentences, those most worth checking first, each one click from its verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from verifier import pipeline
from verifier.claims import FOR, Assessment, RankedSentence
from verifier.config import Settings
from verifier.domain import Filters, Sentence, Verification
from verifier.languages import direction
from verifier.pipeline import ClaimOutcome, DocumentClaims, Services
from verifier.ui import session, theme
from verifier.ui.answer import use_as_claim
from verifier.ui.escape import html_passage, html_text
from verifier.ui.statement import source_html
from verifier.ui.wording import VERDICT_WORDS, counted, document_name, verdict_line

TITLE = "Claims in a document"
LEAD = (
    "Choose a document. Its sentences stand in the order of how well they can be checked, with the reasons; verify one of them, or all that "
    "are listed, against the other outlets."
)
HOW_MANY = {5: "5", 10: "10", 20: "20", 50: "50", 0: "all"}
EVERYTHING_HELP = (
    "Opinions, questions, wishes and leftovers of the page score low and are left out otherwise."
)
SCORE_HELP = (
    "The score adds up what speaks for a sentence (numbers, dates, names, reported events, sources, comparisons, public matters) and against it "
    "(questions, appeals, opinion, wishes, first person, leftovers of the page). It does not say whether the sentence is true."
)

REMEMBERED = ("claims-document", "claims-limit", "claims-everything")
"""Widgets of this page whose values last while the reader looks at another page."""

_OUTCOMES = "claims-outcomes"
"""Where a visit keeps what came of verifying sentences, by their ids."""

_ROW_PX = 33
_TABLE_PX = 420


def draw(_settings: Settings, services: Services) -> None:
    """Draw the page."""
    theme.draw_title(TITLE, LEAD)
    documents = _documents(services.store.corpus_digest(), services)
    if not documents:
        theme.draw_note("The corpus is empty; there is nothing to list yet.")
        if st.button("Add documents", key="go-corpus", type="primary"):
            session.open_page("corpus")
        return
    document_id, limit, everything = _draw_controls(documents)
    found = pipeline.document_claims(services, document_id)
    listed = found.listed(everything=everything, limit=limit)
    outcomes = _outcomes(found)
    _draw_head(services, found, listed)
    _draw_verify_all(services, found, listed, outcomes)
    _draw_table(found, listed, outcomes)
    if listed:
        st.html('<h2 class="cv-visually-hidden">Sentences by rank</h2>')
    for item in listed:
        _draw_card(found, item, outcomes.get(item.sentence.sentence_id))


@st.cache_data(show_spinner=False, max_entries=4)
def _documents(digest: str, _services: Services) -> dict[str, str]:  # noqa: ARG001  (what the cache goes by)
    """Name the documents by id, newest first; their texts are read again only after the corpus has changed."""
    documents = sorted(_services.store.documents(), key=lambda d: document_name(d).casefold())
    documents.sort(key=lambda d: d.published_at or date.min, reverse=True)
    return {document.document_id: document_name(document) for document in documents}


def _draw_controls(documents: Mapping[str, str]) -> tuple[str, int | None, bool]:
    """Draw the choice of a document and how much of it; the address leads to a document once, from then on the widget does.

    Returns:
        The document's id, how many sentences at most (None for no limit), and whether those that can hardly be checked are wanted.
    """
    wanted = st.query_params.get("document", "")
    if wanted in documents and st.session_state.get("claims-address") != wanted:
        st.session_state["claims-document"] = wanted
    if st.session_state.get("claims-document") not in documents:
        st.session_state["claims-document"] = next(iter(documents))
    st.session_state.setdefault("claims-limit", 10)
    first, second, third = st.columns([4, 1, 2], vertical_alignment="bottom")
    chosen: str = first.selectbox(
        "Document",
        list(documents),
        key="claims-document",
        format_func=documents.__getitem__,
        help="The newest first. Type to search among outlets and titles.",
    )
    limit = second.selectbox(
        "List at most", list(HOW_MANY), key="claims-limit", format_func=HOW_MANY.__getitem__
    )
    everything = third.toggle(
        "Also what can hardly be checked", key="claims-everything", help=EVERYTHING_HELP
    )
    st.session_state["claims-address"] = st.query_params["document"] = chosen
    return chosen, limit or None, everything


def _outcomes(found: DocumentClaims) -> dict[str, ClaimOutcome]:
    """Return what this visit knows of the document's sentences, one verified on the page Verify included.

    That page keeps its filters: an answer from only some of the outlets is no verdict beside those from all of them, and stays out.
    """
    known: dict[str, ClaimOutcome] = st.session_state.setdefault(_OUTCOMES, {})
    last: Verification | None = st.session_state.get("verification")
    if last is not None and last.claim.sentence_id and not _narrowed(last.filters):
        earlier = known.get(last.claim.sentence_id)
        if earlier is None or earlier.run is None or earlier.run.started_at < last.run.started_at:
            known[last.claim.sentence_id] = ClaimOutcome(
                verification_id=last.verification_id, decision=last.decision, run=last.run
            )
    ids = {item.sentence.sentence_id for item in found.ranked}
    return {sentence_id: outcome for sentence_id, outcome in known.items() if sentence_id in ids}


def _narrowed(filters: Filters) -> bool:
    """Tell whether a reader narrowed down what may be found; that the claim's own outlet is left out does not count."""
    return bool(
        filters.languages
        or filters.outlets
        or filters.countries
        or filters.published_from
        or filters.published_to
    )


def _draw_head(services: Services, found: DocumentClaims, listed: Sequence[RankedSentence]) -> None:
    document = found.document
    outlet = services.outlets.find(document.outlet_id or document.outlet) if document.outlet else None
    title = (
        f'<h2 class="cv-article-title" {_language(document.language)}>{html_text(document.title)}</h2>'
        if document.title
        else ""
    )
    st.html(title + source_html(document, outlet))
    checkable = sum(item.assessment.checkable for item in found.ranked)
    theme.draw_note(
        f"{counted(len(found.ranked), 'sentence')}, {checkable} of them checkable, {len(listed)} listed. {SCORE_HELP}"
    )


def _draw_verify_all(
    services: Services,
    found: DocumentClaims,
    listed: Sequence[RankedSentence],
    outcomes: Mapping[str, ClaimOutcome],
) -> None:
    """Draw the button that verifies all that are listed: those not verified yet, or, where there are none, all of them anew."""
    done = {sentence_id for sentence_id, outcome in outcomes.items() if outcome.decision is not None}
    left = [item for item in listed if item.sentence.sentence_id not in done]
    if not listed:
        return
    if not left:
        label = f"Verify all {len(listed)} again" if len(listed) > 1 else "Verify the one listed again"
    elif len(left) < len(listed):
        label = f"Verify the remaining {len(left)}"
    else:
        label = f"Verify all {len(listed)} listed" if len(listed) > 1 else "Verify the one listed"
    if not st.button(label, key="claims-verify-all", type="primary", icon=":material/balance:"):
        return
    if not left:
        for item in listed:
            st.session_state[_OUTCOMES].pop(item.sentence.sentence_id, None)
    _verify(services, found, left or listed)


def _verify(services: Services, found: DocumentClaims, wanted: Sequence[RankedSentence]) -> None:
    """Verify sentences into what this visit knows: a click meanwhile ends this run of the page, and what is done by then stays known."""
    what = (
        "Verifying sentences"
        if services.models_loaded
        else "Loading the models; the first time takes a little longer"
    )
    with session.progress_bar(what) as progress:
        outcomes = pipeline.verify_claims(
            services, found, wanted, outcomes=st.session_state[_OUTCOMES], progress=progress
        )
    failed = sum(bool(outcomes[item.sentence.sentence_id].error) for item in wanted)
    done = counted(len(wanted) - failed, "sentence")
    session.notice(f"{done} verified{f', {failed} could not be' if failed else ''}.", failed=bool(failed))
    st.rerun()


def _draw_table(
    found: DocumentClaims, listed: Sequence[RankedSentence], outcomes: Mapping[str, ClaimOutcome]
) -> None:
    """Draw what came of the sentences that were verified, and offer the table of all that are listed."""
    verified = [item for item in listed if item.sentence.sentence_id in outcomes]
    if verified:
        _draw_verdicts(found, verified, outcomes)
    if listed:
        st.download_button(
            "Download CSV",
            lambda: pipeline.claims_csv(pipeline.claim_rows(found, listed, outcomes)).encode("utf-8"),
            file_name=f"claims-{found.document.document_id}.csv",
            mime="text/csv",
            key="download-claims",
            icon=":material/download:",
            on_click="ignore",
        )


def _draw_verdicts(
    found: DocumentClaims, verified: Sequence[RankedSentence], outcomes: Mapping[str, ClaimOutcome]
) -> None:
    import pandas as pd

    rows = pipeline.claim_rows(found, verified, outcomes)
    frame = pd.DataFrame(
        {
            "Rank": [row["rank"] for row in rows],
            "Sentence": [row["quote"] for row in rows],
            "Verdict": [_verdict(outcomes[item.sentence.sentence_id]) for item in verified],
            "Corroborate": [row["supporting"] for row in rows],
            "Contradict": [row["refuting"] for row in rows],
            "Related": [row["related"] for row in rows],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        key="claims-table",
        column_config={
            "Sentence": st.column_config.Column(width="large"),
            **{
                name: st.column_config.Column(width="small")
                for name in ("Rank", "Corroborate", "Contradict", "Related")
            },
        },
        height=min(_TABLE_PX, _ROW_PX * (len(frame) + 1) + 3),
    )


def _verdict(outcome: ClaimOutcome) -> str:
    return VERDICT_WORDS[outcome.decision.verdict] if outcome.decision else "could not be verified"


def _draw_card(found: DocumentClaims, item: RankedSentence, outcome: ClaimOutcome | None) -> None:
    sentence = item.sentence
    with st.container(key=f"card-{sentence.sentence_id}"):
        st.html(card_html(found, item, outcome))
        with st.container(horizontal=True, gap="medium", key=f"tools-{sentence.sentence_id}"):
            if outcome is not None and outcome.verification_id:
                if _tool(
                    f"Open verification of sentence {item.rank}", "open", sentence, icon=":material/balance:"
                ):
                    session.open_page("verify", verification=outcome.verification_id)
            elif _tool(f"Verify sentence {item.rank}", "verify", sentence, icon=":material/balance:"):
                use_as_claim(sentence.text, found.document.outlet, sentence.sentence_id)
                session.open_page("verify")
            if _tool(f"Read sentence {item.rank} in context", "read", sentence, icon=":material/article:"):
                session.open_page("read", document=sentence.document_id, sentence=sentence.sentence_id)


def _tool(label: str, what: str, sentence: Sentence, *, icon: str) -> bool:
    """Draw a button of a card; its label names the card, so that buttons heard one after another can be told apart."""
    return st.button(label, key=f"{what}-{sentence.sentence_id}", type="tertiary", icon=icon)


def card_html(found: DocumentClaims, item: RankedSentence, outcome: ClaimOutcome | None) -> str:
    """Return the card of one sentence: rank, the sentence between its neighbours, score with reasons, and what came of verifying it."""
    sentence = item.sentence
    before, after = _neighbours(found, sentence)
    return (
        f'<div class="cv-ranked"><h3 class="cv-rank"><span class="cv-visually-hidden">Sentence </span>{item.rank}</h3>'
        f"<div>{html_passage(before, sentence.text, after, sentence.language)}{_outcome_html(outcome)}</div>"
        f"<div>{_score_html(item.assessment, sentence.language)}</div></div>"
    )


def _neighbours(found: DocumentClaims, sentence: Sentence) -> tuple[str, str]:
    around = {item.sentence.ordinal: item.sentence for item in found.ranked}
    before, after = around.get(sentence.ordinal - 1), around.get(sentence.ordinal + 1)
    return before.text if before else "", after.text if after else ""


def _outcome_html(outcome: ClaimOutcome | None) -> str:
    if outcome is None:
        return ""
    if outcome.decision is None:
        return f'<p class="cv-judged"><b>Could not be verified:</b> {html_text(outcome.error)}</p>'
    verdict = outcome.decision.verdict
    return (
        f'<p class="cv-judged"><span class="cv-seal cv-seal-{verdict.value}">{html_text(VERDICT_WORDS[verdict])}</span>'
        f"{html_text(verdict_line(outcome.decision))}</p>"
    )


def _score_html(assessment: Assessment, language: str) -> str:
    word = "checkable" if assessment.checkable else "hardly checkable"
    reasons = "".join(
        f"<li>{_sided(sign.kind)}{html_text(sign.kind)}"
        f"{f': <q {_language(language)}>{html_text(sign.text)}</q>' if sign.text.strip() else ''}</li>"
        for sign in assessment.signs
    )
    if not assessment.signs:
        reasons = "<li>nothing speaks for or against it</li>"
    if not assessment.by_words:
        reasons += "<li>no word lists for this language: only numbers, names and marks were read</li>"
    return (
        f'<div class="cv-score" aria-hidden="true"><i style="width:{100 * assessment.score:.1f}%"></i></div>'
        f'<p class="cv-numbers"><span class="cv-top">{assessment.score:.2f} · {word}</span></p><ul class="cv-reasons">{reasons}</ul>'
    )


def _language(language: str) -> str:
    """Return the attributes of an element that holds foreign text: its language, and the direction it is written in."""
    return f'lang="{html_text(language)}" dir="{direction(language)}"'


def _sided(kind: str) -> str:
    sign, said = ("+", "for it: ") if kind in FOR else ("−", "against it: ")
    return f'<span aria-hidden="true">{sign} </span><span class="cv-visually-hidden">{said}</span>'
