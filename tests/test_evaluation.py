"""Figures of quality, labelled files, and the report: against worked examples, other libraries, and files that are wrong."""

from __future__ import annotations

import gzip
import json
import math

import numpy as np
import pytest
from fakes import HashingEncoder, KeywordStance
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sklearn.metrics import f1_score, ndcg_score, precision_recall_fscore_support
from typer.testing import CliRunner

from verifier import cli, evaluation, exchange, pipeline
from verifier.domain import Stance
from verifier.errors import ConfigError, ExchangeError
from verifier.evaluation import Bootstrap, Reading, plots, read_labelled
from verifier.evaluation.figures import (
    CLASSES,
    StanceOutcome,
    confusion,
    ranks_of,
    reliability,
    retrieval_figures,
    stance_figures,
)
from verifier.evaluation.labelled import LABELS, half_of_document, stances_of
from verifier.evaluation.measure import retrieval_measurements, with_amounts
from verifier.store import open_store

FEW = Bootstrap(resamples=50)
SUPPORTS, REFUTES, NEUTRAL = range(3)


def outcome(gold, probabilities, clusters=None):
    """Make an outcome whose answers are the most probable classes; a label may be a set of classes."""
    allowed = np.zeros((len(gold), 3), dtype=bool)
    for row, label in enumerate(gold):
        allowed[row, list(label) if isinstance(label, (set, frozenset)) else [label]] = True
    rows = np.array(probabilities, dtype=float).reshape(len(gold), 3)
    return StanceOutcome(
        allowed=allowed,
        said=rows.argmax(axis=1),
        probabilities=rows,
        clusters=tuple(clusters or range(len(gold))),
    )


def values(figures):
    return {figure.name: figure.value for figure in figures}


def one_hot(said):
    return np.eye(3)[said]


# ---- figures ---------------------------------------------------------------------------------------------------------


@trying(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40))
def test_class_figures_are_those_of_scikit_learn(pairs):
    gold, said = map(list, zip(*pairs, strict=True))
    found = values(stance_figures(outcome(gold, one_hot(said)), Bootstrap(resamples=2)))
    present = sorted(set(gold))
    theirs = f1_score(gold, said, labels=present, average="macro", zero_division=0)
    assert found["macro-F1"] == pytest.approx(theirs)
    precision, recall, f1, _ = precision_recall_fscore_support(
        gold, said, labels=[0, 1, 2], zero_division=np.nan
    )
    for number, name in enumerate(CLASSES):
        for kind, column in (("precision", precision), ("recall", recall), ("F1", f1)):
            if number in present and not math.isnan(column[number]):
                assert found[f"{name} {kind}"] == pytest.approx(column[number])


def test_a_class_that_nobody_labelled_has_no_recall_and_says_why():
    figures = {f.name: f for f in stance_figures(outcome([SUPPORTS, REFUTES], one_hot([0, 0])), FEW)}
    assert figures["neutral recall"].value is None
    assert figures["neutral recall"].reason == "no pair is labelled neutral"
    assert figures["refutes precision"].reason == "nothing was called refutes"
    assert figures["macro-F1"].value == pytest.approx((2 / 3 + 0) / 2)


def test_neutral_is_wrong_on_two_classes_and_left_out_of_the_two_way_figure():
    found = values(stance_figures(outcome([SUPPORTS, REFUTES], [[0.3, 0.2, 0.5], [0.1, 0.6, 0.3]]), FEW))
    assert (found["accuracy"], found["two-way accuracy"]) == (0.5, 1.0)


def test_not_entailment_is_right_for_neutral_and_for_refutes():
    either = frozenset({REFUTES, NEUTRAL})
    mixed = outcome([either, either, either, SUPPORTS], one_hot([REFUTES, NEUTRAL, SUPPORTS, SUPPORTS]))
    figures = {f.name: f for f in stance_figures(mixed, FEW)}
    assert figures["accuracy"].value == figures["supports or not"].value == 0.75
    assert figures["macro-F1"].n == 1, "classes are told on rows with one right class only"
    assert confusion(mixed).sum() == 1


def test_calibration_error_and_brier_of_a_worked_example():
    # Two pairs at 0.9 of which one is right, two at 0.6 that are both right: gaps 0.4 and 0.4, each half of the pairs.
    rows = [[0.9, 0.1, 0.0], [0.9, 0.1, 0.0], [0.2, 0.6, 0.2], [0.2, 0.6, 0.2]]
    gold = [SUPPORTS, REFUTES, REFUTES, REFUTES]
    found = values(stance_figures(outcome(gold, rows), FEW))
    assert found["ECE"] == pytest.approx(0.5 * 0.4 + 0.5 * 0.4)
    brier = [0.1**2 + 0.1**2, 0.9**2 + 0.9**2, 0.4**2 + 2 * 0.2**2, 0.4**2 + 2 * 0.2**2]
    assert found["Brier"] == pytest.approx(sum(brier) / 4)
    bins = reliability(np.array(rows), np.array(gold))
    assert [(b.n, b.accuracy) for b in bins] == [(2, 1.0), (2, 0.5)]
    assert all(b.low < b.confidence <= b.high + 1e-9 for b in bins)


def test_ranks_count_hits_and_know_folded_copies():
    hits = [frozenset({"a"}), frozenset({"b", "copy of b"}), frozenset({"c"})]
    wanted = [frozenset({"copy of b"}), frozenset({"c"}), frozenset({"nowhere"})]
    assert ranks_of(hits, wanted) == [2, 3, None]


