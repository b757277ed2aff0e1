"""The page of the team: who takes part in which role, who is to label what, and how far everybody is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from verifier.config import Settings
from verifier.domain import AssignmentState, Conditions, Document, Role
from verifier.pipeline import Services, roles, team
from verifier.pipeline.team import Progress
from verifier.ui import session, theme
from verifier.ui.escape import markdown_text
from verifier.ui.wording import annotator_name, counted, day, document_name, language_name

TITLE = "Team"
LEAD = "Who takes part, who is to label what, and how far everybody is. Only admins give roles and assign documents."
ALONE = "Nobody has a role yet: this installation belongs to whoever works in it. The first role you give, or the first documents you assign, make you its admin."
NO_ROLE = "no role"
REMEMBERED = (
    "team-documents",
    "team-people",
    "team-k",
    "team-books",
    "team-outlet-hidden",
    "team-others-hidden",
    "team-suggestions",
    "team-seed",
)

_STATES = (("done", "#2e8b57"), ("skipped", "#b07a1e"), ("open", "#8a93a0"))
"""States with their colours; told apart in words in legend and table, too."""

_BAR_PX = 28
_AXES_PX = 130
"""Legend, axis and its title, which the height of a chart includes."""
_TABLE_PX = 420
_ROWS = 11
"""As many rows as fit into that height; from then on the table scrolls."""
_LARGEST_SEED = 2**31 - 1


def draw(_settings: Settings, services: Services) -> None:
    """Draw the page."""
    theme.draw_title(TITLE, LEAD)
    name = session.annotator()
    if not name:
        theme.draw_note(session.NAME_MISSING)
    if not services.store.annotators():
        theme.draw_note(ALONE)
    *people, everybody = team.progress(services)
    if people:
        _draw_progress(people, everybody)
    documents = {document.document_id: document for document in services.store.documents()}
    _draw_skipped(services, documents)
    if not name:
        return
    role = roles.role_of(services, name)
    if role is not Role.ADMIN:
        theme.draw_note(
            f"You are {f'an {role.value}' if role else 'not on the team yet'}; an admin assigns documents and gives roles."
        )
        return
    first, second = st.columns([1, 2], gap="large")
    with first:
        _draw_roles(services)
    with second:
        _draw_assigning(services, documents)


# ---- progress


def _draw_progress(people: Sequence[Progress], everybody: Progress) -> None:
    theme.draw_figures(
        [
            (len(people), "person" if len(people) == 1 else "people"),
            (everybody.assigned, "assigned"),
            (everybody.done, "done"),
            (everybody.skipped, "skipped"),
        ]
    )
    working = [one for one in people if one.assigned]
    if working:
        theme.draw_kicker("How far everybody is")
        _draw_bars(working)
    _draw_table([*people, everybody])


def _draw_bars(people: Sequence[Progress]) -> None:
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame(
        [
            {
                "Who": annotator_name(one.annotator_id),
                "State": state,
                "Documents": getattr(one, state),
                "order": n,
            }
            for one in people
            for n, (state, _) in enumerate(_STATES)
        ]
    )
    chart = (
        alt.Chart(frame)
        .mark_bar(size=_BAR_PX // 2)
        .encode(
            y=alt.Y("Who:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
            x=alt.X("Documents:Q", title="Documents", axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color(
                "State:N",
                sort=[state for state, _ in _STATES],
                scale=alt.Scale(domain=[s for s, _ in _STATES], range=[c for _, c in _STATES]),
                legend=alt.Legend(orient="top", title=None),
            ),
            order="order:Q",
            tooltip=["Who:N", "State:N", "Documents:Q"],
        )
    )
    st.altair_chart(
        chart.properties(height=_AXES_PX + _BAR_PX * len(people)), width="stretch", key="team-bars"
    )


def _draw_table(rows: Sequence[Progress]) -> None:
    import pandas as pd

    frame = pd.DataFrame(
        [
            {
                "Who": annotator_name(one.annotator_id) if one.annotator_id else "all together",
                "Role": one.role.value if one.role else "",
                "Assigned": one.assigned,
                "Done": one.done,
                "Skipped": one.skipped,
                "Open": one.open,
                "Median time": shown_seconds(one.median_s),
            }
            for one in rows
        ]
    )
    st.dataframe(
        frame,
        hide_index=True,
        key="team-table",
        height=_TABLE_PX if len(frame) > _ROWS else "content",
        column_config={
            "Median time": st.column_config.Column(
                help="Of finished documents, from opened to done; a pause of more than five minutes counts as five."
            )
        },
    )


def shown_seconds(seconds: float | None) -> str:
    """Return "1:05 min", or "–" where no time is known."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} min"


