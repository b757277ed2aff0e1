"""The workflows end to end, on our own texts, with stand-ins for the two models only."""

from __future__ import annotations

import csv
import io

import pytest
from fakes import HashingEncoder, KeywordStance

from verifier import pipeline
from verifier.domain import Filters, LabelMethod, Level, Span, Stance, Verdict
from verifier.errors import (
    CodebookError,
    ConfigError,
    DomainError,
    IndexMismatchError,
    IndexNotFoundError,
    StoreError,
)
from verifier.pipeline.verification import evidence_readings
from verifier.store import open_store

MANIFEST = """
- file: dam-en.txt
  language: en
  outlet: {name: Harbour Daily, domain: harbour.example, country: XA}
  published: 2031-05-03
- file: dam-uk.txt
  language: uk
  outlet: {name: Вісник порту, domain: visnyk.example, country: XB, state_controlled: true}
  published: 2031-05-04
- file: denial.txt
  language: en
  outlet: {name: Saltmarsh Post, domain: saltmarsh.example, country: XB}
  published: 2031-05-05
"""
TEXTS = {
    "dam-en.txt": "The old dam was closed for two days.\n\nEngineers found a crack in the northern wall.",
    "dam-uk.txt": "Стару греблю закрили на два дні.\n\nІнженери знайшли тріщину в північній стіні. Її вже латають.",
    "denial.txt": "The old dam was not closed for two days, the ministry said.\n\nA concert took place in the park.",
}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "articles"
    place.mkdir()
    (place / "manifest.yaml").write_text(MANIFEST, encoding="utf-8")
    for name, text in TEXTS.items():
        (place / name).write_text(text, encoding="utf-8")
    return place


@pytest.fixture
def filled(services, folder):
    pipeline.ingest(services, [folder])
    pipeline.build_index(services)
    return services


def _outlets(verification, stance):
    return {e.document.outlet for e in verification.evidence if e.stance is stance}


def test_ingesting_twice_adds_nothing(services, folder):
    first, second = pipeline.ingest(services, [folder]), pipeline.ingest(services, [folder])
    assert (first.added, first.refused) == (3, ())
    assert (second.added, second.unchanged, second.new_versions) == (0, 3, 0)


def test_a_changed_document_becomes_a_new_version(filled, folder):
    (folder / "dam-en.txt").write_text("The old dam was closed for nine days.", encoding="utf-8")
    report = pipeline.ingest(filled, [folder])
    assert (report.new_versions, report.unchanged) == (1, 2)
    pipeline.build_index(filled)
    found = pipeline.verify(filled, "The old dam was closed for nine days")
    assert "two days." not in " ".join(
        e.sentence.text for e in found.evidence if e.document.outlet == "Harbour Daily"
    )


def test_what_is_refused_is_named_and_the_rest_goes_in(services, folder):
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(b"\x00\x01\x02" * 50)
    report = pipeline.ingest(services, [folder])
    assert report.added == 3
    assert len(report.refused) == 2
    assert {r.source for r in services.store.refusals()} == {r.source for r in report.refused}


def test_a_claim_finds_both_sides(filled):
    found = pipeline.verify(filled, "The old dam was closed for two days")
    assert _outlets(found, Stance.SUPPORTS) == {"Harbour Daily"}
    assert _outlets(found, Stance.REFUTES) == {"Saltmarsh Post"}
    assert found.decision.verdict is Verdict.CONFLICTING_EVIDENCE


def test_the_sentence_comes_in_its_context(filled):
    found = pipeline.verify(filled, "The old dam was closed for two days")
    item = next(e for e in found.evidence if e.stance is Stance.SUPPORTS)
    assert "Engineers found a crack" in item.context_after
    assert item.document.text[item.sentence.start : item.sentence.end] == item.sentence.text


def test_the_outlet_that_made_the_claim_is_left_out(filled):
    found = pipeline.verify(filled, "The old dam was closed for two days", claimed_by="harbour.example")
    assert "Harbour Daily" not in {e.document.outlet for e in found.evidence}


def test_a_sentence_used_as_the_claim_leaves_out_its_outlet(filled):
    document = next(d for d in filled.store.documents() if d.outlet == "Harbour Daily")
    sentence = filled.store.sentences(document.document_id)[0]
    found = pipeline.verify(filled, sentence.text, sentence_id=sentence.sentence_id)
    assert found.evidence
    assert document.document_id not in {e.document.document_id for e in found.evidence}


def test_filters_narrow_the_evidence(filled):
    found = pipeline.verify(filled, "Стару греблю закрили на два дні", filters=Filters(languages=("uk",)))
    assert {e.sentence.language for e in found.evidence} == {"uk"}
    assert pipeline.verify(filled, "The old dam", filters=Filters(countries=("XZ",))).evidence == ()


