"""The export page as it builds a data set, driven without a browser."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
import streamlit as st
from factories import document
from fakes import HashingEncoder, KeywordStance
from streamlit.testing.v1 import AppTest

from verifier import pipeline
from verifier.config import load_settings
from verifier.domain import Level, Span
from verifier.store import open_store
from verifier.ui import export, session

TEXT = "Document {n}: the so-called rescue regime arrived 🌊 late."


def _open(settings):
    return pipeline.Services(
        settings,
        store=open_store(settings.database_url),
        encoder=HashingEncoder(256),
        stance_model=KeywordStance(),
    )


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    monkeypatch.setenv("VERIFIER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("VERIFIER_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(session, "open_services", _open)
    services = _open(load_settings())
    for number in range(10):
        text = TEXT.format(n=number)
        services.store.add_document(
            document(text, document_id=f"d{number}", language="uk" if number < 3 else "en"), ()
        )
        start = text.index("so-called")
        if number < 9:
            pipeline.label(
                services,
                document_id=f"d{number}",
                codebook_id="wording",
                label_id=services.codebooks["wording"].labels[number % 2].label_id,
                annotator_id="quill",
                level=Level.SPAN,
                span=Span.of(text, start, start + 23),
            )
    yield services
    services.close()
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def page(corpus, monkeypatch):
    """Draw the page in its mode of data sets; returns it and what unpacks the zip behind its button."""
    offered = {}
    real = st.download_button

    def button(label, data, *, key, **rest):
        offered[key] = data
        return real(label, data, key=key, **rest)

    def unpacked():
        with zipfile.ZipFile(io.BytesIO(offered["download-dataset"]())) as archive:
            return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}

    monkeypatch.setattr(st, "download_button", button)
    app = AppTest.from_string(
        "from verifier.ui import navigation\nnavigation.draw_page('export')", default_timeout=30
    )
    app.session_state["annotator"] = "quill"
    app.session_state["export-mode"] = export.DATASET
    return _sound(app.run()), unpacked


def _sound(app):
    assert not app.exception, app.exception[0].value
    return app


def _rows(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def _preview(app):
    return next(frame.value for frame in app.dataframe if "quote" in frame.value.columns)


def test_a_data_set_is_previewed_counted_and_downloaded(page):
    app, unpacked = page
    files = unpacked()
    assert len(_rows(files["labels.csv"])) == 9 == len(_preview(app))
    split = {row["document_id"]: row["split"] for row in _rows(files["documents.csv"])}
    shown = dict(zip(_preview(app)["document_id"], _preview(app)["split"], strict=True))
    assert shown == split, "the preview is what is downloaded"
    assert not any("quill" in row["annotator_id"] for row in _rows(files["labels.csv"]))
    assert set(files) == {"labels.csv", "documents.csv", "README.md", "manifest.json"}


def test_choices_narrow_and_formats_are_added(page):
    app, unpacked = page
    app.multiselect(key="dataset-languages").set_value(["uk"])
    app.multiselect(key="dataset-formats").set_value(["label-studio", "bio"])
    app.text_input(key="dataset-split").set_value("a=0.5,b=0.5")
    app.toggle(key="dataset-pseudonyms").set_value(False)
    _sound(app.run())
    assert any("overlap" in warning.value for warning in app.warning), (
        "what a format loses is said before it is chosen for good"
    )
    files = unpacked()
    assert [row["annotator_id"] for row in _rows(files["labels.csv"])] == ["quill"] * 3
    assert {"label-studio/a.json", "label-studio/b.json", "bio/a.conll", "bio/b.conll"} <= set(files)


def test_without_texts_no_text_leaves(page):
    app, unpacked = page
    app.toggle(key="dataset-texts").set_value(False).run()
    app.number_input(key="dataset-quote-chars").set_value(4)
    app.multiselect(key="dataset-formats").set_value(["web-annotation"])
    _sound(app.run())
    assert set(_preview(app)["quote"]) == {"so-c"}
    assert all(b"rescue" not in data for data in unpacked().values())
    assert "doccano" not in app.multiselect(key="dataset-formats").options


def test_a_format_that_needs_texts_goes_when_they_do(page):
    app, unpacked = page
    app.multiselect(key="dataset-formats").set_value(["bio", "web-annotation"]).run()
    _sound(app.toggle(key="dataset-texts").set_value(False).run())
    assert not app.error
    assert not any(name.startswith("bio/") for name in unpacked())


def test_an_impossible_split_gets_a_sentence(page):
    app, _ = page
    _sound(app.text_input(key="dataset-split").set_value("train=0.5").run())
    assert "must be above 0 and sum to 1" in app.error[0].value


def test_nothing_that_fits_is_said(page):
    app, _ = page
    _sound(app.multiselect(key="dataset-codebooks").set_value(["provenance"]).run())
    shown = "\n".join(element.proto.body for element in app.get("html"))
    assert "Nothing is labelled that fits the choice" in shown
