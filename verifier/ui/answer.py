"""A verification on screen: the verdict line, then what corroborates, contradicts and is related, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from verifier import pipeline
from verifier.domain import Annotation, Document, Evidence, Layer, Stance, StanceJudgement, Verification
from verifier.errors import StoreError
from verifier.explanation import explain
from verifier.pipeline import Services, roles
from verifier.stance import reliability
from verifier.ui import session, theme
from verifier.ui.escape import html_text
from verifier.ui.statement import card_html, labels_of
from verifier.ui.wording import (
    STANCE_SIGNS,
    STANCE_WORDS,
    VERDICT_WORDS,
    counted,
    language_name,
    moment,
    outlet_name,
    verdict_line,
)

COLUMNS = (Stance.SUPPORTS, Stance.REFUTES, Stance.NEUTRAL)

FIRST_SHOWN = 6
"""Statements of a column shown at once: about two screens; the rest is a click away."""

NOTHING_FOUND = (
    "This is not evidence against the claim: the corpus holds nothing near enough to it. Widen the filters, say it in "
    "other words, or add documents."
)
NOTHING_TAKES_SIDES = (
    "These statements are about the same matter, but none of them says whether the claim holds."
)


def draw(services: Services, verification: Verification) -> None:
    """Draw a verification with everything a reader can do about it."""
    _draw_verdict(services, verification)
    if verification.evidence:
        _draw_columns(services, verification)
    _draw_run(verification)


def _draw_verdict(services: Services, verification: Verification) -> None:
    decision, claim = verification.decision, verification.claim
    without = f" · without {claim.claimed_by}, who made the claim" if claim.claimed_by else ""
    extra = {"nothing-found": NOTHING_FOUND, "nothing-takes-sides": NOTHING_TAKES_SIDES}.get(
        decision.reason_code
    )
    # The box above shows the claim already, unless the reader has begun to write another one.
    apart = " ".join(str(st.session_state.get("claim", "")).split()) != claim.text
    repeated = (
        f'<p class="cv-claim" lang="{html_text(claim.language)}" dir="auto">{html_text(claim.text)}</p>'
    )
    st.html(
        '<section class="cv-verdict" aria-label="Verdict">'
        f'<p class="cv-kicker">Claim in {html_text(language_name(claim.language))}{html_text(without)}</p>'
        f"{repeated if apart else ''}"
        f'<h2 class="cv-line">{html_text(verdict_line(decision))}</h2>'
        f'<p class="cv-why"><span class="cv-seal cv-seal-{decision.verdict.value}">'
        f"{html_text(VERDICT_WORDS[decision.verdict])}</span>{html_text(extra or decision.reason)}</p></section>"
    )
    with st.container(horizontal=True, vertical_alignment="center", key="verdict-tools"):
        with st.popover("How the verdict is reached", key="rules", type="tertiary", icon=":material/rule:"):
            st.text(decision.reason)
            st.text(pipeline.explain_rules(services.settings))
        st.download_button(
            "Download as CSV",
            partial(_pairs_csv, services, verification),
            file_name=f"pairs-{verification.verification_id[:8]}.csv",
            mime="text/csv",
            key="download-pairs",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
        if verification.evidence:
            # A button and not a switch: while the focus is on an input, the browser keeps the keys for itself.
            st.button(
                "Stop judging" if st.session_state.get("judging") else "Judge by keyboard",
                key="by-keyboard",
                type="tertiary",
                icon=":material/keyboard:",
                on_click=_toggle_judging,
                help="Give every statement your own stance with the keys 1 to 3.",
            )


def _toggle_judging() -> None:
    st.session_state["judging"] = not st.session_state.get("judging", False)


def _pairs_csv(services: Services, verification: Verification) -> bytes:
    """Return the pairs of one verification as CSV, with everybody's stances."""
    ids = [verification.verification_id]
    return pipeline.export(services, "pairs", verification_ids=ids).encode("utf-8", "surrogatepass")


def in_columns(verification: Verification) -> dict[Stance, list[Evidence]]:
    """Put the statements into their columns, the surest of a side first and related ones by nearness."""
    found = verification.evidence
    return {
        Stance.SUPPORTS: sorted(
            (e for e in found if e.stance is Stance.SUPPORTS), key=lambda e: -e.scores.supports
        ),
        Stance.REFUTES: sorted(
            (e for e in found if e.stance is Stance.REFUTES), key=lambda e: -e.scores.refutes
        ),
        Stance.NEUTRAL: sorted((e for e in found if e.stance is Stance.NEUTRAL), key=lambda e: -e.hit.score),
    }


