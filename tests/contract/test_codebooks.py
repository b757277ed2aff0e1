"""Holds for every codebook, lexicon and outlet that ships; a new file is picked up by itself."""

import re
import unicodedata
from datetime import date

import pytest

from verifier.codebooks import Lexicon, LexiconEntry, load_codebooks, load_lexicons
from verifier.config import resource_dir
from verifier.domain import Codebook
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


def test_the_four_schemes_ship():
    assert {name: len(codebook.labels) for name, codebook in CODEBOOKS.items()} == {
        "frames": 14,
        "persuasion": 23,
        "provenance": 12,
        "wording": 7,
    }
    assert len({label.group for label in CODEBOOKS["persuasion"].labels}) == 6


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

    def test_keys_are_there_and_unique(self, codebook: Codebook):
        keys = [label.key for label in codebook.labels]
        assert all(keys)
        assert len(set(keys)) == len(keys)

    def test_colours_stand_out_on_light_and_dark_and_from_each_other(self, codebook: Codebook):
        colours = [label.colour for label in codebook.labels]
        assert len(set(colours)) == len(colours)
        for colour in colours:
            assert contrast(colour, LIGHT) >= LEAST_CONTRAST, colour
            assert contrast(colour, DARK) >= LEAST_CONTRAST, colour

    def test_there_is_a_page_on_how_to_decide(self, codebook: Codebook):
        guidelines = resource_dir("annotations") / "guidelines"
        if not guidelines.is_dir():
            pytest.skip("guidelines are not part of an installed copy")
        page = (guidelines / f"{codebook.codebook_id}.md").read_text(encoding="utf-8")
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
