"""The one implementation of an encoder: any model that sentence-transformers loads, found on this machine, run in batches."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from verifier.config import EncoderSettings
from verifier.encode.bundled import bundled_model_dir
from verifier.encode.protocol import FloatArray, Progress, Role
from verifier.errors import ModelError
from verifier.models import BUNDLED, Digests, batches, clean, faster_precision, find_model, fingerprint, quiet

_MAX_CHARS_PER_TOKEN = 32
"""A text is cut at this many code points per token that the model reads; XLM-R's longest pieces have 16."""

_TOKENS_WITHOUT_LIMIT = 8192
"""The length in tokens assumed of a model that states none, only to bound the work on hostile texts."""

_ROLE_PROMPTS: dict[Role, tuple[str, ...]] = {
    "query": ("query",),
    "passage": ("passage", "document", "corpus"),
}
"""The names under which models keep the prompt of a role; the first that is not empty counts."""


def locate(model: str, cache_dir: Path, progress: Progress | None) -> tuple[str, Path]:
    """Find an encoder on this machine: its name for people, and its folder.

    Raises:
        ModelError: it is not here, or the folder holds no model.
    """
    if model == BUNDLED:
        return "multilingual-e5-small (bundled, 4 bit)", bundled_model_dir(cache_dir, progress)
    folder = find_model(model, setting="encoder.model")
    return (folder.name if Path(model).expanduser().is_dir() else model), folder


class SentenceTransformerEncoder:
    """An encoder that sentence-transformers runs, one batch at a time."""

    def __init__(self, name: str, folder: Path, settings: EncoderSettings, cache_dir: Path) -> None:
        import torch  # noqa: PLC0415
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        self.name = name
        self._batch_tokens = max(1, settings.batch_tokens)
        # Fast tokenizers cannot be used by two threads at once. Held for one batch only, so a query need not wait for an index.
        self._lock = threading.Lock()
        try:
            with quiet():
                self._model = SentenceTransformer(str(folder), local_files_only=True)
                device = str(self._model.device)
                self.precision = (
                    faster_precision(device, cache_dir)
                    if settings.precision == "auto"
                    else settings.precision
                )
                if self.precision == "bf16":
                    self._model.to(torch.bfloat16)
            self._prompts: dict[Role, str] = {
                role: _prompt(self._model.prompts, role) for role in _ROLE_PROMPTS
            }
            self._max_tokens = int(self._model.max_seq_length or _TOKENS_WITHOUT_LIMIT)
            self.dimension = int(self._model.get_embedding_dimension() or 0) or self._probe().shape[1]
            self.fingerprint = fingerprint(
                folder, {"prompts": self._prompts, "max_tokens": self._max_tokens}, Digests(cache_dir)
            )
        except Exception as error:
            msg = f"The encoder {name!r} in {folder} cannot be loaded: {type(error).__name__}: {error}."
            raise ModelError(msg, model=name) from error

    def _probe(self) -> FloatArray:
        return self._run(["probe"], "passage")

    def encode(self, texts: Sequence[str], *, role: Role, progress: Progress | None = None) -> FloatArray:
        """Encode texts; see `Encoder.encode`."""
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        cleaned = [clean(text, self._max_tokens * _MAX_CHARS_PER_TOKEN) for text in texts]
        done = 0
        for batch in batches(self._lengths(cleaned), self._batch_tokens):
            rows[batch] = self._run([cleaned[i] for i in batch], role)
            done += len(batch)
            if progress:
                progress(done, len(texts), "Encoding")
        return rows

    def _run(self, texts: list[str], role: Role) -> FloatArray:
        encode = self._model.encode_query if role == "query" else self._model.encode_document
        with self._lock:
            raw = encode(texts, prompt=self._prompts[role], batch_size=len(texts), show_progress_bar=False)
        rows = np.asarray(raw, dtype=np.float32)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or not norms.all():
            msg = f"The encoder {self.name!r} gave a vector that is zero or no number. Its weights may be damaged."
            raise ModelError(msg, model=self.name)
        result: FloatArray = rows / norms
        return result

    def _lengths(self, texts: Sequence[str]) -> list[int]:
        """Count tokens; where a model's tokenizer will not say, code points order the texts as well."""
        tokenizer = getattr(self._model, "tokenizer", None)
        lengths = []
        for start in range(0, len(texts), 1024):
            part = list(texts[start : start + 1024])
            try:
                with self._lock:
                    ids = tokenizer(part, truncation=True, max_length=self._max_tokens)["input_ids"]  # type: ignore[misc]
            except (TypeError, KeyError, ValueError):
                ids = part
            lengths += [min(len(row), self._max_tokens) for row in ids]
        return lengths


def _prompt(prompts: Mapping[str, str], role: Role) -> str:
    return next((prompts[name] for name in _ROLE_PROMPTS[role] if prompts.get(name)), "")
