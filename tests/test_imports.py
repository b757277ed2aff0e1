"""Exported files taken in again: everything comes back as it was, and what does not fit is told."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from exchange_records import CELLS, written
from factories import WHEN, document
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from verifier import pipeline
from verifier.config import VerdictSettings
from verifier.domain import (
    Acquisition,
    AnnotationOp,
    Claim,
    Evidence,
    Filters,
    Hit,
    Layer,
    Level,
    OpKind,
    RunInfo,
    Span,
    Stance,
    StanceJudgement,
    StanceScores,
    Verification,
)
from verifier.errors import ExchangeError
from verifier.exchange import DOCUMENTS, FORMATS, LABELS, PAIRS
from verifier.segment import segment
from verifier.store import open_store
from verifier.verdict import column, decide

KINDS = ("documents", "labels", "pairs")
TEXTS = (
    "The dam holds. Nobody was hurt.",
    "The dam holds. Two people were hurt 🌊. The mayor said so.",
    "Гребля стоїть.\r\nНіхто не постраждав. «Все гаразд», — каже мер.",
)
RULES = VerdictSettings()


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Registries loaded once; a test sets the store."""
    from verifier.config import load_settings

    settings = load_settings(environ={}, overrides={"home": str(tmp_path_factory.mktemp("home"))})
    return pipeline.Services(settings, store=open_store("sqlite://"))


@pytest.fixture
def stores():
    with open_store("sqlite://") as first, open_store("sqlite://") as second:
        yield first, second


def exported(services, store, kind, ending="csv", **choice):
    services.store = store
    return pipeline.export(services, kind, jsonl=ending == "jsonl", **choice)


def imported(services, store, folder, text, ending="csv"):
    """Import a text under a name that tells nothing."""
    path = Path(folder) / f"some file.{ending}"
    path.write_bytes(text.encode())
    services.store = store
    return pipeline.import_file(services, path)


def checked(store, number, document_ids, *, claim="The dam holds", when=WHEN, scores=(0.7, 0.2, 0.1)):
    """Store a check of a claim that showed the first sentence of each document."""
    evidence = []
    for rank, document_id in enumerate(document_ids):
        sentence = store.sentences(document_id)[0]
        probabilities = StanceScores(supports=scores[0], refutes=scores[1], neutral=scores[2])
        evidence.append(
            Evidence(
                sentence=sentence,
                document=store.document(document_id),
                hit=Hit(sentence_id=sentence.sentence_id, score=0.9 / (rank + 1)),
                scores=probabilities,
                stance=column(probabilities, RULES),
            )
        )
    run = RunInfo(
        run_id=f"r{number}",
        encoder="e",
        encoder_precision="float32",
        stance_model="small@1",
        index_name="default",
        corpus_digest="0",
        settings_digest="0",
        software_version="1",
        started_at=when,
    )
    store.save_verification(
        Verification(
            verification_id=f"v{number}",
            claim=Claim(claim_id=f"c{number}", text=claim, language="en", claimed_by="Harbour Daily"),
            filters=Filters(languages=("en",)),
            decision=decide(evidence, RULES),
            evidence=tuple(evidence),
            run=run,
            created_at=when,
        )
    )
    return evidence


def judged(store, number, sentence_id, name="ada", stance=Stance.REFUTES, when=WHEN, identity=""):
    store.add_judgement(
        StanceJudgement(
            judgement_id=identity or f"{number}-{sentence_id}-{name}-{when}",
            verification_id=f"v{number}",
            sentence_id=sentence_id,
            stance=stance,
            annotator_id=name,
            created_at=when,
        )
    )


def labelled(store, number, document_id="d0", **more):
    values = {
        "op_id": f"o{number}",
        "kind": OpKind.ADD,
        "annotation_id": f"a{number}",
        "document_id": document_id,
        "level": Level.DOCUMENT,
        "codebook_id": "wording",
        "codebook_version": "1.0",
        "label": "loaded",
        "annotator_id": "ada",
        "created_at": WHEN,
    }
    store.commit_ops([AnnotationOp(**{**values, **more})])


