"""The page of adjudication: what annotators said side by side, one decision at a time, each settled by one key; and, for annotators, where gold differs from theirs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from verifier.codebooks import read_guideline
from verifier.config import Settings
from verifier.domain import Annotation, Codebook, Document, Level, Role
from verifier.pipeline import Services, adjudication, roles
from verifier.pipeline.agreement import labels_digest
from verifier.pipeline.dockets import Case, Docket, docket, dockets
from verifier.ui import decision, session, settling, theme
from verifier.ui.agreement import LEVEL_WORDS
from verifier.ui.beside import demoted
from verifier.ui.escape import html_text, markdown_text
from verifier.ui.wording import annotator_name, counted, document_name, moment

TITLE = "Adjudicate"
LEAD = "Decide what holds where several people labelled the same text. Gold is a layer of its own: nobody's labels change."
NOTHING = "Nobody has labelled anything yet; there is nothing to decide."
ANNOTATORS_ONLY = (
    "Adjudicators decide what is gold; you see here where gold differs from your labels, and why."
)
ALL_ALIKE = "Nothing that was decided differs from your labels, as far as you may see it yet."
TABS = ("Decisions", "Where gold differs from mine")
REMEMBERED = (
    "adjudicate-book",
    "adjudicate-level",
    "adjudicate-document",
    settling.SHOWN,
    "adjudicate-open",
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Row:
    """How far one docket is, without its texts."""

    document_id: str
    codebook_id: str
    level: Level
    decisions: int
    open: int
    agreed: int


def draw(_settings: Settings, services: Services) -> None:
    """Draw the page."""
    theme.draw_title(TITLE, LEAD)
    name = session.annotator()
    if not name:
        theme.draw_note(session.NAME_MISSING)
        return
    if roles.role_of(services, name) not in {Role.ADJUDICATOR, Role.ADMIN}:
        theme.draw_note(ANNOTATORS_ONLY)
        _draw_differences(services, name)
        return
    decisions, differences = st.tabs(list(TABS))
    with decisions:
        _draw_decisions(services, name)
    with differences:
        _draw_differences(services, name)


# ---- choosing what to decide


def _draw_decisions(services: Services, name: str) -> None:
    rows = _rows(_digest(services), name, services)
    if not rows:
        theme.draw_note(NOTHING)
        return
    one = _choose(services, rows, name)
    codebook = services.codebooks[one.topic[0]]
    _draw_progress(services, one, rows, name)
    shown = [case for case in one.cases if case.open or not st.session_state["adjudicate-open"]]
    if one.cases and not shown:
        theme.draw_note(
            "Everything on this text is decided. Show the settled ones, too, to look at them again."
        )
    if shown:
        case = _choose_case(shown, one.document)
        text, panel = st.columns([1.9, 1], gap="large")
        with text:
            _draw_case(services, one, case, shown, codebook)
        with panel, st.container(key="panel", gap="small"):
            _draw_definitions(codebook, case)
    _draw_loose(services, one)


def _digest(services: Services) -> str:
    log = "".join(one.resolution_id for one in services.store.resolutions())
    known = f"{services.store.corpus_digest()} {labels_digest(services)} {log}"
    return hashlib.sha256(known.encode()).hexdigest()


@st.cache_data(show_spinner="Looking for what is to be decided", max_entries=8)
def _rows(digest: str, by: str, _services: Services) -> list[_Row]:  # noqa: ARG001  (what the cache goes by)
    return [
        _Row(one.document.document_id, *one.topic, len(one.cases), one.open, len(one.agreed))
        for one in dockets(_services, by=by)
    ]


def _choose(services: Services, rows: Sequence[_Row], name: str) -> Docket:
    """Let the reader choose codebook, level and document; what has most to decide is chosen at first."""
    wanted = st.query_params.get("document", "")
    if wanted and st.session_state.get("adjudicate-address") != wanted:
        st.session_state["adjudicate-address"] = wanted
        there = max(
            (row for row in rows if row.document_id == wanted), key=lambda row: row.open, default=None
        )
        if there is not None:
            st.session_state["adjudicate-book"] = there.codebook_id
            st.session_state["adjudicate-level"] = there.level
            st.session_state["adjudicate-document"] = wanted
    st.session_state.setdefault("adjudicate-open", False)
    first, second, third = st.columns([2, 1, 3], vertical_alignment="bottom")
    open_by_book = Counter(dict.fromkeys((row.codebook_id for row in rows), 0))
    for row in rows:
        open_by_book[row.codebook_id] += row.open
    book: str = first.selectbox(
        "Codebook",
        _still([key for key, _ in open_by_book.most_common()], "adjudicate-book"),
        key="adjudicate-book",
        format_func=lambda key: f"{services.codebooks[key].title} · {open_by_book[key]} open",
    )
    open_by_level = Counter({row.level: 0 for row in rows if row.codebook_id == book})
    for row in rows:
        open_by_level[row.level] += row.open if row.codebook_id == book else 0
    levels = [
        key
        for key, _ in open_by_level.most_common()
        if any((r.codebook_id, r.level) == (book, key) for r in rows)
    ]
    level: Level = second.selectbox(
        "Labels on",
        _still(levels, "adjudicate-level"),
        key="adjudicate-level",
        format_func=lambda key: f"{LEVEL_WORDS[key]} · {open_by_level[key]} open",
    )
    here = {row.document_id: row for row in rows if (row.codebook_id, row.level) == (book, level)}
    names = {key: document_name(services.store.document(key)) for key in here}
    document_id: str = third.selectbox(
        "Document",
        _still(
            sorted(here, key=lambda key: (not here[key].open, names[key].casefold())), "adjudicate-document"
        ),
        key="adjudicate-document",
        format_func=lambda key: f"{here[key].open} of {here[key].decisions} open · {names[key]}",
        help="Those with something to decide come first.",
    )
    return docket(services, document_id, book, level, by=name)


def _still(options: list[T], key: str) -> list[T]:
    """Return the options after replacing a choice that is none of them any more by the first.

    The choice is written down in any case: Streamlit knows it by the words on screen, and these change with every decision.
    """
    chosen = st.session_state.get(key)
    st.session_state[key] = chosen if chosen in options else options[0]
    return options


def _draw_progress(services: Services, one: Docket, rows: Sequence[_Row], name: str) -> None:
    settled, total = len(one.cases) - one.open, len(one.cases)
    everywhere = sum(row.decisions for row in rows)
    done = everywhere - sum(row.open for row in rows)
    st.progress(
        settled / total if total else 1.0,
        text=f"{settled} of {total} decided on this text; {done} of {everywhere} in all.",
    )
    if one.at_work:
        people = ", ".join(map(annotator_name, one.at_work))
        theme.draw_note(f"Still at work on this text: {people}. What they label will open decisions again.")
    here, all_over = len(one.agreed), sum(row.agreed for row in rows)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            f"Accept {here} agreed here",
            key="accept-here",
            shortcut="A",
            disabled=not here,
            on_click=_accept,
            args=(services, name, one),
            help="Make gold of everything on this text on which all who went through it say the same.",
        )
        st.button(
            f"Accept {all_over} agreed in all documents",
            key="accept-all",
            type="tertiary",
            disabled=not all_over,
            on_click=_accept,
            args=(services, name, None),
        )
        st.toggle("Open ones only", key="adjudicate-open")


def _choose_case(shown: Sequence[Case], document: Document) -> Case:
    cases = {case.decision.decision_id: case for case in shown}
    if st.session_state.get(settling.SHOWN) not in cases:
        settling.go_to(next((key for key, case in cases.items() if case.open), next(iter(cases))))
    ids = _still(list(cases), settling.SHOWN)
    at = ids.index(st.session_state[settling.SHOWN])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Decision",
            ids,
            key=settling.SHOWN,
            format_func=lambda key: (
                f"{ids.index(key) + 1} of {len(ids)} · {decision.case_name(cases[key], document)}"
            ),
        )
        for label, key, step in (("Previous", "K", -1), ("Next", "J", 1)):
            st.button(
                label,
                key=f"case-{label.lower()}",
                shortcut=key,
                disabled=not 0 <= at + step < len(ids),
                on_click=settling.go_to,
                args=(ids[max(0, min(at + step, len(ids) - 1))],),
            )
    return cases[st.session_state[settling.SHOWN]]


# ---- one decision


def _draw_case(
    services: Services, one: Docket, case: Case, shown: Sequence[Case], codebook: Codebook
) -> None:
    accord = decision.ACCORD_WORDS[case.decision.accord]
    theme.draw_kicker(f"{accord} · {decision.state_words(case)}")
    st.html(decision.side_by_side_html(case, one.document, services.codebooks))
    if case.settled_by:
        st.html(decision.history_html(case))
    settling.draw(services, case, one.document, codebook, then=_after(case, shown))


def _after(case: Case, shown: Sequence[Case]) -> str:
    """Name the decision to go on with: the next open one, else the first open one, else this."""
    ids = [one.decision.decision_id for one in shown]
    at = ids.index(case.decision.decision_id)
    ahead = [*shown[at + 1 :], *shown[:at]]
    return next((one.decision.decision_id for one in ahead if one.open), case.decision.decision_id)


@session.reaction
def _accept(services: Services, name: str, only: Docket | None) -> None:
    if only is None:
        done = adjudication.accept_agreed(services, by=name)
    else:
        book, level = only.topic
        done = adjudication.accept_agreed(
            services, by=name, codebook_id=book, level=level, document_ids=[only.document.document_id]
        )
    said = f"{counted(done.decisions, 'agreed decision')} on {counted(done.documents, 'document')} accepted."
    if done.waiting:
        said += (
            f" {counted(done.waiting, 'document')} wait until everybody who is to label them has finished."
        )
    session.notice(said)
    settling.go_to(
        ""
    )  # the first that is open now; a key meant for the next decision must not meet what was just accepted
    for reason in done.refused:
        session.notice(reason, failed=True)


# ---- beside the decision


def _draw_definitions(codebook: Codebook, case: Case) -> None:
    theme.draw_kicker("Labels in question")
    known = {label.label_id: label for label in (*codebook.labels, *codebook.retired_labels)}
    given = [reading.label for reading in case.decision.readings] + [gold.label for gold in case.gold]
    for label_id in dict.fromkeys(given):
        if label_id in known:
            st.html(decision.definition_html(known[label_id]))
    page = read_guideline(codebook.codebook_id)
    if page:
        with st.expander(f"Guidelines of {markdown_text(codebook.title)}", icon=":material/menu_book:"):
            st.markdown(demoted(page))


def _draw_loose(services: Services, one: Docket) -> None:
    if not one.loose:
        return
    theme.draw_kicker("Gold on words that nobody labels")
    for gold in one.loose:
        st.html(decision.marked_html([gold], one.document, services.codebooks))
        st.button(
            "Withdraw",
            key=f"loose-{gold.annotation_id}",
            type="tertiary",
            on_click=_withdraw,
            args=(services, one, gold),
        )


@session.reaction
def _withdraw(services: Services, one: Docket, gold: Annotation) -> None:
    adjudication.withdraw_gold(services, one, gold, by=session.annotator())


# ---- where gold differs


def _draw_differences(services: Services, name: str) -> None:
    documents = adjudication.documents_with_gold(services)
    found = {
        key: differences
        for key in documents
        if (differences := adjudication.differences(services, key, name))
    }
    if not found:
        theme.draw_note(ALL_ALIKE)
        return
    names = {key: document_name(services.store.document(key)) for key in found}
    chosen: str = st.selectbox(
        "Document",
        _still(sorted(found, key=lambda key: names[key].casefold()), "differs-document"),
        key="differs-document",
        format_func=lambda key: f"{counted(len(found[key]), 'difference')} · {names[key]}",
    )
    document = services.store.document(chosen)
    for one in found[chosen]:
        book = services.codebooks[one.topic[0]]
        with st.container(border=True, gap="small"):
            theme.draw_kicker(f"{decision.DIFFERENCE_WORDS[one.kind]} · {book.title}")
            sides = "".join(
                f'<section class="cv-hand"><p class="cv-kicker">{head}</p>'
                f"{decision.marked_html(labels, document, services.codebooks)}</section>"
                for head, labels in (("Mine", one.mine), ("Gold", one.gold))
            )
            st.html(f'<div class="cv-hands">{sides}</div>')
            who = f"Decided by {annotator_name(one.decided_by)}, {moment(one.decided_at)}."
            st.html(
                f'<p class="cv-note" dir="auto"><b>{html_text(one.note or "No reason was given.")}</b><br>{html_text(who)}</p>'
            )
