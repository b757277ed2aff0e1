"""The network that is trained: an XLM-R-vocabulary BERT encoder, mean pooling and a two-layer head.

It is written in plain PyTorch because a training step is then easy to time; `verifier.stance` assembles the same
weights as a sentence-transformers `CrossEncoder`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from rows import LABELS
from torch import Tensor, nn
from transformers import AutoTokenizer, BertModel, PreTrainedTokenizerBase


class StanceNetwork(nn.Module):
    """(evidence, claim) token ids -> logits of `LABELS`, shape (batch, 3).

    Word embeddings are frozen: they are 96 of the encoder's 118 million parameters, and a model that leaves them
    alone can be shipped without them. Dropout is off (it costs a tenth of the speed, and no row is seen often).
    """

    def __init__(self, encoder: Path) -> None:
        super().__init__()
        # Eager attention: its backward pass is 1.6 times as fast as the fused one on short sequences in bf16 on a CPU.
        self.bert = BertModel.from_pretrained(
            encoder,
            add_pooling_layer=False,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager",
        )
        width = self.bert.config.hidden_size
        self.hidden = nn.Linear(width, width)
        self.scores = nn.Linear(width, len(LABELS))
        self.bert.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return logits of shape (batch, 3)."""
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        pooled = (states * mask).sum(1) / mask.sum(1)
        logits: Tensor = self.scores(torch.tanh(self.hidden(pooled)))
        return logits

    def freeze(self, layers: int, encoder: Path) -> None:
        """Put the embeddings and the lowest ``layers`` back to the encoder's and leave them so.

        Languages meet in the lower layers of a multilingual encoder; training them on much English and little else pulls
        them apart (Wu and Dredze 2019), and a step that leaves four of twelve alone is a quarter faster.
        """
        if not layers:
            return
        untouched = BertModel.from_pretrained(encoder, add_pooling_layer=False)
        pairs = [(self.bert.embeddings, untouched.embeddings)]
        pairs += zip(self.bert.encoder.layer[:layers], untouched.encoder.layer[:layers], strict=True)
        for own, original in pairs:
            own.load_state_dict(original.state_dict())
            own.requires_grad_(False)

    def trained_state(self) -> dict[str, Tensor]:
        """Return every tensor but the word embeddings."""
        return {name: value for name, value in self.state_dict().items() if "word_embeddings" not in name}


class PairTokens:
    """Turns pairs of texts into padded token ids; evidence first, as natural-language-inference models expect."""

    def __init__(self, encoder: Path, longest: int) -> None:
        self._tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(encoder)
        self._longest = longest

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> Mapping[str, Tensor]:
        """Return ``input_ids`` and ``attention_mask``, each (pairs, longest of the batch)."""
        encoded = self._tokenizer(
            [evidence for evidence, _ in pairs],
            [claim for _, claim in pairs],
            truncation=True,
            max_length=self._longest,
            padding=True,
            return_tensors="pt",
        )
        return {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"]}