@pytest.fixture
def filled(stores):
    """A store with two documents, one of them in two versions, labels, and a check of each kind."""
    first, _ = stores
    first.add_document(document(TEXTS[0], document_id="d0", title="=1+1", licence="CC0"), segment)
    first.add_document(
        document(TEXTS[2], document_id="d1", outlet="'Зоря", language="uk", published_at=None), segment
    )
    checked(first, 1, ["d0", "d1"])
    labelled(first, 1, note="'quoted'")
    first.add_document(document(TEXTS[1], document_id="d0", outlet="Harbour Evening"), segment)
    labelled(first, 2, level=Level.SPAN, span=Span.of(TEXTS[1], 4, 7), intensity=2)
    labelled(
        first,
        3,
        level=Level.SPAN,
        span=Span(start=4, end=7, quote="dam", text_sha256=document(TEXTS[1]).sha256),
    )
    checked(first, 0, ["d1", "d0"], claim="Nobody was hurt", when=WHEN - timedelta(days=1))
    judged(first, 1, "d0.1.0")
    judged(first, 1, "d0.1.0", "bob", Stance.NEUTRAL, WHEN + timedelta(hours=2))
    judged(first, 1, "d1.1.0", when=WHEN + timedelta(hours=1))
    return first


@pytest.mark.parametrize("pseudonyms", [True, False])
@pytest.mark.parametrize("ending", FORMATS)
def test_everything_comes_back_as_it_was(services, stores, filled, tmp_path, ending, pseudonyms):
    _, second = stores
    before = {kind: exported(services, filled, kind, ending, pseudonyms=pseudonyms) for kind in KINDS}
    reports = [imported(services, second, tmp_path, before[kind], ending) for kind in KINDS]
    assert [(r.kind, r.added, r.changed, r.refused) for r in reports] == [
        ("documents", 3, 0, ()),
        ("labels", 3, 0, ()),
        ("pairs", 5, 0, ()),
    ]
    after = {kind: exported(services, second, kind, ending, pseudonyms=pseudonyms) for kind in KINDS}
    assert after["documents"] == before["documents"]
    assert after["pairs"] == before["pairs"]
    assert after["labels"] == before["labels"].replace("manual", "imported")
    again = [imported(services, second, tmp_path, before[kind], ending) for kind in KINDS]
    assert [(r.added, r.changed, r.refused) for r in again] == [(0, 0, ())] * 3
    assert {kind: exported(services, second, kind, ending, pseudonyms=pseudonyms) for kind in KINDS} == after
    own = [imported(services, filled, tmp_path, before[kind], ending) for kind in KINDS]
    assert [(r.added, r.changed, r.refused) for r in own] == [(0, 0, ())] * 3, (
        "nor does it add to where it is from"
    )


WORDS = CELLS.filter(lambda text: text.strip())
MOMENTS = st.integers(0, 10**7).map(lambda seconds: WHEN + timedelta(seconds=seconds))


@st.composite
def corpora(draw):
    """What somebody may have done to a store, as functions to apply to one."""
    steps = []
    for number in range(draw(st.integers(1, 3))):
        for text in draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3)):
            given_text = draw(st.sampled_from(["", "'", "= "])) + text
            what = document(
                given_text,
                document_id=f"d{number}",
                title=draw(CELLS),
                outlet=draw(CELLS),
                url=draw(CELLS),
                licence=draw(CELLS),
                published_at=draw(st.none() | st.dates(date(1990, 1, 1))),
                acquisition=Acquisition(source="x", raw_sha256="0" * 64, retrieved_at=draw(MOMENTS)),
            )
            steps.append(lambda store, what=what: store.add_document(what, segment))
            if draw(st.booleans()):
                name, note, when = draw(WORDS), draw(CELLS), draw(MOMENTS)
                more = {"annotator_id": name, "note": note, "created_at": when, "target": draw(CELLS)}
                more["layer"] = draw(st.sampled_from(Layer))
                done = len(steps)
                steps.append(lambda store, n=done, d=f"d{number}", more=more: labelled(store, n, d, **more))
        low = draw(st.floats(0, 0.5))
        scores, claim, when = (low, 1 - 2 * low, low), draw(WORDS), draw(MOMENTS)
        steps.append(
            lambda store, n=number, ids=[f"d{i}" for i in range(number + 1)], c=claim, w=when, s=scores: (
                checked(store, n, ids, claim=c, when=w, scores=s)
            )
        )
        for name in draw(st.lists(WORDS, max_size=2, unique=True)):
            stance, when = draw(st.none() | st.sampled_from(Stance)), draw(MOMENTS)
            steps.append(
                lambda store, n=number, name=name, stance=stance, when=when: judged(
                    store, n, store.verification(f"v{n}").evidence[0].sentence.sentence_id, name, stance, when
                )
            )
    return steps


