"""Commands for adjudication: make gold of what all annotators agree on, and list what there is to decide on a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from verifier.cli.console import AsJson, opened_services, print_json, say
from verifier.domain import Level
from verifier.errors import ConfigError

if TYPE_CHECKING:
    from verifier.pipeline.dockets import Case, Docket

Adjudicator = Annotated[
    str, typer.Option("--annotator", help="Your name or pseudonym; gold is kept under it.")
]


def adjudicate(
    agreed: Annotated[
        bool,
        typer.Option("--agreed", help="Accept every decision on which all who went through the text agree."),
    ] = False,
    codebook: Annotated[str, typer.Option(help="Only this codebook, by its id.")] = "",
    annotator: Adjudicator = "",
    as_json: AsJson = False,
) -> None:
    """Make gold of what all annotators agree on; decisions that need a person are made on the page Adjudicate."""
    from verifier.pipeline import adjudication

    if not agreed:
        msg = "Say --agreed to accept what all agree on. Everything else is decided by a person, on the page Adjudicate of the app."
        raise ConfigError(msg)
    with opened_services() as services:
        done = adjudication.accept_agreed(
            services, by=annotator or services.settings.annotator, codebook_id=codebook
        )
    if as_json:
        print_json(done)
    else:
        print(f"{done.decisions} agreed decision(s) on {done.documents} document(s) accepted.")
    if done.waiting:
        say(f"{done.waiting} document(s) wait until everybody who is to label them has finished.")
    for reason in done.refused:
        say(f"Left open: {reason}")


def decisions(
    document_id: Annotated[str, typer.Argument(metavar="DOCUMENT", help="The document's id.")],
    codebook: Annotated[str, typer.Option(help="Only this codebook, by its id.")] = "",
    level: Annotated[str, typer.Option(help="Only this level: span, sentence or document.")] = "",
    annotator: Adjudicator = "",
    as_json: AsJson = False,
) -> None:
    """List what there is to decide on a document: who labelled what, how far they agree, and what is gold."""
    from verifier.pipeline.dockets import LEVELS, dockets

    if level and level not in LEVELS:
        msg = f"--level takes one of {', '.join(LEVELS)}; found {level!r}."
        raise ConfigError(msg)
    with opened_services() as services:
        found = dockets(
            services,
            by=annotator or services.settings.annotator,
            codebook_id=codebook,
            level=Level(level) if level else None,
            document_ids=[document_id],
        )
    if as_json:
        print_json([_as_record(one, case) for one in found for case in one.cases])
        return
    for one in found:
        print(f"{one.topic[0]}, {one.topic[1].value}: {one.open} of {len(one.cases)} open")
        for case in one.cases:
            print(*_told(one, case), sep="\n")


def _state(case: Case) -> str:
    return "open" if case.open else case.resolution.outcome.value if case.resolution else "gold"


def _told(one: Docket, case: Case) -> list[str]:
    start, end = case.decision.place
    lines = [f"  {case.decision.decision_id}  [{start}, {end})  {case.decision.accord.value}  {_state(case)}"]
    lines += [
        f"    {reading.label}{_quoted(one, *reading.place)}  {', '.join(reading.annotators)}"
        for reading in case.decision.readings
    ]
    lines += [f"    nothing  {name}" for name in case.decision.silent]
    lines += [f"    gold: {gold.label}{_quoted(one, gold.span.start, gold.span.end)}" for gold in case.gold]
    return lines


def _quoted(one: Docket, start: int, end: int) -> str:
    quote = " ".join(one.document.text[start:end].split())
    return f" “{quote[:60]}”" if quote else ""


def _as_record(one: Docket, case: Case) -> dict[str, Any]:
    return {
        "decision_id": case.decision.decision_id,
        "document_id": case.document_id,
        "codebook_id": one.topic[0],
        "level": one.topic[1].value,
        "accord": case.decision.accord.value,
        "state": _state(case),
        "readings": [
            {
                "label": reading.label,
                "start": reading.place[0],
                "end": reading.place[1],
                "label_ids": {a.annotation_id: a.annotator_id for a in reading.annotations},
            }
            for reading in case.decision.readings
        ],
        "silent": case.decision.silent,
        "gold": [gold.annotation_id for gold in case.gold],
        "resolutions": [one.resolution_id for one in case.settled_by],
    }
