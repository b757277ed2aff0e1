"""The pages, driven without a browser on real services; only the two models are stand-ins."""

from __future__ import annotations

import csv
import io
from functools import cache

import pytest
import streamlit as st
from fakes import HashingEncoder, KeywordStance
from streamlit.testing.v1 import AppTest

from verifier import codebooks, pipeline
from verifier.config import load_settings
from verifier.domain import LabelMethod, Level, Span, Stance, Verdict
from verifier.store import open_store
from verifier.ui import session
from verifier.ui.wording import verdict_line

HOSTILE = "<img src=x onerror=alert(1)> **bold** $x$ :red[hot] [link](javascript:alert(1)) :smile: -> <script>x</script>"
MANIFEST = """
- file: ferry.txt
  language: en
  outlet: {name: Harbour Daily, domain: harbour.example, country: XA}
  published: 2031-05-03
- file: ferry-denied.txt
  language: en
  outlet: {name: Saltmarsh Post, domain: saltmarsh.example, country: XB, state_controlled: true}
  published: 2031-05-05
- file: ferry-uk.txt
  language: uk
  outlet: {name: Вісник порту, domain: visnyk.example, country: XB}
  published: 2031-05-04
- file: hostile.txt
  language: en
  outlet: {name: "<b>Evil</b> **Gazette**", domain: evil.example, country: XC}
  published: 2031-05-06
"""
TEXTS = {
    "ferry.txt": "The night ferry sank near the lighthouse.\n\nThe so-called rescue regime arrived an hour later.",
    "ferry-denied.txt": "The night ferry has not sank near the lighthouse, an owner said.\n\nA choir sang in the old mill.",
    "ferry-uk.txt": "Нічний пором затонув біля маяка.\n\nРятувальники прибули за годину.",
    "hostile.txt": f"The night ferry sank near the lighthouse twice {HOSTILE}\n\nThe weather stayed calm all week.",
}
CLAIM = "The night ferry sank near the lighthouse."


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A temporary home that the app finds through the environment, and stand-ins for the models."""
    monkeypatch.setenv("VERIFIER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VERIFIER_RETRIEVE_MIN_SIMILARITY", "0.2")
    monkeypatch.delenv("VERIFIER_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(codebooks, "load_lexicons", _LEXICONS)
    monkeypatch.setattr(session, "open_services", _open)
    yield tmp_path / "home"
    st.cache_resource.clear()
    st.cache_data.clear()


_LEXICONS = cache(codebooks.load_lexicons)
"""Reading them is a quarter of a second, and every test opens services of its own."""


def _open(settings):
    return pipeline.Services(
        settings,
        store=open_store(settings.database_url),
        encoder=HashingEncoder(256),
        stance_model=KeywordStance(),
    )


@pytest.fixture
def corpus(home, tmp_path):
    """Four articles by four invented outlets, indexed; returns services of the test's own on the same database."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "manifest.yaml").write_text(MANIFEST, encoding="utf-8")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    services = _open(load_settings())
    pipeline.ingest(services, [folder])
    pipeline.build_index(services)
    yield services
    services.close()


def _page(name: str, annotator: str = "quill", **query: str) -> AppTest:
    """Draw one page by itself."""
    app = AppTest.from_string(
        f"from verifier.ui import navigation\nnavigation.draw_page({name!r})", default_timeout=20
    )
    app.session_state["annotator"] = annotator
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def _sound(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].value
    return app


def _html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def _check(app: AppTest, claim: str = CLAIM) -> AppTest:
    app.text_area(key="claim").set_value(claim)
    return _sound(app.button(key="check").click().run())


def _shown(app: AppTest):
    return app.session_state["verification"]


def _keys(app: AppTest, prefix: str) -> list[str]:
    return [button.key for button in app.button if button.key and button.key.startswith(prefix)]


@pytest.fixture
def download(monkeypatch):
    """Read the CSV file behind a download button of the page that was drawn last."""
    offered = {}
    real = st.download_button

    def button(label, data, *, key, **rest):
        offered[key] = data
        return real(label, data, key=key, **rest)

    monkeypatch.setattr(st, "download_button", button)
    return lambda key: list(csv.DictReader(io.StringIO(offered[key]().decode("utf-8"))))


