"""A project moves from one database to another by its exported files."""

from __future__ import annotations

from factories import WHEN, document, evidence
from store_records import add, op, verification

from verifier import pipeline
from verifier.domain import Stance, StanceJudgement
from verifier.store import open_store


def test_a_project_moves_to_either_database(store, settings, tmp_path):
    with open_store("sqlite://") as old:
        for number in (1, 2):
            add(old, document_id=f"d{number}", title="Їжак")
        add(old, "The dam fell. Nobody was hurt.", document_id="d1")
        old.commit_ops([op(old, "o1"), op(old, "o2", annotation_id="a2", document_id="d2")])
        shown = (evidence(number=1), evidence(Stance.REFUTES, number=2))
        for name in ("v2", "v1"):
            old.save_verification(verification(name, *shown))
        given = {"verification_id": "v1", "sentence_id": "d1.1.0", "annotator_id": "ada", "created_at": WHEN}
        old.add_judgement(StanceJudgement(judgement_id="j", stance=Stance.NEUTRAL, **given))

        services = pipeline.Services(settings, store=old)
        files = {kind: pipeline.export(services, kind) for kind in ("documents", "labels", "pairs")}
        services.store = store
        for kind, text in files.items():
            (tmp_path / f"{kind}.csv").write_bytes(text.encode())
            assert pipeline.import_file(services, tmp_path / f"{kind}.csv").refused == ()
        # Compared when all are in: an older version is exported for the sake of a label or a check.
        after = {kind: pipeline.export(services, kind) for kind in files}
        assert after == {**files, "labels": files["labels"].replace(",manual,", ",imported,")}
    assert store.document("d1").text == document("The dam fell. Nobody was hurt.").text
    assert store.shown_versions() == {(d.document.document_id, d.document.sha256) for d in shown}
    assert store.withdrawn_annotations() == []
    assert store.verify_annotations() == []
