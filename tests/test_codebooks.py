"""Codebooks and lexicons: what is read, what is refused and how the refusal reads, and where suggestions lie."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.codebooks import (
    Lexicon,
    load_codebooks,
    load_lexicons,
    load_version,
    load_versions,
    matches_between,
    read_guideline,
    unregistered_changes,
)
from verifier.domain import Codebook, LabelMatch, Level, MatchRelation
from verifier.errors import CodebookError, DomainError

CODEBOOK = """\
codebook_id: tone
version: "1.10"
title: Tone
kind: framing
description: How a text sounds.
source: our own
levels: [span, sentence]
multiple: false
labels:
  - label_id: calm
    name: Calm
    definition: Nothing is raised.
    examples: ["The ferry runs at nine."]
    key: c
    colour: "#336699"
  - label_id: loud
    name: Loud
    definition: Something is raised.
    key: l
"""


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


class TestCodebookFiles:
    def test_reads_what_is_written(self, tmp_path):
        (codebook,) = load_codebooks(write(tmp_path, "tone.yaml", CODEBOOK)).values()
        assert codebook.version == "1.10"
        assert codebook.levels == (Level.SPAN, Level.SENTENCE)
        assert codebook.multiple is False
        assert codebook.label("calm").examples == ("The ferry runs at nine.",)
        assert codebook.label("loud").colour == ""

    @pytest.mark.parametrize(
        ("old", "new", "line", "says"),
        [
            (
                "    definition: Nothing is raised.\n",
                "",
                10,
                "labels[0], definition: expected a text; found nothing",
            ),
            ("    definition: Nothing", "    defintion: Nothing", 12, "did you mean 'definition'"),
            ("label_id: loud", "label_id: calm", 16, "which line 10 (labels[0]) has too"),
            ("key: l", "key: c", 19, "a key of its own"),
            ("key: l", "key: L", 19, "one small letter a-z or a digit"),
            ("key: l", "key: l\n    key: m", 20, "occurs twice"),
            ("#336699", "blue", 15, "a colour such as #1b7f5c"),
            ("#336699", "#3366", 15, "found '#3366'"),
            ("kind: framing", "kind: frame", 4, "did you mean 'framing'"),
            (
                "[span, sentence]",
                "[paragraph]",
                7,
                "levels from span, sentence, document, pair; found 'paragraph'",
            ),
            ("[span, sentence]", "span", 7, "expected a list"),
            ("multiple: false", "multiple: perhaps", 8, "one of false, true"),
            ("multiple: false\n", "", 1, "whether one item may carry several labels"),
            ("codebook_id: tone", "codebook_id: tune", 1, "'tone', the name of the file"),
            ("label_id: loud", "label_id: Very Loud", 16, "small letters, digits and hyphens"),
            ('version: "1.10"', "version: one", 2, "a version such as 1.0"),
            ("source: our own", "source: {paper: x}", 6, "expected a text; found names with values"),
            ('examples: ["The', 'examples: [{a: b}, "The', 13, "expected a list of texts"),
        ],
    )
    def test_a_mistake_is_named_with_file_line_and_remedy(self, tmp_path, old, new, line, says):
        assert old in CODEBOOK
        folder = write(tmp_path, "tone.yaml", CODEBOOK.replace(old, new, 1))
        with pytest.raises(CodebookError) as caught:
            load_codebooks(folder)
        assert f"{folder / 'tone.yaml'}, line {line}" in str(caught.value)
        assert says in str(caught.value)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "is empty"),
            ("just a sentence", "line 1: expected names with values"),
            ("- a\n- b\n", "line 1: expected names with values"),
            ("labels: [", "no valid YAML"),
            ("codebook_id: tone\nlabels: []\n", "found"),
        ],
    )
    def test_what_is_no_codebook_at_all_is_said_to_be_none(self, tmp_path, text, says):
        with pytest.raises(CodebookError, match=says):
            load_codebooks(write(tmp_path, "tone.yaml", text))

    def test_bytes_that_are_no_utf8_are_refused(self, tmp_path):
        (tmp_path / "tone.yaml").write_bytes("title: Тон".encode("cp1251"))
        with pytest.raises(CodebookError, match="UTF-8"):
            load_codebooks(tmp_path)

    def test_an_empty_folder_is_an_error(self, tmp_path):
        with pytest.raises(CodebookError, match="No codebook in"):
            load_codebooks(tmp_path)

    def test_values_are_taken_as_spelled(self, tmp_path):
        text = CODEBOOK.replace("name: Loud", "name: NO").replace("key: l", "key: n")
        label = load_codebooks(write(tmp_path, "tone.yaml", text))["tone"].label("loud")
        assert (label.name, label.key) == ("NO", "n")


RETIRED = """\
  - label_id: flat
    name: Flat
    definition: Nothing moves.
    key: c
    status: retired
