"""The page of agreement: how far the annotators of a codebook agree, where they do not, and in which texts to look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from verifier import agreement as measuring
from verifier.agreement import Agreement, AgreementReport, Confusion, Figure
from verifier.config import Settings
from verifier.domain import Codebook, Document, Level
from verifier.errors import DomainError
from verifier.pipeline import Services
from verifier.pipeline import agreement as workflow
from verifier.ui import session, theme
from verifier.ui.escape import html_text, markdown_text
from verifier.ui.wording import annotator_name, counted, document_name, language_name

TITLE = "Agreement"
LEAD = (
    "Several people labelled the same texts. This page says how far they agree, for which labels they do not, and where to look. "
    "What each figure means stands in docs/explanation/agreement.md."
)
NOTHING = "Nobody has labelled anything yet; there is nothing to compare."
LEVEL_WORDS = {
    Level.SPAN: "exact spans",
    Level.SENTENCE: "sentences",
    Level.DOCUMENT: "whole documents",
    Level.PAIR: "claim and evidence",
}
ALL = ""
"""The choice of every language."""

REMEMBERED = ("agreement-codebook", "agreement-level", "agreement-language")
"""Widgets of this page whose values last while the reader looks at another page."""

T = TypeVar("T")

_CONFUSIONS = 8
"""Rows of confused labels on the page; the report lists all."""

_TEXTS = 2
"""Texts that one row of confused labels leads to, those first where it happened most."""

_ROW_PX = 35
_TABLE_PX = 492
_BAR_PX = 24
_WHISKER = {"dark": "#e9e5dd"}
_WHISKER_LIGHT = "#1d1b18"
"""The ink of the style sheet, which a chart does not see."""


def draw(_settings: Settings, services: Services) -> None:
    """Draw the page."""
    theme.draw_title(TITLE, LEAD)
    found = workflow.labelled(services)
    if not found:
        theme.draw_note(NOTHING)
        if st.button("Read and label", key="go-read", type="primary"):
            session.open_page("read")
        return
    digest = workflow.labels_digest(services)
    documents = _documents(f"{services.store.corpus_digest()} {digest}", services)
    codebook, level, language = _draw_controls(services, found, documents)
    with st.spinner("Comparing the annotators"):
        report = _report(digest, codebook.codebook_id, level.value, language, services)
    (agreement,) = report.agreements
    _draw_head(agreement, report)
    _draw_figures(agreement)
    _draw_labels(agreement, codebook)
    _draw_pairs(agreement)
    _draw_confusions(agreement, codebook, _Ways.of(services, agreement, documents))
    _draw_end(services, report, agreement)


@st.cache_data(show_spinner=False, max_entries=4)
def _documents(digest: str, _services: Services) -> dict[str, Document]:  # noqa: ARG001  (what the cache goes by)
    """Return the documents that carry labels, by id, and those of statements whose stance was judged."""
    ids = {a.document_id for a in _services.store.annotations() if not a.document_deleted}
    judged = {j.sentence_id for j in _services.store.judgements()}
    ids |= {sentence.document_id for sentence in _services.store.sentences_by_id(judged).values()}
    return {document_id: _services.store.document(document_id) for document_id in sorted(ids)}


@st.cache_data(show_spinner=False, max_entries=32)
def _report(digest: str, codebook_id: str, level: str, language: str, _services: Services) -> AgreementReport:  # noqa: ARG001
    return workflow.measure_agreement(
        _services, codebook=codebook_id, level=Level(level), languages=(language,) if language else ()
    )


def _draw_controls(
    services: Services, found: Mapping[str, Sequence[Level]], documents: Mapping[str, Document]
) -> tuple[Codebook, Level, str]:
    """Draw the choice of codebook, level and language; only what carries labels can be chosen."""
    first, second, third = st.columns([3, 2, 2], vertical_alignment="bottom")
    name: str = first.selectbox(
        "Codebook",
        _still(list(found), "agreement-codebook"),
        key="agreement-codebook",
        format_func=lambda one: services.codebooks[one].title,
    )
    level: Level = second.selectbox(
        "Labels on",
        _still(list(found[name]), "agreement-level"),
        key="agreement-level",
        format_func=LEVEL_WORDS.__getitem__,
    )
    language: str = third.selectbox(
        "Language",
        _still([ALL, *sorted({d.language for d in documents.values()})], "agreement-language"),
        key="agreement-language",
        format_func=lambda tag: language_name(tag) if tag else "all languages",
    )
    return services.codebooks[name], level, language


def _still(options: list[T], key: str) -> list[T]:
    """Return the options after replacing a choice that is none of them any more by the first."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    return options


