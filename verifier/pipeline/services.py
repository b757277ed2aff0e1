"""What every workflow needs, opened once: the store, the registries, and models that load on first use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from verifier import codebooks, encode, index, lexical, retrieve, stance
from verifier.config import Settings
from verifier.domain import Codebook, Outlet
from verifier.errors import CodebookError, DomainError
from verifier.outlets import OutletRegistry, write_outlets
from verifier.store import Store, open_store

if TYPE_CHECKING:
    from verifier.encode import Encoder
    from verifier.retrieve import Retriever
    from verifier.stance import StanceModel

Progress = Callable[[int, int, str], None]
"""Called with (done, total, what is being done)."""

LEXICAL_FOLDER = "lexical"


class Services:
    """Everything the workflows need, opened once: store, registries, and models that load on first use.

    Safe to share between threads.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        encoder: Encoder | None = None,
        stance_model: StanceModel | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.codebooks = codebooks.load_codebooks()
        self.lexicons = codebooks.load_lexicons()
        self.outlets = OutletRegistry.load(extra=_existing(settings.local_outlets))
        self._encoder = encoder
        self._stance = stance_model
        self._retriever: tuple[str, Retriever] | None = None
        self._lock = threading.RLock()

    @property
    def models_loaded(self) -> bool:
        """Whether the models are in memory, so that a verification will not wait for them."""
        return self._encoder is not None and self._stance is not None

    def load_models(self, progress: Progress | None = None) -> None:
        """Load encoder and stance model, writing the bundled ones to the cache on the very first use."""
        self.encoder_with(progress)
        self.stance_with(progress)

    @property
    def encoder(self) -> Encoder:
        """The sentence encoder, loaded on first use, its vectors cached on disk."""
        return self.encoder_with(None)

    @property
    def stance_model(self) -> StanceModel:
        """The stance model, loaded on first use."""
        return self.stance_with(None)

    def encoder_with(self, progress: Progress | None) -> Encoder:
        """Return the encoder, showing progress if it has to load."""
        with self._lock:
            if self._encoder is None:
                loaded = encode.load_encoder(
                    self.settings.encoder, cache_dir=self.settings.cache_dir, progress=progress
                )
                self._encoder = encode.CachedEncoder(loaded, self.settings.cache_dir / "vectors.sqlite3")
            return self._encoder

    def stance_with(self, progress: Progress | None) -> StanceModel:
        """Return the stance model, showing progress if it has to load."""
        with self._lock:
            if self._stance is None:
                self._stance = stance.load_stance_model(
                    self.settings.stance,
                    cache_dir=self.settings.cache_dir,
                    encoder_dir=encode.bundled_model_dir(self.settings.cache_dir, progress=progress),
                    progress=progress,
                )
            return self._stance

    @property
    def index_folder(self) -> Path:
        """Where the index in use lies."""
        return self.settings.indexes_dir / self.settings.index.name

    def codebook(self, codebook_id: str) -> Codebook:
        """Return a codebook by its id.

        Raises:
            CodebookError: there is none; the message names those there are.
        """
        found = self.codebooks.get(codebook_id)
        if found is None:
            allowed = tuple(self.codebooks)
            msg = f"There is no codebook {codebook_id!r}. Codebooks are {', '.join(allowed)}."
            raise CodebookError(msg, allowed=allowed)
        return found

    def retriever(self) -> Retriever:
        """Return the retriever over the present index, reloading it when the index or the corpus changed.

        Raises:
            IndexNotFoundError: there is no index yet.
            IndexMismatchError: the index is not of this encoder or this corpus, or is damaged.
        """
        with self._lock:
            manifest = index.read_manifest(self.index_folder)
            key = f"{manifest.created_at}:{manifest.corpus_digest}"
            digest = self.store.corpus_digest()
            if self._retriever is None or self._retriever[0] != key or manifest.corpus_digest != digest:
                vectors, _ = index.load_index(
                    self.index_folder,
                    encoder_fingerprint=self.encoder.fingerprint,
                    corpus_digest=digest,
                    context=self.settings.retrieve.context,
                )
                words = lexical.LexicalIndex.load(self.index_folder / LEXICAL_FOLDER)
                self._retriever = (
                    key,
                    retrieve.Retriever(self.encoder, vectors, words, self.settings.retrieve, self._texts),
                )
            return self._retriever[1]

    def _texts(self, ids: Sequence[str]) -> Mapping[str, str]:
        return {key: sentence.text for key, sentence in self.store.sentences_by_id(ids).items()}

    def learn_outlets(self, described: Iterable[Outlet]) -> int:
        """Add outlets that the registry does not know to this installation's own list; returns how many were new."""
        with self._lock:
            extended = self.outlets.with_outlets(described)
            known = {outlet.outlet_id for outlet in self.outlets.outlets}
            new = [outlet for outlet in extended.outlets if outlet.outlet_id not in known]
            if new:
                path = self.settings.local_outlets
                path.parent.mkdir(parents=True, exist_ok=True)
                local = OutletRegistry.load(path) if path.is_file() else OutletRegistry(())
                write_outlets(local.with_outlets(new).outlets, path)
                self.outlets = extended
            return len(new)

    def close(self) -> None:
        """Close the database and the vector cache."""
        self.store.close()
        if isinstance(self._encoder, encode.CachedEncoder):
            self._encoder.close()


def open_services(settings: Settings) -> Services:
    """Open the store and the registries; no model is loaded yet."""
    return Services(settings, store=open_store(settings.database_url))


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


def annotator(name: str) -> str:
    """Return a person's name or pseudonym, or raise DomainError when there is none."""
    name = name.strip()
    if not name:
        msg = (
            "Say who you are first: an annotator needs a name or pseudonym, so that labels can be told apart."
        )
        raise DomainError(msg)
    return name
