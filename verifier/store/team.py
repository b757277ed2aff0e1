"""The team: roles, assignments, visits and comments, each an append-only log from which the present state is read.

Whether somebody *may* do a thing is not decided here but in :mod:`verifier.pipeline.team`; what is decided here is what makes sense at all, such as that a
finished assignment is not skipped. Decisions that rest on what is stored are made inside the writing transaction, so that two admins at once cannot undo each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from verifier.domain import (
    Annotator,
    Assignment,
    AssignmentChange,
    AssignmentState,
    Comment,
    CommentEvent,
    CommentKind,
    Conditions,
    Role,
    RoleChange,
    Visit,
    VisitKind,
)
from verifier.errors import StoreError
from verifier.store import schema
from verifier.store.database import Database, batches

_ROLE = schema.role_change.c
_ASSIGNMENT = schema.assignment.c
_CHANGE = schema.assignment_change.c
_VISIT = schema.visit.c
_COMMENT = schema.comment_event.c
_OP = schema.annotation_op.c

_ONWARD = {
    AssignmentState.OPEN: {AssignmentState.DONE, AssignmentState.SKIPPED},
    AssignmentState.DONE: {AssignmentState.OPEN},
    AssignmentState.SKIPPED: {AssignmentState.OPEN},
}
"""From where an assignment can go where; what it is already, it may be told again."""


class TeamLog(Database):
    """Who takes part, who is to label what, when they were at it, and what they tell each other."""

    # ---- roles

    def annotators(self) -> list[Annotator]:
        """List everybody who has a role, by id."""
        with self._read() as connection:
            return sorted(_annotators(connection).values(), key=lambda one: one.annotator_id)

    def change_roles(
        self, decide: Callable[[Mapping[str, Annotator]], Sequence[RoleChange]]
    ) -> list[RoleChange]:
        """Append the changes that ``decide`` makes of the present roles (by id); nobody else changes any meanwhile.

        Returns:
            What was appended; a role that somebody has already is not.
        """
        with self._write() as connection:
            present = _annotators(connection)
            new = []
            for change in decide(dict(present)):
                had = present.get(change.annotator_id)
                if (had.role if had else None) is change.role:
                    continue
                connection.execute(
                    schema.role_change.insert().values(
                        **{name: getattr(change, name) for name in _names(RoleChange) if name != "role"},
                        role=change.role.value if change.role else None,
                    )
                )
                present = _with_role(present, change)
                new.append(change)
        return new

    def role_changes(self) -> list[RoleChange]:
        """List the whole history of roles, oldest first."""
        with self._read() as connection:
            return [
                _role_change(row)
                for row in connection.execute(sa.select(schema.role_change).order_by(_ROLE.seq))
            ]

    # ---- assignments

    def extend_assignments(
        self, plan: Callable[[Sequence[Assignment]], Sequence[Assignment]]
    ) -> list[Assignment]:
        """Append the assignments that ``plan`` makes of all there are; nobody else assigns anything meanwhile.

        Raises:
            StoreError: somebody would get a document a second time; nothing is stored.
        """
        with self._write() as connection:
            present = _assignments(connection, sa.select(schema.assignment))
            new = list(plan(present))
            taken = {(one.document_id, one.annotator_id) for one in present}
            for one in new:
                if (one.document_id, one.annotator_id) in taken:
                    msg = f"{one.annotator_id!r} has document {one.document_id!r} already; nobody labels the same one twice."
                    raise StoreError(msg)
                taken.add((one.document_id, one.annotator_id))
            if new:
                connection.execute(
                    schema.assignment.insert(),
                    [
                        {
                            **{name: getattr(one, name) for name in _MADE},
                            "codebook_ids": list(one.codebook_ids),
                            **{name: getattr(one.conditions, name) for name in _names(Conditions)},
                        }
                        for one in new
                    ],
                )
        return new

    def assignments(
        self, *, annotator_id: str | None = None, document_ids: Collection[str] | None = None
    ) -> list[Assignment]:
        """List assignments as they stand, by annotator and place in the queue.

        Args:
            annotator_id: only this person's.
            document_ids: only on these documents.
        """
        query = sa.select(schema.assignment)
        if annotator_id is not None:
            query = query.where(_ASSIGNMENT.annotator_id == annotator_id)
        queries = (
            [query]
            if document_ids is None
            else [query.where(_ASSIGNMENT.document_id.in_(batch)) for batch in batches(set(document_ids))]
        )
        with self._read() as connection:
            return sorted(
                (one for query in queries for one in _assignments(connection, query)),
                key=lambda one: (one.annotator_id, one.position, one.assignment_id),
            )

    def assignment(self, assignment_id: str) -> Assignment:
        """Return one assignment as it stands; raises StoreError if there is none of that id."""
        with self._read() as connection:
            return _one_assignment(connection, assignment_id)

    def change_assignment(self, change: AssignmentChange) -> Assignment:
        """Append a change of state and return the assignment as it then stands. One that has the state already stays as it is.

        Raises:
            StoreError: there is no such assignment, or it cannot go there from where it stands.
        """
        with self._write() as connection:
            present = _one_assignment(connection, change.assignment_id)
            if present.state is change.state:
                return present
            if change.state not in _ONWARD[present.state]:
                msg = (
                    f"The assignment {change.assignment_id!r} is {present.state.value}; it can only be reopened from there, "
                    f"not become {change.state.value}."
                )
                raise StoreError(msg)
            connection.execute(
                schema.assignment_change.insert().values(
                    **{name: getattr(change, name) for name in _names(AssignmentChange) if name != "state"},
                    state=change.state.value,
                )
            )
            return _changed(present, change)

    def assignment_changes(self, assignment_id: str | None = None) -> list[AssignmentChange]:
        """List the history of one assignment, or of all, oldest first."""
        query = sa.select(schema.assignment_change).order_by(_CHANGE.seq)
        if assignment_id is not None:
            query = query.where(_CHANGE.assignment_id == assignment_id)
        with self._read() as connection:
            return [_assignment_change(row) for row in connection.execute(query)]

    # ---- time

    def add_visit(self, visit: Visit) -> None:
        """Append a visit; one whose id is known is passed over. Raises StoreError for an unknown assignment."""
        with self._write() as connection:
            _one_assignment(connection, visit.assignment_id)
            known = connection.scalar(sa.select(_VISIT.seq).where(_VISIT.visit_id == visit.visit_id))
            if known is None:
                connection.execute(
                    schema.visit.insert().values(
                        **{name: getattr(visit, name) for name in _names(Visit) if name != "kind"},
                        kind=visit.kind.value,
                    )
                )

    def visits(self) -> list[Visit]:
        """List all visits, oldest first."""
        with self._read() as connection:
            return [
                Visit(
                    visit_id=row.visit_id,
                    assignment_id=row.assignment_id,
                    kind=VisitKind(row.kind),
                    created_at=row.created_at,
                )
                for row in connection.execute(sa.select(schema.visit).order_by(_VISIT.seq))
            ]

    def labelling_times(self) -> dict[tuple[str, str], list[datetime]]:
        """Return when operations on labels were made, by (annotator, document), oldest first; only of those who were assigned the document."""
        query = (
            sa.select(_OP.annotator_id, _OP.document_id, _OP.created_at)
            .join(
                schema.assignment,
                sa.and_(
                    _ASSIGNMENT.annotator_id == _OP.annotator_id, _ASSIGNMENT.document_id == _OP.document_id
                ),
            )
            .order_by(_OP.created_at, _OP.seq)
        )
        found: dict[tuple[str, str], list[datetime]] = {}
        with self._read() as connection:
            for row in connection.execute(query):
                found.setdefault((row.annotator_id, row.document_id), []).append(row.created_at)
        return found

    # ---- comments

    def commit_comment(self, event: CommentEvent) -> Comment:
        """Append an event to the log of comments and return the comment as it then stands; an event whose id is known is passed over.

        Raises:
            StoreError: there is no such document, annotation or comment, it was withdrawn, or it is written already; nothing is stored.
        """
        with self._write() as connection:
            rows = connection.execute(
                sa.select(schema.comment_event)
                .where(_COMMENT.comment_id == event.comment_id)
                .order_by(_COMMENT.seq)
            ).all()
            present = _comments(rows).get(event.comment_id)
            if present is not None and any(row.event_id == event.event_id for row in rows):
                return present
            if event.kind is CommentKind.WRITE:
                _check_subject(connection, event)
            after = _commented(present, event)
            connection.execute(
                schema.comment_event.insert().values(
                    **{name: getattr(event, name) for name in _names(CommentEvent) if name != "kind"},
                    kind=event.kind.value,
                )
            )
        return after

    def comments(self, *, document_ids: Collection[str] | None = None) -> list[Comment]:
        """List comments as they stand, oldest first; withdrawn ones are among them, marked.

        Args:
            document_ids: only on these documents.
        """
        query = sa.select(schema.comment_event).order_by(_COMMENT.seq)
        queries = (
            [query]
            if document_ids is None
            else [query.where(_COMMENT.document_id.in_(batch)) for batch in batches(set(document_ids))]
        )
        with self._read() as connection:
            rows = [row for query in queries for row in connection.execute(query)]
        return list(_comments(sorted(rows, key=lambda row: row.seq)).values())

    def comment_events(self, comment_id: str) -> list[CommentEvent]:
        """List the history of one comment, oldest first."""
        query = (
            sa.select(schema.comment_event).where(_COMMENT.comment_id == comment_id).order_by(_COMMENT.seq)
        )
        with self._read() as connection:
            return [_comment_event(row) for row in connection.execute(query)]


# ---- the rules


def _with_role(present: Mapping[str, Annotator], change: RoleChange) -> dict[str, Annotator]:
    kept = {name: one for name, one in present.items() if name != change.annotator_id}
    if change.role is not None:
        kept[change.annotator_id] = Annotator(
            annotator_id=change.annotator_id, role=change.role, since=change.created_at
        )
    return kept


def _changed(present: Assignment, change: AssignmentChange) -> Assignment:
    return replace(
        present,
        state=change.state,
        reason=change.reason,
        text_sha256=change.text_sha256,
        changed_at=change.created_at,
    )


def _commented(present: Comment | None, event: CommentEvent) -> Comment:
    """Say what an event makes of a comment; pure."""
    if event.kind is CommentKind.WRITE:
        if present is not None:
            msg = f"The comment {event.comment_id!r} is written already. Write another under a new id."
            raise StoreError(msg)
        return Comment(
            comment_id=event.comment_id,
            document_id=event.document_id,
            annotation_id=event.annotation_id,
            author_id=event.made_by,
            to_id=event.to_id,
            text=event.text,
            created_at=event.created_at,
        )
    if present is None or present.document_id != event.document_id:
        msg = f"There is no comment {event.comment_id!r} on document {event.document_id!r}."
        raise StoreError(msg)
    if present.withdrawn:
        msg = f"The comment {event.comment_id!r} was withdrawn; write a new one."
        raise StoreError(msg)
    if event.kind is CommentKind.WITHDRAW:
        return replace(present, withdrawn=True)
    if event.kind is CommentKind.RESOLVE:
        return replace(present, resolved_by=event.made_by, resolved_at=event.created_at)
    return replace(present, resolved_by="", resolved_at=None)


def _check_subject(connection: Connection, event: CommentEvent) -> None:
    document, annotation = schema.document.c, schema.annotation.c
    known = connection.scalar(
        sa.select(document.row_id).where(document.document_id == event.document_id).limit(1)
    )
    if known is None:
        msg = f"The comment is on document {event.document_id!r}, which is not stored."
        raise StoreError(msg)
    if event.annotation_id:
        on = connection.scalar(
            sa.select(annotation.document_id).where(annotation.annotation_id == event.annotation_id)
        )
        if on != event.document_id:
            msg = f"There is no annotation {event.annotation_id!r} on document {event.document_id!r} to comment on."
            raise StoreError(msg)


# ---- rows and records


def _names(record: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(record))


_DERIVED = {"codebook_ids", "conditions", "state", "reason", "text_sha256", "changed_at"}
_MADE = tuple(name for name in _names(Assignment) if name not in _DERIVED)
"""The columns of an assignment that are its fields as they are."""


def _role_change(row: Any) -> RoleChange:
    return RoleChange(
        change_id=row.change_id,
        annotator_id=row.annotator_id,
        role=Role(row.role) if row.role else None,
        changed_by=row.changed_by,
        created_at=row.created_at,
    )


def _annotators(connection: Connection) -> dict[str, Annotator]:
    present: dict[str, Annotator] = {}
    for row in connection.execute(sa.select(schema.role_change).order_by(_ROLE.seq)):
        present = _with_role(present, _role_change(row))
    return present


def _assignment_change(row: Any) -> AssignmentChange:
    return AssignmentChange(
        **{name: getattr(row, name) for name in _names(AssignmentChange) if name != "state"},
        state=AssignmentState(row.state),
    )


def _comment_event(row: Any) -> CommentEvent:
    return CommentEvent(
        **{name: getattr(row, name) for name in _names(CommentEvent) if name != "kind"},
        kind=CommentKind(row.kind),
    )


def _assignments(connection: Connection, query: sa.Select[Any]) -> list[Assignment]:
    found = {
        row.assignment_id: Assignment(
            **{name: getattr(row, name) for name in _MADE},
            codebook_ids=tuple(row.codebook_ids),
            conditions=Conditions(**{name: getattr(row, name) for name in _names(Conditions)}),
            changed_at=row.created_at,
        )
        for row in connection.execute(query.order_by(_ASSIGNMENT.seq))
    }
    for batch in batches(found):
        changes = sa.select(schema.assignment_change).where(_CHANGE.assignment_id.in_(batch))
        for row in connection.execute(changes.order_by(_CHANGE.seq)):
            found[row.assignment_id] = _changed(found[row.assignment_id], _assignment_change(row))
    return list(found.values())


def _one_assignment(connection: Connection, assignment_id: str) -> Assignment:
    found = _assignments(
        connection, sa.select(schema.assignment).where(_ASSIGNMENT.assignment_id == assignment_id)
    )
    if not found:
        msg = f"There is no assignment {assignment_id!r}. The page Team lists them."
        raise StoreError(msg)
    return found[0]


def _comments(rows: Iterable[Any]) -> dict[str, Comment]:
    found: dict[str, Comment] = {}
    for row in rows:
        event = _comment_event(row)
        found[event.comment_id] = _commented(found.get(event.comment_id), event)
    return found
