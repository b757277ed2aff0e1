"""Holds for every version of every codebook that ships, and for every migration between two of them."""

from __future__ import annotations

import pytest

from verifier.codebooks import (
    Migration,
    load_codebooks,
    load_migrations,
    load_versions,
    read_guideline,
    unregistered_changes,
)
from verifier.codebooks.checks import version_order
from verifier.domain import Codebook, LabelMatch

VERSIONS = load_versions()
SUCCESSIONS = [
    pytest.param(earlier, later, id=f"{later.codebook_id}-{earlier.version}-{later.version}")
    for own in VERSIONS.values()
    for earlier, later in zip(list(own.values()), list(own.values())[1:], strict=False)
]
MIGRATIONS = load_migrations()
MATCHES = [
    pytest.param(
        codebook,
        label.label_id,
        match,
        id=f"{codebook}:{label.label_id}-{match.codebook_id}:{match.label_id}",
    )
    for codebook, book in load_codebooks().items()
    for label in (*book.labels, *book.retired_labels)
    for match in label.maps_to
]


def test_no_released_version_has_changed_and_none_is_missing():
    assert unregistered_changes() == []


@pytest.mark.parametrize("own", VERSIONS.values(), ids=VERSIONS)
def test_the_present_version_is_the_latest(own: dict[str, Codebook]):
    present = load_codebooks()[next(iter(own.values())).codebook_id]
    assert present == list(own.values())[-1]
    assert list(own) == sorted(own, key=version_order)


@pytest.mark.parametrize(("earlier", "later"), SUCCESSIONS)
class TestEverySuccession:
    def test_no_label_was_removed(self, earlier: Codebook, later: Codebook):
        kept = {label.label_id for label in (*later.labels, *later.retired_labels)}
        assert {label.label_id for label in (*earlier.labels, *earlier.retired_labels)} <= kept

    def test_there_is_a_migration(self, earlier: Codebook, later: Codebook):
        assert f"{later.codebook_id}-{earlier.version}-to-{later.version}" in MIGRATIONS

    def test_the_earlier_guidelines_can_be_read(self, earlier: Codebook, later: Codebook):
        page = read_guideline(earlier.codebook_id, earlier.version)
        assert page != read_guideline(later.codebook_id)
        for label in earlier.labels:
            assert label.label_id in page


@pytest.mark.parametrize("migration", MIGRATIONS.values(), ids=MIGRATIONS)
def test_a_migration_has_an_answer_for_every_label(migration: Migration):
    before = {label.label_id for label in (*migration.old.labels, *migration.old.retired_labels)}
    assert set(migration.steps) == before
    in_use = {label.label_id for label in migration.new.labels}
    for label, step in migration.steps.items():
        assert set(step.becomes) <= in_use
        assert step.becomes == (label,) or step.reason or len(step.becomes) == 1


@pytest.mark.parametrize(("codebook", "label", "match"), MATCHES)
def test_a_match_is_said_once_and_with_its_ground(codebook: str, label: str, match: LabelMatch):
    assert len(match.source) > 10
    other = load_codebooks()[match.codebook_id].label(match.label_id)
    back = [(m.codebook_id, m.label_id) for m in other.maps_to]
    assert (codebook, label) not in back, "written in both files: keep one"


def test_overlapping_schemes_are_matched():
    matched = {(str(param.values[0]), param.values[2].codebook_id) for param in MATCHES}  # type: ignore[union-attr]
    assert matched == {("wording", "persuasion"), ("wording", "manipulation"), ("manipulation", "persuasion")}
