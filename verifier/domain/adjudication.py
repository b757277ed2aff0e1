"""How it is settled what holds where several people labelled the same text: a log of resolutions, from which gold comes.

Gold is a layer of its own. A resolution says which annotations it was made from and which gold it made, if any; the annotations themselves stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from verifier.domain.annotation import Level
from verifier.domain.text import HelpfulEnum


class Outcome(HelpfulEnum):
    """How a decision was settled: everybody agreed, some labels were kept, joined into one, replaced by a new one, or all rejected. A reopened one is open again."""

    AGREED = "agreed"
    KEPT = "kept"
    MERGED = "merged"
    NEW = "new"
    REJECTED = "rejected"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An annotation that a resolution was made from, with what it said then; offsets as in :class:`~verifier.domain.Span`."""

    annotation_id: str
    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """One entry of the append-only log of adjudication.

    ``sources`` is everything the adjudicator had before them, what was turned down as well; empty where nobody had labelled the words. ``gold_ids`` are the
    annotations of layer gold that it made; empty where nothing of it is gold. ``replaces`` are the earlier resolutions that no longer hold, and whose gold is
    withdrawn with this one. ``note`` says why.
    """

    resolution_id: str
    document_id: str
    text_sha256: str
    codebook_id: str
    level: Level
    outcome: Outcome
    sources: tuple[Source, ...] = ()
    gold_ids: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    note: str = ""
    decided_by: str
    created_at: datetime


def in_force(resolutions: Iterable[Resolution]) -> list[Resolution]:
    """Leave out what later resolutions replace, and those that only reopen; the order stays."""
    given = list(resolutions)
    replaced = {name for one in given for name in one.replaces}
    return [one for one in given if one.resolution_id not in replaced and one.outcome is not Outcome.REOPENED]
