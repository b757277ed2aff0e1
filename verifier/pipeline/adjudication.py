"""The workflow of adjudication: how a decision is settled, the gold that comes of it, and where gold differs from somebody's labels.

Gold is written in a layer of its own, under the adjudicator's name; labels of annotators are read and never touched. Everything that settles a decision is one entry in the
log of resolutions, committed with the gold it makes and withdraws; settling anew replaces, reopening takes back, and both stay on record.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from verifier.agreement.adjudication import Accord, Reading, place_of
from verifier.domain import (
    Annotation,
    AnnotationOp,
    AssignmentState,
    Codebook,
    Layer,
    Level,
    OpKind,
    Outcome,
    Resolution,
    Source,
    Span,
    in_force,
)
from verifier.domain.text import HelpfulEnum
from verifier.errors import DomainError
from verifier.pipeline.dockets import (
    Case,
    Docket,
    Topic,
    dockets,
    dockets_for_all,
    require_adjudicator,
    sources_of,
)
from verifier.pipeline.roles import may_read_others, now
from verifier.pipeline.services import Services, annotator

_LONGEST_NOTE = 10_000
"""Code points; as much as a note on a label may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """A label that is to become gold: at ``[start, end)`` of the text, or on the whole document (0, 0)."""

    start: int
    end: int
    label: str
    intensity: int | None = None
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """How many agreed decisions became gold, on how many documents, how many documents wait for an annotator to finish, and why other decisions could not."""

    decisions: int = 0
    documents: int = 0
    waiting: int = 0
    refused: tuple[str, ...] = ()


