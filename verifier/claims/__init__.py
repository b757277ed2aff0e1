"""Which sentences of a text are worth checking: a plain ranking with its reasons.

:func:`assess` looks at one sentence and adds up the weights of what speaks for it (numbers, dates, names, reported events, sources, comparisons, public
matters) and against it (questions, appeals, opinion, wishes, first person, leftovers of the page); :func:`rank` puts the sentences of a
document in order. Nothing is learnt at run time and no model is loaded. It does not tell whether a statement is true, nor important, and
it reads English, Ukrainian and Russian; of other languages it sees only numbers, names and marks.
"""

from verifier.claims.ranking import (
    BASE,
    CHECKABLE_FROM,
    WEIGHTS,
    Assessment,
    RankedSentence,
    assess,
    rank,
)
from verifier.claims.signs import AGAINST, FOR, Sign, signs

__all__ = [
    "AGAINST",
    "BASE",
    "CHECKABLE_FROM",
    "FOR",
    "WEIGHTS",
    "Assessment",
    "RankedSentence",
    "Sign",
    "assess",
    "rank",
    "signs",
]
