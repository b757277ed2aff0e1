"""What the commands share: their common options, the services opened and closed again, and where results and messages go."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verifier.config import load_settings

if TYPE_CHECKING:
    from verifier.pipeline import Progress, Services

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
Languages = Annotated[list[str] | None, typer.Option("--language", help="Only this language (repeatable).")]


@contextmanager
def opened_services() -> Iterator[Services]:
    """Open the services that the settings in force describe, for the time of the ``with`` block."""
    from verifier import pipeline

    services = pipeline.open_services(load_settings())
    try:
        yield services
    finally:
        services.close()


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Show progress on standard error while the ``with`` block lasts; yields a callback ``(done, total, what)``."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def report(done: int, total: int, what: str) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield report


def print_json(value: Any) -> None:
    """Print a result for a program; what JSON has no type for is written as its text."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_jsonable))


def say(text: str) -> None:
    """Print a message to standard error."""
    print(text, file=sys.stderr)


def _jsonable(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
