"""The command line: one thin command per workflow.

Results go to standard output, progress and messages to standard error. A :class:`~verifier.errors.VerifierError` is printed as
a sentence and ends with exit code 1; wrong usage ends with 2; anything else is a bug and shows its traceback.
Most commands are here; those that need more than a few lines have a module of their own beside it.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verifier.cli import datasets, labels, team
from verifier.cli.adjudication import adjudicate, decisions
from verifier.cli.agreement import agreement
from verifier.cli.console import AsJson, Languages, opened_services, print_json, say, shown_progress
from verifier.cli.document_claims import claims
from verifier.cli.measuring import evaluate
from verifier.cli.suggestions import evaluate_suggestions
from verifier.domain import Filters, Level, Span, Stance, Verification
from verifier.errors import ConfigError, VerifierError

if TYPE_CHECKING:
    from verifier.pipeline import IngestReport

app = typer.Typer(
    help="Check a claim against what other news outlets say, and label how they say it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
outlets_app = typer.Typer(
    help="Show and extend the registry of outlets.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(outlets_app, name="outlets")

COLUMNS = {Stance.SUPPORTS: "corroborates", Stance.REFUTES: "contradicts", Stance.NEUTRAL: "related"}
"""What the stances are called in front of people."""


def main() -> None:
    """Run the command line."""
    try:
        app()
    except VerifierError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(1)


@app.command(epilog="Example: verifier ingest articles/ --outlet 'Harbour Daily' --language en")
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Folders or files: .txt, .html, .jsonl, .csv.")],
    outlet: Annotated[str, typer.Option(help="The outlet, where the input does not name one.")] = "",
    language: Annotated[
        str, typer.Option(help="The language (BCP 47), where the input does not name one.")
    ] = "",
    published: Annotated[str, typer.Option("--date", help="Publication date, YYYY-MM-DD.")] = "",
    index: Annotated[bool, typer.Option(help="Update the index afterwards.")] = True,
    as_json: AsJson = False,
) -> None:
    """Take documents in, and update the index. Running it twice adds nothing."""
    from verifier import pipeline
    from verifier.ingest import IngestOptions

    options = IngestOptions(outlet=outlet, language=language, published_at=_date(published, "--date"))
    with opened_services() as services:
        with shown_progress() as progress:
            report = pipeline.ingest(services, paths, options=options, progress=progress)
            built = pipeline.build_index(services, progress=progress) if index else None
        _print_ingest(report, as_json=as_json)
        if built and not as_json:
            say(
                f"Index {built.name!r}: {built.sentences} sentences ({built.added} new, {built.removed} gone)."
            )


@app.command(epilog="Example: verifier delete 3f2a9c41d07be586")
def delete(
    document_ids: Annotated[
        list[str], typer.Argument(help="Ids of documents, as `verifier doctor --documents` lists them.")
    ],
) -> None:
    """Take documents out of the results. Labels on them stay, marked."""
    from verifier import pipeline

    with opened_services() as services, shown_progress() as progress:
        deleted = pipeline.delete_documents(services, document_ids, progress=progress)
    say(f"{deleted} document(s) deleted.")


@app.command(epilog="Example: verifier index --rebuild")
def index(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build anew instead of adding what is new.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the index up to the corpus."""
    from verifier import pipeline

    with opened_services() as services, shown_progress() as progress:
        report = pipeline.build_index(services, rebuild=rebuild, progress=progress)
    if as_json:
        print_json({name: getattr(report, name) for name in report.__slots__})
    else:
        say(
            f"Index {report.name!r}: {report.sentences} sentences, {report.added} added, {report.removed} removed, "
            f"{'rebuilt' if report.rebuilt else 'updated'} in {report.duration_s:.1f} s."
        )