def test_nothing_near_enough_is_said(filled):
    found = pipeline.verify(filled, "Зірки згасли")
    assert found.decision.reason_code == "nothing-found"


def test_a_verification_can_be_reopened_after_the_corpus_changed(filled):
    found = pipeline.verify(filled, "The old dam was closed for two days")
    pipeline.delete_documents(filled, [d.document_id for d in filled.store.documents()])
    assert filled.store.verification(found.verification_id) == found
    assert pipeline.verify(filled, "The old dam was closed for two days").evidence == ()


def test_the_manifest_teaches_the_registry_who_is_state_controlled(filled):
    outlet = filled.outlets.find("Вісник порту")
    assert outlet.state_controlled is True
    assert outlet.state_controlled_by
    assert filled.settings.local_outlets.is_file()


def test_without_an_index_the_error_says_what_to_do(services, folder):
    pipeline.ingest(services, [folder])
    with pytest.raises(IndexNotFoundError, match="verifier index"):
        pipeline.verify(services, "The old dam was closed")
    assert not pipeline.index_state(services).exists


def test_a_stale_index_is_refused_and_named(filled, folder):
    (folder / "more.txt").write_text("A second dam was opened in the valley on Monday.", encoding="utf-8")
    pipeline.ingest(filled, [folder])
    assert not pipeline.index_state(filled).fresh
    with pytest.raises(IndexMismatchError, match="corpus"):
        pipeline.verify(filled, "A second dam was opened")


def test_new_documents_are_added_without_encoding_the_old_ones_again(filled, folder):
    before = filled.encoder.texts_encoded
    (folder / "more.txt").write_text("A second dam was opened in the valley on Monday.", encoding="utf-8")
    pipeline.ingest(filled, [folder])
    report = pipeline.build_index(filled)
    assert (report.added, report.removed, report.rebuilt) == (1, 0, False)
    assert filled.encoder.texts_encoded == before + 1


def test_an_index_of_another_encoder_is_built_anew(settings, filled):
    other = pipeline.Services(
        settings, store=filled.store, encoder=HashingEncoder(128), stance_model=KeywordStance()
    )
    with pytest.raises(IndexMismatchError, match="encoder"):
        pipeline.verify(other, "The old dam")
    assert pipeline.build_index(other).rebuilt


@pytest.mark.parametrize(
    ("claim", "said"), [("  \n ", "empty"), ("a\0b", "characters"), ("a\ud800b", "characters")]
)
def test_a_claim_that_is_none_is_an_error(filled, claim, said):
    with pytest.raises(DomainError, match=said):
        pipeline.verify(filled, claim)
    assert filled.store.verifications() == []


def test_versions_that_carry_labels_are_exported_with_them(filled, folder):
    _label(filled)
    (folder / "dam-en.txt").write_text("The old dam was closed for nine days.", encoding="utf-8")
    pipeline.ingest(filled, [folder])
    labelled = {row["document_sha256"] for row in pipeline.export_rows(filled, "labels")[1]}
    documents = {row["document_sha256"] for row in pipeline.export_rows(filled, "documents")[1]}
    assert len(documents) == 4
    assert labelled < documents


def _label(services, **changes):
    document = next(d for d in services.store.documents() if d.outlet == "Harbour Daily")
    sentence = services.store.sentences(document.document_id)[0]
    fields = {
        "document_id": document.document_id,
        "codebook_id": "wording",
        "label_id": "euphemism",
        "annotator_id": "ada",
        "level": Level.SENTENCE,
        "span": Span.of(document.text, sentence.start, sentence.end),
    }
    return pipeline.label(services, **{**fields, **changes})


def test_labels_can_be_changed_and_withdrawn_and_the_log_keeps_all(filled):
    key = _label(filled)
    _label(filled, annotation_id=key, label_id="loaded-word", note="on reflection")
    (now,) = filled.store.annotations()
    assert (now.label, now.note, now.codebook_version) == (
        "loaded-word",
        "on reflection",
        filled.codebooks["wording"].version,
    )
    with pytest.raises(StoreError):
        pipeline.withdraw_label(filled, now, "bob")
    pipeline.withdraw_label(filled, now, "ada")
    assert filled.store.annotations() == []
    assert len(filled.store.ops(key)) == 3


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"codebook_id": "nonesuch"}, CodebookError),
        ({"label_id": "nonesuch"}, DomainError),
        ({"annotator_id": "  "}, DomainError),
        ({"document_id": "nonesuch"}, StoreError),
    ],
)
def test_bad_labels_are_refused(filled, change, error):
    with pytest.raises(error):
        _label(filled, **change)
    assert filled.store.annotations() == []


