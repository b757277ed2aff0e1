"""A document's claims from end to end: workflow, command and page, on our own texts, with stand-ins for the models only."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
import streamlit as st
from test_app import _LEXICONS, CLAIM, _check, _html, _keys, _page, _sound, corpus, download, home  # noqa: F401
from typer.testing import CliRunner

from verifier import cli, codebooks, exchange, pipeline
from verifier.domain import Filters, Verdict
from verifier.errors import (
    ExchangeError,
    IndexNotFoundError,
    IngestError,
    ModelError,
    StoreError,
    VerifierError,
)
from verifier.ui import session

HARBOUR = "The night ferry sank near the lighthouse on 3 May.\n\nWhat a terrible pity! Nine sailors were saved.\n\n=1+1 is what the log says.\n"
SALTMARSH = (
    "The night ferry has not sank near the lighthouse on 3 May, an owner said. Nine sailors were saved."
)
MANIFEST = """
- file: harbour.txt
  language: en
  outlet: {name: Harbour Daily, domain: harbour.example, country: XA}
  url: https://harbour.example/ferry
- file: saltmarsh.txt
  language: en
  outlet: {name: Saltmarsh Post, domain: saltmarsh.example, country: XB}
"""


@pytest.fixture
def services(services, monkeypatch):
    monkeypatch.setattr(codebooks, "load_lexicons", _LEXICONS)
    return services


@pytest.fixture
def articles(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "manifest.yaml").write_text(MANIFEST, encoding="utf-8")
    (folder / "harbour.txt").write_text(HARBOUR, encoding="utf-8")
    (folder / "saltmarsh.txt").write_text(SALTMARSH, encoding="utf-8")
    return folder


@pytest.fixture
def stored(services, articles):
    """The harbour article, in the corpus with the other one, indexed."""
    pipeline.ingest(services, [articles])
    pipeline.build_index(services)
    (document,) = [d for d in services.store.documents() if d.outlet == "Harbour Daily"]
    return document


@pytest.fixture
def interrupted(services, monkeypatch):
    """Make the stance model stop the program once, as Ctrl-C or a click on the page does, at the second claim it reads."""
    read, calls = services.stance_model.score, []

    def score(pairs, *, progress=None):
        calls.append(pairs)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return read(pairs, progress=progress)

    monkeypatch.setattr(services.stance_model, "score", score)


@pytest.fixture
def choking(services, monkeypatch):
    """Make the stance model fail on claims that begin with "Nine"."""
    read = services.stance_model.score

    def score(pairs, *, progress=None):
        if any(claim.startswith("Nine") for claim, _ in pairs):
            msg = "The model choked."
            raise ModelError(msg)
        return read(pairs, progress=progress)

    monkeypatch.setattr(services.stance_model, "score", score)


# ---- the workflow


def test_a_document_is_found_by_id_by_url_and_by_its_file(services, articles, stored):
    for source in (stored.document_id, "https://harbour.example/ferry/", str(articles / "harbour.txt")):
        (found,) = pipeline.find_claims(services, source).documents
        assert (found.document.document_id, found.stored) == (stored.document_id, True)
        assert {item.sentence.sentence_id for item in found.ranked} == {
            s.sentence_id for s in services.store.sentences(stored.document_id)
        }


def test_a_file_that_is_not_in_the_corpus_is_ranked_and_stays_out(services, tmp_path):
    path = tmp_path / "new.jsonl"
    rows = [
        {"url": "https://mill.example/1", "text": "Two mills of the Lower Town burnt down in May."},
        {"url": "https://mill.example/2", "text": "Was it arson? Three hoses were cut, firefighters said."},
        {"url": "https://mill.example/3", "text": ""},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    report = pipeline.find_claims(services, str(path))
    first, second = report.documents
    assert [refusal.source for refusal in report.refused] == [f"{path}, line 3"]
    assert not first.stored
    assert [item.sentence.text for item in second.ranked][-1] == "Was it arson?"
    for found in (first, second):
        for item in found.ranked:
            assert found.document.text[item.sentence.start : item.sentence.end] == item.sentence.text
    assert services.store.documents() == []


@pytest.mark.parametrize(
    "source", ["nonesuch", "https://nowhere.example/a", "missing.txt", ".", HARBOUR * 40]
)
def test_what_is_no_document_is_explained(services, source):
    with pytest.raises(StoreError, match="its URL"):
        pipeline.find_claims(services, source)


def test_a_file_that_cannot_be_read_says_why(services, tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    with pytest.raises(IngestError, match=r"empty\.txt"):
        pipeline.find_claims(services, str(tmp_path / "empty.txt"))


def test_a_document_that_was_taken_out_is_not_ranked(services, stored):
    pipeline.delete_documents(services, [stored.document_id])
    with pytest.raises(StoreError, match="taken out"):
        pipeline.find_claims(services, stored.document_id)


def test_the_list_holds_what_can_be_checked_unless_everything_is_wanted(services, stored):
    found = pipeline.document_claims(services, stored.document_id)
    assert all(item.assessment.checkable for item in found.listed())
    assert len(found.listed()) < len(found.listed(everything=True)) == len(found.ranked)
    assert found.listed(limit=1) == found.ranked[:1]


def test_each_sentence_is_verified_against_other_outlets_and_stored(services, stored):
    found = pipeline.document_claims(services, stored.document_id)
    listed = found.listed()
    seen = []
    outcomes = pipeline.verify_claims(services, found, listed, progress=lambda *step: seen.append(step[:2]))
    assert list(outcomes) == [item.sentence.sentence_id for item in listed]
    assert seen == [(done, len(listed)) for done in range(len(listed) + 1)]
    for sentence_id, outcome in outcomes.items():
        verification = services.store.verification(outcome.verification_id)
        assert verification.claim.sentence_id == sentence_id
        assert {e.document.outlet for e in verification.evidence} <= {"Saltmarsh Post"}
    sank = next(item for item in listed if "sank" in item.sentence.text)
    assert outcomes[sank.sentence.sentence_id].decision.verdict is Verdict.REFUTED


def test_a_sentence_that_fails_does_not_stop_the_others(services, stored, choking):
    found = pipeline.document_claims(services, stored.document_id)
    outcomes = pipeline.verify_claims(services, found, found.ranked)
    failed = [outcome for outcome in outcomes.values() if outcome.error]
    assert [(o.error, o.decision, o.verification_id) for o in failed] == [("The model choked.", None, "")]
    assert len(services.store.verifications(None)) == len(found.ranked) - 1


def test_without_an_index_nothing_is_tried(services, articles):
    pipeline.ingest(services, [articles])
    (found,) = pipeline.find_claims(services, "https://harbour.example/ferry").documents
    with pytest.raises(IndexNotFoundError):
        pipeline.verify_claims(services, found, found.ranked)


def test_of_a_file_its_outlet_is_left_out(services, stored, tmp_path):
    text = HARBOUR.replace("3 May", "3 May or later")
    (tmp_path / "again.txt").write_text(
        f"---\nlanguage: en\noutlet: Harbour Daily\n---\n{text}", encoding="utf-8"
    )
    (found,) = pipeline.find_claims(services, str(tmp_path / "again.txt")).documents
    outcomes = pipeline.verify_claims(services, found, found.ranked[:1])
    (outcome,) = outcomes.values()
    verification = services.store.verification(outcome.verification_id)
    assert (verification.claim.sentence_id, verification.claim.claimed_by) == ("", "Harbour Daily")
    assert {e.document.outlet for e in verification.evidence} == {"Saltmarsh Post"}
    (row,) = pipeline.claim_rows(found, found.ranked[:1], outcomes)
    assert (row["sentence_id"], row["verification_id"]) == ("", outcome.verification_id)


def _wire(tmp_path, outlet):
    path = tmp_path / f"{outlet}.txt"
    path.write_text(f"---\nlanguage: en\noutlet: {outlet}\n---\n{HARBOUR}", encoding="utf-8")
    return str(path)


def test_of_a_text_that_several_outlets_print_the_file_s_own_copy_is_taken(services, tmp_path):
    outlets = ("Anchor Agency", "Breakwater Bulletin", "Causeway Courier")
    pipeline.ingest(services, [Path(_wire(tmp_path, outlet)) for outlet in outlets])
    pipeline.build_index(services)
    for outlet in outlets:
        (found,) = pipeline.find_claims(services, _wire(tmp_path, outlet)).documents
        assert (found.document.outlet, found.stored) == (outlet, True)
        (outcome,) = pipeline.verify_claims(services, found, found.ranked[:1]).values()
        evidence = services.store.verification(outcome.verification_id).evidence
        assert evidence
        assert outlet not in {e.document.outlet for e in evidence}


def test_another_outlet_s_copy_does_not_stand_for_the_file(services, stored, tmp_path):
    (found,) = pipeline.find_claims(services, _wire(tmp_path, "Saltmarsh Post")).documents
    assert (found.document.outlet, found.stored) == ("Saltmarsh Post", False)
    (outcome,) = pipeline.verify_claims(services, found, found.ranked[:1]).values()
    verification = services.store.verification(outcome.verification_id)
    assert {e.document.outlet for e in verification.evidence} == {"Harbour Daily"}


def test_after_an_interruption_only_the_rest_is_verified(services, stored, interrupted):
    found = pipeline.document_claims(services, stored.document_id)
    outcomes = {}
    with pytest.raises(KeyboardInterrupt):
        pipeline.verify_claims(services, found, found.ranked, outcomes=outcomes)
    (first,) = outcomes.values()
    assert pipeline.verify_claims(services, found, found.ranked, outcomes=outcomes) is outcomes
    assert next(iter(outcomes.values())) is first
    assert {v.verification_id for v in services.store.verifications(None)} == {
        outcome.verification_id for outcome in outcomes.values()
    }
    assert len(outcomes) == len(found.ranked)


def test_a_sentence_that_failed_is_tried_again(services, stored):
    found = pipeline.document_claims(services, stored.document_id)
    sentence_id = found.ranked[0].sentence.sentence_id
    outcomes = {sentence_id: pipeline.ClaimOutcome(error="The model choked.")}
    pipeline.verify_claims(services, found, found.ranked[:1], outcomes=outcomes)
    assert outcomes[sentence_id].decision is not None
    assert not outcomes[sentence_id].error


def test_the_table_comes_back_from_csv_and_runs_no_formula(services, stored, choking):
    found = pipeline.document_claims(services, stored.document_id)
    outcomes = pipeline.verify_claims(services, found, found.ranked)
    rows = pipeline.claim_rows(found, found.ranked, outcomes)
    written = pipeline.claims_csv(rows)
    assert exchange.read_csv(io.StringIO(written, newline=""), exchange.CLAIMS) == rows
    quotes = [row["quote"] for row in csv.DictReader(io.StringIO(written))]
    assert "'=1+1 is what the log says." in quotes
    for row in rows:
        assert stored.text[row["start"] : row["end"]] == row["quote"]
        assert bool(row["verdict"]) != bool(row["error"])


# ---- the command


@pytest.fixture
def run(tmp_path, monkeypatch, services):
    """Run the command on the services above; returns (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pipeline, "open_services", lambda _: services)
    monkeypatch.setattr(services, "close", lambda: None)
    return lambda *arguments: CliRunner().invoke(cli.app, ["claims", *arguments])


