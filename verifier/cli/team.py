"""The commands of work in a team: ``assign``, ``progress`` and ``role``."""

from __future__ import annotations

from typing import Annotated

import typer

from verifier.cli.console import AsJson, Languages, opened_services, print_json, say
from verifier.config import load_settings
from verifier.domain import Conditions, Role
from verifier.errors import ConfigError

By = Annotated[
    str, typer.Option("--by", help="Who you are; by default `annotator` of the settings. Must be an admin.")
]
NO_ROLE = "none"


def assign(
    people: Annotated[list[str], typer.Argument(help="Names or pseudonyms of those among whom to share.")],
    codebook: Annotated[list[str], typer.Option(help="A codebook to label with, by its id (repeatable).")],
    document: Annotated[
        list[str] | None, typer.Option(help="Only this document, by its id (repeatable). Default: all.")
    ] = None,
    language: Languages = None,
    each: Annotated[int, typer.Option(min=1, help="People to each document.")] = 1,
    show_outlet: Annotated[
        bool, typer.Option("--show-outlet", help="Let annotators see the outlet.")
    ] = False,
    show_others: Annotated[
        bool, typer.Option("--show-others", help="Let annotators see what others labelled.")
    ] = False,
    suggestions: Annotated[bool, typer.Option("--suggestions", help="Show machines' suggestions.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw; the same one shares the same way.")] = 0,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Share documents out for labelling, evenly. What is assigned stays; doing it again with more people or documents adds."""
    from verifier.pipeline import team

    with opened_services() as services:
        spoken = set(language or ())
        chosen = document or [
            one.document_id for one in services.store.documents() if not spoken or one.language in spoken
        ]
        made = team.assign(
            services,
            document_ids=chosen,
            annotator_ids=people,
            k=each,
            codebook_ids=codebook,
            by=_who(by),
            conditions=Conditions(
                outlet_hidden=not show_outlet, others_hidden=not show_others, suggestions_shown=suggestions
            ),
            seed=seed,
        )
    if as_json:
        print_json({"assigned": list(made.new), "short": dict(made.short)})
    else:
        say(f"{len(made.new)} assignment(s) made of {len(set(chosen))} document(s).")
    if made.short:
        say(
            f"{len(made.short)} document(s) could not be given to as many people as wanted. Name more people."
        )


def progress(as_json: AsJson = False) -> None:
    """Show how far everybody is with what they were assigned, and the median time of a finished document."""
    from verifier.pipeline import team

    with opened_services() as services:
        rows = team.progress(services)
    if as_json:
        print_json(
            [
                {
                    "annotator_id": one.annotator_id,
                    "role": one.role.value if one.role else "",
                    "assigned": one.assigned,
                    "done": one.done,
                    "skipped": one.skipped,
                    "open": one.open,
                    "median_s": one.median_s,
                }
                for one in rows
            ]
        )
        return
    width = max(len(one.annotator_id) for one in rows)
    width = max(width, len("all together"))
    print(f"{'':{width}}  {'role':11}  assigned  done  skipped  open  median")
    for one in rows:
        role = one.role.value if one.role else ""
        time = "-" if one.median_s is None else f"{one.median_s:.0f} s"
        print(
            f"{one.annotator_id or 'all together':{width}}  {role:11}  {one.assigned:8}  {one.done:4}  {one.skipped:7}  {one.open:4}  {time:>6}"
        )


def role(
    name: Annotated[str, typer.Argument(help="Whose role; as they write their own name.")],
    given: Annotated[str, typer.Argument(metavar="ROLE", help="annotator, adjudicator, admin or none.")],
    by: By = "",
) -> None:
    """Give somebody a role, or take it away. The first role given makes its giver an admin."""
    from verifier.pipeline import roles

    known = [*(one.value for one in Role), NO_ROLE]
    if given not in known:
        msg = f"A role is one of {', '.join(known)}; found {given!r}."
        raise ConfigError(msg)
    with opened_services() as services:
        changes = roles.give_role(services, name, None if given == NO_ROLE else Role(given), by=_who(by))
    for change in changes:
        say(f"{change.annotator_id}: {change.role.value if change.role else 'no role any more'}")
    if not changes:
        say(f"{name} has that role already.")


def _who(by: str) -> str:
    return by or load_settings().annotator
