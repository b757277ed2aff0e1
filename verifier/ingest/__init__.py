"""Files and folders become documents: read, split, freed of page noise, frozen; what is refused is counted and named.

:func:`read_documents` is the whole of it. Behind it ``readers`` know the formats, ``metadata`` knows where facts about a document come
from and who wins, ``aggregator`` splits pages that collect several outlets, ``noise`` takes out what pages put around articles. :func:`restore` proves that
nothing was lost. Nothing is fetched from the network.
"""

from __future__ import annotations

from verifier.ingest.documents import IngestOptions, read_documents, restore
from verifier.ingest.metadata import manifest_outlets
from verifier.ingest.readers import READERS

__all__ = ["READERS", "IngestOptions", "manifest_outlets", "read_documents", "restore"]
