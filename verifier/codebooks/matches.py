"""Which labels of one codebook correspond to which of another.

A match is written once, in one of the two codebooks (``maps_to``), and read from either. Matches are not chained: SKOS makes only exact matches
transitive, and a chain of close ones ends anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from verifier.domain import Codebook, LabelMatch, MatchRelation

_SEEN_FROM_THE_OTHER = {
    MatchRelation.EXACT: MatchRelation.EXACT,
    MatchRelation.CLOSE: MatchRelation.CLOSE,
    MatchRelation.BROAD: MatchRelation.NARROW,
    MatchRelation.NARROW: MatchRelation.BROAD,
}


def matches_between(
    codebooks: Mapping[str, Codebook], codebook_id: str, other_id: str
) -> dict[str, tuple[LabelMatch, ...]]:
    """Return the matches of one codebook's labels with those of another, whichever of the two files says so.

    Args:
        codebooks: by id.
        codebook_id: whose labels are looked at.
        other_id: whose labels they are matched with.

    Returns:
        By ``label_id`` of the first codebook, retired labels included; a label without a counterpart is not in it. Each match names a label of the other
        codebook, and its relation is the one seen from the first.

    Raises:
        KeyError: one of the codebooks is not among them.
    """
    found: defaultdict[str, list[LabelMatch]] = defaultdict(list)
    own, other = codebooks[codebook_id], codebooks[other_id]
    for label in (*own.labels, *own.retired_labels):
        found[label.label_id] += [match for match in label.maps_to if match.codebook_id == other_id]
    for label in (*other.labels, *other.retired_labels):
        for match in label.maps_to:
            if match.codebook_id == codebook_id:
                relation = _SEEN_FROM_THE_OTHER[match.relation]
                turned = replace(match, codebook_id=other_id, label_id=label.label_id, relation=relation)
                found[match.label_id].append(turned)
    return {label_id: tuple(matches) for label_id, matches in found.items() if matches}
