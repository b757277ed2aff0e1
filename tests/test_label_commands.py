"""The commands for labels as data: sound or not, their history, copies, and a new version of a codebook."""

from __future__ import annotations

import json
import sqlite3

import pytest
from typer.testing import CliRunner

from verifier import cli, pipeline
from verifier.config import load_settings
from verifier.domain import Level, Span
from verifier.store import open_store


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in a home of its own."""
    monkeypatch.setenv("VERIFIER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("VERIFIER_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli.app, list(arguments))


@pytest.fixture
def labelled(run, tmp_path):
    """One labelled text; returns the label's id."""
    (tmp_path / "port.txt").write_text("The so-called liberators left the port at noon.", encoding="utf-8")
    services = pipeline.open_services(load_settings())
    pipeline.ingest(services, [tmp_path / "port.txt"])
    (document,) = services.store.documents()
    label_id = pipeline.label(
        services,
        document_id=document.document_id,
        codebook_id="wording",
        label_id="euphemism",
        annotator_id="ada",
        level=Level.SPAN,
        span=Span.of(document.text, 4, 13),
    )
    services.close()
    return label_id


def test_sound_labels_are_said_to_be_sound(run, labelled):
    ran = run("verify-annotations")
    assert (ran.exit_code, ran.stdout) == (0, "1 labels checked, 0 at fault.\n")


def test_labels_that_somebody_changed_behind_the_log_are_found_and_rebuilt(run, labelled):
    path = load_settings().database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE annotation SET label = 'hedging'")
    ran = run("verify-annotations")
    assert ran.exit_code == 1
    assert labelled in ran.stdout
    assert run("verify-annotations", "--rebuild").exit_code == 0
    assert json.loads(run("verify-annotations", "--json").stdout)["problems"] == []
    with open_store(load_settings().database_url) as store:
        assert [a.label for a in store.annotations()] == ["euphemism"]


def test_the_history_of_a_label_names_who_and_what(run, labelled):
    services = pipeline.open_services(load_settings())
    (annotation,) = services.store.annotations()
    pipeline.withdraw_label(services, annotation, "ada")
    services.close()
    first, second = run("history", labelled).stdout.splitlines()
    assert "ada  add wording 1.0: euphemism “so-called”" in first
    assert "ada  withdraw" in second
    assert [op["kind"] for op in json.loads(run("history", labelled, "--json").stdout)] == ["add", "withdraw"]


def test_a_backup_comes_back_only_where_it_may(run, labelled):
    assert run("backup", "monday.db").exit_code == 0
    refused = run("restore", "monday.db")
    assert "--replace" in str(refused.exception)
    ran = run("restore", "monday.db", "--replace")
    assert ran.exit_code == 0
    assert "before-restore-1" in ran.stdout
    assert run("history", labelled).exit_code == 0


def test_a_migration_is_told_before_it_is_done(run, labelled):
    ran = run("migrate-codebook", "provenance-1.0-to-1.1")
    assert ran.exit_code == 0
    assert "provenance" in ran.stdout
    assert "provenance-1.0-to-1.1" in str(run("migrate-codebook", "wording").exception)