@app.command(
    epilog="Example: verifier verify 'The port was closed for two days' --claimed-by 'Harbour Daily'"
)
def verify(
    claim: Annotated[str, typer.Argument(help="The claim, in any language.")],
    claimed_by: Annotated[
        str, typer.Option(help="The outlet that makes the claim; it and its aliases are left out.")
    ] = "",
    language: Languages = None,
    outlet: Annotated[list[str] | None, typer.Option(help="Only this outlet (repeatable).")] = None,
    country: Annotated[list[str] | None, typer.Option(help="Only this country (repeatable).")] = None,
    date_from: Annotated[str, typer.Option("--from", help="Published on or after, YYYY-MM-DD.")] = "",
    date_to: Annotated[str, typer.Option("--to", help="Published on or before, YYYY-MM-DD.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show which statements corroborate or contradict a claim, and the verdict."""
    from verifier import pipeline

    filters = Filters(
        languages=tuple(language or ()),
        outlets=tuple(outlet or ()),
        countries=tuple(country or ()),
        published_from=_date(date_from, "--from"),
        published_to=_date(date_to, "--to"),
    )
    with opened_services() as services:
        with shown_progress() as progress:
            found = pipeline.verify(
                services, claim, filters=filters, claimed_by=claimed_by, progress=progress
            )
        if as_json:
            print_json(_verification_json(found))
        else:
            _print_verification(found)


app.command(epilog="Example: verifier claims articles/ferry.txt --verify --out claims.csv")(claims)


@app.command(
    epilog="Example: verifier label DOCUMENT_ID wording euphemism --quote 'protective measure' --annotator ada"
)
def label(
    document_id: Annotated[str, typer.Argument(help="The document.")],
    codebook: Annotated[str, typer.Argument(help="The codebook's id.")],
    label_id: Annotated[str, typer.Argument(metavar="LABEL", help="The label's id.")],
    annotator: Annotated[str, typer.Option(help="Your name or pseudonym.")] = "",
    quote: Annotated[
        str, typer.Option(help="The exact words to label; without it the whole document is labelled.")
    ] = "",
    note: Annotated[str, typer.Option(help="A note.")] = "",
) -> None:
    """Label a document, or an exact quote in it."""
    from verifier import pipeline

    with opened_services() as services:
        document = services.store.document(document_id)
        span, level = None, Level.DOCUMENT
        if quote:
            span, level = _locate(document.text, quote), Level.SPAN
            if any((s.start, s.end) == (span.start, span.end) for s in services.store.sentences(document_id)):
                level = Level.SENTENCE
        annotation_id = pipeline.label(
            services,
            document_id=document_id,
            codebook_id=codebook,
            label_id=label_id,
            annotator_id=annotator or services.settings.annotator,
            level=level,
            span=span,
            note=note,
        )
    print(annotation_id)


@app.command(epilog="Example: verifier export labels --output labels.csv")
def export(
    what: Annotated[str, typer.Argument(help="labels, pairs or documents.")],
    output: Annotated[Path | None, typer.Option(help="A file; standard output without it.")] = None,
    language: Languages = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON Lines instead of CSV.")] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Annotators' own names instead of pseudonyms.")
    ] = False,
) -> None:
    """Write labels, claim-evidence pairs or documents as CSV."""
    from verifier import pipeline

    with opened_services() as services:
        text = pipeline.export(
            services, what, languages=tuple(language or ()), pseudonyms=not names, jsonl=jsonl
        )
    if output is None:
        sys.stdout.write(text)
        return
    pipeline.write_text(output, text)
    say(f"Written: {output}")


@app.command("import", epilog="Example: verifier import labels.csv")
def import_(
    path: Annotated[
        Path, typer.Argument(help="An exported file of documents, labels or pairs (.csv or .jsonl).")
    ],
    index: Annotated[bool, typer.Option(help="Update the index after new documents.")] = True,
    as_json: AsJson = False,
) -> None:
    """Take exported documents, labels or pairs in again. Rows that do not fit are listed, not dropped."""
    from verifier import pipeline

    with opened_services() as services, shown_progress() as progress:
        report = pipeline.import_file(services, path, progress=progress)
        if index and report.kind == "documents" and report.added:
            pipeline.build_index(services, progress=progress)
    if as_json:
        print_json(
            {
                "kind": report.kind,
                "added": report.added,
                "changed": report.changed,
                "refused": [r.message for r in report.refused],
            }
        )
        return
    say(
        f"{report.kind}: {report.added} row(s) added, {report.changed} changed, {len(report.refused)} refused or noted."
    )
    for refusal in report.refused:
        say(f"  {refusal.message}")


app.command(
    epilog="Example: verifier export-dataset datasets/wording --codebook wording --format label-studio --format hugging-face"
)(datasets.export_dataset)
app.command(epilog="Example: verifier import-labels project-7.json --format label-studio --codebook wording")(
    datasets.import_labels
)
app.command(epilog="Example: verifier fill-in labels.csv --texts articles/ --output complete.csv")(
    datasets.fill_in
)
app.command(epilog="Example: verifier evaluate seeds/gold --half measure --report quality/")(evaluate)
app.command(epilog="Example: verifier evaluate-suggestions marked.jsonl --lexicon wording")(
    evaluate_suggestions
)
app.command(epilog="Example: verifier agreement --codebook wording --out agreement.md")(agreement)
app.command(epilog="Example: verifier adjudicate --agreed --codebook wording")(adjudicate)
app.command(epilog="Example: verifier decisions 3f2a9c41d07be586")(decisions)
app.command(epilog="Example: verifier role ada annotator --by olena")(team.role)
app.command(epilog="Example: verifier assign ada bo cy --codebook wording --each 2 --by olena")(team.assign)
app.command(epilog="Example: verifier progress --json")(team.progress)
app.command(epilog="Example: verifier verify-annotations")(labels.verify_annotations)
app.command(epilog="Example: verifier history 9b1c2d3e4f")(labels.history)
app.command(epilog="Example: verifier migrate-codebook provenance-1.0-to-1.1 --apply")(
    labels.migrate_codebook
)
app.command(epilog="Example: verifier backup copies/monday.db")(labels.backup)
app.command(epilog="Example: verifier restore copies/monday.db --replace")(labels.restore)


@outlets_app.command("list", epilog="Example: verifier outlets list --json")
def outlets_list(as_json: AsJson = False) -> None:
    """List the outlets of the registry."""
    with opened_services() as services:
        rows: list[dict[str, Any]] = [
            {
                "outlet_id": outlet.outlet_id,
                "name": outlet.name,
                "country": outlet.country,
                "state_controlled": outlet.state_controlled,
                "state_controlled_by": outlet.state_controlled_by,
                "ratings": [f"{rating.rater}: {rating.code}" for rating in outlet.ratings],
            }
            for outlet in services.outlets.outlets
        ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        control = {True: "state-controlled", False: "not state-controlled", None: "-"}[
            row["state_controlled"]
        ]
        print(f"{row['outlet_id']:28} {row['country']:3} {row['name']:32} {control}")


@outlets_app.command("show", epilog="Example: verifier outlets show 'Ukrainska Pravda'")
def outlets_show(name: Annotated[str, typer.Argument(help="A name, alias, domain or URL.")]) -> None:
    """Show what the registry knows of one outlet, and by whose word."""
    with opened_services() as services:
        outlet = services.outlets.find(name)
    if outlet is None:
        msg = f"The registry knows no outlet {name!r}. `verifier outlets list` shows all."
        raise VerifierError(msg)
    print_json({field: getattr(outlet, field) for field in outlet.__slots__})


@outlets_app.command("import", epilog="Example: verifier outlets import state_media_matrix.csv")
def outlets_import(
    path: Annotated[Path, typer.Argument(help="The State Media Monitor's typology as CSV.")],
) -> None:
    """Add the outlets of a rater's list to this installation's registry, with the rater's own codes."""
    from verifier.outlets import read_asd_matrix

    with opened_services() as services:
        learnt = services.learn_outlets(read_asd_matrix(path))
    say(f"{learnt} outlet(s) added to {services.settings.local_outlets}.")


@app.command(epilog="Example: verifier doctor --json")
def doctor(
    documents: Annotated[
        bool, typer.Option("--documents", help="List the documents with their ids.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show where things lie, which versions are installed, and the state of corpus and index."""
    from verifier import diagnosis

    with opened_services() as services:
        report = diagnosis.examine(services, documents=documents)
    if as_json:
        print_json(report)
    else:
        for section, facts in report.items():
            print(f"{section}:")
            for name, value in facts.items():
                print(f"  {name}: {value}")


@app.command("app", epilog="Example: verifier app --port 8600")
def open_app(
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1.")] = 8501,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
    demo: Annotated[bool, typer.Option(help="Load the demo corpus if the corpus is empty.")] = True,
) -> None:
    """Open the app on this machine."""
    import subprocess

    from verifier import pipeline
    from verifier.config import app_script

    with opened_services() as services, shown_progress() as progress:
        if demo and pipeline.demo(services, progress=progress).added:
            say("The demo corpus is loaded: invented outlets about invented events.")
        if services.store.counts().documents and not pipeline.index_state(services).fresh:
            pipeline.build_index(services, progress=progress)
    command = [sys.executable, "-m", "streamlit", "run", str(app_script()), *_streamlit_options(app_script())]
    command += [f"--server.port={port}", f"--server.headless={str(not browser).lower()}"]
    sys.exit(subprocess.call(command))  # noqa: S603  (our own interpreter and script)


def _streamlit_options(script: Path) -> list[str]:
    """Return Streamlit's settings beside the app as options, because Streamlit looks for them in the working folder."""
    import tomllib

    loaded = tomllib.loads((script.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    options: list[str] = []

    def walk(prefix: str, values: dict[str, Any]) -> None:
        for name, value in values.items():
            if isinstance(value, dict):
                walk(f"{prefix}{name}.", value)
            elif not isinstance(value, list):
                options.append(f"--{prefix}{name}={str(value).lower() if isinstance(value, bool) else value}")

    walk("", loaded)
    return options


def _print_ingest(report: IngestReport, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "added": report.added,
                "unchanged": report.unchanged,
                "new_versions": report.new_versions,
                "refused": [
                    {"source": r.source, "reason": r.reason, "message": r.message} for r in report.refused
                ],
                "documents": report.documents,
            }
        )
        return
    say(
        f"{report.added} added, {report.unchanged} unchanged, {report.new_versions} new version(s), "
        f"{len(report.refused)} refused."
    )
    for refusal in report.refused:
        say(f"  refused ({refusal.reason}) {refusal.message}")


def _verification_json(found: Verification) -> dict[str, Any]:
    from verifier.store import codec

    return dict(codec.encode(found))


def _print_verification(found: Verification) -> None:
    decision = found.decision
    print(f"{decision.verdict.value.replace('_', ' ')}: {decision.reason}")
    for stance in (Stance.SUPPORTS, Stance.REFUTES, Stance.NEUTRAL):
        statements = [e for e in found.evidence if e.stance is stance]
        if statements:
            print(f"\n{COLUMNS[stance]} ({len(statements)})")
        for item in statements:
            published = item.document.published_at.isoformat() if item.document.published_at else "no date"
            where = f"{item.document.outlet or 'unknown outlet'}, {published}, {item.sentence.language}"
            print(f"  {item.scores.highest:4.0%}  {' '.join(item.sentence.text.split())}\n        {where}")
    print("\nThe verdict sums up what these outlets say; it does not say what is true.")


def _locate(text: str, quote: str) -> Span:
    first = text.find(quote)
    if first < 0:
        msg = f"The document does not contain {quote!r}. Quote it exactly, with its punctuation."
        raise VerifierError(msg)
    if text.find(quote, first + 1) >= 0:
        msg = f"{quote!r} stands in the document more than once. Quote more words around it."
        raise VerifierError(msg)
    return Span.of(text, first, first + len(quote))


def _date(value: str, option: str) -> date | None:
    if not value:
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        msg = f"{option} takes a date such as 2026-01-31; found {value!r}."
        raise ConfigError(msg) from error
