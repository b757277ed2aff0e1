"""Each coefficient against a published worked example or another implementation, and its properties."""

from __future__ import annotations

import math

import krippendorff
import numpy as np
import pytest
from agreement_records import by_items, codebook, figures, given, study, text, values, went_through
from hypothesis import given as trying
from hypothesis import settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from verifier import agreement
from verifier.agreement import Bootstrap, measure, nominal, spans
from verifier.domain import Level

FEW = Bootstrap(resamples=30)
DOCUMENT, SENTENCE, SPAN = Level.DOCUMENT, Level.SENTENCE, Level.SPAN


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
