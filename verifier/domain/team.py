"""How several people share the work: who they are, who labels which document under which conditions, and what they tell each other.

What can change is kept as a log of what happened (a role given, an assignment finished, a comment resolved), from which the present state follows; nothing in
these logs is ever changed or removed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from verifier.domain.text import HelpfulEnum


class Role(HelpfulEnum):
    """What somebody may do: label; besides read and settle what others labelled; besides assign work and give roles."""

    ANNOTATOR = "annotator"
    ADJUDICATOR = "adjudicator"
    ADMIN = "admin"


class AssignmentState(HelpfulEnum):
    """Where an assignment stands; a skipped one waits until somebody reopens it."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


class VisitKind(HelpfulEnum):
    """What is known of somebody at a document: that it was put before them, or that they turned away from it unfinished."""

    OPENED = "opened"
    LEFT = "left"


class CommentKind(HelpfulEnum):
    """What an entry of the log of comments does; a withdrawn comment stays on record."""

    WRITE = "write"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotator:
    """Somebody who takes part, known by a name or pseudonym; ``since`` is when they were given the role they have."""

    annotator_id: str
    role: Role
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChange:
    """One entry of the log of roles: ``annotator_id`` has ``role`` from now on, or none any more (None)."""

    change_id: str
    annotator_id: str
    role: Role | None
    changed_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Under which conditions a text is labelled; what people know while they decide is part of the data.

    Blind work hides both outlet and others' labels. Machines' suggestions are a condition of their own, as they can lead a decision either way.
    """

    outlet_hidden: bool = True
    others_hidden: bool = True
    suggestions_shown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """That somebody is to label one document with some codebooks, and how far they are; nobody has the same document twice.

    ``position`` orders somebody's queue. ``seed`` is what the sharing-out was drawn with. ``reason`` says why it was skipped. ``text_sha256`` is the
    text that was on screen when it was finished or skipped, empty while it is open. ``changed_at`` is when the state was last changed.
    """

    assignment_id: str
    document_id: str
    annotator_id: str
    codebook_ids: tuple[str, ...]
    conditions: Conditions = field(default_factory=Conditions)
    position: int
    seed: int
    assigned_by: str
    created_at: datetime
    state: AssignmentState = AssignmentState.OPEN
    reason: str = ""
    text_sha256: str = ""
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentChange:
    """One entry of the log of assignments: its state is ``state`` from now on."""

    change_id: str
    assignment_id: str
    state: AssignmentState
    reason: str = ""
    text_sha256: str = ""
    changed_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """That an assignment was put before its annotator, or left unfinished. How long they worked follows from these and from what they did between."""

    visit_id: str
    assignment_id: str
    kind: VisitKind
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentEvent:
    """One entry of the log of comments; all but the first of a comment need only its ids, whose hand it was, and when."""

    event_id: str
    kind: CommentKind
    comment_id: str
    document_id: str
    annotation_id: str = ""
    to_id: str = ""
    text: str = ""
    made_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A note on a document, or on one annotation of it (``annotation_id``); ``to_id`` is whom it is for, empty for everybody who may read it."""

    comment_id: str
    document_id: str
    annotation_id: str = ""
    author_id: str
    to_id: str = ""
    text: str
    created_at: datetime
    resolved_by: str = ""
    resolved_at: datetime | None = None
    withdrawn: bool = False
