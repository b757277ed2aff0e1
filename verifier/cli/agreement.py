"""The command ``agreement``: how far several annotators agree, as a summary and a report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.console import AsJson, Languages, opened_services, say, shown_progress
from verifier.domain import Level
from verifier.errors import ConfigError


def agreement(
    codebook: Annotated[str, typer.Option(help="Only this codebook, by its id.")] = "",
    level: Annotated[str, typer.Option(help="Only this level: span, sentence, document or pair.")] = "",
    language: Languages = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a report to this file: .md with pictures beside it, or .json."),
    ] = None,
    names: Annotated[
        bool, typer.Option("--names", help="Annotators' own names instead of pseudonyms.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how far annotators agree, with intervals, by label, pair and language, and which labels they confuse."""
    from verifier import agreement as measuring
    from verifier.pipeline import agreement as workflow

    chosen = _level(level)
    if out is not None:
        workflow.require_report_place(out)
    with opened_services() as services, shown_progress() as progress:
        report = workflow.measure_agreement(
            services,
            codebook=codebook,
            level=chosen,
            languages=tuple(language or ()),
            pseudonyms=not names,
            progress=progress,
        )
    if as_json:
        sys.stdout.write(measuring.to_json(report))
    else:
        for line in measuring.summary(report):
            print(line)
    say(report.coverage)
    for line in workflow.write_agreement(report, out) if out else []:
        say(line)


def _level(name: str) -> Level | None:
    if not name:
        return None
    levels = [level.value for level in Level]
    if name not in levels:
        msg = f"--level takes one of {', '.join(levels)}; found {name!r}."
        raise ConfigError(msg)
    return Level(name)
