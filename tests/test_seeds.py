"""The demo corpus and its gold hold what their READMEs promise."""

from __future__ import annotations

import html
import json
import re
from collections import Counter, defaultdict
from itertools import product
from pathlib import Path

import pytest
import yaml

from verifier.codebooks import load_codebooks

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
CORPUS = SEEDS / "corpus"
LANGUAGES = ("en", "uk", "ru")
STANCES = ("supports", "refutes", "neutral")
FOREIGN_LETTERS = {"en": "[а-яёіїєґ]", "uk": "[a-zыэёъ]", "ru": "[a-zіїєґ]"}
"""Letters that a sentence of the language cannot hold; Latin ones may stand in Cyrillic evidence as an outlet's name."""


def read_jsonl(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


CLAIMS = read_jsonl(SEEDS / "gold" / "claims.jsonl")
PAIRS = read_jsonl(SEEDS / "gold" / "pairs.jsonl")
LABELS = yaml.safe_load((SEEDS / "annotations" / "labels.yaml").read_text("utf-8"))
MANIFEST = yaml.safe_load((CORPUS / "manifest.yaml").read_text("utf-8"))
CLAIM_OF = {claim["claim_id"]: claim for claim in CLAIMS}


def article_text(file: str, article: str) -> str:
    """Return the text of one article as a reader would see it, page noise included."""
    raw = (CORPUS / file).read_text("utf-8")
    if file.endswith(".jsonl"):
        (text,) = [row["text"] for row in map(json.loads, raw.splitlines()) if row["title"] == article]
        return text
    if file.endswith(".html"):
        return html.unescape(re.sub(r"<[^>]+>", "", raw))
    if not article:
        return raw
    titles = {pair["article"] for pair in PAIRS if pair["file"] == file}
    body = raw[raw.rindex(article) + len(article) :]
    return body[: min((body.index(t) for t in titles if t in body), default=len(body))]


def by_language_pair(pairs: list[dict]) -> dict[tuple[str, str], Counter]:
    counts: dict[tuple[str, str], Counter] = defaultdict(Counter)
    for pair in pairs:
        counts[CLAIM_OF[pair["claim_id"]]["language"], pair["language"]][pair["stance"]] += 1
    return counts


def test_ids_are_unique_and_every_pair_has_its_claim():
    assert len(CLAIM_OF) == len(CLAIMS)
    assert len({pair["pair_id"] for pair in PAIRS}) == len(PAIRS)
    assert {pair["claim_id"] for pair in PAIRS} == {c["claim_id"] for c in CLAIMS if not c["unrelated"]}
    assert len({(pair["claim_id"], pair["file"], pair["article"], pair["quote"]) for pair in PAIRS}) == len(
        PAIRS
    )


def test_records_have_exactly_the_documented_fields():
    claim_fields = {"claim_id", "text", "language", "fact", "context", "unrelated", "half"}
    pair_fields = {"pair_id", "claim_id", "file", "article", "quote", "language", "stance", "context"}
    assert all(set(claim) == claim_fields for claim in CLAIMS)
    assert all(set(pair) == pair_fields for pair in PAIRS)
    assert {pair["stance"] for pair in PAIRS} == set(STANCES)


def test_every_quote_stands_exactly_once_in_its_article():
    quoted = {(r["file"], r["article"], r["quote"]) for r in [*PAIRS, *LABELS] if "quote" in r}
    found = {key: article_text(key[0], key[1]).count(key[2]) for key in quoted}
    assert {key: count for key, count in found.items() if count != 1} == {}


def test_every_labelled_document_is_in_the_corpus():
    assert all(article_text(label["file"], label["article"]).strip() for label in LABELS)


@pytest.mark.parametrize("languages", list(product(LANGUAGES, LANGUAGES)), ids="-".join)
def test_stances_are_balanced_in_each_language_pair(languages):
    counts = by_language_pair(PAIRS)[languages]
    total = counts.total()
    assert total >= 33
    assert all(0.25 <= counts[stance] / total <= 0.46 for stance in STANCES)


@pytest.mark.parametrize("half", ["choose", "measure"])
def test_each_half_holds_every_language_pair_and_stance(half):
    counts = by_language_pair([pair for pair in PAIRS if CLAIM_OF[pair["claim_id"]]["half"] == half])
    whole = by_language_pair(PAIRS)
    for languages in product(LANGUAGES, LANGUAGES):
        assert 0.45 <= counts[languages].total() / whole[languages].total() <= 0.55
        assert min(counts[languages][stance] for stance in STANCES) >= 5


def test_claims_about_one_fact_never_fall_into_both_halves():
    halves = defaultdict(set)
    for claim in CLAIMS:
        if not claim["unrelated"]:
            halves[claim["fact"]].add(claim["half"])
    assert "" not in halves
    assert all(len(found) == 1 for found in halves.values())


def test_enough_claims_rest_on_the_sentence_before_alone():
    per_language = Counter(claim["language"] for claim in CLAIMS if claim["context"])
    assert per_language.total() >= 30
    assert min(per_language[language] for language in LANGUAGES) >= 8


def test_context_claims_are_those_whose_evidence_all_leans_on_its_neighbour():
    takes_side = [pair for pair in PAIRS if pair["stance"] != "neutral"]
    for claim in CLAIMS:
        evidence = [pair for pair in takes_side if pair["claim_id"] == claim["claim_id"]]
        assert bool(evidence) != claim["unrelated"]
        if claim["context"]:
            assert all(pair["context"] for pair in evidence)
    assert not any(pair["context"] for pair in PAIRS if pair["stance"] == "neutral")


def test_unrelated_claims_come_in_all_languages_and_both_halves():
    unrelated = Counter((c["language"], c["half"]) for c in CLAIMS if c["unrelated"])
    assert unrelated == dict.fromkeys(product(LANGUAGES, ("choose", "measure")), 4)


def test_no_claim_is_copied_from_the_corpus():
    corpus = "\n".join(path.read_text("utf-8") for path in CORPUS.iterdir() if path.name != "manifest.yaml")
    assert [claim["text"] for claim in CLAIMS if claim["text"].rstrip(".").lower() in corpus.lower()] == []


def test_claims_are_written_in_the_language_they_name():
    wrong = [c["text"] for c in CLAIMS if re.search(FOREIGN_LETTERS[c["language"]], c["text"].lower())]
    assert wrong == []


def test_evidence_is_written_in_the_language_it_names():
    outlet_name = re.compile("Velmark Today")
    wrong = [
        pair["quote"]
        for pair in PAIRS
        if re.search(FOREIGN_LETTERS[pair["language"]], outlet_name.sub("", pair["quote"]).lower())
    ]
    assert wrong == []


def test_manifest_lists_files_that_exist_and_outlets_that_cannot_be_real():
    assert all((CORPUS / entry["file"]).is_file() for entry in MANIFEST)
    outlets = [entry["outlet"] for entry in MANIFEST]
    assert all(re.fullmatch("X[A-Z]", outlet["country"]) for outlet in outlets)
    assert all(outlet["domain"].endswith(".example") for outlet in outlets)
    assert any(outlet.get("state_controlled") for outlet in outlets)
    assert any(entry.get("aggregator") and len(entry["further_articles"]) == 3 for entry in MANIFEST)


def test_files_without_a_manifest_entry_describe_themselves():
    listed = {entry["file"] for entry in MANIFEST} | {"manifest.yaml"}
    unlisted = [path for path in CORPUS.iterdir() if path.name not in listed]
    assert {path.suffix for path in unlisted} == {".jsonl", ".txt"}
    for path in unlisted:
        text = path.read_text("utf-8")
        rows = read_jsonl(path) if path.suffix == ".jsonl" else [yaml.safe_load(text.split("---\n")[1])]
        assert all(row["outlet"] and row["language"] in LANGUAGES and row["title"] for row in rows)


def test_labels_are_known_to_the_codebooks_and_their_annotators_called_simulated():
    codebooks = load_codebooks()
    for label in LABELS:
        codebook = codebooks[label["codebook"]]
        assert codebook.label(label["label"]).label_id == label["label"]
        assert label["level"] in codebook.levels
        assert ("quote" in label) == (label["level"] == "sentence")
    assert Counter(label["annotator"] for label in LABELS).keys() == {"simulated-1", "simulated-2"}


def test_the_two_annotators_agree_often_and_disagree_in_places():
    labels: dict[tuple, dict[str, str]] = defaultdict(dict)
    for label in LABELS:
        item = (label["file"], label["article"], label.get("quote", ""), label["codebook"])
        labels[item][label["annotator"]] = label["label"]
    both = [found for found in labels.values() if len(found) == 2]
    agreed = sum(len(set(found.values())) == 1 for found in both)
    assert len(both) >= 60
    assert 0.5 < agreed / len(both) < 0.9
