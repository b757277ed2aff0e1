"""The command ``evaluate``: how good retrieval and stance are on labels that people gave."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.console import AsJson, Languages, opened_services, say, shown_progress
from verifier.errors import ConfigError


def evaluate(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Labelled files: exported pairs, claims with statements and labels (.csv, .jsonl), parallel text (.tsv), gold folders.",
        ),
    ],
    report: Annotated[
        Path | None, typer.Option(help="A folder for the report: Markdown, JSON and pictures.")
    ] = None,
    stance: Annotated[bool, typer.Option("--stance", help="Measure stance only.")] = False,
    retrieval: Annotated[bool, typer.Option("--retrieval", help="Measure retrieval only.")] = False,
    half: Annotated[str, typer.Option(help="Only this half: choose or measure.")] = "",
    limit: Annotated[
        int,
        typer.Option(
            min=0, help="At most so many pairs and claims of each file, drawn at random; 0 for all."
        ),
    ] = 0,
    language: Languages = None,
    as_json: AsJson = False,
) -> None:
    """Measure how good retrieval and stance are on labels that people gave."""
    from verifier import evaluation

    if half and half not in evaluation.HALVES:
        msg = f"--half takes one of {', '.join(evaluation.HALVES)}; found {half!r}."
        raise ConfigError(msg)
    tasks = [task for task, wanted in zip(evaluation.TASKS, (stance, retrieval), strict=True) if wanted]
    with opened_services() as services, shown_progress() as progress:
        measured = evaluation.evaluate(
            services, paths, tasks=tasks, half=half, limit=limit, languages=language or (), progress=progress
        )
    if as_json:
        sys.stdout.write(evaluation.to_json(measured))
    else:
        for line in evaluation.summary(measured):
            print(line)
    for item in measured.sets:
        if item.refused:
            say(f"{item.name}: {len(item.refused)} row(s) refused, the first: {item.refused[0]}")
    for line in evaluation.write_report(measured, report) if report else []:
        say(line)
