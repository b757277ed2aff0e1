"""Files of a model: their digests, what of them decides the vectors, and small files that may be lost."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verifier.encode.protocol import Role

CONTENTS = "contents.json"
"""In an unpacked model folder, the sha256 of every other file."""

_log = logging.getLogger(__name__)


def files_of(folder: Path) -> list[Path]:
    """List every file below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


_IRRELEVANT_FOLDERS = {"onnx", "openvino", ".git", ".cache"}
_IRRELEVANT_KEYS = {"transformers_version", "dtype", "torch_dtype", "_name_or_path", "__version__"}


def fingerprint(folder: Path, prompts: Mapping[Role, str], max_tokens: int, digests: Digests) -> str:
    """Digest what decides a model's vectors, and neither its path nor notes such as library versions."""
    parts: dict[str, Any] = {"prompts": dict(prompts), "max_tokens": max_tokens}
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
