"""Planning what becomes of labels when their codebook changes: what is carried over, what is left, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from factories import document
from hypothesis import given
from hypothesis import strategies as st

from verifier.codebooks import load_migrations, plan_migration, read_migration
from verifier.codebooks.migration import Migration
from verifier.domain import Annotation, AnnotationOp, Codebook, Layer, Level, OpKind, Span
from verifier.errors import CodebookError
from verifier.store import open_store

TEXT = "The ferry runs at nine. The gulls are loud."
GIVEN_AT = datetime(2026, 4, 3, 12, tzinfo=UTC)
APPLIED_AT = GIVEN_AT + timedelta(days=90)


def scheme(version: str, *labels: str, retired: str = "", multiple: str = "true") -> str:
    listed = "".join(
        f"  - {{label_id: {label}, name: {label}, definition: what {label} is, status: {'retired' if label in retired.split() else 'active'}}}\n"
        for label in labels
    )
    return (
        f"codebook_id: tone\nversion: '{version}'\ntitle: Tone\nkind: framing\ndescription: d\nsource: s\n"
        f"levels: [span, sentence]\nmultiple: {multiple}\nlabels:\n{listed}"
    )


OLD = scheme("1.0", "calm", "quiet", "loud", "shrill", "flat", "same")
NEW = scheme(
    "1.1",
    "calm",
    "quiet",
    "loud",
    "shrill",
    "flat",
    "same",
    "piercing",
    "booming",
    retired="quiet loud shrill flat",
)
MIGRATION = """\
codebook_id: tone
from_version: "1.0"
to_version: "1.1"
description: Loud is divided.
renames:
  - {from: shrill, to: piercing}
merges:
  - {from: [calm, quiet], to: calm}
splits:
  - {from: loud, to: [booming, piercing], question: is it deep or high?}
retirements:
  - {label: flat, reason: nobody could tell it from calm.}
