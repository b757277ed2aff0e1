"""Data sets: what is chosen, how documents are parted, what is written, and how texts are filled in again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from itertools import pairwise

import pytest
from exchange_records import HARD
from factories import document
from foreign_labels import HERE, READABLE
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from verifier import exchange, pipeline
from verifier.cli import app
from verifier.domain import Layer, Level, Span
from verifier.errors import CodebookError, ConfigError, ExchangeError
from verifier.exchange import LABEL_FORMATS, filled_in, shortened, split_documents, without_text
from verifier.pipeline.datasets import (
    DatasetChoice,
    export_dataset,
    make_dataset,
    plan_dataset,
    zip_dataset,
)
from verifier.pipeline.label_files import fill_in, import_labels
from verifier.store import open_store

TEXT = "Дамба {n} стоїть 🌊🌊. «Ніхто не постраждав», — каже міністр.\r\nThe dam holds."


@pytest.fixture
def corpus(services):
    """Twelve documents in two languages, each labelled by one of two people; one has a gold label, one is not labelled."""
    for number in range(12):
        text = TEXT.format(n=number)
        services.store.add_document(
            document(
                text, document_id=f"d{number:02}", language="uk" if number % 2 else "en", licence="CC BY 4.0"
            ),
            (),
        )
        if number == 11:
            continue
        book = services.codebooks["manipulation" if number % 3 == 0 else "wording"]
        start = text.index("Ніхто")
        pipeline.label(
            services,
            document_id=f"d{number:02}",
            codebook_id=book.codebook_id,
            label_id=book.labels[0].label_id,
            annotator_id="Ada Example" if number % 2 else "Bob Example",
            level=Level.SPAN,
            span=Span.of(text, start, start + 20),
            layer=Layer.GOLD if number == 5 else Layer.ANNOTATOR,
        )
    return services


def rows_in(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


# ---- splitting

TEXTS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abcdefghij")), max_size=30)


@given(
    TEXTS,
    st.integers(0, 5),
    st.sampled_from([{}, {"train": 0.8, "dev": 0.1, "test": 0.1}, {"a": 0.5, "b": 0.5}]),
)
def test_what_belongs_together_is_in_one_split(made, seed, shares):
    documents = [document(f"{word} text", document_id=f"d{number}") for number, word in made]
    split = split_documents(documents, shares, seed=seed)
    assert set(split) == {(d.document_id, d.sha256) for d in documents}
    assert set(split.values()) <= (set(shares) or {"full"})
    for one, other in pairwise(sorted(documents, key=lambda d: d.document_id)):
        if one.document_id == other.document_id:
            assert split[one.document_id, one.sha256] == split[other.document_id, other.sha256]
    by_text = {}
    for d in documents:
        assert by_text.setdefault(d.sha256, split[d.document_id, d.sha256]) == split[d.document_id, d.sha256]
    assert split_documents(documents[::-1], shares, seed=seed) == split


def test_shares_are_met_and_another_seed_parts_otherwise():
    documents = [document(f"Text {n}.", document_id=f"d{n}") for n in range(100)]
    shares = {"train": 0.8, "dev": 0.1, "test": 0.1}
    first = split_documents(documents, shares, seed=0)
    assert [list(first.values()).count(name) for name in shares] == [80, 10, 10]
    assert first != split_documents(documents, shares, seed=1)


def test_copies_that_differ_in_case_and_spacing_stay_together():
    copies = [
        document(t, document_id=f"d{n}")
        for n, t in enumerate(["The dam holds.", "THE DAM\r\nholds. ", "The dam  holds."])
    ]
    others = [document(f"Other {n}.", document_id=f"o{n}") for n in range(3)]
    for seed in range(10):
        split = split_documents([*copies, *others], {"a": 0.5, "b": 0.5}, seed=seed)
        assert len({split[d.document_id, d.sha256] for d in copies}) == 1


@pytest.mark.parametrize(
    "shares",
    [
        {"train": 0.5},
        {"train": 1.2, "test": -0.2},
        {"Train set": 1.0},
        {"a": float("nan"), "b": 1.0},
        {"a/b": 1.0},
    ],
)
def test_shares_that_cannot_be_met_are_refused(shares):
    with pytest.raises(ExchangeError, match=r"shares of the splits|called by small letters"):
        split_documents([], shares, seed=0)


# ---- choosing


def test_a_choice_narrows_what_is_in(corpus):
    assert len(plan_dataset(corpus, DatasetChoice()).rows) == 10
    gold = plan_dataset(corpus, DatasetChoice(layers=(Layer.GOLD,)))
    assert [row["document_id"] for row in gold.rows] == ["d05"]
    assert {row["language"] for row in plan_dataset(corpus, DatasetChoice(languages=("uk",))).rows} == {"uk"}
    assert {
        r["codebook_id"] for r in plan_dataset(corpus, DatasetChoice(codebooks=("manipulation",))).rows
    } == {"manipulation"}
    assert len(plan_dataset(corpus, DatasetChoice()).documents) == 10
    assert len(plan_dataset(corpus, DatasetChoice(unlabelled=True)).documents) == 12


def test_statistics_count_what_is_there(corpus):
    found = plan_dataset(corpus, DatasetChoice(layers=())).statistics
    assert found["labels by language"] == {"en": 6, "uk": 5}
    assert sum(found["labels by label"].values()) == sum(found["labels by split"].values()) == 11
    assert found["labels by layer"] == {"annotator": 10, "gold": 1}
    assert sorted(found["labels by annotator"].values()) == [5, 6]
    assert sum(found["documents by split"].values()) == 11


@pytest.mark.parametrize(
    ("choice", "error", "message"),
    [
        ({"codebooks": ("nope",)}, CodebookError, "There is no codebook 'nope'"),
        ({"formats": ("brat",)}, ExchangeError, "There is no format 'brat'"),
        ({"texts": False, "formats": ("bio",)}, ExchangeError, "Files of bio are nothing without the texts"),
        ({"texts": False, "pairs": True}, ExchangeError, "Leave it out of a data set without texts"),
        ({"texts": False, "quote_chars": -1}, ExchangeError, "found -1"),
        ({"languages": ("ru",)}, ExchangeError, "Nothing is labelled that fits the choice"),
    ],
)
def test_an_impossible_choice_is_explained(corpus, choice, error, message):
    with pytest.raises(error, match=message):
        make_dataset(corpus, DatasetChoice(**choice))


# ---- writing


def test_every_file_is_in_the_manifest_with_its_digest(corpus, tmp_path):
    formats = tuple(HERE)
    made = export_dataset(corpus, DatasetChoice(formats=formats, pairs=True, agreement=True), tmp_path / "ds")
    written = {
        str(p.relative_to(tmp_path / "ds")): p.read_bytes()
        for p in (tmp_path / "ds").rglob("*")
        if p.is_file()
    }
    assert written == made.files
    manifest = json.loads(written.pop("manifest.json"))
    assert set(manifest["files"]) == set(written)
    for name, data in written.items():
        assert manifest["files"][name]["sha256"] == hashlib.sha256(data).hexdigest()
        assert manifest["files"][name]["bytes"] == len(data)
    assert manifest["files"]["labels.csv"]["rows"] == len(rows_in(written["labels.csv"])) == 10
    assert [book["codebook_id"] for book in manifest["codebooks"]] == ["manipulation", "wording"]
    assert all(book["title"] for book in manifest["codebooks"])
    assert manifest["dataset"]["split"] == {
        "by": "document",
        "shares": {"train": 0.8, "dev": 0.1, "test": 0.1},
        "seed": 0,
    }
    assert {path.name for path in tmp_path.iterdir()} <= {"ds", "home"}


def test_the_parts_of_a_format_are_the_splits(corpus):
    files = make_dataset(corpus, DatasetChoice(formats=("label-studio", "hugging-face"))).files
    split = {row["document_id"]: row["split"] for row in rows_in(files["documents.csv"])}
    for part in ("train", "dev", "test"):
        tasks = json.loads(files[f"label-studio/{part}.json"])
        assert {task["data"]["document_id"] for task in tasks} == {
            name for name, where in split.items() if where == part
        }
    card = files["README.md"].decode()
    assert '  - split: dev\n    path: "data/dev.parquet"' in card
    assert "CC BY 4.0: 10 document(s)" in card
    whole = make_dataset(corpus, DatasetChoice(formats=("label-studio",), shares={})).files
    assert len(json.loads(whole["label-studio/full.json"])) == 10


def test_nothing_is_left_behind_when_writing_fails(corpus, tmp_path, monkeypatch):
    from pathlib import Path

    def full(self, _data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ExchangeError, match="No space left on device"):
        export_dataset(corpus, DatasetChoice(), tmp_path / "ds")
    assert [path for path in tmp_path.iterdir() if "ds" in path.name] == []


def test_a_data_set_is_never_written_over_another(corpus, tmp_path):
    export_dataset(corpus, DatasetChoice(), tmp_path / "ds")
    before = {p: p.read_bytes() for p in (tmp_path / "ds").rglob("*") if p.is_file()}
    with pytest.raises(ExchangeError, match="it holds something already"):
        export_dataset(corpus, DatasetChoice(), tmp_path / "ds")
    assert {p: p.read_bytes() for p in (tmp_path / "ds").rglob("*") if p.is_file()} == before
    with pytest.raises(ExchangeError, match="there is no folder"):
        export_dataset(corpus, DatasetChoice(), tmp_path / "no" / "ds")
    (tmp_path / "empty").mkdir()
    export_dataset(corpus, DatasetChoice(), tmp_path / "empty")


def test_a_zip_holds_the_same(corpus):
    made = make_dataset(corpus, DatasetChoice())
    with zipfile.ZipFile(io.BytesIO(zip_dataset(made, "wording"))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"wording/{name}": data for name, data in made.files.items()
        }


def test_names_of_annotators_stay_at_home(corpus):
    formats = tuple(name for name in LABEL_FORMATS if name != "inception")
    for data in make_dataset(corpus, DatasetChoice(formats=formats)).files.values():
        assert b"Example" not in data
    assert b"Ada Example" in make_dataset(corpus, DatasetChoice(pseudonyms=False)).files["labels.csv"]


@pytest.mark.parametrize("name", READABLE)
def test_a_data_set_goes_into_an_empty_database(corpus, tmp_path, settings, name):
    folder = tmp_path / "ds"
    made = export_dataset(
        corpus, DatasetChoice(formats=(name,), shares={}, layers=(), pseudonyms=False), folder
    )
    (path,) = [
        f
        for f in made.files
        if f.endswith(f"full{LABEL_FORMATS[name].suffix}") or f == f"labels{LABEL_FORMATS[name].suffix}"
    ]
    other = pipeline.Services(settings, store=open_store(f"sqlite:///{tmp_path / 'other.db'}"))
    try:
        assert pipeline.import_file(other, folder / "documents.csv").added == 11
        report = import_labels(other, folder / path, name)
        assert (report.added, report.changed, report.refused) == (11, 0, ())
        assert import_labels(other, folder / path, name).added == 0
        imported = [replace(a, label_method=None) for a in other.store.annotations()]
        assert imported == [replace(a, label_method=None) for a in corpus.store.annotations()]
    finally:
        other.close()


# ---- without the texts


@hypothesis_settings(deadline=None, max_examples=40)
@given(
    st.text(st.sampled_from("aЯ 🌊\u0301\r\nع="), min_size=2, max_size=60).filter(str.strip),
    st.data(),
    st.integers(0, 9),
    st.booleans(),
)
def test_what_was_cut_short_is_filled_in_again(text, data, quote_chars, context):
    from exchange_records import annotation

    start, end = sorted(
        data.draw(
            st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda p: p[0] != p[1])
        )
    )
    version = document(text)
    rows = exchange.label_rows([annotation(1, text=text, place=(start, end))], [version], pseudonyms=False)
    cut = shortened(rows, quote_chars=quote_chars, context=context)
    assert all(len(row["quote"]) <= quote_chars for row in cut)
    assert context or all(row["prefix"] == row["suffix"] == "" for row in cut)
    assert filled_in(cut, {version.sha256: text}.get) == (rows, [])
    texts = exchange.document_rows([version])
    assert filled_in(without_text(texts), {version.sha256: text}.get) == (texts, [])


def test_what_does_not_hash_alike_is_not_filled_in():
    from exchange_records import TEXT as FIXED
    from exchange_records import annotation, rows_of

    rows = shortened(rows_of(annotation()), quote_chars=3)
    sha256 = str(rows[0]["document_sha256"])
    for text_of, reason in [(lambda _: None, "unknown-text"), (lambda _: FIXED + " ", "digest")]:
        kept, ((number, found, message),) = filled_in(rows, text_of)
        assert (kept, number, found) == (rows, 0, reason)
        assert sha256[:12] in message
    for change in ({"quote": "xxx"}, {"end": 999}, {"start": None}, {"prefix": "x"}):
        (kept,), ((_, reason, _),) = filled_in([{**rows[0], **change}], lambda _: FIXED)
        assert (kept, reason) == ({**rows[0], **change}, "quote")


def test_texts_come_from_the_corpus_from_files_and_from_exports(corpus, tmp_path):
    whole = make_dataset(corpus, DatasetChoice()).files
    made = export_dataset(corpus, DatasetChoice(texts=False, quote_chars=4), tmp_path / "ds")
    assert all(len(row["quote"]) <= 4 and not row["prefix"] for row in rows_in(made.files["labels.csv"]))
    assert all(not row["text"] for row in rows_in(made.files["documents.csv"]))
    short = tmp_path / "ds" / "labels.csv"
    texts = tmp_path / "texts"
    (texts / "below").mkdir(parents=True)
    for number in range(11):
        (texts / "below" / f"{number}.txt").write_bytes(TEXT.format(n=number).encode())
    (texts / "picture.png").write_bytes(b"\xff\xd8\0")
    exported = tmp_path / "exported"
    exported.mkdir()
    (exported / "documents.csv").write_bytes(whole["documents.csv"])
    for source in (None, texts, exported):
        report = fill_in(corpus, short, tmp_path / "full.csv", texts=source)
        assert (report.filled, report.refused) == (10, ())
        assert (tmp_path / "full.csv").read_bytes() == whole["labels.csv"]
    (texts / "below" / "3.txt").write_bytes(TEXT.format(n=3).replace("\r\n", "\n").encode())
    report = fill_in(corpus, short, tmp_path / "full.jsonl", texts=texts)
    assert report.filled == 9
    assert [(r.reason, "document 'd03'" in r.message) for r in report.refused] == [("unknown-text", True)]
    assert len((tmp_path / "full.jsonl").read_text().splitlines()) == 10, (
        "the row that found none stays as it was"
    )


def test_filling_in_never_loses_a_row(corpus, tmp_path):
    path = tmp_path / "labels.csv"
    data = make_dataset(corpus, DatasetChoice(texts=False)).files["labels.csv"] + b"1,2,3\r\n"
    path.write_bytes(data)
    with pytest.raises(ExchangeError, match="nothing was written"):
        fill_in(corpus, path, path)
    assert path.read_bytes() == data
    with pytest.raises(ExchangeError, match="must end in"):
        fill_in(corpus, path, tmp_path / "labels.xlsx")
    path.write_bytes(data.removesuffix(b"1,2,3\r\n"))
    with pytest.raises(ExchangeError, match="there is no such folder"):
        fill_in(corpus, path, path, texts=tmp_path / "nowhere")


def test_hostile_text_does_not_get_out_of_the_card(corpus):
    title = "A | b <script>" + "".join(HARD)
    card = exchange.data_card(
        title="T",
        statistics={"labels by annotator": {title: 1}},
        splits={},
        codebooks=[],
        licences={title: 1},
        languages=["en"],
        facts={},
    )
    assert "<script>" not in card
    assert not any(line.startswith(("=", "+1", "@")) for line in card.splitlines())


# ---- commands


@pytest.fixture
def command(corpus, monkeypatch):
    """Run a command on the corpus of this test."""
    from contextlib import contextmanager

    from verifier.cli import datasets

    @contextmanager
    def opened():
        yield corpus

    monkeypatch.setattr(datasets, "opened_services", opened)
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


def test_the_commands_write_import_and_fill_in(command, tmp_path):
    ran = command("export-dataset", tmp_path / "ds", "--format", "bio", "--split", "a=0.5,b=0.5", "--json")
    assert ran.exit_code == 0, ran.output
    assert "bio/a.conll" in json.loads(ran.stdout)["files"]
    ran = command("export-dataset", tmp_path / "short", "--without-text", "--split", "none")
    assert ran.exit_code == 0, ran.output
    assert "labels by label:" in ran.stdout
    ran = command("fill-in", tmp_path / "short" / "labels.csv", "--output", tmp_path / "full.csv", "--json")
    assert json.loads(ran.stdout) == {"filled": 10, "refused": []}
    ran = command("import-labels", tmp_path / "full.csv", "--format", "csv", "--json")
    assert json.loads(ran.stdout) == {"added": 0, "changed": 0, "refused": []}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["--layer", "mine"], ConfigError, "--layer takes one of"),
        (["--split", "train"], ExchangeError, "A split takes shares by name"),
        (["--format", "brat"], ExchangeError, "There is no format 'brat'"),
    ],
)
def test_a_bad_option_gets_a_sentence(command, tmp_path, arguments, error, message):
    ran = command("export-dataset", tmp_path / "ds", *arguments)
    assert isinstance(ran.exception, error)
    assert message in str(ran.exception)
    assert not (tmp_path / "ds").exists()
