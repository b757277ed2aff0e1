"""The one implementation of an encoder: any model that sentence-transformers loads, found on this machine, run in batches."""

from __future__ import annotations

import logging
import os
import platform
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from verifier.config import EncoderSettings
from verifier.encode.bundled import BUNDLED, bundled_model_dir
from verifier.encode.files import Digests, fingerprint, read_json, write_json
from verifier.encode.protocol import FloatArray, Progress, Role
from verifier.errors import ModelError

_log = logging.getLogger(__name__)

_BF16_MUST_GAIN = 1.3
"""How many times faster bf16 products must be before they are used: less is within what a busy machine can fake."""

_MAX_CHARS_PER_TOKEN = 32
"""A text is cut at this many code points per token that the model reads; XLM-R's longest pieces have 16."""

_TOKENS_WITHOUT_LIMIT = 8192
"""The length in tokens assumed of a model that states none, only to bound the work on hostile texts."""

_ROLE_PROMPTS: dict[Role, tuple[str, ...]] = {
    "query": ("query",),
    "passage": ("passage", "document", "corpus"),
}
"""The names under which models keep the prompt of a role; the first that is not empty counts."""


def forbid_network() -> None:
    """Keep the model libraries from asking the hub, whatever they are given; a user's own setting wins."""
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(variable, "1")


def locate(model: str, cache_dir: Path, progress: Progress | None) -> tuple[str, Path]:
    """Find a model on this machine: its name for people, and its folder.

    Raises:
        ModelError: it is not here, or the folder holds no model.
    """
    if model == BUNDLED:
        return "multilingual-e5-small (bundled, 4 bit)", bundled_model_dir(cache_dir, progress)
    folder = Path(model).expanduser()
    if folder.is_dir():
        if not any((folder / name).is_file() for name in ("modules.json", "config.json")):
            msg = f"The folder {folder} holds no model: neither modules.json (sentence-transformers) nor config.json is in it."
            raise ModelError(msg, model=model)
        return folder.resolve().name, folder.resolve()
    from huggingface_hub import snapshot_download  # noqa: PLC0415

    for repository in (model, f"sentence-transformers/{model}"):
        try:
            return model, Path(snapshot_download(repository, local_files_only=True))
        except (OSError, ValueError):
            continue
    msg = (
        f"There is no encoder {model!r} on this machine: it is neither {BUNDLED!r}, nor a folder, nor a model in the local cache of "
        "the hub. Models are never downloaded; put its folder on this machine and set encoder.model to the path."
    )
    raise ModelError(msg, model=model)


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
            with _quiet():
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
            self.fingerprint = fingerprint(folder, self._prompts, self._max_tokens, Digests(cache_dir))
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


def clean(text: str, max_chars: int) -> str:
    """Take out what a tokenizer cannot take: lone surrogates, NUL, and length without end."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text[:max_chars]).replace("\0", " ")


def batches(lengths: Sequence[int], max_tokens: int) -> Iterator[list[int]]:
    """Group texts of similar length, longest first; a batch, padded to its longest, has at most ``max_tokens`` tokens."""
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > max_tokens:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep progress bars and loading reports of the libraries off the screen; our own progress is what is shown."""
    from transformers.utils import logging as library  # noqa: PLC0415

    level, bars = library.get_verbosity(), library.is_progress_bar_enabled()
    library.set_verbosity_error()
    library.disable_progress_bar()
    try:
        yield
    finally:
        library.set_verbosity(level)
        if bars:
            library.enable_progress_bar()


def faster_precision(device: str, cache_dir: Path) -> str:
    """Time the products of a small encoder in both precisions, once per machine and version of torch.

    Capability flags do not tell: the same instruction set is native on one machine and emulated on another. The shapes are
    those of the feed-forward layers, where most of the time goes: (512, 384) x (384, 1536).
    """
    import torch  # noqa: PLC0415

    key = f"{platform.node()} {device} {torch.backends.cpu.get_cpu_capability()} torch {torch.__version__}"
    path = cache_dir / "precision.json"
    known = read_json(path)
    if known.get(key) in ("fp32", "bf16"):
        return str(known[key])
    left, right = torch.ones(512, 384, device=device), torch.ones(384, 1536, device=device)
    operands = {"fp32": (left, right), "bf16": (left.bfloat16(), right.bfloat16())}
    best = dict.fromkeys(operands, float("inf"))
    for _ in range(
        12
    ):  # alternating, and the best of each, so that other work on the machine weighs on both alike
        for precision, (a, b) in operands.items():
            start = time.perf_counter()
            (a @ b)[0, 0].item()
            best[precision] = min(best[precision], time.perf_counter() - start)
    chosen = "bf16" if best["fp32"] > _BF16_MUST_GAIN * best["bf16"] else "fp32"
    _log.info(
        "bf16 products are %.1f times as fast as fp32 ones here: %s.", best["fp32"] / best["bf16"], chosen
    )
    write_json(path, {**known, key: chosen})
    return chosen