def test_labels_stay_on_deleted_documents_marked(filled):
    _label(filled, label_method=LabelMethod.SUGGESTION_ACCEPTED)
    pipeline.delete_documents(filled, [d.document_id for d in filled.store.documents()])
    (kept,) = filled.store.annotations()
    assert kept.document_deleted
    assert len(pipeline.export_rows(filled, "labels")[1]) == 1


def test_a_persons_stance_is_exported_beside_the_models(filled):
    found = pipeline.verify(filled, "The old dam was closed for two days")
    pair = found.evidence[0]
    pipeline.judge(filled, found.verification_id, pair.sentence.sentence_id, Stance.NEUTRAL, "ada")
    rows = list(csv.DictReader(io.StringIO(pipeline.export(filled, "pairs", pseudonyms=False))))
    assert len(rows) == len(found.evidence)
    (judged,) = [row for row in rows if row["human_stance"]]
    assert (judged["human_stance"], judged["annotator_id"], judged["quote"]) == (
        "neutral",
        "ada",
        pair.sentence.text,
    )
    pipeline.judge(filled, found.verification_id, pair.sentence.sentence_id, None, "ada")
    assert not any(row["human_stance"] for row in pipeline.export_rows(filled, "pairs")[1])


def test_exported_labels_come_back_in(filled, tmp_path, folder, settings):
    _label(filled, note="=1+1, “quoted”\nand a second line")
    file = tmp_path / "labels.csv"
    pipeline.write_text(file, pipeline.export(filled, "labels", pseudonyms=False))
    fresh = pipeline.Services(settings, store=open_store(f"sqlite:///{tmp_path / 'other.db'}"))
    pipeline.ingest(fresh, [folder])
    report = pipeline.import_file(fresh, file)
    assert (report.added, report.refused) == (1, ())
    (there,), (here,) = fresh.store.annotations(), filled.store.annotations()
    assert (there.span, there.label, there.note, there.annotator_id) == (
        here.span,
        here.label,
        here.note,
        "ada",
    )
    assert pipeline.import_file(fresh, file).added == 0
    fresh.close()


def test_the_demo_corpus_loads_once_with_its_simulated_labels(services):
    report = pipeline.demo(services)
    assert report.added >= 20
    assert report.refused == ()
    annotators = {a.annotator_id for a in services.store.annotations()}
    assert annotators == {"simulated-1", "simulated-2"}
    assert pipeline.demo(services).added == 0


def _read_by_the_model(services, outlet, ordinal, context):
    document = next(d for d in services.store.documents() if d.outlet == outlet)
    sentences = services.store.sentences(document.document_id)
    previous = sentences[ordinal - 1] if ordinal else None
    return evidence_readings(sentences[ordinal], document, previous, context)


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ("none", "Її вже латають."),
        ("previous", "Інженери знайшли тріщину в північній стіні. Її вже латають."),
        (
            "dated",
            "4 травня 2031 року. Інженери знайшли тріщину в північній стіні. Її вже латають.",
        ),
        (
            "titled",
            "4 травня 2031 року. Стару греблю закрили на два дні. Інженери знайшли тріщину в північній стіні. Її вже латають.",
        ),
    ],
)
def test_the_stance_model_reads_a_statement_with_its_day_and_what_stands_before(filled, context, expected):
    assert _read_by_the_model(filled, "Вісник порту", 2, context) == (expected,)


def test_a_statement_may_be_read_alone_and_in_its_surroundings(filled):
    alone, titled = _read_by_the_model(filled, "Вісник порту", 2, "none+titled")
    assert alone == "Її вже латають."
    assert titled.endswith("північній стіні. Її вже латають.")


def test_a_reading_that_repeats_another_is_read_once(filled):
    assert len(_read_by_the_model(filled, "Вісник порту", 0, "none+previous")) == 1


def test_a_title_that_is_the_sentence_before_is_read_once(filled):
    assert _read_by_the_model(filled, "Вісник порту", 1, "previous") == (
        "Інженери знайшли тріщину в північній стіні.",
    )
    (read,) = _read_by_the_model(filled, "Вісник порту", 1, "titled")
    assert read.count("Стару греблю закрили на два дні") == 1


def test_an_unknown_context_names_the_known_ones(filled):
    with pytest.raises(ConfigError, match="none, previous, dated, titled"):
        _read_by_the_model(filled, "Вісник порту", 1, "none+everything")


def test_a_statement_with_another_amount_corroborates_less(filled):
    found = pipeline.verify(filled, "The old dam was closed for nine days")
    item = next(
        e for e in found.evidence if e.document.outlet == "Harbour Daily" and "two days" in e.sentence.text
    )
    assert (item.claim_quantity, item.evidence_quantity) == ("nine days", "two days")
    assert item.amounts_agree is False
    (as_read,) = filled.stance_model.score([("The old dam was closed for nine days", item.sentence.text)])
    assert item.scores.supports < as_read.supports
    assert filled.store.verification(found.verification_id) == found
