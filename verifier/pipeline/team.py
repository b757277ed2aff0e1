"""The workflows of a team: share documents out, go through one's queue, and see how far everybody is.

Who may do what is decided here and in :mod:`verifier.pipeline.roles`; pages that hide a button only save people a refusal.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from verifier import workload
from verifier.domain import (
    Assignment,
    AssignmentChange,
    AssignmentState,
    Codebook,
    Conditions,
    Layer,
    Level,
    Role,
    Visit,
    VisitKind,
)
from verifier.errors import CodebookError, DomainError, NotAllowedError, StoreError
from verifier.pipeline.roles import give_role, now, require, role_of
from verifier.pipeline.services import Services, annotator

WORKED_LEVELS = (Level.SPAN, Level.DOCUMENT)
"""The levels at which an assignment is labelled: words of the text, and the text as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedOut:
    """What an assignment of documents came to.

    Attributes:
        new: what was assigned now.
        short: documents that fewer than the wanted number of people are left for -> how many are missing.
    """

    new: tuple[Assignment, ...]
    short: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far somebody is, or all together (``annotator_id`` empty): numbers of assignments, and seconds to a finished one (None where none is timed)."""

    annotator_id: str
    role: Role | None
    assigned: int
    done: int
    skipped: int
    median_s: float | None

    @property
    def open(self) -> int:
        """How many are still to do."""
        return self.assigned - self.done - self.skipped


def assign(
    services: Services,
    *,
    document_ids: Sequence[str],
    annotator_ids: Sequence[str],
    k: int,
    codebook_ids: Sequence[str],
    by: str,
    conditions: Conditions | None = None,
    seed: int = 0,
) -> SharedOut:
    """Give each document to ``k`` people, evenly; see :func:`verifier.workload.share_out`.

    What is assigned already stays as it is, so people and documents can be added by doing it again with more of them, and doing the same twice changes nothing.
    Who has no role yet becomes an annotator.

    Args:
        services: the opened services.
        document_ids: what is to be labelled.
        annotator_ids: among whom to share.
        k: people to each document.
        codebook_ids: what to label with; each must have labels for words or whole documents.
        by: who assigns; an admin.
        conditions: what is kept from the annotators; by default outlet, others' labels and suggestions.
        seed: of the draw; kept with each assignment.

    Raises:
        NotAllowedError: ``by`` is no admin.
        StoreError: a document is not stored, or deleted.
        CodebookError: there is no such codebook, or none was named, or it has no labels to give here.
        DomainError: ``k`` is less than one or more than there are people, or a name is missing.
    """
    giver, people = annotator(by), [annotator(name) for name in annotator_ids]
    require(role_of(services, giver), giver, "assign documents", Role.ADMIN)
    if not 1 <= k <= len(set(people)):
        msg = (
            f"Each document goes to at least one person and at most to all; found {k} for {len(set(people))} people. "
            "Name more people, or want fewer."
        )
        raise DomainError(msg)
    books = _books(services, codebook_ids)
    present = _present(services)
    if missing := sorted(set(document_ids) - present):
        msg = f"The document {missing[0]!r} is not in the corpus; `verifier doctor --documents` lists those that are."
        raise StoreError(msg)
    give_role(services, giver, Role.ADMIN, by=giver, only_new=True)
    for name in people:
        give_role(services, name, Role.ANNOTATOR, by=giver, only_new=True)
    short: dict[str, int] = {}

    def plan(standing: Sequence[Assignment]) -> list[Assignment]:
        shares = workload.share_out(document_ids, people, k, seed=seed, present=standing)
        short.update(shares.short)
        last = {one.annotator_id: one.position for one in sorted(standing, key=lambda one: one.position)}
        made, when = [], now()
        for document_id, name in shares.pairs:
            last[name] = last.get(name, 0) + 1
            made.append(
                Assignment(
                    assignment_id=uuid.uuid4().hex,
                    document_id=document_id,
                    annotator_id=name,
                    codebook_ids=tuple(books),
                    conditions=conditions or Conditions(),
                    position=last[name],
                    seed=seed,
                    assigned_by=giver,
                    created_at=when,
                    changed_at=when,
                )
            )
        return made

    return SharedOut(new=tuple(services.store.extend_assignments(plan)), short=short)


def queue(services: Services, annotator_id: str) -> list[Assignment]:
    """List somebody's assignments in their order; those on documents that were taken out of the corpus are left out."""
    present = _present(services)
    return [
        one
        for one in services.store.assignments(annotator_id=annotator(annotator_id))
        if one.document_id in present
    ]


def next_item(services: Services, annotator_id: str) -> Assignment | None:
    """Return the first of somebody's assignments that is still open; None when all is done or skipped."""
    return next((one for one in queue(services, annotator_id) if one.state is AssignmentState.OPEN), None)


def finish(services: Services, assignment_id: str, *, by: str, text_sha256: str = "") -> Assignment:
    """Set an assignment down as done: its annotator went through the text, and what carries no label there was left without one on purpose.

    Args:
        services: the opened services.
        assignment_id: one of ``by``'s own.
        by: who worked.
        text_sha256: the text that was on screen; by default the document's present one.

    Raises:
        DomainError: a required codebook is not answered yet.
        NotAllowedError: it is somebody else's.
        StoreError: there is no such assignment, or it was skipped.
    """
    assignment = _own(services, assignment_id, by, "finish")
    if missing := unfinished_required(services, assignment):
        names = ", ".join(book.title for book in missing)
        msg = f"This document still needs a label of: {names}. Give one, or skip the document and say why."
        raise DomainError(msg)
    shown = text_sha256 or services.store.document(assignment.document_id).sha256
    return _change(services, assignment, AssignmentState.DONE, by, text_sha256=shown)


