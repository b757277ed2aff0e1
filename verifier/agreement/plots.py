"""Pictures of a report: bars with intervals for each label, and how far each pair of annotators agrees.

Drawn without a display. Whoever has no matplotlib gets the report without pictures, and is told so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from verifier.agreement.figures import Figure
from verifier.agreement.measure import Agreement, PairAgreement
from verifier.agreement.report import RELIABLE, TENTATIVE, AgreementReport, title
from verifier.errors import MissingDependencyError

_INK, _PALE = "#1f4e79", "#b9cde0"
"""One hue in two depths, told apart by lightness alone, so that colour is not needed to read a picture."""

_DPI = 120
_LONGEST = 60
"""Characters of a codebook's name in a picture's."""

_BAR_INCHES, _CELL_INCHES = 0.26, 0.75
_DARK = 0.5
"""Cells above this share of the scale are dark and carry white figures."""


def draw(report: AgreementReport, folder: Path, prefix: str = "") -> dict[str, str]:
    """Write the pictures of a report into a folder that exists.

    Args:
        report: what was found.
        folder: where to.
        prefix: what the names of the pictures begin with, so that those of several reports can lie beside each other.

    Returns:
        What each shows, by its file name.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    canvas = _canvas_maker()
    written: dict[str, str] = {}
    for agreement in report.agreements:
        for what, coefficient, size, fill in _pictures(agreement):
            slug = re.sub(r"[^0-9A-Za-z]+", "-", f"{title(agreement)} {what}").strip("-").lower()[:_LONGEST]
            name = f"{prefix}{len(written) + 1:02}-{slug.rstrip('-')}.png"
            figure, axes = canvas(size)
            fill(axes)
            axes.set_title(f"{title(agreement)}: {coefficient}", fontsize=9)
            figure.savefig(folder / name, dpi=_DPI, bbox_inches="tight", metadata={"Software": None})
            written[name] = f"{title(agreement)}: {coefficient} {what}"
    return written


def _canvas_maker() -> Callable[[tuple[float, float]], tuple[Any, Any]]:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  (only when drawn)
        from matplotlib.figure import Figure as Canvas  # noqa: PLC0415
    except ImportError as error:
        msg = "Pictures need matplotlib, which is not installed. Install it with: pip install matplotlib"
        raise MissingDependencyError(msg, package="matplotlib") from error

    def make(size: tuple[float, float]) -> tuple[Any, Any]:
        # No pyplot: it keeps every figure in a global list, and picks a backend by the display.
        figure = Canvas(figsize=size)
        FigureCanvasAgg(figure)
        return figure, figure.add_subplot()

    return make


def _pictures(agreement: Agreement) -> Iterator[tuple[str, str, tuple[float, float], Callable[[Any], None]]]:
    """Go through what can be drawn: its name, the coefficient, its size in inches, and what draws it."""
    bars = [(one.label, one.figures[0]) for one in agreement.labels if one.figures[0].value is not None]
    if bars:
        yield (
            "by label",
            bars[0][1].name,
            (5.6, 1.1 + _BAR_INCHES * len(bars)),
            lambda axes: _bars(axes, bars),
        )
    people = [p for p in agreement.annotators if any(p in (q.first, q.second) for q in _defined(agreement))]
    if people:
        side = 1.6 + _CELL_INCHES * len(people)
        yield (
            "by pair",
            agreement.headline.name,
            (side, side),
            lambda axes: _heat_map(axes, people, _defined(agreement)),
        )


def _defined(agreement: Agreement) -> list[PairAgreement]:
    return [pair for pair in agreement.pairs if pair.figures[0].value is not None]


def _bars(axes: Any, bars: list[tuple[str, Figure]]) -> None:
    values = [figure.value or 0.0 for _, figure in bars]
    low = [v - (f.low if f.low is not None else v) for v, (_, f) in zip(values, bars, strict=True)]
    high = [(f.high if f.high is not None else v) - v for v, (_, f) in zip(values, bars, strict=True)]
    errors = [[max(0.0, one) for one in low], [max(0.0, one) for one in high]]
    places = list(range(len(bars)))
    axes.barh(places, values, color=_PALE, edgecolor=_INK, xerr=errors, capsize=3)
    for demand in (TENTATIVE, RELIABLE):
        axes.axvline(demand, color="black", linestyle=":", linewidth=0.8)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(places, [name for name, _ in bars], fontsize=7)
    axes.invert_yaxis()
    reach = min([0.0, *(v - e for v, e in zip(values, errors[0], strict=True))])
    axes.set(xlim=(reach - 0.05 if reach else 0, 1.05), xlabel="dotted: 0.667 and 0.800")


def _heat_map(axes: Any, people: list[str], pairs: list[PairAgreement]) -> None:
    numbers = {name: number for number, name in enumerate(people)}
    cells: list[list[float]] = [[float("nan")] * len(people) for _ in people]
    for pair in pairs:
        value = pair.figures[0].value or 0.0
        for down, across in ((pair.first, pair.second), (pair.second, pair.first)):
            cells[numbers[down]][numbers[across]] = value
            axes.text(
                numbers[across],
                numbers[down],
                f"{value:.2f}",
                ha="center",
                va="center",
                color="white" if value > _DARK else "black",
            )
    axes.imshow(cells, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(people)), people, rotation=45, ha="right", fontsize=7)
    axes.set_yticks(range(len(people)), people, fontsize=7)