# ---- the front page


def test_the_app_starts_and_names_its_pages(home, repository):
    app = AppTest.from_file(str(repository / "app.py"), default_timeout=20).run()
    _sound(app)
    assert [link.proto.label for link in app.get("page_link")] == [
        "Verify",
        "Claims",
        "Read",
        "Annotate",
        "Adjudicate",
        "Agreement",
        "Team",
        "Corpus",
        "Export",
    ]


def test_a_claim_is_answered_with_both_sides(corpus):
    app = _check(_page("verify"))
    shown = _html(app)
    decision = _shown(app).decision
    assert decision.verdict is Verdict.CONFLICTING_EVIDENCE
    assert decision.supporting
    assert decision.refuting
    assert verdict_line(decision) in shown
    assert "Conflicting evidence" in shown
    assert "state-controlled" in shown
    assert "corroborates" in shown
    assert app.query_params["verification"] == _shown(app).verification_id


def test_every_statement_can_be_found_in_the_page(corpus):
    app = _check(_page("verify"))
    assert len(_keys(app, "read-")) == len(_shown(app).evidence)


def test_nothing_found_is_said_apart_from_nothing_takes_sides(corpus):
    nothing = _html(_check(_page("verify"), "Zyxwvut qqqq"))
    sideless = _html(
        _check(_page("verify"), "The lighthouse keeper bought a ferry ticket and an umbrella yesterday")
    )
    assert "Nothing near enough to this claim was found." in nothing
    assert "This is not evidence against the claim" in nothing
    assert "none takes a side" in sideless
    assert "Nothing near enough" not in sideless
    assert "Not enough evidence" in nothing
    assert "Not enough evidence" in sideless


def test_hostile_text_is_shown_and_never_run(corpus):
    app = _check(_page("verify"))
    shown = _html(app)
    assert "&lt;img src=x onerror=alert(1)&gt; **bold** $x$ :red[hot] [link](javascript:alert(1))" in shown
    assert "<img" not in shown
    assert "<script" not in shown
    assert "&lt;b&gt;Evil&lt;/b&gt; **Gazette**" in shown


def test_a_hostile_claim_is_escaped_in_the_list_of_earlier_ones(corpus):
    app = _check(_page("verify"), HOSTILE)
    label = app.button(key=f"earlier-{_shown(app).verification_id}").label
    assert label.startswith(r"\<img src\=x onerror\=alert\(1\)\> \*\*bold\*\* \$x\$ \:")
    assert r"\[link\]\(java" in label
    assert "<img" not in _html(app)


def test_the_outlet_that_made_the_claim_is_left_out(corpus):
    app = _page("verify")
    app.selectbox(key="claimed-by").set_value("Harbour Daily")
    _check(app)
    assert "Harbour Daily" not in {e.document.outlet for e in _shown(app).evidence}
    assert "without Harbour Daily, who made the claim" in _html(app)


def test_filters_narrow_the_answer(corpus):
    app = _page("verify")
    app.multiselect(key="filter-languages").set_value(["uk"]).run()
    _check(app, "Нічний пором затонув біля маяка.")
    assert {e.sentence.language for e in _shown(app).evidence} == {"uk"}
    app.button(key="filter-clear").click().run()
    assert app.multiselect(key="filter-languages").value == []


def test_an_empty_claim_gets_a_sentence(corpus):
    app = _check(_page("verify"), "   ")
    assert "The claim is empty" in app.error[0].value


def test_a_person_gives_a_stance_and_withdraws_it(corpus):
    app = _check(_page("verify"))
    evidence = _shown(app).evidence[0]
    control = app.segmented_control(key=f"stance-{evidence.sentence.sentence_id}")
    _sound(control.set_value(Stance.REFUTES).run())
    (given,) = corpus.store.judgements(_shown(app).verification_id)
    assert (given.stance, given.annotator_id) == (Stance.REFUTES, "quill")
    assert "People say – quill: contradicts" in _html(app)
    app.segmented_control(key=f"stance-{evidence.sentence.sentence_id}").set_value(None).run()
    assert corpus.store.judgements(_shown(app).verification_id) == []


