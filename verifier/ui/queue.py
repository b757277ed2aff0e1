"""The queue of an annotator on the page Annotate: what is next, how much is done, done and skip in one key or click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from verifier.domain import Assignment, AssignmentState, Document, VisitKind
from verifier.pipeline import Services, team
from verifier.ui import session, theme
from verifier.ui.desk import Desk, shown_name
from verifier.ui.escape import markdown_text
from verifier.ui.wording import counted

QUEUE, ALL = "My queue", "All documents"
NOTHING_OPEN = "Nothing is open in your queue. Thank you."
REMEMBERED = ("annotate-mode",)

_BAR_PX = 170
"""Wide enough for "120 of 400 done, 12 skipped"."""

_ITEM, _OPENED = "queue-item", "queue-opened"
"""The assignment that was asked for, and the one whose opening is on record."""

_REASONS = ("not in scope", "a duplicate", "unreadable or incomplete", "language I do not read")
"""What people skip for as a rule; any other reason can be written."""


def draw_mode(services: Services, name: str) -> bool:
    """Let somebody who has assignments choose between these and all documents; returns whether they work through their queue."""
    if not name or not team.queue(services, name):
        leave(services, name)
        return False
    st.session_state.setdefault("annotate-mode", QUEUE)
    chosen = st.segmented_control("Work on", [QUEUE, ALL], key="annotate-mode", label_visibility="collapsed")
    if chosen != QUEUE:
        leave(services, name)
    return bool(chosen == QUEUE)


def draw(services: Services, name: str, documents: Mapping[str, Document]) -> Desk | None:
    """Draw how far somebody is, and what they can do with the item before them, into a horizontal container.

    Returns:
        What is to be worked on, or None when nothing is open.
    """
    items = team.queue(services, name)
    current = _current(items)
    done = sum(one.state is AssignmentState.DONE for one in items)
    skipped = sum(one.state is AssignmentState.SKIPPED for one in items)
    told = f"{done} of {len(items)} done" + (f", {skipped} skipped" if skipped else "")
    st.progress(done / len(items), text=told, width=_BAR_PX)
    if current is not None:
        document = documents[current.document_id]
        st.button(
            "Done, next",
            key="queue-done",
            type="primary",
            shortcut="Ctrl+Enter",
            on_click=_finish,
            args=(services, current, document.sha256),
            help="You went through the whole text: what carries no label has none on purpose.",
        )
        _draw_skip(services, current)
    _draw_back(services, items, documents)
    if current is None:
        leave(services, name)
        return None
    _open(services, current)
    return Desk(
        document=document,
        annotator_id=name,
        codebook_ids=tuple(key for key in current.codebook_ids if key in services.codebooks),
        conditions=current.conditions,
        assignment=current,
    )


def leave(services: Services, name: str) -> None:
    """Record that somebody turned away from the item they had open, if they had."""
    opened = st.session_state.pop(_OPENED, "")
    if opened and name:
        with session.plain_errors():
            team.visit(services, opened, VisitKind.LEFT, by=name)


def _current(items: Sequence[Assignment]) -> Assignment | None:
    still = [one for one in items if one.state is AssignmentState.OPEN]
    wanted = st.session_state.get(_ITEM, "")
    return next((one for one in still if one.assignment_id == wanted), still[0] if still else None)


def _open(services: Services, current: Assignment) -> None:
    st.session_state[_ITEM] = current.assignment_id
    if st.session_state.get(_OPENED) != current.assignment_id:
        st.session_state[_OPENED] = current.assignment_id
        team.visit(services, current.assignment_id, VisitKind.OPENED, by=current.annotator_id)


def _draw_skip(services: Services, current: Assignment) -> None:
    with st.popover("Skip", key="queue-skip"):
        st.selectbox(
            "Why?",
            _REASONS,
            index=None,
            accept_new_options=True,
            key=f"queue-reason-{current.assignment_id}",
            placeholder="Choose or write a reason",
        )
        st.button(
            "Skip, next", key="queue-skip-now", type="primary", on_click=_skip, args=(services, current)
        )


def _draw_back(services: Services, items: Sequence[Assignment], documents: Mapping[str, Document]) -> None:
    closed = {one.assignment_id: one for one in items if one.state is not AssignmentState.OPEN}
    if not closed:
        return

    def called(key: str) -> str:
        one = closed[key]
        name = shown_name(documents[one.document_id], outlet_hidden=one.conditions.outlet_hidden)
        return markdown_text(f"{name} – {one.state.value}{f': {one.reason}' if one.reason else ''}", 90)

    with st.popover("Go back", key="queue-back"):
        theme.draw_note(
            f"{counted(len(closed), 'item')} done or skipped. Going back opens one again; that is on record."
        )
        # Newest first: mostly it is the one just finished.
        order = sorted(closed, key=lambda key: closed[key].changed_at, reverse=True)
        st.selectbox("Item", order, key="queue-closed", format_func=called)
        st.button("Open again", key="queue-reopen", on_click=_reopen, args=(services,))


@session.reaction
def _finish(services: Services, current: Assignment, sha256: str) -> None:
    team.finish(services, current.assignment_id, by=session.annotator(), text_sha256=sha256)
    _after(current)


@session.reaction
def _skip(services: Services, current: Assignment) -> None:
    reason = st.session_state.get(f"queue-reason-{current.assignment_id}") or ""
    team.skip(services, current.assignment_id, str(reason), by=session.annotator())
    _after(current)


@session.reaction
def _reopen(services: Services) -> None:
    wanted = str(st.session_state["queue-closed"])
    team.reopen(services, wanted, by=session.annotator())
    st.session_state[_ITEM] = wanted


def _after(closed: Assignment) -> None:
    # Its stretch of work ends with its state; opening the next one is recorded when it is drawn.
    if st.session_state.get(_OPENED) == closed.assignment_id:
        del st.session_state[_OPENED]
    st.session_state.pop(_ITEM, None)
