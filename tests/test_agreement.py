"""Each coefficient against a published worked example, its properties, and what is said where it is undefined."""

from __future__ import annotations

import math
from dataclasses import replace

import krippendorff
import numpy as np
import pytest
from agreement_records import by_items, codebook, given, study, text, went_through
from hypothesis import given as trying
from hypothesis import settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from verifier import agreement
from verifier.agreement import Bootstrap, in_words, measure, nominal, spans
from verifier.domain import Layer, Level

FEW = Bootstrap(resamples=30)
DOCUMENT, SENTENCE, SPAN = Level.DOCUMENT, Level.SENTENCE, Level.SPAN


def figures(found):
    return {figure.name: figure for figure in found}


def values(found):
    return {figure.name: figure.value for figure in found}


def single(rows, **more):
    """Measure rows of single answers (one row each annotator) as a codebook of one label an item."""
    labels = sorted({str(answer) for row in rows for answer in row if answer not in (None, "")})
    return measure(by_items(rows, **more), codebook(*labels, multiple=False), DOCUMENT, bootstrap=FEW)


def counted_rows(table):
    """Turn counts (items by values) into one row each rater, values named c0, c1, ...; who said what is lost, as in such tables."""
    raters = [[f"c{value}" for value, times in enumerate(row) for _ in range(times)] for row in table]
    return [list(row) for row in zip(*raters, strict=True)]


# ---- published examples: nominal alpha

_ = None
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
"""Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: four observers, twelve units, data missing."""


def test_alpha_of_four_observers_with_missing_data():
    # Krippendorff 2011, section C: nominal alpha = 0.743.
    assert single(OBSERVERS).headline.value == pytest.approx(0.743, abs=5e-4)
    assert single(OBSERVERS).headline.name == nominal.ALPHA


def test_alpha_of_two_observers_and_a_binary_question():
    # Krippendorff 2011, section A: binary data, two observers, ten units: alpha = 0.095. Here "1" is a label and "0" is none.
    first, second = "0100000010", "1110010000"
    rows = [["yes" if sign == "1" else "" for sign in row] for row in (first, second)]
    (only,) = single(rows).labels
    assert figures(only.figures)[nominal.ALPHA].value == pytest.approx(0.095, abs=5e-4)


def test_alpha_of_two_observers_and_five_categories():
    # Krippendorff 2011, section B: nominal data, two observers, twelve units: alpha = 0.692.
    assert single(["aabbdcccedda", "babbbccceddd"]).headline.value == pytest.approx(0.692, abs=5e-4)


# ---- published examples: kappas

FLEISS_1971 = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
"""Fleiss 1971, table 1: 30 patients, each diagnosed by six psychiatrists as depression, personality disorder, schizophrenia, neurosis or other."""


def test_fleiss_kappa_of_psychiatric_diagnoses():
    # Fleiss 1971, table 1 and text: kappa = 0.430.
    table = [list(map(int, row)) for row in FLEISS_1971.split()]
    found = values(single(counted_rows(table)).figures)
    assert found[nominal.FLEISS] == pytest.approx(0.430, abs=5e-4)


def test_fleiss_kappa_of_single_diagnoses():
    # The same data label by label, as kappam.fleiss(diagnoses, detail=TRUE) of the R package irr prints it.
    table = [list(map(int, row)) for row in FLEISS_1971.split()]
    found = [figures(one.figures)[nominal.FLEISS].value for one in single(counted_rows(table)).labels]
    assert found == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=5e-4)


def test_fleiss_kappa_of_fourteen_raters():
    # The test vector of statsmodels.stats.inter_rater.fleiss_kappa (table1 of its tests): 0.210.
    rows = (
        "0-0-0-0-14 0-2-6-4-2 0-0-3-5-6 0-3-9-2-0 2-2-8-1-1 7-7-0-0-0 3-2-6-3-0 2-5-3-2-2 6-5-2-1-0 0-2-2-3-7"
    )
    table = [list(map(int, row.split("-"))) for row in rows.split()]
    assert values(single(counted_rows(table)).figures)[nominal.FLEISS] == pytest.approx(0.210, abs=5e-4)


