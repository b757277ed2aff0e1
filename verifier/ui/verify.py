"""The front page: a claim goes in, what other outlets say of it comes out."""

from __future__ import annotations

from datetime import date

import streamlit as st

from verifier import pipeline
from verifier.config import Settings
from verifier.domain import Filters, Verification
from verifier.errors import IndexMismatchError, IndexNotFoundError
from verifier.pipeline import Services
from verifier.ui import answer, session, theme
from verifier.ui.escape import markdown_text
from verifier.ui.wording import VERDICT_WORDS, counted, day, language_name, thousands

TITLE = "What do other outlets say?"
LEAD = (
    "Type one statement from the news. You see, side by side, which outlets in the corpus corroborate it, which contradict it, "
    "and in what words. The tool never says what is true."
)
PLACEHOLDER = "One statement, in any language. For example: The port was closed for two days."
CLAIMED_BY_HELP = "The outlet that made the claim is left out of the evidence, under all its names."

EXAMPLES = (
    "The talks in Lindhaven lasted more than seven hours.",
    "The talks in Lindhaven were over in an hour and a half.",
    "Двенадцать человек пострадали при взрыве в порту Эвринг.",
    "На мітинг біля парламенту прийшли тридцять тисяч людей.",
    "Lindhaven has opened a new tram line to the airport.",
)
"""Claims about the invented events of the demo corpus; the last is about none of them, to show the tool abstain."""

DEMO_OUTLET = "Meridian Agency"
"""While documents of this invented agency are in the corpus, the examples make sense."""

EARLIER_SHOWN = 8
_FILTER_KEYS = ("filter-languages", "filter-outlets", "filter-countries", "filter-from", "filter-to")
REMEMBERED = ("claim", "claimed-by", *_FILTER_KEYS)
"""Widgets of this page whose values last while the reader looks at another page."""


def draw(settings: Settings, services: Services) -> None:
    """Draw the page."""
    _open_from_address(services)
    _draw_earlier(services)
    theme.draw_title(TITLE, "" if "verification" in st.session_state else LEAD)
    if not services.store.counts().documents:
        _draw_empty(services)
        return
    _draw_index_state(services)
    asked = _draw_question(services)
    if st.session_state.pop("check-now", False) or asked:
        try:
            _check(services)
        except (IndexNotFoundError, IndexMismatchError) as error:
            st.session_state["index-trouble"] = str(error)
        st.rerun()  # what stands above the answer knows of it now
    verification: Verification | None = st.session_state.get("verification")
    if verification is None:
        _draw_examples(services)
        return
    st.query_params["verification"] = verification.verification_id
    if verification.run.settings_digest != settings.digest():
        theme.draw_note(
            "This was computed with other settings than those in force now. Check the claim again to compare."
        )
    answer.draw(services, verification)


def _open_from_address(services: Services) -> None:
    """Show the verification that the address names, so that a link leads to a result as it was computed then."""
    wanted = st.query_params.get("verification", "")
    shown: Verification | None = st.session_state.get("verification")
    if wanted and (shown is None or shown.verification_id != wanted):
        with session.plain_errors():
            _show(services.store.verification(wanted))


def _show(verification: Verification) -> None:
    st.session_state["verification"] = verification
    st.session_state["claim"] = verification.claim.text
    st.session_state["claimed-by"] = verification.claim.claimed_by or None
    for key in ("all-supports", "all-refutes", "all-neutral", "marked"):
        st.session_state.pop(key, None)


def _draw_earlier(services: Services) -> None:
    """List the latest verifications in the sidebar; each opens as it was computed then."""
    latest = services.store.verifications(limit=2 * EARLIER_SHOWN)
    # The same claim checked again and again is listed once, as it was last.
    earlier = list({v.claim.text: v for v in reversed(latest)}.values())[::-1][:EARLIER_SHOWN]
    if not earlier:
        return
    with st.sidebar.container(key="earlier", gap="xsmall"):
        theme.draw_kicker("Earlier checks")
        for verification in earlier:
            decision = verification.decision
            st.button(
                markdown_text(verification.claim.text, limit=64),
                key=f"earlier-{verification.verification_id}",
                type="tertiary",
                on_click=_reopen,
                args=(verification,),
                help=f"{VERDICT_WORDS[decision.verdict]} · {decision.supporting} for, {decision.refuting} against · "
                f"{day(verification.created_at.date())}",
            )


def _reopen(verification: Verification) -> None:
    _show(verification)
    st.query_params["verification"] = verification.verification_id


def _draw_empty(services: Services) -> None:
    st.html('<section class="cv-verdict"><h2 class="cv-line">The corpus is empty.</h2></section>')
    theme.draw_note(
        "There is nothing to compare a claim with yet. Load the small demo corpus, or add documents of your own."
    )
    with st.container(horizontal=True, key="empty"):
        if st.button("Load the demo corpus", key="load-demo", type="primary"):
            with session.progress_bar("Loading the demo corpus") as progress:
                report = pipeline.demo(services, progress=progress)
                pipeline.build_index(services, progress=progress)
            session.notice(
                f"{counted(report.added, 'document')} of the demo corpus are in and can be searched."
            )
            st.rerun()
        if st.button("Add documents", key="go-corpus"):
            session.open_page("corpus")


