"""From a claim to ranked statements: fusion, floor, filters, and near-identical statements folded."""

from datetime import UTC, datetime

import numpy as np
import pytest
from fakes import HashingEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.config import IndexSettings, RetrieveSettings
from verifier.domain import Acquisition, Document, Hit, Sentence
from verifier.errors import ConfigError
from verifier.index import create_index
from verifier.lexical import LexicalIndex
from verifier.retrieve import Retriever, _Wording, embed_passages, passage_text, rerank

STATEMENTS = {
    "a": "The talks in Lindhaven lasted almost six hours.",
    "b": "The talks in Lindhaven lasted less than an hour.",
    "c": "Переговори в Ліндгафені тривали майже шість годин.",
    "d": "Bakers in the old town complain about the price of flour.",
    "e": "The minister left for Lindhaven at 4:40 in the morning.",
    "f": "Zebras graze beyond the river Selna in spring.",
}
OPEN = RetrieveSettings(min_similarity=-1.0)


def a_retriever(statements, options=OPEN, *, lexical=True, texts=None):
    encoder = HashingEncoder()
    index = create_index(IndexSettings(), dimension=encoder.dimension, expected=len(statements))
    index.add(list(statements), encoder.encode(list(statements.values()), role="passage"))
    words = LexicalIndex.build((name, text, "en") for name, text in statements.items()) if lexical else None

    def lookup(ids):
        known = statements if texts is None else texts
        return {name: known[name] for name in ids if name in known}

    return Retriever(encoder, index, words, options, lookup)


@pytest.fixture(scope="module")
def retriever():
    return a_retriever(STATEMENTS)


def ids(hits):
    return [hit.sentence_id for hit in hits]


def test_the_nearest_statement_comes_first(retriever):
    assert ids(retriever.find("Talks in Lindhaven lasted six hours", language="en", k=2))[0] == "a"
    assert ids(retriever.find("переговори у Ліндгафені тривали шість годин", language="uk", k=1)) == ["c"]


def test_hits_carry_both_scores(retriever):
    best = retriever.find("Talks in Lindhaven lasted six hours", language="en", k=1)[0]
    assert 0 < best.dense_score <= 1
    assert best.lexical_score > 0
    assert best.duplicates == ()


@settings(deadline=None, max_examples=60)
@given(
    text=st.text(max_size=40) | st.sampled_from(list(STATEMENTS.values())),
    k=st.integers(0, 8),
    allow=st.none() | st.sets(st.sampled_from("abcdefz")),
    exclude=st.sets(st.sampled_from("abcdefz")),
)
def test_hits_are_few_sorted_different_and_allowed(retriever, text, k, allow, exclude):
    hits = retriever.find(text, language="en", k=k, allowed=allow, excluded=exclude)
    assert len(hits) <= k
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    every = [name for hit in hits for name in (hit.sentence_id, *hit.duplicates)]
    assert len(set(every)) == len(every)
    assert set(every) <= set(STATEMENTS) - exclude
    assert allow is None or set(every) <= allow
    assert hits == retriever.find(text, language="en", k=k, allowed=allow, excluded=exclude)


def test_nothing_near_enough_is_nothing_found():
    strict = a_retriever(STATEMENTS, RetrieveSettings(min_similarity=0.95))
    assert strict.find("An unrelated thing entirely", language="en", k=5) == []
    assert ids(strict.find(STATEMENTS["d"], language="en", k=5)) == ["d"]


def test_shared_words_alone_do_not_pass_the_floor():
    # "Selna" is a word of f alone, but the sentences are far apart.
    floor = 0.5
    strict = a_retriever(STATEMENTS, RetrieveSettings(min_similarity=floor, lexical_weight=0.9))
    claim = "Parliament asked whether Selna water tariffs might double next year"
    assert strict._lexical.search(claim, "en", 3)
    assert "f" not in ids(strict.find(claim, language="en", k=5))


def test_every_hit_has_its_cosine_even_if_only_words_found_it(monkeypatch):
    monkeypatch.setattr("verifier.retrieve._MIN_POOL", 1)
    monkeypatch.setattr("verifier.retrieve._POOL_PER_HIT", 1)
    hits = a_retriever(STATEMENTS, RetrieveSettings(min_similarity=-1.0, lexical_weight=0.6)).find(
        "Zebras and the talks in Lindhaven", language="en", k=2
    )
    assert len(hits) == 2
    assert all(hit.dense_score is not None for hit in hits)


def test_the_weight_of_words_decides_between_the_legs():
    statements = {
        "words": "Zebras of Selna: 4:40",
        "shape": "The zebrafish and the selnatic graze beyond reason",
    }
    claim = "zebras Selna 4:40 graze beyond reason the zebrafish selnatic"
    by_words = a_retriever(statements, RetrieveSettings(min_similarity=-1.0, lexical_weight=1.0))
    by_vectors = a_retriever(statements, RetrieveSettings(min_similarity=-1.0, lexical_weight=0.0))
    assert [hit.lexical_score for hit in by_vectors.find(claim, language="en", k=2)] == [None, None]
    best = by_words.find(claim, language="en", k=2)[0]
    assert best.lexical_score == max(score for _, score in by_words._lexical.search(claim, "en", 2))