def crossed(matrix):
    """Turn a table of two raters (first down, second across) into their two rows of answers."""
    pairs = [
        (f"c{down}", f"c{across}")
        for down, row in enumerate(matrix)
        for across, times in enumerate(row)
        for _ in range(times)
    ]
    return [list(row) for row in zip(*pairs, strict=True)]


def test_cohens_kappa_of_two_hundred_cases():
    # Cohen 1960, the worked example in frequencies (200 cases, agreed on 140, by chance 82): kappa = 0.492.
    found = values(single(crossed([[88, 14, 18], [10, 40, 10], [2, 6, 12]])).figures)
    assert found[nominal.COHEN] == pytest.approx(0.492, abs=5e-4)


def test_cohens_kappa_of_a_binary_table():
    # Artstein and Poesio 2008, "Inter-coder agreement for computational linguistics", table 1, as in scikit-learn's own test: 0.348.
    found = values(single(crossed([[20, 20], [10, 50]])).figures)
    assert found[nominal.COHEN] == pytest.approx(0.348, abs=5e-4)


# ---- libraries: MASI, unitised alpha


def test_masi_distance():
    # Passonneau 2006: 1 - Jaccard * monotonicity; the second value is the example in NLTK's masi_distance.
    sets = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 1, 1]], dtype=bool)
    found = nominal.masi(sets)
    assert found[0, 0] == 0
    assert found[0, 1] == pytest.approx(1 - 0.5 * 2 / 3)
    assert found[0, 2] == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert found[0, 4] == 1
    assert found[3, 3] == 0
    assert found[3, 0] == 1
    assert (found == found.T).all()


@settings(max_examples=15, deadline=None)
@trying(
    st.lists(
        st.lists(st.sampled_from([None, "", "a", "b", "ab", "bc"]), min_size=3, max_size=3),
        min_size=1,
        max_size=9,
    )
)
def test_alpha_of_sets_is_that_of_the_library_with_masi(items):
    rows = [[None if said is None else frozenset(said) for said in row] for row in zip(*items, strict=True)]
    found = figures(measure(by_items(rows), codebook("a", "b", "c"), DOCUMENT, bootstrap=FEW).figures)
    domain = sorted({said for row in rows for said in row if said is not None}, key=sorted)
    counts = np.array(
        [[sum(row[i] == value for row in rows) for value in domain] for i in range(len(rows[0]))]
    )
    counts = counts.reshape(len(rows[0]), len(domain))

    def distance(v1, v2, i1, i2, n_v, dtype=np.float64):
        return nominal.masi(np.array([[x in value for x in "abc"] for value in domain]))[i1, i2]

    if found[nominal.MASI_ALPHA].value is None:
        paired = counts[counts.sum(axis=1) > 1]
        assert (paired.sum(axis=0) > 0).sum() < 2
    else:
        expected = krippendorff.alpha(
            value_counts=counts, value_domain=range(len(domain)), level_of_measurement=distance
        )
        assert found[nominal.MASI_ALPHA].value == pytest.approx(expected)


ABC = {
    "a": [(10, 40), (60, 61), (100, 180)],
    "b": [(12, 40), (90, 170), (200, 210)],
    "c": [(10, 20), (20, 40), (120, 190)],
}


def spanned(by, length=300, label="x"):
    return study(
        [given(who, "d0", label, place) for who, places in by.items() for place in places],
        [text("d0", length=length)],
    )


@pytest.mark.parametrize(
    ("by", "length", "expected"),
    [(ABC, 300, 0.7058374632037858), ({"a": [(10, 20)], "b": [(12, 22)]}, 100, 0.779888888888889)],
)
def test_unitised_alpha_is_that_of_another_implementation(by, length, expected):
    # Computed with the package krippendorff-unitized-alpha 0.1.0, which follows Krippendorff et al. 2016.
    (only,) = measure(spanned(by, length), codebook("x"), SPAN, bootstrap=FEW).labels
    assert figures(only.figures)[spans.UNITISED].value == pytest.approx(expected)


