"""Terms in three languages, and the index that finds by them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.errors import IndexMismatchError
from verifier.lexical import LexicalIndex, terms

LETTERS = "abcdefghijklmnopqrstuvwxyzабвгґдеєжзиіїйклмнопрстуфхцчшщьюяёъыэ"
words = st.text(LETTERS, min_size=1, max_size=12)
languages = st.sampled_from(["en", "uk", "ru", "und"])
sentences = st.lists(words | st.sampled_from(["п'ять", "об'єкт", "don't", "12,5", "1 000"]), max_size=8).map(
    " ".join
)


# The lexicons load at the first word, which takes longer than an example may.
patient = settings(deadline=None)


@patient
@given(sentences, languages)
def test_case_makes_no_difference(text, language):
    assert terms(text.upper(), language) == terms(text, language) == terms(text.title(), language)


@patient
@given(sentences, languages)
def test_yo_and_ye_are_one(text, language):
    assert terms(text.replace("е", "ё"), language) == terms(text.replace("ё", "е"), language)


@patient
@given(sentences, languages, st.sampled_from("’‘ʼ`´′＇"))
def test_the_kinds_of_apostrophe_are_one(text, language, apostrophe):
    assert terms(text.replace("'", apostrophe), language) == terms(text, language)


@patient
@given(st.text(st.characters(), max_size=60), languages)
def test_any_text_gives_terms_that_an_index_can_take(text, language):
    for term in terms(text, language):
        assert term
        assert not any(c.isspace() for c in term)
        term.encode("utf-8")


def test_a_word_with_an_apostrophe_is_one_term():
    assert len(terms("п’ять об’єктів", "uk")) == 2
    assert terms("п’ять", "uk") == terms("пʼятьох", "uk")


def test_stress_marks_and_invisible_characters_are_dropped():
    assert terms("перегово\u0301ри за\u00adкінчи\u200bлися", "uk") == terms("переговори закінчилися", "uk")


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("uk", ["переговори", "переговорів", "переговорами", "Переговорам"]),
        ("uk", ["Київ", "Києва", "Києву", "Києві", "Києвом"]),
        ("uk", ["Ліндгафен", "Ліндгафена", "Ліндгафені", "Ліндгафеном"]),
        ("uk", ["закінчився", "закінчилися", "закінчитися"]),
        ("ru", ["переговоры", "переговоров", "переговорами"]),
        ("ru", ["плотина", "плотину", "плотиной", "плотины"]),
        ("en", ["talk", "talks", "talking", "talked"]),
        ("en", ["dam", "dams", "dam's"]),
    ],
)
def test_forms_of_a_word_are_one_term(language, forms):
    assert len({tuple(terms(form, language)) for form in forms}) == 1


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("1 000", "ru", "1000"),
        ("1\u00a0000\u202f000", "uk", "1000000"),
        ("1,000", "en", "1000"),
        ("1,000.5", "en", "1000.5"),
        ("12,5", "uk", "12.5"),
        ("12.5", "en", "12.5"),
        ("4:40", "en", "4:40"),
        ("14.10.2025", "ru", "14.10.2025"),
        ("G20", "en", "g20"),
    ],
)
def test_numbers_stay_whole_and_agree_across_languages(text, language, expected):
    assert terms(text, language) == [expected]


def test_a_year_and_a_count_beside_it_stay_two_numbers():
    assert terms("in 2022 300 people", "en")[1:3] == ["2022", "300"]


def test_unknown_and_long_language_tags_are_taken():
    assert terms("Grüße an alle", "xx") == ["grüsse", "an", "alle"]
    assert terms("talks", "en-GB") == terms("talks", "en")


STATEMENTS = [
    ("a", "The talks in Lindhaven lasted almost six hours.", "en"),
    ("b", "Переговори в Ліндгафені тривали майже шість годин.", "uk"),
    ("c", "Переговоры в Линдхафене длились почти шесть часов.", "ru"),
    ("d", "Bakers complain about the price of flour: 12,500 crowns.", "en"),
    ("e", "П’ятеро пекарів скаржаться на ціну борошна: 12 500 крон.", "uk"),
]


@pytest.fixture
def index():
    return LexicalIndex.build(STATEMENTS)


def found(index, *args, **kwargs):
    return [name for name, _ in index.search(*args, **kwargs)]


def test_shared_words_are_found_in_any_form(index):
    assert found(index, "six-hour talk", "en", 5)[0] == "a"
    assert found(index, "переговорів", "uk", 5)[0] == "b"
    assert sorted(found(index, "переговорам", "ru", 5)) == ["b", "c"]  # one stem in both languages
    assert found(index, "переговоры длились", "ru", 5)[0] == "c"
    assert found(index, "п'ятеро", "uk", 5) == ["e"]
    assert sorted(found(index, "12500", "en", 5)) == ["d", "e"]


def test_nothing_shared_is_nothing_found(index):
    assert index.search("zebra", "en", 5) == []
    assert index.search("", "en", 5) == []
    assert index.search("!!! —", "en", 5) == []
    assert index.search("talks", "en", 0) == []
    assert LexicalIndex().search("talks", "en", 5) == []


def test_what_looks_like_query_syntax_is_words(index):
    assert found(index, 'id:a AND "talks" OR (lasted~2 NOT *)', "en", 5)[0] == "a"


def test_adding_an_id_again_replaces_its_text(index):
    index.add([("a", "A zebra escaped.", "en"), ("f", "The zebra is back.", "en")])
    assert len(index) == 6
    assert sorted(found(index, "zebra", "en", 5)) == ["a", "f"]
    assert "a" not in found(index, "talks", "en", 5)
    index.add([("g", "first", "en"), ("g", "second", "en")])
    assert found(index, "second", "en", 5) == ["g"]
    assert found(index, "first", "en", 5) == []


def test_removed_texts_are_not_found(index):
    assert index.remove(["a", "nobody"]) == 1
    assert index.remove([]) == 0
    assert len(index) == 4
    assert "a" not in found(index, "talks", "en", 5)


@pytest.mark.parametrize("listed", [0, 10_000])
@settings(deadline=None, max_examples=60)
@given(
    allow=st.none() | st.sets(st.integers(0, 130)),
    exclude=st.sets(st.integers(0, 130)),
    k=st.integers(0, 140),
)
def test_filters_give_what_filtering_afterwards_would(many, listed, allow, exclude, k):
    allowed = None if allow is None else {f"s{n}" for n in allow}
    excluded = {f"s{n}" for n in exclude}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("verifier.lexical._LISTED_FILTER", listed)
        hits = many.search("talks lasted hours", "en", k, allowed=allowed, excluded=excluded)
    everything = many.search("talks lasted hours", "en", 200)
    expected = [(n, s) for n, s in everything if n not in excluded and (allowed is None or n in allowed)]
    assert len(hits) == min(k, len(expected))
    assert [score for _, score in hits] == pytest.approx([score for _, score in expected[:k]], rel=1e-3)
    assert {name for name, _ in hits} <= {name for name, _ in expected}
    assert len({name for name, _ in hits}) == len(hits)


@pytest.fixture(scope="module")
def many():
    return LexicalIndex.build(
        (f"s{n}", f"The talks {'lasted ' * (n % 3)}{n} {'hours' if n % 2 else 'days'}", "en")
        for n in range(120)
    )


def test_a_saved_index_is_the_same_when_loaded_and_stays_as_it_was(index, tmp_path):
    folder = tmp_path / "lexical"
    folder.mkdir()
    index.save(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    loaded = LexicalIndex.load(folder)
    for text, language in (("talks lasted six hours", "en"), ("ціна борошна", "uk"), ("шесть часов", "ru")):
        assert loaded.search(text, language, 5) == index.search(text, language, 5)
    loaded.add([("f", "The zebra is back.", "en")])
    loaded.remove(["a"])
    assert found(loaded, "zebra", "en", 5) == ["f"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert len(LexicalIndex.load(folder)) == 5


def test_a_folder_without_an_index_is_a_mismatch(tmp_path):
    with pytest.raises(IndexMismatchError, match="verifier index --rebuild"):
        LexicalIndex.load(tmp_path)
    with pytest.raises(IndexMismatchError):
        LexicalIndex.load(tmp_path / "missing")


def test_the_private_folder_goes_with_the_index():
    index = LexicalIndex.build(STATEMENTS)
    folder = index._folder
    assert folder.is_dir()
    del index
    assert not folder.exists()


def test_progress_reaches_its_total():
    steps = []
    LexicalIndex.build(STATEMENTS, progress=lambda done, total, what: steps.append((done, total)))
    assert steps[-1] == (5, 5)


def test_the_language_of_a_text_is_remembered(index):
    assert index.languages(["a", "e", "nobody"]) == {"a": "en", "e": "uk"}
    assert index.languages([]) == {}
