"""What lies before an annotator: a document, the codebooks to label it with, and what is kept from them while they do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from verifier.domain import Annotation, Assignment, AssignmentState, Conditions, Document, Layer
from verifier.pipeline import Services, roles
from verifier.ui.wording import document_name

_SHORT_ID = 6
"""Characters by which a document is named where its outlet is hidden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One document at work. ``assignment`` is the person's on this document, or None where they chose it themselves."""

    document: Document
    annotator_id: str
    codebook_ids: tuple[str, ...]
    conditions: Conditions
    assignment: Assignment | None = None

    @property
    def readonly(self) -> bool:
        """Whether nothing may be labelled now: nobody is named, or the person has finished or skipped the document and not opened it again."""
        closed = self.assignment is not None and self.assignment.state is not AssignmentState.OPEN
        return not self.annotator_id or closed

    def visible(self, services: Services, annotations: Iterable[Annotation]) -> list[Annotation]:
        """Return those annotations that this person may see now: their own, and others' where neither their role nor the conditions are against it."""
        kept = [one for one in annotations if one.layer is not Layer.GOLD]
        if self.conditions.others_hidden:
            return [one for one in kept if one.annotator_id == self.annotator_id]
        return roles.readable(services, kept, self.annotator_id)


def shown_name(document: Document, *, outlet_hidden: bool) -> str:
    """Return what a document is called in a list, without its outlet and title where these are hidden."""
    return f"Document {document.document_id[:_SHORT_ID]}" if outlet_hidden else document_name(document)
