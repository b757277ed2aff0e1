"""Agreement told to people and programs: a sentence, a Markdown report, JSON.

A report says how the intervals were drawn and how it knows who went through which text, because figures without that cannot be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from verifier.agreement import nominal, spans
from verifier.agreement.figures import Figure
from verifier.agreement.measure import Agreement
from verifier.resampling import Bootstrap

FORMAT = 1
"""The version of the JSON."""

RELIABLE = 0.800
TENTATIVE = 0.667
"""Krippendorff's customary demands on alpha: rely on data from 0.800 on, draw tentative conclusions from 0.667 on.

Source: Krippendorff 2004, *Content Analysis*, 2nd edition, chapter 11 (which warns that what error does harm decides, not a convention).
"""

CONFUSIONS_SHOWN = 20
"""Confused labels that the Markdown lists of each table; the JSON lists all."""

_CORRECTED = frozenset({nominal.ALPHA, nominal.MASI_ALPHA, spans.UNITISED, spans.UNITISED_ANY})
"""The figures that the customary demands are made on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementReport:
    """Everything that one comparison of annotators found.

    Attributes:
        created_at: when, aware and in UTC.
        software_version: of this package.
        coverage: how it is known who went through which text, in a sentence.
        bootstrap: how intervals were drawn.
        agreements: one for each codebook and level that carries labels.
    """

    created_at: datetime
    software_version: str
    coverage: str
    bootstrap: Bootstrap
    agreements: tuple[Agreement, ...]


def shown(figure: Figure) -> str:
    """Write a figure with its interval, such as ``0.71 (0.66 to 0.80)``; a dash where it is undefined."""
    if figure.value is None:
        return "–"
    value = _number(figure.value)
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({_number(figure.low)} to {_number(figure.high)})"


def _number(value: float) -> str:
    # Typographic minus, and no "−0.00" for what rounds to nothing.
    return f"{value + 0.0:.2f}".replace("-0.00", "0.00").replace("-", "−")


def in_words(figure: Figure, level: float = 0.95) -> str:
    """Say a figure and what is customarily made of it in plain sentences."""
    if figure.value is None:
        return f"{figure.name} cannot be computed: {figure.reason}."
    said = f"{figure.name} is {_number(figure.value)}"
    if figure.low is None or figure.high is None:
        said += f", without an interval: {figure.reason.removeprefix('no interval: ')}."
    else:
        said += (
            f"; with {level:.0%} confidence it lies between {_number(figure.low)} and {_number(figure.high)}."
        )
    return f"{said} {_reading(figure)}" if figure.name in _CORRECTED else said


def _reading(figure: Figure) -> str:
    value = figure.value or 0.0
    if value <= 0:
        return "That is no more agreement than chance would give."
    if value < TENTATIVE:
        return "By custom that is too little to draw conclusions from; look at the confused labels and the guideline."
    said, demand = (
        ("enough to rely on", RELIABLE)
        if value >= RELIABLE
        else ("enough for tentative conclusions", TENTATIVE)
    )
    if figure.low is not None and figure.low < demand:
        return f"By custom that is {said}, but the interval reaches lower: label more documents to be sure."
    return f"By custom that is {said}."


# ---- JSON


def to_json(report: AgreementReport) -> str:
    """Write a report as JSON; undefined values are ``null`` with their ``reason`` beside them."""
    content = {"format": FORMAT, **asdict(report)}
    return (
        json.dumps(content, ensure_ascii=False, indent=1, default=datetime.isoformat, allow_nan=False) + "\n"
    )


# ---- Markdown


def to_markdown(report: AgreementReport, pictures: Mapping[str, str] | None = None) -> str:
    """Write a report for people.

    Args:
        report: what was found.
        pictures: what each picture shows, by its file name, which is relative to the report.
    """
    return "\n".join(_lines(report, pictures or {})).rstrip() + "\n"


def _lines(report: AgreementReport, pictures: Mapping[str, str]) -> Iterator[str]:
    drawn = report.bootstrap
    yield "# Agreement between annotators\n"
    yield f"{report.created_at:%Y-%m-%d %H:%M} UTC, software {report.software_version}.\n"
    yield (
        f"Intervals are {drawn.level:.0%} percentile bootstrap intervals over {drawn.resamples} resamples of whole documents (at level pair: claims) "
        f"(seed {drawn.seed}). {report.coverage}"
    )
    if not report.agreements:
        yield "\nNothing has been labelled yet, so there is nothing to compare."
    for agreement in report.agreements:
        yield from _agreement(agreement, drawn)
    if pictures:
        yield "\n## Pictures\n"
        yield from (f"![{_cell(shows)}]({name})\n" for name, shows in pictures.items())
    yield "\nWhat the figures mean, and which to cite: docs/explanation/agreement.md."


