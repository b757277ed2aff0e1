"""How good the tool is on labels that people gave: figures with intervals, by pair of languages, and a report.

`evaluate` takes labelled files of any known kind, runs the models and settings in force over them, and returns a `Report`; `write_report` puts it into
a folder. Benchmarks and the quality gate use the parts below: `read_labelled`, `measure_stance`, `measure_retrieval`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.errors import ExchangeError, MissingDependencyError
from verifier.evaluation.figures import Figure
from verifier.evaluation.labelled import HALVES, LabelledPair, LabelledSet, Passage, Query, Relevant
from verifier.evaluation.measure import (
    EVERYTHING,
    Measurement,
    Progress,
    Search,
    measure_retrieval,
    measure_stance,
    retrieval_measurements,
    stance_measurements,
    tool_search,
)
from verifier.evaluation.plots import draw
from verifier.evaluation.readers import READERS, Reading, read_labelled
from verifier.evaluation.report import (
    Report,
    SetRead,
    from_json,
    processor,
    ran_on,
    summary,
    to_json,
    to_markdown,
)
from verifier.pipeline import write_text
from verifier.resampling import Bootstrap

if TYPE_CHECKING:
    from verifier.pipeline import Services

__all__ = [
    "EVERYTHING",
    "HALVES",
    "READERS",
    "TASKS",
    "Bootstrap",
    "Figure",
    "LabelledPair",
    "LabelledSet",
    "Measurement",
    "Passage",
    "Query",
    "Reading",
    "Relevant",
    "Report",
    "Search",
    "SetRead",
    "evaluate",
    "from_json",
    "measure_retrieval",
    "measure_stance",
    "processor",
    "ran_on",
    "read_labelled",
    "retrieval_measurements",
    "stance_measurements",
    "summary",
    "to_json",
    "to_markdown",
    "tool_search",
    "write_report",
]

TASKS = ("stance", "retrieval")


def evaluate(
    services: Services,
    paths: Sequence[Path],
    *,
    tasks: Sequence[str] = (),
    half: str = "",
    limit: int = 0,
    languages: Sequence[str] = (),
    bootstrap: Bootstrap | None = None,
    progress: Progress | None = None,
) -> Report:
    """Measure the models and settings in force on labelled files.

    Args:
        services: the opened services; only the models that are needed are loaded.
        paths: labelled files and gold folders.
        tasks: of `TASKS`; empty measures what each file is made for.
        half: ``choose`` or ``measure``; empty for everything.
        limit: at most so many pairs and claims of each file, drawn with the bootstrap's seed; 0 for all.
        languages: of parallel tables; empty for the first three.
        bootstrap: how intervals are drawn.
        progress: called with (done, total, what).

    Raises:
        ExchangeError: a file cannot be read, has an unknown label, has no such half, or nothing to measure.
        ModelError: a model cannot be loaded.
    """
    drawing = bootstrap or Bootstrap()
    reading = Reading(services.settings, services.store, tuple(languages))
    # Everything is read before anything is measured: a mistake in the last file is told at once, and names can be told apart.
    read = []
    for path in paths:
        labelled = read_labelled(path, reading)
        labelled = labelled.half(half) if half else labelled
        read.append(labelled.limited(limit, seed=drawing.seed) if limit else labelled)
    sets, measurements = [], []
    encoder, stance_model = None, None
    plans = [_tasks_of(labelled, path, tasks) for labelled, path in zip(read, paths, strict=True)]
    for labelled, (own, skipped) in zip(_told_apart(read, paths), plans, strict=True):
        sets.append(SetRead.of(labelled, skipped))
        if "stance" in own:
            stance_model = services.stance_with(progress)
            measurements += measure_stance(labelled, stance_model, services.settings, drawing, progress)
        if "retrieval" in own:
            encoder = services.encoder_with(progress)
            stance_model = services.stance_with(progress)
            measurements += measure_retrieval(
                labelled, encoder, services.settings, drawing, progress, stance_model=stance_model
            )
    return Report(
        ran_on=ran_on(
            services.settings,
            drawing,
            encoder=f"{encoder.name}@{encoder.fingerprint}" if encoder else "",
            encoder_precision=encoder.precision if encoder else "",
            stance_model=f"{stance_model.name}@{stance_model.fingerprint}" if stance_model else "",
        ),
        sets=tuple(sets),
        measurements=tuple(measurements),
    )


def _tasks_of(
    labelled: LabelledSet, path: Path, tasks: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Divide the tasks that are wanted into those a set has something for, and those it has nothing for.

    Raises:
        ExchangeError: it has nothing for any of them.
    """
    wanted = tuple(task for task in TASKS if task in (tasks or labelled.tasks))
    own = tuple(task for task in wanted if (labelled.pairs if task == "stance" else labelled.queries))
    if not own:
        msg = (
            f"{path} has nothing to measure {' and '.join(wanted)} on. "
            "docs/how-to/measure-quality.md says what each kind of file is good for."
        )
        raise ExchangeError(msg)
    return own, tuple(task for task in wanted if task not in own)


def _told_apart(read: Sequence[LabelledSet], paths: Sequence[Path]) -> list[LabelledSet]:
    """Rename sets of one name, since figures and pictures are told apart by it: the folder before it, then a number after it."""
    shared = {name for name, count in Counter(labelled.name for labelled in read).items() if count > 1}
    names: list[str] = []
    for labelled, path in zip(read, paths, strict=True):
        name = labelled.name
        if name in shared:
            # A gold folder's name has its parent in it already.
            name = "/".join(path.resolve().parts[-2 - name.count("/") :]).lstrip("/")
        number, plain = 1, name
        while name in names:
            number += 1
            name = f"{plain} ({number})"
        names.append(name)
    return [replace(labelled, name=name) for labelled, name in zip(read, names, strict=True)]


def write_report(report: Report, folder: Path) -> list[str]:
    """Write ``report.md``, ``report.json`` and the pictures into a folder, which is made if need be.

    Returns:
        What a person should know of it: the file written, and whether pictures are missing.

    Raises:
        ExchangeError: the folder cannot be written.
    """
    said = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pictures: dict[str, str] = {}
        try:
            pictures = draw(report, folder)
        except MissingDependencyError as error:
            said.append(str(error))
        write_text(folder / "report.json", to_json(report))
        write_text(folder / "report.md", to_markdown(report, pictures))
    except OSError as error:
        msg = f"The report cannot be written to {folder}: {error}. Name another folder with --report."
        raise ExchangeError(msg) from error
    return [f"Written: {folder / 'report.md'}", *said]