def _draw_head(agreement: Agreement, report: AgreementReport) -> None:
    said = measuring.in_words(agreement.headline, report.bootstrap.level)
    line, _, rest = said.partition("; ")
    if not rest:
        line, _, rest = said.partition(": ")
    rest = rest[:1].upper() + rest[1:]
    st.html(
        f'<div class="cv-verdict"><p class="cv-line">{html_text(line.rstrip("."))}.</p>'
        f'<p class="cv-why">{html_text(rest)}</p></div>'
    )
    theme.draw_note(
        f"{counted(len(agreement.annotators), 'annotator')} gave {counted(agreement.annotations, 'label')} on "
        f"{counted(agreement.documents, agreement.unit)}; {agreement.shared_documents} of them were seen by two or more, and only these count."
    )
    for note in agreement.notes:
        theme.draw_note(note)


def _draw_figures(agreement: Agreement) -> None:
    theme.draw_kicker("Over all labels")
    rows = [("all", agreement.figures)]
    if len(agreement.languages) > 1:
        rows += [(language_name(one.language), one.figures) for one in agreement.languages]
    _draw_table(f"{agreement.unit.capitalize()}s in", rows, key="agreement-overall")


def _draw_labels(agreement: Agreement, codebook: Codebook) -> None:
    theme.draw_kicker(f"By label: {agreement.labels[0].figures[0].name}" if agreement.labels else "By label")
    shown = [
        (label_name(codebook, one.label), one.figures[0])
        for one in agreement.labels
        if one.figures[0].value is not None
    ]
    if shown:
        _draw_bars(shown)
    _draw_table(
        "Label",
        [(label_name(codebook, one.label), one.figures) for one in agreement.labels],
        key="agreement-labels",
        counts=[one.uses for one in agreement.labels],
    )


