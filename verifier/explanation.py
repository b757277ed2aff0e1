"""Why a statement was found and why it stands in its column, in facts that a reader can check against both texts.

Everything is computed from what a stored verification holds, so that old ones are explained, too. These are the words, names,
dates and amounts that claim and statement share or do not share, and how often the model was right where it was as sure; what goes on
inside the model is not explained, and nothing here decides anything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from verifier import dates
from verifier.dates import DateComparison
from verifier.domain import Claim, Evidence
from verifier.lexical import terms
from verifier.names import names, shared_names
from verifier.stance import Reliability

_LIGHT_WORDS = (
    "that this with from have been were will would their there they than more after about into over also said says what which who "
    "when where your only just some such most щодо який яка яке які його вони були було була буде також після через під "
    "про при для або але якщо коли лише тому того цього який которые который которая которое были было была будет также после "
    "через при для или если когда только того этого"
)
_LIGHT = frozenset(_LIGHT_WORDS.split())
"""Words of four letters or more that tell nothing of what a sentence is about; shorter ones are never shown."""

_SHORTEST_WORD = 4

_SURE: tuple[tuple[float, str], ...] = (
    (0.9, "very sure"),
    (0.75, "fairly sure"),
    (0.6, "leaning"),
    (0.0, "unsure"),
)
"""From which probability on the model is called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What claim and statement have in common, and what they do not.

    ``nearness`` is the cosine of their vectors, ``by_words`` whether shared words counted in the search besides;
    ``words`` are the statement's words that the claim has too; ``names`` pairs (in the claim, in the statement or beside it), also across alphabets;
    ``names_missing`` the claim's names that neither the statement nor its neighbours hold, empty where the
    languages differ, since a name may be quite another one there. ``sureness`` says in words how sure the model is, ``measured`` how often it was right where
    it was as sure, empty where nobody measured.
    """

    nearness: float
    by_words: bool
    words: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    names_missing: tuple[str, ...]
    dates: DateComparison | None
    sureness: str
    measured: str


def explain(claim: Claim, evidence: Evidence, reliability: Sequence[Reliability] = ()) -> Explanation:
    """Explain one statement of a verification.

    Args:
        claim: the claim.
        evidence: the statement with its probabilities and surroundings.
        reliability: how often the stance model was right, by how sure it was; see `verifier.stance.reliability`.
    """
    sentence, document = evidence.sentence, evidence.document
    one_language = claim.language == sentence.language
    # The sentence before often names whom the statement calls "he". The statement's own form of a name comes first.
    around = f"{sentence.text} {evidence.context_before} {evidence.context_after}"
    shared = dict(shared_names(claim.text, around, one_language=one_language))
    missing = [name.text for name in names(claim.text) if one_language and name.text not in shared]
    return Explanation(
        nearness=evidence.hit.dense_score or 0.0,
        by_words=bool(evidence.hit.lexical_score),
        words=_shared_words(claim, sentence.text, sentence.language, shared.values()),
        names=tuple(shared.items()),
        names_missing=tuple(missing),
        dates=dates.compare(claim.text, sentence.text, published=document.published_at),
        sureness=next(word for least, word in _SURE if evidence.scores.of(evidence.stance) >= least),
        measured=_measured(evidence, reliability),
    )


def _shared_words(claim: Claim, text: str, language: str, named: Collection[str]) -> tuple[str, ...]:
    """Return the words of a statement whose terms the claim has, each once; terms are those of the lexical leg."""
    wanted = set(terms(claim.text, claim.language))
    found: dict[str, None] = {}
    for word in re.findall(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*", text):
        heavy = word[0].isdigit() or (len(word) >= _SHORTEST_WORD and word.casefold() not in _LIGHT)
        if heavy and word not in named and wanted.intersection(terms(word, language)):
            found.setdefault(word.casefold() if word.istitle() else word)
    return tuple(found)


def _measured(evidence: Evidence, reliability: Sequence[Reliability]) -> str:
    sure = evidence.scores.of(evidence.stance)
    if sure < evidence.scores.highest:
        return ""  # it stands here by the threshold; counted was how often the likeliest stance is right
    level = next((level for level in reliability if level.low <= sure < level.high), None)
    if level is None or not level.count:
        return ""
    return f"where it was as sure on the test set, it was right in {level.right} of {level.count} cases"
