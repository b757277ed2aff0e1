"""One found statement as a reader sees it: who says it, where, in what words, and what others labelled it.

Pure functions from records to HTML of our own classes; every foreign text in them is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from verifier.domain import (
    Annotation,
    Codebook,
    Document,
    Evidence,
    Layer,
    Level,
    Outlet,
    Sentence,
    Stance,
    StanceJudgement,
    StanceScores,
)
from verifier.errors import DomainError
from verifier.ui.escape import html_passage, html_text
from verifier.ui.wording import (
    STANCE_SIGNS,
    STANCE_WORDS,
    annotator_name,
    counted,
    dateline,
    day,
    outlet_name,
    registry_entry,
)

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")


def card_html(
    evidence: Evidence,
    *,
    outlet: Outlet | None,
    same: Sequence[Document] = (),
    labels: Sequence[Annotation] = (),
    judgements: Sequence[StanceJudgement] = (),
    codebooks: Mapping[str, Codebook],
) -> str:
    """Return the card of one statement.

    Args:
        evidence: the statement with its document and probabilities.
        outlet: the registry's entry of its outlet, if there is one.
        same: documents of the near-identical statements folded behind this one.
        labels: labels of the sentence and of its document.
        judgements: people's own stances on this pair.
        codebooks: by id, for the names of labels.
    """
    sentence = evidence.sentence
    return "".join(
        (
            source_html(evidence.document, outlet),
            html_passage(evidence.context_before, sentence.text, evidence.context_after, sentence.language),
            scores_html(evidence.scores),
            _same_html(len(evidence.hit.duplicates), same),
            _judgements_html(judgements),
            labels_html(labels, codebooks),
        )
    )


def source_html(document: Document, outlet: Outlet | None) -> str:
    """Return who published a document, where and when, and what the registry says of that outlet."""
    control, ratings = registry_entry(outlet)
    rated = f"<br>rated {html_text(ratings)}" if ratings else ""
    strong = (
        f"<b>{html_text(control)}</b>"
        if outlet is not None and outlet.state_controlled
        else html_text(control)
    )
    relay = " ← ".join(document.relay)
    passed_on = f'<p class="cv-registry">relayed: {html_text(relay)}</p>' if len(document.relay) > 1 else ""
    return (
        f'<p class="cv-head"><span class="cv-outlet">{html_text(outlet_name(document))}</span><br>'
        f'<span class="cv-dateline">{html_text(dateline(document))}</span></p>'
        f'<p class="cv-registry">{strong}{rated}</p>{passed_on}'
    )


def scores_html(scores: StanceScores) -> str:
    """Return the three probabilities as a bar and in words and numbers; the largest is strong."""
    shares = {
        Stance.SUPPORTS: scores.supports,
        Stance.REFUTES: scores.refutes,
        Stance.NEUTRAL: scores.neutral,
    }
    top = max(shares, key=lambda stance: shares[stance])
    words = [
        f"<span{' class=cv-top' if stance is top else ''}>{STANCE_SIGNS[stance]} {STANCE_WORDS[stance]} {share:.0%}</span>"
        for stance, share in shares.items()
    ]
    bar = "".join(
        f'<i class="cv-p-{stance.value}" style="width:{100 * share:.1f}%"></i>'
        for stance, share in shares.items()
    )
    return f'<div class="cv-bar" aria-hidden="true">{bar}</div><p class="cv-numbers">{"".join(words)}</p>'


def labels_html(labels: Iterable[Annotation], codebooks: Mapping[str, Codebook]) -> str:
    """Return labels as a list: each with its codebook and version, what it is on, by whom, and its note."""
    items = [f"<li>{label_html(label, codebooks)}</li>" for label in labels]
    return f'<ul class="cv-labels">{"".join(items)}</ul>' if items else ""


def label_html(label: Annotation, codebooks: Mapping[str, Codebook]) -> str:
    """Return one label as a chip, followed by where it comes from."""
    book = codebooks.get(label.codebook_id)
    name, colour = label.label, ""
    if book is not None:
        try:
            known = book.label(label.label)
            name, colour = known.name, known.colour
        except DomainError:  # a label of an older version of the codebook is shown by its id
            pass
    style = f' style="--cv-label:{colour}"' if _COLOUR.match(colour) else ""
    scheme = f"{book.title if book else label.codebook_id} {label.codebook_version}"
    where = "on the document" if label.level is Level.DOCUMENT else "on the sentence"
    whose = "adjudicated" if label.layer is Layer.GOLD else f"by {annotator_name(label.annotator_id)}"
    note = f" “{label.note}”" if label.note else ""
    rest = html_text(f"{where} · {whose} · {scheme} · {day(label.updated_at.date())}{note}")
    return f'<span class="cv-label"{style}>{html_text(name)}</span> {rest}'


def labels_of(sentence: Sentence, annotations: Iterable[Annotation], document: Document) -> list[Annotation]:
    """Choose the labels that belong beside a sentence: those on its document and those whose span touches it."""
    return [
        label
        for label in annotations
        if label.document_id == document.document_id
        and label.layer is not Layer.SUGGESTION
        and (
            label.level is Level.DOCUMENT
            or (
                label.span.text_sha256 == document.sha256
                and label.span.start < sentence.end
                and sentence.start < label.span.end
            )
        )
    ]


def _same_html(number: int, documents: Sequence[Document]) -> str:
    if not number:
        return ""
    outlets = sorted({outlet_name(document) for document in documents})
    who = f": {', '.join(outlets)}" if outlets else ""
    said = counted(number, "near-identical statement")
    return f'<p class="cv-same"><b>+ {html_text(said)}</b>{html_text(who)}</p>'


def _judgements_html(judgements: Sequence[StanceJudgement]) -> str:
    given = [
        f"{annotator_name(judgement.annotator_id)}: {STANCE_WORDS[judgement.stance]}"
        for judgement in judgements
        if judgement.stance is not None
    ]
    return f'<p class="cv-judged">People say – {html_text("; ".join(given))}</p>' if given else ""
