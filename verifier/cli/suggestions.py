"""The command ``evaluate-suggestions``: how well a lexicon's suggestions meet what people marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verifier.cli.console import AsJson, print_json, say
from verifier.errors import CodebookError

if TYPE_CHECKING:
    from verifier.evaluation.figures import Figure
    from verifier.evaluation.marked import MarkedSet
    from verifier.evaluation.suggestions import SuggestionScore


def evaluate_suggestions(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Marked texts as JSON Lines, plain or gzip'd: id, lang, text, spans, techniques.",
        ),
    ],
    lexicon: Annotated[str, typer.Option(help="Whose suggestions are measured.")] = "wording",
    codebook: Annotated[str, typer.Option(help="The codebook of the file's labels.")] = "manipulation",
    as_json: AsJson = False,
) -> None:
    """Measure a lexicon's suggestions on texts in which people marked places."""
    from verifier import codebooks
    from verifier.evaluation.marked import read_marked_texts
    from verifier.evaluation.suggestions import evaluate_suggestions as measured

    books = codebooks.load_codebooks()
    lexicons = codebooks.load_lexicons(codebooks=books)
    _require("lexicon", lexicon, tuple(lexicons))
    _require("codebook", codebook, tuple(books))
    marked = read_marked_texts(path, books[codebook])
    scores = measured(lexicons[lexicon], marked, books)
    if as_json:
        print_json(
            {
                "lexicon": lexicon,
                "codebook": codebook,
                "codebook_version": books[codebook].version,
                "file": marked.name,
                "sha256": marked.sha256,
                "texts": len(marked.texts),
                "notes": marked.notes,
                "scores": [asdict(score) for score in scores],
            }
        )
    else:
        _print_scores(scores, marked)
    for note in marked.notes:
        say(f"{marked.name}: {note}")
    if marked.refused:
        say(f"{marked.name}: {len(marked.refused)} row(s) refused, the first: {marked.refused[0]}")


def _require(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        msg = f"There is no {what} {name!r}. Known are {', '.join(known)}."
        raise CodebookError(msg, allowed=known)


def _print_scores(scores: Sequence[SuggestionScore], marked: MarkedSet) -> None:
    spans = sum(len(text.spans) for text in marked.texts)
    print(f"{marked.name}: {len(marked.texts)} texts with {spans} marked spans")
    print(
        f"{'language':8}  {'suggestions':22} {'marked as':24} {'unit':10} {'suggested':>9} {'marked':>7}  precision          recall             F1"
    )
    for score in scores:
        print(
            f"{score.language or 'all':8}  {score.suggestions:22} {score.marked:24} {score.unit:10} {score.suggested:9} {score.marked_count:7}  "
            f"{_shown(score.precision)}  {_shown(score.recall)}  {_shown(score.f1)}"
        )


def _shown(figure: Figure) -> str:
    if figure.value is None:
        return f"{'–':17}"
    if figure.low is None:
        return f"{figure.value:5.3f}            "
    return f"{figure.value:5.3f} {figure.low:5.3f}-{figure.high:5.3f}"