def test_it_works_without_a_lexical_index():
    hits = a_retriever(STATEMENTS, lexical=False).find(STATEMENTS["e"], language="en", k=3)
    assert ids(hits)[0] == "e"
    assert all(hit.lexical_score is None for hit in hits)


def test_a_statement_whose_text_is_gone_is_left_out():
    retriever = a_retriever(
        STATEMENTS, texts={name: text for name, text in STATEMENTS.items() if name != "a"}
    )
    assert "a" not in ids(retriever.find(STATEMENTS["a"], language="en", k=6))


def test_an_empty_index_and_an_empty_claim_give_nothing(retriever):
    assert a_retriever({}).find("a dam", language="en", k=3) == []
    assert retriever.find("  ", language="en", k=3) == []
    assert retriever.find("a dam", language="en", k=0) == []


WIRE = "The grain terminal in Port Evring was closed on Monday after an explosion, the harbour master said"


@pytest.mark.parametrize(
    "other",
    [
        f"{WIRE}.",
        WIRE.upper(),
        f"«{WIRE}».",
        f"{WIRE} on the phone.",
        WIRE.replace("grain terminal", "large grain terminal"),
        WIRE.replace("on Monday", "Monday"),
        f"PORT EVRING, Nov. 3 (Meridian) — {WIRE}.",
    ],
)
def test_a_reprint_is_shown_once(other):
    assert _Wording(WIRE).repeats(_Wording(other), 0.99)
    assert _Wording(other).repeats(_Wording(WIRE), 0.99)


@pytest.mark.parametrize(
    "other",
    [
        WIRE.replace("was closed", "was not closed"),
        WIRE.replace("Monday", "Tuesday"),
        WIRE.replace("closed", "opened"),
        WIRE.replace("an explosion", "12 explosions"),
        f"{WIRE} 12 days later.",
        WIRE.replace("after an", "before an"),
        f"{WIRE}, which the port denied.",
        f"{WIRE} in the middle of a strike of dockers who demand more pay and shorter shifts.",
    ],
)
def test_a_statement_that_says_something_else_is_its_own(other):
    assert not _Wording(WIRE).repeats(_Wording(other), 0.999)


def test_a_reprint_far_away_in_meaning_is_its_own():
    assert not _Wording(WIRE).repeats(_Wording(f"{WIRE} on the phone."), 0.5)


@pytest.mark.parametrize("negated", ["Термінал у порту не закрили", "Терминал в порту не закрыли"])
def test_a_negation_is_never_folded_away(negated):
    assert not _Wording(negated.replace("не ", "")).repeats(_Wording(negated), 1.0)


def test_reprints_go_behind_the_best_of_them_in_order():
    statements = {**STATEMENTS, "w2": WIRE, "w1": f"{WIRE}.", "w3": f"{WIRE}!"}
    hits = a_retriever(statements).find(WIRE, language="en", k=9)
    assert ids(hits)[0] == "w2"  # the very words of the claim
    assert sorted(hits[0].duplicates) == ["w1", "w3"]
    assert len(hits) == len(STATEMENTS) + 1


def a_document(title="Talks end"):
    return Document(
        document_id="d",
        text="First came lunch. Then they talked.",
        title=title,
        acquisition=Acquisition(
            source="d.txt", raw_sha256="0" * 64, retrieved_at=datetime(2031, 5, 4, 12, tzinfo=UTC)
        ),
    )


def a_sentence(ordinal, start, end):
    document = a_document()
    return Sentence(
        sentence_id=f"d.1.{ordinal}",
        document_id="d",
        version=1,
        ordinal=ordinal,
        start=start,
        end=end,
        text=document.text[start:end],
        language="en",
    )


FIRST, SECOND = a_sentence(0, 0, 17), a_sentence(1, 18, 35)


def test_context_is_put_before_the_sentence():
    assert passage_text(SECOND, a_document(), "none", FIRST) == "Then they talked."
    assert passage_text(SECOND, a_document(), "title", FIRST) == "Talks end. Then they talked."
    assert passage_text(SECOND, a_document(), "previous", FIRST) == "First came lunch. Then they talked."


def test_a_sentence_without_context_stands_alone():
    assert passage_text(FIRST, a_document(), "previous", None) == FIRST.text
    assert passage_text(FIRST, a_document(title=""), "title", None) == FIRST.text
    assert passage_text(FIRST, a_document(title=FIRST.text), "title", None) == FIRST.text
    assert passage_text(FIRST, a_document(title="Why?"), "title", None) == "Why? First came lunch."


