"""The corpus page: what is in, what was refused and why, adding and taking out documents, and the state of the index."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

import streamlit as st

from verifier import pipeline
from verifier.config import Settings
from verifier.domain import Document
from verifier.errors import IngestError
from verifier.ingest import IngestOptions
from verifier.languages import LANGUAGES
from verifier.pipeline import IngestReport, Services
from verifier.ui import session, theme
from verifier.ui.escape import markdown_text
from verifier.ui.wording import counted, document_name, language_name, moment

TITLE = "Corpus"
LEAD = "The documents that claims are compared with. Nothing is fetched: what you add stays on this machine."
UPLOAD_TYPES = ("txt", "html", "htm", "jsonl", "csv", "yaml")
UPLOAD_HELP = (
    "Plain text, HTML pages, JSON Lines or CSV; a manifest.yaml beside them may describe them. "
    "Outlet, language and date below are used where a file does not say so itself."
)

_CHART_ROW_PX = 26
_CHART_OUTLETS = 25
"""Outlets in the chart, the largest ones; the table below it has them all."""


class Upload(Protocol):
    """A file from the browser."""

    name: str

    def getvalue(self) -> bytes:
        """Return its bytes."""


def draw(settings: Settings, services: Services) -> None:
    """Draw the page."""
    theme.draw_title(TITLE, LEAD)
    counts = services.store.counts()
    theme.draw_figures(
        [
            (counts.documents, "documents"),
            (counts.sentences, "sentences"),
            (counts.outlets, "outlets"),
            (len(counts.by_language), "languages"),
            (len(services.store.refusals()), "refused"),
        ]
    )
    _draw_index(services)
    documents = services.store.documents()
    inside, adding, refused, out = st.tabs(
        ["What is in", "Add documents", "Refused", "Take out"], key="corpus-tabs"
    )
    with inside:
        _draw_inside(documents)
    with adding:
        _draw_adding(settings, services, empty=not documents)
    with refused:
        _draw_refused(services)
    with out:
        _draw_out(services, documents)


def _draw_index(services: Services) -> None:
    state = pipeline.index_state(services)
    with st.container(horizontal=True, vertical_alignment="center", key="index-state"):
        if state.fresh and state.manifest is not None:
            built = state.manifest
            theme.draw_note(
                f"Index “{state.name}”: up to date, {counted(state.sentences, 'sentence')}, {built.encoder_name}, "
                f"{built.kind} with {built.dimension} dimensions, built {moment(built.created_at)}."
            )
        elif state.corpus_sentences:
            st.warning(markdown_text(state.reason), icon=":material/sync_problem:")
        else:
            return
        update = False
        if not state.fresh:
            update = st.button(
                "Update the index" if state.exists else "Build the index", key="build-index", type="primary"
            )
        rebuild = st.button("Rebuild from scratch", key="rebuild-index", help="Encodes every sentence anew.")
    if update or rebuild:
        _index(services, rebuild=rebuild)
        st.rerun()


def _index(services: Services, *, rebuild: bool = False) -> None:
    with session.progress_bar("Building the index") as progress:
        report = pipeline.build_index(services, rebuild=rebuild, progress=progress)
    session.notice(
        f"The index holds {counted(report.sentences, 'sentence')}: {report.added} encoded, {report.removed} taken out, "
        f"in {report.duration_s:.1f} s."
    )


def _draw_inside(documents: Sequence[Document]) -> None:
    if not documents:
        theme.draw_note("The corpus is empty.")
        return
    import pandas as pd

    rows = [
        {
            "Outlet": d.outlet or "unknown outlet",
            "Title": " ".join((d.title or d.text[:120]).split()),
            "Language": language_name(d.language),
            "Country": d.country,
            "Published": d.published_at,
            "Version": d.version,
            "Characters": len(d.text),
            "Address": d.url,
        }
        for d in documents
    ]
    frame = pd.DataFrame(rows)
    _draw_chart(frame)
    # Addresses stay text: a cell that is a link would open whatever a document claims as its address.
    st.dataframe(frame, hide_index=True, key="documents", height=min(560, 38 + 35 * len(rows)))


def _draw_chart(frame: object) -> None:
    """Draw how many documents each outlet has, by language."""
    import altair as alt

    counted_rows = frame.groupby(["Outlet", "Language"]).size().reset_index(name="Documents")  # type: ignore[attr-defined]
    top = counted_rows.groupby("Outlet")["Documents"].sum().nlargest(_CHART_OUTLETS).index
    shown = counted_rows[counted_rows["Outlet"].isin(top)]
    chart = (
        alt.Chart(shown, height=alt.Step(_CHART_ROW_PX))
        .mark_bar()
        .encode(
            x=alt.X("Documents:Q", axis=alt.Axis(tickMinStep=1, title=None, grid=False, format="d")),
            y=alt.Y("Outlet:N", sort="-x", axis=alt.Axis(title=None, labelLimit=260)),
            color=alt.Color(
                "Language:N",
                scale=alt.Scale(range=["#2f6690", "#d39b36", "#7d5ba6", "#4f8a5b", "#8a8378"]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=["Outlet:N", "Language:N", "Documents:Q"],
        )
    )
    st.altair_chart(chart, key="chart", alt="Documents of each outlet, by language")


def _draw_adding(settings: Settings, services: Services, *, empty: bool) -> None:
    st.file_uploader(
        "Files", type=list(UPLOAD_TYPES), accept_multiple_files=True, key=_upload_key(), help=UPLOAD_HELP
    )
    outlet, language, published = st.columns(3)
    outlet.selectbox(
        "Outlet",
        sorted(
            {*services.store.counts().by_outlet, *(known.name for known in services.outlets.outlets)},
            key=str.casefold,
        ),
        index=None,
        key="upload-outlet",
        accept_new_options=True,
        placeholder="as the files say",
    )
    language.selectbox(
        "Language",
        list(LANGUAGES),
        index=None,
        key="upload-language",
        format_func=language_name,
        placeholder="detect",
    )
    published.date_input("Published", value=None, key="upload-date", format="YYYY-MM-DD")
    uploads: list[Upload] = st.session_state.get(_upload_key()) or []
    with st.container(horizontal=True, key="adding"):
        if st.button("Add to the corpus", key="add-documents", type="primary", disabled=not uploads):
            _add(settings, services, uploads)
            st.session_state["uploads-done"] = st.session_state.get("uploads-done", 0) + 1
            st.rerun()
        if empty and st.button("Load the demo corpus", key="load-demo"):
            with session.progress_bar("Loading the demo corpus") as progress:
                _report(pipeline.demo(services, progress=progress))
            _index(services)
            st.rerun()


def _upload_key() -> str:
    """Name the uploader anew after each batch, which is the way to empty it."""
    return f"upload-{st.session_state.get('uploads-done', 0)}"


def _add(settings: Settings, services: Services, uploads: Sequence[Upload]) -> None:
    folder = _keep(settings.cache_dir / "uploads", uploads)
    published: date | None = st.session_state.get("upload-date")
    options = IngestOptions(
        outlet=str(st.session_state.get("upload-outlet") or ""),
        language=str(st.session_state.get("upload-language") or ""),
        published_at=published,
    )
    with session.progress_bar("Reading") as progress:
        report = pipeline.ingest(services, [folder], options=options, progress=progress)
    _report(report)
    if report.added or report.new_versions:
        _index(services)


def _keep(folder: Path, uploads: Iterable[Upload]) -> Path:
    """Write uploads into a folder of their own, so that a document's source names a file that is there.

    Returns:
        The folder, named by the contents: the same upload twice is the same source.

    Raises:
        IngestError: a file has no usable name, or the folder cannot be written.
    """
    files: Mapping[str, bytes] = {
        Path(upload.name.replace("\\", "/")).name: upload.getvalue() for upload in uploads
    }
    digest = hashlib.sha256()
    for name, raw in sorted(files.items()):
        digest.update(f"{name}\0{hashlib.sha256(raw).hexdigest()}\0".encode("utf-8", "surrogatepass"))
    batch = folder / digest.hexdigest()[:16]
    try:
        batch.mkdir(parents=True, exist_ok=True)
        for name, raw in files.items():
            (batch / name).write_bytes(raw)
    except (OSError, ValueError) as error:
        msg = f"The upload cannot be kept in {batch}: {error}. Check the disk, and the names of the files."
        raise IngestError(msg, source=str(batch), reason="not-storable") from error
    return batch


def _report(report: IngestReport) -> None:
    parts = [
        counted(report.added, "document") + " added",
        f"{report.new_versions} as a new version" if report.new_versions else "",
        f"{report.unchanged} already in" if report.unchanged else "",
        f"{len(report.refused)} refused" if report.refused else "",
    ]
    session.notice(", ".join(part for part in parts if part) + ".")
    for refusal in report.refused:
        # The folder is where we keep uploads, which means nothing to the person who chose the file.
        session.notice(refusal.message.replace(f"{Path(refusal.source).parent}/", ""), failed=True)


def _draw_refused(services: Services) -> None:
    refusals = services.store.refusals()
    if not refusals:
        theme.draw_note("Nothing was refused.")
        return
    import pandas as pd

    frame = pd.DataFrame(
        [
            {"When": moment(r.refused_at), "Why": r.reason, "What to do": r.message, "Source": r.source}
            for r in sorted(refusals, key=lambda r: r.refused_at, reverse=True)
        ]
    )
    st.dataframe(frame, hide_index=True, key="refusals")


def _draw_out(services: Services, documents: Sequence[Document]) -> None:
    theme.draw_note(
        "A document that is taken out no longer appears in results. Its text and people's labels on it stay in the database."
    )
    names = {document.document_id: document_name(document) for document in documents}
    chosen = st.multiselect(
        "Documents",
        sorted(names, key=lambda key: names[key].casefold()),
        key="take-out",
        format_func=lambda key: names.get(key, key),
        placeholder="type an outlet or a title",
    )
    sure = st.checkbox(
        f"Yes, take {counted(len(chosen), 'document')} out of the results",
        key="take-out-sure",
        disabled=not chosen,
    )
    if st.button("Take out", key="take-out-now", type="primary", disabled=not (chosen and sure)):
        with session.progress_bar("Taking out") as progress:
            number = pipeline.delete_documents(services, chosen, progress=progress)
        session.notice(f"{counted(number, 'document')} taken out of the results.")
        del st.session_state["take-out"], st.session_state["take-out-sure"]
        st.rerun()
