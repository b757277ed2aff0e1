"""What can be done with a decision: keep what somebody said, merge, decide anew, reject, reopen; each by one key, with a note that says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from verifier.agreement.adjudication import Reading, intersection, union
from verifier.domain import Codebook, Document, Level, Outcome, Resolution
from verifier.errors import DomainError
from verifier.pipeline import Services, adjudication
from verifier.pipeline.adjudication import Gold
from verifier.pipeline.dockets import Case
from verifier.ui import decision, session
from verifier.ui.escape import markdown_text

SHOWN = "adjudicate-case"
"""The widget that holds which decision is shown."""

_KEYS = 9
"""Readings that have a key of their own, 1 to 9; further ones are clicked."""


def draw(services: Services, case: Case, document: Document, codebook: Codebook, *, then: str) -> None:
    """Draw note and buttons for a decision; once it is settled the decision ``then`` is shown."""
    act = _Act(services, case, then)
    with st.container(key="card-actions", gap="small"):
        st.text_input(
            "Why",
            key=act.note_key,
            placeholder="Shown to annotators whose labels differ (optional)",
        )
        _draw_keep(act, document, codebook)
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            _draw_merge(act, codebook)
            st.button("Reject all", key="reject", shortcut="X", on_click=act.reject)
            if case.settled_by or case.gold:
                st.button("Reopen", key="reopen", shortcut="Z", on_click=act.reopen)
        _draw_new(act, document, codebook)


def go_to(decision_id: str) -> None:
    """Show a decision."""
    st.session_state[SHOWN] = decision_id


@dataclass(frozen=True, slots=True)
class _Act:
    """What can be done with a decision; each is a callback that settles it and goes on to the next."""

    services: Services
    case: Case
    then: str

    @property
    def note_key(self) -> str:
        """The widget that holds why."""
        return f"why-{self.case.decision.decision_id}"

    def keep(self, readings: Sequence[Reading]) -> None:
        """Keep what was said."""
        self._do(lambda **how: adjudication.keep(self.services, self.case, readings, **how))

    def keep_chosen(self, key: str) -> None:
        """Keep those readings whose numbers a widget holds."""
        readings = self.case.decision.readings
        self.keep([readings[number] for number in st.session_state.get(key) or ()])

    def merge(self, join: Callable[[Sequence[tuple[int, int]]], tuple[int, int]], key: str) -> None:
        """Join the words of all, with the label that a widget holds."""

        def act(**how: str) -> Resolution:
            start, end = join([reading.place for reading in self.case.decision.readings])
            gold = Gold(start=start, end=end, label=st.session_state[key])
            return adjudication.settle(self.services, self.case, Outcome.MERGED, gold, **how)

        self._do(act)

    def new(self, words: Sequence[tuple[int, int]], text: str, key: str) -> None:
        """Decide anew, with the words and the label that widgets hold."""

        def act(**how: str) -> Resolution:
            label = st.session_state[f"{key}-label"]
            if label is None:
                msg = "Choose a label first."
                raise DomainError(msg)
            first, last = st.session_state.get(f"{key}-words", (0, 0))
            start, end = words[first][0], words[last][1]
            if quote := str(st.session_state.get(f"{key}-quote", "")):
                start, end = _exactly(quote, text, words[0][0], words[-1][1])
            gold = Gold(start=start, end=end, label=label)
            return adjudication.settle(self.services, self.case, Outcome.NEW, gold, **how)

        self._do(act)

    def reject(self) -> None:
        """Settle that nothing holds."""
        self._do(lambda **how: adjudication.reject(self.services, self.case, **how))

    def reopen(self) -> None:
        """Take back how it was settled, and stay there."""
        self._do(lambda **how: adjudication.reopen(self.services, self.case, **how), stay=True)

    def _do(self, act: Callable[..., Resolution | None], *, stay: bool = False) -> None:
        note = str(st.session_state.get(self.note_key, ""))
        if _done(lambda: act(by=session.annotator(), note=note)) and not stay:
            go_to(self.then)


def _done(act: Callable[[], object]) -> bool:
    """Do something in a callback; returns whether it was done, its error being kept for the page."""
    went: list[bool] = []

    def run() -> None:
        act()
        went.append(True)

    session.reaction(run)()
    return bool(went)


def _draw_keep(act: _Act, document: Document, codebook: Codebook) -> None:
    readings = act.case.decision.readings
    names = [decision.reading_name(reading, document, codebook) for reading in readings]
    for number, reading in enumerate(readings):
        st.button(
            f"Keep {markdown_text(names[number])}",
            key=f"keep-{number}",
            shortcut=str(number + 1) if number < _KEYS else None,
            on_click=act.keep,
            args=([reading],),
        )
    if len(readings) > 1:
        key = f"several-{act.case.decision.decision_id}"
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            st.multiselect(
                "Keep several",
                range(len(readings)),
                key=key,
                format_func=lambda number: f"{number + 1} {names[number]}",
                placeholder="Choose",
            )
            st.button("Keep these", key="keep-several", shortcut="S", on_click=act.keep_chosen, args=(key,))


def _draw_merge(act: _Act, codebook: Codebook) -> None:
    readings = act.case.decision.readings
    if len({reading.place for reading in readings}) < 2:  # noqa: PLR2004  (nothing to join)
        return
    said = Counter({reading.label: 0 for reading in readings})
    for reading in readings:
        said[reading.label] += len(reading.annotators)
    key = f"merge-{act.case.decision.decision_id}"
    st.selectbox(
        "Merge as",
        [label for label, _ in said.most_common()],
        key=key,
        format_func=lambda label: decision.label_name(codebook, label),
        width=220,
    )
    st.button("Join all words", key="merge-union", shortcut="U", on_click=act.merge, args=(union, key))
    st.button(
        "Words in common", key="merge-common", shortcut="I", on_click=act.merge, args=(intersection, key)
    )


def _draw_new(act: _Act, document: Document, codebook: Codebook) -> None:
    """Draw what makes gold that nobody proposed: a label, and for labels on words where it begins and ends."""
    place, level = act.case.decision.place, act.case.topic[1]
    key = f"new-{act.case.decision.decision_id}"
    words = [place]
    if level is Level.SPAN:
        words = decision.words_around(document, *place)
        inside = [n for n, (start, end) in enumerate(words) if start < place[1] and place[0] < end] or [0]
        names = _told_apart([document.text[start:end] for start, end in words])
        st.select_slider(
            "New gold from word … to word",
            range(len(words)),
            value=(inside[0], inside[-1]),
            key=f"{key}-words",
            format_func=names.__getitem__,
        )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.selectbox(
            "New label",
            [label.label_id for label in codebook.labels_at(level)],
            key=f"{key}-label",
            index=None,
            format_func=lambda label: decision.label_name(codebook, label),
            placeholder="Choose a label",
        )
        if level is Level.SPAN:
            st.text_input(
                "Or exactly these words", key=f"{key}-quote", placeholder="as they stand in the text"
            )
        st.button(
            "Make this gold", key="new", shortcut="N", on_click=act.new, args=(words, document.text, key)
        )


def _exactly(quote: str, text: str, low: int, high: int) -> tuple[int, int]:
    """Find what was typed within the context that is shown."""
    start = text.find(quote, low, high)
    if start < 0 or text.find(quote, start + 1, high) >= 0:
        found = "is not" if start < 0 else "stands there more than once, not once"
        msg = f"{quote!r} {found} in the text shown. Copy the words exactly, or choose them on the slider."
        raise DomainError(msg)
    return start, start + len(quote)


def _told_apart(words: Sequence[str]) -> list[str]:
    """Make each word different by invisible marks, as the slider knows its places by what is shown."""
    seen: Counter[str] = Counter()
    told = []
    for word in words:
        told.append(word + "\N{WORD JOINER}" * seen[word])
        seen[word] += 1
    return told
