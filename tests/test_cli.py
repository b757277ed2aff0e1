"""The command line: what programs and people see of it, without models."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from verifier import cli, pipeline
from verifier.errors import VerifierError


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in a temporary home; returns (exit code, standard output, standard error)."""
    monkeypatch.setenv("VERIFIER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        return CliRunner().invoke(cli.app, list(arguments))

    return call


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "articles" / "ferry.txt"
    path.parent.mkdir()
    path.write_text(
        "The ferry resumed on Friday.\n\nIt had been out of service for nine days.", encoding="utf-8"
    )
    return path


@pytest.fixture
def document_id(run, article):
    result = run(
        "ingest", str(article), "--no-index", "--json", "--outlet", "Saltmarsh Post", "--language", "en"
    )
    return json.loads(result.stdout)["documents"][0]


def test_ingest_reports_for_programs(run, article, tmp_path):
    (article.parent / "empty.txt").write_bytes(b"")
    report = json.loads(run("ingest", str(article.parent), "--no-index", "--json").stdout)
    assert report["added"] == 1
    assert [refused["source"].endswith("empty.txt") for refused in report["refused"]] == [True]


def test_a_label_on_a_quote_has_its_exact_offsets(run, document_id):
    result = run("label", document_id, "provenance", "origin", "--quote", "nine days", "--annotator", "ada")
    assert result.exit_code == 0
    exported = [
        json.loads(line) for line in run("export", "labels", "--jsonl", "--names").stdout.splitlines()
    ]
    (row,) = exported
    assert (row["quote"], row["annotator_id"], row["offset_unit"]) == ("nine days", "ada", "codepoint")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["wording", "euphemism", "--quote", "not in it", "--annotator", "ada"], "does not contain"),
        (["wording", "euphemism", "--quote", "o", "--annotator", "ada"], "more than once"),
        (["wording", "nonesuch", "--annotator", "ada"], "nonesuch"),
        (["nonesuch", "euphemism", "--annotator", "ada"], "nonesuch"),
        (["wording", "euphemism", "--quote", "nine days"], "who you are"),
    ],
)
def test_a_label_that_cannot_be_says_why(run, document_id, arguments, expected):
    result = run("label", document_id, *arguments)
    assert isinstance(result.exception, VerifierError)
    assert expected in str(result.exception)


def test_errors_for_people_are_sentences_without_a_traceback(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("VERIFIER_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["verifier", "delete", "nonesuch"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    said = capsys.readouterr().err
    assert said.strip().startswith("Error: ")
    assert "Traceback" not in said


def test_exports_go_to_files_whole(run, document_id, tmp_path):
    assert run("export", "documents", "--output", "documents.csv").exit_code == 0
    assert document_id in (tmp_path / "documents.csv").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_import_lists_rows_that_do_not_fit(run, document_id, tmp_path):
    run("label", document_id, "frames", "economic", "--annotator", "ada")
    exported = run("export", "labels", "--names").stdout
    (tmp_path / "labels.csv").write_text(exported.replace(",0,0,", ",9,3,"), encoding="utf-8", newline="")
    report = json.loads(run("import", "labels.csv", "--json").stdout)
    assert (report["kind"], report["added"], report["changed"]) == ("labels", 0, 0)
    (message,) = report["refused"]
    assert message.startswith("labels.csv, line 2: the quote")


def test_doctor_names_every_place(run, document_id, tmp_path):
    report = json.loads(run("doctor", "--documents", "--json").stdout)
    assert str(tmp_path) in report["places"]["database"]
    assert document_id in report["documents"]
    assert report["index"]["exists"] is False


def test_outlets_can_be_looked_up_by_domain(run):
    assert (
        json.loads(run("outlets", "show", "https://www.pravda.com.ua/eng/").stdout)["name"]
        == "Ukrainska Pravda"
    )


@pytest.mark.parametrize("given", ["31.12.2030", "2030-13-01", "soon"])
def test_a_bad_date_is_explained(run, article, given):
    result = run("ingest", str(article), "--date", given)
    assert "--date" in str(result.exception)


def test_json_of_a_verification_holds_every_record(settings):
    from fakes import HashingEncoder, KeywordStance

    from verifier.store import open_store

    services = pipeline.Services(
        settings,
        store=open_store(settings.database_url),
        encoder=HashingEncoder(),
        stance_model=KeywordStance(),
    )
    pipeline.demo(services)
    pipeline.build_index(services)
    found = pipeline.verify(services, "The port was closed")
    plain = json.loads(json.dumps(cli._verification_json(found)))
    assert plain["decision"]["verdict"] == found.decision.verdict.value
    assert len(plain["evidence"]) == len(found.evidence)
    services.close()
