"""The stance model: labels by name, long evidence, order, and what happens when files are not what they should be."""

import hashlib
import json
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Dense, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from verifier import stance
from verifier.config import StanceSettings
from verifier.domain import StanceScores
from verifier.errors import ModelError
from verifier.stance import load_stance_model, score_readings

WIDTH = 8
SPECIALS = ["<pad>", "<s>", "</s>", "<unk>"]
CUES = {"agreed": 0, "denied": 1}
"""The word that makes the tiny model say supports (column 0) or refutes (column 1); without one it says neutral."""
LIMIT = 24


def write_encoder(folder: Path, seed: int = 0) -> Path:
    """Write a real BERT folder without layers: what it makes of a text is the mean of its words' embeddings."""
    words = ["the", "mayor", "resigned", "rain", "fell", ".", *CUES]
    vocabulary = {word: i for i, word in enumerate([*SPECIALS, *words])}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token=SPECIALS[3]))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    raw.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        **dict(zip(("pad_token", "cls_token", "sep_token", "unk_token"), SPECIALS, strict=True)),
    )
    tokenizer.model_max_length = 64
    torch.manual_seed(seed)
    model = BertModel(
        BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=WIDTH,
            num_hidden_layers=0,
            num_attention_heads=2,
            intermediate_size=8,
            max_position_embeddings=64,
            pad_token_id=0,
        ),
        add_pooling_layer=False,
    )
    with torch.no_grad():
        embeddings = model.embeddings
        embeddings.position_embeddings.weight.zero_()
        embeddings.token_type_embeddings.weight.zero_()
        embeddings.word_embeddings.weight.normal_(0, 0.001)
        embeddings.word_embeddings.weight[:, 7] += 1.0
        for word, column in CUES.items():
            embeddings.word_embeddings.weight[vocabulary[word], column] += 4.0
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_model(folder: Path, labels: list[str], order: list[int]) -> Path:
    """Write a cross-encoder whose columns are a permutation (``order``) of supports, refutes, neutral."""
    body = Transformer(
        str(write_encoder(folder / "encoder")),
        max_seq_length=LIMIT,
        model_kwargs={"add_pooling_layer": False},
    )
    body.model.config.id2label = dict(enumerate(labels))
    body.model.config.label2id = {label: i for i, label in enumerate(labels)}
    weights, bias = head()
    count = len(labels)
    dense = Dense(
        WIDTH,
        count,
        activation_function=torch.nn.Identity(),
        init_weight=weights[order][:count].clone(),
        init_bias=bias[order][:count].clone(),
        module_output_name="scores",
    )
    CrossEncoder(modules=[body, Pooling(WIDTH, "mean"), dense], device="cpu").save(
        str(folder / "model"), create_model_card=False
    )
    return folder / "model"


def head() -> tuple[torch.Tensor, torch.Tensor]:
    """Return a head that turns a cue word into its column and everything else into neutral.

    After layer normalisation a column is -0.38 for a word without its cue and 2.6 for the cue, so that -0.36 parts a mean with one cue among
    the model's 24 tokens from a mean without any.
    """
    weights = torch.zeros(3, WIDTH)
    for column in CUES.values():
        weights[column, column] = 200.0
    return weights, torch.tensor([72.0, 72.0, 5.0])


def load(model: Path, tmp_path: Path) -> stance.StanceModel:
    return load_stance_model(
        StanceSettings(model=str(model)), cache_dir=tmp_path / "cache", encoder_dir=tmp_path
    )


def leading(scores) -> str:
    return max(("supports", "refutes", "neutral"), key=lambda name: getattr(scores, name))


PAIRS = [
    ("the mayor resigned", "the mayor agreed ."),
    ("the mayor resigned", "the mayor denied ."),
    ("the mayor resigned", "rain fell ."),
]


@pytest.mark.parametrize(
    ("labels", "order"),
    [
        (["supports", "refutes", "neutral"], [0, 1, 2]),
        (["entailment", "neutral", "contradiction"], [0, 2, 1]),
        (["CONTRADICTION", "Entailment", "NEUTRAL"], [1, 0, 2]),
        (["REFUTED", "NOT ENOUGH INFO", "SUPPORTED"], [1, 2, 0]),
    ],
)
def test_labels_are_understood_by_name_in_any_order(tmp_path, labels, order):
    model = load(write_model(tmp_path, labels, order), tmp_path)
    assert [leading(scores) for scores in model.score(PAIRS)] == ["supports", "refutes", "neutral"]