def test_the_command_lists_ranks_scores_and_reasons(run, stored):
    shown = run(stored.document_id).stdout.splitlines()
    assert shown[0].split() == ["rank", "score", "sentence"]
    assert shown[1].startswith("   1  0.")
    assert "sank near the lighthouse" in shown[1]
    assert "number: 3" in shown[2]
    assert "pity" not in "".join(shown)
    assert "pity" in run(stored.document_id, "--all").stdout


def test_the_command_verifies_writes_the_table_and_counts_failures(run, stored, choking, tmp_path):
    ran = run(stored.document_id, "--all", "--verify", "--out", "claims.csv")
    assert ran.exit_code == 0
    assert "REFUTED: 0 from 0 outlet(s) corroborate, 1 from 1 contradict" in ran.stdout
    assert "1 of 4 sentences could not be verified" in ran.stderr
    with (tmp_path / "claims.csv").open(encoding="utf-8", newline="") as stream:
        rows = exchange.read_csv(stream, exchange.CLAIMS)
    assert [row["rank"] for row in rows] == [1, 2, 3, 4]
    assert rows[0]["verdict"] == "REFUTED"


def test_the_command_prints_json_of_so_many_sentences(run, stored):
    rows = json.loads(run(stored.document_id, "--limit", "2", "--json").stdout)
    assert [row["rank"] for row in rows] == [1, 2]
    assert set(rows[0]) == set(exchange.CLAIMS)