def test_retrieval_figures_of_a_worked_example():
    found = values(retrieval_figures([[1, 12], [None], [3], []], ["a", "b", "c", "d"], FEW))
    assert found["recall@1"] == pytest.approx((0.5 + 0 + 0) / 3), "a claim without evidence is left out"
    assert found["recall@10"] == pytest.approx((0.5 + 0 + 1) / 3)
    assert found["MRR"] == pytest.approx((1 + 0 + 1 / 3) / 3)
    ideal = 1 + 1 / math.log2(3)
    assert found["nDCG@10"] == pytest.approx((1 / ideal + 0 + 1 / math.log2(4)) / 3)


@trying(max_examples=30, deadline=None)
@given(st.sets(st.integers(1, 30), min_size=1, max_size=6))
def test_ndcg_is_that_of_scikit_learn(ranks):
    relevance = np.array([[1.0 if rank in ranks else 0.0 for rank in range(1, 31)]])
    theirs = ndcg_score(relevance, -np.arange(30)[None, :], k=10)
    assert values(retrieval_figures([sorted(ranks)], ["a"], FEW))["nDCG@10"] == pytest.approx(theirs)


def test_two_statements_folded_into_one_hit_are_a_perfect_ranking():
    assert values(retrieval_figures([[1, 1]], ["a"], FEW))["nDCG@10"] == 1


def test_the_interval_is_that_of_the_binomial_where_rows_are_independent():
    right = [1] * 70 + [0] * 30
    (figure, *_) = stance_figures(outcome([SUPPORTS] * 100, one_hot([1 - r for r in right])), Bootstrap())
    # 0.7 ± 1.96 * sqrt(0.7 * 0.3 / 100)
    assert (figure.value, figure.clusters) == (0.7, 100)
    assert figure.low == pytest.approx(0.61, abs=0.02)
    assert figure.high == pytest.approx(0.79, abs=0.02)


def test_rows_of_one_claim_are_drawn_together():
    gold, said = [SUPPORTS] * 100, [SUPPORTS] * 50 + [REFUTES] * 50
    alone = stance_figures(outcome(gold, one_hot(said)), FEW)[0]
    by_claim = stance_figures(outcome(gold, one_hot(said), [row // 25 for row in range(100)]), FEW)[0]
    assert by_claim.high - by_claim.low > 2 * (alone.high - alone.low)
    (single, *_) = stance_figures(outcome(gold, one_hot(said), ["one"] * 100), FEW)
    assert (single.low, single.reason) == (None, "one claim or document cannot be resampled")


def test_the_same_seed_draws_the_same_interval():
    made = outcome([0, 1, 2] * 20, np.random.default_rng(3).dirichlet([1, 1, 1], 60))
    assert stance_figures(made, Bootstrap(seed=1)) == stance_figures(made, Bootstrap(seed=1))
    assert stance_figures(made, Bootstrap(seed=1)) != stance_figures(made, Bootstrap(seed=2))


# ---- languages -------------------------------------------------------------------------------------------------------


def test_evidence_in_another_language_is_no_mistake_within_a_pair_of_languages():
    relevant = (
        evaluation.Relevant(same=frozenset({"u"}), language="uk"),
        evaluation.Relevant(same=frozenset({"e"}), language="en"),
    )
    query = evaluation.Query(query_id="q", text="?", language="en", relevant=relevant)
    hits = [frozenset({"u"}), frozenset({"other"}), frozenset({"e"})]
    measured = retrieval_measurements("set", "system", [query], lambda _: hits, bootstrap=FEW)
    mrr = {m.languages: values(m.figures)["MRR"] for m in measured}
    assert mrr["en<uk"] == 1
    assert mrr["en<en"] == 0.5, "only 'other' stands before it"
    assert mrr["all"] == 1


def test_claims_that_nothing_is_said_about_measure_abstention():
    unrelated = evaluation.Query(query_id="u", text="?", language="en")
    known = evaluation.Query(
        query_id="k",
        text="!",
        language="en",
        relevant=(evaluation.Relevant(same=frozenset({"e"}), language="en"),),
    )
    measured = retrieval_measurements(
        "set",
        "system",
        [unrelated, known],
        lambda q: [] if q is unrelated else [frozenset({"e"})],
        bootstrap=FEW,
    )
    found = values(measured[0].figures)
    assert found["nothing found, unrelated claims"] == 1
    assert found["nothing found, claims with evidence"] == 0
    assert found["recall@1"] == 1


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
        ("set.tsv", "id\ttopic\n1\tx\n", "at least two languages"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path, reading, name, content, said):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ExchangeError, match=said):
        read_labelled(tmp_path / name, reading)


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
    assert (
        read.pairs[0].evidence == "A day at the river. The mayor spoke at noon. The weir was shut on Friday."
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


def test_the_digest_changes_with_the_corpus(gold, reading):
    before = read_labelled(gold, reading).sha256
    with (gold.parent / "corpus" / "weir.txt").open("a", encoding="utf-8") as file:
        file.write("\nA heron was seen.\n")
    assert read_labelled(gold, reading).sha256 != before


# ---- from file to report ---------------------------------------------------------------------------------------------


@pytest.fixture
def services(settings):
    opened = pipeline.Services(
        settings,
        store=open_store(settings.database_url),
        encoder=HashingEncoder(256),
        stance_model=KeywordStance(),
    )
    yield opened
    opened.close()


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
    assert [pair.evidence for pair in read.pairs] == [
        "A day at the river. The mayor spoke at noon. The weir was shut on Friday."
    ]
    assert "1 of 1 statements were found in this corpus" in read.notes[1]
    (given,) = services.stance_model.score([(read.pairs[0].claim, read.pairs[0].evidence)])
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