@pytest.mark.parametrize(
    "labels",
    [
        ["LABEL_0", "LABEL_1", "LABEL_2"],
        ["entailment", "supports", "neutral"],
        ["entailment", "contradiction"],
    ],
)
def test_labels_that_are_no_stances_are_refused_by_name(tmp_path, labels):
    folder = write_model(tmp_path, labels, [0, 1, 2])
    with pytest.raises(ModelError, match=labels[0]) as caught:
        load(folder, tmp_path)
    assert caught.value.model == str(folder)


def test_a_model_that_is_not_there_is_an_error_and_never_a_download(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("no-such/model", str(tmp_path / "empty")):
        with pytest.raises(ModelError, match=r"no model|holds no model"):
            load_stance_model(StanceSettings(model=name), cache_dir=tmp_path, encoder_dir=tmp_path)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stance")
    return load(write_model(folder, ["entailment", "neutral", "contradiction"], [0, 2, 1]), folder)


@pytest.mark.parametrize("position", [0, 40, 77, 120, 199])
def test_evidence_longer_than_the_model_is_read_to_its_end(model, position):
    evidence = ["rain"] * 200
    evidence[position] = "denied"
    (scores,) = model.score([("the mayor resigned", " ".join(evidence))])
    assert leading(scores) == "refutes"


def test_a_claim_longer_than_the_model_leaves_room_for_the_evidence(model):
    (scores,) = model.score([("the mayor resigned " * 60, "rain fell . " * 5 + "the mayor agreed")])
    assert leading(scores) == "supports"


texts = st.lists(
    st.sampled_from(["the", "mayor", "resigned", "rain", "agreed", "denied", "дощ", "."]), max_size=60
).map(" ".join)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(texts, texts), max_size=12), data=st.data())
def test_scores_do_not_depend_on_what_else_is_scored_or_in_which_order(model, pairs, data):
    order = data.draw(st.permutations(range(len(pairs))))
    together = model.score(pairs)
    shuffled = model.score([pairs[i] for i in order])
    for place, i in enumerate(order):
        # bf16, where it is faster, keeps about two decimals
        assert shuffled[place].supports == pytest.approx(together[i].supports, abs=0.03)
        assert shuffled[place].refutes == pytest.approx(together[i].refutes, abs=0.03)


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "\u0301" * 300, "rain " * 9000])
def test_odd_texts_get_scores(model, text):
    assert len(model.score([(text, "rain fell"), ("rain fell", text)])) == 2


class _Told:
    """A model that says of each text what it is told to."""

    name = fingerprint = "told"

    def __init__(self, said):
        self.said = said

    def score(self, pairs, *, progress=None):
        return [self.said[text] for _, text in pairs]


def _scores(supports, refutes):
    return StanceScores(supports=supports, refutes=refutes, neutral=1 - supports - refutes)


def test_readings_of_one_statement_are_averaged_and_each_statement_keeps_its_place():
    sure, unsure, other = _scores(0.9, 0.05), _scores(0.3, 0.3), _scores(0.1, 0.8)
    model = _Told({"alone": unsure, "titled": sure, "elsewhere": other})
    both, single = score_readings(model, [("claim", ("alone", "titled")), ("claim", ("elsewhere",))])
    assert single == other
    assert both.supports + both.refutes + both.neutral == pytest.approx(1)
    assert unsure.supports < both.supports < sure.supports
    assert both.supports / both.refutes == pytest.approx(
        (sure.supports / sure.refutes * unsure.supports / unsure.refutes) ** 0.5
    )


def test_what_one_reading_rules_out_stays_improbable_but_possible():
    model = _Told({"alone": _scores(0.0, 0.5), "titled": _scores(1.0, 0.0)})
    (pooled,) = score_readings(model, [("claim", ("alone", "titled"))])
    assert 0 < pooled.supports < 1


def test_progress_ends_at_the_number_of_pairs(model):
    seen = []
    model.score(PAIRS * 3, progress=lambda done, total, what: seen.append((done, total, bool(what))))
    assert seen[-1] == (9, 9, True)


