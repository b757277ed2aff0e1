"""Text to unit vectors: the encoder protocol, its one implementation, and the cache of vectors.

Hides where a model lies (in an installed package, a folder, the local cache of the hub), in which precision it runs, how texts are
batched, and what a tokenizer cannot take. Every model runs through the ``SentenceTransformer`` API with its own prompts; nothing
here asks a network. It offers `load_encoder`, `bundled_model_dir` and `CachedEncoder`, and does not know what the texts are.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import re
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from verifier import e5s1
from verifier.config import EncoderSettings
from verifier.domain import text_sha256
from verifier.errors import ConfigError, ModelError, StoreError

FloatArray = npt.NDArray[np.float32]
Progress = Callable[[int, int, str], None]
Role = Literal["query", "passage"]

BUNDLED = "bundled"
PRECISIONS = ("auto", "fp32", "bf16")

_log = logging.getLogger(__name__)

_LAYOUT = 1
"""Raised when `e5s1.write_model_dir` writes anything else but prompts in another way."""

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


class Encoder(Protocol):
    """Turns texts into vectors whose inner product says how near their meanings are.

    Attributes:
        fingerprint: 16 hexadecimal digits over weights, tokenizer, pooling and prompts; vectors of one fingerprint compare.
        name: for people.
        dimension: of the vectors.
        precision: ``fp32`` or ``bf16``; no part of the fingerprint, because the vectors agree (cosine 0.9998 and more).
    """

    @property
    def fingerprint(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def dimension(self) -> int: ...  # noqa: D102
    @property
    def precision(self) -> str: ...  # noqa: D102

    def encode(self, texts: Sequence[str], *, role: Role, progress: Progress | None = None) -> FloatArray:
        """Encode texts as queries or as passages: (n, d) float32, rows of unit length, in the order given."""
        ...


def load_encoder(settings: EncoderSettings, *, cache_dir: Path, progress: Progress | None = None) -> Encoder:
    """Load a sentence encoder.

    Args:
        settings: which model and precision.
        cache_dir: where the bundled model is unpacked and small measurements are remembered.
        progress: told of the unpacking, which happens once.

    Raises:
        ModelError: the model is not on this machine, or cannot be loaded.
        ConfigError: the precision is none of `PRECISIONS`.
    """
    if settings.precision not in PRECISIONS:
        msg = (
            f"Setting 'encoder.precision' takes one of {', '.join(PRECISIONS)}; found {settings.precision!r}."
        )
        raise ConfigError(msg)
    _forbid_network()
    name, folder = _locate(settings.model, cache_dir, progress)
    return _SentenceTransformerEncoder(name, folder, settings, cache_dir)


def bundled_model_dir(cache_dir: Path, progress: Progress | None = None) -> Path:
    """Return the folder of the bundled encoder, unpacking it first if it is not there whole.

    The folder is a standard sentence-transformers model. It is written beside its place and renamed, under a lock, so that two
    processes may ask at once and an interrupted one leaves nothing half done.

    Raises:
        ModelError: the package with the weights is missing or damaged, or the folder cannot be written.
    """
    from filelock import FileLock  # noqa: PLC0415  (comes with the heavy libraries)

    weights = e5s1.find_weights()
    try:
        digests = _Digests(cache_dir)
        folder = cache_dir / "models" / f"multilingual-e5-small-{_written_form(digests.of(weights))}"
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{folder.name}.lock"):
            if not _is_whole(folder, digests):
                _unpack(weights, folder, digests, progress)
    except OSError as error:
        msg = (
            f"The bundled encoder cannot be unpacked into {cache_dir}: {error}. It needs about 500 MB there; "
            "name a folder with room that can be written in the setting cache_dir (VERIFIER_CACHE_DIR)."
        )
        raise ModelError(msg, model=BUNDLED) from error
    return folder


def _written_form(weights_digest: str) -> str:
    """Digest what decides the bytes of the folder, so that one of another making is not taken for it."""
    return hashlib.sha256(json.dumps([weights_digest, e5s1.PROMPTS, _LAYOUT]).encode()).hexdigest()[:12]


def _unpack(weights: Path, folder: Path, digests: _Digests, progress: Progress | None) -> None:
    for left_over in folder.parent.glob(
        f".{folder.name}.new-*"
    ):  # of a process that was killed; we hold the lock
        shutil.rmtree(left_over, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=folder.parent))
    try:
        e5s1.write_model_dir(weights, fresh, progress=progress)
        files = {str(path.relative_to(fresh)): digests.of(path) for path in _files(fresh)}
        (fresh / _CONTENTS).write_text(json.dumps(files, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        fresh.chmod(0o755)
        if folder.exists():
            _log.warning("The model folder %s is damaged or incomplete; it is written again.", folder)
            shutil.rmtree(folder)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


_CONTENTS = "contents.json"


def _is_whole(folder: Path, digests: _Digests) -> bool:
    try:
        contents: dict[str, str] = json.loads((folder / _CONTENTS).read_text(encoding="utf-8"))
        return all(digests.of(folder / name) == digest for name, digest in contents.items())
    except (OSError, ValueError, AttributeError):
        return False


def _forbid_network() -> None:
    """Keep the model libraries from asking the hub, whatever they are given; a user's own setting wins."""
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(variable, "1")