def test_stances_by_keyboard_go_through_the_statements(corpus):
    app = _check(_page("verify"))
    app.button(key="by-keyboard").click().run()
    assert app.button(key="key-refutes").proto.shortcut == "2"
    app.button(key="key-supports").click().run()
    _sound(app.button(key="key-refutes").click().run())
    given = corpus.store.judgements(_shown(app).verification_id)
    assert {j.stance for j in given} == {Stance.SUPPORTS, Stance.REFUTES}
    assert len({j.sentence_id for j in given}) == 2


def test_without_a_name_nothing_can_be_judged(corpus):
    app = _check(_page("verify", annotator=""))
    assert all(control.proto.disabled for control in app.segmented_control)


def test_a_statement_becomes_the_claim_without_its_own_outlet(corpus):
    app = _check(_page("verify"))
    evidence = _shown(app).evidence[0]
    _sound(app.button(key=f"claim-{evidence.sentence.sentence_id}").click().run())
    assert _shown(app).claim.text == evidence.sentence.text
    assert _shown(app).claim.sentence_id == evidence.sentence.sentence_id
    assert evidence.document.outlet not in {e.document.outlet for e in _shown(app).evidence}


def test_an_earlier_verification_opens_by_its_address(corpus):
    first = pipeline.verify(corpus, CLAIM)
    app = _sound(_page("verify", verification=first.verification_id))
    assert _shown(app).verification_id == first.verification_id
    assert app.text_area(key="claim").value == CLAIM


def test_an_unknown_address_gets_a_sentence(corpus):
    app = _sound(_page("verify", verification="nonsense"))
    assert "nonsense" in app.error[0].value


def test_earlier_verifications_can_be_reopened(corpus):
    first = pipeline.verify(corpus, CLAIM)
    app = _check(_page("verify"), "A choir sang in the old mill.")
    _sound(app.button(key=f"earlier-{first.verification_id}").click().run())
    assert _shown(app).verification_id == first.verification_id


def test_the_pairs_of_a_verification_download_as_csv(corpus, download):
    app = _check(_page("verify"))
    rows = download("download-pairs")
    assert len(rows) == len(_shown(app).evidence)
    assert {row["claim"] for row in rows} == {CLAIM}


def test_the_run_and_the_rules_are_shown(corpus):
    app = _check(_page("verify"))
    assert "hashing@" in _html(app)
    threshold = f"probability of at least {corpus.settings.verdict.take_side:.0%}"
    assert any(threshold in text.value for text in app.text)


def test_an_empty_corpus_offers_the_demo(home):
    app = _sound(_page("verify"))
    assert "The corpus is empty." in _html(app)
    _sound(app.button(key="load-demo").click().run())
    assert "documents of the demo corpus are in" in app.success[0].value
    _sound(app.button(key="example-0").click().run())
    assert _shown(app).evidence