def test_an_interrupted_command_hands_over_what_it_has(run, stored, interrupted, tmp_path):
    ran = run(stored.document_id, "--all", "--verify", "--out", "claims.csv")
    assert ran.exit_code != 0
    assert "REFUTED" in ran.stdout
    with (tmp_path / "claims.csv").open(encoding="utf-8", newline="") as stream:
        rows = exchange.read_csv(stream, exchange.CLAIMS)
    assert [bool(row["verification_id"]) for row in rows] == [True, False, False, False]


def test_a_command_that_verified_nothing_leaves_an_older_table_alone(run, services, articles, tmp_path):
    pipeline.ingest(services, [articles])
    (tmp_path / "claims.csv").write_text("older", encoding="utf-8")
    ran = run("https://harbour.example/ferry", "--verify", "--out", "claims.csv")
    assert isinstance(ran.exception, IndexNotFoundError)
    assert (tmp_path / "claims.csv").read_text(encoding="utf-8") == "older"


@pytest.mark.parametrize("out", ["missing/claims.csv", "texts"])
def test_a_table_that_cannot_be_written_is_refused_before_anything_is_verified(run, services, stored, out):
    ran = run(stored.document_id, "--verify", "--out", out)
    assert isinstance(ran.exception, ExchangeError)
    assert services.store.verifications(None) == []


