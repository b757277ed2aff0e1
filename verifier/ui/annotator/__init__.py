"""The span annotator: a document's text on screen, whose words people label by mouse, touch or keyboard.

No edit is lost on the way. The browser keeps every operation under an id of its own until Python has *answered* it, accepted or refused,
and sends all of those not answered as one value again and again. So an operation can arrive twice, and after a restart of the server or in
another tab; committing must be idempotent by ``op_id``. Offsets are Unicode code points, half-open, as in :class:`verifier.domain.Span`.

Draw it inside an ``st.fragment`` with nothing slow before it, so that an edit runs little of the app again, and its lifeline outside::

    annotator.lifeline()

    @st.fragment
    def work() -> None:
        annotator.draw(document, annotator=name, codebooks=books, annotations=standing(), on_edits=commit)

    work()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import streamlit as st

from verifier.domain import Annotation, Codebook, Document
from verifier.ui.annotator import assets, payload
from verifier.ui.annotator.payload import PlacedSuggestion

__all__ = ["KEY", "Answer", "Edit", "PlacedSuggestion", "draw", "lifeline"]

KEY = "annotator"


class Edit(TypedDict):
    """One operation as the browser sends it; nothing in it is to be trusted before it is checked.

    ``start`` and ``end`` are code points; ``method`` is ``manual``, ``suggestion-accepted`` or ``suggestion-rejected`` (an ``add`` that
    records a refusal and marks no words as labelled); ``made_at`` is ISO 8601 in UTC by the browser's clock; ``duration_ms`` counts from
    when the words were selected. ``annotator`` says who was at work; operations of another person than the one who is are never handed on,
    so take the name from the session. ``document_id`` may be another document than the one on screen, opened before.
    """

    op_id: str
    kind: str
    annotation_id: str
    annotator: str
    document_id: str
    text_sha256: str
    level: str
    start: int
    end: int
    quote: str
    codebook_id: str
    codebook_version: str
    label: str
    intensity: int | None
    target: str
    confidence: int | None
    note: str
    method: str
    suggestion_id: str
    made_at: str
    duration_ms: int


class Answer(TypedDict):
    """What became of an operation; ``reason`` is a sentence for a person and needed where it was refused."""

    op_id: str
    accepted: bool
    reason: NotRequired[str]


def lifeline(key: str = KEY) -> None:
    """Draw, invisibly, what lets the browser run the whole page; call it outside of the fragment that holds the annotator.

    A server that has been started anew passes over what comes from a fragment until the page has run once, and Streamlit does not
    always run it when the browser connects again. Operations that stay without an answer are sent this way.
    """
    mount = st.components.v2.component(
        "verifier_annotator_lifeline",
        html='<div class="cva-base"></div>',
        js=assets.lifeline_script(),
        isolate_styles=False,
    )
    mount(key=f"{key}-lifeline", on_wakes_change=lambda: None)


def draw(
    document: Document,
    *,
    annotator: str,
    codebooks: Sequence[Codebook],
    annotations: Sequence[Annotation],
    on_edits: Callable[[list[Edit]], Iterable[Answer]],
    suggestions: Sequence[PlacedSuggestion] = (),
    names: Mapping[str, str] | None = None,
    readonly: bool = False,
    hidden: bool = False,
    key: str = KEY,
) -> list[Edit]:
    """Draw the annotator.

    Read ``annotations`` anew in every run, after the callbacks: what is answered must be among them, or an edit would vanish from the
    screen until the next run.

    Args:
        document: whose frozen text is shown, unchanged.
        annotator: the id of the person at work; annotations of that id are theirs to change.
        codebooks: schemes on offer, in order. Only labels that spans may carry can be given.
        annotations: all that stand on the document; with ``hidden`` only the person's own are sent.
        on_edits: checks and commits operations, idempotently by ``op_id``, and gives one answer for each. Called before the
            script runs, and in the script for what a session before this one has left unanswered.
        suggestions: shown apart, to be accepted or rejected; none are sent with ``hidden``.
        names: what to show for an annotator's id; the id itself where it is missing.
        readonly: show without any means to change.
        hidden: blind mode, in which nobody sees what others have labelled, or any suggestion.
        key: of the widget. Keep it the same from document to document: what is not answered yet then travels along.

    Returns:
        The operations that ``on_edits`` has left unanswered; empty as a rule. The browser sends them again.
    """
    base, live = payload.split(
        payload.whole(
            document,
            annotator=annotator,
            codebooks=codebooks,
            annotations=[one for one in annotations if not hidden or one.annotator_id == annotator],
            suggestions=() if hidden else suggestions,
            names=names or {},
        ),
        st.session_state.get(f"{key}-base"),
    )
    st.session_state[f"{key}-base"] = base
    _base_component()(key=f"{key}-base-mount", data=base.packed)
    result = _component()(
        key=key,
        data={
            **live,
            "readonly": readonly,
            "hidden": hidden,
            "answers": list(_answers(key).values()),
        },
        on_edits_change=lambda: _answer(key, _edits(st.session_state[key].get("edits"), annotator), on_edits),
    )
    edits = _edits(result.get("edits"), annotator)
    # A session that has just begun (after a restart of the server, say) gets the browser's value without a callback.
    if _answer(key, edits, on_edits):
        st.rerun()
    return [edit for edit in edits if edit["op_id"] not in _answers(key)]


def _component() -> Any:
    # Registered on every run, as Streamlit forgets components when its server starts anew; the name makes it the same one.
    return st.components.v2.component(
        "verifier_annotator",
        html='<div class="cva"></div>',
        css=assets.style(),
        js=assets.script(),
        isolate_styles=False,  # a selection inside a shadow tree can be read in some browsers only
    )


def _base_component() -> Any:
    return st.components.v2.component(
        "verifier_annotator_base",
        html='<div class="cva-base"></div>',
        js=assets.base_script(),
        isolate_styles=False,
    )


def _answers(key: str) -> dict[str, Answer]:
    """The answers of this session to what the browser has sent last, by operation."""
    kept: dict[str, Answer] = st.session_state.setdefault(f"{key}-answers", {})
    return kept


def _answer(key: str, edits: list[Edit], on_edits: Callable[[list[Edit]], Iterable[Answer]]) -> bool:
    """Have operations committed that are not answered yet; returns whether any answer is new."""
    answers = _answers(key)
    waiting = {edit["op_id"] for edit in edits}
    for op_id in [op_id for op_id in answers if op_id not in waiting]:
        del answers[op_id]  # the browser has read it, or it would still ask
    new = [edit for edit in edits if edit["op_id"] not in answers]
    if not new:
        return False
    given: dict[str, Answer] = {answer["op_id"]: answer for answer in on_edits(new)}
    answers.update(given)
    return bool(given)


def _edits(sent: object, annotator: str) -> list[Edit]:
    """Take what the browser has sent for operations of a person, each once.

    What has no id cannot be answered and is passed over. So is what somebody else did at the same tab before: the browser keeps it for them.
    """
    if not isinstance(sent, list):
        return []
    found: dict[str, Any] = {
        one["op_id"]: one
        for one in sent
        if isinstance(one, dict) and isinstance(one.get("op_id"), str) and one.get("annotator") == annotator
    }
    return list(found.values())