def _draw_skipped(services: Services, documents: Mapping[str, Document]) -> None:
    skipped = {
        one.assignment_id: one
        for one in services.store.assignments()
        if one.state is AssignmentState.SKIPPED and one.document_id in documents
    }
    if not skipped:
        return
    with st.expander(f"{counted(len(skipped), 'item')} skipped, and why", key="team-skipped"):
        theme.draw_facts(
            [
                (
                    annotator_name(one.annotator_id),
                    f"{day(one.changed_at.date())} · {one.reason} · {document_name(documents[one.document_id])}",
                )
                for one in skipped.values()
            ]
        )
        theme.draw_note(
            "Assigning the same documents again gives a skipped one to somebody else. Putting it back gives it to the same person."
        )
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.selectbox(
                "Item",
                list(skipped),
                key="team-skipped-item",
                format_func=lambda key: (
                    f"{annotator_name(skipped[key].annotator_id)}: {document_name(documents[skipped[key].document_id])}"
                ),
            )
            st.button("Put back", key="team-put-back", on_click=_put_back, args=(services,))


# ---- roles


def _draw_roles(services: Services) -> None:
    theme.draw_kicker("People and roles")
    st.text_input(
        "Who",
        key="team-who",
        placeholder="a name or pseudonym",
        help="Exactly as they write their own name at the left. A pseudonym is best.",
    )
    st.selectbox(
        "Role",
        [*(role.value for role in Role), NO_ROLE],
        key="team-role",
        help="Annotators label. Adjudicators read and settle what others labelled. Admins besides assign documents and give roles.",
    )
    st.button("Give the role", key="team-give", on_click=_give, args=(services,))


@session.reaction
def _give(services: Services) -> None:
    chosen, role = str(st.session_state["team-who"]), st.session_state["team-role"]
    changes = roles.give_role(
        services, chosen, None if role == NO_ROLE else Role(role), by=session.annotator()
    )
    for change in changes:
        told = f"now has the role {change.role.value}" if change.role else "has no role any more"
        session.notice(f"{change.annotator_id} {told}.")
    if not changes:
        session.notice(f"{chosen} has that role already.")


# ---- assigning


def _draw_assigning(services: Services, documents: Mapping[str, Document]) -> None:
    theme.draw_kicker("Assign documents")
    books = {
        key: book
        for key, book in services.codebooks.items()
        if any(book.labels_at(level) for level in team.WORKED_LEVELS)
    }
    languages = sorted({document.language for document in documents.values()})
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.multiselect(
            "Documents",
            sorted(documents, key=lambda key: document_name(documents[key]).casefold()),
            key="team-documents",
            format_func=lambda key: document_name(documents[key]),
            placeholder="Type to search",
        )
        with st.popover("Add all", key="team-add"):
            for language in languages:
                ids = [key for key, one in documents.items() if one.language == language]
                st.button(
                    markdown_text(f"{language_name(language)} ({len(ids)})"),
                    key=f"team-add-{language}",
                    on_click=_add,
                    args=(ids,),
                )
    st.multiselect(
        "People",
        [one.annotator_id for one in services.store.annotators()],
        key="team-people",
        accept_new_options=True,
        help="Among whom to share. A name you add here becomes an annotator.",
    )
    st.multiselect("Codebooks", list(books), key="team-books", format_func=lambda key: books[key].title)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.number_input("People to each document", min_value=1, step=1, key="team-k")
        st.number_input(
            "Seed",
            min_value=0,
            max_value=_LARGEST_SEED,
            step=1,
            key="team-seed",
            help="The same seed shares the same way again. It is kept with each assignment.",
        )
    with st.container(horizontal=True, gap="medium"):
        st.session_state.setdefault("team-outlet-hidden", True)
        st.session_state.setdefault("team-others-hidden", True)
        st.toggle("Hide the outlet", key="team-outlet-hidden")
        st.toggle("Hide others' labels", key="team-others-hidden")
        st.toggle("Show suggestions", key="team-suggestions")
    st.button("Assign", key="team-assign", type="primary", on_click=_assign, args=(services,))


def _add(ids: Sequence[str]) -> None:
    st.session_state["team-documents"] = list(
        dict.fromkeys([*st.session_state.get("team-documents", []), *ids])
    )


@session.reaction
def _assign(services: Services) -> None:
    state = st.session_state
    made = team.assign(
        services,
        document_ids=state["team-documents"],
        annotator_ids=state["team-people"],
        k=int(state["team-k"]),
        codebook_ids=state["team-books"],
        by=session.annotator(),
        conditions=Conditions(
            outlet_hidden=state["team-outlet-hidden"],
            others_hidden=state["team-others-hidden"],
            suggestions_shown=state["team-suggestions"],
        ),
        seed=int(state["team-seed"]),
    )
    session.notice(
        f"{counted(len(made.new), 'assignment')} made." if made.new else "All of this was assigned already."
    )
    if made.short:
        session.notice(
            f"{counted(len(made.short), 'document')} could not be given to as many people as wanted: name more people.",
            failed=True,
        )


@session.reaction
def _put_back(services: Services) -> None:
    team.reopen(services, str(st.session_state["team-skipped-item"]), by=session.annotator())
