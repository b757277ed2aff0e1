from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories import WHEN
from store_records import LATER, add, verification

from verifier.domain import (
    Stance,
    StanceJudgement,
)
from verifier.errors import StoreError
from verifier.store import open_store, schema


def test_a_verification_reads_as_it_was_shown(store):
    add(store, document_id="d1")
    saved = verification()
    store.save_verification(saved)
    store.save_verification(saved)
    add(store, "Quite another text.", document_id="d1")
    store.delete_documents(["d1"], LATER)
    assert store.verification("v1") == saved
    assert store.verifications() == [saved]
    with pytest.raises(StoreError, match="never changed"):
        store.save_verification(replace(saved, created_at=LATER))


def test_any_claim_can_be_stored(store):
    saved = replace(verification(claim="a\0b \ud83d «ї» 🙂\u2028"), evidence=())
    store.save_verification(saved)
    assert store.verification("v1") == saved


def test_documents_that_many_verifications_showed_are_kept_once(store):
    for number in range(3):
        store.save_verification(verification(f"v{number}"))
    with store._read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.snapshot)) == 2


def test_verifications_come_newest_first(store):
    for number, hours in enumerate([2, 1, 3, 3]):
        store.save_verification(verification(f"v{number}", created_at=WHEN + timedelta(hours=hours)))
    assert [v.verification_id for v in store.verifications()] == ["v3", "v2", "v0", "v1"]
    assert [v.verification_id for v in store.verifications(limit=1)] == ["v3"]
    assert len(store.verifications(None)) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("json_set(body, '$.schema_version', 99)", "has the form 99"),
        ("json_set(body, '$.verification.mood', 'fine')", "unknown fields mood"),
        ("json_remove(body, '$.verification.run')", "missing fields run"),
        ("json_set(body, '$.verification.claim.text', 5)", r"Verification.claim.text should be str; found 5"),
    ],
)
def test_a_snapshot_is_read_strictly(tmp_path, change, message):
    with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store:
        store.save_verification(verification())
        with store._write() as connection:
            connection.execute(schema.verification.update().values(body=sa.text(change)))
        with pytest.raises(StoreError, match=message):
            store.verification("v1")


def test_the_last_judgement_of_each_person_counts(store):
    store.save_verification(verification())

    def judge(number, stance, annotator="ada", sentence="d1.1.0"):
        made = StanceJudgement(
            judgement_id=f"j{number}",
            verification_id="v1",
            sentence_id=sentence,
            stance=stance,
            annotator_id=annotator,
            created_at=WHEN - timedelta(minutes=number),  # clocks may run backwards
        )
        store.add_judgement(made)
        return made

    judge(1, Stance.SUPPORTS)
    bobs = judge(2, Stance.NEUTRAL, "bob")
    latest = judge(3, Stance.REFUTES)
    judge(1, Stance.SUPPORTS)  # sent again after a lost answer
    assert store.judgements("v1") == [bobs, latest]
    assert store.judgements() == [bobs, latest]
    assert store.judgements("v2") == []
    judge(4, None)
    assert store.judgements("v1") == [bobs]
    with pytest.raises(StoreError, match=r"did not show sentence 'd9\.1\.0'"):
        judge(5, Stance.REFUTES, sentence="d9.1.0")
    with pytest.raises(StoreError, match="No verification 'v8'"):
        store.add_judgement(replace(bobs, verification_id="v8", judgement_id="j9"))