def skip(services: Services, assignment_id: str, reason: str, *, by: str) -> Assignment:
    """Put an assignment aside and say why; an admin may do so with anybody's. Errors as in :func:`finish`, and DomainError without a reason."""
    assignment = _own(services, assignment_id, by, "skip", Role.ADMIN)
    if not reason.strip():
        msg = "Say why you skip it, so that somebody can decide what to do about it."
        raise DomainError(msg)
    shown = services.store.document(assignment.document_id).sha256
    return _change(
        services, assignment, AssignmentState.SKIPPED, by, reason=reason.strip(), text_sha256=shown
    )


def reopen(services: Services, assignment_id: str, *, by: str) -> Assignment:
    """Put a finished or skipped assignment back into its annotator's queue, at its old place; an adjudicator or admin may, too.

    Raises:
        NotAllowedError: it is somebody else's, or the document has gold, which its annotator has perhaps seen: then an adjudicator or admin decides.
        StoreError: there is no such assignment.
    """
    senior = (Role.ADJUDICATOR, Role.ADMIN)
    assignment = _own(services, assignment_id, by, "reopen", *senior)
    adjudicated = services.store.annotations(document_ids=[assignment.document_id], layer=Layer.GOLD)
    if adjudicated and role_of(services, annotator(by)) not in senior:
        msg = "This document was adjudicated. Ask an adjudicator to open it again if something has to change."
        raise NotAllowedError(msg)
    return _change(services, assignment, AssignmentState.OPEN, by)


def visit(services: Services, assignment_id: str, kind: VisitKind, *, by: str) -> None:
    """Record that an assignment was put before its annotator, or that they turned away from it; errors as in :func:`finish`."""
    assignment = _own(services, assignment_id, by, "work on")
    services.store.add_visit(
        Visit(visit_id=uuid.uuid4().hex, assignment_id=assignment.assignment_id, kind=kind, created_at=now())
    )


def unfinished_required(services: Services, assignment: Assignment) -> list[Codebook]:
    """List the required codebooks of an assignment that its annotator has put no label of on the document's present text."""
    sha256 = services.store.document(assignment.document_id).sha256
    given = {
        one.codebook_id
        for one in services.store.annotations(
            document_ids=[assignment.document_id],
            annotator_id=assignment.annotator_id,
            layer=Layer.ANNOTATOR,
        )
        if one.span.text_sha256 == sha256
    }
    return [
        services.codebooks[name]
        for name in assignment.codebook_ids
        if name in services.codebooks and services.codebooks[name].required and name not in given
    ]


def _own(services: Services, assignment_id: str, by: str, what: str, *also: Role) -> Assignment:
    """Return an assignment that ``by`` may act on: their own, or anybody's for the roles in ``also``."""
    name = annotator(by)
    assignment = services.store.assignment(assignment_id)
    if assignment.annotator_id != name and role_of(services, name) not in also:
        msg = f"This assignment is {assignment.annotator_id!r}'s; {name!r} cannot {what} it."
        raise NotAllowedError(msg)
    return assignment


def _change(
    services: Services,
    assignment: Assignment,
    state: AssignmentState,
    by: str,
    *,
    reason: str = "",
    text_sha256: str = "",
) -> Assignment:
    return services.store.change_assignment(
        AssignmentChange(
            change_id=uuid.uuid4().hex,
            assignment_id=assignment.assignment_id,
            state=state,
            reason=reason,
            text_sha256=text_sha256,
            changed_by=annotator(by),
            created_at=now(),
        )
    )


def _books(services: Services, codebook_ids: Sequence[str]) -> list[str]:
    allowed = tuple(
        name
        for name, book in services.codebooks.items()
        if any(book.labels_at(level) for level in WORKED_LEVELS)
    )
    wrong = [name for name in codebook_ids if name not in allowed]
    if wrong or not codebook_ids:
        found = f"found {wrong[0]!r}" if wrong else "none was named"
        msg = f"An assignment needs codebooks that label words or whole documents; {found}. They are {', '.join(allowed)}."
        raise CodebookError(msg, allowed=allowed)
    return list(dict.fromkeys(codebook_ids))


def _present(services: Services) -> set[str]:
    return {document.document_id for document in services.store.documents()}


# ---- progress


def progress(services: Services) -> list[Progress]:
    """Tell how far everybody is who has a role or an assignment, by name; the last row is all of them together."""
    everything = services.store.assignments()
    roles = {one.annotator_id: one.role for one in services.store.annotators()}
    spent = seconds_per_item(services)
    names = sorted(roles.keys() | {one.annotator_id for one in everything})
    rows = [
        _progress(name, roles.get(name), [one for one in everything if one.annotator_id == name], spent)
        for name in names
    ]
    return [*rows, _progress("", None, everything, spent)]


def seconds_per_item(services: Services) -> dict[str, float]:
    """Return how long each assignment that was opened took so far, absences left out: assignment id -> seconds."""
    store = services.store
    return workload.time_spent(
        store.assignments(),
        visits=store.visits(),
        changes=store.assignment_changes(),
        labelling=store.labelling_times(),
    )


def _progress(
    name: str, role: Role | None, assignments: Sequence[Assignment], spent: Mapping[str, float]
) -> Progress:
    done = [one for one in assignments if one.state is AssignmentState.DONE]
    times = [spent[one.assignment_id] for one in done if one.assignment_id in spent]
    return Progress(
        annotator_id=name,
        role=role,
        assigned=len(assignments),
        done=len(done),
        skipped=sum(one.state is AssignmentState.SKIPPED for one in assignments),
        median_s=median(times) if times else None,
    )
