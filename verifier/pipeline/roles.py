"""Who may do what on a team: roles, and the questions that pages and other workflows ask before they show or do something.

People are who they say they are: nothing here proves a name. An installation in which nobody has a role yet belongs to whoever works in it, who may do everything;
the first role given makes its giver an admin.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from verifier.domain import Annotation, Annotator, AssignmentState, Layer, Role, RoleChange
from verifier.errors import DomainError, NotAllowedError
from verifier.pipeline.services import Services, annotator


def role_of(services: Services, annotator_id: str) -> Role | None:
    """Return somebody's role; None for who has none. In an installation without roles whoever works is admin."""
    everybody = services.store.annotators()
    if not everybody:
        return Role.ADMIN
    return next((one.role for one in everybody if one.annotator_id == annotator_id), None)


def give_role(
    services: Services, annotator_id: str, role: Role | None, *, by: str, only_new: bool = False
) -> list[RoleChange]:
    """Give somebody a role, or take theirs away (None); in an installation without roles, ``by`` becomes an admin too.

    Args:
        services: the opened services.
        annotator_id: who gets the role.
        role: what they may do from now on.
        by: who gives it.
        only_new: leave a role that somebody has already as it is.

    Returns:
        What changed; empty if they had that role.

    Raises:
        NotAllowedError: ``by`` is no admin.
        DomainError: nobody would be admin any more, or a name is missing.
    """
    name, giver = annotator(annotator_id), annotator(by)

    def decide(present: Mapping[str, Annotator]) -> list[RoleChange]:
        first = [] if present else [_role_change(giver, Role.ADMIN, giver)]
        if present:
            had = present.get(giver)
            require(had.role if had else None, giver, "give roles", Role.ADMIN)
        if only_new and name in present:
            return []
        after = {one.annotator_id: one.role for one in present.values()}
        after |= {change.annotator_id: change.role for change in first if change.role}
        changes = [*first, _role_change(name, role, giver)] if after.get(name) is not role else first
        if role is not Role.ADMIN and Role.ADMIN not in {r for key, r in after.items() if key != name}:
            msg = f"{name!r} would be the last admin to go, and nobody could give roles any more. Make somebody else admin first."
            raise DomainError(msg)
        return changes

    return services.store.change_roles(decide)


def may_read_others(services: Services, annotator_id: str, document_id: str) -> bool:
    """Tell whether somebody may see what others labelled on a document.

    Adjudicators and admins may. Annotators may not where anybody labels the document with others' labels hidden: neither those who do, finished or not,
    nor those who may still be asked to.
    """
    if role_of(services, annotator_id) in {Role.ADJUDICATOR, Role.ADMIN}:
        return True
    return document_id not in _kept_apart(services, [document_id])


def readable(services: Services, annotations: Iterable[Annotation], annotator_id: str) -> list[Annotation]:
    """Leave out what somebody may not see of others' work; see :func:`may_read_others`. Gold is for everybody who has finished the document.

    For every page and export that shows annotations to a person.
    """
    given = list(annotations)
    if role_of(services, annotator_id) in {Role.ADJUDICATOR, Role.ADMIN}:
        return given
    apart = _kept_apart(services, {one.document_id for one in given})
    finished = {
        one.document_id
        for one in services.store.assignments(annotator_id=annotator_id)
        if one.state is AssignmentState.DONE
    }
    return [
        one
        for one in given
        if one.annotator_id == annotator_id
        or one.document_id not in apart
        or (one.layer is Layer.GOLD and one.document_id in finished)
    ]


def _kept_apart(services: Services, document_ids: Collection[str]) -> set[str]:
    return {
        one.document_id
        for one in services.store.assignments(document_ids=document_ids)
        if one.conditions.others_hidden
    }


def require(role: Role | None, annotator_id: str, what: str, *allowed: Role) -> None:
    """Raise NotAllowedError unless a role is among those that may do ``what`` (a verb with its object)."""
    if role not in allowed:
        who = " or ".join(f"an {one.value}" for one in allowed)
        msg = (
            f"Only {who} may {what}; {annotator_id!r} is {f'an {role.value}' if role else 'not on the team'}."
        )
        raise NotAllowedError(msg)


def _role_change(annotator_id: str, role: Role | None, by: str) -> RoleChange:
    return RoleChange(
        change_id=uuid.uuid4().hex, annotator_id=annotator_id, role=role, changed_by=by, created_at=now()
    )


def now() -> datetime:
    """Return the present time, finer than a second, as order and time at work are read from it."""
    return datetime.now(UTC)
