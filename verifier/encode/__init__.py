"""Text to unit vectors: the encoder protocol, its one implementation, and the cache of vectors.

Hides where a model lies (in an installed package, a folder, the local cache of the hub), in which precision it runs, how texts are
batched, what a tokenizer cannot take, and how the language a text is in is kept out of its vector. Every model runs through
the ``SentenceTransformer`` API with its own prompts; nothing here asks a network. `load_encoder`, `bundled_model_dir` and
`CachedEncoder` are the whole of it, and none of them knows what the texts are.
"""

from __future__ import annotations

from pathlib import Path

from verifier.config import EncoderSettings
from verifier.encode.bundled import bundled_model_dir
from verifier.encode.cache import CachedEncoder
from verifier.encode.centred import LanguageCentred
from verifier.encode.protocol import Encoder, Progress, Role
from verifier.encode.transformer import SentenceTransformerEncoder, locate
from verifier.errors import ConfigError
from verifier.models import BUNDLED, forbid_network

__all__ = [
    "BUNDLED",
    "PRECISIONS",
    "CachedEncoder",
    "Encoder",
    "Progress",
    "Role",
    "bundled_model_dir",
    "load_encoder",
]

PRECISIONS = ("auto", "fp32", "bf16")
"""What the setting ``encoder.precision`` takes; ``auto`` measures once which is faster."""


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
    forbid_network()
    name, folder = locate(settings.model, cache_dir, progress)
    return LanguageCentred(SentenceTransformerEncoder(name, folder, settings, cache_dir), cache_dir / "means")
