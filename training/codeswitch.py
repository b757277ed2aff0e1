"""Mix languages into English NLI rows with a small bilingual lexicon counted from parallel sentences.

There is no Ukrainian NLI set and little Russian. Replacing words of one side by their translations keeps the label and lets the network learn that a
pair is judged across languages. The lexicon is an IBM model 1 estimated on the parallel sentences of the training part.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from edits import words

Lexicon = Mapping[str, Sequence[tuple[str, float]]]


def learn_lexicon(pairs: Iterable[tuple[str, str]], rounds: int = 5) -> dict[str, list[tuple[str, float]]]:
    """Estimate translations of English words from aligned sentences.

    Args:
        pairs: (English, other language) sentences.
        rounds: Rounds of expectation-maximisation.

    Returns:
        English word -> up to three translations with their probabilities, the best first.
    """
    corpus = [([w.lower for w in words(a)], [w.lower for w in words(b)]) for a, b in pairs]
    corpus = [(a, b) for a, b in corpus if 0 < len(a) <= 60 and 0 < len(b) <= 60]
    seen = Counter(w for a, _ in corpus for w in set(a))
    table: dict[str, dict[str, float]] = {}
    for turn in range(rounds):
        counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for english, foreign in corpus:
            source = ["", *english]
            for target in foreign:
                weights = [table[w].get(target, 1e-9) if turn else 1.0 for w in source]
                whole = sum(weights)
                for word, weight in zip(source, weights, strict=True):
                    counts[word][target] += weight / whole
        table = {}
        for word, targets in counts.items():
            total = sum(targets.values())
            table[word] = {target: value / total for target, value in targets.items() if value > 1e-4 * total}
    lexicon = {}
    for word, targets in table.items():
        best = sorted(targets.items(), key=lambda item: -item[1])[:3]
        if word and seen[word] >= 2 and best[0][1] >= 0.15:
            lexicon[word] = [(t, p) for t, p in best if p >= 0.5 * best[0][1]]
    return lexicon


_DROPPED = frozenset(["a", "an", "the"])


def switch(text: str, lexicon: Lexicon, share: float, rng: random.Random) -> tuple[str, float]:
    """Replace about ``share`` of the words that the lexicon knows.

    Returns:
        The mixed text and the share of its words that were replaced.
    """
    out, position, replaced, count = [], 0, 0, 0
    drop = share > 0.8
    for word in words(text):
        out.append(text[position : word.start])
        position = word.end
        if drop and word.lower in _DROPPED:
            continue
        count += 1
        options = lexicon.get(word.lower)
        if options and rng.random() < share:
            new = rng.choices([t for t, _ in options], [p for _, p in options])[0]
            out.append(new[0].upper() + new[1:] if word.text[0].isupper() else new)
            replaced += 1
        else:
            out.append(word.text)
    out.append(text[position:])
    return re.sub(r"\s{2,}", " ", "".join(out)).strip(), replaced / max(1, count)
