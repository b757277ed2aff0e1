"""The commands of work in a team, without models."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from verifier import cli, codebooks
from verifier.errors import VerifierError


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in a temporary home over two articles, as olena."""
    monkeypatch.setenv("VERIFIER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VERIFIER_ANNOTATOR", "olena")
    monkeypatch.delenv("VERIFIER_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(codebooks, "load_lexicons", dict)
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "ferry.txt").write_text("The ferry resumed on Friday.", encoding="utf-8")
    (articles / "mill.txt").write_text("Млин відкрили у травні. Грав оркестр.", encoding="utf-8")

    def call(*arguments):
        return CliRunner().invoke(cli.app, list(arguments))

    for name, language in (("ferry", "en"), ("mill", "uk")):
        call("ingest", f"articles/{name}.txt", "--no-index", "--language", language)
    return call


def test_documents_are_assigned_and_progress_is_shown(run):
    made = run("assign", "ada", "bo", "--codebook", "wording", "--each", "2", "--seed", "3", "--json")
    assigned = json.loads(made.stdout)["assigned"]
    assert {(one["annotator_id"], one["seed"]) for one in assigned} == {("ada", 3), ("bo", 3)}
    assert all(one["conditions"]["outlet_hidden"] for one in assigned)
    again = run("assign", "ada", "bo", "--codebook", "wording", "--each", "2")
    assert "0 assignment(s) made of 2 document(s)" in again.stderr
    rows = json.loads(run("progress", "--json").stdout)
    assert [(one["annotator_id"], one["role"], one["open"]) for one in rows] == [
        ("ada", "annotator", 2),
        ("bo", "annotator", 2),
        ("olena", "admin", 0),
        ("", "", 4),
    ]
    table = run("progress").stdout.splitlines()
    assert table[0].split() == ["role", "assigned", "done", "skipped", "open", "median"]
    assert table[-1].split() == ["all", "together", "4", "0", "0", "4", "-"]


def test_a_language_narrows_what_is_assigned(run):
    made = json.loads(
        run("assign", "ada", "--codebook", "wording", "--language", "uk", "--suggestions", "--json").stdout
    )
    (one,) = made["assigned"]
    assert one["conditions"]["suggestions_shown"]


def test_roles_are_given_by_admins_only(run):
    assert "ivan: adjudicator" in run("role", "ivan", "adjudicator").stderr
    assert "has that role already" in run("role", "ivan", "adjudicator").stderr
    refused = run("role", "bo", "admin", "--by", "ivan")
    assert isinstance(refused.exception, VerifierError)
    assert "Only an admin" in str(refused.exception)
    assert "no role any more" in run("role", "ivan", "none").stderr
    assert "found 'king'" in str(run("role", "ivan", "king").exception)
    assert "Only an admin" in str(run("assign", "ada", "--codebook", "wording", "--by", "ada").exception)
