"""Vectors freed of the language they are in.

A multilingual encoder says first which language a text is in, and only then what it says: texts of one language lie together, and
a claim finds its own language's statements before better ones of another. Subtracting each language's mean vector and bringing
the rest to length 1 puts the languages on top of each other and spreads the cosines, which otherwise crowd between 0.75 and 0.95, so that
one floor serves all languages.

Measured with the bundled encoder (November 2026). On the project's gold (360 claim-evidence pairs of three languages in 287 sentences),
recall@10 by vectors alone rose from 0.61 to 0.70 on the half that settings are chosen on, and from 0.56 to 0.63 on the other; on 970
aligned news sentences (NTREX) recall@1 of the translation rose from 0.966 to 0.973, and the share of both other-language versions among the first two of
all 2,910 from 0.80 to 0.84.
"""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from verifier.encode.background import SENTENCES
from verifier.encode.protocol import Encoder, FloatArray, Progress, Role
from verifier.languages import detect

_log = logging.getLogger(__name__)

_OTHER_LATIN, _OTHER_CYRILLIC, _OTHER = "latin", "cyrillic", "other"
_STAND_INS = {_OTHER_LATIN: ("en",), _OTHER_CYRILLIC: ("uk", "ru"), _OTHER: tuple(SENTENCES)}
"""Whose means are averaged for a text of no known language, by script; languages without a background take all of them."""

_TOO_SHORT = 1e-3
"""A vector that is left shorter than this by the subtraction has no direction worth keeping, and stays as it was."""


class LanguageCentred:
    """An encoder's vectors minus the mean vector of their language, of unit length again.

    The language of each text is detected. The means are those of `verifier.encode.background`, computed at first use for each role.

    Args:
        encoder: the encoder as it is.
        folder: where the means are kept, so that a second start need not compute them; None keeps none.
    """

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        self._encoder = encoder
        self._folder = folder
        self._means: dict[Role, dict[str, FloatArray]] = {}
        self._lock = threading.Lock()
        content = json.dumps([encoder.fingerprint, SENTENCES, _STAND_INS], ensure_ascii=False, sort_keys=True)
        self.fingerprint = hashlib.sha256(content.encode()).hexdigest()[:16]
        self.name = encoder.name
        self.dimension = encoder.dimension

    @property
    def precision(self) -> str:
        """The wrapped encoder's."""
        return self._encoder.precision

    def encode(self, texts: Sequence[str], *, role: Role, progress: Progress | None = None) -> FloatArray:
        """Encode texts; see `Encoder.encode`."""
        rows = self._encoder.encode(texts, role=role, progress=progress)
        if not len(texts):
            return rows
        means = self._means_of(role)
        centred = rows - np.stack([means[_background_of(text)] for text in texts])
        norms = np.linalg.norm(centred, axis=1, keepdims=True)
        result: FloatArray = np.where(norms > _TOO_SHORT, centred / np.maximum(norms, _TOO_SHORT), rows)
        return result

    def _means_of(self, role: Role) -> dict[str, FloatArray]:
        with self._lock:
            if role not in self._means:
                own = self._stored(role)
                if own is None:
                    own = np.stack(
                        [self._encoder.encode(texts, role=role).mean(axis=0) for texts in SENTENCES.values()]
                    )
                    self._store(role, own)
                by_language = dict(zip(SENTENCES, own, strict=True))
                stand_ins = {
                    name: np.mean([by_language[language] for language in languages], axis=0)
                    for name, languages in _STAND_INS.items()
                }
                self._means[role] = {**by_language, **stand_ins}
            return self._means[role]

    def _path(self, role: Role) -> Path | None:
        return self._folder / f"{self.fingerprint}-{role}.npy" if self._folder else None

    def _stored(self, role: Role) -> FloatArray | None:
        path = self._path(role)
        try:
            rows = np.load(path, allow_pickle=False) if path else None
        except (OSError, ValueError, EOFError):
            return None
        return rows if rows is not None and rows.shape == (len(SENTENCES), self.dimension) else None

    def _store(self, role: Role, rows: FloatArray) -> None:
        path = self._path(role)
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npy", delete=False) as file:
                np.save(file, rows)
            Path(file.name).replace(path)
        except OSError as error:
            _log.info("%s cannot be written: %s", path, error)


def _background_of(text: str) -> str:
    language = detect(text, fallback="")
    if language in SENTENCES:
        return language
    if language:
        return _OTHER
    letters = [letter for letter in text if letter.isalpha()]
    cyrillic = sum("\u0400" <= letter <= "\u052f" for letter in letters)
    return _OTHER_CYRILLIC if 2 * cyrillic > len(letters) else _OTHER_LATIN
