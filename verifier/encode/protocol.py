"""What an encoder is, for those who use one and those who make one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
Progress = Callable[[int, int, str], None]
Role = Literal["query", "passage"]


class Encoder(Protocol):
    """Turns texts into vectors whose inner product says how near their meanings are.

    Attributes:
        fingerprint: 16 hexadecimal digits over weights, tokenizer, pooling and prompts; vectors of one fingerprint compare.
        name: for people.
        dimension: of the vectors.
        precision: ``fp32`` or ``bf16``; no part of the fingerprint, because the vectors agree: on 287 sentences the
            model's own to a cosine of 0.99996, centred by language, which magnifies differences, to 0.9998 (least 0.99979).
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
