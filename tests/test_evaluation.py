"""Labelled files, also wrong ones, and the report that is made of them."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from dataclasses import replace

import pytest
from fakes import KeywordStance
from typer.testing import CliRunner

from verifier import cli, evaluation, exchange, pipeline
from verifier.domain import Stance
from verifier.errors import ConfigError, ExchangeError
from verifier.evaluation import Bootstrap, Reading, plots, read_labelled
from verifier.evaluation.labelled import LABELS, half_of_document, stances_of
from verifier.evaluation.measure import with_amounts
from verifier.stance import score_readings

FEW = Bootstrap(resamples=50)


def values(figures):
    return {figure.name: figure.value for figure in figures}


# ---- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def reading(settings):
    return Reading(settings)


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("label", ["SUPPORTS", "entailment", "Not Enough Info", "not_entailment", "refutes"])
def test_labels_are_known_by_name(label):
    assert stances_of(label)


def test_not_entailment_names_both_other_stances():
    assert stances_of("not-entailment") == {Stance.REFUTES, Stance.NEUTRAL}
    assert {stance for allowed in LABELS.values() for stance in allowed} == set(Stance)


def test_a_data_set_is_read_by_its_names_and_refused_rows_are_listed(tmp_path, reading):
    rows = [
        {"premise": "The mill burnt down.", "hypothesis": "The mill is gone.", "label": "entailment", "lang": "en"},
        {"premise": "", "hypothesis": "The mill is gone.", "label": "neutral", "lang": "en"},
        {"premise": "Млин згорів.", "hypothesis": "Мельница цела.", "label": "contradiction",
         "premise_lang": "uk", "hypothesis_lang": "ru"},
    ]  # fmt: skip
    path = tmp_path / "set.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join([*map(json.dumps, rows), "{broken"]).encode()))
    read = read_labelled(path, reading)
    assert [(pair.languages, sorted(pair.allowed)) for pair in read.pairs] == [
        ("en<en", [Stance.SUPPORTS]),
        ("ru<uk", [Stance.REFUTES]),
    ]
    assert [line.partition(":")[0] for line in read.refused] == [
        "set.jsonl.gz, line 2",
        "set.jsonl.gz, line 4",
    ]


def test_an_unknown_label_names_line_and_label(tmp_path, reading):
    path = write_jsonl(tmp_path / "set.jsonl", [{"claim": "A.", "evidence": "B.", "label": "perhaps"}])
    with pytest.raises(ExchangeError, match=r"line 1: the label 'perhaps' is not known"):
        read_labelled(path, reading)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("set.csv", "claim,text\nA.,B.\n", "is no labelled file"),
        ("set.docx", "claim", "ends in none of"),
        ("set.jsonl", "", "is no labelled file"),
        ("set.jsonl.gz", "no gzip", "cannot be read"),
        ("set.csv", "claim,evidence,label\n,,supports\n", "holds no labelled pair"),
        ("set.csv", "claim,evidence,label\nA.,B.,\n", "holds no labelled pair.*the label is empty"),
        (
            "set.csv",
            'claim,evidence,label\nA.,"B.,supports\n' + 20_000 * "A.,B.,C\n",
            "a quote is opened and not closed",
        ),
        ("set.csv", 'claim,"evidence,label\n' + 140_000 * "A", "a quote is opened and not closed"),
        ("set.tsv", "id\ttopic\n1\tx\n", "at least two languages"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path, reading, name, content, said):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ExchangeError, match=said):
        read_labelled(tmp_path / name, reading)


@pytest.mark.parametrize("rows_before", [0, 10_000])
def test_a_damaged_archive_is_a_sentence(tmp_path, reading, rows_before):
    packer = zlib.compressobj(wbits=31)  # gzip
    whole = packer.compress(b"claim,evidence,label\n" + rows_before * b"A.,B.,supports\n")
    whole += packer.flush(zlib.Z_FULL_FLUSH)
    (tmp_path / "set.csv.gz").write_bytes(whole + b"\xff" * 20)
    with pytest.raises(ExchangeError, match=r"cannot be read.*invalid block type"):
        read_labelled(tmp_path / "set.csv.gz", reading)


def test_rows_without_label_or_of_an_unknown_half_are_refused_by_line(tmp_path, reading):
    path = tmp_path / "set.csv"
    path.write_text(
        "claim,evidence,label,half\nA.,B.,supports,choose\nC.,D.,,choose\nE.,F.,neutral,test\nG.,H.,refutes, Measure\nI.,J.,neutral,\n",
        encoding="utf-8",
    )
    read = read_labelled(path, reading)
    assert [(pair.claim, pair.half) for pair in read.pairs] == [
        ("A.", "choose"),
        ("G.", "measure"),
        ("I.", ""),
    ]
    assert read.refused == (
        "set.csv, line 3: the label is empty.",
        "set.csv, line 4: the half 'test' is not known; known are choose and measure.",
    )
    assert "In neither half, having none named: 1 pairs, 0 claims." in read.half("measure").notes


def test_a_label_of_nought_is_no_missing_label(tmp_path, reading):
    rows = [{"claim": "A.", "evidence": "B.", "label": label} for label in ("neutral", None, 0)]
    read = read_labelled(write_jsonl(tmp_path / "set.jsonl", rows[:2]), reading)
    assert read.refused == ("set.jsonl, line 2: the label is empty.",)
    with pytest.raises(ExchangeError, match="line 3: the label '0' is not known"):
        read_labelled(write_jsonl(tmp_path / "set.jsonl", rows), reading)


def test_a_folder_without_gold_and_a_missing_file_are_explained(tmp_path, reading):
    with pytest.raises(ExchangeError, match=r"without claims\.jsonl and pairs\.jsonl"):
        read_labelled(tmp_path, reading)
    with pytest.raises(ExchangeError, match="cannot be read"):
        read_labelled(tmp_path / "none.jsonl", reading)


def export_rows(stances, layer="annotator"):
    values = {
        "pair_id": "v1:s1", "claim_id": "c", "claim": "The weir was shut.", "claim_language": "en", "document_id": "d",
        "document_sha256": "0" * 64, "outlet": "", "language": "uk", "published_at": "", "start": 0, "end": 20,
        "offset_unit": "codepoint", "quote": "'Шлюз зачинили.", "p_supports": 0.1, "p_refutes": 0.1, "p_neutral": 0.8,
        "stance_model": "m", "retrieval_score": 0.5, "run_id": "r", "created_at": "2031-05-04T12:00:00Z",
        "schema_version": 1, "escaped": 0, "layer": layer,
    }  # fmt: skip
    return [{**values, "human_stance": stance, "annotator_id": f"a{n}"} for n, stance in enumerate(stances)]


def write_export(path, rows):
    with path.open("w", encoding="utf-8", newline="") as stream:
        exchange.write_csv(rows, exchange.PAIRS, stream)
    return path


def test_our_own_export_is_read_with_peoples_stances(tmp_path, reading):
    rows = export_rows(["supports", "refutes", "supports", ""])
    (pair,) = read_labelled(write_export(tmp_path / "pairs.csv", rows), reading).pairs
    assert (pair.allowed, pair.languages) == (frozenset({Stance.SUPPORTS}), "en<uk")
    assert pair.statement == "'Шлюз зачинили.", "the cell's escape is taken off"


def test_a_compressed_export_asks_to_be_unpacked(tmp_path, reading):
    plain = write_export(tmp_path / "pairs.csv", export_rows(["supports"]))
    (tmp_path / "pairs.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    with pytest.raises(ExchangeError, match=r"Unpack it and name pairs\.csv"):
        read_labelled(tmp_path / "pairs.csv.gz", reading)


def test_people_who_disagree_half_against_half_decide_nothing_and_gold_wins(tmp_path, reading):
    tie = export_rows(["supports", "refutes"])
    with pytest.raises(ExchangeError, match="half against half"):
        read_labelled(write_export(tmp_path / "pairs.csv", tie), reading)
    decided = [*tie, *export_rows(["neutral"], layer="gold")]
    (pair,) = read_labelled(write_export(tmp_path / "gold.csv", decided), reading).pairs
    assert pair.allowed == {Stance.NEUTRAL}


def test_parallel_text_seeks_each_sentence_in_each_other_language(tmp_path, reading):
    path = tmp_path / "news.tsv"
    path.write_text(
        'document\ten\tuk\tde\nd1\tA "storm" came.\tПрийшла буря.\tSturm.\nd2\tA storm came.\tПрийшла буря.\tX\nd3\tNo.\t\tY\n',
        encoding="utf-8",
    )
    read = read_labelled(path, reading)
    assert sorted({query.language + query.pool for query in read.queries}) == ["enuk", "uken"]
    (query,) = [q for q in read.queries if q.text == 'A "storm" came.']
    assert query.relevant[0].same == {"uk-2", "uk-3"}, "equal sentences are as good as each other"
    assert query.half == half_of_document("d1")
    assert read.refused == ("news.tsv, line 4: a sentence is missing.",)
    german = read_labelled(path, reading._replace(languages=("de", "en")))
    assert {query.pool for query in german.queries} == {"de", "en"}


CLAIMS = [
    {"claim_id": "1", "text": "The weir was shut.", "language": "en", "fact": "weir", "half": "choose"},
    {"claim_id": "2", "text": "The weir was not shut.", "language": "en", "fact": "weir", "half": "measure"},
    {
        "claim_id": "3",
        "text": "Llamas won.",
        "language": "en",
        "fact": "",
        "unrelated": True,
        "half": "measure",
    },
]


@pytest.fixture
def gold(tmp_path):
    folder = tmp_path / "labels" / "gold"
    (folder.parent / "corpus").mkdir(parents=True)
    folder.mkdir()
    (folder.parent / "corpus" / "weir.txt").write_text(
        "A day at the river\n\nThe mayor spoke at noon. The weir was shut on Friday.\n", encoding="utf-8"
    )
    write_jsonl(folder / "claims.jsonl", CLAIMS)
    quote = {"file": "weir.txt", "quote": "The weir was shut", "language": "en"}
    write_jsonl(
        folder / "pairs.jsonl",
        [
            {"claim_id": "1", "stance": "supports", **quote},
            {"claim_id": "2", "stance": "refutes", **quote},
            {"claim_id": "2", "stance": "neutral", **quote, "quote": "The mayor spoke"},
            {"claim_id": "2", "stance": "neutral", **quote, "quote": "Nowhere to be found"},
        ],
    )
    return folder


def test_gold_is_read_as_the_tool_reads_its_corpus(gold, reading):
    read = read_labelled(gold, reading)
    assert read.pairs[0].statement == "The weir was shut on Friday."
    assert read.pairs[0].evidence == (
        "The weir was shut on Friday.",
        "A day at the river. The mayor spoke at noon. The weir was shut on Friday.",
    )
    assert read.refused == ("pairs.jsonl, line 4: its quote is in no sentence.",)
    assert [len(query.relevant) for query in read.queries] == [1, 1, 0]


def test_halves_and_limits(gold, reading, tmp_path):
    read = read_labelled(gold, reading)
    measuring = read.half("measure")
    assert (len(measuring.pairs), len(measuring.queries)) == (2, 2)
    assert measuring.pools == read.pools, "the corpus stays whole"
    few = read.limited(1, seed=1)
    assert (len(few.pairs), len(few.queries)) == (1, 1)
    assert "1 of 3 pairs" in few.notes[-1]
    whole = write_jsonl(tmp_path / "set.jsonl", [{"claim": "A.", "evidence": "B.", "label": "neutral"}])
    with pytest.raises(ExchangeError, match="has no halves"):
        read_labelled(whole, reading).half("choose")


def test_gold_refuses_unknown_halves_and_empty_stances_by_line(gold, reading):
    write_jsonl(
        gold / "claims.jsonl", [CLAIMS[0], {**CLAIMS[1], "half": "test"}, {**CLAIMS[2], "half": None}]
    )
    lines = (gold / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    (gold / "pairs.jsonl").write_text(
        "\n".join([*lines[:2], lines[0].replace("supports", "")]), encoding="utf-8"
    )
    read = read_labelled(gold, reading)
    assert read.refused == (
        "claims.jsonl, line 2: the half 'test' is not known; known are choose and measure.",
        "pairs.jsonl, line 2: claim '2' is not in claims.jsonl, or was refused.",
        "pairs.jsonl, line 3: the stance is empty.",
    )
    assert [query.half for query in read.queries] == ["choose", ""]


def test_the_digest_changes_with_the_corpus(gold, reading):
    before = read_labelled(gold, reading).sha256
    with (gold.parent / "corpus" / "weir.txt").open("a", encoding="utf-8") as file:
        file.write("\nA heron was seen.\n")
    assert read_labelled(gold, reading).sha256 != before


# ---- from file to report ---------------------------------------------------------------------------------------------


def test_a_report_comes_back_from_its_json_and_names_what_it_ran_on(services, gold):
    report = evaluation.evaluate(services, [gold], bootstrap=FEW)
    assert evaluation.from_json(evaluation.to_json(report)) == report
    written = evaluation.to_markdown(report)
    for fact in (
        report.sets[0].sha256,
        f"hashing@{services.encoder.fingerprint}",
        f"keywords@{KeywordStance.fingerprint}",
        services.settings.digest(),
        "its quote is in no sentence",
    ):
        assert fact in written
    figures = {(m.task, m.system): values(m.figures) for m in report.measurements}
    assert figures["stance", "stance model"]["accuracy"] == 1
    assert figures["retrieval", "search of the tool"]["recall@1"] == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 99}'])
def test_what_is_no_report_is_refused(text):
    with pytest.raises(ExchangeError):
        evaluation.from_json(text)


def test_pictures_are_drawn_without_a_display(services, gold, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.delenv("DISPLAY", raising=False)
    said = evaluation.write_report(evaluation.evaluate(services, [gold], bootstrap=FEW), tmp_path / "out")
    assert said == [f"Written: {tmp_path / 'out' / 'report.md'}"]
    pictures = sorted(path.name for path in (tmp_path / "out").glob("*.png"))
    assert len(pictures) == 4, "confusion and reliability, of the model and of the columns"
    written = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert all(f"({name})" in written for name in pictures)


def test_files_of_one_name_are_told_apart(services, tmp_path):
    pytest.importorskip("matplotlib")
    paths = []
    for folder, labels in (("англійська", ["supports"] * 3), ("українська", ["refutes"] * 5)):
        (tmp_path / folder).mkdir()
        rows = [
            {"claim": f"The weir {n}.", "evidence": f"The weir {n}.", "label": label}
            for n, label in enumerate(labels)
        ]
        paths.append(write_jsonl(tmp_path / folder / "пари.jsonl", rows))
    report = evaluation.evaluate(services, [*paths, paths[0]], bootstrap=FEW)
    names = ["англійська/пари.jsonl", "українська/пари.jsonl", "англійська/пари.jsonl (2)"]
    assert [item.name for item in report.sets] == names
    counts = {m.name: max(figure.n for figure in m.figures) for m in report.measurements}
    assert counts == dict(zip(names, (3, 5, 3), strict=True))
    alone = tuple(m for m in report.measurements if m.system == "stance model")
    evaluation.write_report(replace(report, measurements=alone), tmp_path / "out")
    written = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    sections = written.partition("\n## Pictures")[0].split("\n## ")[1:]
    rows = [
        re.findall(r"^\| (?:supports|refutes|neutral) \|.*$", section, re.MULTILINE) for section in sections
    ]
    assert [len(matrix) for matrix in rows] == [3, 3, 3], "one matrix each"
    assert [sum(map(int, re.findall(r"\d+", " ".join(matrix)))) for matrix in rows] == [3, 5, 3]
    linked = re.findall(r"!\[(.*?), stance.*\]\((.*)\)", written)
    assert [name for name, _ in linked] == [name for name in names for _ in range(2)]
    assert {file for _, file in linked} == {path.name for path in (tmp_path / "out").glob("*.png")}
    assert len({file.lower() for _, file in linked}) == 6


def test_a_task_that_a_file_has_nothing_for_is_named(services, gold, tmp_path):
    path = tmp_path / "news.tsv"
    path.write_text("en\tuk\nA storm.\tБуря.\nA calm.\tШтиль.\n", encoding="utf-8")
    report = evaluation.evaluate(services, [path, gold], tasks=evaluation.TASKS, bootstrap=FEW)
    assert [item.skipped for item in report.sets] == [("stance",), ()]
    assert evaluation.from_json(evaluation.to_json(report)) == report
    said = "Not measured: stance, for which it holds nothing."
    assert evaluation.to_markdown(report).count(said) == 1
    assert f"news.tsv  {said}" in list(evaluation.summary(report))


def test_a_mistake_in_the_last_file_is_told_before_anything_is_measured(
    services, gold, tmp_path, monkeypatch
):
    monkeypatch.setattr(services.stance_model, "score", lambda *_, **__: pytest.fail("measured"))
    with pytest.raises(ExchangeError, match="cannot be read"):
        evaluation.evaluate(services, [gold, tmp_path / "none.csv"], bootstrap=FEW)


def test_without_matplotlib_there_is_a_report_and_a_hint(services, gold, tmp_path, monkeypatch):
    def missing():
        raise plots.MissingDependencyError("Pictures need matplotlib", package="matplotlib")

    monkeypatch.setattr(plots, "_figure_maker", missing)
    said = evaluation.write_report(evaluation.evaluate(services, [gold], bootstrap=FEW), tmp_path / "out")
    assert said[1:] == ["Pictures need matplotlib"]
    assert (tmp_path / "out" / "report.md").is_file()


def test_judgements_made_in_the_app_measure_the_columns(services, tmp_path):
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "weir.txt").write_text(
        "A day at the river\n\nThe mayor spoke at noon. The weir was shut on Friday.\n", encoding="utf-8"
    )
    pipeline.ingest(services, [articles])
    pipeline.build_index(services)
    found = pipeline.verify(services, "The weir was shut on Friday")
    (statement,) = [item for item in found.evidence if "weir" in item.sentence.text]
    pipeline.judge(services, found.verification_id, statement.sentence.sentence_id, Stance.SUPPORTS, "ada")
    path = tmp_path / "pairs.csv"
    path.write_text(pipeline.export(services, "pairs"), encoding="utf-8", newline="")
    read = read_labelled(path, Reading(services.settings, services.store))
    assert [pair.evidence[-1] for pair in read.pairs] == [
        "A day at the river. The mayor spoke at noon. The weir was shut on Friday."
    ]
    assert "1 of 1 statements were found in this corpus" in read.notes[1]
    (given,) = score_readings(services.stance_model, [(read.pairs[0].claim, read.pairs[0].evidence)])
    assert with_amounts(read.pairs[0], given) == statement.scores, "what is measured is what is shown"
    report = evaluation.evaluate(services, [path], bootstrap=FEW)
    assert {m.task for m in report.measurements} == {"stance"}, "what was found cannot tell what was missed"
    both = evaluation.evaluate(services, [path], tasks=evaluation.TASKS, bootstrap=FEW)
    assert {m.task for m in both.measurements} == {"stance", "retrieval"}


def test_only_what_is_asked_for_is_measured(services, gold):
    report = evaluation.evaluate(services, [gold], tasks=["retrieval"], half="measure", bootstrap=FEW)
    assert {m.task for m in report.measurements} == {"retrieval"}
    assert report.ran_on.stance_model, "the search of the tool is re-ranked by the stance model"


@pytest.fixture
def run(services, monkeypatch):
    """Run the command with stand-in models."""
    monkeypatch.setattr(pipeline, "open_services", lambda _: services)
    return lambda *arguments: CliRunner().invoke(cli.app, ["evaluate", *map(str, arguments)])


def test_the_command_prints_figures_and_writes_the_report(run, gold, tmp_path):
    ran = run(gold, "--stance", "--report", tmp_path / "out")
    assert ran.exit_code == 0
    assert "accuracy 1.00" in ran.stdout
    assert "1 row(s) refused, the first: pairs.jsonl, line 4" in ran.stderr
    assert (tmp_path / "out" / "report.json").is_file()


def test_the_command_prints_json(run, gold):
    assert evaluation.from_json(run(gold, "--json").stdout).sets[0].kind == "gold"


def test_the_command_explains_bad_use(run, gold, tmp_path):
    assert isinstance(run(gold, "--half", "left").exception, ConfigError)
    assert isinstance(run(tmp_path / "none.csv").exception, ExchangeError)
    path = tmp_path / "news.tsv"
    path.write_text("en\tuk\nA storm.\tБуря.\n", encoding="utf-8")
    assert "nothing to measure stance on" in str(run(path, "--stance").exception)


def test_a_stance_model_re_ranks_the_search(services, gold):
    labelled = read_labelled(gold, Reading(services.settings, services.store))
    plain = evaluation.tool_search(labelled, services.encoder, services.settings)
    reranked = evaluation.tool_search(
        labelled, services.encoder, services.settings, stance_model=services.stance_model
    )
    for query in labelled.queries:
        before, after = plain(query), reranked(query)
        assert sorted(map(sorted, before)) == sorted(map(sorted, after)), "nothing is lost or doubled"
