"""Words and numbers as the pages write them: counts, dates, languages, the verdict line. Plain text; callers escape it."""

from __future__ import annotations

from datetime import date, datetime

from verifier.domain import Decision, Document, Outlet, Stance, Verdict
from verifier.languages import LANGUAGES

STANCE_WORDS = {Stance.SUPPORTS: "corroborates", Stance.REFUTES: "contradicts", Stance.NEUTRAL: "related"}
STANCE_SIGNS = {Stance.SUPPORTS: "+", Stance.REFUTES: "−", Stance.NEUTRAL: "~"}

VERDICT_WORDS = {
    Verdict.SUPPORTED: "Supported",
    Verdict.REFUTED: "Refuted",
    Verdict.CONFLICTING_EVIDENCE: "Conflicting evidence",
    Verdict.NOT_ENOUGH_EVIDENCE: "Not enough evidence",
}

SIMULATED = "simulated"
"""Annotator ids that begin so belong to no person; the demo corpus has two of them."""


def thousands(number: int) -> str:
    """Return a whole number, its thousands set apart by a narrow space that does not break."""
    return f"{number:,}".replace(",", "\u202f")


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return "1 statement", "3 statements"."""
    return f"{thousands(number)} {noun if number == 1 else plural or noun + 's'}"


def verdict_line(decision: Decision) -> str:
    """Return what was found in one plain sentence, such as "3 statements from 2 outlets corroborate, 1 contradicts."."""
    if decision.reason_code == "nothing-found":
        return "Nothing near enough to this claim was found."
    if not decision.supporting and not decision.refuting:
        verb = "is" if decision.related == 1 else "are"
        return f"{counted(decision.related, 'statement')} {verb} related, none takes a side."
    for_claim = decision.supporting, decision.supporting_outlets, "corroborates", "corroborate"
    against = decision.refuting, decision.refuting_outlets, "contradicts", "contradict"
    first, second = (for_claim, against) if decision.supporting else (against, for_claim)
    number, outlets, one, many = first
    line = f"{counted(number, 'statement')} from {counted(outlets, 'outlet')} {one if number == 1 else many}"
    number, outlets, one, many = second
    if not number:
        return f"{line}, none {one}."
    if number == 1:
        return f"{line}, 1 {one}."
    return f"{line}, {number} from {counted(outlets, 'outlet')} {many}."


def language_name(tag: str) -> str:
    """Return a language's English name, or the tag itself."""
    known = LANGUAGES.get(tag)
    return known.name if known else ("language unknown" if tag == "und" else tag)


def day(when: date | None) -> str:
    """Return "14 Jan 2026", or "no date"."""
    return f"{when.day} {when:%b %Y}" if when else "no date"


def moment(when: datetime) -> str:
    """Return "14 Jan 2026, 09:30 UTC"."""
    return f"{day(when.date())}, {when:%H:%M} UTC"


def outlet_name(document: Document) -> str:
    """Return a document's outlet, or say that it is unknown."""
    return document.outlet or "unknown outlet"


def document_name(document: Document) -> str:
    """Return a document's outlet, title and date on one line, for lists to choose from."""
    title = " ".join((document.title or document.text).split())
    short = title if len(title) <= 90 else title[:89].rstrip() + "…"  # noqa: PLR2004  (about a line of a list)
    return f"{outlet_name(document)} · {short} · {day(document.published_at)}"


def dateline(document: Document) -> str:
    """Return country, date and language of a document, what is inferred marked so."""
    country = document.country or "country unknown"
    when = day(document.published_at) + (" (inferred)" if "published" in document.inferred else "")
    return " · ".join((country, when, language_name(document.language)))


def registry_entry(outlet: Outlet | None) -> tuple[str, str]:
    """Return what the registry says about control of an outlet, and the ratings by others; either may be empty.

    The tool repeats named raters and says nothing of its own.
    """
    if outlet is None:
        return "not in the outlet registry", ""
    by = f", says {outlet.state_controlled_by}" if outlet.state_controlled_by else ""
    control = {
        None: "control: not stated",
        True: f"state-controlled{by}",
        False: f"not state-controlled{by}",
    }[outlet.state_controlled]
    ratings = "; ".join(
        f"{rating.code}{f' ({rating.meaning})' if rating.meaning else ''} – {rating.rater}"
        f"{f', {rating.rated_on}' if rating.rated_on else ''}"
        for rating in outlet.ratings
    )
    return control, ratings


def annotator_name(annotator_id: str) -> str:
    """Return an annotator's name, simulated ones called so."""
    if annotator_id.startswith(SIMULATED):
        rest = annotator_id[len(SIMULATED) :].strip("-_ :")
        return f"simulated annotator {rest}".strip()
    return annotator_id
