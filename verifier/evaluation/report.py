"""A report of what was measured: JSON for programs, Markdown for people, pictures beside them.

A report says what it ran on (files with their digests, models with their fingerprints, settings, machine, seed), because a figure without that
cannot be compared with another one.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import verifier
from verifier.config import Settings
from verifier.domain import utc_now
from verifier.errors import ExchangeError
from verifier.evaluation.figures import CLASS_FIGURES, CLASSES, Figure, ReliabilityBin
from verifier.evaluation.labelled import LabelledSet
from verifier.evaluation.measure import Measurement
from verifier.resampling import Bootstrap

FORMAT = 1
"""The version of the JSON; reports of a higher one are refused."""

REFUSED_SHOWN = 20
"""Refused rows that the Markdown lists of each file; the JSON lists all."""

_NOT_SHARES = frozenset({"ECE", "Brier"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRead:
    """A labelled set as a report names it: what was read of it, what was refused, and for which tasks that were wanted it holds nothing.

    No two sets of a report have one name.
    """

    name: str
    kind: str
    sha256: str
    pairs: int
    claims: int
    refused: tuple[str, ...]
    notes: tuple[str, ...]
    skipped: tuple[str, ...] = ()

    @classmethod
    def of(cls, labelled: LabelledSet, skipped: tuple[str, ...] = ()) -> SetRead:
        """Describe a set."""
        return cls(
            name=labelled.name,
            kind=labelled.kind,
            sha256=labelled.sha256,
            pairs=len(labelled.pairs),
            claims=len(labelled.queries),
            refused=labelled.refused,
            notes=labelled.notes,
            skipped=skipped,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RanOn:
    """What figures were computed with. Models that were not needed are empty."""

    software_version: str
    encoder: str
    encoder_precision: str
    stance_model: str
    settings_digest: str
    machine: str
    cores: int
    python: str
    resamples: int
    level: float
    seed: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that one evaluation found."""

    ran_on: RanOn
    sets: tuple[SetRead, ...]
    measurements: tuple[Measurement, ...]


def ran_on(
    settings: Settings,
    bootstrap: Bootstrap,
    *,
    encoder: str = "",
    encoder_precision: str = "",
    stance_model: str = "",
) -> RanOn:
    """Describe the run: versions, machine, and models as ``name@fingerprint``."""
    return RanOn(
        software_version=verifier.__version__,
        encoder=encoder,
        encoder_precision=encoder_precision,
        stance_model=stance_model,
        settings_digest=settings.digest(),
        machine=processor(),
        cores=os.cpu_count() or 0,
        python=platform.python_version(),
        resamples=bootstrap.resamples,
        level=bootstrap.level,
        seed=bootstrap.seed,
        created_at=utc_now(),
    )