"""


class TestWhatALabelMayBe:
    def test_a_retired_label_is_read_and_no_longer_given(self, tmp_path):
        (codebook,) = load_codebooks(write(tmp_path, "tone.yaml", CODEBOOK + RETIRED)).values()
        assert [label.label_id for label in codebook.labels] == ["calm", "loud"]
        assert [label.label_id for label in codebook.retired_labels] == ["flat"]
        assert codebook.label("flat").retired
        assert "flat" not in {label.label_id for label in codebook.labels_at(Level.SPAN)}
        codebook.require_givable("calm", Level.SPAN)
        with pytest.raises(DomainError, match="'Flat' was retired from 'Tone'"):
            codebook.require_givable("flat", Level.SPAN)

    def test_a_codebook_of_retired_labels_only_is_refused(self, tmp_path):
        text = CODEBOOK.replace("    definition:", "    status: retired\n    definition:")
        with pytest.raises(CodebookError, match="at least one label in use"):
            load_codebooks(write(tmp_path, "tone.yaml", text))

    def test_a_retired_label_keeps_its_name_for_itself(self, tmp_path):
        text = CODEBOOK + RETIRED.replace("name: Flat", "name: Calm")
        with pytest.raises(CodebookError, match="a name of its own"):
            load_codebooks(write(tmp_path, "tone.yaml", text))

    def test_a_label_may_be_narrower_in_level_than_its_codebook(self, tmp_path):
        text = CODEBOOK.replace("    key: l\n", "    key: l\n    levels: [span]\n    source_name: LOUD\n")
        (codebook,) = load_codebooks(write(tmp_path, "tone.yaml", text)).values()
        assert [label.source_name for label in codebook.labels_at(Level.SPAN)] == ["", "LOUD"]
        assert [label.label_id for label in codebook.labels_at(Level.SENTENCE)] == ["calm"]
        assert codebook.labels_at(Level.DOCUMENT) == ()
        with pytest.raises(DomainError, match="The label 'Loud' goes on span; found level 'sentence'"):
            codebook.require_givable("loud", Level.SENTENCE)
        with pytest.raises(DomainError, match="Labels of the codebook 'Tone' go on span, sentence; found"):
            codebook.require_givable("calm", Level.PAIR)

    def test_a_level_beyond_the_codebooks_is_refused(self, tmp_path):
        text = CODEBOOK.replace("    key: l\n", "    levels: [document]\n")
        with pytest.raises(CodebookError, match="levels from span, sentence; found 'document'"):
            load_codebooks(write(tmp_path, "tone.yaml", text))

    @pytest.mark.parametrize(("written", "required"), [("", False), ("required: true\n", True)])
    def test_a_codebook_says_whether_it_must_be_answered(self, tmp_path, written, required):
        (codebook,) = load_codebooks(write(tmp_path, "tone.yaml", written + CODEBOOK)).values()
        assert codebook.required is required


OTHER = CODEBOOK.replace("codebook_id: tone", "codebook_id: pitch")


def matched(tmp_path: Path, written: str) -> dict[str, Codebook]:
    write(tmp_path, "pitch.yaml", OTHER)
    return load_codebooks(
        write(tmp_path, "tone.yaml", f"{CODEBOOK}    maps_to:\n      - {{{written}, source: ours}}\n")
    )


class TestMatches:
    @pytest.mark.parametrize(
        ("relation", "turned"),
        [("exact", "exact"), ("close", "close"), ("broad", "narrow"), ("narrow", "broad")],
    )
    def test_a_match_is_read_from_either_side(self, tmp_path, relation, turned):
        codebooks = matched(tmp_path, f"label: pitch:calm, relation: {relation}")
        match = LabelMatch(
            codebook_id="pitch", label_id="calm", relation=MatchRelation(relation), source="ours"
        )
        assert matches_between(codebooks, "tone", "pitch") == {"loud": (match,)}
        back = replace(match, codebook_id="tone", label_id="loud", relation=MatchRelation(turned))
        assert matches_between(codebooks, "pitch", "tone") == {"calm": (back,)}

    @pytest.mark.parametrize(
        ("written", "says"),
        [
            ("label: pitch:clam, relation: exact", "expected a label of pitch: calm, loud; found 'clam'"),
            ("label: pith:calm, relation: exact", "expected a codebook from pitch, tone; found 'pith'"),
            ("label: calm, relation: exact", "a codebook and a label, such as frames:economic"),
            ("label: tone:calm, relation: exact", "a label of another codebook"),
            ("label: pitch:calm, relation: same", "one of broad, close, exact, narrow"),
            ("label: pitch:calm, relation: exact, source: x", "occurs twice"),
        ],
    )
    def test_a_mistake_is_named_with_its_line(self, tmp_path, written, says):
        with pytest.raises(CodebookError) as caught:
            matched(tmp_path, written)
        assert "tone.yaml, line 21" in str(caught.value)
        assert says in str(caught.value)


class TestVersions:
    def folder(self, tmp_path: Path) -> Path:
        """A folder whose present version is 1.10, with 1.9 before it."""
        write(tmp_path, "tone.yaml", CODEBOOK)
        write(tmp_path / "released", "tone-1.9.yaml", CODEBOOK.replace("1.10", "1.9"))
        self.register(tmp_path)
        return tmp_path

    def register(self, folder: Path) -> None:
        lines = [problem.partition("add: ")[2] for problem in unregistered_changes(folder)]
        register = folder / "released" / "register.yaml"
        register.write_text("released:\n" + "".join(f"  {line}\n" for line in lines), encoding="utf-8")

    def test_every_version_is_read_oldest_first(self, tmp_path):
        versions = load_versions(self.folder(tmp_path))
        assert list(versions["tone"]) == ["1.9", "1.10"]
        assert load_version("tone", "1.9", tmp_path).version == "1.9"
        assert unregistered_changes(tmp_path) == []

    @pytest.mark.parametrize(
        ("codebook", "version", "says"),
        [("tone", "2.0", "no version '2.0'. Versions are 1.9, 1.10"), ("tune", "1.9", "no codebook 'tune'")],
    )
    def test_a_version_that_never_was_is_answered_with_those_that_were(
        self, tmp_path, codebook, version, says
    ):
        with pytest.raises(CodebookError) as caught:
            load_version(codebook, version, self.folder(tmp_path))
        assert says in str(caught.value)

    @pytest.mark.parametrize("file", ["tone.yaml", "released/tone-1.9.yaml"])
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("Nothing is raised", "Little is raised"),
            ("runs at nine", "runs at ten"),
            ("multiple: false", "multiple: true"),
            ("name: Loud", "name: Noisy"),
            ("levels: [span, sentence]", "levels: [span]"),
            ("    key: l\n", "    status: retired\n"),
        ],
    )
    def test_a_released_scheme_that_changed_is_told(self, tmp_path, file, old, new):
        path = self.folder(tmp_path) / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        (problem,) = unregistered_changes(tmp_path)
        assert "reads otherwise than when it was released" in problem

    @pytest.mark.parametrize(
        ("old", "new"), [("#336699", "#336698"), ("key: l", "key: x"), ("title: Tone", "title: Tones"), ("    key: l", "    group: g")]
    )  # fmt: skip
    def test_what_no_decision_rests_on_may_change(self, tmp_path, old, new):
        path = self.folder(tmp_path) / "tone.yaml"
        assert old in CODEBOOK
        path.write_text(CODEBOOK.replace(old, new), encoding="utf-8")
        assert unregistered_changes(tmp_path) == []

    def test_a_released_version_that_is_gone_and_a_new_one_are_told(self, tmp_path):
        folder = self.folder(tmp_path)
        (folder / "released" / "tone-1.9.yaml").unlink()
        (folder / "tone.yaml").write_text(CODEBOOK.replace("1.10", "1.11"), encoding="utf-8")
        problems = unregistered_changes(folder)
        assert (
            "'tone' 1.11 is not in register.yaml. When it is released, add: - {codebook_id: tone"
            in problems[0]
        )
        assert [problem[:20] for problem in problems[1:]] == ["Codebook 'tone' 1.9 ", "Codebook 'tone' 1.10"]

    @pytest.mark.parametrize(
        ("name", "version", "says"),
        [
            ("tone-1.8.yaml", "1.9", "call it tone-1.9.yaml"),
            (
                "tone-1.11.yaml",
                "1.11",
                "must be older than the present version of 'tone'; the present one is 1.10",
            ),
            ("tone-1.10.yaml", "1.10", "must be older"),
        ],
    )
    def test_a_released_file_is_named_after_what_it_holds_and_older(self, tmp_path, name, version, says):
        write(self.folder(tmp_path) / "released", name, CODEBOOK.replace("1.10", version))
        with pytest.raises(CodebookError) as caught:
            load_versions(tmp_path)
        assert says in str(caught.value)

    def test_guidelines_are_those_of_the_version(self, tmp_path):
        write(tmp_path, "tone.md", "now")
        write(tmp_path / "released", "tone-1.9.md", "then")
        assert read_guideline("tone", folder=tmp_path) == "now"
        assert read_guideline("tone", "1.9", tmp_path) == "then"
        assert read_guideline("tone", "1.10", tmp_path) == "now"
        assert read_guideline("pitch", folder=tmp_path) == ""

    @pytest.mark.parametrize(
        ("codebook", "version"), [("../tone", ""), ("tone", "../1.9"), ("tone/x", "1.9")]
    )
    def test_guidelines_are_read_from_their_folder_only(self, tmp_path, codebook, version):
        with pytest.raises(CodebookError, match="is no codebook with a version"):
            read_guideline(codebook, version, tmp_path)


def lexicon_of(tmp_path: Path, language: str, *entries: str) -> Lexicon:
    listed = "".join(f"  - {entry}\n" for entry in entries)
    write(
        tmp_path / "lexicons",
        f"tone-{language}.yaml",
        f"lexicon_id: tone\nlanguage: {language}\ncodebook_id: tone\nversion: '1.0'\ndescription: d\nentries:\n{listed}",
    )
    codebooks = load_codebooks(write(tmp_path / "codebooks", "tone.yaml", CODEBOOK))
    return load_lexicons(tmp_path / "lexicons", codebooks=codebooks)["tone"]


def found(lexicon: Lexicon, text: str, language: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in lexicon.suggest(text, language)]


class TestForms:
    @pytest.mark.parametrize(
        ("language", "form", "text", "expected"),
        [
            (
                "ru",
                "звонк* кампани*",
                "О «звонкой кампании» и звонких кампаниях.",
                ["звонкой кампании", "звонких кампаниях"],
            ),
            ("ru", "орк(и,ов)", "Оркестр увидел орков, орки ушли, норки остались.", ["орков", "орки"]),
            ("ru", "звёздн* час", "Звездный час, ЗВЁЗДНЫЙ ЧАС", ["Звездный час", "ЗВЁЗДНЫЙ ЧАС"]),
            ("uk", "п'ят* колон(а,и)", "п’яту колони, пʼята колона", ["п’яту колони", "пʼята колона"]),
            ("uk", "сім", "сім'я і сім хат", ["сім"]),
            ("uk", "ять", "п'ять п’ять ять", ["ять"]),
            ("uk", "!ТОТ", "ТОТ, тот", ["ТОТ"]),
            ("uk", "відомо, що", "Відомо, що буде дощ.", ["Відомо, що"]),
            ("en", "mouthpiece", "the mouthpiece's view; mouthpieces", ["mouthpiece"]),
            ("en", "so-called", "so‑called, so-called, socalled", ["so‑called", "so-called"]),
            ("en", "special operation(s,)", "the “special”\noperations of Selk", ["special”\noperations"]),
            ("en", "e.g.", "ebg. e.g. x", ["e.g."]),
        ],
    )
    def test_a_form_finds_its_inflections_and_nothing_beside(self, tmp_path, language, form, text, expected):
        lexicon = lexicon_of(
            tmp_path, language, f'{{term: x, forms: ["{form}"], label: loud, explanation: e}}'
        )
        assert found(lexicon, text, language) == expected

    @pytest.mark.parametrize("form", ["a*b", "(a) b", "a(b", "*)", "a!"])
    def test_a_form_that_means_nothing_is_refused(self, tmp_path, form):
        with pytest.raises(CodebookError, match=r"line 7, entries\[0\], forms"):
            lexicon_of(tmp_path, "en", f'{{term: x, forms: ["{form}"], label: loud, explanation: e}}')


class TestLexiconFiles:
    def test_the_term_itself_is_the_form_where_none_is_given(self, tmp_path):
        lexicon = lexicon_of(
            tmp_path, "en", "{term: hue and cry, label: loud, explanation: e, counterparts: [protest]}"
        )
        (hit,) = lexicon.suggest("A hue and cry arose.", "en-GB")
        assert (hit.start, hit.end, hit.codebook_id, hit.label_id, hit.term) == (
            2,
            13,
            "tone",
            "loud",
            "hue and cry",
        )
        assert hit.counterparts == ("protest",)

    def test_languages_of_one_lexicon_are_joined_and_kept_apart(self, tmp_path):
        lexicon_of(tmp_path, "en", "{term: ferry, label: calm, explanation: e}")
        lexicon = lexicon_of(tmp_path, "uk", "{term: пором, label: calm, explanation: e}")
        assert found(lexicon, "ferry пором", "en") == ["ferry"]
        assert found(lexicon, "ferry пором", "uk") == ["пором"]
        assert found(lexicon, "ferry пором", "und") == []

    def test_of_overlapping_terms_the_first_and_longest_is_found(self, tmp_path):
        lexicon = lexicon_of(
            tmp_path,
            "en",
            "{term: Selk, label: calm, explanation: e}",
            "{term: Selk regime, label: loud, explanation: e}",
            "{term: regime change, label: loud, explanation: e}",
        )
        assert found(lexicon, "Selk regime change in Selk", "en") == ["Selk regime", "Selk"]

    @pytest.mark.parametrize(
        ("entry", "says"),
        [
            ("{term: x, label: shrill, explanation: e}", "one of calm, loud; found 'shrill'"),
            ("{term: x, label: lod, explanation: e}", "did you mean 'loud'"),
            ("{term: x, label: loud}", "explanation: expected a text; found nothing"),
            ("{term: x, label: loud, explanation: e, form: [y]}", "did you mean 'forms'"),
            ("{term: X, label: loud, explanation: e, forms: [y]}", "a term of its own"),
            ("{term: z, label: loud, explanation: e, forms: [x]}", "forms that no other entry has"),
        ],
    )
    def test_a_mistake_is_named(self, tmp_path, entry, says):
        with pytest.raises(CodebookError) as caught:
            lexicon_of(tmp_path, "en", "{term: x, label: calm, explanation: e}" * ("X" in entry or "z" in entry) or entry,
                       *([entry] if "X" in entry or "z" in entry else []))  # fmt: skip
        assert says in str(caught.value)

    def test_file_name_and_content_must_agree(self, tmp_path):
        lexicon_of(tmp_path, "en", "{term: x, label: calm, explanation: e}")
        (tmp_path / "lexicons" / "tone-en.yaml").rename(tmp_path / "lexicons" / "tone-uk.yaml")
        with pytest.raises(CodebookError, match="'tone-uk'"):
            load_lexicons(tmp_path / "lexicons", codebooks=load_codebooks(tmp_path / "codebooks"))


SHIPPED = load_lexicons()["wording"]


class TestShippedWording:
    @pytest.mark.parametrize(
        ("language", "text", "expected"),
        [
            ("en", "The so-called Kiev regime mourns.", [("so-called", "delegitimising-name"), ("Kiev regime", "delegitimising-name")]),
            ("en", "Harvesters in Kyiv met the mayor of Selk.", []),
            ("en", "Officials of the special operation spoke of a goodwill gesture.",
             [("special operation", "state-term"), ("goodwill gesture", "euphemism")]),
            ("uk", "Оркестр грав, доки орки не прийшли на звільнені землі.",
             [("орки", "delegitimising-name"), ("звільнені землі", "state-term")]),
            ("uk", "Рада Орлена розглянула бюджет бібліотеки.", []),
            ("ru", "В ходе специальной военной операции укронацисты якобы бежали.",
             [("специальной военной операции", "state-term"), ("укронацисты", "delegitimising-name"), ("якобы", "hedging")]),
            ("ru", "Русня и хохлы: словарь ругательств.", [("Русня", "delegitimising-name"), ("хохлы", "delegitimising-name")]),
            ("ru", "Молоко и творог привезли в Зареченск.", []),
        ],
    )  # fmt: skip
    def test_suggests_in_sentences_of_either_side_and_is_silent_in_plain_ones(self, language, text, expected):
        assert [
            (text[hit.start : hit.end], hit.label_id) for hit in SHIPPED.suggest(text, language)
        ] == expected

    @settings(deadline=None)  # a busy machine is no failure
    @given(
        pieces=st.lists(
            st.one_of(
                st.text(max_size=12),
                st.sampled_from(["Kiev regime", "СВО", "орки", "😀", "возз’єднання Криму", "é"]),
            )
        ),
        language=st.sampled_from(["en", "uk", "ru"]),
    )
    def test_spans_are_ordered_disjoint_and_quote_a_form_of_the_term(self, pieces, language):
        text = " ".join(pieces)
        end = 0
        by_term = {entry.term: entry for entry in SHIPPED.entries[language]}
        for hit in SHIPPED.suggest(text, language):
            assert end <= hit.start < hit.end <= len(text)
            assert by_term[hit.term].pattern.fullmatch(text, hit.start, hit.end)
            end = hit.end

    def test_offsets_count_code_points(self):
        text = "😀😀 орки"
        (hit,) = SHIPPED.suggest(text, "uk")
        assert (hit.start, hit.end) == (3, 7)