def test_unitised_alpha_by_hand():
    # 200 points of two annotators; each marks ten, eight together. Seen: 2 * 2 + 2 * 2 points apart. By chance: 2 * 20 * 180 * 200 / (200^2 - 2 * 10^2 - 180).
    seen, chance = 8, 2 * 20 * 180 * 200 / (200**2 - 200 - 180)
    found = measure(spanned({"a": [(10, 20)], "b": [(12, 22)]}, 100), codebook("x"), SPAN, bootstrap=FEW)
    assert found.headline.value == pytest.approx(1 - seen / chance)


PLACES = st.tuples(st.integers(0, 25), st.integers(1, 6)).map(lambda p: (p[0], p[0] + p[1]))


def point_by_point(by, length):
    """Compute unitised alpha from the definition: every point of every annotator meets every other, but none of its own span, and no gap's point itself."""
    points = [
        (who, x, next((n for n, (s, e) in enumerate(places) if s <= x < e), None))
        for who, places in enumerate(by)
        for x in range(length)
    ]
    seen = [
        (one[2] is None) != (other[2] is None)
        for one in points
        for other in points
        if one[1] == other[1] and one[0] != other[0]
    ]
    chance = [
        (one[2] is None) != (other[2] is None)
        for one in points
        for other in points
        if one is not other and not (one[0] == other[0] and one[2] is not None and one[2] == other[2])
    ]
    return 1 - np.mean(seen) / np.mean(chance) if any(chance) else None


@settings(max_examples=15, deadline=None)
@trying(st.lists(st.lists(PLACES, max_size=4), min_size=2, max_size=3))
def test_unitised_alpha_from_its_definition(by):
    length = 32
    everybody = [c for n in range(len(by)) for c in went_through(f"a{n}", "d0")]
    marks = [given(f"a{n}", "d0", "x", place) for n, places in enumerate(by) for place in places]
    found = measure(study(marks, [text("d0", length=length)], everybody), codebook("x"), SPAN, bootstrap=FEW)
    expected = point_by_point([spans.merged(places) for places in by], length)
    assert found.headline.value == (None if expected is None else pytest.approx(expected))


# ---- F1 between annotators


def test_f1_exact_and_overlapping():
    by = {"a": [(0, 10), (20, 30), (40, 50)], "b": [(0, 10), (25, 45)]}
    found = values(measure(spanned(by), codebook("x"), SPAN, bootstrap=FEW).figures)
    # One of 3 + 2 spans each way is the same; (25, 45) can be paired with one of the two it overlaps.
    assert found[spans.F1_EXACT] == pytest.approx(2 * 1 / 5)
    assert found[spans.F1_OVERLAP] == pytest.approx(2 * 2 / 5)


def test_the_most_spans_possible_are_paired_off():
    # Were (3, 12) paired with its equal, nothing would be left for the two others.
    assert spans.matched([(3, 12), (0, 5)], [(3, 12), (10, 15)]) == 2
    assert spans.matched([(0, 5)], [(5, 9)]) == 0
    assert spans.matched([], [(5, 9)]) == 0


def test_labels_count_unless_any_label_will_do():
    marks = [given("a", "d0", "x", (0, 10)), given("b", "d0", "y", (0, 10))]
    found = values(measure(study(marks, [text("d0")]), codebook("x", "y"), SPAN, bootstrap=FEW).figures)
    assert found[spans.F1_OVERLAP] == 0
    assert found[spans.F1_OVERLAP_ANY] == 1
    assert found[spans.UNITISED_ANY] == pytest.approx(1)
    assert found[spans.UNITISED] < 0.01


def test_f1_on_items_is_twice_the_common_over_all():
    rows = [[{"a", "b"}, {"a"}, set()], [{"a"}, {"b"}, set()]]
    found = values(measure(by_items(rows), codebook("a", "b"), DOCUMENT, bootstrap=FEW).figures)
    assert found[nominal.F1] == pytest.approx(2 * 1 / 5)


# ---- properties

ANSWERS = st.lists(
    st.lists(st.sampled_from([None, "", "a", "b", "c"]), min_size=3, max_size=3), min_size=2, max_size=12
)


