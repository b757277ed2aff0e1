"""The export page: tables of everything, or a data set chosen, parted and packed; each with a preview and a download."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from verifier import pipeline
from verifier.config import Settings
from verifier.domain import Document
from verifier.pipeline import Services
from verifier.ui import dataset, theme
from verifier.ui.wording import counted, day, document_name, language_name

TITLE = "Export"
LEAD = "Everything people decided here, as a table that a spreadsheet or pandas reads, and that can be imported back unchanged."
WHAT = {
    "labels": "Labels: one row for each label by one annotator",
    "pairs": "Pairs: one row for each claim with a statement found for it",
    "documents": "Documents: one row for each text in the corpus",
}
TABLES, DATASET = "Tables", "A data set"
PREVIEW_ROWS = 100
_PREVIEW_PX = 460
_ROW_PX = 33
ESCAPED = (
    "Cells that a spreadsheet would take for a formula begin with an extra apostrophe; the column “escaped” says in which rows, and "
    "the import takes it away again. Offsets count Unicode code points and are half-open."
)
PSEUDONYMS_HELP = "Names of annotators become codes that are the same in every export of this database and tell nothing of the person."


REMEMBERED = ("export-mode", *dataset.REMEMBERED)
"""Widgets of this page whose values last while the reader looks at another page."""


def draw(_settings: Settings, services: Services) -> None:
    """Draw the page."""
    theme.draw_title(TITLE, LEAD)
    mode = st.radio(
        "Mode", (TABLES, DATASET), key="export-mode", horizontal=True, label_visibility="collapsed"
    )
    if mode == DATASET:
        dataset.draw(services)
    else:
        _draw_tables(services)


def _draw_tables(services: Services) -> None:
    what = st.radio(
        "What", list(WHAT), key="export-what", format_func=WHAT.__getitem__, label_visibility="collapsed"
    )
    choice = _draw_filters(services, what)
    columns, rows = pipeline.export_rows(services, what, **choice)
    with st.container(horizontal=True, vertical_alignment="center", key="downloads"):
        st.download_button(
            "Download CSV",
            lambda: pipeline.export(services, what, **choice).encode("utf-8", "surrogatepass"),
            file_name=f"{what}.csv",
            mime="text/csv",
            key="download-csv",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
            disabled=not rows,
        )
        st.download_button(
            "JSON Lines",
            lambda: pipeline.export(services, what, jsonl=True, **choice).encode("utf-8", "surrogatepass"),
            file_name=f"{what}.jsonl",
            mime="application/x-ndjson",
            key="download-jsonl",
            on_click="ignore",
            disabled=not rows,
        )
        theme.draw_note(f"{counted(len(rows), 'row')}, {counted(len(columns), 'column')}.")
    _draw_preview(columns, rows)
    theme.draw_note(ESCAPED)


def _draw_filters(services: Services, what: str) -> dict[str, Any]:
    choice: dict[str, Any] = {}
    first, second, third = st.columns([1, 1.6, 1], vertical_alignment="bottom")
    choice["languages"] = first.multiselect(
        "Languages",
        list(services.store.counts().by_language),
        key="export-languages",
        format_func=language_name,
        placeholder="all",
    )
    if what == "pairs":
        earlier = {v.verification_id: v for v in services.store.verifications()}
        choice["verification_ids"] = second.multiselect(
            "Verifications",
            list(earlier),
            key="export-verifications",
            format_func=lambda key: f"{earlier[key].claim.text} ({day(earlier[key].created_at.date())})",
            placeholder="all",
        )
    else:
        documents: dict[str, Document] = {d.document_id: d for d in services.store.documents()}
        choice["document_ids"] = second.multiselect(
            "Documents",
            sorted(documents, key=lambda key: document_name(documents[key]).casefold()),
            key="export-documents",
            format_func=lambda key: document_name(documents[key]),
            placeholder="all",
        )
    choice["pseudonyms"] = third.toggle(
        "Pseudonyms instead of names",
        value=True,
        key="export-pseudonyms",
        help=PSEUDONYMS_HELP,
        disabled=what == "documents",
    )
    return choice


def _draw_preview(columns: tuple[str, ...], rows: Sequence[Mapping[str, object]]) -> None:
    if not rows:
        theme.draw_note("There is nothing of this kind yet.")
        return
    import pandas as pd

    frame = pd.DataFrame(rows[:PREVIEW_ROWS], columns=list(columns))
    filled = [column for column in columns if frame[column].astype(bool).any()]
    narrow = [column for column in filled if column.endswith(("_id", "_sha256", "_version"))]
    st.dataframe(
        frame,
        hide_index=True,
        key="preview",
        column_order=filled,
        column_config={column: st.column_config.Column(width="small") for column in narrow},
        height=min(_PREVIEW_PX, _ROW_PX * (len(frame) + 1) + 3),
    )
    shown = f"The first {PREVIEW_ROWS} rows. " if len(rows) > PREVIEW_ROWS else ""
    empty = len(columns) - len(filled)
    if shown or empty:
        theme.draw_note(f"{shown}{counted(empty, 'empty column')} not shown here." if empty else shown)