def _draw_columns(services: Services, verification: Verification) -> None:
    columns = in_columns(verification)
    store = services.store
    stored = store.annotations(document_ids=sorted({e.document.document_id for e in verification.evidence}))
    annotations = [
        label
        for label in roles.readable(services, stored, session.annotator())
        if label.layer is not Layer.SUGGESTION
    ]
    judgements = store.judgements(verification.verification_id)
    order = [e for stance in COLUMNS for e in columns[stance]]
    marked = _marked(order) if st.session_state.get("judging") else None
    for stance, place in zip(COLUMNS, st.columns(3, gap="medium"), strict=True):
        with place:
            _draw_head(stance, columns[stance])
            everything = st.session_state.get(f"all-{stance.value}", False)
            shown = columns[stance] if everything else columns[stance][:FIRST_SHOWN]
            for evidence in shown:
                _draw_card(services, verification, evidence, annotations, judgements)
            hidden = len(columns[stance]) - len(shown)
            if hidden:
                st.button(
                    f"Show {hidden} more",
                    key=f"more-{stance.value}",
                    on_click=_show_all,
                    args=(stance,),
                    type="tertiary",
                )
    if marked is not None:
        _draw_keyboard(services, verification, order, marked, judgements)


def _show_all(stance: Stance) -> None:
    st.session_state[f"all-{stance.value}"] = True


def _draw_head(stance: Stance, statements: Sequence[Evidence]) -> None:
    outlets = sorted({outlet_name(e.document) for e in statements})
    names = ", ".join(outlets)
    who = f"{counted(len(outlets), 'outlet')}: {names}" if outlets else "none found"
    st.html(
        f'<div class="cv-column cv-side-{stance.value}"><h3 class="cv-column-head">'
        f'<span class="cv-count">{len(statements)}</span><span aria-hidden="true">{STANCE_SIGNS[stance]}</span>'
        f'<span>{STANCE_WORDS[stance]}</span></h3><p class="cv-who">{html_text(who)}</p></div>'
    )


def _draw_card(
    services: Services,
    verification: Verification,
    evidence: Evidence,
    annotations: Sequence[Annotation],
    judgements: Sequence[StanceJudgement],
) -> None:
    sentence, document = evidence.sentence, evidence.document
    about = [judgement for judgement in judgements if judgement.sentence_id == sentence.sentence_id]
    with st.container(key=f"card-{sentence.sentence_id}"):
        st.html(
            card_html(
                evidence,
                outlet=services.outlets.find(document.outlet_id or document.outlet),
                same=_documents_of(services, evidence.hit.duplicates),
                labels=labels_of(sentence, annotations, document),
                judgements=about,
                codebooks=services.codebooks,
                explanation=explain(verification.claim, evidence, reliability(verification.run.stance_model)),
            )
        )
        key = f"stance-{sentence.sentence_id}"
        # The store is the truth: a stance given by key, or under another name, must show here too.
        st.session_state[key] = _own(about)
        st.segmented_control(
            "Your stance",
            COLUMNS,
            format_func=lambda stance: STANCE_WORDS[stance],
            key=key,
            on_change=_judge_by_click,
            args=(services, verification.verification_id, sentence.sentence_id, key),
            disabled=not session.annotator(),
            help=None if session.annotator() else session.NAME_MISSING,
        )
        with st.container(horizontal=True, gap="medium", key=f"tools-{sentence.sentence_id}"):
            if st.button(
                "Read in context",
                key=f"read-{sentence.sentence_id}",
                type="tertiary",
                icon=":material/article:",
            ):
                session.open_page("read", document=document.document_id, sentence=sentence.sentence_id)
            st.button(
                "Use as claim",
                key=f"claim-{sentence.sentence_id}",
                type="tertiary",
                icon=":material/balance:",
                on_click=use_as_claim,
                args=(sentence.text, document.outlet, sentence.sentence_id),
                help="Check this sentence itself against the other outlets.",
            )


def use_as_claim(text: str, outlet: str, sentence_id: str) -> None:
    """Put a sentence of the corpus into the claim box and have it checked; its own outlet is left out."""
    st.session_state["claim"] = text
    st.session_state["claimed-by"] = outlet or None
    st.session_state["claim-sentence"] = (sentence_id, text)
    st.session_state["check-now"] = True