def test_a_missing_index_is_built_by_a_button(home, corpus):
    for path in sorted((home / "indexes").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    app = _sound(_page("verify"))
    assert "no index" in app.warning[0].value
    _sound(app.button(key="build-index").click().run())
    assert not app.warning
    assert _shown(_check(app)).evidence


def test_a_stale_index_is_brought_up_to_date(corpus, tmp_path):
    late = tmp_path / "late"
    late.mkdir()
    (late / "late.txt").write_text("A heron nested on the roof of the customs house.", encoding="utf-8")
    pipeline.ingest(corpus, [late])
    app = _sound(_page("verify"))
    assert app.warning
    _sound(app.button(key="build-index").click().run())
    assert pipeline.index_state(corpus).fresh


def test_an_index_of_other_settings_is_brought_up_to_date(corpus, monkeypatch):
    other = {"none": "title"}.get(corpus.settings.retrieve.context, "none")
    monkeypatch.setenv("VERIFIER_RETRIEVE_CONTEXT", other)
    app = _check(_page("verify"))
    assert "context" in app.warning[0].value
    _sound(app.button(key="build-index").click().run())
    assert not app.warning
    assert _shown(_check(app)).evidence


# ---- reading and labelling


def _document(services, outlet):
    return next(d for d in services.store.documents() if d.outlet == outlet)


def _read(services, outlet="Harbour Daily", ordinal=0, annotator="quill"):
    document = _document(services, outlet)
    sentence = services.store.sentences(document.document_id)[ordinal]
    app = _page("read", annotator, document=document.document_id, sentence=sentence.sentence_id)
    return _sound(app), document, sentence


def _label(services, annotator="quill"):
    """Have somebody label the first sentence of the Harbour Daily, without the page."""
    document = _document(services, "Harbour Daily")
    sentence = services.store.sentences(document.document_id)[0]
    pipeline.label(
        services,
        document_id=document.document_id,
        codebook_id="wording",
        label_id="euphemism",
        annotator_id=annotator,
        level=Level.SENTENCE,
        span=Span.of(document.text, sentence.start, sentence.end),
    )


def _label_radio(app):
    return next(radio for radio in app.radio if radio.key.startswith("label-"))


def test_a_sentence_is_labelled_changed_and_withdrawn(corpus):
    app, document, sentence = _read(corpus)
    app.selectbox(key="codebook").set_value("wording").run()
    _label_radio(app).set_value("euphemism").run()
    app.text_area(key="note").set_value("sounds soft").run()
    _sound(app.button(key="add-label").click().run())
    (label,) = corpus.store.annotations(document_ids=[document.document_id])
    assert (label.label, label.note, label.annotator_id) == ("euphemism", "sounds soft", "quill")
    assert (label.level, label.span.quote) == (Level.SENTENCE, sentence.text)
    assert "sounds soft" in _html(app)

    app.selectbox(key=f"change-label-{label.annotation_id}").set_value("loaded-word").run()
    _sound(app.button(key=f"change-save-{label.annotation_id}").click().run())
    (changed,) = corpus.store.annotations(document_ids=[document.document_id])
    assert (changed.annotation_id, changed.label) == (label.annotation_id, "loaded-word")

    _sound(app.button(key=f"withdraw-{label.annotation_id}").click().run())
    assert corpus.store.annotations(document_ids=[document.document_id]) == []
    assert len(corpus.store.ops(label.annotation_id)) == 3


def test_the_whole_document_can_be_labelled(corpus):
    app, document, _ = _read(corpus)
    app.selectbox(key="sentence").set_value("").run()
    app.selectbox(key="codebook").set_value("provenance").run()
    _label_radio(app).set_value(_first_label(corpus, "provenance")).run()
    _sound(app.button(key="add-label").click().run())
    (label,) = corpus.store.annotations(document_ids=[document.document_id])
    assert label.level is Level.DOCUMENT


def _first_label(services, codebook_id):
    return services.codebooks[codebook_id].labels[0].label_id


def test_the_same_label_is_not_given_twice(corpus):
    app, document, _ = _read(corpus)
    app.selectbox(key="codebook").set_value("wording").run()
    for _ in range(2):
        _label_radio(app).set_value("euphemism").run()
        app.button(key="add-label").click().run()
    assert len(corpus.store.annotations(document_ids=[document.document_id])) == 1
    assert "already" in app.error[0].value


def test_only_ones_own_labels_can_be_changed(corpus):
    _label(corpus)
    other, _, _ = _read(corpus, annotator="feather")
    assert "by quill" in _html(other)
    assert not _keys(other, "withdraw-")


def test_a_suggestion_is_accepted_with_one_click(corpus):
    app, document, _ = _read(corpus, ordinal=1)
    accept = _keys(app, "accept-")
    assert accept
    _sound(app.button(key=accept[0]).click().run())
    (label,) = corpus.store.annotations(document_ids=[document.document_id])
    assert label.label_method is LabelMethod.SUGGESTION_ACCEPTED
    assert label.span.quote in TEXTS["ferry.txt"]
    assert accept[0] not in _keys(app, "accept-")


def test_without_a_name_nothing_can_be_labelled(corpus):
    app, _, _ = _read(corpus, annotator="")
    assert app.button(key="add-label").disabled
    assert session.NAME_MISSING in _html(app)


def test_where_a_text_comes_from_is_shown(corpus):
    app, document, _ = _read(corpus)
    assert document.sha256 in _html(app)
    assert "ferry.txt" in _html(app)


def test_labels_show_on_the_statement(corpus):
    _label(corpus)
    shown = _html(_check(_page("verify")))
    assert "Euphemism" in shown
    assert "by quill" in shown
    assert "on the sentence · by quill · State-media and partisan wording 1.0" in shown


def test_reading_an_empty_corpus_says_so(home):
    assert "The corpus is empty" in _html(_sound(_page("read")))


def test_a_document_that_was_taken_out_gets_a_sentence(corpus):
    document = _document(corpus, "Harbour Daily")
    pipeline.delete_documents(corpus, [document.document_id])
    app = _sound(_page("read", document=document.document_id))
    assert "taken out of the corpus" in app.error[0].value


# ---- the corpus


def test_the_corpus_page_counts_and_lists(corpus):
    app = _sound(_page("corpus"))
    assert "<b>4</b><span>documents</span>" in _html(app)
    assert list(app.dataframe[0].value["Outlet"]) == [d.outlet for d in corpus.store.documents()]


def test_an_upload_goes_in_and_a_bad_one_is_refused_with_its_reason(corpus):
    app = _sound(_page("corpus"))
    app.file_uploader[0].set_value(
        [
            ("heron.txt", b"A heron nested on the roof of the customs house in May.", "text/plain"),
            ("blank.txt", b"   ", "text/plain"),
        ]
    )
    app.run()
    app.selectbox(key="upload-outlet").set_value("Saltmarsh Post").run()
    _sound(app.button(key="add-documents").click().run())
    (added,) = [d for d in corpus.store.documents() if d.text.startswith("A heron")]
    assert added.outlet == "Saltmarsh Post"
    assert r"1 document added\, 1 refused" in app.success[0].value
    assert app.error[0].value.startswith(r"blank\.txt is empty")
    assert pipeline.index_state(corpus).fresh
    assert any("blank.txt" in str(frame.value.to_dict()) for frame in app.dataframe)


def test_documents_are_taken_out_after_a_confirmation(corpus):
    document = _document(corpus, "Harbour Daily")
    app = _sound(_page("corpus"))
    app.multiselect(key="take-out").set_value([document.document_id]).run()
    assert app.button(key="take-out-now").disabled
    app.checkbox(key="take-out-sure").check().run()
    _sound(app.button(key="take-out-now").click().run())
    assert document.document_id not in {d.document_id for d in corpus.store.documents()}
    assert pipeline.index_state(corpus).fresh


def test_the_index_is_rebuilt_by_a_button(corpus):
    app = _sound(_page("corpus"))
    _sound(app.button(key="rebuild-index").click().run())
    assert "The index holds" in app.success[0].value


# ---- export


@pytest.mark.parametrize("what", ["labels", "pairs", "documents"])
def test_each_export_has_a_preview_and_a_download(corpus, download, what):
    _label(corpus)
    pipeline.verify(corpus, CLAIM)
    app = _sound(_page("export"))
    _sound(app.radio(key="export-what").set_value(what).run())
    rows = download("download-csv")
    assert rows
    assert len(app.dataframe[0].value) == len(rows)


def test_names_become_pseudonyms_unless_asked_otherwise(corpus, download):
    _label(corpus)
    app = _page("export")
    assert [row["annotator_id"] for row in download("download-csv")] != ["quill"]
    app.toggle(key="export-pseudonyms").set_value(False).run()
    assert [row["annotator_id"] for row in download("download-csv")] == ["quill"]


def test_a_filter_narrows_the_export(corpus, download):
    app = _page("export")
    app.radio(key="export-what").set_value("documents").run()
    app.multiselect(key="export-languages").set_value(["uk"]).run()
    assert [row["language"] for row in download("download-csv")] == ["uk"]


def test_an_export_of_nothing_says_so(corpus):
    assert "nothing of this kind yet" in _html(_page("export"))


# ---- settings


def test_a_bad_setting_gets_a_sentence(home, monkeypatch, repository):
    monkeypatch.setenv("VERIFIER_RETRIEVE_TOP_K", "many")
    app = AppTest.from_file(str(repository / "app.py"), default_timeout=20).run()
    _sound(app)
    assert "retrieve" in app.error[0].value
