from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from factories import WHEN, document
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from store_records import LATER, WORDS, add, split

from verifier.domain import (
    Acquisition,
    Filters,
    Refusal,
    Strip,
)
from verifier.errors import StoreError
from verifier.store import open_store


def test_a_document_comes_back_equal(store):
    given_document = document(
        title="Дамба — «стоїть»",
        relay=("Wire", "Ministry"),
        inferred=("language",),
        strips=(Strip(start=3, end=5, text="\n\n", rule="menu"),),
        acquisition=Acquisition(
            source="https://example.org/a",
            raw_sha256="a" * 64,
            raw_start=3,
            raw_end=99,
            retrieved_at=datetime(2031, 5, 4, 14, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2))),
            aggregator="Digest",
        ),
    )
    assert store.add_document(given_document, split) == "added"
    assert store.documents() == [given_document] == [store.document("d1")]
    assert store.document("d1").acquisition.retrieved_at.tzinfo is UTC
    assert [(s.sentence_id, s.ordinal, s.text) for s in store.sentences("d1")] == [
        ("d1.1.0", 0, "The dam holds"),
        ("d1.1.1", 1, "Nobody was hurt."),
    ]
    assert store.documents_by_sha256(given_document.sha256) == [given_document]


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=WORDS.filter(str.strip), title=WORDS, strip=WORDS, day=st.dates() | st.none())
def test_any_text_comes_back_equal(store, text, title, strip, day):
    name = os.urandom(8).hex()
    strips = (Strip(start=0, end=len(strip), text=strip, rule="r"),)
    given_document = document(text, document_id=name, title=title, published_at=day, strips=strips)
    store.add_document(given_document, ())
    assert store.document(name) == given_document


@pytest.mark.parametrize("bad", ["\0", "\ud83d"])
def test_what_postgresql_cannot_hold_is_refused_on_both(store, bad):
    for broken in (document(f"The dam{bad} holds."), document(title=f"x{bad}")):
        with pytest.raises(StoreError, match=f"U\\+{ord(bad):04X} stands at code point [17]"):
            store.add_document(broken, ())
    assert store.documents(include_deleted=True) == []


def test_a_time_without_a_zone_is_refused(store):
    add(store)
    with pytest.raises(StoreError, match="2031-05-04T12:00:00 has no time zone"):
        store.delete_documents(["d1"], WHEN.replace(tzinfo=None))


def test_the_same_text_adds_nothing_but_what_became_known(store):
    add(store, outlet="", language="und", published_at=None)
    digest = store.corpus_digest()
    assert add(store, outlet="Зоря", language="en", published_at=date(2031, 5, 1)) == "unchanged"
    assert add(store, outlet="", language="und", published_at=None) == "unchanged"
    known = store.document("d1")
    assert (known.outlet, known.language, known.published_at, known.version) == (
        "Зоря",
        "en",
        date(2031, 5, 1),
        1,
    )
    assert {s.language for s in store.sentences("d1")} == {"en"}
    assert store.corpus_digest() == digest


def test_sentences_are_sought_only_when_needed(store):
    add(store)
    assert store.add_document(document(), lambda _: pytest.fail("segmented again")) == "unchanged"


def test_a_changed_text_is_a_new_version(store):
    add(store)
    assert add(store, "The dam fell. It rained.") == "new-version"
    assert add(store, "The dam holds. Nobody was hurt.") == "new-version", "back to the first text"
    versions = store.documents(include_superseded=True)
    assert [(d.version, d.superseded) for d in versions] == [(1, True), (2, True), (3, False)]
    assert versions[0].sha256 == versions[2].sha256
    assert store.document("d1").version == 3
    assert store.document("d1", 2).text.startswith("The dam fell")
    assert [s.sentence_id for s, _ in store.current_sentences()] == ["d1.3.0", "d1.3.1"]
    assert store.sentence("d1.1.0").text == "The dam holds"
    assert store.counts().versions == 3


def test_deleted_documents_leave_the_results_and_come_back(store):
    add(store)
    add(store, "The dam fell. It rained.")
    add(store, "Elsewhere. All calm.", document_id="d2")
    before = store.corpus_digest()
    assert store.delete_documents(["d1", "d1"], LATER) == 1
    assert store.delete_documents(["d1"], LATER + timedelta(days=1)) == 0
    assert [d.document_id for d in store.documents()] == ["d2"]
    assert {d.deleted_at for d in store.documents(include_deleted=True, include_superseded=True)} == {
        None,
        LATER,
    }
    assert [s.sentence_id for s, _ in store.current_sentences()] == ["d2.1.0", "d2.1.1"]
    assert store.matching(Filters(languages=("en",)), lambda n: frozenset({n}))[0] == {"d2.1.0", "d2.1.1"}
    assert store.corpus_digest() != before
    assert store.counts().deleted == 1
    assert add(store, "The dam fell. It rained.") == "added", "ingested again"
    assert store.corpus_digest() == before
    store.delete_documents(["d1"], LATER)
    assert store.restore_documents(["d1", "d2"]) == 1
    assert store.corpus_digest() == before
    store.delete_documents(["d1"], LATER)
    assert add(store, "A third text. Truly.") == "new-version"
    assert {d.deleted_at for d in store.documents(include_superseded=True)} == {None}


def test_deleting_is_all_or_nothing(store):
    add(store, document_id="dam-report")
    with pytest.raises(StoreError, match=r"No document 'dam-rapport' is stored. Did you mean 'dam-report'\?"):
        store.delete_documents(["dam-report", "dam-rapport"], LATER)
    assert len(store.documents()) == 1