def _draw_index_state(services: Services) -> None:
    state = pipeline.index_state(services)
    # What only the loaded models can tell, such as an index of another encoder, came up at the last check.
    reason = st.session_state.get("index-trouble", "") if state.fresh else state.reason
    if not reason:
        return
    st.warning(markdown_text(reason), icon=":material/sync_problem:")
    if st.button(
        "Update the index" if state.exists else "Build the index", key="build-index", type="primary"
    ):
        with session.progress_bar("Building the index") as progress:
            report = pipeline.build_index(services, progress=progress)
        st.session_state.pop("index-trouble", None)
        session.notice(f"The index is up to date: {counted(report.sentences, 'sentence')} can be searched.")
        st.rerun()


def _draw_question(services: Services) -> bool:
    """Draw the claim box, the outlet that made the claim, and the filters; tells whether the button was pressed."""
    st.session_state.setdefault("claim", "")
    st.text_area("Claim", key="claim", height=70, placeholder=PLACEHOLDER, label_visibility="collapsed")
    with st.container(horizontal=True, vertical_alignment="bottom", key="question"):
        asked = st.button("Check this claim", key="check", type="primary", icon=":material/search:")
        outlets = sorted(services.store.counts().by_outlet, key=str.casefold)
        chosen = st.session_state.get("claimed-by")
        st.selectbox(
            "Claimed by",
            [*outlets, *([chosen] if chosen and chosen not in outlets else [])],
            index=None,
            key="claimed-by",
            placeholder="Claimed by: nobody in particular",
            help=CLAIMED_BY_HELP,
            accept_new_options=True,
            label_visibility="collapsed",
            width=330,
        )
        _draw_filters(services, outlets)
    return asked


def _draw_filters(services: Services, outlets: list[str]) -> None:
    active = sum(bool(st.session_state.get(key)) for key in _FILTER_KEYS)
    label = f"Filters · {active} set" if active else "Filters"
    languages = list(services.store.counts().by_language)
    with st.popover(label, key="filters", icon=":material/filter_list:"):
        st.multiselect(
            "Languages", languages, key="filter-languages", format_func=language_name, placeholder="all"
        )
        st.multiselect("Outlets", outlets, key="filter-outlets", placeholder="all")
        st.multiselect("Countries", session.countries(services), key="filter-countries", placeholder="all")
        first, last = st.columns(2)
        first.date_input("Published from", value=None, key="filter-from", format="YYYY-MM-DD")
        last.date_input("to", value=None, key="filter-to", format="YYYY-MM-DD")
        st.button(
            "Clear the filters",
            key="filter-clear",
            type="tertiary",
            on_click=_clear_filters,
            disabled=not active,
        )


def _clear_filters() -> None:
    for key in _FILTER_KEYS:
        st.session_state[key] = [] if key in _FILTER_KEYS[:3] else None


def _filters() -> Filters:
    first: date | None = st.session_state.get("filter-from")
    last: date | None = st.session_state.get("filter-to")
    return Filters(
        languages=tuple(st.session_state.get("filter-languages", ())),
        outlets=tuple(st.session_state.get("filter-outlets", ())),
        countries=tuple(st.session_state.get("filter-countries", ())),
        published_from=first,
        published_to=last,
    )


def _check(services: Services) -> None:
    text = str(st.session_state.get("claim", ""))
    sentence_id, sentence_text = st.session_state.get("claim-sentence", ("", ""))
    st.session_state.pop("verification", None)
    st.query_params.clear()
    what = (
        "Searching" if services.models_loaded else "Loading the models; the first time takes a little longer"
    )
    with session.progress_bar(what) as progress:
        verification = pipeline.verify(
            services,
            text,
            filters=_filters(),
            claimed_by=str(st.session_state.get("claimed-by") or ""),
            # A sentence that was edited in the box is a claim of the reader's own.
            sentence_id=sentence_id if text == sentence_text else "",
            progress=progress,
        )
    st.session_state["verification"] = verification


def _draw_examples(services: Services) -> None:
    counts = services.store.counts()
    theme.draw_note(
        f"The corpus holds {counted(counts.documents, 'document')} ({thousands(counts.sentences)} sentences) of "
        f"{counted(counts.outlets, 'outlet')} in {', '.join(map(language_name, counts.by_language))}."
    )
    if DEMO_OUTLET not in counts.by_outlet:
        return
    with st.container(key="examples", gap="xsmall"):
        theme.draw_kicker("Try one")
        for number, example in enumerate(EXAMPLES):
            st.button(
                markdown_text(example),
                key=f"example-{number}",
                type="tertiary",
                on_click=_take_example,
                args=(example,),
            )


def _take_example(text: str) -> None:
    st.session_state["claim"] = text
    st.session_state["check-now"] = True