def _draw_bars(shown: Sequence[tuple[str, Figure]]) -> None:
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame(
        {
            "Label": [name for name, _ in shown],
            "value": [figure.value for _, figure in shown],
            "low": [figure.low for _, figure in shown],
            "high": [figure.high for _, figure in shown],
            "told": [measuring.shown(figure) for _, figure in shown],
        }
    ).astype({"low": "float64", "high": "float64"})
    least = min(0.0, *(figure.low if figure.low is not None else figure.value or 0.0 for _, figure in shown))
    base = alt.Chart(frame).encode(
        y=alt.Y("Label:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
        tooltip=["Label:N", alt.Tooltip("told:N", title=shown[0][1].name)],
    )
    ink = _WHISKER.get(str(st.context.theme.type), _WHISKER_LIGHT)
    scale = alt.Scale(domain=[least, 1.0])
    bars = base.mark_bar(opacity=0.55, size=_BAR_PX // 2).encode(
        x=alt.X("value:Q", scale=scale, title=f"{shown[0][1].name}, with interval")
    )
    whiskers = base.mark_rule(size=2, color=ink).encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    st.altair_chart(
        (bars + whiskers).properties(height=60 + _BAR_PX * len(shown)), width="stretch", key="agreement-bars"
    )


def _draw_table(
    first: str, rows: Sequence[tuple[str, Sequence[Figure]]], *, key: str, counts: Sequence[int] = ()
) -> None:
    """Draw figures as a table, one row each name; what is undefined says why in the last column."""
    import pandas as pd

    columns: dict[str, list[object]] = {first: [name for name, _ in rows]}
    if counts:
        columns["Given"] = list(counts)
    for number in range(len(rows[0][1]) if rows else 0):
        columns[rows[0][1][number].name] = [measuring.shown(figures[number]) for _, figures in rows]
    remarks = [_remarks(figures) for _, figures in rows]
    if any(remarks):
        columns["Note"] = list(remarks)
    frame = pd.DataFrame(columns)
    st.dataframe(
        frame,
        hide_index=True,
        key=key,
        column_config={
            first: st.column_config.Column(width="medium"),
            "Note": st.column_config.Column(width="large"),
        },
        height=min(_TABLE_PX, _ROW_PX * (len(frame) + 1) + 3),
    )


def _remarks(figures: Sequence[Figure]) -> str:
    """Say why figures have no value or interval, each reason once."""
    told = dict.fromkeys(filter(None, [text for f in figures for text in (f.reason, f.remark)]))
    return "; ".join(told)


def _draw_pairs(agreement: Agreement) -> None:
    if not agreement.pairs:
        return
    theme.draw_kicker(f"By pair of annotators: {agreement.pairs[0].figures[0].name}")
    st.html(pairs_html(agreement))
    missing = [p for p in agreement.pairs if p.figures[0].value is None]
    for pair in missing:
        theme.draw_note(
            f"{annotator_name(pair.first)} and {annotator_name(pair.second)}: no value, because {pair.figures[0].reason}."
        )


def pairs_html(agreement: Agreement) -> str:
    """Return the heat map of the pairs as a table, so that each shade has its figure in words too."""
    people = agreement.annotators
    known = {
        frozenset((pair.first, pair.second)): (pair.figures[0], pair.documents) for pair in agreement.pairs
    }
    head = "".join(
        f'<th scope="col" style="{_CELL}">{html_text(annotator_name(name))}</th>' for name in people
    )
    body = "".join(
        f'<tr><th scope="row" style="{_CELL};text-align:left">{html_text(annotator_name(down))}</th>'
        + "".join(
            _pair_cell(*known[frozenset((down, across))], agreement.unit) if down != across else _SELF
            for across in people
        )
        + "</tr>"
        for down in people
    )
    return (
        '<div style="overflow-x:auto" tabindex="0" role="region" aria-label="Agreement of each pair of annotators">'
        f'<table style="border-collapse:collapse;font-variant-numeric:tabular-nums">'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


_CELL = "padding:0.4rem 0.7rem;text-align:center;font-weight:600;font-size:0.84rem"
_SELF = f'<td style="{_CELL}" aria-hidden="true">·</td>'


def _pair_cell(figure: Figure, documents: int, unit: str) -> str:
    share = max(0.0, min(1.0, figure.value or 0.0))
    told = f"{measuring.shown(figure)}, {counted(documents, unit)}"
    value = "–" if figure.value is None else measuring.shown(figure).split(" ")[0]
    return (
        f'<td title="{html_text(told)}" style="{_CELL};border:1px solid var(--cv-rule);color:var(--cv-ink);'
        f'background:color-mix(in srgb, var(--cv-accent) {50 * share:.0f}%, var(--cv-card))">{html_text(value)}</td>'
    )


@dataclass(frozen=True, slots=True)
class _Ways:
    """Where rows of confused labels lead to: the page, the name of its query, what it shows, and what one of these is called."""

    page: str
    query: str
    noun: str
    name: Callable[[str], str]

    @classmethod
    def of(cls, services: Services, agreement: Agreement, documents: Mapping[str, Document]) -> _Ways:
        """Lead to documents, or, where pairs were judged, to the verification of their claim."""
        if agreement.level is Level.PAIR:
            return cls(
                "verify",
                "verification",
                agreement.unit,
                lambda name: services.store.verification(name).claim.text,
            )
        return cls(
            "read",
            "document",
            "text",
            lambda name: document_name(documents[name]) if name in documents else name,
        )


def _draw_confusions(agreement: Agreement, codebook: Codebook, ways: _Ways) -> None:
    for head, none, rows in (
        (
            "Most confused labels",
            "Where two people labelled the same place, they never gave different labels.",
            [c for c in agreement.confused if c.second],
        ),
        ("Given by one, by the other not", "", [c for c in agreement.confused if not c.second]),
    ):
        if not rows and (not none or not agreement.shared_documents):
            continue
        theme.draw_kicker(head)
        if not rows:
            theme.draw_note(none)
        for row in rows[:_CONFUSIONS]:
            _draw_confusion(row, codebook, ways)
        if len(rows) > _CONFUSIONS:
            theme.draw_note(f"{len(rows) - _CONFUSIONS} more are in the report.")


def _draw_confusion(row: Confusion, codebook: Codebook, ways: _Ways) -> None:
    """Draw one row of confused labels, with ways into the texts concerned."""
    names = label_name(codebook, row.first) + (f" / {label_name(codebook, row.second)}" if row.second else "")
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.html(
            f'<p class="cv-note"><b>{html_text(names)}</b> · {html_text(counted(row.count, "time"))} in '
            f"{html_text(counted(len(row.documents), ways.noun))}</p>",
            width="content",
        )
        for place in row.documents[:_TEXTS]:
            name = ways.name(place)
            if st.button(
                markdown_text(name, 40),
                key=f"text-{row.first}-{row.second}-{place}",
                type="tertiary",
                icon=":material/article:",
                help=markdown_text(f"Open {name} to see where {names} stands"),
            ):
                session.open_page(ways.page, **{ways.query: place})


def _draw_end(services: Services, report: AgreementReport, agreement: Agreement) -> None:
    theme.draw_note(report.coverage)

    def under_pseudonyms() -> bytes:
        told = workflow.measure_agreement(
            services,
            codebook=agreement.codebook_id,
            level=agreement.level,
            languages=agreement.selection,
            pseudonyms=True,
        )
        return measuring.to_json(told).encode("utf-8")

    st.download_button(
        "Download report (JSON, annotators under pseudonyms)",
        under_pseudonyms,
        file_name=f"agreement-{agreement.codebook_id}-{agreement.level.value}.json",
        mime="application/json",
        key="download-agreement",
        icon=":material/download:",
        on_click="ignore",
    )


def label_name(codebook: Codebook, label_id: str) -> str:
    """Return a label's name; labels that only older annotations carry have none but their id."""
    try:
        return codebook.label(label_id).name
    except DomainError:
        return label_id
