"""How work is shared out among people, and how long it took them: pure functions over records.

:func:`share_out` gives each document to so many people, fairly and repeatably. :func:`active_seconds` tells working from being away.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, pairwise

from verifier.domain import Assignment, AssignmentChange, AssignmentState, Visit, VisitKind

IDLE_S = 300.0
"""Seconds without a sign of life after which somebody counts as away. Five minutes read about 1,200 words of English at the 238 a minute of Brysbaert (2019,
"How many words do we read per minute?", Journal of Memory and Language 109): a long article is read through once without being taken for an absence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Who is to get which document besides those assigned already.

    Attributes:
        pairs: (document, annotator), in the order of each annotator's queue.
        short: documents that too few people are left for -> how many are missing.
    """

    pairs: tuple[tuple[str, str], ...]
    short: Mapping[str, int]


def share_out(
    documents: Iterable[str], annotators: Iterable[str], k: int, *, seed: int, present: Sequence[Assignment]
) -> Shares:
    """Give each document to ``k`` people, each time those with the least to do.

    What is assigned stays; a document that has its ``k`` people gets none more, and nobody gets the same one twice. Skipped assignments do not count towards ``k``, so
    that sharing out again gives such a document to somebody else. From equal loads, the loads differ by one at most. Order, and who goes first among equals, come from
    a hash of the seed with the names, so that the order in which names are given does not matter.

    Args:
        documents: ids.
        annotators: ids of those among whom to share.
        k: people to each document; at least 1.
        seed: any whole number; the same one gives the same shares.
        present: all assignments there are; those of others count towards ``k``, and every one counts as load.
    """
    people = sorted(set(annotators))
    load = Counter(one.annotator_id for one in present)
    had: dict[str, set[str]] = {}
    counted: Counter[str] = Counter()
    for one in present:
        had.setdefault(one.document_id, set()).add(one.annotator_id)
        counted[one.document_id] += one.state is not AssignmentState.SKIPPED
    pairs: list[tuple[str, str]] = []
    short: dict[str, int] = {}
    for document in sorted(set(documents), key=lambda name: _drawn(seed, name)):
        free = [name for name in people if name not in had.get(document, ())]
        wanted = max(0, k - counted[document])
        chosen = sorted(free, key=lambda name: (load[name], _drawn(seed, document, name)))[:wanted]
        load.update(chosen)
        pairs += [(document, name) for name in chosen]
        if len(chosen) < wanted:
            short[document] = wanted - len(chosen)
    # Everybody has an order of their own, so that nobody's tiredness falls on the same documents as another's.
    pairs.sort(key=lambda pair: (pair[1], _drawn(seed, "order", pair[1], pair[0])))
    return Shares(pairs=tuple(pairs), short=short)


def active_seconds(signs: Iterable[datetime], *, idle_s: float = IDLE_S) -> float:
    """Add up the time between signs of life, of which a gap counts ``idle_s`` at most; 0 where there are fewer than two."""
    return sum(min((later - earlier).total_seconds(), idle_s) for earlier, later in pairwise(sorted(signs)))


def time_spent(
    assignments: Iterable[Assignment],
    *,
    visits: Sequence[Visit],
    changes: Sequence[AssignmentChange],
    labelling: Mapping[tuple[str, str], Sequence[datetime]],
    idle_s: float = IDLE_S,
) -> dict[str, float]:
    """Return how long people worked on each assignment that was ever opened: assignment id -> seconds.

    A stretch of work begins when the assignment is opened, and ends when it is finished, skipped or left, or when its annotator opens another. Within it the labels
    given on its document are signs of life, see :func:`active_seconds`; a stretch without an end, such as of a closed tab, reaches to the last of them. Labels given
    outside any stretch, such as imported ones, count for nothing.

    Args:
        assignments: whose.
        visits: of all assignments of these people, oldest first.
        changes: of their states, oldest first.
        labelling: (annotator, document) -> when that person worked on labels there.
        idle_s: how long a gap counts at most.
    """
    known = {one.assignment_id: one for one in assignments}
    timelines: dict[str, list[Visit | AssignmentChange]] = {}
    events: list[Visit | AssignmentChange] = [*visits, *changes]
    for event in sorted(events, key=lambda one: one.created_at):
        if event.assignment_id in known:
            timelines.setdefault(known[event.assignment_id].annotator_id, []).append(event)
    spent: dict[str, float] = {}
    for timeline in timelines.values():
        for number, event in enumerate(timeline):
            if isinstance(event, AssignmentChange) or event.kind is not VisitKind.OPENED:
                continue
            one, start = known[event.assignment_id], event.created_at
            later = islice(timeline, number + 1, None)
            end = next((e.created_at for e in later if _ends(e, one.assignment_id)), None)
            given = labelling.get((one.annotator_id, one.document_id), ())
            signs = [at for at in given if start <= at and (end is None or at <= end)]
            signs += [start] if end is None else [start, end]
            seconds = active_seconds(signs, idle_s=idle_s)
            spent[one.assignment_id] = spent.get(one.assignment_id, 0.0) + seconds
    return spent


def _ends(event: Visit | AssignmentChange, assignment_id: str) -> bool:
    """Tell whether an event ends the work on an assignment: its own change of state, or its annotator turning to anything."""
    return isinstance(event, Visit) or event.assignment_id == assignment_id


def _drawn(seed: int, *names: str) -> bytes:
    return hashlib.sha256("\0".join((str(seed), *names)).encode("utf-8", "surrogatepass")).digest()