def _agreement(agreement: Agreement, drawn: Bootstrap) -> Iterator[str]:
    yield f"\n## {title(agreement)}\n"
    yield f"{in_words(agreement.headline, drawn.level)}\n"
    yield (
        f"{len(agreement.annotators)} annotator(s), {agreement.annotations} label(s) on {agreement.documents} {agreement.unit}(s), "
        f"{agreement.shared_documents} of them seen by two or more."
    )
    for note in agreement.notes:
        yield f"- {note}"
    yield "\n### Over all labels\n"
    yield from figure_table(f"{agreement.unit}s", [("all", agreement.figures)])
    if len(agreement.languages) > 1:
        yield "\n### By language\n"
        yield from figure_table("language", [(one.language, one.figures) for one in agreement.languages])
    yield "\n### By label\n"
    yield from figure_table(
        "label (given)", [(f"{one.label} ({one.uses})", one.figures) for one in agreement.labels]
    )
    if agreement.pairs:
        yield "\n### By pair of annotators\n"
        yield from figure_table(
            "pair", [(f"{one.first}, {one.second}", one.figures) for one in agreement.pairs]
        )
    yield from _confusions(agreement)


def title(agreement: Agreement) -> str:
    """Name codebook, level and languages of an agreement."""
    languages = f", {', '.join(agreement.selection)} only" if agreement.selection else ""
    return f"{agreement.codebook_id}, level {agreement.level.value}{languages}"


def figure_table(first: str, rows: Sequence[tuple[str, Sequence[Figure]]]) -> Iterator[str]:
    """Write figures as a Markdown table, one row each name, followed by why any are missing and what else to know.

    Args:
        first: the head of the first column.
        rows: names and figures; every row has the same figures.
    """
    names = [figure.name for figure in rows[0][1]] if rows else []
    yield f"| {first} | {' | '.join(names)} |"
    yield "|---|" + "---|" * len(names)
    said: dict[str, list[str]] = {}
    for name, figures in rows:
        yield f"| {_cell(name)} | {' | '.join(shown(figure) for figure in figures)} |"
        remarks: dict[str, list[str]] = {}
        for figure in figures:
            for remark in filter(None, (figure.reason, figure.remark)):
                remarks.setdefault(remark, []).append(figure.name)
        for remark, concerned in remarks.items():
            which = "" if len(concerned) == len(figures) else f": {', '.join(concerned)}"
            said.setdefault(remark, []).append(f"{_cell(name)}{which}")
    if said:
        yield ""
        yield from (f"- {remark} ({'; '.join(where)})" for remark, where in said.items())


def _confusions(agreement: Agreement) -> Iterator[str]:
    for head, rows in (
        ("Most confused labels", [c for c in agreement.confused if c.second]),
        ("Given by one, by the other not", [c for c in agreement.confused if not c.second]),
    ):
        if not rows:
            continue
        yield f"\n### {head}\n"
        yield f"| one says | the other says | times | {agreement.unit}s |"
        yield "|---|---|---|---|"
        for row in rows[:CONFUSIONS_SHOWN]:
            yield f"| {row.first} | {row.second or '–'} | {row.count} | {len(row.documents)} |"
        if len(rows) > CONFUSIONS_SHOWN:
            yield f"\nAnd {len(rows) - CONFUSIONS_SHOWN} more; the JSON lists all."


def _cell(text: str) -> str:
    """Keep what a person typed from breaking the table or the link it stands in."""
    escaped = " ".join(text.split())
    for sign in "\\|[]<>`*_":
        escaped = escaped.replace(sign, f"\\{sign}")
    return escaped


def summary(report: AgreementReport) -> Iterator[str]:
    """Say the main figures in a few lines, for a terminal."""
    if not report.agreements:
        yield "Nothing has been labelled yet, so there is nothing to compare."
    for agreement in report.agreements:
        yield f"{title(agreement)}: {in_words(agreement.headline, report.bootstrap.level)}"
        yield from (f"  {figure.name}: {_told(figure)}" for figure in agreement.figures[1:])
        confused = [c for c in agreement.confused if c.second][:3]
        if confused:
            told = ", ".join(f"{c.first} / {c.second} ({c.count})" for c in confused)
            yield f"  most confused: {told}"


def _told(figure: Figure) -> str:
    return shown(figure) if figure.value is not None else f"– ({figure.reason})"