def test_the_command_explains_what_is_no_document(run):
    assert isinstance(run("nonesuch").exception, VerifierError)


def test_the_reference_lists_every_column(repository):
    page = (repository / "docs" / "reference" / "formats.md").read_text(encoding="utf-8")
    section = page[page.index("## claims.csv") :].split("\n## ")[0]
    listed = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    assert listed == list(exchange.CLAIMS)


# ---- the page


@pytest.fixture
def ferry(corpus):  # noqa: F811
    (document,) = [d for d in corpus.store.documents() if d.outlet == "Harbour Daily"]
    return document


def test_the_page_of_an_empty_corpus_leads_to_adding(home):  # noqa: F811
    app = _sound(_page("claims"))
    assert [button.label for button in app.button] == ["Add documents"]


def test_the_newest_document_is_open_and_the_address_names_it(corpus):  # noqa: F811
    app = _sound(_page("claims"))
    choice = app.selectbox(key="claims-document")
    assert "Gazette" in choice.options[0]
    assert [option.split(" · ")[-1] for option in choice.options] == [
        f"{day} May 2031" for day in (6, 5, 4, 3)
    ]
    assert app.query_params["document"] == choice.value


def test_the_address_leads_to_a_document_and_its_sentences_are_ranked(ferry):
    app = _sound(_page("claims", document=ferry.document_id))
    assert app.selectbox(key="claims-document").value == ferry.document_id
    shown = _html(app)
    assert shown.count('class="cv-ranked"') == 2
    assert "<strong>The night ferry sank near the lighthouse.</strong>" in shown
    assert 'event: <q lang="en" dir="ltr">sank</q>' in shown
    assert "for it: " in shown


def test_only_so_many_are_listed(corpus, tmp_path):  # noqa: F811
    path = tmp_path / "mills.txt"
    path.write_text(
        " ".join(f"{number} mills burnt down in May 2031." for number in range(11, 18)), encoding="utf-8"
    )
    (document_id,) = pipeline.ingest(corpus, [path]).documents
    app = _page("claims", document=document_id)
    assert _html(_sound(app)).count('class="cv-ranked"') == 7
    app = _sound(app.selectbox(key="claims-limit").set_value(5).run())
    assert _html(app).count('class="cv-ranked"') == 5
    assert "7 sentences, 7 of them checkable, 5 listed" in _html(app)


def test_each_sentence_has_a_heading_and_its_buttons_a_name_of_their_own(ferry):
    app = _sound(_page("claims", document=ferry.document_id))
    headings = [
        f'<h3 class="cv-rank"><span class="cv-visually-hidden">Sentence </span>{n}</h3>' for n in (1, 2)
    ]
    assert all(heading in _html(app) for heading in headings)
    labels = [button.label for button in app.button]
    assert {"Verify sentence 1", "Verify sentence 2", "Read sentence 2 in context"} <= set(labels)
    assert len(set(labels)) == len(labels)