@hypothesis_settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(steps=corpora(), ending=st.sampled_from(list(FORMATS)), pseudonyms=st.booleans())
def test_any_corpus_comes_back_as_it_was(services, steps, ending, pseudonyms):
    with (
        open_store("sqlite://") as first,
        open_store("sqlite://") as second,
        tempfile.TemporaryDirectory() as folder,
    ):
        for step in steps:
            step(first)
        before = {kind: exported(services, first, kind, "jsonl", pseudonyms=pseudonyms) for kind in KINDS}
        for kind in KINDS:
            text = exported(services, first, kind, ending, pseudonyms=pseudonyms)
            if text:
                assert imported(services, second, folder, text, ending).refused == ()
        after = {kind: exported(services, second, kind, "jsonl", pseudonyms=pseudonyms) for kind in KINDS}
        assert after == {
            **before,
            "labels": before["labels"].replace('"label_method": "manual"', '"label_method": "imported"'),
        }


def test_an_imported_check_says_what_it_does_not_know(services, stores, filled, tmp_path):
    _, second = stores
    for kind in KINDS:
        imported(services, second, tmp_path, exported(services, filled, kind))
    here, there = filled.verification("v1"), second.verification("v1")
    assert (there.run.run_id, there.run.stance_model, there.run.encoder) == ("r1", "small@1", "imported")
    assert there.claim == replace(here.claim, claimed_by="")
    assert (there.filters, there.decision) == (Filters(), here.decision)
    assert there.created_at == WHEN, "the earliest stance, where every row has one"
    assert [e.stance for e in there.evidence] == [e.stance for e in here.evidence]
    assert there.evidence[0].context_after == " Nobody was hurt."
    assert there.evidence[0].document.outlet == "Harbour Daily", "as it was when shown"


def rows(services, store, kind):
    services.store = store
    return pipeline.export_rows(services, kind, pseudonyms=False)[1]


def test_pairs_need_their_documents_and_come_in_later_whole(services, stores, filled, tmp_path):
    _, second = stores
    pairs, documents = exported(services, filled, "pairs"), rows(services, filled, "documents")
    some = [row for row in documents if row["document_id"] == "d1"]
    imported(services, second, tmp_path, written(some, DOCUMENTS))
    report = imported(services, second, tmp_path, pairs)
    assert (report.added, second.verifications()) == (0, [])
    assert sorted(r.reason for r in report.refused) == ["unknown-document"] * 3 + ["whole-check"] * 2
    assert "import the documents.csv of the same export first" in report.refused[0].message
    imported(services, second, tmp_path, written(documents, DOCUMENTS))
    assert imported(services, second, tmp_path, pairs).refused == ()
    assert exported(services, second, "pairs", pseudonyms=False) != ""
    assert len(second.verifications()) == 2


@pytest.mark.parametrize(
    ("change", "reason", "message"),
    [
        ({"quote": "The dam fell."}, "quote", "the quote 'The dam fell.' is not at [0, 14) of its text"),
        ({"start": None}, "incomplete", "column 'start' is empty"),
        ({"retrieval_score": None}, "incomplete", "column 'retrieval_score' is empty"),
        ({"p_supports": 0.9}, "malformed", "must be non-negative and sum to 1"),
        ({"human_stance": "maybe"}, "malformed", "'maybe' is no Stance"),
        ({"human_stance": ""}, "incomplete", "'human_stance' is empty"),
        ({"annotator_id": ""}, "incomplete", "column 'annotator_id' is empty"),
        ({"layer": "gold"}, "malformed", "kept in the layer 'annotator'; found 'gold'"),
        ({"created_at": "today"}, "time", "takes a time such as"),
        ({"created_at": "0001-01-01T00:00:00+05:00"}, "time", "takes a time such as"),
        ({"published_at": "1.1.2031"}, "time", "takes a date such as"),
        ({"pair_id": "v1"}, "malformed", "takes a verification's id, a colon and a sentence's id"),
    ],
)
def test_a_pair_that_does_not_fit_is_told_with_its_line(
    services, stores, filled, tmp_path, change, reason, message
):
    _, second = stores
    imported(services, second, tmp_path, exported(services, filled, "documents"))
    first, *_ = [row for row in rows(services, filled, "pairs") if row["pair_id"] == "v1:d0.1.0"]
    report = imported(services, second, tmp_path, written([{**first, **change}], PAIRS))
    assert [(r.reason, message in r.message) for r in report.refused] == [(reason, True)]
    assert report.refused[0].message.startswith("some file.csv, line 2: ")
    assert (report.added, second.verifications()) == (0, [])