"""


def write(folder: Path, *, old: str = OLD, new: str = NEW, migration: str = MIGRATION) -> Path:
    """Lay out a folder of codebooks with two versions and a migration, and return the migration's file."""
    for name, text in (
        ("released/tone-1.0.yaml", old),
        ("tone.yaml", new),
        ("migrations/tone-1.0-to-1.1.yaml", migration),
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "migrations" / "tone-1.0-to-1.1.yaml"


@pytest.fixture(scope="module")
def migration(tmp_path_factory) -> Migration:
    folder = tmp_path_factory.mktemp("codebooks")
    return read_migration(write(folder), folder)


def annotation(number: int = 1, label: str = "shrill", **changes: object) -> Annotation:
    given = Annotation(
        annotation_id=f"a{number}",
        document_id="d1",
        level=Level.SPAN,
        span=Span.of(TEXT, 4, 9),
        codebook_id="tone",
        codebook_version="1.0",
        label=label,
        intensity=2,
        target="the ferry",
        confidence=3,
        note="heard it",
        annotator_id="ada",
        created_at=GIVEN_AT,
        updated_at=GIVEN_AT,
    )
    return replace(given, **changes)


def applied(annotations: list[Annotation], ops: list[AnnotationOp]) -> list[Annotation]:
    """Return the annotations after the operations, as the log would give them."""
    after = {a.annotation_id: a for a in annotations}
    for op in ops:
        before = after[op.annotation_id]
        assert op.kind is OpKind.CHANGE
        assert op.annotator_id == before.annotator_id
        after[op.annotation_id] = replace(
            before,
            level=op.level,
            span=op.span,
            codebook_id=op.codebook_id,
            codebook_version=op.codebook_version,
            label=op.label,
            intensity=op.intensity,
            target=op.target,
            confidence=op.confidence,
            note=op.note,
            label_method=op.label_method,
            layer=op.layer,
            updated_at=op.created_at,
        )
    return list(after.values())


class TestPlan:
    def test_a_renamed_label_is_changed_and_everything_else_stays(self, migration):
        before = annotation()
        plan = plan_migration([before], migration)
        (after,) = applied([before], plan.ops(APPLIED_AT))
        assert after == replace(before, label="piercing", codebook_version="1.1", updated_at=APPLIED_AT)

    def test_an_unchanged_label_only_gets_the_new_version(self, migration):
        plan = plan_migration([annotation(label="same")], migration)
        assert [(change.label, op.label, op.codebook_version) for change, op in zip(plan.changes, plan.ops(APPLIED_AT), strict=True)] == [
            ("same", "same", "1.1")
        ]  # fmt: skip

    def test_a_split_is_left_with_its_question_and_choices(self, migration):
        plan = plan_migration([annotation(label="loud")], migration)
        assert plan.ops(APPLIED_AT) == []
        (left,) = plan.undecided
        assert (left.reason, left.choices) == ("is it deep or high?", ("booming", "piercing"))

    def test_a_retired_label_stays_where_it_was_given(self, migration):
        plan = plan_migration([annotation(label="flat")], migration)
        assert plan.ops(APPLIED_AT) == []
        assert [(left.reason, left.choices) for left in plan.undecided] == [
            ("nobody could tell it from calm.", ())
        ]

    def test_of_two_labels_that_become_one_on_one_place_only_one_is_changed(self, migration):
        both = [annotation(1, "quiet"), annotation(2, "calm")]
        plan = plan_migration(both, migration)
        assert [(change.annotation.annotation_id, change.label) for change in plan.changes] == [
            ("a2", "calm")
        ]
        assert [left.annotation.annotation_id for left in plan.undecided] == ["a1"]
        assert "says calm of the same place already" in plan.undecided[0].reason

    @pytest.mark.parametrize(
        "other",
        [
            {"annotator_id": "ben"},
            {"layer": Layer.GOLD},
            {"span": Span.of(TEXT, 0, 9)},
            {"document_id": "d2"},
            {"target": "the gulls"},
        ],
    )
    def test_labels_that_become_one_on_different_items_are_all_changed(self, migration, other):
        plan = plan_migration([annotation(1, "quiet"), annotation(2, "calm", **other)], migration)
        assert [change.label for change in plan.changes] == ["calm", "calm"]

    def test_a_label_is_not_doubled_beside_one_given_under_the_new_version(self, migration):
        there = annotation(1, "piercing", codebook_version="1.1")
        plan = plan_migration([there, annotation(2)], migration)
        assert plan.changes == ()
        assert [left.annotation.annotation_id for left in plan.undecided] == ["a2"]

    def test_labels_of_other_codebooks_and_versions_are_not_touched_and_the_latter_counted(self, migration):
        others = [
            annotation(1, codebook_id="pitch"),
            annotation(2, codebook_version="0.9"),
            annotation(3, "calm", codebook_version="1.1"),
        ]
        plan = plan_migration(others, migration)
        assert (plan.changes, plan.undecided, plan.elsewhere) == ((), (), {"0.9": 1})

    def test_a_level_that_is_gone_is_left_to_a_person(self, tmp_path):
        new = NEW.replace("levels: [span, sentence]", "levels: [span]")
        migration = read_migration(write(tmp_path, new=new), tmp_path)
        plan = plan_migration([annotation(level=Level.SENTENCE), annotation(2, "same")], migration)
        assert [left.annotation.annotation_id for left in plan.undecided] == ["a1"]
        assert "no longer be given on a sentence, only on span" in plan.undecided[0].reason

    def test_several_labels_are_left_where_only_one_is_allowed_now(self, tmp_path):
        new = NEW.replace("multiple: true", "multiple: false")
        migration = read_migration(write(tmp_path, new=new), tmp_path)
        alone = annotation(3, "same", document_id="d2")
        plan = plan_migration([annotation(1, "same"), annotation(2, "shrill"), alone], migration)
        assert [change.annotation for change in plan.changes] == [alone]
        assert all("allows one label on an item" in left.reason for left in plan.undecided)

    def test_a_label_that_the_old_version_never_had_stops_the_plan(self, migration):
        with pytest.raises(CodebookError, match=r"carries 'booming' of 'tone' 1.0, which has no such label"):
            plan_migration([annotation(label="booming")], migration)

    def test_a_change_made_since_gets_an_operation_of_its_own(self, migration):
        first, again = (
            plan_migration([annotation(updated_at=at)], migration).ops(APPLIED_AT)[0].op_id
            for at in (GIVEN_AT, GIVEN_AT + timedelta(hours=1))
        )
        assert first != again

    def test_the_summary_counts_and_names_what_needs_a_person(self, migration):
        plan = plan_migration(
            [
                annotation(1),
                annotation(2, "loud"),
                annotation(3, "same"),
                annotation(4, "loud", document_id="d2"),
            ],
            migration,
        )
        said = plan.summary(most=1)
        assert plan.counts() == {("loud", ""): 2, ("same", "same"): 1, ("shrill", "piercing"): 1}
        assert "2 label(s) can be carried over, 2 need a person." in said
        assert any("shrill -> piercing" in line for line in said)
        assert any(line.endswith("is it deep or high? Choose from: booming, piercing.") for line in said)
        assert said[-1] == "  and 1 more"


ANNOTATIONS = st.lists(
    st.builds(
        lambda label, version, annotator, place, level, target: (
            label,
            version,
            annotator,
            place,
            level,
            target,
        ),
        st.sampled_from(["calm", "quiet", "loud", "shrill", "flat", "same"]),
        st.sampled_from(["1.0", "1.0", "1.0", "0.9", "1.1"]),
        st.sampled_from(["ada", "ben"]),
        st.sampled_from([(0, 3), (4, 9)]),
        st.sampled_from([Level.SPAN, Level.SENTENCE]),
        st.sampled_from(["", "the ferry"]),
    ),
    max_size=12,
).map(
    lambda rows: [
        annotation(
            number,
            label,
            codebook_version=version,
            annotator_id=annotator,
            span=Span.of(TEXT, *place),
            level=level,
            target=target,
            created_at=GIVEN_AT + timedelta(minutes=number % 3),
        )
        for number, (label, version, annotator, place, level, target) in enumerate(rows)
    ]
)


class TestPlanOfAnything:
    @given(ANNOTATIONS)
    def test_nothing_is_lost_invented_or_put_under_another_name(self, migration, before):
        plan = plan_migration(before, migration)
        told = [item.annotation for item in (*plan.changes, *plan.undecided)]
        concerned = [a for a in before if a.codebook_version == "1.0"]
        assert sorted(a.annotation_id for a in told) == sorted(a.annotation_id for a in concerned)
        assert sum(plan.counts().values()) == len(concerned)
        after = applied(before, plan.ops(APPLIED_AT))
        assert [a.annotation_id for a in after] == [a.annotation_id for a in before]
        for old, new in zip(before, after, strict=True):
            assert (new.annotator_id, new.span, new.note, new.created_at) == (old.annotator_id, old.span, old.note, old.created_at)  # fmt: skip
            in_use = {label.label_id for label in migration.new.labels}
            assert new == old or (new.codebook_version == "1.1" and new.label in in_use)

    @given(ANNOTATIONS)
    def test_applying_twice_is_applying_once(self, migration, before):
        once = applied(before, plan_migration(before, migration).ops(APPLIED_AT))
        again = plan_migration(once, migration)
        assert again.changes == ()
        assert {left.annotation.annotation_id for left in again.undecided} == {
            left.annotation.annotation_id for left in plan_migration(before, migration).undecided
        }

    @given(ANNOTATIONS, st.randoms(use_true_random=False))
    def test_the_order_of_annotations_does_not_matter(self, migration, before, random):
        shuffled = list(before)
        random.shuffle(shuffled)
        assert plan_migration(shuffled, migration) == plan_migration(before, migration)

    @given(ANNOTATIONS)
    def test_every_operation_has_an_id_of_its_own_that_comes_out_the_same_again(self, migration, before):
        ops = plan_migration(before, migration).ops(APPLIED_AT)
        assert len({op.op_id for op in ops}) == len(ops)
        assert ops == plan_migration(before, migration).ops(APPLIED_AT)

    @given(ANNOTATIONS)
    def test_nobody_says_the_same_twice_who_did_not_before(self, migration, before):
        def doubled(annotations: list[Annotation]) -> int:
            said = [
                (a.span, a.level, a.annotator_id, a.target, a.label, a.codebook_version) for a in annotations
            ]
            return len(said) - len(set(said))

        after = applied(before, plan_migration(before, migration).ops(APPLIED_AT))
        assert doubled(after) <= doubled(before)


def test_a_store_takes_the_plan_once_and_keeps_the_history(migration, tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'verifier.db'}") as store:
        store.add_document(document(TEXT), lambda _: ())
        labels = ["shrill", "loud", "quiet", "calm"]
        store.commit_ops(
            [
                AnnotationOp(
                    op_id=f"o{number}",
                    kind=OpKind.ADD,
                    annotation_id=f"a{number}",
                    document_id="d1",
                    level=Level.SPAN,
                    span=Span.of(TEXT, 4, 9),
                    codebook_id="tone",
                    codebook_version="1.0",
                    label=label,
                    annotator_id="ada",
                    created_at=GIVEN_AT,
                )
                for number, label in enumerate(labels)
            ]
        )
        plan = plan_migration(store.annotations(), migration)
        for _ in range(2):  # the answer was lost, and it is sent again
            store.commit_ops(plan.ops(APPLIED_AT))
        after = {a.annotation_id: (a.label, a.codebook_version) for a in store.annotations()}
        assert after == {
            "a0": ("piercing", "1.1"),
            "a1": ("loud", "1.0"),
            "a2": ("quiet", "1.0"),
            "a3": ("calm", "1.1"),
        }
        assert [op.label for op in store.ops("a0")] == ["shrill", "piercing"]
        assert store.verify_annotations() == []
        assert plan_migration(store.annotations(), migration).changes == ()


class TestFiles:
    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            ('to_version: "1.1"', 'to_version: "1.2"', "has no version '1.2'. Versions are 1.0, 1.1"),
            ('to_version: "1.1"', 'to_version: "1.0"', "a version later than 1.0"),
            ("codebook_id: tone", "codebook_id: tune", "no codebook 'tune'"),
            ("from: shrill", "from: shril", "did you mean 'shrill'"),
            ("to: piercing", "to: shrill", "expected one of booming, calm, piercing, same; found 'shrill'"),
            ("[calm, quiet]", "[calm]", "expected two labels or more; found calm"),
            ("[booming, piercing]", "[booming, deep]", "found 'deep'"),
            ("question: is it deep or high?", "", "question: expected a text; found nothing"),
            ("label: flat", "label: same", "a label that 1.1 retires"),
            ("label: flat", "label: loud", "one thing said of each label"),
            (
                "retirements:\n  - {label: flat, reason: nobody could tell it from calm.}\n",
                "",
                "a word on what becomes of 'flat', which 1.1 no longer has in use",
            ),
            ("renames:", "unchanged: [flat]\nrenames:", "labels of both versions"),
            ("renames:", "rename:", "did you mean 'renames'"),
        ],
    )
    def test_a_mistake_is_named(self, tmp_path, old, new, says):
        assert old in MIGRATION
        path = write(tmp_path, migration=MIGRATION.replace(old, new, 1))
        with pytest.raises(CodebookError) as caught:
            read_migration(path, tmp_path)
        assert says in str(caught.value)

    def test_a_label_defined_anew_must_be_spoken_of(self, tmp_path):
        new = NEW.replace("what same is", "what same is now")
        path = write(tmp_path, new=new)
        with pytest.raises(CodebookError, match=r"what becomes of 'same', which 1.1 defines anew"):
            read_migration(path, tmp_path)
        path.write_text(f"{MIGRATION}unchanged: [same]\n", encoding="utf-8")
        assert read_migration(path, tmp_path).steps["same"].becomes == ("same",)

    def test_a_label_retired_long_ago_needs_no_word(self, tmp_path):
        old = OLD.replace(
            "definition: what flat is, status: active", "definition: what flat is, status: retired"
        )
        without = MIGRATION.partition("retirements:")[0]
        migration = read_migration(write(tmp_path, old=old, migration=without), tmp_path)
        assert (
            "retired before 1.0" in plan_migration([annotation(label="flat")], migration).undecided[0].reason
        )

    def test_a_folder_is_read_by_name_and_a_misnamed_file_refused(self, tmp_path):
        path = write(tmp_path)
        assert list(load_migrations(tmp_path)) == ["tone-1.0-to-1.1"]
        path.rename(path.with_name("tone.yaml"))
        with pytest.raises(CodebookError, match=r"call it tone-1.0-to-1.1.yaml"):
            load_migrations(tmp_path)


def test_the_shipped_migration_asks_about_retold_texts_only():
    migration = load_migrations()["provenance-1.0-to-1.1"]
    book: Codebook = migration.old
    given = [
        annotation(number, label.label_id, codebook_id="provenance", level=Level.DOCUMENT)
        for number, label in enumerate(book.labels)
    ]
    plan = plan_migration(given, migration)
    assert [left.annotation.label for left in plan.undecided] == ["rewritten"]
    assert len(plan.changes) == len(book.labels) - 1
