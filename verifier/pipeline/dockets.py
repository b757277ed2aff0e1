"""What there is to adjudicate: for each text, codebook and level the decisions on what people labelled, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from verifier.agreement.adjudication import Accord, Decision, decisions, place_of
from verifier.domain import (
    Annotation,
    AssignmentState,
    Document,
    Layer,
    Level,
    Resolution,
    Role,
    Source,
    in_force,
)
from verifier.pipeline.roles import require, role_of
from verifier.pipeline.services import Services, annotator
from verifier.pipeline.team import WORKED_LEVELS

LEVELS = (Level.SPAN, Level.SENTENCE, Level.DOCUMENT)
"""The levels that are adjudicated; stances on pairs of claim and evidence are judged on their own page."""

Topic = tuple[str, Level]
"""What is decided on: the codebook's id, and the level of the labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A decision and where it stands.

    Attributes:
        document_id: on which document; ``text_sha256`` names the text.
        topic: codebook and level.
        decision: what was said by whom.
        resolution: how it was settled, if these very labels were.
        earlier: resolutions in force on some of its labels that were settled before others came, changed or went. Their gold stands until it is settled anew.
        makers: resolutions in force that made gold here when nobody had labelled these words.
        gold: what is gold of it now, imported gold too.
    """

    document_id: str
    text_sha256: str
    topic: Topic
    decision: Decision
    resolution: Resolution | None
    earlier: tuple[Resolution, ...]
    makers: tuple[Resolution, ...]
    gold: tuple[Annotation, ...]

    @property
    def open(self) -> bool:
        """Whether it is still to be settled; gold that was imported or given before anybody labelled the words settles it, too."""
        return self.resolution is None and (bool(self.earlier) or not self.gold)

    @property
    def settled_by(self) -> tuple[Resolution, ...]:
        """The resolutions in force that bear on it, oldest first."""
        return (*self.earlier, *self.makers, *((self.resolution,) if self.resolution else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Docket:
    """All decisions on one document with one codebook at one level.

    ``loose`` is gold on words that nobody labels, or labels any more. ``people`` went through the text; ``at_work`` are those whose assignment is still open.
    """

    document: Document
    topic: Topic
    cases: tuple[Case, ...]
    loose: tuple[Annotation, ...]
    people: tuple[str, ...]
    at_work: tuple[str, ...]

    @property
    def open(self) -> int:
        """How many decisions are still to be made."""
        return sum(case.open for case in self.cases)

    @property
    def agreed(self) -> tuple[Case, ...]:
        """The open ones on which everybody says the same."""
        return tuple(case for case in self.cases if case.open and case.decision.accord is Accord.AGREED)


def dockets(
    services: Services,
    *,
    by: str,
    codebook_id: str = "",
    level: Level | None = None,
    document_ids: Sequence[str] | None = None,
) -> list[Docket]:
    """List what there is to decide, and how it was, by document and in the codebooks' order; documents nobody labelled are left out.

    Args:
        services: the opened services.
        by: who asks; an adjudicator or admin, as everybody's labels are shown.
        codebook_id: only this codebook; empty for all.
        level: only this level; None for all.
        document_ids: only these documents; None for all.

    Raises:
        CodebookError: there is no such codebook.
        NotAllowedError: ``by`` is neither adjudicator nor admin.
    """
    require_adjudicator(services, by)
    return dockets_for_all(services, codebook_id, level, document_ids)


def docket(services: Services, document_id: str, codebook_id: str, level: Level, *, by: str) -> Docket:
    """Return what there is to decide on one document; errors as in :func:`dockets`, and StoreError for an unknown document."""
    found = dockets(services, by=by, codebook_id=codebook_id, level=level, document_ids=[document_id])
    if found:
        return found[0]
    return Docket(
        document=services.store.document(document_id),
        topic=(codebook_id, level),
        cases=(),
        loose=(),
        people=(),
        at_work=(),
    )


# ---- how they are put together


def require_adjudicator(services: Services, by: str) -> None:
    """Raise NotAllowedError unless somebody is an adjudicator or admin."""
    name = annotator(by)
    require(role_of(services, name), name, "adjudicate", Role.ADJUDICATOR, Role.ADMIN)


def dockets_for_all(
    services: Services, codebook_id: str, level: Level | None, document_ids: Sequence[str] | None
) -> list[Docket]:
    """List what there is to decide, whoever asks; as :func:`dockets`."""
    if codebook_id:
        services.codebook(codebook_id)
    store = services.store
    documents = store.documents() if document_ids is None else [store.document(name) for name in document_ids]
    versions = {one.document_id: one.sha256 for one in documents}
    given: dict[tuple[str, Topic], list[Annotation]] = {}
    for one in store.annotations(document_ids=document_ids):
        if versions.get(one.document_id) == one.span.text_sha256 and one.layer is not Layer.SUGGESTION:
            given.setdefault((one.document_id, (one.codebook_id, one.level)), []).append(one)
    standing: dict[tuple[str, Topic], list[Resolution]] = {}
    for r in in_force(store.resolutions(document_ids)):
        standing.setdefault((r.document_id, (r.codebook_id, r.level)), []).append(r)
    people = _people(services, document_ids)
    wanted = [
        (name, each)
        for name in services.codebooks
        if codebook_id in {"", name}
        for each in LEVELS
        if level in {None, each}
    ]
    return [
        _docket(
            document,
            topic,
            given[document.document_id, topic],
            standing.get((document.document_id, topic), []),
            people,
        )
        for document in documents
        for topic in wanted
        if (document.document_id, topic) in given
    ]


@dataclass(frozen=True, slots=True)
class _People:
    """Who went through which text for which topic, and whose assignment of a document with a codebook is still open."""

    through: Mapping[tuple[str, str, Topic], set[str]]
    at_work: Mapping[tuple[str, str], set[str]]


def _people(services: Services, document_ids: Sequence[str] | None) -> _People:
    """Read it from the assignments, and from withdrawn labels, whose authors looked; who has labels standing is known from these."""
    assignments = services.store.assignments(document_ids=document_ids)
    through: dict[tuple[str, str, Topic], set[str]] = {}
    at_work: dict[tuple[str, str], set[str]] = {}
    for one in assignments:
        for name in one.codebook_ids:
            if one.state is AssignmentState.OPEN:
                at_work.setdefault((one.document_id, name), set()).add(one.annotator_id)
            for level in WORKED_LEVELS if one.state is AssignmentState.DONE else ():
                if name in services.codebooks and services.codebooks[name].labels_at(level):
                    key = (one.document_id, one.text_sha256, (name, level))
                    through.setdefault(key, set()).add(one.annotator_id)
    assigned = {(one.annotator_id, one.document_id) for one in assignments}
    for gone in services.store.withdrawn_annotations():
        if gone.layer is Layer.ANNOTATOR and (gone.annotator_id, gone.document_id) not in assigned:
            topic = (gone.codebook_id, gone.level)
            through.setdefault((gone.document_id, gone.span.text_sha256, topic), set()).add(gone.annotator_id)
    return _People(through, at_work)


def _docket(
    document: Document,
    topic: Topic,
    annotations: Sequence[Annotation],
    standing: Sequence[Resolution],
    people: _People,
) -> Docket:
    through = people.through.get((document.document_id, document.sha256, topic), set())
    found = decisions(annotations, through)
    golds = {one.annotation_id: one for one in annotations if one.layer is Layer.GOLD}
    touching = {one.decision_id: _touching(one, standing) for one in found}
    used = {name for rs in touching.values() for r in rs for name in r.gold_ids}
    free = [one for name, one in golds.items() if name not in used]
    placed = {gold.annotation_id: _home(gold, found) for gold in free}
    cases = []
    for decision in found:
        near = touching[decision.decision_id]
        exact = next((r for r in near if set(r.sources) == set(sources_of(decision))), None)
        own = {name for r in near for name in r.gold_ids}
        own |= {name for name, home in placed.items() if home == decision.decision_id}
        cases.append(
            Case(
                document_id=document.document_id,
                text_sha256=document.sha256,
                topic=topic,
                decision=decision,
                resolution=exact,
                earlier=tuple(r for r in near if r is not exact),
                makers=tuple(r for r in standing if r not in near and not own.isdisjoint(r.gold_ids)),
                gold=tuple(one for name, one in golds.items() if name in own),
            )
        )
    labelled = {one.annotator_id for one in annotations if one.layer is Layer.ANNOTATOR}
    return Docket(
        document=document,
        topic=topic,
        cases=tuple(cases),
        loose=tuple(gold for gold in free if not placed[gold.annotation_id]),
        people=tuple(sorted(through | labelled)),
        at_work=tuple(sorted(people.at_work.get((document.document_id, topic[0]), ()))),
    )


def _touching(decision: Decision, standing: Iterable[Resolution]) -> list[Resolution]:
    names = {one.annotation_id for one in decision.annotations}
    return [r for r in standing if not names.isdisjoint(source.annotation_id for source in r.sources)]


def _home(gold: Annotation, found: Sequence[Decision]) -> str:
    """Find the decision that gold without sources answers: one that says the same, one at its place, or an open question that shares words with it."""
    place = place_of(gold)

    def nearness(decision: Decision) -> int:
        disputed = decision.accord is not Accord.AGREED
        if any((r.place, r.label) == (place, gold.label) for r in decision.readings):
            return 4
        if any(r.place == place for r in decision.readings):
            return 3 if disputed else 1
        shares = any(max(place[0], r.place[0]) < min(place[1], r.place[1]) for r in decision.readings)
        return 2 if disputed and shares else 0

    best = max(found, key=nearness, default=None)
    return best.decision_id if best is not None and nearness(best) else ""


def sources_of(decision: Decision) -> tuple[Source, ...]:
    """Write down what a decision is about."""
    return tuple(
        Source(annotation_id=one.annotation_id, start=one.span.start, end=one.span.end, label=one.label)
        for one in decision.annotations
    )
