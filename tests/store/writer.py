"""A process that writes: ten versions of one document, ten labels on another. Run with a database URL and a name."""

from __future__ import annotations

import sys

from factories import document
from store_records import add, op

from verifier.domain import Span
from verifier.store import open_store

url, who = sys.argv[1:]
with open_store(url) as store:
    add(store)
    for number in range(10):
        add(store, f"{who} {number}. End", document_id="shared")
        name = f"{who}-{number}"
        store.commit_ops(
            [op(store, name, annotation_id=name, annotator_id=who, span=Span.of(document().text, 0, 7))]
        )
