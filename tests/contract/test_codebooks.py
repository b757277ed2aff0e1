"""Holds for every codebook, lexicon and outlet that ships; a new file is picked up by itself."""

import re
import string
import unicodedata
from datetime import date

import pytest

from verifier.codebooks import Lexicon, LexiconEntry, load_codebooks, load_lexicons, read_guideline
from verifier.domain import Codebook, Level, Stance
from verifier.outlets import MATRIX_RATER, SOURCED_FACTS, OutletRegistry, name_key

CODEBOOKS = load_codebooks()
LEXICONS = load_lexicons()
ENTRIES = [
    pytest.param(lexicon, language, entry, id=f"{language}-{entry.term}")
    for lexicon in LEXICONS.values()
    for language, entries in lexicon.entries.items()
    for entry in entries
]
REGISTRY = OutletRegistry.load()

KEYS = string.ascii_lowercase + string.digits
LIGHT, DARK = "#ffffff", "#0e1117"  # the page backgrounds of Streamlit's two themes
LEAST_CONTRAST = 3.0  # WCAG 2.2, 1.4.11: parts of a control against what is beside them


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_promised_schemes_ship():
    assert {name: len(codebook.labels) for name, codebook in CODEBOOKS.items()} == {
        "frames": 14,
        "manipulation": 10,
        "narratives": 11 + 38,
        "persuasion": 23,
        "provenance": 16,
        "stance": 3,
        "wording": 7,
    }


def test_persuasion_has_the_groups_and_names_of_its_source():
    groups: dict[str, list[str]] = {}
    for label in CODEBOOKS["persuasion"].labels:
        groups.setdefault(label.group, []).append(label.source_name)
    assert groups == {
        "Justification": [
            "Appeal_to_Authority",
            "Appeal_to_Popularity",
            "Appeal_to_Values",
            "Appeal_to_Fear-Prejudice",
            "Flag_Waving",
        ],
        "Simplification": [
            "Causal_Oversimplification",
            "False_Dilemma-No_Choice",
            "Consequential_Oversimplification",
        ],
        "Distraction": ["Straw_Man", "Red_Herring", "Whataboutism"],
        "Call": ["Slogans", "Appeal_to_Time", "Conversation_Killer"],
        "Manipulative wording": [
            "Loaded_Language",
            "Repetition",
            "Exaggeration-Minimisation",
            "Obfuscation-Vagueness-Confusion",
        ],
        "Attack on reputation": [
            "Name_Calling-Labeling",
            "Doubt",
            "Guilt_by_Association",
            "Appeal_to_Hypocrisy",
            "Questioning_the_Reputation",
        ],
    }


def test_each_narrative_stands_before_its_sub_narratives():
    groups: dict[str, list[str]] = {}
    for label in CODEBOOKS["narratives"].labels:
        groups.setdefault(label.group, []).append(label.source_name)
    assert [len(names) - 1 for names in groups.values()] == [2, 8, 3, 5, 3, 3, 6, 2, 2, 4, 0]
    for narrative, *parts in groups.values():
        assert narrative.count(":") == 1
        assert all(part.startswith(f"{narrative}: ") for part in parts)
    assert "URW: Discrediting Ukraine: Rewriting Ukraine’s history" in groups["Discrediting Ukraine"]


def test_the_page_on_narratives_repeats_what_the_codebook_says():
    page = read_guideline("narratives")
    assert [label.label_id for label in CODEBOOKS["narratives"].labels if label.definition not in page] == []


def test_stances_are_those_of_the_tool():
    assert {label.label_id for label in CODEBOOKS["stance"].labels} == set(Stance)
    assert CODEBOOKS["stance"].levels == (Level.PAIR,)
    assert CODEBOOKS["stance"].required
    assert not CODEBOOKS["stance"].multiple


def test_the_parts_of_an_attribution_are_spans():
    book = CODEBOOKS["provenance"]
    spans = {label.label_id for label in book.labels_at(Level.SPAN)}
    assert {"source", "cue", "content"} == spans - {
        label.label_id for label in book.labels_at(Level.DOCUMENT)
    }


@pytest.mark.parametrize("codebook", CODEBOOKS.values(), ids=CODEBOOKS)
class TestEveryCodebook:
    def test_a_label_tells_what_it_is_and_is_not(self, codebook: Codebook):
        for label in codebook.labels:
            assert len(label.definition) > 40, label.label_id
            assert label.examples, label.label_id
            assert label.counter_examples, label.label_id
            assert label.group, label.label_id

    def test_examples_come_in_english_ukrainian_and_russian(self, codebook: Codebook):
        for label in codebook.labels:
            cyrillic = [example for example in label.examples if re.search("[а-я]{3}", example)]
            assert any(not re.search("[а-яіїєґ]", example) for example in label.examples), label.label_id
            assert any(re.search("[іїєґ]", example) for example in cyrillic), label.label_id
            assert any(not re.search("[іїєґ]", example) for example in cyrillic), label.label_id

    def test_every_label_has_a_key_or_where_there_are_too_many_every_group(self, codebook: Codebook):
        keys = [label.key for label in codebook.labels]
        if len(keys) > len(KEYS):
            first = {label.group: label.key for label in reversed(codebook.labels)}
            assert all(first.values()), first
        else:
            assert all(keys)

    def test_its_source_is_named(self, codebook: Codebook):
        assert len(codebook.source) > 40
        assert re.search(r"\b(19|20)\d\d\b|[Oo]ur own", codebook.source)

    def test_colours_stand_out_on_light_and_dark_and_from_each_other(self, codebook: Codebook):
        colours = [label.colour for label in codebook.labels]
        assert len(set(colours)) == len(colours)
        for colour in colours:
            assert contrast(colour, LIGHT) >= LEAST_CONTRAST, colour
            assert contrast(colour, DARK) >= LEAST_CONTRAST, colour

    def test_there_is_a_page_on_how_to_decide(self, codebook: Codebook):
        page = read_guideline(codebook.codebook_id)
        for label in codebook.labels:
            assert label.label_id in page, f"{label.label_id} is not mentioned"


