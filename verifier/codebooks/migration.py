"""What becomes of people's labels when their codebook changes: planned, looked at, and only then applied.

A migration is a YAML file, ``annotations/codebooks/migrations/<id>-<from>-to-<to>.yaml``, that says of every label whose meaning changed what takes its place.
:func:`plan_migration` holds it against annotations and returns a plan; nothing is stored by it. A plan consists of operations for the append-only log, so
that the earlier label stays in its history, and every operation is its annotator's own.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from verifier.codebooks.checks import ID, IN_SMALL_LETTERS, SUCH_AS_1_0, VERSION, matching, version_order
from verifier.codebooks.schemes import codebook_folder
from verifier.codebooks.versions import load_version
from verifier.domain import Annotation, AnnotationOp, Codebook, Label, OpKind
from verifier.errors import CodebookError
from verifier.strict_yaml import Fields, read_fields

_MIGRATION_KEYS = (
    "codebook_id",
    "from_version",
    "to_version",
    "description",
    "renames",
    "merges",
    "splits",
    "retirements",
    "unchanged",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What becomes of one label of the old version.

    ``becomes`` are labels of the new one: one takes its place by itself, of several a person must choose, and with none the label is
    retired and stays where it was given. ``reason`` is for the person who reads the plan.
    """

    becomes: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """The way from one version of a codebook to a later one; ``steps`` has every label that ``old`` had in use or retired."""

    old: Codebook
    new: Codebook
    description: str
    steps: dict[str, Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """An annotation, and the label that it would carry under the new version (the same one, where only the version changes)."""

    annotation: Annotation
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """An annotation that stays as it is, why, and the labels a person can choose from (none where there is nothing to choose)."""

    annotation: Annotation
    reason: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPlan:
    """What a migration would do.

    Attributes:
        migration: the migration.
        changes: what it would change, by document and place.
        undecided: what it would leave for a person, by document and place.
        elsewhere: how many annotations of this codebook are under each other version, which this migration does not touch.
    """

    migration: Migration
    changes: tuple[PlannedChange, ...]
    undecided: tuple[Undecided, ...]
    elsewhere: dict[str, int]

    def counts(self) -> dict[tuple[str, str], int]:
        """Count annotations by (label now, label then), sorted; ``""`` then where a person must decide."""
        counts = Counter((change.annotation.label, change.label) for change in self.changes)
        counts.update((item.annotation.label, "") for item in self.undecided)
        return dict(sorted(counts.items()))

    def ops(self, at: datetime) -> list[AnnotationOp]:
        """Return the operations that carry the changes out, each its annotator's own.

        Args:
            at: their time, aware and in UTC.

        Returns:
            One CHANGE for each planned change. Their ids are made from what is changed, so that committing them twice changes nothing twice.
        """
        return [_operation(change, self.migration.new, at) for change in self.changes]

    def summary(self, most: int = 20) -> list[str]:
        """Say in lines for a person what would change and what would not.

        Args:
            most: list at most so many of the labels that need a person.
        """
        old, new = self.migration.old, self.migration.new
        lines = [
            f"{new.title} ({new.codebook_id}), {old.version} to {new.version}: {self.migration.description}",
            f"{len(self.changes)} label(s) can be carried over, {len(self.undecided)} need a person.",
        ]
        for (before, after), count in self.counts().items():
            then = "the same" if before == after else after or "left as it is, for a person"
            lines.append(f"  {count:5}  {before} -> {then}")
        for item in self.undecided[:most]:
            label = item.annotation
            choices = f" Choose from: {', '.join(item.choices)}." if item.choices else ""
            lines.append(
                f"  {label.annotation_id} by {label.annotator_id} on {label.document_id} [{label.span.start}, {label.span.end}), "
                f"{label.label}: {item.reason}{choices}"
            )
        if len(self.undecided) > most:
            lines.append(f"  and {len(self.undecided) - most} more")
        for version, count in self.elsewhere.items():
            lines.append(f"Not touched: {count} label(s) under version {version}.")
        return lines


def plan_migration(annotations: Iterable[Annotation], migration: Migration) -> MigrationPlan:
    """Say what a migration would do to annotations; nothing is changed.

    Every annotation of the old version is either in ``changes`` or in ``undecided``, once. It is left to a person where the label was split or retired, where the new
    version does not allow it at its level, where the item would get several labels of which the new version allows one, and where its annotator
    would say the same twice about one place.

    Args:
        annotations: any that stand; those of other codebooks are passed over.
        migration: what becomes of each label.

    Raises:
        CodebookError: an annotation carries a label that the old version does not have.
    """
    own = [a for a in annotations if a.codebook_id == migration.new.codebook_id]
    concerned = [a for a in own if a.codebook_version == migration.old.version]
    # What stays the same comes first: of two labels that become one, the one that had the name already keeps its place.
    concerned.sort(key=lambda a: (_step(migration, a).becomes != (a.label,), a.created_at, a.annotation_id))
    taken: defaultdict[tuple[object, ...], set[tuple[str, str]]] = defaultdict(set)
    for annotation in own:
        if annotation.codebook_version == migration.new.version:
            taken[_item(annotation)].add((annotation.label, annotation.target))
    crowded = _crowded(own, migration)
    changes, undecided = [], []
    for annotation in concerned:
        step = _step(migration, annotation)
        reason, choices = _obstacle(annotation, step, migration.new, crowded=_item(annotation) in crowded)
        if not reason:
            (label,) = step.becomes
            said = (label, annotation.target)
            if said in taken[_item(annotation)]:
                reason = (
                    f"its annotator says {label} of the same place already; one of the two can be withdrawn."
                )
            else:
                taken[_item(annotation)].add(said)
                changes.append(PlannedChange(annotation=annotation, label=label))
                continue
        undecided.append(Undecided(annotation=annotation, reason=reason, choices=choices))
    elsewhere = Counter(
        a.codebook_version
        for a in own
        if a.codebook_version not in {migration.old.version, migration.new.version}
    )
    return MigrationPlan(
        migration=migration,
        changes=tuple(sorted(changes, key=lambda change: _reading_order(change.annotation))),
        undecided=tuple(sorted(undecided, key=lambda item: _reading_order(item.annotation))),
        elsewhere=dict(sorted(elsewhere.items(), key=lambda item: version_order(item[0]))),
    )


def _step(migration: Migration, annotation: Annotation) -> Step:
    step = migration.steps.get(annotation.label)
    if step is None:
        valid = tuple(migration.steps)
        msg = (
            f"Annotation {annotation.annotation_id!r} carries {annotation.label!r} of {migration.old.codebook_id!r} {migration.old.version}, which has no such label; "
            f"it has {', '.join(valid)}. Correct the label, then plan the migration again."
        )
        raise CodebookError(msg, allowed=valid)
    return step


def _obstacle(
    annotation: Annotation, step: Step, new: Codebook, *, crowded: bool
) -> tuple[str, tuple[str, ...]]:
    """Say why an annotation cannot be carried over by itself, and what a person can choose from; empty when it can."""
    if len(step.becomes) != 1:
        return step.reason, step.becomes
    (label,) = step.becomes
    levels = new.label(label).levels or new.levels
    if annotation.level not in levels:
        return (
            f"{label} can no longer be given on a {annotation.level.value}, only on {', '.join(levels)}.",
            (),
        )
    if crowded:
        return f"{new.codebook_id} {new.version} allows one label on an item, and this one has several.", ()
    return "", ()


def _item(annotation: Annotation) -> tuple[object, ...]:
    """Return what is labelled and by whom; annotations that share it lie on one item."""
    span = annotation.span
    return (
        annotation.document_id,
        span.text_sha256,
        annotation.level,
        span.start,
        span.end,
        annotation.annotator_id,
        annotation.layer,
    )


def _crowded(own: Sequence[Annotation], migration: Migration) -> set[tuple[object, ...]]:
    """Return the items with several labels, where the old version allowed that and the new one does not."""
    if migration.new.multiple or not migration.old.multiple:
        return set()
    versions = {migration.old.version, migration.new.version}
    counts = Counter(_item(a) for a in own if a.codebook_version in versions)
    return {item for item, count in counts.items() if count > 1}


def _reading_order(annotation: Annotation) -> tuple[str, int, int, str]:
    return annotation.document_id, annotation.span.start, annotation.span.end, annotation.annotation_id


def _operation(change: PlannedChange, new: Codebook, at: datetime) -> AnnotationOp:
    annotation = change.annotation
    # The time of the last change is part of the id: whoever moves a label back by hand can migrate it once more.
    identity = (
        new.codebook_id,
        new.version,
        annotation.annotation_id,
        annotation.codebook_version,
        annotation.label,
        annotation.updated_at.isoformat(),
    )
    return AnnotationOp(
        op_id=f"migration:{hashlib.sha256(repr(identity).encode()).hexdigest()[:32]}",
        kind=OpKind.CHANGE,
        annotation_id=annotation.annotation_id,
        document_id=annotation.document_id,
        level=annotation.level,
        span=annotation.span,
        codebook_id=new.codebook_id,
        codebook_version=new.version,
        label=change.label,
        intensity=annotation.intensity,
        target=annotation.target,
        confidence=annotation.confidence,
        note=annotation.note,
        label_method=annotation.label_method,
        layer=annotation.layer,
        annotator_id=annotation.annotator_id,
        created_at=at,
    )


# ---- reading migration files ------------------------------------------------------------------------------------------------------------


def load_migrations(folder: Path | None = None) -> dict[str, Migration]:
    """Read every migration that ships with a folder of codebooks.

    Args:
        folder: of the codebooks; its subfolder ``migrations`` is read.

    Returns:
        The migrations by the name of their file without ending, empty when there are none.

    Raises:
        CodebookError: a file is malformed or misnamed.
    """
    folder = codebook_folder(folder)
    migrations = {}
    for path in sorted((folder / "migrations").glob("*.yaml")):
        migration = read_migration(path, folder)
        name = f"{migration.new.codebook_id}-{migration.old.version}-to-{migration.new.version}"
        if path.stem != name:
            msg = f"{path} goes from {migration.old.version} to {migration.new.version} of {migration.new.codebook_id!r}; call it {name}.yaml."
            raise CodebookError(msg)
        migrations[name] = migration
    return migrations


def read_migration(path: Path, folder: Path | None = None) -> Migration:
    """Read a migration file and check that it leaves no label of the old version without an answer.

    Args:
        path: the file.
        folder: of the codebooks whose versions it names; by default the shipped one.

    Raises:
        CodebookError: it is malformed, names a version or a label that does not exist, says two things of one label, or says nothing of a label that was defined
            anew, removed or retired.
    """
    fields = read_fields(path, known=_MIGRATION_KEYS)
    codebook_id = matching(fields, "codebook_id", ID, IN_SMALL_LETTERS)
    from_version = matching(fields, "from_version", VERSION, SUCH_AS_1_0)
    to_version = matching(fields, "to_version", VERSION, SUCH_AS_1_0)
    if version_order(from_version) >= version_order(to_version):
        fields.fail(f"a version later than {from_version}", repr(to_version), "to_version")
    old = load_version(codebook_id, from_version, folder)
    new = load_version(codebook_id, to_version, folder)
    steps: dict[str, Step] = {}
    for entry, label, step in _written_steps(fields, old, new):
        if label in steps:
            entry.fail("one thing said of each label", f"{label!r} again")
        steps[label] = step
    for label in fields.texts("unchanged"):
        if label in steps or not _in_use(new, label) or not _in_use(old, label):
            fields.fail("labels of both versions that nothing else is said of", repr(label), "unchanged")
        steps[label] = Step(becomes=(label,))
    for label_id in [label.label_id for label in (*old.labels, *old.retired_labels)]:
        if label_id not in steps:
            steps[label_id] = _unwritten_step(fields, label_id, old, new)
    return Migration(old=old, new=new, description=fields.text("description"), steps=steps)


def _written_steps(fields: Fields, old: Codebook, new: Codebook) -> Iterable[tuple[Fields, str, Step]]:
    before = tuple(label.label_id for label in (*old.labels, *old.retired_labels))
    after = tuple(label.label_id for label in new.labels)
    for entry in fields.entries("renames", known=("from", "to")):
        yield entry, entry.choice("from", before), Step(becomes=(entry.choice("to", after),))
    for entry in fields.entries("merges", known=("from", "to")):
        step = Step(becomes=(entry.choice("to", after),))
        merged = _choices(entry, "from", before)
        for label in merged:
            yield entry, label, step
    for entry in fields.entries("splits", known=("from", "to", "question")):
        choices = _choices(entry, "to", after)
        yield entry, entry.choice("from", before), Step(becomes=choices, reason=entry.text("question"))
    for entry in fields.entries("retirements", known=("label", "reason")):
        label = entry.choice("label", before)
        if label in after:
            entry.fail(f"a label that {new.version} retires", f"{label!r}, which it has in use", "label")
        yield entry, label, Step(becomes=(), reason=entry.text("reason"))


def _choices(entry: Fields, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
    labels = entry.texts(key)
    if len(labels) < 2:  # noqa: PLR2004  (of one, nothing is merged and nothing split)
        entry.fail("two labels or more", ", ".join(labels) or "none", key)
    for label in labels:
        if label not in allowed:
            entry.fail(f"labels from {', '.join(allowed)}", repr(label), key, allowed=allowed)
    return labels


def _unwritten_step(fields: Fields, label_id: str, old: Codebook, new: Codebook) -> Step:
    """Decide for a label that the file does not mention: the same where nothing changed, an error otherwise."""
    if not _in_use(new, label_id):
        if not _in_use(old, label_id):
            return Step(becomes=(), reason=f"{label_id} was retired before {old.version}.")
        fields.fail(
            f"a word on what becomes of {label_id!r}, which {new.version} no longer has in use",
            "none under renames, merges, splits or retirements",
        )
    if not _in_use(old, label_id) or _meaning(old.label(label_id)) != _meaning(new.label(label_id)):
        fields.fail(
            f"a word on what becomes of {label_id!r}, which {new.version} defines anew (list it under 'unchanged' if no label given would have come out otherwise)",
            "none",
        )
    return Step(becomes=(label_id,))


def _in_use(book: Codebook, label_id: str) -> bool:
    return any(label.label_id == label_id for label in book.labels)


def _meaning(label: Label) -> tuple[object, ...]:
    return label.definition, label.examples, label.counter_examples