@settings(max_examples=15, deadline=None)
@trying(ANSWERS)
def test_nominal_figures_are_those_of_the_libraries_and_never_nan(items):
    rows = [list(row) for row in zip(*items, strict=True)]
    found = single(rows)
    for figure in [*found.figures, *(f for one in found.labels for f in one.figures)]:
        assert figure.reason if figure.value is None else math.isfinite(figure.value)
    for one in found.pairs:
        x, y = ([rows[int(name[1:])][i] for i in range(len(items))] for name in (one.first, one.second))
        both = [(p, q) for p, q in zip(x, y, strict=True) if None not in (p, q)]
        told = figures(one.figures)[nominal.COHEN]
        if told.value is not None:
            assert told.value == pytest.approx(cohen_kappa_score(*zip(*both, strict=True)))


@settings(max_examples=15, deadline=None)
@trying(ANSWERS)
def test_values_of_libraries_are_those_that_intervals_are_drawn_with(items):
    found = by_items([list(row) for row in zip(*items, strict=True)])
    arranged = agreement.arrange(found, codebook("a", "b", "c", multiple=False), DOCUMENT)
    answers, _ = nominal.items_of(arranged).sets()
    by_library = nominal.alpha(answers, name="x", undefined="y", bootstrap=FEW)
    by_sums = nominal.alpha(
        answers, name="x", undefined="y", bootstrap=FEW, distance=1 - np.eye(answers.values)
    )
    assert by_library.value == (None if by_sums.value is None else pytest.approx(by_sums.value))
    assert (by_library.low, by_library.high) == (by_sums.low, by_sums.high)


@settings(max_examples=12, deadline=None)
@trying(
    ANSWERS, st.permutations([0, 1, 2]), st.permutations(["a", "b", "c"]), st.randoms(use_true_random=False)
)
def test_who_and_what_is_called_how_changes_nothing(items, people, names, random):
    renamed = dict(zip("abc", names, strict=True)) | {"": "", None: None}
    other = [[renamed[row[p]] for p in people] for row in items]
    random.shuffle(other)
    before, after = (single([list(row) for row in zip(*these, strict=True)]) for these in (items, other))
    for name, value in values(before.figures).items():
        assert values(after.figures)[name] == (None if value is None else pytest.approx(value)), name


@settings(max_examples=12, deadline=None)
@trying(st.lists(st.tuples(PLACES, st.sampled_from("xy")), min_size=1, max_size=6), st.integers(2, 4))
def test_perfect_agreement_on_spans_is_one(marks, people):
    labels = [given(f"a{n}", "d0", label, place) for n in range(people) for place, label in marks]
    found = measure(study(labels, [text("d0")]), codebook("x", "y"), SPAN, bootstrap=FEW)
    assert all(value == pytest.approx(1) for value in values(found.figures).values())
    assert all(f.value == pytest.approx(1) for pair in found.pairs for f in pair.figures)
    assert found.confused == ()


@settings(max_examples=12, deadline=None)
@trying(st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=2, max_size=8), st.integers(2, 4))
def test_perfect_agreement_on_items_is_one_or_has_no_variation(row, people):
    for figure in single([row] * people).figures:
        if figure.value is None:
            assert figure.reason in {nominal.NO_VARIATION, nominal.NO_LABEL}
        else:
            assert figure.value == pytest.approx(1)


SPANNED = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bo", "cy"]), st.sampled_from(["d0", "d1"]), st.sampled_from("xy"), PLACES
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=12, deadline=None)
@trying(SPANNED, st.randoms(use_true_random=False))
def test_spans_in_another_order_by_renamed_people_agree_alike(marks, random):
    def look(marks, names, labels):
        by = [given(names[who], document, labels[label], place) for who, document, label, place in marks]
        return measure(
            study(by, [text("d0"), text("d1", language="uk")]), codebook("x", "y"), SPAN, bootstrap=FEW
        )

    before = look(marks, {"ada": "ada", "bo": "bo", "cy": "cy"}, {"x": "x", "y": "y"})
    mixed = list(marks)
    random.shuffle(mixed)
    after = look(mixed, {"ada": "zoe", "bo": "yan", "cy": "xi"}, {"x": "y", "y": "x"})
    for one, other in zip(before.figures, after.figures, strict=True):
        assert other.value == (None if one.value is None else pytest.approx(one.value)), one.name
    assert sorted(c.count for c in before.confused) == sorted(c.count for c in after.confused)


