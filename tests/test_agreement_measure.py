"""What agreement is computed from, what is confused, what is undefined and why, intervals, and figures in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from agreement_records import by_items, codebook, figures, given, study, text, values, went_through
from sklearn.metrics import cohen_kappa_score

from verifier import agreement
from verifier.agreement import Bootstrap, in_words, measure, nominal, spans
from verifier.domain import Layer, Level

FEW = Bootstrap(resamples=30)
DOCUMENT, SENTENCE, SPAN = Level.DOCUMENT, Level.SENTENCE, Level.SPAN


def _single(rows):
    """Measure rows of single answers (one row each annotator) as a codebook of one label an item."""
    labels = sorted({answer for row in rows for answer in row if answer})
    return measure(by_items(rows), codebook(*labels, multiple=False), DOCUMENT, bootstrap=FEW)


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
    found = _single([["a", "a"], ["a", "a"]])
    assert figures(found.figures)[nominal.ALPHA].reason == nominal.NO_VARIATION
    assert figures(found.figures)[nominal.COHEN].reason == nominal.NO_VARIATION
    whole = measure(
        study([given(who, "d0", "x", (0, 100)) for who in ("ada", "bo")], [text("d0")]),
        codebook("x"),
        SPAN,
        bootstrap=FEW,
    )
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
    kappa = figures(_single(rows).figures)[nominal.FLEISS]
    assert kappa.n == 2
    assert kappa.remark == "over the items with 2 annotators; 1 with another number are left out"


# ---- intervals


def test_one_document_has_no_interval():
    found = measure(
        study([given(who, "d0", "x", (0, 9)) for who in ("ada", "bo")], [text("d0")]),
        codebook("x"),
        SPAN,
        bootstrap=FEW,
    ).headline
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
    one, other = _single(rows), _single(rows)
    assert one == other
    assert one.headline.low <= one.headline.value <= one.headline.high


# ---- in words


@pytest.mark.parametrize(
    ("value", "low", "said"),
    [
        (0.9, 0.85, "enough to rely on."),
        (0.9, 0.7, "the interval reaches lower"),
        (0.7, 0.68, "enough for tentative conclusions."),
        (0.7, 0.6, "tentative conclusions, but the interval reaches lower"),
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