def test_rows_of_one_check_must_agree(services, stores, filled, tmp_path):
    _, second = stores
    imported(services, second, tmp_path, exported(services, filled, "documents"))
    pairs = [row for row in rows(services, filled, "pairs") if row["pair_id"].startswith("v1:")]
    for column_, value, what in [
        ("claim", "Other", "same verification"),
        ("retrieval_score", 0.1, "same pair"),
    ]:
        changed = [pairs[0], {**pairs[1], column_: value}, *pairs[2:]]
        report = imported(services, second, tmp_path, written(changed, PAIRS))
        assert {r.reason for r in report.refused} == {"differs", "whole-check"}
        assert any(what in r.message and column_ in r.message for r in report.refused)
    imported(services, second, tmp_path, written(pairs, PAIRS))
    report = imported(
        services,
        second,
        tmp_path,
        written([{**pairs[0], "quote": "x"}, {**pairs[0], "pair_id": "v1:z.1.0"}], PAIRS),
    )
    assert [r.reason for r in report.refused] == ["differs", "differs"]


def test_a_line_that_is_no_row_stops_an_import_of_pairs(services, stores, filled, tmp_path):
    text = exported(services, filled, "pairs").replace(",r1,", ",r1,,", 1)
    with pytest.raises(ExchangeError, match=r"expected 25 cells, found 26\. Correct it and try again"):
        imported(services, stores[1], tmp_path, text)
    assert stores[1].verifications() == []


def test_a_persons_later_stance_counts_and_an_older_one_does_not(services, stores, filled, tmp_path):
    (row,) = [
        r
        for r in rows(services, filled, "pairs")
        if (r["pair_id"], r["annotator_id"]) == ("v1:d0.1.0", "ada")
    ]
    later = {**row, "human_stance": "supports", "created_at": "2031-05-05T12:00:00Z"}
    assert imported(services, filled, tmp_path, written([later], PAIRS)).changed == 1
    report = imported(services, filled, tmp_path, written([row], PAIRS))
    assert (report.changed, report.refused[0].reason) == (0, "older")
    judged(filled, 1, "d0.1.0", stance=None, when=WHEN + timedelta(days=9))
    report = imported(services, filled, tmp_path, written([later], PAIRS))
    assert "was withdrawn here since" in report.refused[0].message
    assert imported(services, filled, tmp_path, written([{**row, "annotator_id": "eve"}], PAIRS)).added == 1
    twice = [
        {**row, "annotator_id": "zoe"},
        {**later, "annotator_id": "zoe", "created_at": row["created_at"]},
    ]
    report = imported(services, filled, tmp_path, written(twice, PAIRS))
    assert (report.added, [r.reason for r in report.refused]) == (1, ["older"])


# ---- documents


@pytest.mark.parametrize(
    ("change", "reason", "message"),
    [
        ({"text": "The dam fell."}, "digest", "it was changed after the export"),
        ({"document_sha256": "0" * 64}, "digest", "but document_sha256 says 000000000000"),
        ({"text": " "}, "incomplete", "column 'text' is empty"),
        ({"document_id": "../d0"}, "malformed", "found '../d0'"),
        ({"retrieved_at": "2031-05-04"}, "time", "needs a time zone"),
        ({"published_at": "May"}, "time", "takes a date such as 2031-05-04; found 'May'"),
    ],
)
def test_a_document_that_does_not_fit_is_told_and_the_rest_goes_in(
    services, stores, filled, tmp_path, change, reason, message
):
    _, second = stores
    bad, *good = rows(services, filled, "documents")
    report = imported(services, second, tmp_path, written([{**bad, **change}, *good], DOCUMENTS))
    assert (report.added, [r.reason for r in report.refused]) == (2, [reason])
    assert message in report.refused[0].message
    assert report.refused[0].message.startswith("some file.csv, line 2: ")


def test_a_stored_version_is_kept_where_a_row_says_otherwise(services, stores, filled, tmp_path):
    changed = [{**row, "outlet": "Other"} for row in rows(services, filled, "documents")[:1]]
    before = filled.documents(include_superseded=True)
    report = imported(services, filled, tmp_path, written(changed, DOCUMENTS))
    assert (report.added, report.refused[0].reason) == (0, "differs")
    assert "something else in outlet; what is stored was kept" in report.refused[0].message
    assert filled.documents(include_superseded=True) == before