def _locate(model: str, cache_dir: Path, progress: Progress | None) -> tuple[str, Path]:
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


class _SentenceTransformerEncoder:
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
                    _faster_precision(device, cache_dir)
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
            self.fingerprint = _fingerprint(folder, self._prompts, self._max_tokens, _Digests(cache_dir))
        except Exception as error:
            msg = f"The encoder {name!r} in {folder} cannot be loaded: {type(error).__name__}: {error}."
            raise ModelError(msg, model=name) from error

    def _probe(self) -> FloatArray:
        return self._run(["probe"], "passage")

    def encode(self, texts: Sequence[str], *, role: Role, progress: Progress | None = None) -> FloatArray:
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        cleaned = [_clean(text, self._max_tokens * _MAX_CHARS_PER_TOKEN) for text in texts]
        done = 0
        for batch in _batches(self._lengths(cleaned), self._batch_tokens):
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


def _clean(text: str, max_chars: int) -> str:
    """Take out what a tokenizer cannot take: lone surrogates, NUL, and length without end."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text[:max_chars]).replace("\0", " ")


def _batches(lengths: Sequence[int], max_tokens: int) -> Iterator[list[int]]:
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


def _faster_precision(device: str, cache_dir: Path) -> str:
    """Time the products of a small encoder in both precisions, once per machine and version of torch.

    Capability flags do not tell: the same instruction set is native on one machine and emulated on another. The shapes are
    those of the feed-forward layers, where most of the time goes: (512, 384) x (384, 1536).
    """
    import torch  # noqa: PLC0415

    key = f"{platform.node()} {device} {torch.backends.cpu.get_cpu_capability()} torch {torch.__version__}"
    path = cache_dir / "precision.json"
    known = _read_json(path)
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
    _write_json(path, {**known, key: chosen})
    return chosen


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


_IRRELEVANT_FOLDERS = {"onnx", "openvino", ".git", ".cache"}
_IRRELEVANT_KEYS = {"transformers_version", "dtype", "torch_dtype", "_name_or_path", "__version__"}


def _fingerprint(folder: Path, prompts: Mapping[Role, str], max_tokens: int, digests: _Digests) -> str:
    """Digest what decides a model's vectors, and neither its path nor notes such as library versions."""
    parts: dict[str, Any] = {"prompts": dict(prompts), "max_tokens": max_tokens}
    for path in _files(folder):
        name = path.relative_to(folder)
        if name.parts[0] in _IRRELEVANT_FOLDERS or path.name.startswith(".") or path.name == _CONTENTS:
            continue
        if name.name in ("config.json", "tokenizer_config.json"):
            values = _read_json(path)
            parts[str(name)] = {key: value for key, value in values.items() if key not in _IRRELEVANT_KEYS}
        elif path.suffix in (".safetensors", ".bin", ".model", ".txt") or path.name in (
            "tokenizer.json",
            "modules.json",
        ):
            parts[str(name)] = digests.of(path)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


class _Digests:
    """sha256 of large files, remembered by path, size and time of change, because reading half a gigabyte takes a while."""

    def __init__(self, cache_dir: Path) -> None:
        self._path = cache_dir / "digests.json"
        self._known = _read_json(self._path)

    def of(self, path: Path) -> str:
        state = path.stat()
        key, stamp = str(path.resolve()), f"{state.st_size} {state.st_mtime_ns} {state.st_ino}"
        known = self._known.get(key)
        if isinstance(known, list) and known[:1] == [stamp]:
            return str(known[1])
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._known = {**_read_json(self._path), **self._known, key: [stamp, digest]}
        _write_json(self._path, self._known)
        return digest


