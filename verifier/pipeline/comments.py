"""The workflow of comments: what annotators and adjudicators tell each other about a document, and who may read it."""

from __future__ import annotations

import uuid

from verifier.domain import Comment, CommentEvent, CommentKind, Role
from verifier.errors import DomainError, NotAllowedError
from verifier.pipeline.roles import may_read_others, now, require, role_of
from verifier.pipeline.services import Services, annotator

_LONGEST_COMMENT = 10_000
"""Code points; as much as a note on a label may have."""


def comment(
    services: Services, *, document_id: str, text: str, by: str, annotation_id: str = "", to: str = ""
) -> Comment:
    """Write a note on a document or on one annotation of it, for somebody or for all who may read it.

    Raises:
        DomainError: there is no text, or too much.
        NotAllowedError: ``by`` is not on the team.
        StoreError: there is no such document or annotation.
    """
    name = annotator(by)
    require(role_of(services, name), name, "comment", *Role)
    if not text.strip() or len(text) > _LONGEST_COMMENT:
        msg = f"A comment has 1 to {_LONGEST_COMMENT} characters; found {len(text.strip())}."
        raise DomainError(msg)
    return services.store.commit_comment(
        CommentEvent(
            event_id=uuid.uuid4().hex,
            kind=CommentKind.WRITE,
            comment_id=uuid.uuid4().hex,
            document_id=document_id,
            annotation_id=annotation_id,
            to_id=to.strip(),
            text=text.strip(),
            made_by=name,
            created_at=now(),
        )
    )


def resolve(services: Services, comment: Comment, *, by: str) -> Comment:
    """Mark a comment as settled; its author, whom it is for, an adjudicator or an admin may."""
    return _settle(services, comment, CommentKind.RESOLVE, by)


def reopen_comment(services: Services, comment: Comment, *, by: str) -> Comment:
    """Mark a comment as not settled after all; who may resolve it may reopen it."""
    return _settle(services, comment, CommentKind.REOPEN, by)


def withdraw_comment(services: Services, comment: Comment, *, by: str) -> Comment:
    """Take one's own comment back; it stays on record. Raises NotAllowedError for somebody else's."""
    name = annotator(by)
    if comment.author_id != name:
        msg = f"This comment is {comment.author_id!r}'s; {name!r} cannot withdraw it."
        raise NotAllowedError(msg)
    return _comment_event(services, comment, CommentKind.WITHDRAW, name)


def comments(services: Services, document_id: str, *, by: str) -> list[Comment]:
    """List the comments on a document that somebody may read, oldest first, without withdrawn ones.

    Where annotators work apart, they see their own, those meant for them, and what adjudicators and admins say to all.
    """
    found = [one for one in services.store.comments(document_ids=[document_id]) if not one.withdrawn]
    if may_read_others(services, by, document_id):
        return found
    seniors = {one.annotator_id for one in services.store.annotators() if one.role is not Role.ANNOTATOR}
    return [
        one
        for one in found
        if by in {one.author_id, one.to_id} or (not one.to_id and one.author_id in seniors)
    ]


def _settle(services: Services, comment: Comment, kind: CommentKind, by: str) -> Comment:
    name = annotator(by)
    if name not in {comment.author_id, comment.to_id}:
        require(role_of(services, name), name, "settle others' comments", Role.ADJUDICATOR, Role.ADMIN)
    return _comment_event(services, comment, kind, name)


def _comment_event(services: Services, comment: Comment, kind: CommentKind, by: str) -> Comment:
    return services.store.commit_comment(
        CommentEvent(
            event_id=uuid.uuid4().hex,
            kind=kind,
            comment_id=comment.comment_id,
            document_id=comment.document_id,
            made_by=by,
            created_at=now(),
        )
    )
