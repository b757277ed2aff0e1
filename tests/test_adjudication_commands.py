"""The commands of adjudication, and the history that leads from a label to what became of it."""

from __future__ import annotations

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from verifier import cli, pipeline
from verifier.config import load_settings
from verifier.domain import Layer, Level, Span

TEXT = "The so-called liberators left the port at noon."


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in a home of its own."""
    monkeypatch.setenv("VERIFIER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VERIFIER_ANNOTATOR", "olena")
    monkeypatch.delenv("VERIFIER_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli.app, list(arguments))


@pytest.fixture
def document_id(run, tmp_path):
    """A text on which two people agree on one label, and one of them gives another."""
    (tmp_path / "port.txt").write_text(TEXT, encoding="utf-8")
    services = pipeline.open_services(load_settings())
    pipeline.ingest(services, [tmp_path / "port.txt"])
    (document,) = services.store.documents()
    for who, words, label_id in (
        ("ada", "so-called", "euphemism"),
        ("boris", "so-called", "euphemism"),
        ("boris", "noon", "hedging"),
    ):
        start = TEXT.index(words)
        pipeline.label(
            services,
            document_id=document.document_id,
            codebook_id="wording",
            label_id=label_id,
            annotator_id=who,
            level=Level.SPAN,
            span=Span.of(document.text, start, start + len(words)),
        )
    services.close()
    return document.document_id


def test_agreed_decisions_become_gold_and_stand_in_list_history_and_export(run, document_id):
    assert run("adjudicate", "--agreed").stdout == "1 agreed decision(s) on 1 document(s) accepted.\n"
    listed = run("decisions", document_id).stdout
    assert "wording, span: 1 of 2 open" in listed
    assert (
        "[4, 13)  agreed  agreed\n    euphemism “so-called”  ada, boris\n    gold: euphemism “so-called”"
        in listed
    )
    assert "one  open\n    hedging “noon”  boris\n    nothing  ada" in listed

    rows = list(csv.DictReader(io.StringIO(run("export", "labels", "--names").stdout)))
    (gold,) = [row for row in rows if row["layer"] == "gold"]
    assert (gold["status"], gold["annotator_id"]) == ("adjudicated", "olena")
    of_ada = next(row for row in rows if row["annotator_id"] == "ada")
    for label_id in (gold["label_id"], of_ada["label_id"]):
        last = run("history", label_id).stdout.splitlines()[-1]
        assert "olena  agreed, decided from" in last
        assert of_ada["label_id"] in last
        assert gold["label_id"] in last
    told = json.loads(run("history", gold["label_id"], "--json").stdout)
    assert [one["kind"] for one in told] == ["add", "resolution"]


def test_the_list_for_programs_names_every_label(run, document_id):
    found = json.loads(run("decisions", document_id, "--json").stdout)
    assert [(one["accord"], one["state"], len(one["readings"][0]["label_ids"])) for one in found] == [
        ("agreed", "open", 2),
        ("one", "open", 1),
    ]


def test_what_is_exported_with_gold_comes_back_with_gold(run, document_id, tmp_path, monkeypatch):
    run("adjudicate", "--agreed")
    for what in ("documents", "labels"):
        assert run("export", what, "--names", "--output", f"{what}.csv").exit_code == 0
    monkeypatch.setenv("VERIFIER_HOME", str(tmp_path / "other home"))
    assert run("import", "documents.csv", "--no-index").exit_code == 0
    assert run("import", "labels.csv").exit_code == 0
    services = pipeline.open_services(load_settings())
    assert [gold.annotator_id for gold in services.store.annotations(layer=Layer.GOLD)] == ["olena"]
    services.close()
    assert run("adjudicate", "--agreed").stdout.startswith("0 agreed")


def test_bad_options_get_a_sentence(run, document_id):
    assert "Say --agreed" in str(run("adjudicate").exception)
    assert "--level takes one of" in str(run("decisions", document_id, "--level", "pair").exception)
    assert "There is no codebook" in str(run("adjudicate", "--agreed", "--codebook", "nonsense").exception)
