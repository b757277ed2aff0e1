"""The part of the export page that builds a data set: what goes in, how it is parted, in which formats, with counts, a preview and a download."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import streamlit as st

from verifier import exchange
from verifier.domain import Layer
from verifier.errors import VerifierError
from verifier.pipeline import Services, datasets
from verifier.pipeline.datasets import DatasetChoice, DatasetPlan
from verifier.ui import theme
from verifier.ui.wording import counted, language_name

LAYER_WORDS = {
    Layer.ANNOTATOR: "all annotators",
    Layer.GOLD: "gold, adjudicated",
    Layer.SUGGESTION: "suggestions",
}
SPLIT = ",".join(f"{name}={share:g}" for name, share in datasets.SHARES.items())
SPLIT_HELP = "Shares of the documents by name, or none. Documents are parted, never sentences; copies and versions of one text stay together."
SEED_HELP = "The same documents, shares and seed give the same split; another number parts otherwise."
TEXTS_HELP = "Off: offsets, digests and short quotes only, for texts that may not be passed on. Whoever has the articles fills them in with the command verifier fill-in."
AGREEMENT_HELP = "Measured for the card when the file is made, which can take a minute."
IN_IT = (
    "In the zip: labels.csv, documents.csv with the split of each document, the formats chosen with a file for each split, a card (README.md) and a manifest with the SHA-256 of "
    "every file. Labels come back with the command verifier import-labels."
)
REMEMBERED = ("dataset-layers", "dataset-codebooks", "dataset-languages", "dataset-formats", "dataset-split")
"""Widgets whose values last while the reader looks at another page."""

_SPLIT_COLOURS = ("#1b7f5c", "#c07a1e", "#5b6fb5", "#a6486b", "#7a7a7a")
_BARS = 15
_BAR_PX = 24
_PREVIEW_ROWS = 100
_PREVIEW_PX = 460
_ROW_PX = 33
_COLUMNS = (
    "split",
    "document_id",
    "language",
    "annotator_id",
    "label",
    "quote",
    "note",
    "layer",
    "level",
    "start",
    "end",
)
_NAME = "dataset"


def draw(services: Services) -> None:
    """Draw the choices, then what they lead to."""
    try:
        choice = _draw_choice(services)
        plan = datasets.plan_dataset(services, choice)
    except VerifierError as error:
        st.error(str(error), icon=":material/error:")
        return
    name = f"{_NAME}-{date.today():%Y-%m-%d}"  # noqa: DTZ011  (the reader's day names the file)
    with st.container(horizontal=True, vertical_alignment="center", key="dataset-download-row"):
        st.download_button(
            "Download the data set",
            lambda: datasets.zip_dataset(datasets.make_dataset(services, choice), name),
            file_name=f"{name}.zip",
            mime="application/zip",
            key="download-dataset",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
            disabled=not plan.rows,
        )
        theme.draw_note(f"{counted(len(plan.rows), 'label')} on {counted(len(plan.documents), 'document')}.")
    if not plan.rows:
        theme.draw_note("Nothing is labelled that fits the choice.")
        return
    _draw_losses(choice)
    _draw_statistics(plan)
    _draw_preview(plan, choice)
    theme.draw_note(IN_IT)


def _draw_choice(services: Services) -> DatasetChoice:
    first, second, third = st.columns([1, 1.6, 1], vertical_alignment="bottom")
    layers = first.multiselect(
        "Layer",
        list(Layer),
        default=[Layer.ANNOTATOR],
        key="dataset-layers",
        format_func=LAYER_WORDS.__getitem__,
        placeholder="all",
    )
    codebooks = second.multiselect(
        "Codebooks",
        list(services.codebooks),
        key="dataset-codebooks",
        format_func=lambda key: services.codebooks[key].title,
        placeholder="all",
    )
    languages = third.multiselect(
        "Languages",
        list(services.store.counts().by_language),
        key="dataset-languages",
        format_func=language_name,
        placeholder="all",
    )
    first, second, third = st.columns([1.6, 1.3, 0.7], vertical_alignment="bottom")
    texts = _draw_switches()
    shares = exchange.parse_shares(second.text_input("Split", SPLIT, key="dataset-split", help=SPLIT_HELP))
    formats = first.multiselect(
        "Formats, beside labels.csv",
        [
            name
            for name, kind in exchange.LABEL_FORMATS.items()
            if name != "csv" and (texts["texts"] or kind.write_without_text)
        ],
        key="dataset-formats",
        format_func=lambda name: exchange.LABEL_FORMATS[name].title,
        placeholder="none",
    )
    seed = third.number_input("Seed", value=0, step=1, key="dataset-seed", help=SEED_HELP)
    return DatasetChoice(
        layers=tuple(layers),
        codebooks=tuple(codebooks),
        languages=tuple(languages),
        formats=tuple(formats),
        shares=shares,
        seed=int(seed),
        **texts,
    )


def _draw_switches() -> dict[str, Any]:
    """Draw what is on or off; returns the fields of the choice."""
    with st.container(horizontal=True, vertical_alignment="center", key="dataset-switches"):
        texts = st.toggle("Texts included", value=True, key="dataset-texts", help=TEXTS_HELP)
        found: dict[str, Any] = {"texts": texts}
        found["pseudonyms"] = st.toggle("Pseudonyms", value=True, key="dataset-pseudonyms")
        found["unlabelled"] = st.toggle("Unlabelled documents", key="dataset-unlabelled")
        found["agreement"] = st.toggle("Agreement", key="dataset-agreement", help=AGREEMENT_HELP)
        if texts:
            found["pairs"] = st.toggle("Claim–evidence pairs", key="dataset-pairs")
        else:
            found["context"] = st.toggle("Words around quotes", key="dataset-context")
            found["quote_chars"] = int(
                st.number_input(
                    "Characters of a quote", 0, 200, exchange.QUOTE_CHARS, key="dataset-quote-chars"
                )
            )
    return found


def _draw_losses(choice: DatasetChoice) -> None:
    lost = [
        f"{kind.title} loses {kind.lost}."
        for name in choice.formats
        if not (kind := exchange.LABEL_FORMATS[name]).lost.startswith("nothing")
    ]
    for line in lost:
        st.warning(line, icon=":material/warning:")


def _draw_statistics(plan: DatasetPlan) -> None:
    import altair as alt
    import pandas as pd

    figures = [(len(plan.rows), "labels"), (len(plan.documents), "documents")]
    figures += [(number, f"in {name}") for name, number in plan.statistics["documents by split"].items()]
    theme.draw_figures(figures)
    counts = Counter((f"{row['codebook_id']}:{row['label']}", _split(plan, row)) for row in plan.rows)
    frequent = list(plan.statistics["labels by label"])[:_BARS]
    frame = pd.DataFrame(
        [
            {"Label": label, "Split": part, "Labels": n}
            for (label, part), n in counts.items()
            if label in frequent
        ]
    )
    splits = list(dict.fromkeys(plan.statistics["documents by split"]))
    chart = (
        alt.Chart(frame)
        .mark_bar(size=_BAR_PX // 2)
        .encode(
            y=alt.Y("Label:N", sort=frequent, title=None, axis=alt.Axis(labelLimit=260, labelOverlap=False)),
            x=alt.X("sum(Labels):Q", title="labels", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color("Split:N", scale=alt.Scale(domain=splits, range=list(_SPLIT_COLOURS))),
            tooltip=["Label:N", "Split:N", "sum(Labels):Q"],
        )
        .properties(height=90 + _BAR_PX * len(frequent))
    )
    st.altair_chart(chart, width="stretch", key="dataset-bars")
    if (rest := len(plan.statistics["labels by label"]) - len(frequent)) > 0:
        theme.draw_note(f"The {_BARS} most frequent labels; {counted(rest, 'more label')} in the card.")
    with st.expander("All counts", key="dataset-counts"):
        rows = [
            {"Counted": what, "": name, "Number": number}
            for what, found in plan.statistics.items()
            for name, number in found.items()
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, key="dataset-counts-table")


def _draw_preview(plan: DatasetPlan, choice: DatasetChoice) -> None:
    import pandas as pd

    rows = list(plan.rows[:_PREVIEW_ROWS])
    if not choice.texts:
        rows = exchange.shortened(rows, quote_chars=choice.quote_chars, context=choice.context)
    frame = pd.DataFrame([{**row, "split": _split(plan, row)} for row in rows], columns=list(_COLUMNS))
    st.dataframe(
        frame, hide_index=True, key="dataset-preview", height=min(_PREVIEW_PX, _ROW_PX * (len(frame) + 1) + 3)
    )
    if len(plan.rows) > _PREVIEW_ROWS:
        theme.draw_note(f"The first {_PREVIEW_ROWS} rows.")


def _split(plan: DatasetPlan, row: exchange.Row) -> str:
    return plan.split[str(row["document_id"]), str(row["document_sha256"])]
