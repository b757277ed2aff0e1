"""Agreement from stored labels to a report: workflow, command, page; on our own texts, with stand-ins for the models only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import streamlit as st
import typer
from streamlit.testing.v1 import AppTest
from test_app import _LEXICONS, CLAIM, _html, _sound, corpus, home  # noqa: F401
from typer.testing import CliRunner

from verifier import codebooks, pipeline
from verifier.agreement import Bootstrap, Coverage, nominal, plots, spans
from verifier.cli.agreement import agreement as command
from verifier.domain import Level, Span, Stance
from verifier.errors import CodebookError, ConfigError, ExchangeError, MissingDependencyError
from verifier.pipeline import agreement as workflow
from verifier.ui import session

FEW = Bootstrap(resamples=20)
WORDING = "wording"
TEXTS = {
    "ferry.txt": "The shameful ferry sank near the lighthouse. Protective measures were taken at once. Nobody slept.",
    "mill.txt": "The so-called council closed the old mill. A choir sang. The outrageous bill was paid.",
    "bridge.txt": "Die Brücke wurde gesperrt. Alle gingen zu Fuß nach Hause.",
}


@pytest.fixture
def services(services, monkeypatch):
    monkeypatch.setattr(codebooks, "load_lexicons", _LEXICONS)
    return services


@pytest.fixture
def stored(services, tmp_path):
    """Three texts in the corpus; returns the documents by the file they came from."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    pipeline.ingest(services, [folder])
    return {Path(d.acquisition.source).name: d for d in services.store.documents()}


def give(services, document, annotator, label, quote="", *, level=Level.SPAN):
    """Have somebody label a quote in a document, or all of it."""
    start = document.text.index(quote)
    return pipeline.label(
        services,
        document_id=document.document_id,
        codebook_id=WORDING,
        label_id=label,
        annotator_id=annotator,
        level=level,
        span=Span.of(document.text, start, start + len(quote)) if quote else None,
    )


@pytest.fixture
def labelled(services, stored):
    """Spans by three people in two of the texts, one of them confused once."""
    ferry, mill = stored["ferry.txt"], stored["mill.txt"]
    for who in ("ada", "bo"):
        give(services, ferry, who, "loaded-word", "shameful")
        give(services, mill, who, "delegitimising-name", "so-called council")
    give(services, ferry, "ada", "euphemism", "Protective measures")
    give(services, ferry, "bo", "loaded-word", "Protective measures were")
    give(services, mill, "cy", "loaded-word", "outrageous")
    return stored


# ---- the workflow


def test_only_what_was_labelled_is_compared(services, labelled):
    assert workflow.labelled(services) == {WORDING: (Level.SPAN,)}
    report = workflow.measure_agreement(services, bootstrap=FEW)
    (found,) = report.agreements
    assert (found.codebook_id, found.level, found.annotators) == (WORDING, Level.SPAN, ("ada", "bo", "cy"))
    assert (found.documents, found.shared_documents, found.annotations) == (2, 2, 7)
    (confused,) = [c for c in found.confused if c.second]
    assert {confused.first, confused.second} == {"loaded-word", "euphemism"}
    assert confused.documents == (labelled["ferry.txt"].document_id,)
    assert report.coverage == workflow.FROM_LABELS


def test_assignments_say_who_found_nothing(services, labelled):
    ferry = labelled["ferry.txt"]
    looked = [Coverage(annotator_id="cy", document_id=ferry.document_id, text_sha256=ferry.sha256)]
    before = workflow.measure_agreement(services, bootstrap=FEW).agreements[0]
    after = workflow.measure_agreement(services, coverage=looked, bootstrap=FEW)
    assert after.coverage == workflow.FROM_ASSIGNMENTS
    assert after.agreements[0].headline.value < before.headline.value
    pairs = {(p.first, p.second): p.documents for p in after.agreements[0].pairs}
    assert pairs["ada", "cy"] == 2


def test_a_withdrawn_label_shows_that_somebody_looked(services, labelled):
    bridge = labelled["bridge.txt"]
    give(services, bridge, "ada", "euphemism", "gesperrt")
    gone = give(services, bridge, "bo", "euphemism", "Hause")
    (annotation,) = [a for a in services.store.annotations() if a.annotation_id == gone]
    pipeline.withdraw_label(services, annotation, "bo")
    (found,) = workflow.measure_agreement(services, bootstrap=FEW).agreements
    assert found.shared_documents == 3


