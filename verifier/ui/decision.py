"""A decision as an adjudicator sees it: everybody's labels side by side on the words in their context, with what differs marked.

Pure functions from records to HTML of our own classes; every foreign text in them is escaped. Differences show without colour too: words that not everybody marked stand
between ‹ and ›, and labels that not everybody gave begin with ≠.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from verifier.agreement.adjudication import Accord, Reading, place_of
from verifier.domain import Annotation, Codebook, Document, Label, Level, Outcome
from verifier.errors import DomainError
from verifier.languages import direction
from verifier.pipeline.adjudication import DifferenceKind
from verifier.pipeline.dockets import Case
from verifier.ui.escape import html_text
from verifier.ui.statement import chip_html
from verifier.ui.wording import annotator_name, moment

CONTEXT = 140
"""Code points of text shown before and after the words in question: about two lines on either side."""

ACCORD_WORDS = {
    Accord.AGREED: "all agree",
    Accord.SOME: "not by everybody",
    Accord.ONE: "by one only",
    Accord.OTHER_SPAN: "same label, other words",
    Accord.OTHER_LABEL: "other labels",
}
OUTCOME_WORDS = {
    Outcome.AGREED: "accepted, as all agreed",
    Outcome.KEPT: "kept",
    Outcome.MERGED: "merged",
    Outcome.NEW: "decided anew",
    Outcome.REJECTED: "rejected",
    Outcome.REOPENED: "reopened",
}
DIFFERENCE_WORDS = {
    DifferenceKind.MISSED: "Gold has a label that you did not give",
    DifferenceKind.NOT_GOLD: "Your label is not gold",
    DifferenceKind.OTHER_SPAN: "Gold is on other words",
    DifferenceKind.OTHER_LABEL: "Gold has another label",
}

_WORD = re.compile(r"\w[\w'’‑-]*|[^\w\s]")
"""What can be chosen as the begin or end of new gold: words, and single marks."""


def state_words(case: Case) -> str:
    """Say where a decision stands: open, how it was settled, or that labels have changed since."""
    if case.resolution is not None:
        return OUTCOME_WORDS[case.resolution.outcome]
    if case.earlier:
        return "changed since it was settled"
    return "gold from elsewhere" if case.gold else "open"


def case_name(case: Case, document: Document) -> str:
    """Name a decision in a list: its words, how far people agree, and where it stands."""
    start, end = case.decision.place
    quote = " ".join(document.text[start:end].split()) or "the whole document"
    return f"{quote[:60]} · {ACCORD_WORDS[case.decision.accord]} · {state_words(case)}"


def reading_name(reading: Reading, document: Document, codebook: Codebook) -> str:
    """Name what somebody said: label, words and who."""
    quote = " ".join(document.text[slice(*reading.place)].split())
    words = f" “{quote if len(quote) <= 50 else quote[:24] + ' … ' + quote[-24:]}”" if quote else ""  # noqa: PLR2004
    return (
        f"{label_name(codebook, reading.label)}{words} ({', '.join(map(annotator_name, reading.annotators))})"
    )


def label_name(codebook: Codebook, label_id: str) -> str:
    """Return a label's name; one that the codebook does not know has none but its id."""
    try:
        return codebook.label(label_id).name
    except DomainError:
        return label_id


def side_by_side_html(case: Case, document: Document, codebooks: Mapping[str, Codebook]) -> str:
    """Return one card for each annotator, and one of the gold there is: labels, and the words in their context as they marked them."""
    decision = case.decision
    given = {
        name: [a for a in decision.annotations if a.annotator_id == name] for name in decision.annotators
    }
    words = set.intersection(*(_points(own) for own in given.values()))
    labels = set.intersection(*({a.label for a in own} for own in given.values()))
    ground = _Ground(
        document,
        codebooks,
        _window(document.text, decision.place),
        common_words=set() if decision.silent else words,
        common_labels=set() if decision.silent else labels,
    )
    cards = [_card(annotator_name(name), own, ground) for name, own in given.items()]
    cards += [
        f'<section class="cv-hand"><p class="cv-kicker">{html_text(annotator_name(name))}</p>'
        '<p class="cv-note">went through the text and labelled nothing here</p></section>'
        for name in decision.silent
    ]
    if case.gold:
        cards.append(_card("Gold", case.gold, ground.of(case.gold), kind=" cv-hand-gold"))
    return f'<div class="cv-hands">{"".join(cards)}</div>'


def history_html(case: Case) -> str:
    """Return how a decision was settled, by whom and why."""
    lines = [
        f"{OUTCOME_WORDS[one.outcome]} by {annotator_name(one.decided_by)}, {moment(one.created_at)}"
        + (f": {one.note}" if one.note else "")
        for one in case.settled_by
    ]
    return "".join(
        f'<p class="cv-note" dir="auto">{html_text(line[:1].upper() + line[1:])}</p>' for line in lines
    )