# ---- what counts as "no label", and what as missing


def test_a_text_gone_through_without_a_label_says_no_label_and_one_never_opened_says_nothing():
    marks = [
        given("ada", "d0", "a", level=DOCUMENT),
        given("bo", "d0", "a", level=DOCUMENT),
        given("ada", "d1", "a", level=DOCUMENT),
    ]
    texts = [text("d0"), text("d1")]
    missing = measure(study(marks, texts), codebook("a"), DOCUMENT, bootstrap=FEW)
    looked = measure(study(marks, texts, went_through("bo", "d1")), codebook("a"), DOCUMENT, bootstrap=FEW)
    assert values(missing.figures)[nominal.F1] == 1
    assert values(looked.figures)[nominal.F1] == pytest.approx(2 / 3)
    assert (missing.shared_documents, looked.shared_documents) == (1, 2)


def test_sentences_without_any_label_are_items_too():
    sentences = [(0, 10), (10, 20), (20, 30), (30, 40)]
    marks = [given(who, "d0", "a", (0, 10), level=SENTENCE) for who in ("ada", "bo")]
    marks += [given("ada", "d0", "a", (10, 20), level=SENTENCE)]
    found = measure(study(marks, [text("d0", sentences=sentences)]), codebook("a"), SENTENCE, bootstrap=FEW)
    expected = cohen_kappa_score([1, 1, 0, 0], [1, 0, 0, 0])
    assert values(found.labels[0].figures)[nominal.COHEN] == pytest.approx(expected)


def test_a_labelled_place_that_is_no_sentence_is_not_dropped():
    marks = [given(who, "d0", "a", (3, 17), level=SENTENCE) for who in ("ada", "bo")]
    found = measure(
        study(marks, [text("d0", sentences=[(0, 10), (10, 20)])]), codebook("a"), SENTENCE, bootstrap=FEW
    )
    assert figures(found.figures)[nominal.ALPHA].n == 3
    assert found.headline.value == pytest.approx(1)


def test_a_document_is_one_item_however_its_place_is_written():
    marks = [
        given("ada", "d0", "a", (0, 0), level=DOCUMENT),
        given("bo", "d0", "a", (0, 100), level=DOCUMENT),
    ]
    found = measure(study(marks, [text("d0")]), codebook("a"), DOCUMENT, bootstrap=FEW)
    assert values(found.figures)[nominal.F1] == 1


def test_gold_suggestions_and_other_codebooks_are_left_out():
    marks = [given("ada", "d0", "x", (0, 9)), given("bo", "d0", "x", (0, 9))]
    others = [
        given("judge", "d0", "x", (0, 50), layer=Layer.GOLD),
        given("machine", "d0", "x", (0, 50), layer=Layer.SUGGESTION),
        given("bo", "d0", "x", (0, 50), codebook_id="other"),
        given("bo", "d0", "x", (0, 50), level=SENTENCE),
    ]
    found = measure(study(marks + others, [text("d0")]), codebook("x"), SPAN, bootstrap=FEW)
    assert found.annotators == ("ada", "bo")
    assert found.headline.value == pytest.approx(1)


def test_texts_that_are_gone_and_mixed_versions_are_told():
    marks = [
        given("ada", "d0", "x", (0, 9)),
        given("bo", "d0", "x", (0, 9), codebook_version="1.1"),
        given("bo", "d0", "x", (0, 9), sha256="an older text"),
    ]
    found = measure(study(marks, [text("d0")]), codebook("x"), SPAN, bootstrap=FEW)
    assert found.versions == ("1.0", "1.1")
    assert found.notes[0].startswith("1 label(s) lie on texts that are deleted")
    assert "1.0, 1.1" in found.notes[1]