def _read_json(path: Path) -> dict[str, Any]:
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write a small file that can be lost: where it cannot be written, the value is found anew next time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            json.dump(values, file, indent=1, sort_keys=True)
        Path(file.name).replace(path)
    except OSError as error:
        _log.info("%s cannot be written: %s", path, error)


class CachedEncoder:
    """An encoder that remembers its vectors in an SQLite file.

    A vector is known by the encoder's fingerprint, the role and the text's sha256. Vectors are stored in portions, so that a long
    run that is interrupted goes on where it stopped. Threads and processes may share the file.

    Args:
        encoder: makes the vectors that are missing.
        path: the file; made if it is not there, and set aside if it is damaged, since all in it can be made again.

    Raises:
        StoreError: the file cannot be opened.
    """

    def __init__(self, encoder: Encoder, path: Path) -> None:
        self._encoder = encoder
        self._path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._database = self._open()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                _log.warning(
                    "The vector cache %s is damaged (%s); it is set aside and begun anew.", path, error
                )
                path.replace(path.with_name(path.name + ".damaged"))
                self._database = self._open()
        except (OSError, sqlite3.Error) as error:
            msg = f"The vector cache {path} cannot be opened: {error}. Set cache_dir (VERIFIER_CACHE_DIR) to a folder that can be written."
            raise StoreError(msg) from error

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=30.0, check_same_thread=False, isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS vectors (fingerprint TEXT NOT NULL, role TEXT NOT NULL, text_sha256 BLOB NOT NULL, "
                "vector BLOB NOT NULL, PRIMARY KEY (fingerprint, role, text_sha256)) WITHOUT ROWID"
            )
        except sqlite3.Error:
            database.close()
            raise
        return database

    @property
    def fingerprint(self) -> str:
        """The wrapped encoder's."""
        return self._encoder.fingerprint

    @property
    def name(self) -> str:
        """The wrapped encoder's."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """The wrapped encoder's."""
        return self._encoder.dimension

    @property
    def precision(self) -> str:
        """The wrapped encoder's."""
        return self._encoder.precision

    def close(self) -> None:
        """Close the file; the encoder can no longer be used."""
        with self._lock:
            self._database.close()

    def encode(self, texts: Sequence[str], *, role: Role, progress: Progress | None = None) -> FloatArray:
        """Return the vectors of texts, encoding only what is not yet known: (n, d) float32, rows of unit length."""
        keys = [bytes.fromhex(text_sha256(text)) for text in texts]
        found = self._read(keys, role)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        # Sorting all of them by length before cutting portions keeps the padding small within each portion.
        ordered = sorted(missing.items(), key=lambda item: -len(item[1]))
        for start in range(0, len(ordered), _PORTION):
            portion = ordered[start : start + _PORTION]
            before = len(texts) - len(missing) + start

            def tell(done: int, _: int, what: str, before: int = before) -> None:
                if progress:
                    progress(before + done, len(texts), what)

            rows = self._encoder.encode([text for _, text in portion], role=role, progress=tell)
            made = dict(zip((key for key, _ in portion), rows, strict=True))
            self._write(made, role)
            found.update(made)
        if progress:
            progress(len(texts), len(texts), "Encoding")
        return np.array([found[key] for key in keys], dtype=np.float32).reshape(len(texts), self.dimension)

    def _read(self, keys: Sequence[bytes], role: Role) -> dict[bytes, FloatArray]:
        found = {}
        unique = list(dict.fromkeys(keys))
        size = self.dimension * 4
        for start in range(0, len(unique), _KEYS_PER_QUERY):
            part = unique[start : start + _KEYS_PER_QUERY]
            marks = ", ".join("?" * len(part))
            with self._lock:
                rows = self._database.execute(
                    f"SELECT text_sha256, vector FROM vectors WHERE fingerprint = ? AND role = ? AND text_sha256 IN ({marks})",  # noqa: S608
                    (self.fingerprint, role, *part),
                ).fetchall()
            found.update({key: np.frombuffer(blob, "<f4") for key, blob in rows if len(blob) == size})
        return found

    def _write(self, made: Mapping[bytes, FloatArray], role: Role) -> None:
        rows = [(self.fingerprint, role, key, row.astype("<f4").tobytes()) for key, row in made.items()]
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", rows)
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")


_PORTION = 2048
"""Texts encoded between two writes: some ten seconds of work, which is what an interruption can lose."""

_KEYS_PER_QUERY = 500
"""Keys in one SELECT, below SQLite's oldest limit of 999 parameters."""