@pytest.mark.parametrize("lexicon", LEXICONS.values(), ids=LEXICONS)
def test_a_lexicon_has_the_three_languages_and_several_labels_in_each(lexicon: Lexicon):
    assert {"en", "uk", "ru"} <= set(lexicon.entries)
    for entries in lexicon.entries.values():
        assert len(entries) >= 40
        assert len({entry.label_id for entry in entries}) >= 4


@pytest.mark.parametrize(("lexicon", "language", "entry"), ENTRIES)
def test_an_entry_finds_its_term_and_offers_something_instead(
    lexicon: Lexicon, language: str, entry: LexiconEntry
):
    CODEBOOKS[lexicon.codebook_id].label(entry.label_id)
    assert entry.counterparts
    assert unicodedata.is_normalized("NFC", entry.pattern.pattern)
    found = lexicon.suggest(f"— {entry.term} —", language)
    assert [hit.label_id for hit in found] == [entry.label_id]


def test_no_outlet_is_lost_behind_another():
    for outlet in REGISTRY.outlets:
        for name in (outlet.outlet_id, outlet.name, *outlet.aliases, *outlet.domains):
            assert REGISTRY.find(name) == outlet, name


def test_control_is_said_only_with_a_rater_and_only_for_code_sc():
    for outlet in REGISTRY.outlets:
        by_matrix = [rating.code for rating in outlet.ratings if rating.rater == MATRIX_RATER]
        if outlet.state_controlled_by == MATRIX_RATER:
            assert by_matrix == ["SC"], outlet.outlet_id
        assert (outlet.state_controlled is None) == (outlet.state_controlled_by == ""), outlet.outlet_id
        assert ("SC" in by_matrix) == (outlet.state_controlled_by == MATRIX_RATER), outlet.outlet_id


def test_every_fact_can_be_looked_up_where_and_when_it_was_read():
    for outlet in REGISTRY.outlets:
        for source in outlet.sources:
            assert source.url.startswith(("https://", "http://")), outlet.outlet_id
            assert date.fromisoformat(source.read_on) <= date.today(), outlet.outlet_id  # noqa: DTZ011


def test_the_registry_is_as_broad_as_promised():
    assert len(REGISTRY.outlets) >= 60
    assert len({outlet.country for outlet in REGISTRY.outlets} - {""}) >= 15


@pytest.mark.parametrize(
    ("name", "outlet_id"),
    [
        ("https://www.pravda.com.ua/eng/", "ukrainska-pravda"),
        ("Європейська правда", "european-pravda"),
        ("РИА «Новости»", "ria-novosti"),
        ("Известия", "izvestia"),
        ("УНІАН", "unian"),
        ("AP", "ap"),
        ("https://www.daily8.com/en/x", "daily8"),
    ],
)
def test_well_known_names_find_their_outlet(name: str, outlet_id: str):
    found = REGISTRY.find(name)
    assert found is not None
    assert found.outlet_id == outlet_id


@pytest.mark.parametrize("name", ["Правда", "Pravda", "The Times", "NTV", "НТВ", "Новости", "News"])
def test_names_that_several_outlets_go_by_resolve_to_none(name: str):
    assert name_key(name)
    assert REGISTRY.find(name) is None


def test_the_datasheet_counts_what_ships(repository):
    page = (repository / "docs" / "datasheets" / "codebooks.md").read_text(encoding="utf-8")
    wording = LEXICONS["wording"].entries
    countries = {outlet.country for outlet in REGISTRY.outlets} - {""}
    rated = [outlet for outlet in REGISTRY.outlets if outlet.ratings]
    controlled = [outlet for outlet in REGISTRY.outlets if outlet.state_controlled]
    text = " ".join(page.split())
    assert (
        f"{len(wording['en'])} English, {len(wording['uk'])} Ukrainian and {len(wording['ru'])} Russian terms"
        in text
    )
    assert f"{len(REGISTRY.outlets)} outlets of {len(countries)} countries" in text
    for fact in SOURCED_FACTS[:3]:
        said = sum(bool(getattr(outlet, fact)) for outlet in REGISTRY.outlets)
        assert f"| {fact} | {said} | {len(REGISTRY.outlets) - said} |" in text
    assert f"{len(rated)} outlets carry a code" in text
    assert f"{len(controlled)} have the code SC" in text
    for codebook in CODEBOOKS.values():
        assert f"| `{codebook.codebook_id}` {codebook.version} | {len(codebook.labels)}" in text