def ship(folder: Path, encoder: Path, **changes) -> Path:
    """Write a weights folder as the package ships it, for the tiny encoder."""
    folder.mkdir()
    bert = BertModel.from_pretrained(encoder, add_pooling_layer=False)
    embeddings = bert.embeddings.word_embeddings.weight.detach().contiguous()
    weights, bias = head()
    tensors = {f"bert.{k}": v for k, v in bert.state_dict().items() if "word_embeddings" not in k}
    # tanh keeps small values nearly as they are, so the first layer may only scale them down
    tensors |= {"hidden.weight": 0.1 * torch.eye(WIDTH), "hidden.bias": torch.zeros(WIDTH)}
    tensors |= {"scores.weight": 10 * weights, "scores.bias": bias}
    path = folder / "stance.safetensors"
    save_file({name: tensor.half().contiguous() for name, tensor in tensors.items()}, path)
    described = {
        "id": "tiny",
        "version": "1",
        "labels": ["supports", "refutes", "neutral"],
        "max_tokens": LIMIT,
        "temperature": 2.0,
        "weights": path.name,
        "weights_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "word_embeddings_sha256": hashlib.sha256(embeddings.numpy().tobytes()).hexdigest(),
    }
    (folder / "stance.json").write_text(json.dumps(described | changes))
    return folder


def load_bundled(tmp_path: Path, encoder: Path) -> stance.StanceModel:
    return load_stance_model(StanceSettings(), cache_dir=tmp_path / "cache", encoder_dir=encoder)


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A package's weights folder for the tiny encoder; returns (weights folder, encoder folder)."""
    encoder = write_encoder(tmp_path / "encoder")
    folder = ship(tmp_path / "weights", encoder)
    monkeypatch.setattr(stance, "_WEIGHTS_DIR", folder)
    return folder, encoder


def test_the_bundled_model_is_put_together_once_and_read_again(tmp_path, shipped):
    _, encoder = shipped
    steps = []
    model = load_stance_model(
        StanceSettings(),
        cache_dir=tmp_path / "cache",
        encoder_dir=encoder,
        progress=lambda *step: steps.append(step),
    )
    assert steps
    assert [leading(scores) for scores in model.score(PAIRS)] == ["supports", "refutes", "neutral"]
    steps.clear()
    again = load_stance_model(
        StanceSettings(),
        cache_dir=tmp_path / "cache",
        encoder_dir=encoder,
        progress=lambda *step: steps.append(step),
    )
    assert not steps
    assert again.fingerprint == model.fingerprint
    assert len(model.fingerprint) == 16


def test_an_incomplete_folder_in_the_cache_is_written_again(tmp_path, shipped):
    _, encoder = shipped
    expected = load_bundled(tmp_path, encoder).score(PAIRS)
    (weights,) = (tmp_path / "cache" / "models").glob("tiny-*/model.safetensors")
    weights.write_bytes(weights.read_bytes()[:100])
    assert load_bundled(tmp_path, encoder).score(PAIRS) == expected


def test_the_temperature_softens_scores(tmp_path, shipped, monkeypatch):
    _, encoder = shipped
    monkeypatch.setattr(stance, "_WEIGHTS_DIR", ship(tmp_path / "warm", encoder, temperature=30.0))
    warm = load_bundled(tmp_path, encoder)
    monkeypatch.setattr(
        stance, "_WEIGHTS_DIR", ship(tmp_path / "cold", encoder, version="2", temperature=9.0)
    )
    cold = load_bundled(tmp_path, encoder)
    assert cold.score(PAIRS)[0].supports > warm.score(PAIRS)[0].supports
    assert cold.fingerprint != warm.fingerprint


def test_damaged_weights_are_named_with_what_to_do(tmp_path, shipped):
    folder, encoder = shipped
    path = folder / "stance.safetensors"
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ModelError, match=r"damaged: expected sha256 .* Install the package anew"):
        load_bundled(tmp_path, encoder)


def test_missing_weights_are_named(tmp_path, shipped):
    folder, encoder = shipped
    (folder / "stance.safetensors").unlink()
    with pytest.raises(ModelError, match="Install the package anew"):
        load_bundled(tmp_path, encoder)


def test_another_encoder_than_the_one_trained_with_is_refused(tmp_path, shipped):
    other = write_encoder(tmp_path / "other", seed=5)
    with pytest.raises(ModelError, match="other word embeddings"):
        load_bundled(tmp_path, other)
    assert not list((tmp_path / "cache" / "models").glob("tiny-*")), "nothing half done may be left"