def test_an_older_file_does_not_supersede_and_the_deleted_stay_deleted(services, stores, filled, tmp_path):
    first_version = rows(services, filled, "documents")[:1]
    imported(services, filled, tmp_path, written(first_version, DOCUMENTS))
    assert filled.document("d0").version == 2
    filled.delete_documents(["d0"], WHEN)
    assert imported(services, filled, tmp_path, written(first_version, DOCUMENTS)).added == 0
    assert filled.document("d0").deleted_at == WHEN


def test_a_text_that_came_back_comes_back(services, stores, tmp_path):
    first, _ = stores
    for number, text in enumerate((TEXTS[0], TEXTS[1], TEXTS[0])):
        first.add_document(document(text, document_id="d0"), segment)
        labelled(first, number)
    told = rows(services, first, "documents")
    assert [row["text"] for row in told] == [TEXTS[1], TEXTS[0]], "a text is told once, where it stood last"
    for text, added in [(written(told, DOCUMENTS), 2), (written([told[1], *told], DOCUMENTS), 3)]:
        with open_store("sqlite://") as third:
            assert [imported(services, third, tmp_path, text).added for _ in range(2)] == [added, 0]
            assert third.document("d0").text == TEXTS[0]
    assert imported(services, first, tmp_path, written(told, DOCUMENTS)).added == 0


def test_values_without_a_place_are_mentioned(services, stores, filled, tmp_path):
    changed = [{**row, "split": "train"} for row in rows(services, filled, "documents")]
    report = imported(services, stores[1], tmp_path, written(changed, DOCUMENTS))
    assert (report.added, [r.reason for r in report.refused]) == (3, ["columns-not-kept"])


# ---- labels


def test_labels_that_were_withdrawn_stay_so_unless_the_row_is_newer(services, stores, filled, tmp_path):
    text = exported(services, filled, "labels", pseudonyms=False)
    gone = {"kind": OpKind.WITHDRAW, "annotation_id": "a1", "created_at": WHEN + timedelta(days=1)}
    labelled(filled, 9, **gone)
    report = imported(services, filled, tmp_path, text)
    assert (report.added, [r.reason for r in report.refused]) == (0, ["withdrawn"])
    labelled(filled, 10, annotation_id="x1", annotator_id="bob")
    text = exported(services, filled, "labels", pseudonyms=False).replace(",x1,", ",a1,")
    report = imported(services, filled, tmp_path, text)
    assert (report.added, [r.reason for r in report.refused]) == (0, ["owner"]), "it was somebody else's"
    newer = (
        text.replace(",a1,", ",x1,")
        .replace("2031-05-04T12:00:00Z", "2031-05-09T12:00:00Z")
        .replace(",x1,", ",a1,")
    )
    newer = newer.replace(",bob,", ",ada,")
    assert imported(services, filled, tmp_path, newer).added == 1
    assert filled.verify_annotations() == []


def test_a_label_id_of_another_document_is_one_row_refused(services, stores, filled, tmp_path):
    labelled(filled, 10, "d1", annotation_id="x1")
    (row,) = [row for row in rows(services, filled, "labels") if row["label_id"] == "x1"]
    report = imported(services, filled, tmp_path, written([{**row, "label_id": "a1"}], LABELS))
    assert (report.added, [r.reason for r in report.refused]) == (0, ["other-document"])


# ---- files


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.xlsx", "", r"read from \.csv or \.jsonl files; found 'a\.xlsx'"),
        ("a.csv", "", "found no columns at all"),
        ("a.csv", "name,price\r\n", "found name, price"),
        ("a.csv", "title;text;url\r\n", "separated by semicolons"),
        ("a.csv", "title,text\r\n", "missing schema_version"),
        ("a.jsonl", "{", "is no row of a .jsonl file"),
        ("a.jsonl", "", "no columns at all"),
        ("a.jsonl", "[1]", "no columns at all"),
    ],
)
def test_a_file_of_another_kind_is_explained(services, tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ExchangeError, match=message):
        pipeline.import_file(services, path)


def test_a_file_that_is_not_there_or_not_utf8(services, tmp_path):
    with pytest.raises(ExchangeError, match="cannot be read: No such file"):
        pipeline.import_file(services, tmp_path / "labels.csv")
    (tmp_path / "labels.csv").write_bytes(json.dumps("їжак", ensure_ascii=False).encode("cp1251"))
    with pytest.raises(ExchangeError, match="in UTF-8"):
        pipeline.import_file(services, tmp_path / "labels.csv")