def processor() -> str:
    """Return the name of the processor; its architecture where the system does not tell more."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()


# ---- JSON ------------------------------------------------------------------------------------------------------------


def to_json(report: Report) -> str:
    """Write a report as JSON; `from_json` reads an equal one back."""
    content = {"format": FORMAT, **asdict(report)}
    return json.dumps(content, ensure_ascii=False, indent=1, default=datetime.isoformat) + "\n"


def from_json(text: str) -> Report:
    """Read a report that `to_json` wrote.

    Raises:
        ExchangeError: it is none, or of a later format.
    """
    try:
        raw: dict[str, Any] = json.loads(text)
        if raw["format"] != FORMAT:
            msg = f"The report is of format {raw['format']}; this verifier reads format {FORMAT}."
            raise ExchangeError(msg)
        return Report(
            ran_on=RanOn(
                **{**raw["ran_on"], "created_at": datetime.fromisoformat(raw["ran_on"]["created_at"])}
            ),
            sets=tuple(
                SetRead(**{key: _frozen(value) for key, value in item.items()}) for item in raw["sets"]
            ),
            measurements=tuple(
                Measurement(
                    **{
                        **item,
                        "figures": tuple(Figure(**figure) for figure in item["figures"]),
                        "confusion": tuple(tuple(row) for row in item["confusion"]),
                        "reliability": tuple(ReliabilityBin(**one) for one in item["reliability"]),
                    }
                )
                for item in raw["measurements"]
            ),
        )
    except (ValueError, KeyError, TypeError) as error:
        msg = f"This is no report of `verifier evaluate` ({type(error).__name__}: {error})."
        raise ExchangeError(msg) from error


def _frozen(value: Any) -> Any:
    """JSON knows lists where a record has tuples."""
    return tuple(value) if isinstance(value, list) else value


# ---- Markdown --------------------------------------------------------------------------------------------------------


def to_markdown(report: Report, pictures: Mapping[str, str] | None = None) -> str:
    """Write a report for people.

    Args:
        report: what was measured.
        pictures: what each plot shows, by its file name, which is relative to the report.
    """
    return "\n".join(_lines(report, pictures or {})).rstrip() + "\n"


def _lines(report: Report, pictures: Mapping[str, str]) -> Iterator[str]:
    ran = report.ran_on
    yield "# Measured quality\n"
    yield f"{ran.created_at:%Y-%m-%d %H:%M} UTC. Intervals are {ran.level:.0%} percentile bootstrap intervals.\n"
    yield "| what it ran on | |"
    yield "|---|---|"
    for name, value in (
        ("encoder", f"{ran.encoder} ({ran.encoder_precision})" if ran.encoder else "not used"),
        ("stance model", ran.stance_model or "not used"),
        ("settings", ran.settings_digest),
        ("software", f"{ran.software_version}, Python {ran.python}"),
        ("machine", f"{ran.machine}, {ran.cores} cores"),
        ("bootstrap", f"{ran.resamples} resamples of whole claims or documents, seed {ran.seed}"),
    ):
        yield f"| {name} | {value} |"
    for item in report.sets:
        yield f"\n## {item.name}\n"
        yield f"Kind: {item.kind}; {item.pairs} pairs, {item.claims} claims to be sought; sha256 `{item.sha256}`.\n"
        for note in (*item.notes, *_skipped(item)):
            yield f"- {note}"
        if item.refused:
            yield f"- {len(item.refused)} row(s) refused:"
            yield from (f"  - {line}" for line in item.refused[:REFUSED_SHOWN])
            if len(item.refused) > REFUSED_SHOWN:
                yield f"  - and {len(item.refused) - REFUSED_SHOWN} more; the JSON lists all"
        own = [m for m in report.measurements if m.name == item.name]
        for task in dict.fromkeys(m.task for m in own):
            for system in dict.fromkeys(m.system for m in own if m.task == task):
                chosen = [m for m in own if (m.task, m.system) == (task, system)]
                yield f"\n### {task.capitalize()}: {system}\n"
                yield from figure_table(chosen)
                if task == "stance":
                    yield ""
                    yield from figure_table(chosen, of_classes=True)
                    yield from _confusion(chosen[0])
    if pictures:
        yield "\n## Pictures\n"
        yield from (f"![{shows}]({name})\n" for name, shows in pictures.items())
    yield "\nWhat the figures mean: docs/explanation/verification.md."


def _skipped(item: SetRead) -> Iterator[str]:
    yield from (f"Not measured: {task}, for which it holds nothing." for task in item.skipped)


def figure_table(measurements: Sequence[Measurement], *, of_classes: bool = False) -> Iterator[str]:
    """Write figures as a Markdown table, languages down, figures across, followed by why any are missing.

    Args:
        measurements: of one system on one set.
        of_classes: the figures of single classes instead of those over all.
    """
    names = list(dict.fromkeys(figure.name for m in measurements for figure in m.figures))
    names = [name for name in names if (name in CLASS_FIGURES) is of_classes]
    yield f"| claim<evidence | n | {' | '.join(names)} |"
    yield "|---|---|" + "---|" * len(names)
    reasons: dict[str, list[str]] = {}
    for measurement in measurements:
        own = {figure.name: figure for figure in measurement.figures}
        cells = [shown(own[name]) if name in own else "" for name in names]
        count = max((figure.n for figure in measurement.figures), default=0)
        yield f"| {measurement.languages} | {count} | {' | '.join(cells)} |"
        for figure in measurement.figures:
            if figure.reason and figure.name in names:
                reasons.setdefault(f"{figure.name}: {figure.reason}", []).append(measurement.languages)
    if reasons:
        yield ""
        yield from (f"- {reason} ({', '.join(where)})" for reason, where in reasons.items())


def shown(figure: Figure) -> str:
    """Write a figure with its interval, such as ``0.71 (0.66–0.75)``; a dash where it is undefined."""
    if figure.value is None:
        return "–"
    places = 3 if figure.name in _NOT_SHARES or figure.name.startswith(("recall@", "MRR", "nDCG")) else 2
    value = f"{figure.value:.{places}f}"
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({figure.low:.{places}f}–{figure.high:.{places}f})"


def _confusion(measurement: Measurement) -> Iterator[str]:
    yield f"\n| labelled ↓ said → ({measurement.languages}) | {' | '.join(CLASSES)} |"
    yield "|---|" + "---|" * len(CLASSES)
    for name, row in zip(CLASSES, measurement.confusion, strict=True):
        yield f"| {name} | {' | '.join(map(str, row))} |"


def summary(report: Report) -> Iterable[str]:
    """Say the main figures in a few lines, for a terminal."""
    main = ("accuracy", "macro-F1", "ECE", "recall@1", "recall@10", "MRR")
    for measurement in report.measurements:
        told = [f"{figure.name} {shown(figure)}" for figure in measurement.figures if figure.name in main]
        count = max((figure.n for figure in measurement.figures), default=0)
        yield (
            f"{measurement.name}  {measurement.task}, {measurement.system}  {measurement.languages:6} "
            f"n={count}  {'  '.join(told)}"
        )
    yield from (f"{item.name}  {note}" for item in report.sets for note in _skipped(item))
