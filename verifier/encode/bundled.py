"""The bundled encoder's folder: unpacked once, checked whenever it is asked for."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
from pathlib import Path

from verifier import e5s1
from verifier.encode.files import CONTENTS, Digests, files_of
from verifier.encode.protocol import Progress
from verifier.errors import ModelError

BUNDLED = "bundled"
"""The name of the bundled encoder in the settings."""

_LAYOUT = 1
"""Raised when `e5s1.write_model_dir` writes anything else but prompts in another way."""

_log = logging.getLogger(__name__)


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
        digests = Digests(cache_dir)
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


def _unpack(weights: Path, folder: Path, digests: Digests, progress: Progress | None) -> None:
    for left_over in folder.parent.glob(
        f".{folder.name}.new-*"
    ):  # of a process that was killed; we hold the lock
        shutil.rmtree(left_over, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=folder.parent))
    try:
        e5s1.write_model_dir(weights, fresh, progress=progress)
        files = {str(path.relative_to(fresh)): digests.of(path) for path in files_of(fresh)}
        (fresh / CONTENTS).write_text(json.dumps(files, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        fresh.chmod(0o755)
        if folder.exists():
            _log.warning("The model folder %s is damaged or incomplete; it is written again.", folder)
            shutil.rmtree(folder)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _is_whole(folder: Path, digests: Digests) -> bool:
    try:
        contents: dict[str, str] = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
        return all(digests.of(folder / name) == digest for name, digest in contents.items())
    except (OSError, ValueError, AttributeError):
        return False