def test_sentences_nobody_labelled_count_as_agreed_on(services, stored):
    ferry = stored["ferry.txt"]
    for who, quote in (
        ("ada", "Nobody slept."),
        ("bo", "Nobody slept."),
        ("bo", "Protective measures were taken at once."),
    ):
        give(services, ferry, who, "loaded-word", quote, level=Level.SENTENCE)
    (found,) = workflow.measure_agreement(services, level=Level.SENTENCE, bootstrap=FEW).agreements
    assert found.figures[0].n == 3
    assert {f.name: f.value for f in found.figures}[nominal.COHEN] == pytest.approx(0.4)


def test_labels_on_deleted_documents_are_left_out(services, labelled):
    pipeline.delete_documents(services, [labelled["ferry.txt"].document_id])
    (found,) = workflow.measure_agreement(services, bootstrap=FEW).agreements
    assert found.documents == 1


def test_the_digest_of_labels_changes_with_them(services, labelled):
    before = workflow.labels_digest(services)
    assert workflow.labels_digest(services) == before
    give(services, labelled["mill.txt"], "cy", "euphemism", "A choir")
    assert workflow.labels_digest(services) != before


def test_a_codebook_that_is_not_there_is_named(services):
    with pytest.raises(CodebookError, match="There is no codebook 'tunes'"):
        workflow.measure_agreement(services, codebook="tunes")


def test_an_empty_store_has_nothing_to_compare(services):
    assert workflow.measure_agreement(services).agreements == ()
    asked = workflow.measure_agreement(services, codebook=WORDING, level=Level.SPAN, bootstrap=FEW)
    assert asked.agreements[0].headline.reason == nominal.NOBODY


def test_stances_towards_claims_are_compared_pair_by_pair(corpus):  # noqa: F811
    first, again = (pipeline.verify(corpus, CLAIM) for _ in range(2))
    one, other = (e.sentence.sentence_id for e in first.evidence[:2])
    for annotator, verification, sentence, stance in (
        ("quill", first, one, Stance.SUPPORTS),
        ("ink", again, one, Stance.SUPPORTS),
        ("quill", first, other, Stance.REFUTES),
        ("ink", first, other, Stance.NEUTRAL),
        ("ink", again, other, Stance.REFUTES),
        ("pen", first, other, Stance.SUPPORTS),
    ):
        pipeline.judge(
            corpus,
            verification_id=verification.verification_id,
            sentence_id=sentence,
            stance_given=stance,
            annotator_id=annotator,
        )
    (found,) = workflow.measure_agreement(corpus, bootstrap=FEW).agreements
    assert (found.codebook_id, found.level, found.documents) == ("stance", Level.PAIR, 1)
    pairs = {(p.first, p.second): {f.name: f.value for f in p.figures} for p in found.pairs}
    assert pairs["ink", "quill"][nominal.COHEN] == 1
    assert pairs["ink", "pen"][nominal.F1] == 0
    (confused,) = found.confused
    assert (confused.first, confused.second, confused.count) == ("supports", "refutes", 2)
    assert confused.documents == (first.verification_id,)


# ---- the report


def test_the_markdown_report_holds_everything_and_its_pictures(services, labelled, tmp_path):
    give(services, labelled["bridge.txt"], "ada", "euphemism", "gesperrt")
    report = workflow.measure_agreement(services, bootstrap=FEW)
    (said,) = workflow.write_agreement(report, tmp_path / "agreement.md")
    told = (tmp_path / "agreement.md").read_text(encoding="utf-8")
    pictures = sorted(path.name for path in tmp_path.glob("*.png"))
    assert pictures == [
        "agreement-01-wording-level-span-by-label.png",
        "agreement-02-wording-level-span-by-pair.png",
    ]
    assert all(f"({name})" in told for name in pictures)
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in pictures)
    assert "and 2 picture(s) beside it" in said
    for head in (
        "Over all labels",
        "By label",
        "By pair of annotators",
        "Most confused labels",
        "By language",
    ):
        assert f"### {head}" in told
    unused = [one.label for one in report.agreements[0].labels if not one.uses]
    assert f"- {nominal.UNUSED} ({'; '.join(f'{name} (0)' for name in unused)})" in told
    assert "nan" not in told.casefold().split()


def test_a_table_is_not_broken_by_a_name(services, labelled, tmp_path):
    give(services, labelled["mill.txt"], "eve|<b> [x](y)", "euphemism", "A choir")
    report = workflow.measure_agreement(services, bootstrap=FEW)
    workflow.write_agreement(report, tmp_path / "report.md")
    told = (tmp_path / "report.md").read_text(encoding="utf-8")
    rows = [line for line in told.splitlines() if "eve" in line and line.startswith("|")]
    assert rows
    assert all("eve\\|\\<b\\> \\[x\\](y)" in row for row in rows)


