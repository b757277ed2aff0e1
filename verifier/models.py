"""Models on this machine: found without a network, put together once, known by their digests, fed in batches.

What the encoder and the stance model have in common below their own APIs. Nothing here computes a score or asks a hub.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from verifier.errors import ModelError

BUNDLED = "bundled"
"""The name of a bundled model in the settings."""

CONTENTS = "contents.json"
"""In a folder made here, the sha256 of every other file."""

_BF16_MUST_GAIN = 1.3
"""How many times faster bf16 products must be before they are used: less is within what a busy machine can fake."""

_log = logging.getLogger(__name__)


# ---- finding


def forbid_network() -> None:
    """Keep the model libraries from asking the hub, whatever they are given; a user's own setting wins."""
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(variable, "1")


def find_model(model: str, *, setting: str) -> Path:
    """Find the folder of a model that a user names: a path, or a name in the local cache of the hub.

    Args:
        model: the path or name.
        setting: the setting it stands in, for the message.

    Raises:
        ModelError: it is not on this machine, or the folder holds no model.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        if not any((folder / name).is_file() for name in ("modules.json", "config.json")):
            msg = f"The folder {folder} holds no model: neither modules.json (sentence-transformers) nor config.json is in it."
            raise ModelError(msg, model=model)
        return folder.resolve()
    from huggingface_hub import snapshot_download  # noqa: PLC0415

    for repository in (model, f"sentence-transformers/{model}"):
        try:
            return Path(snapshot_download(repository, local_files_only=True))
        except (OSError, ValueError):
            continue
    msg = (
        f"There is no model {model!r} on this machine: it is neither {BUNDLED!r}, nor a folder, nor a model in the local cache of "
        f"the hub. Models are never downloaded; put its folder on this machine and set {setting} to the path."
    )
    raise ModelError(msg, model=model)


# ---- making a folder once


def made_once(folder: Path, write: Callable[[Path], None], digests: Digests) -> Path:
    """Return a folder of a model, writing it first if it is not there whole.

    It is written beside its place and renamed, under a lock, so that two processes may ask at once and an interrupted one leaves
    nothing half done. Every file is checked against its sha256.

    Args:
        folder: where it belongs; its name must tell everything that decides its content.
        write: writes the content into the empty folder it is given.
        digests: remembers the sha256 of large files.

    Raises:
        OSError: there is no room, or no permission to write.
    """
    from filelock import FileLock  # noqa: PLC0415  (comes with the heavy libraries)

    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / f".{folder.name}.lock"):
        if not _is_whole(folder, digests):
            # Left over by a process that was killed; we hold the lock.
            for left_over in folder.parent.glob(f".{folder.name}.new-*"):
                shutil.rmtree(left_over, ignore_errors=True)
            fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=folder.parent))
            try:
                write(fresh)
                files = {str(path.relative_to(fresh)): digests.of(path) for path in files_of(fresh)}
                (fresh / CONTENTS).write_text(
                    json.dumps(files, indent=2, sort_keys=True) + "\n", encoding="utf-8"
                )
                fresh.chmod(0o755)
                if folder.exists():
                    _log.warning("The model folder %s is damaged or incomplete; it is written again.", folder)
                    shutil.rmtree(folder)
                fresh.rename(folder)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _is_whole(folder: Path, digests: Digests) -> bool:
    try:
        contents: dict[str, str] = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
        return all(digests.of(folder / name) == digest for name, digest in contents.items())
    except (OSError, ValueError, AttributeError):
        return False


# ---- digests


def files_of(folder: Path) -> list[Path]:
    """List every file below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


_IRRELEVANT_FOLDERS = {"onnx", "openvino", ".git", ".cache"}
_IRRELEVANT_KEYS = {
    *("transformers_version", "dtype", "torch_dtype", "_name_or_path", "__version__"),
    "added_tokens_decoder",  # repeats what tokenizer.json says
}


def fingerprint(folder: Path, decides: Mapping[str, Any], digests: Digests) -> str:
    """Digest what decides a model's results (16 hexadecimal digits), and neither its path nor notes such as library versions.

    Args:
        folder: the model.
        decides: what else decides them, such as prompts or a temperature; JSON values.
        digests: remembers the sha256 of large files.
    """
    parts: dict[str, Any] = dict(decides)
    for path in files_of(folder):
        name = path.relative_to(folder)
        if name.parts[0] in _IRRELEVANT_FOLDERS or path.name.startswith(".") or path.name == CONTENTS:
            continue
        if name.name in ("config.json", "tokenizer_config.json"):
            values = read_json(path)
            parts[str(name)] = {key: value for key, value in values.items() if key not in _IRRELEVANT_KEYS}
        elif path.suffix in (".safetensors", ".bin", ".model", ".txt") or path.name in (
            "tokenizer.json",
            "modules.json",
        ):
            parts[str(name)] = digests.of(path)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


class Digests:
    """sha256 of large files, remembered by path, size and time of change, because reading half a gigabyte takes a while."""

    def __init__(self, cache_dir: Path) -> None:
        self._path = cache_dir / "digests.json"
        self._known = read_json(self._path)

    def of(self, path: Path) -> str:
        """Return the sha256 of a file (64 hexadecimal digits).

        Raises:
            OSError: the file cannot be read.
        """
        state = path.stat()
        key, stamp = str(path.resolve()), f"{state.st_size} {state.st_mtime_ns} {state.st_ino}"
        known = self._known.get(key)
        if isinstance(known, list) and known[:1] == [stamp]:
            return str(known[1])
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._known = {**read_json(self._path), **self._known, key: [stamp, digest]}
        write_json(self._path, self._known)
        return digest


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; one that is missing or damaged is empty."""
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def write_json(path: Path, values: Mapping[str, Any]) -> None:
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


# ---- running


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
def quiet() -> Iterator[None]:
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
    # Alternating, and the best of each, so that other work on the machine weighs on both alike.
    for _ in range(12):
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
