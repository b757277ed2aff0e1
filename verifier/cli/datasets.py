"""The commands around data sets: ``export-dataset``, ``import-labels`` and ``fill-in``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verifier.cli.console import AsJson, Languages, opened_services, print_json, say, shown_progress
from verifier.domain import Layer
from verifier.errors import ConfigError
from verifier.exchange import LABEL_FORMATS, QUOTE_CHARS, UNITS, parse_shares

if TYPE_CHECKING:
    from verifier.domain import Refusal
    from verifier.pipeline.datasets import Dataset

_READABLE = ", ".join(name for name, kind in LABEL_FORMATS.items() if kind.read)


def export_dataset(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    layer: Annotated[
        list[str] | None,
        typer.Option(help="annotator, gold or suggestion (repeatable); annotator without it."),
    ] = None,
    codebook: Annotated[list[str] | None, typer.Option(help="Only this codebook (repeatable).")] = None,
    language: Languages = None,
    split: Annotated[
        str, typer.Option(help="Shares of the documents by name, or none.")
    ] = "train=0.8,dev=0.1,test=0.1",
    seed: Annotated[int, typer.Option(help="Another number parts the documents otherwise.")] = 0,
    format_names: Annotated[
        list[str] | None,
        typer.Option("--format", help=f"Besides labels.csv: {', '.join(LABEL_FORMATS)} (repeatable)."),
    ] = None,
    unlabelled: Annotated[
        bool, typer.Option("--unlabelled", help="Documents without such labels, too.")
    ] = False,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Add pairs.csv: claims with the statements found.")
    ] = False,
    without_text: Annotated[
        bool, typer.Option("--without-text", help="Leave the texts out: offsets, digests and short quotes.")
    ] = False,
    quote_chars: Annotated[
        int, typer.Option(min=0, help="Code points of a quote that stay without the texts.")
    ] = QUOTE_CHARS,
    context: Annotated[
        bool, typer.Option("--context", help="Without the texts, keep what stands around the quotes.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Annotators' own names instead of pseudonyms.")
    ] = False,
    agreement: Annotated[
        bool, typer.Option("--agreement", help="Measure agreement for the card; takes a while.")
    ] = False,
    title: Annotated[str, typer.Option(help="The title of the card.")] = "Labelled news",
    as_json: AsJson = False,
) -> None:
    """Write a data set: labels, documents with their split, formats of other tools, a card and a manifest."""
    from verifier.pipeline import datasets

    choice = datasets.DatasetChoice(
        layers=_layers(layer or ["annotator"]),
        codebooks=tuple(codebook or ()),
        languages=tuple(language or ()),
        shares=parse_shares(split),
        seed=seed,
        formats=tuple(dict.fromkeys(format_names or ())),
        unlabelled=unlabelled,
        pairs=pairs,
        texts=not without_text,
        quote_chars=quote_chars,
        context=context,
        pseudonyms=not names,
        agreement=agreement,
        title=title,
    )
    datasets.require_new_folder(folder)
    with opened_services() as services, shown_progress() as progress:
        made = datasets.export_dataset(services, choice, folder, progress=progress)
    if as_json:
        print_json(
            {
                "folder": str(folder),
                "files": sorted(made.files),
                "statistics": made.plan.statistics,
                "notes": made.notes,
            }
        )
    else:
        _print_dataset(made)
    for note in made.notes:
        say(note)
    say(f"Written: {folder} ({len(made.files)} files)")


def import_labels(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="A file of labels, or the folder of a data set.")
    ],
    format_name: Annotated[str, typer.Option("--format", help=f"{_READABLE}.")],
    codebook: Annotated[str, typer.Option(help="The codebook meant where the file names none.")] = "",
    annotator: Annotated[str, typer.Option(help="Whose labels they are where the file does not say.")] = "",
    unit: Annotated[
        str,
        typer.Option(help=f"How the file counts offsets: {', '.join(UNITS)}; without it the quotes tell."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Take labels in from a file of another tool. Labels that do not fit are listed; the same file again adds nothing."""
    from verifier.pipeline import label_files

    with opened_services() as services:
        report = label_files.import_labels(
            services, path, format_name, codebook=codebook, annotator_id=annotator, unit=unit
        )
    if as_json:
        print_json(
            {"added": report.added, "changed": report.changed, "refused": [r.message for r in report.refused]}
        )
        return
    say(f"{report.added} label(s) added, {report.changed} changed, {len(report.refused)} refused or noted.")
    _list(report.refused)


def fill_in(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="labels or documents without texts (.csv or .jsonl).")
    ],
    texts: Annotated[
        Path | None, typer.Option(help="A folder with the articles; without it the corpus is looked through.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write here; without it FILE is replaced.")] = None,
    as_json: AsJson = False,
) -> None:
    """Fill the texts in again from one's own copy, where labels were passed on without them."""
    from verifier.pipeline import label_files

    with opened_services() as services:
        report = label_files.fill_in(services, path, output or path, texts=texts)
    if as_json:
        print_json({"filled": report.filled, "refused": [r.message for r in report.refused]})
        return
    say(f"{report.filled} row(s) complete, {len(report.refused)} not. Written: {output or path}")
    _list(report.refused)


def _layers(names: Sequence[str]) -> tuple[Layer, ...]:
    known = [layer.value for layer in Layer]
    for name in names:
        if name not in known:
            msg = f"--layer takes one of {', '.join(known)}; found {name!r}."
            raise ConfigError(msg)
    return tuple(Layer(name) for name in dict.fromkeys(names))


def _print_dataset(made: Dataset) -> None:
    for what, counts in made.plan.statistics.items():
        print(f"{what}:")
        for name, number in counts.items():
            print(f"  {number:6}  {name or '-'}")


def _list(refused: Sequence[Refusal]) -> None:
    for refusal in refused:
        say(f"  {refusal.message}")