def test_the_ranking_can_be_downloaded_before_anything_is_verified(ferry, download):  # noqa: F811
    _sound(_page("claims", document=ferry.document_id))
    assert [(row["rank"], row["verdict"]) for row in download("download-claims")] == [("1", ""), ("2", "")]


def test_hostile_text_is_shown_letter_for_letter(corpus):  # noqa: F811
    (document,) = [d for d in corpus.store.documents() if "Evil" in d.outlet]
    app = _page("claims", document=document.document_id)
    app.session_state["claims-everything"] = True
    shown = _html(_sound(app.run()))
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "<img" not in shown
    assert "<script" not in shown


def test_all_listed_are_verified_and_offered_as_a_table(ferry, download, corpus):  # noqa: F811
    app = _page("claims", document=ferry.document_id)
    app = _sound(app.button(key="claims-verify-all").click().run())
    assert "2 sentences verified." in app.success[0].value.replace("\\", "")
    frame = app.dataframe[0].value
    assert list(frame["Rank"]) == [1, 2]
    rows = download("download-claims")
    assert [row["verdict"] != "" for row in rows] == [True, True]
    assert len(corpus.store.verifications(None)) == 2
    assert len(_keys(app, "open-")) == 2
    assert _keys(app, "verify-") == []


def test_verify_hands_the_sentence_to_the_front_page(ferry, monkeypatch):
    opened = []
    monkeypatch.setattr(session, "open_page", lambda name, **query: opened.append((name, query)))
    app = _page("claims", document=ferry.document_id)
    (first, *_) = _keys(app, "verify-")
    app = _sound(app.button(key=first).click().run())
    assert opened == [("verify", {})]
    assert app.session_state["claim-sentence"] == (f"{ferry.document_id}.1.0", CLAIM)
    assert app.session_state["claimed-by"] == "Harbour Daily"
    assert app.session_state["check-now"]


def test_a_sentence_verified_on_the_front_page_shows_its_verdict_here(ferry, corpus):  # noqa: F811
    app = _page("claims", document=ferry.document_id)
    app.session_state["verification"] = pipeline.verify(
        corpus, CLAIM, sentence_id=f"{ferry.document_id}.1.0", claimed_by="Harbour Daily"
    )
    shown = _html(_sound(app.run()))
    assert shown.count('class="cv-seal ') == 1
    assert len(_keys(app, "open-")) == 1


@pytest.mark.parametrize(
    "filters", [{"languages": ("uk",)}, {"countries": ("XB",)}, {"published_from": date(2031, 5, 4)}]
)
def test_an_answer_from_some_outlets_only_is_no_verdict_here(ferry, corpus, filters):  # noqa: F811
    app = _page("claims", document=ferry.document_id)
    app.session_state["verification"] = pipeline.verify(
        corpus, CLAIM, sentence_id=f"{ferry.document_id}.1.0", filters=Filters(**filters)
    )
    app = _sound(app.run())
    assert 'class="cv-seal ' not in _html(app)
    assert _keys(app, "open-") == []


def test_what_was_verified_before_a_click_stays_and_is_not_verified_again(ferry, corpus, monkeypatch):  # noqa: F811
    real = pipeline.verify_claims

    def stopped(services, found, ranked, **rest):
        return real(services, found, ranked[:1], **rest) and st.rerun()

    app = _page("claims", document=ferry.document_id)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "verify_claims", stopped)
        app = _sound(app.button(key="claims-verify-all").click().run())
    assert len(_keys(app, "open-")) == 1
    assert app.button(key="claims-verify-all").label == "Verify the remaining 1"
    app = _sound(app.button(key="claims-verify-all").click().run())
    assert len(_keys(app, "open-")) == 2
    assert len(corpus.store.verifications(None)) == 2
    app = _sound(app.button(key="claims-verify-all").click().run())
    assert len(corpus.store.verifications(None)) == 4


def test_without_an_index_the_page_says_what_to_do(home, tmp_path):  # noqa: F811
    services = session.open_services(_settings())
    path = tmp_path / "lone.txt"
    path.write_text("Nine sailors were saved in May.", encoding="utf-8")
    pipeline.ingest(services, [path])
    services.close()
    app = _page("claims")
    app = _sound(app.button(key="claims-verify-all").click().run())
    assert "index" in app.error[0].value


def _settings():
    from verifier.config import load_settings

    return load_settings()
