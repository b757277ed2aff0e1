"""One found statement as a reader sees it: who says it, where, in what words, and what others labelled it.

Pure functions from records to HTML of our own classes; every foreign text in them is escaped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from verifier.domain import (
    Annotation,
    Codebook,
    Document,
    Evidence,
    LabelMethod,
    Layer,
    Level,
    Outlet,
    Sentence,
    Stance,
    StanceJudgement,
    StanceScores,
)
from verifier.explanation import Explanation
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
    explanation: Explanation | None = None,
) -> str:
    """Return the card of one statement.

    Args:
        evidence: the statement with its document and probabilities.
        outlet: the registry's entry of its outlet, if there is one.
        same: documents of the near-identical statements folded behind this one.
        labels: labels of the sentence and of its document.
        judgements: people's own stances on this pair.
        codebooks: by id, for the names of labels.
        explanation: why it was found and why it stands where it does.
    """
    sentence = evidence.sentence
    return "".join(
        (
            source_html(evidence.document, outlet),
            html_passage(evidence.context_before, sentence.text, evidence.context_after, sentence.language),
            scores_html(evidence.scores),
            _quantities_html(evidence),
            _explanation_html(evidence, explanation) if explanation else "",
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
    shares = {stance: scores.of(stance) for stance in (Stance.SUPPORTS, Stance.REFUTES, Stance.NEUTRAL)}
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


def _quantities_html(evidence: Evidence) -> str:
    """Return the amounts of claim and statement that were compared, if there are any."""
    if evidence.amounts_agree is None:
        return ""
    word = "agree" if evidence.amounts_agree else "differ"
    ours, theirs = html_text(evidence.claim_quantity), html_text(evidence.evidence_quantity)
    return f'<p class="cv-registry">amounts {word}: claim <b>{ours}</b>, here <b>{theirs}</b></p>'


def _explanation_html(evidence: Evidence, why: Explanation) -> str:
    """Return what speaks for the finding and the column: dates at once, the rest one click away."""
    dates = ""
    if why.dates is not None:
        word = "agree" if why.dates.agree else "differ"
        dates = (
            f'<p class="cv-registry">dates {word}: claim <b>{html_text(why.dates.claim.text)}</b>, '
            f"here <b>{html_text(why.dates.evidence.text)}</b></p>"
        )
    legs = f"nearness of meaning (cosine {why.nearness:.2f}){' and shared words' if why.by_words else ''}"
    side = "takes no side" if evidence.stance is Stance.NEUTRAL else STANCE_WORDS[evidence.stance]
    same = [f"{ours} = {theirs}" if ours != theirs else ours for ours, theirs in why.names]
    rows = [
        ("Found by", legs),
        ("Words in common", ", ".join(why.words)),
        ("Names in common", ", ".join(same)),
        ("Named in the claim only", ", ".join(why.names_missing)),
        ("How sure", f"the model is {why.sureness} that it {side}"),
        ("Measured", why.measured),
    ]
    items = "".join(
        f'<span class="cv-item">{html_text(name)}: {html_text(value)}</span>' for name, value in rows if value
    )
    return f'{dates}<details class="cv-labels"><summary><span class="cv-by">Why here?</span></summary>{items}</details>'


def labels_html(labels: Sequence[Annotation], codebooks: Mapping[str, Codebook]) -> str:
    """Return labels in brief, by what they are on, with all there is to know of each a click away."""
    if not labels:
        return ""
    brief = []
    for where, on_document in (("Sentence", False), ("Document", True)):
        here = [label for label in labels if (label.level is Level.DOCUMENT) is on_document]
        counts = Counter(chip_html(label, codebooks) for label in here)
        chips = "".join(
            f"{chip}{f'<i>×{number}</i>' if number > 1 else ''} " for chip, number in counts.items()
        )
        if chips:
            brief.append(f'<span class="cv-chips"><span class="cv-on">{where}</span>{chips}</span>')
    names = sorted({annotator_name(label.annotator_id) for label in labels})
    items = "".join(f'<span class="cv-item">{label_html(label, codebooks)}</span>' for label in labels)
    return (
        f'<details class="cv-labels"><summary>{"".join(brief)}'
        f'<span class="cv-by">by {html_text(", ".join(names))}</span></summary>{items}</details>'
    )


def chip_html(label: Annotation, codebooks: Mapping[str, Codebook]) -> str:
    """Return a label's name beside its colour."""
    name, colour = label_name(label, codebooks), ""
    book = codebooks.get(label.codebook_id)
    if book is not None:
        colour = next((known.colour for known in book.labels if known.label_id == label.label), "")
    style = f' style="--cv-label:{colour}"' if _COLOUR.match(colour) else ""
    return f'<span class="cv-label"{style}>{html_text(name)}</span>'


def label_name(label: Annotation, codebooks: Mapping[str, Codebook]) -> str:
    """Return a label's name, or its id where this version of the codebook does not have it."""
    book = codebooks.get(label.codebook_id)
    known = book.labels if book is not None else ()
    return next((entry.name for entry in known if entry.label_id == label.label), label.label)


def label_html(label: Annotation, codebooks: Mapping[str, Codebook]) -> str:
    """Return one label with what it is on, by whom, under which version of its codebook, when, and its note."""
    book = codebooks.get(label.codebook_id)
    scheme = f"{book.title if book else label.codebook_id} {label.codebook_version}"
    where = {
        Level.DOCUMENT: "on the document",
        Level.SENTENCE: "on the sentence",
        Level.SPAN: "on these words",
        Level.PAIR: "on the pair",
    }
    whose = "adjudicated" if label.layer is Layer.GOLD else f"by {annotator_name(label.annotator_id)}"
    parts = [where[label.level], whose, scheme, day(label.updated_at.date())]
    if label.label_method is not LabelMethod.MANUAL:
        parts.append(label.label_method.value.replace("-", " "))
    quote = (
        f' <span class="cv-quote" dir="auto">“{html_text(label.span.quote)}”</span>'
        if label.level is Level.SPAN
        else ""
    )
    note = f'<br>Note: <span class="cv-quote" dir="auto">{html_text(label.note)}</span>' if label.note else ""
    return f"{chip_html(label, codebooks)} {html_text(' · '.join(parts))}{quote}{note}"


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