def test_the_json_report_has_null_and_a_reason_where_nothing_is_defined(services, labelled, tmp_path):
    workflow.write_agreement(workflow.measure_agreement(services, bootstrap=FEW), tmp_path / "agreement.json")
    told = json.loads((tmp_path / "agreement.json").read_text(encoding="utf-8"))
    (found,) = told["agreements"]
    unused = [f for label in found["labels"] if not label["uses"] for f in label["figures"]]
    assert unused
    assert all(f["value"] is None and f["reason"] == nominal.UNUSED for f in unused)
    assert (told["format"], found["level"], found["figures"][0]["name"]) == (1, "span", spans.UNITISED)
    assert not list(tmp_path.glob("*.png"))


def test_without_matplotlib_the_report_is_written_all_the_same(services, labelled, tmp_path, monkeypatch):
    def missing():
        msg = "Pictures need matplotlib."
        raise MissingDependencyError(msg, package="matplotlib")

    monkeypatch.setattr(plots, "_canvas_maker", missing)
    said = workflow.write_agreement(
        workflow.measure_agreement(services, bootstrap=FEW), tmp_path / "agreement.md"
    )
    assert said[1] == "Pictures need matplotlib."
    assert "Pictures" not in (tmp_path / "agreement.md").read_text(encoding="utf-8")


# ---- the command


@pytest.fixture
def run(services, monkeypatch, tmp_path):
    """Run the command by itself on the test's own services."""
    monkeypatch.setattr(pipeline, "open_services", lambda _settings: services)
    monkeypatch.setattr(services, "close", lambda: None)
    monkeypatch.chdir(tmp_path)
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_the_command_sums_up(run, labelled):
    ran = run()
    assert ran.exit_code == 0
    assert ran.stdout.startswith("wording, level span: Unitised alpha is ")
    assert "most confused: euphemism / loaded-word (1)" in ran.stdout
    assert "known from labels only" in ran.stderr


def test_the_command_prints_json_under_pseudonyms_unless_names_are_wanted(run, labelled):
    told = json.loads(run("--json", "--codebook", WORDING, "--level", "span").stdout)
    named = json.loads(run("--json", "--names").stdout)
    assert all(name.startswith("annotator-") for name in told["agreements"][0]["annotators"])
    assert named["agreements"][0]["annotators"] == ["ada", "bo", "cy"]
    assert [f["value"] for f in told["agreements"][0]["figures"]] == [
        f["value"] for f in named["agreements"][0]["figures"]
    ]


def test_the_command_narrows_down_to_a_language(run, labelled):
    told = json.loads(run("--json", "--language", "de").stdout)
    (found,) = told["agreements"]
    assert found["documents"] == 0
    assert found["selection"] == ["de"]


def test_the_command_writes_a_report(run, labelled, tmp_path):
    ran = run("--out", "found.md")
    assert "Written: found.md" in ran.stderr
    assert (tmp_path / "found.md").read_text(encoding="utf-8").startswith("# Agreement between annotators")


@pytest.mark.parametrize("out", ["found.txt", "missing/found.md"])
def test_a_report_that_cannot_be_written_is_refused_first(run, services, out, monkeypatch):
    monkeypatch.setattr(workflow, "measure_agreement", lambda *_, **__: pytest.fail("computed all the same"))
    assert isinstance(run("--out", out).exception, ExchangeError)


def test_a_level_that_is_none_is_explained(run):
    ran = run("--level", "word")
    assert isinstance(ran.exception, ConfigError)
    assert "span, sentence, document" in str(ran.exception)


def test_nothing_labelled_is_said(run):
    assert "Nothing has been labelled yet" in run().stdout


# ---- the page

PAGE = """
from verifier.ui import agreement, session
settings = session.settings()
with session.plain_errors():
    agreement.draw(settings, session.services(settings))
"""


def _agreement_page() -> AppTest:
    return AppTest.from_string(PAGE, default_timeout=20).run()


def _pair_up(services, *, annotators=("quill", "ink")):
    (ferry,) = [d for d in services.store.documents() if d.outlet == "Harbour Daily"]
    (port,) = [d for d in services.store.documents() if d.language == "uk"]
    for who in annotators:
        give(services, ferry, who, "loaded-word", "so-called")
        give(services, port, who, "euphemism", "затонув")
    give(services, ferry, annotators[0], "euphemism", "sank")
    give(services, ferry, annotators[-1], "loaded-word", "ferry sank")
    return ferry


def test_the_page_without_labels_leads_to_labelling(corpus):  # noqa: F811
    app = _sound(_agreement_page())
    assert "Nobody has labelled anything yet" in _html(app)
    assert [button.label for button in app.button] == ["Read and label"]