@pytest.mark.parametrize("change", [{"text": "The dam hold"}, {"start": 15, "end": 28}, {"end": 14}])
def test_sentences_must_quote_the_text(store, change):
    good = split(document())
    bad = (replace(good[0], **change), good[1])
    with pytest.raises(StoreError, match=r"Sentence \d of document 'd1' does not fit"):
        store.add_document(document(), bad)
    assert store.documents() == [], "nothing of it is kept"


def test_neighbours(store):
    add(store, "One. Two. Three. Four")

    def around(sentence_id, **more):
        return tuple([s.text for s in side] for side in store.neighbours(sentence_id, **more))

    assert around("d1.1.1") == (["One"], ["Three"])
    assert around("d1.1.0", after=2) == ([], ["Two", "Three"])
    assert around("d1.1.3", before=9, after=0) == (["One", "Two", "Three"], [])


def test_sentences_by_id_keep_the_order_and_leave_out_the_unknown(store):
    add(store, "One. Two. Three")
    assert list(store.sentences_by_id(["d1.1.2", "?", "d1.1.0", "d1.1.2"])) == ["d1.1.2", "d1.1.0"]
    many = [f"d1.1.{i}" for i in range(70_000)]
    assert len(store.sentences_by_id(many)) == 3


def test_unknown_ids_are_told_kindly(store):
    add(store)
    cases = [
        (lambda: store.document("d"), "No document 'd' is stored. Did you mean 'd1'"),
        (lambda: store.document("d1", 4), "no version 4; stored versions are 1"),
        (lambda: store.sentences("zzz"), "No document 'zzz' is stored. 1 are; the Corpus page lists them"),
        (lambda: store.sentence("d1.1.9"), "document.version.ordinal"),
        (lambda: store.verification("v9"), "No verification 'v9'"),
        (lambda: store.ops("a9"), "No annotation 'a9'"),
    ]
    for call, message in cases:
        with pytest.raises(StoreError, match=message):
            call()


@pytest.fixture
def several(store):
    add(
        store, "A", document_id="1", outlet="Зоря", country="UA", language="uk", published_at=date(2031, 5, 1)
    )
    add(store, "B", document_id="2", outlet="ZORYA", outlet_id="zorya", published_at=date(2031, 5, 2))
    add(
        store,
        "C",
        document_id="3",
        outlet="Wire",
        outlet_id="wire",
        country="GB",
        published_at=date(2031, 5, 3),
    )
    add(store, "D", document_id="4", outlet="", country="GB", published_at=None)
    return store


def _names(name):
    zorya = frozenset({"Зоря", "Zorya", "zorya"})
    return zorya if name in zorya else frozenset({name})


@pytest.mark.parametrize(
    ("filters", "allowed", "excluded"),
    [
        ({}, None, ""),
        ({"languages": ("uk",)}, "1", ""),
        ({"languages": ("uk", "en")}, "1234", ""),
        ({"countries": ("gb",)}, "34", ""),
        ({"outlets": ("Zorya",)}, "12", ""),
        ({"outlets": ("WIRE", "Nobody")}, "3", ""),
        ({"outlets": ("Nobody",)}, "", ""),
        ({"published_from": date(2031, 5, 2)}, "23", ""),
        ({"published_from": date(2031, 5, 2), "published_to": date(2031, 5, 2)}, "2", ""),
        ({"published_to": date(2031, 5, 2), "languages": ("en",)}, "2", ""),
        ({"exclude_outlets": ("zorya",)}, None, "12"),
        ({"exclude_outlets": ("zorya",), "exclude_sentences": ("4.1.0",), "countries": ("UA",)}, "1", "124"),
    ],
)
def test_matching(several, filters, allowed, excluded):
    def ids(documents):
        return {f"{number}.1.0" for number in documents}

    found = several.matching(Filters(**filters), _names)
    assert found == (None if allowed is None else ids(allowed), ids(excluded))


def test_counts(several):
    add(several, "A. And more", document_id="1", outlet="Зоря", language="uk")
    several.delete_documents(["3"], LATER)
    counts = several.counts()
    assert (counts.documents, counts.versions, counts.sentences, counts.outlets) == (3, 5, 4, 2)
    assert (counts.by_language, counts.deleted) == ({"en": 2, "uk": 1}, 1)
    assert counts.by_outlet == {"": 1, "ZORYA": 1, "Зоря": 1}


def test_the_corpus_digest_is_the_corpus(url, tmp_path):
    def digest(*documents):
        with open_store(f"sqlite:///{tmp_path / os.urandom(4).hex()}.db") as other:
            for item in documents:
                other.add_document(item, split)
            return other.corpus_digest()

    one, two = document("One. Two"), document("Three. Four", document_id="Я")
    with open_store(url) as here:
        empty = here.corpus_digest()
        here.add_document(two, split)
        here.add_document(one, split)
        assert here.corpus_digest() == digest(one, two) == digest(two, one)
        assert (
            len({empty, digest(one), digest(two), digest(one, two), digest(document("One. Twofold"), two)})
            == 5
        )
        with open_store(url) as neighbour:  # another process's change is seen
            neighbour.delete_documents(["Я"], LATER)
        assert here.corpus_digest() == digest(one)


def test_refusals_stand_once_each(store):
    def refusal(source, when=WHEN, reason="empty"):
        return Refusal(source=source, reason=reason, message=f"{source} is empty.", refused_at=when)

    store.add_refusals([refusal("a"), refusal("b", LATER), refusal("a", reason="binary")])
    store.add_refusals([refusal("a", LATER + timedelta(1))])
    assert [(r.source, r.reason) for r in store.refusals()] == [
        ("a", "empty"),
        ("b", "empty"),
        ("a", "binary"),
    ]
    assert store.forget_refusals(["a"]) == 2
    assert store.refusals() == [refusal("b", LATER)]
