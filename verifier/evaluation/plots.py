"""Pictures of a report: confusion matrix, reliability diagram, and bars for each pair of languages.

Drawn without a display. Whoever has no matplotlib gets the report without pictures, and is told so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from verifier.errors import MissingDependencyError
from verifier.evaluation.figures import CLASSES, Figure
from verifier.evaluation.measure import EVERYTHING, Measurement
from verifier.evaluation.report import Report

_BAR = {"stance": "macro-F1", "retrieval": "recall@10"}
"""The figure whose bars are drawn, by task."""

_INK, _PALE = "#1f4e79", "#b9cde0"
"""One hue in two depths, told apart by lightness alone, so that colour is not needed to read a picture."""

_DPI = 120

_LONGEST = 100
"""Characters of a set's and system's name in a picture's; file systems take 255."""


def draw(report: Report, folder: Path) -> dict[str, str]:
    """Write the pictures of a report into a folder that exists.

    Returns:
        What each shows, by its file name. Names begin with a number, since what is left of a set's name in ASCII may be nothing.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    figure_of = _figure_maker()
    written: dict[str, str] = {}
    groups: dict[tuple[str, str, str], list[Measurement]] = {}
    for measurement in report.measurements:
        groups.setdefault((measurement.name, measurement.task, measurement.system), []).append(measurement)
    for key, measurements in groups.items():
        for what, fill in _pictures(measurements):
            name = f"{len(written) + 1:02}-{_slug(' '.join(key))}-{what}.png"
            figure, axes = figure_of()
            fill(axes)
            axes.set_title(f"{key[0]}, {key[2]}", fontsize=9)
            figure.savefig(folder / name, dpi=_DPI, bbox_inches="tight", metadata={"Software": None})
            written[name] = f"{', '.join(key)}: {what}"
    return written


def _figure_maker() -> Callable[[], tuple[Any, Any]]:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  (only when drawn)
        from matplotlib.figure import Figure as Canvas  # noqa: PLC0415
    except ImportError as error:
        msg = "Pictures need matplotlib, which is not installed. Install it with: pip install matplotlib"
        raise MissingDependencyError(msg, package="matplotlib") from error

    def make() -> tuple[Any, Any]:
        # No pyplot: it keeps every figure in a global list, and picks a backend by the display.
        figure = Canvas(figsize=(5.2, 3.6))
        FigureCanvasAgg(figure)
        return figure, figure.add_subplot()

    return make


def _pictures(measurements: list[Measurement]) -> Iterator[tuple[str, Callable[[Any], None]]]:
    first = measurements[0]
    if any(any(row) for row in first.confusion):
        yield "confusion", lambda axes: _confusion(axes, first)
    if first.reliability:
        yield "reliability", lambda axes: _reliability(axes, first)
    bars = [
        (m.languages, figure)
        for m in measurements
        for figure in m.figures
        if figure.name == _BAR[m.task] and EVERYTHING not in m.languages and figure.value is not None
    ]
    if len(bars) > 1:
        yield "languages", lambda axes: _bars(axes, bars)


def _confusion(axes: Any, measurement: Measurement) -> None:
    rows = measurement.confusion
    shares = [[cell / max(1, sum(row)) for cell in row] for row in rows]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for down, row in enumerate(rows):
        for across, cell in enumerate(row):
            dark = shares[down][across] > 0.5  # noqa: PLR2004  (half of the scale)
            axes.text(across, down, str(cell), ha="center", va="center", color="white" if dark else "black")
    axes.set_xticks(range(len(CLASSES)), CLASSES)
    axes.set_yticks(range(len(CLASSES)), CLASSES)
    axes.set_xlabel("said")
    axes.set_ylabel("labelled")


def _reliability(axes: Any, measurement: Measurement) -> None:
    bins = measurement.reliability
    width = bins[0].high - bins[0].low
    axes.bar(
        [b.low for b in bins], [b.accuracy for b in bins], width, align="edge", color=_PALE, edgecolor=_INK
    )
    axes.plot([0, 1], [0, 1], color="black", linestyle="--", linewidth=1, label="as sure as right")
    axes.plot(
        [b.confidence for b in bins], [b.accuracy for b in bins], "o", color=_INK, markersize=3, label="bins"
    )
    for b in bins:
        axes.annotate(str(b.n), (b.low + width / 2, 0.02), ha="center", fontsize=6)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability of the stance said", ylabel="share right")
    axes.legend(fontsize=7, loc="upper left")


def _bars(axes: Any, bars: list[tuple[str, Figure]]) -> None:
    values = [figure.value or 0.0 for _, figure in bars]
    low = [v - (f.low if f.low is not None else v) for v, (_, f) in zip(values, bars, strict=True)]
    high = [(f.high if f.high is not None else v) - v for v, (_, f) in zip(values, bars, strict=True)]
    errors = [[max(0.0, one) for one in low], [max(0.0, one) for one in high]]
    places = range(len(bars))
    axes.bar(places, values, color=_PALE, edgecolor=_INK, yerr=errors, capsize=3)
    axes.set_xticks(places, [name for name, _ in bars], rotation=45, fontsize=7)
    axes.set(ylim=(0, 1.05), ylabel=bars[0][1].name)


def _slug(text: str) -> str:
    """Keep what every file system and every link can spell."""
    return re.sub(r"[^0-9A-Za-z]+", "-", text).strip("-").lower()[:_LONGEST].rstrip("-")