def test_a_label_that_the_codebook_no_longer_has_is_compared_too():
    marks = [given(who, "d0", "bygone", (0, 9)) for who in ("ada", "bo")]
    found = measure(study(marks, [text("d0")]), codebook("x"), SPAN, bootstrap=FEW)
    assert [one.label for one in found.labels] == ["x", "bygone"]
    assert found.labels[1].figures[0].value == pytest.approx(1)


def test_each_language_is_measured_by_itself_and_can_be_chosen():
    marks = [
        given("ada", "d0", "x", (0, 9)),
        given("bo", "d0", "x", (0, 9)),
        given("ada", "d1", "x", (0, 9)),
        given("bo", "d1", "x", (50, 59)),
    ]
    both = study(marks, [text("d0"), text("d1", language="uk")])
    found = measure(both, codebook("x"), SPAN, bootstrap=FEW)
    assert [(one.language, values(one.figures)[spans.F1_EXACT]) for one in found.languages] == [
        ("en", 1),
        ("uk", 0),
    ]
    chosen = measure(both, codebook("x"), SPAN, languages=["uk"], bootstrap=FEW)
    assert values(chosen.figures) == values(found.languages[1].figures)
    assert chosen.selection == ("uk",)


# ---- confusions


def test_labels_of_overlapping_spans_are_confused():
    marks = [
        given("ada", "d0", "x", (0, 10)),
        given("bo", "d0", "y", (5, 15)),
        given("ada", "d0", "y", (40, 50)),
        given("bo", "d0", "x", (45, 55)),
        given("ada", "d1", "x", (0, 10)),
        given("bo", "d1", "y", (0, 10)),
        given("ada", "d1", "z", (60, 70)),
    ]
    found = measure(
        study(marks, [text("d0"), text("d1")]), codebook("x", "y", "z"), SPAN, bootstrap=FEW
    ).confused
    assert [(c.first, c.second, c.count, c.documents) for c in found] == [
        ("x", "y", 3, ("d0", "d1")),
        ("z", "", 1, ("d1",)),
    ]


def test_what_both_gave_is_not_confused_with_what_else_they_gave():
    marks = [given(who, "d0", label, (0, 10)) for who in ("ada", "bo") for label in "xy"]
    marks += [given("ada", "d0", "z", (0, 10))]
    found = measure(study(marks, [text("d0")]), codebook("x", "y", "z"), SPAN, bootstrap=FEW).confused
    assert [(c.first, c.second, c.count) for c in found] == [("z", "", 1)]


def test_labels_of_one_item_are_confused():
    rows = [[{"a"}, {"a"}, {"b"}, {"a"}], [{"b"}, {"b"}, {"a"}, set()]]
    found = measure(by_items(rows), codebook("a", "b"), DOCUMENT, bootstrap=FEW).confused
    assert [(c.first, c.second, c.count) for c in found] == [("a", "b", 3), ("a", "", 1)]


# ---- undefined values


def test_nothing_labelled():
    for level in (DOCUMENT, SENTENCE, SPAN):
        found = measure(study([], [text("d0")]), codebook("x"), level, bootstrap=FEW)
        assert {f.value for f in found.figures} == {None}
        assert {f.reason for f in found.figures} == {nominal.NOBODY}


def test_one_annotator_only():
    for level in (DOCUMENT, SENTENCE, SPAN):
        place = (0, 0) if level is DOCUMENT else (0, 9)
        found = measure(
            study([given("ada", "d0", "x", place, level=level)], [text("d0")]),
            codebook("x"),
            level,
            bootstrap=FEW,
        )
        every = [*found.figures, *found.labels[0].figures]
        assert {(f.value, f.reason) for f in every} == {(None, nominal.ONLY_ONE)}


def test_a_label_that_nobody_used():
    for level in (DOCUMENT, SPAN):
        place = (0, 0) if level is DOCUMENT else (0, 9)
        marks = [given(who, "d0", "x", place, level=level) for who in ("ada", "bo")]
        marks += [given("ada", "d1", "y", place, level=level)]
        found = measure(study(marks, [text("d0"), text("d1")]), codebook("x", "y", "z"), level, bootstrap=FEW)
        reasons = {one.label: {f.reason for f in one.figures} for one in found.labels}
        assert reasons["z"] == {nominal.UNUSED}
        assert reasons["y"] == {nominal.UNUSED_TOGETHER}


