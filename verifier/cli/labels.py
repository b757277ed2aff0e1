"""Commands for people's labels as data: check them against their texts, look at their history, keep copies, move them to a new version of a codebook."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verifier.cli.console import AsJson, opened_services, print_json, say
from verifier.config import load_settings
from verifier.errors import CodebookError, StoreError

if TYPE_CHECKING:
    from verifier.domain import AnnotationOp, Resolution

FOUND_FAULTS = 1
"""Exit code where the labels or the log are not sound."""


def verify_annotations(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Afterwards derive the present labels from the log anew.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check every label against its text, and the present labels against the log that they follow from."""
    with opened_services() as services:
        problems = services.store.verify_annotations()
        standing = len(services.store.annotations())
        rebuilt = services.store.rebuild_annotations() if rebuild else None
    if as_json:
        print_json({"annotations": standing, "problems": problems, "rebuilt": rebuilt})
    else:
        print(*problems, sep="\n", end="\n" if problems else "")
        print(f"{standing} labels checked, {len(problems)} at fault.")
        if rebuilt is not None:
            print(f"{rebuilt} labels, withdrawn ones included, derived from the log anew.")
    if problems and not rebuild:
        raise typer.Exit(FOUND_FAULTS)


def history(
    annotation_id: Annotated[str, typer.Argument(help="The label_id of labels.csv.")],
    as_json: AsJson = False,
) -> None:
    """Show what became of one label: who did what when, by which version of its codebook, and how it was adjudicated."""
    from verifier.pipeline.adjudication import resolutions_of

    with opened_services() as services:
        ops = services.store.ops(annotation_id)
        resolutions = resolutions_of(services, annotation_id)
    if as_json:
        told = [{"kind": "resolution", **asdict(one)} for one in resolutions]
        print_json([*(asdict(op) for op in ops), *told])
    else:
        print(*map(_told, ops), *map(_resolved, resolutions), sep="\n")


def _told(op: AnnotationOp) -> str:
    what = f" {op.codebook_id} {op.codebook_version}: {op.label}" if op.label else ""
    where = f" “{' '.join(op.span.quote.split())[:60]}”" if op.span and op.span.quote else ""
    how = ", ".join(filter(None, (op.label_method.value, "blind" if op.blind else "", op.note)))
    return f"{op.created_at.isoformat()}  {op.annotator_id}  {op.kind.value}{what}{where}  ({how})"


def _resolved(one: Resolution) -> str:
    sources = ", ".join(source.annotation_id for source in one.sources) or "no label"
    gold = f"; gold: {', '.join(one.gold_ids)}" if one.gold_ids else ""
    why = f"  ({one.note})" if one.note else ""
    return f"{one.created_at.isoformat()}  {one.decided_by}  {one.outcome.value}, decided from {sources}{gold}{why}"


def migrate_codebook(
    migration: Annotated[
        str,
        typer.Argument(help="Which one, such as provenance-1.0-to-1.1; another name lists those there are."),
    ],
    apply: Annotated[
        bool, typer.Option("--apply", help="Do it; without this it is only told what would change.")
    ] = False,
) -> None:
    """Say what a new version of a codebook changes in the labels given under older ones, and on request change it."""
    from verifier.codebooks.migration import load_migrations, plan_migration
    from verifier.domain import utc_now

    migrations = load_migrations()
    if migration not in migrations:
        msg = f"There is no migration {migration!r}. There are {', '.join(migrations) or 'none'}."
        raise CodebookError(msg, allowed=tuple(migrations))
    with opened_services() as services:
        plan = plan_migration(services.store.annotations(), migrations[migration])
        print(*plan.summary(), sep="\n")
        ops = plan.ops(utc_now())
        if apply:
            services.store.commit_ops(ops)
            print(f"{len(ops)} labels changed. The log keeps what they were.")
        elif ops:
            say("Nothing was changed. Add --apply to do it; take a backup first.")


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
) -> None:
    """Copy the database, labels and all, into a file, while others go on working."""
    with opened_services() as services:
        print(services.store.backup(target))


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `verifier backup` wrote.")],
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Take the place of the database that is there; it is kept beside."),
    ] = False,
) -> None:
    """Bring a backup back. Close the app first."""
    from sqlalchemy import make_url

    from verifier.store import restore as bring_back

    url = load_settings().database_url
    place = make_url(url).database
    if place and Path(place).exists() and not replace:
        msg = f"There is a database {place} already. Say --replace to put the backup in its place; it is kept under another name."
        raise StoreError(msg)
    kept = bring_back(url, source)
    print(f"{place} is {source} now." + (f" What was there is {kept}." if kept else ""))
    say("Run `verifier index` to bring the index up to it.")
