"""Suggestions of a lexicon held against marked texts: how they are counted, and how the marked texts are read."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer import Typer
from typer.testing import CliRunner

from verifier.cli.suggestions import evaluate_suggestions as command
from verifier.codebooks import Lexicon, LexiconEntry, load_codebooks
from verifier.domain import Codebook, Label, LabelMatch, Level, MatchRelation
from verifier.errors import CodebookError, ExchangeError
from verifier.evaluation.figures import Bootstrap
from verifier.evaluation.marked import MarkedSet, MarkedSpan, MarkedText, read_marked_texts
from verifier.evaluation.suggestions import SuggestionScore, evaluate_suggestions

FEW = Bootstrap(resamples=50)


def book(codebook_id: str, *labels: Label) -> Codebook:
    return Codebook(
        codebook_id=codebook_id,
        version="1.0",
        title=codebook_id,
        kind="framing",
        description="d",
        source="s",
        levels=(Level.SPAN,),
        multiple=True,
        labels=labels,
    )


def label(label_id: str, *meant: str) -> Label:
    matches = tuple(
        LabelMatch(codebook_id="theirs", label_id=other, relation=MatchRelation.BROAD, source="s")
        for other in meant
    )
    return Label(
        label_id=label_id, name=label_id, definition="d", source_name=label_id.upper(), maps_to=matches
    )


BOOKS = {
    "ours": book("ours", label("shrill", "heat"), label("cold", "chill", "heat"), label("plain")),
    "theirs": book("theirs", label("heat"), label("chill"), label("third")),
}


def lexicon(**words: str) -> Lexicon:
    """Return an English lexicon that suggests for each word the label given."""
    entries = tuple(
        LexiconEntry(
            term=word, label_id=label_id, explanation="e", counterparts=(), pattern=re.compile(rf"\b{word}\b")
        )
        for word, label_id in words.items()
    )
    return Lexicon(lexicon_id="ours", codebook_id="ours", entries={"en": entries})


LEXICON = lexicon(scream="shrill", frost="cold", table="plain")


def marked(text: str, *quotes: str, labels: str = "", language: str = "en", as_label: str = "") -> MarkedText:
    """Return a text in which the quotes are marked."""
    return MarkedText(
        text_id=text,
        language=language,
        text=text,
        spans=tuple(
            MarkedSpan(start=text.index(quote), end=text.index(quote) + len(quote), label_id=as_label)
            for quote in quotes
        ),
        labels=frozenset(labels.split()),
    )


def scores(*texts: MarkedText) -> dict[tuple[str, str, str, str], SuggestionScore]:
    found = evaluate_suggestions(
        LEXICON, MarkedSet(name="set", sha256="", codebook_id="theirs", texts=texts), BOOKS, FEW
    )
    return {(row.language, row.suggestions, row.marked, row.unit): row for row in found}


def counted(row: SuggestionScore) -> tuple[int, int, int, int]:
    return row.suggested, row.right, row.marked_count, row.found


class TestCounting:
    def test_spans_count_as_the_same_as_overlapping_and_by_characters(self):
        rows = scores(marked("A scream, a table, the long frost of Selk.", "scream", "long frost of Selk"))
        assert counted(rows["", "matched", "any", "exact"]) == (2, 1, 2, 1)
        assert counted(rows["", "matched", "any", "overlap"]) == (2, 2, 2, 2)
        assert counted(rows["", "matched", "any", "characters"]) == (11, 11, 24, 11)

    def test_unmatched_labels_count_only_among_all(self):
        rows = scores(marked("A scream, a table.", "table"))
        assert counted(rows["", "matched", "any", "overlap"]) == (1, 0, 1, 0)
        assert counted(rows["", "all", "any", "overlap"]) == (2, 1, 1, 1)
        assert counted(rows["", "plain", "any", "overlap"]) == (1, 1, 1, 1)

    def test_two_suggestions_in_one_marked_place_are_right_twice_and_find_it_once(self):
        rows = scores(marked("frost and scream", "frost and scream"))
        row = rows["", "matched", "any", "overlap"]
        assert counted(row) == (2, 2, 1, 1)
        assert (row.precision.value, row.recall.value, row.f1.value) == (1, 1, 1)

    def test_touching_is_not_overlapping(self):
        rows = scores(marked("scream now", " now"))
        assert counted(rows["", "matched", "any", "overlap"]) == (1, 0, 1, 0)

    def test_a_label_counts_for_every_label_it_is_matched_with(self):
        rows = scores(marked("frost", labels="chill"), marked("scream", labels="heat third"))
        assert counted(rows["", "matched", "chill", "text"]) == (1, 1, 1, 1)
        assert counted(rows["", "matched", "heat", "text"]) == (2, 1, 1, 1)
        assert not any(key[2] == "third" for key in rows)

    def test_places_with_labels_are_held_against_their_label(self):
        rows = scores(marked("frost and scream", "frost", labels="chill", as_label="chill"))
        assert counted(rows["", "matched", "chill", "exact"]) == (1, 1, 1, 1)
        assert counted(rows["", "matched", "heat", "exact"]) == (2, 0, 0, 0)

    def test_single_labels_are_measured_on_texts_only_where_places_have_none(self):
        assert {unit for _, _, at, unit in scores(marked("frost", "frost")) if at != "any"} == {"text"}

    def test_languages_are_told_apart_and_together(self):
        rows = scores(marked("scream", "scream"), marked("scream", "scream", language="uk"))
        assert counted(rows["en", "matched", "any", "exact"]) == (1, 1, 1, 1)
        assert counted(rows["uk", "matched", "any", "exact"]) == (0, 0, 1, 0)
        assert counted(rows["", "matched", "any", "exact"]) == (1, 1, 2, 1)


class TestFigures:
    def test_undefined_values_say_why(self):
        row = scores(marked("nothing here", "here"))["", "matched", "any", "exact"]
        assert (row.precision.value, row.precision.reason) == (None, "nothing was suggested")
        assert (row.f1.value, row.recall.value) == (None, 0)
        row = scores(marked("a scream"))["", "matched", "any", "exact"]
        assert (row.recall.value, row.recall.reason) == (None, "nothing is marked")

    def test_missing_everything_is_nought(self):
        row = scores(marked("a scream here", "here"))["", "matched", "any", "exact"]
        assert (row.precision.value, row.recall.value, row.f1.value) == (0, 0, 0)

    def test_intervals_are_over_texts_and_hold_the_value(self):
        texts = [marked(f"scream {n}", *(["scream"] if n % 3 else [str(n)])) for n in range(30)]
        row = scores(*texts)["", "matched", "any", "exact"]
        assert row.precision.value == pytest.approx(20 / 30)
        assert row.precision.low < row.precision.value < row.precision.high
        assert row.precision.clusters == 30
        assert scores(texts[0])["", "matched", "any", "exact"].precision.low is None

    @given(
        st.lists(
            st.tuples(
                st.sets(st.sampled_from(["scream", "frost", "table", "gull"])), st.sampled_from(["en", "uk"])
            ),
            min_size=1,
            max_size=6,
        )
    )
    def test_figures_are_shares_and_languages_add_up(self, given_texts):
        texts = [
            marked("a scream, a frost, a table, a gull", *sorted(quotes), language=language)
            for quotes, language in given_texts
        ]
        rows = scores(*texts)
        for (language, *rest), row in rows.items():
            for figure in (row.precision, row.recall, row.f1):
                assert figure.value is None or 0 <= figure.value <= 1
            assert row.right <= row.suggested
            assert row.found <= row.marked_count
            if not language:
                parts = [other for key, other in rows.items() if key[0] and list(key[1:]) == rest]
                assert counted(row) == tuple(sum(column) for column in zip(*map(counted, parts), strict=True))


def test_codebooks_without_a_match_are_refused():
    with pytest.raises(CodebookError, match="No label of 'ours' has a match in 'ours2'"):
        evaluate_suggestions(
            LEXICON,
            MarkedSet(name="set", sha256="", codebook_id="ours2", texts=(marked("a"),)),
            {**BOOKS, "ours2": book("ours2", label("x"))},
        )


def test_a_set_of_the_lexicons_own_codebook_needs_no_matches():
    own = MarkedSet(
        name="set", sha256="", codebook_id="ours", texts=(marked("scream", "scream", as_label="shrill"),)
    )
    found = evaluate_suggestions(LEXICON, own, BOOKS, FEW)
    (row,) = [row for row in found if (row.language, row.marked, row.unit) == ("", "shrill", "exact")]
    assert counted(row) == (1, 1, 1, 1)


def write(tmp_path: Path, *rows: object, name: str = "posts.jsonl") -> Path:
    text = "".join(
        f"{row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)}\n" for row in rows
    )
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


ROW = {"id": "1", "lang": "uk", "text": "Чайки 😀 кричать", "techniques": ["HEAT"], "spans": [[8, 15]]}


class TestReading:
    @pytest.mark.parametrize("name", ["posts.jsonl", "posts.jsonl.gz"])
    def test_reads_texts_spans_and_labels(self, tmp_path, name):
        read = read_marked_texts(write(tmp_path, ROW, "", name=name), BOOKS["theirs"])
        (text,) = read.texts
        assert text.labels == {"heat"}
        assert [text.text[span.start : span.end] for span in text.spans] == ["кричать"]
        assert read.languages == ("uk",)
        assert any("single labels are measured on whole texts" in note for note in read.notes)
        assert any("46.7% of all characters" in note for note in read.notes)

    def test_a_label_at_a_place_is_one_of_the_text_too(self, tmp_path):
        read = read_marked_texts(
            write(tmp_path, {**ROW, "techniques": [], "spans": [[0, 5, "chill"]]}), BOOKS["theirs"]
        )
        assert read.texts[0].labels == {"chill"}
        assert not any("whole texts" in note for note in read.notes)

    def test_spans_past_the_end_are_cut_and_counted(self, tmp_path):
        read = read_marked_texts(
            write(tmp_path, {**ROW, "spans": [[8, 99], [99, 120], [3, 3]]}), BOOKS["theirs"]
        )
        assert read.texts[0].spans == (MarkedSpan(start=8, end=15),)
        assert "2 span(s) ran past the end and were cut." in read.notes
        assert "2 span(s) were empty or outside the text and left out." in read.notes

    @pytest.mark.parametrize(
        ("row", "why"),
        [
            ("no JSON", "Expecting value"),
            ("[1]", "expected a text"),
            ({**ROW, "text": " "}, "expected a text"),
            ({**ROW, "lang": None}, "expected a language"),
            ({**ROW, "spans": 3}, "expected a list of spans"),
            ({**ROW, "spans": [[5, 2]]}, "expected a span as"),
            ({**ROW, "spans": [{"start": 1}]}, "expected a span as"),
            ({**ROW, "techniques": "HEAT"}, "expected a list of names"),
        ],
    )
    def test_a_row_that_fits_not_is_refused_and_the_rest_is_read(self, tmp_path, row, why):
        read = read_marked_texts(write(tmp_path, ROW, row), BOOKS["theirs"])
        assert len(read.texts) == 1
        (refused,) = read.refused
        assert refused.startswith("posts.jsonl, line 2: ")
        assert why in refused

    def test_a_file_of_refused_rows_only_is_an_error(self, tmp_path):
        with pytest.raises(
            ExchangeError, match=r"holds no marked text. The first row was refused: posts.jsonl, line 1"
        ):
            read_marked_texts(write(tmp_path, "no JSON"), BOOKS["theirs"])

    def test_an_unknown_label_stops_the_reading(self, tmp_path):
        with pytest.raises(
            ExchangeError, match="line 1: the label 'NOISE' is not known in 'theirs'; known are CHILL"
        ):
            read_marked_texts(write(tmp_path, {**ROW, "techniques": ["NOISE"]}), BOOKS["theirs"])

    def test_a_missing_or_damaged_file_is_said_to_be_so(self, tmp_path):
        with pytest.raises(ExchangeError, match="cannot be read"):
            read_marked_texts(tmp_path / "none.jsonl", BOOKS["theirs"])
        (tmp_path / "bad.jsonl.gz").write_bytes(gzip.compress(b"{}" * 100)[:-9])
        with pytest.raises(ExchangeError, match="cannot be read"):
            read_marked_texts(tmp_path / "bad.jsonl.gz", BOOKS["theirs"])


class TestCommand:
    @pytest.fixture
    def run(self, tmp_path):
        app = Typer()
        app.command()(command)
        rows = [
            {"id": 1, "lang": "uk", "text": "Орки знову біля мосту.", "techniques": ["loaded_language"], "spans": [[0, 4]]},
            {"id": 2, "lang": "uk", "text": "Рада Орлена зібралася.", "techniques": [], "spans": []},
            "spoilt",
        ]  # fmt: skip
        path = write(tmp_path, *rows)
        return lambda *options: CliRunner().invoke(app, [str(path), *options])

    def test_prints_a_table_and_what_was_refused(self, run):
        result = run()
        assert result.exit_code == 0, result.output
        assert "2 texts with 1 marked spans" in result.output
        assert "1 row(s) refused, the first: posts.jsonl, line 3" in result.output
        row = next(line for line in result.output.splitlines() if re.match(r"uk +matched +any +exact", line))
        assert "1.000" in row

    def test_prints_json_for_a_program(self, run):
        told = json.loads(run("--json").stdout)
        version = load_codebooks()["manipulation"].version
        assert (told["texts"], told["codebook_version"]) == (2, version)
        exact = [
            row for row in told["scores"] if row["unit"] == "exact" and row["suggestions"] == "matched" and not row["language"]
        ]  # fmt: skip
        assert [row["precision"]["value"] for row in exact] == [1.0]

    @pytest.mark.parametrize("option", ["--lexicon", "--codebook"])
    def test_an_unknown_name_is_answered_with_the_known_ones(self, run, option):
        result = run(option, "nonsense")
        assert isinstance(result.exception, CodebookError)
        assert "Known are" in str(result.exception)