def test_the_page_tells_figures_pairs_and_confusions(corpus):  # noqa: F811
    _pair_up(corpus)
    app = _sound(_agreement_page())
    shown = _html(app)
    assert "Unitised alpha is 0." in shown
    assert "2 annotators gave 6 labels on 2 documents" in shown
    assert "<table" in shown
    assert "quill" in shown
    assert "<b>Euphemism / Loaded word</b> · 1 time in 1 text" in shown
    overall, labels = (frame.value for frame in app.dataframe[:2])
    assert list(overall["Documents in"]) == ["all", "English", "Ukrainian"]
    assert labels.loc[labels["Label"] == "Loaded word", "Given"].item() == 3
    unused = labels.loc[labels["Given"] == 0]
    assert set(unused[spans.UNITISED]) == {"–"}
    assert set(unused["Note"]) == {nominal.UNUSED}


def test_the_page_narrows_down_to_a_language(corpus):  # noqa: F811
    _pair_up(corpus)
    app = _agreement_page()
    app = _sound(app.selectbox(key="agreement-language").set_value("uk").run())
    assert "on 1 document;" in _html(app)
    assert "Unitised alpha is 1.00" in _html(app)
    assert "they never gave different labels" in _html(app)


def test_the_page_offers_only_levels_that_carry_labels(corpus):  # noqa: F811
    ferry = _pair_up(corpus)
    app = _agreement_page()
    assert app.selectbox(key="agreement-level").options == ["exact spans"]
    give(corpus, ferry, "quill", "euphemism", level=Level.DOCUMENT)
    app = _sound(app.run())
    assert app.selectbox(key="agreement-level").options == ["exact spans", "whole documents"]
    app = _sound(app.selectbox(key="agreement-level").set_value(Level.DOCUMENT).run())
    assert nominal.ONLY_ONE.capitalize() in _html(app)


def test_another_codebook_with_other_levels_shows_its_own(corpus):  # noqa: F811
    ferry = _pair_up(corpus)
    frame = corpus.codebooks["frames"].labels[0].label_id
    pipeline.label(
        corpus,
        document_id=ferry.document_id,
        codebook_id="frames",
        label_id=frame,
        annotator_id="quill",
        level=Level.DOCUMENT,
    )
    app = _agreement_page()
    app = _sound(app.selectbox(key="agreement-codebook").set_value("frames").run())
    assert app.selectbox(key="agreement-level").value is Level.DOCUMENT
    app = _sound(app.selectbox(key="agreement-codebook").set_value(WORDING).run())
    assert app.selectbox(key="agreement-level").value is Level.SPAN
    assert "Unitised alpha is 0." in _html(app)


def test_a_confused_label_leads_to_its_text(corpus, monkeypatch):  # noqa: F811
    ferry = _pair_up(corpus)
    opened = []
    monkeypatch.setattr(session, "open_page", lambda name, **query: opened.append((name, query)))
    app = _agreement_page()
    _sound(app.button(key=f"text-euphemism-loaded-word-{ferry.document_id}").click().run())
    assert opened == [("read", {"document": ferry.document_id})]


def test_confused_stances_lead_to_the_claim(corpus, monkeypatch):  # noqa: F811
    found = pipeline.verify(corpus, CLAIM)
    for annotator, stance in (("quill", Stance.SUPPORTS), ("ink", Stance.REFUTES)):
        pipeline.judge(
            corpus,
            verification_id=found.verification_id,
            sentence_id=found.evidence[0].sentence.sentence_id,
            stance_given=stance,
            annotator_id=annotator,
        )
    opened = []
    monkeypatch.setattr(session, "open_page", lambda name, **query: opened.append((name, query)))
    app = _sound(_agreement_page())
    assert "on 1 claim;" in _html(app)
    button = app.button(key=f"text-supports-refutes-{found.verification_id}")
    _sound(button.click().run())
    assert opened == [("verify", {"verification": found.verification_id})]


def test_a_new_label_shows_at_once(corpus):  # noqa: F811
    ferry = _pair_up(corpus)
    app = _agreement_page()
    give(corpus, ferry, "quill", "euphemism", "lighthouse")
    assert "gave 7 labels" in _html(_sound(app.run()))


def test_hostile_names_are_shown_letter_for_letter(corpus):  # noqa: F811
    _pair_up(corpus, annotators=("quill", "<img src=x onerror=alert(1)>"))
    shown = _html(_sound(_agreement_page()))
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "<img" not in shown


def test_the_report_is_offered_under_pseudonyms(corpus, monkeypatch):  # noqa: F811
    offered = {}
    real = st.download_button

    def button(label, data, *, key, **rest):
        offered[key] = data
        return real(label, data, key=key, **rest)

    monkeypatch.setattr(st, "download_button", button)
    _pair_up(corpus)
    _sound(_agreement_page())
    told = json.loads(offered["download-agreement"]())
    assert all(name.startswith("annotator-") for name in told["agreements"][0]["annotators"])