class DifferenceKind(HelpfulEnum):
    """How gold differs from somebody's labels: it has one that they do not, not one that they have, other words, or another label."""

    MISSED = "missed"
    NOT_GOLD = "not-gold"
    OTHER_SPAN = "other-span"
    OTHER_LABEL = "other-label"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where gold differs from what somebody labelled, who decided so, and why (``note``, where they said)."""

    kind: DifferenceKind
    topic: Topic
    mine: tuple[Annotation, ...]
    gold: tuple[Annotation, ...]
    note: str
    decided_by: str
    decided_at: datetime


# ---- settling


def keep(
    services: Services, case: Case, readings: Sequence[Reading], *, by: str, note: str = ""
) -> Resolution:
    """Make gold of what annotators said, one or several of the things they said, and turn down the rest.

    Raises:
        DomainError: nothing was chosen, a label is no longer given, or the codebook gives one label only and several were chosen.
        NotAllowedError: ``by`` is neither adjudicator nor admin.
        StoreError: it was settled, or a label of it changed, meanwhile; see the docket again.
    """
    if not readings:
        msg = "Choose what to keep, or reject everything."
        raise DomainError(msg)
    outcome = Outcome.AGREED if case.decision.accord is Accord.AGREED else Outcome.KEPT
    return _settle(services, case, outcome, [_kept(reading) for reading in readings], by=by, note=note)


def settle(
    services: Services, case: Case, outcome: Outcome, *golds: Gold, by: str, note: str = ""
) -> Resolution:
    """Settle a decision with labels at any place (merged or new), or with none (rejected). Errors as in :func:`keep`."""
    if bool(golds) != (outcome in {Outcome.AGREED, Outcome.KEPT, Outcome.MERGED, Outcome.NEW}):
        msg = f"A decision that is {outcome.value} {'makes no gold' if golds else 'makes gold; say which'}."
        raise DomainError(msg)
    return _settle(services, case, outcome, golds, by=by, note=note)


def reject(services: Services, case: Case, *, by: str, note: str = "") -> Resolution:
    """Settle that none of these labels holds; it is on record, with what was rejected. Errors as in :func:`keep`."""
    return settle(services, case, Outcome.REJECTED, by=by, note=note)


def reopen(services: Services, case: Case, *, by: str, note: str = "") -> Resolution | None:
    """Take back how a decision was settled: its gold is withdrawn and it is open again. Returns None if it is not settled.

    Errors as in :func:`keep`.
    """
    if not case.settled_by and not case.gold:
        return None
    return _settle(services, case, Outcome.REOPENED, (), by=by, note=note)


def add_gold(services: Services, docket: Docket, gold: Gold, *, by: str, note: str = "") -> Resolution:
    """Make gold of words that nobody labelled. Errors as in :func:`keep`."""
    place = _Place.of(docket)
    return _commit(services, place, Outcome.NEW, [gold], by=by, note=note)


def withdraw_gold(
    services: Services, docket: Docket, gold: Annotation, *, by: str, note: str = ""
) -> Resolution:
    """Take back gold that belongs to no decision (``docket.loose``). Errors as in :func:`keep`."""
    made = [
        one
        for one in in_force(services.store.resolutions([gold.document_id]))
        if gold.annotation_id in one.gold_ids
    ]
    place = _Place.of(docket)
    return _commit(services, place, Outcome.REOPENED, (), by=by, note=note, replaces=made, withdrawn=[gold])


def accept_agreed(
    services: Services,
    *,
    by: str,
    codebook_id: str = "",
    level: Level | None = None,
    document_ids: Sequence[str] | None = None,
) -> Accepted:
    """Make gold of all open decisions on which everybody who went through the text says the same, once nobody is at work on it. Doing it twice adds nothing.

    Args:
        services: the opened services.
        by: who accepts; gold carries their name.
        codebook_id: only with this codebook; empty for all.
        level: only labels at this level; None for all.
        document_ids: only on these documents; None for all.

    Returns:
        What was accepted; an agreed label that cannot be gold, being retired from its codebook, say, stays open and is told.

    Raises:
        CodebookError: there is no such codebook.
        NotAllowedError: ``by`` is neither adjudicator nor admin.
    """
    done: set[str] = set()
    number, refused = 0, []
    waiting: set[str] = set()
    for one in dockets(services, by=by, codebook_id=codebook_id, level=level, document_ids=document_ids):
        if one.at_work and one.agreed:
            waiting.add(one.document.document_id)
            continue
        for case in one.agreed:
            try:
                keep(services, case, case.decision.readings, by=by)
            except DomainError as error:
                refused.append(str(error))
            else:
                number += 1
                done.add(case.document_id)
    return Accepted(
        decisions=number, documents=len(done), waiting=len(waiting), refused=tuple(dict.fromkeys(refused))
    )


# ---- afterwards


def differences(services: Services, document_id: str, annotator_id: str) -> list[Difference]:
    """Tell where gold on a document differs from what somebody labelled, as far as they may see gold there.

    Only what they went through counts; see :func:`verifier.pipeline.roles.readable` for when gold may be seen.
    """
    name = annotator(annotator_id)
    finished = any(
        one.state is AssignmentState.DONE
        for one in services.store.assignments(annotator_id=name, document_ids=[document_id])
    )
    if not finished and not may_read_others(services, name, document_id):
        return []
    found = dockets_for_all(services, "", None, [document_id])
    return [difference for one in found for difference in _differences(one, name)]


def resolutions_of(services: Services, annotation_id: str) -> list[Resolution]:
    """List, oldest first, the resolutions that were made from an annotation or that made it.

    Raises:
        StoreError: there is no such annotation.
    """
    document_id = services.store.ops(annotation_id)[0].document_id
    return [
        one
        for one in services.store.resolutions([document_id])
        if annotation_id in one.gold_ids or any(s.annotation_id == annotation_id for s in one.sources)
    ]


def documents_with_gold(services: Services) -> list[str]:
    """List the documents on which anything was settled or gold stands, by id."""
    found = {
        one.document_id for one in services.store.annotations(layer=Layer.GOLD) if not one.document_deleted
    }
    found |= {one.document_id for one in in_force(services.store.resolutions())}
    present = {one.document_id for one in services.store.documents()}
    return sorted(found & present)


def _differences(one: Docket, name: str) -> Iterable[Difference]:
    for case in one.cases:
        if name not in {*case.decision.annotators, *case.decision.silent}:
            continue
        if case.open and not case.earlier:
            continue
        mine = tuple(a for a in case.decision.annotations if a.annotator_id == name)
        kind = _kind(mine, case.gold)
        if kind is not None:
            yield _difference(kind, one.topic, mine, case.gold, case.settled_by)
    if name in one.people:
        for gold in one.loose:
            yield _difference(DifferenceKind.MISSED, one.topic, (), (gold,), ())


def _kind(mine: Sequence[Annotation], gold: Sequence[Annotation]) -> DifferenceKind | None:
    ours, theirs = ({(place_of(a), a.label) for a in given} for given in (mine, gold))
    if ours == theirs:
        return None
    if not ours or not theirs:
        return DifferenceKind.MISSED if theirs else DifferenceKind.NOT_GOLD
    if {label for _, label in ours} == {label for _, label in theirs}:
        return DifferenceKind.OTHER_SPAN
    return DifferenceKind.OTHER_LABEL


def _difference(
    kind: DifferenceKind,
    topic: Topic,
    mine: tuple[Annotation, ...],
    gold: tuple[Annotation, ...],
    settled_by: Sequence[Resolution],
) -> Difference:
    last = settled_by[-1] if settled_by else None
    return Difference(
        kind=kind,
        topic=topic,
        mine=mine,
        gold=gold,
        note=last.note if last else gold[0].note,
        decided_by=last.decided_by if last else gold[0].annotator_id,
        decided_at=last.created_at if last else gold[0].updated_at,
    )


# ---- how they are settled


@dataclass(frozen=True, slots=True)
class _Place:
    """On which text, and with which codebook at which level, something is settled."""

    document_id: str
    text_sha256: str
    topic: Topic

    @classmethod
    def of(cls, given: Case | Docket) -> _Place:
        if isinstance(given, Case):
            return cls(given.document_id, given.text_sha256, given.topic)
        return cls(given.document.document_id, given.document.sha256, given.topic)


def _kept(reading: Reading) -> Gold:
    """Carry over what annotators said besides the label where those who said something say the same."""
    intensities = {one.intensity for one in reading.annotations if one.intensity is not None}
    targets = {one.target for one in reading.annotations if one.target}
    return Gold(
        start=reading.place[0],
        end=reading.place[1],
        label=reading.label,
        intensity=intensities.pop() if len(intensities) == 1 else None,
        target=targets.pop() if len(targets) == 1 else "",
    )


def _settle(
    services: Services, case: Case, outcome: Outcome, golds: Sequence[Gold], *, by: str, note: str
) -> Resolution:
    return _commit(
        services,
        _Place.of(case),
        outcome,
        golds,
        by=by,
        note=note,
        sources=sources_of(case.decision),
        replaces=case.settled_by,
        withdrawn=case.gold,
    )


def _commit(
    services: Services,
    place: _Place,
    outcome: Outcome,
    golds: Sequence[Gold],
    *,
    by: str,
    note: str,
    sources: tuple[Source, ...] = (),
    replaces: Sequence[Resolution] = (),
    withdrawn: Sequence[Annotation] = (),
) -> Resolution:
    require_adjudicator(services, by)
    if len(note) > _LONGEST_NOTE:
        msg = f"A note has up to {_LONGEST_NOTE} characters; found {len(note)}. Shorten it."
        raise DomainError(msg)
    when, name = now(), annotator(by)
    new = list(dict.fromkeys(golds))
    made = [_add(services, place, gold, by=name, note=note.strip(), when=when) for gold in new]
    _require_single(services.codebooks.get(place.topic[0]), new)
    going = {one.annotation_id for one in withdrawn} | {key for one in replaces for key in one.gold_ids}
    standing = services.store.annotations(document_ids=[place.document_id], layer=Layer.GOLD)
    gone = [_withdrawal(one, name, when) for one in standing if one.annotation_id in going]
    resolution = Resolution(
        resolution_id=uuid.uuid4().hex,
        document_id=place.document_id,
        text_sha256=place.text_sha256,
        codebook_id=place.topic[0],
        level=place.topic[1],
        outcome=outcome,
        sources=sources,
        gold_ids=tuple(op.annotation_id for op in made),
        replaces=tuple(one.resolution_id for one in replaces),
        note=note.strip(),
        decided_by=name,
        created_at=when,
    )
    services.store.commit_resolutions([resolution], [*gone, *made])
    return resolution


def _add(
    services: Services, place: _Place, gold: Gold, *, by: str, note: str, when: datetime
) -> AnnotationOp:
    codebook_id, level = place.topic
    book = services.codebook(codebook_id)
    book.require_givable(gold.label, level)
    span = None
    if level is not Level.DOCUMENT:
        document = services.store.document(place.document_id)
        if document.sha256 != place.text_sha256:
            msg = "The document has another version by now, and labels on the one you saw cannot become gold. Open it again."
            raise DomainError(msg)
        span = Span.of(document.text, gold.start, gold.end)
    return AnnotationOp(
        op_id=uuid.uuid4().hex,
        kind=OpKind.ADD,
        annotation_id=uuid.uuid4().hex,
        document_id=place.document_id,
        level=level,
        span=span,
        codebook_id=codebook_id,
        codebook_version=book.version,
        label=gold.label,
        intensity=gold.intensity,
        target=gold.target,
        note=note,
        layer=Layer.GOLD,
        annotator_id=by,
        created_at=when,
    )


def _withdrawal(gold: Annotation, by: str, when: datetime) -> AnnotationOp:
    return AnnotationOp(
        op_id=uuid.uuid4().hex,
        kind=OpKind.WITHDRAW,
        annotation_id=gold.annotation_id,
        document_id=gold.document_id,
        level=gold.level,
        layer=Layer.GOLD,
        annotator_id=by,
        created_at=when,
    )


def _require_single(book: Codebook | None, golds: Sequence[Gold]) -> None:
    """Refuse two labels on the same words where the codebook gives one."""
    places = [(gold.start, gold.end) for gold in golds]
    if book is not None and not book.multiple and len(set(places)) < len(places):
        msg = f"{book.title} gives one label to the same words. Keep one of them."
        raise DomainError(msg)
