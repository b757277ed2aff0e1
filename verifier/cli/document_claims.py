"""The command ``claims``: the sentences of a document by how well they can be checked, verified if asked for, as a list and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verifier.cli.console import AsJson, opened_services, print_json, say, shown_progress
from verifier.errors import ExchangeError

if TYPE_CHECKING:
    from verifier.claims import RankedSentence
    from verifier.domain import Refusal
    from verifier.pipeline import ClaimOutcome, DocumentClaims, Services


def claims(
    document: Annotated[
        str, typer.Argument(help="A document's id or URL, or a file: .txt, .html, .jsonl, .csv.")
    ],
    everything: Annotated[
        bool, typer.Option("--all", help="List sentences that hardly can be checked, too.")
    ] = False,
    limit: Annotated[int, typer.Option(min=0, help="At most so many of each document; 0 for all.")] = 0,
    verify: Annotated[
        bool, typer.Option("--verify", help="Verify each listed sentence against other outlets.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write the table to this CSV file.")] = None,
    as_json: AsJson = False,
) -> None:
    """List a document's sentences, those most worth checking first, and verify them."""
    from verifier import pipeline

    if out is not None:
        _require_place(out)
    with opened_services() as services:
        source = pipeline.find_claims(services, document)
        lists = [
            _List(found, found.listed(everything=everything, limit=limit or None))
            for found in source.documents
        ]
        try:
            if verify:
                _verify(services, lists)
        except BaseException:
            # Ctrl-C, or the disk is full: what was verified until then took its time and is stored, so it is handed over all the same.
            if any(item.outcomes for item in lists):
                _hand_over(lists, source.refused, document, out=out, as_json=as_json)
            raise
    _hand_over(lists, source.refused, document, out=out, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _List:
    """The sentences of one document that were asked for, and what has come of verifying them so far."""

    found: DocumentClaims
    listed: Sequence[RankedSentence]
    outcomes: dict[str, ClaimOutcome] = field(default_factory=dict)


def _require_place(out: Path) -> None:
    """Refuse a table that could not be written before hours are spent on it.

    Raises:
        ExchangeError: the folder does not exist, or the file is a folder.
    """
    if out.is_dir() or not out.parent.is_dir():
        why = "it is a folder" if out.is_dir() else f"there is no folder {out.parent}"
        msg = f"--out {out} cannot be written: {why}. Name a file in a folder that exists; nothing was verified."
        raise ExchangeError(msg)


def _verify(services: Services, lists: Sequence[_List]) -> None:
    from verifier import pipeline

    for item in lists:
        with shown_progress() as progress:
            pipeline.verify_claims(
                services, item.found, item.listed, outcomes=item.outcomes, progress=progress
            )


def _hand_over(
    lists: Sequence[_List], refused: Sequence[Refusal], source: str, *, out: Path | None, as_json: bool
) -> None:
    """Print the lists, say what is missing from them, and write the table."""
    from verifier import pipeline

    rows: list[dict[str, Any]] = []
    for item in lists:
        found, listed = item.found, item.listed
        here = pipeline.claim_rows(found, listed, item.outcomes)
        rows += here
        if not as_json:
            say(f"{found.document.title or source}: {len(listed)} of {len(found.ranked)} sentences listed.")
            _print_claims(here)
    for refusal in refused:
        say(f"not read ({refusal.reason}): {refusal.message}")
    if as_json:
        print_json(rows)
    if failed := sum(bool(row["error"]) for row in rows):
        say(f"{failed} of {len(rows)} sentences could not be verified; the column 'error' says why.")
    if out is not None:
        pipeline.write_text(out, pipeline.claims_csv(rows))
        say(f"Written: {out}")


def _print_claims(rows: Sequence[Mapping[str, Any]]) -> None:
    print("rank score  sentence")
    for row in rows:
        print(f"{row['rank']:4}  {row['checkable_score']:.2f}  {' '.join(row['quote'].split())}")
        print(f"            {row['reasons'] or 'nothing speaks for or against it'}")
        if row["verdict"]:
            print(
                f"            {row['verdict'].replace('_', ' ')}: {row['supporting']} from {row['supporting_outlets']} outlet(s) corroborate, "
                f"{row['refuting']} from {row['refuting_outlets']} contradict, {row['related']} related"
            )
        elif row["error"]:
            print(f"            not verified: {row['error']}")