def test_no_variation():
    found = single([["a", "a"], ["a", "a"]])
    assert figures(found.figures)[nominal.ALPHA].reason == nominal.NO_VARIATION
    assert figures(found.figures)[nominal.COHEN].reason == nominal.NO_VARIATION
    whole = measure(spanned({"a": [(0, 300)], "b": [(0, 300)]}), codebook("x"), SPAN, bootstrap=FEW)
    assert whole.headline.reason == nominal.NO_VARIATION


def test_two_who_never_met():
    marks = [
        given(who, document, "x", (0, 9)) for who, document in (("ada", "d0"), ("bo", "d0"), ("cy", "d1"))
    ]
    found = measure(study(marks, [text("d0"), text("d1")]), codebook("x"), SPAN, bootstrap=FEW)
    reasons = {(p.first, p.second): p.figures[0].reason for p in found.pairs}
    assert reasons["ada", "cy"] == "these two labelled no text in common"
    assert found.pairs[0].figures[0].value == pytest.approx(1)


def test_fleiss_kappa_tells_what_it_leaves_out():
    rows = [["a", "b", "a"], ["a", "b", "b"], [None, None, "a"]]
    kappa = figures(single(rows).figures)[nominal.FLEISS]
    assert kappa.n == 2
    assert kappa.remark == "over the items with 2 annotators; 1 with another number are left out"


# ---- intervals


def test_one_document_has_no_interval():
    found = measure(spanned(ABC), codebook("x"), SPAN, bootstrap=FEW).headline
    assert found.value is not None
    assert (found.low, found.high) == (None, None)
    assert "only one document" in found.reason


def test_documents_are_drawn_and_not_labels():
    # The same disagreement, all in one of two documents or evenly in many: whole documents are drawn, so the first says less.
    def look(documents, each):
        marks = [
            given(
                who,
                f"d{d}",
                "x",
                (
                    20 * i + (10 if who == "bo" and (d + i) % 2 else 0),
                    20 * i + 10 * (2 if who == "bo" and (d + i) % 2 else 1),
                ),
            )
            for d in range(documents)
            for i in range(each)
            for who in ("ada", "bo")
        ]
        return figures(
            measure(
                study(marks, [text(f"d{d}", length=1000) for d in range(documents)]), codebook("x"), SPAN
            ).figures
        )[spans.F1_EXACT]

    few, many = look(3, 9), look(27, 1)
    assert few.value == pytest.approx(many.value, abs=0.05)
    assert many.high - many.low > few.high - few.low
    assert few.low <= few.value <= few.high


def test_intervals_come_out_the_same_again_and_cover_the_value():
    rows = [list("aabbabbaab"), list("aabbbbbaaa")]
    one, other = single(rows), single(rows)
    assert one == other
    assert one.headline.low <= one.headline.value <= one.headline.high


# ---- in words


@pytest.mark.parametrize(
    ("value", "low", "said"),
    [
        (0.9, 0.85, "enough to rely on."),
        (0.9, 0.7, "the interval reaches lower"),
        (0.7, 0.6, "tentative conclusions"),
        (0.3, 0.1, "too little"),
        (-0.1, -0.2, "no more agreement than chance"),
    ],
)
def test_alpha_is_said_in_words(value, low, said):
    figure = agreement.Figure(name=nominal.ALPHA, value=value, low=low, high=0.95, n=9, documents=3)
    assert said in in_words(figure)
    assert "with 95% confidence it lies between" in in_words(figure)
    assert "custom" not in in_words(replace(figure, name=nominal.F1))


def test_undefined_is_said_in_words():
    figure = agreement.Figure(name=nominal.ALPHA, value=None, n=0, documents=0, reason=nominal.ONLY_ONE)
    assert in_words(figure) == "Krippendorff's alpha cannot be computed: only one annotator labelled these."
    assert agreement.shown(figure) == "–"