def _documents_of(services: Services, sentence_ids: Sequence[str]) -> list[Document]:
    documents = []
    for sentence in services.store.sentences_by_id(sentence_ids).values():
        try:
            documents.append(services.store.document(sentence.document_id, sentence.version))
        except StoreError:  # taken out since; the count behind the card still tells of it
            continue
    return documents


def _own(judgements: Sequence[StanceJudgement]) -> Stance | None:
    return next((j.stance for j in judgements if j.annotator_id == session.annotator()), None)


@session.reaction
def _judge_by_click(services: Services, verification_id: str, sentence_id: str, key: str) -> None:
    pipeline.judge(services, verification_id, sentence_id, st.session_state[key], session.annotator())


def _marked(order: Sequence[Evidence]) -> int:
    ids = [e.sentence.sentence_id for e in order]
    wanted = st.session_state.get("marked")
    return ids.index(wanted) if wanted in ids else 0


def _draw_keyboard(
    services: Services,
    verification: Verification,
    order: Sequence[Evidence],
    marked: int,
    judgements: Sequence[StanceJudgement],
) -> None:
    """Draw the bar at the foot of the window where the keys act: on one marked statement at a time."""
    evidence = order[marked]
    sentence_id = evidence.sentence.sentence_id
    own = _own([j for j in judgements if j.sentence_id == sentence_id])
    yours = STANCE_WORDS[own] if own else "none yet"
    st.html(
        f"<style>.st-key-card-{_css_name(sentence_id)} {{ outline: 2px solid var(--cv-accent); }}</style>"
    )
    with st.container(key="keyboard"):
        st.html(
            f'<p class="cv-kicker">{marked + 1} of {len(order)} · {html_text(outlet_name(evidence.document))} · '
            f"your stance: {yours}</p>"
            f'<p class="cv-quote" dir="auto">{html_text(evidence.sentence.text)}</p>'
        )
        if not session.annotator():
            theme.draw_note(session.NAME_MISSING)
            return
        step = partial(_mark, order)
        with st.container(horizontal=True, key="keys"):
            for number, stance in enumerate(COLUMNS, start=1):
                st.button(
                    STANCE_WORDS[stance],
                    key=f"key-{stance.value}",
                    shortcut=str(number),
                    on_click=_judge_by_key,
                    args=(services, verification.verification_id, order, marked, stance),
                )
            st.button(
                "withdraw",
                key="key-withdraw",
                shortcut="0",
                on_click=_judge_by_key,
                args=(services, verification.verification_id, order, marked, None),
                disabled=own is None,
            )
            st.button(
                "previous",
                key="key-previous",
                shortcut="K",
                type="tertiary",
                on_click=step,
                args=(marked - 1,),
            )
            st.button(
                "next", key="key-next", shortcut="J", type="tertiary", on_click=step, args=(marked + 1,)
            )


def _mark(order: Sequence[Evidence], position: int) -> None:
    st.session_state["marked"] = order[position % len(order)].sentence.sentence_id


@session.reaction
def _judge_by_key(
    services: Services, verification_id: str, order: Sequence[Evidence], marked: int, stance: Stance | None
) -> None:
    pipeline.judge(services, verification_id, order[marked].sentence.sentence_id, stance, session.annotator())
    if stance is not None:
        _mark(order, marked + 1)


def _css_name(sentence_id: str) -> str:
    """Return the part of a class name that Streamlit makes of a key: everything but letters, digits, _ and - becomes -."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in sentence_id)


def _draw_run(verification: Verification) -> None:
    run, chosen = verification.run, verification.filters
    with st.expander("How this was computed", key="run", icon=":material/science:"):
        theme.draw_facts(
            [
                ("Encoder", f"{run.encoder} ({run.encoder_precision})"),
                ("Stance model", run.stance_model),
                ("Index", f"{run.index_name}, corpus {run.corpus_digest[:16]}"),
                ("Settings", run.settings_digest),
                ("Software", run.software_version),
                ("When", f"{moment(run.started_at)}, took {run.duration_s:.2f} s"),
                ("Languages", ", ".join(map(language_name, chosen.languages))),
                ("Outlets", ", ".join(chosen.outlets)),
                ("Countries", ", ".join(chosen.countries)),
                ("Published", _between(verification)),
                ("Left out", ", ".join(chosen.exclude_outlets)),
                ("Verification", verification.verification_id),
            ]
        )


def _between(verification: Verification) -> str:
    first, last = verification.filters.published_from, verification.filters.published_to
    return f"{first or '…'} to {last or '…'}" if first or last else ""