def test_an_unknown_context_is_named():
    with pytest.raises(ConfigError, match=r"retrieve\.context.*'next'"):
        passage_text(FIRST, a_document(), "next", None)


def test_a_sentence_with_context_lies_between_its_two_vectors():
    encoder = HashingEncoder()
    texts = ["Then they talked.", "First came lunch."]
    joined = ["First came lunch. Then they talked.", "First came lunch."]
    steps = []
    rows = embed_passages(
        encoder, texts, joined, progress=lambda done, total, what: steps.append((done, total))
    )
    alone, together = encoder.encode(texts, role="passage"), encoder.encode(joined, role="passage")
    middle = alone + together
    assert np.allclose(rows, middle / np.linalg.norm(middle, axis=1, keepdims=True), atol=1e-6)
    assert np.allclose(rows[1], alone[1])
    assert steps[-1] == (3, 3)
    assert encoder.texts_encoded == 3 + 4
    assert embed_passages(encoder, [], []).shape == (0, 64)


def test_farther_statements_count_once_the_nearest_has_passed_the_floor():
    claim = STATEMENTS["d"]
    by_cosine = {
        hit.sentence_id: hit.dense_score for hit in a_retriever(STATEMENTS).find(claim, language="en", k=9)
    }
    second = sorted(by_cosine.values())[-2]
    options = RetrieveSettings(min_similarity=second * 1.5, lexical_weight=0.0)
    assert second * 1.5 < 1.0
    found = a_retriever(STATEMENTS, options).find(claim, language="en", k=9)
    assert {hit.dense_score for hit in found} == {c for c in by_cosine.values() if c >= second * 0.75}
    assert len(found) >= 2


def test_words_do_not_put_one_language_before_another():
    # Both say the same as far as the vectors know; only the English one can share words with the claim.
    class TwoAlike(HashingEncoder):
        def encode(self, texts, *, role, progress=None):
            rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
            for row, text in zip(rows, texts, strict=True):
                row[0] = 0.9 if "Zernora" in text or "Зернора" in text else 0.1
                row[1] = np.sqrt(1 - row[0] ** 2)
            return rows

    statements = {
        "same": ("en", "The harbour reported on something of Zernora"),
        "other": ("uk", "Зернора оголосила про прибуток"),
        **{f"n{n}": ("en", f"The harbour reported on something else {n}") for n in range(6)},
    }
    encoder = TwoAlike()
    index = create_index(IndexSettings(), dimension=encoder.dimension)
    index.add(list(statements), encoder.encode([text for _, text in statements.values()], role="passage"))
    words = LexicalIndex.build((name, text, language) for name, (language, text) in statements.items())
    texts = {name: text for name, (_, text) in statements.items()}
    retriever = Retriever(encoder, index, words, OPEN, lambda ids: {name: texts[name] for name in ids})
    hits = retriever.find("Zernora: harbour reported on something", language="en", k=8)
    assert set(ids(hits)[:2]) == {"same", "other"}


def _hits(*scores):
    return [Hit(sentence_id=f"s{number}", score=score) for number, score in enumerate(scores)]


def test_what_takes_a_side_moves_up():
    options = RetrieveSettings(top_k=3, rerank_weight=0.5)
    assert rerank(_hits(0.9, 0.8, 0.7), [0.0, 0.9, 0.1], options) == [1, 0, 2]


def test_without_weight_the_order_of_the_search_stays():
    assert rerank(_hits(0.9, 0.8, 0.7), [0.0, 0.9, 1.0], RetrieveSettings(rerank_weight=0.0)) == [0, 1, 2]


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=30), st.integers(1, 10), st.floats(0, 2)
)
def test_reranking_keeps_the_best_few_once_each(pairs, top_k, weight):
    options = RetrieveSettings(top_k=top_k, rerank_weight=weight)
    order = rerank(_hits(*(score for score, _ in pairs)), [more for _, more in pairs], options)
    assert len(order) == len(set(order)) == min(top_k, len(pairs))
    kept = [pairs[place][0] + weight * pairs[place][1] for place in order]
    left = [score + weight * more for place, (score, more) in enumerate(pairs) if place not in order]
    assert kept == sorted(kept, reverse=True)
    assert not left or not kept or max(left) <= min(kept)


def test_a_claim_that_leans_on_the_sentence_before_is_sought_with_it():
    retriever = a_retriever(
        {"bridge": "The harbour bridge carries trams again.", "poet": "A poet was honoured in the capital."},
        RetrieveSettings(min_similarity=-1.0, lexical_weight=0.0),
    )
    alone = retriever.find("It carries them again", language="en", k=2)
    together = retriever.find(
        "It carries them again",
        language="en",
        k=2,
        with_context="The harbour bridge was mended. It carries them again",
    )
    nearness = {hit.sentence_id: hit.dense_score for hit in alone}
    assert together[0].sentence_id == alone[0].sentence_id
    assert together[0].dense_score > nearness[together[0].sentence_id]
