"""The bundled encoder's folder: unpacked once, checked whenever it is asked for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from verifier import e5s1
from verifier.encode.protocol import Progress
from verifier.errors import ModelError
from verifier.models import BUNDLED, Digests, made_once

_LAYOUT = 2
"""Raised when `e5s1.write_model_dir` writes anything else but prompts in another way."""


def bundled_model_dir(cache_dir: Path, progress: Progress | None = None) -> Path:
    """Return the folder of the bundled encoder, unpacking it first if it is not there whole.

    The folder is a standard sentence-transformers model. It is written beside its place and renamed, under a lock, so that two
    processes may ask at once and an interrupted one leaves nothing half done.

    Raises:
        ModelError: the package with the weights is missing or damaged, or the folder cannot be written.
    """
    weights = e5s1.find_weights()
    try:
        digests = Digests(cache_dir)
        folder = cache_dir / "models" / f"multilingual-e5-small-{_written_form(digests.of(weights))}"
        return made_once(
            folder, lambda fresh: e5s1.write_model_dir(weights, fresh, progress=progress), digests
        )
    except OSError as error:
        msg = (
            f"The bundled encoder cannot be unpacked into {cache_dir}: {error}. It needs about 500 MB there; "
            "name a folder with room that can be written in the setting cache_dir (VERIFIER_CACHE_DIR)."
        )
        raise ModelError(msg, model=BUNDLED) from error


def _written_form(weights_digest: str) -> str:
    """Digest what decides the bytes of the folder, so that one of another making is not taken for it."""
    return hashlib.sha256(json.dumps([weights_digest, e5s1.PROMPTS, _LAYOUT]).encode()).hexdigest()[:12]
