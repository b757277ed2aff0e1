"""How far several annotators agree, by coefficients of which each names its source.

Give `measure` a `Study` (labels, the texts they are on, and who went through which) with a codebook and a level; it returns an `Agreement`: figures
with bootstrap intervals over all labels, by label, by pair of annotators and by language, and the labels that are confused. A figure that is undefined
has no value but a reason. `in_words`, `to_markdown`, `to_json` and `draw` tell it to people and programs.

What each figure means, and which to cite, stands in ``docs/explanation/agreement.md``.
"""

from verifier.agreement.confusion import Confusion, confusions
from verifier.agreement.figures import Figure
from verifier.agreement.measure import (
    Agreement,
    LabelAgreement,
    LanguageAgreement,
    PairAgreement,
    measure,
)
from verifier.agreement.plots import draw
from verifier.agreement.report import AgreementReport, in_words, shown, summary, to_json, to_markdown
from verifier.agreement.study import Coverage, Study, Text, arrange, coverage_from_labels
from verifier.resampling import Bootstrap

__all__ = [
    "Agreement",
    "AgreementReport",
    "Bootstrap",
    "Confusion",
    "Coverage",
    "Figure",
    "LabelAgreement",
    "LanguageAgreement",
    "PairAgreement",
    "Study",
    "Text",
    "arrange",
    "confusions",
    "coverage_from_labels",
    "draw",
    "in_words",
    "measure",
    "shown",
    "summary",
    "to_json",
    "to_markdown",
]
