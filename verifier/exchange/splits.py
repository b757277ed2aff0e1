"""Parting documents into the splits of a data set, and counting what is in them.

A text that stands in two splits lets a model recite what it should predict. So versions of one document stay together, and so do documents with the same words.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from verifier.domain import Document
from verifier.errors import ExchangeError

Version: TypeAlias = tuple[str, str]
"""A document's id and the digest of one of its texts."""

_NAME = re.compile("[a-z][a-z0-9_]{0,31}")
"""What a split may be called: it becomes part of file names, and Hugging Face takes nothing else."""

WHOLE = "full"
"""The one split of a data set that is not parted."""


def split_documents(
    documents: Iterable[Document], shares: Mapping[str, float], *, seed: int
) -> dict[Version, str]:
    """Give every version a split, near the shares and always the same for the same documents and seed.

    Groups of versions that belong together are drawn in an order that follows from the seed, and each goes where most is missing.

    Args:
        documents: the versions.
        shares: of each split by name, positive and 1 in all; none puts everything into :data:`WHOLE`.
        seed: any number; another one draws otherwise.

    Raises:
        ExchangeError: the shares are none that can be met.
    """
    shares = require_shares(shares)
    versions = {(document.document_id, document.sha256): _words(document.text) for document in documents}
    groups = _groups(versions)
    order = sorted(groups, key=lambda name: hashlib.sha256(f"{seed}\0{name}".encode()).hexdigest())
    given: Counter[str] = Counter()
    split: dict[Version, str] = {}
    for name in order:
        best = max(shares, key=lambda part: (shares[part] * len(versions) - given[part], shares[part]))
        given[best] += len(groups[name])
        split |= dict.fromkeys(groups[name], best)
    return {version: split[version] for version in versions}


def parse_shares(text: str) -> dict[str, float]:
    """Read shares as people write them, such as ``train=0.8,dev=0.1,test=0.1``; ``none`` or nothing is no split.

    Raises:
        ExchangeError: this is no list of shares, or one that cannot be met.
    """
    if text.strip() in {"", "none"}:
        return {}
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, _, share = part.partition("=")
        try:
            shares[name.strip()] = float(share)
        except ValueError as error:
            msg = f"A split takes shares by name, such as train=0.8,dev=0.1,test=0.1, or none; found {part.strip()!r}."
            raise ExchangeError(msg) from error
    return dict(require_shares(shares))


def require_shares(shares: Mapping[str, float]) -> Mapping[str, float]:
    """Return shares that can be met, for none one split of everything; see :func:`split_documents`."""
    if not shares:
        return {WHOLE: 1.0}
    bad = [name for name in shares if not _NAME.fullmatch(name)]
    if bad:
        msg = f"A split is called by small letters, digits and underscores, such as train; found {bad[0]!r}."
        raise ExchangeError(msg)
    if any(not share > 0 for share in shares.values()) or abs(sum(shares.values()) - 1) > 1e-6:  # noqa: PLR2004
        told = ", ".join(f"{name} {share:g}" for name, share in shares.items())
        msg = f"The shares of the splits must be above 0 and sum to 1; found {told}."
        raise ExchangeError(msg)
    return shares


def _words(text: str) -> str:
    """Digest a text without regard to case and spacing, which is how the same agency text differs from outlet to outlet."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode("utf-8", "surrogatepass")).hexdigest()


def _groups(versions: Mapping[Version, str]) -> dict[str, list[Version]]:
    """Gather versions that share an id or their words, however many steps apart; named by the least digest among them."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for (document_id, _), words in versions.items():
        parent[root(f"id {document_id}")] = root(words)
    members: dict[str, list[Version]] = {}
    for version, words in versions.items():
        members.setdefault(root(words), []).append(version)
    return {min(versions[version] for version in group): sorted(group) for group in members.values()}


def statistics(
    rows: Iterable[Mapping[str, Any]], documents: Iterable[Document], split: Mapping[Version, str]
) -> dict[str, dict[str, int]]:
    """Count labels by label, annotator, layer, language and split, and documents by language and split; most frequent first."""
    labels: dict[str, Counter[str]] = {
        name: Counter() for name in ("label", "annotator", "layer", "language", "split")
    }
    for row in rows:
        labels["label"][f"{row['codebook_id']}:{row['label']}"] += 1
        labels["annotator"][str(row["annotator_id"])] += 1
        labels["layer"][str(row["layer"])] += 1
        labels["language"][str(row["language"])] += 1
        labels["split"][split[str(row["document_id"]), str(row["document_sha256"])]] += 1
    counted = {f"labels by {name}": counts for name, counts in labels.items()}
    texts = list(documents)
    counted["documents by language"] = Counter(document.language for document in texts)
    counted["documents by split"] = Counter(
        split[document.document_id, document.sha256] for document in texts
    )
    return {
        name: dict(sorted(counts.items(), key=lambda c: (-c[1], c[0]))) for name, counts in counted.items()
    }