def definition_html(label: Label) -> str:
    """Return what a label means, with what is one and what is none."""
    parts = [f"<p><b>{html_text(label.name)}</b><br>{html_text(label.definition)}</p>"]
    for head, examples in (("Is one", label.examples), ("Is none", label.counter_examples)):
        if examples:
            shown = "".join(f'<li dir="auto">{html_text(one)}</li>' for one in examples[:2])
            parts.append(f'<p class="cv-note">{head}:</p><ul>{shown}</ul>')
    return f'<div class="cv-definition">{"".join(parts)}</div>'


def marked_html(
    annotations: Sequence[Annotation], document: Document, codebooks: Mapping[str, Codebook]
) -> str:
    """Return labels with the words they are on, in context; for one person's labels or gold by themselves."""
    if not annotations:
        return '<p class="cv-note">nothing</p>'
    places = [place_of(a) for a in annotations]
    window = _window(document.text, (min(p[0] for p in places), max(p[1] for p in places)))
    return _labelled(annotations, _Ground(document, codebooks, window, set(), set()).of(annotations))


def words_around(document: Document, start: int, end: int) -> list[tuple[int, int]]:
    """List the words that new gold can begin and end with: those in the context of a decision, as offsets."""
    low, high = _window(document.text, (start, end))
    found = [m.span() for m in _WORD.finditer(document.text, low, high)]
    return found or [(start, end)]


# ---- pieces


@dataclass(frozen=True, slots=True)
class _Ground:
    """What labels are shown against: the text in a window of code points, and which words and labels nobody disputes."""

    document: Document
    codebooks: Mapping[str, Codebook]
    window: tuple[int, int]
    common_words: set[int]
    common_labels: set[str]

    def of(self, annotations: Sequence[Annotation]) -> _Ground:
        """The same text, for labels that are compared with nothing else."""
        labels = {one.label for one in annotations}
        return _Ground(self.document, self.codebooks, self.window, _points(annotations), labels)


def _card(title: str, annotations: Sequence[Annotation], ground: _Ground, *, kind: str = "") -> str:
    body = _labelled(annotations, ground)
    return f'<section class="cv-hand{kind}"><p class="cv-kicker">{html_text(title)}</p>{body}</section>'


def _labelled(annotations: Sequence[Annotation], ground: _Ground) -> str:
    chips = []
    for one in annotations:
        differs = '<span class="cv-apart" title="not given by all">≠</span> '
        sign = "" if one.label in ground.common_labels else differs
        chips.append(f"{sign}{chip_html(one, ground.codebooks)}")
    said = [one.note for one in annotations if one.note]
    notes = "".join(f'<p class="cv-note" dir="auto">Note: {html_text(note)}</p>' for note in said)
    on_document = annotations[0].level is Level.DOCUMENT
    passage = "" if on_document else _passage(ground, _points(annotations))
    return f'<div class="cv-labels">{" ".join(dict.fromkeys(chips))}</div>{passage}{notes}'


def _passage(ground: _Ground, marked: set[int]) -> str:
    """Return the text of a window, marked words in ``mark``, those of them that not everybody marked between ‹ and ›."""
    document, by_all = ground.document, ground.common_words
    low, high = ground.window
    pieces: list[str] = []
    at = low
    while at < high:
        kind = (at in marked, at in by_all)
        end = at
        while end < high and (end in marked, end in by_all) == kind:
            end += 1
        text = html_text(document.text[at:end])
        if kind == (True, False):
            text = f'<mark class="cv-said cv-apart">‹{text}›</mark>'
        elif kind[0]:
            text = f'<mark class="cv-said">{text}</mark>'
        pieces.append(text)
        at = end
    before = "… " if low > 0 else ""
    after = " …" if high < len(document.text) else ""
    attributes = f'lang="{html_text(document.language)}" dir="{direction(document.language)}"'
    return f'<p class="cv-passage cv-hand-text" {attributes}>{before}{"".join(pieces)}{after}</p>'


def _points(annotations: Sequence[Annotation]) -> set[int]:
    return {point for one in annotations for point in range(*place_of(one))}


def _window(text: str, place: tuple[int, int]) -> tuple[int, int]:
    """Widen a place by its context, to where words begin and end."""
    low, high = max(0, place[0] - CONTEXT), min(len(text), place[1] + CONTEXT)
    if low:
        gap = re.search(r"\s", text[low : place[0]])
        low += gap.end() if gap else 0
    if high < len(text):
        head, _, _ = text[place[1] : high].rpartition(" ")
        high = place[1] + len(head) if head else high
    return low, high
